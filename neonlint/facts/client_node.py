"""Facts about what only JavaScript clients have: times in milliseconds, TLS objects, Prisma's `directUrl`."""

from __future__ import annotations

from collections.abc import Callable

from neonlint.facts.answer import Answer, FactSpec, FactType, Known, Unseen
from neonlint.facts.client import given_option, typed
from neonlint.facts.drivers_node import OWN_TLS, Way, is_node, way
from neonlint.facts.reading import endpoint_of
from neonlint.ir.model import Client
from neonlint.link import Project

_OPTIONS: tuple[tuple[str, FactType, str], ...] = (
    ("reject_unauthorized", "bool", "`rejectUnauthorized` of the TLS options: whether the certificate is checked."),
    ("channel_binding", "bool", "`enableChannelBinding` of node-postgres."),
    ("sslnegotiation", "str", "`sslnegotiation` of node-postgres and postgres.js."),
    ("prepare", "bool", "Whether postgres.js and Bun prepare statements."),
    ("keep_alive", "bool", "Whether TCP keep-alive is on."),
    ("idle_milliseconds", "int", "After how many idle milliseconds the pool closes a connection."),
    ("connect_milliseconds", "int", "Milliseconds until a connection attempt is given up."),
    ("acquire_milliseconds", "int", "Milliseconds that a request waits for a connection of the pool."),
    ("max_lifetime_seconds", "int", "After how many seconds the pool replaces a connection."),
    ("max_uses", "int", "After how many uses the pool replaces a connection."),
    ("statement_timeout", "int", "`statement_timeout` as a start-up parameter, in milliseconds."),
    ("no_lock", "bool", "Whether node-pg-migrate takes no advisory lock."),
)


def _new(client: Client, project: Project) -> Answer:
    return Known(client.call is not None and client.call.new)


def _own_tls(client: Client, project: Project) -> Answer:
    """Whether it is Neon's serverless driver that connects."""
    if not is_node(client):
        return Known(False)
    how = way(client, project)
    return how if isinstance(how, Unseen) else Known(isinstance(how, Way) and how.driver in OWN_TLS)


def _over_http(client: Client, project: Project) -> Answer:
    how = way(client, project) if is_node(client) else None
    return Known(isinstance(how, Way) and how.driver == "neon-http")


def _direct(read: Callable[[Client, Project], Answer]) -> Callable[[Client, Project], Answer]:
    """A fact of Prisma's direct connection string; a known `None` where there is none."""

    def compute(client: Client, project: Project) -> Answer:
        if "direct_url" not in client.options:
            return Unseen("options may be given that cannot be seen") if client.opaque else Known(None)
        return read(client, project)

    return compute


def _direct_pooled(client: Client, project: Project) -> Answer:
    reached = project.resolve(client.options["direct_url"], client.document.path)
    seen = [endpoint_of(connection, project) for connection in reached.connections]
    found = {s.endpoint.pooled for s in seen if not isinstance(s, Unseen) and s.endpoint.neon and not s.endpoint.unseen}
    return Known(found.pop(), reached.because) if len(found) == 1 else Unseen("the direct connection is not seen")


def _direct_variable(client: Client, project: Project) -> Answer:
    reached = project.resolve(client.options["direct_url"], client.document.path)
    return Known(reached.variable)


def _target_given(client: Client, project: Project) -> Answer:
    """Whether it is told what to connect with at all."""
    if client.target is None and client.fields is None and client.opaque:
        return Unseen("options may be given that cannot be seen")
    return Known(client.target is not None or client.fields is not None)


CLIENT_NODE: tuple[FactSpec, ...] = (
    *(FactSpec(f"options.{name}", kind, doc, typed(name, kind), optional=True) for name, kind, doc in _OPTIONS),
    *(
        FactSpec(f"given.{name}", "bool", f"Whether `{name}` is given, whatever its value.", given_option(name))
        for name in (
            "reject_unauthorized",
            "max_size",
            "idle_milliseconds",
            "connect_milliseconds",
            "prepare",
            "direct_url",
            "statement_timeout",
            "max_idle_seconds",
            "connect_timeout",
        )
    ),
    FactSpec("new", "bool", "Whether it is made with `new`.", _new),
    FactSpec(
        "driver.serverless",
        "bool",
        "Whether Neon's serverless driver connects, over HTTP or WebSockets with TLS of its own.",
        _own_tls,
    ),
    FactSpec("driver.over_http", "bool", "Whether that driver connects, over HTTP.", _over_http),
    FactSpec("target.given", "bool", "Whether it is told what to connect with.", _target_given),
    FactSpec(
        "direct.pooled",
        "bool",
        "Whether the second connection string of a Prisma schema goes through Neon's pooler.",
        _direct(_direct_pooled),
        optional=True,
    ),
    FactSpec(
        "direct.variable",
        "str",
        "The variable that the second connection string of a Prisma schema is read from.",
        _direct(_direct_variable),
        optional=True,
    ),
)
