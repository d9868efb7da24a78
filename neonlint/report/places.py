"""Byte offsets of one file as rows and columns: 1-based, columns in code points. Knows no secret."""

from __future__ import annotations

import re
from bisect import bisect_right

_NEWLINE = re.compile(rb"\r\n?|\n")
_MARK = b"\xef\xbb\xbf"


class Places:
    """The lines of one file's bytes. A byte order mark belongs to no column."""

    __slots__ = ("_ends", "_starts", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        ends = [(found.start(), found.end()) for found in _NEWLINE.finditer(data)]
        self._starts = [len(_MARK) if data.startswith(_MARK) else 0, *(end for _, end in ends)]
        self._ends = [*(start for start, _ in ends), len(data)]

    def row(self, offset: int) -> int:
        """The row of a byte."""
        return max(1, bisect_right(self._starts, offset))

    def at(self, offset: int) -> tuple[int, int]:
        """Row and column of a byte."""
        row = self.row(offset)
        start = self._starts[row - 1]
        return row, len(self.data[start : max(start, offset)].decode("utf-8", "replace")) + 1

    def bytes_at(self, offset: int) -> tuple[int, int]:
        """Row and column of a byte, the column in bytes."""
        row = self.row(offset)
        return row, max(0, offset - self._starts[row - 1]) + 1

    def line(self, row: int) -> tuple[int, int]:
        """The bytes of a row, without its line ending."""
        return self._starts[row - 1], self._ends[row - 1]
