"""What a driver would read from the environment beside a connection: `PGSSLMODE` and its kin."""

from __future__ import annotations

from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.tls_roots import naming
from neonlint.ir.findings import Reason
from neonlint.ir.model import Connection
from neonlint.ir.source import Scalar
from neonlint.link import Project


def from_environment(connection: Connection, variable: str, project: Project) -> Answer:
    """What the driver would read from the environment: the configuration's word, the same file's, else nothing.

    A value in another file of the package may or may not reach this connection, so it makes the answer unseen.
    """
    if (assumed := project.config.assume.get(variable)) is not None:
        return Known(assumed, (Reason(f"the configuration says that `{variable}` is set on the platform"),))
    for definition in project.definitions_of(variable, connection.document.path):
        value = definition.entry.value
        if definition.document is connection.document and isinstance(value, Scalar):
            return Known(str(value.value), (project.reason_of(definition, variable),))
    if (where := next(naming(variable, connection, project), None)) is not None:
        return Unseen(f"{where.path} speaks of `{variable}`")
    return Known(None)
