"""Which versions of which Python distributions a project names: pyproject.toml, requirements files, Pipfile and lock
files.

Reads text only. A lock file or an exact pin gives a version; a lower bound gives at least that; anything else gives a
name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from neonlint.regex import regex

_LINE = regex(
    r"^\s*[\"']?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?P<spec>(?:[<>=!~^]=?=?\s*[\w.*+!-]+\s*,?\s*)*)"
)
_BOUND = regex(r"(?P<op>===?|~=|>=|>|\^|~)\s*v?(?P<version>\d+(?:\.\d+)*)")
_LOCKED = regex(r'^\[\[package\]\]\s*\nname = "(?P<name>[^"]+)"\nversion = "(?P<version>[^"]+)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a project says about one distribution. `exact` is a pinned or locked version, `least` a lower bound."""

    name: str
    exact: tuple[int, ...] | None = None
    least: tuple[int, ...] | None = None
    path: str = ""

    def at_least(self, *version: int) -> bool | None:
        """Whether every version that this admits is at least `version`; None where that cannot be said."""
        if self.exact is not None:
            return self.exact >= version
        if self.least is not None and self.least >= version:
            return True
        return None


def normalise(name: str) -> str:
    """A distribution name in the form in which names are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read(path: str, data: bytes) -> dict[str, Requirement]:
    """The requirements a manifest names, by normalised name. A file that cannot be read says nothing."""
    text = data.decode("utf-8-sig", "replace")
    found: dict[str, Requirement] = {}
    for requirement in _requirements(path, text):
        key = normalise(requirement.name)
        found[key] = _stronger(found.get(key), requirement)
    return found


def _requirements(path: str, text: str) -> Iterator[Requirement]:
    name = path.rsplit("/", 1)[-1]
    if name.endswith(".lock"):
        for match in _LOCKED.finditer(text.replace("\r\n", "\n")):
            yield Requirement(match["name"], exact=_version(match["version"]), path=path)
    elif name in ("pyproject.toml", "Pipfile"):
        yield from _toml(path, text)
    else:
        for line in text.splitlines():
            stripped = line.strip().removeprefix("- ")
            if stripped and not stripped.startswith(("#", "-", "[")) and (found := _line(path, stripped)) is not None:
                yield found


def _toml(path: str, text: str) -> Iterator[Requirement]:
    import tomllib  # noqa: PLC0415 - costs 5 ms, and most runs on one file meet no manifest

    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):  # a ValueError that is no TOMLDecodeError: a number of 5000 digits
        return
    project = _mapping(data.get("project"))
    groups: list[Any] = [project.get("dependencies"), *_mapping(project.get("optional-dependencies")).values()]
    groups += _mapping(data.get("dependency-groups")).values()
    for group in groups:
        for line in group if isinstance(group, list) else ():
            if isinstance(line, str) and (found := _line(path, line)) is not None:
                yield found
    poetry = _mapping(_mapping(data.get("tool")).get("poetry"))
    tables = [poetry.get("dependencies"), data.get("packages"), data.get("dev-packages")]
    tables += [_mapping(g).get("dependencies") for g in _mapping(poetry.get("group")).values()]
    for table in tables:
        for name, spec in _mapping(table).items():
            version = spec.get("version") if isinstance(spec, dict) else spec
            yield _bounds(path, name, version if isinstance(version, str) else "")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _line(path: str, line: str) -> Requirement | None:
    match = _LINE.match(line)
    return _bounds(path, match["name"], match["spec"]) if match else None


def _bounds(path: str, name: str, spec: str) -> Requirement:
    exact = least = None
    for match in _BOUND.finditer(spec):
        version = _version(match["version"])
        if match["op"] in ("==", "===") and "*" not in spec:
            exact = version
        elif match["op"] not in ("==", "==="):
            least = version
    return Requirement(name, exact, least, path)


def _version(text: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part[:9]) for part in match[0].split(".")) if match else (0,)


def _stronger(old: Requirement | None, new: Requirement) -> Requirement:
    if old is None or (old.exact is None and (new.exact is not None or old.least is None)):
        return new
    return old
