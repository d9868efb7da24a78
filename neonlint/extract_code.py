"""The connection strings among the literals of a code file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from neonlint.dialects import recognise
from neonlint.ir.model import Connection, Standing
from neonlint.ir.source import Document, EnvRef, Items, Scalar, Slot, Span, StringLiteral, Table, Value


def connections_of(document: Document) -> Iterator[Connection]:
    """Every connection string of a code file."""
    defaults = _environment_defaults(document)
    for literal in document.literals:
        seen = recognise(literal.slot.text)
        if seen is None:
            continue
        dialect, view = seen
        if _is_continued(literal.slot, document):
            view = replace(view, params_seen=False)
        variable = defaults.get(literal.slot.span)
        standing: Standing = "code" if variable is None else "default"
        name = variable or literal.key or ""
        yield Connection(
            document,
            dialect,
            standing,
            name,
            name,
            named_at(literal),
            slot=literal.slot,
            view=view,
            scope=literal.scope,
        )


def _is_continued(slot: Slot, document: Document) -> bool:
    """Whether the code puts more text behind a literal (`URL + query`), so that its parameters are not all in sight."""
    for value in _every_value(document):
        if isinstance(value, Scalar) and value.slot is not None and value.slot.holes:
            whole = value.slot
            if any(isinstance(h, Scalar) and h.slot is not None and h.slot.span == slot.span for h in whole.holes):
                return True
            if whole.span != slot.span and whole.span.start <= slot.span.start and slot.span.end <= whole.span.end:
                return True
    return False


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
