"""Whether Django's own connection pool is switched on."""

from __future__ import annotations

from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.client import option
from neonlint.ir.model import Client
from neonlint.ir.source import Call, Ref, Table, Unknown
from neonlint.link import Project


def pool_on(client: Client, project: Project) -> Answer:
    """Whether Django's own pool is on: `OPTIONS["pool"]` is `True` or a dict that is not empty."""
    value = client.options.get("pool")
    if value is None:
        return Unseen("OPTIONS cannot be seen") if "*" in client.overrides else Known(False)
    if isinstance(value, Table):
        return Known(True) if value.entries or value.complete is False else Known(False)
    answer = option("pool")(client, project)
    if isinstance(answer, Unseen) or isinstance(value, Call | Ref | Unknown):
        return Unseen("the pool's options are not seen")
    return Known(bool(answer.value), answer.because)
