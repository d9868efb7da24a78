"""JavaScript's object literals as tables: spreads, conditional parts, and what the file changes after making them.

An assignment that surely runs is made on the table. Any other one blurs it: `complete` becomes False and the key
unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tree_sitter import Node

from neonlint.formats.javascript_scopes import Change, Scope, unwrapped
from neonlint.formats.javascript_source import span
from neonlint.ir.source import Entry, Items, Scalar, Span, Table, Unknown, Value
from neonlint.records import replace

if TYPE_CHECKING:
    from neonlint.formats.javascript_values import Values

_MANY = 200


def display(values: Values, node: Node, scope: Scope) -> Table:
    """An object literal."""
    found: dict[str, Entry] = {}
    complete = not node.has_error
    for part in node.named_children:
        if part.type == "spread_element":
            found, whole = _spread(values, part, found, scope)
            complete = complete and whole
            continue
        entry = _entry(values, part, scope)
        if entry is not None:
            found[entry.key] = entry
        elif part.type != "comment":
            complete = False
    return Table("dict", tuple(found.values()), span(node), complete, values.key_of(node))


def _entry(values: Values, part: Node, scope: Scope) -> Entry | None:
    """What one part of an object literal says; None for a key that is worked out."""
    if part.type == "shorthand_property_identifier":
        return Entry(values.source.text(part), span(part), values.value(part, scope), span(part))
    key = part.child_by_field_name("key") or part.child_by_field_name("name")
    if key is None or part.type not in ("pair", "method_definition"):
        return None
    text = _key(values, key, scope)
    if text is None:
        return None
    value = part.child_by_field_name("value")
    if part.type == "method_definition":
        return Entry(text, span(key), values.unknown("a function", part), span(part))
    return Entry(text, span(key), values.value(value, scope), span(part)) if value is not None else None


def _key(values: Values, key: Node, scope: Scope) -> str | None:
    if key.type == "computed_property_name":
        inner = values.value(key.named_children[0], scope) if key.named_children else None
        return inner.value if isinstance(inner, Scalar) and isinstance(inner.value, str) else None
    if key.type == "string":
        literal = values.value(key, scope)
        return literal.value if isinstance(literal, Scalar) and isinstance(literal.value, str) else None
    return values.source.text(key)


def _spread(values: Values, part: Node, found: dict[str, Entry], scope: Scope) -> tuple[dict[str, Entry], bool]:
    """`found` behind `...x`, and whether all that it brings could be seen."""
    inner = unwrapped(part.named_children[0]) if part.named_children else None
    options = _options(inner) if inner is not None else None
    if options is not None:
        return _perhaps(values, options, found, scope)
    value = values.value(inner, scope) if inner is not None else None
    if isinstance(value, Table):
        kept = found if value.complete else _unsure(found, set(found) - {e.key for e in value.entries})
        return {**kept, **{entry.key: entry for entry in value.entries}}, value.complete
    return _unsure(found, set(found)), False


def _options(node: Node) -> list[Node] | None:
    """The objects of which `...(a && {…})` and `...(a ? {…} : {…})` spread one or none."""
    if node.type == "ternary_expression":
        both = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        return [unwrapped(one) for one in both if one is not None]
    operator = node.child_by_field_name("operator") if node.type == "binary_expression" else None
    right = node.child_by_field_name("right")
    return [unwrapped(right)] if operator is not None and operator.type == "&&" and right is not None else None


def _perhaps(
    values: Values, options: list[Node], found: dict[str, Entry], scope: Scope
) -> tuple[dict[str, Entry], bool]:
    """Each key of the options is unknown then, the others are as they were."""
    tables = [values.value(one, scope) for one in options]
    seen = all((isinstance(one, Table) and one.complete) or _is_nothing(one) for one in tables)
    if not seen:
        return _unsure(found, set(found)), False
    keys = {entry.key: entry for one in tables if isinstance(one, Table) for entry in one.entries}
    more = {key: _unknown(entry, entry.span) for key, entry in keys.items()}
    return {**found, **more}, True


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Scalar) and (value.value is None or value.value is False)


def _unsure(found: dict[str, Entry], keys: set[str]) -> dict[str, Entry]:
    return {key: _unknown(entry, entry.value.span) if key in keys else entry for key, entry in found.items()}


def _unknown(entry: Entry, where: Span) -> Entry:
    held = entry.value
    if isinstance(held, Unknown) and held.of is not None:
        return replace(entry, value=Unknown("depends on a condition", where, held.of))
    return replace(entry, value=Unknown("depends on a condition", where, Items((held,), held.span)))


def assigned(values: Values, node: Node, given: Sequence[Node], scope: Scope) -> Value:
    """`Object.assign({}, a, b)`: the first, with the others over it."""
    found: dict[str, Entry] = {}
    complete = True
    for one in given:
        value = values.value(one, scope)
        if not isinstance(value, Table):
            found, complete = _unsure(found, set(found)), False
            continue
        found = {**found, **{entry.key: entry for entry in value.entries}}
        complete = complete and value.complete
    return Table("dict", tuple(found.values()), span(node), complete, values.key_of(node))


# Changes


def changed(values: Values, table: Table, changes: Sequence[Change], home: Scope, *, alone: bool) -> Table:
    """`table` as it is after `changes`; `alone` is False where its name is assigned more than once."""
    if len(changes) > _MANY:
        values.mutates.update(change.base for change in changes[:1])
        return _blurred(table, (), whole=True)
    for change in changes:
        entries = _given(values, change) if alone and not change.conditional and change.scope is home else None
        result: Table | None = table
        keys = change.keys if change.how == "merge" else change.keys[:-1]
        for entry in entries or ():
            result = put(result, [str(key) for key in keys], entry) if result is not None else None
        if entries is None or result is None:
            values.mutates.add(change.base)
            result = _blurred(table, list(change.keys), whole=change.how == "merge")
        table = result
    return table


def _given(values: Values, change: Change) -> tuple[Entry, ...] | None:
    """The entries that a statement adds, None where that cannot be told."""
    if None in change.keys or change.value is None:
        return None
    value = values.value(change.value, change.scope)
    if change.how == "merge":
        return value.entries if isinstance(value, Table) and value.complete else None
    return (Entry(str(change.keys[-1]), span(change.key_node), value, span(change.statement)),) if change.keys else None


def put(table: Table, keys: Sequence[str], entry: Entry) -> Table | None:
    """`table` with `entry` at the end of the path; None where the path leads through something that is no table."""
    if not keys:
        return replace(table, entries=_merged(table.entries, [entry]))
    old = table.entry(keys[0])
    if old is None or not isinstance(old.value, Table):
        return None
    inner = put(old.value, keys[1:], entry)
    return None if inner is None else replace(table, entries=_merged(table.entries, [replace(old, value=inner)]))


def _merged(entries: Sequence[Entry], more: Iterable[Entry]) -> tuple[Entry, ...]:
    found = {entry.key: entry for entry in entries}
    found.update((entry.key, entry) for entry in more)
    return tuple(found.values())


def _blurred(table: Table, keys: Sequence[str | None], *, whole: bool) -> Table:
    """`table` where something may have happened at the end of `keys`; None is any key, `whole` everything in there."""
    if not keys:
        return replace(table, entries=tuple(_unknown(e, e.value.span) for e in table.entries), complete=False)
    first, rest = keys[0], keys[1:]
    entries = []
    for entry in table.entries:
        hit = first is None or entry.key == first
        if hit and (rest or whole) and isinstance(entry.value, Table):
            entries.append(replace(entry, value=_blurred(entry.value, rest, whole=whole)))
        else:
            entries.append(_unknown(entry, entry.value.span) if hit else entry)
    seen = first is not None and table.entry(first) is not None
    return replace(table, entries=tuple(entries), complete=table.complete and seen)
