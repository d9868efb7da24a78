"""Replacing a file: whole or not at all, and nothing left behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from neonlint.ir.findings import Skip
from neonlint.write import replace_file

OLD, NEW = b"A=1\r\nB=2", b"\xef\xbb\xbfA=3\r\nB=\xff"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    """A file in a folder of its own; afterwards the folder holds nothing but that file."""
    root = tmp_path / "root"
    root.mkdir()
    file = root / ".env"
    file.write_bytes(OLD)
    yield file
    assert [path.name for path in root.iterdir() if path.name.startswith(".neonlint-")] == []


def refusal(file: Path, name: str = ".env") -> tuple[str, str]:
    skip = replace_file(file.parent, name, OLD, NEW)
    assert isinstance(skip, Skip)
    assert skip.path == name
    return skip.reason, skip.detail


def test_bytes_are_written_as_given(target: Path) -> None:
    assert replace_file(target.parent, ".env", OLD, NEW) is None
    assert target.read_bytes() == NEW


def test_nothing_to_change_touches_nothing(target: Path) -> None:
    before = target.stat()
    assert replace_file(target.parent, ".env", OLD, OLD) is None
    assert replace_file(target.parent, "missing.env", OLD, OLD) is None
    after = target.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o755, 0o4711])
def test_mode_stays(target: Path, mode: int) -> None:
    target.chmod(mode)
    assert replace_file(target.parent, ".env", OLD, NEW) is None
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_owner_and_attributes_stay(target: Path) -> None:
    if os.geteuid() == 0:
        os.chown(target, 12345, 54321)
    with contextlib.suppress(OSError):
        os.setxattr(target, "user.neonlint", b"kept")
    before = (target.stat().st_uid, target.stat().st_gid, os.listxattr(target))
    os.utime(target, (1, 1))
    assert replace_file(target.parent, ".env", OLD, NEW) is None
    assert (target.stat().st_uid, target.stat().st_gid, os.listxattr(target)) == before
    assert time.time() - target.stat().st_mtime < 60


def test_hard_links_are_refused(target: Path) -> None:
    os.link(target, target.parent / "other")
    assert refusal(target) == ("not-regular", "not written: the file has 2 names (hard links)")
    assert target.read_bytes() == OLD


def test_read_only_is_refused(target: Path) -> None:
    target.chmod(0o444)
    assert refusal(target) == ("unreadable", "not written: the file is read-only")


def test_changed_content_is_refused(target: Path) -> None:
    target.write_bytes(OLD + b"\nC=3")
    assert refusal(target)[0] == "changed"
    target.write_bytes(OLD[:-1])
    assert refusal(target)[0] == "changed"
    assert target.read_bytes() == OLD[:-1]


def test_missing_and_irregular_files_are_refused(target: Path) -> None:
    assert refusal(target, "missing.env")[0] == "unreadable"
    os.mkfifo(target.parent / "fifo")
    assert refusal(target, "fifo")[0] in {"not-regular", "unreadable"}
    (target.parent / "directory").mkdir()
    assert refusal(target, "directory")[0] in {"not-regular", "unreadable"}


def test_links(target: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.env"
    outside.write_bytes(OLD)
    (target.parent / "away.env").symlink_to(outside)
    (target.parent / "link.env").symlink_to(".env")
    assert refusal(target, "away.env")[0] == "outside-root"
    assert outside.read_bytes() == OLD
    assert replace_file(target.parent, "link.env", OLD, NEW) is None
    assert (target.parent / "link.env").is_symlink()
    assert target.read_bytes() == NEW


def test_places_outside_the_root(target: Path, tmp_path: Path) -> None:
    (tmp_path / "named.env").write_bytes(OLD)
    (tmp_path / "link.env").symlink_to(target)
    (tmp_path / "away.env").symlink_to(tmp_path / "named.env")
    assert replace_file(target.parent, "../named.env", OLD, NEW) is None
    assert (tmp_path / "named.env").read_bytes() == NEW
    assert refusal(target, "../away.env")[0] == "outside-root"


def test_another_neonlint_is_respected(target: Path) -> None:
    with target.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert refusal(target) == ("changed", "another neonlint is writing this file")
    assert replace_file(target.parent, ".env", OLD, NEW) is None


SCRIPT = """
import os, sys, time
from pathlib import Path
from neonlint import __main__, write
real = os.fsync
def slow(handle):
    print("inside", flush=True)
    {before}
    real(handle)
os.fsync = slow
def main(argv=None):
    skip = write.replace_file(Path(sys.argv[1]), ".env", {old!r}, {new!r})
    print(skip and skip.reason, flush=True)
    time.sleep(30)
    return 0
from neonlint import cli
cli.main = main
__main__.run()
"""


def start(target: Path, before: str) -> subprocess.Popen[str]:
    script = SCRIPT.format(old=OLD, new=NEW, before=before)
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(target.parent)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    return process


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_in_the_middle(target: Path, number: signal.Signals, status: int) -> None:
    process = start(target, "time.sleep(0.5)")
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (status, "inside\n" * (out.count("inside")), "")
    assert target.read_bytes() == NEW  # the file was finished before the signal was delivered


def test_change_between_check_and_replacement(target: Path) -> None:
    process = start(target, "time.sleep(0.7)")
    target.write_bytes(b"THEIRS=1\n")
    assert process.stdout is not None
    assert process.stdout.readline() == "changed\n"
    process.kill()
    process.wait()
    assert target.read_bytes() == b"THEIRS=1\n"


def test_replaced_between_check_and_replacement(target: Path) -> None:
    process = start(target, "time.sleep(0.7)")
    fresh = target.with_name("fresh")
    fresh.write_bytes(OLD)
    fresh.replace(target)
    assert process.stdout is not None
    assert process.stdout.readline() == "changed\n"
    process.kill()
    process.wait()
    assert target.read_bytes() == OLD


def test_failure_in_the_middle_leaves_the_old_file(target: Path) -> None:
    process = start(target, "raise OSError(28, 'No space left on device')")
    assert process.stdout is not None
    assert process.stdout.readline() == "unreadable\n"
    process.kill()
    process.wait()
    assert target.read_bytes() == OLD
