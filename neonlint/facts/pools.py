"""Facts about what a client keeps open: pools and their sizes, how idle connections are handled, how long it waits.

Defaults are those that `tests/drivers` measured: SQLAlchemy 2.1, psycopg_pool 3.3, asyncpg 0.32, Django 5.2, peewee
4, Tortoise 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from neonlint.facts import pools_node
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.client import driver_of, persistent, suspend, typed
from neonlint.facts.elsewhere import number
from neonlint.facts.on_neon import likely_neon, opens_neon
from neonlint.facts.pool_django import pool_on
from neonlint.facts.pool_sizes import largest, limit
from neonlint.facts.reading import text_of
from neonlint.facts.roles import is_migration_file
from neonlint.facts.scripts_node import is_script
from neonlint.facts.versions import on_psycopg2
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.ir.source import Document, EnvRef, Scalar, Table, Value
from neonlint.link import Project
from neonlint.regex import regex

_ENGINES = ("sqlalchemy", "flask-sqlalchemy")
_ROUTE = regex(r"\.(?:get|post|put|patch|delete|head|options|route|api_route|websocket|api_view|view_config)$")
_KEEPS = regex(r"(?:^|\.)(?:cache|lru_cache|cached|alru_cache|singleton|cached_property)$")
_SERVERS = {
    "fastapi",
    "flask",
    "starlette",
    "django",
    "litestar",
    "sanic",
    "aiohttp",
    "quart",
    "tornado",
    "bottle",
    "falcon",
    "uvicorn",
    "celery",
    "streamlit",
    "gradio",
    "dash",
    "aiogram",
    "telegram",
    "discord",
    "robyn",
    "blacksheep",
    "rq",
    "dramatiq",
    "apscheduler",
}
_SCRIPT_PATH = regex(
    r"(?:^|/)(?:scripts?|bin|tools|notebooks?|seeds?|migrations?|versions)/|(?:^|/)(?:seed|migrate|backfill|import|export|load|init_?db|"
    r"create_?(?:tables?|db)|drop_?(?:tables?|db)|reset_?db|setup_?db|check|test|verify|debug|fix|update|populate|etl)(?:[_-][\w-]*)?\.py$"
)
_MAIN = regex(rb"""^if\s+__name__\s*==\s*['"]__main__['"]""", re.MULTILINE)
_REPAIRS = regex(
    rb"\.closed\b|OperationalError|InterfaceError|is_closed\(|connection_is_alive|\.ping\(|reconnect", re.IGNORECASE
)

_LISTENS = regex(
    rb"""\.(?:on|once|addListener)\(\s*['"](?:error|end)['"]|reconnect|_connected\b|\.ending\b|57P01|ECONNRESET|"""
    rb"""Connection terminated""",
    re.IGNORECASE,
)


def _script(client: Client, project: Project) -> Answer:
    """Whether its file is a script that runs once and ends, by its place or by a `__main__` guard without a server
    beside it."""
    document = client.document
    if document.format == "javascript":
        return Known(is_script(client, project))
    if is_migration_file(document) or _SCRIPT_PATH.search(document.path):
        return Known(True)
    if not _MAIN.search(document.data) or _serves(document):
        return Known(False)
    return Known(not any(_imports(other.document, document.path) for other in project.extracts))


def _serves(document: Document) -> bool:
    return any(target.partition(".")[0] in _SERVERS for target in document.imports.values())


def _imports(document: Document, path: str) -> bool:
    module = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    return document.path != path and any(module in target.split(".") for target in document.imports.values())


def _per_request(client: Client, project: Project) -> Answer:
    """Whether a pool is made anew for each request: in a handler, or in a function that FastAPI's `Depends` calls."""
    if client.document.format == "javascript":
        return pools_node.per_request(client, project)
    if client.kind not in ("pool", "engine", "async-engine") or client.call is None or not client.scope:
        return Known(False)
    if any(_KEEPS.search(decorator) for decorator in client.call.decorators) or _is_kept(client):
        return Known(False)
    function = client.scope.rpartition(".")[2]
    route = next((d for d in client.call.decorators if _ROUTE.search(d)), None)
    if route is not None:
        return Known(True, (Reason(f"`{function}` handles requests (`@{route}`)"),))
    if client.scope in ("lambda_handler", "handler") and client.document.functions:
        return Known(True, (Reason(f"`{function}` is called for each event"),))
    return _is_dependency(client, function, project)


def _is_kept(client: Client) -> bool:
    """Whether the result goes into a name of the module, so that later calls find it there (`global pool`)."""
    name = client.call.assigned if client.call is not None else None
    if name is None:
        return False
    root = client.document.root
    return "." in name or (root is not None and root.entry(name) is not None)


def _is_dependency(client: Client, function: str, project: Project) -> Answer:
    at = project.dependencies.get((project.root_of(client.document.path), function))
    if at is None:
        return Known(False)
    return Known(True, (project.reason(f"`Depends({function})` in", *at, " calls it for each request"),))


def _conflict(client: Client, project: Project) -> Answer:
    """What Django's pool does not go together with: persistent connections, or psycopg2."""
    pool = pool_on(client, project)
    if isinstance(pool, Unseen) or not pool.value:
        return pool if isinstance(pool, Unseen) else Known(None)
    kept, old = persistent(client, project), on_psycopg2(client, project)
    if isinstance(kept, Known) and kept.value:
        return Known("CONN_MAX_AGE", kept.because)
    if isinstance(old, Known) and old.value:
        return Known("psycopg2", old.because)
    return kept if isinstance(kept, Unseen) else Known(None)


def _connect_seconds(client: Client, project: Project) -> Answer:
    """The connection time-out given in code beside a connection string; absent where it belongs to the connection's
    own fields."""
    if "connect_milliseconds" in client.options:
        return pools_node.in_seconds("connect_milliseconds", client, project)
    for name in ("connect_timeout", "timeout"):
        if name not in client.options:
            continue
        if client.fields is not None and f"params.{name}" in client.fields.fields:
            return Known(None)
        return typed(name, "float")(client, project)
    return Unseen("options may be given that cannot be seen") if client.opaque else Known(None)


def _idle_over_suspend(client: Client, project: Project) -> Answer:
    """Whether a pool is told to keep idle connections longer than the compute stays awake; 0 is asyncpg's word for
    ever. Node hears at once when an idle connection ends, and its pools drop such a one (`tests/node`)."""
    if client.document.format == "javascript":
        return Known(False)
    if "max_idle_seconds" not in client.options:
        return Unseen("options may be given that cannot be seen") if client.opaque else Known(False)
    answer, limit = typed("max_idle_seconds", "float")(client, project), suspend(client, project)
    if isinstance(answer, Unseen) or isinstance(limit, Unseen):
        return answer
    value = answer.value
    if not isinstance(value, int | float) or not isinstance(limit.value, int) or limit.value < 0:
        return Known(False)
    for_ever = value == 0 and client.library != "psycopg"
    return Known(value > limit.value or for_ever, (*answer.because, *limit.because))


def _reconnects(client: Client, project: Project) -> Answer:
    """Whether its file looks at lost connections in any way."""
    repairs = _LISTENS if client.document.format == "javascript" else _REPAIRS
    return Known(repairs.search(client.document.data) is not None)


def _cache_off(client: Client, project: Project) -> Answer:
    """Whether the client's prepared statements are switched off: in code, or by SQLAlchemy's parameter in the URL."""
    if client.document.format == "javascript":
        prepare = typed("prepare", "bool")(client, project)
        return prepare if isinstance(prepare, Unseen) else Known(prepare.value is False, prepare.because)
    for name in ("statement_cache", "dialect_statement_cache"):
        value: Value | None = client.options.get(name)
        if isinstance(value, Scalar | EnvRef):
            answer = text_of(value, client.document.path, project)
            if isinstance(answer, Known) and number(answer.value) == 0:
                return Known(True, answer.because)
    for connection in project.reached_by(client).connections:
        if connection.view is not None and "0" in (connection.view.text(f"params.{n}") for n in _CACHE_PARAMS):
            return Known(True)
    return Unseen("options may be given that cannot be seen") if client.opaque else Known(False)


_CACHE_PARAMS = ("prepared_statement_cache_size", "statement_cache_size")


def _dropped(client: Client, project: Project) -> Answer:
    """The first start-up parameter given in code that Neon's proxy does not hand on, None where there is none."""
    if (own := pools_node.startup_parameter(client)) is not None:
        return own
    value = client.options.get("startup_settings")
    if value is None:
        return Unseen("options may be given that cannot be seen") if client.opaque else Known(None)
    if not isinstance(value, Table):
        return Unseen("the settings are not seen")
    return Known(next((entry.key for entry in value.entries if entry.key not in _HANDED_ON), None))


#: proxy/src/compute/mod.rs, `set_startup_params`.
_HANDED_ON = {"application_name", "options", "replication", "user", "database"}


def _sends_sni(client: Client, project: Project) -> Answer:
    """Whether the pinned driver sends SNI: pg8000 from 1.29.3 (its changelog), psycopg2's wheels from 2.9.2 (libpq
    14.1)."""
    driver = driver_of(client, project)
    path = client.document.path
    if isinstance(driver, Unseen):
        return driver
    if driver.value == "pg8000":
        return _since("pg8000", (1, 29, 3), path, project)
    two = driver.value == "psycopg2" or (driver.value == "libpq" and not project.names_distribution("psycopg", path))
    if two and not project.names_distribution("psycopg2", path):
        return _since("psycopg2-binary", (2, 9, 2), path, project)
    return Unseen("the driver's version is not seen")


def _since(distribution: str, version: tuple[int, ...], path: str, project: Project) -> Answer:
    found = project.requirement(distribution, path)
    if found is None or found.exact is None:
        return Unseen(f"the version of {distribution} is not pinned")
    text = ".".join(map(str, found.exact))
    return Known(found.exact >= version, (Reason(f"{found.path} has {distribution} {text}"),))


def _surely(distribution: str, *version: int) -> Callable[[Client, Project], Answer]:
    """Whether every version of a distribution that the manifests admit is at least `version`."""

    def compute(client: Client, project: Project) -> Answer:
        found = project.requirement(distribution, client.document.path)
        answer = found.at_least(*version) if found else None
        return Unseen(f"the version of {distribution} is not seen") if answer is None else Known(answer)

    return compute


def _perhaps(distribution: str, *version: int) -> Callable[[Client, Project], Answer]:
    """Whether no manifest pins a distribution to something older than `version`."""
    surely = _surely(distribution, *version)
    return lambda client, project: Known(surely(client, project) != Known(False))


POOLS: tuple[FactSpec, ...] = (
    FactSpec(
        "opens.neon",
        "bool",
        "Whether it leads to Neon: by its connection, or (inferred) because its package names a Neon host.",
        opens_neon,
    ),
    FactSpec(
        "opens.neon.likely",
        "bool",
        "The same, or (inferred) because its package depends on one of Neon's and on no other host's, or has a README "
        "that links to Neon and names no other host of databases.",
        likely_neon,
    ),
    FactSpec("script", "bool", "Whether its file is a script that runs once and ends.", _script),
    FactSpec("per_request", "bool", "Whether a pool is made anew for each request.", _per_request),
    FactSpec("reconnects", "bool", "Whether its file looks at lost connections in any way.", _reconnects),
    FactSpec(
        "connect_seconds",
        "float",
        "The connection time-out that code gives beside a connection string, in seconds.",
        _connect_seconds,
        optional=True,
    ),
    FactSpec("pool.on", "bool", "Whether Django's own pool is on.", pool_on),
    FactSpec(
        "pool.conflict",
        "enum",
        "What Django's pool does not go together with here.",
        _conflict,
        ("CONN_MAX_AGE", "psycopg2"),
        optional=True,
    ),
    FactSpec("pool.largest", "int", "How many connections its pool may open at most.", largest, optional=True),
    FactSpec("pool.limit", "int", "How many connections the declared compute lets one role open.", limit),
    FactSpec(
        "idle_over_suspend",
        "bool",
        "Whether a pool is told to keep idle connections longer than the compute stays awake.",
        _idle_over_suspend,
    ),
    FactSpec("statement_cache.off", "bool", "Whether prepared statements are switched off.", _cache_off),
    FactSpec(
        "startup.dropped",
        "str",
        "A start-up parameter given in code that Neon's proxy does not hand on.",
        _dropped,
        optional=True,
    ),
    FactSpec(
        "driver.sends_sni", "bool", "Whether the pinned driver sends the host name in the TLS handshake.", _sends_sni
    ),
    FactSpec(
        "django.may_check_health",
        "bool",
        "Whether nothing pins Django to a version without CONN_HEALTH_CHECKS (before 4.1).",
        _perhaps("django", 4, 1),
    ),
    FactSpec(
        "dj_database_url.checks_health",
        "bool",
        "Whether dj-database-url surely takes `conn_health_checks` (1.1).",
        _surely("dj-database-url", 1, 1),
    ),
    FactSpec(
        "dj_database_url.may_check_health",
        "bool",
        "Whether nothing pins it to a version without that argument.",
        _perhaps("dj-database-url", 1, 1),
    ),
    FactSpec(
        "dj_database_url.disables_cursors",
        "bool",
        "Whether dj-database-url surely takes `disable_server_side_cursors` (2.2).",
        _surely("dj-database-url", 2, 2),
    ),
    FactSpec(
        "dj_database_url.may_disable_cursors",
        "bool",
        "Whether nothing pins it to a version without that argument.",
        _perhaps("dj-database-url", 2, 2),
    ),
)
