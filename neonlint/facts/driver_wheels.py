"""Facts about the binary wheels of psycopg2 and psycopg, which bring a libpq and an OpenSSL of their own."""

from __future__ import annotations

from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.drivers import consumer_of
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection
from neonlint.link import Project

#: Each with the first version whose libpq is 17 or newer.
_WHEELS = {"psycopg2-binary": (2, 9, 11), "psycopg-binary": (3, 2, 2)}


def wheel(connection: Connection, project: Project) -> Answer:
    """The binary wheel of psycopg2 or psycopg that the project names; None where it names none.

    The OpenSSL in these wheels looks for the roots of the system in a folder of its build machine (tests/drivers).
    """
    for name in _wheels_of(connection, project):
        if (found := project.requirement(name, connection.document.path)) is not None:
            return Known(name, (Reason(f"{found.path} has {name}"),))
    return Known(None)


def _wheels_of(connection: Connection, project: Project) -> list[str]:
    """The wheels that may hold the driver of a connection: its own, or both where it is not said which it is."""
    found = consumer_of(connection, project)
    own = f"{found[0].driver}-binary" if not isinstance(found, Unseen) else ""
    return [own] if own in _WHEELS else list(_WHEELS)


def old_for_direct_tls(connection: Connection, project: Project) -> Answer:
    """Whether the pinned binary wheel brings a libpq before 17, which does not know `sslnegotiation` and refuses it."""
    for name in _wheels_of(connection, project):
        found = project.requirement(name, connection.document.path)
        if found is not None and found.exact is not None:
            version = ".".join(map(str, found.exact))
            return Known(found.exact < _WHEELS[name], (Reason(f"{found.path} has {name} {version}"),))
    return Unseen("the version of libpq is not seen")
