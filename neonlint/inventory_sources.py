"""The sources and endpoints of an inventory: every place that is read as a connection, and where it leads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from neonlint.facts.answer import Known, Unseen
from neonlint.inventory import Because, Endpoint, Place, Route, Sample, Source, Where
from neonlint.inventory_asked import Asked, of_answer, place_of
from neonlint.inventory_tls import of_connection
from neonlint.ir.model import Connection
from neonlint.ir.source import HOLE, MAX_HOLES, Scalar
from neonlint.link import Project, environment_of
from neonlint.records import replace
from neonlint.regex import regex

_HOLES = regex(f"[{chr(HOLE)}-{chr(HOLE + MAX_HOLES - 1)}]+")
#: What no host, role or database name holds, and what a connection string that was cut in the wrong place would.
_CUT = regex(r"[@/?#\s\"'`]|:(?!\d+$)")
#: The host that stands for a branch which a workflow makes (`platforms.github`).
_OF_WORKFLOW = regex(r"ep-branch(?:-pooler)?\.…")
#: Hosts that everybody has to replace: without a letter or digit, or the word for it.
_TO_BE_REPLACED = regex(r"[^a-z0-9]+|host(?:name)?|your[-_]?host|server|<.*>")
_WHERE: dict[object, Where] = {
    "compute": "neon",
    "branch": "neon",
    "http": "neon-other",
    "interactive": "neon-other",
    "neon-other": "neon-other",
    "placeholder": "placeholder",
    "local": "local",
    "ip": "other",
    "other": "other",
}


def is_source(connection: Connection) -> bool:
    """Whether a connection says how to reach a database; a password that stands alone does not."""
    return connection.family != "secret"


def source_of(connection: Connection, project: Project) -> tuple[Source, Endpoint | None]:
    """A connection as a source without id, and the endpoint it leads to, named by its host; None where that is not
    seen."""
    asked = Asked("connection", connection, project)
    endpoint, why = endpoint_of(connection, asked)
    level, tls_because = of_connection(connection, project)
    role = asked("role")
    name = connection.name or ("" if connection.standing == "text" else connection.key)
    found = Source(
        id="",
        name=name,
        key=connection.key,
        place=place_of(connection),
        standing="written",
        endpoint_why=why,
        route=endpoint.route if endpoint is not None else "unknown",
        role=str(role.value) if isinstance(role, Known) else None,
        user=_plain(asked.text("user")),
        database=_plain(asked.text("database")),
        environment=environment_of(connection.document.path, connection.key.split(".")),
        tls=level,
        tls_because=tls_because,
        role_because=of_answer(role),
        because=of_answer(asked("host")) if endpoint is not None else (),
        sample=_sample(asked, role.value if isinstance(role, Known) else None),
        fallback=connection.standing == "default",
    )
    return found, endpoint


def endpoint_of(connection: Connection, asked: Asked) -> tuple[Endpoint | None, str]:
    """Where a connection leads, or None and why that is not seen."""
    host, kind = asked("host"), asked("endpoint.kind")
    text = host.value if isinstance(host, Known) else None
    if text is None and isinstance(kind, Known) and kind.value in ("compute", "branch"):
        text = _written_host(connection)  # with holes, but the rest of it proves where it leads
    if isinstance(kind, Unseen) or (text is None and isinstance(host, Unseen)):
        return None, host.why if isinstance(host, Unseen) else "the host is not seen"
    if not text or not isinstance(text, str):
        return None, "no host is written"
    shown = _HOLES.sub("…", text).strip().lower().removesuffix(".")
    if _OF_WORKFLOW.match(shown):
        shown = "branch made by the workflow" + (", pooled" if asked.true("endpoint.pooled") else ", direct")
    elif _CUT.search(shown):
        return None, "the host cannot be read"
    where = _WHERE[kind.value] if not _TO_BE_REPLACED.fullmatch(shown) else "placeholder"
    endpoint = Endpoint(
        id=shown,
        host=shown,
        where=where,
        compute=asked.text("endpoint.id"),
        route=_route(where, asked),
        region=asked.text("endpoint.region"),
        cloud=asked.text("endpoint.cloud"),
    )
    return endpoint, ""


def _route(where: Where, asked: Asked) -> Route:
    pooled = asked("endpoint.pooled")
    if where not in ("neon", "placeholder") or not isinstance(pooled, Known):
        return "unknown"
    if where == "placeholder" and not asked.true("host.on_neon"):
        return "unknown"
    return "pooled" if pooled.value else "direct"


def _written_host(connection: Connection) -> str | None:
    if connection.view is not None:
        return connection.view.text("host")
    entry = connection.fields.get("host")
    if entry is None or not isinstance(entry.value, Scalar) or entry.value.slot is None:
        return None
    return entry.value.slot.text


def _plain(text: str | None) -> str | None:
    """A role or database name; None where it holds what only a connection string cut in the wrong place would."""
    if text is None or _CUT.search(text):
        return None
    return _HOLES.sub("…", text)


def _sample(asked: Asked, role: object) -> Sample:
    if asked.true("file.example"):
        return "example"
    if asked.value("file.kind") == "prose" or role == "docs":
        return "docs"
    return "test" if role == "test" or asked.true("file.test") else ""


def missing(
    name: str, root: str, place: Place, written: Iterable[Because], why: str, said: Known | None = None
) -> Source:
    """The source that a variable is which comes to no connection; `why` is empty where nothing defines it, `said` is
    the role that is declared of it."""
    samples: dict[object, Sample] = {"test": "test", "docs": "docs"}
    role = str(said.value) if said is not None else None
    seen, why = bool(why), why or "nothing in the project defines it"
    return Source(
        id="",
        name=name,
        key=posixpath.join(root, name),
        place=place,
        standing="unseen" if seen else "undefined",
        endpoint_why=why,
        role=role,
        tls_because=(Because(why),),
        role_because=of_answer(said) if said is not None else (),
        sample=samples.get(role, ""),
        because=tuple(written),
    )


def merged(endpoints: Iterable[tuple[Endpoint, str | None]]) -> tuple[Endpoint, ...]:
    """Endpoints by host, each with the databases that are named there; Neon's first, sorted."""
    by_host: dict[str, Endpoint] = {}
    databases: dict[str, set[str]] = {}
    for endpoint, database in endpoints:
        by_host.setdefault(endpoint.id, endpoint)
        databases.setdefault(endpoint.id, set()).update([database] if database else [])
    order: list[Where] = ["neon", "neon-other", "other", "local", "placeholder"]
    found = sorted(
        by_host.values(), key=lambda e: (order.index(e.where), e.compute or e.host, e.route == "direct", e.host)
    )
    return tuple(replace(endpoint, databases=tuple(sorted(databases[endpoint.id]))) for endpoint in found)
