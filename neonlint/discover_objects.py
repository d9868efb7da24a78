"""Files as git keeps them: the bytes of one after the other, and whether a file of the work tree is the same."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import weakref

from neonlint import discover_git
from neonlint.discover import refuse, too_large
from neonlint.ir.findings import Skip

_BATCH = ("cat-file", "--batch")
_SHA1_DIGITS = 40
_MISSING = "git does not have its content here, as in a partial or damaged clone"


def name_of(data: bytes, like: str, kind: str = "blob") -> str:
    """The name that git gives an object (a file) of these bytes, by the hash that made the name `like`."""
    digest = hashlib.sha1(usedforsecurity=False) if len(like) == _SHA1_DIGITS else hashlib.sha256()
    digest.update(b"%b %d\0" % (kind.encode("ascii"), len(data)))
    digest.update(data)
    return digest.hexdigest()


class Objects:
    """The objects of the repository of directory `place`. No filter, text conversion or replacement is applied."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._owner = 0
        self._git: subprocess.Popen[bytes] | None = None

    def read(self, name: str, path: str, limit: int) -> bytes | Skip:
        """The bytes of the object `name`, which is the file `path`, or why they are not read. One that is larger than
        `limit` bytes is not even read in part."""
        try:
            size = self._ask(name)
            if size is None:
                return Skip(path, "unreadable", _MISSING)
            if size > limit:
                self.close()
                return too_large(path, size, limit)
            data = self._take(size)
        except (OSError, ValueError):  # in a partial clone git may end, as it may not fetch
            self.close()
            return Skip(path, "unreadable", _MISSING)
        return refuse(data, path, limit) or data

    def close(self) -> None:
        """End git, if this process started it."""
        if self._git is not None and self._owner == os.getpid():
            _end(self._git)
        self._git = None

    def _ask(self, name: str) -> int | None:
        """The size of an object whose bytes git is about to give; None where it has none."""
        git = self._started()
        assert git.stdin and git.stdout
        git.stdin.write(name.encode("ascii") + b"\n")
        git.stdin.flush()
        words = git.stdout.readline().split()
        if not words:
            raise BrokenPipeError
        return int(words[2]) if words[1:2] == [b"blob"] else None

    def _take(self, size: int) -> bytes:
        git = self._started()
        assert git.stdout
        data = git.stdout.read(size + 1)  # git ends each object with a line feed
        if len(data) <= size:
            raise BrokenPipeError
        return data[:-1]

    def _started(self) -> subprocess.Popen[bytes]:
        """Git, waiting for names. A copy of this process (`engine_sift`) has one of its own."""
        if self._git is None or self._owner != os.getpid():
            self._owner = os.getpid()
            self._git = discover_git.start(self._place, _BATCH, subprocess.PIPE)
            weakref.finalize(self, _end, self._git)
        return self._git


def _end(git: subprocess.Popen[bytes]) -> None:
    if git.returncode is None:
        git.kill()
        git.wait()
    for pipe in (git.stdout, git.stdin):
        if pipe is not None:
            with contextlib.suppress(OSError):  # a name that git did not take
                pipe.close()
