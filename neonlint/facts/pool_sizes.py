"""How many connections one client may hold, and how many the declared compute allows."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.client import typed
from neonlint.facts.elsewhere import number
from neonlint.facts.reading import SeenEndpoint, endpoint_of, text_of
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.ir.source import Table
from neonlint.link import Project

#: How many connections a pool opens at most when it is not told (None: it must be told).
_DEFAULT_MAX = {
    **{"psycopg": 4, "asyncpg": 10, "databases": 10, "tortoise": 5, "peewee": 20},
    # pg-pool 3.14, postgres 3.4, tarn under Knex, Sequelize and Slonik: `tests/node` and their documentation.
    **{"pg": 10, "neon-ws": 10, "vercel-postgres": 10, "postgres.js": 10, "pg-promise": 10, "prisma-adapter-pg": 10},
    **{"prisma-adapter-neon": 10, "knex": 10, "typeorm": 10, "sequelize": 5, "slonik": 10, "directus": 10},
}


def largest(client: Client, project: Project) -> Answer:
    """How many connections its pool may open at most; a known `None` for a client without a pool."""
    if client.library in ("sqlalchemy", "flask-sqlalchemy"):
        return _largest_of_engine(client, project)
    if client.library == "django":
        return _largest_of_django(client, project)
    if client.kind != "pool" and client.library != "directus":
        return Known(None)
    answer = typed("max_size", "int")(client, project)
    if isinstance(answer, Unseen) or answer.value is not None:
        return answer
    least = typed("min_size", "int")(client, project)
    default = _DEFAULT_MAX.get(client.library)
    if client.library == "psycopg" and isinstance(least, Known) and least.value is not None:
        return least
    return Known(default) if default is not None else Unseen("the size is not seen")


def _largest_of_engine(client: Client, project: Project) -> Answer:
    kind = typed("pool_class", "str")(client, project)
    if isinstance(kind, Unseen):
        return kind
    if kind.value not in (None, "QueuePool", "AsyncAdaptedQueuePool"):
        return Known(None)
    size, overflow = typed("pool_size", "int")(client, project), typed("max_overflow", "int")(client, project)
    if isinstance(size, Unseen) or isinstance(overflow, Unseen):
        return Unseen("the pool's size is not seen")
    kept = 5 if size.value is None else int(size.value)
    more = 10 if overflow.value is None else int(overflow.value)
    if kept <= 0 or more < 0:
        return Unseen("the pool has no limit")
    return Known(kept + more)


def _largest_of_django(client: Client, project: Project) -> Answer:
    value = client.options.get("pool")
    if not isinstance(value, Table):
        return Known(None) if value is None else Unseen("the pool's options are not seen")
    written = value.get("max_size") or value.get("min_size")
    if written is None:
        return Known(4) if value.complete else Unseen("the pool's options are not seen")
    answer = text_of(written, client.document.path, project)
    found = number(answer.value) if isinstance(answer, Known) else None
    return Known(found) if isinstance(found, int) else Unseen("the pool's size is not a number")


def limit(client: Client, project: Project) -> Answer:
    """How many connections the compute of the declared size lets one role open, through the pooler or past it."""
    compute = project.config.compute_size
    if compute is None:
        return Unseen("the compute's size is not declared")
    pooled = {e.endpoint.pooled for e in endpoints(client, project)}
    if len(pooled) != 1:
        return Unseen("it is not seen whether it goes through the pooler")
    said = Reason(f"the configuration declares a compute of {compute}")
    return Known(compute.pooler_size if pooled.pop() else compute.usable, (said,))


def endpoints(client: Client, project: Project) -> Iterator[SeenEndpoint]:
    """The Neon endpoints that a client reaches."""
    for connection in project.reached_by(client).connections:
        seen = endpoint_of(connection, project)
        if not isinstance(seen, Unseen) and seen.endpoint.neon:
            yield seen
