"""Path patterns of the configuration, in the manner of `.gitignore`. Knows no file system.

A pattern without a slash names a file or directory anywhere; one with a slash starts at the directory of the file that
holds it. `*`, `?` and `[…]` stay within one name, `**` crosses directories, and what matches a directory covers
all below. What means more in other programs (`!x`, `{a,b}`, a backslash) is refused: it would silently cover nothing.
The expressions made here are atomic group after atomic group: matching takes time linear in the path.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable

from neonlint.errors import UsageError
from neonlint.regex import regex

MAX_PATTERN = 512
#: So much of a pattern is shown in a complaint.
_SHOWN = 60
_META = regex(r"([*?\[])")
#: What stands for something else in a name.
_PIECES = regex(r"(\*+|\?|\[!?\]?[^\]/]*\])")
_BRACKETS = regex(r"\[[^\]/]*\]")
_ALTERNATIVES = regex(r"\{[^{}]*,")


def anchored(pattern: str, base: str) -> str:
    """A pattern as it is written in a file of directory `base` (forward slashes): absolute, or unchanged where it has
    no slash. Raises UsageError for what is no pattern."""
    if (complaint := _complaint(pattern)) is not None:
        shown = pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}…"
        raise UsageError(f"`{shown}`: {complaint}")
    body = pattern.rstrip("/")
    if "/" not in body or (pattern.startswith("/") and body.startswith(base + "/")):
        return _anywhere(pattern)
    return _join(base, body)


def _complaint(pattern: str) -> str | None:
    """Why a pattern is none, or would not mean what it does in other programs."""
    if len(pattern) > MAX_PATTERN:
        return f"a path pattern may have at most {MAX_PATTERN} characters; write several shorter ones"
    if pattern.rstrip("/") in ("", ".", ".."):
        return "this pattern names no file; write `**` for all files, or leave it out"
    if pattern.startswith("!"):
        return "a path pattern cannot begin with `!`: nothing is taken back in; write narrower patterns instead"
    outside = _BRACKETS.sub("", pattern)
    if "\\" in outside:
        return "a path pattern has no backslashes; write `/` between names, and `[*]` for a `*` that is meant literally"
    if outside.count("{") != outside.count("}") or _ALTERNATIVES.search(outside):
        return "a path pattern has no alternatives in braces; write one pattern for each, and `[{]` for a brace itself"
    try:
        _compiled([pattern] if outside != pattern else ())
    except re.error:
        return "a path pattern has a malformed bracket expression; write `[abc]` or `[a-z]`"
    return None


def _anywhere(pattern: str) -> str:
    """A pattern without its last slash, which makes one of no other a pattern for every directory."""
    body = pattern.rstrip("/")
    return body if body == pattern or "/" in body else f"**/{body}"


def _join(base: str, pattern: str) -> str:
    """`pattern` below directory `base`, with `./` and `../` resolved."""
    return posixpath.normpath(posixpath.join(_META.sub(r"[\1]", base), pattern.lstrip("/")))


def within(pattern: str, root: str) -> bool:
    """Whether a pattern (an absolute one, if it has a slash) speaks of what is below directory `root`."""
    return not os.path.isabs(pattern) or pattern.startswith(_join(root, "x")[:-1])  # noqa: PTH117 -- no path


def matcher(patterns: Iterable[str], root: str) -> Callable[[str], bool] | None:
    """Whether a path (relative to directory `root`, forward slashes) is covered by a pattern; None without patterns.

    One with a slash is absolute, or starts at `root`. One without never looks at the directories above `root`: a
    checkout may lie below one named `build`.
    """
    given = {_rooted(pattern, root) for pattern in patterns if pattern.strip("/")}
    if not given:
        return None
    plain = frozenset(pattern for pattern in given if "/" not in pattern and not _META.search(pattern))
    rooted = {pattern for pattern in given if "/" in pattern and not pattern.startswith("**/")}
    inside, whole = _compiled(given - rooted - plain), _compiled(rooted)
    prefix = root.rstrip("/") + "/"

    def matches(path: str) -> bool:
        below = path
        while below.startswith("../"):
            below = below[3:]
        if not plain.isdisjoint(below.split("/")) or (inside and inside(below)):
            return True
        return bool(whole and whole(posixpath.normpath(prefix + path)))

    return matches


def _rooted(pattern: str, root: str) -> str:
    """An absolute pattern for one with a slash."""
    pattern = _anywhere(pattern)
    free = "/" not in pattern or pattern.startswith("**/")
    return pattern if free or os.path.isabs(pattern) else _join(root, pattern)  # noqa: PTH117 -- no path


def _compiled(patterns: Iterable[str]) -> Callable[[str], object] | None:
    """One matcher for all patterns, or None where there are none. Raises re.error."""
    sources = sorted({_translate(pattern) for pattern in patterns})
    return regex("|".join(f"(?:{source})" for source in sources), re.DOTALL).match if sources else None


def _translate(pattern: str) -> str:
    """An expression for `pattern` to be matched at the start of a path."""
    if "/" not in pattern:
        pattern = f"**/{pattern}"
    head, *rest = pattern.lstrip("/").split("**/")
    return f"/?{_names(head)}" + "".join(f"(?>(?:[^/]+/)*?{_names(group)})" for group in rest)


def _names(group: str) -> str:
    """The expression for some names with slashes between them; the last one ends at a slash or at the end."""
    names = [name for name in group.split("/") if name]
    if not names:
        return ""
    open_end = group.endswith("/")
    return "/".join(".+" if name == "**" else _name(name) for name in names) + ("/" if open_end else "(?=/|$)")


def _name(name: str) -> str:
    """The expression for one name: each `*` takes as little as the literal behind it allows, for good."""
    pieces = _PIECES.split(name)
    chunks = [""]
    for index, piece in enumerate(pieces):
        if index % 2 and piece.startswith("*"):
            chunks.append("")
        else:
            chunks[-1] += _class(piece) if index % 2 else re.escape(piece)
    first, *rest = chunks
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>[^/]*?{chunk})" for chunk in middle) + f"[^/]*{last}(?=/|$)"


def _class(piece: str) -> str:
    """`?` or a bracket expression."""
    if piece == "?":
        return "[^/]"
    negated, body = piece[1:2] == "!", piece[1:-1].removeprefix("!")
    safe = re.sub(r"([\\\[\]^&~|])", r"\\\1", body)
    return f"(?!/)[{'^' if negated else ''}{safe}]"
