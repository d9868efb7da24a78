"""Facts about JavaScript clients: what TLS comes to with each driver, where code stands, what becomes of a pool."""

from __future__ import annotations

import pytest
from projects import ask, client_at, connection_at, project_of, value

from neonlint.facts.answer import Known

HOST = "app:pw@ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech/db"
PG = 'import { Pool } from "pg";\nexport const pool = new Pool({ connectionString: process.env.URL%s });\n'
POSTGRES = 'import postgres from "postgres";\nexport const sql = postgres(process.env.URL!%s);\n'
SLONIK = 'import { createPool } from "slonik";\nexport const pool = createPool(process.env.URL!%s);\n'
MIKRO = 'import { MikroORM } from "@mikro-orm/postgresql";\nexport const o = MikroORM.init({ clientUrl: process.env.URL%s });\n'
LAX = "ssl: { rejectUnauthorized: false }"


def mode(query: str, source: str, more: str = "", env: str = "") -> object:
    project = project_of({".env": f"URL=postgresql://{HOST}{query}\n{env}", "db.ts": source % more})
    return value(project, connection_at(project, ".env", "URL"), "tls.mode")


# What tests/node measured; "..." where it is not seen or judged in code.
@pytest.mark.parametrize(
    ("query", "source", "more", "expected"),
    [
        ("", PG, "", None),
        ("?sslmode=require", PG, "", "verify-full"),
        ("?sslmode=prefer", PG, "", "verify-full"),
        ("?sslmode=verify-full", PG, "", "verify-full"),
        ("?sslmode=no-verify", PG, "", "no-verify"),
        ("?sslmode=disable", PG, "", "disable"),
        ("?sslmode=require&uselibpqcompat=true", PG, "", "require"),
        ("?ssl=true", PG, "", "verify-full"),
        ("?sslmode=require", PG, f", {LAX}", "verify-full"),
        ("?sslmode=no-verify", PG, ", ssl: true", "no-verify"),
        ("", PG, f", {LAX}", ...),
        ("", PG, ", ssl: true", "verify-full"),
        ("", PG, ", ssl: false", "disable"),
        ("", PG, ", ssl: tls()", ...),
        ("", PG, ", ...more", ...),
        ("", POSTGRES, "", None),
        ("?sslmode=require", POSTGRES, "", "require"),
        ("?sslmode=verify-full", POSTGRES, "", "verify-full"),
        ("?sslmode=no-verify", POSTGRES, "", "verify-full"),
        ("?sslmode=disable", POSTGRES, "", "disable"),
        ("?sslmode=verify-full", POSTGRES, ", { ssl: 'require' }", "require"),
        ("?sslmode=require", POSTGRES, ", { ssl: 'verify-full' }", "verify-full"),
        ("?sslmode=require", POSTGRES, ", { %s }" % LAX, ...),  # noqa: UP031 -- braces of JavaScript
        ("?sslmode=require&sslrootcert=system", POSTGRES, "", "verify-full"),
        ("", SLONIK, "", None),
        ("?sslmode=require", SLONIK, "", "verify-full"),
        ("?sslmode=verify-full", SLONIK, "", ...),
        ("?sslmode=require", MIKRO, "", None),
        ("?sslmode=require", MIKRO, ", driverOptions: { connection: { ssl: true } }", "verify-full"),
    ],
)
def test_the_mode_is_what_the_driver_makes_of_it(query: str, source: str, more: str, expected: object) -> None:
    assert mode(query, source, more) == expected


def test_the_environment_counts_where_the_driver_reads_it() -> None:
    assert mode("", PG, env="PGSSLMODE=require\n") == "verify-full"
    assert mode("", PG, env="PGSSLMODE=no-verify\n") == "no-verify"
    assert mode("", POSTGRES, env="PGSSLMODE=require\n") is None


def test_the_serverless_driver_asks_nothing_of_a_connection_string() -> None:
    neon = 'import { neon } from "@neondatabase/serverless";\nexport const sql = neon(process.env.URL!);\n'
    project = project_of({".env": f"URL=postgresql://{HOST}\n", "db.ts": neon})
    connection = connection_at(project, ".env")
    facts = ("tls.mode", "tls.root", "driver.serverless", "driver.over_http", "driver.plain", "driver")
    assert [value(project, connection, fact) for fact in facts] == [..., ..., True, True, False, "neon-http"]
    # Beside another driver it has no say.
    project = project_of({".env": f"URL=postgresql://{HOST}\n", "db.ts": neon, "jobs.ts": PG % ""})
    connection = connection_at(project, ".env")
    assert [value(project, connection, fact) for fact in facts] == [None, None, False, False, True, "pg"]


def test_two_drivers_that_differ_are_not_one() -> None:
    project = project_of({".env": f"URL=postgresql://{HOST}?sslmode=require\n", "a.ts": PG % "", "b.ts": POSTGRES % ""})
    connection = connection_at(project, ".env")
    assert value(project, connection, "driver") is ...
    assert value(project, connection, "tls.mode") is ...
    assert value(project, connection, "driver.libpq") is False, "neither is"
    assert value(project, connection, "driver.other") is True


def test_a_pool_without_options_reads_pghost() -> None:
    files = {
        ".env": "PGHOST=ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech\nPGUSER=app\n",
        "db.ts": 'import { Pool } from "pg";\nconst p = new Pool();\n',
    }
    project = project_of(files)
    connection = connection_at(project, ".env")
    assert value(project, connection, "driver") == "pg"
    assert value(project, connection, "tls.mode") is None


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ('{"dependencies": {"pg": "^8.0.0", "postgres": "^3.4.0"}}', "pg"),
        ('{"dependencies": {"@neondatabase/serverless": "^1.0.0"}}', "neon-ws"),
        ('{"dependencies": {"drizzle-orm": "^0.45.0"}}', ...),
    ],
)
def test_drizzle_kit_takes_what_is_installed(package: str, expected: object) -> None:
    source = 'export default { dialect: "postgresql", dbCredentials: { url: process.env.URL! } };\n'
    project = project_of({"package.json": package, "drizzle.config.ts": source, ".env": f"URL=postgresql://{HOST}\n"})
    assert value(project, client_at(project, "drizzle.config.ts"), "driver") == expected


@pytest.mark.parametrize(
    ("ssl", "expected"),
    [
        ("true", "verified"),
        ("false", "false"),
        ("{ rejectUnauthorized: false }", "unverified"),
        ("{ rejectUnauthorized: true, ca }", "verified"),
        ("{ rejectUnauthorized: strict }", ...),
        ("{ require: true }", "verified"),
        ("{ ...tls }", ...),
        ("process.env.NODE_ENV === 'production' ? { rejectUnauthorized: false } : false", "unverified"),
        ("process.env.NODE_ENV !== 'production' ? false : { rejectUnauthorized: false }", "unverified"),
        ("process.env.NODE_ENV === 'production' ? true : { rejectUnauthorized: false }", ...),
        ("isLocal ? { rejectUnauthorized: false } : true", ...),
        ("isLocal ? false : { rejectUnauthorized: false }", "unverified"),
        ("process.env.DB_SSL && { rejectUnauthorized: false }", "unverified"),
        ("process.env.DB_SSL", ...),
        ("{ rejectUnauthorized: false }, ...more", ...),
        ("true, ...(production ? { ssl: { rejectUnauthorized: false } } : {})", "unverified"),
        ("true, ...(production ? {} : { ssl: { rejectUnauthorized: false } })", ...),
        ("true, ...(local && { ssl: { rejectUnauthorized: false } })", ...),
    ],
)
def test_what_a_tls_option_comes_to(ssl: str, expected: object) -> None:
    project = project_of({"db.ts": PG % f", ssl: {ssl}"})
    assert value(project, client_at(project, "db.ts"), "tls.given") == expected


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("db.ts", "export const pool = new Pool({});", "module"),
        ("db.ts", "export function connect() { return new Pool({}); }", "function"),
        ("db.ts", "class Repo { open() { return new Pool({}); } }", "method"),
        ("app/api/x/route.ts", "export async function GET() { const pool = new Pool({}); }", "handler"),
        ("app/api/x/route.ts", "export const POST = async () => { const pool = new Pool({}); };", "handler"),
        ("src/index.ts", "export default { async fetch(request, env) { const pool = new Pool({}); } };", "handler"),
        ("src/index.ts", "export const handler = async (event) => { const pool = new Pool({}); };", "handler"),
        ("pages/api/x.ts", "export default async function handler(req, res) { const pool = new Pool({}); }", "handler"),
        ("src/actions.ts", "'use server';\nexport async function save() { const pool = new Pool({}); }", "handler"),
        ("src/page.tsx", "async function save() { 'use server'; const pool = new Pool({}); }", "handler"),
        ("server.ts", "import express from 'express';\nconst app = express();\napp.get('/', async (req, res) => { const pool = new Pool({}); });", "handler"),
        ("src/index.ts", "import { Hono } from 'hono';\nconst app = new Hono();\napp.post('/', (c) => { const pool = new Pool({}); });", "handler"),
        ("app/routes/x.tsx", "export async function loader() { const pool = new Pool({}); }", "handler"),
        ("src/routes/+page.server.ts", "export const load = async () => { const pool = new Pool({}); };", "handler"),
        ("server/api/x.ts", "export default defineEventHandler(async () => { const pool = new Pool({}); });", "handler"),
        ("functions/x.ts", "export const onRequestGet = async (context) => { const pool = new Pool({}); };", "handler"),
        ("scripts/seed.ts", "async function main() { const pool = new Pool({}); }\nmain();", "function"),
    ],
)  # fmt: skip
def test_where_a_client_stands(path: str, source: str, expected: str) -> None:
    project = project_of({path: _directive(source)})
    assert value(project, client_at(project, path), "scope") == expected


def _directive(source: str) -> str:
    """`source` with the import of `Pool`, behind a directive that it begins with."""
    head, _, rest = source.partition("\n") if source.startswith("'") else ("", "", source)
    return f"{head}\nimport {{ Pool }} from 'pg';\n{rest}\n"


@pytest.mark.parametrize(
    ("more", "handled", "ended"),
    [
        ("", False, False),
        ("pool.on('error', console.error);", True, False),
        ("pool.on('connect', f);", False, False),
        ("process.on('SIGTERM', () => pool.end());", False, True),
        ("watch(pool);", ..., ...),
        ("import { drizzle } from 'drizzle-orm/node-postgres';\nexport const db = drizzle(pool);", False, False),
        ("import { PrismaPg } from '@prisma/adapter-pg';\nconst a = new PrismaPg(pool);", True, False),
    ],
)
def test_what_becomes_of_a_pool(more: str, handled: object, ended: object) -> None:
    project = project_of({"db.ts": f"import {{ Pool }} from 'pg';\nexport const pool = new Pool({{}});\n{more}\n"})
    client = next(c for c in project.clients if c.library == "pg")
    assert value(project, client, "pool.errors_handled") == handled
    assert value(project, client, "pool.ended") == ended


def test_another_file_may_listen_and_attach() -> None:
    project = project_of(
        {
            "src/db.ts": "import { Pool } from 'pg';\nexport const pool = new Pool({});\n",
            "src/main.ts": "import { attachDatabasePool } from '@vercel/functions';\nimport { pool } from './db';\n"
            "pool.on('error', console.error);\nattachDatabasePool(pool);\n",
        }
    )
    client = client_at(project, "src/db.ts")
    assert value(project, client, "pool.errors_handled") is True
    assert value(project, client, "pool.attached") is True


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import { Pool } from 'pg';\nexport async function GET() { const pool = new Pool({ connectionString: process.env.URL }); return pool.query('x'); }", True),
        ("import { Pool } from 'pg';\nexport async function GET() { const pool = new Pool({ connectionString: process.env.URL }); await pool.end(); }", False),
        ("import { Pool } from 'pg';\nlet pool: Pool;\nexport async function GET() { pool ??= new Pool({ connectionString: process.env.URL }); }", False),
        ("import { Pool } from '@neondatabase/serverless';\nexport async function GET() { const pool = new Pool({ connectionString: process.env.URL }); }", False),
        ("import { Pool } from 'pg';\nexport const runtime = 'edge';\nexport async function GET() { const pool = new Pool({ connectionString: process.env.URL }); }", False),
    ],
)  # fmt: skip
def test_a_pool_for_each_request(source: str, expected: object) -> None:
    project = project_of({"app/api/x/route.ts": source})
    assert value(project, client_at(project, "app/api/x/route.ts"), "per_request") == expected


def test_times_in_milliseconds_are_seconds_in_the_common_facts() -> None:
    project = project_of(
        {"db.ts": PG % ", connectionTimeoutMillis: 2500, idleTimeoutMillis: 600000, statement_timeout: 5"}
    )
    client = client_at(project, "db.ts")
    assert value(project, client, "connect_seconds") == 2.5
    assert value(project, client, "idle_over_suspend") is False  # a pool hears when an idle connection ends
    assert value(project, client, "startup.dropped") == "statement_timeout"
    assert value(project, client, "pool.largest") == 10


def test_prismas_client_connects_with_what_the_schema_says() -> None:
    schema = 'datasource db {\n  provider = "postgresql"\n  url = env("A")\n}\n'
    source = 'import { PrismaClient } from "@prisma/client";\nexport const prisma = new PrismaClient();\n'
    project = project_of({"prisma/schema.prisma": schema, "db.ts": source, ".env": f"A=postgresql://{HOST}\n"})
    assert value(project, client_at(project, "db.ts"), "connection.endpoint.pooled") is True
    assert len(project.consumers(connection_at(project, ".env"))) == 2


# prisma-engines, `quaint/src/connector/postgres/url.rs`: three modes are known, and certificates are another parameter.
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", None),
        ("?sslmode=disable", "disable"),
        ("?sslmode=require", "require"),
        ("?sslmode=verify-full", "prefer"),
        ("?sslmode=verify-ca", "prefer"),
        ("?sslmode=no-verify", "prefer"),
        ("?sslmode=require&sslaccept=strict", "verify-full"),
        ("?sslmode=require&sslaccept=sure", "verify-full"),
        ("?sslmode=require&sslaccept=accept_invalid_certs", "require"),
        ("?sslmode=verify-full&sslaccept=strict", "prefer"),
        ("?sslaccept=strict", None),
    ],
)
def test_the_mode_as_prismas_engine_takes_it(query: str, expected: object) -> None:
    schema = 'datasource db {\n  provider = "postgresql"\n  url = env("URL")\n}\n'
    project = project_of({"prisma/schema.prisma": schema, ".env": f"URL=postgresql://{HOST}{query}\n"})
    assert value(project, connection_at(project, ".env", "URL"), "tls.mode") == expected


def test_prismas_engine_knows_channel_binding() -> None:
    schema = 'datasource db {\n  provider = "postgresql"\n  url = env("URL")\n}\n'
    adapter = 'import { PrismaPg } from "@prisma/adapter-pg";\nconst a = new PrismaPg({ connectionString: process.env.URL });\n'
    url = f"URL=postgresql://{HOST}?sslmode=require&channel_binding=require\n"
    facts = ("tls.channel_binding", "driver.channel_binding", "driver.prefers")
    for reader, expected in (
        ({"prisma/schema.prisma": schema}, ["require", "honoured", True]),
        ({"db.ts": adapter}, [None, "ignored", False]),
        ({"prisma/schema.prisma": schema, "db.ts": adapter}, [None, "mixed", ...]),
    ):
        project = project_of({".env": url, **reader})
        assert [value(project, connection_at(project, ".env", "URL"), fact) for fact in facts] == expected


def test_the_pair_of_a_prisma_schema() -> None:
    schema = 'datasource db {\n  provider = "postgresql"\n  url = env("A")\n  directUrl = env("B")\n}\n'
    project = project_of({"prisma/schema.prisma": schema, ".env": f"A=postgresql://{HOST}\nB=postgresql://{HOST}\n"})
    client = next(c for c in project.clients if c.kind == "settings")
    facts = ("given.direct_url", "direct.pooled", "direct.variable", "connection.endpoint.pooled", "driver")
    assert [value(project, client, fact) for fact in facts] == [True, True, "B", True, "prisma-engine"]
    assert ask(project, client, "direct.pooled") != Known(None)
