"""Whether a rendered change does what its ops say and nothing else, found by reading the result. Knows no format.

Two documents are compared as shapes: plain tuples of keys, values and comments without any positions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from neonlint.edits import Code, DropEntry, Edit, Literal, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats.base import Format
from neonlint.ir.source import (
    Call,
    Document,
    Entry,
    EnvRef,
    Items,
    Ref,
    Scalar,
    ShellCommand,
    Slot,
    Table,
    Unknown,
    Value,
)
from neonlint.records import dataclass, field

Shape: TypeAlias = tuple[object, ...]


def confirm(format_: Format, document: Document, ops: Sequence[Op], edits: Sequence[Edit], *, as_text: bool) -> None:
    """Read the changed file; raises `Refused` unless it says what `ops` ask for and everything else as before.

    `as_text` is for formats whose values are all strings: a number that was set is then found as its text.
    """
    try:
        after = format_.read(document.path, apply(document.data, merge(edits)))
        same = _Wanted(as_text, ops).document(document) == _Wanted(as_text, ()).document(after)
    except (ParseFailure, RecursionError):
        raise Refused("the changed file could not be read again") from None
    if not same:
        raise Refused("the change would alter how another part of the file is read")


def changed_text(slot: Slot, ops: Iterable[ReplaceText]) -> str:
    """The whole text of `slot` after all `ops`, whose ranges count characters of the text before any of them."""
    pieces, at = [], 0
    for op in sorted(ops, key=lambda op: (op.start, op.end)):
        if op.start < at:
            raise Refused("two fixes claim the same place")
        pieces += [slot.text[at : op.start], op.new]
        at = op.end
    return "".join([*pieces, slot.text[at:]])


def spelled(value: Literal) -> str:
    """A value that is no string, as YAML, TOML and JSON spell it; `Code` as it stands."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return value.text if isinstance(value, Code) else str(value)


def as_string(value: Literal) -> str:
    """A value for formats that know only text; `None` is the empty text."""
    return "" if value is None else spelled(value)


@dataclass(slots=True)
class _Wanted:
    """The shape of a document once `ops` are done."""

    as_text: bool
    ops: Sequence[Op]
    texts: dict[int, list[ReplaceText]] = field(default_factory=dict)
    values: dict[int, Literal] = field(default_factory=dict)
    added: dict[int, dict[str, Literal]] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        for op in self.ops:
            match op:
                case ReplaceText(slot=slot):
                    self.texts.setdefault(id(slot), []).append(op)
                case ReplaceValue(value=value, new=new):
                    self.values[id(value)] = new
                case DropEntry(entry=entry):
                    self.dropped.add(id(entry))
                case SetEntry(table=table, key=key, value=new):
                    self.added.setdefault(id(table), {})[key] = new

    def document(self, document: Document) -> Shape:
        roots = tuple(self.shape(root) for root in document.roots)
        # A statement that only assigns is compared where its entries stand.
        commands = tuple(self.command(command) for command in document.commands if command.words)
        return roots, commands, sorted(comment.text for comment in document.comments)

    def command(self, command: ShellCommand) -> Shape:
        words = tuple(self.shape(word) for word in command.words)
        redirects = tuple((operator, self.shape(value)) for operator, value in command.redirects)
        return command.scope, words, redirects, self.shape(command.environment)

    def shape(self, value: Value) -> Shape:
        if id(value) in self.values:
            return self.literal(self.values[id(value)])
        match value:
            case Scalar():
                return self.scalar(value)
            case Table():
                return "table", value.kind, value.complete, self.entries(value)
            case Items(values=values):
                return "items", tuple(self.shape(item) for item in values)
            case _:
                return self.not_literal(value)

    def not_literal(self, value: EnvRef | Ref | Unknown | Call) -> Shape:
        match value:
            case EnvRef(name=name, default=default):
                return "env", name, self.shape(default) if default else None
            case Ref(name=name):
                return "ref", name
            case Unknown(why=why):
                return "unknown", why
            case _:
                raise Refused("a data file cannot hold code")

    def scalar(self, scalar: Scalar) -> Shape:
        kind, slot = type(scalar.value).__name__, scalar.slot
        if slot is None:
            return "scalar", kind, spelled(scalar.value), ()
        text = changed_text(slot, self.texts.get(id(slot), ()))
        return "scalar", kind, text, tuple(self.shape(part) for part in slot.holes)

    def literal(self, value: Literal) -> Shape:
        if isinstance(value, Code):
            # A look-up in the environment, the only code of data files: `${NAME}`, or Prisma's `env("NAME")`.
            return "env", value.text.removeprefix("env").strip('${}(")'), None
        if self.as_text:
            return "scalar", "str", as_string(value), ()
        text = value if isinstance(value, str) else spelled(value)
        return "scalar", type(value).__name__, text, ()

    def entries(self, table: Table) -> Shape:
        # A list that is also shown as an `env` table is compared once, as that table.
        shown = {(e.key, e.span) for e in table.entries if isinstance(e.value, Table) and e.value.kind == "env"}
        pairs: list[tuple[str, Shape]] = []
        wanted = dict(self.added.get(id(table), {}))
        for entry in reversed(table.entries):
            twin = isinstance(entry.value, Items) and (entry.key, entry.span) in shown
            if id(entry) not in self.dropped and not twin:
                pairs.append((entry.key, self.entry(entry, wanted)))
        pairs += [(key, self.literal(value)) for key, value in wanted.items()]
        # New entries may stand anywhere (in TOML in front of the first sub-table); equal keys keep their order.
        return tuple(sorted(pairs, key=lambda pair: pair[0]))

    def entry(self, entry: Entry, wanted: dict[str, Literal]) -> Shape:
        return self.literal(wanted.pop(entry.key)) if entry.key in wanted else self.shape(entry.value)
