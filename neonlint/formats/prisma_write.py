"""Writing Prisma schemas: lines of blocks, their equals signs in one column as `prisma format` puts them. Knows no
Postgres.

A block whose equals signs stand where `prisma format` would put them keeps that: when its longest key comes or goes,
the others move. Elsewhere no blank changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from neonlint.edits import Code, DropEntry, Edit, Literal, Op, SetEntry
from neonlint.errors import Refused
from neonlint.formats import prisma
from neonlint.formats.base import Format
from neonlint.formats.confirm import spelled
from neonlint.formats.holes import IN_BRACES
from neonlint.formats.lines import line_end, line_start, newline_at, next_line
from neonlint.formats.prisma import encode
from neonlint.formats.writing import Pairs, Writer, no_code, rendered
from neonlint.ir.source import Document, Entry, Items, Scalar, Span, Table, Value
from neonlint.regex import regex

_LOOK_UP = regex(r'env\("[A-Za-z_]\w*"\)', 256)  # re.ASCII
_KEY = regex(r"[A-Za-z]\w*", 256)
_INDENT = b"  "


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused`."""
    blocks = _Blocks(ops)
    return rendered(cast(Format, prisma), Writer(_put, blocks.add, blocks.drop), document, ops)


def _put(_document: Document, value: Value, new: Literal) -> list[Edit]:
    inside = isinstance(value, Scalar) and value.slot and value.slot.style.endswith(IN_BRACES)
    if isinstance(value, (Table, Items)) or inside:
        raise Refused("this value cannot be replaced as a whole")
    return [Edit(value.span.start, value.span.end, _written(new))]


def _written(new: Literal) -> bytes:
    if isinstance(new, Code):
        if not _LOOK_UP.fullmatch(new.text):
            raise Refused("a Prisma schema cannot hold code")
        return new.text.encode()
    value = no_code(new)
    if value is None:
        raise Refused("a Prisma schema has no empty value")
    if not isinstance(value, str):
        return spelled(value).encode()
    text = encode("double", value)
    if text is None:
        raise Refused("a Prisma string cannot hold this text")
    return b'"' + text + b'"'


class _Blocks:
    """The lines of the blocks that `ops` change, and the width of their keys once all is done."""

    def __init__(self, ops: Sequence[Op]) -> None:
        self.dropped = {id(op.entry) for op in ops if isinstance(op, DropEntry)}
        self.new: dict[int, list[str]] = {}
        for op in ops:
            if isinstance(op, SetEntry) and op.table.entry(op.key) is None:
                self.new.setdefault(id(op.table), []).append(op.key)

    def add(self, document: Document, table: Table, after: Entry | None, pairs: Pairs) -> list[Edit]:
        data, newline = document.data, newline_at(document.data, table.span.start)
        near = after or (table.entries[-1] if table.entries else None)
        _refuse_unusual(data, table)
        indent = _indent(data, table, near)
        lines = []
        for key, new in pairs:
            if not _KEY.fullmatch(key):
                raise Refused("this key cannot be written in a Prisma schema")
            lines.append(indent + key.encode() + self._equals(document, table, near, key) + _written(new))
        at = next_line(data, near.span.end) if near else next_line(data, data.index(b"{", table.span.start))
        text = b"".join(line + newline for line in lines)
        return [Edit(at, at, text), *self._aligned(document, table)]

    def drop(self, document: Document, table: Table, entries: Sequence[Entry]) -> list[Edit]:
        if any(isinstance(entry.value, Table) for entry in entries):
            raise Refused("a whole block is not removed")
        _refuse_unusual(document.data, table)
        return [*(_dropped(document.data, entry.span) for entry in entries), *self._aligned(document, table)]

    def _equals(self, document: Document, table: Table, near: Entry | None, key: str) -> bytes:
        """The blanks and the equals sign behind a new key: in the column of its block, or of its neighbour."""
        width = self._width(document, table)
        if width is None:
            width = len(near.key) + max(0, _between(document.data, near).find(b"=")) if near else 0
        return b" " * max(1, width - len(key)) + b"= "

    def _width(self, document: Document, table: Table) -> int | None:
        """The column (from the start of the keys) at which a block's equals signs are to stand; None where they do
        not stand in one column now."""
        longest = max((len(entry.key) for entry in table.entries), default=0)
        for entry in table.entries:
            if _between(document.data, entry) != b" " * (longest + 1 - len(entry.key)) + b"= ":
                return None
        kept = [entry.key for entry in table.entries if id(entry) not in self.dropped]
        return max((len(key) for key in (*kept, *self.new.get(id(table), ()))), default=0) + 1

    def _aligned(self, document: Document, table: Table) -> Iterator[Edit]:
        width = self._width(document, table)
        if width is None:
            return
        for entry in table.entries:
            if id(entry) not in self.dropped:
                at, blanks = entry.key_span.end, _between(document.data, entry).index(b"=")
                if blanks != width - len(entry.key):
                    yield Edit(at, at + blanks, b" " * (width - len(entry.key)))


def _between(data: bytes, entry: Entry) -> bytes:
    """What stands between a key and its value: the equals sign with its blanks, or nothing where a comment does too."""
    between = data[entry.key_span.end : entry.value.span.start]
    return between if between.strip(b" \t") == b"=" else b""


def _refuse_unusual(data: bytes, table: Table) -> None:
    """Raises `Refused` for a table that is no block, and for one whose lines are not its own."""
    if not table.name:
        raise Refused("a new block is not written")
    rows = [line_start(data, entry.span.start) for entry in table.entries]
    braces = line_start(data, table.span.start), line_start(data, table.span.end - 1)
    if len({*rows, *braces}) != len(rows) + 2 or data[table.span.end - 1 : table.span.end] != b"}":
        raise Refused("the lines of this block are shared")


def _indent(data: bytes, table: Table, near: Entry | None) -> bytes:
    if near is not None:
        return data[line_start(data, near.span.start) : near.span.start]
    return data[line_start(data, table.span.start) : table.span.start] + _INDENT


def _dropped(data: bytes, span: Span) -> Edit:
    rest = data[span.end : line_end(data, span.end)].strip()
    if data[line_start(data, span.start) : span.start].strip() or not (not rest or rest.startswith(b"//")):
        raise Refused("other text stands on the same line")
    if rest:
        # A comment behind the value stays.
        return Edit(span.start, data.index(b"//", span.end), b"")
    return Edit(line_start(data, span.start), next_line(data, span.end), b"")
