"""Parts of an inventory: what most readers want to see of it, and what is left out for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from neonlint.inventory import Inventory, Link, Source, User
from neonlint.records import replace


class Left(NamedTuple):
    """How many sources and users were left out, by why. What is loose neither leads anywhere nor is used."""

    examples: int = 0
    tests: int = 0
    docs: int = 0
    loose: int = 0

    def __bool__(self) -> bool:
        return any(self)


def usual(whole: Inventory) -> tuple[Inventory, Left]:
    """The application's own part: no documentation, no tests, and examples only where nothing else is there."""
    users = [user for user in whole.users if not user.sample]
    own = {source.id for source in whole.sources if not source.sample}
    reached = {link.source for user in users for link in _of_the_application(user, own)}
    # A variable without a value is there for the sake of those who read it.
    kept = {s.id for s in whole.sources if s.id in reached or (s.id in own and s.standing == "written")}
    if not any(source.standing == "written" and source.id in kept for source in whole.sources):
        kept |= {source.id for source in whole.sources if source.sample == "example"}
    loose = {source.id for source in whole.sources if source.id in kept - reached and _leads_nowhere(whole, source)}
    sources = [source for source in whole.sources if source.id in kept - loose]
    out = [s.sample for s in whole.sources if s.id not in kept] + [u.sample for u in whole.users if u.sample]
    left = Left(out.count("example"), out.count("test"), out.count("docs"), len(loose))
    return numbered(narrowed(whole, users, sources)), left


def _leads_nowhere(whole: Inventory, source: Source) -> bool:
    """Whether a source is part of a connection string only, or a sample in code: without a name, on no server."""
    endpoint = whole.endpoint(source.endpoint)
    return endpoint is None or (not source.name and endpoint.where in ("local", "placeholder"))


def _of_the_application(user: User, own: set[str]) -> Sequence[Link]:
    """The links to what is the application's own, or all where there is none."""
    return [link for link in user.links if link.source in own] or user.links


def narrowed(whole: Inventory, users: Sequence[User], sources: Sequence[Source]) -> Inventory:
    """An inventory with only these users and sources, the endpoints of these, and the links between them."""
    kept = {source.id for source in sources}
    used = {source.endpoint for source in sources}
    return replace(
        whole,
        endpoints=tuple(endpoint for endpoint in whole.endpoints if endpoint.id in used),
        sources=tuple(sources),
        users=tuple(replace(u, links=tuple(link for link in u.links if link.source in kept)) for u in users),
    )


def numbered(whole: Inventory) -> Inventory:
    """The same with the ids `e1`, `s1` and `u1` and so on, in the order in which everything stands."""
    endpoints = {endpoint.id: f"e{number}" for number, endpoint in enumerate(whole.endpoints, 1)}
    sources = {source.id: f"s{number}" for number, source in enumerate(whole.sources, 1)}
    return replace(
        whole,
        endpoints=tuple(replace(endpoint, id=endpoints[endpoint.id]) for endpoint in whole.endpoints),
        sources=tuple(
            replace(s, id=sources[s.id], endpoint=endpoints[s.endpoint] if s.endpoint else None) for s in whole.sources
        ),
        users=tuple(
            replace(u, id=f"u{number}", links=tuple(link._replace(source=sources[link.source]) for link in u.links))
            for number, u in enumerate(whole.users, 1)
        ),
    )
