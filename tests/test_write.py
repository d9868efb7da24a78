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
from neonlint.write import Writing, replace_file, write_together

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
    assert refusal(target) == ("not-written", "not written: the file has 2 names (hard links)")
    assert target.read_bytes() == OLD


def test_read_only_is_refused(target: Path) -> None:
    target.chmod(0o444)
    assert refusal(target) == ("not-written", "not written: the file is read-only")


def test_changed_content_is_refused(target: Path) -> None:
    target.write_bytes(OLD + b"\nC=3")
    assert refusal(target)[0] == "changed"
    target.write_bytes(OLD[:-1])
    assert refusal(target)[0] == "changed"
    assert target.read_bytes() == OLD[:-1]


def test_missing_and_irregular_files_are_refused(target: Path) -> None:
    assert refusal(target, "missing.env")[0] == "not-written"
    os.mkfifo(target.parent / "fifo")
    assert refusal(target, "fifo")[0] == "not-written"
    (target.parent / "directory").mkdir()
    assert refusal(target, "directory")[0] == "not-written"


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
    assert process.stdout.readline() == "not-written\n"
    process.kill()
    process.wait()
    assert target.read_bytes() == OLD


def seen(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: files with their bytes, directories with None."""
    return {str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes() for path in folder.rglob("*")}


def together(target: Path, *others: Writing) -> Skip | None:
    """Write a new file in a new folder, the existing one, and what stands in the way behind them."""
    first = (Writing("new/folder/a", None, b"a"), Writing(".env", OLD, NEW), Writing("b", None, b"b"))
    return write_together(target.parent, [*first, *others])


def test_several_files_are_written_together(target: Path) -> None:
    assert together(target) is None
    assert seen(target.parent) == {"new": None, "new/folder": None, "new/folder/a": b"a", ".env": NEW, "b": b"b"}


STOPS = {
    "a file that exists": (Writing("there", None, b""), "not written: there is a file of this name"),
    "a link to nothing": (Writing("link", None, b""), "not written: there is a file of this name"),
    "a place below a file": (Writing("there/below", None, b""), "not written: not a directory"),
    "a link out of the root": (Writing("away", OLD, NEW), "a symbolic link to a place outside the project"),
    "a read-only file": (Writing("fixed", OLD, NEW), "not written: the file is read-only"),
    "a file that changed": (Writing("there", OLD, NEW), "not written: the file changed"),
    "a file that is gone": (Writing("gone", OLD, NEW), "not written: no such file or directory"),
}


@pytest.mark.parametrize(("stop", "reason"), STOPS.values(), ids=STOPS)
def test_none_of_several_is_written_if_one_cannot_be(target: Path, tmp_path: Path, stop: Writing, reason: str) -> None:
    (tmp_path / "outside").write_bytes(OLD)
    (target.parent / "there").write_bytes(b"theirs")
    (target.parent / "fixed").write_bytes(OLD)
    (target.parent / "fixed").chmod(0o444)
    (target.parent / "link").symlink_to("nothing")
    (target.parent / "away").symlink_to(tmp_path / "outside")
    before, inode = sorted(path.name for path in target.parent.iterdir()), target.stat().st_ino
    skip = together(target, stop)
    assert skip is not None and skip.path == stop.path
    assert skip.detail.startswith(reason) and skip.detail.endswith("; none of the files was written")
    assert sorted(path.name for path in target.parent.iterdir()) == before
    assert (target.read_bytes(), target.stat().st_ino) == (OLD, inode), "not even touched"


def test_what_was_written_is_taken_back(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody makes the last file when all are prepared and the others have got their places already."""
    target.chmod(0o640)
    os.utime(target, (1, 1))
    real, written = os.replace, list[bytes]()

    def somebody_is_faster(source: str, place: str) -> None:
        real(source, place)
        written.append(target.read_bytes())
        (target.parent / "b").write_bytes(b"theirs")

    monkeypatch.setattr(os, "replace", somebody_is_faster)
    skip = together(target)
    assert written == [NEW, OLD], "it was replaced, and then put back"
    assert skip is not None and (skip.path, skip.reason) == ("b", "changed")
    assert skip.detail == "not written: there is a file of this name; none of the files was written"
    assert seen(target.parent) == {".env": OLD, "b": b"theirs"}
    assert stat.S_IMODE(target.stat().st_mode) == 0o640 and target.stat().st_mtime == 1


def test_what_cannot_be_taken_back_is_said(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes the last file has changed one of ours, too: that is theirs now, and stays."""
    real = os.replace

    def somebody_is_faster(source: str, place: str) -> None:
        real(source, place)
        for name in (".env", "b", "new/folder/a"):
            (target.parent / name).write_bytes(b"theirs")

    monkeypatch.setattr(os, "replace", somebody_is_faster)
    skip = together(target)
    assert skip is not None
    assert [part.split()[0] for part in skip.detail.split("; ")[1:]] == [".env", "new/folder/a"]
    assert skip.detail.endswith("could not be taken back")
    assert {name: data for name, data in seen(target.parent).items() if data} == dict.fromkeys(
        (".env", "b", "new/folder/a"), b"theirs"
    )


def test_a_private_file_is_never_open_to_others(target: Path) -> None:
    target.chmod(0o644)
    assert write_together(target.parent, [Writing(".env", OLD, OLD, True), Writing("new", None, NEW, True)]) is None
    assert {stat.S_IMODE(path.stat().st_mode) for path in target.parent.iterdir()} == {0o600}
    assert target.read_bytes() == OLD
    before = target.stat()
    assert write_together(target.parent, [Writing(".env", OLD, OLD, True)]) is None
    assert target.stat().st_ino == before.st_ino, "it is as it should be"
