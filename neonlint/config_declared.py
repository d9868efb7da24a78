"""What the tables `roles` and `runtimes` of the configuration declare, by the name of a variable or by path.

Knows patterns and names; what is declared so, and what that overrules, is said in `neonlint.facts.declared`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, NamedTuple

from neonlint.config import Config
from neonlint.config_globs import anchored, matcher
from neonlint.ir.findings import Reason

Kind = Literal["roles", "runtimes"]

#: What a connection or code that has a role or runtime is said to be.
_WORDS = {
    "runtime": "to be for the application",
    "migration": "to be for migrations",
    "admin": "to be for administration",
    "replication": "to be for replication",
    "test": "to be for tests",
    "docs": "to be documentation",
    "serverless": "to run in serverless functions",
    "edge": "to run in an edge runtime",
    "long-lived": "to run in a process that lives long",
    "browser": "to run in a browser",
}


class Declaration(NamedTuple):
    """One entry of a table: the name or pattern as it is written, the role or runtime, and where that is declared."""

    written: str
    value: str
    because: Reason


class Declared:
    """The two tables of a configuration, for paths relative to the directory `root`; the patterns are compiled once."""

    def __init__(self, config: Config, root: str) -> None:
        self._config, self._root = config, root
        tables: Mapping[Kind, Mapping[str, str]] = {"roles": config.roles, "runtimes": config.runtimes}
        self._names = {kind: {key: v for key, v in table.items() if is_name(key)} for kind, table in tables.items()}
        self._patterns = {
            kind: [(matcher([key], root), key, value) for key, value in [*table.items()][::-1] if not is_name(key)]
            for kind, table in tables.items()
        }
        self._made: dict[tuple[Kind, str], Declaration] = {}
        self._covering: dict[tuple[Kind, str], tuple[Declaration, ...]] = {}

    def has_names(self, kind: Kind) -> bool:
        """Whether anything is declared by the name of a variable."""
        return bool(self._names[kind])

    def named(self, kind: Kind, name: str) -> Declaration | None:
        """What is declared of the variable `name`."""
        value = self._names[kind].get(name)
        return self._declaration(kind, name, value) if value is not None else None

    def covering(self, kind: Kind, path: str) -> tuple[Declaration, ...]:
        """What is declared of the file at `path`, by each pattern that covers it, the last one first."""
        if (kind, path) not in self._covering:
            found = [(key, value) for covers, key, value in self._patterns[kind] if covers and covers(path)]
            self._covering[kind, path] = tuple(self._declaration(kind, key, value) for key, value in found)
        return self._covering[kind, path]

    def _declaration(self, kind: Kind, key: str, value: str) -> Declaration:
        if (kind, key) not in self._made:
            written, place = self._written(kind, key)
            at = f" ({place})" if place else ""
            reason = Reason(f"the configuration{at} declares `{written}` {_WORDS[value]}")
            self._made[kind, key] = Declaration(written, value, reason)
        return self._made[kind, key]

    def _written(self, kind: Kind, key: str) -> tuple[str, str]:
        """A key as it is written, and where: `path:row` seen from the root, or the flag; "" for one given in Python."""
        for layer in self._config.layers[::-1]:
            for written in layer.table.get(kind, ()):
                if key in (written, anchored(written, layer.base.as_posix())):
                    return written, self._seen(layer.place(kind, written))
        return key.removeprefix(self._root.rstrip("/") + "/"), ""

    def _seen(self, place: str) -> str:
        absolute = os.path.isabs(place)  # noqa: PTH117 -- it is not a path alone
        return os.path.relpath(place, self._root).replace(os.sep, "/") if absolute else place


def is_name(key: str) -> bool:
    """Whether a key is the name of a variable; every other key is a path pattern."""
    return key.isascii() and key.isidentifier()
