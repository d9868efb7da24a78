"""Tables that a Python file changes after making them, and the tables that exist only as such changes (`app.config[…]
= …`).

An assignment that surely runs is made on the table. Any other one blurs it: `complete` becomes False and the key
unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from neonlint.formats.python_scopes import Binding, Change, Scope
from neonlint.ir.source import Entry, Span, Table, TableKind, Unknown
from neonlint.records import dataclass, replace

if TYPE_CHECKING:
    from neonlint.formats.python_values import Values

#: Methods that only add what they are given, so that literal arguments tell everything.
_ADDING = frozenset({"update", "from_mapping"})


@dataclass(frozen=True, slots=True)
class _Place:
    """One entry to be put at the end of a path of keys."""

    keys: tuple[str, ...]
    entry: Entry


def merged(entries: Sequence[Entry], more: Iterable[Entry]) -> tuple[Entry, ...]:
    """`entries` with `more` put over them, each key in its first place."""
    found = {entry.key: entry for entry in entries}
    found.update((entry.key, entry) for entry in more)
    return tuple(found.values())


def unpacked(values: Values, node: ast.expr, scope: Scope) -> Table | None:
    """The table that `**node` unpacks; not complete where a call is handed the table itself, which might add to it."""
    value = values.value(node, scope)
    if not isinstance(value, Table):
        return None
    if values.handed is None:
        calls = [part for part in ast.walk(values.source.tree) if isinstance(part, ast.Call)]
        given = [arg for call in calls for arg in (*call.args, *(k.value for k in call.keywords if k.arg))]
        values.handed = {arg.id for arg in given if isinstance(arg, ast.Name)}
    handed = isinstance(node, ast.Name) and node.id in values.handed
    return replace(value, complete=value.complete and not handed)


def changed(values: Values, table: Table, changes: Sequence[Change], home: Scope, *, alone: bool) -> Table:
    """`table` as it is after `changes`; `alone` is False where its name is assigned more than once."""
    for change in changes:
        places = _places(values, change) if alone and not change.conditional and change.scope is home else None
        result = _put_all(table, places) if places is not None else None
        if result is None:
            values.mutates.add(change.base)
            result = _blurred_by(table, change)
        table = result
    for name, base in values.survey.loops:
        if home.kind == "module" and base and base.partition("[")[0] == table.name and values.changes(name):
            values.mutates.add(base)
            table = blurred(table, [None], None)
    return table


def _places(values: Values, change: Change) -> list[_Place] | None:
    """The entries that a statement adds, or None where that cannot be told."""
    keys = [str(key.value) for key in change.keys if key is not None]
    if len(keys) != len(change.keys):
        return None
    if change.how == "set" and change.value is not None and keys:
        return [_Place(tuple(keys[:-1]), assigned_entry(values, change))]
    given = _given(values, change)
    return None if given is None else [_Place(tuple(keys), entry) for entry in given]


def assigned_entry(values: Values, change: Change) -> Entry:
    """The entry that `base["key"] = value` makes; its span is the whole statement."""
    key = change.keys[-1]
    if key is None or change.value is None:
        raise TypeError
    value, span = values.value(change.value, change.scope), values.source.span(change.statement)
    return Entry(str(key.value), values.source.span(key), value, span)


def _given(values: Values, change: Change) -> tuple[Entry, ...] | None:
    """What `update(…)`, `|= …` and the like are given, where all of it can be seen."""
    if change.how == "augment" and change.value is not None:
        value = values.value(change.value, change.scope)
        return value.entries if isinstance(value, Table) and value.complete else None
    if change.how not in _ADDING or not isinstance(change.statement, ast.Call):
        return None
    call = values.call(change.statement, change.scope)
    entries = list(call.keywords.entries)
    for arg in call.args:
        if not isinstance(arg, Table) or not arg.complete:
            return None
        entries = [*arg.entries, *entries]
    return tuple(entries) if call.args_complete and call.keywords.complete else None


def _put_all(table: Table, places: Iterable[_Place]) -> Table | None:
    for place in places:
        result = _put(table, place.keys, place.entry)
        if result is None:
            return None
        table = result
    return table


def _put(table: Table, keys: Sequence[str], entry: Entry) -> Table | None:
    """`table` with `entry` at the end of the path; None where the path leads through something that is no table."""
    if not keys:
        return replace(table, entries=merged(table.entries, [entry]))
    old = table.entry(keys[0])
    if old is None or not isinstance(old.value, Table):
        return None
    inner = _put(old.value, keys[1:], entry)
    if inner is None:
        return None
    return replace(table, entries=merged(table.entries, [replace(old, value=inner)]))


def blurred(table: Table, path: Sequence[str | None], key: str | None) -> Table:
    """`table` where something may have happened to `key` of the table at the end of `path`; None is any key."""
    if path:
        first, rest = path[0], path[1:]
        entries = [
            replace(entry, value=blurred(entry.value, rest, key))
            if first in (None, entry.key) and isinstance(entry.value, Table)
            else entry
            for entry in table.entries
        ]
        seen = first is None or table.entry(first) is not None
        return replace(table, entries=tuple(entries), complete=table.complete and seen)
    entries = [_unknown(entry) if key is not None and entry.key == key else entry for entry in table.entries]
    return replace(table, entries=tuple(entries), complete=False)


def _unknown(entry: Entry) -> Entry:
    return replace(entry, value=Unknown("assigned again under a condition", entry.value.span))


def _blurred_by(table: Table, change: Change) -> Table:
    keys = [str(key.value) if key else None for key in change.keys]
    if change.how in ("set", "delete") and keys:
        return blurred(table, keys[:-1], keys[-1])
    return blurred(table, keys, None)


# Tables that no display makes


def loose_tables(values: Values) -> list[Entry]:
    """`app.config` (of whatever name before `.config`), `os.environ`, and imported tables that this file adds to."""
    found: dict[str, list[Change]] = {}
    for change in values.survey.changes:
        if (name := _loose_name(change)) is not None:
            found.setdefault(name, []).append(change)
    tables = [(name, _loose(values, name, changes)) for name, changes in found.items()]
    return [Entry(name, table.span, table, table.span) for name, table in tables if table.entries]


def _loose_name(change: Change) -> str | None:
    head, _, last = change.base.rpartition(".")
    if last == "config" and head and head not in ("self", "cls"):
        return "app.config"
    bindings = change.scope.find(change.base.partition(".")[0])
    if change.base == "os.environ" or any(b.dotted == "os.environ" for b in bindings if not head):
        return "os.environ"
    return None if head or not _from_elsewhere(bindings) or change.scope.kind != "module" else change.base


def _from_elsewhere(bindings: Sequence[Binding]) -> bool:
    return all(binding.kind == "import" for binding in bindings)


def _loose(values: Values, name: str, changes: Sequence[Change]) -> Table:
    kind: TableKind = "env" if name == "os.environ" else "dict"
    table = Table(kind, (), Span(0, 0), complete=name == "app.config", name=name)
    for change in changes:
        places = _loose_places(values, change)
        if places is None:
            values.mutates.add(name)
            table = _blurred_by(table, change)
        for place in places or ():
            table = _put_deep(table, place.keys, place.entry)
    return replace(table, span=table.entries[0].span) if table.entries else table


def _loose_places(values: Values, change: Change) -> list[_Place] | None:
    """As `_places`, and `setdefault("X", value)` too, because here the default is worth seeing."""
    if change.how == "setdefault" and isinstance(change.statement, ast.Call):
        args = change.statement.args
        if len(args) == 2 and isinstance(args[0], ast.Constant) and isinstance(args[0].value, str) and not change.keys:
            value, span = values.value(args[1], change.scope), values.source.span(change.statement)
            return [_Place((), Entry(args[0].value, values.source.span(args[0]), value, span))]
        return None
    return _places(values, change)


def _put_deep(table: Table, keys: Sequence[str], entry: Entry) -> Table:
    """As `_put`, making the tables on the way; those are never complete, because another file made them."""
    if not keys:
        return replace(table, entries=merged(table.entries, [entry]))
    old = table.entry(keys[0])
    inner = old.value if old and isinstance(old.value, Table) else Table("dict", (), entry.span, False, keys[0])
    outer = Entry(keys[0], old.key_span if old else entry.key_span, _put_deep(inner, keys[1:], entry), entry.span)
    return replace(table, entries=merged(table.entries, [outer]))
