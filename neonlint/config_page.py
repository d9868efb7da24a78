"""The settings as a reference: for the terminal, as JSON, and as a page of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten, wrap
from typing import Any

from neonlint.config import MIB
from neonlint.config_schema import json_schema

_GENERATED = "<!-- Made by `python -m neonlint.pages --write`; edit `neonlint/config_model.py` instead. -->"
_NAMES = {"array": "list", "object": "table", "boolean": "true or false", "integer": "number", "string": "text"}
#: Where the default is an empty list.
_EXAMPLES: Mapping[str, list[str]] = {
    "select": ["NL1", "tls-not-verified"],
    "extend-select": ["ACME001"],
    "ignore": ["NL105"],
    "fixable": ["NL1"],
    "unfixable": ["NL2"],
    "extend-rules": ["policies/"],
    "extend-exclude": ["vendor", "data/*.json"],
}


def settings() -> Mapping[str, Mapping[str, Any]]:
    """The settings by key, as the JSON Schema describes them."""
    found: Mapping[str, Mapping[str, Any]] = json_schema()["properties"]
    return found


def listed(columns: int) -> Iterator[str]:
    """A line for each setting: its key, and what it is, cut to a terminal of so many columns."""
    known = settings()
    width = max(map(len, known))
    for key, one in known.items():
        yield f"{key:{width}}  {shorten(one['description'], max(columns - width - 2, 40), placeholder=' …')}"


def as_text(key: str, columns: int) -> Iterator[str]:
    """One setting in full; `columns` is the width of the terminal."""
    one = settings()[key]
    yield f"{key}: {_kind(one)}"
    yield ""
    yield from wrap(one["description"], min(columns, 100))
    yield ""
    if default := _default(key, one):
        yield f"default: {default}"
    yield from (f"example: {line}" if not at else f"         {line}" for at, line in enumerate(_example(key, one)))


def as_markdown() -> Iterator[str]:
    """The page of the documentation."""
    yield from (
        _GENERATED,
        "",
        "# Settings",
        "",
        "What [configuration](configuration.md) can hold, in the order of `neonlint init`.",
    )
    for key, one in settings().items():
        yield from ("", f"## `{key}`", "", f"{_kind(one)[:1].upper()}{_kind(one)[1:]}. {one['description']}", "")
        if default := _default(key, one):
            yield from (f"Default: `{default}`", "")
        if example := _example(key, one):
            yield from ("```toml", *example, "```")


def _kind(one: Mapping[str, Any]) -> str:
    if "enum" in one:
        return "word"
    if "anyOf" in one:
        return " or ".join(_kind(inner) for inner in one["anyOf"])
    inner = (
        one.get("items")
        or one.get("additionalProperties")
        or next(iter(one.get("patternProperties", {}).values()), None)
    )
    name = _NAMES.get(one["type"], one["type"])
    return f"{name} of {_plural(_kind(inner))}" if inner else name


def _plural(kind: str) -> str:
    return {"text": "texts", "word": "words", "list of texts": "lists of texts"}[kind]


def _default(key: str, one: Mapping[str, Any]) -> str:
    """The default as it would be written; "" where there is none, or where it is an empty list or table."""
    value = one.get("default")
    if value in (None, [], {}):
        return ""
    return f'"{value // MIB}MiB"' if key == "max-file-size" else json.dumps(value)


def _example(key: str, one: Mapping[str, Any]) -> Sequence[str]:
    """The lines of an example; none where it would be the default."""
    default = one.get("default")
    shown = not default if isinstance(default, bool) else default or _EXAMPLES.get(key)
    value = one["examples"][0] if "examples" in one else shown
    if value == default:
        return []
    if not isinstance(value, Mapping):
        return [f"{key} = {json.dumps(value)}"]
    names = {name: name if name.replace("-", "").replace("_", "").isalnum() else json.dumps(name) for name in value}
    return [f"[{key}]", *(f"{names[name]} = {json.dumps(inner)}" for name, inner in value.items())]
