"""The connections of what holds shell text: scripts, Dockerfiles, Makefiles, Procfiles."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from neonlint.dialects import fields as fields_dialect
from neonlint.dialects import recognise
from neonlint.extract_code import named_at
from neonlint.formats.claims import worth_parsing
from neonlint.formats.shell_literals import part_of
from neonlint.ir.model import Connection, Standing
from neonlint.ir.source import Document, Entry, Slot, Span, StringLiteral, Table
from neonlint.regex import regex

_VARIABLE = regex(r"[A-Za-z_][A-Za-z0-9_]*+")
_GIVES = regex(rb"=|[ \t]*+[:?]{0,3}=[ \t]")
_DEFAULT = "-default"


def connections_of(document: Document) -> Iterator[Connection]:
    """Every connection of a document: its words and assignments, and what stands in comments and longer texts."""
    found = list(_in_literals(document))
    yield from found
    yield from _spelled_out(document)
    if worth_parsing("text", document.data):
        yield from _elsewhere(document, [connection.span for connection in found])


def _in_literals(document: Document) -> Iterator[Connection]:
    whole = {c.background.start: c.unquoted.slot for c in document.commands if c.background and c.unquoted}
    assigned = {entry.key_span for table in _tables(document) for entry in table.entries}
    environment = {entry.key_span for table in document.roots for entry in _image_variables(table)}
    read: set[Span] = set()
    for literal in document.literals:
        slot = _meant(literal.slot, whole.get(literal.slot.span.end))
        seen = recognise(slot.text)
        if seen is None or slot.span in read:
            continue
        read.add(slot.span)
        name = literal.key or "" if literal.key_span in assigned or _names_variable(document, literal) else ""
        standing: Standing = "code"
        if _DEFAULT in slot.style:
            standing = "default"
        elif literal.key_span in environment:
            standing = "environment"
        elif literal.key_span in assigned:
            standing = "config"
        dialect, view = seen
        yield Connection(
            document, dialect, standing, name, name, named_at(literal), slot=slot, view=view, scope=literal.scope
        )


def _meant(slot: Slot, whole: Slot | None) -> Slot:
    """A slot that an unquoted `&` cuts short, as its author meant it."""
    if whole is None:
        return slot
    skipped = whole.text.find(slot.text)
    return part_of(whole, skipped, len(whole.text)) if skipped > 0 else whole


def _tables(document: Document) -> Iterator[Table]:
    for command in document.commands:
        yield command.environment
    for root in document.roots:
        yield root
        yield from (entry.value for entry in root.entries if isinstance(entry.value, Table))


def _image_variables(root: Table) -> Iterator[Entry]:
    """The variables of an image or a process, which everything that runs in it sees."""
    tables = [root, *(entry.value for entry in root.entries if isinstance(entry.value, Table))]
    return (entry for table in tables if table.kind == "env" for entry in table.entries)


def _names_variable(document: Document, literal: StringLiteral) -> bool:
    """Whether a word names the variable that it gives a value to (`env X=…`, `echo "X=…" >> file`)."""
    if _DEFAULT in literal.slot.style:
        return literal.key is not None
    if literal.key is None or literal.key_span is None or not _VARIABLE.fullmatch(literal.key):
        return False
    return _GIVES.match(document.data, literal.key_span.end) is not None


def _spelled_out(document: Document) -> Iterator[Connection]:
    """Connections in variables of their own: `PGHOST`, `PGUSER` and so on, set for the rest of the script."""
    for root in document.roots:
        inner = [entry.value for entry in root.entries if isinstance(entry.value, Table) and entry.value.kind == "env"]
        for table in [root, *inner] if root.kind in ("module", "env") else inner:
            for group in fields_dialect.environment_groups(table):
                host = group.fields["host"]
                standing: Standing = "environment" if table.kind == "env" else "config"
                yield Connection(
                    document,
                    "fields",
                    standing,
                    host.key,
                    host.key,
                    host.key_span,
                    table=table,
                    fields=group.fields,
                    family=group.family,
                )


def _elsewhere(document: Document, read: Sequence[Span]) -> Iterator[Connection]:
    """Connection strings that no word is: in comments, in here-documents, inside longer texts."""
    from neonlint.formats.shell_texts import strings_in  # noqa: PLC0415 -- few scripts name Neon

    spans = sorted(read)
    for name, at, slot in strings_in(document.data):
        before = bisect_right(spans, (slot.span.start, len(document.data)))
        if before and spans[before - 1].end > slot.span.start:
            continue
        seen = recognise(slot.text)
        if seen is not None and not _overlaps(slot, spans[before : before + 1]):
            dialect, view = seen
            yield Connection(document, dialect, "text", name, name, at, slot=slot, view=view)


def _overlaps(slot: Slot, spans: Sequence[Span]) -> bool:
    return any(span.start < slot.span.end for span in spans)
