"""Does a driver accept this connection? Asks the driver's own code, as far as it goes without a server.

Knows the Python drivers, nothing of neonlint. Resolves no name and reaches no network: the host is replaced by a
socket directory that does not exist, or by a loopback port that refuses, so an absurd host name passes. Each
``…_accepts`` returns None, or raises AssertionError with a text that holds no part of the password.
"""

import asyncio
import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from itertools import count
from typing import TypeVar
from unittest.mock import patch

import asyncpg
import dj_database_url
import psycopg
import psycopg2
from asyncpg import connect_utils
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from drivers.wire import closed_port, talk
from psycopg.abc import ConnDict
from psycopg.conninfo import conninfo_to_dict, make_conninfo, timeout_from_conninfo
from psycopg2.extensions import parse_dsn
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.ext.asyncio import create_async_engine

T = TypeVar("T")
NOWHERE = "/neonlint-no-such-directory"
ELSEWHERE = ("host", "hostaddr", "port", "service", "servicefile")  # would lead away from the loopback
SECRET = {"password", "passwd", "pwd", "sslpassword", "passfile"}
HARMLESS = {"=", "prefer", "require", "verify-ca", "verify-full", "service", "str", "int", "float", "psycopg2"}
_aliases = count()


def libpq_accepts(dsn: str) -> None:
    """A libpq URI or keyword string: both bundled libpqs parse it and take its values (``sslmode=bogus`` fails)."""
    with _without_pg_variables():
        _check("libpq", dsn, lambda: parse_dsn(dsn))
        params = _check("libpq", dsn, lambda: conninfo_to_dict(dsn))
        _check("libpq", dsn, lambda: timeout_from_conninfo(params))
        conninfo = make_conninfo("", **_led_nowhere(params))
        reason = psycopg.pq.PGconn.connect(conninfo.encode()).get_error_message()
    if NOWHERE not in reason:
        raise _refusal("libpq", dsn, reason)


def asyncpg_accepts(dsn: str, **kwargs: object) -> None:
    """A DSN for ``asyncpg.connect``. Parameters that asyncpg does not know pass: see `asyncpg_startup`."""
    with _without_pg_variables(), closed_port() as port:
        text = _with_names(dsn, kwargs)
        _check("asyncpg", text, lambda: asyncpg_parse(dsn, **kwargs))
        _check_refused("asyncpg", text, lambda: _asyncpg_connect(dsn, port, **kwargs))


def asyncpg_parse(dsn: str | None, **kwargs: object) -> tuple[list[tuple[str, int]], dict[str, object]]:
    """The addresses and parameters that ``asyncpg.connect`` finds in a DSN and in those arguments it resolves with it.

    asyncpg has no public way to parse a DSN without connecting.
    """
    parser = connect_utils._parse_connect_dsn_and_args
    names = [name for name in signature(parser).parameters if name != "dsn"]
    addresses, params = parser(dsn=dsn, **{name: kwargs.get(name) for name in names})
    return addresses, params._asdict()


def asyncpg_startup(dsn: str) -> dict[str, str]:
    """The parameters that ``asyncpg.connect(dsn)`` hands to the server; Postgres refuses those it does not know."""
    with _without_pg_variables():
        sent = talk(lambda port: _asyncpg_connect(dsn, port, ssl=False, direct_tls=False))
    if not sent.startup:
        raise _refusal("asyncpg", dsn, sent.error)
    return sent.startup


def sqlalchemy_accepts(
    url: str, connect_args: Mapping[str, object] | None = None, *, asynchronous: bool = False
) -> None:
    """A URL and ``connect_args`` for ``create_engine``, or for ``create_async_engine`` (always, if the driver is)."""
    args = dict(connect_args or {})
    text = _with_names(url, args)
    with _without_pg_variables(), closed_port() as port:
        parsed = _check("SQLAlchemy", text, lambda: make_url(url))
        here = parsed.set(host="127.0.0.1", port=port).difference_update_query(ELSEWHERE)
        dialect = _check("SQLAlchemy", text, here.get_dialect)()
        _, params = _check("SQLAlchemy", text, lambda: dialect.create_connect_args(here))
        _check("SQLAlchemy", text, lambda: _check_ssl_context({**params, **args}))
        connect = _connect_async if asynchronous or dialect.is_async else _connect_sync
        _check_refused("SQLAlchemy", text, lambda: connect(here, args))


def dj_database_url_accepts(url: str, **kwargs: object) -> None:
    """A URL and the arguments of ``dj_database_url.parse``, and what comes out for Django."""
    text = _with_names(url, kwargs)
    django_accepts(_check("dj-database-url", text, lambda: dj_database_url.parse(url, **kwargs)))  # type: ignore[arg-type]


def django_accepts(settings_dict: Mapping[str, object]) -> None:
    """One entry of Django's ``DATABASES``: its parameters, its pool, and libpq's view of its OPTIONS."""
    if not settings.configured:
        settings.configure(USE_TZ=True)
    options = settings_dict.get("OPTIONS") or {}
    assert isinstance(options, Mapping)
    text = " ".join(f"{name}={value}" for name, value in options.items())
    with _without_pg_variables(), closed_port() as port:
        wrapper = _check("Django", text, lambda: _django_wrapper(settings_dict, options, port))
        _check("Django", text, wrapper.get_connection_params)
        _check("Django", text, lambda: getattr(wrapper, "pool", None))  # Django 5.1 and later
        wrapper.settings_dict["OPTIONS"].pop("pool", None)  # a pool would retry for half a minute
        _check_refused("Django", text, wrapper.ensure_connection)


def _led_nowhere(params: ConnDict) -> ConnDict:
    """The same parameters with each host replaced by the directory; an empty hostaddr keeps libpq from another."""
    hosts = str(params.get("host") or params.get("hostaddr") or "").count(",") + 1
    kept = {name: value for name, value in params.items() if name not in ELSEWHERE or name == "port"}
    return {**kept, "host": ",".join([NOWHERE] * hosts), "hostaddr": ""}


def _asyncpg_connect(dsn: str, port: int, **kwargs: object) -> None:
    asyncio.run(asyncpg.connect(dsn, host="127.0.0.1", port=port, **kwargs))


def _connect_sync(url: URL, connect_args: dict[str, object]) -> None:
    create_engine(url, connect_args=connect_args).connect()


def _connect_async(url: URL, connect_args: dict[str, object]) -> None:
    async def connect() -> None:
        async with create_async_engine(url, connect_args=connect_args).connect():
            pass

    asyncio.run(connect())


def _check_ssl_context(params: Mapping[str, object]) -> None:
    """Judge what pg8000 looks at only once a server has answered."""
    if not isinstance(params.get("ssl_context"), ssl.SSLContext | bool | None):
        raise TypeError("ssl_context is not an SSLContext")


def _django_wrapper(entry: Mapping[str, object], options: Mapping[str, object], port: int) -> BaseDatabaseWrapper:
    alias = f"neonlint{next(_aliases)}"  # Django keeps one pool per alias for the life of the process
    kept = {name: value for name, value in options.items() if name not in ELSEWHERE}
    here = {**entry, "HOST": "127.0.0.1", "PORT": port, "OPTIONS": kept}
    wrapper: BaseDatabaseWrapper = ConnectionHandler({"default": {}, alias: here})[alias]
    if wrapper.vendor != "postgresql":
        raise ValueError("ENGINE is not PostgreSQL")
    return wrapper


def _check_refused(driver: str, text: str, connect: Callable[[], object]) -> None:
    """The driver came as far as the closed port, so it had accepted everything before."""
    try:
        connect()
    except Exception as error:
        if not any(map(_is_refused_connection, _causes(error))):
            raise _refusal(driver, text, f"{type(error).__name__}: {error}") from None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_refused_connection(error: BaseException) -> bool:
    libpq = isinstance(error, psycopg.OperationalError | psycopg2.OperationalError)
    return isinstance(error, ConnectionRefusedError) or (libpq and "Connection refused" in str(error))


def _check(driver: str, text: str, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Exception as error:
        raise _refusal(driver, text, f"{type(error).__name__}: {error}") from None


def _with_names(text: str, arguments: Mapping[str, object]) -> str:
    return " ".join([text, *(f"{name}=" for name in arguments)])


def _refusal(driver: str, text: str, reason: str) -> AssertionError:
    """Drivers quote what they could not read, which may be a piece of the password: show only words known public."""
    tail = text.rpartition("@")[2] if "://" in text else text
    pairs = re.findall(r"(\w+)\s*=\s*([^&\s]*)", tail)
    public = HARMLESS.union(word for name, value in pairs if name.lower() not in SECRET for word in (name, value))
    if {"'", '"'} & set(text):  # quotes inside a quotation: nobody can tell where it ends
        shown = re.sub(r"""["'].*["']""", "***", reason, flags=re.DOTALL)
    else:
        shown = re.sub(r"""(["'])(.*?)\1""", lambda found: found[0] if found[2] in public else "***", reason)
    return AssertionError(f"{driver} refuses this connection: {shown.strip()}")


@contextmanager
def _without_pg_variables() -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with patch.dict(os.environ, kept, clear=True):
        yield
