"""Facts about a JavaScript client that depend on the version of Node.js, and on what its package sets up for Neon's
driver."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint import platforms
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.roles import is_test
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.link import Project
from neonlint.platforms import Told

_SERVERLESS = "@neondatabase/serverless"


def _version(client: Client, project: Project) -> Answer:
    """The newest major version of Node.js that a file at or above names, so that no other runs it; not seen where one
    admits newer versions, or where the package runs on something else."""
    told = list(_told_above(client.document.path, project))
    if client.document.format != "javascript" or any(one.bun for one in told):
        return Unseen("it does not run on Node.js")
    named = [version for one in told for version in one.node]
    exact = [version for version in named if version.exact]
    if all(_is_workflow(version.place[0]) for version in exact):  # the tests' version is not the application's
        return Unseen("nothing names the version of Node.js")
    newest = max(exact, key=lambda version: version.major)
    if any(version.major > newest.major for version in named):
        return Unseen("the files of the package name different versions of Node.js")
    return Known(newest.major, (Reason(newest.because, place=newest.place),))


def _is_workflow(path: str) -> bool:
    return ".github/" in path


def _told_above(path: str, project: Project) -> Iterator[Told]:
    for where, told in project.signs.items():
        folder = platforms.folder_of(where)
        if (not folder or path.startswith(f"{folder}/")) and not is_test(where, project):
            yield told


def _modern(client: Client, project: Project) -> Answer:
    """Whether Neon's driver is 1.0 or newer."""
    found = project.requirement(_SERVERLESS, client.document.path, "npm")
    newer = found.at_least(1) if found is not None else None
    if found is None or newer is None:
        return Unseen(f"the version of {_SERVERLESS} is not seen")
    return Known(newer, (Reason(f"{found.path} has {_SERVERLESS} 1.0 or newer"),) if newer else ())


def _web_socket(client: Client, project: Project) -> Answer:
    """Whether Neon's driver is given a WebSocket to use, anywhere in the project or by an option of the client."""
    if client.table.get("ws") is not None or "ws_constructor" in client.options:
        return Known(True)
    if not client.table.complete:
        return Unseen("options may be given that cannot be seen")
    words = ("webSocketConstructor", "globalThis.WebSocket", "global.WebSocket")
    return Known(any(project.documents_naming(word) for word in words))


def _names_ws(client: Client, project: Project) -> Answer:
    return Known(project.names_distribution("ws", client.document.path, "npm"))


NODE_VERSION: tuple[FactSpec, ...] = (
    FactSpec("node.version", "int", "The newest major version of Node.js that the package names.", _version),
    FactSpec("neon_driver.modern", "bool", "Whether @neondatabase/serverless is 1.0 or newer.", _modern),
    FactSpec("neon_driver.web_socket", "bool", "Whether Neon's driver is given a WebSocket to use.", _web_socket),
    FactSpec("package.ws", "bool", "Whether the package names `ws`, a WebSocket for Node.js.", _names_ws),
)
