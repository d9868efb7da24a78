"""Values that linking looks for: environment tables, assignments, what a call is made on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from neonlint.ir.endpoint import parse as parse_host
from neonlint.ir.model import Connection
from neonlint.ir.source import Call, Entry, Items, Ref, Scalar, Table, Value

#: So many keys of a path are kept; a deep file must not cost the square of its depth.
_KEYS = 8


def names_neon(connection: Connection) -> bool:
    """Whether the host of a connection is one of Neon, if only a placeholder."""
    text: object = connection.view.text("host") if connection.view is not None else None
    if (entry := connection.fields.get("host")) is not None and isinstance(entry.value, Scalar):
        text = entry.value.value
    if not isinstance(text, str):
        return False
    endpoint = parse_host(text)
    return endpoint.neon or (
        endpoint.kind == "placeholder" and re.search(r"\.neon\.(?:tech|build)\.?$", text.lower()) is not None
    )


def called_on(call: Call) -> Value | None:
    """The value that a method is called on: what the format followed, else the dotted name before the method."""
    if call.receiver is not None:
        return call.receiver
    name = call.callee.rpartition(".")[0]
    return Ref(name, call.span) if re.fullmatch(r"[A-Za-z_][\w.]*", name) else None


def environment_tables(root: Table) -> Iterator[tuple[tuple[str, ...], Table]]:
    """The tables below `root` that give environment names their values, each with the keys that lead to it."""
    stack: list[tuple[tuple[str, ...], Value]] = [((), root)]
    while stack:
        keys, value = stack.pop()
        if isinstance(value, Table):
            if value.kind == "env":
                yield keys, value
            stack.extend(((*keys[:_KEYS], entry.key), entry.value) for entry in value.entries)
        elif isinstance(value, Items):
            stack.extend((keys, held) for held in value.values)


def assignments(root: Table) -> Iterable[Entry]:
    """The assignments of a module, those of its classes first."""
    classes = [e.value for e in root.entries if isinstance(e.value, Table) and e.value.kind == "class"]
    return [*(entry for table in classes for entry in table.entries), *root.entries]
