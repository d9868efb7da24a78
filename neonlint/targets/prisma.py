"""Prisma 7, which connects through a driver of JavaScript, and Prisma 6, whose engine connects by itself.

The engine reads parameters of its own (prisma-engines, `quaint/src/connector/postgres/url.rs`): `sslmode` is disable,
prefer or require, and anything else counts as prefer; certificates are checked with `sslaccept=strict` alone;
`channel_binding` is known. Prisma 7 still migrates with an engine that reads the same.
"""

from __future__ import annotations

from neonlint.records import replace
from neonlint.targets.model import DIRECT, POOLED, File, Link, Output, Plan, Target, Variable
from neonlint.targets.text import comment, url_variable
from neonlint.targets.typescript import (
    NEON_TLS,
    NODE_22,
    PG_TLS,
    connection_string,
    env_file,
    milliseconds,
    neon_pool,
    pg_pool,
    portable,
    verified,
)

_GUIDE = "https://neon.com/docs/guides/prisma"
_URLS = "https://www.prisma.io/docs/orm/overview/databases/postgresql"
_CONFIG = f"""\
import "dotenv/config";
import {{ defineConfig }} from "prisma/config";

export default defineConfig({{
  schema: "prisma/schema.prisma",
  migrations: {{
    path: "prisma/migrations",
  }},
  datasource: {{
    // Migrate locks a session, so it goes past the pooler. `prisma generate` needs no URL.
    url: process.env.{DIRECT} ?? "",
  }},
}});
"""

_KEPT = """\
// Frameworks that reload modules in development find the client again, whose pool would stay open.
const kept = globalThis as { prisma?: PrismaClient };
export const prisma = (kept.prisma ??= new PrismaClient({ adapter }));
"""


def _seven(plan: Plan) -> Output:
    files = [File("prisma.config.ts", _CONFIG), File("prisma/schema.prisma", _schema_7(plan))]
    variables = [_engine_variable(plan, pooled=False)]
    if plan.app:
        files.insert(0, File("src/db.ts", _CLIENTS[plan.runtime](plan)))
        driver = verified(plan) if plan.runtime == "server" else portable(plan)
        variables.insert(0, url_variable(driver, pooled=True))
    notes = ("`npx prisma generate` writes src/generated/prisma", *_notes(plan))
    return Output(tuple(files), tuple(variables), notes)


def _notes(plan: Plan) -> tuple[str, ...]:
    """Those on the client; Prisma's commands read .env through `prisma.config.ts`."""
    if not plan.app:
        return ()
    return (NODE_22,) if plan.runtime == "serverless" else env_file(plan)


def _schema_7(plan: Plan) -> str:
    runtime = '\n  runtime  = "workerd" // on Vercel: "vercel-edge"' if plan.runtime == "edge" else ""
    return f"""\
generator client {{
  provider = "prisma-client"
  output   = "../src/generated/prisma"{runtime}
}}

datasource db {{
  provider = "postgresql"
}}
"""


def _server(plan: Plan) -> str:
    return f"""\
import {{ PrismaPg }} from "@prisma/adapter-pg";
import {{ PrismaClient }} from "./generated/prisma/client";

{connection_string(plan)}
// {PG_TLS}
const adapter = new PrismaPg({{
{pg_pool(plan)}
}});

{_KEPT}"""


def _serverless(plan: Plan) -> str:
    return f"""\
import {{ PrismaNeon }} from "@prisma/adapter-neon";
import {{ PrismaClient }} from "./generated/prisma/client";

{connection_string(plan)}
// {NEON_TLS.format(scheme="wss")}
const adapter = new PrismaNeon({{
{neon_pool(plan)}
}});

{_KEPT}"""


def _edge(plan: Plan) -> str:
    return f"""\
import {{ PrismaNeon }} from "@prisma/adapter-neon";
import {{ PrismaClient }} from "./generated/prisma/client";

// A WebSocket belongs to the request that opened it, so each request calls this with its
// `env.{POOLED}`, and at its end `ctx.waitUntil(prisma.$disconnect())`.
export function createPrisma(connectionString: string) {{
  const adapter = new PrismaNeon({{
    connectionString,
    max: 1,
    connectionTimeoutMillis: {milliseconds(plan.pool.connect_timeout)},
  }});
  return new PrismaClient({{ adapter }});
}}
"""


_CLIENTS = {"server": _server, "serverless": _serverless, "edge": _edge}


def _six(plan: Plan) -> Output:
    why = comment(plan.pool.why, "//")
    sizes = "// connection_limit in the URL is the size of the pool, in each process.\n"
    text = f"""\
generator client {{
  provider = "prisma-client-js"
}}

{why}{sizes}datasource db {{
  provider  = "postgresql"
  url       = env("{POOLED}")
  directUrl = env("{DIRECT}") // Migrate locks a session, so it goes past the pooler
}}
"""
    variables = (_engine_variable(plan, pooled=True), _engine_variable(plan, pooled=False))
    return Output((File("prisma/schema.prisma", text),), variables)


def _engine_variable(plan: Plan, pooled: bool) -> Variable:
    def engine(link: Link, **more: str) -> Link:
        return link.with_params(
            sslmode="require",
            sslrootcert=None,
            sslaccept="strict" if plan.strict else None,
            connect_timeout=str(plan.pool.connect_timeout),
            **more,
        )

    pool = {
        "connection_limit": str(plan.pool.size),
        "pool_timeout": str(plan.pool.connect_timeout),
        "max_idle_connection_lifetime": str(plan.pool.idle),
    }
    made = replace(plan, pooled=engine(plan.pooled, **pool), direct=engine(plan.direct))
    return url_variable(made, pooled)


_SESSION = "Prisma gives a person no session; take `psql`, or `node-postgres` for a script"

TARGETS = {
    target.name: target
    for target in (
        Target(
            "prisma",
            "Prisma 7",
            "Schema, `prisma.config.ts` and a client with the adapter of the runtime.",
            _seven,
            (_GUIDE, "https://www.prisma.io/docs/orm/reference/prisma-config-reference", _URLS),
            runtimes=("server", "serverless", "edge"),
            roles=("app", "migrate"),
            refusals={"admin": _SESSION},
            needs=(
                "prisma>=7 and @prisma/client>=7",
                "@prisma/adapter-pg>=7 (server) or @prisma/adapter-neon>=7 (serverless, edge)",
                "dotenv",
            ),
        ),
        Target(
            "prisma-6",
            "Prisma 6",
            "A schema with `url` and `directUrl`, and both URLs with the parameters of Prisma's engine.",
            _six,
            (_GUIDE, _URLS),
            runtimes=("server", "serverless"),
            roles=("app",),
            refusals={
                "edge": "Prisma 6's engine runs on no edge runtime; take `prisma`",
                "migrate": "one schema serves both: with `--role app`, `directUrl` is what Prisma Migrate takes",
                "admin": _SESSION,
            },
            needs=("prisma>=6,<7", "@prisma/client>=6,<7"),
        ),
    )
}
