"""What an inventory says about small projects: who opens what, by which name, how it is protected, and what is not seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from inventories import HOST, sixty, taken

from neonlint.inventory import Inventory, Source, User
from neonlint.inventory_narrow import Left, usual
from neonlint.report.map_words import serverless_direct

POOLED, DIRECT = HOST.format("-pooler"), HOST.format("")
PW = "npg_Kanari3nvog9"


def url(host: str = POOLED, query: str = "sslmode=require") -> str:
    return f"postgresql://app:{PW}@{host}/shop?{query}"


def only_source(inventory: Inventory) -> Source:
    [source] = inventory.sources
    return source


def only_user(inventory: Inventory) -> User:
    [user] = inventory.users
    return user


PSYCOPG = "import os, psycopg\nc = psycopg.connect(os.environ['DATABASE_URL'])\n"
PG = "import { Pool } from 'pg'\nexport const pool = new Pool({ connectionString: process.env.DATABASE_URL })\n"


def test_a_client_a_variable_and_a_host(tmp_path: Path) -> None:
    found = taken(tmp_path, {".env": f"A=1\nDATABASE_URL={url()}\n", "app.py": PSYCOPG})
    [endpoint] = found.endpoints
    assert (endpoint.host, endpoint.compute, endpoint.route) == (POOLED, "ep-cool-rain-a1b2c3d4", "pooled")
    assert (endpoint.region, endpoint.cloud, endpoint.where) == ("us-east-2", "aws", "neon")
    assert endpoint.databases == ("shop",)
    source, user = only_source(found), only_user(found)
    assert (source.name, str(source.place), source.user, source.standing) == (
        "DATABASE_URL",
        ".env:2",
        "app",
        "written",
    )
    assert (user.tool, user.kind, str(user.place), user.largest) == ("psycopg", "single", "app.py:2", 1)
    assert found.reached_by(user) == (source,)
    assert found.users_of(source) == (user,)
    assert found.endpoint(source.endpoint) == endpoint


def test_pooled_and_direct_are_two_endpoints_of_one_compute(tmp_path: Path) -> None:
    found = taken(tmp_path, {".env": f"DATABASE_URL={url()}\nDIRECT_URL={url(DIRECT)}\n"})
    assert [(e.compute, e.route) for e in found.endpoints] == [
        ("ep-cool-rain-a1b2c3d4", "pooled"),
        ("ep-cool-rain-a1b2c3d4", "direct"),
    ]


@pytest.mark.parametrize(
    ("query", "code", "level"),
    [
        ("sslmode=disable", PSYCOPG, "none"),
        ("", PSYCOPG, "optional"),
        ("sslmode=prefer", PSYCOPG, "optional"),
        ("sslmode=require", PSYCOPG, "encrypted"),
        ("sslmode=verify-ca", PSYCOPG, "encrypted"),
        ("sslmode=require&channel_binding=require", PSYCOPG, "bound"),
        ("sslmode=prefer&channel_binding=require", PSYCOPG, "optional"),
        ("sslmode=verify-full&sslrootcert=system", PSYCOPG, "verified"),
        ("", PG, "none"),
        ("sslmode=require", PG, "verified"),
        ("sslmode=require&channel_binding=require&uselibpqcompat=true", PG, "encrypted"),
        ("", PG.replace(" })", ", ssl: { rejectUnauthorized: false } })"), "encrypted"),
        ("", PG.replace(" })", ", ssl: true })"), "verified"),
        ("sslmode=disable", "import { neon } from '@neondatabase/serverless'\nexport const q = neon(process.env.DATABASE_URL)\n", "verified"),
        ("sslmode=require", "import postgres from 'postgres'\nexport const q = postgres(process.env.DATABASE_URL)\n", "encrypted"),
        ("sslmode=verify-full", "import { nothing } from 'pg'\n", "verified"),
        ("", "x = 1\n", "unknown"),
    ],
)  # fmt: skip
def test_the_level_is_what_the_driver_makes_of_it(query: str, code: str, level: str, tmp_path: Path) -> None:
    name = "app.py" if "psycopg" in code else "db.ts"
    found = taken(tmp_path, {".env": f"DATABASE_URL={url(query=query)}\n", name: code})
    assert only_source(found).tls == level
    assert [user.tls for user in found.users] in ([], [level])


def test_one_string_two_drivers_two_levels(tmp_path: Path) -> None:
    other = "import postgres from 'postgres'\nexport const sql = postgres(process.env.DATABASE_URL)\n"
    found = taken(tmp_path, {".env": f"DATABASE_URL={url()}\n", "a.ts": PG, "b.ts": other})
    assert only_source(found).tls == "unknown"
    assert {user.tool: user.tls for user in found.users} == {"pg": "verified", "postgres.js": "encrypted"}


def test_a_variable_that_nothing_defines_is_a_source_by_its_name(tmp_path: Path) -> None:
    found = taken(tmp_path, {"app.py": PSYCOPG})
    source = only_source(found)
    assert (source.name, source.standing, source.endpoint, source.route) == (
        "DATABASE_URL",
        "undefined",
        None,
        "unknown",
    )
    assert str(source.place) == "app.py:2"
    assert only_user(found).unseen == ""


def test_two_packages_do_not_share_what_neither_defines(tmp_path: Path) -> None:
    found = taken(tmp_path, {"a/package.json": "{}", "a/db.ts": PG, "b/package.json": "{}", "b/db.ts": PG})
    assert [source.key for source in found.sources] == ["a/DATABASE_URL", "b/DATABASE_URL"]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("DATABASE_URL=\n", "left empty there"),
        ("DATABASE_URL=sqlite:///x.db\n", "set to no Postgres connection string"),
        ("DATABASE_URL=${OTHER}\n", "its value is not seen"),
    ],
)
def test_what_is_defined_and_not_seen_says_so(written: str, why: str, tmp_path: Path) -> None:
    source = only_source(taken(tmp_path, {".env": written, "app.py": PSYCOPG}))
    assert (source.standing, source.endpoint_why, str(source.place)) == ("unseen", why, ".env:1")


def test_a_default_stands_beside_its_variable(tmp_path: Path) -> None:
    code = f"import os, psycopg\nc = psycopg.connect(os.environ.get('DATABASE_URL', '{url()}'))\n"
    found = taken(tmp_path, {"app.py": code})
    assert [(s.standing, s.fallback) for s in found.sources] == [("undefined", False), ("written", True)]
    assert len(only_user(found).links) == 2


def test_what_is_handed_on_is_opened_once(tmp_path: Path) -> None:
    code = PG + "import { drizzle } from 'drizzle-orm/node-postgres'\nexport const db = drizzle(pool)\n"
    assert only_user(taken(tmp_path, {".env": f"DATABASE_URL={url()}\n", "db.ts": code})).tool == "pg"


def test_other_databases_are_nobodys_here(tmp_path: Path) -> None:
    code = (
        "from sqlalchemy import create_engine\na = create_engine('sqlite:///x.db')\nb = create_engine('mysql://h/d')\n"
    )
    found = taken(tmp_path, {"app.py": code})
    assert not found.users
    assert not found.sources


@pytest.mark.parametrize(
    ("code", "largest"),
    [
        ("import psycopg_pool, os\np = psycopg_pool.ConnectionPool(os.environ['DATABASE_URL'], max_size=7)\n", 7),
        ("import os\nfrom sqlalchemy import create_engine\ne = create_engine(os.environ['DATABASE_URL'])\n", 15),
        ("import os, psycopg_pool\np = psycopg_pool.ConnectionPool(os.environ['DATABASE_URL'], max_size=n())\n", None),
    ],
)
def test_pools_have_a_size_where_it_is_seen(code: str, largest: int | None, tmp_path: Path) -> None:
    assert only_user(taken(tmp_path, {"app.py": code})).largest == largest


@pytest.mark.parametrize(
    ("host", "library", "expected"),
    [
        (DIRECT, PG, True),
        (POOLED, PG, False),
        ("localhost", PG, False),
        (
            DIRECT,
            "import { neon } from '@neondatabase/serverless'\nexport const q = neon(process.env.DATABASE_URL)\n",
            False,
        ),
    ],
)
def test_a_serverless_user_that_goes_direct_is_marked(host: str, library: str, expected: bool, tmp_path: Path) -> None:
    files = {
        ".env": f"DATABASE_URL={url(host)}\n",
        "package.json": '{"dependencies":{"next":"15.0.0"}}',
        "vercel.json": "{}",
    }
    found = taken(tmp_path, {**files, "app/api/x/route.ts": library + "export async function GET() {}\n"})
    user = only_user(found)
    assert user.runtime == "serverless"
    assert serverless_direct(found, user) is expected


def test_commands_are_users(tmp_path: Path) -> None:
    workflow = (
        "jobs:\n  deploy:\n    env:\n      DATABASE_URL: ${{ secrets.DATABASE_URL }}\n    steps:\n"
        "      - run: npx prisma migrate deploy\n"
    )
    script = f'export DIRECT_URL={url(DIRECT).replace("&", "%26")}\npsql "$DIRECT_URL" -c x\n'
    schema = 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    found = taken(tmp_path, {".github/workflows/ci.yml": workflow, "run.sh": script, "schema.prisma": schema})
    assert [(u.name, u.kind, u.role) for u in found.users] == [
        ("prisma migrate deploy", "command", "migration"),
        ("psql", "command", "admin"),
        ("url", "settings", "runtime"),
    ]
    assert [(s.name, s.standing, str(s.place)) for s in found.sources] == [
        ("DATABASE_URL", "unseen", ".github/workflows/ci.yml:4"),
        ("DIRECT_URL", "written", "run.sh:1"),
    ]


def test_a_branch_that_a_workflow_makes_has_no_invented_host(tmp_path: Path) -> None:
    workflow = (
        "jobs:\n  a:\n    steps:\n      - id: b\n        uses: neondatabase/create-branch-action@v6\n"
        "      - run: psql ${{ steps.b.outputs.db_url }} -c x\n"
    )
    [endpoint] = taken(tmp_path, {".github/workflows/ci.yml": workflow}).endpoints
    assert (endpoint.host, endpoint.route) == ("branch made by the workflow, direct", "direct")


@pytest.mark.parametrize(
    ("host", "where"),
    [
        ("localhost", "local"),
        ("db", "local"),
        ("db.wolke.net", "other"),
        ("203.0.113.7", "other"),
        ("ep-xxx.us-east-2.aws.neon.tech", "placeholder"),
        ("host", "placeholder"),
        ("***", "placeholder"),
        ("pg.neon.tech", "neon-other"),
    ],
)
def test_other_hosts_are_marked(host: str, where: str, tmp_path: Path) -> None:
    [endpoint] = taken(tmp_path, {".env": f"DATABASE_URL={url(host)}\n"}).endpoints
    assert (endpoint.host, endpoint.where) == (host, where)


def test_tests_examples_and_prose_are_no_part_of_the_application(tmp_path: Path) -> None:
    files = {
        ".env": f"DATABASE_URL={url()}\n",
        ".env.example": f"DATABASE_URL={url('ep-xxx.us-east-2.aws.neon.tech')}\n",
        "tests/conftest.py": "import psycopg\nc = psycopg.connect('postgresql://localhost/test')\n",
        "README.md": f"`{url(DIRECT)}`\n",
        "app.py": PSYCOPG + "x = 'postgresql://'.join('postgresql:///')\n",
    }
    seen, left = usual(taken(tmp_path, files))
    assert [source.place.path for source in seen.sources] == [".env"]
    assert [user.id for user in seen.users] == ["u1"]
    assert left._replace(loose=0) == Left(1, 2, 1)


def test_a_part_keeps_what_it_is_linked_to(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    files = {
        ".env": f"DATABASE_URL={url()}\n",
        "web/app.py": PSYCOPG,
        "jobs/other.py": "import psycopg\nc = psycopg.connect('host=db')\n",
    }
    found = taken(tmp_path, files, ["web"])
    assert str(only_user(found).place) == "web/app.py:2"
    assert str(only_source(found).place) == ".env:1"
    assert len(taken(tmp_path, {}).users) == 2


def test_ids_are_numbered_in_order_and_links_hold(tmp_path: Path) -> None:
    found = taken(tmp_path, sixty())
    assert [endpoint.id for endpoint in found.endpoints] == [f"e{n}" for n in range(1, 9)]
    assert [source.id for source in found.sources] == [f"s{n}" for n in range(1, 61)]
    assert [user.place for user in found.users] == sorted(user.place for user in found.users)
    for user in found.users:
        assert found.reached_by(user)
    assert found == taken(tmp_path)


def test_what_fails_for_one_file_leaves_the_others(tmp_path: Path) -> None:
    found = taken(tmp_path, {".env": f"DATABASE_URL={url()}\n", "broken.toml": f'url = "{url()}\n'})
    # What no parser can read is still searched for connection strings.
    assert [source.place.path for source in found.sources] == [".env", "broken.toml"]
    assert [(skip.path, skip.reason) for skip in found.skipped] == [("broken.toml", "not-parsed")]
