"""What asyncpg does with a DSN, its keyword arguments and the environment. Measured with asyncpg 0.32.0."""

import asyncio
import inspect
import ssl
from pathlib import Path

import asyncpg
import pytest
from drivers.accepts import asyncpg_accepts, asyncpg_parse, asyncpg_startup
from drivers.wire import Sent, closed_port, talk

HOST = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/neondb"
LIBPQ_NAMES = ["channel_binding", "connect_timeout", "application_name", "options", "sslsni", "gssencmode"]
PRISMA_NAMES = ["pgbouncer", "schema", "connection_limit", "pool_timeout"]
ARGUMENT_NAMES = ["timeout", "command_timeout", "statement_cache_size", "search_path", "statement_timeout"]
CLEAR = ["SSLRequest", "StartupMessage", "PasswordMessage"]


def sent_with(query: str = "", *, tls: bytes = b"N", **kwargs: object) -> Sent:
    dsn = "postgresql://app:pw@127.0.0.1:{}/neondb" + query
    return talk(lambda port: asyncio.run(asyncpg.connect(dsn.format(port), **kwargs)), tls=tls)


def error_of(dsn: str, **kwargs: object) -> str:
    with pytest.raises(Exception) as caught:
        asyncpg_parse(dsn, **kwargs)
    return f"{caught.typename}: {caught.value}"


# --- TLS modes -----------------------------------------------------------------------------------------------------


def test_without_sslmode_the_password_goes_in_the_clear_to_a_server_that_refuses_tls() -> None:
    """Rules: sslmode-missing, sslmode-prefer-or-allow."""
    assert sent_with().kinds == CLEAR
    assert sent_with("?sslmode=prefer").kinds == CLEAR


def test_require_stops_when_tls_is_refused() -> None:
    """Rules: sslmode-missing (the fix)."""
    sent = sent_with("?sslmode=require")
    assert sent.kinds == ["SSLRequest"]
    assert "rejected SSL upgrade" in sent.error


@pytest.mark.parametrize("given", ["require", True, ssl.create_default_context()], ids=["require", "True", "context"])
def test_ssl_argument_stops_when_tls_is_refused(given: object) -> None:
    """Rules: sslmode-missing (code may give ``ssl=`` instead)."""
    assert sent_with(ssl=given).kinds == ["SSLRequest"]


def test_ssl_false_and_disable_never_ask_for_tls() -> None:
    """Rules: neon-sslmode-disable."""
    assert sent_with(ssl=False).kinds == ["StartupMessage", "PasswordMessage"]
    assert sent_with("?sslmode=disable").kinds == ["StartupMessage", "PasswordMessage"]


def test_allow_starts_in_the_clear() -> None:
    """Rules: sslmode-prefer-or-allow."""
    assert sent_with("?sslmode=allow").kinds[:2] == ["StartupMessage", "PasswordMessage"]


def test_ssl_in_a_dsn_is_no_tls_setting_but_a_server_parameter() -> None:
    """Rules: sslmode-missing: ``?ssl=require`` is SQLAlchemy's spelling; plain asyncpg stays at prefer."""
    sent = sent_with("?ssl=require")
    assert sent.kinds == CLEAR
    assert sent.startup["ssl"] == "require"


def test_require_encrypts_without_verifying() -> None:
    """Rules: sslmode-require-unauthenticated."""
    _, params = asyncpg_parse(f"{URL}?sslmode=require")
    context = params["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


def test_ssl_true_verifies_with_the_roots_of_the_system() -> None:
    """Rules: verify-without-root (the repair for asyncpg), sslmode-require-unauthenticated."""
    _, params = asyncpg_parse(URL, ssl=True)
    context = params["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_ssl_argument_wins_over_the_dsn() -> None:
    """Rules: sslmode-missing, verify-without-root: a context in code settles the question."""
    context = ssl.create_default_context()
    assert asyncpg_parse(f"{URL}?sslmode=verify-full", ssl=context)[1]["ssl"] is context
    assert sent_with("?sslmode=require", ssl=False).kinds == ["StartupMessage", "PasswordMessage"]


def test_host_name_is_sent_as_sni() -> None:
    """Rules: host-is-ip-or-alias, endpoint-option-redundant."""
    dsn = "postgresql://app:pw@localhost:{}/neondb?sslmode=require"
    sent = talk(lambda port: asyncio.run(asyncpg.connect(dsn.format(port))), tls=b"S")
    assert b"localhost" in sent.hello


# --- root certificates and direct TLS ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_verify_without_a_root_file_fails(mode: str, surroundings: Path) -> None:
    """Rules: verify-without-root; as ``ssl="verify-full"`` too."""
    expected = f'root certificate file "{surroundings}/.postgresql/root.crt" does not exist or cannot be accessed'
    assert f"ClientConfigurationError: {expected}" in error_of(f"{URL}?sslmode={mode}")
    assert f"ClientConfigurationError: {expected}" in error_of(URL, ssl=mode)


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_system_is_a_file_name(mode: str) -> None:
    """Rules: sslrootcert-system-unsupported."""
    assert "No such file or directory" in error_of(f"{URL}?sslmode={mode}&sslrootcert=system")


def test_direct_tls_needs_require() -> None:
    """Rules: direct-tls-client-too-old."""
    expected = "direct TLS requires sslmode=require, verify-ca, or verify-full"
    assert expected in error_of(f"{URL}?sslnegotiation=direct")
    assert sent_with("?sslmode=require&sslnegotiation=direct").kinds == ["ClientHello"]


@pytest.mark.parametrize("value", ["no-verify", "true", "full"])
def test_values_of_sslmode_are_checked(value: str) -> None:
    """Rules: tls-verification-disabled (``no-verify`` is node-postgres' word)."""
    expected = "`sslmode` parameter must be one of: disable, allow, prefer, require, verify-ca, verify-full"
    assert expected in error_of(f"{URL}?sslmode={value}")
    assert expected in error_of(URL, ssl=value)


# --- parameters ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*LIBPQ_NAMES, *PRISMA_NAMES, *ARGUMENT_NAMES])
def test_unknown_dsn_parameters_become_startup_parameters(name: str) -> None:
    """Rules: channel-binding-ineffective, startup-param-silently-dropped, prisma-params-in-libpq-url.

    ``connect_timeout`` among them: it sets no time-out. Postgres and PgBouncer refuse what they do not know.
    """
    asyncpg_accepts(f"{URL}?{name}=1")
    assert asyncpg_startup(f"{URL}?{name}=1")[name] == "1"


@pytest.mark.parametrize("words", ["sslmode=require", "target_session_attrs=any", "sslmode=require&sslrootcert=/x"])
def test_known_dsn_parameters_stay_with_the_driver(words: str) -> None:
    """Rules: sslmode-missing (the fix sends nothing to the server)."""
    assert set(asyncpg_startup(f"{URL}?{words}")) == {"client_encoding", "user", "database"}


@pytest.mark.parametrize(
    "name", ["sslmode", "channel_binding", "connect_timeout", "sslrootcert", "application_name", "options"]
)
def test_libpq_names_are_no_keyword_arguments(name: str) -> None:
    """Rules: channel-binding-breaks-driver, connect-timeout-too-low."""
    with closed_port() as port, pytest.raises(TypeError, match=f"got an unexpected keyword argument '{name}'"):
        asyncio.run(asyncpg.connect(host="127.0.0.1", port=port, **{name: "1"}))


def test_server_settings_are_startup_parameters() -> None:
    """Rules: startup-param-silently-dropped, options-over-pooler."""
    assert sent_with(server_settings={"search_path": "a"}).startup["search_path"] == "a"


def test_defaults() -> None:
    """Rules: connect-timeout-too-low, statement-cache-disabled-needlessly, idle-timeout-over-suspend."""
    connect = inspect.signature(asyncpg.connect).parameters
    assert (connect["timeout"].default, connect["statement_cache_size"].default) == (60, 100)
    pool = inspect.signature(asyncpg.create_pool).parameters
    assert (pool["min_size"].default, pool["max_size"].default) == (10, 10)
    assert pool["max_inactive_connection_lifetime"].default == 300.0


def test_last_of_two_equal_parameters_wins() -> None:
    """Rules: duplicate-query-param."""
    assert sent_with("?sslmode=require&sslmode=disable").kinds == ["StartupMessage", "PasswordMessage"]


def test_a_plus_sign_in_the_query_is_a_space_but_not_in_the_password() -> None:
    """Rules: options-over-pooler, unencoded-userinfo."""
    assert asyncpg_startup(f"{URL}?options=-c+jit%3Doff")["options"] == "-c jit=off"
    assert asyncpg_parse(f"postgresql://app:p+w@{HOST}/neondb")[1]["password"] == "p+w"


# --- shape of the string -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dsn", [f"postgresql+asyncpg{URL[10:]}", f"psql '{URL}'", f"'{URL}'", f"jdbc:{URL}", f"host={HOST} dbname=neondb"]
)
def test_other_schemes_and_keyword_strings_are_refused(dsn: str) -> None:
    """Rules: psql-command-as-url, sqlalchemy-postgres-scheme: an SQLAlchemy URL is no asyncpg DSN."""
    assert 'invalid DSN: scheme is expected to be either "postgresql" or "postgres", got ' in error_of(dsn)


@pytest.mark.parametrize("mark", ["#", "/", "?", "["])
def test_marks_in_a_password_that_are_errors(mark: str) -> None:
    """Rules: unencoded-userinfo."""
    assert error_of(f"postgresql://app:p{mark}w@{HOST}/neondb").startswith("ValueError: ")


def test_at_sign_in_a_password_moves_into_the_host() -> None:
    """Rules: unencoded-userinfo."""
    assert asyncpg_parse(f"postgresql://app:p@w@{HOST}/neondb")[0] == [(f"w@{HOST}", 5432)]


def test_an_encoded_password_is_decoded() -> None:
    """Rules: unencoded-userinfo (the fix)."""
    assert asyncpg_parse(f"postgresql://app:p%40%2F%25@{HOST}/neondb")[1]["password"] == "p@/%"


def test_without_a_database_name_the_role_name_is_asked_for() -> None:
    """Rules: missing-database-name."""
    assert asyncpg_startup(f"postgresql://neondb_owner:pw@{HOST}")["database"] == "neondb_owner"


# --- environment and files -----------------------------------------------------------------------------------------


def test_environment_gives_the_mode_but_not_libpqs_other_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules: pg-env-without-pgsslmode, options-over-pooler, channel-binding-ineffective."""
    for name, value in {"PGCHANNELBINDING": "require", "PGOPTIONS": "-c jit=off", "PGAPPNAME": "a"}.items():
        monkeypatch.setenv(name, value)
    sent = sent_with()
    assert sent.kinds == CLEAR
    assert set(sent.startup) == {"client_encoding", "user", "database"}
    monkeypatch.setenv("PGSSLMODE", "require")
    assert sent_with().kinds == ["SSLRequest"]


def test_service_files_need_a_dsn(surroundings: Path) -> None:
    """Rules: the pg_service.conf generator target."""
    (surroundings / ".pg_service.conf").write_text("[neon]\nhost=127.0.0.1\nport=1\ndbname=neondb\nuser=app\n")
    assert asyncpg_parse("postgresql://?service=neon")[1]["database"] == "neondb"
    assert asyncpg_parse("postgresql://", service="neon")[0] == [("127.0.0.1", 1)]
    assert ("127.0.0.1", 1) not in asyncpg_parse(None, service="neon")[0]
