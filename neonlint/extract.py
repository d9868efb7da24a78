"""From one document to the subjects it holds: every place that says how to reach a database. Looks at no other file.

What only code files need is imported when the first of them is met: a run on one dotenv file is felt at every commit.
"""

from __future__ import annotations

from collections.abc import Sequence

from neonlint.ir.model import Client, Command, Connection, Extract
from neonlint.ir.source import Document

#: Data formats in which values of some keys are shell text (`run`, `scripts`, `command`).
_HOLD_SHELL = frozenset({"yaml", "json", "toml"})


def extract(document: Document) -> Extract:
    """Every connection, client, statement, log call and dependency of a document."""
    if document.format in ("python", "javascript"):
        return _code(document)
    from neonlint.extract_data import connections_of, dependencies_of  # noqa: PLC0415

    connections = [c for root in document.roots for c in connections_of(document, root)]
    clients: Sequence[Client] = ()
    if document.format in ("ini", "prisma"):
        from neonlint.clients.settings import settings_clients  # noqa: PLC0415

        clients = tuple(settings_clients(document))
    found = _with_bare_secrets(document, connections)
    return Extract(
        document,
        found,
        tuple(clients),
        dependencies=tuple(dependencies_of(document)),
        commands=_commands(document),
    )


def _commands(document: Document) -> tuple[Command, ...]:
    if not document.commands and document.format not in _HOLD_SHELL:
        return ()
    from neonlint.extract_commands import commands_of  # noqa: PLC0415 -- needs a parser of shells

    return tuple(commands_of(document))


def _code(document: Document) -> Extract:
    from neonlint.clients.calls import clients_of  # noqa: PLC0415
    from neonlint.clients.statements import logs_of, statements_of  # noqa: PLC0415
    from neonlint.extract_code import connections_of  # noqa: PLC0415

    clients = tuple(clients_of(document))
    connections = [*connections_of(document), *(c.fields for c in clients if c.fields is not None)]
    found = _with_bare_secrets(document, connections)
    return Extract(document, found, clients, tuple(statements_of(document, clients)), tuple(logs_of(document)))


def _with_bare_secrets(document: Document, connections: Sequence[Connection]) -> tuple[Connection, ...]:
    if b"npg_" not in document.data:
        return tuple(connections)
    from neonlint.extract_secrets import bare_secrets  # noqa: PLC0415

    return (*connections, *bare_secrets(document, connections))
