"""Settings outside clients, and words for TLS in JavaScript: what the rules' examples do not show."""

from __future__ import annotations

import pytest
from projects import project_of

from neonlint.facts import setting, tls_node, tls_words_node
from neonlint.facts.answer import Answer, Known
from neonlint.ir.model import Setting

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/neondb?sslmode=require"
POOL = 'import { Pool } from "pg";\nexport const pool = new Pool({ connectionString: process.env.DATABASE_URL });\n'
SWITCH = "NODE_TLS_REJECT_UNAUTHORIZED"


def value(answer: Answer) -> object:
    return answer.value if isinstance(answer, Known) else "unseen"


def settings(files: dict[str, str]) -> list[Setting]:
    return [found for extract in project_of(files).extracts for found in extract.settings]


def guarded(code: str) -> bool:
    [found] = settings({"db.ts": code})
    return found.guarded


# --- where a setting is found ---


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", f"{SWITCH}=0\n"),
        ("compose.yaml", f'services:\n  app:\n    environment:\n      {SWITCH}: "0"\n'),
        ("compose.yaml", f"services:\n  app:\n    environment:\n      - {SWITCH}=0\n"),
        (".github/workflows/x.yml", f"jobs:\n  a:\n    env:\n      {SWITCH}: 0\n    steps: []\n"),
        ("package.json", f'{{ "scripts": {{ "start": "{SWITCH}=0 node server.js" }} }}'),
        ("package.json", f'{{ "scripts": {{ "start": "cross-env {SWITCH}=0 node server.js" }} }}'),
        ("vercel.json", f'{{ "env": {{ "{SWITCH}": "0" }} }}'),
        ("wrangler.toml", f'[vars]\n{SWITCH} = "0"\n'),
        ("Dockerfile", f"FROM node:22\nENV {SWITCH}=0\n"),
        ("start.sh", f"export {SWITCH}=0\nnode server.js\n"),
        ("db.ts", f'process.env.{SWITCH} = "0";\n'),
        ("db.ts", f'process.env["{SWITCH}"] = "0";\n'),
    ],
)
def test_the_switch_of_node_is_found(path: str, text: str) -> None:
    assert {value(setting._weakens(found, project_of({}))) for found in settings({path: text})} == {True}


@pytest.mark.parametrize("text", [f"{SWITCH}=1\n", f"# {SWITCH}=0\n", f"X_{SWITCH}=0\n", f"{SWITCH}=\n"])
def test_what_is_no_such_switch(text: str) -> None:
    assert not any(value(setting._weakens(found, project_of({}))) for found in settings({".env": text}))


def test_properties_of_the_driver_are_found() -> None:
    code = 'import { neonConfig as n } from "@neondatabase/serverless";\nn.useSecureWebSocket = false;\n'
    assert [(s.name, s.value, s.key) for s in settings({"db.ts": code})] == [
        ("useSecureWebSocket", False, "neonConfig.useSecureWebSocket")
    ]
    assert not settings({"db.ts": "const neonConfig = {};\nneonConfig.useSecureWebSocket = false;\n"})


# --- conditions ---

SET = f'process.env.{SWITCH} = "0";'


@pytest.mark.parametrize(
    "code",
    [
        f"if (dev) {{\n  {SET}\n}}\n",
        f"if (dev) {SET}\n",
        f"if (dev)\n  {SET}\n",
        f"dev && ({SET.removesuffix(';')});\n",
        f"if (a) {{ b(); }} else {{\n  {SET}\n}}\n",
        f"function f() {{\n  if (dev) {{\n    [1].map(() => {{ x({{}}); }});\n    {SET}\n  }}\n}}\n",
        f"switch (stage) {{\n  case 'dev':\n    {SET}\n}}\n",
    ],
)
def test_a_setting_on_a_condition(code: str) -> None:
    assert guarded(code)


@pytest.mark.parametrize(
    "code",
    [
        f"{SET}\n",
        f"if (dev) {{ a(); }}\n{SET}\n",
        f"if (dev) a();\n{SET}\n",
        f"export function setUp() {{\n  {SET}\n}}\n",
        f"// if it must be\n{SET}\n",
        f"const notify = {{ a: 1 }};\n{SET}\n",
    ],
)
def test_a_setting_on_none(code: str) -> None:
    assert not guarded(code)


# --- node-postgres and its modes ---


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("^8.16.3", True),
        ("8.11.0", True),
        ("~8.5", True),
        ("^7.18.2", False),
        ("^9.0.0", False),
        ("latest", "unseen"),
        ("*", "unseen"),
        (">=8", True),
    ],
)
def test_aliases_by_version(version: str, expected: object) -> None:
    files = {
        "package.json": f'{{"dependencies": {{"pg": "{version}"}}}}',
        ".env": f"DATABASE_URL={URL}\n",
        "db.ts": POOL,
    }
    of = project_of(files)
    [connection] = [c for e in of.extracts for c in e.connections]
    assert value(tls_words_node.mode_alias(connection, of)) == expected


def test_drizzle_kit_drops_ssl_beside_a_url() -> None:
    head = 'import { defineConfig } from "drizzle-kit";\nexport default defineConfig({ dialect: "postgresql", '
    of = project_of({"drizzle.config.ts": f'{head}dbCredentials: {{ url: "{URL}", ssl: true }} }});\n'})
    assert [value(tls_node.given(client, of)) for client in of.clients] == ["nothing"]


@pytest.mark.parametrize(
    ("ssl", "expected"),
    [
        ('"require"', "require"),
        ('"prefer"', "prefer"),
        ('"verify-full"', None),
        ("true", None),
        ('production ? "require" : false', "require"),
        ('process.env.NODE_ENV === "development" ? "require" : "verify-full"', "unseen"),
        ("config.ssl", "unseen"),
    ],
)
def test_words_of_postgres_js(ssl: str, expected: object) -> None:
    code = (
        f'import postgres from "postgres";\nexport const sql = postgres(process.env.DATABASE_URL!, {{ ssl: {ssl} }});\n'
    )
    of = project_of({"db.ts": code})
    assert value(tls_words_node.lax_word(of.clients[0], of)) == expected
