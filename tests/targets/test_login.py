"""Generated configurations log in: to a real PostgreSQL with TLS, under the names of Neon's hosts.

Skipped where `initdb` is not installed; what must hold everywhere is asserted without a server in the other files.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy
import trustme
from sqlalchemy.ext.asyncio import AsyncEngine
from targets.connecting import asked, django_connection, flask_engine, migrate, streamlit_engine
from targets.running import DIRECT, PASSWORD, POOLED, Laid, lay, lead

from neonlint.targets.model import PROFILES, Profile

MonkeyPatch = pytest.MonkeyPatch
HOW = "SELECT ssl, cipher IS NOT NULL, current_user, current_database() FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
IN = (True, True, "app_user", "shop")


@dataclass(frozen=True)
class Server:
    port: int
    bundle: Path


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL that takes TLS connections with SCRAM only, with a certificate for Neon's host names."""
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("initdb or pg_ctl is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: that of a Unix socket may not be long
    try:
        ca = trustme.CA()
        ca.cert_pem.write_to_path(folder / "ca.pem")
        leaf = ca.issue_cert(DIRECT, POOLED)
        leaf.private_key_pem.write_to_path(folder / "key.pem")
        leaf.cert_chain_pems[0].write_to_path(folder / "cert.pem")
        (folder / "key.pem").chmod(0o600)
        (folder / "password").write_text("postgres")
        run = as_owner(folder)
        data = folder / "data"
        run("initdb", "-D", str(data), "-U", "postgres", f"--pwfile={folder / 'password'}", "-A", "scram-sha-256")
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off -c ssl=on"
            f" -c ssl_cert_file={folder / 'cert.pem'} -c ssl_key_file={folder / 'key.pem'}"
        )
        run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            with psycopg.connect(
                f"host=127.0.0.1 port={port} user=postgres password=postgres sslmode=require", autocommit=True
            ) as admin:
                role = psycopg.sql.SQL("CREATE ROLE app_user LOGIN PASSWORD {}").format(PASSWORD)
                admin.execute(role)
                admin.execute("CREATE DATABASE shop OWNER app_user")
            yield Server(port, folder / "ca.pem")
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def as_owner(folder: Path) -> Any:  # noqa: ANN401
    """A function that runs programs which refuse to be run by root."""
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        for path in (folder, *folder.iterdir()):
            with suppress(LookupError):
                shutil.chown(path, user)

    def run(*words: str) -> None:
        subprocess.run(words, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    return run


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> Profile:
    found: Profile = request.param
    return found


def laid_for(server: Server, patch: MonkeyPatch, folder: Path, name: str, profile: Profile, **more: Any) -> Laid:  # noqa: ANN401
    laid = lay(folder, name, profile, **more)
    lead(laid, patch, server.port, server.bundle)
    return laid


@pytest.mark.parametrize("runtime", ["server", "serverless"])
def test_psycopg(server: Server, alone: MonkeyPatch, tmp_path: Path, profile: Profile, runtime: Any) -> None:  # noqa: ANN401
    module = laid_for(server, alone, tmp_path, "psycopg", profile, runtime=runtime).module()
    with module.connection() if runtime == "server" else module.connect() as connection:
        assert connection.execute(HOW).fetchone() == IN
        assert connection.prepare_threshold == 5
        assert psycopg.capabilities.has_send_close_prepared(), "the pooler is told of statements that are given up"
    if runtime == "server":
        module.pool.close()


@pytest.mark.parametrize("runtime", ["server", "serverless"])
def test_asyncpg(server: Server, alone: MonkeyPatch, tmp_path: Path, profile: Profile, runtime: Any) -> None:  # noqa: ANN401
    module = laid_for(server, alone, tmp_path, "asyncpg", profile, runtime=runtime).module()

    async def run() -> tuple[object, ...]:
        if runtime == "server":
            async with await module.open_pool() as pool:
                return tuple(await pool.fetchrow(HOW))
        connection = await module.connect()
        try:
            return tuple(await connection.fetchrow(HOW))
        finally:
            await connection.close()

    assert asyncio.run(run()) == IN


@pytest.mark.parametrize("name", ["sqlalchemy", "sqlalchemy-async", "flask", "streamlit"])
def test_sqlalchemy(server: Server, alone: MonkeyPatch, tmp_path: Path, profile: Profile, name: str) -> None:
    laid = laid_for(server, alone, tmp_path, name, profile)
    if name == "streamlit":
        engine = streamlit_engine(laid)
    else:
        module = laid.module()
        engine = flask_engine(module) if name == "flask" else module.engine
    if isinstance(engine, AsyncEngine):
        assert asyncio.run(row_of(engine)) == IN
        return
    for _ in range(2):  # the second time with a ping of the first's connection
        with engine.connect() as connection:
            assert tuple(connection.execute(sqlalchemy.text(HOW)).one()) == IN
    engine.dispose()


async def row_of(engine: AsyncEngine) -> tuple[object, ...]:
    async with engine.connect() as connection:
        row = tuple((await connection.execute(sqlalchemy.text(HOW))).one())
    await engine.dispose()
    return row


@pytest.mark.parametrize("name", ["django", "dj-database-url"])
def test_django(server: Server, alone: MonkeyPatch, tmp_path: Path, profile: Profile, name: str) -> None:
    wrapper = django_connection(laid_for(server, alone, tmp_path, name, profile).module())
    with wrapper.cursor() as cursor:
        cursor.execute(HOW)
        assert cursor.fetchone() == IN
    wrapper.close()
    wrapper.close_pool()


@pytest.mark.parametrize("runtime", ["server", "serverless"])
def test_fastapi(server: Server, alone: MonkeyPatch, tmp_path: Path, profile: Profile, runtime: Any) -> None:  # noqa: ANN401
    app = laid_for(server, alone, tmp_path, "fastapi", profile, runtime=runtime).module().app

    async def run() -> bytes:
        async with app.router.lifespan_context(app) as state:
            return await asked(app, "/database-time", state or {})

    assert asyncio.run(run()).startswith(b'"20')


def test_alembic(server: Server, alone: MonkeyPatch, tmp_path: Path, profile: Profile) -> None:
    laid = laid_for(server, alone, tmp_path, "alembic", profile)
    migrate(laid)
    with psycopg.connect(os.environ["DATABASE_URL_UNPOOLED"], sslrootcert=str(server.bundle)) as connection:
        assert connection.execute("SELECT count(*) FROM made_by_alembic").fetchone() == (0,)
        connection.execute("DROP TABLE made_by_alembic, alembic_version")


def test_psql(server: Server, alone: MonkeyPatch, tmp_path: Path, profile: Profile) -> None:
    """psql before 16 does not know `system`: the bundle is named, as the script's comment says."""
    if shutil.which("psql") is None:
        pytest.skip("psql is not installed")
    laid = laid_for(server, alone, tmp_path, "psql", profile)
    alone.setenv("PGSSLROOTCERT", str(server.bundle))
    command = ["sh", str(laid.folder / "connect.sh"), "-XAtwc", HOW]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "t|t|app_user|shop\n"


@pytest.mark.parametrize("service", ["neon", "neon-direct"])
def test_pg_service(server: Server, alone: MonkeyPatch, tmp_path: Path, profile: Profile, service: str) -> None:
    laid_for(server, alone, tmp_path, "pg-service", profile)
    for name in (".pg_service.conf", ".pgpass"):
        text = (tmp_path / name).read_text().replace("port=5432", f"port={server.port}")
        (tmp_path / name).write_text(text.replace(".neon.tech:5432:", f".neon.tech:{server.port}:"))
    with psycopg.connect(f"service={service}") as connection:
        assert connection.execute(HOW).fetchone() == IN
        assert connection.info.host == (POOLED if service == "neon" else DIRECT)
