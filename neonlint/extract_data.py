"""The connections and dependencies of a data file: strings, environment blocks and mappings that say how to reach a
database."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from neonlint.dialects import fields as fields_dialect
from neonlint.dialects import recognise
from neonlint.ir.model import Connection, Dependency, Standing
from neonlint.ir.source import Document, Entry, EnvRef, Items, Scalar, Slot, Span, Table, Unknown, Value


def dependencies_of(document: Document) -> Iterator[Dependency]:
    """The packages that a `package.json` names."""
    if document.root is None or posixpath.basename(document.path) != "package.json":
        return
    for key in ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies"):
        named = document.root.get(key)
        for entry in named.entries if isinstance(named, Table) else ():
            version = entry.value.value if isinstance(entry.value, Scalar) else ""
            yield Dependency(document, "npm", entry.key, str(version), entry.key_span)


def connections_of(document: Document, root: Table) -> Iterator[Connection]:
    """Every connection below one root of a data file."""
    commands: dict[int, tuple[str, ...]] = {}
    for path, table, entry, value in walk_with_path(root):
        runs = commands.get(id(table), ())
        if isinstance(value, Table):
            commands |= _commands(value)
            yield from _grouped(document, value, path)
        elif entry is None:
            continue
        elif isinstance(value, Scalar) and value.slot is not None:
            yield from _from_slot(document, value.slot, path, entry, _standing(document, table), runs)
        elif isinstance(value, EnvRef) and isinstance(value.default, Scalar) and value.default.slot is not None:
            yield from _from_slot(document, value.default.slot, path, entry, "default", runs)
        elif isinstance(value, Unknown) and (slot := _branch_output(document, value.span)) is not None:
            yield from _from_slot(document, slot, path, entry, _standing(document, table), runs)


def _commands(table: Table) -> dict[int, tuple[str, ...]]:
    """By environment block (its identity), the shell commands that a mapping runs with it."""
    found = []
    for key in ("run", "command", "script"):
        given = table.get(key)
        values = given.values if isinstance(given, Items) else (given,)
        found += [v.slot.text for v in values if isinstance(v, Scalar) and v.slot is not None]
    blocks = (entry.value for entry in table.entries if isinstance(entry.value, Table) and entry.value.kind == "env")
    return {id(block): tuple(found) for block in blocks} if found else {}


def _branch_output(document: Document, span: Span) -> Slot | None:
    """A workflow expression that stands for a Neon connection string, as a slot that cannot be written."""
    if ".github/" not in f"/{document.path}":
        return None
    from neonlint.platforms.github import branch_url  # noqa: PLC0415 - only workflows need it

    text = branch_url(document.data[span.start : span.end].decode())
    if text is None:
        return None
    unseen = Unknown("the action gives it at run time", span)
    return Slot(text, (span.start,) * len(text), (span.end,) * len(text), span, "output", (unseen,), writable=False)


def _standing(document: Document, table: Table | None) -> Standing:
    if document.format == "text":
        return "text"
    return "environment" if table is not None and table.kind == "env" else "config"


def _from_slot(
    document: Document,
    slot: Slot,
    path: tuple[str, ...],
    entry: Entry,
    standing: Standing,
    commands: tuple[str, ...],
) -> Iterator[Connection]:
    seen = recognise(slot.text)
    if seen is not None:
        dialect, view = seen
        name = path[-1] if path else ""
        key = ".".join(path)
        yield Connection(
            document, dialect, standing, name, key, entry.key_span, slot=slot, view=view, commands=commands
        )


def _grouped(document: Document, table: Table, path: tuple[str, ...]) -> Iterator[Connection]:
    if table.kind == "env":
        for found in fields_dialect.environment_groups(table):
            host = found.fields["host"]
            key = ".".join((*path, host.key))
            yield Connection(
                document,
                "fields",
                "environment",
                host.key,
                key,
                host.key_span,
                table=table,
                fields=found.fields,
                family=found.family,
            )
    elif fields_dialect.looks_like_connection(table):
        found_group = fields_dialect.group(table, "mapping")
        assert found_group is not None
        host = found_group.fields["host"]
        yield Connection(
            document,
            "fields",
            "config",
            "",
            ".".join((*path, host.key)),
            host.key_span,
            table=table,
            fields=found_group.fields,
            family="mapping",
        )


def walk_with_path(root: Table) -> Iterator[tuple[tuple[str, ...], Table | None, Entry | None, Value]]:
    """Every value of a data file with its key path, the table it stands in and its entry; without recursion."""
    stack: list[tuple[tuple[str, ...], Table | None, Entry | None, Value]] = [((), None, None, root)]
    seen: set[int] = set()
    while stack:
        path, table, entry, value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield path, table, entry, value
        if isinstance(value, Table):
            stack.extend(((*path, e.key), value, e, e.value) for e in reversed(value.entries))
        elif isinstance(value, Items):
            stack.extend((path, table, entry, v) for v in reversed(value.values))
