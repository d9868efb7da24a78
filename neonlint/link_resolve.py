"""What a value in code comes to: the connections that it may mean, through names, environment and calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Call, EnvRef, Ref, Scalar, Value
from neonlint.link_clients import exported_target
from neonlint.link_environment import Definition, Environment, environment_of, literal
from neonlint.link_values import called_on

if TYPE_CHECKING:
    from neonlint.link import Project

#: Methods that hand a connection string on: of `str`, of pydantic's URLs and secrets, of SQLAlchemy's URL, of `URL`.
_TEXT_METHODS = {
    "replace", "strip", "unicode_string", "get_secret_value", "render_as_string", "encoded_string", "trim", "toString",
}  # fmt: skip
_DEPTH = 6


class Resolved(NamedTuple):
    """What a value in code comes to: the connections it may mean, the environment name it was read from, and why we
    think so.

    `complete` is False when something on the way could not be seen. `stand_ins` are those that it would mean if the
    variable were not set.
    """

    connections: tuple[Connection, ...] = ()
    variable: str | None = None
    because: tuple[Reason, ...] = ()
    complete: bool = True
    transformed: bool = False
    stand_ins: tuple[Connection, ...] = ()

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The environment that each of the connections belongs to; "" where its place names none."""
        return tuple(environment_of(c.document.path, c.key.split(".")) for c in self.connections)


_UNSEEN = Resolved(complete=False)


def resolve(project: Project, value: Value | None, path: str, depth: int = 0) -> Resolved:
    """What a value used at `path` comes to."""
    if depth > _DEPTH:
        return _UNSEEN
    if isinstance(value, Ref):
        followed, because, there = project.follow(value, path)
        if followed is None:
            return _UNSEEN
        inner = resolve(project, followed, there, depth + 1)
        return inner._replace(because=because + inner.because)
    if isinstance(value, Scalar) and value.slot is not None:
        found = project.connection_of_slot(path, value.slot.span)
        return Resolved((found,)) if found else _UNSEEN
    if isinstance(value, EnvRef):
        return _environment(project, value, path, depth)
    if isinstance(value, Call):
        return _through_call(project, value, path, depth)
    return _UNSEEN


def opened_by(project: Project, client: Client | None, depth: int = 0) -> Resolved:
    """The connections that a client opens."""
    if client is None:
        return _UNSEEN
    if client.fields is not None:
        return Resolved((client.fields,))
    if client.target is not None:
        return resolve(project, client.target, client.document.path, depth)
    if client.library == "prisma":
        return _by_schema(project, client, depth)
    there = exported_target(project, client) if client.document.format == "javascript" else None
    return resolve(project, *there, depth + 1) if there else _UNSEEN


def _by_schema(project: Project, client: Client, depth: int) -> Resolved:
    """What Prisma's client connects with where it is told nothing: the `url` of the one schema of its package."""
    if client.kind != "pool" or client.opaque:
        return _UNSEEN
    schemas = [c for c in project.clients if c.document.format == "prisma" and c.kind == "settings"]
    for root in project.roots_above(client.document.path):
        here = [schema for schema in schemas if project.root_of(schema.document.path) == root]
        if here:
            break
    else:
        return _UNSEEN
    if len(here) != 1:
        return _UNSEEN
    inner = resolve(project, here[0].target, here[0].document.path, depth + 1)
    told = project.reason("the schema names its database in", here[0].document, here[0].name_span)
    return inner._replace(because=(*inner.because, told))


def _through_call(project: Project, call: Call, path: str, depth: int) -> Resolved:
    """`make_url(x)` and a client that is handed on (`DATABASES = {"default": dj_database_url.config()}`)."""
    if call.callee.endswith("make_url") and call.args:
        return resolve(project, call.args[0], path, depth + 1)
    if call.callee in ("str", "String") and len(call.args) == 1:
        return resolve(project, call.args[0], path, depth + 1)
    if call.callee.rsplit(".", 1)[-1] in _TEXT_METHODS and (held := called_on(call)) is not None:
        inner = resolve(project, held, path, depth + 1)
        changed = inner.transformed or call.callee.endswith(".replace")
        return inner._replace(transformed=changed)
    return opened_by(project, project.client_of(call, path), depth + 1)


def _environment(project: Project, ref: EnvRef, path: str, depth: int) -> Resolved:
    found: list[Connection] = []
    because: list[Reason] = []
    hidden = False
    for definition in project.definitions_of(ref.name, path):
        inner = _connection_of(project, definition)
        if inner is not None:
            found.append(inner)
            because.append(project.reason_of(definition, ref.name))
        else:
            hidden = hidden or not isinstance(definition.entry.value, Scalar)
    default = resolve(project, ref.default, path, depth + 1).connections if ref.default is not None else ()
    seen = tuple(found) or default
    spare = default if found else ()
    return Resolved(seen, ref.name, tuple(because), bool(seen) and not hidden, ref.transformed, spare)


def _connection_of(project: Project, definition: Definition) -> Connection | None:
    value = literal(definition)
    if isinstance(value, Scalar) and value.slot is not None:
        return project.connection_of_slot(definition.document.path, value.slot.span)
    return None
