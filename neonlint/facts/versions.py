"""What the versions that a project names say about its clients."""

from __future__ import annotations

from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.link import Project


def psycopg_deallocates(client: Client, project: Project) -> Answer:
    """Whether this psycopg sends SQL `DEALLOCATE`: before 3.2 it always does (psycopg docs, "Prepared statements")."""
    found = project.requirement("psycopg", client.document.path)
    newer = found.at_least(3, 2) if found else None
    if found is not None and newer is False:
        return Known(True, (Reason(f"{found.path} has psycopg older than 3.2"),))
    return Unseen("the versions of psycopg and libpq are not seen") if newer is None else Known(False)


def early_2_0(client: Client, project: Project) -> Answer:
    """Whether the pinned SQLAlchemy is a 2.0 older than 2.0.33."""
    found = project.requirement("sqlalchemy", client.document.path)
    if found is None or found.exact is None:
        return Unseen("the version of SQLAlchemy is not pinned")
    text = ".".join(map(str, found.exact))
    return Known((2, 0) <= found.exact < (2, 0, 33), (Reason(f"{found.path} has SQLAlchemy {text}"),))


def on_psycopg2(client: Client, project: Project) -> Answer:
    """Whether the project names psycopg2 and not psycopg 3."""
    path = client.document.path
    two = project.names_distribution("psycopg2", path) or project.names_distribution("psycopg2-binary", path)
    three = project.names_distribution("psycopg", path)
    if not two and not three:
        return Unseen("no manifest names the driver")
    return Known(two and not three)
