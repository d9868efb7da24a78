"""Clients: which calls open connections and what their options mean. One written-out dict; knows no file format and
no rule."""

from __future__ import annotations

from neonlint.clients import python
from neonlint.clients.base import ClientSpec, Opens

#: Library name to its table.
CLIENTS: dict[str, ClientSpec] = {
    spec.name: spec
    for spec in (
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
}

_BY_CALLEE: dict[str, tuple[ClientSpec, Opens]] = {
    callee: (spec, opens) for spec in CLIENTS.values() for opens in spec.opens for callee in opens.callees
}


def opening(callee: str) -> tuple[ClientSpec, Opens] | None:
    """The library and the way of opening that a call of `callee` (dotted, imports resolved) is, or None."""
    return _BY_CALLEE.get(callee)
