"""What postgres.js sends when it connects, and whom it believes.

Measured with postgres 3.3.5, 3.4.7, 3.4.8 and 3.4.9.
"""

from collections.abc import Callable

import pytest
from drivers.wire import ASK_SASL, Sent, talk
from node.conftest import HOST, Certificate
from node.npm import Npm

pytestmark = pytest.mark.node

CLEAR = ["StartupMessage", "PasswordMessage"]
BELIEVED = ["SSLRequest", "TLS", "StartupMessage", "PasswordMessage"]
SELF_SIGNED = "Refused: self-signed certificate"


def connecting(
    npm: Npm, query: str = "", module: str = "postgres", env: dict[str, str] | None = None, **config: object
) -> Callable[[int], None]:
    def connect(port: int) -> None:
        url = f"postgresql://app:pw@{HOST}:{port}/neondb{query}"
        npm.connect("postgres", {"module": module, "url": url, "config": config}, **(env or {}))

    return connect


def verified(sent: Sent) -> bool:
    return "StartupMessage" not in sent.kinds and sent.error == SELF_SIGNED


def test_without_a_word_about_tls_everything_goes_in_the_clear(npm: Npm, certificate: Certificate) -> None:
    """Rules: sslmode-missing; PGSSLMODE is not read, PGSSL is."""
    assert talk(connecting(npm), tls=certificate.context).kinds == CLEAR
    assert talk(connecting(npm, env={"PGSSLMODE": "require"}), tls=certificate.context).kinds == CLEAR
    assert talk(connecting(npm, env={"PGSSL": "require"}), tls=certificate.context).kinds == BELIEVED


@pytest.mark.parametrize("mode", ["require", "allow", "prefer"])
def test_these_modes_believe_an_impostor(npm: Npm, certificate: Certificate, mode: str) -> None:
    """Rules: postgres-js-require-unverified, in the URL and in the options."""
    sent = talk(connecting(npm, f"?sslmode={mode}"), tls=certificate.context)
    assert (sent.kinds, sent.sni) == (BELIEVED, HOST)
    assert talk(connecting(npm, ssl=mode), tls=certificate.context).kinds == BELIEVED


def test_old_releases_do_the_same(npm: Npm, certificate: Certificate) -> None:
    """Rules: postgres-js-require-unverified."""
    assert talk(connecting(npm, "?sslmode=require", "postgres-3.3"), tls=certificate.context).kinds == BELIEVED


@pytest.mark.parametrize("ssl", ["verify-full", "verify-ca", "no-verify", True, "true", {}, {"sslmode": "require"}])
def test_everything_else_verifies(npm: Npm, certificate: Certificate, ssl: object) -> None:
    """Rules: postgres-js-require-unverified (the fix), mode-in-tls-object; ``no-verify`` is no word of postgres.js."""
    assert verified(talk(connecting(npm, ssl=ssl), tls=certificate.context))
    if isinstance(ssl, str):
        assert verified(talk(connecting(npm, f"?sslmode={ssl}"), tls=certificate.context))


def test_an_object_switches_verification_off(npm: Npm, certificate: Certificate) -> None:
    """Rules: tls-verification-disabled."""
    assert talk(connecting(npm, ssl={"rejectUnauthorized": False}), tls=certificate.context).kinds == BELIEVED


def test_options_beat_the_url(npm: Npm, certificate: Certificate) -> None:
    """Rules: node-pg-ssl-overridden is about pg only; here it is the other way round."""
    lax = {"rejectUnauthorized": False}
    assert talk(connecting(npm, "?sslmode=verify-full", ssl=lax), tls=certificate.context).kinds == BELIEVED
    assert verified(talk(connecting(npm, "?sslmode=require", ssl="verify-full"), tls=certificate.context))
    assert talk(connecting(npm, "?sslmode=require", ssl=False), tls=certificate.context).kinds == CLEAR


def test_prefer_falls_back_to_clear_text(npm: Npm) -> None:
    """Rules: sslmode-prefer-or-allow; ``require`` and ``allow`` break off."""
    assert talk(connecting(npm, "?sslmode=prefer")).kinds == ["SSLRequest", "StartupMessage", "PasswordMessage"]
    for mode in ("require", "allow"):
        sent = talk(connecting(npm, f"?sslmode={mode}"))
        assert "StartupMessage" not in sent.kinds
        assert "Client network socket disconnected before secure TLS" in sent.error


def test_system_roots_mean_verify_full_since_3_4(npm: Npm, certificate: Certificate) -> None:
    """Rules: sslrootcert-system-weak-mode, sslrootcert-system-unsupported."""
    assert verified(talk(connecting(npm, "?sslmode=require&sslrootcert=system"), tls=certificate.context))
    assert talk(connecting(npm, "?sslrootcert=system", "postgres-3.3"), tls=certificate.context).kinds == CLEAR


def test_parameters_it_does_not_know_are_startup_parameters(npm: Npm) -> None:
    """Rules: channel-binding-ineffective, startup-param-silently-dropped, prisma-params-in-libpq-url."""
    query = (
        "?channel_binding=require&options=-c%20a%3Db&search_path=q&pgbouncer=true&connect_timeout=5&max=3&prepare=false"
    )
    sent = talk(connecting(npm, query, connection={"statement_timeout": 9}))
    assert {k: v for k, v in sent.startup.items() if k not in ("user", "database", "client_encoding")} == {
        "application_name": "postgres.js",
        "channel_binding": "require",
        "options": "-c a=b",
        "search_path": "q",
        "pgbouncer": "true",
        "statement_timeout": "9",
    }


def test_channel_binding_is_never_used(npm: Npm, certificate: Certificate) -> None:
    """Rules: channel-binding-ineffective."""
    connect = connecting(npm, "?sslmode=require&channel_binding=require")
    assert talk(connect, tls=certificate.context, ask=ASK_SASL).mechanism == "SCRAM-SHA-256"


def test_direct_tls_since_3_4_8(npm: Npm, certificate: Certificate) -> None:
    """Rules: direct-tls-client-too-old: alone it turns nothing on; before, the server was told of it."""
    assert talk(connecting(npm, "?sslmode=require&sslnegotiation=direct", "postgres-3.4.8")).kinds == ["ClientHello"]
    assert talk(connecting(npm, "?sslnegotiation=direct")).kinds == CLEAR
    old = talk(connecting(npm, "?sslmode=require&sslnegotiation=direct", "postgres-3.4.7"), tls=certificate.context)
    assert old.startup["sslnegotiation"] == "direct"


def test_defaults(npm: Npm) -> None:
    """Rules: connect-timeout-too-low, statement-cache-disabled-needlessly, pool sizes."""
    assert npm.ask("postgres_options") == {
        "max": 10,
        "prepare": True,
        "idle_timeout": None,
        "connect_timeout": 30,
        "ssl": False,
    }
