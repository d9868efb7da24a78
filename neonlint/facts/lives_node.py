"""Facts about how long a JavaScript client lives: whether it outlives the function that makes it, and on whose
serverless platform its code runs."""

from __future__ import annotations

from neonlint import platforms
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.pools_node import is_kept
from neonlint.facts.runtime import client_runtime, importer_signs, package_signs
from neonlint.facts.scopes_node import scope
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client
from neonlint.link import Project
from neonlint.platforms import HOSTS, Sign


def outlives(client: Client, project: Project) -> Answer:
    """See the fact `pool.outlives`."""
    if client.document.format != "javascript":
        return Known(not client.scope)
    if client.call is None:
        return Unseen("it is not seen where it is made")
    return Known(scope(client).value == "module" or is_kept(client))


def serverless_host(client: Client, project: Project) -> Answer:
    """See the fact `serverless.host`."""
    runtime = client_runtime(client, project)
    if isinstance(runtime, Unseen) or runtime.value != "serverless":
        return Known(None)
    own = [sign for sign in platforms.of_document(client.document) if sign.runtime == "serverless"]
    if own:
        return _one(own, inferred=False)
    path = client.document.path
    return _one([*package_signs(path, project), *importer_signs(path, project)], inferred=True)


def _one(signs: list[Sign], *, inferred: bool) -> Answer:
    """The host on which the serverless ones among the signs agree."""
    told = [sign for sign in signs if sign.runtime == "serverless" and sign.host]
    if not told or len({sign.host for sign in told}) > 1:
        return Unseen("it is not seen whose platform it is")
    return Known(told[0].host, (Reason(told[0].because, inferred=inferred),))


def _serverless_seen(client: Client, project: Project) -> Answer:
    runtime = client_runtime(client, project)
    seen = isinstance(runtime, Known) and runtime.value == "serverless"
    return Known(seen, runtime.because if isinstance(runtime, Known) and seen else ())


LIVES: tuple[FactSpec, ...] = (
    FactSpec(
        "pool.outlives",
        "bool",
        "Whether it is made at module level, or put into a name that outlives the function that makes it.",
        outlives,
    ),
    FactSpec(
        "serverless.host",
        "enum",
        "On whose serverless platform its code runs; none where nothing says that it runs on one.",
        serverless_host,
        HOSTS,
        optional=True,
    ),
    FactSpec(
        "serverless.seen", "bool", "Whether something says that it runs in a serverless function.", _serverless_seen
    ),
)
