"""Facts about how a connection protects itself: TLS mode, certificate verification, channel binding.

What counts is what the driver ends up with: arguments in code win over the connection string, which wins over the
environment (libpq, "Connection Strings"; tests/drivers). Where one may say what is not seen, so is the answer.
"""

from __future__ import annotations

from neonlint.dialects.fields import MODES
from neonlint.facts import driver_wheels, drivers, drivers_node, tls_node, tls_roots, tls_words
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.environment import from_environment
from neonlint.facts.reading import component, text_of
from neonlint.facts.roles import over_http
from neonlint.facts.tls_roots import naming
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Scalar, Value
from neonlint.link import Project, Resolved

_UNVERIFIED_CALLS = ("ssl._create_unverified_context", "ssl.SSLContext")
_HIDDEN = Unseen("the client may be given TLS options that cannot be seen")
_IN_CODE = Unseen("TLS is set in code")


# --- the mode ---


def mode(connection: Connection, project: Project) -> Answer:
    """The TLS mode in force as far as it is written: by its clients, in the connection, or in its environment."""
    if over_http(connection.document):
        return Unseen("Neon's serverless driver brings TLS of its own")
    if (in_javascript := tls_node.mode(drivers.openers(connection, project), connection, project)) is not None:
        return in_javascript
    if (given := _mode_in_code(connection, project)) is not None:
        return given
    found = drivers.consumer_of(connection, project)
    opened, because = (None, ()) if isinstance(found, Unseen) else found
    return _mode_beside_code(connection, opened, because, project)


def _mode_beside_code(
    connection: Connection, opened: drivers.Opened | None, because: tuple[Reason, ...], project: Project
) -> Answer:
    """The mode that a driver ends up with whose client sets none: the written one, else that of its environment."""
    written = _mode_written(connection, opened, because, project)
    if isinstance(written, Unseen) or written.value is not None:
        return written
    found = component(connection, "params.sslrootcert", project)
    if isinstance(found, Known) and found.value == "system":
        return Known("verify-full", (Reason("`sslrootcert=system` alone means `verify-full`"),))
    return from_environment(connection, "PGSSLMODE", project)


def _mode_in_code(connection: Connection, project: Project) -> Answer | None:
    """The mode where a client that opens it sets one, None where none does. Those that set none have the written one,
    as their driver reads it; all must end up with the same."""
    clients = project.consumers(connection)
    given = [_mode_of_client(client, reached, connection, project) for client, reached in clients]
    if all(answer is None for answer in given):
        return None
    answers = [
        _mode_beside_client(client, reached, connection, project) if answer is None else answer
        for (client, reached), answer in zip(clients, given, strict=True)
    ]
    if (hidden := next((a for a in answers if isinstance(a, Unseen)), None)) is not None:
        return hidden
    same = all(_value(answer) == _value(answers[0]) for answer in answers)
    return answers[0] if same else Unseen("the clients that open it set TLS differently")


def _mode_beside_client(client: Client, reached: Resolved, connection: Connection, project: Project) -> Answer:
    opened = drivers.opened_by(client, reached, connection, project)
    if isinstance(opened, Unseen) or drivers_node.is_node(client):
        return opened if isinstance(opened, Unseen) else Unseen("the clients that open it set TLS differently")
    return _mode_beside_code(connection, opened, reached.because, project)


def _value(answer: Answer) -> object:
    return answer.value if isinstance(answer, Known) else None


def _mode_of_client(client: Client, reached: Resolved, connection: Connection, project: Project) -> Answer | None:
    if reached.transformed:
        return Unseen("the code changes the URL before it is used")
    if "misplaced.sslmode" in client.options:
        return Unseen("`sslmode` stands beside OPTIONS, where Django does not read it")
    at = project.reason("the client sets the TLS mode in", client.document, client.name_span)
    if (forced := client.options.get("ssl_require")) is not None and not _is(forced, False):
        return Known("require", (at,)) if _is(forced, True) else _IN_CODE
    given = drivers.given_tls(client)
    if given is None or _is(given, None):
        return _HIDDEN if "*" in client.overrides or (client.opaque and client.fields is not connection) else None
    answer = text_of(given, client.document.path, project)
    if isinstance(answer, Known) and answer.value is False:
        return Known("disable", (at,))
    if isinstance(answer, Known) and isinstance(answer.value, str):
        return Known(answer.value, (*answer.because, at))
    return _IN_CODE


def _is(value: Value, literal: bool | None) -> bool:
    return isinstance(value, Scalar) and value.value is literal


def _mode_written(
    connection: Connection, opened: drivers.Opened | None, because: tuple[Reason, ...], project: Project
) -> Answer:
    """The mode in the connection's own text or fields, under the name that its driver reads; libpq's where it is not
    known which that is."""
    if opened is not None and drivers.treatment(opened) == "rejected":
        if drivers.rejected_param(connection, project) != Known(None):
            return Unseen("its driver refuses the parameters of the URL")
        if opened.driver == "pg8000":
            return Unseen("pg8000 takes a TLS context and no mode")
    if connection.family == "driver-keywords" and opened is not None and opened.driver == "asyncpg":
        assert connection.table is not None
        return Known(None, because) if connection.table.complete else _HIDDEN
    if opened is not None and opened.via in ("databases", "tortoise"):
        return _verifying(component(connection, "params.ssl", project), always=opened.via == "tortoise")
    if opened is not None and opened.driver == "asyncpg":
        answer = component(connection, "params.ssl" if opened.via else "params.sslmode", project)
        return Known(None, because) if answer == Known(None) else answer
    answer = component(connection, "params.sslmode", project)
    if isinstance(answer, Unseen) or answer.value is not None or connection.dialect != "url":
        return answer
    short = component(connection, "params.ssl", project)
    return Known("require", short.because) if isinstance(short, Known) and short.value in tls_words.TRUE else short


def _verifying(answer: Answer, *, always: bool) -> Answer:
    """`ssl=true` of `databases` and Tortoise, which then verify; Tortoise takes every value for true."""
    if isinstance(answer, Known) and answer.value is not None and (always or answer.value in tls_words.TRUE):
        return Known("verify-full", answer.because)
    return answer


def mode_known(connection: Connection, project: Project) -> Answer:
    """Whether the TLS mode is a word that the drivers know; true where there is none."""
    answer = mode(connection, project)
    return (
        answer if isinstance(answer, Unseen) else Known(answer.value is None or answer.value in (*MODES, "no-verify"))
    )


# --- channel binding and roots ---


def binding(connection: Connection, project: Project) -> Answer:
    """The channel binding asked for: by its clients, in the connection, or by `PGCHANNELBINDING`; JavaScript drivers
    read neither, Prisma's engine the connection alone."""
    found = [client for client, _ in drivers.openers(connection, project)]
    if found and all(map(drivers_node.is_node, found)):
        engine = all(drivers_node.way(client, project) == drivers_node.Way("prisma-engine", None) for client in found)
        return component(connection, "params.channel_binding", project) if engine else Known(None)
    return _libpq_param(connection, "channel_binding", "PGCHANNELBINDING", project)


def root(connection: Connection, project: Project) -> Answer:
    """The root certificate file named, or `system`."""
    return _libpq_param(connection, "sslrootcert", "PGSSLROOTCERT", project)


def _libpq_param(connection: Connection, name: str, variable: str, project: Project) -> Answer:
    alone = drivers.serverless_alone(connection, project)
    if isinstance(alone, Known) and alone.value:
        return Unseen("Neon's serverless driver reads no TLS parameter")
    if (given := _override(connection, name, project)) is not None:
        return given
    if connection.family != "driver-keywords":  # the drivers that are called so know neither parameter
        written = component(connection, f"params.{name}", project)
        if isinstance(written, Unseen) or written.value is not None:
            return written
    return from_environment(connection, variable, project)


def _override(connection: Connection, name: str, project: Project) -> Answer | None:
    """What the clients give for a libpq parameter beside the connection string, None where none gives it."""
    for client, reached in project.consumers(connection):
        if reached.transformed:
            return Unseen("the code changes the URL before it is used")
        if f"misplaced.{name}" in client.options:
            return Unseen(f"`{name}` stands beside OPTIONS, where Django does not read it")
        if (value := client.overrides.get(name)) is not None:
            return text_of(value, client.document.path, project)
        if "*" in client.overrides:
            return Unseen("the client may be given parameters that cannot be seen")
    return None


def tls_name(connection: Connection, project: Project) -> Answer:
    """The variable that holds the TLS mode (`PGSSLMODE`) where host and mode have one each, else the connection's
    name."""
    apart = connection.family in ("libpq-environment", "environment")
    entry = connection.fields.get("params.sslmode") if apart else None
    return Known(connection.name if entry is None else entry.key)


# --- what code gives ---


def in_code(connection: Connection, project: Project) -> Answer:
    """Whether a client that opens it is given TLS settings of its own."""
    for client, reached in project.consumers(connection):
        given = drivers.given_tls(client)
        if given is not None and not _is(given, None):
            at = project.reason("TLS is set in", client.document, client.name_span)
            return Known(True, (*reached.because, at))
        if "*" in client.overrides or client.opaque:
            return _HIDDEN
    return Known(False)


def host_read_in_code(connection: Connection, project: Project) -> Answer:
    """Whether code of the package reads the host's variable itself, and so decides on TLS itself."""
    for document in naming(connection.name, connection, project) if connection.name else ():
        if document.format in ("python", "javascript"):
            return Known(True, (Reason(f"{document.path} reads `{connection.name}` itself"),))
    return Known(False)


TLS: tuple[FactSpec, ...] = (
    FactSpec("tls.name", "str", "The variable that sets the TLS mode; of a whole connection, its name.", tls_name),
    FactSpec(
        "tls.mode",
        "str",
        "The TLS mode in force as far as it is written (`sslmode`, or `ssl` where the driver calls it so).",
        mode,
        optional=True,
    ),
    FactSpec("tls.mode_known", "bool", "Whether that mode is a word that the drivers know.", mode_known),
    FactSpec(
        "tls.misspelt",
        "str",
        "A written `sslmode` that is not one of libpq's six words.",
        tls_words.misspelt,
        optional=True,
    ),
    FactSpec(
        "tls.nearest_mode",
        "str",
        "The mode that a misspelt `sslmode` most likely means.",
        tls_words.nearest,
        optional=True,
    ),
    FactSpec("tls.channel_binding", "str", "The channel binding asked for.", binding, optional=True),
    FactSpec("tls.root", "str", "The root certificates named, or `system`.", root, optional=True),
    FactSpec(
        "tls.root_provided",
        "bool",
        "Whether something says that a root certificate is put where drivers look by default.",
        tls_roots.root_provided,
    ),
    FactSpec(
        "tls.root_defect",
        "enum",
        "What is wrong with a written root certificate path.",
        tls_roots.root_path_defect,
        ("placeholder", "missing"),
        optional=True,
    ),
    FactSpec("tls.in_code", "bool", "Whether a client that opens it is given TLS settings in code.", in_code),
    FactSpec(
        "host.read_in_code",
        "bool",
        "Whether code reads the host's variable itself, and so decides on TLS itself.",
        host_read_in_code,
    ),
    FactSpec("driver", "enum", "The driver that opens it.", drivers.driver, drivers.DRIVERS),
    FactSpec("driver.libpq", "bool", "Whether what opens it is libpq (psycopg2, psycopg).", drivers.libpq),
    FactSpec(
        "driver.prefers",
        "bool",
        "Whether what opens it takes the mode `prefer` where none is written: libpq, asyncpg, Prisma's engine.",
        drivers.prefers,
    ),
    FactSpec(
        "driver.other",
        "bool",
        "Whether a driver that is not libpq's is known to open it; false where none is seen.",
        drivers.other,
    ),
    FactSpec(
        "driver.via",
        "enum",
        "The library between driver and application.",
        drivers.via,
        drivers.VIA,
        optional=True,
    ),
    FactSpec("driver.seen", "bool", "Whether it is known what opens it.", drivers.consumer_seen),
    FactSpec(
        "driver.serverless",
        "bool",
        "Whether Neon's serverless driver alone is seen to open it, over HTTP or WebSockets with TLS of its own.",
        drivers.serverless_alone,
    ),
    FactSpec(
        "driver.over_http",
        "bool",
        "Whether that driver alone is seen to open it, over HTTP, where pooled or direct makes no difference.",
        drivers.over_http_alone,
    ),
    FactSpec(
        "driver.plain",
        "bool",
        "Whether a driver opens it that uses no TLS unless it is told to (node-postgres, postgres.js).",
        drivers.plain,
    ),
    FactSpec(
        "driver.channel_binding",
        "enum",
        "What the drivers that open it do with `channel_binding`.",
        drivers.channel_binding,
        drivers.TREATMENTS,
    ),
    FactSpec(
        "driver.wheel",
        "enum",
        "The binary wheel of psycopg2 or psycopg that the project names.",
        driver_wheels.wheel,
        ("psycopg2-binary", "psycopg-binary"),
        optional=True,
    ),
    FactSpec(
        "driver.old_for_direct_tls",
        "bool",
        "Whether the pinned wheel brings a libpq that does not know `sslnegotiation` yet.",
        driver_wheels.old_for_direct_tls,
    ),
    FactSpec(
        "tls.cert_file",
        "bool",
        "Whether something in the package speaks of `SSL_CERT_FILE`, which names the roots for a wheel's OpenSSL.",
        tls_roots.cert_file,
    ),
    FactSpec(
        "params.rejected",
        "str",
        "A TLS parameter of the URL that a driver which opens it refuses.",
        drivers.rejected_param,
        optional=True,
    ),
    FactSpec(
        "package.javascript",
        "bool",
        "Whether its package is JavaScript's alone, where what opens it is not seen.",
        drivers.javascript_alone,
    ),
)
