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
    assert len(COMMANDS) == 11
    (project / "api").mkdir()
    (project / "api" / "settings.py").write_text(f'DATABASE_URL = "{URL}"\n')
    subprocess.run(["git", "add", "api"], cwd=project, check=True)
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


def test_a_renamed_file_that_is_said_to_be_one(adopted: Path, neonlint: Neonlint) -> None:
    """Its findings are old wherever it stands; what was added on the way, copied, or merely looks the same is new."""
    before = (adopted / ".neonlint-baseline.toml").read_bytes()
    (adopted / "conf").mkdir()
    (adopted / "conf" / "b.env").write_text((adopted / "a.env").read_text().replace("CanaryPw42", "rotated"))
    ran = neonlint("baseline", "move", "a.env", "conf/b.env")
    assert ran.status == 2 and "a.env is still there" in ran.err
    assert (adopted / ".neonlint-baseline.toml").read_bytes() == before
    (adopted / "a.env").unlink()
    assert neonlint("check", "conf").status == 1, "nobody said so yet"
    with (adopted / "conf" / "b.env").open("a") as file:
        file.write(f"B_URL={URL}?sslmode=allow\nA_URL={URL}?sslmode=allow\n")
    ran = neonlint("baseline", "move", "a.env", "conf/b.env")
    assert ran.status == 0 and ran.out.startswith("moved: ") and ran.out.endswith(" from a.env to conf/b.env\n")
    assert "CanaryPw42" not in ran.out + (adopted / ".neonlint-baseline.toml").read_text()
    found = neonlint("check", "--strict-baseline", "--output-format", "json").json["diagnostics"]
    assert {(d["filename"], d["location"]["row"]) for d in found} == {("conf/b.env", 3), ("conf/b.env", 4)}
    ran = neonlint("baseline", "move", "a.env", "conf/b.env")
    assert ran.status == 2 and "it has no findings of a.env" in ran.err


def test_a_renamed_directory(adopted: Path, neonlint: Neonlint) -> None:
    """There, in part, and back again: the baseline is what it was."""
    before = (adopted / ".neonlint-baseline.toml").read_bytes()
    (adopted / "old").mkdir()
    (adopted / "a.env").rename(adopted / "old" / "a.env")
    assert neonlint("baseline", "move", "a.env", "old/a.env").status == 0
    (adopted / "old").rename(adopted / "new")
    assert neonlint("baseline", "move", "old", "new").status == 0
    assert neonlint("check", "--strict-baseline").status == 0
    (adopted / "new" / "a.env").rename(adopted / "a.env")
    (adopted / "a.env").write_text((adopted / "a.env").read_text().replace("cool-rain", "warm-wind"))
    ran = neonlint("baseline", "move", "new", ".")
    assert ran.status == 0 and "not found in . as the baseline has it: mended, or new there" in ran.err
    (adopted / "a.env").write_text((adopted / "a.env").read_text().replace("warm-wind", "cool-rain"))
    assert neonlint("baseline", "move", "new", ".").status == 0
    assert (adopted / ".neonlint-baseline.toml").read_bytes() == before


def test_an_unfinished_merge(adopted: Path, neonlint: Neonlint) -> None:
    path = adopted / ".neonlint-baseline.toml"
    path.write_text(path.read_text() + "<<<<<<< HEAD\n")
    ran = neonlint("check")
    assert ran.status == 2 and "a merge that was not finished" in ran.err
    assert neonlint("baseline", "create", "--force").status == 0
    assert neonlint("check").status == 0
