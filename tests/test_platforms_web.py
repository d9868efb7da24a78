"""Where JavaScript runs, with which Node.js and in which region: what files say, how far, and what stays unknown."""

from __future__ import annotations

import time

import pytest
from projects import ask, client_at, project_of, value

from neonlint import platforms
from neonlint.facts.answer import Known

CLIENT = 'import { Pool } from "pg";\nexport const pool = new Pool({ connectionString: process.env.DATABASE_URL });\n'
NEXT = {"package.json": '{"dependencies": {"next": "15.5.0"}}'}


def runtime(files: dict[str, str], path: str) -> object:
    project = project_of(files | {path: files.get(path, CLIENT)})
    return value(project, client_at(project, path), "runtime")


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        ("app/api/x/route.ts", "export const runtime = 'edge';\n", "edge"),
        ("app/api/x/route.ts", 'export const runtime: "edge" = "edge";\n', "edge"),
        ("app/api/x/route.ts", "export const runtime = 'nodejs';\n", ...),
        ("app/api/x/route.ts", "// export const runtime = 'edge';\n", ...),
        ("pages/api/x.ts", "export const config = {\n  runtime: 'edge',\n};\n", "edge"),
        ("pages/api/x.ts", "export const config = { api: { bodyParser: false } };\n", ...),
        ("middleware.ts", "import { NextResponse } from 'next/server';\n", "edge"),
        (
            "middleware.ts",
            "import { NextResponse } from 'next/server';\nexport const config = { runtime: 'nodejs' };\n",
            ...,
        ),
        ("src/server/middleware.ts", "export function auth() {}\n", ...),
        ("src/index.ts", "export const handler = async (event: APIGatewayProxyEvent) => {};\n", "serverless"),
        ("src/index.js", "exports.handler = async function (event, context) {};\n", "serverless"),
        ("src/index.ts", "export const handler = async (req: Request) => {};\n", ...),
        ("src/index.ts", "import type { APIGatewayProxyHandler } from 'aws-lambda';\n", "serverless"),
        ("src/index.ts", "import {\n  a,\n} from 'aws-lambda';\n", "serverless"),
        ("src/index.ts", "// import x from 'aws-lambda';\n", ...),
        ("src/fn.ts", "import { onRequest } from 'firebase-functions/v2/https';\n", "serverless"),
        ("src/fn.ts", "import { app } from '@azure/functions';\n", "serverless"),
        ("src/fn.js", "const functions = require('@google-cloud/functions-framework');\n", "serverless"),
        ("api/x.ts", "import type { VercelRequest } from '@vercel/node';\n", "serverless"),
        ("lib/db.ts", "import { attachDatabasePool } from '@vercel/functions';\n", "serverless"),
        ("netlify/functions/x.ts", "", "serverless"),
        ("netlify/edge-functions/x.ts", "", "edge"),
        ("functions/api/x.ts", "export const onRequestGet = async () => {};\n", "edge"),
        ("src/worker.ts", "import { WorkerEntrypoint } from 'cloudflare:workers';\n", "edge"),
        ("src/worker.ts", "async function f(r: Request, env: Env,\n  ctx: ExecutionContext) {}\n", "edge"),
        ("src/auth.guard.ts", "export class G { canActivate(context: ExecutionContext) {} }\n", ...),  # NestJS
        ("src/server.ts", "import express from 'express';\nexpress().listen(3000);\n", "long-lived"),
        (
            "src/server.ts",
            "import http from 'node:http';\nhttp.createServer(f).listen(process.env.PORT);\n",
            "long-lived",
        ),
        ("src/server.ts", "import { serve } from '@hono/node-server';\nserve(app);\n", "long-lived"),
        ("src/index.ts", "Bun.serve({ fetch() {} });\n", "long-lived"),
        ("src/app.tsx", "'use client';\n", "browser"),
        ("src/a.ts", "element.listen('x');\n", ...),
        ("src/a.ts", "", ...),
    ],
)
def test_what_a_file_says_of_itself(path: str, code: str, expected: object) -> None:
    assert runtime({path: code + CLIENT}, path) == expected


@pytest.mark.parametrize(
    ("files", "path", "expected"),
    [
        (NEXT, "lib/db.ts", ...),  # Next.js alone does not say where it runs
        (NEXT | {"vercel.json": "{}"}, "lib/db.ts", "serverless"),
        ({"package.json": '{"dependencies": {"vite": "7"}}', "vercel.json": "{}"}, "lib/db.ts", ...),  # a front end
        ({"vercel.json": "{}", "api/users.ts": ""}, "lib/db.ts", "serverless"),
        ({"vercel.json": "{}", "api/index.py": ""}, "lib/db.ts", ...),
        ({"vercel.json": "{}", "api/package.json": "{}", "api/x.ts": ""}, "lib/db.ts", ...),  # a server of its own
        ({"vercel.json": '{"builds": [{"src": "index.js", "use": "@vercel/node"}]}'}, "db.js", "serverless"),
        ({"vercel.json": '{"builds": [{"use": "@vercel/python"}]}'}, "db.js", ...),
        (NEXT | {"netlify.toml": "[build]\ncommand = 'x'\n"}, "lib/db.ts", "serverless"),
        ({"netlify.toml": '[functions]\ndirectory = "fns"\n', "fns/a.ts": ""}, "lib/db.ts", "serverless"),
        ({"wrangler.toml": 'main = "src/index.ts"\n', "src/index.ts": ""}, "src/db.ts", "edge"),
        ({"wrangler.toml": 'main = "src/index.ts"\n', "src/index.ts": ""}, "server/db.ts", ...),
        ({"wrangler.jsonc": '{\n  // "main": "x"\n  "main": "dist/worker.js"\n}'}, "src/db.ts", "edge"),
        ({"serverless.yml": "provider:\n  runtime: nodejs20.x\n"}, "src/db.ts", "serverless"),
        ({"serverless.yml": "provider:\n  runtime: python3.12\n"}, "src/db.ts", ...),
        ({"template.yaml": "Type: AWS::Serverless::Function\n  Runtime: nodejs20.x\n"}, "src/db.ts", "serverless"),
        ({"sst.config.ts": 'new sst.aws.Function("F", {});\n'}, "src/db.ts", "serverless"),
        ({"fly.toml": 'app = "x"\n'}, "src/db.ts", "long-lived"),
        ({"render.yaml": "services:\n  - type: web\n    runtime: node\n"}, "src/db.ts", "long-lived"),
        ({"render.yaml": "services:\n  - type: web\n    runtime: static\n"}, "src/db.ts", ...),
        ({"railway.json": "{}"}, "src/db.ts", "long-lived"),
        ({"Procfile": "web: npm start\n"}, "src/db.ts", "long-lived"),
        ({"Dockerfile": 'FROM node:22\nCMD ["node", "server.js"]\n'}, "src/db.ts", "long-lived"),
        ({"Dockerfile": "FROM public.ecr.aws/lambda/nodejs:20\n"}, "src/db.ts", "serverless"),
        (NEXT | {"vercel.json": "{}", "Dockerfile": "FROM node:22\nCMD next start\n"}, "lib/db.ts", ...),
        ({"svelte.config.js": "import adapter from '@sveltejs/adapter-vercel';\n"}, "src/lib/db.ts", "serverless"),
        (
            {"svelte.config.js": "import a from '@sveltejs/adapter-vercel';\nx = { runtime: 'edge' };\n"},
            "src/lib/db.ts",
            "edge",
        ),
        ({"svelte.config.js": "import adapter from '@sveltejs/adapter-node';\n"}, "src/lib/db.ts", "long-lived"),
        ({"svelte.config.js": "import adapter from '@sveltejs/adapter-auto';\n"}, "src/lib/db.ts", ...),
        ({"astro.config.mjs": "import cloudflare from '@astrojs/cloudflare';\n"}, "src/db.ts", "edge"),
        ({"nuxt.config.ts": "export default { nitro: { preset: 'cloudflare_pages' } };\n"}, "server/db.ts", "edge"),
        ({"nuxt.config.ts": "export default { nitro: { preset: 'node-server' } };\n"}, "server/db.ts", "long-lived"),
        ({"src/server.ts": "import f from 'fastify';\nf().listen({ port: 1 });\n"}, "src/db.ts", "long-lived"),
        ({"lambda.ts": "export const handler = async (event) => {};\n"}, "src/db.ts", "serverless"),
        (
            {
                "lambda.ts": "import s from 'serverless-http';\n",
                "dev.ts": "import e from 'express';\ne().listen(1);\n",
            },
            "src/db.ts",
            "serverless",
        ),
        ({"wrangler.toml": 'main = "src/index.ts"\n', "src/index.ts": ""}, "scripts/seed.ts", ...),
        ({"tests/server.ts": "import e from 'express';\ne().listen(1);\n"}, "src/db.ts", ...),
        (NEXT | {"vercel.json": "{}"}, "prisma/seed.ts", ...),
        (NEXT | {"vercel.json": "{}"}, "drizzle.config.ts", ...),
    ],
)
def test_what_the_package_says(files: dict[str, str], path: str, expected: object) -> None:
    assert runtime(files, path) == expected


def test_signs_speak_for_their_own_language() -> None:
    python = 'import os\nimport psycopg2\nconn = psycopg2.connect(os.environ["DATABASE_URL"])\n'
    assert runtime({"fly.toml": 'app = "x"\n', "db.py": python}, "db.py") is ...
    assert (
        runtime({"src/lambda.ts": "export const handler = async (event) => {};\n", "src/db.py": python}, "src/db.py")
        is ...
    )
    assert runtime({"main.py": "from mangum import Mangum\nhandler = Mangum(app)\n"}, "db.ts") is ...


def test_a_file_runs_where_the_files_that_import_it_run() -> None:
    files = {
        "package.json": "{}",
        "functions/a/index.ts": 'import { pool } from "../../lib/db";\nexport const handler = async (event) => pool.database;\n',
    }
    project = project_of(files | {"lib/db.ts": CLIENT})
    answer = ask(project, client_at(project, "lib/db.ts"), "runtime")
    assert isinstance(answer, Known)
    assert answer.value == "serverless"
    assert [reason.inferred for reason in answer.because] == [True]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [(0, "vercel"), (1, "vercel"), (2, ...)],
)
def test_an_edge_route_near_by_is_enough(steps: int, expected: object) -> None:
    """Further away something else may be what the route uses of the modules between."""
    files = {
        "package.json": "{}",
        "app/a/route.ts": "export const runtime = 'edge';\nimport { db0 } from '../../lib/m0';\n// database\n",
    }
    for step in range(steps):
        files[f"lib/m{step}.ts"] = (
            f"import {{ db{step + 1} }} from './m{step + 1}';\nexport const db{step} = db{step + 1};\n// database\n"
        )
    files[f"lib/m{steps}.ts"] = CLIENT
    files["app/b/route.ts"] = (
        "import { handler } from 'aws-lambda';\nimport { db0 } from '../../lib/m0';\n// database\n"
    )
    project = project_of(files)
    assert value(project, client_at(project, f"lib/m{steps}.ts"), "edge.host") == expected


def test_a_barrel_passes_an_import_on() -> None:
    files = {
        "package.json": "{}",
        "app/a/route.ts": "export const runtime = 'edge';\nimport { pool } from '../../lib';\n// database\n",
        "lib/index.ts": "export { pool } from './db';\n",
        "lib/db.ts": CLIENT,
    }
    project = project_of(files)
    assert value(project, client_at(project, "lib/db.ts"), "edge.host") == "vercel"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("new Client({ connectionString: env.HYPERDRIVE.connectionString })", True),
        ("new Client({ connectionString: env.HYPERDRIVE?.connectionString ?? env.DATABASE_URL })", True),
        (
            "new Client({ host: env.HYPERDRIVE.host, user: env.HYPERDRIVE.user, database: env.HYPERDRIVE.database })",
            True,
        ),
        ("new Client({ connectionString: env.DATABASE_URL })", False),
        ("new Client({ connectionString: url(env.HYPERDRIVE) })", ...),
    ],
)
def test_hyperdrive(code: str, expected: object) -> None:
    text = f"import {{ Client }} from 'pg';\nexport default {{ async fetch(r: Request, env: Env) {{ const c = {code}; }} }};\n"
    project = project_of({"src/index.ts": text})
    assert value(project, client_at(project, "src/index.ts"), "target.hyperdrive") == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("src/App.svelte", "<script>\n{}</script>\n<p>x</p>\n", "this file"),
        ("src/App.vue", "<script setup>\n{}</script>\n<template><p /></template>\n", "this file"),
        ("src/db.ts", "{}", None),
        ("app/x.tsx", "'use client';\n{}", "this file"),
        ("app/x.tsx", "'use server';\n{}", None),
    ],
)
def test_code_for_browsers(path: str, text: str, expected: object) -> None:
    code = 'import { neon } from "@neondatabase/serverless";\nconst sql = neon(process.env.DATABASE_URL);\n'
    project = project_of({path: text.replace("{}", code)})
    assert value(project, client_at(project, path), "exposed.by") == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"package.json": '{"engines": {"node": "20.x"}}'}, 20),
        ({"package.json": '{"engines": {"npm": ">=9", "node": "^18.17.0"}}'}, 18),
        ({"package.json": '{"engines": {"node": ">=18 <19"}}'}, 18),
        ({"package.json": '{"engines": {"node": ">=18"}}'}, ...),
        ({"package.json": '{"engines": {"node": "18 || 20"}}'}, ...),
        ({".nvmrc": "v18.17.0\n"}, 18),
        ({".nvmrc": "lts/hydrogen\n"}, 18),
        ({".nvmrc": "lts/*\n"}, ...),
        ({".node-version": "20\n"}, 20),
        ({".tool-versions": "nodejs 20.11.0\npython 3.12\n"}, 20),
        ({"Dockerfile": "FROM node:18-alpine AS build\nFROM node:20-slim\n"}, 20),
        ({"Dockerfile": "FROM docker.io/library/node:22.1\n"}, 22),
        ({"Dockerfile": "FROM node:lts\n"}, ...),
        ({"serverless.yml": "provider:\n  runtime: nodejs18.x\n"}, 18),
        ({".github/workflows/ci.yml": "      - with:\n          node-version: 18\n"}, ...),  # the tests' version
        ({".nvmrc": "18\n", ".github/workflows/ci.yml": "        node-version: [18, 20]\n"}, 20),
        ({".nvmrc": "18\n", "package.json": '{"engines": {"node": ">=20"}}'}, ...),
        ({".nvmrc": "20\n", "package.json": '{"engines": {"node": ">=18"}}'}, 20),
        ({".nvmrc": "20\n", "Dockerfile": "FROM oven/bun:1\n"}, ...),
        ({".nvmrc": "20\n", "package.json": '{"scripts": {"start": "bun src/index.ts"}}'}, ...),
        ({"other/.nvmrc": "18\n"}, ...),
        ({}, ...),
    ],
)
def test_the_version_of_node(files: dict[str, str], expected: object) -> None:
    project = project_of(files | {"src/db.ts": CLIENT})
    assert value(project, client_at(project, "src/db.ts"), "node.version") == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("vercel.json", '{\n  "regions": ["iad1"]\n}', [("iad1", "Virginia")]),
        ("vercel.json", '{"regions": ["iad1", "cdg1"]}', [("iad1", "Virginia"), ("cdg1", "")]),
        ("app/x/route.ts", "export const preferredRegion = 'fra1';\n", [("fra1", "Frankfurt")]),
        ("app/x/route.ts", "export const preferredRegion = ['home'];\n", []),
        ("fly.toml", 'primary_region = "ord"\n', [("ord", "")]),
        ("fly.toml", "primary_region = 'gru'\n", [("gru", "São Paulo")]),
        ("render.yaml", "services:\n  - type: web\n    region: ohio\n", [("ohio", "Ohio")]),
        ("wrangler.toml", '[placement]\nregion = "aws:us-east-1"\n', [("aws:us-east-1", "Virginia")]),
        ("wrangler.toml", '[placement]\nmode = "smart"\n', []),
        ("serverless.yml", "provider:\n  region: eu-west-2\n", [("eu-west-2", "London")]),
        ("serverless.yml", "provider:\n  region: ${opt:region, 'us-east-1'}\n", []),
        ("samconfig.toml", '[default.deploy.parameters]\nregion = "us-east-2"\n', [("us-east-2", "Ohio")]),
    ],
)
def test_regions(path: str, text: str, expected: list[tuple[str, str]]) -> None:
    told = platforms.of_file(path, text.encode())
    assert [(region.name, region.metro) for region in (told.regions if told else ())] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('main = "a.ts"\ncompatibility_flags = [\n  "nodejs_compat",\n]\n', True),
        ('main = "a.ts"\n# compatibility_flags = ["nodejs_compat"]\n', False),
        ("node_compat = true\n", True),
        ('main = "a.ts"\n', False),
    ],
)
def test_what_drivers_need_on_workers(text: str, expected: bool) -> None:
    told = platforms.of_file("wrangler.toml", text.encode())
    assert (told.compat if told else None) is expected


@pytest.mark.parametrize(
    "text",
    [
        b"export const config = {" * 40_000,
        b'"engines": {' * 80_000,
        b'"regions": [' * 80_000,
        b"\n" * 1_000_000,
        b" " * 1_000_000,
        b"[functions]\n" * 80_000,
        b"a/" * 500_000,
        b"import " * 140_000,
        b"FROM node:18\n" * 70_000,
    ],
)
@pytest.mark.parametrize(
    "path", ["a.ts", "package.json", "vercel.json", "Dockerfile", "netlify.toml", "nuxt.config.ts"]
)
def test_hostile_files_take_linear_time(path: str, text: bytes) -> None:
    begun = time.perf_counter()
    platforms.of_file(path, text)
    assert time.perf_counter() - begun < 4
