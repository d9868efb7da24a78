"""The guides: every command in them is one, and the site that is made of them shows what they say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from neonlint import cli, rulebook

ROOT = Path(__file__).parent.parent
GUIDES = [path for path in sorted((ROOT / "docs").glob("*.md")) if not path.read_text().startswith("<!-- Made by ")]
#: What stands for a choice in a sentence, and one that can be made.
CHOICES = {"SHELL": "bash", "FORMAT=PATH": "sarif=report", r"new\|test": "test"}
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[str]:
    """What begins with the command's name, on a line of a code block or as code in a sentence."""
    for block in FENCE.findall(text):
        yield from re.findall(r"^(?:[A-Z_]+=\S+ )?(neonlint [a-z].*)$", block, re.MULTILINE)
    yield from re.findall(r"`(neonlint [a-z][^`]*)`", FENCE.sub("", text))


COMMANDS = [(path.name, line) for path in [*GUIDES, ROOT / "README.md"] for line in commands(path.read_text())]


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 80
    assert len({name for name, _ in COMMANDS}) > 8


@pytest.mark.parametrize(("name", "line"), COMMANDS)
def test_commands_are_taken(name: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    for placeholder, choice in CHOICES.items():
        line = line.replace(placeholder, choice)
    words = shlex.split(line, comments=True)[1:]
    words = words[: next((at for at, word in enumerate(words) if word in {"|", ">", "&&"}), len(words))]
    try:
        cli.build_parser(whole=True).parse_args(words)
    except SystemExit:
        pytest.fail(f"{name}: {capsys.readouterr().err}")


@pytest.mark.slow
def test_the_site(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", str(ROOT / "docs"), str(tmp_path)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    for rule in rulebook.load().rules:
        page = (tmp_path / "rules" / f"{rule.code}.html").read_text()
        assert page.index(">Why<") < page.index(">Fix<") < page.index(">Allow it<")
        assert "../suppressions.html" in page
        assert "–unsafe" not in page, "a flag begins with two hyphens, not with a dash"
