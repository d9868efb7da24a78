"""Taking suppressions out of comments: names out of a bracket, a suppression out of a comment that says more, or the
whole comment with its line. Knows how a suppression is written, no rule and no format.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from neonlint.edits import Edit
from neonlint.ir.source import Comment, Span
from neonlint.regex import regex

DIRECTIVE = regex(r"(?<![\w-])neonlint:[ \t]*(?P<verb>[a-z][a-z-]{0,30})(?:[ \t]*\[(?P<codes>[^\]]{0,400})\])?")
_WORD = regex(r"\w")
_CLOSER = regex(r"\s*(?:\*/|-->)\s*$")
#: Where a comment within the comment begins; what is behind it is for another tool, no part of a reason.
_ANOTHER = regex(r"[ \t](?:#|//)(?:[ \t]+|(?=noqa|nosec|type:|pragma:|pylint:|eslint|biome|@ts-))")
#: How many bytes of blanks are looked through.
_BLANKS = 1000
_FRONT = regex(r"(?:[ \t]+(?:#|//|--|;))?[ \t]*$")


class Removal(NamedTuple):
    """What is to go: of the comment's directive number `position`, whose text is `text`, the names `gone`; without
    names left the directive goes, too."""

    position: int
    text: str
    gone: Collection[str]


def names(codes: str | None) -> list[str]:
    """The names in a bracket."""
    return [name.strip() for name in (codes or "").split(",") if name.strip()]


def line_start(data: bytes, at: int) -> int:
    """Where the line of byte `at` begins."""
    return max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1


def removed(data: bytes, comment: Comment, removals: Sequence[Removal]) -> Edit | None:
    """The edit of a file's `data` that takes `removals` out of one of its comments and leaves what else the comment
    says; None where that cannot be told apart."""
    span = comment.span
    try:
        raw = data[span.start : span.end].decode()
    except UnicodeDecodeError:
        return None
    written = list(DIRECTIVE.finditer(raw))
    if any(one.position >= len(written) or written[one.position][0] != one.text for one in removals):
        return None
    left = raw
    for one in sorted(removals, reverse=True):  # from behind, so that places in front stay
        left = _without_names(left, written[one.position], one.gone)
    if not _WORD.search(left):
        return _without(data, span)
    if list(_said(left)) != list(_wanted(written, removals)):
        return None
    return Edit(span.start, span.end, left.encode())


def _said(text: str) -> Iterator[tuple[str, list[str]]]:
    return ((match["verb"], names(match["codes"])) for match in DIRECTIVE.finditer(text))


def _wanted(written: Sequence[re.Match[str]], removals: Sequence[Removal]) -> Iterator[tuple[str, list[str]]]:
    """The directives that are to be left."""
    gone = {one.position: one.gone for one in removals}
    for position, match in enumerate(written):
        kept = [name for name in names(match["codes"]) if name not in gone.get(position, ())]
        if kept or position not in gone:
            yield match["verb"], kept


def _without_names(text: str, match: re.Match[str], gone: Collection[str]) -> str:
    all_names = (match["codes"] or "").split(",")
    kept = [name for name in all_names if name.strip() not in gone]
    if any(name.strip() for name in kept):
        first = kept[0].lstrip() if kept[0] is not all_names[0] else kept[0]
        return text[: match.start("codes")] + ",".join([first, *kept[1:]]) + text[match.end("codes") :]
    start, end = _extent(text, match)
    return text[:start] + text[end:]


def _extent(text: str, match: re.Match[str]) -> tuple[int, int]:
    """What of a comment is one directive: it and the reason behind it, up to the end of the line, the next directive,
    or a comment within the comment; with the marker and blanks in front where something else comes before."""
    following, closer = DIRECTIVE.search(text, match.end()), _CLOSER.search(text, match.end())
    ends = [at for char in "\r\n" if (at := text.find(char, match.end())) >= 0]
    ends += [found.start() for found in (following, closer) if found is not None]
    end = min(ends, default=len(text))
    another = _ANOTHER.search(text, match.end(), end)
    line = max(text.rfind("\n", 0, match.start()), text.rfind("\r", 0, match.start())) + 1
    if not _WORD.search(text, line, match.start()):
        return match.start(), another.end() if another else end
    front = _FRONT.search(text, line, match.start())
    end = another.start() if another else end
    apart = end == len(text) or text[end].isspace()
    return front.start() if front is not None and apart else match.start(), end


def _without(data: bytes, span: Span) -> Edit:
    """The edit that removes a comment: with its line where nothing else is on it, else with the blanks before it."""
    start, end = span.start, span.end
    braces = data[start - 1 : start] == b"{" and data[end : end + 1] == b"}"
    if braces and not _among_elements(data, start - 1, end + 1):
        return Edit(start, end, b"")
    if braces:
        start, end = start - 1, end + 1
    first = line_start(data, start)
    last = _line_end(data, end)
    before, after = data[first:start], data[end:last]
    if not after.strip() and not before.removeprefix(b"\xef\xbb\xbf").strip():
        last += 2 if data[last : last + 2] == b"\r\n" else 1 if last < len(data) else 0
        return Edit(first + (3 if before.startswith(b"\xef\xbb\xbf") else 0), last, b"")
    if braces:  # blanks between elements are text
        return Edit(start, end, b"")
    if not after.strip():
        return Edit(first + len(before.rstrip(b" \t")), end, b"")
    if not before and after[:1].isspace():
        return Edit(start, end + 1, b"")
    if before[-1:].isspace() and after[:1].isspace():
        return Edit(start - 1, end, b"")
    return Edit(start, end, b" " if before[-1:].strip() and after[:1].strip() else b"")


def _among_elements(data: bytes, start: int, end: int) -> bool:
    """Whether braces with a comment in them stand between elements of JSX, where they mean nothing; anywhere else they
    may be an object or the body of a function."""
    front, behind = data[max(0, start - _BLANKS) : start].rstrip(), data[end : _line_end(data, end)].lstrip()
    return front.endswith((b">", b"}")) and not front.endswith(b"=>") and (not behind or behind[:1] in b"<{")


def _line_end(data: bytes, at: int) -> int:
    return min((found for char in b"\r\n" if (found := data.find(char, at)) >= 0), default=len(data))
