"""What the configuration declares of connections and code, as answers of facts; imported only where it does so.

A declaration says what files cannot say. It overrules names, places, platforms and everything inferred, but not a
connection's or client's own words (see `facts.roles`), and one by a broad pattern leaves what lies in it and says more
itself: under `services/**` tests stay tests, unless the pattern names them (`services/*/tests/load/**`).
"""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.config_declared import Kind
from neonlint.facts import roles
from neonlint.facts.answer import Known
from neonlint.ir.model import Client, Command, Connection, Subject
from neonlint.link import Project


def named(kind: Kind, name: str, project: Project) -> Known | None:
    """What is declared of a variable."""
    found = project.declared.named(kind, name) if project.declared is not None and name else None
    return None if found is None else Known(found.value, (found.because,))


def placed(kind: Kind, path: str, project: Project) -> Known | None:
    """What is declared of the file at `path`, by the last pattern that covers it and does not leave it out."""
    for found in project.declared.covering(kind, path) if project.declared is not None else ():
        if not _says_more(path, found.written, found.value if kind == "roles" else "runtime"):
            return Known(found.value, (found.because,))
    return None


def read(kind: Kind, subject: Subject, project: Project) -> Known | None:
    """What is declared of the name of a connection, or of the variable that a client or command reads, else of all the
    connections that it opens, where these agree; None for other subjects."""
    if isinstance(subject, Connection):
        return named(kind, subject.name, project)
    if project.declared is None or not project.declared.has_names(kind) or not isinstance(subject, Client | Command):
        return None
    if isinstance(subject, Client):
        resolved = project.reached_by(subject)
        variables = tuple(filter(None, [resolved.variable]))
    else:
        reached = project.reached_by_command(subject)
        resolved, variables = reached.resolved, reached.names
    by_variable = next((said for name in variables if (said := named(kind, name, project)) is not None), None)
    answers = [by_variable] if by_variable else [named(kind, c.name, project) for c in resolved.connections]
    first = answers[0] if answers else None
    if first is None or any(answer is None or answer.value != first.value for answer in answers):
        return None
    return Known(first.value, (*first.because, *resolved.because))


def names(subject: Subject, project: Project) -> Iterator[str]:
    """The names by which anything can be declared of a subject: a connection's own, those of the variables that a
    client or command reads."""
    if isinstance(subject, Connection):
        yield subject.name
    elif isinstance(subject, Client):
        yield from filter(None, [project.reached_by(subject).variable])
    elif isinstance(subject, Command):
        yield from project.reached_by_command(subject).names


def for_tests(subject: Subject, project: Project) -> Known | None:
    """That a connection, or what reads it, is declared for tests by the name of a variable."""
    said = read("roles", subject, project)
    return Known(True, said.because) if said is not None and said.value == "test" else None


def _says_more(path: str, pattern: str, value: str) -> bool:
    """Whether a path itself says what it is for where a pattern covers it only among others. What is declared for tests
    is so as a whole; what is declared for the application is not where it lies among scripts or migrations."""
    signs = [] if value == "test" else [roles.TEST_PATH]
    signs += [roles.DOCS_PATH] if value not in ("test", "docs") else []
    signs += roles.ASIDE_PATHS if value == "runtime" else []
    return any(sign.search(path) and not sign.search(pattern) for sign in signs)
