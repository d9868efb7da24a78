"""What neonlint can write configurations for. One module for each family of targets, and this visible dict."""

from __future__ import annotations

import difflib
from importlib import import_module

from neonlint.errors import UsageError
from neonlint.targets.model import Target

#: Target to the module that has it in its `TARGETS`; imported when it is asked for.
MODULES: dict[str, str] = {
    "env": "neonlint.targets.env",
    "psql": "neonlint.targets.env",
    "pg-service": "neonlint.targets.env",
    "django": "neonlint.targets.django",
    "dj-database-url": "neonlint.targets.django",
    "sqlalchemy": "neonlint.targets.sqlalchemy",
    "sqlalchemy-async": "neonlint.targets.sqlalchemy",
    "psycopg": "neonlint.targets.python",
    "asyncpg": "neonlint.targets.python",
    "alembic": "neonlint.targets.sqlalchemy",
    "fastapi": "neonlint.targets.python",
    "flask": "neonlint.targets.sqlalchemy",
    "streamlit": "neonlint.targets.sqlalchemy",
    "pydantic-settings": "neonlint.targets.python",
    "prisma": "neonlint.targets.prisma",
    "prisma-6": "neonlint.targets.prisma",
    "drizzle": "neonlint.targets.drizzle",
    "node-postgres": "neonlint.targets.node",
    "postgres-js": "neonlint.targets.node",
    "neon-serverless": "neonlint.targets.neon_driver",
    "neon-serverless-ws": "neonlint.targets.neon_driver",
    "nextjs": "neonlint.targets.vercel",
    "vercel": "neonlint.targets.vercel",
    "cloudflare": "neonlint.targets.cloudflare",
    "cloudflare-hyperdrive": "neonlint.targets.cloudflare",
    "aws-lambda": "neonlint.targets.aws_lambda",
    "go-pgx": "neonlint.targets.go",
    "jdbc": "neonlint.targets.jvm",
    "spring": "neonlint.targets.jvm",
    "npgsql": "neonlint.targets.dotnet",
    "rails": "neonlint.targets.ruby",
    "laravel": "neonlint.targets.php",
    "ecto": "neonlint.targets.elixir",
    "rust-sqlx": "neonlint.targets.rust",
    "pgadmin": "neonlint.targets.gui",
    "dbeaver": "neonlint.targets.gui",
    "docker-compose": "neonlint.targets.containers",
    "github-actions": "neonlint.targets.ci",
}


def load(name: str) -> Target:
    """The target called `name`. Raises UsageError with the nearest name."""
    if name not in MODULES:
        near = difflib.get_close_matches(name, MODULES, 1)
        hint = f"did you mean {near[0]}?" if near else "`neonlint generate --list` names all"
        raise UsageError(f"there is no target {name!r}; {hint}")
    found: dict[str, Target] = import_module(MODULES[name]).TARGETS
    return found[name]
