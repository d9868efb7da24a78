"""What an editor needs to know of a text: positions in its own units, and small changes between two texts.

Lines end with LF, CR LF or CR, as the protocol says; rows and columns are 0-based.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r")
_TOKEN = re.compile(r"\w+|\r\n|.", re.DOTALL)
#: Bytes of one code unit, by the protocol's names; UTF-16 and UTF-32 without a mark.
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Spot(NamedTuple):
    """A row, and a column in the client's units."""

    row: int
    column: int


class Splice(NamedTuple):
    """Characters `start` to `end` (exclusive) become `new`."""

    start: int
    end: int
    new: str


class Lines:
    """Positions in one text, in the encoding that was agreed on with the client (`utf-8`, `utf-16`, `utf-32`)."""

    __slots__ = ("_data", "_starts", "_text", "_units")

    def __init__(self, text: str, encoding: str) -> None:
        self._text = text
        self._data = text.encode("utf-8", "replace")
        self._units = _UNITS[encoding]
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def of_byte(self, offset: int) -> Spot:
        """The position of a byte of the text in UTF-8."""
        return self.of_character(len(self._data[:offset].decode("utf-8", "ignore")))

    def of_character(self, offset: int) -> Spot:
        """The position of a character."""
        row = bisect_right(self._starts, offset) - 1
        codec, size = self._units
        return Spot(row, len(self._text[self._starts[row] : offset].encode(codec, "replace")) // size)


def splices(old: str, new: str) -> Iterator[Splice]:
    """The changes from `old` to `new`, word by word: what stays, a password above all, is in none of them."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    at = 0
    for kind, start, end, to, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        removed = "".join(before[start:end])
        if kind != "equal":
            yield from _words(at, removed, "".join(after[to:until]))
        at += len(removed)


def _words(at: int, old: str, new: str) -> Iterator[Splice]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    for kind, start, end, to, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        length = sum(map(len, before[start:end]))
        if kind != "equal":
            yield Splice(at, at + length, "".join(after[to:until]))
        at += length
