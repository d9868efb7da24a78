"""The helpers of this folder: they take what the drivers take, refuse what they refuse, and never print a password."""

import ssl
from collections.abc import Callable

import pytest
from drivers.accepts import (
    asyncpg_accepts,
    asyncpg_startup,
    dj_database_url_accepts,
    django_accepts,
    libpq_accepts,
    sqlalchemy_accepts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/neondb"
SAFE = "sslmode=require&channel_binding=require"
ENTRY = {"ENGINE": "django.db.backends.postgresql", "NAME": "neondb", "USER": "app", "PASSWORD": "pw", "HOST": HOST}

Accepts = Callable[[str], None]
url_helpers = pytest.mark.parametrize(
    "accepts", [libpq_accepts, asyncpg_accepts, sqlalchemy_accepts, dj_database_url_accepts]
)


@url_helpers
def test_every_helper_takes_the_url_that_the_console_shows(accepts: Accepts) -> None:
    """The string itself, and without its query."""
    accepts(f"{URL}?{SAFE}")
    accepts(URL)


@url_helpers
def test_every_helper_refuses_a_psql_command(accepts: Accepts) -> None:
    """One thing that nobody takes."""
    with pytest.raises(AssertionError, match="refuses this connection"):
        accepts(f"psql '{URL}'")


def test_libpq_accepts_keyword_strings_and_several_hosts() -> None:
    """Hosts are replaced one by one, ports are kept and looked at."""
    libpq_accepts(f"host={HOST},localhost port=5432,5433 user=app sslmode=require service=neon")
    with pytest.raises(AssertionError, match="invalid integer value"):
        libpq_accepts(f"host={HOST} port=five")


def test_libpq_accepts_looks_at_values() -> None:
    """Not only at names."""
    for words in ("sslmode=no-verify", "sslmode=require&sslrootcert=system", "connect_timeout=soon"):
        with pytest.raises(AssertionError, match=r"sslmode|connect_timeout"):
            libpq_accepts(f"{URL}?{words}")


def test_asyncpg_startup_shows_what_the_server_would_get() -> None:
    """TLS parameters stay with the driver, the others travel."""
    sent = asyncpg_startup(f"{URL}?{SAFE}&sslnegotiation=direct")
    assert sent == {"client_encoding": "'utf-8'", "user": "app", "database": "neondb", "channel_binding": "require"}
    with pytest.raises(AssertionError, match="asyncpg refuses"):
        asyncpg_startup(f"postgresql+asyncpg{URL[10:]}")


def test_sqlalchemy_accepts_merges_connect_args() -> None:
    """For both kinds of engine."""
    sqlalchemy_accepts(f"postgresql+asyncpg{URL[10:]}", {"ssl": ssl.create_default_context(), "timeout": 15})
    sqlalchemy_accepts(f"postgresql+psycopg{URL[10:]}?{SAFE}", asynchronous=True)
    with pytest.raises(AssertionError, match="The loaded 'psycopg2' is not async"):
        sqlalchemy_accepts(f"postgresql+psycopg2{URL[10:]}", asynchronous=True)
    with pytest.raises(AssertionError, match="ssl_context is not an SSLContext"):
        sqlalchemy_accepts(f"postgresql+pg8000{URL[10:]}?ssl_context=true")


def test_django_accepts_only_postgres() -> None:
    """Another engine is a mistake in the example, not a success."""
    django_accepts({**ENTRY, "OPTIONS": {"sslmode": "require", "connect_timeout": 15, "pool": True}})
    with pytest.raises(AssertionError, match="ENGINE is not PostgreSQL"):
        django_accepts({**ENTRY, "ENGINE": "django.db.backends.sqlite3"})


def test_helpers_ignore_the_variables_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PGSSLMODE or PGHOSTADDR of the developer changes nothing, and is back afterwards."""
    monkeypatch.setenv("PGSSLMODE", "nonsense")
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    for accepts in (libpq_accepts, asyncpg_accepts, sqlalchemy_accepts, dj_database_url_accepts):
        accepts(URL)
    with pytest.raises(AssertionError, match="nonsense"):
        libpq_accepts(f"{URL}?sslmode=nonsense")


@settings(deadline=None)  # the first example of a driver waits for its imports
@given(
    accepts=st.sampled_from([libpq_accepts, asyncpg_accepts, sqlalchemy_accepts, dj_database_url_accepts]),
    password=st.text("JZ0@:/?#[]%&=+$ '\"\\", min_size=1, max_size=12),
    dsn=st.sampled_from(
        [
            "postgresql://app:{}@host/neondb?sslmode=wrong&nonsense=1",
            "postgres://app:{}@host/neondb?sslmode=wrong",
            "'postgresql://app:{}@host/neondb'",
            "host=host password={} nonsense=1",
            "host=host password='{}' nonsense=1",
        ]
    ),
)
def test_refusals_never_print_the_password(accepts: Accepts, password: str, dsn: str) -> None:
    """Whatever the drivers quote: the letters of these passwords occur in no other part of the messages."""
    try:
        accepts(dsn.format(password))
    except AssertionError as refusal:
        assert not set("JZ") & set(str(refusal))


def test_refusals_name_the_parameter() -> None:
    """What is public is shown."""
    with pytest.raises(AssertionError) as caught:
        libpq_accepts(f"{URL}?pgbouncer=true")
    assert str(caught.value).endswith('invalid URI query parameter: "pgbouncer"')
