"""From ops to byte edits for the data formats: what is the same in all of them. Knows no format's syntax.

A change is tried in place first. Where the quoting cannot hold it, the whole value is written anew in one that can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from neonlint.edits import Code, DropEntry, Edit, Literal, Nested, Op, ReplaceText, ReplaceValue, SetEntry, merge
from neonlint.errors import Refused
from neonlint.formats.base import Format, replace_text
from neonlint.formats.confirm import as_string, changed_text, confirm
from neonlint.formats.lines import content_start
from neonlint.ir.source import Document, Entry, Scalar, Slot, Table, Value, has_hole
from neonlint.records import dataclass
from neonlint.regex import regex

Pairs = Sequence[tuple[str, Literal]]


@dataclass(frozen=True, slots=True)
class Writer:
    """The syntax of one format.

    `put` writes a whole value in the place of another, `add` writes new entries behind `after` (or the last one),
    `drop` removes entries of one table. Each raises `Refused` where it cannot. `as_text`: every value of the format is
    a string. `unsound` styles are written anew even where the text stays the same; `anew` says where a slot's new text
    must not be written in place although its characters fit.
    """

    put: Callable[[Document, Value, Literal], list[Edit]]
    add: Callable[[Document, Table, Entry | None, Pairs], list[Edit]]
    drop: Callable[[Document, Table, Sequence[Entry]], list[Edit]]
    as_text: bool = False
    unsound: frozenset[str] = frozenset()
    anew: Callable[[Document, Slot, str], bool] = lambda _document, _slot, _text: False


def rendered(format_: Format, writer: Writer, document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits that make `ops` true, confirmed by reading the result; raises `Refused`."""
    if any(_in_shell_text(op) for op in ops):
        from neonlint.formats.shell_embedded import lowered  # noqa: PLC0415 (few values hold shell text)

        ops = lowered(document, ops)
    structure = _structural(writer, document, ops)
    slots = _by_slot(ops)
    edits = _ended_alike(document.data, [*structure, *_texts(format_, writer, document, slots, whole=False)])
    try:
        confirm(format_, document, ops, edits, as_text=writer.as_text)
    except Refused:
        if not slots or not all(_replaceable(slot) for slot, _ in slots):
            raise
        edits = _ended_alike(document.data, [*structure, *_texts(format_, writer, document, slots, whole=True)])
        confirm(format_, document, ops, edits, as_text=writer.as_text)
    return edits


def _in_shell_text(op: Op) -> bool:
    slot = op.slot if isinstance(op, ReplaceText) else None
    if isinstance(op, ReplaceValue) and isinstance(op.value, Scalar):
        slot = op.value.slot
    return slot is not None and slot.style.startswith("shell:")


def _ended_alike(data: bytes, edits: Sequence[Edit]) -> list[Edit]:
    """The edits in file order, changed so that a file without a final newline stays without one."""
    ordered = merge(edits)
    at, behind = len(data), len(ordered)
    if data.endswith(b"\n") or at == content_start(data):
        return ordered
    while behind and ordered[behind - 1].end == at and not ordered[behind - 1].new:
        behind -= 1
        at = ordered[behind].start
    if behind and ordered[behind - 1].end == at:
        last = ordered[behind - 1]
        ordered[behind - 1] = Edit(last.start, last.end, _NEWLINE.sub(b"", last.new))
    elif behind < len(ordered) and (newline := _NEWLINE.search(data, 0, at)) is not None:
        ordered[behind:] = [Edit(newline.start(), len(data), b"")]
    return ordered


_NEWLINE = regex(rb"\r?\n\Z")
Changes = list[tuple[Slot, list[ReplaceText]]]


def _by_slot(ops: Sequence[Op]) -> Changes:
    found: dict[int, tuple[Slot, list[ReplaceText]]] = {}
    for op in ops:
        if isinstance(op, ReplaceText):
            found.setdefault(id(op.slot), (op.slot, []))[1].append(op)
    return list(found.values())


def _replaceable(slot: Slot) -> bool:
    return slot.writable and not slot.holes


def _texts(format_: Format, writer: Writer, document: Document, slots: Changes, *, whole: bool) -> Iterator[Edit]:
    for slot, ops in slots:
        text = changed_text(slot, ops)
        anew = whole or (_replaceable(slot) and writer.anew(document, slot, text))
        if not anew:
            try:
                yield from [replace_text(format_, op) for op in ops]
            except Refused:
                if not _replaceable(slot) or any(has_hole(op.new) for op in ops):
                    raise
                anew = True
        if anew:
            yield from writer.put(document, Scalar(slot.text, slot.span, slot), text)


def _structural(writer: Writer, document: Document, ops: Sequence[Op]) -> list[Edit]:
    edits: list[Edit] = []
    added: dict[tuple[int, int], tuple[Table, Entry | None, dict[str, Literal]]] = {}
    dropped: dict[int, tuple[Table, list[Entry]]] = {}
    for op in ops:
        match op:
            case ReplaceValue(value=value, new=new):
                edits += _put(writer, document, value, new)
            case DropEntry(table=table, entry=entry):
                dropped.setdefault(id(table), (table, []))[1].append(entry)
            case SetEntry(table=table, key=key, value=new, after=after):
                if found := table.entry(key):
                    edits += _put(writer, document, found.value, new)
                else:
                    group = added.setdefault((id(table), id(after)), (table, after, {}))
                    group[2][key] = new
            case ReplaceText():
                pass
    for table, entries in dropped.values():
        edits += writer.drop(document, table, sorted(entries, key=lambda entry: entry.span))
    for table, after, pairs in added.values():
        gone = dropped.get(id(table), (table, []))[1]
        edits += writer.add(document, table, after or _last_kept(table, gone), list(pairs.items()))
    return edits


def _last_kept(table: Table, gone: Sequence[Entry]) -> Entry | None:
    """The entry to write behind where the last one goes; None where the writer is free to choose."""
    if not gone or table.entries[-1] not in gone:
        return None
    return next((entry for entry in reversed(table.entries) if entry not in gone), None)


def _put(writer: Writer, document: Document, value: Value, new: Literal) -> list[Edit]:
    if _same(writer, value, new):
        return []
    return writer.put(document, value, new)


def _same(writer: Writer, value: Value, new: Literal) -> bool:
    if not isinstance(value, Scalar) or isinstance(new, Code | Nested):
        return False
    if value.slot and (value.slot.style in writer.unsound or value.slot.holes):
        return False
    wanted = as_string(new) if writer.as_text else new
    return type(value.value) is type(wanted) and value.value == wanted


def no_code(value: Literal) -> str | int | float | bool | None:
    """`value` where a data format can hold it; raises `Refused` for code."""
    if isinstance(value, Code):
        raise Refused("a data file cannot hold code")
    if isinstance(value, Nested):
        raise Refused("a table is not written as a value of this file")
    return value


def environment_name(value: Code) -> str:
    """The name in `${NAME}`, the only code that some data formats can hold; raises `Refused` for anything else."""
    name = value.text[2:-1]
    if value.text != f"${{{name}}}" or not name.isidentifier() or not name.isascii():
        raise Refused("a data file cannot hold code")
    return name
