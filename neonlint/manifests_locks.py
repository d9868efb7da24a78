"""Which versions npm, pnpm, yarn and bun have locked, of the few packages that rules ask about.

Lock files are large (10 MB and more) and are never parsed: each is searched once, in linear time, for these names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from neonlint.regex import regex

#: The packages of npm that rules ask about; a lock file says nothing about others.
PACKAGES = (
    "@auth/pg-adapter", "@cloudflare/workers-types", "@mikro-orm/core", "@mikro-orm/postgresql",
    "@neondatabase/serverless", "@payloadcms/db-postgres", "@payloadcms/db-vercel-postgres", "@prisma/adapter-neon",
    "@prisma/adapter-pg", "@prisma/client", "@strapi/strapi", "@types/pg", "@vercel/functions", "@vercel/postgres",
    "better-auth", "bun-types", "directus", "drizzle-kit", "drizzle-orm", "knex", "kysely", "kysely-neon", "next",
    "node-pg-migrate", "objection", "payload", "pg", "pg-connection-string", "pg-cursor", "pg-native", "pg-pool",
    "pg-promise", "pg-query-stream", "pgtyped", "postgres", "prisma", "sequelize", "sequelize-cli", "slonik", "typeorm",
    "undici", "wrangler", "ws",
)  # fmt: skip
_NAMES = "(?:" + "|".join(re.escape(name) for name in PACKAGES) + ")"
#: Lock files by name, and what each is written by.
LOCKS = {
    "package-lock.json": "npm", "npm-shrinkwrap.json": "npm", "pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn",
    "bun.lock": "bun",
}  # fmt: skip

_NPM = regex(
    rf'node_modules/(?P<name>{_NAMES})"\s*:\s*\{{[^{{}}]{{0,300}}?"version"\s*:\s*"(?P<version>\d[^"\n]{{0,60}})"'
)
_NPM_OLD = regex(
    rf'\n(?P<indent>[ \t]*)"(?P<name>{_NAMES})"\s*:\s*\{{\s*"version"\s*:\s*"(?P<version>\d[^"\n]{{0,60}})"'
)
_YARN = regex(
    rf'\n(?P<keys>"?{_NAMES}@[^\n]{{1,4000}}):[ \t]*\n(?:[ \t]++[^\n]{{0,300}}\n){{0,3}}?'
    r'[ \t]+version:?[ \t]+"?(?P<version>\d[^"\s]{0,60})'
)
_YARN_KEY = regex(rf'^"?(?P<name>{_NAMES})@(?:npm:)?(?P<range>.*?)"?$')
_BUN = regex(rf'\["(?P<name>{_NAMES})@(?P<version>\d[^"\n]{{0,60}})"')
_PNPM_PACKAGE = regex(rf"\n {{2}}['\"]?/?(?P<name>{_NAMES})[@/](?P<version>\d[^\s:('\"_]{{0,60}})")
_PNPM_KEY = regex(r"^(?P<indent> *)(?P<quote>['\"]?)(?P<key>[^'\"\s:][^'\"\n]*?)(?P=quote):(?: +(?P<value>\S.*))?$")
_GROUPS = ("dependencies", "devDependencies", "optionalDependencies")


class Lock(NamedTuple):
    """What a lock file says. By package, its versions by who holds them: `folder:` of a workspace member ("" the top),
    `range:` that was asked for, `name:` of a member, or `any …` for a version of whoever."""

    kind: str
    versions: Mapping[str, Mapping[str, str]]


def read(path: str, data: bytes) -> Lock:
    """A lock file, by its name."""
    kind = LOCKS[path.rpartition("/")[2]]
    text = "\n" + data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    found: dict[str, dict[str, str]] = {}
    for name, holder, version in _READERS[kind](text):
        found.setdefault(name, {}).setdefault(holder, version)
    return Lock(kind, found)


def version_for(
    lock: Lock, name: str, folder: str, package: str, wanted: str | None, fits: Callable[[str], bool]
) -> str | None:
    """The version of `name` that the member in `folder` (relative to the lock file) called `package` gets, which asks
    for the range `wanted`, into which a version `fits`; where nothing says so, the only one that fits."""
    versions = lock.versions.get(name, {})
    holders = [f"folder:{folder}", f"name:{package}"]
    holders += [f"range:{wanted.removeprefix('npm:')}"] if wanted is not None else []
    if lock.kind in ("npm", "bun"):  # what is not nested is hoisted to the top
        holders.append("folder:")
    for holder in holders:
        if holder in versions and fits(versions[holder]):
            return versions[holder]
    every = set(filter(fits, versions.values()))
    return every.pop() if len(every) == 1 else None


def _npm(text: str) -> Iterator[tuple[str, str, str]]:
    """Versions 2 and 3 list every folder of `node_modules`; version 1 nests them."""
    nested = True
    for match in _NPM.finditer(text):
        nested = False
        start = text.rfind('"', 0, match.start()) + 1
        inside = text[start : match.start()].rstrip("/")
        holder = f"any {match['version']}" if "node_modules" in inside else f"folder:{inside}"
        yield match["name"], holder, match["version"]
    if nested:
        old = list(_NPM_OLD.finditer(text))
        top = min((len(match["indent"]) for match in old), default=0)
        for match in old:
            holder = "folder:" if len(match["indent"]) == top else f"any {match['version']}"
            yield match["name"], holder, match["version"]


def _yarn(text: str) -> Iterator[tuple[str, str, str]]:
    for match in _YARN.finditer(text):
        for key in match["keys"].strip('"').split(", "):
            if (said := _YARN_KEY.match(key.strip())) is not None:
                yield said["name"], f"range:{said['range']}", match["version"]


def _bun(text: str) -> Iterator[tuple[str, str, str]]:
    for match in _BUN.finditer(text):
        before = text[max(match.start() - 320, 0) : match.start()].rstrip()
        key = before.removesuffix(":").rstrip().removesuffix('"').rpartition('"')[2]
        holder = key.removesuffix(match["name"]).rstrip("/")
        yield match["name"], f"name:{holder}" if holder else "folder:", match["version"]


def _pnpm(text: str) -> Iterator[tuple[str, str, str]]:
    end = text.find("\npackages:")
    end = len(text) if end < 0 else end
    yield from _pnpm_importers(text[:end])
    for match in _PNPM_PACKAGE.finditer(text, end):
        yield match["name"], f"any {match['version']}", match["version"]


def _pnpm_importers(text: str) -> Iterator[tuple[str, str, str]]:
    """The members of a workspace and what they get; without a workspace, the groups stand at the top."""
    above: list[tuple[int, str]] = []
    for line in text.split("\n"):
        match = _PNPM_KEY.match(line)
        if match is None:
            continue
        depth = len(match["indent"])
        while above and above[-1][0] >= depth:
            above.pop()
        keys = [key for _, key in above]
        value = (match["value"] or "").strip("'\"")
        member = "" if "importers" not in keys[:1] else keys[1] if len(keys) > 1 else ""
        holder = "folder:" + ("" if member == "." else member)
        if match["key"] == "version" and len(keys) > 1 and keys[-2] in _GROUPS and keys[-1] in PACKAGES:
            yield keys[-1], holder, _plain(value)
        elif value[:1].isdigit() and keys and keys[-1] in _GROUPS and match["key"] in PACKAGES:
            yield match["key"], holder, _plain(value)
        above.append((depth, match["key"]))


def _plain(version: str) -> str:
    """A version without the peers that pnpm writes behind it (`14.0.0(react@18.2.0)`, `14.0.0_react@18.2.0`)."""
    return re.split(r"[(_]", version, maxsplit=1)[0]


_READERS = {"npm": _npm, "pnpm": _pnpm, "yarn": _yarn, "bun": _bun}
