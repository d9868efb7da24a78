"""Cloudflare Workers: Neon's driver over HTTP, or node-postgres through Hyperdrive."""

from __future__ import annotations

from neonlint.ir.endpoint import parse
from neonlint.platforms import regions
from neonlint.targets.model import DIRECT, NO_PASSWORD, POOLED, File, Output, Plan, Target, Variable
from neonlint.targets.text import dotenv, url_variable
from neonlint.targets.typescript import NEON_TLS, WORKER_TYPES, json_text, portable

#: Behaviour of the runtime as of this day; `nodejs_compat` needs one after 2024-09-23.
_DAY = "2026-11-01"
_SCRIPT = "a Worker gives no session to {who}; take `node-postgres`, `prisma` or `drizzle`"
_REFUSALS = {
    "server": "Workers are an edge runtime; take `node-postgres` for a server",
    "serverless": "Workers are an edge runtime; take `aws-lambda` or `vercel` for functions",
    "migrate": _SCRIPT.format(who="migrations"),
    "admin": _SCRIPT.format(who="a person"),
}
_LOCAL = "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE"
_ROOT = "isrg-root-x1"


def _cloudflare(plan: Plan) -> Output:
    plan = portable(plan)
    known = plan.link.password != NO_PASSWORD
    text = f"""\
import {{ neon }} from "@neondatabase/serverless";

interface Env {{
  {POOLED}: string;
}}

export default {{
  async fetch(_request, env): Promise<Response> {{
    // One request for each query: nothing to pool or to end.
    // {NEON_TLS.format(scheme="https")}
    const sql = neon(env.{POOLED});
    return Response.json(await sql`SELECT now()`);
  }},
}} satisfies ExportedHandler<Env>;
"""
    local = dotenv([url_variable(plan, pooled=True)])
    return Output(
        (
            File("src/index.ts", text),
            File("wrangler.jsonc", _configuration(plan, {})),
            File(".dev.vars" if known else ".dev.vars.example", local, private=known),
        ),
        notes=(
            f"`npx wrangler secret put {POOLED}` asks for the connection string; `wrangler dev` reads .dev.vars",
            "keep .dev.vars out of git",
            WORKER_TYPES,
        ),
    )


def _hyperdrive(plan: Plan) -> Output:
    text = """\
import { Client } from "pg";

interface Env {
  HYPERDRIVE: Hyperdrive;
}

export default {
  async fetch(_request, env, ctx): Promise<Response> {
    // Hyperdrive keeps the pool and speaks TLS with Neon; a client of its own costs a request little.
    const client = new Client({
      connectionString: env.HYPERDRIVE.connectionString,
    });
    await client.connect();
    try {
      const { rows } = await client.query("SELECT now()");
      return Response.json(rows);
    } finally {
      ctx.waitUntil(client.end());
    }
  },
} satisfies ExportedHandler<Env>;
"""
    binding = {"hyperdrive": [{"binding": "HYPERDRIVE", "id": "<id from hyperdrive.sh>"}]}
    link = plan.direct.only("sslmode", "application_name").with_params(sslmode="require")
    return Output(
        (
            File("src/index.ts", text),
            File("wrangler.jsonc", _configuration(plan, {"compatibility_flags": ["nodejs_compat"], **binding})),
            File("hyperdrive.sh", _create(plan)),
        ),
        (
            Variable(DIRECT, link.url(), "direct: Hyperdrive pools by itself, hyperdrive.sh reads this once"),
            Variable(_LOCAL, link.url(), "what `wrangler dev` connects to; better another branch than production"),
        ),
        ("run hyperdrive.sh once, and put the id that it prints into wrangler.jsonc", WORKER_TYPES),
    )


def _create(plan: Plan) -> str:
    """The commands that make the Hyperdrive configuration."""
    create = f'npx wrangler hyperdrive create neon --connection-string="${DIRECT}"'
    head = f"""\
#!/bin/sh
# {DIRECT} comes from the environment, so that no password is in this file or in the shell's history.
set -eu

"""
    if not plan.strict:
        return (
            f"{head}# `require` encrypts and wants a certificate of a public authority.\n{create} --sslmode require\n"
        )
    return f"""\
{head}# `verify-full` also checks the host name; it wants the root certificate, that of Let's Encrypt.
curl -fsS -o {_ROOT}.pem https://letsencrypt.org/certs/isrgrootx1.pem
npx wrangler cert upload certificate-authority --ca-cert {_ROOT}.pem --name {_ROOT}
printf 'id of the certificate that was printed: '
read -r certificate
{create} --sslmode verify-full --ca-certificate-id "$certificate"
"""


def _configuration(plan: Plan, more: dict[str, object]) -> str:
    region = regions.of_endpoint(parse(plan.link.host), "cloudflare")
    settings = {
        "$schema": "node_modules/wrangler/config-schema.json",
        "name": "neon-worker",
        "main": "src/index.ts",
        "compatibility_date": _DAY,
        **({"placement": {"region": region}} if region else {}),
        **more,
    }
    return json_text(settings)


_WORKERS = "https://neon.com/docs/guides/cloudflare-workers"

TARGETS = {
    target.name: target
    for target in (
        Target(
            "cloudflare",
            "Cloudflare Workers",
            "A Worker with Neon's driver over HTTP, its `wrangler.jsonc` and `.dev.vars`.",
            _cloudflare,
            (_WORKERS, "https://developers.cloudflare.com/workers/wrangler/configuration/"),
            runtimes=("edge",),
            roles=("app",),
            refusals=_REFUSALS,
            needs=("@neondatabase/serverless>=1.0", "wrangler>=4"),
        ),
        Target(
            "cloudflare-hyperdrive",
            "Cloudflare Hyperdrive",
            "A Worker that reaches Neon through Hyperdrive, and the command that sets it up.",
            _hyperdrive,
            (
                "https://neon.com/docs/guides/cloudflare-hyperdrive",
                "https://developers.cloudflare.com/hyperdrive/configuration/tls-ssl-certificates-for-hyperdrive/",
                "https://developers.cloudflare.com/hyperdrive/configuration/local-development/",
            ),
            runtimes=("edge",),
            roles=("app",),
            refusals=_REFUSALS,
            needs=("pg>=8.16.3", "wrangler>=4"),
        ),
    )
}
