"""What @neondatabase/serverless does with a connection string, release by release.

Measured with 0.6.1, 0.9.5, 0.10.4, 1.0.2 and 1.2.0 on Node 20 and later; its requests end in the probe.
"""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from node.npm import HERE, Npm

pytestmark = pytest.mark.node

NEW = "@neondatabase/serverless"
RELEASES = ["neon-0.6", "neon-0.9", "neon-0.10", "neon-1.0", NEW]
HOST = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/neondb?sslmode=require&channel_binding=require"
WITHOUT_PASSWORD = f"postgresql://app@{HOST}/neondb"


def done(npm: Npm, module: str, *steps: Sequence[object]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = npm.ask("neon", {"module": module, "steps": steps})
    return answers


@pytest.mark.parametrize("module", RELEASES)
def test_a_template_goes_over_https_with_the_whole_string(npm: Npm, module: str) -> None:
    """Rules: TLS and pooler parameters of the string do not matter here; the label before the first dot does."""
    [answer] = done(npm, module, ["tagged", URL])
    host = HOST if module == "neon-0.6" else HOST.replace("ep-cool-rain-a1b2c3d4-pooler", "api")
    assert answer["sent"][0]["url"] == f"https://{host}/sql"
    assert answer["sent"][0]["string"].startswith(URL)


@pytest.mark.parametrize("module", RELEASES)
def test_the_function_is_for_templates_only_since_1_0(npm: Npm, module: str) -> None:
    """Rules: neon-http-function-call: the fix `.query(` exists from the same release on."""
    called, query = done(npm, module, ["called", URL], ["query", URL])
    if module in ("neon-1.0", NEW):
        assert called["error"].startswith("This function can now be called only as a tagged-template function")
        assert query["value"] == []
    else:
        assert called["value"] == []
        assert query["error"].endswith("query is not a function")


@pytest.mark.parametrize("module", RELEASES)
def test_fetch_connection_cache_does_nothing_since_0_9(npm: Npm, module: str) -> None:
    """Rules: fetch-connection-cache."""
    read, off = done(npm, module, ["read", "fetchConnectionCache"], ["set", "fetchConnectionCache", False])
    if module == "neon-0.6":
        assert (read["value"], off["value"], off["warned"]) == (False, False, [])
    else:
        warned = ["The `fetchConnectionCache` option is deprecated (now always `true`)"]
        assert (read["value"], off["value"], off["warned"]) == (True, True, warned)


@pytest.mark.parametrize("module", RELEASES)
def test_defaults(npm: Npm, module: str) -> None:
    """Rules: insecure-neonconfig, ws-constructor-missing, warning-suppressed-in-browser (since 1.0.1)."""
    names = [
        "useSecureWebSocket",
        "forceDisablePgSSL",
        "pipelineConnect",
        "poolQueryViaFetch",
        "disableWarningInBrowsers",
    ]
    found = {
        name: one.get("value")
        for name, one in zip(names, done(npm, module, *[["read", n] for n in names]), strict=True)
    }
    assert found == {
        "useSecureWebSocket": True,
        "forceDisablePgSSL": True,
        "pipelineConnect": "password",
        "poolQueryViaFetch": False,
        "disableWarningInBrowsers": False if module in ("neon-1.0", NEW) else None,
    }


@pytest.mark.parametrize("module", RELEASES)
def test_a_token_instead_of_a_password_since_0_10(npm: Npm, module: str) -> None:
    """Rules: db-driver-in-client-code (such a string holds no secret)."""
    [answer] = done(npm, module, ["tagged", WITHOUT_PASSWORD, {"authToken": "t"}])
    if module in ("neon-0.6", "neon-0.9"):
        assert "should be: postgresql://user:password@host.tld/dbname" in answer["error"]
    else:
        assert answer["sent"][0]["url"] == "https://apiauth.us-east-2.aws.neon.tech/sql"
        assert answer["sent"][0]["token"] == "Bearer t"


@pytest.mark.parametrize("module", RELEASES)
def test_a_missing_string(npm: Npm, module: str) -> None:
    """Rules: none yet: 1.2 says so at the first query only."""
    create, tagged = done(npm, module, ["create", ""], ["tagged", ""])
    assert ("error" in create, "error" in tagged) == (module != NEW, True)


@pytest.mark.parametrize("module", RELEASES)
def test_its_errors_quote_the_password(npm: Npm, module: str) -> None:
    """Rules: url-logged, psql-command-as-url, unencoded-userinfo: never show a driver's own message."""
    pasted, raw = done(npm, module, ["tagged", f"psql '{URL}'"], ["tagged", URL.replace("pw", "p#w")])
    assert "app:pw@" in pasted["error"]
    assert "app:p#w@" in raw["error"]


@pytest.mark.parametrize("module", RELEASES)
def test_a_pool_needs_a_web_socket(npm: Npm, module: str) -> None:
    """Rules: ws-constructor-missing: on Node 20 nothing fails before the first query. Node 22 has one of its own."""
    if npm.ask("web_socket"):
        pytest.skip("this Node has WebSocket")
    [answer] = done(npm, module, ["pool", URL])
    assert answer["error"].startswith("All attempts to open a WebSocket to connect to the database failed.")
    assert "websocketconstructor" in answer["error"]


@pytest.mark.parametrize("module", RELEASES)
def test_ws_is_one(npm: Npm, module: str) -> None:
    """Rules: ws-constructor-missing (the fix): the driver dials with it, here to a port where nobody listens."""
    given, answer = done(npm, module, ["socket"], ["pool", URL.replace(HOST, "127.0.0.1:1")])
    assert given["value"] == "WebSocket"
    assert "websocketconstructor" not in answer["error"]


def test_node_19_since_1_0() -> None:
    """Rules: serverless-driver-old-node."""
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    engines = {name: packages[f"node_modules/{name}"].get("engines", {}).get("node") for name in RELEASES}
    old = dict.fromkeys(["neon-0.6", "neon-0.9", "neon-0.10"])
    assert engines == {**old, "neon-1.0": ">=19.0.0", NEW: ">=19.0.0"}
