"""Which format reads a file, by its name alone, and which bytes make a file worth parsing. Imports no format.

This stands apart from the format modules so that a run which meets only dotenv files never imports a YAML parser.
"""

from __future__ import annotations

import re

from neonlint.regex import regex
from neonlint.words import holds_any

_DOTENV = regex(
    r"(?:^|/)(?:\.env(?:[.\-_][^/]+)?|[^/]+\.env|env\.(?:sample|example|template|dist)|(?:sample|example)\.env|\.?dev\.vars(?:\.[^/]+)?|\.flaskenv|\.envrc)$"
)
_BY_SUFFIX = {
    ".py": "python",
    ".pyi": "python",
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"), "javascript"),
    **dict.fromkeys((".svelte", ".vue", ".astro"), "javascript"),
    ".toml": "toml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".jsonc": "json",
    ".json5": "json",
    ".webmanifest": "json",
    ".ini": "ini",
    ".cfg": "ini",
    ".conf": "ini",
    ".prisma": "prisma",
    ".sh": "shell",
    ".bash": "shell",
    ".zsh": "shell",
    ".ksh": "shell",
    ".dockerfile": "dockerfile",
    ".containerfile": "dockerfile",
    ".mk": "makefile",
    ".just": "makefile",
}
_NAMED_FILE = regex(
    r"(?:(docker|container)|(gnumake|make|\.?just)|(proc))file(?:[.\-_](?!(?:.*\.)?(?:md|mdx|rst|txt|html)$).*)?$",
    re.IGNORECASE,
)
_SHEBANG = regex(rb"#![ \t]*+(?:/\S*/)?(?:env[ \t]++(?:-S[ \t]++)?)?(?:ba|da|k|z|a)?sh(?:\s|$)")
_NAMED_FORMATS = {1: "dockerfile", 2: "makefile", 3: "procfile"}
_BY_NAME = {
    "Pipfile": "toml",
    "poetry.lock": "toml",
    "uv.lock": "toml",
    "Pipfile.lock": "json",
    ".pgpass": "pgpass",
    "pgpass.conf": "pgpass",
    "pgpass": "pgpass",
    ".pg_service.conf": "ini",
    "pg_service.conf": "ini",
}

#: Files that name requirements, for `neonlint.manifests`.
_MANIFESTS = {
    "pyproject.toml", "Pipfile", "poetry.lock", "uv.lock", "pdm.lock", "setup.cfg", "environment.yml", "package.json",
    "deno.json", "deno.jsonc",
}  # fmt: skip
#: Lock files hold versions and nothing else; they are as large as they are, and none is parsed.
_LOCKS = {
    "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml",
    "yarn.lock", "bun.lock", "bun.lockb",
}  # fmt: skip
#: Files that say how others name each other or what is locked, for `neonlint.manifests.layout`.
_LAYOUT = {
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "package.json", "deno.json",
    "deno.jsonc", "pyproject.toml",
}  # fmt: skip
_PATH_MAPS = regex(r"^[tj]sconfig(?:[.\-_][^/]*)?\.json$")
_BARREL = regex(r"(?:^|/)(?:index|mod)\.[cm]?[jt]sx?$")
_REQUIREMENTS = regex(r"(?:^|/)(?:[\w.-]*requirements[\w.-]*\.(?:txt|in)|requirements/[\w.-]+\.(?:txt|in))$")

_POSTGRES = (
    b"postgres",
    b"neon.",
    b"npg_",
    b"pghost",
    b"pgpassword",
    b"pgsslmode",
    b"database",
    b"db_",
    b"sslmode",
    b"db.",
    b"neondb",
)
#: Beginnings of what commands are called that connect to a database, for files of shell text.
_TOOLS = (
    b"psql",
    b"pg_",
    b"pgbench",
    b"pgcli",
    b"pgcopydb",
    b"pgloader",
    b"pgweb",
    b"prisma",
    b"drizzle",
    b"neonctl",
    b"migrat",
    b"alembic",
    b"knex",
    b"sequelize",
    b"typeorm",
    b"flyway",
    b"liquibase",
    b"dbmate",
    b"goose",
    b"atlas",
    b"sqitch",
    b"createdb",
    b"dropdb",
    b"vacuumdb",
    b"reindexdb",
    b"manage.py",
    b".env",
    b"env-file",
    b"npg_",
    b"neon.",
    b"vercel-storage.com",
    b"pg.koyeb.app",
    b"retooldb.com",
    b"db:",
)
_HOSTS = (b"vercel-storage.com", b"pg.koyeb.app", b"retooldb.com", b"pgssl")
#: What commands that connect to a database are called in data files: in workflows and package scripts.
_RUNS = (
    *(b"migrat", b"prisma", b"drizzle", b"alembic", b"psql", b"pg_", b"knex", b"manage.py", b"db:", b"dbmate", b"sqlx"),
)
#: Format to the lower-case byte strings of which one must occur in a file before it is parsed.
NEEDLES: dict[str, tuple[bytes, ...]] = {
    "dotenv": (),
    "pgpass": (),
    "python": (
        *_POSTGRES,
        b"psycopg",
        b"asyncpg",
        b"create_engine",
        b"sqlalchemy",
        b"sqlmodel",
        b"pg8000",
        b"peewee",
        b"tortoise",
        b"dsn",
        b"django.db",
        b"depends(",
    ),
    "javascript": (
        *_POSTGRES,
        *_HOSTS,
        *(b"'pg'", b'"pg"', b"'pg-", b'"pg-', b"neondatabase", b"prisma", b"drizzle", b"knex", b"sequelize"),
        *(b"typeorm", b"mikro-orm", b"kysely", b"slonik", b"'objection", b'"objection', b"hyperdrive", b"better-auth"),
        *(b"rejectunauthorized", b"payloadcms", b"strapi", b"directus", b"keystone", b"bun.sql", b"/db'", b'/db"'),
        *(b"node_tls_reject", b"pool.on(", b"uncaughtexception"),
    ),
    "yaml": (*_POSTGRES, *_RUNS, b"node_tls_reject", b"directus"),
    "toml": (*_POSTGRES, *_RUNS, b"node_tls_reject"),
    "json": (*_POSTGRES, *_RUNS, b"node_tls_reject"),
    "ini": _POSTGRES,
    "prisma": (b"datasource", b"generator", b"npg_", b"neon."),
    "shell": (*_POSTGRES, *_TOOLS, b"node_tls_reject"),
    "makefile": (*_POSTGRES, *_TOOLS, b"node_tls_reject"),
    "dockerfile": (),
    "procfile": (),
    "text": (b"neon.tech", b"neon.com", b"neon.build", b"npg_", *_HOSTS),
}


def format_of(path: str) -> str:
    """The name of the format that reads `path` (relative, forward slashes); `text` for everything no other format
    claims."""
    name = path.rpartition("/")[2]
    if name in _BY_NAME:
        return _BY_NAME[name]
    if ("env" in name or "vars" in name) and _DOTENV.search(path):
        return "dotenv"
    head, dot, suffix = name.rpartition(".")
    found = _BY_SUFFIX.get(dot + suffix.lower()) if head.strip(".") else None
    # `dockerfile.go` is code; only `Dockerfile.dev` is what it says.
    if found is None and "file" in name and (name[0].isupper() or not head.strip(".")):
        match = _NAMED_FILE.match(name)
        found = _NAMED_FORMATS[match.lastindex or 1] if match else None
    return found or "text"


def format_with(path: str, data: bytes) -> str:
    """The name of the format that reads a file of this path and content: a script without a suffix names its shell."""
    found = format_of(path)
    if found == "text" and data.startswith(b"#!") and _SHEBANG.match(data) and "." not in path.rpartition("/")[2]:
        return "shell"
    return found


def is_manifest(path: str) -> bool:
    """Whether a file of this path (forward slashes) names requirements."""
    return path.rpartition("/")[2] in _MANIFESTS or ("requirements" in path and _REQUIREMENTS.search(path) is not None)


def is_lock(path: str) -> bool:
    """Whether a file of this path (forward slashes) is a lock file, which is never parsed and may be large."""
    return path.rpartition("/")[2] in _LOCKS


def is_report(path: str) -> bool:
    """Whether a file of this path is a linter's report (SARIF). It quotes rules, whose examples are no connections."""
    return path.endswith((".sarif", ".sarif.json"))


def is_layout(path: str) -> bool:
    """Whether a file of this path (forward slashes) says how others name each other, or what is locked."""
    name = path.rpartition("/")[2]
    return name in _LAYOUT or ("sconfig" in name and _PATH_MAPS.search(name) is not None)


def may_be_barrel(path: str, data: bytes) -> bool:
    """Whether a file may only pass on what other JavaScript files export."""
    return _BARREL.search(path) is not None and b"export" in data and b"from" in data


def worth_parsing(format_name: str, data: bytes) -> bool:
    """Whether a file that holds `data` may say anything about a database."""
    needles = NEEDLES[format_name]
    if not needles:
        return True
    return holds_any(data.lower(), needles)
