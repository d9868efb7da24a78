"""Neon host names: what a host says about endpoint, pooling, region and cloud. Pure text; opens no connection.

The grammar is that of Neon's proxy, which routes on the left-most label of the TLS server name (`ep-…[-pooler]`), of
the hosts that Neon documents (regions, clouds), and of the cell labels (`c-2`) and white-label domains seen in public
code.
"""

from __future__ import annotations

import re
from typing import Literal

from neonlint.ir.source import HOLE, MAX_HOLES, has_hole
from neonlint.records import dataclass, replace
from neonlint.regex import regex

HostKind = Literal["compute", "branch", "http", "interactive", "neon-other", "placeholder", "local", "ip", "other"]
HOST_KINDS: tuple[HostKind, ...] = (
    "compute",
    "branch",
    "http",
    "interactive",
    "neon-other",
    "placeholder",
    "local",
    "ip",
    "other",
)

_HOLES = f"{chr(HOLE)}-{chr(HOLE + MAX_HOLES - 1)}"
_ID = r"ep-[a-z]+(?:-[a-z]+)+-(?:[0-9]{6,8}|[a-z0-9]{8})"
_COMPUTE = regex(
    rf"(?P<id>{_ID})(?P<pooler>-pooler)?"
    r"(?:\.(?P<cell>c-[0-9]+))?\.(?P<region>(?!c-[0-9]+\.)[a-z0-9-]+)\.(?P<cloud>aws|azure)\.neon\.(?P<tld>tech|build)\.?"
)
_WHITE_LABEL = regex(
    rf"(?P<id>{_ID})(?P<pooler>-pooler)?\.(?P<region>[a-z0-9-]+)\."
    r"(?P<brand>postgres\.vercel-storage\.com|pg\.koyeb\.app|retooldb\.com)\.?"
)
_NEON_DOMAIN = regex(r"(?:^|\.)neon\.(?:tech|build)\.?$")
_NEON_SUFFIX = regex(rf"[.{_HOLES}](?:aws|azure)\.neon\.(?:tech|build)\.?$|[{_HOLES}]\.neon\.(?:tech|build)\.?$")
#: The first label of a compute's host, with as much of the domain as a cut-off or hand-written host name may have.
_CUT_OFF = regex(
    rf"(?P<id>{_ID})(?P<pooler>-pooler)?(?:\.c-[0-9]+)?"
    r"(?:(?:\.(?:[a-z]{2}-[a-z]+-[0-9]|eastus2|westus3|gwc))?(?:\.(?:aws|azure))?(?:\.neon)?|(?:\.[a-z0-9-]+)?\.neon\.(?:tech|build|com))\.?"
)
_ON_NEON_COM = regex(rf"(?P<id>{_ID})(?P<pooler>-pooler)?\.(?:[a-z0-9-]+\.)+neon\.com\.?")
_BRANCH = regex(r"br-[a-z]+(?:-[a-z]+)+-[a-z0-9]+(?:-pooler)?\.")
_HTTP = regex(r"(?:^|\.)(?:neonauth|apirest|apiauth|api|console|docs|stack)\.")
_LOCAL = regex(r"(?:localhost|host\.docker\.internal|.*\.localhost|.*\.local|.*\.internal|.*\.local\.neon\.build)$")
_IP = regex(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f:]+:[0-9a-f:.]*\]?)$")
#: Ids that documentation and templates use for "put yours here"; compared whole, never as a substring.
_PLACEHOLDER_IDS = regex(
    r"ep-(?:x+|\.+|(?:your|my|example|abc|foo|name|endpoint|host|id|some|random|test|placeholder)(?:[-.0-9].*)?|<.*|\[.*|xx.*)$"
    r"|ep-(?:cool-darkness|adjective-noun|quiet-sound|silent-forest|project-name|main-branch)-?(?:123456|12345678|a1b2c3d4|0*)?$"
)
_PLACEHOLDER_HOST = regex(
    r"[<>\[\]{}*$]|\.\.|x{3,}"
    r"|^(?:your|my|host|hostname|example|db|neon)[-_.]?(?:host|name|neon|db|project)?\.(?:.*\.)?neon\.tech$"
    r"|^host\.|your[-_]|^\.|(?:^|[.-])example\b"
)
#: What stands for the id where it is left out: `ep-...-pooler.c-3.us-east-2.aws.neon.tech`.
_ELIDED = regex(r"(?<=^ep-)(?:\.{3}|…)")
#: `-pooler` wherever it does not belong to a word of its own, and wherever an endpoint id has it inside.
_POOLER = regex(r"-pooler(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a host name says. `None` where the name does not say it; `unseen` where a hole hides whether it is pooled;
    `partial` where any of it is a hole, so that a `None` is unknown rather than absent.
    """

    kind: HostKind
    id: str | None = None
    pooled: bool = False
    cell: str | None = None
    region: str | None = None
    cloud: str | None = None
    staging: bool = False
    brand: str | None = None
    misplaced_pooler: bool = False
    truncated: bool = False
    unseen: bool = False
    partial: bool = False

    @property
    def neon(self) -> bool:
        """Whether a Postgres client reaches a Neon compute under this name."""
        return self.kind in ("compute", "branch")


def parse(host: str) -> Endpoint:
    """Classify a host name. Holes in it make it `partial`, and then only what the literal rest proves is said."""
    name = host.strip().lower()
    if has_hole(name):
        return _partly_seen(name)
    if (found := _with_pooler_moved(name) or _well_formed(name)) is not None:
        return found
    if _NEON_DOMAIN.search(name):
        return _other_neon(name)
    if match := _CUT_OFF.fullmatch(name):
        return _cut_off(match)
    if (match := _ON_NEON_COM.fullmatch(name)) is not None:
        return Endpoint("neon-other", match["id"], match["pooler"] is not None)
    return Endpoint(_plain_kind(name))


def _well_formed(name: str) -> Endpoint | None:
    if match := _COMPUTE.fullmatch(name):
        return _compute(match)
    if match := _WHITE_LABEL.fullmatch(name):
        return Endpoint(
            "compute",
            match["id"],
            match["pooler"] is not None,
            region=match["region"],
            cloud="aws",
            brand=match["brand"],
        )
    return None


def _compute(match: re.Match[str]) -> Endpoint:
    placeholder = bool(_PLACEHOLDER_IDS.match(match["id"]))
    return Endpoint(
        "placeholder" if placeholder else "compute",
        match["id"],
        match["pooler"] is not None,
        match["cell"],
        match["region"],
        match["cloud"],
        staging=match["tld"] == "build",
    )


def _with_pooler_moved(name: str) -> Endpoint | None:
    """What a host says whose `-pooler` stands in a wrong place; None where moving it does not make a compute's host."""
    repaired = repair_pooler(name)
    if repaired is None or repaired == name or (found := _well_formed(repaired)) is None:
        return None
    return replace(found, misplaced_pooler=found.kind == "compute")


def _cut_off(match: re.Match[str]) -> Endpoint:
    if _PLACEHOLDER_IDS.match(match["id"]):
        return Endpoint("placeholder", match["id"], match["pooler"] is not None)
    return Endpoint("neon-other", match["id"], match["pooler"] is not None, truncated=True)


def _plain_kind(name: str) -> HostKind:
    if not name or _LOCAL.match(name) or name.startswith("/"):
        return "local"
    if _IP.match(name):
        return "local" if name.startswith(("127.", "0.0.0.0", "::1", "[::1")) else "ip"  # noqa: S104 (read, not bound)
    if "." not in name:  # a compose service, a Kubernetes service, an alias in /etc/hosts
        return "local"
    return "placeholder" if _PLACEHOLDER_HOST.search(name) else "other"


def _other_neon(name: str) -> Endpoint:
    if re.search(r"\.local\.neon\.build\.?$", name):
        return Endpoint("local")
    if name.rstrip(".") in ("pg.neon.tech", "pg.neon.build"):
        return Endpoint("interactive")
    first = _ELIDED.sub("xxx", name).split(".", 1)[0]
    bare, pooled = first.removesuffix("-pooler"), first.endswith("-pooler")
    if _BRANCH.match(name):
        return Endpoint("branch", bare, pooled, staging=name.rstrip(".").endswith(".build"))
    if _HTTP.search(name):
        return Endpoint("http")
    if _PLACEHOLDER_IDS.match(bare) or _PLACEHOLDER_HOST.search(name):
        return Endpoint("placeholder", pooled=pooled)
    if match := _CUT_OFF.fullmatch(name):
        return _cut_off(match)
    if re.fullmatch(_ID, bare):  # a cloud or a domain below neon.tech that this grammar does not know
        return Endpoint("neon-other", bare, pooled)
    return Endpoint("placeholder" if first.startswith("ep-") else "neon-other", pooled=pooled)


def _partly_seen(name: str) -> Endpoint:
    first, _, rest = name.partition(".")
    if not rest or not _NEON_SUFFIX.search(name) or _HTTP.search(name):
        return Endpoint("other", unseen=True, partial=True)
    pooled = first.endswith("-pooler")
    bare = first.removesuffix("-pooler")
    return Endpoint(
        "compute",
        bare if re.fullmatch(_ID, bare) else None,
        pooled,
        staging=name.rstrip(".").endswith(".build"),
        unseen=has_hole(first[-7:]) or not first,
        partial=True,
    )


def repair_pooler(host: str) -> str | None:
    """The host with exactly one `-pooler`, at the end of its first label; None where there is none to move."""
    bare = _POOLER.sub("", host)
    if bare == host:
        return None
    dot = "." if bare.endswith(".") else ""
    labels = [label for label in bare.split(".") if label]
    return ".".join([f"{labels[0]}-pooler", *labels[1:]]) + dot if labels else None


def with_pooler(host: str, pooled: bool) -> str:
    """The same endpoint's pooled or direct host name; everything behind the first label stays."""
    first, dot, rest = host.partition(".")
    bare = first[: -len("-pooler")] if first.lower().endswith("-pooler") else first
    return f"{bare}-pooler{dot}{rest}" if pooled else f"{bare}{dot}{rest}"
