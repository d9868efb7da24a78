"""What each Postgres driver does with TLS, certificates and parameters, and which driver a connection is opened by.

The table is that of `neon-facts` and of `tests/drivers`, which hold every line of it against the installed driver; the
JavaScript drivers stand in `drivers_node`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from neonlint.facts import drivers_node
from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.reading import component
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Value
from neonlint.link import Project, Resolved

#: `libpq` is psycopg2 or psycopg where it cannot be said which; the two treat every connection parameter alike.
DRIVERS = ("libpq", "psycopg2", "psycopg", "asyncpg", "pg8000", "aiopg", "psycopg2cffi", *drivers_node.DRIVERS)
LIBRARIES = (
    "psycopg2",
    "psycopg",
    "asyncpg",
    "sqlalchemy",
    "flask-sqlalchemy",
    "django",
    "dj-database-url",
    "django-environ",
    "alembic",
    "databases",
    "tortoise",
    "peewee",
    "pg8000",
    *drivers_node.LIBRARIES,
)
#: Libraries that stand between a driver and the application and have a say of their own.
VIA = ("sqlalchemy", "django", "databases", "tortoise", "peewee", "slonik", "mikro-orm")
_LIBPQ = {"libpq", "psycopg2", "psycopg", "aiopg", "psycopg2cffi"}
_DIRECT = {"psycopg2": "psycopg2", "psycopg": "psycopg", "asyncpg": "asyncpg", "pg8000": "pg8000", "peewee": "libpq"}
_VIA_SQLALCHEMY = {"sqlalchemy", "flask-sqlalchemy", "alembic"}
_DJANGO = {"django", "dj-database-url", "django-environ"}
_BY_SCHEME = {
    "asyncpg": "asyncpg",
    "psycopg2": "psycopg2",
    "psycopg": "psycopg",
    "psycopg_async": "psycopg",
    "pg8000": "pg8000",
    "psycopg2cffi": "psycopg2cffi",
    "aiopg": "aiopg",
}


#: Words of code that takes a URL's parameters apart.
_TAKEN_OUT = ("sslmode", "channel_binding", "difference_update_query", "parse_qs", "urlsplit", "urlparse")
#: What becomes of `channel_binding` in a connection string (tests/drivers holds each against the driver).
Treatment = Literal["honoured", "ignored", "rejected"]
TREATMENTS = ("honoured", "ignored", "rejected", "mixed")
#: libpq's parameters of TLS and authentication, which drivers of another make refuse as unknown arguments.
_TLS_PARAMS = (
    "sslmode",
    "channel_binding",
    "sslrootcert",
    "sslnegotiation",
    "sslsni",
    "sslcert",
    "sslkey",
    "sslcrl",
    "gssencmode",
    "require_auth",
)


class Opened(NamedTuple):
    """Who opens a connection: the driver, and the library between it and the application (None: none)."""

    driver: str
    via: str | None


def opened_by(client: Client, reached: Resolved | None, connection: Connection, project: Project) -> Opened | Unseen:
    """The driver with which a client opens a connection."""
    library = client.library
    if drivers_node.is_node(client):
        how = drivers_node.way(client, project)
        return how if isinstance(how, Unseen) else Opened(*how)
    if "creator" in client.options or "async_creator" in client.options:
        return Unseen("the code opens the connections itself")
    if library in _DIRECT:
        return Opened(_DIRECT[library], None if library != "peewee" else "peewee")
    if library in _DJANGO:
        return Opened(_django_driver(client, project), "django")
    scheme = component(connection, "driver", project)
    driver = scheme.value if isinstance(scheme, Known) else None
    if library == "databases":
        return Opened("asyncpg" if driver in (None, "asyncpg") else str(driver), "databases")
    if library == "tortoise":
        return Opened("asyncpg", "tortoise") if driver in (None, "asyncpg") else Unseen("the driver is not known")
    if library in _VIA_SQLALCHEMY:
        return _sqlalchemy(client, reached, str(driver) if driver else None, project)
    return Unseen("the driver is not known")


def _django_driver(client: Client, project: Project) -> str:
    path = client.document.path
    three, two = (project.names_distribution(n, path) for n in ("psycopg", "psycopg2"))
    two = two or project.names_distribution("psycopg2-binary", path)
    return "psycopg" if three else "psycopg2" if two else "libpq"


def _sqlalchemy(client: Client, reached: Resolved | None, driver: str | None, project: Project) -> Opened | Unseen:
    if reached is not None and reached.transformed:
        return Unseen("the code changes the URL before it is used")
    if driver is not None:
        known = _BY_SCHEME.get(driver)
        return Opened(known, "sqlalchemy") if known else Unseen(f"the driver {driver} is not known")
    named = project.requirement("sqlalchemy", client.document.path)
    newer = named.at_least(2, 1) if named else None  # 2.1 made psycopg 3 the driver of a plain URL (tests/drivers)
    if client.kind == "async-engine":
        return Opened("psycopg", "sqlalchemy") if newer else Unseen("the URL names no asynchronous driver")
    return Opened({True: "psycopg", False: "psycopg2", None: "libpq"}[newer], "sqlalchemy")


def consumer_of(connection: Connection, project: Project) -> tuple[Opened, tuple[Reason, ...]] | Unseen:
    """The one driver that opens a connection, over all clients that use it."""
    found = _consumers(connection, project)
    if isinstance(found, Unseen):
        return found
    first = found[0][0]
    alike = all(_kind(opened) == _kind(first) for opened, _ in found)
    return found[0] if alike else Unseen("several drivers open it")


def _consumers(connection: Connection, project: Project) -> list[tuple[Opened, tuple[Reason, ...]]] | Unseen:
    """Every driver that opens a connection, at least one.

    Neon's serverless driver counts only where nothing else opens it: it asks nothing of a connection string.
    """
    found: list[tuple[Opened, tuple[Reason, ...]]] = []
    for client, reached in openers(connection, project):
        opened = opened_by(client, reached, connection, project)
        if isinstance(opened, Unseen):
            return opened
        opens = project.reason(f"{client.library} opens it in", client.document, client.name_span)
        found.append((opened, (*reached.because, opens)))
    if found:
        return [(o, because) for o, because in found if o.driver not in drivers_node.OWN_TLS] or found
    if project.has_commands:
        from neonlint.facts.command_roles import opened_by_libpq  # noqa: PLC0415 -- most runs meet no command

        if (because := opened_by_libpq(connection, project)) is not None:
            return [(Opened("libpq", None), (because,))]
    named = _by_scheme_alone(connection, project)
    return named if isinstance(named, Unseen) else [named]


def _kind(opened: Opened) -> tuple[str, str | None]:
    """What must agree for two clients to treat a connection string alike."""
    if opened.driver in _LIBPQ:
        return "libpq", opened.via
    return ("neon" if opened.driver in drivers_node.OWN_TLS else opened.driver), opened.via


def openers(connection: Connection, project: Project) -> list[tuple[Client, Resolved]]:
    """The clients that open a connection; for `PGHOST` and its kin those that are given nothing and so read them."""
    found = list(project.consumers(connection))
    if found or connection.family != "libpq-environment":
        return found
    root = project.root_of(connection.document.path)
    because = (Reason("it is given no host and reads `PGHOST`"),)
    return [
        (client, Resolved((connection,), because=because))
        for client in project.clients
        if client.library in ("psycopg2", "psycopg", "asyncpg", "pg", "postgres.js", "neon-ws")
        and client.target is None
        and client.fields is None
        and not client.opaque
        and project.root_of(client.document.path) == root
    ]


def _by_scheme_alone(connection: Connection, project: Project) -> tuple[Opened, tuple[Reason, ...]] | Unseen:
    driver = component(connection, "driver", project)
    if isinstance(driver, Known) and driver.value in _BY_SCHEME:
        scheme = Reason(f"`+{driver.value}` in the URL names SQLAlchemy's driver")
        return Opened(_BY_SCHEME[str(driver.value)], "sqlalchemy"), (scheme,)
    return Unseen("no client that uses it is seen")


def driver(connection: Connection, project: Project) -> Answer:
    """See the fact `driver`."""
    found = consumer_of(connection, project)
    return found if isinstance(found, Unseen) else Known(found[0].driver, found[1])


def via(connection: Connection, project: Project) -> Answer:
    """See the fact `driver.via`."""
    found = consumer_of(connection, project)
    return found if isinstance(found, Unseen) else Known(found[0].via, found[1])


def libpq(connection: Connection, project: Project) -> Answer:
    """See the fact `driver.libpq`."""
    return _of_all(connection, project, _LIBPQ)


def prefers(connection: Connection, project: Project) -> Answer:
    """See the fact `driver.prefers`; asyncpg took `prefer` over from libpq, whatever stands on it (tests/drivers)."""
    return _of_all(connection, project, {*_LIBPQ, "asyncpg", "prisma-engine"})


def _of_all(connection: Connection, project: Project, names: Collection[str]) -> Answer:
    """Whether all drivers that open it are among these; unseen where only some are."""
    found = _consumers(connection, project)
    if isinstance(found, Unseen):
        return found
    among = {opened.driver in names for opened, _ in found}
    return Known(among.pop(), found[0][1]) if len(among) == 1 else Unseen("several drivers open it")


def consumer_seen(connection: Connection, project: Project) -> Answer:
    """See the fact `driver.seen`."""
    return Known(not isinstance(consumer_of(connection, project), Unseen))


def serverless_alone(connection: Connection, project: Project) -> Answer:
    """See the fact `driver.serverless`."""
    clients = openers(connection, project)
    because = tuple(reason for _, reached in clients for reason in reached.because)
    return Known(drivers_node.alone([client for client, _ in clients], project), because)


def over_http_alone(connection: Connection, project: Project) -> Answer:
    """See the fact `driver.over_http`."""
    found = [opened_by(client, reached, connection, project) for client, reached in openers(connection, project)]
    return Known(bool(found) and all(isinstance(o, Opened) and o.driver == "neon-http" for o in found))


def plain(connection: Connection, project: Project) -> Answer:
    """See the fact `driver.plain`."""
    for opened, because in _each(connection, project):
        if isinstance(opened, Opened) and opened.driver in drivers_node.PLAIN:
            return Known(True, because)
    return Known(False)


def given_tls(client: Client) -> Value | None:
    """The option or parameter by which a client sets TLS beside the connection string, None where it gives none."""
    for name in ("ssl", "ssl_context", "direct_tls", "creator", "async_creator"):
        if (value := client.options.get(name)) is not None:
            return value
    return client.overrides.get("sslmode") or client.overrides.get("ssl")


# --- what drivers make of a parameter ---


def _each(connection: Connection, project: Project) -> Iterator[tuple[Opened | Unseen, tuple[Reason, ...]]]:
    """Every driver that opens a connection, one an item; the one that the scheme names where no client is seen."""
    clients = openers(connection, project)
    for client, reached in clients:
        opens = project.reason(f"{client.library} opens it in", client.document, client.name_span)
        because = (*reached.because, opens)
        if reached.transformed:
            yield Unseen("the code changes the URL before it is used"), because
        else:
            yield opened_by(client, reached, connection, project), because
    if not clients and not isinstance(named := _by_scheme_alone(connection, project), Unseen):
        yield named


def other(connection: Connection, project: Project) -> Answer:
    """Whether a driver that is not libpq's is known to open it; false where nothing that opens it is seen."""
    answer: Answer = Known(False)
    for opened, because in _each(connection, project):
        if isinstance(opened, Unseen):
            answer = opened
        elif opened.driver not in _LIBPQ:
            return Known(True, because)
    return answer


def treatment(opened: Opened) -> Treatment:
    """What a driver does with `channel_binding`, and with `sslmode` where it refuses both.

    postgres.js sends the parameter on as if it were a setting of the server, which Neon's proxy drops; the other
    JavaScript drivers do not look at it (`tests/node`). Prisma's engine obeys it since 4.9 (prisma-engines, `url.rs`).
    """
    if opened.driver == "prisma-engine":
        return "honoured"
    if opened.driver in drivers_node.DRIVERS:
        return "ignored"
    if opened.via == "tortoise" or (opened.driver == "pg8000"):
        return "rejected"
    if opened.driver == "asyncpg":
        return "rejected" if opened.via == "sqlalchemy" else "ignored"
    return "ignored" if opened.via == "databases" else "honoured"


def channel_binding(connection: Connection, project: Project) -> Answer:
    """See the fact `driver.channel_binding`."""
    found: list[tuple[Treatment, tuple[Reason, ...]]] = []
    for opened, because in _each(connection, project):
        if isinstance(opened, Unseen):
            return opened
        found.append((treatment(opened), because))
    if not found:
        return Unseen("no client that uses it is seen")
    alike = all(word == found[0][0] for word, _ in found)
    return Known(found[0][0] if alike else "mixed", found[0][1])


def rejected_param(connection: Connection, project: Project) -> Answer:
    """The first TLS parameter of a URL that a driver which opens it refuses, None where there is none.

    Where only the scheme names the driver, code that speaks of these parameters may take them out first.
    """
    written = _tls_params(connection)
    if written and not project.consumers(connection):
        naming = (document for word in _TAKEN_OUT for document in project.documents_naming(word))
        if any(document.format == "python" and document is not connection.document for document in naming):
            return Unseen("code of the project may take the parameters out before the URL is used")
    for opened, because in _each(connection, project) if written else ():
        if not isinstance(opened, Unseen) and treatment(opened) == "rejected":
            return Known(written[0], because)
    return Known(None)


def _tls_params(connection: Connection) -> list[str]:
    names = {param.name for param in connection.view.params} if connection.view is not None else set()
    return [name for name in _TLS_PARAMS if name in names]


def javascript_alone(connection: Connection, project: Project) -> Answer:
    """Whether the package of its file is JavaScript's alone: what opens the connection there is not seen."""
    root = project.root_of(connection.document.path)
    if f"{root}/package.json".lstrip("/") not in project.paths:
        return Known(False)
    return Known(not any(path.endswith(".py") and project.root_of(path) == root for path in project.paths))
