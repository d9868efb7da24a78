"""Clients of JavaScript that data files describe: what is read out of a file, and in which project it counts."""

from __future__ import annotations

import pytest
from projects import project_of
from test_clients_node import shown

from neonlint.extract import extract
from neonlint.formats import format_of, load
from neonlint.ir.model import Client

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/db"
FIELDS = f"DB_CLIENT=pg\nDB_HOST={HOST}\nDB_DATABASE=d\nDB_USER=app\n"
PGTYPED = '"transforms": [{"mode": "sql", "include": "**/*.sql"}], "srcDir": "./src"'
LAX = {"rejectUnauthorized": False}


def clients(path: str, text: str) -> tuple[Client, ...]:
    return tuple(extract(load(format_of(path)).read(path, text.encode())).clients)


# library, kind, path, text, target, options, host
CASES: list[tuple[str, str, str, str, object, dict[str, object], object]] = [
    ("directus", "settings", ".env", FIELDS, None, {}, HOST),
    ("directus", "settings", ".env", FIELDS + "DB_SSL=true\nDB_POOL__MAX=5\n", None, {"ssl": True, "max_size": "5"}, HOST),
    ("directus", "settings", ".env", FIELDS + "DB_SSL=no-verify\n", None, {"ssl": LAX, "reject_unauthorized": False}, HOST),
    ("directus", "settings", ".env", FIELDS + "DB_SSL=require\n", None, {"ssl": "require"}, HOST),
    (
        "directus", "settings", ".env", FIELDS + "DB_SSL=true\nDB_SSL__REJECT_UNAUTHORIZED=false\nDB_SSL__CA=x\n",
        None, {"ssl": {**LAX, "ca": "x"}, "reject_unauthorized": False}, HOST,
    ),
    ("directus", "settings", ".env", FIELDS + "DB_SSL__REJECT_UNAUTHORIZED=false\nDB_SSL=true\n", None, {"ssl": True}, HOST),
    ("directus", "settings", ".env", f"{FIELDS}DB_SSL=true\nDB_CONNECTION_STRING={URL}\n", URL, {}, None),
    ("directus", "settings", ".env", f"{FIELDS}DB_CONNECTION_STRING=\n", None, {}, HOST),
    ("directus", "settings", ".env", "DB_CLIENT=pg\n", None, {}, None),
    (
        "directus", "settings", "compose.yaml",
        f"services:\n  a:\n    environment:\n      DB_CLIENT: ${{C:-pg}}\n      DB_HOST: {HOST}\n      DB_USER: app\n"
        "      DB_SSL: 'true'\n      DB_SSL__REJECT_UNAUTHORIZED: 'false'\n",
        None, {"ssl": "?"}, HOST,
    ),
    ("pgtyped", "settings", "x.json", f'{{ {PGTYPED}, "dbUrl": "{URL}" }}', URL, {}, None),
    (
        "pgtyped", "settings", "config.json",
        f'{{ {PGTYPED}, "db": {{ "host": "{HOST}", "user": "app", "dbName": "d", "ssl": true }} }}',
        None, {"ssl": True}, HOST,
    ),
    (
        "drizzle-kit", "migrations", "drizzle.config.json",
        f'{{ "dialect": "postgresql", "dbCredentials": {{ "url": "{URL}" }} }}', URL, {}, None,
    ),
    (
        "drizzle-kit", "migrations", "drizzle.config.json",
        f'{{ "dialect": "postgresql", "dbCredentials": {{ "host": "{HOST}", "user": "app", "ssl": {{ "rejectUnauthorized": false }} }} }}',
        None, {"ssl": LAX, "reject_unauthorized": False}, HOST,
    ),
    (
        "sequelize", "settings", "config/config.json",
        f'{{ "production": {{ "url": "{URL}", "dialect": "postgres", "dialectOptions": {{ "ssl": {{ "rejectUnauthorized": false }} }} }} }}',
        URL, {"ssl": LAX, "reject_unauthorized": False}, None,
    ),
    ("typeorm", "settings", "ormconfig.json", f'{{ "type": "postgres", "url": "{URL}" }}', URL, {}, None),
    ("node-pg-migrate", "migrations", "config/default.json", f'{{ "db": "{URL}" }}', f"$DATABASE_URL|{URL}", {}, None),
    ("node-pg-migrate", "migrations", "m.json", f'{{ "url": "{URL}" }}', f"$DATABASE_URL|{URL}", {}, None),
    (
        "node-pg-migrate", "migrations", "config/default.json",
        f'{{ "db": {{ "host": "{HOST}", "user": "app", "name": "d", "ssl": true }} }}', None, {"ssl": True}, HOST,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("library", "kind", "path", "text", "target", "options", "host"), CASES)
def test_clients(
    library: str, kind: str, path: str, text: str, target: object, options: dict[str, object], host: object
) -> None:
    (client,) = clients(path, text)
    assert (client.library, client.kind, shown(client.target)) == (library, kind, target)
    assert {name: shown(value) for name, value in client.options.items()} == options
    assert (client.fields and shown(client.fields.fields["host"].value)) == host


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", FIELDS.replace("=pg", "=mysql")),
        (".env", FIELDS.replace("DB_CLIENT=pg\n", "# DB_CLIENT=pg\n")),
        ("x.json", f'{{ "srcDir": "src", "dbUrl": "{URL}" }}'),
        ("x.json", f'{{ "srcDir": "src", "transforms": [{{ "mode": "other" }}], "dbUrl": "{URL}" }}'),
        ("drizzle.config.json", f'{{ "dialect": "mysql", "dbCredentials": {{ "url": "{URL}" }} }}'),
        ("config/config.json", f'{{ "production": {{ "url": "{URL}" }} }}'),
        ("settings.json", f'{{ "database": {{ "connection": "{URL}" }} }}'),
    ],
)
def test_what_is_none(path: str, text: str) -> None:
    assert clients(path, text) == ()


DIRECTUS = '{ "dependencies": { "directus": "^11.0.0" } }'
MIGRATE = '{ "dependencies": { "node-pg-migrate": "^9.0.0"%s } }'
WITH_FILE = ' }, "scripts": { "m": "node-pg-migrate up %s"'


@pytest.mark.parametrize(
    ("files", "seen"),
    [
        ({".env": FIELDS}, False),
        ({".env": FIELDS, "package.json": DIRECTUS}, True),
        ({"cms/.env": FIELDS, "package.json": DIRECTUS}, True),
        ({"cms/.env": FIELDS, "api/package.json": DIRECTUS}, False),
        ({".env": FIELDS, "compose.yaml": "services:\n  a:\n    image: ghcr.io/x/directus/directus:11\n    db_: 1\n"}, True),
        ({".env": FIELDS, "Dockerfile": "FROM directus/directus:11\n"}, True),
        ({".env": FIELDS, "compose.yaml": "# directus/directus\nservices:\n  a:\n    image: postgres\n"}, False),
        ({".env": FIELDS, "run.sh": "npx directus start # db_\n"}, True),
        ({"config/default.json": f'{{ "db": "{URL}" }}', "package.json": MIGRATE % ""}, False),
        ({"config/default.json": f'{{ "db": "{URL}" }}', "package.json": MIGRATE % ', "config": "^4.0.0"'}, True),
        ({"config/default.json": f'{{ "url": "{URL}" }}', "package.json": MIGRATE % ', "config": "^4.0.0"'}, False),
        ({"config/default.json": f'{{ "db": "{URL}" }}', "package.json": '{ "dependencies": { "config": "^4.0.0" } }'}, False),
        ({"m.json": f'{{ "url": "{URL}" }}', "package.json": MIGRATE % ""}, False),
        ({"m.json": f'{{ "url": "{URL}" }}', "package.json": MIGRATE % (WITH_FILE % "-f m.json")}, True),
        ({"m.json": f'{{ "url": "{URL}" }}', "package.json": MIGRATE % (WITH_FILE % "--config-file=./m.json")}, True),
        ({"m.json": f'{{ "url": "{URL}" }}', "package.json": MIGRATE % (WITH_FILE % "-f m.json -d OTHER")}, False),
    ],
)  # fmt: skip
def test_what_others_use_too_counts_beside_its_program(files: dict[str, str], seen: bool) -> None:
    assert bool(project_of(files).clients) is seen
