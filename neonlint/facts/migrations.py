"""Facts about what migrations connect with: which variable they read, and whether a direct one is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.packages import neon_package
from neonlint.facts.reading import component, endpoint_of
from neonlint.facts.roles import DIRECT_NAME
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Call, EnvRef, Ref, Value
from neonlint.link import Definition, Project

_DEPTH = 6


def _variable(client: Client, project: Project) -> Answer:
    """The environment name, setting or variable that the connection string was read from."""
    reached = project.reached_by(client)
    if reached.variable is not None:
        return Known(reached.variable)
    return Known(next((c.name for c in reached.connections if c.name), None))


def _prefers_direct(client: Client, project: Project) -> Answer:
    """Whether a name that promises a direct connection is read first, or as what to fall back on."""
    name = next((n for n in _names(client.target, client.document.path, project) if DIRECT_NAME.search(n)), None)
    return Known(name is not None)


def _names(value: Value | None, path: str, project: Project, depth: int = 0) -> Iterator[str]:
    """Every name that a value is read from, through settings, fallbacks and calls that hand it on."""
    if value is None or depth > _DEPTH:
        return
    if isinstance(value, EnvRef):
        yield value.name
        yield from _names(value.default, path, project, depth + 1)
    elif isinstance(value, Ref):
        yield value.name.rsplit(".", 1)[-1]
        followed, _, where = project.follow(value, path)
        yield from _names(followed, where, project, depth + 1)
    elif isinstance(value, Call):
        yield from value.callee.split(".")
        for given in value.args:
            yield from _names(given, path, project, depth + 1)


def _unpooled_sibling(client: Client, project: Project) -> Answer:
    """See `unpooled_beside`."""
    reached = project.reached_by(client)
    return unpooled_beside(reached.variable, reached.connections, client.document.path, project)


def unpooled_beside(name: str | None, reached: Sequence[Connection], path: str, project: Project) -> Answer:
    """The variable defined for direct connections where code at `path` reads `name`, the pooled one of the pair.

    None where the pooled one is seen to be direct or no Neon at all, or where neither of the two is seen to be Neon's;
    where both are empty (a template), a package of Neon's says so.
    """
    if name is None or DIRECT_NAME.search(name):
        return Known(None)
    where = {definition.environment for definition in project.definitions_of(name, path)} | {""}
    beside_it = {n: [d for d in project.definitions_of(n, path) if d.environment in where] for n in _direct_names(name)}
    sibling = next((n for n, there in beside_it.items() if there), None)
    if sibling is None:
        return Known(None)
    there = beside_it[sibling]
    own = [_reaches_neon(c, project) for c in reached]
    beside = [_reaches_neon(c, project) for d in there for c in _connections_at(d, project)]
    if not own and not beside and sibling == f"{name}_UNPOOLED" and (package := neon_package(path, project)):
        named = Reason(f"the package depends on {package}, and the pair of names is Neon's", inferred=True)
        return Known(sibling, (project.reason_of(there[0], sibling), named))
    if "direct" in own or (own and set(own) == {"elsewhere"}) or not {"pooled", "direct", "unseen"} & {*own, *beside}:
        return Known(None)
    return Known(sibling, (project.reason_of(there[0], sibling),))


def _direct_names(name: str) -> tuple[str, ...]:
    common = (f"{name}_UNPOOLED", f"{name}_NON_POOLING", f"{name}_DIRECT", f"DIRECT_{name}")
    return (*common, "DIRECT_URL", "DIRECT_DATABASE_URL") if name in ("DATABASE_URL", "POSTGRES_URL") else common


def _connections_at(definition: Definition, project: Project) -> Iterator[Connection]:
    for extract in project.extracts:
        if extract.document is definition.document:
            yield from (c for c in extract.connections if c.key_span == definition.entry.key_span)


def _reaches_neon(connection: Connection, project: Project) -> str:
    """`pooled` or `direct` for a host of Neon's, be it a placeholder; `unseen`; or `elsewhere`."""
    seen = endpoint_of(connection, project)
    host = component(connection, "host", project)
    if isinstance(seen, Unseen):
        return "elsewhere"
    if seen.endpoint.neon or (isinstance(host, Known) and ".neon." in str(host.value)):
        return "unseen" if seen.endpoint.unseen else "pooled" if seen.endpoint.pooled else "direct"
    return "elsewhere"


MIGRATIONS: tuple[FactSpec, ...] = (
    FactSpec(
        "reads.variable",
        "str",
        "The variable or setting that it reads the connection string from.",
        _variable,
        optional=True,
    ),
    FactSpec(
        "reads.direct_name", "bool", "Whether it reads a name that promises a direct connection.", _prefers_direct
    ),
    FactSpec(
        "reads.unpooled_sibling",
        "str",
        "The direct variable that is defined beside the pooled one that it reads.",
        _unpooled_sibling,
        optional=True,
    ),
)
