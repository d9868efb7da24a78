"""`neonlint init` as its users meet it: what it shows, what it asks, what it writes, and that a second run writes nothing."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Neonlint = Callable[..., Any]
Golden = Callable[[str, str], None]
ROOT = Path(__file__).parent.parent.parent
CANARY = "Kanari3nvogel-9f"
HOOKS = """\
# hooks of ours
repos:
-   repo: https://github.com/pre-commit/pre-commit-hooks
    rev: 'v5.0.0'   # pinned
    hooks:
    -   id: end-of-file-fixer
        # args: []
exclude: ^vendor/
"""
PIPELINE = f"""\
stages: [build, deploy]

build:
  stage: build
  variables:
    PGHOST: ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech
    PGPASSWORD: {CANARY}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with hooks, a pipeline on GitLab, a workflow on GitHub, and no configuration of neonlint."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".pre-commit-config.yaml").write_text(HOOKS)
    (tmp_path / ".gitlab-ci.yml").write_text(PIPELINE)
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text("on: push\njobs: {}\n")
    return tmp_path


def snapshot(root: Path) -> dict[str, tuple[bytes, int]]:
    files = [path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts]
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_the_diff(repository: Path, neonlint: Neonlint, golden: Golden) -> None:
    before = snapshot(repository)
    ran = neonlint("init", "--diff")
    assert ran.status == 1
    golden("init-diff.txt", ran.out + ran.err)
    assert CANARY not in ran.out + ran.err
    assert snapshot(repository) == before


def test_nobody_to_ask(repository: Path, neonlint: Neonlint) -> None:
    before = snapshot(repository)
    ran = neonlint("init", stdin="y\n")
    assert ran.status == 1
    assert "nothing was written, since nobody can be asked here; `neonlint init --yes` writes" in ran.err
    assert snapshot(repository) == before


def test_yes_and_once_more(repository: Path, neonlint: Neonlint) -> None:
    ran = neonlint("init", "--yes")
    assert ran.status == 0, ran.err
    names = ["neonlint.toml", ".pre-commit-config.yaml", ".gitlab-ci.yml", ".github/workflows/neonlint.yml"]
    assert [line for line in ran.out.splitlines() if line.startswith("written: ")] == [f"written: {n}" for n in names]
    assert yaml.safe_load((repository / ".gitlab-ci.yml").read_text())["neonlint"]["stage"] == "build"
    hooks = (repository / ".pre-commit-config.yaml").read_text().splitlines(keepends=True)
    assert "".join(hooks[:7] + hooks[11:]) == HOOKS
    written = snapshot(repository)
    for flags in ([], ["--yes"], ["--diff"]):
        again = neonlint("init", *flags)
        assert (again.status, again.out) == (0, "")
        assert f"already there: {', '.join(names)}; nothing to do" in again.err
    assert snapshot(repository) == written
    assert neonlint("check", "--select", "NL9", "--fail-on", "info").status == 0


def test_git_applies_the_diff(repository: Path, neonlint: Neonlint) -> None:
    (repository / ".gitlab-ci.yml").write_bytes(b"a:\r\n  script: [x]\r\n")
    shown = neonlint("init", "--diff").out
    subprocess.run(["git", "apply", "--ignore-whitespace"], input=shown, text=True, cwd=repository, check=True)
    applied = snapshot(repository)
    subprocess.run(["git", "apply", "-R", "--ignore-whitespace"], input=shown, text=True, cwd=repository, check=True)
    assert neonlint("init", "--yes").status == 0
    written = snapshot(repository)
    assert applied.keys() == written.keys()
    assert all(applied[name][0].split() == written[name][0].split() for name in written)
    assert written[".gitlab-ci.yml"][0].count(b"\r\n") == written[".gitlab-ci.yml"][0].count(b"\n")


def test_pieces_can_be_left_out(repository: Path, neonlint: Neonlint) -> None:
    before = snapshot(repository)
    assert neonlint("init", "--yes", "--no-hook", "--no-ci").status == 0
    written = snapshot(repository)
    assert written.pop("neonlint.toml")
    assert written == before


def test_from_below_the_top(repository: Path, neonlint: Neonlint) -> None:
    (repository / "web").mkdir()
    ran = neonlint("init", "--yes", "--no-ci", cwd=repository / "web")
    assert "written: ../neonlint.toml\n" in ran.out
    assert (repository / "neonlint.toml").exists()


def test_a_hook_from_elsewhere(repository: Path, neonlint: Neonlint, tmp_path_factory: pytest.TempPathFactory) -> None:
    address = ("--hook-repo", "https://git.example.org/tools/neonlint.git", "--hook-rev", "1.10")
    assert neonlint("init", "--yes", "--no-ci", *address).status == 0
    written = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())["repos"]
    assert written[-1] == {"repo": address[1], "rev": "1.10", "hooks": [{"id": "neonlint"}]}
    clone = tmp_path_factory.mktemp("a clone")
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    (repository / ".pre-commit-config.yaml").unlink()
    ran = neonlint("init", "--yes", "--no-ci", "--hook-repo", str(clone))
    assert ran.status == 2
    assert "git knows no commit there; clone neonlint, or name its address" in ran.err
    commit = ["commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run(
        ["git", "-C", str(clone), "-c", "user.name=t", "-c", "user.email=t@example.org", *commit], check=True
    )
    assert neonlint("init", "--yes", "--no-ci", "--hook-repo", os.path.relpath(clone, repository)).status == 0
    head = subprocess.run(["git", "-C", str(clone), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    (written,) = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())["repos"]
    assert written == {"repo": str(clone), "rev": head.stdout.strip(), "hooks": [{"id": "neonlint"}]}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--no-hook", "--hook-rev", "v1"], "--no-hook contradicts"),
        (["--hook-repo", "a\nb"], "--hook-repo: is empty or cannot be printed"),
        (["--hook-rev", ""], "--hook-rev: is empty or cannot be printed"),
    ],
)
def test_a_hook_from_nowhere(repository: Path, neonlint: Neonlint, flags: list[str], said: str) -> None:
    ran = neonlint("init", "--yes", *flags)
    assert ran.status == 2
    assert said in ran.err
    assert not (repository / "neonlint.toml").exists()


def test_what_is_left_to_people(repository: Path, neonlint: Neonlint) -> None:
    (repository / ".pre-commit-config.yaml").write_text(f"repos: [{{repo: {CANARY}}}]\n")
    ran = neonlint("init", "--yes", "--no-ci")
    assert ran.status == 1
    assert ran.out.splitlines()[-1] == "written: neonlint.toml"
    assert ".pre-commit-config.yaml is not changed: its `repos` is not a list with an entry per line." in ran.err
    assert "    - repo: https://github.com/neonlint/neonlint\n" in ran.err.replace("      - repo", "    - repo")
    assert CANARY not in ran.out + ran.err
    (repository / ".pre-commit-config.yaml").write_text("repos: [{repo: x, rev: v1, hooks: [{id: neonlint}]}]\n")
    assert neonlint("init", "--no-ci").status == 0


@pytest.mark.parametrize("linked", [".pre-commit-config.yaml", ".gitlab-ci.yml"])
def test_what_cannot_be_written(repository: Path, neonlint: Neonlint, linked: str) -> None:
    """All or nothing: half an installation is none."""
    (repository / "twin.yaml").hardlink_to(repository / linked)
    before = snapshot(repository)
    ran = neonlint("init", "--yes")
    assert ran.status == 2
    assert f"{linked}: not written: the file has 2 names (hard links); none of the files was written" in ran.err
    assert "--no-hook" in ran.err
    assert "written: " not in ran.out
    assert snapshot(repository) == before


def test_a_name_that_is_taken(repository: Path, neonlint: Neonlint) -> None:
    (repository / "neonlint.toml").symlink_to("nowhere")
    before = snapshot(repository)
    ran = neonlint("init", "--yes")
    assert ran.status == 2
    assert "neonlint.toml: not written: there is a file of this name" in ran.err
    assert snapshot(repository) == before


@pytest.mark.parametrize(
    ("sign", "path", "text"),
    [
        (".husky/_/husky.sh", ".husky/pre-commit", "npx lint-staged\n"),
        ("lefthook.yml", "lefthook.yml", "pre-commit:\n  commands: {}\n"),
    ],
)
def test_other_programs_that_run_hooks(repository: Path, neonlint: Neonlint, sign: str, path: str, text: str) -> None:
    """They are told of, and pre-commit is not put beside them unless that is asked for."""
    assert ".pre-commit-config.yaml" in neonlint("init", "--diff").out
    (repository / ".pre-commit-config.yaml").unlink()
    (repository / sign).parent.mkdir(parents=True, exist_ok=True)
    (repository / sign).write_text("# neonlint is good\n")
    (repository / path).write_text(text)
    ran = neonlint("init", "--yes", "--no-ci")
    assert ran.status == 1
    assert f"{path} is not changed: {path.removeprefix('.').split('/')[0].split('.')[0]} runs the hooks here" in ran.err
    assert "neonlint check --staged\n" in ran.err
    assert "pre-commit install" not in ran.err
    assert not (repository / ".pre-commit-config.yaml").exists()
    (repository / path).write_text(text + "# neonlint check --staged\n")
    assert neonlint("init", "--no-ci").status == 1
    (repository / path).write_text("neonlint check --staged\n")
    assert neonlint("init", "--no-ci").status == 0
    assert neonlint("init", "--no-ci", "--yes", "--hook").status == 0
    assert (repository / ".pre-commit-config.yaml").exists()


def test_a_release_that_may_not_be_there(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of what does not come from a package index an installer notes the address."""
    installed = tmp_path_factory.mktemp("installed")
    facts = installed / "neonlint-0.1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: neonlint\nVersion: 0.1.0\n")

    def said(*flags: str) -> str:
        environment = os.environ | {"PYTHONPATH": f"{installed}:{ROOT}"}
        command = [sys.executable, "-m", "neonlint", "init", "--diff", *flags]
        done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stderr
        return done.stderr

    warning = "asks for release 0.1.0, and this neonlint was not installed from a package index"
    assert warning not in said()
    (facts / "direct_url.json").write_text('{"url": "file:///a", "dir_info": {}}')
    assert warning in said()
    assert warning in said("--no-ci")
    assert warning not in said("--no-ci", "--no-hook")
    elsewhere = ("--hook-repo", "https://git.example.org/neonlint", "--hook-rev", "v1")
    assert warning not in said("--no-ci", *elsewhere)
    assert warning in said(*elsewhere)


def test_a_directory_that_leads_away(
    repository: Path, neonlint: Neonlint, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away")
    (repository / ".github" / "workflows" / "ci.yml").unlink()
    (repository / ".github" / "workflows").rmdir()
    (repository / ".github" / "workflows").symlink_to(away)
    ran = neonlint("init", "--yes", "--no-hook")
    assert ran.status == 2
    assert "workflows/neonlint.yml: a symbolic link to a place outside the project" in ran.err
    assert list(away.iterdir()) == []


def test_names_that_a_terminal_would_act_on(repository: Path, neonlint: Neonlint) -> None:
    folder = repository / "a\x1b]0;b\x07"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    ran = neonlint("init", "--yes", cwd=folder)
    (folder / "neonlint.toml").rename(folder / ".neonlint.toml")
    ran = neonlint("init", "--yes", cwd=folder)
    assert "\x1b" not in ran.out + ran.err


def ask(root: Path, answer: bytes | signal.Signals) -> tuple[int, str]:
    """Run `neonlint init` in a terminal, answer its question; its exit status and what the terminal showed."""
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "neonlint", "init", "--no-ci", "--no-hook"]
    environment = os.environ | {"TERM": "xterm", "NO_COLOR": "1"}
    process = subprocess.Popen(
        command, cwd=root, env=environment, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    )
    os.close(terminal)
    try:
        shown = read_until(controller, b"[y/N] ")
        assert shown.endswith(b"[y/N] "), shown
        if isinstance(answer, signal.Signals):
            interrupt(process, answer)
        else:
            os.write(controller, answer)
        shown += read_until(controller, None)
        return process.wait(timeout=20), shown.decode().replace("\r\n", "\n")
    finally:
        process.kill()
        process.wait()
        os.close(controller)


def read_until(terminal: int, end: bytes | None) -> bytes:
    """What appears on a terminal until `end` does, or until nobody writes there any more; at most for 20 seconds."""
    shown, deadline = b"", time.monotonic() + 20
    while (end is None or not shown.endswith(end)) and (left := deadline - time.monotonic()) > 0:
        if not select.select([terminal], [], [], left)[0]:
            break
        try:
            more = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not more:
            break
        shown += more
    return shown


def interrupt(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal; once more where it came between the question and the wait for its answer, as a person would."""
    for _ in range(3):
        process.send_signal(number)
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            continue
        return


@pytest.mark.parametrize("answer", [b"y\n", b" YES\n"])
def test_the_answer_yes(repository: Path, answer: bytes) -> None:
    status, shown = ask(repository, answer)
    assert status == 0
    assert "+# neonlint: how this repository" in shown
    assert "written: neonlint.toml" in shown
    assert (repository / "neonlint.toml").exists()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(b"n\n", 1), (b"\n", 1), (b"maybe\n", 1), (b"\x04", 1), (signal.SIGINT, 130), (signal.SIGTERM, 143)],
    ids=["no", "nothing", "something else", "end of file", "Ctrl-C", "SIGTERM"],
)
def test_every_other_answer(repository: Path, answer: bytes | signal.Signals, expected: int) -> None:
    status, shown = ask(repository, answer)
    assert status == expected
    assert "Traceback" not in shown
    assert not (repository / "neonlint.toml").exists()
    assert ("nothing was written" in shown) is (expected == 1)
