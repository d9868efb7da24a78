"""Writing INI files: values, and keys of sections in the layout of their neighbours. Knows no Postgres."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from neonlint.edits import Edit, Literal, Op
from neonlint.errors import Refused
from neonlint.formats import ini
from neonlint.formats.base import Format
from neonlint.formats.confirm import as_string
from neonlint.formats.holes import IN_BRACES
from neonlint.formats.ini import encode
from neonlint.formats.lines import content_start, line_start, newline_at, next_line
from neonlint.formats.writing import Pairs, Writer, no_code, rendered
from neonlint.ir.source import Document, Entry, Scalar, Table, Value


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused`."""
    return rendered(cast(Format, ini), _WRITER, document, ops)


def _style(document: Document, value: Value | None) -> str:
    if isinstance(value, Scalar) and value.slot:
        return value.slot.style
    return _percent_style(document)


def _percent_style(document: Document) -> str:
    """The style of a new value: whether a percent sign is doubled is a matter of the file."""
    sections = [entry.key for root in document.roots for entry in root.entries if isinstance(entry.value, Table)]
    return "percent" if ini.interpolates(document.path, sections) else "raw"


def _put(document: Document, value: Value, new: Literal) -> list[Edit]:
    style = _style(document, value)
    if isinstance(value, Table) or style.endswith(IN_BRACES):
        raise Refused("this value cannot be replaced as a whole")
    if isinstance(value, Scalar) and value.slot and not value.slot.writable:
        raise Refused("the value is spread over several lines")
    return [Edit(value.span.start, value.span.end, _written(new, style))]


def _written(new: Literal, style: str) -> bytes:
    text = encode(style, as_string(no_code(new)))
    if text is None:
        raise Refused("a value in an INI file cannot hold this text")
    quote = style.removeprefix("quoted").encode() if style.startswith("quoted") else b""
    return quote + text + quote


def _add(document: Document, table: Table, after: Entry | None, pairs: Pairs) -> list[Edit]:
    options = [entry for entry in table.entries if not isinstance(entry.value, Table)]
    near = after or (options[-1] if options else None)
    if near is not None and isinstance(near.value, Table):
        raise Refused("a key cannot stand behind a section")
    data, style = document.data, _style(document, near.value if near else None)
    before = data[line_start(data, near.span.start) : near.span.start] if near else b""
    between = data[near.key_span.end : near.value.span.start] if near else b" = "
    if between.strip() not in {b"=", b":"}:
        between = b" = "
    lines = [before + _key(key) + between + _written(new, style) for key, new in pairs]
    if near is None and not table.name:
        return [_inserted(data, content_start(data), lines)]
    return [_inserted(data, next_line(data, near.span.end if near else table.span.start), lines)]


def _key(key: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z_][\w.\-]*", key):
        raise Refused("this key cannot be written in an INI file")
    return key.encode()


def _inserted(data: bytes, at: int, lines: Sequence[bytes]) -> Edit:
    newline = newline_at(data, max(at - 1, 0))
    if at == content_start(data) or data[:at].endswith(b"\n"):
        return Edit(at, at, b"".join(line + newline for line in lines))
    return Edit(at, at, b"".join(newline + line for line in lines))


def _drop(document: Document, _table: Table, entries: Sequence[Entry]) -> list[Edit]:
    if any(isinstance(entry.value, Table) for entry in entries):
        raise Refused("a whole section is not removed")
    data = document.data
    return [Edit(line_start(data, entry.span.start), next_line(data, entry.span.end), b"") for entry in entries]


_WRITER = Writer(_put, _add, _drop, as_text=True, unsound=frozenset({"broken-percent"}))
