"""Generated Python run with the real libraries, up to the login: which host, which TLS, which proof of the password.

The listener of drivers/wire.py stands in Neon's place, with a certificate for Neon's host names; it lets nobody in.
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool, QueuePool
from targets.connecting import (
    CONNECT,
    django_connection,
    flask_engine,
    migrate,
    pydantic_,
    streamlit_engine,
)
from targets.running import (
    CLEAR_STEPS,
    DIRECT,
    PASSWORD,
    POOLED,
    SOURCE,
    STEPS,
    Authority,
    Laid,
    authority,
    lay,
    meet,
)

from neonlint import engine, generate
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.generate import Wish
from neonlint.sizing import Compute
from neonlint.targets import load
from neonlint.targets.model import PROFILES, Profile, Role, Runtime
from neonlint.targets.text import dotenv

MonkeyPatch = pytest.MonkeyPatch
SIZED = Wish(compute=Compute(0.25, 0.25), workers=8)


#: asyncpg binds no channel, so it verifies in both profiles.
ASYNCPG = ("asyncpg", "sqlalchemy-async")


def combinations() -> Iterator[tuple[str, Runtime, Role]]:
    for name in CONNECT:
        target = load(name)
        yield from itertools.product([name], target.runtimes, target.roles)


every = pytest.mark.parametrize(("name", "runtime", "role"), list(combinations()))


@pytest.fixture(scope="session")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One that has signed a certificate for another host."""
    return authority(tmp_path_factory.mktemp("ca"), "ep-another-host-00000000.us-east-2.aws.neon.tech")


# --- what they send ---


@every
@pytest.mark.parametrize("profile", PROFILES)
def test_it_comes_to_the_login(
    name: str, runtime: Runtime, role: Role, profile: Profile, trusted: Authority, alone: MonkeyPatch, tmp_path: Path
) -> None:
    """Over TLS, to the pooled host for the application alone, as the role and to the database of the string; libpq
    proves the password bound to the channel."""
    laid = lay(tmp_path, name, profile, runtime, role)
    sent = meet(laid, CONNECT[name], alone, trusted.server, trusted.bundle)
    assert sent.kinds[:4] == STEPS, sent.error
    assert sent.sni == (POOLED if role == "app" else DIRECT)
    assert (sent.startup["user"], sent.startup["database"]) == ("app_user", "shop")
    assert sent.mechanism == ("SCRAM-SHA-256" if name in ASYNCPG else "SCRAM-SHA-256-PLUS")
    unknown = {"sslmode", "channel_binding", "sslrootcert", "options", "connect_timeout"}
    assert not unknown & set(sent.startup), "Neon drops them, others refuse them"


@every
@pytest.mark.parametrize("profile", PROFILES)
def test_it_says_nothing_to_a_server_without_tls(
    name: str, runtime: Runtime, role: Role, profile: Profile, trusted: Authority, alone: MonkeyPatch, tmp_path: Path
) -> None:
    laid = lay(tmp_path, name, profile, runtime, role)
    sent = meet(laid, CONNECT[name], alone, b"N", trusted.bundle)
    assert set(sent.kinds) == set(CLEAR_STEPS), sent.error


@every
@pytest.mark.parametrize("reason", ["a root that is not known", "the name of another host"])
def test_strict_says_nothing_to_a_server_that_cannot_prove_itself(
    name: str,
    runtime: Runtime,
    role: Role,
    reason: str,
    trusted: Authority,
    strange: Authority,
    alone: MonkeyPatch,
    tmp_path: Path,
) -> None:
    laid = lay(tmp_path, name, "strict", runtime, role)
    server, bundle = (trusted, strange.bundle) if reason.startswith("a root") else (strange, strange.bundle)
    sent = meet(laid, CONNECT[name], alone, server.server, bundle)
    assert sent.kinds[0] == "SSLRequest" and "StartupMessage" not in sent.kinds, sent.error


@every
def test_baseline_of_libpq_binds_the_channel_where_it_does_not_verify(
    name: str, runtime: Runtime, role: Role, strange: Authority, alone: MonkeyPatch, tmp_path: Path
) -> None:
    """What stands between then gets a proof that is of no use with the real server."""
    laid = lay(tmp_path, name, "baseline", runtime, role)
    sent = meet(laid, CONNECT[name], alone, strange.server, strange.bundle)
    if name in ASYNCPG:
        assert "StartupMessage" not in sent.kinds
    else:
        assert sent.mechanism == "SCRAM-SHA-256-PLUS"


@every
@pytest.mark.parametrize("profile", PROFILES)
def test_the_profile_holds_with_a_url_of_somebody_elses(
    name: str, runtime: Runtime, role: Role, profile: Profile, trusted: Authority, alone: MonkeyPatch, tmp_path: Path
) -> None:
    """The platform's own variable has the console's parameters; the code takes those too, and verifies if strict."""
    laid = lay(tmp_path, name, profile, runtime, role)
    console = {
        key: f"{value.partition('?')[0]}?sslmode=require&channel_binding=require"
        for key, value in laid.variables.items()
    }
    if name == "streamlit":
        return
    sent = meet(Laid(laid.folder, laid.files, console), CONNECT[name], alone, trusted.server, trusted.bundle)
    assert sent.kinds[:4] == STEPS, sent.error


@pytest.mark.parametrize("name", [*CONNECT, "pydantic-settings"])
@pytest.mark.parametrize("profile", PROFILES)
def test_in_a_repository_it_is_clean(name: str, profile: Profile) -> None:
    """Beside the packages that it needs, and with the variables that `generate env` writes."""
    target = load(name)
    environment = generate.generate(load("env"), SOURCE, Wish(profile, with_secret=True)).output.files[0]
    for runtime, role in itertools.product(target.runtimes, target.roles):
        made = generate.generate(target, SOURCE, Wish(profile, runtime, role, with_secret=True)).output
        own = {file.path: file.text for file in made.files if file.path != ".env"}
        needs = {"requirements.txt": "".join(f"{package}\n" for package in target.needs)}
        for text in (environment.text, dotenv(made.variables)):
            files = {path: t.encode() for path, t in {**own, **needs, ".env": text}.items()}
            report = engine.run(Path("/nonexistent"), [*map(FoundFile, files)], Config(), given=files).report
            assert not report.findings, [(f.path, f.code, f.message) for f in report.findings]


@pytest.mark.parametrize("name", [*CONNECT, "pydantic-settings"])
@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_formatted_and_lints(name: str, profile: Profile, tmp_path: Path) -> None:
    target = load(name)
    for number, (runtime, role) in enumerate(itertools.product(target.runtimes, target.roles)):
        files = generate.generate(target, None, Wish(profile, runtime, role, Compute(0.25, 2), 8)).output.files
        for file in files:
            if file.path.endswith(".py"):
                (tmp_path / f"{number}.py").write_text(file.text)
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,W,UP,B", "--ignore", "E501"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command[:1], "--isolated", "--no-cache", *command[1:], str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


# --- pools, time-outs, prepared statements ---


def test_django_has_a_pool_on_a_server(alone: MonkeyPatch, tmp_path: Path) -> None:
    laid = lay(tmp_path, "django", wish=SIZED)
    alone.setenv("DATABASE_URL", laid.variables["DATABASE_URL"])
    wrapper = django_connection(laid.module())
    pool = wrapper.pool
    assert (pool.min_size, pool.max_size, pool.max_idle) == (0, 11, 60)  # 93 of the pooler's for 8 processes
    assert wrapper.settings_dict["CONN_MAX_AGE"] == 0 and wrapper.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    params = wrapper.get_connection_params()
    assert (params["host"], params["dbname"], params["user"], params["password"]) == (
        POOLED,
        "shop",
        "app_user",
        PASSWORD,
    )
    assert (params["connect_timeout"], params["sslmode"], params["channel_binding"]) == (15, "require", "require")
    assert params["prepare_threshold"] is None, "Django leaves prepared statements off"
    assert pool._check is not None, "health checks became the pool's"


@pytest.mark.parametrize(("name", "runtime"), [("django", "serverless"), ("dj-database-url", "server")])
def test_django_without_a_pool_keeps_connections_for_less_than_the_compute_stays_awake(
    name: str, runtime: Runtime, alone: MonkeyPatch, tmp_path: Path
) -> None:
    laid = lay(tmp_path, name, runtime=runtime, wish=Wish(suspend_seconds=60))
    alone.setenv("DATABASE_URL", laid.variables["DATABASE_URL"])
    wrapper = django_connection(laid.module())
    assert wrapper.pool is None
    found = {key: wrapper.settings_dict[key] for key in ("CONN_MAX_AGE", "CONN_HEALTH_CHECKS")}
    assert found == {"CONN_MAX_AGE": 48, "CONN_HEALTH_CHECKS": True}
    assert wrapper.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert wrapper.get_connection_params()["connect_timeout"] == 15
    assert wrapper.get_connection_params()["password"] == PASSWORD


@pytest.mark.parametrize("name", ["django", "dj-database-url"])
def test_django_migrates_past_the_pooler_with_cursors_and_no_pool(
    name: str, alone: MonkeyPatch, tmp_path: Path
) -> None:
    laid = lay(tmp_path, name, "strict", role="migrate")
    alone.setenv("DATABASE_URL_UNPOOLED", laid.variables["DATABASE_URL_UNPOOLED"])
    wrapper = django_connection(laid.module())
    assert wrapper.pool is None and not wrapper.settings_dict["CONN_MAX_AGE"]
    assert not wrapper.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    params = wrapper.get_connection_params()
    assert (params["host"], params["sslmode"]) == (DIRECT, "verify-full")
    assert Path(params["sslrootcert"]).is_file()


@pytest.mark.parametrize("name", ["sqlalchemy", "sqlalchemy-async", "flask", "streamlit"])
def test_sqlalchemy_has_a_pool_on_a_server(name: str, alone: MonkeyPatch, tmp_path: Path) -> None:
    engine_ = engine_of(lay(tmp_path, name, wish=SIZED), alone)
    assert isinstance(engine_.pool, QueuePool)
    assert (engine_.pool.size(), engine_.pool._max_overflow, engine_.pool._recycle) == (11, 0, 240)
    assert engine_.pool._pre_ping
    assert engine_.url.password == PASSWORD
    assert engine_.dialect.driver == ("asyncpg" if name == "sqlalchemy-async" else "psycopg")


@pytest.mark.parametrize("name", ["sqlalchemy", "sqlalchemy-async", "flask"])
def test_sqlalchemy_has_none_elsewhere(name: str, alone: MonkeyPatch, tmp_path: Path) -> None:
    assert isinstance(engine_of(lay(tmp_path, name, runtime="serverless", wish=SIZED), alone).pool, NullPool)


@pytest.mark.parametrize("name", ["sqlalchemy", "sqlalchemy-async"])
@pytest.mark.parametrize("role", ["migrate", "admin"])
def test_sqlalchemy_has_none_on_a_direct_session(name: str, role: Role, alone: MonkeyPatch, tmp_path: Path) -> None:
    engine_ = engine_of(lay(tmp_path, name, role=role), alone)
    assert isinstance(engine_.pool, NullPool) and engine_.url.host == DIRECT


def engine_of(laid: Laid, patch: MonkeyPatch) -> sqlalchemy.Engine:
    for key, value in laid.variables.items():
        patch.setenv(key, value)
    if "streamlit_app.py" in laid.files:
        return streamlit_engine(laid)
    module = laid.module()
    if hasattr(module, "create_app"):
        return flask_engine(module)
    made: sqlalchemy.Engine = module.engine.sync_engine if isinstance(module.engine, AsyncEngine) else module.engine
    return made


def test_psycopg_has_a_pool_that_opens_late_and_tests_its_connections(alone: MonkeyPatch, tmp_path: Path) -> None:
    laid = lay(tmp_path, "psycopg", wish=SIZED)
    alone.setenv("DATABASE_URL", laid.variables["DATABASE_URL"])
    pool = laid.module().pool
    assert pool.closed and (pool.min_size, pool.max_size, pool.max_idle) == (0, 11, 60)
    assert pool._check == type(pool).check_connection
    assert pool.kwargs == {"connect_timeout": 15}, "statements are prepared as usual: the pooler keeps track of them"


def test_fastapi_opens_and_closes_its_pool_with_the_application(alone: MonkeyPatch, tmp_path: Path) -> None:
    laid = lay(tmp_path, "fastapi", "strict", wish=SIZED)
    alone.setenv("DATABASE_URL", laid.variables["DATABASE_URL"])
    module = laid.module()

    async def run() -> None:
        async with module.app.router.lifespan_context(module.app) as state:
            pool = state["pool"]
            assert not pool.closed and (pool.min_size, pool.max_size, pool.max_idle) == (0, 11, 60)
            assert pool.kwargs["sslmode"] == "verify-full" and pool.kwargs["connect_timeout"] == 15
        assert pool.closed

    for _ in range(2):
        asyncio.run(run())


def test_asyncpg_has_a_pool_of_the_asked_size(alone: MonkeyPatch, tmp_path: Path) -> None:
    laid = lay(tmp_path, "asyncpg", wish=SIZED)
    alone.setenv("DATABASE_URL", laid.variables["DATABASE_URL"])

    async def run() -> asyncpg.Pool:
        return await laid.module().open_pool()

    pool = asyncio.run(run())
    assert (pool.get_min_size(), pool.get_max_size()) == (0, 11)
    assert pool._connect_kwargs["timeout"] == 15
    assert {holder._max_inactive_time for holder in pool._holders} == {60}
    assert "statement_cache_size" not in pool._connect_kwargs, "the pooler keeps track of prepared statements"


@pytest.mark.parametrize("name", ["psycopg", "sqlalchemy", "flask", "fastapi", "asyncpg", "sqlalchemy-async"])
def test_the_arithmetic_stands_above_the_size(name: str) -> None:
    text = generate.generate(load(name), None, SIZED).output.files[0].text
    above = text.partition("11,")[0].splitlines()[-3:-1]
    assert "max_connections is 104" in above[0] and "8 processes with 11 connections each" in above[1]


def test_the_applications_name_is_taken_over(alone: MonkeyPatch, tmp_path: Path, trusted: Authority) -> None:
    for name in ("psycopg", "django", "sqlalchemy", "sqlalchemy-async", "asyncpg"):
        made = generate.generate(load(name), f"{SOURCE}?application_name=shop-api", Wish(with_secret=True)).output
        folder = tmp_path / name
        folder.mkdir()
        files = {file.path: file.text for file in made.files}
        (folder / made.files[0].path).write_text(made.files[0].text)
        laid = Laid(folder, files, {variable.name: variable.value for variable in made.variables})
        sent = meet(laid, CONNECT[name], alone, trusted.server, trusted.bundle)
        assert sent.startup["application_name"] == "shop-api", name


# --- Alembic, pydantic-settings, Streamlit ---


def test_alembic_prints_sql_without_a_database(alone: MonkeyPatch, tmp_path: Path) -> None:
    printed = migrate(lay(tmp_path, "alembic"), "--sql")
    assert "CREATE TABLE made_by_alembic (id int);" in printed


def test_settings_show_no_value(alone: MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    laid = lay(tmp_path, "pydantic-settings")
    alone.chdir(tmp_path)  # where .env is
    module = laid.module()
    assert PASSWORD not in repr(module.settings) and "npg_" not in repr(module.settings) + str(module.settings)
    found = conninfo_to_dict(str(module.settings.database_url.get_secret_value()))
    assert (found["host"], found["password"], found["channel_binding"]) == (POOLED, PASSWORD, "require")
    (tmp_path / ".env").write_text(f"DATABASE_URL=mysql://app:{PASSWORD}@x/y\n")
    with pytest.raises(ValueError, match="database_url") as caught:
        laid.module()
    assert "npg_" not in str(caught.value)


def test_settings_follow_the_role(alone: MonkeyPatch, tmp_path: Path, trusted: Authority) -> None:
    laid = lay(tmp_path, "pydantic-settings", role="migrate")
    sent = meet(laid, pydantic_, alone, trusted.server, trusted.bundle)
    assert sent.sni == DIRECT and sent.mechanism == "SCRAM-SHA-256-PLUS"


def test_streamlits_secrets_are_private_and_without_a_secret_a_template() -> None:
    with_secret = generate.generate(load("streamlit"), SOURCE, Wish(with_secret=True)).output
    assert [(f.path, f.private) for f in with_secret.files] == [
        ("streamlit_app.py", False),
        (".streamlit/secrets.toml", True),
    ]
    without = generate.generate(load("streamlit"), SOURCE, Wish()).output
    assert without.files[1].path == ".streamlit/secrets.example.toml"
    assert tomllib.loads(without.files[1].text)["connections"]["neon"]["url"].startswith("postgresql+psycopg://")


def test_streamlit_itself(alone: MonkeyPatch, tmp_path: Path) -> None:
    """Where Streamlit is installed, its own connection makes the same engine."""
    testing = pytest.importorskip("streamlit.testing.v1")
    laid = lay(tmp_path, "streamlit", "strict", wish=SIZED)
    alone.chdir(tmp_path)
    script = laid.files["streamlit_app.py"] + "\nst.session_state.made = connection.engine\n"
    ran = testing.AppTest.from_string(script).run()
    assert not ran.exception
    made = ran.session_state.made
    assert (made.url.host, made.url.password, made.pool.size()) == (POOLED, PASSWORD, 11)
