"""Patches on a client's options, as changes of its keywords or settings. Knows no file format: it speaks in
`edits.Op`."""

from __future__ import annotations

from collections.abc import Mapping

from neonlint.clients import opening
from neonlint.edits import Code, DropEntry, Literal, Op, ReplaceValue, SetEntry
from neonlint.errors import Refused
from neonlint.facts.answer import Scalar
from neonlint.ir.model import Client
from neonlint.ir.source import Entry, Table
from neonlint.ir.source import Scalar as ScalarValue
from neonlint.repair_connection import connection_ops

#: Django and Flask write their options into settings tables; calls say the path of each keyword in the client table.
_SETTINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "django": {
        "max_age": ("CONN_MAX_AGE",),
        "health_checks": ("CONN_HEALTH_CHECKS",),
        "server_side_cursors_disabled": ("DISABLE_SERVER_SIDE_CURSORS",),
        "connect_timeout": ("OPTIONS", "connect_timeout"),
        "pool": ("OPTIONS", "pool"),
    },
    "flask-sqlalchemy": {
        "liveness": ("pool_pre_ping",),
        "recycle_seconds": ("pool_recycle",),
        "pool_class": ("poolclass",),
        "connect_timeout": ("connect_args", "connect_timeout"),
        "timeout": ("connect_args", "timeout"),
        "prepare_threshold": ("connect_args", "prepare_threshold"),
    },
    "tortoise": {"timeout": ("timeout",)},
}
#: Words of patches that stand for an expression of the client's own language.
_EXPRESSIONS = {
    "NullPool": Code("NullPool", ("sqlalchemy.pool:NullPool",)),
    "default-ssl-context": Code("ssl.create_default_context()", ("ssl",)),
    "null": Code("None"),
}


def client_ops(client: Client, patch: Mapping[str, Scalar]) -> list[Op]:
    """The operations that make `patch` true of a client. Raises `Refused` where its options cannot be changed here."""
    ops: list[Op] = []
    for name, value in patch.items():
        if name == "options.misplaced":
            ops += _into_alias(client)
        elif name == "alias.misplaced":
            ops += _into_options(client)
        elif name.startswith("options."):
            ops += _option(client, name.removeprefix("options."), value)
        elif client.fields is not None:
            ops += connection_ops(client.fields, {name: value})
        else:
            raise Refused("the connection string is not written here")
    return ops


def _option(client: Client, name: str, value: Scalar) -> list[Op]:
    path = _path(client, name)
    table, rest = _descend(client.table, path)
    key = rest[0]
    entry = table.entry(key)
    if value is None:
        return [DropEntry(table, entry)] if entry is not None and len(rest) == 1 else []
    written: Literal = _EXPRESSIONS.get(value, value) if isinstance(value, str) else value
    if client.library == "flask-sqlalchemy" and (table.kind in ("class", "module") or table.name == "app.config"):
        return [SetEntry(table, "SQLALCHEMY_ENGINE_OPTIONS", Code(_dict(rest, written), _imports(written)))]
    if len(rest) > 1:
        return [SetEntry(table, key, Code(_dict(rest[1:], written), _imports(written)))]
    if entry is None and not table.complete:
        raise Refused("options may be given that cannot be seen")
    return [ReplaceValue(entry.value, written) if entry is not None else SetEntry(table, key, written)]


def _path(client: Client, name: str) -> tuple[str, ...]:
    if client.call is None and name in (settings := _SETTINGS.get(client.library, {})):
        return settings[name]
    found = opening(client.call.callee) if client.call is not None else None
    if found is None or name not in found[1].options:
        raise Refused(f"{client.library} has no option for this")
    return found[1].options[name]


def _descend(table: Table, path: tuple[str, ...]) -> tuple[Table, tuple[str, ...]]:
    """The innermost table on the path that is written, and what of the path is left."""
    while len(path) > 1:
        inner = table.get(path[0])
        if inner is None:
            break
        if not isinstance(inner, Table):
            raise Refused(f"{path[0]} is not written here")
        table, path = inner, path[1:]
    return table, path


def _dict(path: tuple[str, ...], value: Literal) -> str:
    text = value.text if isinstance(value, Code) else f'"{value}"' if isinstance(value, str) else repr(value)
    for key in reversed(path):
        text = f'{{"{key}": {text}}}'
    return text


def _imports(value: Literal) -> tuple[str, ...]:
    return value.imports if isinstance(value, Code) else ()


def _misplaced(client: Client, holder: Table) -> list[Entry]:
    names = [name.removeprefix("misplaced.") for name in client.options if name.startswith("misplaced.")]
    return [entry for name in names if (entry := holder.entry(name)) is not None]


def _literal(entry: Entry) -> Literal:
    if isinstance(entry.value, ScalarValue) and (entry.value.slot is None or not entry.value.slot.holes):
        return entry.value.value
    raise Refused("the misplaced setting is not a literal")


def _into_alias(client: Client) -> list[Op]:
    """Move `CONN_MAX_AGE` and its kin out of OPTIONS."""
    options = client.table.get("OPTIONS")
    if not isinstance(options, Table):
        raise Refused("OPTIONS is not written here")
    ops: list[Op] = []
    for entry in _misplaced(client, options):
        ops += [DropEntry(options, entry), SetEntry(client.table, entry.key, _literal(entry))]
    return ops


def _into_options(client: Client) -> list[Op]:
    """Move `sslmode` and its kin into OPTIONS."""
    entries = _misplaced(client, client.table)
    options = client.table.get("OPTIONS")
    ops: list[Op] = [DropEntry(client.table, entry) for entry in entries]
    if isinstance(options, Table):
        return [*ops, *(SetEntry(options, entry.key, _literal(entry)) for entry in entries)]
    if options is not None:
        raise Refused("OPTIONS is not written here")
    inner = ", ".join(f'"{entry.key}": "{_literal(entry)}"' for entry in entries)
    return [*ops, SetEntry(client.table, "OPTIONS", Code(f"{{{inner}}}"))]
