"""Where the code of a client stands: at module level, in what runs for each request or event, in another function."""

from __future__ import annotations

from neonlint.facts import scopes_node
from neonlint.facts.answer import Answer, Known
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.link import Project
from neonlint.regex import regex

SCOPES = ("module", "function", "handler", "method")
_HANDLER_DECORATOR = regex(
    r"(?:^|\.)(?:get|post|put|patch|delete|route|websocket|head|options|api_view|view|task|shared_task|event)$"
)


def scope(client: Client, project: Project) -> Answer:
    """See the fact `scope`: a handler is known by its decorator, name or parameters, in JavaScript by what calls it."""
    if client.document.format == "javascript":
        return scopes_node.scope(client)
    if not client.scope:
        return Known("module")
    function = client.scope.rsplit(".", 1)[-1]
    decorators = client.call.decorators if client.call else ()
    route = next((d for d in decorators if _HANDLER_DECORATOR.search(d)), None)
    if route is not None:
        return Known("handler", (Reason(f"`{function}` is a request handler (`@{route}`)"),))
    if function in ("lambda_handler", "handler"):
        return Known("handler", (Reason(f"`{function}` is called for each event"),))
    return Known("method" if "." in client.scope else "function")
