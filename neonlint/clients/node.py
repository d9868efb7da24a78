"""The JavaScript drivers: node-postgres, postgres.js, Neon's serverless driver, @vercel/postgres, Bun's SQL; and what
takes the options of one of them unchanged.

Signatures are those of pg 8.23, pg-pool 3.14, postgres 3.4, @neondatabase/serverless 0.9 to 1.2, @vercel/postgres
0.10, Bun 1.3, pg-promise 12, pg-boss 12 and slonik 49. What takes an object-relational mapper stands in `node_orms`.
"""

from __future__ import annotations

from collections.abc import Mapping

from neonlint.clients.base import ClientSpec, Opens

Paths = Mapping[str, tuple[str, ...]]

#: What `new Pool` and `new Client` of node-postgres take, and of Neon's driver, which is made of it.
PG_OPTIONS: Paths = {
    "ssl": ("ssl",),
    "reject_unauthorized": ("ssl", "rejectUnauthorized"),
    "max_size": ("max",),
    "min_size": ("min",),
    "max_uses": ("maxUses",),
    "max_lifetime_seconds": ("maxLifetimeSeconds",),
    "idle_milliseconds": ("idleTimeoutMillis",),
    "connect_milliseconds": ("connectionTimeoutMillis",),
    "statement_timeout": ("statement_timeout",),
    "lock_timeout": ("lock_timeout",),
    "idle_in_transaction_timeout": ("idle_in_transaction_session_timeout",),
    "keep_alive": ("keepAlive",),
    "channel_binding": ("enableChannelBinding",),
    "sslnegotiation": ("sslnegotiation",),
}
FAMILY = "driver-keywords"
CONNECTION_STRING = (0, ("connectionString",))


def below(path: tuple[str, ...], options: Paths = PG_OPTIONS) -> dict[str, tuple[str, ...]]:
    """The same options in an object that stands under `path` of another."""
    return {name: (*path, *keys) for name, keys in options.items()}


PG = ClientSpec(
    "pg",
    (
        Opens(
            ("pg.Pool", "pg-pool", "pg-pool.Pool", "pg.native.Pool", "pg.BoundPool"),
            "pool",
            CONNECTION_STRING,
            FAMILY,
            PG_OPTIONS,
            settings=(0,),
        ),
        Opens(
            ("pg.Client", "pg.native.Client", "pg-native"),
            "connection",
            CONNECTION_STRING,
            FAMILY,
            PG_OPTIONS,
            settings=(0,),
        ),
    ),
    "pg",
)

#: postgres.js gives its times in seconds.
POSTGRES_JS_OPTIONS: Paths = {
    "ssl": ("ssl",),
    "reject_unauthorized": ("ssl", "rejectUnauthorized"),
    "max_size": ("max",),
    "max_idle_seconds": ("idle_timeout",),
    "max_lifetime_seconds": ("max_lifetime",),
    "connect_timeout": ("connect_timeout",),
    "prepare": ("prepare",),
    "keep_alive": ("keep_alive",),
    "sslnegotiation": ("sslnegotiation",),
    "startup_settings": ("connection",),
}
POSTGRES_JS = ClientSpec(
    "postgres.js",
    (Opens(("postgres",), "pool", (0, ()), FAMILY, POSTGRES_JS_OPTIONS, settings=(1, 0)),),
    "postgres.js",
)

NEON_HTTP = ClientSpec(
    "neon-http",
    (Opens(("@neondatabase/serverless.neon",), "connection", CONNECTION_STRING, settings=(1, 0)),),
    "neon-http",
)
NEON_WS = ClientSpec(
    "neon-ws",
    (
        Opens(("@neondatabase/serverless.Pool",), "pool", CONNECTION_STRING, FAMILY, PG_OPTIONS, settings=(0,)),
        Opens(("@neondatabase/serverless.Client",), "connection", CONNECTION_STRING, FAMILY, PG_OPTIONS, settings=(0,)),
    ),
    "neon-ws",
)
VERCEL_POSTGRES = ClientSpec(
    "vercel-postgres",
    (
        Opens(
            ("@vercel/postgres.createPool", "@vercel/postgres.VercelPool", "@vercel/postgres-kysely.createKysely"),
            "pool",
            CONNECTION_STRING,
            FAMILY,
            PG_OPTIONS,
            default_environment="POSTGRES_URL",
            settings=(0,),
        ),
        Opens(
            ("@vercel/postgres.createClient", "@vercel/postgres.VercelClient"),
            "connection",
            CONNECTION_STRING,
            FAMILY,
            PG_OPTIONS,
            default_environment="POSTGRES_URL_NON_POOLING",
            settings=(0,),
        ),
    ),
    "neon-ws",
)
#: Times in seconds (Bun documentation, "SQL", connection options).
BUN_SQL = ClientSpec(
    "bun-sql",
    (
        Opens(
            ("bun.SQL", "Bun.SQL"),
            "pool",
            (0, ("url",)),
            FAMILY,
            {
                "ssl": ("tls",),
                "reject_unauthorized": ("tls", "rejectUnauthorized"),
                "max_size": ("max",),
                "max_idle_seconds": ("idleTimeout",),
                "max_lifetime_seconds": ("maxLifetime",),
                "connect_timeout": ("connectionTimeout",),
                "prepare": ("prepare",),
            },
            elsewhere={"ssl": (("ssl",),)},
            speaks=("adapter", frozenset({"postgres"})),
            default_environment="POSTGRES_URL",
            settings=(1, 0),
        ),
    ),
    "bun-sql",
)

#: What is made by the call of what `pg-promise` itself returns.
PG_PROMISE = ClientSpec(
    "pg-promise", (Opens(("pg-promise()",), "pool", CONNECTION_STRING, FAMILY, PG_OPTIONS, settings=(0,)),), "pg"
)
SLONIK = ClientSpec(
    "slonik",
    (
        Opens(
            ("slonik.createPool",),
            "pool",
            (0, ()),
            None,
            {
                "ssl": ("ssl",),
                "reject_unauthorized": ("ssl", "rejectUnauthorized"),
                "max_size": ("maximumPoolSize",),
                "min_size": ("minimumPoolSize",),
                "idle_milliseconds": ("idleTimeout",),
                "connect_milliseconds": ("connectionTimeout",),
            },
            settings=(1,),
        ),
    ),
    "pg",
)
PG_BOSS = ClientSpec(
    "pg-boss",
    (Opens(("pg-boss", "pg-boss.PgBoss"), "pool", CONNECTION_STRING, FAMILY, PG_OPTIONS, settings=(0,)),),
    "pg",
)
LANGCHAIN = ClientSpec(
    "langchain",
    (
        Opens(
            (
                "@langchain/community/vectorstores/pgvector.PGVectorStore.initialize",
                "@langchain/community/vectorstores/pgvector.PGVectorStore.fromDocuments",
                "@langchain/community/vectorstores/pgvector.PGVectorStore.fromTexts",
                "@langchain/community/vectorstores/pgvector.PGVectorStore",
            ),
            "pool",
            (None, ("postgresConnectionOptions.connectionString",)),
            FAMILY,
            below(("postgresConnectionOptions",)),
            settings=(1, 2, 3),
            within=("postgresConnectionOptions",),
            wraps=("pool",),
        ),
        Opens(
            ("@langchain/langgraph-checkpoint-postgres.PostgresSaver.fromConnString",), "pool", (0, ()), settings=(1,)
        ),
    ),
    "pg",
)
LLAMAINDEX = ClientSpec(
    "llamaindex",
    (
        Opens(
            ("llamaindex.PGVectorStore", "@llamaindex/postgres.PGVectorStore"),
            "pool",
            (None, ("clientConfig.connectionString",)),
            FAMILY,
            below(("clientConfig",)),
            settings=(0,),
            within=("clientConfig",),
            wraps=("client",),
        ),
    ),
    "pg",
)

SPECS = (
    PG,
    POSTGRES_JS,
    NEON_HTTP,
    NEON_WS,
    VERCEL_POSTGRES,
    BUN_SQL,
    PG_PROMISE,
    SLONIK,
    PG_BOSS,
    LANGCHAIN,
    LLAMAINDEX,
)

#: Clients that a package has ready: the dotted name, the library, and the variables that it reads, the first that is
#: set.
READY: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "@vercel/postgres.sql": ("vercel-postgres", ("POSTGRES_URL",)),
    "@vercel/postgres.db": ("vercel-postgres", ("POSTGRES_URL",)),
    "@vercel/postgres-kysely.db": ("vercel-postgres", ("POSTGRES_URL",)),
    "bun.sql": ("bun-sql", ("POSTGRES_URL", "DATABASE_URL", "PGURL", "PG_URL")),
    "Bun.sql": ("bun-sql", ("POSTGRES_URL", "DATABASE_URL", "PGURL", "PG_URL")),
}
