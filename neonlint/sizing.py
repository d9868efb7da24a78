"""What a Neon compute of a given size can take: connections, and the pooler's share of them.

Source: Neon's documentation on connection pooling and on compute sizes, as of February 2026. The limit is fixed when
the compute starts, by the largest size that it may reach, but by no more than eight times its smallest.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from neonlint.errors import UsageError
from neonlint.regex import regex

#: `max_connections` for each CU (1 CU has 4 GB of memory), and its bounds.
PER_CU = 419.66
LEAST, MOST = 100, 4000
#: Up to this size the formula holds; every larger one has `MOST`.
FORMULA_UP_TO = 8
#: Connections that Postgres keeps for Neon's own superuser.
RESERVED = 7
#: Of `max_connections`, in percent, what the pooler may open for one role on one database (`default_pool_size`).
POOLER_PERCENT = 90
#: Clients that the pooler accepts in all (`max_client_conn`).
MAX_CLIENTS = 10_000
#: The time in seconds that a client waits for a server connection before the pooler gives up (`query_wait_timeout`).
QUERY_WAIT = 120
SMALLEST, LARGEST = 0.25, 56.0
_SIZE = regex(r"(\d{1,3}(?:\.\d{1,3})?)(?:-(\d{1,3}(?:\.\d{1,3})?))?(?:\s*CU)?", re.IGNORECASE | re.ASCII)


class Compute(NamedTuple):
    """A compute's smallest and largest size, in CU; equal where it does not autoscale."""

    least: float
    most: float

    @classmethod
    def parse(cls, text: str) -> Compute:
        """Read `2`, `0.25` or `0.25-2`. Raises UsageError."""
        match = _SIZE.fullmatch(text.strip())
        if match is None:
            raise UsageError(f"{text!r} is no compute size; write CU as in `2`, or `0.25-2` for autoscaling")
        least = float(match[1])
        found = cls(least, float(match[2] or least))
        if not SMALLEST <= found.least <= found.most <= LARGEST:
            raise UsageError(f"a compute has {SMALLEST:g} to {LARGEST:g} CU, the smaller size first; got {text!r}")
        return found

    @property
    def effective(self) -> float:
        """The size in CU that decides on `max_connections`."""
        return min(self.most, 8 * self.least)

    @property
    def max_connections(self) -> int:
        """Postgres's `max_connections` there."""
        if self.effective > FORMULA_UP_TO:
            return MOST
        return min(max(int(self.effective * PER_CU), LEAST), MOST)

    @property
    def usable(self) -> int:
        """Connections that roles of the user can open directly."""
        return self.max_connections - RESERVED

    @property
    def pooler_size(self) -> int:
        """Server connections that the pooler opens for one role on one database."""
        return self.max_connections * POOLER_PERCENT // 100

    def __str__(self) -> str:
        return f"{self.least:g} CU" if self.least == self.most else f"{self.least:g}–{self.most:g} CU"
