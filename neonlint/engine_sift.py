"""Looks through many files with a second processor: which of them say nothing, so that nobody need look again.

The other process is a copy of this one (`fork`), so nothing is started or imported for it. It begins at the end of the
list while this one begins at its start, looks for words in the files, and says block by block through a pipe which it
would pass over; they meet somewhere. It parses nothing, and no byte of a file goes through the pipe.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from neonlint.ir.findings import Skip

_T = TypeVar("_T")
_BLOCK = 200
#: The bytes that say how long a block's message is.
_LENGTH = 4


class Sifted(NamedTuple):
    """What became of a block of files, by position in the whole list: those that say nothing, and those that were not
    read, each with why (None: it is left out without a word)."""

    silent: frozenset[int]
    skipped: dict[int, Skip | None]


class Sifting:
    """A look at files that is under way beside us."""

    def __init__(self, child: int, pipe: int) -> None:
        self._child, self._pipe = child, pipe
        self._said = b""
        self._blocks: dict[int, Sifted] = {}

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
        os.set_blocking(reading, False)
        return cls(child, reading)

    def of(self, position: int) -> Sifted | None:
        """What was said about the block of the file at this position; None if nothing was said yet."""
        block = position // _BLOCK
        if block not in self._blocks and position % _BLOCK == 0:
            self._listen()
        return self._blocks.get(block)

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while more := os.read(self._pipe, 1 << 16):
                self._said += more
        while len(self._said) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._said[:_LENGTH])
            if len(self._said) < end:
                break
            block, silent, skipped = pickle.loads(self._said[_LENGTH:end])  # noqa: S301 -- our own copy wrote it
            self._blocks[block] = Sifted(frozenset(silent), skipped)
            self._said = self._said[end:]

    def end(self) -> None:
        """End the other process; what it has not said yet is no longer wanted."""
        os.close(self._pipe)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)


def _work(files: Sequence[_T], look: Callable[[_T], Skip | bool | None], writing: int) -> None:
    """The other process: it never returns, and leaves nothing of this one's to flush."""
    try:
        for block in reversed(range((len(files) + _BLOCK - 1) // _BLOCK)):
            silent: list[int] = []
            skipped: dict[int, Skip | None] = {}
            for position in range(block * _BLOCK, min((block + 1) * _BLOCK, len(files))):
                seen = look(files[position])
                if seen is False:
                    silent.append(position)
                elif seen is not True:
                    skipped[position] = seen
            message = pickle.dumps((block, silent, skipped))
            left = memoryview(len(message).to_bytes(_LENGTH) + message)
            while left:
                left = left[os.write(writing, left) :]
    finally:
        os._exit(0)
