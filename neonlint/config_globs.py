"""Path patterns of the configuration, in the manner of `.gitignore`. Knows no file system.

A pattern without a slash names a file or directory anywhere; one with a slash starts at the directory of the file that
holds it. `*`, `?` and `[…]` stay within one name, `**` crosses directories, and what matches a directory covers
all below. The expressions made here are atomic group after atomic group: matching takes time linear in the path.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable

from neonlint.errors import UsageError
from neonlint.regex import regex

MAX_PATTERN = 512
_META = regex(r"([*?\[])")


def anchored(pattern: str, base: str) -> str:
    """`pattern` as an absolute one below directory `base` (forward slashes), or unchanged where it holds no slash."""
    if len(pattern) > MAX_PATTERN:
        raise UsageError(f"a path pattern may have at most {MAX_PATTERN} characters; write several shorter ones")
    body = pattern.rstrip("/")
    if "/" not in body:
        return body if body == pattern else f"**/{body}"
    return pattern if pattern.startswith("/") and body.startswith(base + "/") else join(_META.sub(r"[\1]", base), body)


def join(base: str, pattern: str) -> str:
    """`pattern` below `base`, with `./` and `../` resolved."""
    return posixpath.normpath(posixpath.join(base, pattern.lstrip("/")))


def matcher(patterns: Iterable[str], root: str) -> Callable[[str], bool] | None:
    """Whether a path (relative to directory `root`, forward slashes) is covered by a pattern; None without patterns.

    A pattern without a slash never looks at the directories above `root`: a checkout may lie below one named `build`.
    """
    given = {anchored(pattern, root) for pattern in patterns if pattern.strip("/")}
    if not given:
        return None
    plain = frozenset(pattern for pattern in given if "/" not in pattern and not _META.search(pattern))
    rooted = {pattern for pattern in given if "/" in pattern and not pattern.startswith("**/")}
    inside, whole = _compiled(given - rooted - plain), _compiled(rooted)
    prefix = root.rstrip("/") + "/"

    def matches(path: str) -> bool:
        below = path.rpartition("../")[2]
        if not plain.isdisjoint(below.split("/")) or (inside and inside(below)):
            return True
        return bool(whole and whole(posixpath.normpath(prefix + path)))

    return matches


def _compiled(patterns: Iterable[str]) -> Callable[[str], object] | None:
    """One matcher for all patterns, or None where there are none."""
    sources = sorted({_translate(pattern) for pattern in patterns})
    try:
        return regex("|".join(f"(?:{source})" for source in sources), re.DOTALL).match if sources else None
    except re.error:
        raise UsageError("a path pattern has a malformed bracket expression; write `[abc]` or `[a-z]`") from None


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
    first, *chunks = [_literal(chunk) for chunk in re.split(r"\*+", name)]
    if not chunks:
        return first
    *middle, last = chunks
    return first + "".join(f"(?>[^/]*?{chunk})" for chunk in middle) + f"[^/]*{last}(?=/|$)"


def _literal(chunk: str) -> str:
    """A piece of a name without `*`."""
    pieces = re.split(r"(\?|\[!?\]?[^\]/]*\])", chunk)
    return "".join(_class(piece) if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))


def _class(piece: str) -> str:
    """`?` or a bracket expression."""
    if piece == "?":
        return "[^/]"
    negated, body = piece[1:2] == "!", piece[1:-1].removeprefix("!")
    safe = re.sub(r"([\\\[\]^&~|])", r"\\\1", body)
    return f"(?!/)[{'^' if negated else ''}{safe}]"
