"""What the packages that a project depends on say about its databases."""

from __future__ import annotations

from neonlint.link import Project

#: Packages of npm that only what is on Neon needs.
_NEON = ("@neondatabase/serverless", "@prisma/adapter-neon", "@neon/env", "@neon/config")
#: Those of other hosts and databases: beside one of them nothing is said.
_OTHERS = ("@planetscale/database", "@supabase/supabase-js", "@libsql/client", "mysql2", "@vercel/postgres")


def neon_package(path: str, project: Project) -> str | None:
    """The dependency that says that the package at `path` has its database on Neon, None where none does."""
    if any(project.names_distribution(name, path, "npm") for name in _OTHERS):
        return None
    return next((name for name in _NEON if project.names_distribution(name, path, "npm")), None)
