"""How data files write environment variables other than `NAME: value`: lists of `{name, value}`, values with a
description. Knows no file format.

A list is given twice under its key: first as it is written, then as a table of variables, so that a look-up finds
that. Both share their values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from neonlint.ir.source import Entry, Items, Scalar, Span, Table, Unknown


def unwrapped(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries of a table of variables, `NAME: {value: x, description: y}` as `NAME: x`."""
    for entry in entries:
        held = entry.value.get("value") if isinstance(entry.value, Table) else None
        yield Entry(entry.key, entry.key_span, held, entry.span) if isinstance(held, Scalar) else entry


def listed(raw: Entry) -> Iterator[Entry]:
    """A list of `{name: X, value: y}` (or `key`) under `raw` as a table; nothing where it holds something else."""
    items = raw.value.values if isinstance(raw.value, Items) else ()
    found = [entry for item in items if isinstance(item, Table) and (entry := _variable(item)) is not None]
    if found:
        yield Entry(
            raw.key,
            raw.key_span,
            Table("env", tuple(found), raw.value.span, len(found) == len(items), raw.key),
            raw.span,
        )


def _variable(item: Table) -> Entry | None:
    name = item.get("name") or item.get("key")
    if not isinstance(name, Scalar) or not isinstance(name.value, str):
        return None
    value = item.get("value") or Unknown("the value comes from elsewhere", Span(item.span.end, item.span.end))
    return Entry(name.value, name.span, value, item.span)
