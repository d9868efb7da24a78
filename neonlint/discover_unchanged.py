"""Which files of the work tree git knows to be as in its index, by what it noted of them: size, times, inode.

git itself is not asked to compare: where its notes are not enough it runs the filters that a repository configures.
"""

from __future__ import annotations

import os
from collections.abc import Collection

from neonlint import discover_git

_NOTED = ("ls-files", "-z", "--stage", "--debug", "--full-name")
#: What stands between the notes of two files. After it comes the first's flags, 0 for all but odd ones.
_BETWEEN, _USUAL = "\tflags: ", "0\n"
_32_BITS = (1 << 32) - 1
_NANOSECONDS = 10**9


class Notes:
    """What git noted of the files below `place` when they were last as in its index (`index`, or its own).

    The form of notes is meant for people, so it is not taken apart: what git must have noted of an untouched file is
    looked for. Where it is not there, nothing is known. Raises OSError, SubprocessError.
    """

    def __init__(self, place: str, index: str | None = None) -> None:
        self._place = place
        self._written = os.stat(index or _index(place)).st_mtime_ns  # noqa: PTH116
        self._noted: Collection[str] = ()
        self._git = discover_git.start(place, _NOTED, index=index)

    def take(self) -> None:
        """Wait for git, which has been at it since this was made."""
        self._noted = frozenset(f"{_USUAL}{os.fsdecode(discover_git.said(self._git))}".split(_BETWEEN))

    def vouch_for(self, path: str, mode: str, name: str) -> bool:
        """Whether the file at `path` (relative to `place`) certainly is the object `name`. One that is as young as the
        index may have been changed since git looked at it."""
        try:
            facts = os.lstat(f"{self._place}/{path}")
        except OSError:
            return False
        return facts.st_mtime_ns < self._written and f"{_USUAL}{mode} {name} 0\t{path}\0{_note(facts)}" in self._noted


def _note(facts: os.stat_result) -> str:
    """What git notes of a file, sizes and numbers modulo 2³² (git 1.7.3 to 2.52)."""
    changed, written = facts.st_ctime_ns, facts.st_mtime_ns
    return (
        f"  ctime: {changed // _NANOSECONDS}:{changed % _NANOSECONDS}\n"
        f"  mtime: {written // _NANOSECONDS}:{written % _NANOSECONDS}\n"
        f"  dev: {facts.st_dev & _32_BITS}\tino: {facts.st_ino & _32_BITS}\n"
        f"  uid: {facts.st_uid}\tgid: {facts.st_gid}\n  size: {facts.st_size & _32_BITS}"
    )


def _index(place: str) -> str:
    usual = os.path.join(place, ".git")  # noqa: PTH118 -- as below
    if os.path.isdir(usual):  # noqa: PTH112
        return os.path.join(usual, "index")  # noqa: PTH118
    said = discover_git.said(discover_git.start(place, ("rev-parse", "--git-path", "index")))
    return os.path.join(place, os.fsdecode(said).removesuffix("\n"))  # noqa: PTH118 -- relative to `place`
