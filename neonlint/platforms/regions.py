"""In which region files put the code of a package. Regions are compared by metropolitan area, so that those of several
clouds in one place are one. A region that is not in a table is not known, which says nothing.

The tables hold what the platforms document about their data centres: Vercel and Render run in the named regions of AWS,
Fly.io's codes are those of airports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Literal

from neonlint.ir.endpoint import Endpoint
from neonlint.ir.source import Span
from neonlint.platforms.base import MOST, Region, row
from neonlint.regex import regex

#: Regions of AWS and Azure as Neon's host names have them, by metropolitan area (Neon documentation, "Regions").
NEON: Mapping[str, str] = {
    "us-east-1": "Virginia",
    "us-east-2": "Ohio",
    "us-west-2": "Oregon",
    "eu-central-1": "Frankfurt",
    "eu-west-2": "London",
    "ap-southeast-1": "Singapore",
    "ap-southeast-2": "Sydney",
    "sa-east-1": "São Paulo",
    "eastus2": "Virginia",
    "gwc": "Frankfurt",
    "westus3": "Arizona",
}
_AWS = {name: metro for name, metro in NEON.items() if "-" in name}
_VERCEL = {
    "iad1": "Virginia",
    "cle1": "Ohio",
    "pdx1": "Oregon",
    "fra1": "Frankfurt",
    "lhr1": "London",
    "sin1": "Singapore",
    "syd1": "Sydney",
    "gru1": "São Paulo",
}
_FLY = {
    "iad": "Virginia",
    "fra": "Frankfurt",
    "lhr": "London",
    "sin": "Singapore",
    "syd": "Sydney",
    "gru": "São Paulo",
}
_RENDER = {
    "virginia": "Virginia",
    "ohio": "Ohio",
    "oregon": "Oregon",
    "frankfurt": "Frankfurt",
    "singapore": "Singapore",
}
_CLOUDFLARE = {f"aws:{name}": metro for name, metro in _AWS.items()} | {
    "azure:eastus2": "Virginia",
    "azure:westus3": "Arizona",
    "azure:germanywestcentral": "Frankfurt",
}
#: What does not name one place.
_NOWHERE = ("auto", "home", "global", "all")
_LINE = rb"^(?![ \t]*(?://|/?\*|#))[ \t]*"
_NAME = regex(rb"['\"]([^'\"\s]+)['\"]")
#: Path of a file, the pattern that finds its `regions`, and what its names mean.
_FILES: tuple[tuple[re.Pattern[str], re.Pattern[bytes], Mapping[str, str]], ...] = tuple(
    (regex(path), regex(pattern, re.MULTILINE), names)
    for path, pattern, names in (
        (r"(?:^|/)vercel\.json$", rb"\"regions\"\s*:\s*(?P<names>\[[^\[\]]{0,500}\])", _VERCEL),
        (
            r"\.[cm]?[jt]sx?$",
            rb"^export[ \t]+const[ \t]+preferredRegion\b[^=\n]*=[ \t]*(?P<names>\[[^\[\]]{0,500}\]|['\"][\w-]+['\"])",
            _VERCEL,
        ),
        (r"(?:^|/)fly\.toml$", _LINE + rb"primary_region[ \t]*=[ \t]*(?P<names>['\"][^'\"\n]*['\"])", _FLY),
        (r"(?:^|/)render\.ya?ml$", _LINE + rb"(?:-[ \t]+)?region:[ \t]*(?P<names>['\"]?\w+['\"]?)", _RENDER),
        (
            r"(?:^|/)wrangler\.(?:toml|jsonc?)$",
            _LINE + rb"[^\n]*\bregion['\"]?[ \t]*[=:][ \t]*(?P<names>['\"](?:aws|azure):[\w-]+['\"])",
            _CLOUDFLARE,
        ),
        (
            r"(?:^|/)serverless\.ya?ml$",
            _LINE + rb"region:[ \t]*(?P<names>['\"]?[a-z]+(?:-[a-z]+)+-\d['\"]?)[ \t]*(?:#|\r?$)",
            _AWS,
        ),
        (r"(?:^|/)samconfig\.toml$", _LINE + rb"region[ \t]*=[ \t]*(?P<names>['\"][^'\"\n]+['\"])", _AWS),
        (
            r"(?:^|/)sst\.config\.[cm]?ts$",
            rb"\bregion['\"]?[ \t]*:[ \t]*(?P<names>['\"][a-z]+(?:-[a-z]+)+-\d['\"])",
            _AWS,
        ),
    )
)


def of_endpoint(endpoint: Endpoint, platform: Literal["cloudflare", "vercel"]) -> str | None:
    """The platform's region nearest to a Neon endpoint, None where none of it is in the same metropolitan area."""
    table = _VERCEL if platform == "vercel" else _CLOUDFLARE
    metro = NEON.get(endpoint.region or "")
    near = [name for name, area in table.items() if area == metro]
    return max(near, key=lambda name: name.startswith(f"{endpoint.cloud}:"), default=None)


def of_file(path: str, data: bytes) -> Iterator[Region]:
    """The regions that a file names, each with its line; `metro` is "" for one that no table holds."""
    for pattern, needle, names in _FILES:
        if not pattern.search(path):
            continue
        for match in islice(needle.finditer(data), MOST):
            found = _NAME.findall(match["names"]) or [match["names"].strip()]
            for name in (text.decode(errors="replace") for text in found):
                if name not in _NOWHERE:
                    because = f"{path}:{row(data, match.start('names'))} puts this code in `{name}`"
                    yield Region(name, names.get(name, ""), because, (path, Span(*match.span("names"))))
