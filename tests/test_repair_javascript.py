"""Patches on connections and clients of JavaScript projects, as a reader would have written them; or refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from neonlint import formats
from neonlint.edits import apply, merge
from neonlint.errors import Refused
from neonlint.extract import extract
from neonlint.facts.answer import Scalar
from neonlint.repair_client import client_ops
from neonlint.repair_connection import connection_ops

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
URL = f"postgresql://app:npg_Zk3vT8qLw2Rn@{HOST}/db"


def on_client(path: str, text: str, patch: Mapping[str, Scalar]) -> str:
    """The file with `patch` made true of its first client."""
    document = formats.load(formats.format_of(path)).read(path, text.encode())
    client = extract(document).clients[0]
    ops = client_ops(client, patch)
    return apply(document.data, merge(formats.load(document.format).render(document, ops))).decode() if ops else text


def on_connection(path: str, text: str, patch: Mapping[str, Scalar]) -> str:
    """The file with `patch` made true of its only connection."""
    document = formats.load(formats.format_of(path)).read(path, text.encode())
    (connection,) = extract(document).connections
    ops = connection_ops(connection, patch)
    return apply(document.data, merge(formats.load(document.format).render(document, ops))).decode()


PG = "import { Pool } from 'pg'\nnew Pool(%s)\n"
NEON = "import { Pool } from '@neondatabase/serverless';\n"


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ("", {"options.reject_unauthorized": True}, "{ ssl: { rejectUnauthorized: true } }"),
        ("{ max: 1 }", {"options.max_size": 5, "options.ssl": "default-ssl-context"}, "{ max: 5, ssl: true }"),
        ("{ ssl: { rejectUnauthorized: false } }", {"options.reject_unauthorized": True}, "{ ssl: { rejectUnauthorized: true } }"),
        ("{ max: 1, ssl: false }", {"options.ssl": None}, "{ max: 1 }"),
        ("{ max: 1 }", {"options.ssl": None}, "{ max: 1 }"),
        ("{ max: limit }", {"options.max_size": "null"}, "{ max: null }"),
        ("{ odd: 1, max: 1 }", {"options.odd": None}, "{ max: 1 }"),
    ],
)  # fmt: skip
def test_options_of_a_call(before: str, patch: Mapping[str, Scalar], after: str) -> None:
    assert on_client("db.ts", PG % before, patch) == PG % after


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("db.ts", PG % "config"),
        ("db.ts", PG % "{ ...config }"),
        ("db.ts", PG % "{ ssl: tls }"),
        ("db.ts", PG % "{ ssl: true }"),
        ("db.ts", "import { drizzle } from 'drizzle-orm/node-postgres'\ndrizzle(process.env.X!)\n"),
        ("db.ts", "import { neon } from '@neondatabase/serverless'\nneon(process.env.X!)\n"),
    ],
)
def test_what_cannot_be_seen_is_not_written(path: str, text: str) -> None:
    with pytest.raises(Refused):
        on_client(path, text, {"options.reject_unauthorized": True})


def test_options_behind_a_connection_string_and_below_keys() -> None:
    assert on_client(
        "db.mjs", "import postgres from 'postgres'\npostgres(process.env.X)\n", {"options.prepare": False}
    ) == ("import postgres from 'postgres'\npostgres(process.env.X, { prepare: false })\n")
    kit = "import { defineConfig } from 'drizzle-kit'\nexport default defineConfig({\n  dialect: 'postgresql',\n  dbCredentials: { url: process.env.X! },\n})\n"
    assert on_client("drizzle.config.ts", kit, {"options.reject_unauthorized": True}) == kit.replace(
        "X! }", "X!, ssl: { rejectUnauthorized: true } }"
    )
    knex = "module.exports = {\n  client: 'pg',\n  connection: process.env.X,\n  pool: { min: 2 }\n}\n"
    assert on_client("knexfile.js", knex, {"options.min_size": 0}) == knex.replace("min: 2", "min: 0")


def test_settings_of_the_driver() -> None:
    text = NEON + "const pool = new Pool();\n"
    given = on_client("db.ts", text, {"neon_config.webSocketConstructor": "ws"})
    assert given == (
        "import { Pool, neonConfig } from '@neondatabase/serverless';\nimport ws from 'ws';\n\n"
        "neonConfig.webSocketConstructor = ws;\n\nconst pool = new Pool();\n"
    )
    assert on_client("db.ts", given, {"neon_config.webSocketConstructor": "ws"}) == given
    assert on_client("db.ts", given, {"neon_config.webSocketConstructor": None}) == text.replace(
        ";\nconst", ";\nimport ws from 'ws';\n\nconst"
    )
    assert on_client("db.ts", text, {"neon_config.webSocketConstructor": None}) == text


def test_the_second_url_of_a_prisma_schema() -> None:
    text = (
        'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n\n  relationMode = "prisma"\n}\n'
    )
    assert on_client("schema.prisma", text, {"options.direct_url": "env:DIRECT_URL"}) == text.replace(
        ")\n", ')\n  directUrl = env("DIRECT_URL")\n'
    )


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("db.ts", "const url = 'U'\n", "const url = process.env.DATABASE_URL!\n"),
        ("db.js", "const directUrl = 'U'\n", "const directUrl = process.env.DIRECT_URL\n"),
        ("db.js", "f(process.env.PG_URL || 'U')\n", "f(process.env.PG_URL)\n"),
        ("db.ts", "f(process.env['PG_URL'] ?? 'U')\n", "f(process.env['PG_URL']!)\n"),
        ("db.ts", "f((Deno.env.get('PG_URL') ?? 'U'))\n", "f((Deno.env.get('PG_URL')!))\n"),
        ("db.ts", "Deno.env.get('X'); f('U')\n", "Deno.env.get('X'); f(Deno.env.get(\"DATABASE_URL\")!)\n"),
        ("db.jsx", "const a = <P dbUrl={'U'} />\n", "const a = <P dbUrl={process.env.DB_URL} />\n"),
    ],
)  # fmt: skip
def test_a_literal_url_is_read_from_the_environment(path: str, before: str, after: str) -> None:
    assert on_connection(path, before.replace("U'", f"{URL}'"), {"origin": "environment"}) == after


@pytest.mark.parametrize(
    "text", ["const { DATABASE_URL = 'U' } = process.env\n", "tag`U`\n", "enum A { B = 'U' }\n", "'U'\n"]
)
def test_what_is_no_expression_stays(text: str) -> None:
    with pytest.raises(Refused):
        on_connection("db.ts", text.replace("U'", f"{URL}'").replace("U`", f"{URL}`"), {"origin": "environment"})


def test_text_is_changed_in_any_quotes() -> None:
    for text in (f"f('{URL}')\n", f'f("{URL}")\n', f"f(`{URL}`)\n", f"f('{URL[:20]}' +\n  \"{URL[20:]}\")\n"):
        after = on_connection("db.ts", text, {"endpoint.pooled": True, "params.sslmode": "verify-full"})
        assert after == text.replace("a1b2c3d4.", "a1b2c3d4-pooler.").replace("/db", "/db?sslmode=verify-full")
    hole = f"f(`postgresql://app:${{pw}}@{HOST}/db`)\n"
    assert on_connection("db.ts", hole, {"params.sslmode": "require"}) == hole.replace("/db", "/db?sslmode=require")
