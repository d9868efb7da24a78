"""What JavaScript code does with a client that it has made: whether it listens for errors, ends it, hands it to the
platform; and whether it makes one anew for each request.

A client is followed by its name and by the value itself, in its own file and, by name, in the files that import it. One
that is handed to a function which is not known may have anything done to it, so that is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from neonlint.clients import opening
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.client import typed
from neonlint.facts.drivers_node import OWN_TLS, Way, is_node, way
from neonlint.facts.importers import importers_of
from neonlint.facts.runtime import client_runtime
from neonlint.facts.scopes_node import enclosing, scope
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.ir.source import Call, EnvRef, Items, Ref, Scalar, Span, Table, Value
from neonlint.link import Project
from neonlint.regex import regex

#: Clients of node-postgres's make, which report a lost idle connection as an `error` event that ends the process where
#: nobody listens. Prisma's adapters listen themselves (`tests/node`).
_EMITS = {"pg", "neon-ws", "vercel-postgres"}
#: drizzle-orm 0.45 makes a pool of node-postgres and leaves it at that (`tests/node`).
_MAKES_POOL = "drizzle-orm/node-postgres.drizzle"
_ENDS = ("end", "close", "destroy", "$disconnect", "release", "drain")
_LISTENS = ("on", "addListener", "once")
#: Wrappers that take a client and neither listen to it nor end it.
_KEEPS_STILL = regex(
    r"^(?:drizzle-orm/|kysely\.|@prisma/adapter-|better-auth\.|@auth/|@lucia-auth/|@vercel/functions\.|console\.|connect-pg-simple|"
    r"(?:.*\.)?(?:waitUntil|push|set)$)"
)
_ATTACHES = regex(r"(?:^|\.)attachDatabasePool$")
#: What code calls the environment of the process, as opposed to bindings that come with each request.
_PROCESS = regex(rb"process|import\.meta|Deno|Bun|[A-Z_]+$")


def _own_calls(client: Client, project: Project) -> Iterator[tuple[str, Call, bool]]:
    """The calls on a client: the method, the call, whether it stands in the client's own file."""
    made = client.call
    assert made is not None
    name = (made.assigned or "").rsplit(".", 1)[-1]
    for call in client.document.calls:
        head, _, method = call.callee.rpartition(".")
        if isinstance(call.receiver, Call):
            if call.receiver.span == made.span:
                yield method, call, True
        elif head and (head == f"{made.callee}()" or (name and head.rsplit(".", 1)[-1] == name)):
            yield method, call, True
    if name:
        yield from ((method, call, False) for method, call in _elsewhere(name, client, project))


def _elsewhere(name: str, client: Client, project: Project) -> Iterator[tuple[str, Call]]:
    """The calls in other files of the package on what they import under this name, in other packages on what they
    import under it from files or packages."""
    root = project.root_of(client.document.path)
    for extract in project.extracts:
        document = extract.document
        if document is client.document or document.format != "javascript":
            continue
        near = project.root_of(document.path) == root
        for call in document.calls:
            head, _, method = call.callee.rpartition(".")
            if (head.endswith(f".{name}") and (near or "/" in head)) or (head == name and near):
                yield method, call


def _of_drizzle(client: Client, project: Project) -> Iterator[Call]:
    """The calls anywhere on the pool that Drizzle has made (`db.$client.on`)."""
    if client.library == "drizzle":
        for extract in project.extracts:
            yield from (c for c in extract.document.calls if c.callee.rpartition(".")[0].endswith("$client"))


def _handed_to(client: Client) -> Iterator[Call]:
    """The calls of its file that a client is given to, itself or by name, alone or in an object or list."""
    made = client.call
    assert made is not None
    for call in client.document.calls:
        if call.span != made.span and any(_holds(value, made) for value in call.args):
            yield call


def _holds(value: Value, made: Call) -> bool:
    if isinstance(value, Table):
        return any(_is(entry.value, made) for entry in value.entries)
    if isinstance(value, Items):
        return any(_is(inner, made) for inner in value.values)
    return _is(value, made)


def _is(value: Value, made: Call) -> bool:
    if isinstance(value, Call):
        return value.span == made.span
    return isinstance(value, Ref) and made.assigned is not None and value.name == made.assigned


def errors_handled(client: Client, project: Project) -> Answer:
    """See the fact `pool.errors_handled`."""
    if client.call is None or (client.library not in _EMITS and client.call.callee != _MAKES_POOL):
        return Known(True)
    handed = list(_handed_to(client))
    own = [(method, call) for method, call, _ in _own_calls(client, project)]
    own += [(call.callee.rpartition(".")[2], call) for call in _of_drizzle(client, project)]
    if any(method in _LISTENS and _names_error(call) for method, call in own):
        return Known(True)
    if any(c.callee.startswith("@prisma/adapter-") for c in handed) or _adapted_elsewhere(client, project):
        return Known(True, (Reason("Prisma's adapter listens for errors"),))
    if _caught(client, project):
        return Known(True, (Reason("the process catches what nobody else does"),))
    if (other := next((c for c in handed if _may_listen(c, client, project)), None)) is not None:
        return Unseen(f"`{other.callee}` may listen for errors")
    if client.call.assigned is None and not handed:
        return Unseen("it is not seen what becomes of it")
    return Known(False)


def _names_error(call: Call) -> bool:
    first = call.args[0] if call.args else None
    return not isinstance(first, Scalar) or first.value == "error"


def _adapted_elsewhere(client: Client, project: Project) -> bool:
    """Whether another file of the project gives it, by its name, to an adapter of Prisma."""
    assert client.call is not None
    name = (client.call.assigned or "").rsplit(".", 1)[-1]
    return bool(name) and any(
        call.callee.startswith("@prisma/adapter-")
        and any(isinstance(value, Ref) and value.name.rsplit(".", 1)[-1] == name for value in call.args)
        for extract in project.extracts
        for call in extract.document.calls
    )


#: Frameworks whose servers write uncaught exceptions to the log and go on (next 16.4, `server/lib/router-server`;
#: nitropack 2.13, `trapUnhandledNodeErrors`, which Nuxt and the Start frameworks run on).
_CATCHING = (
    *("next", "nuxt", "nitropack", "nitro", "@tanstack/react-start", "@tanstack/solid-start", "@tanstack/start"),
    *("@solidjs/start", "vinxi", "@analogjs/platform"),
)


def _caught(client: Client, project: Project) -> bool:
    """Whether the framework that runs it, or code of its package, catches uncaught exceptions, so that none ends the
    process."""
    path = client.document.path
    root = project.root_of(path)
    packages = {project.root_of(at): at for at in (path, *importers_of(path, project, 4))}
    if any(project.names_distribution(name, at, "npm") for at in packages.values() for name in _CATCHING):
        return True
    return any(
        call.callee in ("process.on", "process.once", "process.addListener")
        and isinstance(first := call.args[0] if call.args else None, Scalar)
        and first.value == "uncaughtException"
        for extract in project.extracts
        if project.root_of(extract.document.path) == root
        for call in extract.document.calls
    )


#: What the code of a project calls a pool that a function of its own is given.
_A_POOL = regex(r"(?i:(?:^|\.|_)(?:\w*pool|\w*client|db|database|pg|conn|connection|\?)\.(?:on|addListener|once)$)")


def _may_listen(call: Call, client: Client, project: Project) -> bool:
    """Whether what a client is handed to may listen for its errors: an unknown package may, code of the project where
    such a listener is seen in it."""
    if _KEEPS_STILL.search(call.callee):
        return False
    own = any(function.name == call.callee for function in client.document.functions)
    if not own and project.find(Ref(call.callee, call.span), client.document.path) is None:
        return True
    return any(
        _A_POOL.search(other.callee) and _names_error(other) for e in project.extracts for other in e.document.calls
    )


def ended(client: Client, project: Project) -> Answer:
    """See the fact `pool.ended`."""
    if client.call is None or is_kept(client):
        return Unseen("it is not seen what becomes of it")
    around = enclosing(client.document, client.call.span)
    within = around[0].span if around else Span(0, len(client.document.data))
    for method, call, here in _own_calls(client, project):
        if method in _ENDS and here and within.start <= call.span.start and call.span.end <= within.end:
            return Known(True)
    for call in _handed_to(client):
        if not _KEEPS_STILL.search(call.callee) and opening(call.callee, "javascript") is None:
            return Unseen(f"`{call.callee}` may end it")
    if client.call.assigned is None and not list(_handed_to(client)):
        return Unseen("it is not seen what becomes of it")
    return Known(False)


def attached(client: Client, project: Project) -> Answer:
    """See the fact `pool.attached`."""
    if client.call is None:
        return Unseen("it is not seen what becomes of it")
    root = project.root_of(client.document.path)
    name = (client.call.assigned or "").rsplit(".", 1)[-1]
    for extract in project.extracts:
        document = extract.document
        if document.format != "javascript" or project.root_of(document.path) != root:
            continue
        for call in document.calls:
            if not _ATTACHES.search(call.callee):
                continue
            first = call.args[0] if call.args else None
            here = document is client.document and first is not None and _holds(first, client.call)
            if here or (isinstance(first, Ref) and name and first.name.rsplit(".", 1)[-1] == name):
                return Known(True)
            if not isinstance(first, Ref | Call):
                return Unseen("a pool that cannot be seen is attached")
    return Known(False)


def in_seconds(option: str, client: Client, project: Project) -> Answer:
    """An option in milliseconds as seconds."""
    answer = typed(option, "float")(client, project)
    if isinstance(answer, Unseen) or not isinstance(answer.value, int | float):
        return answer
    whole, rest = divmod(answer.value, 1000)
    return Known(answer.value / 1000 if rest else int(whole), answer.because)


#: Options that node-postgres sends as start-up parameters (pg 8.23, `getStartupConf`; `tests/node`).
_STARTUP = {
    "statement_timeout": "statement_timeout",
    "lock_timeout": "lock_timeout",
    "idle_in_transaction_timeout": "idle_in_transaction_session_timeout",
}


def startup_parameter(client: Client) -> Answer | None:
    """The start-up parameter that node-postgres is told to send and Neon's proxy drops; None where there is none."""
    for option, name in _STARTUP.items():
        value = client.options.get(option)
        if isinstance(value, Scalar) and value.value not in (None, False, 0):
            return Known(name)
    return None


def per_request(client: Client, project: Project) -> Answer:
    """Whether JavaScript makes a TCP pool or connection anew for each request where it could live longer.

    On platforms that hand their environment over with the request (Workers) nothing can outlive it, and Neon's
    serverless driver is made for that; what the code ends itself, it means to.
    """
    where, how = scope(client), way(client, project)
    if not isinstance(where, Known) or where.value != "handler" or client.call is None:
        return Known(False)
    if client.kind not in ("pool", "connection") or (isinstance(how, Way) and how.driver in OWN_TLS):
        return Known(False)
    if is_kept(client) or _comes_with_request(client):
        return Known(False)
    runtime = client_runtime(client, project)
    if isinstance(runtime, Known) and runtime.value == "edge":
        return Known(False, runtime.because)
    closed = ended(client, project)
    if isinstance(closed, Unseen) or closed.value:
        return closed if isinstance(closed, Unseen) else Known(False)
    return Known(True, where.because)


def is_kept(client: Client) -> bool:
    """Whether a function puts the result into a name that outlives it, so that later calls find it there."""
    name = client.call.assigned if client.call is not None else None
    around = enclosing(client.document, client.name_span)
    if name is None or not around:
        return False
    if "." in name:
        return True
    outermost = around[-1].span
    declared = regex(rb"\b(?:const|let|var|using)\s+(?:[\w$]+\s*,\s*)*" + re.escape(name.encode()) + rb"\b")
    return declared.search(client.document.data, outermost.start, outermost.end) is None


def _comes_with_request(client: Client) -> bool:
    """Whether the connection string is a binding that the platform hands over (`env.X`, `c.env.HYPERDRIVE`)."""
    target = client.target
    if not isinstance(target, EnvRef):
        return False
    written = client.document.data[target.span.start : target.span.end]
    return "." in target.name or _PROCESS.match(written) is None


def _node(fact: object) -> object:
    """A fact that is asked of JavaScript alone; of other clients it is not seen."""
    assert callable(fact)

    def compute(client: Client, project: Project) -> Answer:
        if not is_node(client):
            return Unseen("this is asked of JavaScript alone")
        answer: Answer = fact(client, project)
        return answer

    return compute


POOLS_NODE: tuple[FactSpec, ...] = tuple(
    FactSpec(name, "bool", doc, _node(fact))  # type: ignore[arg-type]
    for name, doc, fact in (
        (
            "pool.errors_handled",
            "Whether code listens for the `error` event of a JavaScript pool; true for what emits none.",
            errors_handled,
        ),
        ("pool.ended", "Whether a JavaScript client is ended in the function that makes it.", ended),
        ("pool.attached", "Whether a JavaScript pool is handed to Vercel's `attachDatabasePool`.", attached),
    )
)
