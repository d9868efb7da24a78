"""What packages make of the variables and JSON files that configure them: Directus, pgtyped, node-pg-migrate.

Measured with @directus/env 6.3.0 and knex 3.3.0, @pgtyped/cli 2.4.3, node-pg-migrate 9.0.0 and config 4.4.1.
`@directus/api` itself is not installed: how it turns variables into Knex's options was read in its 39.2.1 and is
written again in `directus_config.mjs`.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from drivers.wire import Sent, talk
from node.conftest import HOST, Certificate
from node.npm import Npm, surroundings

pytestmark = pytest.mark.node

CLEAR = ["StartupMessage", "PasswordMessage"]
BELIEVED = ["SSLRequest", "TLS", "StartupMessage", "PasswordMessage"]
VERIFIED = ["SSLRequest"]


class Ended(Exception):
    """What a program printed."""


# --- Directus ---


def by_directus(npm: Npm, certificate: Certificate, **variables: str) -> Sent:
    """What Directus' Knex sends with these variables, in this order; `{port}` stands for the listener's port."""

    def connect(port: int) -> None:
        given = {name: value.format(port=port) for name, value in variables.items()}
        config = npm.ask("directus_config", npm.ask("directus_env", list(given), **given))
        pool, url = config.pop("pool", {}), config.pop("connectionString", None)
        npm.connect("knex", {"config": {"connection": url or config, "pool": pool}})

    return talk(connect, tls=certificate.context)


FIELDS = {"DB_HOST": HOST, "DB_PORT": "{port}", "DB_DATABASE": "d", "DB_USER": "app", "DB_PASSWORD": "pw"}
URL = {"DB_CONNECTION_STRING": f"postgresql://app:pw@{HOST}:{{port}}/d"}


@pytest.mark.parametrize(
    ("variables", "kinds"),
    [
        ({}, CLEAR),
        ({"DB_SSL": "false"}, CLEAR),
        ({"DB_SSL": "true"}, VERIFIED),
        ({"DB_SSL": "require"}, VERIFIED),
        ({"DB_SSL": "no-verify"}, BELIEVED),
        ({"DB_SSL__REJECT_UNAUTHORIZED": "false"}, BELIEVED),
        ({"DB_SSL__REJECT_UNAUTHORIZED": "true"}, VERIFIED),
        ({"DB_SSL": "true", "DB_SSL__REJECT_UNAUTHORIZED": "false"}, BELIEVED),
        ({"DB_SSL__REJECT_UNAUTHORIZED": "false", "DB_SSL": "true"}, VERIFIED),
    ],
    ids=str,
)
def test_directus_takes_tls_from_variables(
    npm: Npm, certificate: Certificate, variables: dict[str, str], kinds: list[str]
) -> None:
    """Rules: tls-verification-disabled, node-tls-missing; of `DB_SSL` and `DB_SSL__…` the last one counts."""
    assert by_directus(npm, certificate, **FIELDS, **variables).kinds == kinds


def test_directus_drops_tls_variables_beside_a_connection_string(npm: Npm, certificate: Certificate) -> None:
    """Rules: node-tls-missing, tls-verification-disabled."""
    for ssl in ({}, {"DB_SSL": "true"}, {"DB_SSL__REJECT_UNAUTHORIZED": "false"}):
        assert by_directus(npm, certificate, **URL, **ssl).kinds == CLEAR
    mode = {"DB_CONNECTION_STRING": URL["DB_CONNECTION_STRING"] + "?sslmode=require&uselibpqcompat=true"}
    assert by_directus(npm, certificate, **mode, DB_SSL__REJECT_UNAUTHORIZED="false").kinds == VERIFIED


def test_directus_hands_the_pool_on(npm: Npm) -> None:
    """Rules: pool-exceeds-limit."""
    given = {"DB_POOL__MIN": "0", "DB_POOL__MAX": "20", "DB_POOL__IDLE_TIMEOUT_MILLIS": "1000"}
    config = npm.ask("directus_config", npm.ask("directus_env", list(given), **given))
    assert config == {"pool": {"min": 0, "max": 20, "idleTimeoutMillis": 1000}}


# --- pgtyped ---

SHAPE = {"srcDir": "./", "transforms": [{"mode": "sql", "include": "*.sql", "emitTemplate": "{{name}}.ts"}]}


def by_pgtyped(npm: Npm, certificate: Certificate, config: Callable[[int], dict[str, Any]], variable: str = "") -> Sent:
    def connect(port: int) -> None:
        environment = {variable: url(port)} if variable else {}
        raise Ended(npm.ask("pgtyped", {"config": {**SHAPE, **config(port)}}, **environment)["error"])

    return talk(connect, tls=certificate.context)


def url(port: int, query: str = "") -> str:
    return f"postgresql://app:pw@{HOST}:{port}/d{query}"


@pytest.mark.parametrize(
    ("query", "db", "kinds"),
    [
        ("", {}, CLEAR),
        ("?sslmode=require", {}, CLEAR),
        ("?sslmode=verify-full", {"ssl": False}, CLEAR),
        ("", {"ssl": True}, VERIFIED),
        ("?sslmode=disable", {"ssl": {}}, VERIFIED),
        ("?sslmode=verify-full", {"ssl": {"rejectUnauthorized": False}}, BELIEVED),
    ],
)
def test_pgtyped_takes_tls_from_db_alone(
    npm: Npm, certificate: Certificate, query: str, db: dict[str, Any], kinds: list[str]
) -> None:
    """Rules: node-tls-missing, tls-verification-disabled."""
    sent = by_pgtyped(npm, certificate, lambda port: {"dbUrl": url(port, query), "db": db})
    assert sent.kinds == kinds, sent.error


@pytest.mark.parametrize("variable", ["PGURI", "DATABASE_URL"])
def test_pgtyped_believes_the_environment_first(npm: Npm, certificate: Certificate, variable: str) -> None:
    """Clients: pgtyped."""
    sent = by_pgtyped(npm, certificate, lambda _port: {"dbUrl": "postgresql://x:y@127.0.0.1:1/z"}, variable)
    assert sent.startup["user"] == "app", sent.error


def test_pgtyped_wants_its_shape(npm: Npm) -> None:
    """Clients: pgtyped is known by ``srcDir`` and ``transforms``."""
    shapes: list[dict[str, object]] = [
        {"srcDir": "./"},
        {"transforms": []},
        {"srcDir": "./", "transforms": [{"mode": "x"}]},
    ]
    for shape in shapes:
        told = npm.ask("pgtyped", {"config": {**shape, "dbUrl": "postgresql://x:y@127.0.0.1:1/z"}})
        assert "Invalid value" in told["error"] or "Expecting" in told["error"], told


# --- node-pg-migrate and drizzle-kit ---


@pytest.fixture
def folder(npm: Npm, tmp_path: Path) -> Path:
    (tmp_path / "node_modules").symlink_to(npm.folder / "node_modules")
    return tmp_path


def run(folder: Path, *words: str, **variables: str) -> str:
    """What a program of the packages prints."""
    done = subprocess.run(
        ["node", *words],
        cwd=folder,
        env={**surroundings(), "HOME": str(folder), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def by_migrate(folder: Path, name: str, config: Callable[[int], object], *words: str, variable: bool = False) -> Sent:
    """What node-pg-migrate sends with this file beside it, and perhaps a ``DATABASE_URL`` of another user."""

    def connect(port: int) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(config(port)))
        (folder / "migrations").mkdir(exist_ok=True)
        environment = {"DATABASE_URL": f"postgresql://other:pw@127.0.0.1:{port}/d"} if variable else {}
        raise Ended(run(folder, "node_modules/node-pg-migrate/bin/node-pg-migrate.js", "up", *words, **environment))

    return talk(connect)


FILES: list[tuple[str, Callable[[int], object], tuple[str, ...]]] = [
    ("config/default.json", lambda port: {"db": f"postgresql://app:pw@127.0.0.1:{port}/d"}, ()),
    ("config/default.json", lambda port: {"db": {"url": f"postgresql://app:pw@127.0.0.1:{port}/d"}}, ()),
    (
        "config/default.json",
        lambda port: {"db": {"host": "127.0.0.1", "port": port, "user": "app", "password": "pw", "name": "d"}},
        (),
    ),
    ("x.json", lambda port: {"db": {"url": f"postgresql://app:pw@127.0.0.1:{port}/d"}}, ("-f", "x.json")),
    ("x.json", lambda port: {"url": f"postgresql://app:pw@127.0.0.1:{port}/d"}, ("--config-file", "x.json")),
]


@pytest.mark.parametrize(("name", "config", "words"), FILES)
def test_node_pg_migrate_reads_these_files(
    folder: Path, name: str, config: Callable[[int], object], words: tuple[str, ...]
) -> None:
    """Rules: migration-over-pooler."""
    assert by_migrate(folder, name, config, *words).startup["user"] == "app"


@pytest.mark.parametrize(("name", "config", "words"), FILES)
def test_a_variable_comes_first(
    folder: Path, name: str, config: Callable[[int], object], words: tuple[str, ...]
) -> None:
    """Rules: migration-over-pooler."""
    assert by_migrate(folder, name, config, *words, variable=True).startup["user"] == "other"


def test_node_pg_migrate_reads_no_other_file(folder: Path) -> None:
    """Clients: ``database.json`` is that of another tool."""
    for name in ("database.json", ".node-pg-migraterc", "node-pg-migrate.json"):
        (folder / name).write_text('{"db": {"url": "postgresql://app:pw@127.0.0.1:1/d"}}')
    (folder / "migrations").mkdir()
    words = run(folder, "node_modules/node-pg-migrate/bin/node-pg-migrate.js", "up")
    assert "DATABASE_URL environment variable is not set" in words


def test_drizzle_kit_reads_json(folder: Path) -> None:
    """Rules: pooled-url-in-migration-config."""
    (folder / "drizzle.config.json").write_text('{"dialect": "postgresql", "dbCredentials": {"url": ""}}')
    assert "drizzle.config.json" in run(folder, "node_modules/drizzle-kit/bin.cjs", "migrate")
