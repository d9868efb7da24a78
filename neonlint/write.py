"""Replacing or creating one file, whole or not at all. Knows bytes and inodes, nothing of what they mean.

The new bytes go to a temporary file in the same directory, which takes the old file's place only when the old one is
still the very file, with the very bytes, that the caller read. No backup is made: a copy of a secret is a leak.
"""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from neonlint.discover_listing import inside, outside
from neonlint.ir.findings import Skip, SkipReason

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_OWNER_ONLY = 0o600


class _RefusalError(Exception):
    """Why the file stays as it is."""

    def __init__(self, reason: SkipReason, detail: str) -> None:
        super().__init__(reason)
        self.reason: SkipReason = reason
        self.detail = detail


def replace_file(root: Path, path: str, old: bytes, new: bytes) -> Skip | None:
    """Put `new` in the place of `old` in the file `path` (relative to `root`), or say why it was left as it was.

    Mode, owner and extended attributes stay; a symbolic link inside the root stays a link. Refused are: what is no
    regular file, lies outside the root, has several names (hard links), is read-only, is being written by another
    neonlint, or no longer holds `old`. A signal that arrives meanwhile is delivered when the file is whole and nothing
    is left behind.
    """
    if old == new:
        return None
    target = _target(root, path)
    if target is None:
        return outside(path)
    try:
        with _signals_held(), _locked(target) as facts:
            _replace(target, facts, old, new)
    except _RefusalError as refusal:
        return Skip(path, refusal.reason, refusal.detail)
    except OSError as error:
        return Skip(path, "unreadable", f"not written: {(error.strerror or type(error).__name__).lower()}")
    return None


def create_file(root: Path, path: str, data: bytes, *, private: bool = False) -> Skip | None:
    """Make the file `path` (relative to `root`) with these bytes, and the directories above it, or say why not.

    Nothing is ever overwritten, and no link is followed out of the root. A `private` file is for its owner alone.
    """
    target = _target(root, path)
    if target is None:
        return outside(path)
    directory, _ = os.path.split(target)
    temporary = os.path.join(directory, f".neonlint-{os.urandom(8).hex()}.tmp")  # noqa: PTH118
    if os.path.lexists(os.path.join(root, path)):  # noqa: PTH118 -- a link to nothing is something, too
        return _taken(path)
    try:
        with _signals_held():
            os.makedirs(directory, exist_ok=True)  # noqa: PTH103
            descriptor = os.open(temporary, _CREATE | _NOFOLLOW, _OWNER_ONLY if private else 0o666)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                _place(temporary, target)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)  # noqa: PTH108
            _sync_directory(directory)
    except FileExistsError:
        return _taken(path)
    except OSError as error:
        return Skip(path, "unreadable", f"not written: {(error.strerror or type(error).__name__).lower()}")
    return None


def _taken(path: str) -> Skip:
    return Skip(path, "changed", "not written: there is a file of this name")


def _place(temporary: str, target: str) -> None:
    """Give a whole file its name, unless that is taken; where links cannot be made, by looking first."""
    try:
        os.link(temporary, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        os.rename(temporary, target)  # noqa: PTH104


def _target(root: Path, path: str) -> str | None:
    """The real path to write, or None outside the root. A file named there (`../`) may not be a link itself."""
    place = os.path.join(os.path.realpath(root), path)  # noqa: PTH118 -- os.path, as in the rest of this module
    target = os.path.realpath(place)
    if inside(target, os.path.realpath(root)):
        return target
    return target if path.startswith("../") and not Path(place).is_symlink() else None


@contextmanager
def _signals_held() -> Iterator[None]:
    """Keep SIGINT, SIGTERM and SIGHUP waiting; where there are no signal masks, `finally` clauses clean up alone."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _locked(target: str) -> Iterator[os.stat_result]:
    """What the file is, held against other neonlint processes. The lock is on the file itself: none is left over."""
    handle = os.open(target, _READ | _NOFOLLOW)
    try:
        _lock(handle)
        if os.name != "nt":  # Windows replaces no file that is open
            yield os.fstat(handle)
            return
        facts = os.fstat(handle)
    finally:
        os.close(handle)
    yield facts


def _lock(handle: int) -> None:
    try:
        import fcntl  # noqa: PLC0415 -- there is none on Windows
    except ImportError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _RefusalError("changed", "another neonlint is writing this file") from None
    except OSError:
        return  # a file system without locks: the comparison before the replacement has to do


def _replace(target: str, facts: os.stat_result, old: bytes, new: bytes) -> None:
    _refuse(target, facts)
    _compare(target, facts, old)
    directory, _ = os.path.split(target)
    temporary = os.path.join(directory, f".neonlint-{os.urandom(8).hex()}.tmp")  # noqa: PTH118
    descriptor = os.open(temporary, _CREATE | _NOFOLLOW, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(new)
            stream.flush()
            _copy_attributes(target, temporary, facts)
            os.fsync(stream.fileno())
        _compare(target, facts, old)
        os.replace(temporary, target)  # noqa: PTH105
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108
    _sync_directory(directory)


def _refuse(target: str, facts: os.stat_result) -> None:
    """Files that a rename would turn into something else."""
    if not stat.S_ISREG(facts.st_mode):
        raise _RefusalError("not-regular", "not written: not a regular file")
    if facts.st_nlink > 1:
        raise _RefusalError("not-regular", f"not written: the file has {facts.st_nlink} names (hard links)")
    if not facts.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise _RefusalError("unreadable", "not written: the file is read-only")


def _compare(target: str, facts: os.stat_result, old: bytes) -> None:
    """Raises unless `target` is still the file it was, untouched, with the bytes that were read."""
    handle = os.open(target, _READ | _NOFOLLOW)
    with os.fdopen(handle, "rb") as stream:
        same = _identity(os.fstat(handle)) == _identity(facts)
        if not same or stream.read(len(old) + 1) != old:
            raise _RefusalError("changed", "not written: the file changed while it was checked; run neonlint again")


def _identity(facts: os.stat_result) -> tuple[int, int, int, int]:
    return facts.st_dev, facts.st_ino, facts.st_mtime_ns, facts.st_size


def _copy_attributes(source: str, temporary: str, facts: os.stat_result) -> None:
    """Owner, mode and extended attributes (access lists, security labels) of the old file, with the time of now."""
    import shutil  # noqa: PLC0415 -- 10 ms, and only for files that change

    kept = _copy_owner(temporary, facts)
    shutil.copystat(source, temporary, follow_symlinks=False)
    if not kept:
        mode = stat.S_IMODE(facts.st_mode)
        os.chmod(temporary, mode & ~0o070 & ~0o6000 | (mode & 0o007) << 3)  # noqa: PTH101
    os.utime(temporary)


def _copy_owner(temporary: str, facts: os.stat_result) -> bool:
    """Give the new file its owner and group; False where the group, and so its rights, cannot be kept."""
    if not hasattr(os, "chown"):
        return True
    with suppress(PermissionError):
        os.chown(temporary, facts.st_uid, facts.st_gid)
        return True
    with suppress(PermissionError):
        os.chown(temporary, -1, facts.st_gid)
        return True
    return False


def _sync_directory(directory: str) -> None:
    """Make the rename last through a power failure; not every system lets a directory be opened."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
