"""Facts about JavaScript clients in edge runtimes: whose runtime it is, and what it lets a driver do."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint import platforms
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.runtime import client_runtime, declared_runtime, importer_signs, package_signs
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.ir.source import EnvRef, Ref, Scalar
from neonlint.link import Project
from neonlint.platforms import HOSTS, Sign
from neonlint.regex import regex

#: How many files may lie between a client and the edge code that uses it, where nothing else says where it runs.
_NEAR = 2
_HYPERDRIVE = regex(r"(?:^|\.)(?:\w*HYPERDRIVE\w*|hyperdrive)\b[?!]?\.")


def edge_host(client: Client, project: Project) -> Answer:
    """See the fact `edge.host`. One edge file that imports the client's file is enough: there it breaks."""
    if client.document.format != "javascript":
        return Known(None)
    own = list(platforms.of_document(client.document))
    if (said := declared_runtime(client, project)) is not None:
        return _declared_host(said, own, client, project)
    if any(sign.runtime != "edge" for sign in own):
        return Known(None)
    sign, inferred = next((s for s in own), None), False
    if sign is None:
        sign, inferred = _suggested(client, project), True
    if sign is None:
        runtime = client_runtime(client, project)
        return runtime if isinstance(runtime, Unseen) else Known(None)
    return Known(_host(sign, client, project), (Reason(sign.because, inferred=inferred),))


def _declared_host(said: Known, own: list[Sign], client: Client, project: Project) -> Answer:
    """Whose edge runtime it is where one is declared: the first that a file names, else some other one."""
    if said.value != "edge":
        return Known(None, said.because)
    path = client.document.path
    around = (*importer_signs(path, project), *package_signs(path, project))
    sign = next((sign for sign in (*own, *around) if sign.runtime == "edge" and sign.host), None)
    if sign is None:
        return Known("other", said.because)
    because = (*said.because, Reason(sign.because, inferred=sign not in own))
    return Known(_host(sign, client, project), because)


def _suggested(client: Client, project: Project) -> Sign | None:
    """The sign of an edge runtime in a file that imports the client's, or in its package where nothing says
    otherwise."""
    path = client.document.path
    near = next((s for s in importer_signs(path, project, _NEAR) if s.runtime == "edge"), None)
    if near is not None:
        return near
    runtime = client_runtime(client, project)
    if isinstance(runtime, Unseen) or runtime.value != "edge":
        return None
    every = (*package_signs(path, project), *importer_signs(path, project))
    return next(s for s in every if s.runtime == "edge")


def _edge_seen(client: Client, project: Project) -> Answer:
    host = edge_host(client, project)
    return Known(isinstance(host, Known) and host.value is not None)


def _host(sign: Sign, client: Client, project: Project) -> str:
    """Whose edge runtime it is: what Next.js calls its edge runtime is Cloudflare's where Cloudflare runs it."""
    beside = package_signs(client.document.path, project)
    if sign.host == "vercel" and any(other.host == "cloudflare" for other in beside):
        return "cloudflare"
    return sign.host or "other"


def _sockets(client: Client, project: Project) -> Answer:
    """Whether drivers for TCP work in the edge runtime that a client runs in.

    Vercel's has no sockets. Cloudflare's has, and node-postgres and postgres.js use them where `nodejs_compat` is on
    (Cloudflare documentation, "Connect to PostgreSQL"). Deno's have.
    """
    host = edge_host(client, project)
    if isinstance(host, Unseen) or host.value is None:
        return Unseen("it does not run in an edge runtime")
    if host.value == "vercel":
        return Known(False, host.because)
    if host.value in ("deno", "supabase"):
        return Known(True, host.because)
    if host.value != "cloudflare":
        return Unseen("it is not known whether that platform has sockets")
    configured = dict(_wranglers(client, project))
    if not configured:
        return Unseen("no configuration of wrangler is seen")
    if any(configured.values()):
        return Known(True, host.because)
    return Known(False, (*host.because, Reason(f"{next(iter(configured))} does not switch on `nodejs_compat`")))


def _wranglers(client: Client, project: Project) -> Iterator[tuple[str, bool]]:
    """The wrangler configurations of a client's package, or the nearest above it, by path: whether they set the
    flag."""
    for root in project.roots_above(client.document.path):
        found = [
            (path, told.compat)
            for path, told in project.signs.items()
            if told.compat is not None and project.root_of(path) == root
        ]
        if found:
            yield from found
            return


def _hyperdrive(client: Client, project: Project) -> Answer:
    """Whether a client connects through a Hyperdrive binding (`env.HYPERDRIVE.connectionString`)."""
    target = client.target
    if isinstance(target, EnvRef | Ref):
        return Known(target.name.endswith(".connectionString") or _HYPERDRIVE.search(target.name) is not None)
    if client.fields is not None:
        hosts = [e.value for e in client.fields.fields.values() if isinstance(e.value, EnvRef | Ref)]
        return Known(any(_HYPERDRIVE.search(value.name) for value in hosts))
    if target is None:
        return Unseen("the connection that it opens is not seen")
    if b"hyperdrive" in client.document.data.lower() and not isinstance(target, Scalar):
        return Unseen("the connection string may be that of a Hyperdrive binding")
    return Known(False)


def _via_fetch(client: Client, project: Project) -> Answer:
    """Whether code of its package has pools send queries over HTTP (`neonConfig.poolQueryViaFetch`)."""
    root = project.root_of(client.document.path)
    naming = project.documents_naming("poolQueryViaFetch")
    return Known(any(d.format == "javascript" and project.root_of(d.path) == root for d in naming))


EDGE: tuple[FactSpec, ...] = (
    FactSpec(
        "edge.host",
        "enum",
        "Whose edge runtime its code, or a file that imports it, runs in; none where it is no edge runtime.",
        edge_host,
        HOSTS,
        optional=True,
    ),
    FactSpec("edge.seen", "bool", "Whether something says that it runs in an edge runtime.", _edge_seen),
    FactSpec("edge.sockets", "bool", "Whether drivers for TCP work in that edge runtime.", _sockets),
    FactSpec("target.hyperdrive", "bool", "Whether it connects through a Hyperdrive binding.", _hyperdrive),
    FactSpec("pool.via_fetch", "bool", "Whether pools of Neon's driver are told to query over HTTP.", _via_fetch),
)
