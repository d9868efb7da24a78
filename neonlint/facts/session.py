"""Facts about what a connection asks for when its session starts."""

from __future__ import annotations

from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.elsewhere import number
from neonlint.facts.reading import component, text_of
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection
from neonlint.link import Project
from neonlint.regex import regex

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
_SETTING = regex(r"(?:^|\s)(?:-c\s*|--)([A-Za-z_][\w.-]*)\s*=")


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
            at = project.reason("`options` is given in", client.document, value.span)
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
