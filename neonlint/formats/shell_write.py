"""Writing what holds shell text: words in quotes that hold them, assignments in front of a command or on lines.

The same for scripts, Makefiles, Dockerfiles and Procfiles; each says what else it has in its `Layout`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

from neonlint.edits import Code, DropEntry, Edit, Literal, Op, ReplaceText, ReplaceValue, SetEntry, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats.base import Format
from neonlint.formats.confirm import as_string, changed_text, confirm
from neonlint.formats.lines import line_end, line_start, newline_at, next_line
from neonlint.formats.shell_embedded import lowered, slots_of
from neonlint.formats.shell_strings import Change, changes, encode, quoted, quoting_of
from neonlint.formats.writing import environment_name, no_code
from neonlint.ir.source import Document, Entry, Scalar, Slot, Table, Value
from neonlint.records import dataclass
from neonlint.regex import regex

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*+")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a format has besides words: `escape` writes shell text as the file needs it, `own` are the changes of a slot
    that no shell reads (None for all others), `add` and `drop` write entries of its own tables (None where they are
    lines of a script)."""

    escape: Callable[[str], str] = lambda text: text
    own: Callable[[Slot, Sequence[ReplaceText]], list[Change] | None] = lambda _slot, _ops: None
    add: Callable[[Document, Table, Entry | None, Sequence[tuple[str, str]]], list[Edit]] | None = None
    drop: Callable[[Document, Table, Entry], list[Edit]] | None = None


def rendered(format_: Format, layout: Layout, document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits that make `ops` true, confirmed by reading the result; raises `Refused`."""
    ops = lowered(document, ops)
    slots: dict[int, list[ReplaceText]] = {}
    edits: list[Edit] = []
    for op in ops:
        match op:
            case ReplaceText(slot=slot):
                slots.setdefault(id(slot), []).append(op)
            case ReplaceValue(value=value, new=new):
                edits += _put(layout, value, new)
            case SetEntry(table=table, key=key, value=new, after=after):
                edits += _set(layout, document, table, key, new, after)
            case DropEntry(table=table, entry=entry):
                edits += _drop(layout, document, table, entry)
            case _:
                assert_never(op)
    for group in slots.values():
        edits += _edits(layout, group[0].slot, group)
    merged = merge(_in_one(edits))
    _confirm(format_, document, ops, merged)
    return merged


def _in_one(edits: Sequence[Edit]) -> list[Edit]:
    """Insertions at one place as one, in their order."""
    found: dict[int, bytes] = {}
    for edit in edits:
        if edit.start == edit.end:
            found[edit.start] = found.get(edit.start, b"") + edit.new
    return [*(e for e in edits if e.start < e.end), *(Edit(at, at, new) for at, new in found.items())]


def _edits(layout: Layout, slot: Slot, ops: Sequence[ReplaceText]) -> Iterator[Edit]:
    own = layout.own(slot, ops)
    for change in changes(slot, ops) if own is None else own:
        written = layout.escape(change.text) if own is None else change.text
        yield Edit(change.start, change.end, written.encode())


def _put(layout: Layout, value: Value, new: Literal) -> Iterator[Edit]:
    if isinstance(value, Scalar) and value.slot is not None and not isinstance(new, Code):
        slot, text = value.slot, as_string(no_code(new))
        if not slot.holes or text == slot.text:
            yield from _edits(
                layout, slot, [ReplaceText(slot, 0, 0 if slot.holes else len(slot.text), _new(slot, text))]
            )
            return
    yield Edit(value.span.start, value.span.end, layout.escape(_written(new)).encode())


def _new(slot: Slot, text: str) -> str:
    return "" if slot.holes else text


def _written(new: Literal) -> str:
    if isinstance(new, Code):
        return f'"${{{environment_name(new)}}}"'
    text = as_string(no_code(new))
    return text if text and encode("bare", text) is not None else quoted(text)


def _set(layout: Layout, document: Document, table: Table, key: str, new: Literal, after: Entry | None) -> list[Edit]:
    if found := table.entry(key):
        return list(_put(layout, found.value, new))
    if not _NAME.fullmatch(key):
        raise Refused("this key cannot be a variable's name")
    if any(table is command.environment for command in document.commands):
        return _in_front(layout, table, key, new, after)
    if layout.add is not None:
        return layout.add(document, table, after, [(key, as_string(no_code(new)))])
    return _line(layout, document, table, key, new, after)


def _in_front(layout: Layout, table: Table, key: str, new: Literal, after: Entry | None) -> list[Edit]:
    """`KEY=value` in front of a command."""
    written = layout.escape(f"{key}={_written(new)}").encode()
    near = after or (table.entries[-1] if table.entries else None)
    if near is None:
        return [Edit(table.span.start, table.span.start, written + b" ")]
    return [Edit(near.span.end, near.span.end, b" " + written)]


def _line(layout: Layout, document: Document, table: Table, key: str, new: Literal, after: Entry | None) -> list[Edit]:
    """A line of its own behind an assignment, exported like that."""
    near = after or (table.entries[-1] if table.entries else None)
    if near is None:
        raise Refused("there is no line to write this behind")
    data = document.data
    start, end = line_start(data, near.span.start), line_end(data, near.span.end)
    before = data[start : near.key_span.start]
    if before.split() not in ([], [b"export"]) or data[near.span.end : end].strip() not in (b"", b";"):
        raise Refused("the assignment does not stand on a line of its own")
    line = before + layout.escape(f"{key}={_written(new)}").encode()
    newline = newline_at(data, near.span.end)
    at = next_line(data, near.span.end)
    if data[:at].endswith(b"\n"):
        return [Edit(at, at, line + newline)]
    return [Edit(at, at, newline + line)]


def _drop(layout: Layout, document: Document, table: Table, entry: Entry) -> list[Edit]:
    data, (start, end) = document.data, entry.span
    if any(table is command.environment and command.words for command in document.commands):
        behind = len(data[end:]) - len(data[end:].lstrip(b" \t"))
        return [Edit(start, end + behind, b"")]
    if layout.drop is not None:
        return layout.drop(document, table, entry)
    first, last = line_start(data, start), line_end(data, end)
    if data[first:start].split() in ([], [b"export"]) and not data[end:last].strip(b" \t;"):
        return [Edit(first, next_line(data, end), b"")]
    raise Refused("the assignment does not stand on a line of its own")


def _confirm(format_: Format, document: Document, ops: Sequence[Op], edits: list[Edit]) -> None:
    joined = [op for op in ops if isinstance(op, ReplaceText) and quoting_of(op.slot.style) == "bare&"]
    joined += [
        _whole(op.value.slot)
        for op in ops
        if isinstance(op, ReplaceValue)
        and isinstance(op.value, Scalar)
        and op.value.slot is not None
        and quoting_of(op.value.slot.style) == "bare&"
    ]
    if not joined:
        confirm(format_, document, [_owned(document, op) for op in ops], edits, as_text=True)
        return
    # What was several commands is one now, so the two readings cannot be compared command by command.
    from neonlint.edits import apply  # noqa: PLC0415

    try:
        after = format_.read(document.path, apply(document.data, edits))
    except ParseFailure:
        raise Refused("the changed file could not be read again") from None
    texts = {literal.slot.text for literal in after.literals}
    whole = {id(op.slot): [o for o in joined if o.slot is op.slot] for op in joined}
    for group in whole.values():
        if changed_text(group[0].slot, group) not in texts:
            raise Refused("the change would alter how another part of the file is read")


def _whole(slot: Slot) -> ReplaceText:
    return ReplaceText(slot, 0, len(slot.text), slot.text)


def _owned(document: Document, op: Op) -> Op:
    """A change of a part of a word, or of a longer text, as the change of the value that it is part of."""
    if not isinstance(op, ReplaceText):
        return op
    part, found = op.slot, op
    for slot in slots_of(document):
        if slot is part:
            return op
        if slot.span.start <= part.span.start and part.span.end <= slot.span.end:
            skipped = _place_of(part, slot)
            found = found if skipped is None else ReplaceText(slot, op.start + skipped, op.end + skipped, op.new)
    return found


def _place_of(part: Slot, slot: Slot) -> int | None:
    """The character of `slot` at which `part` begins."""
    index = bisect_left(slot.starts, part.starts[0]) if part.starts else len(slot.text)
    same = len(slot.text) >= index + len(part.text)
    return index if same and list(slot.starts[index : index + 1]) == list(part.starts[:1]) else None
