"""What libpq does when it connects, seen through psycopg2 and psycopg 3: TLS modes, root certificates, SNI, statements.

Measured with psycopg2-binary 2.9.13 (libpq 17) and psycopg-binary 3.3.9 (libpq 18).
"""

from collections.abc import Callable
from ctypes import CDLL, c_char_p
from inspect import signature
from pathlib import Path

import psycopg
import psycopg2
import pytest
from drivers.wire import Sent, talk
from psycopg import capabilities, pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg2.extensions import cursor

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/neondb"
HERE = "host=127.0.0.1 user=app password=pw dbname=neondb"

Connect = Callable[[str], object]

both = pytest.mark.parametrize("connect", [psycopg.connect, psycopg2.connect], ids=["psycopg", "psycopg2"])


def sent_with(connect: Connect, words: str, *, tls: bytes = b"N") -> Sent:
    return talk(lambda port: connect(f"{HERE} port={port} {words}"), tls=tls)


def error_of(connect: Connect, dsn: str) -> str:
    with pytest.raises((psycopg.Error, psycopg2.Error)) as caught:
        connect(dsn)
    return str(caught.value)


# --- TLS modes -----------------------------------------------------------------------------------------------------


@both
def test_without_sslmode_the_password_goes_in_the_clear_to_a_server_that_refuses_tls(connect: Connect) -> None:
    """Rules: sslmode-missing, sslmode-prefer-or-allow, pg-env-without-pgsslmode, gui-prefer."""
    assert sent_with(connect, "").kinds == ["SSLRequest", "StartupMessage", "PasswordMessage"]
    assert sent_with(connect, "sslmode=prefer").kinds == ["SSLRequest", "StartupMessage", "PasswordMessage"]


@both
def test_allow_starts_in_the_clear(connect: Connect) -> None:
    """Rules: sslmode-prefer-or-allow."""
    assert sent_with(connect, "sslmode=allow").kinds[:2] == ["StartupMessage", "PasswordMessage"]


@both
def test_disable_never_asks_for_tls(connect: Connect) -> None:
    """Rules: neon-sslmode-disable."""
    assert sent_with(connect, "sslmode=disable").kinds == ["StartupMessage", "PasswordMessage"]


@both
@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_require_and_verify_stop_when_tls_is_refused(connect: Connect, mode: str) -> None:
    """Rules: sslmode-missing, sslmode-prefer-or-allow, neon-sslmode-disable (what their fixes gain)."""
    sent = sent_with(connect, f"sslmode={mode}")
    assert sent.kinds == ["SSLRequest"]
    assert "server does not support SSL, but SSL was required" in sent.error


@both
def test_channel_binding_require_keeps_the_password_from_a_server_without_tls(connect: Connect) -> None:
    """Rules: channel-binding-missing, sslmode-require-unauthenticated, channel-binding-with-password-hack."""
    sent = sent_with(connect, "channel_binding=require")
    assert sent.kinds == ["SSLRequest", "StartupMessage"]
    assert "channel binding required" in sent.error


@both
def test_channel_binding_is_no_startup_parameter(connect: Connect) -> None:
    """Rules: channel-binding-missing, startup-param-silently-dropped."""
    sent = sent_with(connect, "channel_binding=prefer connect_timeout=15 application_name=x options='-c jit=off'")
    assert sent.startup == {"user": "app", "database": "neondb", "application_name": "x", "options": "-c jit=off"}


@both
def test_environment_gives_the_mode_that_the_url_leaves_out(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules: pg-env-without-pgsslmode, sslmode-missing; a mode in the URL wins over the variable."""
    monkeypatch.setenv("PGSSLMODE", "require")
    assert sent_with(connect, "").kinds == ["SSLRequest"]
    assert sent_with(connect, "sslmode=disable").kinds == ["StartupMessage", "PasswordMessage"]


@both
def test_environment_gives_channel_binding(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules: pg-env-without-pgsslmode, laravel-prefer (PGCHANNELBINDING in the process works)."""
    monkeypatch.setenv("PGCHANNELBINDING", "require")
    assert "PasswordMessage" not in sent_with(connect, "").kinds


# --- root certificates ---------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_verify_without_a_root_file_fails(connect: Connect, mode: str, surroundings: Path) -> None:
    """Rules: verify-without-root."""
    sent = sent_with(connect, f"sslmode={mode}", tls=b"S")
    assert f'root certificate file "{surroundings}/.postgresql/root.crt" does not exist' in sent.error
    assert "use the system's trusted roots with sslrootcert=system" in sent.error


@both
def test_require_needs_no_root_file_and_ignores_a_missing_one(connect: Connect) -> None:
    """Rules: sslmode-require-unauthenticated, sslrootcert-bad-path: a wrong path silently means no verification."""
    assert sent_with(connect, "sslmode=require", tls=b"S").kinds == ["SSLRequest", "ClientHello"]
    sent = sent_with(connect, "sslmode=require sslrootcert=/no/such/file", tls=b"S")
    assert sent.kinds == ["SSLRequest", "ClientHello"]


@both
def test_verify_full_with_a_missing_root_file_fails(connect: Connect) -> None:
    """Rules: sslrootcert-bad-path."""
    sent = sent_with(connect, "sslmode=verify-full sslrootcert=/no/such/file", tls=b"S")
    assert 'root certificate file "/no/such/file" does not exist' in sent.error


@both
def test_system_roots_need_no_file(connect: Connect) -> None:
    """Rules: verify-without-root (the repair), sslrootcert-system-no-bundle (a missing bundle shows only later)."""
    sent = sent_with(connect, "sslmode=verify-full sslrootcert=system", tls=b"S")
    assert sent.kinds == ["SSLRequest", "ClientHello"]


@pytest.mark.parametrize("wheel", ["psycopg_binary", "psycopg2_binary"])
def test_wheels_look_for_the_system_roots_where_none_are(wheel: str) -> None:
    """Rules: verify-without-root, sslrootcert-system-no-bundle: with these wheels ``system`` needs SSL_CERT_FILE.

    The OpenSSL inside the Linux wheels kept the folder of the machine it was built on.
    """
    folder = Path(psycopg.__file__).parents[1] / f"{wheel}.libs"
    found = list(folder.glob("libcrypto*"))
    if not found:
        pytest.skip(f"{wheel} is not installed from a Linux wheel")
    default_cert_file = CDLL(str(found[0])).X509_get_default_cert_file
    default_cert_file.restype = c_char_p
    assert not Path(default_cert_file().decode()).exists()


@both
def test_system_roots_alone_mean_verify_full(connect: Connect) -> None:
    """Rules: sslrootcert-system-weak-mode, sslmode-missing (not missing when sslrootcert=system stands there)."""
    assert sent_with(connect, "sslrootcert=system").kinds == ["SSLRequest"]


@both
@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_system_roots_with_a_weaker_mode_are_an_error(connect: Connect, mode: str) -> None:
    """Rules: sslrootcert-system-weak-mode."""
    expected = f'weak sslmode "{mode}" may not be used with sslrootcert=system (use "verify-full")'
    assert expected in error_of(connect, f"{HERE} sslmode={mode} sslrootcert=system")


# --- direct TLS and SNI --------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(("words", "mode"), [("", "prefer"), ("sslmode=disable", "disable")])
def test_direct_tls_needs_require(connect: Connect, words: str, mode: str) -> None:
    """Rules: direct-tls-client-too-old, sslmode-missing (adding sslnegotiation alone breaks the connection)."""
    expected = (
        f'weak sslmode "{mode}" may not be used with sslnegotiation=direct '
        '(use "require", "verify-ca", or "verify-full")'
    )
    assert expected in error_of(connect, f"{HERE} {words} sslnegotiation=direct")


@both
def test_direct_tls_says_hello_first(connect: Connect) -> None:
    """Rules: direct-tls-client-too-old."""
    assert sent_with(connect, "sslmode=require sslnegotiation=direct").kinds == ["ClientHello"]


@both
def test_host_name_is_sent_as_sni_and_hostaddr_does_not_hide_it(connect: Connect) -> None:
    """Rules: host-is-ip-or-alias, driver-too-old-for-sni, endpoint-option-redundant."""
    sent = talk(lambda port: connect(f"host={HOST} hostaddr=127.0.0.1 port={port} sslmode=require"), tls=b"S")
    assert HOST.encode() in sent.hello


@both
@pytest.mark.parametrize("words", [f"host={HOST} hostaddr=127.0.0.1 sslsni=0", "host=127.0.0.1"])
def test_no_sni_with_sslsni_0_or_an_address_as_host(connect: Connect, words: str) -> None:
    """Rules: sni-disabled, host-is-ip-or-alias."""
    sent = talk(lambda port: connect(f"{words} port={port} sslmode=require"), tls=b"S")
    assert sent.kinds == ["SSLRequest", "ClientHello"]
    assert HOST.encode() not in sent.hello
    assert b"127.0.0.1" not in sent.hello


# --- psycopg 3 and psycopg2 apart ----------------------------------------------------------------------------------


def test_psycopg_prepares_after_five_executions() -> None:
    """Rules: psycopg3-deallocate-over-pooler."""
    for kind in (psycopg.Connection, psycopg.AsyncConnection):
        assert signature(kind.connect).parameters["prepare_threshold"].default == 5


def test_psycopg_closes_statements_by_protocol_from_libpq_17() -> None:
    """Rules: psycopg3-deallocate-over-pooler (older libpqs send an SQL DEALLOCATE, which PgBouncer does not map)."""
    assert capabilities.has_send_close_prepared() is (pq.version() >= 170000)


def test_psycopg2_cannot_prepare() -> None:
    """Rules: psycopg2-prepare-kwarg."""
    assert cursor.execute.__doc__.startswith("execute(query, vars=None)")
    assert "prepare" in signature(psycopg.Cursor.execute).parameters


def test_psycopg_keyword_arguments_win_over_the_url() -> None:
    """Rules: connect-timeout-too-low, sslmode-missing (code may say what the URL does not)."""
    merged = conninfo_to_dict(make_conninfo(f"{URL}?sslmode=require", sslmode="verify-full", connect_timeout=15))
    assert (merged["sslmode"], merged["connect_timeout"]) == ("verify-full", "15")
