"""Where a project says that its databases are Neon's, beside the connection at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from neonlint.ir.model import Extract
from neonlint.ir.source import Document, Span
from neonlint.link_roots import Roots
from neonlint.link_values import names_neon
from neonlint.regex import regex

_TESTS = regex(r"(?:^|/)(?:tests?|testing|fixtures?|conftest\.py|test_[^/]*)(?:/|$)")
#: What the database of the tests is on says nothing of the others.
_TEST_NAME = regex(r"(?:^|_)TEST(?:_|$|ING)")
_README = regex(r"(?:^|/)README(?:\.\w+)?$", re.IGNORECASE)
#: What a README of a project on Neon links to, and the other hosts of databases that one names which leaves the choice.
_NEON_SITE = regex(rb"(?<![\w-])neon\.(?:tech|com)\b")
_OTHER_HOSTS = regex(
    rb"supabase|planetscale|cockroach|timescale|elephantsql|crunchy ?bridge|aiven|cloud ?sql|\brds\b|\baurora\b"
    rb"|azure database for",
    re.IGNORECASE,
)


class Spot(NamedTuple):
    """A place in a file that was read."""

    document: Document
    span: Span


class NeonShown:
    """By package root, what speaks of Neon."""

    def __init__(self, extracts: Sequence[Extract], roots: Roots) -> None:
        self._extracts = extracts
        self._roots = roots

    @cached_property
    def hosts(self) -> Mapping[str, Spot]:
        """One place where a connection string names a host of Neon, if only a placeholder; none of tests, and of prose
        only in a README."""
        found: dict[str, Spot] = {}
        for extract in self._extracts:
            document = extract.document
            if _TESTS.search(document.path) or (document.format == "text" and not _README.search(document.path)):
                continue
            for connection in extract.connections:
                if names_neon(connection) and not _TEST_NAME.search(connection.name):
                    found.setdefault(self._roots.of(document.path), Spot(document, connection.key_span))
                    break
        return found

    @cached_property
    def readmes(self) -> Mapping[str, Spot]:
        """Where its README links to Neon's site, if it names no other host of databases."""
        found: dict[str, Spot] = {}
        for document in (extract.document for extract in self._extracts):
            if not _README.search(document.path) or _TESTS.search(document.path):
                continue
            link = _NEON_SITE.search(document.data)
            if link is not None and not _OTHER_HOSTS.search(document.data):
                found.setdefault(self._roots.of(document.path), Spot(document, Span(*link.span())))
        return found
