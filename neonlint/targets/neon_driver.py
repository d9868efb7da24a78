"""Neon's own driver, @neondatabase/serverless: one HTTPS request for each query, or a session over a WebSocket."""

from __future__ import annotations

from neonlint.targets.model import File, Output, Plan, Target
from neonlint.targets.text import url_variables
from neonlint.targets.typescript import (
    LISTENER,
    NEON_TLS,
    NODE_22,
    ONE_QUERY,
    WORKER_TYPES,
    connection_string,
    env_file,
    milliseconds,
    neon_client,
    neon_pool,
    portable,
)

_DRIVER = "https://neon.com/docs/serverless/serverless-driver"
_CONFIG = "https://github.com/neondatabase/serverless/blob/main/CONFIG.md"


def _http(plan: Plan) -> Output:
    plan = portable(plan)
    text = f"""\
import {{ neon }} from "@neondatabase/serverless";

{connection_string(plan)}
// One request for each query: no pool, no session.
// {NEON_TLS.format(scheme="https")}
export const sql = neon(connectionString);
"""
    return Output((File("db.ts", text),), url_variables(plan))


def _web_socket(plan: Plan) -> Output:
    plan = portable(plan)
    if not plan.app:
        return Output((File("script.ts", _script(plan)),), url_variables(plan), (NODE_22, *env_file(plan)))
    if plan.runtime == "edge":
        return Output((File("src/index.ts", _handler(plan)),), url_variables(plan), (WORKER_TYPES,))
    return Output((File("db.ts", _pool(plan)),), url_variables(plan), (NODE_22, *env_file(plan)))


def _pool(plan: Plan) -> str:
    return f"""\
import {{ Pool }} from "@neondatabase/serverless";

{connection_string(plan)}
// {NEON_TLS.format(scheme="wss")}
export const pool = new Pool({{
{neon_pool(plan)}
}});

{LISTENER}"""


def _handler(plan: Plan) -> str:
    return f"""\
import {{ Pool }} from "@neondatabase/serverless";

interface Env {{
  {plan.variable}: string;
}}

export default {{
  async fetch(_request, env, ctx): Promise<Response> {{
    // A WebSocket belongs to the request that opened it, and so does the pool.
    const pool = new Pool({{
      connectionString: env.{plan.variable},
      max: 1,
      connectionTimeoutMillis: {milliseconds(plan.pool.connect_timeout)},
    }});
    try {{
      const {{ rows }} = await pool.query("SELECT now()");
      return Response.json(rows);
    }} finally {{
      ctx.waitUntil(pool.end());
    }}
  }},
}} satisfies ExportedHandler<Env>;
"""


def _script(plan: Plan) -> str:
    return f"""\
import {{ Client }} from "@neondatabase/serverless";

{neon_client(plan)}
{ONE_QUERY}"""


_KEEPS = "a server that keeps running is faster over TCP; take `node-postgres` or `postgres-js`"
_NO_SESSION = "HTTP requests share no session; take `neon-serverless-ws` or `node-postgres`"

TARGETS = {
    target.name: target
    for target in (
        Target(
            "neon-serverless",
            "Neon serverless driver (HTTP)",
            "The `sql` function of `neon()`: one HTTPS request for each query, and no pool.",
            _http,
            (_DRIVER, _CONFIG),
            runtimes=("serverless", "edge"),
            roles=("app",),
            refusals={"server": _KEEPS, "migrate": _NO_SESSION, "admin": _NO_SESSION},
            needs=("@neondatabase/serverless>=1.0", "node>=19"),
        ),
        Target(
            "neon-serverless-ws",
            "Neon serverless driver (WebSocket)",
            "A `Pool` over WebSockets for interactive transactions, in an edge runtime one for each request.",
            _web_socket,
            (_DRIVER, _CONFIG),
            runtimes=("serverless", "edge", "server"),
            roles=("app", "admin"),
            refusals={"migrate": "migrations run where TCP is to be had; take `node-postgres`, `drizzle` or `prisma`"},
            needs=("@neondatabase/serverless>=1.0",),
        ),
    )
}
