"""Changes of words of shell text that stands inside another file's value, as changes of that value. Knows no file."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from neonlint.edits import Op, ReplaceText, ReplaceValue
from neonlint.errors import Refused
from neonlint.formats.confirm import as_string
from neonlint.formats.shell_strings import EMBEDDED, changes
from neonlint.formats.writing import no_code
from neonlint.ir.source import Document, EnvRef, Scalar, Slot, Value, walk


def lowered(document: Document, ops: Sequence[Op]) -> list[Op]:
    """`ops` with every change of such a word as changes of the slot that it stands in; raises `Refused`."""
    kept: list[Op] = []
    words: dict[int, list[ReplaceText]] = {}
    for op in ops:
        change = _of_word(op)
        if change is None:
            kept.append(op)
        else:
            words.setdefault(id(change.slot), []).append(change)
    for group in words.values():
        slot = group[0].slot
        host = _host(document, slot)
        kept += [
            ReplaceText(host, *_characters(host, change.start, change.end), change.text)
            for change in changes(slot, group)
        ]
    return kept


def _of_word(op: Op) -> ReplaceText | None:
    if isinstance(op, ReplaceText):
        return op if op.slot.style.startswith(EMBEDDED) else None
    if isinstance(op, ReplaceValue) and isinstance(op.value, Scalar):
        slot = op.value.slot
        if slot is not None and slot.style.startswith(EMBEDDED):
            return ReplaceText(slot, 0, len(slot.text), as_string(no_code(op.new)))
    return None


def _host(document: Document, slot: Slot) -> Slot:
    style = slot.style.partition("|")[2]
    for host in slots_of(document):
        if host.style == style and host.span.start <= slot.span.start and slot.span.end <= host.span.end:
            return host
    raise Refused("the shell text around this value cannot be edited")


def _characters(host: Slot, start: int, end: int) -> tuple[int, int]:
    """The characters of `host` that bytes stand for."""
    first = _at(host, start)
    if start == end:
        return first, first
    last = bisect_left(host.ends, end)
    if last >= len(host.ends) or host.ends[last] != end:
        raise Refused("part of the value comes from elsewhere")
    return first, last + 1


def _at(host: Slot, byte: int) -> int:
    """The character that begins at a byte, or in front of which something written there would come."""
    index = bisect_left(host.starts, byte)
    if index < len(host.starts) and host.starts[index] == byte:
        return index
    if index and host.ends[index - 1] == byte:
        return index
    raise Refused("part of the value comes from elsewhere")


def slots_of(document: Document) -> Iterator[Slot]:
    """Every slot among the values of a document and its commands."""
    for value in values_of(document):
        for _, inner in walk(value):
            if isinstance(inner, Scalar) and inner.slot is not None:
                yield inner.slot
                yield from (
                    hole.default.slot
                    for hole in inner.slot.holes
                    if isinstance(hole, EnvRef) and isinstance(hole.default, Scalar) and hole.default.slot is not None
                )


def values_of(document: Document) -> Iterator[Value]:
    """The roots of a document and the values of its commands."""
    yield from document.roots
    for command in document.commands:
        yield from command.words
        yield command.environment
        yield from (value for _, value in command.redirects)
