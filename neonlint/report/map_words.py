"""An inventory's parts in words, the same in every format. Text that a project chose is scrubbed here, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from neonlint.report.redact import scrub

if TYPE_CHECKING:
    from neonlint.inventory import Endpoint, Inventory, Place, Route, Source, Tls, User
    from neonlint.inventory_narrow import Left
    from neonlint.report import View

TLS_WORDS: dict[Tls, str] = {
    "none": "no TLS",
    "optional": "TLS optional",
    "encrypted": "encrypted, not verified",
    "bound": "encrypted + channel binding",
    "verified": "verified",
    "unknown": "TLS not known",
}
#: A sign for each level, so that colour is never the only one.
SIGNS: dict[Tls, str] = {
    **{"none": "✗", "optional": "✗", "encrypted": "✗"},
    **{"bound": "✓", "verified": "✓", "unknown": "?"},
}
#: The levels at which nobody checks whom the client talks to.
NOT_VERIFIED: frozenset[Tls] = frozenset({"none", "optional", "encrypted"})
WHERE_WORDS = {
    "neon": "Neon",
    "neon-other": "Neon, but no database host",
    "local": "local",
    "other": "not Neon",
    "placeholder": "placeholder",
    "unseen": "not seen",
}
ROLE_WORDS = {
    "runtime": "application",
    "migration": "migrations",
    "admin": "administration",
    "replication": "replication",
    "test": "tests",
    "docs": "documentation",
}
#: Facts about a user that deserve a look.
ALARMING = frozenset({"serverless but direct", "edge but direct", "browser"})
SERVERLESS = frozenset({"serverless", "edge"})


class Shown(NamedTuple):
    """What a format draws: the inventory, how its paths are written, and what was left out of it."""

    inventory: Inventory
    left: Left
    view: View

    def place(self, place: Place) -> str:
        """`path:row`, safe to print."""
        return f"{scrub(self.view.shown(place.path))}:{place.row}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def name_of(source: Source) -> str:
    """What a source is called."""
    return scrub(source.name or source.key) or "connection string"


def tool_of(user: User) -> str:
    """The library or program of a user, with the driver behind it."""
    tool = scrub(user.name) if user.kind == "command" and user.name else scrub(user.tool)
    return f"{tool} ({scrub(user.driver)})" if user.driver else tool


def kind_of(user: User) -> str:
    """How a user opens connections, and how many."""
    if user.kind == "command":
        return "command"
    kind = {"single": "connection"}.get(user.kind, user.kind)
    named = f" `{scrub(user.name)}`" if user.name else ""
    held = f" of up to {user.largest}" if user.largest is not None and user.kind in ("pool", "engine") else ""
    return f"{kind}{named}{held}"


def route_of(route: Route) -> str:
    """Whether something goes through the pooler."""
    return {"pooled": "pooled", "direct": "direct", "unknown": "pooled or direct not known"}[route]


def endpoint_facts(endpoint: Endpoint) -> Iterator[str]:
    """What is known of an endpoint beside its host."""
    if endpoint.where != "neon":
        yield WHERE_WORDS[endpoint.where]
    if endpoint.where in ("neon", "placeholder"):
        yield route_of(endpoint.route)
    if endpoint.where == "neon":
        region = scrub(endpoint.region) if endpoint.region else "region not known"
        yield f"{scrub(endpoint.cloud)} {region}" if endpoint.cloud else region
    if endpoint.databases:
        several = "s" if len(endpoint.databases) > 1 else ""
        yield f"database{several} {', '.join(map(scrub, endpoint.databases))}"


def source_facts(source: Source) -> Iterator[str]:
    """What is known of a source beside its name and endpoint."""
    if source.sample:
        yield {"example": "example file", "test": "tests", "docs": "documentation"}[source.sample]
    if source.fallback:
        yield "only where the variable is not set"
    if source.environment:
        yield "CI" if source.environment == "ci" else source.environment
    if source.role and source.role != source.sample:
        yield f"for {'the application' if source.role == 'runtime' else ROLE_WORDS[source.role]}"
    if source.user:
        yield f"user `{scrub(source.user)}`"


def tls_of(inventory: Inventory, source: Source) -> str:
    """The TLS level of a source in words; where its users differ, that."""
    levels = {user.tls for user in inventory.users_of(source)}
    return "TLS differs by user" if source.tls == "unknown" and len(levels) > 1 else TLS_WORDS[source.tls]


def serverless_direct(inventory: Inventory, user: User) -> bool:
    """Whether a user runs in short-lived instances and passes by Neon's pooler, over something else than HTTP."""
    if user.runtime not in SERVERLESS or user.over_http:
        return False
    reached = (inventory.source(link.source) for link in user.links)
    return any(source.route == "direct" and _on_neon(inventory, source) for source in reached)


def _on_neon(inventory: Inventory, source: Source) -> bool:
    endpoint = inventory.endpoint(source.endpoint)
    return endpoint is not None and endpoint.where == "neon"


def user_facts(inventory: Inventory, user: User) -> Iterator[str]:
    """What is known of a user beside what it is and where."""
    if user.sample:
        yield {"example": "example file", "test": "tests", "docs": "documentation"}[user.sample]
    if user.runtime != "unknown":
        yield f"{user.runtime} but direct" if serverless_direct(inventory, user) else user.runtime
    if user.role and user.role not in ("runtime", user.sample):
        yield ROLE_WORDS[user.role]


def own_tls(inventory: Inventory, user: User) -> str:
    """What a user makes of TLS where that is not what its sources say; "" otherwise."""
    levels = {inventory.source(link.source).tls for link in user.links}
    return "" if user.tls == "unknown" or levels == {user.tls} else TLS_WORDS[user.tls]


def attention(inventory: Inventory) -> Iterator[tuple[str, str]]:
    """What a reader should look at first: a word for the kind, and the sentence."""
    wrong = [user for user in inventory.users if serverless_direct(inventory, user)]
    if wrong:
        yield "serverless-direct", f"{plural(len(wrong), 'serverless user')} without the pooler"
    lax = [source for source in inventory.sources if is_lax(inventory, source)]
    if lax:
        yield "not-verified", f"{plural(len(lax), 'connection')} to Neon with a server that is not verified"
    blind = [u for u in inventory.users if u.tls in NOT_VERIFIED and _leads_out_of_sight(inventory, u)]
    if blind:
        yield "not-verified", f"{plural(len(blind), 'user')} of a server that is not known and not verified"
    undefined = [source for source in inventory.sources if source.standing == "undefined"]
    if undefined:
        yield "undefined", f"{plural(len(undefined), 'variable')} that nothing in the project defines"


def _leads_out_of_sight(inventory: Inventory, user: User) -> bool:
    return bool(user.links) and all(inventory.source(link.source).endpoint is None for link in user.links)


def is_weak(inventory: Inventory, source: Source) -> bool:
    """Whether a source is not verified and leads off this machine, as far as that is seen."""
    endpoint = inventory.endpoint(source.endpoint)
    return source.tls in NOT_VERIFIED and (endpoint is None or endpoint.where != "local")


def is_idle(inventory: Inventory, source: Source) -> bool:
    """Whether TLS is not known and does not matter, because the database is on this machine or beside it."""
    endpoint = inventory.endpoint(source.endpoint)
    return source.tls == "unknown" and endpoint is not None and endpoint.where == "local"


def is_lax(inventory: Inventory, source: Source) -> bool:
    """Whether a source leads to Neon and is opened by anybody who does not check the server."""
    if not _on_neon(inventory, source):
        return False
    return source.tls in NOT_VERIFIED or any(user.tls in NOT_VERIFIED for user in inventory.users_of(source))


def not_known(inventory: Inventory) -> Iterator[str]:
    """How much of what a map is about was not seen."""
    runtimes = sum(1 for user in inventory.users if user.kind != "command" and user.runtime == "unknown")
    if runtimes:
        yield f"the runtime of {plural(runtimes, 'user')}"
    levels = sum(
        1
        for source in inventory.sources
        if source.endpoint is not None and source.tls == "unknown" and not is_idle(inventory, source)
    )
    if levels:
        yield f"the TLS of {plural(levels, 'connection')}"
    hosts = sum(1 for source in inventory.sources if source.endpoint is None)
    if hosts:
        yield f"where {plural(hosts, 'source')} {'leads' if hosts == 1 else 'lead'}"


def counts(inventory: Inventory) -> str:
    """What there is, in one line."""
    return (
        ", ".join(
            (
                plural(len(inventory.endpoints), "endpoint"),
                plural(sum(1 for s in inventory.sources if s.standing == "written"), "connection"),
                plural(len(inventory.users), "user"),
            )
        )
        + f" in {plural(inventory.files, 'file')}"
    )


def left_out(left: Left) -> str:
    """What was left out, "" where nothing was."""
    parts = [
        plural(left.examples, "example") if left.examples else "",
        f"{left.tests} in tests" if left.tests else "",
        f"{left.docs} in documentation" if left.docs else "",
        f"{left.loose} that lead nowhere and are not used" if left.loose else "",
    ]
    return f"Left out: {', '.join(filter(None, parts))}; --all shows them" if left else ""
