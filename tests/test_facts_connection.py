"""Facts about one connection and about what migrations read, beyond what the rules' examples show."""

from __future__ import annotations

import pytest
from projects import client_at, connection_at, project_of, value

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
POOLED = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
ASYNCPG = 'import os\nimport asyncpg\nasync def f():\n    await asyncpg.connect(os.environ["DATABASE_URL"])\n'
PSYCOPG2 = 'import os\nimport psycopg2\npsycopg2.connect(os.environ["DATABASE_URL"])\n'


def env(**variables: str) -> str:
    return "".join(f"{name}={text}\n" for name, text in variables.items())


def url(host: str, rest: str = "", database: str = "db", user: str = "app") -> str:
    return f"postgresql://{user}:pw@{host}/{database}{rest}"


def fact(text: str, name: str, of: str = "DATABASE_URL", **files: str) -> object:
    project = project_of({".env": text} | {path.replace("__", "."): body for path, body in files.items()})
    return value(project, connection_at(project, ".env", of), name)


@pytest.mark.parametrize(
    ("variable", "promise"),
    [
        ("DATABASE_URL", "pooled"),
        ("SHOP_DATABASE_URL", "pooled"),
        ("POSTGRES_PRISMA_URL", "pooled"),
        ("DATABASE_URL_POOLED", "pooled"),
        ("DATABASE_URL_UNPOOLED", "direct"),
        ("POSTGRES_URL_NON_POOLING", "direct"),
        ("DIRECT_URL", "direct"),
        ("DIRECT_DATABASE_URL", "direct"),
        ("DIRECTORY_URL", None),
        ("REDIRECT_URL", None),
        ("DB_URL", None),
    ],
)
def test_what_names_promise(variable: str, promise: str | None) -> None:
    assert fact(env(**{variable: url(HOST)}), "name.promises", variable) == promise


def test_beside_a_pooled_variable_database_url_promises_nothing() -> None:
    text = env(DATABASE_URL=url(HOST), DATABASE_URL_POOLED=url(POOLED))
    assert fact(text, "name.promises") is None


@pytest.mark.parametrize(
    ("pooled", "direct", "expected"),
    [
        (url(POOLED), url(HOST), None),
        (url(POOLED), url(HOST.replace("rain", "moon")), "endpoint"),
        (url(POOLED), url(HOST, database="other"), "database"),
        (url(POOLED), url(HOST, user="owner"), None),  # least privilege
        (url(POOLED), url("localhost"), None),
        (url("${HOST}"), url(HOST), ...),
        (url("${ID}-pooler.us-east-2.aws.neon.tech"), url(HOST), ...),
        (url(POOLED), url(HOST, database="${DB}"), ...),
        (url("ep-xxx-pooler.us-east-2.aws.neon.tech"), url("ep-yyy.us-east-2.aws.neon.tech"), None),
    ],
)
def test_pairs(pooled: str, direct: str, expected: object) -> None:
    text = env(DATABASE_URL=pooled, DATABASE_URL_UNPOOLED=direct)
    assert fact(text, "sibling.mismatch", "DATABASE_URL_UNPOOLED") == expected


@pytest.mark.parametrize(
    ("options", "host", "endpoint", "agrees", "project"),
    [
        ("endpoint%3Dep-cool-rain-a1b2c3d4", HOST, "ep-cool-rain-a1b2c3d4", True, False),
        ("endpoint%3DEP-COOL-RAIN-A1B2C3D4", HOST, "EP-COOL-RAIN-A1B2C3D4", True, False),
        ("endpoint%3Dep-cool-rain-a1b2c3d4", POOLED, "ep-cool-rain-a1b2c3d4", False, False),
        ("endpoint%3Dep-cool-rain-a1b2c3d4-pooler", POOLED, "ep-cool-rain-a1b2c3d4-pooler", True, False),
        ("-c%20x%3D1%20project%3Dep-cool-rain-a1b2c3d4", HOST, "ep-cool-rain-a1b2c3d4", True, True),
        ("project%3Dabcdefgh", "db.supabase.co", None, None, False),
        ("project%3Dep-cool-rain-a1b2c3d4", "10.0.0.1", "ep-cool-rain-a1b2c3d4", False, True),
        ("endpoint%3Dep-xxx", HOST, ..., ..., ...),
        ("-c%20statement_timeout%3D1", HOST, None, None, False),
    ],
)
def test_endpoint_options(options: str, host: str, endpoint: object, agrees: object, project: object) -> None:
    text = env(DATABASE_URL=url(host, f"?options={options}"))
    names = ("options.endpoint", "options.endpoint_agrees", "options.project")
    assert tuple(fact(text, name) for name in names) == (endpoint, agrees, project)


@pytest.mark.parametrize(
    ("rest", "files", "expected"),
    [
        ("", {"app__py": ASYNCPG}, True),
        ("?sslsni=0", {"app__py": ASYNCPG}, False),
        ("", {"app__py": PSYCOPG2}, ...),
        ("", {"app__py": PSYCOPG2, "requirements__txt": "psycopg2-binary==2.9.10\n"}, True),
        ("", {"app__py": PSYCOPG2, "requirements__txt": "psycopg2-binary==2.8.6\n"}, ...),
        ("", {"app__py": PSYCOPG2, "requirements__txt": "psycopg2==2.9.10\n"}, ...),
        ("", {}, ...),
    ],
)
def test_who_sends_the_host_name(rest: str, files: dict[str, str], expected: object) -> None:
    assert fact(env(DATABASE_URL=url(HOST, rest)), "driver.sends_sni", **files) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.com", True),
        ("ep-cool-rain-a1b2c3d4.neon.com", False),  # truncated as well: there is no name to correct it to
        ("ep-xxx.us-east-2.aws.neon.com", False),
        (HOST, False),
        ("api.neon.com", False),
    ],
)
def test_on_neon_com(host: str, expected: bool) -> None:
    assert fact(env(DATABASE_URL=url(host)), "host.on_neon_com") is expected


def migrates(text: str, expression: str, name: str, **more: str) -> object:
    setting = "context.config.set_main_option('sqlalchemy.url', url)"
    code = f"import os\nfrom alembic import context\nurl = {expression}\n{setting}\n"
    files = {".env": text, "alembic/env.py": code} | {path.replace("__", "/"): body for path, body in more.items()}
    project = project_of(files)
    return value(project, client_at(project, "alembic/env.py"), name)


PAIR = env(DATABASE_URL=url(POOLED), DATABASE_URL_UNPOOLED=url(HOST))


@pytest.mark.parametrize(
    ("text", "expression", "expected"),
    [
        (PAIR, 'os.environ["DATABASE_URL"]', "DATABASE_URL_UNPOOLED"),
        (PAIR, 'os.environ["DATABASE_URL_UNPOOLED"]', None),
        (env(DATABASE_URL=url(HOST), DIRECT_URL=url(HOST)), 'os.environ["DATABASE_URL"]', None),
        (env(DATABASE_URL=url("localhost"), DIRECT_URL=url("localhost")), 'os.environ["DATABASE_URL"]', None),
        (env(DATABASE_URL=url("db.supabase.co"), DIRECT_URL=url("db.supabase.co")), 'os.environ["DATABASE_URL"]', None),
        (env(DATABASE_URL="", DIRECT_URL=url(HOST)), 'os.environ["DATABASE_URL"]', "DIRECT_URL"),
        (env(DATABASE_URL="", DIRECT_URL=""), 'os.environ["DATABASE_URL"]', None),
        (env(SHOP_URL=url(POOLED), DIRECT_URL=url(HOST)), 'os.environ["SHOP_URL"]', None),
    ],
)
def test_unpooled_siblings(text: str, expression: str, expected: object) -> None:
    assert migrates(text, expression, "reads.unpooled_sibling") == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('os.environ["DATABASE_URL"]', False),
        ('os.environ.get("DIRECT_URL") or os.environ["DATABASE_URL"]', True),
        ('os.getenv("DATABASE_URL", os.environ["DIRECT_URL"])', True),
        ('os.environ["DATABASE_URL_UNPOOLED"].replace("%", "%%")', True),
    ],
)
def test_a_direct_name_is_seen_through_fallbacks(expression: str, expected: bool) -> None:
    assert migrates(PAIR, expression, "reads.direct_name") is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('os.environ["DATABASE_URL"]', True),
        ('os.environ["DATABASE_URL"].replace("%", "%%")', True),
        ('str(os.environ["DATABASE_URL"])', True),
        ('os.environ["DATABASE_URL"].replace("-pooler", "")', ...),
        ('os.environ["DATABASE_URL_UNPOOLED"]', False),
        ("make_the_url()", ...),
    ],
)
def test_whether_migrations_are_pooled(expression: str, expected: object) -> None:
    assert migrates(PAIR, expression, "connection.endpoint.pooled") == expected
