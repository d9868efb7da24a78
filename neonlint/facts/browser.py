"""Facts about database clients in code that browsers download."""

from __future__ import annotations

from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.connection import PUBLIC_NAME
from neonlint.facts.runtime import client_runtime
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.ir.source import EnvRef, Ref, Scalar, Unknown
from neonlint.link import Project

_THIS_FILE = "this file"


def _exposed_by(client: Client, project: Project) -> Answer:
    """What puts a client, or the connection string that it reads, into browser code; None where nothing does.

    A client that is given a token instead of a password (`authToken`) belongs there.
    """
    if client.document.format != "javascript" or _has_token(client):
        return Known(None)
    for variable in _variables(client, project):
        if prefix := PUBLIC_NAME.match(variable):
            return Known(f"`{variable}`", (Reason(f"bundlers put variables named `{prefix[0]}…` into browser code"),))
    runtime = client_runtime(client, project)
    if isinstance(runtime, Unseen) or runtime.value != "browser":
        return Known(None)
    return Known(_THIS_FILE, runtime.because)


def _instead(client: Client, project: Project) -> Answer:
    """What to do about that, where something is."""
    exposed = _exposed_by(client, project)
    if isinstance(exposed, Unseen) or exposed.value is None:
        return exposed
    in_file = exposed.value == _THIS_FILE
    return Known("move it into server code" if in_file else "read a variable without a public prefix, in server code")


def _variables(client: Client, project: Project) -> tuple[str, ...]:
    """The variables that its connection string may be read from, here or in the file that it is imported from."""
    found: list[str] = []
    value = client.target
    if isinstance(value, Ref) and (variable := project.reached_by(client).variable) is not None:
        return (variable,)
    while isinstance(value, EnvRef) and len(found) < 5:
        found.append(value.name)
        value = value.default
    return tuple(found)


def _has_token(client: Client) -> bool:
    return client.table.get("authToken") is not None or b"authToken" in client.document.data


def _warning_suppressed(client: Client, project: Project) -> Answer:
    """Whether the driver's warning about browsers is switched off, by an option or for all clients of the file."""
    if client.document.format != "javascript" or _has_token(client):
        return Known(False)
    given = client.table.get("disableWarningInBrowsers")
    if given is None and client.document.root is not None:
        entries = client.document.root.entries
        given = next((e.value for e in entries if e.key.endswith("neonConfig.disableWarningInBrowsers")), None)
    if isinstance(given, Unknown) or (given is None and not client.table.complete):
        return Unseen("options may be given that cannot be seen")
    return Known(isinstance(given, Scalar) and given.value is True)


BROWSER: tuple[FactSpec, ...] = (
    FactSpec(
        "exposed.by",
        "str",
        "What puts the client or its connection string into browser code: the file itself, or the name of a variable.",
        _exposed_by,
        optional=True,
    ),
    FactSpec("exposed.instead", "str", "What to do about that.", _instead, optional=True),
    FactSpec("exposed.unwarned", "bool", "Whether Neon's driver is told not to warn in browsers.", _warning_suppressed),
)
