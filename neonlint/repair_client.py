"""Patches on a client's options, as changes of its keywords or settings. Knows no file format: it speaks in
`edits.Op`."""

from __future__ import annotations

from collections.abc import Mapping

from neonlint.clients import opening
from neonlint.edits import Code, DropEntry, Literal, Nested, Op, ReplaceValue, SetEntry
from neonlint.errors import Refused
from neonlint.facts.answer import Scalar
from neonlint.ir.model import Client
from neonlint.ir.source import Entry, Table
from neonlint.ir.source import Scalar as ScalarValue
from neonlint.repair_connection import connection_ops, look_up, nested

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
    "prisma": {"direct_url": ("directUrl",)},
    "directus": {"reject_unauthorized": ("DB_SSL__REJECT_UNAUTHORIZED",)},
}
#: By language, the words of patches that stand for an expression of it.
_EXPRESSIONS: dict[str, dict[str, Literal]] = {
    "python": {
        "NullPool": Code("NullPool", ("sqlalchemy.pool:NullPool",)),
        "default-ssl-context": Code("ssl.create_default_context()", ("ssl",)),
        "null": None,
    },
    # Node checks certificates against the roots that it carries; `true` asks for no more than that.
    "javascript": {
        "default-ssl-context": True,
        "null": None,
        "undefined": Code("undefined"),
        "ws": Code("ws", ("ws",)),
    },
}
#: The object of Neon's driver whose properties are its settings.
_NEON_CONFIG = "@neondatabase/serverless.neonConfig."


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
        elif name.startswith("neon_config."):
            ops += _neon_config(client, name.removeprefix("neon_config."), value)
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
    written = _written(client, value)
    if client.library == "flask-sqlalchemy" and (table.kind in ("class", "module") or table.name == "app.config"):
        return [SetEntry(table, "SQLALCHEMY_ENGINE_OPTIONS", nested(rest, written))]
    if entry is None and not table.complete:
        raise Refused("options may be given that cannot be seen")
    if entry is None and client.document.format == "javascript":
        _refuse_other_place(client, table, path)
    if len(rest) > 1:
        return [SetEntry(table, key, nested(rest[1:], written))]
    if client.document.format in ("javascript", "prisma"):
        return [SetEntry(table, key, written, table.entry("url") if key == "directUrl" else None)]
    return [ReplaceValue(entry.value, written) if entry is not None else SetEntry(table, key, written)]


def _written(client: Client, value: Scalar) -> Literal:
    """The value of a patch as it is to be written: words stand for expressions, `env:NAME` for a look-up."""
    if isinstance(value, str) and value.startswith("env:"):
        return look_up(client.document, value.removeprefix("env:"))
    if client.table.kind == "env" and isinstance(value, bool):
        return "true" if value else "false"  # all that an environment holds is text
    words = _EXPRESSIONS.get("javascript" if client.document.format == "json" else client.document.format, {})
    return words.get(value, value) if isinstance(value, str) else value


def _neon_config(client: Client, name: str, value: Scalar) -> list[Op]:
    """A property of the driver's `neonConfig`, which a statement of the file sets."""
    root = client.document.root
    if client.document.format != "javascript" or root is None:
        raise Refused("the driver's settings are not written here")
    key = _NEON_CONFIG + name
    if value is None:
        return [DropEntry(root, entry) for entry in root.entries if entry.key == key]
    return [SetEntry(root, key, _written(client, value))]


def _refuse_other_place(client: Client, table: Table, path: tuple[str, ...]) -> None:
    """Raises `Refused` where a call without an object of options is not to take one as its next argument."""
    if table.kind != "keywords":
        return
    call = client.call
    found = opening(call.callee, "javascript") if call is not None else None
    if call is None or found is None or client.opaque or len(call.args) not in found[1].settings:
        raise Refused("options may be given that cannot be seen")
    within = found[1].within
    if within and path[: len(within)] == within and call.args:
        # `drizzle(url, { … })`: the settings of the connection have no place beside a connection string.
        raise Refused("the options are not written here")


def _path(client: Client, name: str) -> tuple[str, ...]:
    if client.document.format in ("javascript", "json"):
        return _path_in_object(client, name)
    if client.call is None and name in (settings := _SETTINGS.get(client.library, {})):
        return settings[name]
    found = opening(client.call.callee) if client.call is not None else None
    if found is None or name not in found[1].options:
        raise Refused(f"{client.library} has no option for this")
    return found[1].options[name]


def _path_in_object(client: Client, name: str) -> tuple[str, ...]:
    """Where an option stands in JavaScript; one that no table names may be called as it is written."""
    from neonlint.clients.node_calls import path_of, way_of  # noqa: PLC0415 -- no need in Python

    way = way_of(client)
    path = path_of(way, name, client.table) if way is not None else None
    if path is None and client.table.entry(name) is not None:
        return (name,)
    if path is None:
        raise Refused(f"{client.library} has no option for this")
    return path


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
    inner = tuple((entry.key, _literal(entry)) for entry in entries)
    return [*ops, SetEntry(client.table, "OPTIONS", Nested(inner))]
