"""Clients: which calls open connections and what their options mean. Written-out dicts, one a language; they know no
file format and no rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from neonlint.clients import python
from neonlint.clients.base import ClientSpec, Opens


def _by_name(specs: Iterable[ClientSpec]) -> dict[str, ClientSpec]:
    return {spec.name: spec for spec in specs}


#: Library name to its table, for Python.
CLIENTS: dict[str, ClientSpec] = _by_name(
    (
        python.PSYCOPG2,
        python.PSYCOPG,
        python.ASYNCPG,
        python.SQLALCHEMY,
        python.DJ_DATABASE_URL,
        python.DJANGO_ENVIRON,
        python.DATABASES,
        python.TORTOISE,
        python.PEEWEE,
        python.PG8000,
    )
)


@cache
def node_clients() -> Mapping[str, ClientSpec]:
    """The same for JavaScript, made when a JavaScript file is first met."""
    from neonlint.clients import node, node_orms  # noqa: PLC0415 -- a run over Python alone needs none of it

    return _by_name((*node.SPECS, *node_orms.SPECS))


@cache
def _by_callee(language: str) -> Mapping[str, tuple[ClientSpec, Opens]]:
    specs = node_clients() if language == "javascript" else CLIENTS
    return {callee: (spec, opens) for spec in specs.values() for opens in spec.opens for callee in opens.callees}


def opening(callee: str, language: str = "python") -> tuple[ClientSpec, Opens] | None:
    """The library and the way of opening that a call of `callee` (dotted, imports resolved) is in a language, or None.

    Prisma generates its client into the project, so that any module may hold a `PrismaClient`.
    """
    if language == "javascript" and callee.endswith(".PrismaClient"):
        callee = "@prisma/client.PrismaClient"
    return _by_callee(language).get(callee)
