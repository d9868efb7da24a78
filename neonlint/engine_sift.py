"""Looks through many files with a second processor: which of them say nothing, so that nobody need look again.

The other process is a copy of this one (`fork`), so nothing is started or imported for it; it reads files, looks for
words in them, and says through a pipe which it would pass over. It parses nothing, and no byte of a file goes through
the pipe.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from neonlint.ir.findings import Skip

_T = TypeVar("_T")


class Sifted(NamedTuple):
    """What became of some files: by position, those that say nothing, and those that were not read, with the reason."""

    silent: frozenset[int]
    skipped: dict[int, Skip | None]


class Sifting:
    """A look at some files that is under way beside us."""

    def __init__(self, child: int, pipe: int) -> None:
        self._child, self._pipe = child, pipe

    @classmethod
    def start(cls, files: Sequence[_T], look: Callable[[_T], Skip | bool | None]) -> Sifting | None:
        """Have `look` at each of `files`: a `Skip` for one that cannot be read, None for one left out without a word,
        else whether it may say something. None where this system cannot, or has no second processor."""
        if not sys.platform.startswith("linux") or (os.cpu_count() or 1) < 2:
            return None
        reading, writing = os.pipe()
        try:
            child = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            return None
        if child == 0:
            _work(files, look, writing)
        os.close(writing)
        return cls(child, reading)

    def result(self) -> Sifted | None:
        """What it found; None where it failed, and then the files are to be looked at here."""
        with os.fdopen(self._pipe, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(self._child, 0)
        if status != 0:
            return None
        silent, skipped = pickle.loads(said)  # noqa: S301 -- what our own copy wrote
        return Sifted(frozenset(silent), skipped)


def _work(files: Sequence[_T], look: Callable[[_T], Skip | bool | None], writing: int) -> None:
    """The other process: it never returns, and leaves nothing of this one's to flush."""
    status = 1
    try:
        silent: list[int] = []
        skipped: dict[int, Skip | None] = {}
        for position, file in enumerate(files):
            seen = look(file)
            if seen is False:
                silent.append(position)
            elif seen is not True:
                skipped[position] = seen
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump((silent, skipped), pipe)
        status = 0
    finally:
        os._exit(status)
