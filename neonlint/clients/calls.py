"""Applies the client tables to one document: its calls, Django's and Flask's settings, Alembic's configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from neonlint.clients import opening
from neonlint.clients.base import ClientSpec, Opens
from neonlint.clients.settings import settings_clients
from neonlint.dialects import fields as fields_dialect
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Call, Document, Entry, EnvRef, Scalar, Table, Unknown, Value

_ALEMBIC_SETTERS = {"set_main_option", "set_section_option"}


def clients_of(document: Document) -> Iterator[Client]:
    """Every place of a document that opens connections or configures how they are opened."""
    if document.format == "javascript":
        from neonlint.clients.node_calls import clients_of as node_clients_of  # noqa: PLC0415 -- no need in Python

        yield from node_clients_of(document)
        return
    yield from settings_clients(document)
    for call in document.calls:
        found = opening(call.callee)
        if found is not None:
            yield _client(document, call, *found)
        elif call.callee.rsplit(".", 1)[-1] in _ALEMBIC_SETTERS:
            yield from _alembic(document, call)


def _client(document: Document, call: Call, spec: ClientSpec, opens: Opens) -> Client:
    target = _target(call, opens)
    return Client(
        document,
        spec.name,
        opens.kind,
        call.assigned or call.callee.rsplit(".", 1)[-1],
        call.span,
        call.name_span,
        call.keywords,
        _positional(call, opens) | options_at(call.keywords, opens.options),
        call,
        target,
        _fields(document, call, opens) if target is None else None,
        _overrides(call, opens),
        opaque=not call.keywords.complete or not call.args_complete or _reworked(document, call, opens),
        scope=call.scope,
    )


def _positional(call: Call, opens: Opens) -> dict[str, Value]:
    return {option: call.args[at] for option, at in opens.positions.items() if at < len(call.args)}


def _reworked(document: Document, call: Call, opens: Opens) -> bool:
    """Whether the settings that a call makes are changed afterwards in a way that was not followed."""
    return opens.kind == "settings" and any(
        name.partition("[")[0] in ("DATABASES", call.assigned) for name in document.mutates
    )


def _target(call: Call, opens: Opens) -> Value | None:
    position, names = opens.target
    given = call.argument(position, *names)
    if opens.target_is_variable:
        name = given.value if isinstance(given, Scalar) else None
        return EnvRef(str(name or opens.default_environment), call.span, call.keywords.get("default"))
    if opens.default_environment is not None:
        env = call.argument(0, "env")
        name = env.value if isinstance(env, Scalar) else None
        if isinstance(env, EnvRef | Unknown):
            return env
        return EnvRef(str(name or opens.default_environment), call.span, given)
    if isinstance(given, Call) and given.callee.endswith("URL.create"):
        return None
    if opens.family == "keywords" and position == 0 and isinstance(given, Scalar) and _is_database_name(given):
        return None
    return given


def _is_database_name(given: Scalar) -> bool:
    """peewee takes a database's name where the drivers take a connection string."""
    return isinstance(given.value, str) and not {":", "=", " "} & set(given.value)


def options_at(table: Table, paths: Mapping[str, tuple[str, ...]]) -> dict[str, Value]:
    """The canonical options that `table` gives, each by its path; `Unknown` where a table on the way cannot be seen."""
    found: dict[str, Value] = {}
    for option, path in paths.items():
        value: Value | None = table
        for key in path:
            if not isinstance(value, Table):
                break
            inner = value.get(key)
            if inner is None and not value.complete:
                inner = Unknown("options may be given that cannot be seen", value.span)
            value = inner
            if value is None:
                break
        if isinstance(value, Table) and path and value is table:
            continue
        if value is not None:
            at_end = table_at(table, path[:-1])
            found[option] = (
                value if isinstance(at_end, Table) else Unknown("given through a value that cannot be seen", value.span)
            )
    return found


def table_at(table: Table, path: tuple[str, ...]) -> Value | None:
    """The value under a path of keys, None where a key is missing."""
    value: Value | None = table
    for key in path:
        if not isinstance(value, Table):
            return value
        value = value.get(key)
    return value


def _fields(document: Document, call: Call, opens: Opens) -> Connection | None:
    """The connection that a call's keywords, or a `URL.create(…)` given to it, spell out."""
    table, family = call.keywords, opens.family
    more: dict[str, Entry] = {}
    given = call.argument(opens.target[0], *opens.target[1])
    if isinstance(given, Call):
        table, family = given.keywords, "driver-keywords"
        more = _of_url_object(given)
    found = fields_dialect.group(table, family) if family else None
    if found is None:
        return None
    name = call.assigned or ""
    return Connection(
        document,
        "fields",
        "code",
        name,
        name or call.callee,
        call.name_span,
        table=table,
        fields={**more, **found.fields},
        family=found.family,
        scope=call.scope,
    )


def _of_url_object(call: Call) -> dict[str, Entry]:
    """Driver and parameters of `URL.create("postgresql+driver", …, query={…})`."""
    found: dict[str, Entry] = {}
    name = call.argument(0, "drivername")
    if isinstance(name, Scalar) and isinstance(name.value, str):
        _, plus, driver = name.value.partition("+")
        if plus:
            found["driver"] = Entry("drivername", name.span, Scalar(driver, name.span), name.span)
    elif name is not None:
        found["driver"] = Entry(
            "drivername", name.span, Unknown("the driver is chosen elsewhere", name.span), name.span
        )
    query = call.keywords.get("query")
    if isinstance(query, Table):
        found |= {f"params.{entry.key}": entry for entry in query.entries}
    return found


def _overrides(call: Call, opens: Opens) -> dict[str, Value]:
    if opens.parameters is None:
        return {}
    table: Value | None = call.keywords if not opens.parameters else call.keywords.get(opens.parameters)
    if table is None:
        return (
            {} if call.keywords.complete else {"*": Unknown("parameters may be given that cannot be seen", call.span)}
        )
    if not isinstance(table, Table):
        return {"*": Unknown(f"{opens.parameters} cannot be seen", table.span)}
    taken = {path[0] for path in opens.options.values()} | set(opens.target[1]) if not opens.parameters else set()
    given = {entry.key: entry.value for entry in table.entries if entry.key not in taken}
    return (
        given if table.complete else given | {"*": Unknown("parameters may be given that cannot be seen", table.span)}
    )


def _alembic(document: Document, call: Call) -> Iterator[Client]:
    option = call.argument(0)
    if isinstance(option, Scalar) and option.value == "sqlalchemy.url" and len(call.args) > 1:
        yield Client(
            document,
            "alembic",
            "migrations",
            "sqlalchemy.url",
            call.span,
            call.name_span,
            call.keywords,
            {},
            call,
            call.args[1],
            scope=call.scope,
        )
