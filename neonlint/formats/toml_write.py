"""Writing TOML: values, keys of sections, members of inline tables. Knows layouts, no Postgres."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from neonlint.edits import Edit, Literal, Op
from neonlint.errors import Refused
from neonlint.formats import toml as toml_format
from neonlint.formats.base import Format
from neonlint.formats.confirm import spelled
from neonlint.formats.holes import IN_BRACES
from neonlint.formats.lines import content_start, line_end, line_start, newline_at, next_line
from neonlint.formats.separated import Listing
from neonlint.formats.toml import encode
from neonlint.formats.writing import Pairs, Writer, no_code, rendered
from neonlint.ir.source import Document, Entry, Items, Scalar, Span, Table, Value


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused`."""
    return rendered(cast(Format, toml_format), _WRITER, document, ops)


def _style(value: Value) -> str:
    return value.slot.style if isinstance(value, Scalar) and value.slot else "basic"


def _put(_document: Document, value: Value, new: Literal) -> list[Edit]:
    style = _style(value)
    if isinstance(value, (Table, Items)) or style.endswith(IN_BRACES):
        raise Refused("this value cannot be replaced as a whole")
    return [Edit(value.span.start, value.span.end, _written(new, style))]


def _written(new: Literal, style: str) -> bytes:
    """The whole value; a string keeps to literal quotes where these can hold it."""
    value = no_code(new)
    if value is None:
        raise Refused("TOML has no empty value")
    if not isinstance(value, str):
        return spelled(value).encode()
    text = encode("literal", value) if style.endswith("literal") else None
    if text is not None:
        return b"'" + text + b"'"
    text = encode("basic", value)
    if text is None:
        raise Refused("a TOML string cannot hold this text")
    return b'"' + text + b'"'


def _key(key: str) -> bytes:
    return key.encode() if re.fullmatch(r"[A-Za-z0-9_\-]+", key) else _written(key, "basic")


def _pairs_of(table: Table) -> list[Entry]:
    """The entries that are written as `key = value` in the table's own place, not under a header of their own."""
    inside = (entry for entry in table.entries if entry.span.start >= table.span.start)
    return [entry for entry in inside if not _has_header(entry)]


def _has_header(entry: Entry) -> bool:
    # The key of a header lies in the span of a section, in front of which the bracket stands.
    return entry.key_span.start != entry.span.start


def _is_inline(document: Document, table: Table) -> bool:
    return document.data[table.span.start : table.span.start + 1] == b"{"


def _listing(document: Document, table: Table) -> Listing:
    span = table.span
    children = sorted({entry.span for entry in table.entries})
    return Listing(document.data, children, Span(span.start + 1, span.end - 1))


def _add(document: Document, table: Table, after: Entry | None, pairs: Pairs) -> list[Edit]:
    near = after or next(reversed(_pairs_of(table)), None)
    between = _between(document, near) if near else b" = "
    style = _style(near.value) if near else "basic"
    items = [_key(key) + between + _written(new, style) for key, new in pairs]
    if _is_inline(document, table):
        return _inline(document, table, near, items)
    if near is not None and _has_header(near):
        raise Refused("a key cannot stand behind the tables of its section")
    return [_lines(document, table, near, items)]


def _inline(document: Document, table: Table, near: Entry | None, items: list[bytes]) -> list[Edit]:
    if near is None:
        return _listing(document, table).insert(None, [b" " + b", ".join(items) + b" "])
    return _listing(document, table).insert(near.span, items)


def _between(document: Document, entry: Entry) -> bytes:
    """What stands between a key and its value: the equals sign with its blanks."""
    between = document.data[entry.key_span.end : entry.value.span.start]
    return between if between.strip() == b"=" and b"\n" not in between else b" = "


def _lines(document: Document, table: Table, near: Entry | None, items: Sequence[bytes]) -> Edit:
    data = document.data
    newline = newline_at(data, near.span.start if near else table.span.start)
    indent = data[line_start(data, near.span.start) : near.span.start] if near else b""
    if near is None and not table.name:
        # The root's first key: in front of every section.
        at = content_start(data)
        return Edit(at, at, b"".join(item + newline for item in items))
    at = next_line(data, near.span.end if near else table.span.start)
    lines = [indent + item for item in items]
    if data[:at].endswith(b"\n"):
        return Edit(at, at, b"".join(line + newline for line in lines))
    return Edit(at, at, b"".join(newline + line for line in lines))


def _drop(document: Document, table: Table, entries: Sequence[Entry]) -> list[Edit]:
    if any(_has_header(entry) for entry in entries):
        raise Refused("a whole section is not removed")
    if _is_inline(document, table):
        return _listing(document, table).remove([entry.span for entry in entries])
    return [_dropped(document.data, entry.span) for entry in entries]


def _dropped(data: bytes, span: Span) -> Edit:
    start, end = line_start(data, span.start), line_end(data, span.end)
    if data[start : span.start].strip():
        raise Refused("other text stands on the same line")
    rest = data[span.end : end]
    if rest.strip():
        # A comment behind the value stays.
        return Edit(span.start, end - len(rest.lstrip()), b"")
    return Edit(start, next_line(data, span.end), b"")


_WRITER = Writer(_put, _add, _drop)
