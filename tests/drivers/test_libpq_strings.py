"""How libpq reads a URI, a keyword string, a service file and a password file, through psycopg2 and psycopg 3.

Measured with psycopg2-binary 2.9.13 (libpq 17) and psycopg-binary 3.3.9 (libpq 18).
"""

import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import psycopg2
import pytest
from drivers.wire import closed_port, talk
from psycopg.conninfo import conninfo_to_dict
from psycopg2.extensions import parse_dsn

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/neondb"
HERE = "host=127.0.0.1 user=app password=pw dbname=neondb"
PRISMA = ["pgbouncer", "connection_limit", "pool_timeout", "schema", "sslaccept", "socket_timeout"]
FOREIGN = ["channelBinding", "uselibpqcompat", "currentSchema", "search_path", "statement_timeout", "SSLMODE"]

Connect = Callable[[str], object]
Parse = Callable[[str], dict[str, str]]

both = pytest.mark.parametrize("connect", [psycopg.connect, psycopg2.connect], ids=["psycopg", "psycopg2"])
parsers = pytest.mark.parametrize("parse", [conninfo_to_dict, parse_dsn], ids=["psycopg", "psycopg2"])


def error_of(ask: Callable[[str], object], dsn: str) -> str:
    with pytest.raises((psycopg.Error, psycopg2.Error)) as caught:
        ask(dsn)
    return str(caught.value)


# --- parameters ----------------------------------------------------------------------------------------------------


@parsers
@pytest.mark.parametrize(
    "words",
    [
        "sslmode=require&channel_binding=require",
        "sslmode=verify-full&sslrootcert=system",
        "sslmode=require&sslnegotiation=direct",
        "connect_timeout=15&application_name=neonlint",
        "options=endpoint%3Dep-cool-rain-a1b2c3d4",
        "target_session_attrs=read-write",
        "sslsni=1&sslcertmode=disable&require_auth=scram-sha-256",
        "keepalives=1&keepalives_idle=60&load_balance_hosts=disable",
    ],
)
def test_uri_parameters_that_libpq_takes(parse: Parse, words: str) -> None:
    """Rules: sslmode-missing, channel-binding-missing, connect-timeout-too-low: what their fixes write."""
    assert {word.partition("=")[0] for word in words.split("&")} <= set(parse(f"{URL}?{words}"))


@parsers
@pytest.mark.parametrize("name", [*PRISMA, *FOREIGN])
def test_parameters_that_libpq_does_not_know(parse: Parse, name: str) -> None:
    """Rules: prisma-params-in-libpq-url, jdbc-snake-case-params; names are case-sensitive."""
    assert f'invalid URI query parameter: "{name}"' in error_of(parse, f"{URL}?{name}=1")
    assert f'invalid connection option "{name}"' in error_of(parse, f"host={HOST} {name}=1")


@parsers
def test_ssl_true_is_sslmode_require_only_in_a_uri(parse: Parse) -> None:
    """Rules: sslmode-missing (``?ssl=true`` is not missing for libpq), prisma-params-in-libpq-url."""
    assert parse(f"{URL}?ssl=true")["sslmode"] == "require"
    assert 'invalid URI query parameter: "ssl"' in error_of(parse, f"{URL}?ssl=require")
    assert 'invalid connection option "ssl"' in error_of(parse, f"host={HOST} ssl=true")


@both
@pytest.mark.parametrize("value", ["no-verify", "verify_full", "true", "REQUIRE", "require&channel_binding=require"])
def test_values_of_sslmode_are_checked_when_connecting(connect: Connect, value: str) -> None:
    """Rules: ampersand-in-keyword-dsn, tls-verification-disabled (``no-verify`` is node-postgres' word)."""
    assert conninfo_to_dict(f"{HERE} sslmode={value}")["sslmode"] == value
    assert f'invalid sslmode value: "{value}"' in error_of(connect, f"{HERE} sslmode={value}")


@both
@pytest.mark.parametrize("name", ["channel_binding", "target_session_attrs", "sslnegotiation"])
def test_values_of_other_closed_parameters_are_checked_too(connect: Connect, name: str) -> None:
    """Rules: channel-binding-missing (``channel_binding=true`` is an error)."""
    assert f'invalid {name} value: "true"' in error_of(connect, f"{HERE} {name}=true")


@both
def test_connect_timeout_is_a_whole_number_of_seconds(connect: Connect) -> None:
    """Rules: connect-timeout-too-low."""
    with closed_port() as port:
        assert "connect_timeout" in error_of(connect, f"{HERE} port={port} connect_timeout=15s")
        assert "Connection refused" in error_of(connect, f"{HERE} port={port} connect_timeout=15")


@parsers
def test_last_of_two_equal_parameters_wins(parse: Parse) -> None:
    """Rules: duplicate-query-param."""
    assert parse(f"{URL}?sslmode=verify-full&sslmode=require")["sslmode"] == "require"


@parsers
def test_options_in_a_uri_need_an_encoded_equals_sign_and_a_percent_20(parse: Parse) -> None:
    """Rules: options-over-pooler, endpoint-option-mismatch, deprecated-project-option: a plus sign stays a plus."""
    assert 'extra key/value separator "="' in error_of(parse, f"{URL}?options=endpoint=ep-x")
    assert parse(f"{URL}?options=-c%20jit%3Doff")["options"] == "-c jit=off"
    assert parse(f"{URL}?options=-c+jit%3Doff")["options"] == "-c+jit=off"


# --- shape of the string -------------------------------------------------------------------------------------------


@parsers
@pytest.mark.parametrize(
    "dsn",
    [f"psql '{URL}'", f"'{URL}'", f'"{URL}"', f" {URL}", f"jdbc:{URL}", f"postgresql+psycopg{URL[10:]}", URL.upper()],
)
def test_strings_that_are_no_uri_are_read_as_keywords_and_fail(parse: Parse, dsn: str) -> None:
    """Rules: psql-command-as-url, jdbc-userinfo, sqlalchemy-postgres-scheme."""
    assert 'missing "=" after "' in error_of(parse, dsn)


@parsers
def test_both_schemes_are_libpqs(parse: Parse) -> None:
    """Rules: sqlalchemy-postgres-scheme (the fix does not hurt libpq)."""
    assert parse(URL) == parse(URL.replace("postgresql://", "postgres://"))


@parsers
def test_ampersand_instead_of_question_mark_joins_the_database_name(parse: Parse) -> None:
    """Rules: url-missing-question-mark."""
    assert parse(f"{URL}&sslmode=require")["dbname"] == "neondb&sslmode=require"


@parsers
def test_at_sign_stays_in_the_host(parse: Parse) -> None:
    """Rules: at-sign-in-host."""
    assert parse(f"host=@{HOST} dbname=neondb")["host"] == f"@{HOST}"


@both
def test_without_a_database_name_the_role_name_is_asked_for(connect: Connect) -> None:
    """Rules: missing-database-name."""
    sent = talk(lambda port: connect(f"postgresql://neondb_owner:pw@127.0.0.1:{port}"))
    assert sent.startup == {"user": "neondb_owner", "database": "neondb_owner"}


@parsers
@pytest.mark.parametrize("mark", ["#", "?", "[", "]", ":", "$", "&"])
def test_marks_that_libpq_leaves_in_a_password(parse: Parse, mark: str) -> None:
    """Rules: unencoded-userinfo (other parsers mis-split these)."""
    assert parse(f"postgresql://app:p{mark}w@{HOST}/neondb")["password"] == f"p{mark}w"


@parsers
def test_marks_that_split_a_password_in_the_wrong_place(parse: Parse) -> None:
    """Rules: unencoded-userinfo."""
    assert parse(f"postgresql://app:p@w@{HOST}/neondb")["host"] == f"w@{HOST}"
    assert parse(f"postgresql://app:p/w@{HOST}/neondb")["port"] == "p"


@parsers
def test_a_raw_percent_sign_is_an_error_that_prints_the_password(parse: Parse) -> None:
    """Rules: unencoded-userinfo, url-logged: driver errors are not safe to log."""
    assert 'invalid percent-encoded token: "p%w"' in error_of(parse, f"postgresql://app:p%w@{HOST}/neondb")


@parsers
def test_an_encoded_password_is_decoded(parse: Parse) -> None:
    """Rules: unencoded-userinfo (the fix); a plus sign is a plus sign."""
    assert parse(f"postgresql://app:p%40%2F%25%20w+@{HOST}/neondb")["password"] == "p@/% w+"


# --- service and password files ------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("line", ["sslmode = require", "pgbouncer=true"])
def test_service_files_take_no_spaces_and_no_unknown_words(connect: Connect, line: str, surroundings: Path) -> None:
    """Rules: the pg_service.conf generator target, prisma-params-in-libpq-url."""
    service = surroundings / ".pg_service.conf"
    service.write_text(f"[neon]\nhost=127.0.0.1\n{line}\n")
    assert f'syntax error in service file "{service}", line 3' in error_of(connect, "service=neon")


@both
def test_service_files_keep_quotes(connect: Connect, surroundings: Path) -> None:
    """Rules: the pg_service.conf generator target."""
    (surroundings / ".pg_service.conf").write_text("[neon]\nhost=127.0.0.1\nsslmode='require'\n")
    assert "invalid sslmode value: \"'require'\"" in error_of(connect, "service=neon")


@both
@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
@pytest.mark.parametrize(("mode", "used"), [(0o600, True), (0o640, False)])
def test_password_files_are_read_only_if_private(connect: Connect, mode: int, used: bool, surroundings: Path) -> None:
    """Rules: the .pgpass generator target."""
    passfile = surroundings / ".pgpass"
    passfile.write_text("127.0.0.1:*:neondb:app:pw\n")
    passfile.chmod(mode)
    sent = talk(lambda port: connect(f"host=127.0.0.1 port={port} user=app dbname=neondb"))
    assert ("PasswordMessage" in sent.kinds) is used


@both
def test_password_files_match_the_host_as_spelled(connect: Connect, surroundings: Path) -> None:
    """Rules: the .pgpass generator target (one line for the pooled, one for the direct name)."""
    passfile = surroundings / ".pgpass"
    passfile.write_text(f"{HOST}:*:neondb:app:pw\n")
    passfile.chmod(0o600)
    sent = talk(lambda port: connect(f"host={HOST} hostaddr=127.0.0.1 port={port} user=app dbname=neondb"))
    assert "PasswordMessage" in sent.kinds
    sent = talk(lambda port: connect(f"host=127.0.0.1 port={port} user=app dbname=neondb"))
    assert "PasswordMessage" not in sent.kinds
