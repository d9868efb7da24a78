"""Facts about Prisma: its version, whether its migrations are used, and how its one connection string reaches Neon."""

from __future__ import annotations

import posixpath

from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.reading import component, endpoint_of
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.link import Project

_PACKAGES = ("prisma", "@prisma/client")
ROUTES = ("pooled", "direct", "elsewhere", "unseen")


def from_seven(subject: Client, project: Project) -> Answer:
    """Whether the project admits Prisma 7 and newer only, whose schemas hold no connection strings."""
    for name in _PACKAGES:
        found = project.requirement(name, subject.document.path, ecosystem="npm")
        answer = found.at_least(7) if found is not None else None
        if found is not None and answer is not None:
            shown = ".".join(map(str, found.exact or found.least or ()))
            return Known(answer, (Reason(f"{found.path} has {name} {shown}".rstrip()),))
    return Unseen("the version of Prisma is not seen")


def _migrates(client: Client, project: Project) -> Answer:
    """Whether Prisma Migrate is used: its folder lies beside the schema, or a command runs it in this package."""
    folder = posixpath.join(posixpath.dirname(client.document.path), "migrations") + "/"
    held = next((path for path in sorted(project.paths) if path.startswith(folder)), None)
    if held is not None:
        return Known(True, (Reason(f"{folder} holds migrations"),))
    root = project.root_of(client.document.path)
    for extract in project.extracts:
        if project.root_of(extract.document.path) != root:
            continue
        for command in extract.commands:
            if command.tool == "prisma" and command.does == "migrate":
                return Known(True, (project.reason(f"`{command.name}` runs in", extract.document, command.name_span),))
    return Known(False)


def _route(client: Client, project: Project) -> Answer:
    """How what it connects with reaches Neon; `unseen` where that is not seen or only a template says it."""
    reached = project.reached_by(client)
    found = set()
    for connection in reached.connections:
        seen = endpoint_of(connection, project)
        host = component(connection, "host", project)
        if isinstance(seen, Unseen) or seen.endpoint.unseen:
            found.add("unseen")
        elif seen.endpoint.neon or (isinstance(host, Known) and ".neon." in str(host.value)):
            found.add("pooled" if seen.endpoint.pooled else "direct")
        elif seen.endpoint.kind in ("placeholder", "local"):
            found.add("unseen")
        else:
            found.add("elsewhere")
    known = found - {"unseen"}
    if len(known) == 1:
        return Known(known.pop(), reached.because)
    return Known("unseen") if not known else Unseen("the connections that it opens differ")


PRISMA: tuple[FactSpec, ...] = (
    FactSpec("prisma.from_seven", "bool", "Whether the project's Prisma is 7 or newer.", from_seven),
    FactSpec("prisma.migrates", "bool", "Whether Prisma Migrate is used in its package.", _migrates),
    FactSpec("prisma.route", "enum", "How what it connects with reaches Neon.", _route, ROUTES),
)
