"""Configuration that JavaScript projects export instead of calling something: knexfile, ormconfig, Sequelize's and
Strapi's configuration, `drizzle.config`, `prisma.config`, in code or in JSON; and the `datasource` block of a Prisma
schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from neonlint.clients import node_orms
from neonlint.clients.base import ClientSpec, Opens
from neonlint.clients.node_calls import client_of, returned, value_at, variable_of
from neonlint.ir.model import Client
from neonlint.ir.source import Document, Entry, EnvRef, Items, Scalar, Table, Value
from neonlint.records import replace
from neonlint.regex import regex


class _File(NamedTuple):
    """Which files export the options of which client. `environments` says that it may be one object a stage."""

    path: str
    spec: ClientSpec
    opens: Opens
    environments: bool = False


def _settings(spec: ClientSpec) -> Opens:
    return replace(spec.opens[0], kind="settings")


_FILES = (
    _File(
        r"(?:^|/)drizzle[\w.-]*\.config\.(?:[cm]?[jt]s|json)$", node_orms.DRIZZLE_KIT, node_orms.DRIZZLE_KIT.opens[0]
    ),
    _File(r"(?:^|/)prisma\.config\.[cm]?[jt]s$", node_orms.PRISMA, node_orms.PRISMA.opens[1]),
    _File(r"(?:^|/)knexfile\.[cm]?[jt]s$", node_orms.KNEX, _settings(node_orms.KNEX), environments=True),
    _File(r"(?:^|/)ormconfig(?:\.\w+)?\.(?:[cm]?[jt]s|json)$", node_orms.TYPEORM, _settings(node_orms.TYPEORM)),
    _File(r"(?:^|/)mikro-orm[\w.-]*\.[cm]?[jt]s$", node_orms.MIKRO_ORM, _settings(node_orms.MIKRO_ORM)),
    _File(r"(?:^|/)config/(?:env/\w+/)?database\.[cm]?[jt]s$", node_orms.STRAPI, node_orms.STRAPI.opens[0]),
    _File(
        r"(?:^|/)config/(?:config|database|sequelize)\.(?:[cm]?[jt]s|json)$",
        node_orms.SEQUELIZE,
        replace(_settings(node_orms.SEQUELIZE), speaks_always=False),
        environments=True,
    ),
)


def exported_clients(document: Document) -> Iterator[Client]:
    """The clients that a JavaScript file's default export describes, or a JSON file as a whole."""
    root = document.root
    if root is None or (default := _whole(root) if document.format == "json" else root.entry("default")) is None:
        return
    exported = returned(default.value)
    for file in _FILES:
        if regex(file.path).search(document.path):
            for entry, table in _tables(default, exported, file):
                found = client_of(document, file.spec, file.opens, _without_variable(table), entry.key, entry.key_span)
                if found is not None:
                    yield replace(found, table=table)


def _whole(root: Table) -> Entry | None:
    """A JSON file as the value of an entry, which is named after its first key."""
    first = root.entries[0] if root.entries else None
    return Entry("default", first.key_span, root, root.span) if first is not None else None


def _tables(default: Entry, exported: Value | None, file: _File) -> Iterator[tuple[Entry, Table]]:
    if isinstance(exported, Items):
        yield from ((default, value) for value in exported.values if isinstance(value, Table))
    elif isinstance(exported, Table):
        key = (file.opens.speaks or ("", frozenset()))[0].split("|")[0]
        if not file.environments or value_at(exported, key) is not None:
            yield default, exported
        else:
            yield from ((entry, entry.value) for entry in exported.entries if isinstance(entry.value, Table))


def _without_variable(table: Table) -> Table:
    """Sequelize's `use_env_variable: "X"` is the URL in the variable X."""
    named = table.get("use_env_variable")
    if not isinstance(named, Scalar) or not isinstance(named.value, str):
        return table
    at = table.entry("use_env_variable")
    assert at is not None
    url = Entry("url", at.key_span, EnvRef(named.value, at.value.span), at.span)
    return replace(table, entries=(*table.entries, url))


def prisma_schema(document: Document) -> Iterator[Client]:
    """The database of a Prisma schema: what the application connects with, and what migrations do (`directUrl`)."""
    for entry in document.root.entries if document.root is not None else ():
        block = entry.value
        if not entry.key.startswith("datasource.") or not isinstance(block, Table):
            continue
        provider = block.get("provider")
        if not isinstance(provider, Scalar) or provider.value not in ("postgresql", "postgres"):
            continue
        url, direct = block.entry("url"), block.entry("directUrl")
        options = {"direct_url": direct.value} if direct is not None else {}
        if url is not None:
            yield _datasource(document, block, url, "settings", options)
        if direct is not None:
            yield _datasource(document, block, direct, "migrations", {})


def _datasource(document: Document, block: Table, entry: Entry, kind: str, options: dict[str, Value]) -> Client:
    return Client(
        document,
        "prisma",
        kind,
        entry.key,
        entry.span,
        entry.key_span,
        block,
        options,
        target=variable_of(entry.value),
        opaque=not block.complete,
    )
