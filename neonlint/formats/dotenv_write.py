"""Writing dotenv files: values in a quoting that all readers take alike, lines in the style of their neighbours.

Knows how the lines that `neonlint.formats.dotenv` read are laid out; knows no Postgres.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from neonlint.edits import Code, Edit, Literal, Op
from neonlint.errors import Refused
from neonlint.formats import dotenv
from neonlint.formats.base import Format
from neonlint.formats.confirm import as_string
from neonlint.formats.dotenv import encode
from neonlint.formats.holes import IN_BRACES
from neonlint.formats.lines import content_start, line_end, line_start, newline_at, next_line
from neonlint.formats.writing import Pairs, Writer, environment_name, rendered
from neonlint.ir.source import Document, Entry, Scalar, Slot, Span, Table, Unknown, Value
from neonlint.records import dataclass

_QUOTES = {"single": "'", "double": '"', "backtick": "`", "bare": "", "shell": ""}


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for code other than `${NAME}` and for text that no quoting holds."""
    return rendered(cast(Format, dotenv), _WRITER, document, ops)


def _put(document: Document, value: Value, new: Literal) -> list[Edit]:
    style = value.slot.style if isinstance(value, Scalar) and value.slot else "bare"
    if style.endswith(IN_BRACES):
        raise Refused("the quoting of this value cannot hold the corrected text")
    written = _written(new, style, shell=_in_shell(document, value.span.start))
    if not written and _commented(document, value.span):
        written = b'""'
    if isinstance(value, Unknown) and value.span.start == value.span.end:
        written = b"=" + written
    return [Edit(value.span.start, value.span.end, written)]


def _written(new: Literal, style: str, *, shell: bool) -> bytes:
    """The whole value with its quotes, in `style` where that can hold it."""
    if isinstance(new, Code):
        environment_name(new)
        return new.text.encode()
    text = as_string(new)
    for candidate in (style, "shell" if shell else "bare", "double", "single"):
        if candidate == "bare" and shell:
            continue
        encoded = encode(candidate, text)
        if encoded is not None:
            quote = _QUOTES[candidate].encode()
            return quote + encoded + quote
    raise Refused("no quoting of a dotenv file can hold this text")


def _in_shell(document: Document, at: int) -> bool:
    start = line_start(document.data, at)
    return document.path.endswith(".envrc") or document.data[start:at].lstrip().startswith(b"export ")


@dataclass(frozen=True, slots=True)
class _Layout:
    """How an existing line is written, for a new line below it."""

    before: bytes = b""
    separator: bytes = b"="
    style: str = "bare"
    shell: bool = False


def _layout(document: Document, entry: Entry) -> _Layout:
    data, value = document.data, entry.value
    before = data[line_start(data, entry.span.start) : entry.key_span.start]
    separator = data[entry.key_span.end : value.span.start] or b"="
    style = value.slot.style if isinstance(value, Scalar) and value.slot else "bare"
    return _Layout(before, separator, style, _in_shell(document, entry.key_span.start + 1))


def _add(document: Document, table: Table, after: Entry | None, pairs: Pairs) -> list[Edit]:
    near = after or (table.entries[-1] if table.entries else None)
    layout = _layout(document, near) if near else _Layout(shell=document.path.endswith(".envrc"))
    data = document.data
    at = next_line(data, near.span.end) if near else len(data)
    newline = newline_at(data, max(at - 1, 0))
    lines = [_line(key, new, layout) for key, new in pairs]
    if data[:at].endswith((b"\n", b"\r")) or at == content_start(data):
        return [Edit(at, at, b"".join(line + newline for line in lines))]
    return [Edit(at, at, b"".join(newline + line for line in lines))]


def _line(key: str, new: Literal, layout: _Layout) -> bytes:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*+", key):
        raise Refused("this key cannot be a variable's name")
    return layout.before + key.encode() + layout.separator + _written(new, layout.style, shell=layout.shell)


def _drop(document: Document, _table: Table, entries: Sequence[Entry]) -> list[Edit]:
    return [_dropped(document.data, entry.span) for entry in entries]


def _dropped(data: bytes, span: Span) -> Edit:
    start, end = line_start(data, span.start), line_end(data, span.end)
    if data[span.end : end].strip():
        # A comment behind the value stays, on a line of its own.
        comment = end - len(data[span.end : end].lstrip())
        return Edit(start, comment, b"")
    return Edit(start, next_line(data, span.end), b"")


def _emptied(document: Document, slot: Slot, text: str) -> bool:
    """Whether bare text would vanish in front of a comment, which python-dotenv would then read as the value."""
    return not text and slot.style in {"bare", "shell"} and _commented(document, slot.span)


def _commented(document: Document, span: Span) -> bool:
    return bool(document.data[span.end : line_end(document.data, span.end)].strip())


_WRITER = Writer(_put, _add, _drop, as_text=True, anew=_emptied)
