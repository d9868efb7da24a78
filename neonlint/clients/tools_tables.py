"""The command-line tools by program: what manages schemas in Python and other languages, what starts applications.

Source: the programs' own reference pages and `--help`.
"""

from __future__ import annotations

from collections.abc import Mapping

from neonlint.clients.tools import Tool, flags, verbs
from neonlint.clients.tools_node import NODE
from neonlint.clients.tools_postgres import POSTGRES

_PYTHON = (
    Tool(
        "alembic",
        ("alembic",),
        {**verbs("migrate", "upgrade, downgrade, stamp"), **verbs("introspect", "revision, current, check")},
        valued=flags("-c --config -n --name -x -m --message --rev-id --tag"),
        libraries=("alembic",),
    ),
    Tool(
        "django",
        ("manage.py", "django-admin", "django-admin.py"),
        {
            **verbs("migrate", "migrate, migrate_schemas, flush, createcachetable"),
            **verbs("introspect", "inspectdb, showmigrations, sqlflush"),
            **verbs("query", "dbshell, shell, shell_plus, createsuperuser"),
            **verbs("seed", "loaddata"),
            **verbs("dump", "dumpdata"),
            **verbs("serve", "runserver, runserver_plus, runworker"),
        },
        valued=flags("--settings --database --pythonpath -v --verbosity"),
        libraries=("django", "dj-database-url", "django-environ"),
    ),
    Tool(
        "flask",
        ("flask",),
        {
            **verbs("migrate", "db upgrade, db downgrade, db stamp"),
            **verbs("introspect", "db migrate, db revision, db current"),
            **verbs("serve", "run"),
        },
        valued=flags("-A --app -e --env-file -d --directory -x-arg -m --message --host --port -h -p"),
        libraries=("alembic", "flask-sqlalchemy"),
    ),
    Tool(
        "aerich",
        ("aerich",),
        {**verbs("migrate", "upgrade, downgrade, init-db"), **verbs("introspect", "inspectdb")},
        libraries=("tortoise",),
    ),
    Tool(
        "yoyo",
        ("yoyo",),
        verbs("migrate", "apply, rollback, reapply, mark"),
        target=flags("-d --database"),
        valued=flags("-c --config"),
    ),
    Tool("piccolo", ("piccolo",), verbs("migrate", "migrations forwards, migrations backwards")),
    Tool("dbt", ("dbt",), {**verbs("query", "run, build, test, seed, snapshot, source freshness, debug")}),
)

_OTHERS = (
    Tool(
        "flyway",
        ("flyway",),
        {**verbs("migrate", "migrate, repair, baseline, undo, clean"), **verbs("introspect", "info, validate")},
        target=flags("-url"),
        variables=("FLYWAY_URL",),
    ),
    Tool(
        "liquibase",
        ("liquibase",),
        {
            **verbs("migrate", "update, update-count, update-to-tag, rollback, rollback-count, updateCount, drop-all"),
            **verbs("introspect", "status, diff, generate-changelog, diff-changelog, validate"),
        },
        target=flags("--url"),
        valued=flags("--changelog-file --username --password --classpath --defaults-file --log-level"),
        variables=("LIQUIBASE_COMMAND_URL",),
    ),
    Tool(
        "dbmate",
        ("dbmate",),
        {
            **verbs("migrate", "up, migrate, rollback, down, create, drop, load"),
            **verbs("dump", "dump"),
            **verbs("introspect", "status, wait"),
        },
        target=flags("-u --url"),
        named=flags("-e --env"),
        valued=flags("-d --migrations-dir -s --schema-file --migrations-table --env-file --wait-timeout"),
        variables=("DATABASE_URL",),
    ),
    Tool(
        "goose",
        ("goose",),
        {
            **verbs("migrate", "up, up-by-one, up-to, down, down-to, redo, reset, fix"),
            **verbs("introspect", "status, version"),
        },
        valued=flags("-dir -table -timeout -env -certfile -ssl-cert -ssl-key"),
        leads={"postgres": 2, "pgx": 2, "redshift": 2},
        variables=("GOOSE_DBSTRING",),
    ),
    Tool(
        "golang-migrate",
        ("migrate",),
        {**verbs("migrate", "up, down, goto, force, drop"), **verbs("introspect", "version")},
        target=flags("-database --database"),
        valued=flags("-path --path -source --source -prefetch -lock-timeout"),
    ),
    Tool(
        "atlas",
        ("atlas",),
        {
            **verbs("migrate", "migrate apply, migrate down, migrate set, schema apply, schema clean"),
            **verbs("introspect", "migrate status, schema inspect, schema diff, migrate diff"),
        },
        target=flags("-u --url"),
        valued=flags("--dir --env --config -c --dev-url --to -f --from --revisions-schema --var --tx-mode --baseline"),
    ),
    Tool(
        "sqitch",
        ("sqitch",),
        {**verbs("migrate", "deploy, revert, rebase, checkout"), **verbs("introspect", "status, verify, log")},
        target=flags("--target -t"),
        position=0,
        fields={"-h": "host", "--db-host": "host", "--db-user": "user", "--db-port": "port"},
        valued=flags("--plan-file --chdir -C --engine --registry --db-name -d -u -p"),
        variables=("SQITCH_TARGET",),
    ),
    Tool(
        "sqlx",
        ("sqlx", "cargo-sqlx"),
        {
            **verbs(
                "migrate", "migrate run, migrate revert, database setup, database reset, database create, database drop"
            ),
            **verbs("introspect", "migrate info, prepare"),
        },
        target=flags("-D --database-url"),
        valued=flags("--source --connect-timeout --target-version"),
        variables=("DATABASE_URL",),
    ),
    Tool(
        "diesel",
        ("diesel",),
        {
            **verbs(
                "migrate", "migration run, migration revert, migration redo, setup, database setup, database reset"
            ),
            **verbs("introspect", "print-schema, migration list"),
        },
        target=flags("--database-url"),
        valued=flags("--migration-dir --config-file"),
        variables=("DATABASE_URL",),
    ),
    Tool(
        "sea-orm",
        ("sea-orm-cli",),
        {
            **verbs("migrate", "migrate, migrate up, migrate down, migrate fresh, migrate refresh, migrate reset"),
            **verbs("introspect", "generate entity, migrate status"),
        },
        target=flags("-u --database-url"),
        valued=flags("-d -o -s"),
        variables=("DATABASE_URL",),
    ),
    Tool("refinery", ("refinery",), verbs("migrate", "migrate"), named=flags("-e"), valued=flags("-c -p")),
    Tool(
        "rails",
        ("rails", "rake"),
        {
            **verbs(
                "migrate",
                "db:migrate, db:prepare, db:setup, db:reset, db:rollback, db:schema:load, "
                "db:structure:load, db:migrate:up, db:migrate:down, db:migrate:redo, db:create, "
                "db:drop",
            ),
            **verbs("introspect", "db:migrate:status, db:schema:dump, db:version"),
            **verbs("seed", "db:seed"),
            **verbs("query", "dbconsole, db, console, c, runner"),
            **verbs("serve", "server, s"),
        },
        valued=flags("-e --environment -p -b"),
        variables=("DATABASE_URL",),
    ),
    Tool(
        "laravel",
        ("artisan",),
        {
            **verbs(
                "migrate",
                "migrate, migrate:fresh, migrate:refresh, migrate:reset, migrate:rollback, "
                "migrate:install, schema:dump",
            ),
            **verbs("introspect", "migrate:status, db:show, db:table"),
            **verbs("seed", "db:seed"),
            **verbs("query", "db, tinker"),
            **verbs("serve", "serve, octane:start, queue:work, horizon"),
        },
        valued=flags("--database --path --seeder --class --env"),
    ),
    Tool(
        "ecto",
        ("mix",),
        {
            **verbs(
                "migrate", "ecto.migrate, ecto.rollback, ecto.setup, ecto.reset, ecto.create, ecto.drop, ecto.load"
            ),
            **verbs("introspect", "ecto.dump, ecto.migrations"),
            **verbs("serve", "phx.server"),
        },
        valued=flags("-r --repo"),
    ),
    Tool(
        "ef",
        ("dotnet", "dotnet-ef"),
        {
            **verbs("migrate", "ef database update, ef database drop, database update, database drop"),
            **verbs("introspect", "ef dbcontext scaffold, dbcontext scaffold, ef migrations list"),
        },
        target=flags("--connection"),
        valued=flags("--project -p --startup-project -s --context -c --configuration --framework"),
    ),
    Tool(
        "tern",
        ("tern",),
        verbs("migrate", "migrate"),
        target=flags("--conn-string"),
        valued=flags("-m --migrations -c --config -d --destination"),
        variables=("PGHOST",),
    ),
    Tool(
        "pgroll",
        ("pgroll",),
        verbs("migrate", "init, start, complete, rollback, migrate, baseline, pull"),
        target=flags("--postgres-url"),
        valued=flags("--schema --pgroll-schema --lock-timeout --role"),
        variables=("PGROLL_PG_URL",),
    ),
)

_PLATFORMS = (
    Tool(
        "wrangler",
        ("wrangler",),
        {
            **verbs("hyperdrive", "hyperdrive create, hyperdrive update"),
            **verbs("platform", "deploy, publish, dev, pages deploy, pages dev, versions upload"),
        },
        target=flags("--connection-string"),
        valued=flags("--config -c --name --env -e --var --define --compatibility-date --binding"),
    ),
    Tool(
        "neonctl",
        ("neonctl", "neon"),
        verbs("admin", "connection-string, cs, branches, branch, databases, roles, projects"),
        valued=flags("--project-id --branch --role-name --database-name --api-key -o --output --endpoint-type --psql"),
    ),
)

_SERVERS = (
    *(
        Tool(name, (name,), {"": "serve"})
        for name in (
            "gunicorn",
            "uvicorn",
            "hypercorn",
            "daphne",
            "granian",
            "waitress-serve",
            "celery",
            "supervisord",
            "puma",
            "unicorn",
            "php-fpm",
            "caddy",
        )
    ),
    Tool("node", ("node", "nodejs", "tsx", "ts-node", "nodemon", "pm2", "pm2-runtime"), {"": "serve"}),
    *(
        Tool(name, (name,), verbs("serve", known))
        for name, known in (
            ("next", "start, dev"),
            ("nuxt", "start, dev"),
            ("remix-serve", ""),
            ("react-router-serve", ""),
            ("nest", "start"),
            ("fastapi", "run, dev"),
            ("astro", "dev, preview"),
            ("vite", ", dev, preview"),
            ("serve", ""),
            ("streamlit", "run"),
        )
    ),
)

_EVERY = (*POSTGRES, *NODE, *_PYTHON, *_OTHERS, *_PLATFORMS, *_SERVERS)

#: Program to the tools it may be.
TOOLS: Mapping[str, tuple[Tool, ...]] = {
    name: tuple(tool for tool in _EVERY if name in tool.programs)
    for name in dict.fromkeys(name for tool in _EVERY for name in tool.programs)
}
#: Tool by its name.
BY_NAME: Mapping[str, Tool] = {tool.name: tool for tool in _EVERY}
