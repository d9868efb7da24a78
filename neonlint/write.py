"""Writing files, whole or not at all, one or several together. Knows bytes and inodes, nothing of what they mean.

The new bytes go to a temporary file in the same directory, which takes the old file's place only when the old one is
still the very file, with the very bytes, that the caller read. Of several files all are prepared before the first gets
its place. No backup is made: a copy of a secret is a leak.
"""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from neonlint.discover_listing import inside, outside
from neonlint.ir.findings import Skip, SkipReason

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_OWNER_ONLY = 0o600


class Writing(NamedTuple):
    """A file to write: its path relative to the root, the bytes that it holds (None: there is none) and is to hold, and
    whether it is for its owner alone."""

    path: str
    old: bytes | None
    new: bytes
    private: bool = False


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
    return write_together(root, [Writing(path, old, new)])


def create_file(root: Path, path: str, data: bytes) -> Skip | None:
    """Make the file `path` (relative to `root`) with these bytes, and the directories above it, or say why not.

    Nothing is ever overwritten, and no link is followed out of the root.
    """
    return write_together(root, [Writing(path, None, data)])


def write_together(root: Path, files: Sequence[Writing]) -> Skip | None:
    """Write all of these files or none, each as `create_file` and `replace_file` do; says which could not be written.

    Everything that can fail for want of space or permission is done before the first file is put in its place. If one
    fails after that, those before it are taken away or get their old bytes back, and new directories go, too.
    """
    path, stuck = "", list[str]()
    try:
        with _signals_held(), ExitStack() as undo, ExitStack() as prepared:
            steps = []
            for file in files:
                path = file.path
                if not _untouched(root, file):
                    steps.append((path, prepared.enter_context(_prepared(root, file, undo))))
            for path, step in steps:
                step.do()
                undo.callback(_take_back, path, step, stuck)
            undo.pop_all()
    except _RefusalError as refusal:
        reason, detail = refusal.reason, refusal.detail
    except FileExistsError:
        reason, detail = "changed", "not written: there is a file of this name"
    except OSError as error:
        reason, detail = "not-written", f"not written: {(error.strerror or type(error).__name__).lower()}"
    else:
        return None
    return Skip(path, reason, "; ".join([detail, *_left(files, stuck)]))


def _left(files: Sequence[Writing], stuck: Sequence[str]) -> Iterator[str]:
    """How the other files are after one could not be written."""
    for path in stuck:
        yield f"{path} was written before and could not be taken back"
    if len(files) > 1 and not stuck:
        yield "none of the files was written"


class _Step(NamedTuple):
    """What gives a prepared file its place, and what takes that back."""

    do: Callable[[], None]
    undo: Callable[[], None]


def _untouched(root: Path, file: Writing) -> bool:
    """Whether it holds its bytes already, and others cannot read it if they should not."""
    return file.old == file.new and not (file.private and (root / file.path).stat().st_mode & 0o077)


def _take_back(path: str, step: _Step, stuck: list[str]) -> None:
    try:
        step.undo()
    except (_RefusalError, OSError):
        stuck.append(path)


@contextmanager
def _prepared(root: Path, file: Writing, undo: ExitStack) -> Iterator[_Step]:
    """Everything up to the last step; what only the last step needs is gone at the end."""
    target = _target(root, file.path)
    if target is None:
        skip = outside(file.path)
        raise _RefusalError(skip.reason, skip.detail)
    if file.old is not None:
        with _replacing(target, file.old, file.new, file.private) as step:
            yield step
        return
    if os.path.lexists(root / file.path):  # a link to nothing is something, too
        raise FileExistsError(file.path)
    with _creating(target, file.new, file.private, undo) as step:
        yield step


@contextmanager
def _creating(target: str, data: bytes, private: bool, undo: ExitStack) -> Iterator[_Step]:
    directory, _ = os.path.split(target)
    _make_directories(directory, undo)
    with _temporary(directory, data, _OWNER_ONLY if private else 0o666) as temporary:
        facts = os.stat(temporary)  # noqa: PTH116
        yield _Step(lambda: _place(temporary, target), lambda: _take_away(target, facts, data))


@contextmanager
def _replacing(target: str, old: bytes, new: bytes, private: bool = False) -> Iterator[_Step]:
    directory, _ = os.path.split(target)
    with _locked(target) as facts:
        _refuse(target, facts)
        _compare(target, facts, old)
        with _temporary(directory, new, _OWNER_ONLY) as temporary:
            _copy_attributes(target, temporary, facts)
            if private:
                os.chmod(temporary, stat.S_IMODE(facts.st_mode) & 0o700)  # noqa: PTH101
            yield _Step(lambda: _replace(temporary, target, facts, old), lambda: _put_back(target, facts, new, old))


@contextmanager
def _temporary(directory: str, data: bytes, mode: int) -> Iterator[str]:
    """A file beside the one that is written, with its bytes on the disk; removed unless it was moved."""
    temporary = os.path.join(directory, f".neonlint-{os.urandom(8).hex()}.tmp")  # noqa: PTH118
    descriptor = os.open(temporary, _CREATE | _NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108


def _make_directories(directory: str, undo: ExitStack) -> None:
    """Make the directories that are missing on the way; those that are empty go again where the run fails."""
    above, _ = os.path.split(directory)
    if os.path.isdir(directory):  # noqa: PTH112
        return
    _make_directories(above, undo)
    with suppress(FileExistsError):  # somebody else made it just now, or it is a file: opening one below it will tell
        os.mkdir(directory)  # noqa: PTH102
        undo.callback(_remove_directory, directory)


def _remove_directory(directory: str) -> None:
    with suppress(OSError):  # it is not empty: somebody else uses it, too
        os.rmdir(directory)  # noqa: PTH106


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
    _sync_directory(target)


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


def _replace(temporary: str, target: str, facts: os.stat_result, old: bytes) -> None:
    _compare(target, facts, old)
    os.replace(temporary, target)  # noqa: PTH105
    _sync_directory(target)


def _put_back(target: str, facts: os.stat_result, new: bytes, old: bytes) -> None:
    """Replace the new file by what was there, with the mode and the time of that."""
    with _replacing(target, new, old) as step:
        step.do()
    os.chmod(target, stat.S_IMODE(facts.st_mode))  # noqa: PTH101
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def _take_away(target: str, facts: os.stat_result, data: bytes) -> None:
    """Remove a file that was made, if it is still the one."""
    _compare(target, facts, data)
    os.unlink(target)  # noqa: PTH108


def _refuse(target: str, facts: os.stat_result) -> None:
    """Files that a rename would turn into something else."""
    if not stat.S_ISREG(facts.st_mode):
        raise _RefusalError("not-written", "not written: not a regular file")
    if facts.st_nlink > 1:
        raise _RefusalError("not-written", f"not written: the file has {facts.st_nlink} names (hard links)")
    if not facts.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise _RefusalError("not-written", "not written: the file is read-only")


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


def _sync_directory(target: str) -> None:
    """Make a file's new name last through a power failure; not every system lets a directory be opened."""
    directory, _ = os.path.split(target)
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
