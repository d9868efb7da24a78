"""How well a connection is protected, in one word. The modes and what a driver makes of them are facts; here they are
only ranked.

For libpq a mode below `require` may go on without TLS, `require` and `verify-ca` with a public authority check nothing
that a third party could not show, and channel binding proves the server by the password's hash (libpq, "SSL Support").
"""

from __future__ import annotations

from neonlint.facts.answer import Known, Unseen
from neonlint.inventory import Because, Tls
from neonlint.inventory_asked import Asked, of_answer
from neonlint.ir.model import Client, Connection
from neonlint.link import Project

_OF_MODE: dict[object, Tls] = {
    "disable": "none",
    "allow": "optional",
    "prefer": "optional",
    "require": "encrypted",
    "no-verify": "encrypted",
    "verify-ca": "encrypted",
    "verify-full": "verified",
}
#: What `tls.given` says of a client that decides for itself.
_OF_CLIENT: dict[object, Tls] = {"false": "none", "unverified": "encrypted", "verified": "verified"}
_PREFERS = "no TLS mode is written, and libpq then takes `prefer`"

Protected = tuple[Tls, tuple[Because, ...]]


def of_connection(connection: Connection, project: Project) -> Protected:
    """The level at which a connection is opened by those that are seen to open it, and why."""
    asked = Asked("connection", connection, project)
    own = asked("driver.serverless")
    if isinstance(own, Known) and own.value:
        return "verified", (*of_answer(own), Because("Neon's serverless driver brings TLS of its own, which verifies"))
    mode = asked("tls.mode")
    if isinstance(mode, Unseen):
        return _by_clients(connection, project) or ("unknown", (Because(mode.why),))
    if mode.value is None:
        return _by_default(asked)
    level = _OF_MODE.get(mode.value, "unknown")
    why = (*of_answer(mode), Because(f"the TLS mode is `{mode.value}`"))
    if level == "encrypted" and (bound := _bound(asked)) is not None:
        return "bound", (*why, *bound)
    return level, why


def _by_default(asked: Asked) -> Protected:
    """What is done where no mode is written."""
    if asked.true("driver.plain"):
        return "none", (
            *of_answer(asked("driver.plain")),
            Because("no TLS mode is written, and the driver then uses no TLS"),
        )
    if asked.true("driver.prefers"):
        return "optional", (
            *of_answer(asked("driver.prefers")),
            Because("no TLS mode is written, and the driver then takes `prefer`"),
        )
    return "unknown", (Because("no TLS mode is written; the driver decides"),)


def _bound(asked: Asked) -> tuple[Because, ...] | None:
    """Why the server has to prove itself by channel binding; None where it need not, or the driver cannot ask it to."""
    binding, treated = asked("tls.channel_binding"), asked("driver.channel_binding")
    if not isinstance(binding, Known) or binding.value != "require":
        return None
    if isinstance(treated, Known):
        return (*of_answer(binding), *of_answer(treated)) if treated.value == "honoured" else None
    return (*of_answer(binding), Because("what opens it is taken to honour `channel_binding`", inferred=True))


def _by_clients(connection: Connection, project: Project) -> Protected | None:
    """The level that all clients set in their code; None where one leaves it open or they differ."""
    found = [of_client(client, project) for client, _ in project.consumers(connection)]
    levels = {level for level, _ in found}
    return found[0] if len(levels) == 1 and "unknown" not in levels else None


def of_client(client: Client, project: Project) -> Protected:
    """The level that a client's own code decides; `unknown` where it leaves that to the connection."""
    asked = Asked("client", client, project)
    if asked.true("driver.serverless"):
        return "verified", (Because("Neon's serverless driver brings TLS of its own, which verifies"),)
    effective = asked("tls.effective")
    if isinstance(effective, Known) and effective.value is not None:
        return _OF_MODE.get(effective.value, "unknown"), of_answer(effective)
    given = asked("tls.given")
    if client.fields is not None and given == Known("nothing") and asked.true("driver.libpq"):
        return "optional", (Because(_PREFERS, inferred=True),)
    level = _OF_CLIENT.get(given.value, "unknown") if isinstance(given, Known) else "unknown"
    overridden = asked("tls.overridden")
    if level == "unknown" or not isinstance(overridden, Known) or overridden.value:
        return "unknown", ()
    return level, (*of_answer(given), Because("the code says so"))
