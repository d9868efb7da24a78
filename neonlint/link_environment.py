"""Definitions of environment names: which of them answer for a piece of code, and in which environment they hold."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from neonlint.ir.model import Extract
from neonlint.ir.source import Document, Entry, EnvRef, Scalar, Table, Value, hole_indexes
from neonlint.link_roots import Roots
from neonlint.link_values import environment_tables
from neonlint.regex import regex

#: Where a definition holds; "" is everywhere, as far as its place says.
Environment: TypeAlias = Literal["", "development", "production", "test", "preview", "ci"]
_WORDS: dict[str, Environment] = {
    "production": "production", "prod": "production", "live": "production",
    "development": "development", "develop": "development", "dev": "development", "override": "development",
    "test": "test", "tests": "test", "testing": "test", "e2e": "test",
    "preview": "preview", "deploy-preview": "preview", "branch-deploy": "preview", "staging": "preview",
    "stage": "preview", "ci": "ci",
}  # fmt: skip
_CI = regex(
    r"(?:^|/)(?:\.github/|\.gitlab-ci[^/]*\.ya?ml$|\.circleci/|bitbucket-pipelines\.yml$|azure-pipelines[^/]*\.ya?ml$"
    r"|\.travis\.yml$|\.drone\.yml$|\.woodpecker|Jenkinsfile$)"
)
#: Tables under these keys hold for one environment: wrangler's `env.staging.vars`, netlify's `context.production`.
_BY_KEY = regex(r"(?:^|/)(?:wrangler\.(?:toml|jsonc?)|netlify\.toml)$")
_DEPLOYS = regex(r"(?:^|/)(?:fly(?:\.\w+)?\.toml|render\.ya?ml)$")
_FOLDER = regex(r"(?:^|/)(?:overlays|environments|envs)/([^/]+)/")
_SPLIT = regex(r"[._-]")
_EXAMPLE = regex(
    r"(?:^|[./_-])(?:example|sample|template|dist|tmpl|tpl|default|defaults|skel)(?:$|[./_-])", re.IGNORECASE
)
_DEPTH = 6


class Definition(NamedTuple):
    """One place that gives an environment name a value. `environment` is where it holds; `inferred` says that it
    answers only because one of several packages that use the code at hand defines it."""

    document: Document
    entry: Entry
    table: Table
    environment: Environment = ""
    inferred: bool = False


def is_example(path: str) -> bool:
    """Whether a path names a template that nobody runs with (`.env.example`)."""
    return _EXAMPLE.search(posixpath.basename(path)) is not None


def environment_of(path: str, keys: Sequence[str] = ()) -> Environment:
    """The environment that a place belongs to, by its file and the keys above it; "" where they name none."""
    name = posixpath.basename(path)
    if len(keys) > 1 and keys[0] in ("env", "context") and _BY_KEY.search(path):
        return _WORDS.get(keys[1].lower(), "preview")
    if _CI.search(path):
        return "ci"
    words = _SPLIT.split(name.lower())
    if "env" in words or "vars" in words or "compose" in name:
        return next((found for word in words if (found := _WORDS.get(word))), "")
    if _DEPLOYS.search(path):
        return next((found for word in words if (found := _WORDS.get(word))), "production")
    folder = _FOLDER.search(path)
    return _WORDS.get(folder[1].lower(), "") if folder else ""


class Definitions:
    """Every definition of a project by name."""

    def __init__(self, extracts: Sequence[Extract], roots: Roots) -> None:
        self._roots = roots
        self.by_name: Mapping[str, Sequence[Definition]] = _collect(extracts)
        self._by_root: dict[str, Mapping[str, list[Definition]]] = {}  # by name, then by package root

    def answering(self, name: str, path: str) -> list[Definition]:
        """The definitions of a name that answer for code at `path`, nearest root only; of examples, only where there
        is nothing else.

        Where none is at or above it, those of the packages that use its package answer: theirs is the process that
        the code runs in.
        """
        if name not in self.by_name:
            return []
        for root in self._roots.above(posixpath.dirname(path)):
            if here := self._at(root, name):
                return here
        users = self._roots.users(self._roots.of(path))
        found = [here for user in users if (here := self._at(user, name))]
        return [d._replace(inferred=d.inferred or len(found) > 1) for here in found for d in here]

    def _at(self, root: str, name: str) -> list[Definition]:
        if name not in self._by_root:
            grouped = defaultdict[str, list[Definition]](list)
            for definition in self.by_name[name]:
                grouped[self._roots.of(definition.document.path)].append(definition)
            self._by_root[name] = dict(grouped)
        here = self._by_root[name].get(root, [])
        return [d for d in here if not is_example(d.document.path)] or here


def _collect(extracts: Sequence[Extract]) -> Mapping[str, Sequence[Definition]]:
    found: dict[str, list[Definition]] = defaultdict(list)
    for extract in extracts:
        document = extract.document
        for root in document.roots:
            for keys, table in environment_tables(root):
                where = environment_of(document.path, keys)
                for entry in table.entries:
                    found[entry.key].append(Definition(document, entry, table, where))
    return found


def literal(definition: Definition) -> Value:
    """The value that a definition comes to within its own table: `DIRECT_URL=${DATABASE_URL}` is what `DATABASE_URL`
    is there, `${X:-default}` its default where the table has no `X`."""
    value = definition.entry.value
    for _ in range(_DEPTH):
        if isinstance(value, Scalar) and value.slot is not None and len(value.slot.text) == 1:
            held = hole_indexes(value.slot.text)
            value = value.slot.holes[held[0]] if held else value
        if not isinstance(value, EnvRef):
            return value
        beside = next((e for e in _before(definition.table, definition.entry) if e.key == value.name), None)
        if beside is None:
            return value.default if isinstance(value.default, Scalar) else value
        value = beside.value
    return value


def _before(table: Table, entry: Entry) -> Iterator[Entry]:
    """The entries of a table, those in front of `entry` first: a file may define a variable again after using it."""
    yield from (e for e in reversed(table.entries) if e.span.start < entry.span.start)
    yield from (e for e in table.entries if e.span.start > entry.span.start)
