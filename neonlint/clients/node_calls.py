"""Applies the client tables to one JavaScript document: calls, clients that a package has ready, exported
configuration.

A call that is given a client made elsewhere (`drizzle(pool)`, `new PrismaClient({ adapter })`) opens nothing itself:
the client inside is the one that counts, where it is made.
"""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.clients import node_clients, opening
from neonlint.clients.base import ClientSpec, Opens
from neonlint.clients.node import READY
from neonlint.dialects import fields as fields_dialect
from neonlint.dialects.names import is_connection_name
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Call, Document, Entry, EnvRef, Items, Ref, Scalar, Span, Table, Unknown, Value
from neonlint.records import replace
from neonlint.regex import regex

#: Functions of configuration modules that read a variable: `env("X")` of `prisma/config`, and of Strapi, which hands it
#: to the configuration as a parameter.
_READS_VARIABLE = regex(r"(?:^prisma/config\.env|^(?:\?\.)?env|^\?)(?:\.(?:string|bool|int|float))?$")
_VARIABLE = regex(r"[A-Z][A-Z0-9_]*")
_PLAIN_NAME = regex(r"\w+(?:\(\))?")


def clients_of(document: Document) -> Iterator[Client]:
    """Every place of a JavaScript document that opens connections or configures how they are opened."""
    from neonlint.clients.node_config import exported_clients  # noqa: PLC0415 -- which stands on this module

    imported = set(document.imports.values())
    for call in document.calls:
        found = opening(call.callee, "javascript")
        if found is None or (_PLAIN_NAME.fullmatch(call.callee) and call.callee not in imported):
            continue
        if (client := _client(document, call, *found)) is not None:
            yield client
    yield from _ready(document)
    yield from exported_clients(document)


def _client(document: Document, call: Call, spec: ClientSpec, opens: Opens) -> Client | None:
    table = _settings(call, opens)
    first = call.args[0] if call.args else None
    if opens.wraps_first and first is not None and not isinstance(first, Table) and not _is_address(first):
        return None
    made = client_of(
        document,
        spec,
        opens,
        table or call.keywords,
        call.assigned or call.callee.removesuffix("()").rsplit(".", 1)[-1],
        call.name_span,
        call,
    )
    if made is not None and _hides_options(call, opens):
        return replace(made, opaque=True)
    return made


def _hides_options(call: Call, opens: Opens) -> bool:
    """Whether something that cannot be seen is given where an object of options may stand."""
    given = [call.args[at] for at in opens.settings if at < len(call.args) and at not in opens.positions.values()]
    return any(not isinstance(returned(value), Table | Scalar) and not _is_address(value) for value in given)


def _settings(call: Call, opens: Opens) -> Table | None:
    """The object of options that a call is given; of a Nest module, what its factory returns."""
    given = (returned(call.args[at]) for at in opens.settings if at < len(call.args))
    table = next((value for value in given if isinstance(value, Table)), None)
    if table is not None and isinstance(made := returned(table.get("useFactory")), Table):
        return made
    return table


def returned(value: Value | None) -> Value | None:
    """What a function returns, where its reader could tell; any other value as it is."""
    return value.of if isinstance(value, Unknown) and isinstance(value.of, Table) else value


def client_of(
    document: Document,
    spec: ClientSpec,
    opens: Opens,
    table: Table,
    name: str,
    name_span: Span,
    call: Call | None = None,
) -> Client | None:
    """The client that `table` describes; None where it is given a client made elsewhere, or is for another database."""
    if any(value_at(table, path) is not None for path in opens.wraps):
        return None
    target = _target(table, opens, call)
    if not _speaks(table, opens, target, call):
        return None
    fields = _fields(document, table, opens, name, name_span, call) if target is None else None
    hidden = not table.complete or name in document.mutates or (call is not None and not call.args_complete)
    if target is None and fields is None and not hidden:
        if opens.default_environment is not None:
            target = EnvRef(opens.default_environment, name_span)
        elif opens.kind == "migrations":
            return None  # nothing here says how to connect
    return Client(
        document,
        spec.name,
        opens.kind,
        name,
        call.span if call is not None else table.span,
        name_span,
        table,
        _options(table, opens),
        call,
        target,
        fields,
        opaque=hidden,
        scope=call.scope if call is not None else "",
    )


def value_at(table: Table, path: str) -> Value | None:
    """The value under a dotted path of keys, None where there is none or what cannot be seen is on the way."""
    value: Value | None = table
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Table) else None
    return value


def _target(table: Table, opens: Opens, call: Call | None) -> Value | None:
    position, paths = opens.target
    for path in paths:
        value = value_at(table, path)
        if isinstance(value, Unknown) and isinstance(value.of, Items) and len(value.of.values) == 1:
            value = value.of.values[0]  # what stands behind it may take its place, and makes the client opaque
        if value is not None and not isinstance(value, Table):
            return variable_of(value)
    if call is None or position is None or position >= len(call.args) or _spelled_out(table, opens, call):
        return None
    given = call.args[position]
    return variable_of(given) if _is_address(given) else None


def _spelled_out(table: Table, opens: Opens, call: Call) -> bool:
    """Whether the first arguments are parts of a connection: `new Sequelize(database, user, password, options)`."""
    return bool(opens.positions) and len(call.args) > 2 and any(value is table for value in call.args[2:])


def _is_address(value: Value) -> bool:
    """Whether a first argument is a connection string rather than an object of options or a client."""
    if isinstance(value, Ref):
        return is_connection_name(_snake(value.name)) or value.name.rsplit(".", 1)[-1].lower() in ("url", "uri", "dsn")
    if isinstance(value, Call):
        return isinstance(variable_of(value), EnvRef) or value.callee.rsplit(".", 1)[-1] in _TEXT_METHODS
    return isinstance(value, Scalar | EnvRef)


_TEXT_METHODS = {"replace", "replaceAll", "toString", "trim", "String"}
_HUMP = regex(r"(?<=[a-z0-9])(?=[A-Z])")


def _snake(name: str) -> str:
    """`databaseUrl` and `env.databaseUrl` as `database_url`."""
    return _HUMP.sub("_", name.rsplit(".", 1)[-1])


def variable_of(value: Value) -> Value:
    """The variable that a call reads, where it is one of those that do; any other value as it is."""
    if isinstance(value, Call) and _READS_VARIABLE.search(value.callee) and value.args:
        first = value.args[0]
        if isinstance(first, Scalar) and isinstance(first.value, str) and _VARIABLE.fullmatch(first.value):
            return EnvRef(first.value, value.span, value.args[1] if len(value.args) > 1 else None)
    return value


def _speaks(table: Table, opens: Opens, target: Value | None, call: Call | None) -> bool:
    """Whether it is Postgres, as far as its options say which database it is."""
    if opens.speaks is None:
        return True
    key, words = opens.speaks
    value = next((v for k in key.split("|") if (v := value_at(table, k)) is not None), None)
    if value is None:
        given_alone = call is not None and target is not None and table is call.keywords
        return opens.speaks_always or given_alone
    word = _word(variable_of(value))
    return word is not None and word.lower() in words


def _word(value: Value) -> str | None:
    if isinstance(value, EnvRef) and value.default is not None:
        value = value.default
    if isinstance(value, Scalar):
        return value.value if isinstance(value.value, str) else None
    return value.name.rsplit(".", 1)[-1] if isinstance(value, Ref) else None


def _fields(
    document: Document, table: Table, opens: Opens, name: str, name_span: Span, call: Call | None
) -> Connection | None:
    """The connection that separate keys spell out."""
    inner = value_at(table, ".".join(opens.within)) if opens.within else table
    if opens.family is None or not isinstance(inner, Table):
        return None
    found = fields_dialect.group(inner, opens.family)
    first = {}
    if call is not None and _spelled_out(table, opens, call):
        first = {
            component: Entry(component, call.args[at].span, call.args[at], call.args[at].span)
            for component, at in opens.positions.items()
            if call.args[at] is not table
        }
        found = found or fields_dialect.Group(opens.family, {})
    if found is None:
        return None
    return Connection(
        document,
        "fields",
        "code",
        name,
        name,
        name_span,
        table=inner,
        fields={**first, **found.fields},
        family=found.family,
        scope=call.scope if call is not None else "",
    )


def _options(table: Table, opens: Opens) -> dict[str, Value]:
    found = {}
    for option, path in opens.options.items():
        places = (*opens.elsewhere.get(option, ()), path)
        given = [value for place in places if (value := _option(table, place)) is not None]
        seen = next((value for value in given if not _is_gap(value)), None)
        if given:
            found[option] = seen if seen is not None else given[0]
    return found


_GAP = "options may be given that cannot be seen"


def _is_gap(value: Value) -> bool:
    return isinstance(value, Unknown) and value.why == _GAP


def _option(table: Table, path: tuple[str, ...]) -> Value | None:
    """The value under a path of keys; `Unknown` where it may be given in what cannot be seen. Text and switches hold no
    keys."""
    value: Value = table
    for key in path:
        if isinstance(value, Scalar | EnvRef):
            return None
        if not isinstance(value, Table):
            return Unknown(_GAP, value.span)
        inner = value.get(key)
        if inner is None:
            return None if value.complete else Unknown(_GAP, value.span)
        value = inner
    return value


def path_of(opens: Opens, option: str, table: Table) -> tuple[str, ...] | None:
    """The path under which `table` gives an option, else that under which it belongs; None where there is none."""
    if option not in opens.options:
        return None
    places = (*opens.elsewhere.get(option, ()), opens.options[option])
    given = (place for place in places if (value := _option(table, place)) is not None and not _is_gap(value))
    return next(given, places[-1])


def _ready(document: Document) -> Iterator[Client]:
    """One client for each ready-made one that a file uses (`import { sql } from "@vercel/postgres"`), where it is first
    used."""
    for name in sorted(READY.keys() & {*document.imports.values(), "Bun.sql"}):
        library, variables = READY[name]
        call = next((c for c in document.calls if _uses(c, name)), None)
        if call is None:
            continue
        target: EnvRef | None = None
        for variable in reversed(variables):
            target = EnvRef(variable, call.name_span, target)
        yield Client(
            document,
            library,
            "pool",
            name.rsplit(".", 1)[-1],
            call.span,
            call.name_span,
            call.keywords,
            {},
            None,
            target,
            scope="",
        )


def _uses(call: Call, name: str) -> bool:
    return (
        call.callee == name
        or call.callee.startswith(name + ".")
        or any(isinstance(value, Ref) and value.name == name for value in call.args)
    )


def stands_on(call: Call) -> Value | None:
    """The client that a wrapping call is given: `pool` of `drizzle(pool)`, `drizzle({ client: pool })`."""
    found = opening(call.callee, "javascript")
    if found is None or not call.args:
        return None
    opens, first = found[1], call.args[0]
    if isinstance(first, Table):
        return next((value for path in opens.wraps if (value := value_at(first, path)) is not None), None)
    return first if opens.wraps_first and not _is_address(first) else None


def way_of(client: Client) -> Opens | None:
    """The way of opening that a JavaScript client is read by, None where it is a ready-made one."""
    if client.call is not None:
        found = opening(client.call.callee, "javascript")
        return found[1] if found is not None else None
    spec = node_clients().get(client.library)
    return spec.opens[-1] if spec is not None and spec.opens else None
