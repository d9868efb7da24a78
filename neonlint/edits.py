"""Changes: what a repair wants of a document (`Op`), and the byte edits that a format makes of it (`Edit`). Knows no
rule.

An `Edit` replaces bytes `start` to `end` (exclusive, 0-based) of the original file. Edits of one file never overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from neonlint.errors import Refused
from neonlint.ir.source import Entry, Slot, Table, Value
from neonlint.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace bytes `start` to `end` with `new`."""

    start: int
    end: int
    new: bytes = field(repr=False)


class Code(NamedTuple):
    """A value to be written as an expression of the file's own language, with the modules that it needs imported.

    `imports` holds module names (`ssl`) or `module:name` for `from module import name`; in JavaScript a module's name
    alone binds its default export.
    """

    text: str
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nested:
    """A table of its own to be written as a value, in the file's own language (`{"key": True}`, `{ key: true }`)."""

    entries: tuple[tuple[str, Literal], ...] = field(repr=False)


#: What can be written as the value of an entry.
Literal: TypeAlias = str | int | float | bool | None | Code | Nested


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Replace characters `start` to `end` (exclusive) of a slot's decoded text; every format can do this."""

    slot: Slot
    start: int
    end: int
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetEntry:
    """Give `key` this value in `table`, replacing the entry's value or adding an entry behind the last one (or behind
    `after`)."""

    table: Table
    key: str
    value: Literal = field(repr=False)
    after: Entry | None = None


class DropEntry(NamedTuple):
    """Remove an entry with its separator; a line that held nothing else goes with it."""

    table: Table
    entry: Entry


@dataclass(frozen=True, slots=True)
class ReplaceValue:
    """Write another value in the place of this one (a string literal becomes an environment look-up)."""

    value: Value
    new: Literal = field(repr=False)


Op: TypeAlias = ReplaceText | SetEntry | DropEntry | ReplaceValue


def merge(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in file order, equal ones once; raises `Refused` when two of them claim the same bytes."""
    ordered = sorted(set(edits), key=lambda e: (e.start, e.end))
    for before, after in pairwise(ordered):
        clash = before.start == after.start == before.end == after.end
        if after.start < before.end or clash:
            raise Refused("two fixes claim the same place")
    return ordered


def apply(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The file with `edits` made; they must be what `merge` returns."""
    pieces, at = [], 0
    for edit in edits:
        pieces += [data[at : edit.start], edit.new]
        at = edit.end
    return b"".join([*pieces, data[at:]])
