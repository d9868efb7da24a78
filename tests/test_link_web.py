"""What JavaScript files of a project are to each other, and which definition of a variable answers for which code."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from projects import client_at, connection_at, project_of, value

from neonlint.ir.source import Ref, Scalar, Span
from neonlint.link import Project, environment_of

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/db"
POOLED = f"postgresql://app:pw@{HOST.replace('.', '-pooler.', 1)}/db"
ENV = f"DATABASE_URL={URL}\n"
PG = 'import { Pool } from "pg";\n'
READS = f"{PG}export const pool = new Pool({{ connectionString: process.env.DATABASE_URL }});\n"
DB = "import { url } from %s;\n" + PG + "export const pool = new Pool({ connectionString: url });\n"
URLS = f'export const url = "{URL}";\nexport default {{ db: {{ url: "{URL}" }} }};\n'


def reached(project: Project, path: str) -> list[tuple[str, str]]:
    """The file and name of every connection that the only client of a file opens."""
    return [(c.document.path, c.name) for c in project.reached_by(client_at(project, path)).connections]


@pytest.mark.parametrize(
    ("specifier", "module", "more"),
    [
        ("./urls", "src/urls.ts", {}),
        ("./urls.js", "src/urls.ts", {}),
        ("./urls.mjs", "src/urls.mts", {}),
        ("./urls.server", "src/urls.server.ts", {}),
        ("./urls", "src/urls/index.tsx", {}),
        ("../config/urls", "config/urls.cjs", {}),
        ("..", "index.js", {}),
        ("@/urls", "src/urls.ts", {}),
        ("@/lib/urls", "lib/urls.ts", {}),
        ("~/urls", "app/urls.ts", {}),
        ("$lib/server/urls", "src/lib/server/urls.js", {}),
        ("#urls", "src/there.ts", {"package.json": '{"imports": {"#urls": {"default": "./src/there.ts"}}}'}),
        ("#lib/urls", "src/urls.ts", {"package.json": '{"imports": {"#lib/*": "./src/*.js"}}'}),
        ("#/urls", "src/urls.ts", {"tsconfig.json": '{"compilerOptions": {"paths": {"#/*": ["./src/*"]}}}'}),
        ("config/urls", "src/config/urls.ts", {"tsconfig.json": '{"compilerOptions": {"baseUrl": "src"}}'}),
        (
            "conf",
            "src/config/urls.ts",
            {
                "tsconfig.json": '{"extends": "./base"}',
                "base.json": "{}",
                "tsconfig.base.json": '{"compilerOptions": {"paths": {"conf": ["src/config/urls.ts"]}}}',
            },
        ),
        ("@acme/urls", "packages/u/src/index.ts", {"packages/u/package.json": '{"name": "@acme/urls"}'}),
        (
            "@acme/urls",
            "packages/u/src/main.ts",
            {"packages/u/package.json": '{"name": "@acme/urls", "exports": {".": {"import": "./dist/main.js"}}}'},
        ),
        ("@acme/urls/db", "packages/u/src/db.ts", {"packages/u/package.json": '{"name": "@acme/urls"}'}),
    ],
)
def test_specifiers(specifier: str, module: str, more: Mapping[str, str]) -> None:
    files = {"src/db.ts": DB % f'"{specifier}"', module: URLS, **more}
    assert reached(project_of(files), "src/db.ts") == [(module, "url")]


@pytest.mark.parametrize("specifier", ["pg-urls", "./nowhere", "../../../../etc/urls", "#no", "./db", "@acme/none", ""])
def test_what_is_not_in_the_project_is_not_seen(specifier: str) -> None:
    project = project_of({"src/db.ts": DB % f'"{specifier}"', "src/urls.ts": URLS, "etc/urls.ts": URLS})
    assert reached(project, "src/db.ts") == []


def find(project: Project, name: str, path: str) -> object:
    found = project.find(Ref(name, Span(0, 0)), path)
    return found and (found.value.value if isinstance(found.value, Scalar) else type(found.value).__name__)


def test_exports_are_passed_on() -> None:
    project = project_of(
        {
            "a/urls.ts": URLS,
            "a/index.ts": 'export * from "./urls";\nexport { url as there, default as conf } from "./urls";\n',
            "a/again.ts": 'import { there } from ".";\nconst database = there;\nexport { database as here };\n',
            "b/use.ts": "const database = 1;\n",
        }
    )
    for name in ("../a.url", "../a.there", "../a/again.here", "../a/urls.db.url", "../a/urls.default.db.url"):
        assert find(project, name, "b/use.ts") == URL, name
    assert find(project, "../a/urls.db", "b/use.ts") == "Table"
    assert find(project, "../a.conf.db.url", "b/use.ts") == URL
    assert find(project, "../a/urls.nothing", "b/use.ts") is None


def test_files_that_pass_on_each_others_exports_end_the_search() -> None:
    files = {f"m{n}.ts": "".join(f'export * from "./m{k}";\n' for k in range(12)) + "// database\n" for n in range(12)}
    files["loop.ts"] = 'import { a } from "./pool";\nexport const b = a; // database\n'
    files["pool.ts"] = 'import { b } from "./loop";\nexport const a = b; // database\n'
    project = project_of(files)
    assert find(project, "./m0.url", "use.ts") is None
    assert find(project, "./pool.a", "use.ts") is None


def test_schemas_of_the_environment_are_crossed() -> None:
    schema = 'import { createEnv } from "@t3-oss/env-nextjs";\nexport const env = createEnv({ server: { DATABASE_URL: z.string() } });\n'
    use = f'import {{ env }} from "@/env";\n{PG}const pool = new Pool({{ connectionString: env.DATABASE_URL }});\n'
    project = project_of({".env": ENV, "src/env.ts": schema, "src/db.ts": use})
    assert reached(project, "src/db.ts") == [(".env", "DATABASE_URL")]
    because = project.reached_by(client_at(project, "src/db.ts")).because
    assert [(reason.text, reason.place and reason.place[0]) for reason in because] == [
        ("`DATABASE_URL` comes from src/env.ts:2", "src/env.ts"),
        ("`DATABASE_URL` is set in .env:1", ".env"),
    ]


def test_a_client_is_known_in_the_files_that_import_it() -> None:
    use = 'import { pool } from "./db";\nexport const listen = () => pool.query("LISTEN jobs");\n'
    project = project_of({"db.ts": READS, "use.ts": use, "again.ts": 'export { pool as p } from "./db"; // database\n'})
    client = client_at(project, "db.ts")
    assert project.client_of(Ref("./db.pool", Span(0, 0)), "use.ts") is client
    assert project.client_of(Ref("./again.p", Span(0, 0)), "use.ts") is client
    assert project.client_of(Ref("./db.other", Span(0, 0)), "use.ts") is None
    statements = [s for e in project.extracts for s in e.statements]
    assert [project.client_behind(s) for s in statements] == [client]


# --- packages ---

MONOREPO = {
    "package.json": '{"workspaces": ["apps/*", "packages/*"]}',
    "packages/db/package.json": '{"name": "@acme/db"}',
    "packages/db/index.ts": READS,
    "apps/web/package.json": '{"name": "web", "dependencies": {"@acme/db": "workspace:*"}}',
    "apps/docs/package.json": '{"name": "docs"}',
}


@pytest.mark.parametrize(
    ("envs", "answer"),
    [
        (("packages/db/.env", "apps/web/.env", ".env"), ["packages/db/.env"]),
        ((".env", "apps/web/.env"), [".env"]),
        (("apps/web/.env", "apps/docs/.env"), ["apps/web/.env"]),
        (("apps/docs/.env",), []),
        ((".env.example", "apps/web/.env"), [".env.example"]),
    ],
)
def test_whose_env_file_answers(envs: tuple[str, ...], answer: list[str]) -> None:
    project = project_of(MONOREPO | dict.fromkeys(envs, ENV))
    assert [path for path, _ in reached(project, "packages/db/index.ts")] == answer


def test_several_apps_that_use_a_package_are_inferred() -> None:
    files = MONOREPO | {"apps/docs/package.json": '{"dependencies": {"@acme/db": "*"}}'}
    project = project_of(files | {"apps/web/.env": ENV, "apps/docs/.env": ENV})
    resolved = project.reached_by(client_at(project, "packages/db/index.ts"))
    assert [c.document.path for c in resolved.connections] == ["apps/docs/.env", "apps/web/.env"]
    assert all(reason.inferred for reason in resolved.because)
    assert [project.reached_by(client_at(project_of(MONOREPO | {"apps/web/.env": ENV}), "packages/db/index.ts"))] != []


def test_users_of_users_and_packages_that_use_each_other() -> None:
    files = {
        "packages/db/package.json": '{"name": "db", "dependencies": {"api": "*"}}',
        "packages/api/package.json": '{"name": "api", "dependencies": {"db": "*"}}',
        "apps/web/package.json": '{"name": "web", "dependencies": {"api": "*"}}',
        "apps/web/.env": ENV,
        "packages/db/index.ts": READS,
    }
    assert reached(project_of(files), "packages/db/index.ts") == [("apps/web/.env", "DATABASE_URL")]


def test_the_environment_of_the_importing_app_answers_for_what_it_imports() -> None:
    env = "export const env = { DATABASE_URL: process.env.DATABASE_URL };\n"
    use = f'import {{ env }} from "@acme/db";\n{PG}const pool = new Pool({{ connectionString: env.DATABASE_URL }});\n'
    files = MONOREPO | {"packages/db/index.ts": env, "packages/db/.env": ENV, "apps/web/a.ts": use}
    assert reached(project_of(files), "apps/web/a.ts") == [("packages/db/.env", "DATABASE_URL")]
    assert reached(project_of(files | {"apps/web/.env": ENV}), "apps/web/a.ts") == [("apps/web/.env", "DATABASE_URL")]


def test_python_packages_of_a_workspace() -> None:
    files = {
        "libs/db/pyproject.toml": '[project]\nname = "acme-db"\n',
        "libs/db/db.py": 'import os\nimport psycopg\nc = psycopg.connect(os.environ["DATABASE_URL"])\n',
        "apps/a/pyproject.toml": '[project]\nname = "a"\ndependencies = ["acme_db"]\n',
        "apps/a/.env": ENV,
    }
    assert reached(project_of(files), "libs/db/db.py") == [("apps/a/.env", "DATABASE_URL")]


# --- environments ---


@pytest.mark.parametrize(
    ("path", "keys", "expected"),
    [
        (".env", (), ""),
        (".env.local", (), ""),
        (".env.development.local", (), "development"),
        ("apps/web/.env.production", (), "production"),
        (".env.prod", (), "production"),
        ("prod.env", (), "production"),
        (".env.test", (), "test"),
        (".env.staging", (), "preview"),
        (".env.example", (), ""),
        (".dev.vars", (), "development"),
        (".github/workflows/test.yml", (), "ci"),
        (".gitlab-ci.yml", (), "ci"),
        ("docker-compose.yml", (), ""),
        ("compose.prod.yaml", (), "production"),
        ("wrangler.toml", ("vars",), ""),
        ("wrangler.jsonc", ("env", "production", "vars"), "production"),
        ("netlify.toml", ("context", "deploy-preview", "environment"), "preview"),
        ("fly.toml", ("env",), "production"),
        ("fly.staging.toml", ("env",), "preview"),
        ("k8s/overlays/prod/app.yaml", (), "production"),
        ("src/production/env.py", (), ""),
    ],
)
def test_environments(path: str, keys: tuple[str, ...], expected: str) -> None:
    assert environment_of(path, keys) == expected


def test_each_connection_says_its_environment() -> None:
    project = project_of({".env": ENV, ".env.production": ENV, "db.ts": READS})
    resolved = project.reached_by(client_at(project, "db.ts"))
    assert dict(zip([c.document.path for c in resolved.connections], resolved.environments, strict=True)) == {
        ".env": "",
        ".env.production": "production",
    }


def test_a_variable_that_is_another_variable() -> None:
    direct = READS.replace("DATABASE_URL", "DIRECT_URL")
    project = project_of({".env": ENV + 'DIRECT_URL="${DATABASE_URL}"\n', "db.ts": direct})
    assert reached(project, "db.ts") == [(".env", "DATABASE_URL")]
    loop = project_of({".env": "DIRECT_URL=$OTHER\nOTHER=$DIRECT_URL\n", "db.ts": direct})
    assert reached(loop, "db.ts") == []


OTHER = URL.replace("cool", "warm")


@pytest.mark.parametrize(
    ("files", "mismatch"),
    [
        ({".env": f"DATABASE_URL={POOLED}\n", ".env.local": f"DIRECT_URL={OTHER}\n"}, "endpoint"),
        ({".env": f"DATABASE_URL={POOLED}\n", ".env.production": f"DIRECT_URL={OTHER}\n"}, None),
        ({".env": f"DATABASE_URL={POOLED}\n", "apps/a/.env": f"DIRECT_URL={OTHER}\n"}, None),
        ({".env": f"DATABASE_URL={POOLED}\n", ".env.example": f"DIRECT_URL={OTHER}\n"}, None),
        ({".env": f"DATABASE_URL={POOLED}\nDIRECT_URL={URL}\n", ".env.local": f"DIRECT_URL={OTHER}\n"}, None),
        ({".env.test": f"DATABASE_URL={POOLED}\n", ".env.test.local": f"DIRECT_URL={OTHER}\n"}, "endpoint"),
    ],
)
def test_halves_of_a_pair_are_compared_within_one_environment(files: dict[str, str], mismatch: str | None) -> None:
    project = project_of(files)
    direct = connection_at(project, list(files)[1], "DIRECT_URL")
    assert value(project, direct, "sibling.mismatch") == mismatch


def test_what_stands_on_a_client_that_another_file_makes() -> None:
    db = (
        f'{PG}import {{ drizzle }} from "drizzle-orm/node-postgres";\n'
        "const pool = new Pool({ connectionString: process.env.DATABASE_URL });\n"
        "export const db = drizzle({ client: pool });\nmodule.exports.again = db;\n"
    )
    use = 'import { db } from "./db";\nawait db.execute("LISTEN jobs");\n'
    project = project_of({"db.ts": db, "use.ts": use})
    statements = [s for e in project.extracts for s in e.statements]
    assert statements and [project.client_behind(s) for s in statements] == [client_at(project, "db.ts")]


def test_options_that_another_file_exports() -> None:
    options = "export const options = { connectionString: process.env.DATABASE_URL, max: 5 };\n"
    use = f'{PG}import {{ options }} from "./config";\nexport const pool = new Pool(options);\n'
    project = project_of({".env": ENV, "config.ts": options, "db.ts": use})
    assert reached(project, "db.ts") == [(".env", "DATABASE_URL")]


def test_import_maps_of_deno() -> None:
    manifest = '{ "imports": { "pg": "npm:pg@^8.11.0", "@/": "./src/", "conf": "./src/urls.ts" } }'
    for specifier in ("@/urls.ts", "conf"):
        project = project_of({"deno.jsonc": manifest, "src/urls.ts": URLS, "a/db.ts": DB % f'"{specifier}"'})
        assert reached(project, "a/db.ts") == [("src/urls.ts", "url")]
    found = project.requirement("pg", "a/db.ts", "npm")
    assert found is not None and found.at_least(8, 11)
