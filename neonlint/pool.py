"""Whether the connections that an application may open fit a compute, and what would. Arithmetic on numbers alone:
where they come from is for `pool_found`, how they are shown for `pool_text` and `pool_json`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from neonlint.records import dataclass
from neonlint.sizing import FORMULA_UP_TO, MAX_CLIENTS, Compute

Route: TypeAlias = Literal["pooled", "direct", "unknown"]
#: What gives way: Postgres's slots to direct connections, the pooler's clients, or the slots to both kinds together.
Break: TypeAlias = Literal["direct", "clients", "together"]
#: The sizes in CU at which `max_connections` grows; all above the last are as that.
SIZES = (0.25, 0.5, *map(float, range(1, FORMULA_UP_TO + 2)))


@dataclass(frozen=True, slots=True)
class Load:
    """Connections that may be open at the same time: past the pooler, and to it with `pairs` of role and database."""

    direct: int = 0
    pooled: int = 0
    pairs: int = 1

    def plus(self, other: Load, times: int = 1) -> Load:
        """Together with another load of the same pairs, taken so many times."""
        return Load(self.direct + times * other.direct, self.pooled + times * other.pooled, self.pairs)

    def served(self, compute: Compute) -> int:
        """How many connections the pooler opens to Postgres for it when all of its clients are busy."""
        return min(self.pooled, self.pairs * compute.pooler_size)

    def waiting(self, compute: Compute) -> int:
        """How many clients wait for such a connection then."""
        return self.pooled - self.served(compute)

    def breaks(self, compute: Compute) -> tuple[Break, ...]:
        """What gives way; nothing if it fits. That clients wait is what a pooler is for, and breaks nothing."""
        found: list[Break] = []
        if self.direct > compute.usable:
            found.append("direct")
        elif self.direct + self.served(compute) > compute.usable:
            found.append("together")
        return (*found, "clients") if self.pooled > MAX_CLIENTS else tuple(found)

    def fits(self, compute: Compute) -> bool:
        """Whether no connection is refused."""
        return not self.breaks(compute)


def room(fixed: Load, unit: Load, compute: Compute) -> int | None:
    """How many times `unit` fits beside `fixed`; None where it asks for nothing."""
    if not unit.direct and not unit.pooled:
        return None
    most = max(compute.usable, MAX_CLIENTS) + 1
    return bisect_left(range(1, most + 1), True, key=lambda times: not fixed.plus(unit, times).fits(compute))


def at_once(unit: Load, compute: Compute) -> int | None:
    """How many times `unit` fits so that nobody waits even when all are busy; None where it asks for nothing."""
    times = room(Load(pairs=unit.pairs), unit, compute)
    return times if times is None or not unit.pooled else min(times, unit.pairs * compute.pooler_size // unit.pooled)


def smallest(load: Load, *, waiting: bool = True) -> float | None:
    """The smallest size in CU that the load fits, with nobody `waiting` if that is False; None where there is none."""
    return next((s for s in SIZES if load.fits(c := Compute(s, s)) and (waiting or not load.waiting(c))), None)


class Pool(NamedTuple):
    """One place that opens connections. `name` says what it is, `at` where (`path:row`, "" for flags).

    `size` is how many it opens at most in one process, `processes` in how many it runs; None where that is not seen.
    """

    name: str
    at: str
    size: int | None
    route: Route
    processes: int | None

    @property
    def total(self) -> int | None:
        """What all its processes open."""
        return None if self.size is None or self.processes is None else self.size * self.processes

    def load(self, times: int, unseen: Route, pairs: int) -> Load:
        """Its size so many times; one whose route is not seen takes the route `unseen`."""
        number = (self.size or 0) * times
        pooled = (unseen if self.route == "unknown" else self.route) == "pooled"
        return Load(0 if pooled else number, number if pooled else 0, pairs)


class Scenario(NamedTuple):
    """What a group comes to if the pools whose route is not seen take `unseen` ("unknown" where there are none).

    `load` is what is known of it; `unit` is one process of that, `container` one container of what has no known number
    of processes.
    """

    unseen: Route
    load: Load
    unit: Load
    container: Load


@dataclass(frozen=True, slots=True)
class Group:
    """The pools that go to one compute; `endpoint` is its host or id, "" where it is not said or seen."""

    endpoint: str
    pools: Sequence[Pool]
    pairs: int = 1

    @property
    def unsized(self) -> Sequence[Pool]:
        """Those whose size is not seen."""
        return [pool for pool in self.pools if pool.size is None]

    @property
    def uncounted(self) -> Sequence[Pool]:
        """Those whose size is seen, but not in how many processes they run."""
        return [pool for pool in self.pools if pool.size is not None and pool.processes is None]

    def scenarios(self) -> Sequence[Scenario]:
        """One where every route is seen, else one for each route that the others may take."""
        unseen = any(pool.route == "unknown" and pool.size for pool in self.pools)
        return [self._scenario(route) for route in (("direct", "pooled") if unseen else ("unknown",))]

    def _scenario(self, unseen: Route) -> Scenario:
        counted = [pool for pool in self.pools if pool.total is not None]
        total = self._sum(pool.load(pool.processes or 0, unseen, self.pairs) for pool in counted)
        unit = self._sum(pool.load(1, unseen, self.pairs) for pool in counted)
        container = self._sum(pool.load(1, unseen, self.pairs) for pool in self.uncounted)
        return Scenario(unseen, total, unit, container)

    def _sum(self, loads: Iterable[Load]) -> Load:
        whole = Load(pairs=self.pairs)
        for load in loads:
            whole = whole.plus(load)
        return whole

    def breaks(self, compute: Compute) -> bool:
        """Whether it does not fit, whatever is not seen."""
        return all(not self.least(scenario).fits(compute) for scenario in self.scenarios())

    @staticmethod
    def least(scenario: Scenario) -> Load:
        """What is open in any case: one container at least of what has no known number of processes."""
        return scenario.load.plus(scenario.container)
