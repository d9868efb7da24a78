"""Bytes to characters and back: decoding, byte offsets, rows, newline styles, escapes. Knows no file format.

"Character offsets" count characters of `Source.text`, which never holds the byte order mark; every `Span` is in bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from neonlint.errors import ParseFailure
from neonlint.ir.source import Comment, Span
from neonlint.records import dataclass, field, replace

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Written:
    """Decoded characters, each with the bytes it was written in; what a `Slot` is made of."""

    text: str = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)

    def part(self, start: int, end: int) -> Written:
        """The characters `start` to `end` (exclusive)."""
        return Written(self.text[start:end], self.starts[start:end], self.ends[start:end])

    def gap(self, index: int, default: int) -> int:
        """The byte where a character would be inserted in front of character `index`; `default` for an empty text."""
        if index < len(self.starts):
            return self.starts[index]
        return self.ends[-1] if self.ends else default

    def span(self, start: int, end: int) -> Span:
        """The bytes of the characters `start` to `end` (exclusive), which must not be empty."""
        return Span(self.starts[start], self.ends[end - 1])


@dataclass(frozen=True, slots=True)
class Source:
    """A decoded file. `offsets[i]` is the byte offset of character i; there is one more for the end of the file."""

    text: str = field(repr=False)
    offsets: Sequence[int] = field(repr=False)
    line_starts: Sequence[int] = field(repr=False)

    def span(self, start: int, end: int) -> Span:
        """The bytes of the characters `start` to `end` (exclusive)."""
        return Span(self.offsets[start], self.offsets[end])

    def character(self, byte: int) -> int:
        """The character whose first byte is `byte`, which must be the first byte of one (or the end of the file)."""
        if isinstance(self.offsets, range):
            return byte - self.offsets[0]
        return bisect_left(self.offsets, byte)

    def row(self, at: int) -> int:
        """The 1-based row of the character at `at`; only a line feed ends a row, as in reports."""
        return bisect_right(self.line_starts, at)

    def placed(self, comments: Iterable[Comment]) -> Iterator[Comment]:
        """Comments of shell text in this file, with their rows in the file; none that a continued line goes on with."""
        for comment in comments:
            row = self.row(self.character(comment.span.start))
            if row == self.row(self.character(comment.span.end)):
                yield replace(comment, row=row)

    def verbatim(self, start: int, end: int) -> Written:
        """The characters `start` to `end` (exclusive) as they stand, without any escapes."""
        return Written(self.text[start:end], self.offsets[start:end], self.offsets[start + 1 : end + 1])

    def unescaped(
        self, start: int, end: int, pattern: re.Pattern[str], meaning: Callable[[re.Match[str]], str]
    ) -> Written:
        """The characters `start` to `end` with every match of `pattern` replaced by its `meaning`.

        A meaning of one character stands for all bytes of the match; one equal to the match stands for itself.
        """
        found = list(pattern.finditer(self.text, start, end))
        if not found:
            return self.verbatim(start, end)
        pieces: list[Written] = []
        for match in found:
            pieces += [self.verbatim(start, match.start()), self._meant(match, meaning(match))]
            start = match.end()
        return joined([*pieces, self.verbatim(start, end)])

    def _meant(self, match: re.Match[str], meaning: str) -> Written:
        if meaning == match[0]:
            return self.verbatim(match.start(), match.end())
        where = self.span(match.start(), match.end())
        return Written(meaning, [where.start] * len(meaning), [where.end] * len(meaning))


def joined(pieces: Sequence[Written]) -> Written:
    """Several stretches of characters as one."""
    starts = [start for piece in pieces for start in piece.starts]
    ends = [end for piece in pieces for end in piece.ends]
    return Written("".join(piece.text for piece in pieces), starts, ends)


def decode(data: bytes) -> Source:
    """The text of a UTF-8 file; raises `ParseFailure` for any other encoding."""
    if data.startswith(_UTF16):
        raise ParseFailure("UTF-16 text is not supported")
    base = len(_BOM) if data.startswith(_BOM) else 0
    try:
        text = data[base:].decode()
    except UnicodeDecodeError as error:
        at = base + error.start
        # The cause is dropped because its text and its `object` hold bytes of the file.
        raise ParseFailure(f"not valid UTF-8 at byte {at}", data.count(b"\n", 0, at) + 1) from None
    return Source(text, _offsets(text, base), _line_starts(text))


def _offsets(text: str, base: int) -> Sequence[int]:
    if text.isascii():
        return range(base, base + len(text) + 1)
    return list(accumulate(map(_width, text), initial=base))


def _width(char: str) -> int:
    if char < "\x80":
        return 1
    if char < "\u0800":
        return 2
    return 3 if char < "\U00010000" else 4


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def newline_at(data: bytes, at: int) -> bytes:
    """The newline that ends the line of byte `at`; for the last line the one before it; `\\n` for a single line."""
    found = data.find(b"\n", at)
    if found < 0:
        found = data.rfind(b"\n", 0, at)
    return b"\r\n" if found > 0 and data[found - 1 : found] == b"\r" else b"\n"


def line_start(data: bytes, at: int) -> int:
    """The byte where the line of byte `at` begins, behind a byte order mark."""
    found = data.rfind(b"\n", 0, at)
    return found + 1 if found >= 0 else content_start(data)


def line_end(data: bytes, at: int) -> int:
    """The byte where the line of byte `at` ends, in front of its newline."""
    found = data.find(b"\n", at)
    if found < 0:
        return len(data)
    return found - 1 if found > at and data[found - 1 : found] == b"\r" else found


def next_line(data: bytes, at: int) -> int:
    """The byte where the line behind that of byte `at` begins; the end of the file where there is none."""
    found = data.find(b"\n", at)
    return found + 1 if found >= 0 else len(data)


def content_start(data: bytes) -> int:
    """The byte behind the byte order mark."""
    return len(_BOM) if data.startswith(_BOM) else 0
