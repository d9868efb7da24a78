"""From one document to the subjects it holds: every place that says how to reach a database. Looks at no other file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from neonlint.clients.calls import clients_of
from neonlint.clients.statements import logs_of, statements_of
from neonlint.dialects import fields as fields_dialect
from neonlint.dialects import recognise
from neonlint.ir.model import Client, Connection, Extract, Standing
from neonlint.ir.source import Document, EnvRef, Entry, Items, Scalar, Slot, Span, StringLiteral, Table, Value

_NEON_PASSWORD = re.compile(r"(?<![A-Za-z0-9_])npg_[A-Za-z0-9]{12,}(?![A-Za-z0-9])")


def extract(document: Document) -> Extract:
    """Every connection, client, statement and log call of a document."""
    if document.format == "python":
        clients = tuple(clients_of(document))
        connections = [*_code_connections(document), *(c.fields for c in clients if c.fields is not None)]
        return Extract(
            document,
            tuple(_with_bare_secrets(document, connections)),
            clients,
            tuple(statements_of(document, clients)),
            tuple(logs_of(document)),
        )
    connections = [c for root in document.roots for c in _data_connections(document, root)]
    return Extract(document, tuple(_with_bare_secrets(document, connections)), tuple(clients_of(document)))


def _data_connections(document: Document, root: Table) -> Iterator[Connection]:
    for path, table, entry, value in _walk(root):
        if isinstance(value, Table):
            yield from _grouped(document, value, path, entry)
        elif isinstance(value, Scalar) and value.slot is not None and entry is not None:
            yield from _from_slot(document, value.slot, path, entry, _standing(document, table))
        elif isinstance(value, EnvRef) and entry is not None and isinstance(value.default, Scalar):
            if value.default.slot is not None:
                yield from _from_slot(document, value.default.slot, path, entry, "default")


def _standing(document: Document, table: Table | None) -> Standing:
    if document.format == "text":
        return "text"
    return "environment" if table is not None and table.kind == "env" else "config"


def _walk(root: Table) -> Iterator[tuple[tuple[str, ...], Table | None, Entry | None, Value]]:
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


def _from_slot(
    document: Document, slot: Slot, path: tuple[str, ...], entry: Entry, standing: Standing
) -> Iterator[Connection]:
    seen = recognise(slot.text)
    if seen is not None:
        dialect, view = seen
        yield Connection(
            document, dialect, standing, path[-1] if path else "", ".".join(path), entry.key_span, slot=slot, view=view
        )


def _grouped(document: Document, table: Table, path: tuple[str, ...], entry: Entry | None) -> Iterator[Connection]:
    if table.kind == "env":
        for found in fields_dialect.environment_groups(table):
            host = found.fields["host"]
            key = ".".join((*path, host.key))
            yield Connection(
                document, "fields", "environment", host.key, key, host.key_span, table=table, fields=found.fields,
                family=found.family,
            )
    elif fields_dialect.looks_like_connection(table):
        found_group = fields_dialect.group(table, "mapping")
        assert found_group is not None
        host = found_group.fields["host"]
        yield Connection(
            document, "fields", "config", "", ".".join((*path, host.key)), host.key_span, table=table,
            fields=found_group.fields, family="mapping",
        )


def _code_connections(document: Document) -> Iterator[Connection]:
    defaults = _environment_defaults(document)
    for literal in document.literals:
        seen = recognise(literal.slot.text)
        if seen is None:
            continue
        dialect, view = seen
        variable = defaults.get(literal.slot.span)
        standing: Standing = "code" if variable is None else "default"
        name = variable or literal.key or ""
        yield Connection(
            document, dialect, standing, name, name, _named_at(literal), slot=literal.slot, view=view, scope=literal.scope
        )


def _named_at(literal: StringLiteral) -> Span:
    if literal.key_span is not None:
        return literal.key_span
    return Span(literal.slot.span.start, literal.slot.span.start + 1)


def _environment_defaults(document: Document) -> dict[Span, str]:
    """The spans of string literals that stand as the default of an environment look-up, with the variable's name."""
    found: dict[Span, str] = {}
    values: list[Value] = [root for root in document.roots]
    values += [v for call in document.calls for v in (*call.args, call.keywords)]
    seen: set[int] = set()
    while values:
        value = values.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, EnvRef):
            if isinstance(value.default, Scalar) and value.default.slot is not None:
                found[value.default.slot.span] = value.name
            elif value.default is not None:
                values.append(value.default)
        elif isinstance(value, Table):
            values += [entry.value for entry in value.entries]
        elif isinstance(value, Items):
            values += value.values
        elif isinstance(value, Scalar) and value.slot is not None:
            values += value.slot.holes
    return found


def _with_bare_secrets(document: Document, connections: list[Connection]) -> Iterator[Connection]:
    """The connections, and one for each Neon password that stands in the file outside of any of them."""
    yield from connections
    if b"npg_" not in document.data:
        return
    covered = [c.span for c in connections if c.slot is not None]
    covered += [c.fields["password"].value.span for c in connections if "password" in c.fields]
    for entry, slot, scope in _every_slot(document):
        if any(s.start <= slot.span.start and slot.span.end <= s.end for s in covered):
            continue
        match = _NEON_PASSWORD.search(slot.text)
        if match is None:
            continue
        start = slot.bytes_of(*match.span())
        piece = Slot(
            match[0], slot.starts[match.start() : match.end()], slot.ends[match.start() : match.end()], start, slot.style,
            writable=False,
        )
        secret = Entry(entry.key, entry.key_span, Scalar(match[0], start, piece), start)
        table = Table("mapping", (secret,), start)
        standing: Standing = "text" if document.format == "text" else "code" if scope is not None else "config"
        yield Connection(
            document, "fields", standing, entry.key, entry.key, entry.key_span, table=table, fields={"password": secret},
            family="secret", scope=scope or "",
        )


def _every_slot(document: Document) -> Iterator[tuple[Entry, Slot, str | None]]:
    for literal in document.literals:
        at = _named_at(literal)
        yield Entry(literal.key or "", at, Scalar("", at), at), literal.slot, literal.scope
    for root in document.roots if not document.literals else ():
        for _, _, entry, value in _walk(root):
            if isinstance(value, Scalar) and value.slot is not None and entry is not None:
                yield entry, value.slot, None


def clients_by_slot(clients: tuple[Client, ...]) -> dict[Span, Client]:
    """Each client by the span of the literal connection string given to it."""
    found = {}
    for client in clients:
        if isinstance(client.target, Scalar) and client.target.slot is not None:
            found[client.target.slot.span] = client
    return found
