"""The flags of the cache, `neonlint clean`, and where there is no cache."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from cli.conftest import URL, Neonlint

NAME = ".neonlint_cache"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is no cache where a file's change time can be set")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 520 files that are old enough to be remembered."""
    root = tmp_path_factory.mktemp("made")
    for number in range(520):
        (root / f"notes{number}.md").write_text("nothing\n")
    (root / ".env").write_text(f"DATABASE_URL={URL}\n")
    time.sleep(2.1)
    return root


@pytest.fixture
def root(made: Path) -> Path:
    """The folder as a project without a cache."""
    for name in ("neonlint.toml", ".git", NAME, "elsewhere"):
        subprocess.run(["rm", "-rf", str(made / name)], check=True)
    (made / "neonlint.toml").write_text("")
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_project_gets_one(root: Path, neonlint: Neonlint) -> None:
    assert neonlint("check", ".", cwd=root).status == 1
    assert (root / NAME).is_dir() and len(names(root / NAME)) == 3
    cold = neonlint("check", "-q", ".", cwd=root)
    assert cold == neonlint("check", "-q", ".", cwd=root) == neonlint("check", "-q", "-n", ".", cwd=root)


@pytest.mark.parametrize("arguments", [("-n", "."), ("--no-cache", "."), (".env",), ("-",), ("--show-files", ".")])
def test_some_runs_make_none(root: Path, neonlint: Neonlint, arguments: tuple[str, ...]) -> None:
    (root / "neonlint.toml").unlink()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    if arguments == (".env",):
        (root / ".env").write_text("A=1\n")  # nothing for which the others would be read
    try:
        neonlint("check", *arguments, cwd=root, stdin=f"DATABASE_URL={URL}\n" if arguments == ("-",) else "")
    finally:
        (root / ".env").write_text(f"DATABASE_URL={URL}\n")
    assert arguments == ("-",) or not (root / NAME).exists()


def test_the_environment_can_switch_it_off(root: Path, neonlint: Neonlint) -> None:
    neonlint("check", ".", cwd=root, NEONLINT_NO_CACHE="1")
    assert not (root / NAME).exists()
    neonlint("check", ".", cwd=root, NEONLINT_NO_CACHE="0")
    assert (root / NAME).exists()


def test_outside_a_project_there_is_none(root: Path, neonlint: Neonlint) -> None:
    (root / "neonlint.toml").unlink()
    neonlint("check", ".", cwd=root)
    assert not (root / NAME).exists()
    assert neonlint("clean", cwd=root).status == 2


def test_a_small_project_has_none(tmp_path: Path, neonlint: Neonlint) -> None:
    (tmp_path / "neonlint.toml").write_text("")
    (tmp_path / ".env").write_text(f"DATABASE_URL={URL}\n")
    neonlint("check", ".", cwd=tmp_path)
    assert names(tmp_path) == [".env", "neonlint.toml"]


@pytest.mark.parametrize("by", ["flag", "environment"])
def test_it_can_be_elsewhere(root: Path, neonlint: Neonlint, by: str) -> None:
    flags = ("--cache-dir", "elsewhere") if by == "flag" else ()
    environment = {"NEONLINT_CACHE_DIR": "elsewhere"} if by == "environment" else {}
    neonlint("check", *flags, ".", cwd=root, **environment)
    assert not (root / NAME).exists() and len(names(root / "elsewhere")) == 3
    assert neonlint("clean", *flags, cwd=root, **environment).status == 0
    assert not (root / "elsewhere").exists()


def test_elsewhere_must_be_a_cache_or_empty(root: Path, neonlint: Neonlint) -> None:
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "mine").write_text("mine")
    ran = neonlint("check", "--cache-dir", "elsewhere", ".", cwd=root)
    assert ran.status == 2
    assert ran.err == ("neonlint: error: --cache-dir: elsewhere: is not empty, and no cache; name another directory\n")
    ran = neonlint("check", ".", cwd=root, NEONLINT_CACHE_DIR="elsewhere")
    assert ran.status == 2 and ran.err.startswith("neonlint: error: NEONLINT_CACHE_DIR: elsewhere: ")
    assert names(root / "elsewhere") == ["mine"]


@pytest.mark.parametrize("text", ["0", "-1", "x", "65", "1.5", "²"])
def test_jobs_are_counted(root: Path, neonlint: Neonlint, text: str) -> None:
    ran = neonlint("check", f"--jobs={text}", ".", cwd=root)
    assert ran.status == 2 and "write a number from 1 to 64" in ran.err


@pytest.mark.parametrize("kind", ["git", "configuration"])
def test_it_is_no_file_of_the_project(root: Path, neonlint: Neonlint, kind: str) -> None:
    """Not even where a configuration replaces what is left out by default."""
    (root / "neonlint.toml").write_text("exclude = []\n")
    if kind == "git":
        subprocess.run(["git", "init", "-q", str(root)], check=True)
    neonlint("check", ".", cwd=root)
    assert (root / NAME).is_dir()
    assert NAME not in neonlint("check", "--show-files", ".", cwd=root).out
    if kind == "git":
        git = ["git", "-C", str(root), "status", "--short"]
        assert NAME not in subprocess.run(git, capture_output=True, text=True, check=True).stdout


def test_clean_says_what_it_removes(root: Path, neonlint: Neonlint) -> None:
    neonlint("check", ".", cwd=root)
    made = names(root / NAME)
    ran = neonlint("clean", cwd=root)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [*(f"removed {NAME}/{name}" for name in made), f"removed {NAME}"]
    assert not (root / NAME).exists()
    ran = neonlint("clean", cwd=root)
    assert (ran.status, ran.out, ran.err) == (0, "", f"neonlint: note: {NAME}: there is no cache\n")


def test_clean_removes_nothing_else(root: Path, neonlint: Neonlint) -> None:
    neonlint("check", ".", cwd=root)
    (root / NAME / "mine").write_text("mine")
    ran = neonlint("clean", cwd=root)
    assert ran.status == 1 and "left, because not neonlint's: mine" in ran.err
    assert names(root / NAME) == ["mine"]
    ran = neonlint("clean", cwd=root)
    assert ran.status == 2 and ran.err == (
        f"neonlint: error: {NAME}: is not empty, and no cache; remove it by hand if it is to go\n"
    )


def test_clean_follows_no_link(root: Path, neonlint: Neonlint, tmp_path: Path) -> None:
    neonlint("check", ".", cwd=root)
    (root / NAME).rename(root / "elsewhere")
    (root / NAME).symlink_to("elsewhere")
    ran = neonlint("clean", cwd=root)
    assert ran.status == 2 and "is a symbolic link" in ran.err
    assert len(names(root / "elsewhere")) == 3
    (root / NAME).unlink()
