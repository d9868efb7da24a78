"""Completion scripts, tried in real shells: each case is what is typed before the Tab key."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

#: What stands on the command line, and what must and must not be offered for its last word.
CASES = [
    ("neonlint comp", {"completion"}, {"check"}),
    ("neonlint check --output-f", {"--output-format", "--output-file"}, {"--output"}),
    ("neonlint check --output-format sa", {"sarif"}, {"json"}),
    ("neonlint check --output-format=sa", {"sarif"}, {"json"}),
    ("neonlint check .env --output-format s", {"sarif"}, {"sub"}),
    ("neonlint fix --unsafe", {"--unsafe-fixes"}, {"--fix"}),
    ("neonlint check --select NL40", {"NL401"}, {"NL101"}),
    ("neonlint check --select=NL40", {"NL401"}, {"NL101"}),
    ("neonlint check --extend-select NL101 --ignore NL40", {"NL401"}, {"NL101"}),
    ("neonlint rule NL40", {"NL401"}, {"NL101"}),
    ("neonlint pool --output-f", {"--output-format"}, {"--output-file"}),
    ("neonlint generate dj", {"django"}, {"prisma"}),
    ("neonlint config fail", {"fail-on"}, {"select"}),
    ("neonlint baseline ", {"create", "show", "prune", "move"}, {"app.env"}),
    ("neonlint rules ", {"new", "test"}, {"app.env"}),
    ("neonlint check a", {"app.env"}, {"bare.env"}),
    ("neonlint check app.env b", {"bare.env"}, {"app.env"}),
    ("neonlint check --add-ignore a", {"app.env"}, {"bare.env"}),
    ("neonlint check --baseline=a", {"app.env"}, {"bare.env"}),
    ("neonlint trace a", {"app.env"}, {"bare.env"}),
]
ZSH_START = r"""
PS1=; unsetopt beep
fpath=($FOLDER $fpath)
autoload -Uz compinit; compinit -u -D
# Everything that is offered goes through compadd; with -O, -A and -D it only computes.
compadd() {
  if [[ "${@[1,(i)(-|--)]}" != *-[OAD]* ]]; then
    local -a matching
    builtin compadd -A matching "$@"
    print -rl -- $matching >> $FOLDER/offered
  fi
  builtin compadd "$@"
}
tell() { : > $FOLDER/completed }
zle -N tell; bindkey '^X' tell; bindkey '^I' complete-word
: > $FOLDER/ready
"""


@cache
def script(shell: str) -> str:
    command = [sys.executable, "-m", "neonlint", "completion", shell]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with two files and a directory."""
    (tmp_path / "work" / "sub").mkdir(parents=True)
    for name in ("app.env", "bare.env"):
        (tmp_path / "work" / name).touch()
    return tmp_path / "work"


def in_bash(here: Path, line: str) -> list[str]:
    """As readline calls it, which takes `=` for a word of its own."""
    words = line.replace("=", " = ").split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    text = f"{script('bash')}\nCOMP_WORDS=({quoted})\nCOMP_CWORD={len(words) - 1}\n"
    text += "compopt() { :; }\n_neonlint\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
    done = subprocess.run(["bash", "--norc"], cwd=here, input=text, capture_output=True, text=True, check=True)
    assert not done.stderr and "-F _neonlint neonlint" in script("bash")
    return done.stdout.split("\n")


def in_fish(here: Path, line: str) -> list[str]:
    (here.parent / "neonlint.fish").write_text(script("fish"))
    command = f"source {here.parent}/neonlint.fish; complete -C {line!r}"
    environment = os.environ | {"HOME": str(here.parent)}
    done = subprocess.run(
        ["fish", "--no-config", "-c", command], cwd=here, env=environment, capture_output=True, text=True, check=True
    )
    assert not done.stderr
    return [offer.split("\t")[0].rpartition("=")[2] for offer in done.stdout.splitlines()]


def in_zsh(here: Path, line: str) -> list[str]:
    """In a terminal, as zsh completes nowhere else."""
    folder = here.parent
    (folder / "_neonlint").write_text(script("zsh"))
    (folder / "start").write_text(ZSH_START)
    process, side = pty.fork()
    if process == 0:
        try:
            os.chdir(here)
            os.execvpe("zsh", ["zsh", "-f", "-i"], os.environ | {"FOLDER": str(folder), "TERM": "dumb"})
        finally:
            os._exit(127)
    try:
        os.write(side, b". $FOLDER/start\n")
        wait_for(folder / "ready", side)
        os.write(side, line.encode() + b"\t\x18")
        wait_for(folder / "completed", side)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(side)
    offered = folder / "offered"
    return offered.read_text().split() if offered.exists() else []


def wait_for(path: Path, side: int, seconds: float = 30) -> None:
    """Until a file is there; what the terminal shows meanwhile is read, so that nobody waits for its reader."""
    end, shown = time.monotonic() + seconds, b""
    while not path.exists():
        assert time.monotonic() < end, shown.decode(errors="replace")
        if select.select([side], [], [], 0.05)[0]:
            shown += os.read(side, 65536)


@pytest.mark.parametrize(("line", "offered", "others"), CASES)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_offered(shell: str, line: str, offered: set[str], others: set[str], here: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    found = set({"bash": in_bash, "zsh": in_zsh, "fish": in_fish}[shell](here, line))
    assert offered <= found and not others & found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_syntax(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-n"], input=script(shell), text=True, check=True, capture_output=True)
    assert not done.stderr


def test_values_behind_an_equals_sign() -> None:
    """Also where there is no zsh and no fish to try it."""
    text = script("zsh")
    for flag in ('"--fail-on=[', '"*--select=[', "{-o+,--output-file=}", '"--fix[', "{-q,--quiet}", '"*:files and dir'):
        assert flag in text, flag
    assert '"(*)::' not in text
    assert "-l baseline -rF" in script("fish") and "commandline -ct" not in "".join(
        line for line in script("fish").splitlines() if " -l " in line
    )
