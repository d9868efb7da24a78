"""Ranges of versions as package.json writes them (node-semver), and the requirements that it names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from neonlint.manifests import Requirement
from neonlint.regex import regex

#: One comparator: an operator and up to three numbers, of which those missing or `x` stand for any.
_ONE = regex(
    r"(?:(?P<op>>=|<=|>|<|=|\^|~>?)\s*+)?+v?(?P<major>\d{1,9})(?:\.(?P<minor>\d{1,9}|[xX*]))?(?:\.(?P<patch>\d{1,9}|[xX*]))?"
    r"(?P<rest>[-+][\w.+-]*)?"
)
_HYPHEN = regex(r"^\s*(\S+)\s+-\s+(\S+)\s*$")
_ALIAS = regex(r"^npm:(?:@[^/@]+/)?[^/@]+@")

Version = tuple[int, ...]
Bounds = tuple[Version | None, Version | None, Version | None]


def requirements(path: str, dependencies: Mapping[str, str]) -> dict[str, Requirement]:
    """By name, what the dependencies of a package.json ask for."""
    found = {}
    for name, spec in dependencies.items():
        exact, least, below = bounds(spec)
        found[name] = Requirement(name, exact, least, path, below)
    return found


def bounds(spec: str) -> Bounds:
    """What a range admits: one version alone, the least, and the first that is too high; None where it does not say."""
    spec = _ALIAS.sub("", spec.strip())
    if not spec or spec[0] not in "0123456789<>=^~v ":
        return None, None, None
    parts = [_conjunction(part) for part in spec[:300].split("||")]
    if len(parts) == 1:
        return parts[0]
    leasts = [exact or least for exact, least, _ in parts]
    belows = [_next(exact) if exact else below for exact, _, below in parts]
    least = min((v for v in leasts if v is not None), default=None) if None not in leasts else None
    below = max((v for v in belows if v is not None), default=None) if None not in belows else None
    return None, least, below


def exact_version(text: str) -> Version | None:
    """The numbers of a locked version."""
    match = _ONE.match(text.lstrip())
    return _numbers(match) if match else None


def _conjunction(text: str) -> Bounds:
    if (hyphen := _HYPHEN.match(text)) is not None:
        text = f">={hyphen[1]} <={hyphen[2]}"
    exact: Version | None = None
    least: Version | None = None
    below: Version | None = None
    for match in _ONE.finditer(text):
        low, high = _window(match["op"] or "", _numbers(match))
        if match["op"] in (None, "=") and len(_numbers(match)) == 3:
            exact = _numbers(match)
            continue
        least = low if least is None or (low is not None and low > least) else least
        below = high if below is None or (high is not None and high < below) else below
    return exact, least, below


def _numbers(match: re.Match[str]) -> Version:
    """The numbers of a comparator up to the first that may be anything."""
    numbers: list[int] = []
    for key in ("major", "minor", "patch"):
        text = match[key]
        if text is None or not text.isdigit():
            break
        numbers.append(int(text))
    return tuple(numbers)


def _window(op: str, version: Version) -> tuple[Version | None, Version | None]:
    """The least version that a comparator admits, and the first above it that it does not."""
    full = (*version, 0, 0)[:3]
    match op:
        case ">=":
            return full, None
        case ">":
            return (full if len(version) == 3 else _next(version)), None
        case "<":
            return None, full
        case "<=":
            return None, _next(version)
        case "^":
            fixed = next((i for i, number in enumerate(version) if number), len(version) - 1)
            return full, _next(version[: fixed + 1])
        case "~" | "~>":
            return full, _next(version[:2])
        case _:
            return full, _next(version)


def _next(version: Version) -> Version:
    """The first version behind all that begin with these numbers."""
    return (*version[:-1], version[-1] + 1)
