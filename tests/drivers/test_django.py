"""What Django makes of DATABASES, and what dj-database-url and django-environ make of a URL for it.

Measured with Django 5.2.19 (and 4.2.30, 5.1.15, 6.1.3), dj-database-url 3.1.2, django-environ 0.14.0.
"""

import os
import subprocess
import sys
from itertools import count

import dj_database_url
import django
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from drivers.accepts import dj_database_url_accepts, django_accepts
from drivers.wire import Sent, talk
from environ import Env
from psycopg_pool import ConnectionPool

HOST = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
URL = f"postgres://app:pw@{HOST}/neondb"
ENTRY = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": "neondb",
    "USER": "app",
    "PASSWORD": "pw",
    "HOST": HOST,
}
MISPLACED = ["CONN_MAX_AGE", "CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS", "ATOMIC_REQUESTS"]
_aliases = count()


def wrapper(**entry: object) -> BaseDatabaseWrapper:
    if not settings.configured:
        settings.configure(USE_TZ=True)
    alias = f"test{next(_aliases)}"  # Django keeps one pool per alias for the life of the process
    return ConnectionHandler({"default": {}, alias: {**ENTRY, **entry}})[alias]


def sent_by(**entry: object) -> Sent:
    return talk(lambda port: wrapper(HOST="127.0.0.1", PORT=port, **entry).ensure_connection())


def refusal(**entry: object) -> str:
    with pytest.raises(AssertionError) as caught:
        django_accepts({**ENTRY, **entry})
    return str(caught.value)


# --- Django --------------------------------------------------------------------------------------------------------


def test_without_sslmode_the_password_goes_in_the_clear_to_a_server_that_refuses_tls() -> None:
    """Rules: sslmode-missing; at alias level ``sslmode`` is ignored without a word."""
    clear = ["SSLRequest", "StartupMessage", "PasswordMessage"]
    assert sent_by().kinds == clear
    assert sent_by(sslmode="require", SSLMODE="require").kinds == clear


def test_options_go_to_libpq() -> None:
    """Rules: sslmode-missing, channel-binding-missing, connect-timeout-too-low (what the fixes write)."""
    options = {"sslmode": "require", "channel_binding": "require", "connect_timeout": 15}
    assert options.items() <= wrapper(OPTIONS=options).get_connection_params().items()
    assert sent_by(OPTIONS=options).kinds == ["SSLRequest"]
    django_accepts({**ENTRY, "OPTIONS": options})


@pytest.mark.parametrize("name", MISPLACED)
def test_alias_settings_inside_options_are_unknown_to_libpq(name: str) -> None:
    """Rules: django-setting-in-options."""
    assert wrapper(OPTIONS={name: True}).get_connection_params()[name] is True
    assert f'invalid connection option "{name}"' in refusal(OPTIONS={name: True})
    django_accepts({**ENTRY, name: True})


@pytest.mark.parametrize("name", ["pgbouncer", "ssl", "schema"])
def test_options_that_libpq_does_not_know(name: str) -> None:
    """Rules: prisma-params-in-libpq-url."""
    assert f'invalid connection option "{name}"' in refusal(OPTIONS={name: "true"})


def test_defaults() -> None:
    """Rules: django-persistent-without-healthcheck, django-server-side-cursors (unset, so server-side cursors on)."""
    given = wrapper().settings_dict
    assert (given["CONN_MAX_AGE"], given["CONN_HEALTH_CHECKS"]) == (0, False)
    assert given.get("DISABLE_SERVER_SIDE_CURSORS") is None


def test_max_age_is_a_number() -> None:
    """Rules: django-persistent-without-healthcheck (an environment variable must be converted)."""
    assert "TypeError" in refusal(CONN_MAX_AGE="60")


def test_django_turns_prepared_statements_of_psycopg_off() -> None:
    """Rules: psycopg3-deallocate-over-pooler (silent on Django), also with server_side_binding."""
    for options in ({}, {"server_side_binding": True}):
        assert wrapper(OPTIONS=options).get_connection_params()["prepare_threshold"] is None
    assert wrapper(OPTIONS={"prepare_threshold": 5}).get_connection_params()["prepare_threshold"] == 5


@pytest.mark.skipif(django.VERSION < (5, 1), reason="before Django 5.1 OPTIONS.pool is an unknown option of libpq")
@pytest.mark.parametrize("age", [60, None])
def test_pool_takes_no_persistent_connections(age: int | None) -> None:
    """Rules: django-pool-conflict; found when the first connection is wanted, not at start-up."""
    conflict = wrapper(CONN_MAX_AGE=age, OPTIONS={"pool": True})
    assert conflict.get_connection_params()
    with pytest.raises(ImproperlyConfigured, match=r"^Pooling doesn't support persistent connections\.$"):
        _ = conflict.pool
    assert "Pooling doesn't support persistent connections." in refusal(CONN_MAX_AGE=age, OPTIONS={"pool": True})


@pytest.mark.skipif(django.VERSION < (5, 1), reason="before Django 5.1 OPTIONS.pool is an unknown option of libpq")
def test_pool_is_psycopgs() -> None:
    """Rules: django-pool-conflict, django-persistent-without-healthcheck: CONN_HEALTH_CHECKS becomes the check."""
    pool = wrapper(CONN_MAX_AGE=0, OPTIONS={"pool": True}).pool
    assert (pool.min_size, pool.max_size, pool.timeout, pool.max_idle, pool._check) == (4, 4, 30.0, 600.0, None)
    checked = wrapper(CONN_HEALTH_CHECKS=True, OPTIONS={"pool": {"max_size": 10}}).pool
    assert (checked.max_size, checked._check) == (10, ConnectionPool.check_connection)
    assert "unexpected keyword argument" in refusal(OPTIONS={"pool": {"maxsize": 10}})


@pytest.mark.skipif(django.VERSION < (5, 1), reason="before Django 5.1 OPTIONS.pool is an unknown option of libpq")
def test_pool_needs_psycopg_3() -> None:
    """Rules: django-pool-conflict; in a process of its own, because Django chooses the driver when imported."""
    program = f"""
import sys
sys.modules["psycopg"] = None
from django.conf import settings
settings.configure()
from django.db.utils import ConnectionHandler
ConnectionHandler({{"default": {ENTRY | {"OPTIONS": {"pool": True}}}}})["default"].get_connection_params()
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "ImproperlyConfigured: Database pooling requires psycopg >= 3" in result.stderr


def test_a_missing_name_is_an_error() -> None:
    """Rules: missing-database-name."""
    assert "Please supply the NAME or OPTIONS['service'] value." in refusal(NAME="")


# --- dj-database-url -----------------------------------------------------------------------------------------------


def test_dj_query_parameters_become_options() -> None:
    """Rules: sslmode-missing, channel-binding-missing."""
    parsed = dj_database_url.parse(f"{URL}?sslmode=require&channel_binding=require&connect_timeout=15")
    assert parsed["OPTIONS"] == {"sslmode": "require", "channel_binding": "require", "connect_timeout": 15}
    dj_database_url_accepts(f"{URL}?sslmode=verify-full&sslrootcert=system", conn_max_age=60, conn_health_checks=True)


@pytest.mark.parametrize("name", ["CONN_MAX_AGE", "conn_max_age", "disable_server_side_cursors", "pgbouncer"])
def test_dj_knows_no_alias_settings_in_the_query(name: str) -> None:
    """Rules: django-setting-in-options, prisma-params-in-libpq-url: they are arguments, not query parameters."""
    with pytest.raises(AssertionError, match=f'invalid connection option "{name}"'):
        dj_database_url_accepts(f"{URL}?{name}=60")


def test_dj_arguments_are_alias_settings_and_off_by_default() -> None:
    """Rules: django-persistent-without-healthcheck, django-server-side-cursors."""
    names = ("CONN_MAX_AGE", "CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS")
    plain = dj_database_url.parse(URL)
    assert [plain[name] for name in names] == [0, False, False]  # type: ignore[literal-required]
    given = dj_database_url.parse(URL, conn_max_age=60, conn_health_checks=True, disable_server_side_cursors=True)
    assert [given[name] for name in names] == [60, True, True]  # type: ignore[literal-required]


def test_dj_ssl_require_weakens_verify_full() -> None:
    """Rules: sslmode-require-unauthenticated, sslrootcert-system-weak-mode (then it does not even connect)."""
    parsed = dj_database_url.parse(f"{URL}?sslmode=verify-full&sslrootcert=system", ssl_require=True)
    assert parsed["OPTIONS"]["sslmode"] == "require"
    with pytest.raises(AssertionError, match='weak sslmode "require"'):
        dj_database_url_accepts(f"{URL}?sslmode=verify-full&sslrootcert=system", ssl_require=True)


def test_dj_current_schema_becomes_options() -> None:
    """Rules: options-over-pooler."""
    parsed = dj_database_url.parse(f"{URL}?currentSchema=app")
    assert parsed["OPTIONS"] == {"options": "-c search_path=app"}


@pytest.mark.parametrize("mark", ["#", "/", "?", "[", "]"])
def test_dj_marks_in_a_password_that_are_errors(mark: str) -> None:
    """Rules: unencoded-userinfo."""
    with pytest.raises(ValueError, match="This string is not a valid url"):
        dj_database_url.parse(f"postgres://app:p{mark}w@{HOST}/neondb")


@pytest.mark.parametrize("mark", ["@", ":", "%", " ", "+"])
def test_dj_marks_that_stay_in_a_password(mark: str) -> None:
    """Rules: unencoded-userinfo: unlike libpq it splits at the last ``@``."""
    parsed = dj_database_url.parse(f"postgres://app:p{mark}w@{HOST}/neondb")
    assert (parsed["PASSWORD"], parsed["HOST"]) == (f"p{mark}w", HOST)


def test_dj_knows_no_sqlalchemy_schemes() -> None:
    """Rules: sqlalchemy-postgres-scheme: the fix must not write ``postgresql+psycopg://`` for Django."""
    with pytest.raises(ValueError, match=r"Scheme 'postgresql\+psycopg://' is unknown"):
        dj_database_url.parse(f"postgresql+psycopg{URL[8:]}")


def test_dj_two_equal_parameters_become_a_list_that_libpq_refuses() -> None:
    """Rules: duplicate-query-param."""
    assert dj_database_url.parse(f"{URL}?sslmode=a&sslmode=b")["OPTIONS"] == {"sslmode": ["a", "b"]}
    with pytest.raises(AssertionError, match="invalid sslmode value"):
        dj_database_url_accepts(f"{URL}?sslmode=require&sslmode=require")


def test_dj_config_is_empty_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules: every rule on ``dj_database_url.config``: the default counts only when the variable is unset."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert dj_database_url.config() == {}
    assert dj_database_url.config(default=URL)["HOST"] == HOST
    monkeypatch.setenv("DATABASE_URL", "")
    assert dj_database_url.config(default=URL) == {}


# --- django-environ ------------------------------------------------------------------------------------------------


def test_environ_query_parameters_become_options() -> None:
    """Rules: sslmode-missing, channel-binding-missing."""
    parsed = Env.db_url_config(f"{URL}?sslmode=require&channel_binding=require&connect_timeout=15")
    assert parsed["OPTIONS"] == {"sslmode": "require", "channel_binding": "require", "connect_timeout": 15}
    django_accepts(parsed)


@pytest.mark.parametrize("name", MISPLACED)
def test_environ_lifts_alias_settings_out_of_the_query(name: str) -> None:
    """Rules: django-setting-in-options (silent for env.db), django-server-side-cursors; in any letter case."""
    for spelling in (name, name.lower()):
        parsed = Env.db_url_config(f"{URL}?{spelling}=True")
        assert (parsed[name], parsed["OPTIONS"]) == (True, {})


def test_environ_reads_only_pythons_own_spelling_of_false() -> None:
    """Rules: django-persistent-without-healthcheck, django-server-side-cursors: ``false`` is a true string."""
    assert Env.db_url_config(f"{URL}?CONN_HEALTH_CHECKS=False")["CONN_HEALTH_CHECKS"] is False
    assert Env.db_url_config(f"{URL}?CONN_HEALTH_CHECKS=false")["CONN_HEALTH_CHECKS"] == "false"


def test_environ_takes_the_first_of_two_equal_parameters() -> None:
    """Rules: duplicate-query-param: libpq takes the last."""
    assert Env.db_url_config(f"{URL}?sslmode=verify-full&sslmode=require")["OPTIONS"] == {"sslmode": "verify-full"}


@pytest.mark.parametrize("mark", ["#", "[", "@", ":", "%"])
def test_environ_marks_that_stay_in_a_password(mark: str) -> None:
    """Rules: unencoded-userinfo."""
    parsed = Env.db_url_config(f"postgres://app:p{mark}w@{HOST}/neondb")
    assert (parsed["PASSWORD"], parsed["HOST"]) == (f"p{mark}w", HOST)


@pytest.mark.parametrize("mark", ["/", "?"])
def test_environ_marks_in_a_password_that_are_errors(mark: str) -> None:
    """Rules: unencoded-userinfo, url-logged: the error prints the start of the password."""
    with pytest.raises(ValueError, match="Port could not be cast to integer value as 'p'"):
        Env.db_url_config(f"postgres://app:p{mark}w@{HOST}/neondb")


def test_environ_wants_the_variable() -> None:
    """Rules: every rule on ``env.db``."""
    assert "NEONLINT_NO_SUCH_URL" not in os.environ
    with pytest.raises(ImproperlyConfigured, match="Set the NEONLINT_NO_SUCH_URL environment variable"):
        Env().db("NEONLINT_NO_SUCH_URL")
