"""What a client is: a table that says which calls open connections, where their connection string stands and what their
options mean. Knows no file format and no rule.

Canonical option names are the vocabulary of the rules: `liveness`, `recycle_seconds`, `pool_class`, `pool_size`,
`max_overflow`, `pool_timeout`, `min_size`, `max_size`, `max_idle_seconds`, `stale_timeout`, `check`, `max_age`,
`health_checks`, `server_side_cursors_disabled`, `prepare_threshold`, `statement_cache`, `connect_timeout`, `timeout`,
`ssl`, `ssl_context`, `ssl_require`, `direct_tls`, `startup_settings`, `creator`, `async_creator`, `pool`, and
`misplaced.<NAME>` for a setting of Django that stands where it has no effect.

JavaScript adds `reject_unauthorized`, `channel_binding`, `sslnegotiation`, `prepare`, `keep_alive`, `max_uses`,
`max_lifetime_seconds`, the times in milliseconds `idle_milliseconds`, `connect_milliseconds`, `acquire_milliseconds`,
the start-up parameters `statement_timeout`, `lock_timeout`, `idle_in_transaction_timeout`, `direct_url` (the second
connection string of a Prisma schema), `adapter` (what Prisma's client is given to connect with) and `no_lock`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from neonlint.records import dataclass, field

Kind = Literal["connection", "pool", "engine", "async-engine", "settings", "migrations"]


@dataclass(frozen=True, slots=True)
class Opens:
    """One way to open connections.

    `callees` are dotted names. `target` is the position (0-based) and the keyword names of the connection string.
    `family` is the family of `dialects.fields` that the keywords form. `options` maps a canonical option to the path
    of its keyword (`("connect_args", "timeout")`). `parameters` is the keyword whose dict holds libpq parameters, ""
    where they are keywords of the call itself. `default_environment` is the variable read when no target is given.
    `positions` maps a canonical option to its position (0-based) where it may be given without its keyword; in
    JavaScript, a component of the connection.
    `settings` are the positions at which an object of options may stand (JavaScript has no keywords); the first that is
    a table there takes the place of the keywords, and the names of `target` are paths in it (`connection.filename`).

    The rest is for JavaScript alone. `within` is the path in that object under which the separate fields stand.
    `elsewhere` has other paths at which an option may stand, which win over that of `options`. `speaks` is the key
    whose value says which database it is, with the words that mean Postgres; a way of opening with `speaks_always`
    does without. `wraps` are keys that may hold a client made elsewhere, and then it is that client that opens;
    `wraps_first` says the same of the first argument. `driver` is the driver that this way uses, "" where that of the
    library counts.
    """

    callees: tuple[str, ...]
    kind: Kind
    target: tuple[int | None, tuple[str, ...]] = (None, ())
    family: str | None = None
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: str | None = None
    default_environment: str | None = None
    target_is_variable: bool = False
    positions: Mapping[str, int] = field(default_factory=dict)
    settings: tuple[int, ...] = ()
    within: tuple[str, ...] = ()
    elsewhere: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    speaks: tuple[str, frozenset[str]] | None = None
    speaks_always: bool = True
    wraps: tuple[str, ...] = ()
    wraps_first: bool = False
    driver: str = ""


class ClientSpec(NamedTuple):
    """One library. `driver` is the driver it always uses, None where the connection string or its settings choose."""

    name: str
    opens: tuple[Opens, ...]
    driver: str | None = None
