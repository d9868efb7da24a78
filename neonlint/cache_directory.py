"""The directory of a cache: whether it is ours, its marks, and the files in it, each replaced whole.

It is ours if it is no link, belongs to this user, is writable by nobody else, is marked as a cache or empty, and is not
tracked by git: what a repository delivers is not ours. Files are opened below the very directory that was looked at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: How the names of all files begin but those of the marks.
PREFIX = "silent-"
#: What marks a directory as a cache for programs that make backups (https://bford.info/cachedir/).
_TAG, _SIGNATURE = "CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55"
_MARKS = {
    ".gitignore": b"*\n",
    _TAG: _SIGNATURE + b"\n# A cache of neonlint: names and times of files, nothing of what is in them.\n",
}
#: So many caches are kept, for versions and settings that take turns.
_KEPT = 4
_MOST_BYTES = 1 << 26
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class NotOurs(OSError):
    """A directory that is not to be used; its text says why."""


def read(folder: str, root: str, name: str) -> bytes:
    """The bytes of a file of the cache `folder` of the project at `root`. Raises OSError."""
    with _opened(folder, root) as handle:
        return _content(handle, name)


def write(folder: str, root: str, name: str, data: bytes) -> None:
    """Put a file in place, whole or not at all, in a directory that is made if there is none. Raises OSError."""
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    with _opened(folder, root) as handle:
        for mark, text in _MARKS.items():
            with suppress(FileExistsError):
                _create(handle, mark, text)
        _replace(handle, name, data)
        _tidy(handle)


def remove(folder: str, root: str) -> tuple[list[str], list[str]]:
    """Remove a cache: the names of the files that were, and of those that are not ours and stay. Raises OSError."""
    with _opened(folder, root) as handle:
        ours = [name for name in _names(handle) if name in _MARKS or name.startswith(PREFIX)]
        for name in ours:
            os.unlink(name, dir_fd=handle)
        left = _names(handle)
    if not left:
        Path(folder).rmdir()
    return ours, left


def refusal(folder: str, root: str) -> str | None:
    """Why a directory cannot be the cache of the project at `root`; None if it can, or is not there."""
    try:
        with _opened(folder, root):
            return None
    except FileNotFoundError:
        return None
    except OSError as error:
        return why(error)


def why(error: OSError) -> str:
    """What an error of this module says to a user."""
    return str(error) if isinstance(error, NotOurs) else (error.strerror or type(error).__name__).lower()


@contextmanager
def _opened(folder: str, root: str) -> Iterator[int]:
    """A descriptor of the directory. Raises NotOurs, or OSError if it cannot be had."""
    if Path(folder).is_symlink():
        raise NotOurs("is a symbolic link")
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
    try:
        facts = os.fstat(handle)
        if facts.st_uid != os.geteuid() or facts.st_mode & _OTHERS_MAY_WRITE:
            raise NotOurs("belongs to another user, or others may write to it")
        names = _names(handle)
        if not _MARKS.keys() >= set(names) and not _marked(handle):
            raise NotOurs("is not empty, and no cache")
        if names and _tracked(folder, root):
            raise NotOurs("is tracked by git")
        yield handle
    finally:
        os.close(handle)


def _names(folder: int) -> list[str]:
    return sorted(os.listdir(folder))


def _marked(folder: int) -> bool:
    try:
        return _content(folder, _TAG).startswith(_SIGNATURE)
    except OSError:
        return False


def _tracked(folder: str, root: str) -> bool:
    from neonlint.discover_git import status  # noqa: PLC0415 -- only where there is a cache
    from neonlint.discover_listing import inside, relative  # noqa: PLC0415

    return inside(folder, root) and bool(status([relative(folder, root)], root)[0])


def _content(folder: int, name: str) -> bytes:
    handle = os.open(name, os.O_RDONLY | _FLAGS, dir_fd=folder)
    with open(handle, "rb") as file:  # noqa: PTH123 -- it is open
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_size > _MOST_BYTES:
            raise NotOurs(f"{name} is not what neonlint writes")
        return file.read()


def _create(folder: int, name: str, data: bytes) -> None:
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600, dir_fd=folder)
    with open(handle, "wb") as file:  # noqa: PTH123 -- it is open
        file.write(data)


def _replace(folder: int, name: str, data: bytes) -> None:
    draft = f"{name}.{os.getpid()}"
    with suppress(FileNotFoundError):
        os.unlink(draft, dir_fd=folder)  # of a process of that number that died
    try:
        _create(folder, draft, data)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise


def _tidy(folder: int) -> None:
    """Remove all but the newest files."""
    found = [name for name in _names(folder) if name.startswith(PREFIX)]
    found.sort(key=lambda name: os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns)
    for name in found[:-_KEPT]:
        os.unlink(name, dir_fd=folder)
