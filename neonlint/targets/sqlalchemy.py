"""SQLAlchemy, with psycopg and with asyncpg, and what stands on it: Alembic, Flask-SQLAlchemy, Streamlit."""

from __future__ import annotations

from neonlint.targets.model import NO_PASSWORD, File, Output, Plan, Target
from neonlint.targets.python_text import (
    PSYCOPG,
    Entry,
    arguments,
    called,
    certifi,
    imports,
    items,
    libpq_entries,
    libpq_notes,
    libpq_variables,
    mapping,
    string,
)
from neonlint.targets.text import without

_GUIDE = "https://neon.com/docs/guides/sqlalchemy"
_POOLS = "https://docs.sqlalchemy.org/en/20/core/pooling.html"
_SQLALCHEMY = "sqlalchemy>=2.0.40"
_EDGE = "no edge runtime runs SQLAlchemy"
_MIGRATE = "migrations go past the pooler; take `alembic`"
_ADMIN = "a person needs one direct session; take `psql`"


def pool_entries(plan: Plan) -> list[Entry]:
    """What `create_engine` is told of its pool: a server keeps connections, nobody else does."""
    if not plan.app:
        return [Entry("poolclass", "NullPool", "one session, closed when it is done")]
    if plan.runtime != "server":
        return [Entry("poolclass", "NullPool", "the pooler has the pool; a frozen function cannot tend one")]
    return [
        Entry("pool_size", str(plan.pool.size), above=plan.pool.why),
        Entry("max_overflow", "0", "pool_size is the limit"),
        Entry("pool_pre_ping", "True", "a suspended compute ends connections; each is tested first"),
        Entry("pool_recycle", str(plan.pool.recycle)),
    ]


def _null_pool(plan: Plan) -> str:
    return "" if plan.app and plan.runtime == "server" else "from sqlalchemy.pool import NullPool"


def _url(plan: Plan, head: str = "url = ") -> str:
    """The statement that makes the URL: the variable's own scheme is the one that psql and others know."""
    return called(f'{head}make_url(os.environ["{plan.variable}"]).set', 'drivername="postgresql+psycopg"')


def _connect_args(plan: Plan) -> Entry:
    return Entry("connect_args", mapping(libpq_entries(plan)))


def _sync(plan: Plan) -> Output:
    others = [certifi(plan), "from sqlalchemy import create_engine, make_url", _null_pool(plan)]
    text = f"""\
{imports(["import os"], others)}
{_url(plan)}

engine = create_engine(
    url,
{arguments([*pool_entries(plan), _connect_args(plan)], 4)}\
)
"""
    return Output((File("database.py", text),), libpq_variables(plan), libpq_notes(plan))


def _async(plan: Plan) -> Output:
    """asyncpg is given the address alone: it knows none of libpq's parameters, and no channel binding."""
    connect = [
        Entry("ssl", "ssl.create_default_context()", "asyncpg binds no channel: verify"),
        Entry("timeout", str(plan.pool.connect_timeout)),
    ]
    if name := plan.link.params.get("application_name"):
        connect.append(Entry("server_settings", mapping([Entry("application_name", string(name))])))
    others = [
        "from sqlalchemy import make_url",
        "from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine",
        _null_pool(plan),
    ]
    text = f"""\
{imports(["import os", "import ssl"], others)}
# asyncpg takes none of libpq's parameters (sslmode and its kin), so the query goes.
{called(f'url = make_url(os.environ["{plan.variable}"]).set', 'drivername="postgresql+asyncpg", query={}')}

engine = create_async_engine(
    url,
{arguments([*pool_entries(plan), Entry("connect_args", mapping(connect))], 4)}\
)
Session = async_sessionmaker(engine, expire_on_commit=False)
"""
    return Output((File("database.py", text),), libpq_variables(plan))


def _alembic(plan: Plan) -> Output:
    others = [
        "from alembic import context",
        certifi(plan),
        "from sqlalchemy import create_engine, make_url",
        "from sqlalchemy.pool import NullPool",
    ]
    entries = [Entry("poolclass", "NullPool"), _connect_args(plan)]
    text = f"""\
{imports(["import os", "from logging.config import fileConfig"], sorted(others, key=_import_key))}
if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name)

target_metadata = None  # for autogenerate: the MetaData of your models


def run_migrations_offline() -> None:
    \"\"\"Print SQL; nothing is connected to.\"\"\"
    context.configure(
        dialect_name="postgresql",
        target_metadata=target_metadata,
        literal_binds=True,
        dialect_opts={{"paramstyle": "named"}},
    )
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    \"\"\"Migrate over the direct connection: the pooler keeps no session.\"\"\"
{_url(plan, "    url = ")}
    engine = create_engine(
        url,
{arguments(entries, 8)}\
    )
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
"""
    notes = libpq_notes(plan, "`sqlalchemy.url` of alembic.ini is not read any more; take it out")
    return Output((File("alembic/env.py", text),), libpq_variables(plan), notes)


def _import_key(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _flask(plan: Plan) -> Output:
    others = [
        certifi(plan),
        "from flask import Flask",
        "from flask_sqlalchemy import SQLAlchemy",
        "from sqlalchemy import make_url",
        _null_pool(plan),
    ]
    text = f"""\
{imports(["import os"], others)}
db = SQLAlchemy()


def create_app() -> Flask:
    app = Flask(__name__)
{_url(plan, '    app.config["SQLALCHEMY_DATABASE_URI"] = ')}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {{
{items([*pool_entries(plan), _connect_args(plan)], 8)}\
    }}
    db.init_app(app)
    return app
"""
    return Output((File("app.py", text),), libpq_variables(plan), libpq_notes(plan))


def _streamlit(plan: Plan) -> Output:
    """The secret is Streamlit's, all else is code, so that the secret is one line wherever it is pasted."""
    import tomli_w  # noqa: PLC0415 -- for this target alone

    url = without(plan, "sslrootcert").pooled.url("postgresql+psycopg")
    secrets = tomli_w.dumps({"connections": {"neon": {"url": url}}})
    code = f"""\
{imports([], [certifi(plan), "import streamlit as st"])}
connection = st.connection(
    "neon",
    type="sql",
{arguments([*pool_entries(plan), _connect_args(plan)], 4)}\
)
"""
    known = plan.link.password != NO_PASSWORD
    note = "keep .streamlit/secrets.toml out of git; on Community Cloud paste it into the app's secrets"
    if not known:
        note = (
            f"copy the second file to .streamlit/secrets.toml with the password in the place of {NO_PASSWORD}; {note}"
        )
    path = ".streamlit/secrets.toml" if known else ".streamlit/secrets.example.toml"
    return Output((File("streamlit_app.py", code), File(path, secrets, private=known)), notes=libpq_notes(plan, note))


TARGETS = {
    target.name: target
    for target in (
        Target(
            "sqlalchemy",
            "SQLAlchemy with psycopg",
            "An engine on psycopg 3.",
            _sync,
            (
                _GUIDE,
                _POOLS,
                "https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#module-sqlalchemy.dialects.postgresql.psycopg",
            ),
            runtimes=("server", "serverless"),
            refusals={"edge": f"{_EDGE}; take `--runtime serverless`"},
            needs=(_SQLALCHEMY, PSYCOPG),
        ),
        Target(
            "sqlalchemy-async",
            "SQLAlchemy with asyncpg",
            "An asynchronous engine on asyncpg, which verifies the certificate in both profiles.",
            _async,
            (
                _GUIDE,
                _POOLS,
                "https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#module-sqlalchemy.dialects.postgresql.asyncpg",
            ),
            runtimes=("server", "serverless"),
            refusals={"edge": f"{_EDGE}; take `--runtime serverless`"},
            needs=("sqlalchemy[asyncio]>=2.0.40", "asyncpg>=0.30"),
        ),
        Target(
            "alembic",
            "Alembic",
            "An `env.py` that migrates over the direct connection.",
            _alembic,
            (_GUIDE, "https://alembic.sqlalchemy.org/en/latest/tutorial.html#the-migration-environment"),
            roles=("migrate",),
            refusals={
                "serverless": "migrations run from a terminal or CI; take `--runtime server`",
                "edge": "migrations run from a terminal or CI; take `--runtime server`",
                "app": "migrations go past the pooler; take `--role migrate`, and `sqlalchemy` for the application",
                "admin": "Alembic migrates; take `psql`",
            },
            needs=("alembic>=1.14", _SQLALCHEMY, PSYCOPG),
        ),
        Target(
            "flask",
            "Flask with Flask-SQLAlchemy",
            "An application factory with its database.",
            _flask,
            (_GUIDE, "https://flask-sqlalchemy.readthedocs.io/en/stable/config/"),
            runtimes=("server", "serverless"),
            roles=("app",),
            refusals={
                "edge": "Flask runs on no edge runtime; take `--runtime serverless`",
                "migrate": _MIGRATE,
                "admin": _ADMIN,
            },
            needs=("flask-sqlalchemy>=3.1", _SQLALCHEMY, PSYCOPG),
        ),
        Target(
            "streamlit",
            "Streamlit",
            "A connection of the app, and `.streamlit/secrets.toml` with the connection string.",
            _streamlit,
            (
                "https://neon.com/docs/connect/connect-from-any-app",
                "https://docs.streamlit.io/develop/api-reference/connections/st.connections.sqlconnection",
            ),
            roles=("app",),
            refusals={
                "serverless": "Streamlit needs a server that stays; take `--runtime server`",
                "edge": "Streamlit needs a server that stays; take `--runtime server`",
                "migrate": _MIGRATE,
                "admin": _ADMIN,
            },
            needs=("streamlit>=1.28", _SQLALCHEMY, PSYCOPG),
        ),
    )
}
