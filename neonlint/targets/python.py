"""Python's drivers by themselves: psycopg, asyncpg, FastAPI on psycopg's pool, and settings read with pydantic."""

from __future__ import annotations

from neonlint.targets.model import DIRECT, POOLED, File, Output, Plan, Target
from neonlint.targets.python_text import (
    POOLED_PSYCOPG,
    Entry,
    arguments,
    certifi,
    imports,
    libpq_entries,
    libpq_notes,
    libpq_variables,
    mapping,
)
from neonlint.targets.text import url_variables, without

_CONNECT = "https://neon.com/docs/connect/connect-from-any-app"
_GUIDE = "https://neon.com/docs/guides/python"
_PSYCOPG_POOL = "https://www.psycopg.org/psycopg3/docs/api/pool.html"
_EDGE = "no edge runtime has sockets for it in Python"
_FUNCTION = "One connection for each invocation: a frozen function cannot tend a pool."
_SESSION = "One direct session, with everything that belongs to a session."


def _docstring(plan: Plan) -> str:
    return _FUNCTION if plan.app else _SESSION


def _pooled(plan: Plan) -> bool:
    return plan.app and plan.runtime == "server"


def _pool_entries(plan: Plan, kind: str) -> list[Entry]:
    """What psycopg's pools are told."""
    return [
        Entry("kwargs", mapping(libpq_entries(plan))),
        Entry("min_size", "0", "an idle process holds no connection"),
        Entry("max_size", str(plan.pool.size), above=plan.pool.why),
        Entry("max_idle", str(plan.pool.idle)),
        Entry("check", f"{kind}.check_connection", "a suspended compute ends them"),
    ]


def _psycopg(plan: Plan) -> Output:
    text = _psycopg_pool(plan) if _pooled(plan) else _psycopg_alone(plan)
    return Output((File("database.py", text),), libpq_variables(plan), libpq_notes(plan))


def _psycopg_pool(plan: Plan) -> str:
    entries = [*_pool_entries(plan, "ConnectionPool"), Entry("open", "False")]
    others = [certifi(plan), "from psycopg import Connection", "from psycopg_pool import ConnectionPool"]
    return f'''\
{imports(["import os", "from contextlib import AbstractContextManager"], others)}
pool = ConnectionPool(
    os.environ["{plan.variable}"],
{arguments(entries, 4)}\
)


def connection() -> AbstractContextManager[Connection]:
    """A connection from the pool, which opens at the first call: after a fork."""
    pool.open()
    return pool.connection()
'''


def _psycopg_alone(plan: Plan) -> str:
    return f'''\
{imports(["import os"], [certifi(plan), "import psycopg"])}

def connect() -> psycopg.Connection:
    """{_docstring(plan)}"""
    return psycopg.connect(
        os.environ["{plan.variable}"],
{arguments(libpq_entries(plan), 8)}\
    )
'''


def _asyncpg(plan: Plan) -> Output:
    """asyncpg's TLS is a context, which wins over the URL's `sslmode`; channel binding it does not know."""
    entries = [
        Entry("ssl", "ssl.create_default_context()", "asyncpg binds no channel: verify"),
        Entry("timeout", str(plan.pool.connect_timeout)),
    ]
    kind, name, head = "asyncpg.Connection", "connect", f'"""{_docstring(plan)}"""'
    if _pooled(plan):
        kind, name, head = "asyncpg.Pool", "create_pool", '"""A pool for one event loop: open it when that starts."""'
        entries += [
            Entry("min_size", "0", "an idle process holds no connection"),
            Entry("max_size", str(plan.pool.size), above=plan.pool.why),
            Entry("max_inactive_connection_lifetime", str(plan.pool.idle)),
        ]
    text = f"""\
{imports(["import os", "import ssl"], ["import asyncpg"])}

async def {"open_pool" if _pooled(plan) else "connect"}() -> {kind}:
    {head}
    return await asyncpg.{name}(
        os.environ["{plan.variable}"],
{arguments(entries, 8)}\
    )
"""
    return Output((File("database.py", text),), url_variables(without(plan, "channel_binding", "sslrootcert")))


def _fastapi(plan: Plan) -> Output:
    text = _fastapi_pool(plan) if _pooled(plan) else _fastapi_alone(plan)
    return Output((File("main.py", text),), libpq_variables(plan), libpq_notes(plan))


def _fastapi_pool(plan: Plan) -> str:
    entries = [*_pool_entries(plan, "AsyncConnectionPool"), Entry("open", "False")]
    standard = [
        "import os",
        "from collections.abc import AsyncIterator",
        "from contextlib import asynccontextmanager",
        "from typing import Annotated",
    ]
    others = [
        certifi(plan),
        "from fastapi import Depends, FastAPI, Request",
        "from psycopg_pool import AsyncConnectionPool",
    ]
    return f'''\
{imports(standard, others)}

@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, AsyncConnectionPool]]:
    """The pool lives as long as the event loop that it belongs to."""
    pool = AsyncConnectionPool(
        os.environ["{plan.variable}"],
{arguments(entries, 8)}\
    )
    async with pool:
        yield {{"pool": pool}}


def pool_of(request: Request) -> AsyncConnectionPool:
    return request.state.pool


Pool = Annotated[AsyncConnectionPool, Depends(pool_of)]
app = FastAPI(lifespan=lifespan)


@app.get("/database-time")
async def database_time(pool: Pool) -> str:
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT now()::text")
        (time,) = await cursor.fetchone()
    return time
'''


def _fastapi_alone(plan: Plan) -> str:
    others = [certifi(plan), "from fastapi import FastAPI", "from psycopg import AsyncConnection"]
    return f'''\
{imports(["import os"], others)}
app = FastAPI()


async def connect() -> AsyncConnection:
    """{_FUNCTION}"""
    return await AsyncConnection.connect(
        os.environ["{plan.variable}"],
{arguments(libpq_entries(plan), 8)}\
    )


@app.get("/database-time")
async def database_time() -> str:
    async with await connect() as connection:
        cursor = await connection.execute("SELECT now()::text")
        (time,) = await cursor.fetchone()
    return time
'''


def _pydantic_settings(plan: Plan) -> Output:
    field, about = (POOLED, "through the pooler") if plan.app else (DIRECT, "direct")
    text = f'''\
from pydantic import PostgresDsn, Secret
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from the environment and .env; errors and representations show no value."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    {field.lower()}: Secret[PostgresDsn]  # {about}


settings = Settings()
'''
    notes = [f"the driver gets `str(settings.{field.lower()}.get_secret_value())`"]
    if plan.strict:
        notes.append(
            "beside it psycopg wants `sslrootcert=certifi.where()`, asyncpg `ssl=ssl.create_default_context()`"
        )
    return Output((File("settings.py", text),), libpq_variables(plan), tuple(notes))


TARGETS = {
    target.name: target
    for target in (
        Target(
            "psycopg",
            "psycopg 3",
            "A pool for the application, one connection for everything else.",
            _psycopg,
            (_GUIDE, _PSYCOPG_POOL),
            runtimes=("server", "serverless"),
            refusals={"edge": f"{_EDGE}; take `--runtime serverless`"},
            needs=(POOLED_PSYCOPG,),
        ),
        Target(
            "asyncpg",
            "asyncpg",
            "A pool or a connection that verifies the certificate in both profiles.",
            _asyncpg,
            (_GUIDE, "https://magicstack.github.io/asyncpg/current/api/index.html"),
            runtimes=("server", "serverless"),
            refusals={"edge": f"{_EDGE}; take `--runtime serverless`"},
            needs=("asyncpg>=0.30",),
        ),
        Target(
            "fastapi",
            "FastAPI",
            "An application with psycopg's asynchronous pool.",
            _fastapi,
            (_GUIDE, "https://fastapi.tiangolo.com/advanced/events/", _PSYCOPG_POOL),
            runtimes=("server", "serverless"),
            roles=("app",),
            refusals={
                "edge": f"{_EDGE}; take `--runtime serverless`",
                "migrate": "migrations go past the pooler; take `alembic`",
                "admin": "a person needs one direct session; take `psql`",
            },
            needs=("fastapi>=0.115", POOLED_PSYCOPG),
        ),
        Target(
            "pydantic-settings",
            "pydantic-settings",
            "A settings class that takes the connection string from the environment and never shows it.",
            _pydantic_settings,
            (_CONNECT, "https://docs.pydantic.dev/latest/concepts/pydantic_settings/"),
            runtimes=("server", "serverless"),
            refusals={"edge": "edge runtimes have bindings instead; take `cloudflare`"},
            needs=("pydantic>=2.9", "pydantic-settings>=2.6"),
        ),
    )
}
