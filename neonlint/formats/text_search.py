"""Where a text of no particular format holds connection strings and Neon passwords. Knows how they look, no file.

Every pattern takes linear time: what may repeat is possessive, and no failure is tried again inside what it passed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, TypeAlias

from neonlint.regex import regex

#: What a place holds: a URL, libpq keywords, keywords between semicolons (ADO.NET), a password by itself.
Kind: TypeAlias = Literal["url", "keywords", "semicolons", "password"]
#: Character offsets, end exclusive.
Place: TypeAlias = tuple[int, int, Kind]

_NEON = regex(
    r"(?:\.neon\.(?:tech|build)|\.(?:postgres\.vercel-storage|retooldb)\.com|\.pg\.koyeb\.app)(?![\w\-]|\.\w)",
    re.IGNORECASE,
)

# A word may begin behind an escaped newline of a notebook or a JSON text, whose letter is no part of it.
_BEGIN = r"(?:(?<![\w+.\-])|(?<=\\[nrt]))"
# Brackets count only in pairs: a link's closing bracket ends the string, `[password]` and `{password}` do not.
_CHARACTER = r"[^\s\"'`<>()\[\]{}|\\]"
_PAIRS = r"\[[^\s\"'`<>()\[\]{}|\\]*+\]|\{\{[^{}\r\n\"`]*+\}\}|\{[^\s\"'`{}]*+\}"
_URL = regex(
    rf"{_BEGIN}(?:jdbc:)?postgres(?:ql)?(?:\+[a-z0-9_]++)?://(?:{_CHARACTER}|{_PAIRS})++",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?*"

_TOKEN = r"[A-Za-z_]\w*+=(?:'[^'\r\n]*+'|[^\s\"'`\\;<>|,()]++)"  # noqa: S105 (not a password)
_KEYWORDS = regex(rf"{_BEGIN}{_TOKEN}(?:[ \t]++{_TOKEN})*+")
_ASSIGNED = regex(r"[A-Za-z_]\w*+=(?=(?:host|hostaddr|user|password|dbname|port|sslmode|options)=)", re.IGNORECASE)
_SEMICOLONS = regex(
    rf"{_BEGIN}(?:host|server|data source|username|user id|user|uid|password|pwd|database|port|ssl ?mode)[ ]?="
    r"[^;\"'`\\<>\r\n]*+(?:;[ ]?[a-z][a-z \t]{0,30}=[^;\"'`\\<>\r\n]*+)*+;?",
    re.IGNORECASE,
)
_HAS_HOST = regex(r"(?<!\w)(?:host|server|data source)\s?=\s?[^\s;]*+", re.IGNORECASE)
_HAS_PASSWORD = regex(r"(?<!\w)(?:password|pwd)\s?=\s?[^\s;]", re.IGNORECASE)

_PASSWORD = regex(rf"{_BEGIN}npg_[A-Za-z0-9]++")
_PASSWORD_LENGTH = len("npg_") + 12
_PASSWORD_KEY = regex("pass|pwd", re.IGNORECASE)

_KEY = regex(
    r"([A-Za-z_][\w.\-]*+)(?:\\?[\"'`]|\]|\*){0,6}\s{0,4}(?:=>|:=|[:=|])\*{0,2}\s{0,4}(?:[rbfu]{0,2}\\?[\"'`(]{1,3})?\Z"
)
_KEY_REACH = 200


def places(text: str) -> list[Place]:
    """The strings, in order and without overlap; a URL wins over keywords, and both over a password inside them."""
    taken: list[Place] = []
    for find in (_urls, _keyword_strings, _passwords):
        taken = sorted([*taken, *_free(taken, find(text))])
    return taken


def key_before(text: str, at: int) -> tuple[str, int] | None:
    """The name that the value at `at` is given to on its line, and where the name begins."""
    line = max(text.rfind("\n", 0, at) + 1, at - _KEY_REACH)
    match = _KEY.search(text[line:at])
    # In a connection string that is cut off, the role stands in front of the colon.
    role = match and text.endswith("://", 0, line + match.start())
    return (match[1], line + match.start(1)) if match and not role else None


def _free(taken: list[Place], more: Iterator[Place]) -> Iterator[Place]:
    """Those of `more` that overlap neither `taken` (sorted) nor each other; of two the earlier, then the longer."""
    end = 0
    for place in sorted(more, key=lambda place: (place[0], -place[1])):
        index = bisect_right(taken, place[0], key=lambda other: other[0])
        before = taken[index - 1][1] if index else 0
        after = taken[index][0] if index < len(taken) else place[1]
        if place[0] >= max(before, end) and place[1] <= after:
            end = place[1]
            yield place


def _urls(text: str) -> Iterator[Place]:
    for match in _URL.finditer(text):
        written = match[0].rstrip(_TRAILING)
        if _names_neon(written):
            yield match.start(), match.start() + len(written), "url"


def _names_neon(url: str) -> bool:
    # The host is behind the last `@`: a user name may be a mail address, and a password may hold one unescaped.
    authority = url.partition("://")[2].partition("?")[0]
    return bool(_NEON.search(authority.rpartition("@")[2].partition("/")[0]))


def _keyword_strings(text: str) -> Iterator[Place]:
    seen = -1
    for domain in _NEON.finditer(text):
        if domain.start() < seen:
            continue
        start, end = text.rfind("\n", 0, domain.start()) + 1, text.find("\n", domain.end())
        seen = end if end >= 0 else len(text)
        for match in _KEYWORDS.finditer(text, start, seen):
            yield from _keyword_string(match, "keywords")
        for match in _SEMICOLONS.finditer(text, start, seen):
            yield from _keyword_string(match, "semicolons")


def _keyword_string(match: re.Match[str], kind: Kind) -> Iterator[Place]:
    name = _ASSIGNED.match(match[0])
    skipped = name.end() if name else 0
    written = match[0][skipped:].rstrip()
    host = _HAS_HOST.search(written)
    fits = kind == "keywords" or ";" in written
    if fits and host and _NEON.search(host[0]) and _HAS_PASSWORD.search(written):
        yield match.start() + skipped, match.start() + skipped + len(written), kind


def _passwords(text: str) -> Iterator[Place]:
    for match in _PASSWORD.finditer(text):
        if len(match[0]) >= _PASSWORD_LENGTH or _named_password(text, match.start()):
            yield match.start(), match.end(), "password"


def _named_password(text: str, at: int) -> bool:
    key = key_before(text, at)
    return bool(key and _PASSWORD_KEY.search(key[0]))
