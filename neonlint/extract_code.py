"""The connection strings among the literals of a code file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neonlint.dialects import recognise
from neonlint.ir.model import Connection, Standing
from neonlint.ir.source import Document, EnvRef, Items, Scalar, Slot, Span, StringLiteral, Table, Value
from neonlint.records import replace


def connections_of(document: Document) -> Iterator[Connection]:
    """Every connection string of a code file; of one that is put together from pieces, the whole."""
    defaults = _environment_defaults(document)
    written = {literal.slot.span for literal in document.literals}
    slots = [v.slot for v in _every_value(document) if isinstance(v, Scalar) and v.slot is not None]
    composed = [slot for slot in slots if slot.holes or slot.span not in written]
    read: set[Span] = set()
    for literal in document.literals:
        slot = _whole(literal.slot, composed)
        seen = recognise(slot.text)
        if seen is None or slot.span in read:
            continue
        read.add(slot.span)
        dialect, view = seen
        if any(_ends_in(piece, slot) for piece in composed):
            view = replace(view, params_seen=False)
        variable = defaults.get(slot.span)
        standing: Standing = "code" if variable is None else "default"
        name = variable or literal.key or ""
        yield Connection(
            document, dialect, standing, name, name, named_at(literal), slot=slot, view=view, scope=literal.scope
        )


def _whole(slot: Slot, composed: Sequence[Slot]) -> Slot:
    """The text that a literal is a piece of (`"…{}…".format(x)`, `"…" + x`), or the literal itself."""
    around = [c for c in composed if c.span != slot.span and _covers(c.span, slot.span)]
    return min(around, key=lambda c: c.span.end - c.span.start) if around else slot


def _covers(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _ends_in(whole: Slot, piece: Slot) -> bool:
    """Whether a text takes `piece` in by its name (`URL + query`), so that more parameters may follow."""
    return any(isinstance(h, Scalar) and h.slot is not None and h.slot.span == piece.span for h in whole.holes)


def _environment_defaults(document: Document) -> dict[Span, str]:
    """The spans of string literals that stand as the default of an environment look-up, with the variable's name."""
    return {
        value.default.slot.span: value.name
        for value in _every_value(document)
        if isinstance(value, EnvRef) and isinstance(value.default, Scalar) and value.default.slot is not None
    }


def _every_value(document: Document) -> Iterator[Value]:
    """Every value of a code file once, those in holes and defaults too; without recursion."""
    values: list[Value] = list(document.roots)
    values += [v for call in document.calls for v in (*call.args, call.keywords)]
    seen: set[int] = set()
    while values:
        value = values.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield value
        if isinstance(value, Table):
            values += [entry.value for entry in value.entries]
        elif isinstance(value, Items):
            values += value.values
        elif isinstance(value, EnvRef) and value.default is not None:
            values.append(value.default)
        elif isinstance(value, Scalar) and value.slot is not None:
            values += value.slot.holes


def named_at(literal: StringLiteral) -> Span:
    """Where the name that a literal is given to is written; its first byte where it is given to none."""
    if literal.key_span is not None:
        return literal.key_span
    return Span(literal.slot.span.start, literal.slot.span.start + 1)
