"""Facts about a statement whose effect lasts for a session: what becomes of it through the pooler, and who runs it."""

from __future__ import annotations

from collections.abc import Callable

from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.client import CLIENT, runner_of
from neonlint.facts.drivers import LIBRARIES
from neonlint.facts.roles import ROLES, client_role, in_tests
from neonlint.facts.runtime import client_runtime
from neonlint.ir.findings import Reason
from neonlint.ir.model import Statement
from neonlint.ir.source import Call, Ref
from neonlint.link import Project
from neonlint.platforms import RUNTIMES

_DRIZZLE_HTTP = "drizzle-orm/neon-http.drizzle"
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
    "http-function-call": (
        "a call of `neon()`'s result",
        "is refused",
        "use it as the tag of a template, or `sql.query()`",
    ),
    "transaction": (
        "an interactive transaction",
        "has no place over HTTP",
        "use `db.batch([…])`, or WebSockets or TCP",
    ),
    "prepare-argument": ("`prepare=`", "is no argument of psycopg2", "use psycopg 3, or take the argument away"),
}


def _word(index: int) -> Callable[[Statement, Project], Answer]:
    return lambda statement, project: Known(_FEATURES[statement.feature][index])


def _library(statement: Statement, project: Project) -> Answer:
    client, because = runner_of(statement, project)
    return Unseen("the client that runs it is not seen") if client is None else Known(client.library, because)


def _over_http(statement: Statement, project: Project) -> Answer:
    """Whether it is run on a database of Drizzle that speaks HTTP, made here or in another file of the project."""
    callee = statement.call.callee
    if callee.startswith(_DRIZZLE_HTTP):
        return Known(True)
    document = statement.document
    found = project.find(Ref(callee.rpartition(".")[0], statement.span), document.path)
    if found is None or not isinstance(found.value, Call):
        return Unseen("what it is run on is not seen")
    if not found.value.callee.startswith(_DRIZZLE_HTTP):
        return Known(False)
    return Known(True, (project.reason("Drizzle is given Neon's HTTP driver in", found.document, found.span),))


def _from_one(statement: Statement, project: Project) -> Answer:
    """Whether the project admits versions 1 and newer of Neon's serverless driver only."""
    found = project.requirement("@neondatabase/serverless", statement.document.path, ecosystem="npm")
    answer = found.at_least(1) if found is not None else None
    if found is None or answer is None:
        return Unseen("the version of the driver is not seen")
    return Known(answer, (Reason(f"{found.path} has @neondatabase/serverless {'1 or newer' if answer else '0'}"),))


STATEMENT: tuple[FactSpec, ...] = (
    FactSpec("feature", "enum", "What lasts for the session.", lambda s, p: Known(s.feature), tuple(_FEATURES)),
    FactSpec("feature.shown", "str", "What that is called.", _word(0)),
    FactSpec("feature.effect", "str", "What becomes of it through the pooler.", _word(1)),
    FactSpec("feature.instead", "str", "What to do instead.", _word(2)),
    FactSpec("library", "enum", "The library that runs it.", _library, LIBRARIES),
    FactSpec("over_http", "bool", "Whether Drizzle runs it over Neon's HTTP driver.", _over_http),
    FactSpec("neon_driver.from_one", "bool", "Whether Neon's serverless driver is 1.0 or newer.", _from_one),
    FactSpec("role", "enum", "What its code is for.", client_role, ROLES),
    FactSpec("file.test", "bool", "Whether the file belongs to tests, or the configuration says so.", in_tests),
    FactSpec("runtime", "enum", "Where its code runs.", client_runtime, RUNTIMES),
    *(spec for spec in CLIENT if spec.name.startswith("connection.")),
)
