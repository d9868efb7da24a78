"""The values of one source of settings: checked, with the types of `Config`, patterns and paths absolute.

A hook reads the configuration at every commit, and pydantic costs more than the rest of such a run. So the shipped JSON
Schema is asked first, which is made from the pydantic model; what it refuses goes to the model, which says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neonlint.config_globs import anchored
from neonlint.config_version import complaint_of, parse
from neonlint.errors import ConfigError, UsageError
from neonlint.sizing import Compute

if TYPE_CHECKING:
    from neonlint.config_layers import Layer

#: The schema, as `python -m neonlint.pages --write` makes it.
SCHEMA = Path(__file__).with_name("neonlint.schema.json")
#: Settings of the loading itself: `Config` does not have them.
OF_FILES = ("extend", "required_version")
#: What stands for a source that has no file.
FLAG = "--config"
#: Settings that hold path patterns: lists of them, or tables with them for keys.
_PATTERNS = ("exclude", "extend_exclude", "per_file_ignores", "roles", "runtimes")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNITS = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "KIB": 1024, "MIB": 1024**2, "GIB": 1024**3}
_SIZE = re.compile(r"(\d{1,12})\s*([A-Za-z]*)", re.ASCII)
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str, "boolean": bool, "integer": int, "number": (int, float), "array": list, "object": dict
}  # fmt: skip


def values_of(layer: Layer) -> dict[str, Any]:
    """What a layer sets, by field of `Config`.

    Raises ConfigError (UsageError for the command line) with place, cause and the nearest known name.
    """
    if (wanted := layer.table.get("required-version")) is not None and (cause := complaint_of(wanted)):
        raise complaint(layer, f"{layer.place('required-version')}: `required-version`: {cause}")
    values = _quickly(layer.table)
    if values is None:
        from neonlint.config_model import checked  # noqa: PLC0415 -- pydantic, for the complaints

        values = checked(layer)
    for name in _PATTERNS:
        if name in values:
            values[name] = _anchored(name, values[name], layer)
    if "extend_rules" in values:
        values["extend_rules"] = tuple(str(layer.base / path) for path in values["extend_rules"])
    if values.get("baseline"):
        values["baseline"] = str(layer.base / values["baseline"])
    return values


def complaint(layer: Layer, text: str) -> UsageError:
    """The error for a layer."""
    return UsageError(text) if layer.name == FLAG else ConfigError(text)


def size(value: object) -> object:
    """Bytes from `"1MiB"` or `"500 kB"`; what is no text stays. Raises ValueError."""
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value.strip())
    if not found or found[2].upper() not in _UNITS or not int(found[1]):
        raise ValueError("write a number of bytes, or a number with KiB or MiB, such as 1MiB")
    return int(found[1]) * _UNITS[found[2].upper()]


def compute(value: object) -> Compute:
    """A compute's sizes from `2` or `"0.25-2"`. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('write CU as in 2, or "0.25-2" for autoscaling')  # noqa: TRY004 -- pydantic's way
    try:
        return Compute.parse(value if isinstance(value, str) else f"{value:g}")
    except UsageError as error:
        raise ValueError(str(error)) from None


def fits(value: object, schema: Mapping[str, Any]) -> bool:
    """Whether a value of TOML is as a JSON Schema says, of which this reads what the configuration's uses."""
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    if isinstance(value, str):
        long = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return long and value in schema.get("enum", (value,)) and bool(re.search(schema.get("pattern", ""), value))
    if isinstance(value, list):
        return all(fits(item, schema["items"]) for item in value)
    if isinstance(value, dict):
        return all(_entry_fits(key, item, schema) for key, item in value.items())
    least, over = schema.get("minimum", value), schema.get("exclusiveMinimum")
    return bool(value >= least and (over is None or value > over))


def _entry_fits(key: str, value: object, schema: Mapping[str, Any]) -> bool:
    if key in schema.get("properties", ()):
        return fits(value, schema["properties"][key])
    for pattern, one in schema.get("patternProperties", {}).items():
        if re.search(pattern, key):
            return fits(value, one)
    names, others = schema.get("propertyNames"), schema.get("additionalProperties") or None
    if others is None or not fits(value, others):
        return False
    return names is None or fits(key, {"type": "string", **names})


def _quickly(table: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values by field where the schema finds no fault with any, else None."""
    try:
        if not fits(table, json.loads(SCHEMA.read_bytes())):
            return None
        values: dict[str, Any] = {key.replace("-", "_"): _frozen(value) for key, value in table.items()}
        if "required_version" in values:
            parse(values["required_version"])
        if "max_file_size" in values:
            values["max_file_size"] = size(values["max_file_size"])
        if "compute_size" in values:
            values["compute_size"] = compute(values["compute_size"])
    except (OSError, ValueError):
        return None
    return {name: value for name, value in values.items() if name not in OF_FILES}


def _frozen(value: object) -> object:
    """A value with its lists as tuples."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(value) if isinstance(value, list) else value


def _anchored(name: str, patterns: Mapping[str, Any] | Sequence[str], layer: Layer) -> object:
    """Path patterns made absolute: a list's items, or a table's keys, but for the names of variables."""
    names = name in ("roles", "runtimes")

    def one(pattern: str) -> str:
        if names and _NAME.fullmatch(pattern):
            return pattern
        try:
            return anchored(pattern, layer.base.as_posix())
        except UsageError as error:
            key = name.replace("_", "-")
            raise complaint(layer, f"{layer.place(key, pattern)}: `{key}`: {error}") from None

    if isinstance(patterns, Mapping):
        return {one(pattern): item for pattern, item in patterns.items()}
    return tuple(map(one, patterns))
