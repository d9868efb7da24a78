"""Everything that one file says about where code runs, put together from the tables of the platforms."""

from __future__ import annotations

import posixpath

from neonlint.platforms import cloud, javascript, node_version, python, regions
from neonlint.platforms.base import Told
from neonlint.regex import regex

_PACKAGE = regex(rb"\"([@\w./-]+)\"\s*:\s*\"")


def of_file(path: str, data: bytes) -> Told | None:
    """What a file says; None where that is nothing."""
    signs = [sign for sign in (python.of_file(path, data),) if sign is not None]
    if path.endswith(javascript.SUFFIXES) and (sign := javascript.of_file(path, data)) is not None:
        signs.append(sign)
    signs += cloud.of_file(path, data)
    told = Told(
        tuple(signs),
        tuple(node_version.of_file(path, data)),
        tuple(regions.of_file(path, data)),
        _packages(path, data),
        cloud.compat(path, data),
        node_version.starts_bun(path, data),
    )
    return told if told != Told() else None


def _packages(path: str, data: bytes) -> frozenset[str]:
    """Which of the packages that signs ask about a `package.json` names."""
    if posixpath.basename(path) != "package.json":
        return frozenset()
    named = {match[1].decode(errors="replace") for match in _PACKAGE.finditer(data)}
    return frozenset(named & set(cloud.SERVED))
