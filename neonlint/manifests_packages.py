"""How JavaScript files of a project name each other: package names and entry points, path aliases, barrel files.

Reads text only. What cannot be read says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.manifests_locks import Lock

_STRING_OR_COMMENT = regex(r'"(?:[^"\\\n]++|\\.)*+"?|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_COMMA = regex(r'"(?:[^"\\\n]++|\\.)*+"?|,(?=\s*[}\]])', re.DOTALL)
_STAR = regex(rb"""^[ \t]*export\s*\*\s*from\s*['"]([^'"\n]+)['"]""", re.MULTILINE)
_NAMED = regex(rb"""^[ \t]*export\s*\{([^{}]*)\}\s*from\s*['"]([^'"\n]+)['"]""", re.MULTILINE)
_STAR_AS = regex(rb"""^[ \t]*export\s*\*\s*as\s+([\w$]+)\s+from\s*['"]([^'"\n]+)['"]""", re.MULTILINE)
_PYPROJECT_NAME = regex(r"^name\s*=\s*[\"']([\w.-]+)[\"']", re.MULTILINE)
_NPM = regex(r"^npm:/?((?:@[^/@]+/)?[^/@]+)(?:@([^/]+))?")
#: Conditions of `exports`, the one that leads to source code first.
_CONDITIONS = ("source", "development", "bun", "deno", "import", "node", "module", "default", "require", "types")
_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


class Package(NamedTuple):
    """A package by its manifest. `dependencies` is name to range; `exports` and `imports` lead from a subpath (`.`,
    `./db`, `#lib/*`) to files relative to the manifest, the likeliest first; `main` holds its other entry points."""

    name: str
    dependencies: Mapping[str, str] = {}
    exports: Mapping[str, tuple[str, ...]] = {}
    imports: Mapping[str, tuple[str, ...]] = {}
    main: tuple[str, ...] = ()


class PathMap(NamedTuple):
    """A tsconfig.json or jsconfig.json: `base` is its `baseUrl`, `paths` its patterns, `extends` what it adds to."""

    base: str | None
    paths: Mapping[str, tuple[str, ...]]
    extends: tuple[str, ...] = ()


class Barrel(NamedTuple):
    """A file that only passes on what other files export: exported name to specifier and name there; and `stars`."""

    names: Mapping[str, tuple[str, str]]
    stars: tuple[str, ...]


Layout: TypeAlias = "Package | PathMap | Barrel | Lock"


def package(data: bytes) -> Package | None:
    """A package.json, deno.json or deno.jsonc."""
    whole = json_of(data)
    if not isinstance(whole, dict):
        return None
    found: dict[str, str] = {}
    for key in reversed(_DEPENDENCIES):
        found |= {name: spec for name, spec in _mapping(whole.get(key)).items() if isinstance(spec, str)}
    imports: dict[str, tuple[str, ...]] = {}
    for key, value in _mapping(whole.get("imports")).items():
        targets = tuple(_targets(value))
        if targets and (npm := _NPM.match(targets[0])) is not None:  # Deno's way to depend on a package
            found[npm[1]] = npm[2] or "*"
        elif key.endswith("/"):  # an import map: everything below
            imports[f"{key}*"] = tuple(f"{target}*" for target in targets)
        else:
            imports[key] = targets
    exports = whole.get("exports")
    if not (isinstance(exports, dict) and any(key.startswith(".") for key in exports)):
        exports = {".": exports}
    main = [whole.get(key) for key in ("source", "module", "main", "types")]
    return Package(
        name if isinstance(name := whole.get("name"), str) else "",
        found,
        {key: tuple(_targets(value)) for key, value in exports.items()},
        imports,
        tuple(value for value in main if isinstance(value, str)),
    )


def python_package(data: bytes, required: Mapping[str, object]) -> Package | None:
    """A pyproject.toml, by its name and the names that it requires."""
    match = _PYPROJECT_NAME.search(data.decode("utf-8", "replace"))
    return Package(match[1], dict.fromkeys(required, "")) if match else None


def path_map(data: bytes) -> PathMap | None:
    """A tsconfig.json or jsconfig.json."""
    whole = json_of(data)
    if not isinstance(whole, dict):
        return None
    options = _mapping(whole.get("compilerOptions"))
    base = options.get("baseUrl")
    paths = {
        key: tuple(target for target in targets if isinstance(target, str))
        for key, targets in _mapping(options.get("paths")).items()
        if isinstance(targets, list)
    }
    extends = whole.get("extends")
    parents = extends if isinstance(extends, list) else [extends]
    return PathMap(
        base if isinstance(base, str) else None, paths, tuple(parent for parent in parents if isinstance(parent, str))
    )


def barrel(data: bytes) -> Barrel | None:
    """What a file passes on from others, where it does."""
    names: dict[str, tuple[str, str]] = {}
    for match in _NAMED.finditer(data):
        for said in match[1].decode("utf-8", "replace").split(","):
            there, _, here = said.strip().removeprefix("type ").partition(" as ")
            if there := there.strip():
                names[here.strip() or there] = (match[2].decode("utf-8", "replace"), there)
    for match in _STAR_AS.finditer(data):
        names[match[1].decode()] = (match[2].decode("utf-8", "replace"), "")
    stars = tuple(match[1].decode("utf-8", "replace") for match in _STAR.finditer(data))
    return Barrel(names, stars) if names or stars else None


def json_of(data: bytes) -> object:
    """JSON with comments and trailing commas as Python values; None where it is neither."""
    import json  # noqa: PLC0415 -- most runs on one file meet no package

    text = data.decode("utf-8-sig", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    text = _STRING_OR_COMMENT.sub(lambda match: match[0] if match[0][0] == '"' else " ", text)
    text = _COMMA.sub(lambda match: match[0] if match[0][0] == '"' else "", text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _targets(value: object) -> Iterator[str]:
    """The files that an entry of `exports` or `imports` may lead to, the likeliest first."""
    waiting = [value]
    for _ in range(64):
        if not waiting:
            return
        current = waiting.pop(0)
        if isinstance(current, str):
            yield current
        elif isinstance(current, list):
            waiting = [*current, *waiting]
        elif isinstance(current, dict):
            order = [key for key in _CONDITIONS if key in current]
            waiting = [*(current[k] for k in order), *(v for k, v in current.items() if k not in order), *waiting]
