"""What each JavaScript driver does with TLS and with parameters, and with which driver a JavaScript client connects.

The table is that of `tests/node`, which hold every line of it against the installed packages: pg 8.23, postgres 3.4,
@neondatabase/serverless 1.2, slonik 49 and MikroORM 6.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from neonlint.facts.answer import Unseen
from neonlint.ir.model import Client
from neonlint.link import Project

DRIVERS = ("pg", "postgres.js", "neon-http", "neon-ws", "prisma-engine", "bun-sql", "pgtyped")
LIBRARIES = (
    "pg",
    "postgres.js",
    "neon-http",
    "neon-ws",
    "vercel-postgres",
    "bun-sql",
    "pg-promise",
    "slonik",
    "pg-boss",
    "langchain",
    "llamaindex",
    "prisma",
    "prisma-adapter-neon",
    "prisma-adapter-pg",
    "drizzle",
    "drizzle-kit",
    "kysely",
    "knex",
    "typeorm",
    "sequelize",
    "mikro-orm",
    "node-pg-migrate",
    "payload",
    "strapi",
    "keystone",
    "directus",
    "pgtyped",
)
#: Neon's serverless driver speaks HTTPS and WebSockets over TLS, whatever the connection string says.
OWN_TLS = frozenset({"neon-http", "neon-ws"})
#: Drivers that open a plain connection unless they are told to use TLS; Neon refuses it.
PLAIN = frozenset({"pg", "postgres.js", "pgtyped"})
#: Libraries whose settings may stand in data files.
_FROM_DATA = frozenset(
    {"directus", "pgtyped", "drizzle-kit", "node-pg-migrate", "sequelize", "typeorm", "knex", "mikro-orm"}
)
#: Libraries that read a connection string themselves, and otherwise than their driver does.
_READS_ITSELF = frozenset({"slonik", "mikro-orm"})
#: What drizzle-kit connects with, the first that is installed (drizzle-kit 0.31, `src/cli/connections.ts`).
_DRIZZLE_KIT = (
    ("pg", "pg"),
    ("postgres", "postgres.js"),
    ("@vercel/postgres", "neon-ws"),
    ("@neondatabase/serverless", "neon-ws"),
)


class Way(NamedTuple):
    """A driver, and the library that reads the connection string in its place (None: the driver itself does)."""

    driver: str
    via: str | None


def is_node(client: Client) -> bool:
    """Whether a client is one of JavaScript: it stands in code, in a Prisma schema, or in data that a package reads."""
    return client.document.format in ("javascript", "prisma") or client.library in _FROM_DATA


def way(client: Client, project: Project) -> Way | Unseen:
    """How a JavaScript client connects."""
    return project.once("way", client, lambda: _way(client, project))


def _way(client: Client, project: Project) -> Way | Unseen:
    library = client.library
    if library == "drizzle-kit":
        return _of_drizzle_kit(client, project)
    from neonlint.clients import node_clients  # noqa: PLC0415 -- a run on one dotenv file meets no client
    from neonlint.clients.node_calls import way_of  # noqa: PLC0415

    opens, spec = way_of(client), node_clients().get(library)
    driver = (opens.driver if opens is not None else "") or (spec.driver if spec is not None else None)
    if driver is None:
        return Unseen(f"the driver of {library} is not known")
    return Way(driver, library if library in _READS_ITSELF else None)


def _of_drizzle_kit(client: Client, project: Project) -> Way | Unseen:
    path = client.document.path
    for package, driver in _DRIZZLE_KIT:
        if project.names_distribution(package, path, "npm"):
            return Way(driver, None)
    return Unseen("drizzle-kit takes whichever driver is installed, and none is named")


def alone(clients: Sequence[Client], project: Project) -> bool:
    """Whether there are clients and all of them are Neon's serverless driver."""
    ways = [way(client, project) if is_node(client) else None for client in clients]
    return bool(ways) and all(isinstance(found, Way) and found.driver in OWN_TLS for found in ways)
