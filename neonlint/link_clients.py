"""Which client a value in code is, or stands on: `drizzle(pool)` runs what it is told through `pool`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from neonlint.ir.model import Client, Statement
from neonlint.ir.source import Call, Ref, Table, Value, walk

if TYPE_CHECKING:
    from neonlint.link import Project

_DEPTH = 4
#: So many values of a call's arguments are looked at.
_MANY = 100
#: Options that hold a connection string, in objects that another file exports.
_URLS = ("connectionString", "url", "connection", "databaseUrl")


def client_of(project: Project, value: Value | None, path: str) -> Client | None:
    """The client that a value used at `path` is: the call that makes it, or a name for that, imported or not."""
    if isinstance(value, Ref):
        value, _, path = project.follow(value, path)
    return project.clients_at.get((path, value.span)) if isinstance(value, Call) else None


def client_under(project: Project, value: Value | None, path: str, depth: int = 0) -> Client | None:
    """The client that a value is, or else the first that is among what the call was given that made it."""
    if isinstance(value, Ref):
        value, _, path = project.follow(value, path)
    if not isinstance(value, Call) or depth > _DEPTH:
        return None
    for _, held in islice(walk(value), _MANY):
        if isinstance(held, Call) and (client := project.clients_at.get((path, held.span))) is not None:
            return client
        if isinstance(held, Ref) and (client := client_under(project, held, path, depth + 1)) is not None:
            return client
    return None


def client_behind(project: Project, statement: Statement) -> Client | None:
    """The client that runs a statement, be it made in another file (`import { pool } from "./db"`)."""
    if statement.client is not None or statement.document.format != "javascript":
        return statement.client
    name = statement.call.callee
    while (name := name.rpartition(".")[0]) and not name.endswith(("/", ".")):
        if (found := project.modules.find(name, statement.document.path)) is not None:
            return client_under(project, found.value, found.path)
    return client_under(project, statement.call.receiver, statement.document.path)


def exported_target(project: Project, client: Client) -> tuple[Value, str] | None:
    """The connection string in an options object that another file exports (`new Pool(config)`), and that file."""
    given = client.call.args[0] if client.call is not None and client.call.args else None
    found = project.find(given, client.document.path) if isinstance(given, Ref) else None
    if found is None or not isinstance(found.value, Table):
        return None
    value = next((held for name in _URLS if (held := found.value.get(name)) is not None), None)
    return (value, found.path) if value is not None else None
