"""Which format reads a file, by its name alone, and which bytes make a file worth parsing. Imports no format.

This stands apart from the format modules so that a run which meets only dotenv files never imports a YAML parser.
"""

from __future__ import annotations

from neonlint.regex import regex

_DOTENV = regex(
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

#: Files that name requirements, for `neonlint.manifests`.
_MANIFESTS = {"pyproject.toml", "Pipfile", "poetry.lock", "uv.lock", "pdm.lock", "setup.cfg", "environment.yml"}
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
    "text": (
        b"neon.tech",
        b"neon.com",
        b"neon.build",
        b"npg_",
        b"vercel-storage.com",
        b"pg.koyeb.app",
        b"retooldb.com",
        b"pgssl",
    ),
}
_STEMS = (b"pg", b"db", b"neon.", b"postgres", b"database", b"sslmode")
#: Each needle of a format holds one of these: most files are left after half of the searches.
STEMS: dict[str, tuple[bytes, ...]] = {
    "python": (*_STEMS, b"sql", b"psycopg", b"dsn", b"create_engine", b"peewee", b"tortoise", b"depends("),
    "yaml": _STEMS,
    "toml": _STEMS,
    "json": _STEMS,
    "ini": _STEMS,
    "text": (b"pg", b"neon.", b"vercel-storage.com", b"retooldb.com"),
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
    return _BY_SUFFIX.get(dot + suffix.lower(), "text") if head.strip(".") else "text"


def is_manifest(path: str) -> bool:
    """Whether a file of this path (forward slashes) names requirements."""
    return path.rpartition("/")[2] in _MANIFESTS or ("requirements" in path and _REQUIREMENTS.search(path) is not None)


def worth_parsing(format_name: str, data: bytes) -> bool:
    """Whether a file that holds `data` may say anything about a database."""
    needles = NEEDLES[format_name]
    if not needles:
        return True
    found_in = data.lower().__contains__
    return any(map(found_in, STEMS[format_name])) and any(map(found_in, needles))
