"""The drivers that connect over TCP: node-postgres and postgres.js."""

from __future__ import annotations

from textwrap import indent

from neonlint.targets.model import File, Output, Plan, Target
from neonlint.targets.text import comment, url_variables
from neonlint.targets.typescript import (
    LISTENER,
    ONE_QUERY,
    PG_TLS,
    connection_string,
    env_file,
    pg_client,
    pg_pool,
    verified,
)

_CHOOSE = "https://neon.com/docs/connect/choose-connection"
_EDGE = "an edge runtime opens no TCP connections; take `neon-serverless`, or `cloudflare-hyperdrive` for Workers"


def _node_postgres(plan: Plan) -> Output:
    plan = verified(plan)
    return Output((File(*_PG[plan.role](plan)),), url_variables(plan), env_file(plan))


def _pool(plan: Plan) -> tuple[str, str]:
    return (
        "db.ts",
        f"""\
import {{ Pool }} from "pg";

{connection_string(plan)}
// {PG_TLS}
export const pool = new Pool({{
{pg_pool(plan)}
}});

{LISTENER}""",
    )


def _migrate(plan: Plan) -> tuple[str, str]:
    return (
        "migrate.ts",
        f"""\
import {{ readFile }} from "node:fs/promises";
import {{ Client }} from "pg";

{pg_client(plan)}
await client.connect();
try {{
  // Keeps a second deployment waiting. The lock belongs to a session, so it needs a direct connection.
  await client.query("SELECT pg_advisory_lock(hashtext('migrate'))");
  for (const path of process.argv.slice(2)) {{
    await client.query(await readFile(path, "utf8")); // what is sent as one query is one transaction
  }}
}} finally {{
  await client.end();
}}
""",
    )


def _session(plan: Plan) -> tuple[str, str]:
    return (
        "script.ts",
        f"""\
import {{ Client }} from "pg";

{pg_client(plan)}
{ONE_QUERY}""",
    )


_PG = {"app": _pool, "migrate": _migrate, "admin": _session}


def _postgres_js(plan: Plan) -> Output:
    plan = verified(plan)
    pool = f"max: {plan.pool.size},\nidle_timeout: {plan.pool.idle},"
    size = comment(plan.pool.why, "//") + pool if plan.app else "max: 1,"
    text = f"""\
import postgres from "postgres";

{connection_string(plan)}
export const sql = postgres(connectionString, {{
  ssl: "verify-full", // "require" would take any certificate; what stands here outranks the URL
{indent(size, "  ")}
  connect_timeout: {plan.pool.connect_timeout},
}});
"""
    return Output((File("db.ts", text),), url_variables(plan), env_file(plan))


TARGETS = {
    target.name: target
    for target in (
        Target(
            "node-postgres",
            "node-postgres",
            "A `Pool` of `pg` for servers and functions; for other roles a script with one direct session.",
            _node_postgres,
            (_CHOOSE, "https://node-postgres.com/apis/pool", "https://node-postgres.com/features/ssl"),
            runtimes=("server", "serverless"),
            refusals={"edge": _EDGE},
            needs=("pg>=8.16",),
        ),
        Target(
            "postgres-js",
            "postgres.js",
            "The `sql` function of `postgres` with its pool; for other roles with one direct connection.",
            _postgres_js,
            (_CHOOSE, "https://github.com/porsager/postgres#connection-details"),
            runtimes=("server", "serverless"),
            refusals={"edge": _EDGE},
            needs=("postgres>=3.4",),
        ),
    )
}
