"""Schemas that the environment is read through: t3-env, zod, valibot, envalid, envsafe, joi.

What they give is a table whose members are the variables. Knows no variable names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from neonlint.formats import javascript_environ as environ
from neonlint.formats.javascript_scopes import Scope
from neonlint.formats.javascript_source import span
from neonlint.ir.source import Call, Entry, EnvRef, Ref, Scalar, Span, Table, Value

if TYPE_CHECKING:
    from neonlint.formats.javascript_values import Values

_PARSING = frozenset(
    {"parse", "parseAsync", "safeParse", "safeParseAsync", "validate", "validateSync", "attempt", "assert"}
)
#: Where the result of those that do not throw keeps what was read.
_HELD = {"safeParse": "data", "safeParseAsync": "data", "validate": "value"}
_SECTIONS = ("shared", "client", "server")
_STRICT = ("runtimeEnv", "runtimeEnvStrict", "experimental__runtimeEnv")
_OBJECTS = frozenset({"object", "strictObject", "looseObject", "keys"})
_MOST = 12


def call(values: Values, node: Node, callee: str, given: list[Node], scope: Scope) -> Value | None:
    """The variables that a call reads, None for any other call."""
    last = callee.rpartition(".")[2]
    if last in ("createEnv", "defineEnv") and given:
        return _sections(values, node, given, scope)
    if last in ("cleanEnv", "envsafe", "parseEnv", "makeValidator") and given:
        return _fields(values, node, values.value(given[-1] if len(given) < 3 else given[1], scope), None)
    if last in _PARSING and given:
        return _parsed(values, node, last, given, scope)
    return None


def _sections(values: Values, node: Node, given: list[Node], scope: Scope) -> Table | None:
    options = values.value(given[0], scope)
    if not isinstance(options, Table):
        return None
    direct = next((found for key in _STRICT if isinstance(found := options.get(key), Table)), None)
    entries: list[Entry] = []
    for key in _SECTIONS:
        section = options.get(key)
        if isinstance(section, Table) and (read := _fields(values, node, section, direct)) is not None:
            entries += read.entries
    return Table("dict", tuple(entries), span(node), complete=False, name=values.key_of(node))


def _fields(values: Values, node: Node, schema: Value | None, direct: Table | None) -> Table | None:
    """One variable for each key of a schema; `direct` maps keys to the variables that they are read from."""
    if not isinstance(schema, Table):
        return None
    entries = [_field(entry, direct) for entry in schema.entries]
    return Table("dict", tuple(entries), span(node), complete=False, name=values.key_of(node))


def _field(entry: Entry, direct: Table | None) -> Entry:
    given = direct.get(entry.key) if direct is not None else None
    default = _default(entry.value)
    if isinstance(given, EnvRef):
        value = (
            given if default is None else EnvRef(given.name, given.span, given.default or default, given.transformed)
        )
    else:
        value = EnvRef(entry.key, entry.key_span, default)
    return Entry(entry.key, entry.key_span, value, entry.span)


def _default(value: Value) -> Value | None:
    """What `z.string().default("…")` or `url({ default: "…" })` says to use instead."""
    for _ in range(_MOST):
        if not isinstance(value, Call):
            return None
        if value.callee.endswith((".default", ".catch")) and value.args and isinstance(value.args[0], Scalar):
            return value.args[0]
        options = value.args[0] if value.args else None
        for key in ("default", "devDefault") if isinstance(options, Table) else ():
            if isinstance(options, Table) and isinstance(found := options.get(key), Scalar):
                return found
        if value.receiver is None:
            return None
        value = value.receiver
    return None


def _parsed(values: Values, node: Node, last: str, given: list[Node], scope: Scope) -> Value | None:
    read = given[-1] if values.names.path(given[0], scope) != "process.env" else given[0]
    direct = values.value(read, scope)
    whole = environ.is_environment(values, read, scope) is True
    if not whole and not (isinstance(direct, Table) and any(isinstance(e.value, EnvRef) for e in direct.entries)):
        return None
    schema = _schema(values.value(given[0], scope)) if len(given) > 1 else None
    schema = schema or _schema(values.call(node, scope).receiver)
    table = direct if isinstance(direct, Table) else None
    found: Value | None = _fields(values, node, schema, table) or table or Ref("process.env", span(node))
    held = _HELD.get(last)
    if held is None or found is None:
        return found
    at = Span(node.start_byte, node.start_byte)
    return Table("dict", (Entry(held, at, found, span(node)),), span(node), complete=False)


def _schema(value: Value | None) -> Table | None:
    """The fields of `z.object({…})`, whatever methods follow it."""
    for _ in range(_MOST):
        if not isinstance(value, Call):
            return None
        if value.callee.rpartition(".")[2] in _OBJECTS and value.args and isinstance(value.args[0], Table):
            return value.args[0]
        value = value.receiver
    return None
