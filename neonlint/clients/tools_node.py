"""The command-line tools of JavaScript libraries: what manages schemas there.

Source: the programs' own reference pages and `--help`.
"""

from __future__ import annotations

from neonlint.clients.tools import Tool, flags, verbs

_PRISMA = Tool(
    "prisma",
    ("prisma",),
    {
        **verbs("migrate", "migrate dev, migrate deploy, migrate reset, migrate resolve, db push"),
        **verbs("introspect", "migrate diff, migrate status, db pull, introspect"),
        **verbs("seed", "db seed"),
        **verbs("query", "db execute"),
        **verbs("studio", "studio"),
    },
    target=flags("--url"),
    valued=flags("--schema --config --name -n --file --from-url --to-url --applied --rolled-back --port -p --browser"),
    libraries=("prisma",),
)
_DRIZZLE = Tool(
    "drizzle-kit",
    ("drizzle-kit",),
    {
        **verbs("migrate", "migrate, push, push:pg"),
        **verbs("introspect", "pull, introspect, introspect:pg"),
        **verbs("studio", "studio"),
    },
    target=flags("--url --connectionString"),
    valued=flags("--config --dialect --schema --out --driver --casing --port --host"),
    libraries=("drizzle-kit",),
)
NODE = (
    _PRISMA,
    _DRIZZLE,
    Tool(
        "knex",
        ("knex",),
        {
            **verbs("migrate", "migrate:latest, migrate:up, migrate:down, migrate:rollback, migrate:unlock"),
            **verbs("introspect", "migrate:status, migrate:list, migrate:currentVersion"),
            **verbs("seed", "seed:run"),
        },
        target=flags("--connection"),
        valued=flags("--knexfile --env --cwd --client --migrations-directory"),
        libraries=("knex",),
    ),
    Tool(
        "sequelize",
        ("sequelize", "sequelize-cli"),
        {
            **verbs("migrate", "db:migrate, db:migrate:undo, db:migrate:undo:all, db:migrate:schema:timestamps:add"),
            **verbs("introspect", "db:migrate:status"),
            **verbs("seed", "db:seed, db:seed:all, db:seed:undo, db:seed:undo:all"),
            **verbs("admin", "db:create, db:drop"),
        },
        target=flags("--url"),
        valued=flags("--config --env --options-path --migrations-path --seeders-path --models-path"),
        libraries=("sequelize",),
    ),
    Tool(
        "typeorm",
        ("typeorm", "typeorm-ts-node-commonjs", "typeorm-ts-node-esm", "typeorm-extension"),
        {
            **verbs("migrate", "migration:run, migration:revert, schema:sync, schema:drop"),
            **verbs("introspect", "migration:generate, migration:show, schema:log"),
            **verbs("query", "query"),
        },
        valued=flags("-d --dataSource -f --config -c --connection -t --transaction"),
        libraries=("typeorm",),
    ),
    Tool(
        "mikro-orm",
        ("mikro-orm", "mikro-orm-esm"),
        {
            **verbs(
                "migrate", "migration:up, migration:down, migration:fresh, schema:create, schema:update, schema:fresh"
            ),
            **verbs(
                "introspect", "migration:create, migration:check, migration:pending, migration:list, generate-entities"
            ),
            **verbs("seed", "seeder:run"),
        },
        valued=flags("--config --contextName"),
        libraries=("mikro-orm",),
    ),
    Tool(
        "node-pg-migrate",
        ("node-pg-migrate",),
        verbs("migrate", "up, down, redo"),
        valued=flags("-m --migrations-dir -s --schema -f --config-file -t --migrations-table --config-value --envPath"),
        named=flags("-d --database-url-var"),
        variables=("DATABASE_URL",),
        libraries=("node-pg-migrate",),
    ),
    Tool(
        "kysely",
        ("kysely", "kysely-ctl"),
        verbs("migrate", "migrate latest, migrate up, migrate down, migrate:latest, migrate:up"),
        libraries=("kysely",),
    ),
    Tool(
        "db-migrate",
        ("db-migrate",),
        verbs("migrate", "up, down, reset, db:create"),
        valued=flags("-e --env --config -m"),
        variables=("DATABASE_URL",),
    ),
    Tool(
        "graphile-migrate",
        ("graphile-migrate",),
        verbs("migrate", "migrate, watch, commit, reset, uncommit"),
        variables=("DATABASE_URL",),
    ),
    Tool(
        "payload",
        ("payload",),
        {
            **verbs("migrate", "migrate, migrate:up, migrate:down, migrate:fresh, migrate:refresh, migrate:reset"),
            **verbs("introspect", "migrate:status"),
        },
        libraries=("payload",),
    ),
    Tool(
        "strapi",
        ("strapi",),
        {**verbs("serve", "develop, start, dev"), **verbs("copy", "transfer, import, export")},
        libraries=("strapi",),
    ),
    Tool(
        "directus",
        ("directus",),
        {
            **verbs(
                "migrate", "bootstrap, database migrate:latest, database migrate:up, database install, schema apply"
            ),
            **verbs("serve", "start"),
        },
        libraries=("directus",),
        variables=("DB_CONNECTION_STRING",),
    ),
    Tool(
        "medusa",
        ("medusa",),
        {
            **verbs("migrate", "db:migrate, db:setup, db:sync-links, migrations run"),
            **verbs("serve", "start, develop"),
        },
        variables=("DATABASE_URL",),
    ),
    Tool(
        "keystone",
        ("keystone",),
        {
            **verbs("migrate", "prisma migrate deploy, prisma migrate, prisma db push, migrate deploy, migrate apply"),
            **verbs("serve", "start, dev"),
        },
        libraries=("keystone",),
    ),
    Tool(
        "better-auth",
        ("@better-auth/cli", "better-auth"),
        verbs("migrate", "migrate"),
        valued=flags("--config --cwd"),
        libraries=("better-auth",),
    ),
    Tool(
        "pgtyped",
        ("pgtyped",),
        {"": "introspect"},
        target=flags("--uri"),
        valued=flags("-c --config -f"),
        libraries=("pgtyped",),
    ),
    Tool(
        "adonis",
        ("ace", "ace.js"),
        {
            **verbs("migrate", "migration:run, migration:fresh, migration:refresh, migration:rollback"),
            **verbs("seed", "db:seed"),
        },
    ),
)
