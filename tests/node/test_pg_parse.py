"""What pg makes of connection strings and settings before it connects.

Measured with pg-connection-string 2.7.0 to 2.14.1 and pg 8.13.3 to 8.23.1.
"""

from typing import Any

import pytest
from node.npm import Npm

pytestmark = pytest.mark.node

URL = "postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/neondb"
NEW = "pg-connection-string"
OLD = ["pcs-2.7", "pcs-2.8", "pcs-2.9", "pcs-2.10", "pcs-2.13"]
UNVERIFIED = {"rejectUnauthorized": False}
WARNING = (
    "SECURITY WARNING: The SSL modes 'prefer', 'require', and 'verify-ca' are treated as aliases for 'verify-full'."
)


def parsed(npm: Npm, url: str, *modules: str) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = npm.ask("pg_parse", [{"module": name, "url": url} for name in modules or (NEW,)])
    return answers


def ssl_of(npm: Npm, query: str, *modules: str) -> list[object]:
    return [one["value"].get("ssl", "absent") for one in parsed(npm, URL + query, *modules)]


def settings(npm: Npm, config: dict[str, object], module: str = "pg") -> dict[str, Any]:
    [answer] = npm.ask("pg_client", [{"module": module, "config": config}])
    value: dict[str, Any] = answer["value"]
    return value


@pytest.mark.parametrize(
    ("query", "ssl"),
    [
        ("", "absent"),
        ("?sslmode=", "absent"),
        ("?SSLMODE=require", "absent"),
        ("?sslmode=disable", False),
        ("?sslmode=allow", {}),
        ("?sslmode=prefer", {}),
        ("?sslmode=require", {}),
        ("?sslmode=verify-ca", {}),
        ("?sslmode=verify-full", {}),
        ("?sslmode=bogus", {}),
        ("?sslmode=no-verify", UNVERIFIED),
        ("?ssl=true", True),
        ("?ssl=0", False),
        ("?ssl=false", "false"),
        ("?sslmode=require&sslmode=disable", False),
    ],
)
def test_every_mode_in_every_release(npm: Npm, query: str, ssl: object) -> None:
    """Rules: sslmode-missing, node-pg-sslmode-alias, tls-verification-disabled, duplicate-query-param (last wins)."""
    assert ssl_of(npm, query, NEW, *OLD) == [ssl] * 6


@pytest.mark.parametrize(
    ("query", "ssl"),
    [
        ("sslmode=require", UNVERIFIED),
        ("sslmode=prefer", UNVERIFIED),
        ("sslmode=verify-full", {}),
        ("sslmode=disable", False),
        ("application_name=x", "absent"),
    ],
)
def test_uselibpqcompat(npm: Npm, query: str, ssl: object) -> None:
    """Rules: node-pg-uselibpqcompat-weakens: alone it does nothing, and without sslmode there is no TLS."""
    assert ssl_of(npm, f"?uselibpqcompat=true&{query}", NEW, "pcs-2.8") == [ssl] * 2


def test_uselibpqcompat_is_the_word_true_and_known_since_2_8(npm: Npm) -> None:
    """Rules: node-pg-uselibpqcompat-weakens."""
    assert ssl_of(npm, "?sslmode=require&uselibpqcompat=1") == [{}]
    assert ssl_of(npm, "?sslmode=require&uselibpqcompat=true", "pcs-2.7") == [{}]


def test_uselibpqcompat_wants_a_root_for_verify_ca(npm: Npm) -> None:
    """Rules: verify-ca-with-public-ca."""
    [answer] = parsed(npm, f"{URL}?sslmode=verify-ca&uselibpqcompat=true")
    assert answer["error"].startswith("SECURITY WARNING: Using sslmode=verify-ca requires specifying a CA")


@pytest.mark.parametrize("mode", ["prefer", "require", "verify-ca"])
def test_the_aliases_are_announced_as_such_since_2_10(npm: Npm, mode: str) -> None:
    """Rules: node-pg-sslmode-alias."""
    answers = parsed(npm, f"{URL}?sslmode={mode}", NEW, *OLD)
    warned = [[text.splitlines()[0] for text in answer["warnings"]] for answer in answers]
    assert warned == [[WARNING], [], [], [], [WARNING], [WARNING]]
    assert "in the next major version (pg-connection-string v3.0.0 and pg v9.0.0)" in answers[0]["warnings"][0].lower()


@pytest.mark.parametrize("query", ["", "?sslmode=verify-full", "?sslmode=no-verify", "?sslmode=allow", "?ssl=true"])
def test_nothing_else_is_announced(npm: Npm, query: str) -> None:
    """Rules: node-pg-sslmode-alias."""
    assert parsed(npm, URL + query)[0]["warnings"] == []


def test_no_warning_with_uselibpqcompat(npm: Npm) -> None:
    """Rules: node-pg-sslmode-alias."""
    assert parsed(npm, f"{URL}?sslmode=require&uselibpqcompat=true")[0]["warnings"] == []


@pytest.mark.parametrize("query", ["sslmode=require&sslrootcert=system", "sslrootcert=system"])
def test_system_is_taken_for_a_file(npm: Npm, query: str) -> None:
    """Rules: sslrootcert-system-unsupported."""
    for answer in parsed(npm, f"{URL}?{query}", NEW, *OLD):
        assert answer["error"] == "ENOENT: no such file or directory, open 'system'"


def test_direct_negotiation_turns_tls_on_since_2_14(npm: Npm) -> None:
    """Rules: direct-tls-client-too-old."""
    assert ssl_of(npm, "?sslnegotiation=direct", NEW, "pcs-2.13") == [True, "absent"]


@pytest.mark.parametrize("sign", ["#", "/", "?"])
def test_signs_that_must_be_encoded_in_a_password(npm: Npm, sign: str) -> None:
    """Rules: unencoded-userinfo."""
    [answer] = parsed(npm, URL.replace("pw", f"p{sign}w"))
    assert answer["code"] == "ERR_INVALID_URL"
    assert f"p{sign}w" not in answer["error"]


@pytest.mark.parametrize("sign", ["@", ":", "%", " ", "[", "$", "&", "+", "|", "{"])
def test_signs_that_need_no_encoding_in_a_password(npm: Npm, sign: str) -> None:
    """Rules: unencoded-userinfo: the password ends at the last ``@``."""
    assert parsed(npm, URL.replace("pw", f"p{sign}w"))[0]["value"]["password"] == f"p{sign}w"


@pytest.mark.parametrize("text", [f'"{URL}"', f"psql '{URL}'", f" {URL}", "host=h user=u", "undefined"])
def test_what_is_no_url_becomes_a_host_named_base(npm: Npm, text: str) -> None:
    """Rules: psql-command-as-url: no error before the connection fails to find its host."""
    assert parsed(npm, text)[0]["value"]["host"] == "base"


def test_a_missing_question_mark_names_a_database(npm: Npm) -> None:
    """Rules: url-missing-question-mark."""
    value = parsed(npm, f"{URL}&sslmode=require")[0]["value"]
    assert (value["database"], value.get("ssl")) == ("neondb&sslmode=require", None)


@pytest.mark.parametrize("ssl", [True, {}, UNVERIFIED, {"rejectUnauthorized": True}, False])
def test_parameters_of_the_string_replace_the_object(npm: Npm, ssl: object) -> None:
    """Rules: node-pg-ssl-overridden."""
    for query, left in {"sslmode=require": {}, "sslmode=disable": False, "ssl=true": True}.items():
        assert settings(npm, {"connectionString": f"{URL}?{query}", "ssl": ssl})["ssl"] == left
    assert settings(npm, {"connectionString": f"{URL}?channel_binding=require", "ssl": ssl})["ssl"] == ssl


def test_defaults(npm: Npm) -> None:
    """Rules: connect-timeout-unbounded, pool sizes, idle-timeout-over-suspend, channel-binding-ineffective."""
    found = settings(npm, {"connectionString": f"{URL}?channel_binding=require&connect_timeout=10"})
    assert found == {
        "ssl": False,
        "statement_timeout": False,
        "enableChannelBinding": False,
        "pool": {"max": 10, "idleTimeoutMillis": 10000, "connectionTimeoutMillis": None, "maxLifetimeSeconds": 0},
    }


def test_channel_binding_is_an_option_since_8_14(npm: Npm) -> None:
    """Rules: channel-binding-ineffective (the fix)."""
    seen = [
        settings(npm, {"enableChannelBinding": True}, name)["enableChannelBinding"]
        for name in ("pg-8.13", "pg-8.14", "pg")
    ]
    assert seen == [None, True, True]
