"""Text inside literals: the edit for one change, and the proof that the changed file reads as it should."""

from __future__ import annotations

import re
from collections.abc import Sequence

from neonlint.edits import Edit, ReplaceText, apply
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import base, python
from neonlint.formats.literals import changed_texts
from neonlint.formats.python_encode import escape_format
from neonlint.ir.source import Document, Slot

_OPEN = re.compile(rb"[A-Za-z]*('''|\"\"\"|'|\")")


def text_edit(document: Document, op: ReplaceText) -> Edit:
    """The edit for one change; raises `Refused` where the text cannot be written there."""
    slot = op.slot
    if op.start == op.end and _outside(slot, op.start):
        raise Refused("part of the value comes from elsewhere")
    edit = base.replace_text(python, op)
    if slot.text:
        return edit
    opening = _OPEN.match(document.data, slot.span.start)
    if opening is None:
        raise Refused("the value is written in a way that cannot be edited in place")
    return Edit(opening.end(), opening.end(), edit.new)


def _outside(slot: Slot, at: int) -> bool:
    """Whether text inserted at `at` would stand outside of every literal, beside what a `+` adds."""
    return ("<" in slot.style and at == 0) or (">" in slot.style and at == len(slot.text))


def check_texts(document: Document, ops: Sequence[ReplaceText], edits: Sequence[Edit]) -> None:
    """Raise `Refused` unless, after `edits`, every literal of the file reads as before but for the changes of `ops`.

    What is written can change the meaning of its neighbours: an octal escape goes on with the digits behind it.
    """
    changes = [(text_edit(document, op), escape_format(op.slot.style.split()[0], op.new)) for op in ops]
    expected = changed_texts(document, changes)
    try:
        changed = python.read(document.path, apply(document.data, edits))
    except ParseFailure:
        raise Refused("the changed file would not be valid Python") from None
    if [literal.slot.text for literal in changed.literals] != expected:
        raise Refused("the change would alter the text beside it")
