"""Facts about the words that stand for TLS in JavaScript and in the connection strings it opens: what node-postgres
takes for `verify-full`, and the words with which postgres.js encrypts and checks nothing (`tests/node`).
"""

from __future__ import annotations

from neonlint.facts import drivers
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.reading import component
from neonlint.facts.tls_node import POSTGRES_JS_LAX, for_elsewhere
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Items, Ref, Scalar, Table, Unknown, Value
from neonlint.link import Project

#: What commands do that connect with a driver of their own.
_OTHER_DRIVERS = frozenset({"run", "serve", "build"})
_COMPATIBLE = "params.uselibpqcompat"


def mode_alias(connection: Connection, project: Project) -> Answer:
    """Whether the node-postgres that opens it, by its version, takes `prefer`, `require` and `verify-ca` for
    `verify-full`: 8 does, 9 is announced not to (pg-connection-string 2.10 and later warn of it)."""
    found = drivers.consumer_of(connection, project)
    if isinstance(found, Unseen):
        return found
    opened, because = found
    if opened.driver != "pg" or opened.via is not None:
        return Known(False, because)
    path = next(client.document.path for client, _ in drivers.openers(connection, project))
    version = project.requirement("pg", path, "npm")
    if version is None:
        return Unseen("the version of node-postgres is not seen")
    if version.at_least(9) or version.at_least(8) is False:
        return Known(False, because)
    if not version.at_least(8):
        return Unseen("the version of node-postgres is not seen")
    return Known(True, (*because, Reason(f"{version.path} has pg 8")))


def compatible(connection: Connection, project: Project) -> Answer:
    """Whether it asks node-postgres to take the modes as libpq does; separate fields cannot."""
    return component(connection, _COMPATIBLE, project) if connection.view is not None else Known(None)


def shared(connection: Connection, project: Project) -> Answer:
    """Whether a shell command connects with it, too: psql and its kin take the parameters otherwise."""
    for command, reached in project.commands_on(connection):
        if reached.leaf.does not in _OTHER_DRIVERS:
            return Known(True, (project.reason(f"`{command.name}` uses it, too, in", command.document, command.span),))
    return Known(False)


def lax_word(client: Client, project: Project) -> Answer:
    """The word of `ssl` with which postgres.js checks nothing: the value, or one of those that it may have, unless that
    one is for development."""
    value = client.options.get("ssl")
    if isinstance(value, Ref):
        found = project.find(value, client.document.path)
        value = found.value if found is not None and not isinstance(found.value, Ref) else value
    if value is None:
        return Unseen("options may be given that cannot be seen") if client.opaque else Known(None)
    if isinstance(value, Scalar | Table):
        return Known(_word(value))
    if isinstance(value, Unknown) and isinstance(value.of, Items):
        return _in_branches(value, value.of, client)
    return Unseen("the TLS value cannot be seen")


def _in_branches(value: Unknown, held: Items, client: Client) -> Answer:
    words = [_word(branch) for branch in held.values]
    at = next((n for n, word in enumerate(words) if word is not None), None)
    if at is None:
        return Known(None)
    if for_elsewhere(value, held.values, at, client.document):
        return Unseen("the TLS value hangs on where the code runs")
    return Known(words[at], (Reason("one of the values that it may have"),))


def _word(value: Value) -> str | None:
    word = value.value if isinstance(value, Scalar) else None
    return word if isinstance(word, str) and word in POSTGRES_JS_LAX else None


TLS_WORDS: tuple[FactSpec, ...] = (
    FactSpec(
        "tls.mode_alias",
        "bool",
        "Whether the node-postgres that opens it takes `prefer`, `require` and `verify-ca` for `verify-full`.",
        mode_alias,
    ),
    FactSpec(
        "params.uselibpqcompat",
        "str",
        "The `uselibpqcompat` parameter of node-postgres, as written.",
        compatible,
        optional=True,
    ),
    FactSpec("command.shares", "bool", "Whether a shell command with another driver connects with it, too.", shared),
)
TLS_WORDS_CLIENT: tuple[FactSpec, ...] = (
    FactSpec(
        "tls.lax_word",
        "str",
        "The word of the `ssl` option with which postgres.js encrypts and checks nothing.",
        lax_word,
        optional=True,
    ),
)
