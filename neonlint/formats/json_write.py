"""Writing JSON: values and members of objects, with commas, indents and comments as they are. Knows no Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from typing import cast

from neonlint.edits import Edit, Literal, Op
from neonlint.errors import Refused
from neonlint.formats import json as json_format
from neonlint.formats.base import Format
from neonlint.formats.holes import IN_BRACES
from neonlint.formats.json import encode
from neonlint.formats.separated import Listing
from neonlint.formats.writing import Pairs, Writer, no_code, rendered
from neonlint.ir.source import Document, Entry, Items, Scalar, Span, Table, Value


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused`."""
    return rendered(cast(Format, json_format), _WRITER, document, ops)


def _put(_document: Document, value: Value, new: Literal) -> list[Edit]:
    inside = isinstance(value, Scalar) and value.slot and value.slot.style.endswith(IN_BRACES)
    if isinstance(value, (Table, Items)) or inside:
        raise Refused("this value cannot be replaced as a whole")
    return [Edit(value.span.start, value.span.end, _written(new))]


def _written(new: Literal) -> bytes:
    value = no_code(new)
    if not isinstance(value, str):
        return dumps(value).encode()
    text = encode("double", value)
    if text is None:
        raise Refused("a JSON string cannot hold this text")
    return b'"' + text + b'"'


def _listing(document: Document, table: Table) -> Listing:
    span = table.span
    if document.data[span.start : span.start + 1] != b"{":
        raise Refused("this table is not an object of the file")
    return Listing(document.data, [entry.span for entry in table.entries], Span(span.start + 1, span.end - 1))


def _add(document: Document, table: Table, after: Entry | None, pairs: Pairs) -> list[Edit]:
    near = after or (table.entries[-1] if table.entries else None)
    between = _between(document, near) if near else b": "
    items = [_written(key) + between + _written(new) for key, new in pairs]
    return _listing(document, table).insert(near.span if near else None, items)


def _between(document: Document, entry: Entry) -> bytes:
    """What stands between a key and its value: the colon with its blanks."""
    between = document.data[entry.key_span.end : entry.value.span.start]
    return between if not between.strip(b" :") else b": "


def _drop(document: Document, table: Table, entries: Sequence[Entry]) -> list[Edit]:
    return _listing(document, table).remove([entry.span for entry in entries])


_WRITER = Writer(_put, _add, _drop)
