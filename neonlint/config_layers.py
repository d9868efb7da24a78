"""Where settings come from: a configuration file, the files that it extends, `--config KEY=VALUE`; each on top of the
former. Knows files and places, not what a setting means (`neonlint.config_values`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from neonlint.config import Config, content, table_of
from neonlint.config_values import FLAG, values_of
from neonlint.errors import ConfigError, UsageError

#: Lists that grow from layer to layer; of every other list the uppermost counts alone.
GROWING = ("extend_select", "extend_exclude", "extend_rules")
#: So many files may stand one on the other; a longer chain is nobody's intention.
MOST_EXTENDED = 16
#: `--config fail-on=error`, without the quotes that TOML asks for.
_BARE = re.compile(r"\s*([\w-]+)\s*=\s*([A-Za-z][\w.:-]*)\s*")
_TABLE = re.compile(r"^\s*\[+\s*tool\s*\.\s*neonlint\b")


class Layer(NamedTuple):
    """One source of settings. `name` is a file's absolute path, or `--config`; `base` the directory that its paths and
    patterns start from; `table` what is written in it, by key."""

    name: str
    base: Path
    text: str
    table: Mapping[str, Any]

    def place(self, *keys: str) -> str:
        """`path:row` (1-based) of the innermost of `keys`, or the flag."""
        if self.name == FLAG:
            return FLAG
        lines = self.text.splitlines()
        first = next((at for at, line in enumerate(lines, 1) if _TABLE.match(line)), 1)
        return f"{self.name}:{_row(lines, keys, first)}"


def load(file: Path | None, words: Sequence[str], cwd: Path) -> Config:
    """The settings of a file with those that it extends, and of `words` (`KEY=VALUE`, paths relative to `cwd`) on top.
    Raises ConfigError, or UsageError for the words."""
    layers = [*(_chain(file, ()) if file is not None else ()), *(_word(word, cwd) for word in words)]
    if not any(layer.table for layer in layers):  # what `neonlint init` writes
        return Config(layers=tuple(layers))
    merged: dict[str, Any] = {}
    for layer in layers:
        for name, value in values_of(layer).items():
            if isinstance(value, dict):  # an entry that is written anew comes last, too
                merged[name] = {k: v for k, v in merged.get(name, {}).items() if k not in value} | value
            else:
                merged[name] = tuple(dict.fromkeys((*merged.get(name, ()), *value))) if name in GROWING else value
    return Config(**merged, layers=tuple(layers))


def place_of(config: Config, key: str, *inner: str) -> str | None:
    """Where the value of a setting comes from, or of one entry of a table or list (`inner`): `path:row`, `--config`, or
    None for a default or a flag of its own. The uppermost layer that has it counts."""
    for layer in config.layers[::-1]:
        if key in layer.table and all(_holds(layer.table[key], name) for name in inner):
            return layer.place(key, *inner)
    return None


def _holds(value: object, name: str) -> bool:
    """Whether a table or list names something, at any depth."""
    if isinstance(value, Mapping):
        return name in value or any(_holds(inner, name) for inner in value.values())
    return isinstance(value, Sequence) and not isinstance(value, str) and name in value


def _chain(path: Path, above: Sequence[Path]) -> Iterator[Layer]:
    """The layers of a file, those that it extends first. `above` are the files that led to it."""
    path = path.absolute()
    table = table_of(path)
    if table is None:
        raise ConfigError(f"{path}: has no [tool.neonlint] table; add one, or name another file")
    layer = Layer(str(path), Path(os.path.realpath(path.parent)), content(path).decode("utf-8", "replace"), table)
    below = table.get("extend")
    if isinstance(below, str) and below:  # of anything else the model complains
        target = Path(os.path.normpath(path.parent / below))
        if any(_same(target, one) for one in (*above, path)):
            way = " -> ".join(map(str, (*above, path, target)))
            raise ConfigError(f"{layer.place('extend')}: `extend` leads in a circle: {way}; take it out of one of them")
        if len(above) >= MOST_EXTENDED:
            raise ConfigError(f"{path}: {MOST_EXTENDED} files extend one another up to this one; join some of them")
        try:
            yield from _chain(target, (*above, path))
        except ConfigError as error:
            raise ConfigError(f"{layer.place('extend')}: `extend`: {error}") from None
    yield layer


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _word(word: str, cwd: Path) -> Layer:
    """The layer of one `KEY=VALUE`. Its value is never shown: `assume` may hold anything."""
    import tomllib  # noqa: PLC0415 -- only where there are settings

    key = word.partition("=")[0].strip()
    bare = _BARE.fullmatch(word)
    try:
        table = tomllib.loads(word)
    except (tomllib.TOMLDecodeError, RecursionError):
        if bare is None:
            raise UsageError(
                f"{FLAG}: what follows `{key}=` is not TOML; write it as in {FLAG} 'fail-on = \"error\"' or "
                f"{FLAG} 'ignore = [\"NL105\"]'"
            ) from None
        table = {bare[1]: bare[2]}
    if "extend" in table:
        raise UsageError(f"{FLAG}: only a file can extend another; name it with {FLAG} FILE")
    return Layer(FLAG, cwd, word, table)


def _row(lines: Sequence[str], keys: Sequence[str], first: int) -> int:
    """The 1-based line, at or behind `first`, that names the innermost of `keys` at or behind the outer ones; that of
    the innermost one that is found, else `first`."""
    row = first
    for key in keys:
        name = re.escape(key)
        spelled = re.compile(
            rf"^[\s\[\w.\-\"']*(?<![\w-]){name}(?![\w-])|[{{,]\s*[\"']?{name}[\"']?\s*=|[\"']{name}[\"']"
        )
        row = next((at for at, line in enumerate(lines[row - 1 :], row) if spelled.search(line)), row)
    return row
