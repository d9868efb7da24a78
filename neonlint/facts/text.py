"""Facts about what is written: whether a password is real, whether a value is a template, what is shown in a log.

No fact ever says what a password is: only whether it is one, and whether it needs encoding.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from urllib.parse import quote

from neonlint.clients.statements import is_connection_name
from neonlint.dialects import recognise
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.reading import component, endpoint_of, text_of
from neonlint.facts.roles import is_test_path
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection, LogCall
from neonlint.ir.source import Entry, EnvRef, Ref, Scalar, Slot, Table, Unknown, Value, hole_indexes
from neonlint.link import Project, is_example

#: Keys of a response of Neon's management API, and how a page that quotes one is known.
_API_KEYS = {"connection_uri", "connectionUri", "connection_string", "password", "uri"}
_API_PAGE = (b'"connection_uris"', b'"connection_parameters"', b"console.neon.tech/api/v2", b"neon.com/docs/reference/api")
#: Where a page quotes rather than configures: any of these beside the two above.
_QUOTING = re.compile(r"\.(?:md|mdx|mdc|rst|adoc|txt|ya?ml|json)$|/(?:docs?|skills?|rules|references?)/", re.IGNORECASE)
_MASKING_TYPE = re.compile(rb"\bSecret(?:Str|Bytes)?\b")
_NOT_POSTGRES = re.compile(r"(?:sqlite|mysql|mariadb|mongodb|mssql|oracle|redis|rediss|libsql|file|duckdb|snowflake|bigquery|cockroachdb|clickhouse)(?:\+[\w.]+)?:", re.IGNORECASE)
_COMPOSE_FILE = re.compile(r"(?:^|/)(?:docker-)?compose[^/]*\.ya?ml$")

Compute = Callable[[Connection, Project], Answer]


def _is_api_sample(connection: Connection) -> bool:
    """Whether this is quoted from a response of Neon's management API: its keys, on a page about that API."""
    document = connection.document
    return (
        connection.name in _API_KEYS
        and connection.standing in ("text", "config")
        and _QUOTING.search(document.path) is not None
        and any(mark in document.data for mark in _API_PAGE)
    )


def _live_password(connection: Connection, project: Project) -> Answer:
    """Whether the password written here may open a database.

    Neon accepts no password of less than 60 bits (its security overview), so a short word is none; nor is what stands beside a
    host that documentation uses for "put yours here", or in a quoted response of Neon's API.
    """
    secret = connection.secret
    if secret is None or not secret.seen or secret.placeholder or secret.too_short:
        return Known(False)
    seen = endpoint_of(connection, project)
    if not isinstance(seen, Unseen) and seen.endpoint.kind == "placeholder":
        return Known(False)
    return Known(not _is_api_sample(connection))


def _password_given(connection: Connection, project: Project) -> Answer:
    if connection.view is not None:
        part = connection.view.part("password")
        return Known(part is not None and part.end > part.start)
    entry = connection.fields.get("password")
    return Known(entry is not None and not (isinstance(entry.value, Scalar) and entry.value.value in ("", None)))


def _is_template(connection: Connection, project: Project) -> Answer:
    """Whether user, password or host visibly ask to be replaced (`<password>`, `your_password`, `ep-xxx`)."""
    secret = connection.secret
    if secret is not None and secret.template:
        return Known(True)
    user = component(connection, "user", project)
    if isinstance(user, Known) and re.fullmatch(r"<.*>|\[.*\]|\{.*\}|your[-_].*", str(user.value or ""), re.IGNORECASE):
        return Known(True)
    seen = endpoint_of(connection, project)
    return Known(not isinstance(seen, Unseen) and seen.endpoint.kind == "placeholder")


def _raw_password(connection: Connection, project: Project) -> Answer:
    """Whether a URL built in code takes its password from a value that is not percent-encoded on the way.

    A password that can be seen and needs no encoding, or one taken out of a URL, is not meant.
    """
    if connection.dialect != "url" or connection.view is None or connection.slot is None or connection.standing != "code":
        return Known(False)
    part = connection.view.part("password")
    if part is None or part.seen:
        return Known(False)
    held = [connection.slot.holes[i] for i in hole_indexes(part.text)]
    return Known(any(_may_need_encoding(value, connection, project) for value in held))


def _may_need_encoding(value: Value, connection: Connection, project: Project) -> bool:
    if isinstance(value, EnvRef) and value.transformed:
        return False
    if isinstance(value, Ref) and "()" in value.name:
        return False
    if isinstance(value, Unknown):
        return value.why == "a parameter of the function"
    if not isinstance(value, EnvRef | Ref):
        return False
    if isinstance(value, EnvRef) and all(is_example(d.document.path) for d in project.definitions_of(value.name, connection.document.path)):
        return True
    answer = text_of(value, connection.document.path, project)
    return not isinstance(answer, Known) or quote(str(answer.value or ""), safe="-._~!$&'()*+,;=") != str(answer.value or "")


def _local_host(connection: Connection, project: Project) -> Answer:
    """Whether the host is this machine or a container beside it; false where nothing that is in force says so."""
    seen = endpoint_of(connection, project)
    if isinstance(seen, Unseen) or seen.endpoint.kind not in ("local", "ip"):
        return Known(False)
    inferred = any(reason.inferred for reason in seen.because)
    return Known(not inferred, seen.because)


def _project_on_neon(connection: Connection, project: Project) -> Answer:
    """Whether anything in the project names a Neon host, if only in a template."""
    for extract in project.extracts:
        for other in extract.connections:
            seen = endpoint_of(other, project)
            if not isinstance(seen, Unseen) and (seen.endpoint.neon or seen.endpoint.kind == "placeholder"):
                at = project.place(other.document, other.key_span)
                return Known(True, (Reason(f"a Neon host is named in {at}"),))
    return Known(False)


def _names_connection(connection: Connection, project: Project) -> Answer:
    return Known(is_connection_name(connection.name))


def _compose_dollar(connection: Connection, project: Project) -> Answer:
    """What Compose takes out of a password: a `$name` glued to literal text that nothing in the project defines."""
    if connection.view is None or connection.slot is None or not _COMPOSE_FILE.search(connection.document.path):
        return Known(None)
    part = connection.view.part("password")
    if part is None or part.seen or len(part.text) == len(hole_indexes(part.text)):
        return Known(None)
    for index in hole_indexes(part.text):
        value = connection.slot.holes[index]
        braced = connection.document.data[value.span.start : value.span.start + 2] == b"${"
        if isinstance(value, EnvRef) and not braced and not project.definitions_of(value.name, connection.document.path):
            return Known("$", (Reason("nothing in this project defines what the `$` refers to", inferred=True),))
    return Known(None)


def _ini_percent(connection: Connection, project: Project) -> Answer:
    return Known(connection.slot is not None and connection.slot.style == "broken-percent")


def _database_elsewhere(connection: Connection, project: Project) -> Answer:
    """Whether the database may be named beside the URL: by its client, by a parameter, or by Rails' `database.yml`."""
    if connection.view is not None and any(p.name in ("dbname", "database") for p in connection.view.params):
        return Known(True)
    if any(posixpath.basename(path) in ("database.yml", "Gemfile") for path in project.paths):
        return Known(True)
    for client, reached in project.consumers(connection):
        if reached.transformed or client.opaque or "*" in client.overrides:
            return Unseen("the client may be given a database that cannot be seen")
        names = {entry.key for entry in client.table.entries} | set(client.overrides)
        if names & {"dbname", "database", "NAME"}:
            return Known(True)
    return Known(False)


def _sqlalchemy_before_1_4(connection: Connection, project: Project) -> Answer:
    found = project.requirement("sqlalchemy", connection.document.path)
    if found is not None and found.exact is not None and found.exact < (1, 4):
        text = ".".join(map(str, found.exact))
        return Known(True, (Reason(f"{found.path} has SQLAlchemy {text}"),))
    return Known(False)


def _is_compose(connection: Connection, project: Project) -> Answer:
    return Known(_COMPOSE_FILE.search(connection.document.path) is not None)


TEXT: tuple[FactSpec, ...] = (
    FactSpec("name.connection", "bool", "Whether a variable of this name holds a connection string or database password by convention.", _names_connection),
    FactSpec("file.compose", "bool", "Whether Docker Compose reads the file.", _is_compose),
    FactSpec("password.live", "bool", "Whether the password written here may open a database: no placeholder, not too short for Neon, not in a sample.", _live_password),
    FactSpec("password.given", "bool", "Whether there is a password, here or through a variable.", _password_given),
    FactSpec("password.interpolated", "bool", "Whether a URL built in code takes its password from a value that is not percent-encoded.", _raw_password),
    FactSpec("template", "bool", "Whether user, password or host visibly ask to be replaced.", _is_template),
    FactSpec("host.local", "bool", "Whether the host is known to be this machine or a container beside it.", _local_host),
    FactSpec("project.neon", "bool", "Whether anything in the project names a Neon host.", _project_on_neon),
    FactSpec("database.elsewhere", "bool", "Whether the database may be named beside the URL.", _database_elsewhere),
    FactSpec("sqlalchemy.before_1_4", "bool", "Whether the pinned SQLAlchemy is older than 1.4.", _sqlalchemy_before_1_4),
    FactSpec("syntax.compose_dollar", "enum", "A `$` in a password that Compose expands although nothing defines the name behind it.", _compose_dollar, ("$",), optional=True),
    FactSpec("syntax.ini_percent", "bool", "Whether a lone `%` stands where configparser wants `%%`.", _ini_percent),
)  # fmt: skip


# --- what is shown in a log ---


def _declarations(log: LogCall, project: Project) -> list[tuple[bytes, Entry]]:
    """The assignments and class fields of the project that the shown name is declared by, each with its source."""
    wanted = log.name.lower()
    found: list[tuple[bytes, Entry]] = []
    for extract in project.extracts:
        tables = [root for root in extract.document.roots if extract.document.format == "python"]
        tables += [e.value for root in tables for e in root.entries if isinstance(e.value, Table) and e.value.kind == "class"]
        for entry in (entry for table in tables for entry in table.entries):
            name = entry.value.name.lower() if isinstance(entry.value, EnvRef) else ""
            if wanted in (entry.key.lower(), name):
                found.append((extract.document.data, entry))
    return found


def _masked_type(log: LogCall, project: Project) -> Answer:
    """Whether it is declared with a type that hides its text when shown (pydantic's `SecretStr`, Starlette's `Secret`)."""
    found = _declarations(log, project)
    return Known(any(_MASKING_TYPE.search(data[e.span.start : e.span.end]) is not None for data, e in found))


def _leads_elsewhere(log: LogCall, project: Project) -> Answer:
    """Whether the project's own definitions say that it is no Postgres at all."""
    for definition in project.definitions_of(log.name.upper(), log.document.path):
        value = definition.entry.value
        slot: Slot | None = value.slot if isinstance(value, Scalar) else None
        if slot is not None and recognise(slot.text) is None and _NOT_POSTGRES.match(slot.text.strip()):
            at = project.place(definition.document, definition.entry.key_span)
            return Known(True, (Reason(f"`{log.name}` is no Postgres URL in {at}"),))
    return Known(False)


LOGGED: tuple[FactSpec, ...] = (
    FactSpec("file.test", "bool", "Whether the file belongs to tests.", lambda log, p: Known(is_test_path(log.document.path))),
    FactSpec("masked", "bool", "Whether the value is of a type that hides itself when it is shown.", _masked_type),
    FactSpec("elsewhere", "bool", "Whether the project says that the value is no Postgres connection string.", _leads_elsewhere),
)  # fmt: skip
