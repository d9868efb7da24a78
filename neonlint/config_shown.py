"""The settings of a run with the place that each comes from: `neonlint config --show-settings`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from neonlint.config import Config
from neonlint.config_globs import anchored
from neonlint.config_layers import GROWING, Layer
from neonlint.config_page import settings
from neonlint.config_values import FLAG

#: What stands for a value that is not shown: what a platform sets may be anything.
HIDDEN = "***"


class Shown(NamedTuple):
    """One setting, or one entry of a table (`entry`): its value as it is written, and where (`path:row`, `--config`); a
    list that grows from layer to layer has several places, a default none."""

    key: str
    entry: str
    value: Any
    places: tuple[str, ...]


def of(config: Config) -> Iterator[Shown]:
    """Every setting, in the order of the reference."""
    layers: Sequence[Layer] = config.layers
    for key, one in settings().items():
        setting = [layer for layer in layers if key in layer.table]
        if one.get("type") == "object":
            yield from _table(key, setting)
        elif not setting:
            yield Shown(key, "", one.get("default"), ())
        elif key.replace("-", "_") in GROWING:
            items = dict.fromkeys(item for layer in setting for item in layer.table[key])
            yield Shown(key, "", list(items), tuple(layer.place(key) for layer in setting))
        else:
            yield Shown(key, "", setting[-1].table[key], (setting[-1].place(key),))


def _table(key: str, layers: Sequence[Layer]) -> Iterator[Shown]:
    """The entries. A pattern that two files hold means two things, because it starts at each one's directory; two that
    come to the same files are one, which the upper layer sets."""
    patterns = key not in ("severity", "assume")
    entries = {
        anchored(entry, layer.base.as_posix()) if patterns else entry: (entry, layer)
        for layer in layers
        for entry in layer.table[key]
    }
    if not entries:
        yield Shown(key, "", {}, ())
    for entry, layer in entries.values():
        value = HIDDEN if key == "assume" else layer.table[key][entry]
        yield Shown(key, entry, value, (layer.place(key, entry),))


def as_text(shown: Sequence[Shown], place: Callable[[str], str]) -> Iterator[str]:
    """Lines in the manner of TOML, with the places as comments; `place` makes one readable."""
    lines = [(f"{_name(one)} = {_value(one.value)}", ", ".join(map(place, one.places)) or "default") for one in shown]
    width = min(max(len(left) for left, _ in lines), 60)
    yield from (f"{left:{width}}  # {right}" for left, right in lines)


def as_json(shown: Sequence[Shown], place: Callable[[str], str]) -> list[Mapping[str, Any]]:
    """Objects with `key`, `entry` (null but for tables), `value` and `places`."""
    return [
        {"key": one.key, "entry": one.entry or None, "value": one.value, "places": [place(at) for at in one.places]}
        for one in shown
    ]


def files(config: Config) -> list[str]:
    """The configuration files that count, the nearest first."""
    return [layer.name for layer in config.layers[::-1] if layer.name != FLAG]


def _name(one: Shown) -> str:
    if not one.entry:
        return one.key
    bare = one.entry.replace("-", "").replace("_", "")
    return f"{one.key}.{one.entry if bare.isalnum() and bare.isascii() else json.dumps(one.entry)}"


def _value(value: object) -> str:
    return HIDDEN if value == HIDDEN else "(none)" if value is None else json.dumps(value, ensure_ascii=False)
