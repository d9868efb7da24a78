"""The Python clients: psycopg2, psycopg 3 and its pool, asyncpg, SQLAlchemy and what stands on it, Django's URL
parsers, databases, Tortoise, peewee, pg8000.

Call signatures are those of psycopg2 2.9, psycopg 3.2, psycopg_pool 3.2, asyncpg 0.30, SQLAlchemy 1.4 and 2.0,
Flask-SQLAlchemy 3.1, dj-database-url 3, django-environ 0.12, databases 0.9, tortoise-orm 0.25, peewee 3.18 and pg8000
1.31.
"""

from __future__ import annotations

from neonlint.clients.base import ClientSpec, Opens

#: What `create_engine` takes, and what of `connect_args` its drivers take.
ENGINE_OPTIONS = {
    "liveness": ("pool_pre_ping",),
    "recycle_seconds": ("pool_recycle",),
    "pool_class": ("poolclass",),
    "pool_size": ("pool_size",),
    "max_overflow": ("max_overflow",),
    "pool_timeout": ("pool_timeout",),
    "pool_object": ("pool",),
    "creator": ("creator",),
    "async_creator": ("async_creator",),
    "ssl": ("connect_args", "ssl"),
    "ssl_context": ("connect_args", "ssl_context"),
    "connect_timeout": ("connect_args", "connect_timeout"),
    "timeout": ("connect_args", "timeout"),
    "prepare_threshold": ("connect_args", "prepare_threshold"),
    "statement_cache": ("connect_args", "statement_cache_size"),
    "dialect_statement_cache": ("connect_args", "prepared_statement_cache_size"),
    "startup_settings": ("connect_args", "server_settings"),
}

PSYCOPG2 = ClientSpec(
    "psycopg2",
    (
        Opens(
            ("psycopg2.connect",),
            "connection",
            (0, ("dsn",)),
            "keywords",
            {"connect_timeout": ("connect_timeout",)},
            "",
        ),
        Opens(
            (
                "psycopg2.pool.SimpleConnectionPool",
                "psycopg2.pool.ThreadedConnectionPool",
                "psycopg2.pool.AbstractConnectionPool",
            ),
            "pool",
            (2, ("dsn",)),
            "keywords",
            {"min_size": ("minconn",), "max_size": ("maxconn",), "connect_timeout": ("connect_timeout",)},
            "",
            positions={"min_size": 0, "max_size": 1},
        ),
    ),
    "psycopg2",
)

_PSYCOPG_OPTIONS = {"prepare_threshold": ("prepare_threshold",), "connect_timeout": ("connect_timeout",)}
PSYCOPG = ClientSpec(
    "psycopg",
    (
        Opens(
            ("psycopg.connect", "psycopg.Connection.connect", "psycopg.AsyncConnection.connect"),
            "connection",
            (0, ("conninfo",)),
            "keywords",
            _PSYCOPG_OPTIONS,
            "",
        ),
        Opens(
            (
                "psycopg_pool.ConnectionPool",
                "psycopg_pool.AsyncConnectionPool",
                "psycopg_pool.NullConnectionPool",
                "psycopg_pool.AsyncNullConnectionPool",
                "psycopg_pool.pool.ConnectionPool",
                "psycopg_pool.pool_async.AsyncConnectionPool",
            ),
            "pool",
            (0, ("conninfo",)),
            None,
            {
                "min_size": ("min_size",),
                "max_size": ("max_size",),
                "check": ("check",),
                "max_idle_seconds": ("max_idle",),
                "prepare_threshold": ("kwargs", "prepare_threshold"),
                "connect_timeout": ("kwargs", "connect_timeout"),
            },
            "kwargs",
        ),
    ),
    "psycopg",
)

_ASYNCPG_OPTIONS = {
    "ssl": ("ssl",),
    "timeout": ("timeout",),
    "statement_cache": ("statement_cache_size",),
    "startup_settings": ("server_settings",),
    "direct_tls": ("direct_tls",),
}
ASYNCPG = ClientSpec(
    "asyncpg",
    (
        Opens(("asyncpg.connect",), "connection", (0, ("dsn",)), "driver-keywords", _ASYNCPG_OPTIONS),
        Opens(
            ("asyncpg.create_pool", "asyncpg.pool.create_pool"),
            "pool",
            (0, ("dsn",)),
            "driver-keywords",
            _ASYNCPG_OPTIONS
            | {
                "min_size": ("min_size",),
                "max_size": ("max_size",),
                "max_idle_seconds": ("max_inactive_connection_lifetime",),
            },
        ),
    ),
    "asyncpg",
)

SQLALCHEMY = ClientSpec(
    "sqlalchemy",
    (
        Opens(
            (
                "sqlalchemy.create_engine",
                "sqlmodel.create_engine",
                "sqlalchemy.engine.create_engine",
                "sqlalchemy.future.create_engine",
            ),
            "engine",
            (0, ("url",)),
            None,
            ENGINE_OPTIONS,
            "connect_args",
        ),
        Opens(
            (
                "sqlalchemy.ext.asyncio.create_async_engine",
                "sqlmodel.ext.asyncio.create_async_engine",
                "sqlalchemy.ext.asyncio.engine.create_async_engine",
            ),
            "async-engine",
            (0, ("url",)),
            None,
            ENGINE_OPTIONS,
            "connect_args",
        ),
    ),
)

_DJ_OPTIONS = {
    "max_age": ("conn_max_age",),
    "health_checks": ("conn_health_checks",),
    "server_side_cursors_disabled": ("disable_server_side_cursors",),
    "ssl_require": ("ssl_require",),
}
DJ_DATABASE_URL = ClientSpec(
    "dj-database-url",
    (
        Opens(
            ("dj_database_url.config",),
            "settings",
            (None, ("default",)),
            None,
            _DJ_OPTIONS,
            None,
            "DATABASE_URL",
            positions={"max_age": 3},
        ),
        Opens(
            ("dj_database_url.parse",),
            "settings",
            (0, ("url",)),
            None,
            _DJ_OPTIONS,
            positions={"max_age": 2},
        ),
        Opens(
            ("environs.Env().dj_db_url", "environs.env.dj_db_url"),
            "settings",
            (0, ("name",)),
            None,
            _DJ_OPTIONS,
            None,
            "DATABASE_URL",
            target_is_variable=True,
        ),
    ),
)

DJANGO_ENVIRON = ClientSpec(
    "django-environ",
    (
        Opens(
            ("environ.Env().db", "environ.Env().db_url", "environ.Env.db", "environ.FileAwareEnv().db"),
            "settings",
            (0, ("var",)),
            default_environment="DATABASE_URL",
            target_is_variable=True,
        ),
        Opens(("environ.Env.db_url_config", "environ.Env().db_url_config"), "settings", (0, ("url",))),
    ),
)

DATABASES = ClientSpec(
    "databases",
    (
        Opens(
            ("databases.Database", "databases.core.Database"),
            "pool",
            (0, ("url",)),
            None,
            _ASYNCPG_OPTIONS | {"min_size": ("min_size",), "max_size": ("max_size",)},
        ),
    ),
    "asyncpg",
)

TORTOISE = ClientSpec(
    "tortoise",
    (
        Opens(
            (
                "tortoise.Tortoise.init",
                "tortoise.contrib.fastapi.register_tortoise",
                "tortoise.contrib.fastapi.RegisterTortoise",
                "tortoise.contrib.starlette.register_tortoise",
                "tortoise.contrib.sanic.register_tortoise",
                "tortoise.contrib.quart.register_tortoise",
            ),
            "pool",
            (None, ("db_url",)),
        ),
    ),
)

_PEEWEE_OPTIONS = {
    "connect_timeout": ("connect_timeout",),
    "stale_timeout": ("stale_timeout",),
    "max_size": ("max_connections",),
}
PEEWEE = ClientSpec(
    "peewee",
    (
        Opens(
            ("peewee.PostgresqlDatabase", "playhouse.postgres_ext.PostgresqlExtDatabase"),
            "connection",
            (0, ()),
            "keywords",
            {"connect_timeout": ("connect_timeout",)},
            "",
        ),
        Opens(
            ("playhouse.pool.PooledPostgresqlDatabase", "playhouse.pool.PooledPostgresqlExtDatabase"),
            "pool",
            (0, ()),
            "keywords",
            _PEEWEE_OPTIONS,
            "",
        ),
        Opens(("playhouse.db_url.connect",), "connection", (0, ("url",)), None, _PEEWEE_OPTIONS, ""),
    ),
    "psycopg2",
)

PG8000 = ClientSpec(
    "pg8000",
    (
        Opens(
            ("pg8000.connect", "pg8000.dbapi.connect", "pg8000.native.Connection", "pg8000.legacy.connect"),
            "connection",
            (None, ()),
            "driver-keywords",
            {"ssl_context": ("ssl_context",), "timeout": ("timeout",), "startup_settings": ("startup_params",)},
        ),
    ),
    "pg8000",
)
