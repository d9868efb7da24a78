"""Rule codes that a terminal makes links of: where, and never where they could be in the way."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import Neonlint
from cli.test_reports import finding, report

from neonlint.ir.findings import Report
from neonlint.report import FORMATS, View
from neonlint.report.links import taken

LINK = re.compile(r"\x1b]8;;(https://[^\x1b]+)\x1b\\(NL\d+)\x1b]8;;\x1b\\")
KITTY = {"TERM": "xterm-kitty"}
XTERM = {"TERM": "xterm-256color"}


def in_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """What `neonlint ARGUMENTS` writes to a real pseudo-terminal that says it is the one of `environment`."""
    command = [sys.executable, "-m", "neonlint", *arguments]
    ours, theirs = pty.openpty()
    base = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    with subprocess.Popen(command, cwd=folder, env=base | environment, stdout=theirs, stderr=theirs, stdin=theirs):
        os.close(theirs)
        text = b""
        try:
            while some := os.read(ours, 65536):
                text += some
        except OSError:  # how Linux says that nobody is left to write
            pass
    os.close(ours)
    return text.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("name", ["full", "concise", "grouped"])
def test_in_a_terminal_that_takes_them(project: Path, name: str) -> None:
    text = in_terminal(project, "check", "--output-format", name, **KITTY)
    links = LINK.findall(text)
    assert "NL101" in {code for _, code in links}
    assert all(url.startswith("https://neon.com/docs/") for url, _ in links)
    plain = in_terminal(project, "check", "--output-format", name, **XTERM)
    assert "\x1b[" in plain and "\x1b]" not in plain
    assert without_seconds(LINK.sub(r"\2", text)) == without_seconds(plain)


def without_seconds(text: str) -> str:
    return re.sub(r"in \d+\.\d s", "in 0.0 s", text)


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("--color", "never"), KITTY),
        ((), KITTY | {"NO_COLOR": "1"}),
        ((), KITTY | {"CI": "true"}),
        ((), KITTY | {"FORCE_HYPERLINK": "0"}),
        (("--color", "always"), XTERM),
        (("--color", "always"), {"TERM": "dumb", "WT_SESSION": "1"}),
        (("--output-format", "json"), KITTY),
        (("--output-format", "markdown"), KITTY),
        (("--statistics",), KITTY),
    ],
)
def test_not_there(project: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    assert "\x1b]" not in in_terminal(project, "check", *arguments, **environment)


def test_never_in_files_and_pipes(project: Path, neonlint: Neonlint) -> None:
    """Whatever is asked for: somebody reads them later, elsewhere."""
    force = {"FORCE_HYPERLINK": "1", "FORCE_COLOR": "1"} | KITTY
    assert "\x1b[" in (out := neonlint("check", **force).out) and "\x1b]" not in out
    in_terminal(project, "check", "-o", "report.txt", "--report", "concise=more.txt", "--color", "always", **force)
    assert b"\x1b]" not in (project / "report.txt").read_bytes() + (project / "more.txt").read_bytes()
    text = in_terminal(project, "check", "--report", "concise=-", **KITTY)
    assert LINK.search(text) and "warning NL101 " in text


def test_forced(project: Path) -> None:
    assert LINK.search(in_terminal(project, "check", **XTERM, FORCE_HYPERLINK="1"))


@pytest.mark.parametrize(
    ("environment", "takes"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "alacritty"}, True),
        ({"TERM": "foot-extra"}, True),
        ({"TERM": "wezterm"}, True),
        ({"TERM": "xterm-ghostty"}, True),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7006"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "5000"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "3405"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "²"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "9" * 5000}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-256color", "WT_SESSION": "0"}, True),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "220401"}, True),
        ({"TERM": "screen-256color", "VTE_VERSION": "7006"}, False),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "tmux", "KONSOLE_VERSION": "220401"}, False),
        ({"TERM": "tmux-256color", "FORCE_HYPERLINK": "1"}, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": ""}, True),
        ({"TERM": "xterm-kitty", "CI": "1", "FORCE_HYPERLINK": "1"}, False),
        ({"TERM": "xterm-kitty", "CI": "false"}, True),
        ({"TERM": "dumb", "WT_SESSION": "1"}, False),
        ({}, False),
    ],
)
def test_known_terminals(environment: dict[str, str], takes: bool) -> None:
    assert taken(environment) is takes


@pytest.mark.parametrize("name", ["full", "concise", "grouped"])
def test_golden(name: str, golden: Callable[[str, str], None]) -> None:
    text = "\n".join(FORMATS[name](report(), View(color=True, links=True))) + "\n"
    golden(f"{name}-links.txt", text)
    assert LINK.sub(r"\2", text) == "\n".join(FORMATS[name](report(), View(color=True))) + "\n"


HOSTILE = "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\\x9d8;;https://evil.example\x9c\x07"


@pytest.mark.parametrize("name", ["full", "concise", "grouped"])
@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://a.example/\x1b\\",
        "https://a.example/\x07",
        "https://a.example/ b",
        "https://a.example/ü",
        "javascript:alert(1)",
        "file:///etc/passwd",
        f"https://a.example/{'a' * 2000}",
    ],
)
def test_untrusted_text_makes_no_links(name: str, url: str) -> None:
    hostile = finding(message=HOSTILE, path=HOSTILE, name=HOSTILE, help=HOSTILE, url=url)
    text = "\n".join(FORMATS[name](Report([hostile], files_checked=1), View(color=True, links=True)))
    assert not re.search("[\x07\x80-\x9f]", text) and "\x1b]" not in text and "\x1b\\" not in text
