"""Whether a JavaScript file is a script that runs once and ends."""

from __future__ import annotations

from neonlint import platforms
from neonlint.facts.importers import importers_of
from neonlint.facts.roles import declared_of_file, is_aside
from neonlint.facts.runtime import runtime_of_file
from neonlint.facts.scopes_node import enclosing, handles
from neonlint.ir.model import Client
from neonlint.ir.source import Call, Document, Scalar
from neonlint.link import Project
from neonlint.regex import regex

#: Verbs that scripts are named after (`seed.ts`, `check-db.mjs`, `testConnection.js`).
_NAMED = regex(
    r"(?:^|/)(?:seed|migrate|backfill|import|export|load|init|create|drop|reset|setup|check|test|verify|debug|fix|"
    r"update|populate|etl|clean|clear|run|apply|sync|dump|restore|inspect|list|add|delete|generate)"
    r"(?:[-_.][\w.-]*|[A-Z]\w*)?\.[cm]?[jt]sx?$"
)
_LISTENS = regex(r"(?:^|\.)(?:listen|createServer|serve|launch|login|start|setInterval|schedule|consume|subscribe)$")
_EXPORTS = regex(rb"(?m:^[ \t]*(?:export\b|(?:module\.)?exports\b))")
_ENDS = frozenset({"end", "close", "destroy", "$disconnect"})
#: Functions given to these run when a server stops.
_STOPPING = regex(r"^process\.(?:on|once)$|(?:^|\.)(?:onClose|addHook|onModuleDestroy|onShutdown)$")
_STOPPING_NAME = regex(r"(?i:shut_?down|close|stop|clean_?up|disconnect|teardown|destroy|graceful|exit|terminate)")


def is_script(client: Client, project: Project) -> bool:
    """Whether the file of a JavaScript client runs once: by what is declared, by its place, by its name, or because it
    ends its own process or connection; never one that others import or that serves."""
    document = client.document
    declared, aside = declared_of_file(document.path, project) is not None, is_aside(document.path, project)
    if not declared and runtime_of_file(document.path, project) is not None:
        return False
    if declared or aside:
        return aside
    if importers_of(document.path, project, 1) or _serves(document):
        return False
    if _NAMED.search(document.path) is not None:
        return True
    return _EXPORTS.search(document.data) is None and any(_finishes(call, client) for call in document.calls)


def _serves(document: Document) -> bool:
    if any(platforms.of_document(document)):
        return True
    return any(_LISTENS.search(call.callee) for call in document.calls) or any(
        handles(function, document) for function in document.functions
    )


def _finishes(call: Call, client: Client) -> bool:
    """Whether a call ends the process, or the client where nothing stops a server."""
    if call.callee == "process.exit":
        first = call.args[0] if call.args else None
        return first is None or (isinstance(first, Scalar) and first.value == 0)
    head, _, method = call.callee.rpartition(".")
    if method not in _ENDS or client.call is None:
        return False
    name = (client.call.assigned or "").rsplit(".", 1)[-1]
    if head != f"{client.call.callee}()" and not (name and head.rsplit(".", 1)[-1] == name):
        return False
    around = enclosing(client.document, call.span)
    return not any(_STOPPING.search(f.given_to) or _STOPPING_NAME.search(f.name.rsplit(".", 1)[-1]) for f in around)
