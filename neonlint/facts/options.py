"""Facts about what stands in `options`: an endpoint, a moment of the past, parameters that PgBouncer refuses."""

from __future__ import annotations

import re

from neonlint.facts import drivers
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.reading import component, endpoint_of
from neonlint.ir.endpoint import parse as parse_host
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection
from neonlint.link import Project
from neonlint.regex import regex

_ENDPOINT_OPTION = regex(r"(?:^|\s)(?P<word>endpoint|project)=(?P<id>\S+)")
_SNI_SINCE = (
    ("psycopg2-binary", (2, 9, 6), "psycopg2"),
    ("psycopg-binary", (3, 2, 3), "psycopg"),
    ("pg8000", (1, 29, 3), "pg8000"),
)


def _endpoint_option(connection: Connection, project: Project) -> Answer:
    """The endpoint id named in `options` (`endpoint=<id>` or the deprecated `project=<id>`), None where none is.

    Other vendors' poolers read `options=project=…` too, so beside a host that is not Neon's only an `ep-…` counts.
    """
    answer = component(connection, "params.options", project)
    if isinstance(answer, Unseen) or answer.value is None:
        return answer
    match = _ENDPOINT_OPTION.search(str(answer.value))
    if match is None:
        return Known(None, answer.because)
    kind = parse_host(f"{match['id']}.us-east-2.aws.neon.tech").kind
    if kind == "placeholder":
        return Unseen("the endpoint id is a placeholder")
    if kind != "compute":
        seen = endpoint_of(connection, project)
        if isinstance(seen, Unseen):
            return seen
        if not seen.endpoint.neon:
            return Known(None)
    return Known(match["id"], answer.because)


def _option_agrees(connection: Connection, project: Project) -> Answer:
    """Whether the endpoint named in `options` is the host's first label, `-pooler` included (Neon compares)."""
    named = _endpoint_option(connection, project)
    host = component(connection, "host", project)
    if isinstance(named, Unseen) or named.value is None:
        return named if isinstance(named, Unseen) else Known(None)
    if isinstance(host, Unseen):
        return host
    return Known(str(host.value or "").split(".", 1)[0].lower() == str(named.value).lower(), named.because)


def _deprecated_option(connection: Connection, project: Project) -> Answer:
    """Whether that id is named by `project=`."""
    named = _endpoint_option(connection, project)
    if isinstance(named, Unseen) or named.value is None:
        return named if isinstance(named, Unseen) else Known(False)
    answer = component(connection, "params.options", project)
    match = _ENDPOINT_OPTION.search(str(answer.value)) if isinstance(answer, Known) else None
    return Known(match is not None and match["word"] == "project", named.because)


def _time_travel(connection: Connection, project: Project) -> Answer:
    """The word in `options` that asks for a compute of the past (`neon_lsn`, `neon_timestamp`), None where none."""
    answer = component(connection, "params.options", project)
    if isinstance(answer, Unseen) or answer.value is None:
        return answer
    match = re.search(r"(?:^|\s)(neon_(?:lsn|timestamp)):", str(answer.value))
    return Known(match[1] if match else None, answer.because)


def _sends_sni(connection: Connection, project: Project) -> Answer:
    """Whether the client is known to name the host in the TLS handshake, from which Neon learns the endpoint.

    asyncpg leaves it to Python's ssl module, which always does; libpq does since 14, which is seen only where a wheel
    brings its own (psycopg2-binary 2.9.6 and psycopg-binary 3.2.3 and newer on every platform: their release notes);
    pg8000 does since 1.29.3; node-postgres, postgres.js and Neon's serverless driver do (`tests/node`).
    """
    disabled = component(connection, "params.sslsni", project)
    if isinstance(disabled, Unseen) or disabled.value == "0":
        return disabled if isinstance(disabled, Unseen) else Known(False)
    found = drivers.consumer_of(connection, project)
    if isinstance(found, Unseen):
        return found
    opened, because = found
    if opened.driver in ("asyncpg", "pg", "postgres.js", "neon-http", "neon-ws"):
        return Known(True, because)
    for distribution, version, named in _SNI_SINCE:
        held = project.requirement(distribution, connection.document.path) if opened.driver == named else None
        if held is not None and held.at_least(*version):
            return Known(
                True, (*because, Reason(f"{held.path} has {distribution} {'.'.join(map(str, version))} or newer"))
            )
    return Unseen("the version of the driver's TLS code is not seen")


OPTIONS: tuple[FactSpec, ...] = (
    FactSpec("options.endpoint", "str", "The endpoint id named in `options`.", _endpoint_option, optional=True),
    FactSpec("options.endpoint_agrees", "bool", "Whether it is the host's first label.", _option_agrees, optional=True),
    FactSpec("options.project", "bool", "Whether the deprecated `project=` form is used.", _deprecated_option),
    FactSpec(
        "options.time_travel",
        "str",
        "The word in `options` that asks for a compute of the past.",
        _time_travel,
        optional=True,
    ),
    FactSpec(
        "driver.sends_sni", "bool", "Whether what opens it is known to name the host in the TLS handshake.", _sends_sni
    ),
)
