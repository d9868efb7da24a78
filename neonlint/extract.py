"""From one document to the subjects it holds: every place that says how to reach a database. Looks at no other file.

What only code files need is imported when the first of them is met: a run on one dotenv file is felt at every commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from neonlint.ir.model import Client, Connection, Extract, Setting
from neonlint.ir.source import Comment, Document

if TYPE_CHECKING:
    from neonlint.extract_commands import Found

#: Data formats in which values of some keys are shell text (`run`, `scripts`, `command`).
_HOLD_SHELL = frozenset({"yaml", "json", "toml"})
#: Formats that are shell text, or instructions with shell text in them.
_SHELLS = frozenset({"shell", "dockerfile", "makefile", "procfile"})


def extract(document: Document) -> Extract:
    """Every connection, client, statement, log call and dependency of a document."""
    if document.format in ("python", "javascript"):
        return _code(document)
    from neonlint.extract_data import connections_of, dependencies_of  # noqa: PLC0415

    shell = _shell(document)
    texts = shell.texts if shell is not None else frozenset()
    connections = [c for root in document.roots for c in connections_of(document, root, texts)]
    if document.format in _SHELLS:
        from neonlint.extract_shell import connections_of as connections_of_shell  # noqa: PLC0415

        connections = [c for c in connections_of_shell(document) if c.span not in texts]
    if shell is not None:
        read = {connection.span.start for connection in connections}
        connections += [c for c in shell.connections if c.span.start not in read]
    clients: Sequence[Client] = ()
    if document.format in ("ini", "prisma"):
        from neonlint.clients.settings import settings_clients  # noqa: PLC0415

        clients = tuple(settings_clients(document))
    elif b"DB_CLIENT" in document.data or (document.format == "json" and connections):
        from neonlint.clients.node_data import clients_in  # noqa: PLC0415 -- few data files describe one

        clients = tuple(clients_in(document, connections))
        connections += [c.fields for c in clients if c.fields is not None and c.fields not in connections]
    found = _with_bare_secrets(document, connections)
    return Extract(
        document,
        found,
        tuple(clients),
        dependencies=tuple(dependencies_of(document)),
        commands=shell.commands if shell is not None else (),
        settings=(*_settings(document), *(shell.settings if shell is not None else ())),
        shell_comments=_shell_comments(document),
    )


def _settings(document: Document) -> tuple[Setting, ...]:
    if b"NODE_TLS_REJECT_UNAUTHORIZED" not in document.data and b"neonConfig" not in document.data:
        return ()
    from neonlint.extract_settings import settings_of  # noqa: PLC0415 -- few files hold one

    return tuple(settings_of(document))


def _shell(document: Document) -> Found | None:
    if not document.commands and document.format not in _HOLD_SHELL:
        return None
    from neonlint.extract_commands import read_commands  # noqa: PLC0415 -- needs a parser of shells

    return read_commands(document)


def _shell_comments(document: Document) -> tuple[Comment, ...]:
    if document.format not in ("yaml", "toml") or b"neonlint:" not in document.data:
        return ()
    from neonlint.extract_commands_comments import comments_of  # noqa: PLC0415 -- few files speak to neonlint

    return tuple(comments_of(document))


def _code(document: Document) -> Extract:
    from neonlint.clients.calls import clients_of  # noqa: PLC0415
    from neonlint.extract_code import connections_of  # noqa: PLC0415

    if document.format == "javascript":
        from neonlint.clients.statements_node import logs_of, statements_of  # noqa: PLC0415
    else:
        from neonlint.clients.statements import logs_of, statements_of  # noqa: PLC0415
    clients = tuple(clients_of(document))
    connections = [*connections_of(document), *(c.fields for c in clients if c.fields is not None)]
    if b".neon.tech" in document.data:
        from neonlint.extract_secrets import secrets_beside_hosts  # noqa: PLC0415 -- few files of code name one

        connections += secrets_beside_hosts(document, connections)
    found = _with_bare_secrets(document, connections)
    statements, logs = tuple(statements_of(document, clients)), tuple(logs_of(document))
    return Extract(document, found, clients, statements, logs, settings=_settings(document))


def _with_bare_secrets(document: Document, connections: Sequence[Connection]) -> tuple[Connection, ...]:
    if b"npg_" not in document.data:
        return tuple(connections)
    from neonlint.extract_secrets import bare_secrets  # noqa: PLC0415

    return (*connections, *bare_secrets(document, connections))
