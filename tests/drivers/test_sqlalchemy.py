"""What SQLAlchemy hands to each Postgres driver, and its pool defaults. Measured with SQLAlchemy 2.1.9 and 2.0.58."""

import asyncio
import ssl

import asyncpg
import pytest
import sqlalchemy
import sqlmodel
from drivers.accepts import sqlalchemy_accepts
from drivers.wire import Sent, talk
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import AsyncAdaptedQueuePool, NullPool, QueuePool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, InvalidRequestError, NoSuchModuleError
from sqlalchemy.ext.asyncio import create_async_engine

HOST = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
REST = f"://app:pw@{HOST}/neondb"
LIBPQ_DRIVERS = ["psycopg", "psycopg2"]
OTHER_DRIVERS = ["asyncpg", "pg8000"]
CLEAR = ["SSLRequest", "StartupMessage", "PasswordMessage"]
SINCE_2_1 = tuple(map(int, sqlalchemy.__version__.split(".")[:2])) >= (2, 1)

libpq_drivers = pytest.mark.parametrize("driver", LIBPQ_DRIVERS)
other_drivers = pytest.mark.parametrize("driver", OTHER_DRIVERS)


def url(driver: str, query: str = "") -> str:
    return f"postgresql+{driver}{REST}{query}"


def refusal(text: str, **connect_args: object) -> str:
    with pytest.raises(AssertionError) as caught:
        sqlalchemy_accepts(text, connect_args)
    return str(caught.value)


def sent_by(driver: str, query: str = "") -> Sent:
    dsn = f"postgresql+{driver}://app:pw@127.0.0.1:{{}}/neondb{query}"

    async def connect(port: int) -> None:
        async with create_async_engine(dsn.format(port)).connect():
            pass

    if driver == "asyncpg":
        return talk(lambda port: asyncio.run(connect(port)))
    return talk(lambda port: create_engine(dsn.format(port)).connect())


# --- scheme and driver ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("create", [create_engine, create_async_engine])
def test_scheme_postgres_is_gone(create: type) -> None:
    """Rules: sqlalchemy-postgres-scheme."""
    with pytest.raises(NoSuchModuleError, match=r"^Can't load plugin: sqlalchemy\.dialects:postgres$"):
        create(f"postgres{REST}")


def test_default_driver_is_psycopg_from_2_1_and_psycopg2_before() -> None:
    """Rules: sqlalchemy-postgres-scheme, psycopg3-deallocate-over-pooler: which driver reads the URL."""
    assert create_engine(f"postgresql{REST}").driver == ("psycopg" if SINCE_2_1 else "psycopg2")


def test_async_engine_needs_an_async_driver() -> None:
    """Rules: the SQLAlchemy async generator target; before 2.1 a plain ``postgresql://`` fails the same way."""
    with pytest.raises(InvalidRequestError, match="The loaded 'psycopg2' is not async"):
        create_async_engine(url("psycopg2"))
    assert create_async_engine(url("psycopg")).driver == "psycopg"
    if SINCE_2_1:
        assert create_async_engine(f"postgresql{REST}").driver == "psycopg"


@pytest.mark.parametrize(
    "text", [f"psql 'postgresql{REST}'", f"'postgresql{REST}'", f"jdbc:postgresql://{HOST}/neondb"]
)
def test_strings_that_are_no_url(text: str) -> None:
    """Rules: psql-command-as-url, jdbc-userinfo."""
    with pytest.raises(ArgumentError, match="Could not parse SQLAlchemy URL"):
        make_url(text)


# --- TLS -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", [*LIBPQ_DRIVERS, *OTHER_DRIVERS])
def test_without_a_mode_every_driver_falls_back_to_clear_text(driver: str) -> None:
    """Rules: sslmode-missing."""
    assert sent_by(driver).kinds == CLEAR


def test_asyncpg_spells_it_ssl() -> None:
    """Rules: sslmode-missing (the fix for this driver)."""
    assert sent_by("asyncpg", "?ssl=require").kinds == ["SSLRequest"]
    sqlalchemy_accepts(url("asyncpg", "?ssl=require"))
    assert "`sslmode` parameter must be one of: disable, allow," in refusal(url("asyncpg", "?ssl=true"))


def test_asyncpg_verify_full_in_the_url_needs_a_root_file() -> None:
    """Rules: verify-without-root."""
    assert "root certificate file" in refusal(url("asyncpg", "?ssl=verify-full"))


@libpq_drivers
def test_libpq_drivers_spell_it_sslmode(driver: str) -> None:
    """Rules: sslmode-missing: ``?ssl=true``, which libpq's own URIs allow, is an unknown option here."""
    assert sent_by(driver, "?sslmode=require").kinds == ["SSLRequest"]
    assert 'invalid connection option "ssl"' in refusal(url(driver, "?ssl=true"))


@pytest.mark.parametrize(("driver", "name"), [("asyncpg", "ssl"), ("pg8000", "ssl_context")])
def test_a_context_goes_into_connect_args(driver: str, name: str) -> None:
    """Rules: verify-without-root, channel-binding-breaks-driver (the repair)."""
    sqlalchemy_accepts(url(driver), {name: ssl.create_default_context(), "timeout": 15})


# --- parameters ----------------------------------------------------------------------------------------------------


@other_drivers
@pytest.mark.parametrize(
    "name", ["sslmode", "channel_binding", "sslrootcert", "connect_timeout", "options", "pgbouncer"]
)
def test_libpq_parameters_break_the_other_drivers(driver: str, name: str) -> None:
    """Rules: channel-binding-breaks-driver, sslmode-missing (never add sslmode here), options-over-pooler."""
    expected = f"TypeError: connect() got an unexpected keyword argument '{name}'"
    assert expected in refusal(url(driver, f"?{name}=require"))
    assert expected in refusal(url(driver), **{name: "require"})


def test_application_name_is_a_server_setting_of_asyncpg() -> None:
    """Rules: channel-binding-breaks-driver (application_name breaks asyncpg as well, but not pg8000)."""
    assert "'application_name'" in refusal(url("asyncpg", "?application_name=x"))
    sqlalchemy_accepts(url("asyncpg"), {"server_settings": {"application_name": "x"}})
    sqlalchemy_accepts(url("pg8000", "?application_name=x"))


@pytest.mark.parametrize("name", ["timeout", "statement_cache_size"])
def test_numbers_of_asyncpg_do_not_work_in_the_url(name: str) -> None:
    """Rules: connect-timeout-too-low, statement-cache-disabled-needlessly: only connect_args take them."""
    assert "TypeError" in refusal(url("asyncpg", f"?{name}=15"))
    sqlalchemy_accepts(url("asyncpg"), {name: 15})


def test_statement_cache_of_the_dialect_works_in_the_url() -> None:
    """Rules: statement-cache-disabled-needlessly; asyncpg converts command_timeout, and that one only, by itself."""
    sqlalchemy_accepts(url("asyncpg", "?prepared_statement_cache_size=0&command_timeout=15"))


def test_recipe_without_prepared_statements_is_accepted() -> None:
    """Rules: statement-cache-disabled-needlessly (what people write for PgBouncer)."""
    args = {"statement_cache_size": 0, "prepared_statement_cache_size": 0, "prepared_statement_name_func": str}
    sqlalchemy_accepts(url("asyncpg"), args)


@libpq_drivers
def test_libpq_parameters_reach_libpq(driver: str) -> None:
    """Rules: sslmode-missing, channel-binding-missing, connect-timeout-too-low, prisma-params-in-libpq-url."""
    sqlalchemy_accepts(url(driver, "?sslmode=require&channel_binding=require&connect_timeout=15&application_name=x"))
    sqlalchemy_accepts(url(driver, "?sslmode=verify-full&sslrootcert=system"), {"connect_timeout": 15})
    assert 'invalid connection option "pgbouncer"' in refusal(url(driver, "?pgbouncer=true"))
    assert "weak sslmode" in refusal(url(driver, "?sslmode=require&sslrootcert=system"))


@libpq_drivers
def test_two_equal_parameters_become_a_pair_that_libpq_refuses(driver: str) -> None:
    """Rules: duplicate-query-param: an error here, last-wins in libpq."""
    assert make_url(url(driver, "?sslmode=a&sslmode=b")).query["sslmode"] == ("a", "b")
    assert "invalid sslmode value" in refusal(url(driver, "?sslmode=require&sslmode=require"))


@libpq_drivers
def test_connect_args_win_over_the_url(driver: str) -> None:
    """Rules: sslmode-missing, sslrootcert-system-weak-mode (what counts is the merge)."""
    sqlalchemy_accepts(url(driver, "?sslmode=require"), {"sslmode": "verify-full", "sslrootcert": "system"})


def test_prepare_threshold_is_an_argument_of_psycopg() -> None:
    """Rules: psycopg3-deallocate-over-pooler: connect_args, not the URL; psycopg2 drops a None and knows no number."""
    sqlalchemy_accepts(url("psycopg"), {"prepare_threshold": None})
    sqlalchemy_accepts(url("psycopg2"), {"prepare_threshold": None})
    assert 'invalid connection option "prepare_threshold"' in refusal(url("psycopg2"), prepare_threshold=0)


def test_async_creator_keeps_the_libpq_parameters_for_asyncpg() -> None:
    """Rules: channel-binding-breaks-driver (the other repair: asyncpg reads the DSN itself)."""

    async def connect(port: int) -> None:
        dsn = f"postgresql://app:pw@127.0.0.1:{port}/neondb?sslmode=require"
        async with create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn)).connect():
            pass

    assert talk(lambda port: asyncio.run(connect(port))).kinds == ["SSLRequest"]


# --- user and password ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["#", "/", "?", "[", ":", " ", "%", "+"])
def test_marks_that_sqlalchemy_leaves_in_a_password(mark: str) -> None:
    """Rules: unencoded-userinfo: only ``@`` must be encoded here, but the same URL fails elsewhere."""
    assert make_url(f"postgresql://app:p{mark}w@{HOST}/neondb").password == f"p{mark}w"


def test_at_sign_in_a_password_moves_into_the_host() -> None:
    """Rules: unencoded-userinfo."""
    parsed = make_url(f"postgresql://app:p@w@{HOST}/neondb")
    assert (parsed.password, parsed.host) == ("p", f"w@{HOST}")


def test_an_encoded_password_is_decoded_and_never_shown() -> None:
    """Rules: unencoded-userinfo (the fix), url-logged."""
    engine = create_engine(f"postgresql://app:p%40w@{HOST}/neondb")
    assert engine.url.password == "p@w"
    assert f"{engine!r} {engine.url}".count("***") == 2
    assert "p%40w" in engine.url.render_as_string(hide_password=False)


def test_ampersand_instead_of_question_mark_joins_the_database_name() -> None:
    """Rules: url-missing-question-mark."""
    assert make_url(url("psycopg", "&sslmode=require")).database == "neondb&sslmode=require"


# --- pools ---------------------------------------------------------------------------------------------------------


def test_pool_defaults() -> None:
    """Rules: sqlalchemy-no-liveness, queuepool-in-serverless, sqlalchemy-recycle-over-suspend."""
    pool = create_engine(url("psycopg")).pool
    assert isinstance(pool, QueuePool)
    assert (pool._pre_ping, pool._recycle) == (False, -1)
    assert (pool.size(), pool._max_overflow, pool._timeout) == (5, 10, 30.0)


def test_async_pool_defaults() -> None:
    """Rules: sqlalchemy-no-liveness, queuepool-in-serverless."""
    pool = create_async_engine(url("asyncpg")).pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    assert (pool._pre_ping, pool._recycle) == (False, -1)


def test_null_pool_takes_no_size() -> None:
    """Rules: queuepool-in-serverless (the fix must take pool_size, max_overflow and the rest away)."""
    for name in ("pool_size", "max_overflow", "pool_timeout"):
        with pytest.raises(TypeError, match=rf"Invalid argument\(s\) '{name}' sent to create_engine\(\)"):
            create_engine(url("psycopg"), poolclass=NullPool, **{name: 2})
    create_engine(url("psycopg"), poolclass=NullPool, pool_pre_ping=True, pool_recycle=240)


def test_sqlmodel_has_no_engine_of_its_own() -> None:
    """Rules: every SQLAlchemy rule holds for SQLModel."""
    assert sqlmodel.create_engine is create_engine


def test_flask_sqlalchemy_takes_engine_options_from_the_configuration() -> None:
    """Rules: sqlalchemy-no-liveness, sqlalchemy-postgres-scheme: same defaults, same scheme error."""

    def pool(uri: str, **options: object) -> sqlalchemy.Pool:
        app = Flask("neonlint")
        app.config.from_mapping(SQLALCHEMY_DATABASE_URI=uri, SQLALCHEMY_ENGINE_OPTIONS=options)
        database = SQLAlchemy(app)
        with app.app_context():
            return database.engine.pool

    assert (pool(url("psycopg"))._pre_ping, pool(url("psycopg"), pool_pre_ping=True)._pre_ping) == (False, True)
    with pytest.raises(NoSuchModuleError, match=r"sqlalchemy\.dialects:postgres$"):
        pool(f"postgres{REST}")


def test_sync_engine_with_asyncpg_fails_when_connecting() -> None:
    """Rules: the SQLAlchemy generator targets (``create_engine`` never gets ``+asyncpg``)."""
    engine = create_engine("postgresql+asyncpg://", connect_args={"async_creator_fn": lambda **_: None})
    with pytest.raises(sqlalchemy.exc.MissingGreenlet):
        engine.connect()
