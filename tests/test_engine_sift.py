"""Many files are looked through by two processes, and nothing in the outcome tells so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from neonlint import engine_files
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine_files import Files, read_all
from neonlint.engine_sift import Sifting

URL = "postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a second process is used on Linux only")


@pytest.fixture
def tree(tmp_path: Path) -> tuple[Path, list[FoundFile]]:
    """450 files, so that there are three blocks: most silent, some with a connection, some that cannot be read."""
    for number in range(450):
        text = f"URL = '{URL}'\n".encode() if number % 90 == 7 else b"print('nothing')\n"
        if number % 100 == 3:
            text = b"\0binary"
        (tmp_path / f"f{number:03}.py").write_bytes(text)
    (tmp_path / "big.py").write_bytes(b"#" * 2_000_000)
    (tmp_path / "package-lock.json").write_bytes(b"\0")
    names = [*sorted(path.name for path in tmp_path.iterdir()), "gone.py"]
    return tmp_path, [FoundFile(name) for name in names]


def shown(found: Files) -> object:
    return list(found.extracts), found.skipped, found.checked, list(found.signs), list(found.layout)


def test_two_processes_find_what_one_finds(tree: tuple[Path, list[FoundFile]], monkeypatch: pytest.MonkeyPatch) -> None:
    alone = read_all(*tree, Config(), {})
    assert len(alone.extracts) == 5 and {skip.reason for skip in alone.skipped} >= {"binary", "too-large"}
    monkeypatch.setattr(engine_files, "_MANY", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    for _ in range(5):
        assert shown(read_all(*tree, Config(), {})) == shown(alone)


def test_what_the_other_process_says_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    sifting = Sifting.start(range(450), lambda number: number % 2 == 0)
    assert sifting is not None
    try:
        while (last := sifting.of(400)) is None:
            pass
        assert last.silent == frozenset(range(401, 450, 2)) and not last.skipped
    finally:
        sifting.end()


def test_a_process_that_fails_costs_nothing(
    tree: tuple[Path, list[FoundFile]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = shown(read_all(*tree, Config(), {}))
    monkeypatch.setattr(engine_files, "_MANY", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(engine_files, "_look", lambda *_: pytest.fail("not here"))
    assert shown(read_all(*tree, Config(), {})) == alone
