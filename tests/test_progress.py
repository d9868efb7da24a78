"""The line that tells how far a long run is, on a real terminal."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="there are no such terminals here")
fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")

#: A run that shows its line at once, and as often as it can.
_IMPATIENT = """
import sys
from neonlint import __main__, cli_progress
cli_progress._PATIENCE = cli_progress._PAUSE = 0
sys.exit(__main__.main())
"""
_AS_IT_IS = "import sys\nfrom neonlint import __main__\nsys.exit(__main__.main())"
_QUIET = ("PRE_COMMIT", "CI", "TERM", "NO_COLOR")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """350 modules that are parsed, so that there is something to tell."""
    for number in range(350):
        (tmp_path / f"module{number}.py").write_text(f"import psycopg\nconnect = psycopg.connect('host=db{number}')\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


class Terminal:
    """A process whose standard error is a terminal, and what that terminal showed."""

    def __init__(self, code: str, project: Path, *arguments: str, **environment: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(environment.pop("columns", "80")), 0, 0))
        clean = {name: value for name, value in os.environ.items() if name not in _QUIET} | {"TERM": "xterm"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, "check", "--exit-zero", *arguments],
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=slave,
            env=clean | environment,
        )
        os.close(slave)
        self.written = ""

    def read(self, until: str = "\0") -> str:
        """What is written up to some text, or to the end."""
        with contextlib.suppress(OSError):  # the other side has hung up
            while until not in self.written and (more := os.read(self._master, 1 << 16)):
                self.written += more.decode()
        return self.written

    def close(self) -> int:
        """The exit status, once all is read."""
        self.read()
        self.process.communicate()
        os.close(self._master)
        return self.process.returncode

    def screen(self) -> list[str]:
        """The lines as they stand at the end, of what uses carriage return and `erase to the end of the line` alone."""
        lines, column = [""], 0
        for piece in re.findall(r"\x1b\[K|\r|\n|[^\x1b\r\n]+", self.written):
            if piece == "\n":
                lines.append("")
            elif piece == "\r":
                column = 0
            elif piece == "\x1b[K":
                lines[-1] = lines[-1][:column]
            else:
                lines[-1] = lines[-1][:column] + piece + lines[-1][column + len(piece) :]
                column += len(piece)
        return lines


def test_it_shows_both_stages_and_leaves_nothing(project: Path) -> None:
    terminal = Terminal(_IMPATIENT, project, ".")
    assert terminal.close() == 0
    assert re.search(r"reading: \d+ of 350 files", terminal.written)
    assert re.search(r"checking: \d+ of 350 files", terminal.written)
    assert terminal.screen() == [""]
    assert "module" not in terminal.written


def test_notes_stand_below_nothing(project: Path) -> None:
    terminal = Terminal(_IMPATIENT, project, "--diff", ".")
    assert terminal.close() == 0
    [note, rest] = terminal.screen()
    assert note.startswith("neonlint: note: would repair ") and rest == ""


def test_an_interrupted_run_leaves_nothing(project: Path) -> None:
    terminal = Terminal(_IMPATIENT, project, "-j1", ".")
    terminal.read("reading: ")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.close() == 130
    assert terminal.screen() == [""]


def test_a_short_run_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    assert Terminal(_AS_IT_IS, tmp_path, ".env").close() == 0


def test_a_run_below_a_second_shows_nothing(project: Path) -> None:
    for path in project.glob("module*.py"):
        path.write_text("print('nothing')\n")
    started = time.monotonic()
    terminal = Terminal(_AS_IT_IS, project, ".")
    assert terminal.close() == 0
    assert terminal.written == "" or time.monotonic() - started > 1


@pytest.mark.parametrize("environment", [{"PRE_COMMIT": "1"}, {"CI": "true"}, {"TERM": "dumb"}])
def test_it_is_shown_to_people_only(project: Path, environment: dict[str, str]) -> None:
    terminal = Terminal(_IMPATIENT, project, ".", **environment)
    assert terminal.close() == 0
    assert terminal.written == ""


def test_quiet_is_quiet(project: Path) -> None:
    terminal = Terminal(_IMPATIENT, project, "-q", ".")
    assert terminal.close() == 0
    assert terminal.written == ""


def test_a_terminal_that_is_too_narrow_stays_empty(project: Path) -> None:
    terminal = Terminal(_IMPATIENT, project, ".", columns="20")
    assert terminal.close() == 0
    assert terminal.written == ""


def test_without_a_terminal_it_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "neonlint.toml").write_text("")
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://app:pw@db.example.com/db\n")
    code = (
        "import sys\nfrom neonlint import cli\ncli.main(['check', '--exit-zero', '.env'])\n"
        "print(*(name for name in sys.modules if name.startswith('neonlint.')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    needless = {"neonlint.cli_progress", "neonlint.cache", "neonlint.cache_directory", "neonlint.engine_sift"}
    assert "neonlint.means" in done.stderr.split() and not needless & set(done.stderr.split())
