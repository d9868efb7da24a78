"""What the literals of a code file say once some of them are changed, for the proof that the rest reads as before."""

from __future__ import annotations

from collections.abc import Iterable

from neonlint.edits import Edit
from neonlint.errors import Refused
from neonlint.ir.source import Document


def literal_at(document: Document, edit: Edit) -> int:
    """The index of the innermost literal that an edit lies in; raises `Refused` where it lies in none."""
    around = [
        (literal.slot.span.end - literal.slot.span.start, index)
        for index, literal in enumerate(document.literals)
        if literal.slot.span.start < edit.start and edit.end < literal.slot.span.end
    ]
    if not around:
        raise Refused("the value is written in a way that cannot be edited in place")
    return min(around)[1]


def changed_texts(document: Document, changes: Iterable[tuple[Edit, str]]) -> list[str]:
    """The text of every literal in order, after `changes`: the edit of each, and the characters that it writes."""
    texts = [literal.slot.text for literal in document.literals]
    for edit, new in sorted(changes, key=lambda change: -change[0].start):
        index = literal_at(document, edit)
        slot, old = document.literals[index].slot, texts[index]
        first = sum(1 for start in slot.starts if start < edit.start)
        last = first if edit.start == edit.end else sum(1 for start in slot.starts if start < edit.end)
        texts[index] = old[:first] + new + old[last:]
    return texts
