"""The arithmetic of `neonlint pool` line by line, for people. Draws; works nothing out that `pool` does not."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.pool import Break, Group, Load, Pool, Scenario, at_once, room, smallest
from neonlint.report.redact import scrub
from neonlint.report.style import Style
from neonlint.sizing import FORMULA_UP_TO, MAX_CLIENTS, MOST, PER_CU, POOLER_PERCENT, QUERY_WAIT, RESERVED, Compute

_ROUTES = {"pooled": "through the pooler", "direct": "directly", "unknown": "pooled or direct is not seen"}
_ERRORS: dict[Break, str] = {
    "direct": "FATAL: remaining connection slots are reserved …",
    "together": "FATAL: remaining connection slots are reserved …",
    "clients": "FATAL: no more connections allowed (max_client_conn)",
}


def compute_lines(compute: Compute, source: str) -> Iterator[str]:
    """What a compute takes, with the way to each number; `source` says who named its size."""
    size, most = f"{compute.effective:g}", compute.max_connections
    yield f"A compute of {compute} ({source})"
    if compute.least != compute.most:
        yield _line("size that counts", f"{size} CU", f"min({compute.most:g}, 8 × {compute.least:g})")
    formula = f"the same for all above {FORMULA_UP_TO} CU" if most == MOST else f"{size} × {PER_CU:g}, rounded down"
    yield _line("max_connections", f"{most:,}", f"{formula}; fixed when the compute starts: scaling up adds none")
    yield _line("reserved", f"{RESERVED}", "for Neon's own superuser")
    yield _line("open for you", f"{compute.usable:,}", f"{most:,} − {RESERVED}, direct and pooled ones together")
    share = f"{POOLER_PERCENT / 100:g} × {most:,}: connections to Postgres for each pair of role and database"
    yield _line("default_pool_size", f"{compute.pooler_size:,}", share)
    yield _line("max_client_conn", f"{MAX_CLIENTS:,}", "clients that the pooler accepts")
    yield _line("query_wait_timeout", f"{QUERY_WAIT} s", "how long one of them waits for a connection to Postgres")


def _line(label: str, number: str, why: str) -> str:
    return f"  {label:20}{number:>8}  {why}"


def group_lines(group: Group, compute: Compute, style: Style) -> Iterator[str]:
    """The pools of one compute, their sum, and whether that fits."""
    if group.endpoint:
        yield scrub(group.endpoint)
    elif any(pool.at for pool in group.pools):
        yield "Endpoint not seen"
    yield from (f"  {_pool(pool)}" for pool in group.pools)
    for scenario in group.scenarios():
        if scenario.unseen != "unknown":
            yield f"  If what is not seen goes {_ROUTES[scenario.unseen]}:"
        yield from (f"  {line}" for line in _scenario(group, scenario, compute, style))


def _pool(pool: Pool) -> str:
    size = "? connections" if pool.size is None else f"{pool.size:,} connection{'s' * (pool.size != 1)}"
    many = "? containers" if pool.processes is None else f"{pool.processes:,} process{'es' * (pool.processes != 1)}"
    total = "" if pool.total is None else f" = {pool.total:,}"
    place = f"{scrub(pool.at)}  " if pool.at else ""
    return f"{place}{scrub(pool.name)}: {size} × {many}{total}, {_ROUTES[pool.route]}"


def _scenario(group: Group, scenario: Scenario, compute: Compute, style: Style) -> Iterator[str]:
    load = group.least(scenario)
    yield from _sums(load, compute, at_least=bool(group.unsized or group.uncounted))
    broken = load.breaks(compute)
    for one in broken:
        yield style("red", "It breaks: ") + _break(one, load, compute)
    if not broken:
        yield _fits(group, load, compute, style)
    if (waiting := load.waiting(compute)) and set(broken) <= {"clients"}:
        yield (
            f"With all of them busy, {load.served(compute):,} transactions run at a time and {waiting:,} wait; "
            f"who waits for {QUERY_WAIT} s fails with `query_wait_timeout`"
        )
    yield from (f"- {line}" for line in _advice(group, scenario, load, compute))


def _sums(load: Load, compute: Compute, *, at_least: bool) -> Iterator[str]:
    lead = "at least " if at_least else ""
    served = load.served(compute)
    if load.direct or not load.pooled:
        yield f"direct: {lead}{load.direct:,} of {compute.usable:,}"
    if load.pooled:
        pool = f"{load.pairs} × {compute.pooler_size:,}" if load.pairs > 1 else f"{compute.pooler_size:,}"
        opened = f"the pooler opens min({load.pooled:,}, {pool}) = {served:,} for them"
        yield f"pooled: {lead}{load.pooled:,} of {MAX_CLIENTS:,} clients; {opened}"
    if load.pooled and (load.direct or load.pairs > 1):
        yield f"to Postgres: {load.direct:,} + {served:,} = {load.direct + served:,} of {compute.usable:,}"


def _break(one: Break, load: Load, compute: Compute) -> str:
    asked = {
        "direct": f"{load.direct:,} direct connections, and {compute.usable:,} can be open",
        "together": f"{load.direct + load.served(compute):,} connections to Postgres once the pooled clients are busy, "
        f"and {compute.usable:,} can be open",
        "clients": f"{load.pooled:,} clients of the pooler, which accepts {MAX_CLIENTS:,}",
    }[one]
    return f"{asked}. The next one gets `{_ERRORS[one]}`"


def _fits(group: Group, load: Load, compute: Compute, style: Style) -> str:
    if unknown := list(_unknown(group)):
        return style("yellow", "Not known: ") + f"what is seen fits; not seen is {', and '.join(unknown)}"
    return style("green", "It fits") + (", if some may wait" if load.waiting(compute) else "")


def _unknown(group: Group) -> Iterator[str]:
    if group.unsized:
        yield f"the size of {len(group.unsized)} of {len(group.pools)} pools"
    if group.uncounted:
        yield f"in how many containers {len(group.uncounted)} of {len(group.pools)} run (--instances says it)"


def _advice(group: Group, scenario: Scenario, load: Load, compute: Compute) -> Iterator[str]:
    """What fits: how many processes, how many containers, which compute, which route."""
    yield from _processes(group, scenario, compute)
    if (containers := room(scenario.load, scenario.container, compute)) is not None:
        beside = " beside the others" if scenario.unit.direct or scenario.unit.pooled else ""
        yield f"up to {containers:,} containers fit{beside}" if containers else "not even one container fits"
    if not load.fits(compute):
        size = smallest(load)
        yield "no compute is large enough" if size is None else f"a compute of {size:g} CU is large enough"
        if load.pairs > 1 and Load(load.direct, load.pooled).fits(compute):
            yield "with one pair of role and database it fits this compute"
        moved = Load(0, load.direct + load.pooled, load.pairs)
        if load.direct and moved.fits(compute):
            yield "through the pooler (`-pooler` in the host) it fits this compute"
    elif load.waiting(compute) and (size := smallest(load, waiting=False)):
        yield f"on a compute of {size:g} CU nobody waits"


def _processes(group: Group, scenario: Scenario, compute: Compute) -> Iterator[str]:
    times = room(Load(pairs=scenario.load.pairs), scenario.unit, compute)
    if times is None:
        return
    if not times:
        yield "not even one process fits"
        return
    calm = at_once(scenario.unit, compute)
    wait = f", up to {calm:,} without waiting" if calm != times else ""
    what = " of what is counted" if group.unsized or group.uncounted else ""
    yield f"up to {times:,} process{'es' * (times != 1)} (workers × instances){what} fit{wait}"
