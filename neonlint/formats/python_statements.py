"""Adds and removes whole statements: assignments of a class or module, `app.config["X"] = …`. Refuses shared rows."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from neonlint.errors import Refused
from neonlint.formats.python_places import Places, StatementPlace
from neonlint.formats.python_source import Source
from neonlint.ir.source import Entry, Table

Change = tuple[int, int, str]


def drop(source: Source, place: StatementPlace) -> Change:
    """Remove a statement with its rows, and a comment behind it."""
    if len(place.body) == 1 and place.body is not source.tree.body:
        raise Refused("the statement is the only one in its block")
    start, end = _rows(source, place.node)
    return start, end, ""


def _rows(source: Source, node: ast.stmt) -> tuple[int, int]:
    """The rows of a statement that stands alone in them, with the last row's end."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    start, node_end = source.rows[first], source.bounds(node)[1]
    end = source.rows[last] if last < len(source.rows) else len(source.utf8)
    behind = source.utf8[node_end:end].strip()
    if source.utf8[start : source.bounds(node)[0]].strip() or not (behind == b"" or behind.startswith(b"#")):
        raise Refused("the statement shares its row with others")
    return start, end


def _behind(source: Source, node: ast.stmt, texts: Sequence[str]) -> Change:
    """New rows with `texts` behind a statement, indented as it is."""
    start, end = _rows(source, node)
    indent = source.utf8[start : source.bounds(node)[0]].decode()
    eol = source.eol()
    if source.utf8[start:end].endswith((b"\n", b"\r")):
        return end, end, "".join(indent + text + eol for text in texts)
    return end, end, "".join(eol + indent + text for text in texts)


def assign(places: Places, table: Table, key: str, value: str, *, kind: str, after: Entry | None) -> Change:
    """`KEY = value` behind the last assignment of a class or module (or behind `after`); `kind` is the value's type
    or "".
    """
    if not key.isidentifier():
        raise Refused("the key cannot be a name")
    anchor = _anchor(places, table, after)
    annotated = isinstance(anchor.node, ast.AnnAssign) and table.kind == "class"
    if annotated and not kind:
        raise Refused("the type of the new field cannot be told")
    return _behind(places.source, anchor.node, [f"{key}: {kind} = {value}" if annotated else f"{key} = {value}"])


def _anchor(places: Places, table: Table, after: Entry | None) -> StatementPlace:
    for entry in (after,) if after else reversed(table.entries):
        place = places.statement(entry)
        if place is None or not _is_name(place.node):
            continue
        if table.kind != "module" or place.body is places.source.tree.body:
            return place
    raise Refused("there is no assignment to write the new one beside")


def _is_name(node: ast.stmt) -> bool:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(target, ast.Name)


def like_last(places: Places, table: Table, quoted: str, value: str, after: Entry | None) -> Change:
    """One more `base["key"] = value`, written as the last such statement of the table (or as `after`) is."""
    for entry in (after,) if after else reversed(table.entries):
        place, old = places.statement(entry), places.value(entry)
        if place is None or old is None:
            continue
        source = places.source
        start, end = source.bounds(place.node)
        key_start, key_end = places.range_of(entry.key_span)
        value_start, value_end = source.bounds(old)
        parts = [source.utf8[a:b].decode() for a, b in ((start, key_start), (key_end, value_start), (value_end, end))]
        if not start < key_start < key_end < value_start or any(c in part for part in parts for c in "\r\n#(" if part):
            continue
        return _behind(source, place.node, [f"{parts[0]}{quoted}{parts[1]}{value}{parts[2]}"])
    raise Refused("there is no simple assignment to write the new one beside")
