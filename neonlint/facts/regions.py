"""Facts about distance: the region that platform files put code in, beside the one that a host name says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from neonlint import platforms
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.reading import endpoint_of
from neonlint.facts.roles import is_aside, is_test
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection
from neonlint.link import Project
from neonlint.platforms import Region
from neonlint.regex import regex

#: Names of databases that are far away on purpose: read replicas, one database for each part of the world.
_ELSEWHERE = regex(
    r"(?:^|_)(?:REPLICA|READER|READ_?ONLY|RO|US|EU|UK|AP|APAC|ASIA|EAST|WEST|IAD|FRA|LHR|SIN|SYD|GRU)\d*(?:_|$)",
    re.IGNORECASE,
)


def _code_region(connection: Connection, project: Project) -> Region | Unseen:
    """The one region that the code which uses a connection runs in."""
    users = [client.document.path for client, _ in project.consumers(connection)]
    deployed = [path for path in users if not is_aside(path, project) and not is_test(path, project)]
    if users and not deployed:
        return Unseen("no deployed code uses it")
    found = [region for path in deployed or [connection.document.path] for region in _regions_for(path, project)]
    if not found:
        return Unseen("nothing says in which region its code runs")
    if any(not region.metro for region in found):
        return Unseen("Neon has no region where its code runs")
    if len({region.metro for region in found}) > 1:
        return Unseen("its code runs in several regions")
    return found[0]


def _regions_for(path: str, project: Project) -> Iterator[Region]:
    """What the files of its package say about the region of a file; what the file itself says goes before."""
    own = project.signs.get(path)
    if own is not None and own.regions:
        yield from own.regions
        return
    root = project.root_of(path)
    for where, told in project.signs.items():
        folder = platforms.folder_of(where)
        if not told.regions or _is_code(where) or project.root_of(where) != root:
            continue
        if not folder or path.startswith(f"{folder}/"):
            yield from told.regions


def _is_code(path: str) -> bool:
    """Whether a file names a region for itself alone (`preferredRegion`)."""
    return path.endswith((".ts", ".js", ".tsx", ".jsx", ".mjs")) and "sst.config." not in path


def _region(connection: Connection, project: Project) -> Answer:
    found = _code_region(connection, project)
    return found if isinstance(found, Unseen) else Known(found.name, (Reason(found.because, place=found.place),))


def _metro(connection: Connection, project: Project) -> Answer:
    found = _code_region(connection, project)
    return found if isinstance(found, Unseen) else Known(found.metro)


def _database_metro(connection: Connection, project: Project) -> Answer:
    seen = endpoint_of(connection, project)
    if isinstance(seen, Unseen):
        return seen
    from neonlint.platforms.regions import NEON  # noqa: PLC0415 -- only projects that name a region need it

    metro = NEON.get(seen.endpoint.region or "")
    return Known(metro, seen.because) if metro else Unseen("the region of the host is not known")


def _mismatch(connection: Connection, project: Project) -> Answer:
    """Whether code and database lie in different places though Neon has a region where the code is."""
    if not any(told.regions for told in project.signs.values()):
        return Unseen("nothing says in which region its code runs")
    code = _code_region(connection, project)
    if isinstance(code, Unseen):
        return code
    there = _database_metro(connection, project)
    if isinstance(there, Unseen):
        return there
    if _ELSEWHERE.search(connection.name):
        return Unseen("its name says that it is one of several databases")
    if there.value != code.metro and _is_one_of_several(connection, code, project):
        return Unseen("another database of this file lies where the code runs")
    return Known(there.value != code.metro, (Reason(code.because, place=code.place),))


def _is_one_of_several(connection: Connection, code: Region, project: Project) -> bool:
    beside = (c for e in project.extracts if e.document is connection.document for c in e.connections)
    metros = (_database_metro(other, project) for other in beside if other is not connection)
    return any(isinstance(metro, Known) and metro.value == code.metro for metro in metros)


REGIONS: tuple[FactSpec, ...] = (
    FactSpec("region.code", "str", "The region of the code that uses it, as its platform names it.", _region),
    FactSpec("region.code_area", "str", "The metropolitan area or state in which that region lies.", _metro),
    FactSpec("region.area", "str", "The metropolitan area or state in which the database lies.", _database_metro),
    FactSpec(
        "region.mismatch",
        "bool",
        "Whether code and database lie in different places though Neon has a region where the code is.",
        _mismatch,
    ),
)
