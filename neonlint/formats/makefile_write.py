"""Writing Makefiles and justfiles: values of variables, and words of recipes with dollar signs doubled for make."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from neonlint.edits import ReplaceText
from neonlint.errors import Refused
from neonlint.formats.makefile import encode
from neonlint.formats.shell_strings import Change, checked
from neonlint.formats.shell_write import Layout
from neonlint.ir.source import Slot


def layout_of(*, just: bool) -> Layout:
    """How a Makefile is written, or a justfile."""
    return Layout(escape=_in_just if just else _in_make, own=partial(_changes, just))


def _in_make(text: str) -> str:
    return text.replace("$", "$$")


def _in_just(text: str) -> str:
    if "{{" in text:
        raise Refused("just would fill in this text")
    return text


def _changes(just: bool, slot: Slot, ops: Sequence[ReplaceText]) -> list[Change] | None:
    """The changes of a variable's value; None for words of a shell."""
    if not slot.style.startswith(("make", "just")):
        return None
    checked(slot, ops)
    found = []
    for op in ops:
        written = encode(slot.style, op.new)
        if written is None:
            raise Refused("the quoting of this value cannot hold the corrected text")
        text = written.decode()
        found.append(Change(*slot.bytes_of(op.start, op.end), text if just else _in_make(text)))
    return found
