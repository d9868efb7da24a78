"""Facts about the names of connections: what a name promises, and the pooled and direct halves of a pair."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.reading import component, endpoint_of
from neonlint.facts.roles import DIRECT_NAME, declared_role, for_migrations
from neonlint.ir.model import Connection
from neonlint.ir.source import Document
from neonlint.link import Project
from neonlint.regex import regex

#: Names under which Neon, Vercel and Netlify hand out the pooled host; an integration may put a prefix before each.
_POOLED_NAME = regex(r"(?:[A-Z0-9]+_)*(?:DATABASE_URL|POSTGRES_URL|PGHOST|POSTGRES_HOST|POSTGRES_PRISMA_URL)")
#: Names of which nobody can hold that they mean anything else than "past the pooler".
_UNPOOLED_NAME = regex(r"(?:^|_)(?:UNPOOLED|NON_?POOL(?:ING|ED))(?:_|$)", re.IGNORECASE)
#: Roles that need a session of their own, past the pooler.
_DIRECT_ROLES = ("migration", "admin", "replication")
_SAYS_POOLED = regex(r"(?:^|_)POOL(?:ED|ER|ING)(?:_|$)", re.IGNORECASE)


def _name_kind(connection: Connection, project: Project) -> Answer:
    """What the name promises by convention. Beside a `…_POOLED` in the same table, `DATABASE_URL` promises nothing, and
    no convention holds where a role is declared that asks for the other host."""
    said = declared_role(connection, project)
    if DIRECT_NAME.search(connection.name):
        other = said is not None and said.value == "runtime" and not _UNPOOLED_NAME.search(connection.name)
        return Known(None if other else "direct", said.because if said is not None and other else ())
    if _SAYS_POOLED.search(connection.name):
        return Known("pooled")
    if _POOLED_NAME.fullmatch(connection.name):
        if said is not None and said.value in _DIRECT_ROLES:
            return Known(None, said.because)
        beside = (c for e in project.extracts if e.document is connection.document for c in e.connections)
        return Known(
            None if any(_SAYS_POOLED.search(c.name) and not DIRECT_NAME.search(c.name) for c in beside) else "pooled"
        )
    return Known(None)


def _unpooled_name(connection: Connection, project: Project) -> Answer:
    return Known(_UNPOOLED_NAME.search(connection.name) is not None)


def _sibling(connection: Connection, project: Project) -> Connection | None:
    """The other half of a pooled/direct pair, by name: the first of several in the same file, else in a dotenv file
    that is loaded together with it."""
    if not connection.name:
        return None
    direct, stem = _stem(connection)
    stems = [stem]
    if direct and stem == "URL":
        stems += _BESIDE_DIRECT_URL
    elif not direct and stem in _BESIDE_DIRECT_URL:
        stems.append("URL")
    own = connection.document
    for document in sorted(project.family(own), key=lambda document: document is not own):
        halves = _halves(document, project)
        if document is not own and any((direct, *_place(connection), s) in halves for s in stems):
            continue  # that file holds a pair of its own
        if found := [halves[key] for s in stems if (key := (not direct, *_place(connection), s)) in halves]:
            return min(found, key=lambda half: half[0])[1]
    return None


#: The pooled names that `DIRECT_URL` is the counterpart of.
_BESIDE_DIRECT_URL = ("DATABASE_URL", "POSTGRES_URL", "POSTGRES_PRISMA_URL")
_Half = tuple[bool, str, str, str]


@lru_cache(maxsize=8)
def _halves(document: Document, project: Project) -> Mapping[_Half, tuple[int, Connection]]:
    """The first connection of a file, with its ordinal, by: whether its name says direct, its place, its stem."""
    found: dict[_Half, tuple[int, Connection]] = {}
    extract = next((e for e in project.extracts if e.document is document), None)
    for number, connection in enumerate(extract.connections if extract else ()):
        if connection.name:
            direct, stem = _stem(connection)
            found.setdefault((direct, *_place(connection), stem), (number, connection))
    return found


def _place(connection: Connection) -> tuple[str, str]:
    return connection.standing, connection.key.rpartition(".")[0]


def _stem(connection: Connection) -> tuple[bool, str]:
    """Whether a name says direct, and the name without what it says about pooling."""
    direct = DIRECT_NAME.search(connection.name) is not None
    said = _DIRECT_WORD if direct else _POOLED_WORD
    return direct, said.sub("", connection.name).strip("_")


_DIRECT_WORD = regex(r"_?(?:UNPOOLED|NON_?POOL(?:ING|ED)|DIRECT)", re.IGNORECASE)
_POOLED_WORD = regex(r"_?POOL(?:ED|ER|ING)", re.IGNORECASE)


def _has_direct_sibling(connection: Connection, project: Project) -> Answer:
    other = _sibling(connection, project)
    if other is None or DIRECT_NAME.search(connection.name):
        return Known(False)
    because = project.reason(f"`{other.name}` in", other.document, other.key_span, " is its direct counterpart")
    return Known(True, (because,))


def _pair_mismatch(connection: Connection, project: Project) -> Answer:
    """Which of endpoint and database a direct URL and its pooled counterpart disagree on; None where they agree.

    Roles may differ: an application role beside the owner that migrates is good practice.
    """
    if not DIRECT_NAME.search(connection.name):
        return Known(None)
    here = endpoint_of(connection, project)
    if not isinstance(here, Unseen) and not here.endpoint.partial and not here.endpoint.neon:
        return Known(None)
    if (other := _sibling(connection, project)) is None:
        return Known(None)
    there = endpoint_of(other, project)
    if isinstance(here, Unseen) or isinstance(there, Unseen) or here.endpoint.partial or there.endpoint.partial:
        return Unseen("one of the two hosts is not literal")
    if not (here.endpoint.neon and there.endpoint.neon):
        return Known(None)
    because = (project.reason(f"`{other.name}` is set in", other.document, other.key_span),)
    if here.endpoint.id != there.endpoint.id:
        return Known("endpoint", because)
    one, two = component(connection, "database", project), component(other, "database", project)
    if isinstance(one, Unseen) or isinstance(two, Unseen):
        return Unseen("one of the two databases is not literal")
    return Known("database" if one.value and two.value and one.value != two.value else None, because)


def _fallback_sibling(connection: Connection, project: Project) -> Answer:
    """The direct variable that is defined beside the one whose fallback this is; None where it is no fallback, or none
    is defined."""
    if connection.standing != "default":
        return Known(None)
    from neonlint.facts.migrations import unpooled_beside  # noqa: PLC0415 -- few connections are fallbacks

    for client, reached in project.consumers(connection):
        named = project.reached_by(client).variable
        found = unpooled_beside(named, reached.connections, client.document.path, project)
        if isinstance(found, Unseen) or found.value is not None:
            return found
    return Known(None)


def _branch_output(connection: Connection, project: Project) -> Answer:
    return Known(connection.slot is not None and connection.slot.style == "output")


NAMING: tuple[FactSpec, ...] = (
    FactSpec(
        "name.promises",
        "enum",
        "What the name says about pooling: `DIRECT_URL` promises direct, `DATABASE_URL` pooled.",
        _name_kind,
        ("direct", "pooled"),
        optional=True,
    ),
    FactSpec(
        "name.unpooled",
        "bool",
        "Whether the name says in so many words that it is not pooled (`…_UNPOOLED`, `…_NON_POOLING`).",
        _unpooled_name,
    ),
    FactSpec(
        "for_migrations",
        "bool",
        "Whether the configuration, a command that runs with it, its file, its name, or the compose service or job"
        " around it says that it is for migrations.",
        for_migrations,
    ),
    FactSpec(
        "sibling.direct",
        "bool",
        "Whether the same file, or a dotenv file loaded together with it, also defines a direct counterpart.",
        _has_direct_sibling,
    ),
    FactSpec(
        "fallback.unpooled_sibling",
        "str",
        "The direct variable that is defined beside the pooled one of which it is the fallback in code.",
        _fallback_sibling,
        optional=True,
    ),
    FactSpec("branch_output", "bool", "Whether it is an output of Neon's action for branches.", _branch_output),
    FactSpec(
        "sibling.mismatch",
        "str",
        "What a direct URL and its pooled counterpart disagree on.",
        _pair_mismatch,
        optional=True,
    ),
)
