"""Many files are read by several processes, and nothing in the outcome tells so."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from planted import FILES

from neonlint import engine_files, engine_sift, session
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine_files import Files, read_all
from neonlint.engine_sift import shared
from neonlint.ir.findings import Finding, Report
from neonlint.means import Means
from neonlint.records import replace

URL = "postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
HERE = os.getpid()

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="several processes are used on Linux only")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are called in after the first block of files, however short the work is."""
    monkeypatch.setattr(engine_sift, "_TRIED", 0)
    monkeypatch.setattr(engine_sift, "_WORTH", 0)
    monkeypatch.setattr(engine_files, "_BLOCK", 20)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of the tests, in which others of them may have left threads, is copied all the same."""
    monkeypatch.setattr(engine_sift, "possible", lambda: True)


@pytest.fixture
def tree(tmp_path: Path) -> tuple[Path, list[FoundFile]]:
    """450 files: most silent, some with a connection, some that cannot be read."""
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


@pytest.mark.usefixtures("at_once", "copied")
@pytest.mark.parametrize("jobs", [2, 5, 64])
def test_several_processes_read_what_one_reads(tree: tuple[Path, list[FoundFile]], jobs: int) -> None:
    alone = read_all(*tree, Config(), {}, Means(jobs=1))
    assert len(alone.extracts) == 5 and {skip.reason for skip in alone.skipped} >= {"binary", "too-large"}
    assert shown(read_all(*tree, Config(), {}, Means(jobs=jobs))) == shown(alone)


@pytest.mark.usefixtures("at_once", "copied")
def test_findings_are_the_same_however_many_processes_read(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for number in range(300):
        (tmp_path / f"part{number}.py").write_text("print('nothing')\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    one, *others = (report(tmp_path, jobs) for jobs in (1, 2, 7))
    assert len(one.findings) > 100 and len(one.skipped) > 1
    for other in others:
        assert list(map(without_fix, other.findings)) == list(map(without_fix, one.findings))
        assert other.skipped == one.skipped
        fixes = [(mine.fix, its.fix) for mine, its in zip(one.findings, other.findings, strict=True)]
        # Where a machine is busy a fix may not be ready in time, and is left out.
        assert all(mine == its for mine, its in fixes if mine is not None and its is not None)


def report(place: Path, jobs: int) -> Report:
    work = replace(session.open_session(["."], Config(), place), means=Means(jobs))
    return session.judge(work).report


def without_fix(finding: Finding) -> Finding:
    return replace(finding, fix=None, refusal=None)


def test_short_work_is_not_shared() -> None:
    assert {process for _, process in shared(50, lambda _: os.getpid(), 4)} == {HERE}


@pytest.mark.usefixtures("at_once")
def test_a_process_with_threads_is_not_copied() -> None:
    """A copy would wait for ever for what another thread holds at that moment."""
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    try:
        assert {process for _, process in shared(20, lambda _: os.getpid(), 4)} == {HERE}
    finally:
        end.set()
        other.join()


@pytest.mark.usefixtures("copied")
def test_what_the_others_make_is_used() -> None:
    def work(number: int) -> tuple[int, int]:
        time.sleep(0.02)
        return number * number, os.getpid()

    results = dict(shared(20, work, 3))
    assert {number: square for number, (square, _) in results.items()} == {n: n * n for n in range(20)}
    assert len({process for _, process in results.values()}) == 3


@pytest.mark.usefixtures("at_once", "copied")
def test_much_goes_through_the_pipes() -> None:
    lengths = {number: len(text) for number, text in shared(8, lambda number: bytes(3_000_000 + number), 4)}
    assert lengths == {number: 3_000_000 + number for number in range(8)}


def fails() -> None:
    raise ValueError


def dies() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize("end", [fails, dies])
def test_a_process_that_fails_costs_nothing(end: Callable[[], None]) -> None:
    def work(number: int) -> int:
        if os.getpid() != HERE:
            end()
        time.sleep(0.01)
        return -number

    assert dict(shared(30, work, 3)) == {number: -number for number in range(30)}


@pytest.mark.usefixtures("copied")
def test_no_process_outlives_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    started: list[int] = []
    fork = os.fork

    def forked() -> int:
        if child := fork():
            started.append(child)
        return child

    monkeypatch.setattr(os, "fork", forked)

    def work(number: int) -> int:
        if os.getpid() != HERE:
            time.sleep(60)
        time.sleep(0.02)
        seen.append(number)
        if len(seen) > 10:
            raise KeyboardInterrupt
        return number

    with pytest.raises(KeyboardInterrupt):
        list(shared(40, work, 4))
    assert len(started) == 3
    for child in started:
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)


def test_one_process_is_never_copied() -> None:
    assert {process for _, process in shared(5, lambda _: os.getpid(), 1)} == {HERE}


def test_what_is_read_survives_the_way(tree: tuple[Path, list[FoundFile]]) -> None:
    found = read_all(*tree, Config(), {}, Means(jobs=1))
    for path, current in found.extracts.items():
        again = pickle.loads(pickle.dumps(current))
        assert again.document.data == current.document.data and again.document.path == path
        assert all(connection.document is again.document for connection in again.connections)
