"""Facts about one client: which library, which options, where it stands, and what the connections it opens are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from neonlint.facts import drivers, drivers_node, tls
from neonlint.facts.answer import Answer, FactSpec, FactType, Known, Unseen
from neonlint.facts.connection import CONNECTION
from neonlint.facts.elsewhere import in_environ_url, number, set_elsewhere
from neonlint.facts.migrations import MIGRATIONS
from neonlint.facts.reading import endpoint_of, text_of
from neonlint.facts.roles import ROLES, client_role, in_tests, is_migration_file, is_test
from neonlint.facts.runtime import client_runtime
from neonlint.facts.scopes import SCOPES, scope
from neonlint.facts.versions import early_2_0, psycopg_deallocates
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection, Statement
from neonlint.ir.source import Call, Document, Ref, Scalar, Table, Unknown, Value
from neonlint.link import Project
from neonlint.platforms import RUNTIMES
from neonlint.regex import regex

KINDS = ("connection", "pool", "engine", "async-engine", "settings", "migrations")


def option(name: str) -> Callable[[Client, Project], Answer]:
    """A canonical option as a literal: `True`, 300, "NullPool" (a name's last part); a known `None` where it is not
    given."""

    def compute(client: Client, project: Project) -> Answer:
        value = client.options.get(name)
        if value is None:
            return _absent(client, name, project)
        return _literal(value, client, project)

    return compute


def _absent(client: Client, name: str, project: Project) -> Answer:
    """What it means that an option is not written at the client itself."""
    if client.opaque:
        return Unseen("options may be given that cannot be seen")
    if client.library in ("django", "flask-sqlalchemy") and (at := set_elsewhere(client, name, project)) is not None:
        return Unseen(f"options are set in {at}")
    if client.library == "django-environ":
        return in_environ_url(client, name, project)
    return Known(None)


def _literal(value: Value, client: Client, project: Project) -> Answer:
    if isinstance(value, Scalar):
        return text_of(value, client.document.path, project)
    if isinstance(value, Ref):
        return Known(value.name.rsplit(".", 1)[-1])
    if isinstance(value, Call):
        return Known(value.callee)
    if isinstance(value, Table):
        return Known("{…}")
    return text_of(value, client.document.path, project)


def typed(name: str, kind: FactType) -> Callable[[Client, Project], Answer]:
    """The same, `Unseen` where the literal is not of the type that the option takes."""
    wanted = {"bool": (bool,), "int": (int,), "float": (int, float), "str": (str,), "enum": (str,)}[kind]
    read = option(name)

    def compute(client: Client, project: Project) -> Answer:
        given = client.options.get(name)
        answer = (
            text_of(given, client.document.path, project)
            if kind != "str" and isinstance(given, Ref)
            else read(client, project)
        )
        if isinstance(answer, Unseen) or answer.value is None:
            return answer
        value = number(answer.value) if kind in ("int", "float") else answer.value
        if not isinstance(value, wanted) or (kind in ("int", "float") and isinstance(value, bool)):
            return Unseen(f"`{name}` is not a literal")
        return Known(value, answer.because)

    return compute


def given_option(name: str) -> Callable[[Client, Project], Answer]:
    """Whether an option is given at all, whatever its value."""

    def compute(client: Client, project: Project) -> Answer:
        if name in client.options:
            given = client.options[name]
            return Unseen(given.why) if isinstance(given, Unknown) else Known(True)
        answer = _absent(client, name, project)
        return answer if isinstance(answer, Unseen) else Known(answer.value is not None)

    return compute


def _misplaced(names: Sequence[str]) -> Callable[[Client, Project], Answer]:
    def compute(client: Client, project: Project) -> Answer:
        return Known(next((n for n in names if f"misplaced.{n}" in client.options), None))

    return compute


def connections_of(subject: Client | Statement, project: Project) -> tuple[Sequence[Connection], tuple[Reason, ...]]:
    """The connections that a client (or the client that runs a statement) opens, with how that is known."""
    client, because = (subject, ()) if isinstance(subject, Client) else runner_of(subject, project)
    reached = project.reached_by(client)
    return reached.connections, (*because, *reached.because)


def runner_of(statement: Statement, project: Project) -> tuple[Client | None, tuple[Reason, ...]]:
    """The client that runs a statement: known in its file, Django's default database, or else the only one of its
    package."""
    document = statement.document
    if (behind := project.client_behind(statement)) is not None:
        there = behind.document
        return behind, () if there is document else (project.reason("it is run through", there, behind.name_span),)
    if is_migration_file(document) or _MIGRATIONS.search(document.path):
        return None, ()
    django = statement.call.callee.startswith("django.db.connection.")
    root = project.root_of(document.path)
    found = [
        client
        for client in project.clients
        if project.root_of(client.document.path) == root
        and not is_test(client.document.path, project)
        and _may_run(client, django=django)
    ]
    if len(found) != 1:
        return None, ()
    if _other_driver(document, found[0]):
        return None, ()
    at = (found[0].document, found[0].name_span)
    if django:
        return found[0], (project.reason("Django's default database is set in", *at),)
    return found[0], (project.reason("the only client of this package stands in", *at, inferred=True),)


_MIGRATIONS = regex(r"(?:^|/)(?:migrations?|versions|alembic)/")
#: Drivers whose connections a file does not use when it imports another one of them.
_DRIVERS = frozenset({"psycopg", "psycopg2", "asyncpg", "pg8000"})


def _other_driver(document: Document, client: Client) -> bool:
    """Whether a file imports other drivers than the one that a client of another file uses."""
    if client.library not in _DRIVERS:
        return False
    imported = {target.partition(".")[0] for target in document.imports.values()} & _DRIVERS
    return bool(imported) and client.library not in imported


def _may_run(client: Client, *, django: bool) -> bool:
    if django:
        return client.kind == "settings" and client.name.removeprefix("DATABASES.") == "default"
    return client.kind not in ("settings", "migrations") and not is_migration_file(client.document)


def lift(spec: FactSpec) -> Callable[[Client | Statement, Project], Answer]:
    """A fact of the connections that a client opens: over its Neon connections they must agree."""

    def compute(subject: Client | Statement, project: Project) -> Answer:
        found, because = connections_of(subject, project)
        if not found:
            return Unseen("the connection that it opens is not seen")
        if spec.name.startswith("endpoint.") and _rewrites_pooler(subject, project):
            return Unseen("the code changes the URL and speaks of `-pooler`")
        neon = [c for c in found if is_neon(c, project)]
        answers = [spec.compute(c, project) for c in neon or found]
        first = answers[0]
        if any(isinstance(a, Unseen) for a in answers):
            return next(a for a in answers if isinstance(a, Unseen))
        if any(a.value != first.value for a in answers):
            return Unseen("the connections that it opens differ")
        return Known(first.value, (*because, *first.because))

    return compute


def _rewrites_pooler(subject: Client | Statement, project: Project) -> bool:
    """Whether the code changes the URL on its way to this client and knows what `-pooler` is."""
    client = subject if isinstance(subject, Client) else subject.client
    return (
        client is not None and project.reached_by(client).transformed and project.speaks_of_pooler(client.document.path)
    )


def is_neon(connection: Connection, project: Project) -> bool:
    """Whether the host of a connection is seen to be a Neon compute."""
    seen = endpoint_of(connection, project)
    return not isinstance(seen, Unseen) and seen.endpoint.neon


def driver_of(client: Client, project: Project) -> Answer:
    """See the fact `driver` of clients."""
    opened = _opened(client, project)
    return opened if isinstance(opened, Unseen) else Known(opened.driver)


def _opened(client: Client, project: Project) -> drivers.Opened | Unseen:
    if drivers_node.is_node(client):
        how = drivers_node.way(client, project)
        return how if isinstance(how, Unseen) else drivers.Opened(*how)
    reached = project.reached_by(client)
    for connection in reached.connections:
        return drivers.opened_by(client, reached, connection, project)
    if client.library in ("psycopg2", "psycopg", "asyncpg", "pg8000"):
        return drivers.Opened(client.library, None)
    return Unseen("the driver is chosen by a URL that is not seen")


def _driver_libpq(client: Client, project: Project) -> Answer:
    answer = driver_of(client, project)
    return (
        answer
        if isinstance(answer, Unseen)
        else Known(answer.value in ("libpq", "psycopg2", "psycopg"), answer.because)
    )


def suspend(client: Client, project: Project) -> Answer:
    """After how many idle seconds the compute suspends; a negative number says never."""
    declared = project.config.suspend_seconds
    if declared == 0:  # Neon's own word for its default
        return Known(300, (Reason("the configuration leaves the compute's suspend time at Neon's default, 300 s"),))
    if declared is not None:
        return Known(declared, (Reason(f"the configuration says that the compute suspends after {declared} s"),))
    return Known(
        300, (Reason("Neon suspends a compute after 300 s without a query unless told otherwise", inferred=True),)
    )


def _over_suspend(name: str) -> Callable[[Client, Project], Answer]:
    """Whether a number of seconds is longer than the compute's suspend time; `None` and -1 stand for "for ever"."""
    read = option(name)

    def compute(client: Client, project: Project) -> Answer:
        answer, limit = read(client, project), suspend(client, project)
        if isinstance(answer, Unseen) or isinstance(limit, Unseen):
            return answer
        if name not in client.options:
            return Known(False)
        value = number(answer.value)
        if not isinstance(limit.value, int) or limit.value < 0:
            return Known(False, limit.because)
        if value is None or value == -1:
            return Known(True, limit.because)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Unseen(f"`{name}` is not a number")
        return Known(value > limit.value, limit.because)

    return compute


def persistent(client: Client, project: Project) -> Answer:
    """Whether Django keeps connections between requests: `CONN_MAX_AGE` above 0 or `None`."""
    answer = option("max_age")(client, project)
    if isinstance(answer, Unseen):
        return answer
    if "max_age" not in client.options and answer.value is None:
        return Known(False)
    value = number(answer.value)
    if value is not None and not isinstance(value, int | float):
        return Unseen("the age is not a literal")
    return Known(value is None or value > 0, answer.because)


_OPTIONS: tuple[tuple[str, FactType, str], ...] = (
    ("liveness", "bool", "Whether each connection is tested when it is taken from the pool (`pool_pre_ping`)."),
    ("recycle_seconds", "int", "After how many seconds a pooled connection is replaced (`pool_recycle`)."),
    ("pool_class", "str", "The pool class, by its last name."),
    ("pool_size", "int", "How many connections the pool keeps."),
    ("max_overflow", "int", "How many more the pool may open."),
    ("pool_timeout", "float", "Seconds that a request waits for a connection of the pool."),
    ("min_size", "int", "How many connections the pool opens at once."),
    ("max_size", "int", "How many connections the pool may hold."),
    ("max_idle_seconds", "float", "After how many idle seconds the pool closes a connection."),
    ("health_checks", "bool", "Whether Django tests a kept connection before a request (`CONN_HEALTH_CHECKS`)."),
    ("server_side_cursors_disabled", "bool", "Whether Django does without server-side cursors."),
    ("connect_timeout", "int", "Seconds until a connection attempt is given up."),
    ("timeout", "float", "The same under the name that asyncpg and pg8000 give it."),
    ("prepare_threshold", "int", "After how many executions psycopg prepares a statement."),
    ("statement_cache", "int", "The size of asyncpg's statement cache."),
    ("ssl_require", "bool", "dj-database-url's `ssl_require`."),
)

_ALIAS_SETTINGS = ("CONN_MAX_AGE", "CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS", "ATOMIC_REQUESTS")
_LIFTED = (
    "endpoint.neon",
    "endpoint.pooled",
    "endpoint.kind",
    "endpoint.region",
    "endpoint.id",
    "name",
    "role",
    "user",
    "scheme",
    "params.sslmode",
    "params.connect_timeout",
    "params.options",
    "for_migrations",
    "options.endpoint",
    "password.endpoint",
)


def _lifted() -> tuple[FactSpec, ...]:
    specs = {spec.name: spec for spec in (*CONNECTION, *tls.TLS)}
    chosen = [specs[name] for name in (*_LIFTED, "tls.mode", "tls.channel_binding", "tls.root")]
    return tuple(
        FactSpec(
            f"connection.{s.name}", s.type, f"Of the connection that it opens: {s.doc}", lift(s), s.values, s.optional
        )
        for s in chosen
    )


CLIENT: tuple[FactSpec, ...] = (
    FactSpec(
        "library", "enum", "The library that opens the connection.", lambda c, p: Known(c.library), drivers.LIBRARIES
    ),
    FactSpec("kind", "enum", "What is opened.", lambda c, p: Known(c.kind), KINDS),
    FactSpec("name", "str", "The variable or setting that holds it.", lambda c, p: Known(c.name)),
    FactSpec("scope", "enum", "Where the call stands.", scope, SCOPES),
    FactSpec("role", "enum", "What it is for.", client_role, ROLES),
    FactSpec("file.test", "bool", "Whether the file belongs to tests, or the configuration says so.", in_tests),
    FactSpec("runtime", "enum", "Where the code runs.", client_runtime, RUNTIMES),
    FactSpec("driver", "enum", "The driver that it uses.", driver_of, drivers.DRIVERS),
    FactSpec("driver.libpq", "bool", "Whether that driver is libpq's.", _driver_libpq),
    FactSpec("suspend_seconds", "int", "After how many idle seconds the compute suspends.", suspend),
    FactSpec("persistent", "bool", "Whether Django keeps connections between requests.", persistent),
    FactSpec(
        "max_age_over_suspend",
        "bool",
        "Whether connections are kept longer than the compute stays awake.",
        _over_suspend("max_age"),
    ),
    FactSpec(
        "recycle_over_suspend",
        "bool",
        "Whether pooled connections are kept longer than the compute stays awake.",
        _over_suspend("recycle_seconds"),
    ),
    FactSpec("psycopg.deallocates", "bool", "Whether this psycopg sends SQL `DEALLOCATE`.", psycopg_deallocates),
    FactSpec("sqlalchemy.early_2_0", "bool", "Whether the pinned SQLAlchemy is a 2.0 older than 2.0.33.", early_2_0),
    FactSpec(
        "options.misplaced",
        "enum",
        "A Django alias setting that stands inside OPTIONS.",
        _misplaced(_ALIAS_SETTINGS),
        _ALIAS_SETTINGS,
        optional=True,
    ),
    FactSpec(
        "alias.misplaced",
        "enum",
        "A libpq parameter that stands beside OPTIONS instead of in it.",
        _misplaced(("sslmode", "channel_binding", "sslrootcert")),
        ("sslmode", "channel_binding", "sslrootcert"),
        optional=True,
    ),
    *(FactSpec(f"options.{name}", kind, doc, typed(name, kind), optional=True) for name, kind, doc in _OPTIONS),
    *(
        FactSpec(f"given.{name}", "bool", f"Whether `{name}` is given, whatever its value.", given_option(name))
        for name in (
            "pool",
            "pool_object",
            "check",
            "startup_settings",
            "ssl",
            "ssl_context",
            "max_age",
            "health_checks",
            "recycle_seconds",
            "pool_class",
            "pool_size",
            "max_overflow",
            "liveness",
            "creator",
            "async_creator",
            "prepare_threshold",
            "server_side_cursors_disabled",
        )
    ),
    *MIGRATIONS,
    *_lifted(),
)
