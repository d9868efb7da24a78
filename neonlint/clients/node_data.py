"""Clients of JavaScript that data files describe: Directus' variables, and JSON that pgtyped, drizzle-kit,
node-pg-migrate and object-relational mappers read.

What Directus makes of its variables was read in @directus/env 6.3 and @directus/api 39.2 (`get-config-from-env.js`,
`database/index.js`), what the tools make of their files in @pgtyped/cli 2.4 and node-pg-migrate 9; `tests/node` holds
it against the packages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neonlint.clients import node_orms
from neonlint.clients.node_calls import client_of
from neonlint.clients.node_config import exported_clients
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Document, Entry, EnvRef, Items, Scalar, Slot, Table, Unknown, Value, walk
from neonlint.records import replace

_DIRECTUS_CLIENTS = ("pg", "postgres", "postgresql")
#: Variables of Directus for an object of TLS options begin so; what follows is the option's name in words.
_TLS = "DB_SSL__"
_POOL = {"max_size": "DB_POOL__MAX", "min_size": "DB_POOL__MIN", "idle_milliseconds": "DB_POOL__IDLE_TIMEOUT_MILLIS"}
_WORDS = {"true": True, "false": False}


def clients_in(document: Document, connections: Sequence[Connection]) -> Iterator[Client]:
    """The clients that a data file describes, given the connections that were found in it."""
    if b"DB_CLIENT" in document.data:
        yield from _directus(document, connections)
    if document.format == "json" and document.root is not None:
        known = [_with_known_fields(c, connections) for c in (*exported_clients(document), *_pgtyped(document))]
        yield from known or _node_pg_migrate(document, document.root, connections)


def _with_known_fields(client: Client, connections: Sequence[Connection]) -> Client:
    """The client with the connection of its table that is known already, where there is one."""
    if client.fields is None:
        return client
    same = next((c for c in connections if c.dialect == "fields" and c.table is client.fields.table), None)
    return replace(client, fields=same) if same is not None else client


# --- Directus ---


def _directus(document: Document, connections: Sequence[Connection]) -> Iterator[Client]:
    for root in document.roots:
        for table in (value for _, value in walk(root) if isinstance(value, Table) and value.kind == "env"):
            named = table.entry("DB_CLIENT")
            if named is not None and _text(named.value) in _DIRECTUS_CLIENTS:
                yield _directus_client(document, table, named, connections)


def _directus_client(document: Document, table: Table, named: Entry, connections: Sequence[Connection]) -> Client:
    """Directus gives Knex `DB_CONNECTION_STRING` alone where there is one, all other `DB_` variables where there is
    none; `DB_POOL__` goes to the pool in both cases."""
    given = table.entry("DB_CONNECTION_STRING")
    target = given.value if given is not None and _text(given.value) != "" else None
    fields = next((c for c in connections if c.table is table and _names_db_host(c)), None) if target is None else None
    options: dict[str, Value] = {
        option: value for option, name in _POOL.items() if (value := table.get(name)) is not None
    }
    if target is None and (ssl := _tls(table, ordered=document.format == "dotenv")) is not None:
        options["ssl"] = ssl
        if isinstance(ssl, Table) and (checks := ssl.get("rejectUnauthorized")) is not None:
            options["reject_unauthorized"] = checks
    return Client(
        document,
        "directus",
        "settings",
        named.key,
        named.span,
        named.key_span,
        table,
        options,
        target=target,
        fields=fields,
        opaque=not table.complete or (target is None and fields is None),
        only_with="directus",
    )


def _names_db_host(connection: Connection) -> bool:
    host = connection.fields.get("host")
    return host is not None and host.key == "DB_HOST"


def _tls(table: Table, *, ordered: bool) -> Value | None:
    """The `ssl` that node-postgres is given: of `DB_SSL` and the variables `DB_SSL__…` whichever comes last, which is
    seen only in an env file."""
    whole, parts = table.entry("DB_SSL"), [entry for entry in table.entries if entry.key.startswith(_TLS)]
    if whole is not None and parts and not ordered:
        return Unknown("it is not seen which of `DB_SSL` and `DB_SSL__…` comes last", whole.value.span)
    if parts and (whole is None or whole.span.start < parts[-1].span.start):
        inner = [Entry(_camel(e.key.removeprefix(_TLS)), e.key_span, _cast(e.value), e.span) for e in parts]
        return Table("dict", tuple(inner), parts[-1].span)
    if whole is None:
        return None
    if _text(whole.value) == "no-verify":
        off = Entry("rejectUnauthorized", whole.key_span, Scalar(False, whole.value.span), whole.span)
        return Table("dict", (off,), whole.value.span)
    return _cast(whole.value)


def _camel(words: str) -> str:
    first, *rest = words.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def _cast(value: Value) -> Value:
    """A variable's value as Directus casts it: the words of a switch are one."""
    text = _text(value)
    word = _WORDS.get(text.removeprefix("boolean:")) if text is not None else None
    return Scalar(word, value.span) if word is not None else value


def _text(value: Value) -> str | None:
    """A literal as the environment gives it, or the default of a look-up."""
    if isinstance(value, EnvRef) and value.default is not None:
        value = value.default
    if not isinstance(value, Scalar) or value.value is None:
        return None
    return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)


# --- JSON ---


def _pgtyped(document: Document) -> Iterator[Client]:
    """pgtyped's configuration, which it refuses without `srcDir` and a list of `transforms` that have a `mode`."""
    root = document.root
    transforms = root.get("transforms") if root is not None else None
    if root is None or root.get("srcDir") is None or not isinstance(transforms, Items):
        return
    named = root.entry("dbUrl") or root.entry("db")
    modes = [value.get("mode") for value in transforms.values if isinstance(value, Table)]
    if named is not None and modes and all(_text(mode) in ("ts", "ts-implicit", "sql") for mode in modes if mode):
        found = client_of(document, node_orms.PGTYPED, node_orms.PGTYPED.opens[0], root, named.key, named.key_span)
        if found is not None:
            yield found


def _node_pg_migrate(document: Document, root: Table, connections: Sequence[Connection]) -> Iterator[Client]:
    """What node-pg-migrate may read through the package `config` or with `--config-file`: the value under `db`, else
    the whole file. A connection string in the environment comes first."""
    section = root.entry("db")
    value: Value = section.value if section is not None else root
    entry = value.entry("url") if isinstance(value, Table) else section
    address = entry.value if entry is not None else None
    fields: Connection | None = None
    if entry is None or not any(c.slot is not None and _is_at(address, c.slot) for c in connections):
        fields = next((c for c in connections if c.table is value), None)
        entry = fields.fields.get("host") if fields is not None else None
        if entry is None:
            return
    table = value if isinstance(value, Table) else root
    ssl = table.get("ssl")
    yield Client(
        document,
        "node-pg-migrate",
        "migrations",
        entry.key,
        entry.span,
        entry.key_span,
        table,
        {"ssl": ssl} if ssl is not None and fields is not None else {},
        target=EnvRef("DATABASE_URL", entry.value.span, address) if fields is None else None,
        fields=fields,
        only_with="node-pg-migrate",
    )


def _is_at(value: Value | None, slot: Slot) -> bool:
    return isinstance(value, Scalar) and value.slot is slot
