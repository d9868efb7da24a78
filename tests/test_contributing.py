"""What CONTRIBUTING says about additions is true: the files that it names are enough, and none of them is too many."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from additions import ADDITIONS, Copy

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = (
    *("neonlint", "rules", "explanations", "docs", "tests/test_rule_examples.py", "tests/rule_examples.py"),
    *("tests/targets/test_matrix.py", "pyproject.toml"),
)
ONE_LEFT_OUT = [(kind, path) for kind, addition in ADDITIONS.items() for path in addition.files]


def section(heading: str) -> str:
    return TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]


def named(heading: str) -> list[str]:
    """The files of a section's table."""
    return re.findall(r"^\| `([^`]+)` \|", section(heading), re.MULTILINE)


def pattern(name: str) -> str:
    """What a name of the text stands for: capitals and small letters behind `NL` are placeholders."""
    return re.escape(name).replace("NLnnn", r"NL\d{3}").replace(r"kebab\-name", r"[a-z\-]+").replace("NAME", r"[a-z_]+")


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    found = Copy(tmp_path / "copy", tmp_path / "project")
    found.project.mkdir()
    for name in COPIED:
        source, target = ROOT / name, found.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)  # with what is compiled already
        else:
            shutil.copy(source, target)
    return found


@pytest.mark.parametrize("kind", ADDITIONS)
def test_the_text_names_the_files(kind: str) -> None:
    touched = list(ADDITIONS[kind].files)
    names = named(ADDITIONS[kind].heading)
    assert len(names) == len(touched)
    assert all(re.fullmatch(pattern(name), path) for name, path in zip(names, touched, strict=True))


@pytest.mark.parametrize("kind", ADDITIONS)
def test_these_files_are_enough(kind: str, copy: Copy) -> None:
    for path, change in ADDITIONS[kind].files.items():
        change.made(copy.root / path)
    assert ADDITIONS[kind].complaint(copy) == ""


@pytest.mark.parametrize(("kind", "left_out"), ONE_LEFT_OUT, ids=lambda text: text.rpartition("/")[2])
def test_none_can_be_left_out(kind: str, left_out: str, copy: Copy) -> None:
    for path, change in ADDITIONS[kind].files.items():
        if path != left_out:
            change.made(copy.root / path)
    assert ADDITIONS[kind].complaint(copy) != ""


def test_what_else_the_text_names_is_there() -> None:
    words = re.findall(r"`((?:[\w.\-]+/)+[\w.\-]*|\w+\.md)`", TEXT)
    assert len(words) > 20
    assert [word for word in words if "NAME" not in word and "NLnnn" not in word and not (ROOT / word).exists()] == []
