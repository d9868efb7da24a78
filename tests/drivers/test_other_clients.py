"""What pg8000, databases, Tortoise, peewee and Alembic do with a URL.

Measured with pg8000 1.31.6, databases 0.9.0, tortoise-orm 1.1.9, peewee 4.5.3, alembic 1.20.1.
"""

import asyncio
import importlib
import inspect
import ssl
from configparser import InterpolationSyntaxError
from pathlib import Path

import pg8000.dbapi
import pytest
from alembic.config import Config
from databases import Database, DatabaseURL
from drivers.wire import Sent, closed_port, talk
from peewee import PostgresqlDatabase
from playhouse.db_url import connect as peewee_connect
from playhouse.db_url import parse as peewee_parse
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.exceptions import ConfigurationError

HOST = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
REST = f"://app:pw@{HOST}/neondb"
URL = f"postgresql{REST}"
CLEAR = ["SSLRequest", "StartupMessage", "PasswordMessage"]


def pg8000_connect(port: int, **kwargs: object) -> None:
    pg8000.dbapi.connect("app", host="127.0.0.1", port=port, password="pw", database="neondb", **kwargs)


def sent_by_databases(query: str = "", **kwargs: str | int) -> Sent:
    async def connect(port: int) -> None:
        async with Database(f"postgresql://app:pw@127.0.0.1:{port}/neondb{query}", force_rollback=False, **kwargs):
            pass

    return talk(lambda port: asyncio.run(connect(port)))


async def tortoise_connect(url: str) -> None:
    expanded = expand_db_url(url)
    client = importlib.import_module(expanded["engine"]).client_class(**expanded["credentials"], connection_name="test")
    await client.create_connection(with_db=True)


def sent_by_tortoise(query: str = "") -> Sent:
    return talk(lambda port: asyncio.run(tortoise_connect(f"postgres://app:pw@127.0.0.1:{port}/neondb{query}")))


def tortoise_options(query: str, scheme: str = "postgres") -> dict[str, object]:
    names = {"host", "port", "user", "password", "database"}
    return {k: v for k, v in expand_db_url(f"{scheme}{REST}{query}")["credentials"].items() if k not in names}


# --- pg8000 --------------------------------------------------------------------------------------------------------


def test_pg8000_falls_back_to_clear_text_without_a_context() -> None:
    """Rules: sslmode-missing: no argument and None are opportunistic; True and a context insist on TLS."""
    assert talk(pg8000_connect).kinds == CLEAR
    assert talk(lambda port: pg8000_connect(port, ssl_context=None)).kinds == CLEAR


@pytest.mark.parametrize("context", [True, ssl.create_default_context()], ids=["True", "context"])
def test_pg8000_insists_on_tls_with_true_or_a_context(context: object) -> None:
    """Rules: sslmode-missing (the fix), tls-verification-disabled."""
    sent = talk(lambda port: pg8000_connect(port, ssl_context=context))
    assert (sent.kinds, sent.error) == (["SSLRequest"], "InterfaceError: Server refuses SSL")


def test_pg8000_false_never_asks_for_tls() -> None:
    """Rules: neon-sslmode-disable."""
    sent = talk(lambda port: pg8000_connect(port, ssl_context=False))
    assert sent.kinds == ["StartupMessage", "PasswordMessage"]


def test_pg8000_ignores_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules: pg-env-without-pgsslmode: PGSSLMODE helps libpq and asyncpg, not pg8000."""
    monkeypatch.setenv("PGSSLMODE", "require")
    assert talk(pg8000_connect).kinds == CLEAR


@pytest.mark.parametrize("name", ["sslmode", "channel_binding", "connect_timeout", "options", "sslrootcert", "dsn"])
def test_pg8000_knows_no_libpq_names(name: str) -> None:
    """Rules: channel-binding-breaks-driver, connect-timeout-too-low (its name is ``timeout``, unset by default)."""
    with closed_port() as port, pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        pg8000_connect(port, **{name: "1"})
    assert inspect.signature(pg8000.dbapi.connect).parameters["timeout"].default is None


# --- databases -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?sslmode=require", "?sslmode=verify-full&channel_binding=require"])
def test_databases_ignores_libpq_parameters_without_a_word(query: str) -> None:
    """Rules: sslmode-missing, channel-binding-ineffective: sslmode in its URL protects nothing."""
    sent = sent_by_databases(query)
    assert sent.kinds == CLEAR
    assert set(sent.startup) == {"client_encoding", "user", "database"}


@pytest.mark.parametrize("query", ["?ssl=require", "?ssl=true", "?ssl=True"])
def test_databases_reads_ssl(query: str) -> None:
    """Rules: sslmode-missing (the fix); ``true`` verifies, ``require`` does not."""
    assert sent_by_databases(query).kinds == ["SSLRequest"]


def test_databases_passes_keyword_arguments_to_asyncpg() -> None:
    """Rules: connect-timeout-too-low, statement-cache-disabled-needlessly, channel-binding-breaks-driver."""
    assert sent_by_databases(ssl="require", timeout=15, statement_cache_size=0).kinds == ["SSLRequest"]
    assert "unexpected keyword argument 'sslmode'" in sent_by_databases(sslmode="require").error


def test_databases_uses_asyncpg_whatever_psycopg_the_scheme_names() -> None:
    """Rules: sqlalchemy-postgres-scheme (``postgres://`` is fine here)."""
    for scheme in ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"):
        assert type(Database(f"{scheme}{REST}")._backend).__module__ == "databases.backends.postgres"


def test_databases_decodes_the_password() -> None:
    """Rules: unencoded-userinfo: splits at the last ``@``, loses everything after a raw ``#``."""
    assert DatabaseURL(f"postgresql://app:p%40w@{HOST}/neondb").password == "p@w"
    assert DatabaseURL(f"postgresql://app:p@w@{HOST}/neondb").password == "p@w"
    assert DatabaseURL(f"postgresql://app:p#w@{HOST}/neondb").hostname == "app"


# --- Tortoise ------------------------------------------------------------------------------------------------------


def test_tortoise_falls_back_to_clear_text() -> None:
    """Rules: sslmode-missing."""
    assert sent_by_tortoise().kinds == CLEAR


@pytest.mark.parametrize("value", ["true", "require", "false"])
def test_tortoise_takes_every_ssl_value_for_true(value: str) -> None:
    """Rules: sslmode-missing (the fix, which verifies), neon-sslmode-disable (``ssl=false`` verifies, too)."""
    assert tortoise_options(f"?ssl={value}") == {"ssl": True}
    assert sent_by_tortoise(f"?ssl={value}").kinds == ["SSLRequest"]


@pytest.mark.parametrize("name", ["sslmode", "channel_binding", "connect_timeout", "pgbouncer"])
def test_tortoise_breaks_on_libpq_parameters(name: str) -> None:
    """Rules: channel-binding-breaks-driver: with asyncpg and with psycopg alike."""
    assert f"TypeError: connect() got an unexpected keyword argument '{name}'" in sent_by_tortoise(f"?{name}=1").error
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        asyncio.run(tortoise_connect(f"psycopg://app:pw@127.0.0.1:1/neondb?{name}=1"))


def test_tortoise_converts_numbers_and_knows_schema() -> None:
    """Rules: connect-timeout-too-low, startup-param-silently-dropped (schema becomes search_path at start-up)."""
    assert tortoise_options("?timeout=15&statement_cache_size=0") == {"timeout": 15, "statement_cache_size": 0}
    assert sent_by_tortoise("?schema=a&application_name=x").startup.items() >= {"search_path": "a"}.items()


def test_tortoise_knows_no_sqlalchemy_schemes() -> None:
    """Rules: sqlalchemy-postgres-scheme."""
    for scheme in ("postgres", "postgresql", "asyncpg"):
        assert expand_db_url(f"{scheme}{REST}")["engine"] == "tortoise.backends.asyncpg"
    with pytest.raises(ConfigurationError, match=r"Unknown DB scheme: postgresql\+asyncpg"):
        expand_db_url(f"postgresql+asyncpg{REST}")


def test_tortoise_decodes_the_password_but_not_the_user() -> None:
    """Rules: unencoded-userinfo (the fix is wrong for a user name here)."""
    credentials = expand_db_url(f"postgres://a%40b:p%40w@{HOST}/neondb")["credentials"]
    assert (credentials["user"], credentials["password"]) == ("a%40b", "p@w")


# --- peewee --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+pool", "psycopg3"])
def test_peewee_falls_back_to_clear_text_and_takes_sslmode(scheme: str) -> None:
    """Rules: sslmode-missing."""

    def sent(query: str) -> Sent:
        return talk(lambda port: peewee_connect(f"{scheme}://app:pw@127.0.0.1:{port}/neondb{query}").connect())

    assert sent("").kinds == CLEAR
    assert sent("?sslmode=require&channel_binding=require").kinds == ["SSLRequest"]
    assert 'invalid connection option "pgbouncer"' in sent("?pgbouncer=true").error
    assert 'invalid connection option "ssl"' in sent("?ssl=true").error


def test_peewee_does_not_decode_the_password() -> None:
    """Rules: unencoded-userinfo: percent-encoding breaks playhouse.db_url unless it is told to decode."""
    encoded = f"postgresql://app:p%40w@{HOST}/neondb"
    assert peewee_parse(encoded)["password"] == "p%40w"
    assert peewee_parse(encoded, unquote_password=True)["password"] == "p@w"


def test_peewee_takes_the_last_of_two_equal_parameters() -> None:
    """Rules: duplicate-query-param."""
    assert peewee_parse(f"{URL}?sslmode=require&sslmode=verify-full")["sslmode"] == "verify-full"


def test_peewee_wants_a_database_name_and_its_error_prints_the_password() -> None:
    """Rules: missing-database-name, url-logged."""
    with pytest.raises(ValueError, match=r'"postgresql://app:pw@.*" has no database name'):
        peewee_connect(f"postgresql://app:pw@{HOST}")


def test_peewee_itself_takes_a_url_as_database() -> None:
    """Rules: sslmode-missing: ``PostgresqlDatabase(url)`` hands the URL to libpq, parameters and all."""
    sent = talk(lambda port: PostgresqlDatabase(f"postgresql://app:pw@127.0.0.1:{port}/d?sslmode=require").connect())
    assert sent.kinds == ["SSLRequest"]


# --- Alembic -------------------------------------------------------------------------------------------------------


def alembic_url(folder: Path, value: str) -> str | None:
    ini = folder / "alembic.ini"
    ini.write_text(f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {value}\n")
    return Config(str(ini)).get_main_option("sqlalchemy.url")


@pytest.mark.parametrize("value", [f"{URL}?options=endpoint%3Dep-x", f"postgresql://app:p%40w@{HOST}/neondb"])
def test_alembic_interpolates_percent_signs(tmp_path: Path, value: str) -> None:
    """Rules: ini-percent-interpolation: the error, and the doubled sign that mends it."""
    with pytest.raises(InterpolationSyntaxError, match=r"'%' must be followed by '%' or '\(', found: '%"):
        alembic_url(tmp_path, value)
    assert alembic_url(tmp_path, value.replace("%", "%%")) == value


def test_alembic_set_main_option_needs_doubled_percent_signs(tmp_path: Path) -> None:
    """Rules: ini-percent-interpolation, migration-over-pooler: env.py must double them too."""
    config = Config(str(tmp_path / "alembic.ini"))
    with pytest.raises(ValueError, match="invalid interpolation syntax"):
        config.set_main_option("sqlalchemy.url", "postgresql://app:p%40w@h/d")
    config.set_main_option("sqlalchemy.url", "postgresql://app:p%%40w@h/d")
    assert config.get_main_option("sqlalchemy.url") == "postgresql://app:p%40w@h/d"


@pytest.mark.parametrize("value", ["${DATABASE_URL}", f"'{URL}'", f"{URL} # pooled", f"{URL} ; pooled"])
def test_alembic_reads_the_rest_of_the_line_as_it_stands(tmp_path: Path, value: str) -> None:
    """Rules: psql-command-as-url, hardcoded-credentials: no quotes, no comments, no environment variables."""
    assert alembic_url(tmp_path, value) == value
