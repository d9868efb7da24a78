"""What `docs/baseline.md` says: its commands run, and its table is true."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import URL, Neonlint

PAGE = Path(__file__).parents[2] / "docs" / "baseline.md"
COMMANDS = re.findall(r"^(neonlint|git) ([^#\n]+)", PAGE.read_text(), re.MULTILINE)


@pytest.fixture
def adopted(project: Path, neonlint: Neonlint) -> Path:
    """A project whose findings are in its baseline."""
    (project / "a.env").write_text(f"A=1\nA_URL={URL}?sslmode=allow\n")
    assert neonlint("baseline", "create").status == 0
    return project


def test_commands(project: Path, neonlint: Neonlint) -> None:
    """As they stand there, one after the other; none is a wrong use."""
    assert len(COMMANDS) == 9
    for program, words in COMMANDS:
        if program == "neonlint":
            ran = neonlint(*shlex.split(words))
            assert ran.status in ((0, 1) if "--no-baseline" in words else (0,)), words + ran.err
        else:
            subprocess.run(["git", *shlex.split(words)], cwd=project, check=True, capture_output=True)


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("change", "new"),
    [
        (lambda text: f"# a line\n\n{text}", False),
        (replaced("A_URL=", "  A_URL = "), False),
        (replaced("CanaryPw42", "quite-another-one"), False),
        (lambda text: text + text.splitlines()[1] + "\n", True),
        (replaced("cool-rain", "warm-wind"), True),
        (replaced("/db?", "/other?"), True),
        (replaced("A_URL", "B_URL"), True),
    ],
)
def test_what_makes_a_finding_new(change: Callable[[str], str], new: bool, adopted: Path, neonlint: Neonlint) -> None:
    path = adopted / "a.env"
    path.write_text(change(path.read_text()))
    assert neonlint("check").status == int(new)


def test_a_renamed_file_and_a_new_rule(adopted: Path, neonlint: Neonlint) -> None:
    (adopted / "a.env").rename(adopted / "b.env")
    assert neonlint("check").status == 1
    assert neonlint("baseline", "create", "--force").status == 0
    assert neonlint("check").status == 0
    (adopted / "neonlint.toml").write_text('ignore = ["NL102"]\n')
    assert neonlint("baseline", "create", "--force").status == 0
    (adopted / "neonlint.toml").write_text("")
    assert "NL102" in neonlint("check").out


def test_an_unfinished_merge(adopted: Path, neonlint: Neonlint) -> None:
    path = adopted / ".neonlint-baseline.toml"
    path.write_text(path.read_text() + "<<<<<<< HEAD\n")
    ran = neonlint("check")
    assert ran.status == 2 and "a merge that was not finished" in ran.err
    assert neonlint("baseline", "create", "--force").status == 0
    assert neonlint("check").status == 0
