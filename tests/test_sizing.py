"""How many connections a compute takes: the documented table, and laws of the formula between its rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neonlint.errors import UsageError
from neonlint.sizing import LARGEST, MOST, SMALLEST, Compute

#: CU, max_connections, default_pool_size, open to roles of the user; from Neon's page on connection pooling, 2026.
TABLE = [
    (0.25, 104, 93, 97),
    (0.5, 209, 188, 202),
    (1, 419, 377, 412),
    (2, 839, 755, 832),
    (3, 1258, 1132, 1251),
    (4, 1678, 1510, 1671),
    (5, 2098, 1888, 2091),
    (6, 2517, 2265, 2510),
    (7, 2937, 2643, 2930),
    (8, 3357, 3021, 3350),
    (9, 4000, 3600, 3993),
    (10, 4000, 3600, 3993),
    (56, 4000, 3600, 3993),
]
sizes = st.integers(1, 224).map(lambda quarters: quarters / 4)


@pytest.mark.parametrize(("size", "connections", "pool", "usable"), TABLE)
def test_the_table(size: float, connections: int, pool: int, usable: int) -> None:
    compute = Compute.parse(f"{size:g}")
    assert (compute.max_connections, compute.pooler_size, compute.usable) == (connections, pool, usable)


@pytest.mark.parametrize(
    ("text", "effective"), [("0.25-2", 2), ("0.25-8", 2), ("0.5-2", 2), ("1-8", 8), ("1-16", 8), ("2-16", 16), ("4", 4)]
)
def test_the_size_that_counts(text: str, effective: float) -> None:
    assert Compute.parse(text).effective == effective


@given(sizes, sizes, sizes)
def test_a_larger_compute_takes_no_fewer(a: float, b: float, c: float) -> None:
    least, most, more = sorted((a, b, c))
    for small, large in ((Compute(least, most), Compute(least, more)), (Compute(least, more), Compute(most, more))):
        assert small.max_connections <= large.max_connections <= MOST
        assert small.pooler_size <= large.pooler_size
    one = Compute(least, most)
    assert 0 < one.pooler_size < one.usable < one.max_connections


@given(sizes, sizes)
def test_what_is_shown_is_read(a: float, b: float) -> None:
    compute = Compute(min(a, b), max(a, b))
    assert Compute.parse(str(compute).replace("–", "-")) == compute


@pytest.mark.parametrize("text", [" 2 ", "2 CU", "2cu", "2-2"])
def test_ways_to_write_it(text: str) -> None:
    assert Compute.parse(text) == Compute(2, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *(
            (text, "is no compute size; write CU as in `2`")
            for text in ("", "x", "-2", "1-", "2GB", "1e1", "nan", "1-2-3", "٢")
        ),
        *((text, f"a compute has {SMALLEST:g} to {LARGEST:g} CU") for text in ("0", "0.1", "2-1", "57", "8-999")),
    ],
)
def test_what_is_no_size(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Compute.parse(text)
