"""Facts about what lasts for a session: statements, and what a connection asks for when it starts."""

from __future__ import annotations

import re
from collections.abc import Callable

from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.client import CLIENT, runner_of
from neonlint.facts.drivers import LIBRARIES
from neonlint.facts.elsewhere import number
from neonlint.facts.reading import component, text_of
from neonlint.facts.roles import ROLES, client_role, client_runtime, is_test_path
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection, Statement
from neonlint.link import Project
from neonlint.platforms import RUNTIMES

#: PgBouncer, "track_extra_parameters", and what Neon's own pgbouncer.ini adds; `options` may set these through the
#: pooler.
_TRACKED = {
    "client_encoding",
    "datestyle",
    "timezone",
    "standard_conforming_strings",
    "application_name",
    "extra_float_digits",
}
_SETTING = re.compile(r"(?:^|\s)(?:-c\s*|--)([A-Za-z_][\w.-]*)\s*=")
#: Feature to what it is called, what becomes of it through the pooler, and what to do instead.
_FEATURES: dict[str, tuple[str, str, str]] = {
    "listen": ("`LISTEN`", "hears nothing", "listen on the direct endpoint"),
    "set": (
        "`SET`",
        "is lost for this client and stays for the next one",
        "use `SET LOCAL` inside a transaction, `ALTER ROLE … SET`, or the direct endpoint",
    ),
    "reset": (
        "`RESET`",
        "reaches whichever server connection is free, not the one that was set",
        "use `SET LOCAL` inside a transaction, or the direct endpoint",
    ),
    "set_config": (
        "`set_config(…, false)`",
        "is lost for this client and stays for the next one",
        "give `true` as its third argument inside a transaction, or use the direct endpoint",
    ),
    "prepare": (
        "`PREPARE`",
        "makes a statement that the next transaction may not find",
        "let the driver prepare statements, or use the direct endpoint",
    ),
    "deallocate": (
        "`DEALLOCATE`",
        "may reach a server connection that never had the statement",
        "let the driver prepare statements, or use the direct endpoint",
    ),
    "load": ("`LOAD`", "loads the library into one server connection only", "use the direct endpoint"),
    "with-hold": ("a `WITH HOLD` cursor", "is gone when the transaction ends", "use the direct endpoint"),
    "advisory-lock": (
        "a session-level advisory lock",
        "stays with a shared server connection and may never be released",
        "use `pg_advisory_xact_lock`, or the direct endpoint",
    ),
    "temp-table": (
        "a temporary table",
        "outlives the transaction on a server connection that others share",
        "add `ON COMMIT DROP`, or use the direct endpoint",
    ),
    "prepare-argument": ("`prepare=`", "is no argument of psycopg2", "use psycopg 3, or take the argument away"),
}


def _word(index: int) -> Callable[[Statement, Project], Answer]:
    return lambda statement, project: Known(_FEATURES[statement.feature][index])


def _library(statement: Statement, project: Project) -> Answer:
    client, because = runner_of(statement, project)
    return Unseen("the client that runs it is not seen") if client is None else Known(client.library, because)


def untracked_in(options: str) -> str | None:
    """The first run-time parameter in an `options` text that PgBouncer does not track."""
    return next((m[1] for m in _SETTING.finditer(options) if m[1].lower() not in _TRACKED), None)


def _untracked(connection: Connection, project: Project) -> Answer:
    """The parameter that keeps the pooler from accepting a connection: in it, by its clients, or in `PGOPTIONS`
    beside it."""
    written = component(connection, "params.options", project)
    if isinstance(written, Unseen):
        return written
    if written.value is not None:
        return Known(untracked_in(str(written.value)), written.because)
    for client, reached in project.consumers(connection):
        if reached.transformed:
            return Unseen("the code changes the URL before it is used")
        if (value := client.overrides.get("options")) is not None:
            answer = text_of(value, client.document.path, project)
            at = Reason(f"`options` is given in {project.place(client.document, value.span)}")
            return (
                answer if isinstance(answer, Unseen) else Known(untracked_in(str(answer.value)), (*reached.because, at))
            )
        if client.library == "dj-database-url" and component(connection, "params.currentSchema", project) != Known(
            None
        ):
            return Known("search_path", (Reason("dj-database-url turns `currentSchema` into `options`"),))
    return Known(None)


def _connect_seconds(connection: Connection, project: Project) -> Answer:
    """The connection time-out written in it; absent where the driver takes `connect_timeout` for something else."""
    answer = component(connection, "params.connect_timeout", project)
    if isinstance(answer, Unseen) or answer.value is None:
        return answer
    value = number(answer.value)
    return Known(value, answer.because) if isinstance(value, int) else Unseen("the time-out is not a number")


SESSION: tuple[FactSpec, ...] = (
    FactSpec(
        "session.untracked",
        "str",
        "A run-time parameter asked for in `options`, here or by a client, that PgBouncer does not track.",
        _untracked,
        optional=True,
    ),
    FactSpec(
        "connect_seconds", "int", "The connection time-out written in it, in seconds.", _connect_seconds, optional=True
    ),
)

STATEMENT: tuple[FactSpec, ...] = (
    FactSpec("feature", "enum", "What lasts for the session.", lambda s, p: Known(s.feature), tuple(_FEATURES)),
    FactSpec("feature.shown", "str", "What that is called.", _word(0)),
    FactSpec("feature.effect", "str", "What becomes of it through the pooler.", _word(1)),
    FactSpec("feature.instead", "str", "What to do instead.", _word(2)),
    FactSpec("library", "enum", "The library that runs it.", _library, LIBRARIES),
    FactSpec("role", "enum", "What its code is for.", client_role, ROLES),
    FactSpec(
        "file.test", "bool", "Whether the file belongs to tests.", lambda s, p: Known(is_test_path(s.document.path))
    ),
    FactSpec("runtime", "enum", "Where its code runs.", client_runtime, RUNTIMES),
    *(spec for spec in CLIENT if spec.name.startswith("connection.")),
)
