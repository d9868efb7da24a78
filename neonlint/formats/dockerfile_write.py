"""Writing Dockerfiles: values of `ENV` and `ARG` in quotes that hold them, new variables beside others."""

from __future__ import annotations

from collections.abc import Sequence

from neonlint.edits import Edit, ReplaceText
from neonlint.errors import Refused
from neonlint.formats.confirm import changed_text
from neonlint.formats.dockerfile_values import encode
from neonlint.formats.lines import line_end, line_start, newline_at, next_line
from neonlint.formats.shell_strings import Change, checked
from neonlint.formats.shell_write import Layout
from neonlint.ir.source import Document, Entry, Slot, Table
from neonlint.regex import regex

_ONE = regex(rb"[ \t]*(?:ENV|ARG)[ \t]+", 2)


def _changes(slot: Slot, ops: Sequence[ReplaceText]) -> list[Change] | None:
    """The changes of a value of `ENV` or of a word in JSON; None for words of a shell."""
    if not (slot.style == "json" or slot.style.startswith("env")):
        return None
    checked(slot, ops)
    written = [encode(slot.style, op.new) for op in ops]
    if all(text is not None for text in written):
        return [
            Change(*slot.bytes_of(op.start, op.end), text.decode())
            for op, text in zip(ops, written, strict=True)
            if text is not None
        ]
    if slot.holes or slot.style not in ("env-bare", "env'", 'env"'):
        raise Refused("the quoting of this value cannot hold the corrected text")
    return [Change(slot.span.start, slot.span.end, _quoted(changed_text(slot, ops)))]


def _quoted(text: str) -> str:
    for quote in ('"', "'"):
        if encode(f"env{quote}", text) is not None:
            return quote + text + quote
    raise Refused("no quoting of a Dockerfile can hold this text")


def _add(document: Document, table: Table, after: Entry | None, new: Sequence[tuple[str, str]]) -> list[Edit]:
    if after is None and not table.entries:
        raise Refused("there is no line here to write beside")
    near = after or (table.entries[-1] if table.entries else None)
    if near is None:
        raise Refused("no line stands here that another could follow")
    data, end = document.data, near.span.end
    pairs = [f"{key}={value if encode('env-bare', value) else _quoted(value)}".encode() for key, value in new]
    first = line_start(data, near.span.start)
    head = _ONE.match(data, first, near.span.start)
    alone = head and head.end() == near.span.start and not data[end : line_end(data, end)].strip()
    if alone and head:
        newline, at = newline_at(data, end), next_line(data, end)
        lines = [head[0] + pair for pair in pairs]
        if data[:at].endswith(b"\n"):
            return [Edit(at, at, b"".join(line + newline for line in lines))]
        return [Edit(at, at, b"".join(newline + line for line in lines))]
    if data[near.key_span.end : near.key_span.end + 1] != b"=":
        raise Refused("this line cannot take another variable")
    return [Edit(end, end, b"".join(b" " + pair for pair in pairs))]


def _drop(document: Document, table: Table, entry: Entry) -> list[Edit]:  # noqa: ARG001 (the surface of a layout)
    data, (start, end) = document.data, entry.span
    first, last = line_start(data, start), line_end(data, end)
    head = _ONE.match(data, first, start)
    if head and head.end() == start and not data[end:last].strip():
        return [Edit(first, next_line(data, end), b"")]
    if data[start - 1 : start] != b" ":
        raise Refused("this line cannot lose a variable")
    return [Edit(start - 1, end, b"")]


LAYOUT = Layout(own=_changes, add=_add, drop=_drop)
