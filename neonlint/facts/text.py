"""Facts about what is written: whether a password is real, whether a value is a template.

No fact ever says what a password is: only whether it is one, and whether it needs encoding.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import lru_cache

from neonlint.dialects.names import is_connection_name
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.drivers import consumer_of
from neonlint.facts.drivers_node import DRIVERS as NODE_DRIVERS
from neonlint.facts.reading import component, endpoint_of, text_of
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection
from neonlint.ir.source import EnvRef, Ref, Scalar, Unknown, Value, hole_indexes
from neonlint.link import Project, is_example
from neonlint.regex import regex

#: Keys of a response of Neon's management API, and how a page that quotes one is known.
_API_KEYS = {"connection_uri", "connectionUri", "connection_string", "password", "uri"}
_API_PAGE = (
    b'"connection_uris"',
    b'"connection_parameters"',
    b"console.neon.tech/api/v2",
    b"neon.com/docs/reference/api",
)
#: Where a page quotes rather than configures: any of these beside the two above.
_QUOTING = regex(r"\.(?:md|mdx|mdc|rst|adoc|txt|ya?ml|json)$|/(?:docs?|skills?|rules|references?)/", re.IGNORECASE)
_NEON_DOMAIN = regex(r"\.neon\.(?:tech|build)\.?$", re.IGNORECASE)
_ENCODED_NAME = regex(r"quoted|encoded|escaped|url_?safe", re.IGNORECASE)
#: Variables that Neon's own integrations fill with a password that Neon generated.
_SET_BY_NEON = ("PGPASSWORD", "PGPASSWORD_UNPOOLED")
_COMPOSE_FILE = regex(r"(?:^|/)(?:docker-)?compose[^/]*\.ya?ml$")

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

    Neon accepts no password of less than 60 bits (its security overview), so a short word is none; nor is what stands
    beside a host that documentation uses for "put yours here", or in a quoted response of Neon's API.
    """
    secret = connection.secret
    if secret is None or not secret.seen or secret.placeholder or secret.too_short:
        return Known(False)
    seen = endpoint_of(connection, project)
    if not isinstance(seen, Unseen) and seen.endpoint.kind == "placeholder":
        return Known(False)
    return Known(not _is_api_sample(connection))


def _generated_password(connection: Connection, project: Project) -> Answer:
    secret = connection.secret
    return Known(secret is not None and secret.generated)


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
    seen, host = endpoint_of(connection, project), component(connection, "host", project)
    named = isinstance(host, Known) and _NEON_DOMAIN.search(str(host.value or "")) is not None
    return Known(named and not isinstance(seen, Unseen) and seen.endpoint.kind == "placeholder")


def _on_neon(connection: Connection, project: Project) -> Answer:
    host = component(connection, "host", project)
    if isinstance(host, Unseen):
        return host
    return Known(_NEON_DOMAIN.search(str(host.value or "")) is not None, host.because)


def _password_name(connection: Connection, project: Project) -> Answer:
    entry = connection.fields.get("password")
    return Known(entry.key if entry is not None else connection.name)


def _raw_password(connection: Connection, project: Project) -> Answer:
    """Whether a URL built in code takes its password from a value that is not percent-encoded on the way.

    A password that can be seen and needs no encoding, or one taken out of a URL, is not meant.
    """
    if (
        connection.dialect != "url"
        or connection.view is None
        or connection.slot is None
        or connection.standing != "code"
    ):
        return Known(False)
    part = connection.view.part("password")
    if part is None or part.seen:
        return Known(False)
    held = [connection.slot.holes[i] for i in hole_indexes(part.text)]
    return Known(any(_may_need_encoding(value, connection, project) for value in held))


def _may_need_encoding(value: Value, connection: Connection, project: Project) -> bool:
    if isinstance(value, EnvRef | Ref) and _ENCODED_NAME.search(value.name):
        return False
    if isinstance(value, EnvRef) and (value.transformed or value.name in _SET_BY_NEON):
        return False
    if isinstance(value, Ref) and "()" in value.name:
        return False
    if isinstance(value, Unknown):
        return value.why == "a parameter of the function"
    if not isinstance(value, EnvRef | Ref):
        return False
    if isinstance(value, EnvRef) and _only_in_template(value, connection, project):
        return True
    if isinstance(value, EnvRef) and _set_unseen(value, connection, project):
        return True
    answer = text_of(value, connection.document.path, project)
    if not isinstance(answer, Known):
        return True
    from urllib.parse import quote  # noqa: PLC0415 -- costs 3 ms, and few connection strings are put together

    text = str(answer.value or "")
    return quote(text, safe="-._~!$&'()*+,;=") != text


def _set_unseen(variable: EnvRef | None, connection: Connection, project: Project) -> bool:
    """Whether a workflow sets the variable from a secret or variable of its own, whatever a test's value says."""
    if variable is None:
        return False
    definitions = project.definitions_of(variable.name, connection.document.path)
    return any(".github/" in d.document.path and isinstance(d.entry.value, EnvRef | Unknown) for d in definitions)


#: Characters that make a reader cut a URL elsewhere when they stand raw in user or password (tests/drivers): libpq;
#: SQLAlchemy's own pattern; urllib, on which dj-database-url, asyncpg and databases stand. Of unknown readers,
#: what most of them cannot take.
_CUT_BY_LIBPQ = regex(r"[@/\s]|%(?![0-9A-Fa-f]{2})")
_CUT_BY_SQLALCHEMY = regex("@")
_CUT_BY_URLLIB = regex(r"[/?#\[\]]")
#: The URL parser of Node, which node-postgres, postgres.js and Neon's driver use (`tests/node`).
_CUT_BY_WHATWG = regex(r"[/?#]")
_CUT_BY_MOST = regex(r"[@/]")


def _userinfo_cuts(connection: Connection, project: Project) -> Answer:
    """Whether user or password hold a raw character at which the program that reads the URL cuts it."""
    if connection.view is None or connection.slot is None or "unencoded_userinfo" not in connection.view.defects:
        return Known(False)
    parts = [part for name in ("user", "password") if (part := connection.view.part(name)) is not None]
    written = "".join(connection.slot.text[part.start : part.end] for part in parts)
    found = consumer_of(connection, project)
    if isinstance(found, Unseen):
        return Known(_CUT_BY_MOST.search(written) is not None)
    opened, because = found
    if opened.via == "peewee":  # it decodes nothing, so percent-encoding would be wrong
        return Known(False, because)
    if opened.driver in NODE_DRIVERS:
        return Known(_CUT_BY_WHATWG.search(written) is not None, because)
    cut = _CUT_BY_SQLALCHEMY if opened.via == "sqlalchemy" else _CUT_BY_URLLIB
    if opened.via is None and opened.driver in ("libpq", "psycopg2", "psycopg"):
        cut = _CUT_BY_LIBPQ
    return Known(cut.search(written) is not None, because)


def _local_host(connection: Connection, project: Project) -> Answer:
    """Whether the host is this machine or a container beside it; false where nothing that is in force says so."""
    seen = endpoint_of(connection, project)
    if isinstance(seen, Unseen) or seen.endpoint.kind not in ("local", "ip"):
        return Known(False)
    inferred = any(reason.inferred for reason in seen.because)
    variable = _host_variable(connection)
    doubtful = _only_in_template(variable, connection, project) or _set_unseen(variable, connection, project)
    return Known(not inferred and not doubtful, seen.because)


def _host_variable(connection: Connection) -> EnvRef | None:
    """The environment look-up that a URL takes its host from, None where it is written or comes from elsewhere."""
    part = connection.view.part("host") if connection.view is not None else None
    if part is None or part.seen or connection.slot is None:
        return None
    value = connection.slot.holes[hole_indexes(part.text)[0]]
    return value if isinstance(value, EnvRef) else None


def _only_in_template(variable: EnvRef | None, connection: Connection, project: Project) -> bool:
    """Whether nothing but templates (`.env.example`) says what a variable holds."""
    if variable is None:
        return False
    found = project.definitions_of(variable.name, connection.document.path)
    return bool(found) and all(is_example(definition.document.path) for definition in found)


def _project_on_neon(connection: Connection, project: Project) -> Answer:
    """Whether anything in the project names a Neon host, if only in a template."""
    if (at := _neon_named(project)) is not None:
        return Known(True, (project.reason("a Neon host is named in", at.document, at.key_span),))
    if (readme := project.readme_on_neon(connection.document.path)) is not None:
        why = project.reason("", *readme, " speaks of Neon and of no other host of databases", inferred=True)
        return Known(True, (why,))
    return Known(False)


@lru_cache(maxsize=1)
def _neon_named(project: Project) -> Connection | None:
    """The first connection of the project that names a Neon host, None where none does."""
    for extract in project.extracts:
        for connection in extract.connections:
            seen = endpoint_of(connection, project)
            if not isinstance(seen, Unseen) and (seen.endpoint.neon or seen.endpoint.kind == "placeholder"):
                return connection
    return None


def _names_connection(connection: Connection, project: Project) -> Answer:
    name = connection.name.upper()
    return Known(is_connection_name(name) or name.endswith(("_URL", "_URI", "_DSN")))


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
        if (
            isinstance(value, EnvRef)
            and not braced
            and not project.definitions_of(value.name, connection.document.path)
        ):
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
    FactSpec(
        "name.connection",
        "bool",
        "Whether a variable of this name holds a connection string or database password by convention.",
        _names_connection,
    ),
    FactSpec("file.compose", "bool", "Whether Docker Compose reads the file.", _is_compose),
    FactSpec(
        "password.live",
        "bool",
        "Whether the password written here may open a database: no placeholder, not too short, not in a sample.",
        _live_password,
    ),
    FactSpec(
        "password.generated",
        "bool",
        "Whether it looks generated: `npg_…`, or twelve and more letters of both cases and digits.",
        _generated_password,
    ),
    FactSpec(
        "password.name", "str", "The variable, setting or key that the password is written under.", _password_name
    ),
    FactSpec("password.given", "bool", "Whether there is a password, here or through a variable.", _password_given),
    FactSpec(
        "password.interpolated",
        "bool",
        "Whether a URL built in code takes its password from a value that is not percent-encoded.",
        _raw_password,
    ),
    FactSpec(
        "userinfo.cut",
        "bool",
        "Whether user or password hold a raw character at which their reader cuts the URL.",
        _userinfo_cuts,
    ),
    FactSpec("template", "bool", "Whether user, password or host visibly ask to be replaced.", _is_template),
    FactSpec("host.on_neon", "bool", "Whether the host lies in one of Neon's domains, a placeholder or not.", _on_neon),
    FactSpec(
        "host.local", "bool", "Whether the host is known to be this machine or a container beside it.", _local_host
    ),
    FactSpec(
        "project.neon",
        "bool",
        "Whether anything in the project names a Neon host, or its README speaks of Neon alone.",
        _project_on_neon,
    ),
    FactSpec("database.elsewhere", "bool", "Whether the database may be named beside the URL.", _database_elsewhere),
    FactSpec(
        "sqlalchemy.before_1_4", "bool", "Whether the pinned SQLAlchemy is older than 1.4.", _sqlalchemy_before_1_4
    ),
    FactSpec(
        "syntax.compose_dollar",
        "enum",
        "A `$` in a password that Compose expands although nothing defines the name behind it.",
        _compose_dollar,
        ("$",),
        optional=True,
    ),
    FactSpec("syntax.ini_percent", "bool", "Whether a lone `%` stands where configparser wants `%%`.", _ini_percent),
)
