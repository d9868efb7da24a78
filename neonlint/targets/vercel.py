"""Next.js and Vercel: a pool that is handed to the platform, or one request for each query in an edge runtime."""

from __future__ import annotations

from textwrap import indent

from neonlint.ir.endpoint import parse
from neonlint.platforms import regions
from neonlint.targets.model import DIRECT, POOLED, File, Output, Plan, Target
from neonlint.targets.text import url_variable
from neonlint.targets.typescript import (
    LISTENER,
    NEON_TLS,
    PG_TLS,
    connection_string,
    json_text,
    pg_pool,
    portable,
    verified,
)

_METHODS = "https://neon.com/docs/guides/vercel-connection-methods"
_MIGRATES = f"the build command of `--role app` migrates through {DIRECT}"
_SCRIPT = "take `psql`, or `node-postgres` for a script"


def _nextjs(plan: Plan) -> Output:
    guard = 'import "server-only"; // an error at build time, should a client component import this\n'
    edge = ('a route runs at the edge with `export const runtime = "edge"`',) if plan.runtime == "edge" else ()
    builds = f"`next build` runs this module too, so {POOLED} has to be set there"
    return _module(plan, guard, (*edge, builds, *_pg(plan)))


def _vercel(plan: Plan) -> Output:
    made = _module(plan, "")
    variables = (*made.variables, url_variable(verified(plan), pooled=False))
    notes = (
        f"Neon's integration for Vercel sets both variables; else `vercel env add {POOLED}` and"
        f" `vercel env add {DIRECT}` ask for their values",
        *_pg(plan),
        "the build command calls the script `migrate` of package.json, which must be there",
        "previews run it as well: let the integration make a branch for each preview, or they migrate production",
    )
    return Output((*made.files, File("vercel.json", _configuration(plan))), variables, notes)


def _module(plan: Plan, guard: str, notes: tuple[str, ...] = ()) -> Output:
    edge = plan.runtime == "edge"
    text = (_edge if edge else _kept if guard else _pool)(plan, guard)
    made = portable(plan) if edge else verified(plan)
    return Output((File("lib/db.ts", text),), (url_variable(made, pooled=True),), notes)


def _pg(plan: Plan) -> tuple[str, ...]:
    if plan.runtime == "edge":
        return ()
    return (
        "the URLs that Neon's integration sets say sslmode=require, for which pg 8 verifies the certificate; pg 9 is"
        " announced not to, so stay below it or say verify-full",
    )


def _pool(plan: Plan, guard: str) -> str:
    """A module with the pool; `guard` is what it imports first."""
    return f"""\
{guard}{_imports(plan)}
// {PG_TLS}
export const pool = new Pool({{
{pg_pool(plan)}
}});

{_listeners(plan)}"""


def _kept(plan: Plan, guard: str) -> str:
    """As `_pool`, where a module is loaded again and again in one process."""
    return f"""\
{guard}{_imports(plan)}
function createPool() {{
  // {PG_TLS}
  const pool = new Pool({{
{indent(pg_pool(plan), "  ")}
  }});

{indent(_listeners(plan), "  ")}
  return pool;
}}

// In development each reload runs this module again; the pool of the first run stays.
const kept = globalThis as {{ databasePool?: Pool }};
export const pool = (kept.databasePool ??= createPool());
"""


def _imports(plan: Plan) -> str:
    attach = 'import { attachDatabasePool } from "@vercel/functions";\n' if plan.runtime == "serverless" else ""
    return f'{attach}import {{ Pool }} from "pg";\n\n{connection_string(plan)}'


def _listeners(plan: Plan) -> str:
    attached = """
// A suspended function can close nothing: this keeps it awake until the idle connections are gone.
attachDatabasePool(pool);
"""
    return LISTENER + (attached if plan.runtime == "serverless" else "")


def _edge(plan: Plan, guard: str) -> str:
    return f"""\
{guard}import {{ neon }} from "@neondatabase/serverless";

{connection_string(plan)}
// One request for each query: no pool, no session.
// {NEON_TLS.format(scheme="https")}
export const sql = neon(connectionString);
"""


def _configuration(plan: Plan) -> str:
    region = regions.of_endpoint(parse(plan.link.host), "vercel")
    settings = {
        "$schema": "https://openapi.vercel.sh/vercel.json",
        "buildCommand": f'{POOLED}="${DIRECT}" npm run migrate && npm run build',
        **({"regions": [region]} if region else {}),
    }
    return json_text(settings)


TARGETS = {
    target.name: target
    for target in (
        Target(
            "nextjs",
            "Next.js",
            "A server-only module with a pool for Vercel's functions or a server, or HTTP for edge routes.",
            _nextjs,
            ("https://neon.com/docs/guides/nextjs", _METHODS),
            runtimes=("serverless", "server", "edge"),
            roles=("app",),
            refusals={
                "migrate": "Next.js runs no migrations; take `drizzle`, `prisma` or `node-postgres`",
                "admin": f"Next.js gives a person no session; {_SCRIPT}",
            },
            needs=(
                "next>=15 and server-only",
                "pg>=8.16,<9 (serverless, server) or @neondatabase/serverless>=1.0 (edge)",
                "@vercel/functions>=2.2.8 (serverless)",
            ),
        ),
        Target(
            "vercel",
            "Vercel",
            "Both variables, `vercel.json` with region and build command, and a pool for Fluid compute.",
            _vercel,
            (
                _METHODS,
                "https://neon.com/docs/guides/vercel-managed-integration",
                "https://vercel.com/docs/project-configuration",
            ),
            runtimes=("serverless", "edge"),
            roles=("app",),
            refusals={
                "server": "Vercel runs functions; take `node-postgres` for a server, or `--runtime serverless`",
                "migrate": _MIGRATES,
                "admin": f"Vercel gives a person no session; {_SCRIPT}",
            },
            needs=(
                "pg>=8.16,<9 and @vercel/functions>=2.2.8 (serverless)",
                "@neondatabase/serverless>=1.0 (edge)",
            ),
        ),
    )
}
