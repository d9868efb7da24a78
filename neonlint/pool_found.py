"""The pools that a repository holds, grouped by the compute that they go to. Knows the inventory, no arithmetic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from neonlint import inventory, inventory_narrow
from neonlint.inventory import Endpoint, Inventory, Source, User
from neonlint.pool import Group, Pool, Route
from neonlint.session import Session

#: What runs now and then, not as long as the application does.
_PASSING = frozenset({"migration", "admin"})
#: Hosts that may be a Neon compute.
_NEON = frozenset({"neon", "placeholder", "unseen"})
_MANY = frozenset({"serverless", "edge"})


class Found(NamedTuple):
    """The groups, and how many users are left out: because they come and go, hold no connection, or go elsewhere."""

    groups: list[Group]
    passing: int = 0
    over_http: int = 0
    elsewhere: int = 0


class Running(NamedTuple):
    """How an application runs: processes in an instance, and instances (None where that was not said)."""

    workers: int
    instances: int | None

    def processes(self, user: User) -> int | None:
        """In how many processes a user runs; nobody knows how many containers a platform starts."""
        if self.instances is None and user.runtime in _MANY:
            return None
        return self.workers * (self.instances or 1)


def find(session: Session, running: Running, unseen: Route, pairs: int, shown: Callable[[str], str]) -> Found:
    """The pools of a session's files; one whose route is not seen takes the route `unseen`. `shown` writes a path.

    Settings of a library whose calls are seen as well (a Prisma schema) are what these open, no pool of their own.
    Raises UsageError.
    """
    seen, _ = inventory_narrow.usual(inventory.take(session))
    opening = {user.tool for user in seen.users if user.kind not in {"settings", "command"}}
    users = [user for user in seen.users if user.kind != "settings" or user.tool not in opening]
    steady = [user for user in users if user.kind != "command" and user.role not in _PASSING]
    holding = [user for user in steady if not user.over_http]
    groups: dict[str, list[Pool]] = defaultdict(list)
    elsewhere = 0
    for user in holding:
        routes = _routes(user, seen)
        elsewhere += not routes
        for endpoint, route in routes.items():
            groups[endpoint].append(_pool(user, unseen if route == "unknown" else route, running, shown))
    named = sorted(groups, key=lambda endpoint: (not endpoint, endpoint))
    return Found(
        [Group(one, groups[one], pairs) for one in named],
        len(users) - len(steady),
        len(steady) - len(holding),
        elsewhere,
    )


def _pool(user: User, route: Route, running: Running, shown: Callable[[str], str]) -> Pool:
    name = f"{user.tool} `{user.name}`" if user.name else user.tool
    return Pool(name, f"{shown(user.place.path)}:{user.place.row}", user.largest, route, running.processes(user))


def _routes(user: User, seen: Inventory) -> dict[str, Route]:
    """Each compute that a user may go to ("" for one that is not seen), and how; none where it only goes elsewhere."""
    sources = seen.reached_by(user)
    reached = list(_named(sources, seen))
    if not reached and (not sources or any(seen.endpoint(source.endpoint) is None for source in sources)):
        reached = [("", source.route) for source in sources] or [("", "unknown")]
    routes: dict[str, Route] = {}
    for endpoint, route in reached:
        routes[endpoint] = route if routes.get(endpoint, route) == route else "unknown"
    return routes


def _named(sources: tuple[Source, ...], seen: Inventory) -> Iterator[tuple[str, Route]]:
    for source in sources:
        endpoint = seen.endpoint(source.endpoint)
        if endpoint is not None and endpoint.where in _NEON:
            yield _label(endpoint), source.route


def _label(endpoint: Endpoint) -> str:
    return endpoint.compute or endpoint.host
