"""Whether what a client opens leads to Neon: by its connection, its driver, or what its package says."""

from __future__ import annotations

from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.client import driver_of, is_neon
from neonlint.facts.packages import neon_package
from neonlint.facts.reading import endpoint_of
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.ir.source import Scalar
from neonlint.link import Project, Resolved, is_example


def opens_neon(client: Client, project: Project) -> Answer:
    """Whether it leads to Neon: its connection does; or, where that is not seen or only a local stand-in, the package
    names Neon."""
    reached = project.reached_by(client)
    elsewhere = False
    for connection in reached.connections:
        if is_neon(connection, project):
            return Known(True, reached.because)
        seen = endpoint_of(connection, project)
        stand_in = connection.standing == "default" or is_example(connection.document.path)
        elsewhere = elsewhere or (
            not isinstance(seen, Unseen) and seen.endpoint.kind in ("other", "ip") and not stand_in
        )
    if elsewhere or _no_postgres(client, reached, project):
        return Known(False)
    driver = driver_of(client, project) if client.document.format == "javascript" else Unseen("")
    if isinstance(driver, Known) and driver.value in ("neon-http", "neon-ws"):
        return Known(True, (*driver.because, Reason("Neon's own driver speaks to Neon only")))
    return _by_package(client, reached, project)


def likely_neon(client: Client, project: Project) -> Answer:
    """The same; where nothing names a host of Neon, a package of Neon's among the dependencies, or a README that speaks
    of Neon alone, says so."""
    answer = opens_neon(client, project)
    if not isinstance(answer, Unseen):
        return answer
    reached = project.reached_by(client)
    if reached.variable is None and not reached.connections:
        return answer
    web = client.document.format in ("javascript", "prisma")
    if web and (named := neon_package(client.document.path, project)) is not None:
        return Known(True, (*reached.because, Reason(f"the package depends on {named}", inferred=True)))
    at = project.readme_on_neon(client.document.path)
    if at is None:
        return answer
    why = project.reason("", *at, " speaks of Neon and of no other host of databases", inferred=True)
    return Known(True, (*reached.because, why))


def _no_postgres(client: Client, reached: Resolved, project: Project) -> bool:
    """Whether what is opened is plainly another database: SQLite's options, or an address of another kind."""
    if "check_same_thread" in client.overrides:
        return True
    if isinstance(client.target, Scalar) and not reached.connections:
        return True
    if reached.variable is None or reached.connections:
        return False
    defined = project.definitions_of(reached.variable, client.document.path)
    texts = [str(d.entry.value.value) for d in defined if isinstance(d.entry.value, Scalar)]
    return any("://" in text and not text.lstrip("\"'").startswith("postgres") for text in texts)


def _by_package(client: Client, reached: Resolved, project: Project) -> Answer:
    if reached.variable is None and not reached.connections:
        return Unseen("the connection that it opens is not seen")
    if reached.variable is not None and "NEON" in reached.variable.upper():
        return Known(True, (*reached.because, Reason(f"the name `{reached.variable}` says Neon", inferred=True)))
    at = project.shows_neon(client.document.path)
    if at is None:
        return Unseen("nothing says that it is Neon")
    return Known(True, (*reached.because, project.reason("the project names a Neon host in", *at, inferred=True)))
