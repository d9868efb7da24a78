"""Drizzle: the configuration of drizzle-kit and a database object with the driver of the runtime."""

from __future__ import annotations

from neonlint.targets.model import DIRECT, File, Output, Plan, Target
from neonlint.targets.text import url_variable
from neonlint.targets.typescript import (
    LISTENER,
    NEON_TLS,
    NODE_22,
    PG_TLS,
    connection_string,
    env_file,
    neon_pool,
    pg_client,
    pg_pool,
    portable,
    verified,
)

_CONFIG = f"""\
import {{ defineConfig }} from "drizzle-kit";

export default defineConfig({{
  dialect: "postgresql",
  schema: "./src/db/schema.ts",
  out: "./drizzle",
  dbCredentials: {{
    // Migrations go past the pooler; of TLS the URL alone decides, an `ssl` beside it is dropped.
    url: process.env.{DIRECT}!,
  }},
}});
"""


def _drizzle(plan: Plan) -> Output:
    config = File("drizzle.config.ts", _CONFIG)
    variable = url_variable(verified(plan), pooled=False)
    if plan.role == "migrate":
        return Output((config,), (variable,))
    if plan.role == "admin":
        return Output((File("src/script.ts", _script(plan)),), (variable,), env_file(plan))
    driver = verified(plan) if plan.runtime == "server" else portable(plan)
    files = (File("src/db/index.ts", _DATABASES[plan.runtime](plan)), config)
    notes = (NODE_22,) if plan.runtime == "serverless" else env_file(plan)
    return Output(files, (url_variable(driver, pooled=True), variable), notes)


def _server(plan: Plan) -> str:
    return f"""\
import {{ drizzle }} from "drizzle-orm/node-postgres";
import {{ Pool }} from "pg";

{connection_string(plan)}
// {PG_TLS}
const pool = new Pool({{
{pg_pool(plan)}
}});

{LISTENER}
export const db = drizzle({{ client: pool }});
"""


def _serverless(plan: Plan) -> str:
    return f"""\
import {{ Pool }} from "@neondatabase/serverless";
import {{ drizzle }} from "drizzle-orm/neon-serverless";

{connection_string(plan)}
// WebSockets carry interactive transactions, which HTTP requests cannot.
// {NEON_TLS.format(scheme="wss")}
const pool = new Pool({{
{neon_pool(plan)}
}});

{LISTENER}
export const db = drizzle({{ client: pool }});
"""


def _edge(plan: Plan) -> str:
    return f"""\
import {{ neon }} from "@neondatabase/serverless";
import {{ drizzle }} from "drizzle-orm/neon-http";

{connection_string(plan)}
// One HTTPS request for each query, so `db.batch` takes the place of `db.transaction`.
export const db = drizzle({{ client: neon(connectionString) }});
"""


def _script(plan: Plan) -> str:
    return f"""\
import {{ drizzle }} from "drizzle-orm/node-postgres";
import {{ Client }} from "pg";

{pg_client(plan)}
await client.connect();
try {{
  const db = drizzle({{ client }});
  const {{ rows }} = await db.execute("SELECT version()");
  console.log(rows[0]?.version);
}} finally {{
  await client.end();
}}
"""


_DATABASES = {"server": _server, "serverless": _serverless, "edge": _edge}

TARGETS = {
    target.name: target
    for target in (
        Target(
            "drizzle",
            "Drizzle",
            "`drizzle.config.ts` for migrations and a `db` with the driver of the runtime.",
            _drizzle,
            (
                "https://neon.com/docs/guides/drizzle",
                "https://orm.drizzle.team/docs/connect-neon",
                "https://orm.drizzle.team/docs/drizzle-config-file",
            ),
            runtimes=("server", "serverless", "edge"),
            needs=(
                "drizzle-orm>=0.45 and drizzle-kit>=0.31",
                "pg>=8.16 (server, scripts) or @neondatabase/serverless>=1.0 (serverless, edge)",
            ),
        ),
    )
}
