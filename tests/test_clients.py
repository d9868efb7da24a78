"""Every way of opening in the client tables: a small Python file, and the client that is read out of it."""

from __future__ import annotations

import pytest

from neonlint.clients import CLIENTS
from neonlint.extract import extract
from neonlint.formats import load
from neonlint.ir.model import Client, Extract
from neonlint.ir.source import Call, EnvRef, Items, Ref, Scalar, Table, Unknown, Value


def read(source: str) -> Extract:
    return extract(load("python").read("app.py", source.encode()))


def shown(value: Value | None) -> object:
    """A value in a form that a test can spell: literals as they are, `$NAME` for the environment, `?` for the unseen."""
    match value:
        case Scalar():
            return value.value
        case EnvRef():
            return f"${value.name}"
        case Table():
            return {entry.key: shown(entry.value) for entry in value.entries}
        case Items():
            return [shown(inner) for inner in value.values]
        case Ref():
            return value.name
        case Call():
            return f"{value.callee}()"
        case Unknown():
            return "?"
    return None


def only(source: str) -> Client:
    (client,) = read(source).clients
    return client


# library, kind, source, target, options, fields, overrides
CASES: list[tuple[str, str, str, object, dict[str, object], dict[str, object], dict[str, object]]] = [
    (
        "psycopg2", "connection",
        'import os, psycopg2\nc = psycopg2.connect(os.environ["URL"], sslmode="require", connect_timeout=5)',
        "$URL", {"connect_timeout": 5}, {}, {"sslmode": "require"},
    ),
    (
        "psycopg2", "connection",
        'import psycopg2\nc = psycopg2.connect(host="h", dbname="d", user="u", sslmode="require")',
        None, {}, {"host": "h", "database": "d", "user": "u", "params.sslmode": "require"},
        {"host": "h", "dbname": "d", "user": "u", "sslmode": "require"},
    ),
    (
        "psycopg2", "pool",
        'import os\nfrom psycopg2 import pool\np = pool.ThreadedConnectionPool(1, 20, dsn=os.environ["URL"])',
        "$URL", {"min_size": 1, "max_size": 20}, {}, {},
    ),
    (
        "psycopg2", "pool",
        'import os\nfrom psycopg2.pool import SimpleConnectionPool\np = SimpleConnectionPool(minconn=1, maxconn=9, dsn=os.environ["URL"])',
        "$URL", {"min_size": 1, "max_size": 9}, {}, {},
    ),
    (
        "psycopg", "connection",
        'import os, psycopg\nc = psycopg.connect(os.environ["URL"], prepare_threshold=None, options="-c jit=off")',
        "$URL", {"prepare_threshold": None}, {}, {"options": "-c jit=off"},
    ),
    (
        "psycopg", "connection",
        'import psycopg\n\nasync def f():\n    return await psycopg.AsyncConnection.connect("host=h dbname=d")',
        "host=h dbname=d", {}, {}, {},
    ),
    (
        "psycopg", "pool",
        'import os\nfrom psycopg_pool import ConnectionPool\n'
        'p = ConnectionPool(os.environ["URL"], min_size=1, max_size=5, max_idle=60, check=ConnectionPool.check_connection, kwargs={"connect_timeout": 3})',
        "$URL",
        {"min_size": 1, "max_size": 5, "max_idle_seconds": 60, "check": "psycopg_pool.ConnectionPool.check_connection", "connect_timeout": 3},
        {}, {"connect_timeout": 3},
    ),
    (
        "asyncpg", "connection",
        'import asyncpg, os\n\nasync def f():\n    return await asyncpg.connect(os.environ["URL"], timeout=5, statement_cache_size=0, server_settings={"jit": "off"})',
        "$URL", {"timeout": 5, "statement_cache": 0, "startup_settings": {"jit": "off"}}, {}, {},
    ),
    (
        "asyncpg", "connection",
        'import asyncpg\n\nasync def f():\n    return await asyncpg.connect(host="h", user="u", database="d", ssl="require")',
        None, {"ssl": "require"}, {"host": "h", "user": "u", "database": "d"}, {},
    ),
    (
        "asyncpg", "pool",
        'import asyncpg, os\n\nasync def f():\n    return await asyncpg.create_pool(dsn=os.environ["URL"], min_size=1, max_size=5, max_inactive_connection_lifetime=60)',
        "$URL", {"min_size": 1, "max_size": 5, "max_idle_seconds": 60}, {}, {},
    ),
    (
        "sqlalchemy", "engine",
        'import os\nimport sqlalchemy as sa\n'
        'e = sa.create_engine(os.environ["URL"], pool_pre_ping=True, pool_recycle=60 * 5, poolclass=sa.NullPool, connect_args={"sslmode": "require", "connect_timeout": 5})',
        "$URL",
        {"liveness": True, "recycle_seconds": 300, "pool_class": "sqlalchemy.NullPool", "connect_timeout": 5},
        {}, {"sslmode": "require", "connect_timeout": 5},
    ),
    (
        "sqlalchemy", "engine",
        'from sqlalchemy import URL, create_engine\ne = create_engine(URL.create("postgresql+pg8000", username="u", host="h", database="d", query={"x": "y"}), pool_size=3)',
        None, {"pool_size": 3}, {"driver": "pg8000", "user": "u", "host": "h", "database": "d", "params.x": "y"}, {},
    ),
    (
        "sqlalchemy", "engine",
        'import os\nfrom sqlmodel import create_engine\ne = create_engine(os.getenv("URL"), max_overflow=0)',
        "$URL", {"max_overflow": 0}, {}, {},
    ),
    (
        "sqlalchemy", "async-engine",
        'import os\nfrom sqlalchemy.ext.asyncio import create_async_engine\n'
        'e = create_async_engine(os.environ["URL"], connect_args={"server_settings": {"jit": "off"}, "prepared_statement_cache_size": 0, "timeout": 9})',
        "$URL", {"startup_settings": {"jit": "off"}, "dialect_statement_cache": 0, "timeout": 9}, {},
        {"server_settings": {"jit": "off"}, "prepared_statement_cache_size": 0, "timeout": 9},
    ),
    (
        "flask-sqlalchemy", "engine",
        'import os\nfrom flask import Flask\napp = Flask("x")\napp.config["SQLALCHEMY_DATABASE_URI"] = os.environ["URL"]\n'
        'app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}',
        "$URL", {"liveness": True, "connect_timeout": 5}, {}, {"connect_timeout": 5},
    ),
    (
        "flask-sqlalchemy", "engine",
        'import os\n\nclass Config:\n    SQLALCHEMY_DATABASE_URI = os.environ["URL"]\n    SQLALCHEMY_POOL_RECYCLE = 280',
        "$URL", {"recycle_seconds": 280}, {}, {},
    ),
    (
        "django", "settings",
        'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "h", "NAME": "d", "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True,'
        ' "sslmode": "require", "OPTIONS": {"pool": {"max_size": 4}, "CONN_MAX_AGE": 1}}}',
        None,
        {"max_age": 60, "health_checks": True, "pool": {"max_size": 4}, "misplaced.CONN_MAX_AGE": 1, "misplaced.sslmode": "require"},
        {"host": "h", "database": "d", "params.pool": {"max_size": 4}, "params.CONN_MAX_AGE": 1},
        {"pool": {"max_size": 4}, "CONN_MAX_AGE": 1},
    ),
    (
        "django", "settings",
        'import os\nDATABASES = {"default": {"ENGINE": os.getenv("ENGINE", "django.db.backends.postgresql"), "HOST": "h"}}\nDATABASES["default"]["CONN_MAX_AGE"] = None',
        None, {"max_age": None}, {"host": "h"}, {},
    ),
    (
        "dj-database-url", "settings",
        'import dj_database_url\nDATABASES = {"default": dj_database_url.config(env="URL", conn_max_age=600, conn_health_checks=True, disable_server_side_cursors=True, ssl_require=True)}',
        "$URL", {"max_age": 600, "health_checks": True, "server_side_cursors_disabled": True, "ssl_require": True}, {}, {},
    ),
    (
        "dj-database-url", "settings",
        'import dj_database_url, os\nd = dj_database_url.parse(os.environ["URL"], None, 600)',
        "$URL", {"max_age": 600}, {}, {},
    ),
    (
        "dj-database-url", "settings",
        'from environs import Env\nenv = Env()\nd = env.dj_db_url("URL", conn_max_age=600)',
        "$URL", {"max_age": 600}, {}, {},
    ),
    ("django-environ", "settings", 'import environ\nenv = environ.Env()\nd = env.db("URL")', "$URL", {}, {}, {}),
    ("django-environ", "settings", "import environ\nenv = environ.FileAwareEnv()\nd = env.db()", "$DATABASE_URL", {}, {}, {}),
    (
        "databases", "pool",
        'import os\nfrom databases import Database\nd = Database(os.environ["URL"], min_size=1, max_size=5, timeout=3)',
        "$URL", {"min_size": 1, "max_size": 5, "timeout": 3}, {}, {},
    ),
    (
        "tortoise", "pool",
        'import os\nfrom tortoise import Tortoise\n\nasync def f():\n    await Tortoise.init(db_url=os.environ["URL"], modules={})',
        "$URL", {}, {}, {},
    ),
    ("tortoise", "pool", 'import os\nTORTOISE_ORM = {"connections": {"default": os.environ["URL"]}, "apps": {}}', "$URL", {}, {}, {}),
    (
        "tortoise", "pool",
        'TORTOISE_ORM = {"connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": {"host": "h", "database": "d", "maxsize": 9, "timeout": 3}}}, "apps": {}}',
        None, {"max_size": 9, "timeout": 3}, {"driver": "asyncpg", "host": "h", "database": "d"}, {},
    ),
    (
        "peewee", "connection",
        'from peewee import PostgresqlDatabase\nd = PostgresqlDatabase("d", host="h", user="u", connect_timeout=3)',
        None, {"connect_timeout": 3}, {"host": "h", "user": "u", "params.connect_timeout": 3}, {"host": "h", "user": "u"},
    ),
    (
        "peewee", "pool",
        'import os\nfrom playhouse.pool import PooledPostgresqlDatabase\nd = PooledPostgresqlDatabase(os.environ["URL"], max_connections=9, stale_timeout=60)',
        "$URL", {"max_size": 9, "stale_timeout": 60}, {}, {},
    ),
    (
        "peewee", "connection",
        'from playhouse.db_url import connect\nd = connect("postgresql://u@h/d")',
        "postgresql://u@h/d", {}, {}, {},
    ),
    (
        "pg8000", "connection",
        'import pg8000.dbapi\nc = pg8000.dbapi.connect("u", host="h", database="d", timeout=3, startup_params={"jit": "off"})',
        None, {"timeout": 3, "startup_settings": {"jit": "off"}}, {"host": "h", "database": "d"}, {},
    ),
    (
        "alembic", "migrations",
        'import os\nfrom alembic import context\nconfig = context.config\nconfig.set_main_option("sqlalchemy.url", os.environ["URL"])',
        "$URL", {}, {}, {},
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_what_is_read(
    case: tuple[str, str, str, object, dict[str, object], dict[str, object], dict[str, object]],
) -> None:
    library, kind, source, target, options, fields, overrides = case
    client = only(source)
    found_fields = client.fields.fields if client.fields else {}
    assert (client.library, client.kind) == (library, kind)
    assert not client.opaque or library == "tortoise"
    assert shown(client.target) == target
    assert {name: shown(value) for name, value in client.options.items()} == options
    assert {name: shown(entry.value) for name, entry in found_fields.items()} == fields
    assert {name: shown(value) for name, value in client.overrides.items()} == overrides


def test_every_library_of_the_table_has_a_case() -> None:
    assert set(CLIENTS) <= {case[0] for case in CASES}


@pytest.mark.parametrize(
    "source",
    [
        'import os\nfrom sqlalchemy import create_engine\ne = create_engine(os.environ["URL"], **more)',
        "import psycopg\nc = psycopg.connect(*args)",
        'import dj_database_url\nDATABASES = {"default": dj_database_url.config()}\nDATABASES["default"]["CONN_HEALTH_CHECKS"] = True',
        'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "h", **more}}',
        'class Config(Base):\n    SQLALCHEMY_DATABASE_URI = "postgresql://u@h/d"',
    ],
)
def test_what_may_be_given_elsewhere_makes_a_client_opaque(source: str) -> None:
    assert only(source).opaque


def test_options_behind_something_unseen_are_unseen() -> None:
    client = only(
        'import os\nfrom sqlalchemy import create_engine\ne = create_engine(os.environ["URL"], connect_args=arguments())'
    )
    assert shown(client.options["connect_timeout"]) == "?"
    assert shown(client.overrides["*"]) == "?"


@pytest.mark.parametrize("engine", ["django.db.backends.mysql", "django.db.backends.sqlite3"])
def test_databases_of_another_kind_are_no_clients(engine: str) -> None:
    assert not read(f'DATABASES = {{"default": {{"ENGINE": "{engine}", "HOST": "h"}}}}').clients


# --- statements ----------------------------------------------------------------------------------------------------


def features(source: str) -> list[tuple[str, str | None]]:
    return [(s.feature, s.client.name if s.client else None) for s in read(source).statements]


PSYCOPG = 'import os, psycopg\nconn = psycopg.connect(os.environ["URL"])\n'


@pytest.mark.parametrize(
    ("sql", "feature"),
    [
        ("LISTEN jobs", "listen"),
        ("-- wait\nlisten jobs", "listen"),
        ("SET search_path TO app", "set"),
        ("SET SESSION statement_timeout = 5", "set"),
        ("SET ROLE app", "set"),
        ("RESET ALL", "reset"),
        ("SELECT set_config('a.b', 'x', false)", "set_config"),
        ("PREPARE one AS SELECT 1", "prepare"),
        ("DEALLOCATE one", "deallocate"),
        ("LOAD 'auto_explain'", "load"),
        ("DECLARE c CURSOR WITH HOLD FOR SELECT 1", "with-hold"),
        ("SELECT pg_advisory_lock(1)", "advisory-lock"),
        ("SELECT pg_try_advisory_lock_shared(1)", "advisory-lock"),
        ("CREATE TEMPORARY TABLE t (a int)", "temp-table"),
        ("UNLISTEN jobs", None),
        ("NOTIFY jobs", None),
        ("SET LOCAL search_path TO app", None),
        ("SET TRANSACTION READ ONLY", None),
        ("SET TIME ZONE 'UTC'", None),
        ("SET timezone TO 'UTC'", None),
        ("SET application_name = 'x'", None),
        ("SET ROLE NONE", None),
        ("SELECT set_config('a.b', 'x', true)", None),
        ("DEALLOCATE ALL", None),
        ("SELECT pg_advisory_xact_lock(1)", None),
        ("SELECT pg_advisory_lock(1); SELECT pg_advisory_unlock(1)", None),
        ("CREATE TEMP TABLE t (a int) ON COMMIT DROP", None),
        ("UPDATE t SET a = 1", None),
    ],
)
def test_what_lasts_for_a_session(sql: str, feature: str | None) -> None:
    assert features(f'{PSYCOPG}conn.execute("""{sql}""")\n') == ([(feature, "conn")] if feature else [])


def test_a_statement_belongs_to_the_connection_it_runs_on() -> None:
    two = (
        PSYCOPG
        + 'other = psycopg.connect(os.environ["OTHER"])\ncur = other.cursor()\ncur.execute("LISTEN a")\nconn.execute("LISTEN b")\n'
    )
    assert features(two) == [("listen", "other"), ("listen", "conn")]


def test_a_statement_on_a_session_belongs_to_its_engine() -> None:
    source = (
        "import os\nfrom sqlalchemy import create_engine, text\nfrom sqlalchemy.orm import Session, sessionmaker\n"
        'one = create_engine(os.environ["ONE"])\ntwo = create_engine(os.environ["TWO"])\nMaker = sessionmaker(bind=two)\n'
        'with Maker() as session:\n    session.execute(text("SET a.b = 1"))\n'
        'with Session(one) as session_1:\n    session_1.execute(text("RESET a.b"))\n'
    )
    assert features(source) == [("set", "two"), ("reset", "one")]


def test_the_only_client_of_a_file_runs_what_cannot_be_followed() -> None:
    assert features(PSYCOPG + 'def f(cur):\n    cur.execute("LISTEN a")\n') == [("listen", "conn")]
    two = PSYCOPG + 'other = psycopg.connect(os.environ["OTHER"])\ndef f(cur):\n    cur.execute("LISTEN a")\n'
    assert features(two) == [("listen", None)]


def test_another_library_runs_its_own_statements() -> None:
    assert not features(PSYCOPG + 'import sqlite3\nsqlite3.connect("x").execute("SET a = 1")\n')
    assert not features(PSYCOPG + 'bus.add_listener("a", print)\n')
