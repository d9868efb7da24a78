"""Which format reads a file, by its name alone, and which bytes make a file worth parsing. Imports no format.

This stands apart from the format modules so that a run which meets only dotenv files never imports a YAML parser.
"""

from __future__ import annotations

import posixpath
import re

_DOTENV = re.compile(
    r"(?:^|/)(?:\.env(?:[.\-_][^/]+)?|[^/]+\.env|env\.(?:sample|example|template|dist)|(?:sample|example)\.env|\.?dev\.vars(?:\.[^/]+)?|\.flaskenv|\.envrc)$"
)
_BY_SUFFIX = {
    ".py": "python",
    ".pyi": "python",
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
}
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
    "yaml": _POSTGRES,
    "toml": _POSTGRES,
    "json": _POSTGRES,
    "ini": _POSTGRES,
    "text": (b"neon.tech", b"neon.build", b"npg_", b"vercel-storage.com", b"pg.koyeb.app", b"retooldb.com", b"pgssl"),
}


def format_of(path: str) -> str:
    """The name of the format that reads `path` (relative, forward slashes); `text` for everything no other format
    claims."""
    name = posixpath.basename(path)
    if name in _BY_NAME:
        return _BY_NAME[name]
    if _DOTENV.search(path):
        return "dotenv"
    return _BY_SUFFIX.get(posixpath.splitext(name)[1].lower(), "text")


def worth_parsing(format_name: str, lowered: bytes) -> bool:
    """Whether a file whose lower-cased bytes are `lowered` may say anything about a database."""
    needles = NEEDLES[format_name]
    return not needles or any(needle in lowered for needle in needles)
