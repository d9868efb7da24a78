"""How long a JavaScript client lives, which files are scripts, on whose serverless platform code runs."""

from __future__ import annotations

import pytest
from projects import client_at, project_of, value

POOL = "import { Pool } from 'pg';\n"
MADE = "const pool = new Pool({ connectionString: process.env.URL });\n"


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("src/db.ts", f"{POOL}export {MADE}", False),
        ("scripts/count.ts", f"{POOL}{MADE}", True),
        ("seed-users.mjs", f"{POOL}{MADE}", True),
        ("src/testimonials.ts", f"{POOL}{MADE}", False),
        ("report.mjs", f"{POOL}{MADE}pool.query('x').finally(() => pool.end());", True),
        ("report.mjs", f"{POOL}{MADE}pool.query('x').then(() => process.exit(0));", True),
        ("index.js", f"{POOL}{MADE}process.on('SIGTERM', () => pool.end());", False),
        ("index.js", f"{POOL}{MADE}async function shutdown() {{ await pool.end(); process.exit(1); }}", False),
        ("index.js", f"{POOL}{MADE}app.listen(3000, () => pool.end());", False),
        ("app/api/x/route.ts", f"{POOL}{MADE}export async function GET() {{ await pool.end(); }}", False),
    ],
)
def test_scripts_run_once(path: str, source: str, expected: object) -> None:
    project = project_of({path: source})
    assert value(project, client_at(project, path), "script") is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (MADE, True),
        ("let pool;\nfunction get() { pool ??= new Pool({ connectionString: process.env.URL }); }", True),
        ("class A { constructor() { this.pool = new Pool({ connectionString: process.env.URL }); } }", True),
        ("function get() { const pool = new Pool({ connectionString: process.env.URL }); }", False),
    ],
)
def test_what_outlives_the_function_that_makes_it(source: str, expected: object) -> None:
    project = project_of({"db.ts": POOL + source})
    assert value(project, client_at(project, "db.ts"), "pool.outlives") is expected


@pytest.mark.parametrize(
    ("files", "seen", "host"),
    [
        ({}, False, None),
        ({"vercel.json": "{}", "package.json": '{"dependencies":{"next":"16"}}'}, True, "vercel"),
        ({"lambda.mjs": "import './db';\nexport const handler = async (event) => 1;"}, True, "aws"),
    ],
)
def test_whose_serverless_platform_it_is(files: dict[str, str], seen: object, host: object) -> None:
    project = project_of({"db.ts": POOL + MADE, **files})
    client = client_at(project, "db.ts")
    assert value(project, client, "serverless.seen") is seen
    assert value(project, client, "serverless.host") == host


@pytest.mark.parametrize(
    ("listener", "expected"),
    [
        ("", False),
        ("pool.on('connect', () => {});", False),
        ("pool.on('error', () => {});", True),
        ("process.on('uncaughtException', () => {});", True),
        ("watch(pool);", ...),
        ("function serve(given) { return given; }\nserve(pool);", False),
        ("function serve(db) { db.on('error', log); }\nserve(pool);", ...),
    ],
)
def test_who_listens_for_errors(listener: str, expected: object) -> None:
    project = project_of({"db.ts": POOL + MADE + listener})
    assert value(project, client_at(project, "db.ts"), "pool.errors_handled") == expected


def test_frameworks_that_catch_what_nobody_else_does() -> None:
    files = {"packages/db/package.json": '{"name":"@a/db"}', "packages/db/index.ts": f"{POOL}export {MADE}"}
    package = {"web/package.json": '{"name":"web","dependencies":{"next":"16.0.0","@a/db":"workspace:*"}}'}
    page = {"web/app/page.tsx": 'import { pool } from "@a/db";\nexport default () => pool.query("SELECT 1");\n'}
    for added, expected in (({}, False), ({**package, **page}, True)):
        project = project_of({**files, **added})
        assert value(project, client_at(project, "packages/db/index.ts"), "pool.errors_handled") is expected


def test_a_static_server_function_is_no_handler() -> None:
    source = "import { createServerFn } from '@tanstack/react-start';\nimport postgres from 'postgres';\n"
    body = "handler(async () => { const sql = postgres(process.env.URL); });"
    for chain, expected in ((".", True), (".middleware([staticFunctionMiddleware]).", False)):
        project = project_of({"data.ts": f"{source}export const x = createServerFn(){chain}{body}"})
        assert value(project, client_at(project, "data.ts"), "per_request") is expected
