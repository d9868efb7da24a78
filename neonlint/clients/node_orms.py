"""What stands on the JavaScript drivers: Prisma and its adapters, Drizzle, Knex, TypeORM, Sequelize, MikroORM,
migration tools, and frameworks that open their own database.

Kysely, Objection and better-auth take a client that the code makes (`new PostgresDialect({ pool })`), so that client
is the one that opens, and nothing stands here for them. Signatures are those of Prisma 5 to 7, drizzle-orm 0.45,
drizzle-kit 0.31, Knex 3.3, TypeORM 1.1, Sequelize 6.37 and 7, MikroORM 6, node-pg-migrate 9, Payload 3, Strapi 5,
Keystone 6, Directus 11 and 12 and pgtyped 2.
"""

from __future__ import annotations

from neonlint.clients.base import ClientSpec, Opens
from neonlint.clients.node import CONNECTION_STRING, FAMILY, PG_OPTIONS, POSTGRES_JS_OPTIONS, below

_POSTGRES = frozenset({"postgres", "postgresql", "pg", "postgresqldialect", "postgresdialect", "aurora-postgres"})

PRISMA = ClientSpec(
    "prisma",
    (
        # `PrismaClient` of `@prisma/client` and of a generated client at any path; `node_calls` knows it by its last
        # name.
        Opens(
            ("@prisma/client.PrismaClient",),
            "pool",
            (None, ("datasourceUrl", "datasources.db.url")),
            None,
            {"adapter": ("adapter",)},
            settings=(0,),
            wraps=("adapter",),
        ),
        Opens(
            ("prisma/config.defineConfig",),
            "migrations",
            (None, ("datasource.url",)),
            None,
            {"direct_url": ("datasource", "directUrl")},
            settings=(0,),
            wraps=("adapter", "migrate.adapter"),
        ),
    ),
    "prisma-engine",
)
PRISMA_ADAPTER_NEON = ClientSpec(
    "prisma-adapter-neon",
    (
        Opens(
            ("@prisma/adapter-neon.PrismaNeon",),
            "pool",
            CONNECTION_STRING,
            FAMILY,
            PG_OPTIONS,
            settings=(0,),
            wraps_first=True,
        ),
        Opens(
            ("@prisma/adapter-neon.PrismaNeonHTTP", "@prisma/adapter-neon.PrismaNeonHttp"),
            "connection",
            (0, ()),
            settings=(1,),
            wraps_first=True,
            driver="neon-http",
        ),
    ),
    "neon-ws",
)
PRISMA_ADAPTER_PG = ClientSpec(
    "prisma-adapter-pg",
    (
        Opens(
            ("@prisma/adapter-pg.PrismaPg", "@prisma/adapter-pg-worker.PrismaPg"),
            "pool",
            CONNECTION_STRING,
            FAMILY,
            PG_OPTIONS,
            settings=(0,),
            wraps_first=True,
        ),
    ),
    "pg",
)

_DRIZZLE_PG = below(("connection",))


def _drizzle(module: str, driver: str, variable: str | None = None) -> Opens:
    """`drizzle(url)`, `drizzle({ connection })`, `drizzle(client)` and `drizzle({ client })` of one module."""
    options = below(("connection",), POSTGRES_JS_OPTIONS) if driver == "postgres.js" else _DRIZZLE_PG
    return Opens(
        (f"drizzle-orm/{module}.drizzle",),
        "connection" if driver == "neon-http" else "pool",
        (0, ("connection", "connection.connectionString", "connection.url")),
        FAMILY,
        {} if driver == "neon-http" else options,
        default_environment=variable,
        settings=(1, 0),
        within=("connection",),
        wraps=("client",),
        wraps_first=True,
        driver=driver,
    )


DRIZZLE = ClientSpec(
    "drizzle",
    (
        _drizzle("node-postgres", "pg"),
        _drizzle("postgres-js", "postgres.js"),
        _drizzle("neon-http", "neon-http"),
        _drizzle("neon-serverless", "neon-ws"),
        _drizzle("vercel-postgres", "neon-ws", "POSTGRES_URL"),
        _drizzle("bun-sql", "bun-sql"),
    ),
)
#: drizzle-kit chooses the driver by what is installed (drizzle-kit 0.31, `src/cli/connections.ts`).
DRIZZLE_KIT = ClientSpec(
    "drizzle-kit",
    (
        Opens(
            ("drizzle-kit.defineConfig",),
            "migrations",
            (None, ("dbCredentials.url", "dbCredentials.connectionString", "dbCredentials.uri")),
            FAMILY,
            {"ssl": ("dbCredentials", "ssl"), "reject_unauthorized": ("dbCredentials", "ssl", "rejectUnauthorized")},
            settings=(0,),
            within=("dbCredentials",),
            speaks=("dialect|driver", frozenset({"postgresql", "pg"})),
            speaks_always=False,
        ),
    ),
)

KYSELY = ClientSpec(
    "kysely",
    (
        Opens(
            ("kysely-neon.NeonDialect",), "pool", CONNECTION_STRING, FAMILY, PG_OPTIONS, settings=(0,), wraps=("neon",)
        ),
        Opens(
            ("kysely-neon.NeonHTTPDialect",),
            "connection",
            CONNECTION_STRING,
            settings=(0,),
            wraps=("neon",),
            driver="neon-http",
        ),
    ),
    "neon-ws",
)

#: tarn's pool, beside what Knex gives to node-postgres.
_KNEX = below(("connection",)) | {
    "max_size": ("pool", "max"),
    "min_size": ("pool", "min"),
    "idle_milliseconds": ("pool", "idleTimeoutMillis"),
    "acquire_milliseconds": ("acquireConnectionTimeout",),
    "after_create": ("pool", "afterCreate"),
}
KNEX = ClientSpec(
    "knex",
    (
        Opens(
            ("knex", "knex.knex", "knex.Knex"),
            "pool",
            (0, ("connection", "connection.connectionString")),
            FAMILY,
            _KNEX,
            settings=(0,),
            within=("connection",),
            speaks=("client", frozenset({"pg", "postgres", "postgresql", "pgnative", "pg-native"})),
            speaks_always=False,
        ),
    ),
    "pg",
)

TYPEORM = ClientSpec(
    "typeorm",
    (
        Opens(
            (
                "typeorm.DataSource",
                "typeorm.createConnection",
                "@nestjs/typeorm.TypeOrmModule.forRoot",
                "@nestjs/typeorm.TypeOrmModule.forRootAsync",
            ),
            "pool",
            (None, ("url",)),
            FAMILY,
            {
                "ssl": ("ssl",),
                "reject_unauthorized": ("ssl", "rejectUnauthorized"),
                "max_size": ("poolSize",),
                "idle_milliseconds": ("extra", "idleTimeoutMillis"),
                "connect_milliseconds": ("connectTimeoutMS",),
                "keep_alive": ("extra", "keepAlive"),
                "statement_timeout": ("extra", "statement_timeout"),
            },
            settings=(0,),
            elsewhere={
                "ssl": (("extra", "ssl"),),
                "reject_unauthorized": (("extra", "ssl", "rejectUnauthorized"),),
                "max_size": (("extra", "max"),),
                "connect_milliseconds": (("extra", "connectionTimeoutMillis"),),
            },
            speaks=("type", frozenset({"postgres", "aurora-postgres"})),
            speaks_always=False,
        ),
    ),
    "pg",
)

SEQUELIZE = ClientSpec(
    "sequelize",
    (
        Opens(
            ("sequelize.Sequelize", "sequelize", "sequelize-typescript.Sequelize", "@sequelize/core.Sequelize"),
            "pool",
            (0, ("url",)),
            FAMILY,
            {
                "ssl": ("dialectOptions", "ssl"),
                "reject_unauthorized": ("dialectOptions", "ssl", "rejectUnauthorized"),
                "max_size": ("pool", "max"),
                "min_size": ("pool", "min"),
                "idle_milliseconds": ("pool", "idle"),
                "acquire_milliseconds": ("pool", "acquire"),
                "keep_alive": ("dialectOptions", "keepAlive"),
                "statement_timeout": ("dialectOptions", "statement_timeout"),
                "connect_milliseconds": ("dialectOptions", "connectionTimeoutMillis"),
            },
            settings=(3, 2, 1, 0),
            positions={"database": 0, "user": 1, "password": 2},
            speaks=("dialect", _POSTGRES),
        ),
    ),
    "pg",
)

MIKRO_ORM = ClientSpec(
    "mikro-orm",
    (
        Opens(
            (
                "@mikro-orm/postgresql.MikroORM",
                "@mikro-orm/postgresql.MikroORM.init",
                "@mikro-orm/postgresql.MikroORM.initSync",
                "@mikro-orm/postgresql.defineConfig",
                "@mikro-orm/core.MikroORM.init",
                "@mikro-orm/core.defineConfig",
                "@mikro-orm/nestjs.MikroOrmModule.forRoot",
            ),
            "pool",
            (None, ("clientUrl",)),
            FAMILY,
            {
                "ssl": ("driverOptions", "connection", "ssl"),
                "reject_unauthorized": ("driverOptions", "connection", "ssl", "rejectUnauthorized"),
                "max_size": ("pool", "max"),
                "min_size": ("pool", "min"),
                "idle_milliseconds": ("pool", "idleTimeoutMillis"),
            },
            settings=(0,),
            elsewhere={
                "ssl": (("driverOptions", "ssl"),),
                "reject_unauthorized": (("driverOptions", "ssl", "rejectUnauthorized"),),
            },
            speaks=("driver", frozenset({"postgresqldriver"})),
        ),
    ),
    "pg",
)

NODE_PG_MIGRATE = ClientSpec(
    "node-pg-migrate",
    (
        Opens(
            ("node-pg-migrate", "node-pg-migrate.runner"),
            "migrations",
            (None, ("databaseUrl", "databaseUrl.connectionString")),
            FAMILY,
            below(("databaseUrl",)) | {"no_lock": ("noLock",)},
            settings=(0,),
            within=("databaseUrl",),
            wraps=("dbClient",),
        ),
    ),
    "pg",
)

PAYLOAD = ClientSpec(
    "payload",
    (
        Opens(
            ("@payloadcms/db-postgres.postgresAdapter",),
            "settings",
            (None, ("pool.connectionString",)),
            FAMILY,
            below(("pool",)),
            settings=(0,),
            within=("pool",),
        ),
        Opens(
            ("@payloadcms/db-vercel-postgres.vercelPostgresAdapter",),
            "settings",
            (None, ("pool.connectionString",)),
            FAMILY,
            below(("pool",)),
            default_environment="POSTGRES_URL",
            settings=(0,),
            within=("pool",),
            driver="neon-ws",
        ),
    ),
    "pg",
)
#: `connection` holds what Knex takes.
STRAPI = ClientSpec(
    "strapi",
    (
        Opens(
            (),
            "settings",
            (None, ("connection.connection", "connection.connection.connectionString")),
            FAMILY,
            below(("connection",), _KNEX),
            settings=(0,),
            within=("connection", "connection"),
            speaks=("connection.client", frozenset({"postgres", "pg"})),
            speaks_always=False,
        ),
    ),
    "pg",
)
KEYSTONE = ClientSpec(
    "keystone",
    (
        Opens(
            ("@keystone-6/core.config",),
            "settings",
            (None, ("db.url",)),
            None,
            {},
            settings=(0,),
            speaks=("db.provider", frozenset({"postgresql"})),
            speaks_always=False,
        ),
    ),
    "prisma-engine",
)

#: Directus reads variables of the environment (`node_data`) and gives them to Knex.
DIRECTUS = ClientSpec("directus", (), "pg")
#: pgtyped takes the address out of `dbUrl` and drops its parameters; it has a driver of its own.
PGTYPED = ClientSpec(
    "pgtyped",
    (
        Opens(
            (),
            "settings",
            (None, ("dbUrl",)),
            FAMILY,
            {"ssl": ("db", "ssl"), "reject_unauthorized": ("db", "ssl", "rejectUnauthorized")},
            settings=(0,),
            within=("db",),
        ),
    ),
    "pgtyped",
)

SPECS = (
    PRISMA,
    PRISMA_ADAPTER_NEON,
    PRISMA_ADAPTER_PG,
    DRIZZLE,
    DRIZZLE_KIT,
    KYSELY,
    KNEX,
    TYPEORM,
    SEQUELIZE,
    MIKRO_ORM,
    NODE_PG_MIGRATE,
    PAYLOAD,
    STRAPI,
    KEYSTONE,
    DIRECTUS,
    PGTYPED,
)
