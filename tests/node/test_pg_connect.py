"""What pg sends when it connects, and whom it believes: a listener shows it a certificate that signed itself.

Measured with pg 8.13.3, 8.14.1, 8.21.0, 8.22.0 and 8.23.1 on Node 20.
"""

from collections.abc import Callable

import pytest
from drivers.wire import ASK_SASL, Sent, talk
from node.conftest import HOST, Certificate
from node.npm import Npm

pytestmark = pytest.mark.node

CLEAR = ["StartupMessage", "PasswordMessage"]
ASKED = ["SSLRequest"]
BELIEVED = ["SSLRequest", "TLS", "StartupMessage", "PasswordMessage"]  # also the password
SELF_SIGNED = "Refused: self-signed certificate"


def by_url(npm: Npm, query: str = "", module: str = "pg", host: str = HOST, **variables: str) -> Callable[[int], None]:
    def connect(port: int) -> None:
        config = {"connectionString": f"postgresql://app:pw@{host}:{port}/neondb{query}"}
        npm.connect("pg", {"module": module, "config": config}, **variables)

    return connect


def by_fields(
    npm: Npm, module: str = "pg", env: dict[str, str] | None = None, **config: object
) -> Callable[[int], None]:
    def connect(port: int) -> None:
        fields = {"host": HOST, "port": port, "user": "app", "password": "pw", "database": "neondb"}
        npm.connect("pg", {"module": module, "config": {**fields, **config}}, **(env or {}))

    return connect


def verified(sent: Sent) -> bool:
    """The client left without logging in, because of the certificate."""
    return "StartupMessage" not in sent.kinds and sent.error == SELF_SIGNED


# --- connection strings --------------------------------------------------------------------------------------------


def test_without_a_word_about_tls_everything_goes_in_the_clear(npm: Npm, certificate: Certificate) -> None:
    """Rules: sslmode-missing: Neon refuses this."""
    assert talk(by_url(npm), tls=certificate.context).kinds == CLEAR
    assert talk(by_fields(npm, sslmode="require"), tls=certificate.context).kinds == CLEAR


@pytest.mark.parametrize("mode", ["allow", "prefer", "require", "verify-ca", "verify-full"])
def test_every_mode_verifies(npm: Npm, certificate: Certificate, mode: str) -> None:
    """Rules: node-pg-sslmode-alias, sslmode-require-unauthenticated (not with pg 8)."""
    sent = talk(by_url(npm, f"?sslmode={mode}"), tls=certificate.context)
    assert (verified(sent), sent.sni) == (True, HOST)


@pytest.mark.parametrize("query", ["sslmode=no-verify", "ssl=no-verify", "uselibpqcompat=true&sslmode=require"])
def test_an_impostor_gets_the_password(npm: Npm, certificate: Certificate, query: str) -> None:
    """Rules: tls-verification-disabled, node-pg-uselibpqcompat-weakens."""
    assert talk(by_url(npm, f"?{query}"), tls=certificate.context).kinds == BELIEVED


def test_a_server_without_tls_is_left(npm: Npm) -> None:
    """Rules: sslmode-prefer-or-allow: with pg 8 ``prefer`` falls back to nothing."""
    sent = talk(by_url(npm, "?sslmode=prefer"))
    assert (sent.kinds, sent.error) == (ASKED, "Refused: The server does not support SSL connections")


def test_a_known_root_is_believed_for_its_own_host_only(npm: Npm, certificate: Certificate) -> None:
    """Rules: node-pg-sslmode-alias: require means verify-full, the host name is checked too."""
    env = {"NODE_EXTRA_CA_CERTS": str(certificate.path)}
    assert talk(by_url(npm, "?sslmode=require", **env), tls=certificate.context).kinds == BELIEVED
    other = talk(by_url(npm, "?sslmode=require", host="other.example", **env), tls=certificate.context)
    assert "Hostname/IP does not match certificate's altnames" in other.error


@pytest.mark.parametrize("mode", ["verify-ca", "require"])
def test_libpq_compatibility_checks_no_host_name(npm: Npm, certificate: Certificate, mode: str) -> None:
    """Rules: verify-ca-with-public-ca, node-pg-uselibpqcompat-weakens."""
    query = f"?uselibpqcompat=true&sslmode={mode}&sslrootcert={certificate.path}"
    assert talk(by_url(npm, query, host="other.example"), tls=certificate.context).kinds == BELIEVED


def test_parameters_that_reach_the_server_and_parameters_that_do_not(npm: Npm) -> None:
    """Rules: startup-param-silently-dropped, options-over-pooler, channel-binding-ineffective, prisma-params-in-libpq-url."""
    sent = talk(
        by_url(
            npm,
            "?statement_timeout=9&options=-c%20a%3Db&application_name=z&channel_binding=require&connect_timeout=1"
            "&pgbouncer=true&connection_limit=1&search_path=q&schema=q",
        )
    )
    assert sent.startup == {
        "user": "app",
        "database": "neondb",
        "client_encoding": "UTF8",
        "application_name": "z",
        "statement_timeout": "9",
        "options": "-c a=b",
    }


def test_timeouts_given_as_options_are_startup_parameters(npm: Npm) -> None:
    """Rules: startup-param-silently-dropped."""
    sent = talk(
        by_fields(npm, statement_timeout=1, lock_timeout=2, idle_in_transaction_session_timeout=3, query_timeout=4)
    )
    names = {"statement_timeout": "1", "lock_timeout": "2", "idle_in_transaction_session_timeout": "3"}
    assert sent.startup == {"user": "app", "database": "neondb", "client_encoding": "UTF8"} | names


# --- the ssl option ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ssl", [True, "true", {}, {"sslmode": "require"}, {"mode": "require"}, {"require": True}])
def test_the_option_verifies_whatever_unknown_keys_it_holds(npm: Npm, certificate: Certificate, ssl: object) -> None:
    """Rules: mode-in-tls-object (``true`` means the same), sslmode-missing (the fix)."""
    assert verified(talk(by_fields(npm, ssl=ssl), tls=certificate.context))


@pytest.mark.parametrize(
    "ssl", [{"rejectUnauthorized": False}, {"require": True, "rejectUnauthorized": False}, "no-verify"]
)
def test_the_option_switches_verification_off(npm: Npm, certificate: Certificate, ssl: object) -> None:
    """Rules: tls-verification-disabled."""
    assert talk(by_fields(npm, ssl=ssl), tls=certificate.context).kinds == BELIEVED


@pytest.mark.parametrize("ssl", ["require", "prefer", "verify-full", "false", 1])
def test_words_crash_the_process(npm: Npm, certificate: Certificate, ssl: object) -> None:
    """Rules: mode-in-tls-object, neon-sslmode-disable: no error the caller could catch."""
    sent = talk(by_fields(npm, ssl=ssl), tls=certificate.context)
    assert "connect.mjs ended with 1" in sent.error
    assert "Cannot use 'in' operator to search for 'key' in" in sent.error


def test_false_and_require_crash_in_a_url_too(npm: Npm, certificate: Certificate) -> None:
    """Rules: neon-sslmode-disable (``ssl=false`` does not switch TLS off)."""
    for value in ("false", "require"):
        assert "Cannot use 'in' operator" in talk(by_url(npm, f"?ssl={value}"), tls=certificate.context).error


# --- the environment -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        ("disable", CLEAR),
        ("allow", CLEAR),
        ("prefer", ASKED),
        ("require", ASKED),
        ("verify-full", ASKED),
        ("no-verify", BELIEVED),
    ],
)
def test_pgsslmode(npm: Npm, certificate: Certificate, mode: str, kinds: list[str]) -> None:
    """Rules: pg-env-without-pgsslmode; a URL without a mode leaves it in force."""
    env = {"PGSSLMODE": mode}
    assert talk(by_fields(npm, env=env), tls=certificate.context).kinds == kinds
    assert talk(by_url(npm, **env), tls=certificate.context).kinds == kinds


def test_string_and_option_beat_pgsslmode(npm: Npm, certificate: Certificate) -> None:
    """Rules: pg-env-without-pgsslmode."""
    off, lax = {"PGSSLMODE": "disable"}, {"PGSSLMODE": "no-verify"}
    assert verified(talk(by_url(npm, "?sslmode=require", **off), tls=certificate.context))
    assert verified(talk(by_fields(npm, env=lax, ssl=True), tls=certificate.context))
    assert talk(by_fields(npm, env={"PGSSLMODE": "require"}, ssl=False), tls=certificate.context).kinds == CLEAR


def test_other_variables(npm: Npm) -> None:
    """Rules: options-over-pooler, channel-binding-ineffective."""
    env = {"PGOPTIONS": "-c a=b", "PGAPPNAME": "z", "PGCHANNELBINDING": "require", "PGTZ": "UTC"}
    sent = talk(by_fields(npm, env=env))
    assert {k: v for k, v in sent.startup.items() if k not in ("user", "database", "client_encoding")} == {
        "options": "-c a=b",
        "application_name": "z",
    }


def test_node_itself_can_be_told_to_believe_everybody(npm: Npm, certificate: Certificate) -> None:
    """Rules: node-tls-reject-unauthorized-env: only an explicit ``rejectUnauthorized: true`` withstands it."""
    env = {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}
    assert talk(by_url(npm, "?sslmode=verify-full", **env), tls=certificate.context).kinds == BELIEVED
    assert talk(by_fields(npm, env=env, ssl=True), tls=certificate.context).kinds == BELIEVED
    assert verified(talk(by_fields(npm, env=env, ssl={"rejectUnauthorized": True}), tls=certificate.context))
    assert verified(
        talk(by_url(npm, "?sslmode=verify-full", NODE_TLS_REJECT_UNAUTHORIZED="1"), tls=certificate.context)
    )


# --- channel binding and direct TLS --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "mechanism"),
    [("pg-8.13", "SCRAM-SHA-256"), ("pg-8.14", "SCRAM-SHA-256-PLUS"), ("pg", "SCRAM-SHA-256-PLUS")],
)
def test_channel_binding_is_chosen_by_an_option(
    npm: Npm, certificate: Certificate, module: str, mechanism: str
) -> None:
    """Rules: channel-binding-ineffective (the fix needs pg 8.14)."""
    connect = by_fields(npm, module, ssl={"rejectUnauthorized": False}, enableChannelBinding=True)
    assert talk(connect, tls=certificate.context, ask=ASK_SASL).mechanism == mechanism


def test_channel_binding_is_not_chosen_by_the_url(npm: Npm, certificate: Certificate) -> None:
    """Rules: channel-binding-ineffective."""
    connect = by_url(npm, "?sslmode=no-verify&channel_binding=require")
    assert talk(connect, tls=certificate.context, ask=ASK_SASL).mechanism == "SCRAM-SHA-256"


def test_direct_tls_since_8_22(npm: Npm) -> None:
    """Rules: direct-tls-client-too-old: an older pg asks for TLS as ever, if it is told to use it at all."""
    assert talk(by_url(npm, "?sslnegotiation=direct", "pg-8.22")).kinds == ["ClientHello"]
    assert talk(by_fields(npm, "pg-8.22", ssl=True, sslnegotiation="direct")).kinds == ["ClientHello"]
    assert talk(by_fields(npm, "pg-8.21", ssl=True, sslnegotiation="direct")).kinds == ASKED
