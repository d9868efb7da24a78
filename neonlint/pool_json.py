"""The arithmetic of `neonlint pool` for machines. What is not seen is null."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from neonlint.pool import Group, Load, Pool, Scenario, at_once, room, smallest
from neonlint.report.redact import scrub
from neonlint.sizing import MAX_CLIENTS, QUERY_WAIT, RESERVED, Compute


def lines(compute: Compute, groups: Sequence[Group], left_out: dict[str, int]) -> Iterator[str]:
    """One object; `left_out` counts the users of a repository that are not in it, by why."""
    whole = {
        "schema": "neonlint/1",
        "compute": {
            "least": compute.least,
            "most": compute.most,
            "effective": compute.effective,
            "max_connections": compute.max_connections,
            "reserved": RESERVED,
            "usable": compute.usable,
            "default_pool_size": compute.pooler_size,
            "max_client_conn": MAX_CLIENTS,
            "query_wait_timeout": QUERY_WAIT,
        },
        "endpoints": [_group(group, compute) for group in groups],
        "left_out": left_out,
        "fits": not any(group.breaks(compute) for group in groups),
    }
    yield from json.dumps(whole, indent=2).splitlines()


def _group(group: Group, compute: Compute) -> dict[str, object]:
    return {
        "endpoint": scrub(group.endpoint) or None,
        "pairs": group.pairs,
        "pools": [_pool(pool) for pool in group.pools],
        "unknown": {"sizes": len(group.unsized), "containers": len(group.uncounted)},
        "scenarios": [_scenario(group, scenario, compute) for scenario in group.scenarios()],
    }


def _pool(pool: Pool) -> dict[str, object]:
    path, _, row = pool.at.rpartition(":")
    return {
        "name": scrub(pool.name),
        "path": scrub(path) or None,
        "row": int(row) if row else None,
        "route": None if pool.route == "unknown" else pool.route,
        "size": pool.size,
        "processes": pool.processes,
        "total": pool.total,
    }


def _scenario(group: Group, scenario: Scenario, compute: Compute) -> dict[str, object]:
    load = group.least(scenario)
    return {
        "unseen_routes": None if scenario.unseen == "unknown" else scenario.unseen,
        "direct": load.direct,
        "pooled": load.pooled,
        "pooler_opens": load.served(compute),
        "waiting": load.waiting(compute),
        "breaks": list(load.breaks(compute)),
        "most_processes": room(Load(pairs=group.pairs), scenario.unit, compute),
        "most_processes_without_waiting": at_once(scenario.unit, compute),
        "most_containers": room(scenario.load, scenario.container, compute),
        "smallest_compute": smallest(load),
    }
