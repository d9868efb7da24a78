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


def connections_of(document: Document, root: Table, texts: frozenset[Span] = frozenset()) -> Iterator[Connection]:
    """Every connection below one root of a data file. `texts` is where values stand that are shell text, whose
    connections are those of its commands."""
    for path, table, entry, value in walk_with_path(root):
        if isinstance(value, Table):
            yield from _grouped(document, value, path)
        elif entry is None:
            continue
        elif isinstance(value, Scalar) and value.slot is not None and value.slot.span not in texts:
            yield from _from_slot(document, value.slot, path, entry, _standing(document, table))
        elif isinstance(value, EnvRef) and isinstance(value.default, Scalar) and value.default.slot is not None:
            yield from _from_slot(document, value.default.slot, path, entry, "default")
        elif isinstance(value, Unknown) and (slot := branch_output(document, value.span)) is not None:
            yield from _from_slot(document, slot, path, entry, _standing(document, table))


def branch_output(document: Document, span: Span) -> Slot | None:
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
) -> Iterator[Connection]:
    seen = recognise(slot.text)
    if seen is not None:
        dialect, view = seen
        name = path[-1] if path else ""
        key = ".".join(path)
        yield Connection(document, dialect, standing, name, key, entry.key_span, slot=slot, view=view)


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
            stack.extend(((*path, e.key), value, e, e.value) for e in reversed(_variables_first(value.entries)))
        elif isinstance(value, Items):
            stack.extend((path, table, entry, v) for v in reversed(value.values))


def _variables_first(entries: tuple[Entry, ...]) -> list[Entry]:
    """Entries in their order, but of what formats give twice under one key (`- name: X` as list and as variable) the
    variable first, so that its value is known by its name."""
    found: list[Entry] = []
    for entry in entries:
        twice = bool(found) and found[-1].key_span == entry.key_span
        found.insert(len(found) - 1 if twice else len(found), entry)
    return found
