"""The arithmetic of pools: what fits is what the inequality says, and the answers to "how many" are the last that fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neonlint import pool_found, pool_json, session
from neonlint.config import Config
from neonlint.pool import SIZES, Group, Load, Pool, Route, at_once, room, smallest
from neonlint.pool_found import Found, Running
from neonlint.sizing import MAX_CLIENTS, Compute

SMALL = Compute(0.25, 0.25)
computes = st.sampled_from([Compute(size, size) for size in SIZES])
pairs = st.integers(1, 4)
counts = st.one_of(st.integers(0, 300), st.integers(0, 12_000))


@given(computes, counts, counts, pairs)
def test_it_fits_if_the_inequality_holds(compute: Compute, direct: int, pooled: int, of: int) -> None:
    load = Load(direct, pooled, of)
    to_postgres = direct + min(pooled, of * (compute.max_connections * 9 // 10))
    assert load.fits(compute) == (to_postgres <= compute.max_connections - 7 and pooled <= MAX_CLIENTS)
    assert load.served(compute) + load.waiting(compute) == pooled


@given(computes, counts, counts, pairs)
def test_what_gives_way_is_named(compute: Compute, direct: int, pooled: int, of: int) -> None:
    broken = Load(direct, pooled, of).breaks(compute)
    assert ("direct" in broken) == (direct > compute.usable)
    assert ("clients" in broken) == (pooled > MAX_CLIENTS)
    assert not {"direct", "together"} <= set(broken)


@given(counts, counts, pairs)
def test_what_fits_a_compute_fits_a_larger_one(direct: int, pooled: int, of: int) -> None:
    load = Load(direct, pooled, of)
    fits = [load.fits(Compute(size, size)) for size in SIZES]
    assert fits == sorted(fits)
    assert smallest(load) == next((size for size, good in zip(SIZES, fits, strict=True) if good), None)


@given(computes, st.integers(0, 60), st.integers(0, 200), counts, counts, pairs)
def test_the_room_is_filled(compute: Compute, direct: int, pooled: int, fixed: int, also: int, of: int) -> None:
    beside, unit = Load(fixed, also, of), Load(direct, pooled, of)
    times = room(beside, unit, compute)
    if times is None:
        assert not direct
        assert not pooled
        return
    assert not beside.plus(unit, times + 1).fits(compute)
    assert times == 0 or beside.plus(unit, times).fits(compute)


@given(computes, st.integers(0, 60), st.integers(1, 200), pairs)
def test_nobody_waits(compute: Compute, direct: int, pooled: int, of: int) -> None:
    unit = Load(direct, pooled, of)
    times = at_once(unit, compute)
    assert times is not None
    load, more = Load(pairs=of).plus(unit, times), Load(pairs=of).plus(unit, times + 1)
    assert load.fits(compute) or not times
    assert not load.waiting(compute)
    assert more.waiting(compute) or not more.fits(compute)


@pytest.mark.parametrize(
    ("load", "broken"),
    [
        (Load(direct=97), ()),
        (Load(direct=98), ("direct",)),
        (Load(pooled=10_000), ()),
        (Load(pooled=10_001), ("clients",)),
        (Load(direct=4, pooled=500), ()),
        (Load(direct=5, pooled=500), ("together",)),
        (Load(pooled=97, pairs=2), ()),
        (Load(pooled=98, pairs=2), ("together",)),
        (Load(direct=98, pooled=10_001), ("direct", "clients")),
    ],
)
def test_the_edges_of_the_smallest_compute(load: Load, broken: tuple[str, ...]) -> None:
    assert load.breaks(SMALL) == broken


def test_what_no_compute_takes() -> None:
    assert smallest(Load(direct=3993)) == 9
    assert smallest(Load(direct=3994)) is None
    assert smallest(Load(pooled=3601), waiting=False) is None


# --- groups ---


def group(*pools: tuple[int | None, Route, int | None]) -> Group:
    return Group("", [Pool("p", "", size, route, processes) for size, route, processes in pools])


def test_what_is_not_seen_is_not_zero() -> None:
    unseen = group((10, "direct", 2), (None, "direct", 2), (5, "pooled", None))
    (scenario,) = unseen.scenarios()
    assert (scenario.load, scenario.container) == (Load(20, 0), Load(0, 5))
    assert [len(unseen.unsized), len(unseen.uncounted)] == [1, 1]
    assert Group.least(scenario) == Load(20, 5), "at least one container runs"


def test_a_route_that_is_not_seen_may_be_either() -> None:
    direct, pooled = group((50, "unknown", 4), (1, "pooled", 1)).scenarios()
    assert (direct.load, pooled.load) == (Load(200, 1), Load(0, 201))
    assert not group((50, "unknown", 4)).breaks(SMALL)
    assert group((50, "unknown", 4), (98, "direct", 1)).breaks(SMALL)


def test_json_says_null() -> None:
    whole = json.loads("\n".join(pool_json.lines(SMALL, [group((None, "unknown", None), (98, "direct", 1))], {})))
    unseen, seen = whole["endpoints"][0]["pools"]
    assert (unseen["size"], unseen["processes"], unseen["route"], unseen["total"], unseen["row"]) == (None,) * 5
    assert seen["total"] == 98
    assert whole["fits"] is False
    assert whole["endpoints"][0]["scenarios"][0]["breaks"] == ["direct"]
    assert whole["endpoints"][0]["scenarios"][0]["smallest_compute"] == 0.5


# --- what a repository holds ---

HOST = "ep-cool-rain-a1b2c3d4{}.us-east-2.aws.neon.tech"
URL = f"postgresql://app:Kanari3nvogel-9f@{HOST}/db?sslmode=require"


ONCE = Running(1, None)


def find(root: Path, files: Mapping[str, str], running: Running = ONCE, unseen: Route = "unknown") -> Found:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return pool_found.find(session.open_session([], Config(), root), running, unseen, 1, str)


def test_pools_of_a_repository(tmp_path: Path) -> None:
    found = find(
        tmp_path,
        {
            ".env": f"DATABASE_URL={URL.format('-pooler')}\nDIRECT_URL={URL.format('')}\n",
            "app.py": (
                "import os\nfrom sqlalchemy import create_engine\n"
                "engine = create_engine(os.environ['DATABASE_URL'], pool_size=3, max_overflow=4)\n"
                "other = create_engine(os.environ['DIRECT_URL'])\n"
            ),
            "Makefile": "migrate:\n\tpsql $(DIRECT_URL) -c x\n",
        },
        Running(2, 3),
    )
    assert found.groups == [
        Group(
            HOST.partition(".")[0].format(""),
            [
                Pool("sqlalchemy `engine`", "app.py:3", 7, "pooled", 6),
                Pool("sqlalchemy `other`", "app.py:4", 15, "direct", 6),
            ],
        )
    ]
    assert found.passing == 1


def test_containers_are_not_counted_by_guessing(tmp_path: Path) -> None:
    files = {
        ".env": f"DATABASE_URL={URL.format('-pooler')}\n",
        "vercel.json": "{}",
        "package.json": '{"dependencies": {"pg": "8.13.0", "next": "15.0.0"}}',
        "app/api/x/route.ts": (
            "import { Pool } from 'pg'\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 2 })\n"
            "export async function GET() { return Response.json(await pool.query('select 1')) }\n"
        ),
    }
    (group_,) = find(tmp_path, files).groups
    assert [(pool.size, pool.processes) for pool in group_.pools] == [(2, None)]
    (group_,) = find(tmp_path, files, Running(1, 40)).groups
    assert [pool.total for pool in group_.pools] == [80]


def test_an_endpoint_that_is_not_seen(tmp_path: Path) -> None:
    files = {"app.py": "import os, psycopg2\nconn = psycopg2.connect(os.environ['DATABASE_URL'])\n"}
    assert find(tmp_path, files).groups == [Group("", [Pool("psycopg2 `conn`", "app.py:2", 1, "unknown", 1)])]
    assert find(tmp_path, files, unseen="pooled").groups[0].pools[0].route == "pooled"


def test_other_servers_do_not_count(tmp_path: Path) -> None:
    files = {
        ".env": "DATABASE_URL=postgresql://a:b@localhost/db\n",
        "app.py": "import os, psycopg2\nconn = psycopg2.connect(os.environ['DATABASE_URL'])\n",
    }
    assert find(tmp_path, files) == Found([], elsewhere=1)
