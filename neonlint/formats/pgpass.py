r"""Password files of libpq: lines `host:port:database:user:password`, with `\:` and `\\` inside the fields.

The one style is `field`. The root's entries are the lines, by row number; each is a table with five keys. Lines of
another form are skipped, as libpq skips them (https://www.postgresql.org/docs/current/libpq-pgpass.html).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import cast

from neonlint.edits import Edit, Literal, Op
from neonlint.errors import Refused
from neonlint.formats.base import Format
from neonlint.formats.confirm import as_string
from neonlint.formats.holes import made
from neonlint.formats.lines import Source, decode, line_start, next_line
from neonlint.formats.writing import Pairs, Writer, no_code, rendered
from neonlint.ir.source import Comment, Document, Entry, Span, Table, Value

NAME = "pgpass"

_FIELDS = ("host", "port", "database", "user", "password")
_LINE = re.compile(r"[^\r\n]++")
_FIELD = re.compile(r"((?:[^\\:]|\\.|\\\Z)*+)(?::|\Z)")
_ESCAPE = re.compile(r"\\(.)")


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` only for bytes that are no UTF-8 text."""
    source = decode(data)
    entries: list[Entry] = []
    comments: list[Comment] = []
    for match in _LINE.finditer(source.text):
        if match[0].startswith("#"):
            span = source.span(*match.span())
            comments.append(Comment(match[0][1:].strip(), source.row(match.start()), span, own_line=True))
        elif fields := _fields(source.text, *match.span()):
            entries.append(_row(source, fields))
    root = Table("mapping", tuple(entries), source.span(0, len(source.text)))
    return Document(path, NAME, data, root, comments=tuple(comments))


def _fields(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the five fields are, in characters; nothing for a line with fewer."""
    found: list[tuple[int, int]] = []
    at = start
    while len(found) < len(_FIELDS) and (match := _FIELD.match(text, at, end)):
        found.append(match.span(1))
        at = match.end()
        if match.end() == match.end(1):
            break
    return found if len(found) == len(_FIELDS) else []


def _row(source: Source, fields: list[tuple[int, int]]) -> Entry:
    row, span = str(source.row(fields[0][0])), source.span(fields[0][0], fields[-1][1])
    table = Table("mapping", tuple(_entries(source, fields)), span, name=row)
    return Entry(row, Span(span.start, span.start), table, span)


def _entries(source: Source, fields: list[tuple[int, int]]) -> Iterator[Entry]:
    for name, (start, end) in zip(_FIELDS, fields, strict=True):
        span = source.span(start, end)
        value = made(source.unescaped(start, end, _ESCAPE, lambda match: match[1]), span, "field")
        yield Entry(name, Span(span.start, span.start), value, span)


def encode(style: str, text: str) -> bytes | None:  # noqa: ARG001 (the surface of every format)
    """`text` as part of a field; None where it would end the line."""
    if not text.isprintable():
        return None
    return text.replace("\\", "\\\\").replace(":", "\\:").encode()


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for new lines and new fields."""
    return rendered(cast(Format, sys.modules[__name__]), _WRITER, document, ops)


def _put(_document: Document, value: Value, new: Literal) -> list[Edit]:
    text = encode("field", as_string(no_code(new)))
    if text is None or isinstance(value, Table):
        raise Refused("a field of a password file cannot hold this")
    return [Edit(value.span.start, value.span.end, text)]


def _add(_document: Document, _table: Table, _after: Entry | None, _pairs: Pairs) -> list[Edit]:
    raise Refused("a password file has no place for new keys")


def _drop(document: Document, table: Table, entries: Sequence[Entry]) -> list[Edit]:
    if table.name:
        raise Refused("a line of a password file needs all of its fields")
    data = document.data
    return [Edit(line_start(data, entry.span.start), next_line(data, entry.span.end), b"") for entry in entries]


_WRITER = Writer(_put, _add, _drop, as_text=True)
