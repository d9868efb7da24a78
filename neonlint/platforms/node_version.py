"""Which version of Node.js the files of a package name: images, function runtimes, `engines`, `.nvmrc`, workflows."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import islice

from neonlint.ir.source import Span
from neonlint.platforms.base import MOST, NodeVersion, row
from neonlint.regex import regex

_LINE = rb"^(?![ \t]*(?://|/?\*|#))"
#: Path of a file and the pattern that finds `version`s in it.
_FILES: tuple[tuple[re.Pattern[str], re.Pattern[bytes]], ...] = tuple(
    (regex(path), regex(pattern, re.MULTILINE | re.IGNORECASE))
    for path, pattern in (
        (
            r"(?:^|/)[^/]*Dockerfile[^/]*$",
            rb"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)?(?:[\w.:-]+/)*node:(?P<version>[\w.]+)"
            rb"|^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)?public\.ecr\.aws/lambda/nodejs:(?P<function>\d+)",
        ),
        (r"(?:^|/)\.(?:nvmrc|node-version)$", rb"^[ \t]*(?P<version>[\w./*-]+)"),
        (r"(?:^|/)\.tool-versions$", rb"^[ \t]*node(?:js)?[ \t]+(?P<version>[\w./*-]+)"),
        (
            r"(?:^|/)(?:serverless|(?:sam-?)?template|render|netlify)\.(?:ya?ml|json|ts|js|toml)$",
            _LINE + rb"[^\n]*\bruntime['\"]?:[ \t]*['\"]?nodejs(?P<version>\d+)"
            rb"|" + _LINE + rb"[ \t]*node_version[ \t]*=[ \t]*['\"](?P<function>[\w./*-]+)['\"]",
        ),
        (r"(?:^|/)package\.json$", rb"\"engines\"\s*:\s*\{[^{}]{0,300}?\"node\"\s*:\s*\"(?P<version>[^\"]+)\""),
        (
            r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$",
            _LINE + rb"[ \t-]*node-version:[ \t]*(?P<version>\[[^\[\]]{0,200}\]|['\"]?[\w./*>=-]+)",
        ),
    )
)
#: Code names of the long-term releases (Node.js releases).
_LTS = {"fermium": 14, "gallium": 16, "hydrogen": 18, "iron": 20, "jod": 22, "krypton": 24}
#: One alternative of a range: the operator, the major, and what follows.
_RANGE = regex(r"\s*+(?:(?P<op>>=|<=|>|<|\^|~|=)\s*+)?+v?(?P<major>\d{1,3})(?:\.[\dxX*]+)*")
_BUN = regex(rb"\"start\"\s*:\s*\"(?:[A-Z_]+=(?:[^\s\"\\]|\\\S)++\s+)*bun[ \t]+(?:run[ \t]+)?[\w./-]+\.[cm]?[jt]s")
_BUN_IMAGE = regex(rb"^[ \t]*FROM[^\n]*\boven/bun\b", re.MULTILINE)


def of_file(path: str, data: bytes) -> Iterator[NodeVersion]:
    """The versions that a file names."""
    data = _unmarked(data)
    for pattern, needle in _FILES:
        if not pattern.search(path):
            continue
        for match in islice(needle.finditer(data), MOST):
            group = "version" if match["version"] else "function"
            text = match[group].decode(errors="replace")
            place = path, Span(*match.span(group))
            for single in re.split(r"[,\[\]]", text):
                if (found := _version(single.strip(" \"'"))) is not None:
                    major, exact, verb = found
                    because = f"{path}:{row(data, match.start(group))} {verb} {major}"
                    yield NodeVersion(major, exact, because, place)


def starts_bun(path: str, data: bytes) -> bool:
    """Whether a file says that the package is run by Bun."""
    if path.endswith("package.json"):
        return _BUN.search(data) is not None
    return "Dockerfile" in path and _BUN_IMAGE.search(_unmarked(data)) is not None


def _unmarked(data: bytes) -> bytes:
    """`data` with blanks in the place of a byte order mark."""
    return b"   " + data[3:] if data.startswith(BOM_UTF8) else data


def _version(text: str) -> tuple[int, bool, str] | None:
    """A version or range: its lowest major, whether it is the only one, and how a file that holds it names it; None
    where there is no lower bound."""
    for name, major in _LTS.items():
        if name in text.lower():
            return major, True, "names Node.js"
    alternatives = [match for part in text.split("||") if (match := _RANGE.match(part))]
    if not alternatives or len(alternatives) != len(text.split("||")):
        return None
    majors = [int(match["major"]) for match in alternatives]
    first = alternatives[majors.index(min(majors))]
    if first["op"] in ("<", "<="):
        return None
    if first["op"] in (">=", ">"):
        upper = re.search(r"<\s*v?(\d{1,3})", text)
        if upper is None or int(upper[1]) > min(majors) + 1:
            return min(majors), False, "asks for at least Node.js"
    return min(majors), len(set(majors)) == 1, "names Node.js"
