"""Every way of opening in the JavaScript tables: a small file, and the client that is read out of it."""

from __future__ import annotations

import pytest

from neonlint.clients import node_clients
from neonlint.clients.node_calls import path_of, stands_on, way_of
from neonlint.extract import extract
from neonlint.formats import load
from neonlint.ir.model import Client
from neonlint.ir.source import Call, EnvRef, Items, Ref, Scalar, Table, Unknown, Value


def clients(source: str, path: str = "src/db.ts") -> tuple[Client, ...]:
    name = "prisma" if path.endswith(".prisma") else "javascript"
    return tuple(extract(load(name).read(path, source.encode())).clients)


def only(source: str, path: str = "src/db.ts") -> Client:
    (client,) = clients(source, path)
    return client


def shown(value: Value | None) -> object:
    """A value in a form that a test can spell: literals as they are, `$NAME` for the environment, `?` for the unseen."""
    match value:
        case Scalar():
            return value.value
        case EnvRef():
            return f"${value.name}" + ("" if value.default is None else f"|{shown(value.default)}")
        case Table():
            return {entry.key: shown(entry.value) for entry in value.entries}
        case Items():
            return [shown(inner) for inner in value.values]
        case Ref():
            return f"@{value.name}"
        case Call():
            return f"{value.callee}()"
        case Unknown():
            return "?"
    return None


LAX = {"rejectUnauthorized": False}

# library, kind, source, target, options, fields; and the path where it matters
CASES: list[tuple[str, str, str, object, dict[str, object], dict[str, object], str]] = [
    (
        "pg", "pool",
        'import { Pool } from "pg";\nexport const pool = new Pool({ connectionString: process.env.URL!, max: 5, idleTimeoutMillis: 1000, connectionTimeoutMillis: 2000 });',
        "$URL", {"max_size": 5, "idle_milliseconds": 1000, "connect_milliseconds": 2000}, {}, "",
    ),
    (
        "pg", "connection",
        'const { Client } = require("pg");\nconst c = new Client({ host: process.env.PGHOST, user: "u", database: "d", ssl: { rejectUnauthorized: false } });',
        None, {"ssl": LAX, "reject_unauthorized": False}, {"host": "$PGHOST", "user": "u", "database": "d"}, "",
    ),
    ("pg", "connection", 'import pg from "pg";\nconst c = new pg.Client(process.env.URL);', "$URL", {}, {}, ""),
    ("pg", "pool", 'import Pool from "pg-pool";\nconst c = new Pool({ ssl: "require" });', None, {"ssl": "require"}, {}, ""),
    (
        "postgres.js", "pool",
        'import postgres from "postgres";\nconst sql = postgres(process.env.URL!, { ssl: "require", prepare: false, idle_timeout: 20, connect_timeout: 10 });',
        "$URL", {"ssl": "require", "prepare": False, "max_idle_seconds": 20, "connect_timeout": 10}, {}, "",
    ),
    (
        "postgres.js", "pool",
        'import postgres from "postgres";\nconst sql = postgres({ host: "h", db: "d", username: "u", pass: "p", max: 1 });',
        None, {"max_size": 1}, {"host": "h", "database": "d", "user": "u", "password": "p"}, "",
    ),
    (
        "neon-http", "connection",
        'import { neon as n } from "@neondatabase/serverless";\nconst sql = n(process.env.URL!);', "$URL", {}, {}, "",
    ),
    (
        "neon-http", "connection",
        'import { neon } from "@neondatabase/serverless";\nconst sql = neon({ connectionString: process.env.URL });', "$URL", {}, {}, "",
    ),
    (
        "neon-ws", "pool",
        'import { Pool } from "@neondatabase/serverless";\nconst p = new Pool({ connectionString: env.URL, max: 3 });\n', "@env.URL", {"max_size": 3}, {}, "",
    ),
    ("neon-ws", "connection", 'import { Client } from "@neondatabase/serverless";\nconst c = new Client(process.env.URL);', "$URL", {}, {}, ""),
    (
        "vercel-postgres", "pool",
        'import { createPool } from "@vercel/postgres";\nconst p = createPool();', "$POSTGRES_URL", {}, {}, "",
    ),
    (
        "vercel-postgres", "connection",
        'import { createClient } from "@vercel/postgres";\nconst p = createClient();', "$POSTGRES_URL_NON_POOLING", {}, {}, "",
    ),
    (
        "vercel-postgres", "pool",
        'import { sql } from "@vercel/postgres";\nexport async function GET() { return sql`SELECT 1`; }', "$POSTGRES_URL", {}, {}, "",
    ),
    (
        "bun-sql", "pool",
        'import { SQL } from "bun";\nconst s = new SQL(process.env.URL!, { max: 2, tls: true });', "$URL", {"max_size": 2, "ssl": True}, {}, "",
    ),
    (
        "bun-sql", "pool",
        'import { sql } from "bun";\nawait sql`SELECT 1`;', "$POSTGRES_URL|$DATABASE_URL|$PGURL|$PG_URL", {}, {}, "",
    ),
    (
        "pg-promise", "pool",
        'import pgPromise from "pg-promise";\nconst pgp = pgPromise({});\nexport const db = pgp({ connectionString: process.env.URL, max: 4 });',
        "$URL", {"max_size": 4}, {}, "",
    ),
    (
        "slonik", "pool",
        'import { createPool } from "slonik";\nconst p = await createPool(process.env.URL!, { maximumPoolSize: 3, ssl: { rejectUnauthorized: false } });',
        "$URL", {"max_size": 3, "ssl": LAX, "reject_unauthorized": False}, {}, "",
    ),
    ("pg-boss", "pool", 'import PgBoss from "pg-boss";\nconst boss = new PgBoss(process.env.URL!);', "$URL", {}, {}, ""),
    (
        "langchain", "pool",
        'import { PGVectorStore } from "@langchain/community/vectorstores/pgvector";\n'
        "const s = await PGVectorStore.initialize(e, { postgresConnectionOptions: { connectionString: process.env.URL, ssl: true }, tableName: 't' });",
        "$URL", {"ssl": True}, {}, "",
    ),
    (
        "llamaindex", "pool",
        'import { PGVectorStore } from "@llamaindex/postgres";\nconst s = new PGVectorStore({ clientConfig: { connectionString: process.env.URL } });',
        "$URL", {}, {}, "",
    ),
    (
        "prisma", "pool",
        'import { PrismaClient } from "@/generated/prisma/client";\nconst p = new PrismaClient({ datasources: { db: { url: process.env.URL } } });',
        "$URL", {}, {}, "",
    ),
    ("prisma", "pool", 'import { PrismaClient } from "@prisma/client";\nconst p = new PrismaClient();', None, {}, {}, ""),
    (
        "prisma", "migrations",
        'import { defineConfig, env } from "prisma/config";\nexport default defineConfig({ datasource: { url: env("DIRECT_URL") } });',
        "$DIRECT_URL", {}, {}, "prisma.config.ts",
    ),
    (
        "prisma", "settings",
        'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n', "$DATABASE_URL", {}, {}, "prisma/schema.prisma",
    ),
    (
        "prisma-adapter-neon", "pool",
        'import { PrismaNeon } from "@prisma/adapter-neon";\nconst a = new PrismaNeon({ connectionString: process.env.URL, max: 2 });',
        "$URL", {"max_size": 2}, {}, "",
    ),
    ("prisma-adapter-neon", "connection", 'import { PrismaNeonHTTP } from "@prisma/adapter-neon";\nconst a = new PrismaNeonHTTP(process.env.URL!, {});', "$URL", {}, {}, ""),
    ("prisma-adapter-pg", "pool", 'import { PrismaPg } from "@prisma/adapter-pg";\nconst a = new PrismaPg(process.env.URL!);', "$URL", {}, {}, ""),
    ("drizzle", "pool", 'import { drizzle } from "drizzle-orm/node-postgres";\nconst db = drizzle(process.env.URL!);', "$URL", {}, {}, ""),
    (
        "drizzle", "connection",
        'import { drizzle } from "drizzle-orm/neon-http";\nimport { env } from "@/env";\nconst db = drizzle(env.DATABASE_URL, { schema });',
        "@@/env.env.DATABASE_URL", {}, {}, "",
    ),
    (
        "drizzle", "pool",
        'import { drizzle } from "drizzle-orm/postgres-js";\nconst db = drizzle({ connection: { url: process.env.URL!, ssl: "require" }, schema });',
        "$URL", {"ssl": "require"}, {}, "",
    ),
    ("drizzle", "pool", 'import { drizzle } from "drizzle-orm/neon-serverless";\nconst db = drizzle({ connection: process.env.URL!, ws });', "$URL", {}, {}, ""),
    ("drizzle", "pool", 'import { drizzle } from "drizzle-orm/vercel-postgres";\nconst db = drizzle();', "$POSTGRES_URL", {}, {}, ""),
    (
        "drizzle-kit", "migrations",
        'import { defineConfig } from "drizzle-kit";\nexport default defineConfig({ dialect: "postgresql", dbCredentials: { url: process.env.URL! } });',
        "$URL", {}, {}, "drizzle.config.ts",
    ),
    (
        "drizzle-kit", "migrations",
        'import type { Config } from "drizzle-kit";\nexport default { driver: "pg", dbCredentials: { connectionString: process.env.URL! } } satisfies Config;',
        "$URL", {}, {}, "drizzle.config.ts",
    ),
    (
        "drizzle-kit", "migrations",
        'export default { dialect: "postgresql", dbCredentials: { host: "h", user: "u", password: process.env.PW, database: "d", ssl: "require" } };',
        None, {"ssl": "require"}, {"host": "h", "user": "u", "password": "$PW", "database": "d"}, "drizzle-dev.config.ts",
    ),
    ("kysely", "pool", 'import { NeonDialect } from "kysely-neon";\nconst d = new NeonDialect({ connectionString: process.env.URL });', "$URL", {}, {}, ""),
    (
        "knex", "pool",
        'const knex = require("knex")({ client: "pg", connection: { connectionString: process.env.URL, ssl: { rejectUnauthorized: false } }, pool: { min: 2, max: 10 } });',
        "$URL", {"ssl": LAX, "reject_unauthorized": False, "min_size": 2, "max_size": 10}, {}, "",
    ),
    ("knex", "pool", 'import knex from "knex";\nconst k = knex({ client: "pg", connection: process.env.URL });', "$URL", {}, {}, ""),
    (
        "knex", "settings",
        'module.exports = { development: { client: "sqlite3" }, production: { client: "postgresql", connection: process.env.URL, pool: { max: 4 } } };',
        "$URL", {"max_size": 4}, {}, "knexfile.js",
    ),
    (
        "typeorm", "pool",
        'import { DataSource } from "typeorm";\nexport const s = new DataSource({ type: "postgres", url: process.env.URL, ssl: true, extra: { ssl: { rejectUnauthorized: false }, max: 4 } });',
        "$URL", {"ssl": LAX, "reject_unauthorized": False, "max_size": 4}, {}, "",
    ),
    (
        "typeorm", "pool",
        'import { TypeOrmModule } from "@nestjs/typeorm";\nconst m = TypeOrmModule.forRootAsync({ useFactory: (config: ConfigService) => ({ type: "postgres", url: config.get("URL"), ssl: true }) });',
        "$URL", {"ssl": True}, {}, "",
    ),
    ("typeorm", "settings", 'module.exports = { type: "postgres", url: process.env.URL };', "$URL", {}, {}, "ormconfig.js"),
    (
        "sequelize", "pool",
        'const { Sequelize } = require("sequelize");\nconst s = new Sequelize(process.env.URL, { dialect: "postgres", dialectOptions: { ssl: { require: true, rejectUnauthorized: false } }, pool: { max: 5 } });',
        "$URL", {"ssl": {"require": True, "rejectUnauthorized": False}, "reject_unauthorized": False, "max_size": 5}, {}, "",
    ),
    (
        "sequelize", "pool",
        'import { Sequelize } from "sequelize";\nconst s = new Sequelize("d", "u", process.env.PW, { host: "h", dialect: "postgres" });',
        None, {}, {"database": "d", "user": "u", "password": "$PW", "host": "h"}, "",
    ),
    (
        "sequelize", "settings",
        'module.exports = { production: { use_env_variable: "URL", dialect: "postgres" }, test: { dialect: "sqlite" } };', "$URL", {}, {}, "config/config.js",
    ),
    (
        "mikro-orm", "pool",
        'import { MikroORM } from "@mikro-orm/postgresql";\nconst o = await MikroORM.init({ clientUrl: process.env.URL, driverOptions: { connection: { ssl: true } } });',
        "$URL", {"ssl": True}, {}, "",
    ),
    (
        "mikro-orm", "pool",
        'import { defineConfig } from "@mikro-orm/postgresql";\nexport default defineConfig({ host: "h", dbName: "d" });', None, {}, {"host": "h", "database": "d"}, "mikro-orm.config.ts",
    ),
    (
        "node-pg-migrate", "migrations",
        'import runner from "node-pg-migrate";\nawait runner({ databaseUrl: process.env.URL!, dir: "m", direction: "up", migrationsTable: "t", noLock: true });',
        "$URL", {"no_lock": True}, {}, "",
    ),
    (
        "payload", "settings",
        'import { postgresAdapter } from "@payloadcms/db-postgres";\nexport default buildConfig({ db: postgresAdapter({ pool: { connectionString: process.env.URL, max: 3 } }) });',
        "$URL", {"max_size": 3}, {}, "payload.config.ts",
    ),
    (
        "payload", "settings",
        'import { vercelPostgresAdapter } from "@payloadcms/db-vercel-postgres";\nconst db = vercelPostgresAdapter({});', "$POSTGRES_URL", {}, {}, "",
    ),
    (
        "strapi", "settings",
        'module.exports = ({ env }) => ({ connection: { client: "postgres", connection: { connectionString: env("URL") }, pool: { max: 5 } } });',
        "$URL", {"max_size": 5}, {}, "config/database.js",
    ),
    (
        "keystone", "settings",
        'import { config } from "@keystone-6/core";\nexport default config({ db: { provider: "postgresql", url: process.env.URL! } });', "$URL", {}, {}, "keystone.ts",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("library", "kind", "source", "target", "options", "fields", "path"), CASES)
def test_a_client_is_read(
    library: str, kind: str, source: str, target: object, options: object, fields: object, path: str
) -> None:
    client = only(source, path or "src/db.ts")
    assert (client.library, client.kind) == (library, kind)
    assert shown(client.target) == target
    assert {name: shown(value) for name, value in client.options.items()} == options
    found = client.fields.fields if client.fields is not None else {}
    assert {name: shown(entry.value) for name, entry in found.items()} == fields
    assert not client.opaque


def test_every_library_has_a_case() -> None:
    assert set(node_clients()) - {"directus", "pgtyped"} <= {case[0] for case in CASES}  # these two read data files


@pytest.mark.parametrize(
    "source",
    [
        'import { Pool } from "pg";\nimport { drizzle } from "drizzle-orm/node-postgres";\n'
        "const pool = new Pool({ connectionString: process.env.URL });\nexport const db = drizzle(pool, { schema });",
        'import { Pool } from "pg";\nimport { drizzle } from "drizzle-orm/node-postgres";\n'
        "export const db = drizzle({ client: new Pool({ connectionString: process.env.URL }) });",
        'import { Pool } from "pg";\nimport { Kysely, PostgresDialect } from "kysely";\n'
        "export const db = new Kysely({ dialect: new PostgresDialect({ pool: new Pool({ connectionString: process.env.URL }) }) });",
        'import { Pool } from "pg";\nimport { PrismaPg } from "@prisma/adapter-pg";\nimport { PrismaClient } from "@prisma/client";\n'
        "const pool = new Pool({ connectionString: process.env.URL });\n"
        "export const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });",
        'import { Pool } from "pg";\nimport { betterAuth } from "better-auth";\n'
        "export const auth = betterAuth({ database: new Pool({ connectionString: process.env.URL }) });",
    ],
)
def test_a_pool_that_is_handed_on_is_one_client(source: str) -> None:
    client = only(source)
    assert (client.library, shown(client.target)) == ("pg", "$URL")


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('import { defineConfig } from "drizzle-kit";\nexport default defineConfig({ dialect: "sqlite", dbCredentials: { url: "x" } });', "drizzle.config.ts"),
        ('import { defineConfig } from "drizzle-kit";\nexport default defineConfig({ dialect: "postgresql", schema: "x" });', "drizzle.config.ts"),
        ('import knex from "knex";\nconst k = knex({ client: "mysql2", connection: process.env.URL });', "src/db.ts"),
        ('import { DataSource } from "typeorm";\nconst s = new DataSource({ type: "sqlite", database: "x" });', "src/db.ts"),
        ('import { Sequelize } from "sequelize";\nconst s = new Sequelize("d", "u", "p", { dialect: "mysql", host: "h" });', "src/db.ts"),
        ("function postgres(url: string) { return url; }\nconst p = postgres(process.env.URL!);", "src/db.ts"),
        ('import { Client } from "@upstash/qstash";\nconst c = new Client({ token: process.env.TOKEN! });', "src/db.ts"),
        ('import pgPromise from "pg-promise";\nexport const pgp = pgPromise({ capSQL: true });', "src/db.ts"),
        ('datasource db {\n  provider = "mysql"\n  url = env("DATABASE_URL")\n}\n', "prisma/schema.prisma"),
        ("export default { url: process.env.URL };", "config/database.ts"),
        ('import { neon } from "./providers";\nexport const model = neon("gpt");', "src/ai.ts"),
    ],
)  # fmt: skip
def test_what_is_no_client_is_none(source: str, path: str) -> None:
    assert clients(source, path) == ()


def test_options_that_cannot_be_seen_make_it_opaque() -> None:
    assert only('import { Pool } from "pg";\nexport const p = (o: object) => new Pool({ ...o, max: 1 });').opaque
    assert only('import { Pool } from "pg";\nimport { options } from "./options";\nconst p = new Pool(options);').opaque
    assert only('import { Pool } from "pg";\nconst p = new Pool(...given);').opaque
    assert only(
        'import postgres from "postgres";\nexport const f = (o: object) => postgres(process.env.URL!, o);'
    ).opaque


def test_a_schema_has_two_clients_where_it_has_two_urls() -> None:
    schema = 'datasource db {\n  provider  = "postgresql"\n  url       = env("A")\n  directUrl = env("B")\n}\n'
    first, second = clients(schema, "prisma/schema.prisma")
    assert (first.kind, shown(first.target), shown(first.options["direct_url"])) == ("settings", "$A", "$B")
    assert (second.kind, second.name, shown(second.target)) == ("migrations", "directUrl", "$B")


def test_the_client_inside_a_wrapper_is_found() -> None:
    document = load("javascript").read(
        "db.ts",
        b'import { Pool } from "pg";\nimport { drizzle } from "drizzle-orm/node-postgres";\n'
        b"export const db = drizzle({ client: new Pool({}) });\nexport const other = drizzle(process.env.URL!);",
    )
    wrappers = [call for call in document.calls if call.callee.endswith("drizzle")]
    inner = [stands_on(call) for call in wrappers]
    assert isinstance(inner[0], Call)
    assert inner[0].callee == "pg.Pool"
    assert inner[1] is None


def test_an_option_is_written_where_it_is_given() -> None:
    source = 'import { DataSource } from "typeorm";\nconst s = new DataSource({ type: "postgres", url: process.env.URL, %s });'
    inside, beside = only(source % "extra: { ssl: true }"), only(source % "ssl: true")
    for client, path in ((inside, ("extra", "ssl")), (beside, ("ssl",))):
        way = way_of(client)
        assert way is not None
        assert path_of(way, "ssl", client.table) == path
        assert path_of(way, "liveness", client.table) is None
