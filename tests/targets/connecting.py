"""How each generated Python configuration is made to connect, in the way of its library."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import subprocess
import sys
import tomllib
from collections import ChainMap
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import alembic.command
import alembic.config
import psycopg
import pytest
import sqlalchemy
from django.conf import settings
from django.db.utils import ConnectionHandler
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine
from targets.running import Laid

#: A pool gives up after this many seconds; a failed login is final, but pools try again.
SOON = 0.5
_aliases = itertools.count()


def psycopg_(laid: Laid) -> None:
    module = laid.module()
    if not hasattr(module, "pool"):
        module.connect()
    module.pool.timeout = SOON
    try:
        with module.connection():
            pass
    finally:
        module.pool.close()


def django_(laid: Laid) -> None:
    wrapper = django_connection(laid.module())
    try:
        wrapper.ensure_connection()
    finally:
        wrapper.close_pool()  # else it goes on trying when the host is not led elsewhere any more


def django_connection(module: ModuleType) -> Any:  # noqa: ANN401 -- Django has no types
    if not settings.configured:
        settings.configure(USE_TZ=True)
    alias = f"generated{next(_aliases)}"  # Django keeps one pool per alias for the life of the process
    wrapper = ConnectionHandler({"default": {}, alias: module.DATABASES["default"]})[alias]
    if wrapper.pool is not None:
        wrapper.pool.timeout = SOON
    return wrapper


def sqlalchemy_(laid: Laid) -> None:
    module = laid.module()
    if isinstance(module.engine, AsyncEngine):
        asyncio.run(opened(module.engine))
    module.engine.connect()


async def opened(engine_: AsyncEngine) -> None:
    async with engine_.connect():
        pass


def flask_(laid: Laid) -> None:
    flask_engine(laid.module()).connect()


def flask_engine(module: ModuleType) -> sqlalchemy.Engine:
    app = module.create_app()
    with app.app_context():
        engine_: sqlalchemy.Engine = module.db.engine
    return engine_


def asyncpg_(laid: Laid) -> None:
    async def run() -> None:
        module = laid.module()
        if hasattr(module, "connect"):
            await module.connect()
        pool = await module.open_pool()
        async with pool.acquire():
            pass

    asyncio.run(run())


def fastapi_(laid: Laid) -> None:
    async def run() -> None:
        app = laid.module().app
        async with app.router.lifespan_context(app) as state:
            if state:
                state["pool"].timeout = SOON
            await asked(app, "/database-time", state or {})

    asyncio.run(run())


async def asked(app: FastAPI, path: str, state: dict[str, Any]) -> bytes:
    """The body that the application answers a GET with, as its server would ask."""
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "state": dict(state)}
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401
        sent.append(message)

    await app(scope, receive, send)
    return b"".join(message.get("body", b"") for message in sent)


def pydantic_(laid: Laid) -> None:
    settings_ = laid.module().settings
    value = getattr(settings_, "database_url", None) or settings_.database_url_unpooled
    psycopg.connect(str(value.get_secret_value()))


def streamlit_(laid: Laid) -> None:
    streamlit_engine(laid).connect()


def streamlit_engine(laid: Laid) -> sqlalchemy.Engine:
    """The engine that `st.connection` makes, by the few lines of `SQLConnection._connect` (Streamlit 1.67)."""
    secrets = tomllib.loads(laid.files[".streamlit/secrets.toml"])["connections"]

    def connection(name: str, *, type: str, **kwargs: Any) -> sqlalchemy.Engine:  # noqa: ANN401
        assert type == "sql"
        url = sqlalchemy.make_url(secrets[name]["url"])
        return sqlalchemy.create_engine(url, **ChainMap(kwargs, secrets[name].get("create_engine_kwargs", {})))

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "streamlit", SimpleNamespace(connection=connection))
        engine_: sqlalchemy.Engine = laid.module("streamlit_app.py").connection
    return engine_


def alembic_(laid: Laid) -> None:
    migrate(laid)


def migrate(laid: Laid, *flags: str) -> str:
    """What `alembic init` lays out, with the generated `env.py` in it, and `alembic upgrade head` in a process of its own,
    as in a terminal; what that printed. Raises if it failed."""
    shutil.rmtree(laid.folder / "alembic")
    alembic.command.init(alembic.config.Config(laid.folder / "alembic.ini"), str(laid.folder / "alembic"))
    (laid.folder / "alembic/env.py").write_text(laid.files["alembic/env.py"])
    (laid.folder / "alembic/versions/one.py").write_text(
        'from alembic import op\n\nrevision = "1"\ndown_revision = None\n\n\n'
        'def upgrade() -> None:\n    op.execute("CREATE TABLE made_by_alembic (id int)")\n'
    )
    command = [sys.executable, "-c", RUN_ALEMBIC, "upgrade", "head", *flags]
    done = subprocess.run(command, cwd=laid.folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return done.stdout


#: Alembic's command line, with the roots that the test trusts where certifi's would be.
RUN_ALEMBIC = (
    "import os, certifi, alembic.config\n"
    "if 'SSL_CERT_FILE' in os.environ:\n"
    "    certifi.where = lambda: os.environ['SSL_CERT_FILE']\n"
    "alembic.config.main(prog='alembic')\n"
)

#: Target to what makes it connect.
CONNECT: dict[str, Callable[[Laid], None]] = {
    "django": django_,
    "dj-database-url": django_,
    "sqlalchemy": sqlalchemy_,
    "sqlalchemy-async": sqlalchemy_,
    "psycopg": psycopg_,
    "asyncpg": asyncpg_,
    "alembic": alembic_,
    "fastapi": fastapi_,
    "flask": flask_,
    "streamlit": streamlit_,
}
