"""Source lines without their secrets. What the parser found is masked by its byte ranges; patterns mask what it missed.

Every pattern here takes time linear in the line: repetitions are possessive or bounded, and none follows another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from neonlint.ir.source import Span
from neonlint.regex import regex
from neonlint.report.render import render

MASK = "***"
WIDEST = 160
_ELLIPSIS = "…"
#: How far from a label characters are drawn; a window keeps a line of a megabyte cheap.
_WINDOW = 400

_SCHEME = regex(r"://")
_RUN = regex(r"[^\s\"'`<>]*+")
_KEY = regex(
    r"passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|credential|(?<![a-z])(?:pwd|pass|pw)(?![a-z])",
    re.IGNORECASE,
)
#: What may stand between such a name and its value: dotenv, YAML, JSON (in a string, too), TOML, Python, JS, Ruby.
_SEPARATOR = regex(
    r"[\w.\-]{0,64}\\?[\"'`]?\]?\s{0,8}(?:=>|:=|[!=]==?|[:=](?!/)|,(?=\s{0,8}\\?[\"']))\s{0,8}"
    r"(?:!!?\w{1,16}\s{1,8})?"
)
_OPENING = regex(r"[a-zA-Z]{0,2}(\\\"|\"\"\"|'''|[\"'`])")
_CLOSED = regex(r"\\?[\"'`]{1,3}(?=[\s,;)\]}#&]|$)")
#: What a quoted value may hold. A backslash always takes the next character along: reading on too far is the safe way.
_INSIDE = {
    '\\"': regex(r'(?:[^\\]|\\\\(?:\\.|[^\\])?|\\[^"\\])*+', re.DOTALL),
    '"""': regex(r'(?:[^"\\]|\\.?|"(?!""))*+', re.DOTALL),
    "'''": regex(r"(?:[^'\\]|\\.?|'(?!''))*+", re.DOTALL),
    '"': regex(r'(?:[^"\\]|\\.?)*+', re.DOTALL),
    "'": regex(r"(?:[^'\\]|\\.?|'')*+", re.DOTALL),
    "`": regex(r"(?:[^`\\]|\\.?)*+", re.DOTALL),
}
_WORD = regex(r"(?:[^\s&;\"'`\\]|\\.?)*+", re.DOTALL)
_ALONE = regex(r"\s*(?:export\s+|set\s+|-\s+)?[\w.\-\"']{1,80}\s*[:=]")
#: drizzle-kit's object of options: what is secret in it has a name of its own, or stands in a URL.
_OPTIONS = regex(r"(?<![\w$])[\"']?dbCredentials[\"']?\s{0,8}[:=]\s{0,8}\{")
_KNOWN = regex(r"(?:npg_|napi_|vcp_|sk_live_|ghp_)[A-Za-z0-9_]++|SCRAM-SHA-256\$\S++")
#: A variable of the environment that is looked up, to the end of the value or to the quote where its default begins.
_LOOK_UP = regex(
    r"""(?:os\.getenv|os\.environ\.get|Deno\.env\.get|config|env)\(\s{0,4}["']\w++["']\s{0,4}
        (?:\)(?:\s{0,4}(?:\bor\b|\?\?|\|\|)\s{0,4}(?=["'`]))?|,\s{0,4}(?:default\s{0,2}=\s{0,2})?(?=["'`]))
    |(?:os\.environ\[["']\w++["']\]|(?:process|import\.meta)\.env(?:\.\w++|\[["']\w++["']\])!?)
        (?:\s{0,4}(?:\?\?|\|\|)\s{0,4}(?=["'`]))?""",
    re.VERBOSE,
)
_ENDS = regex(r"\s{0,8}(?:[,;)\]}]|\Z)")
#: What stands for a secret without being one; a look-up with a default is not among them.
_HARMLESS = regex(r"\*{3,}|\$\{[A-Za-z_]\w*\}|<[\w -]*>|None|null|true|false", re.IGNORECASE)


class Drawn(NamedTuple):
    """A line as it is shown, and the columns (0-based, in terminal cells) between which the label lies."""

    text: str
    start: int
    end: int


def scrub(text: str) -> str:
    """`text` (a message, a detail) with passwords inside URLs and known kinds of token masked, safe to print."""
    return render(_masked(text, _merge([*_in_urls(text), *_known(text)])))


def redacted(line: str, secrets: Iterable[tuple[int, int]] = ()) -> str:
    """One line of a file with its secrets masked, safe to print. `secrets` are ranges of characters."""
    return render(_masked(line, masks(line, secrets)))


def masks(line: str, secrets: Iterable[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """The ranges of characters of `line` that must not be shown, in order and apart."""
    return _merge([*secrets, *_in_urls(line), *_known(line), *_after_keys(line)])


class RedactedLine:
    """A line whose first byte is byte `start` of its file; `secrets` are byte ranges of the file."""

    __slots__ = ("_data", "_hidden", "_start", "_text")

    def __init__(self, data: bytes, start: int, secrets: Iterable[Span]) -> None:
        self._data, self._start = data, start
        self._text = data.decode("utf-8", "replace")
        end = start + len(data)
        here = [span for span in secrets if span.start < end and span.end > start]
        self._hidden = masks(self._text, [(self._chars(span.start), self._chars(span.end)) for span in here])

    def draw(self, label: Span) -> Drawn:
        """The line as shown, with `label` (a byte range of the file) found again; inside a secret it is the mask."""
        return _crop(*_cells(self._text, self._hidden, self._chars(label.start), self._chars(label.end)))

    def _chars(self, offset: int) -> int:
        return len(self._data[: max(0, offset - self._start)].decode("utf-8", "replace"))


def _cells(text: str, hidden: Sequence[tuple[int, int]], start: int, end: int) -> tuple[str, int, int]:
    """What is shown of the characters around a label (`start` to `end`), and the label's cells in it."""
    first, last = max(0, start - _WINDOW), min(len(text), start + 2 * _WINDOW)
    hidden = [pair for pair in hidden if pair[0] < last and pair[1] > first]
    first, last = min([first, *(a for a, _ in hidden)]), max([last, *(b for _, b in hidden)])
    shown: list[str] = [_ELLIPSIS] if first else []
    left = right = cell = len(shown)
    for at, piece, until in _pieces(text, hidden, first, last):
        wide = width(piece)
        left = cell if at <= start < until else left
        right = cell + wide if at < end <= until else right
        shown.append(piece)
        cell += wide
    left = cell if start >= last else left
    right = cell if end > last else right
    return "".join(shown) + (_ELLIPSIS if last < len(text) else ""), left, max(right, left + 1)


def _pieces(text: str, hidden: Sequence[tuple[int, int]], at: int, end: int) -> Iterator[tuple[int, str, int]]:
    """Single characters and masks between two characters: where each begins, how it is shown, where it ends."""
    for start, stop in [*hidden, (end, end)]:
        yield from ((index, render(text[index]), index + 1) for index in range(at, start))
        if start < stop:
            yield start, MASK, stop
        at = stop


def _crop(text: str, start: int, end: int) -> Drawn:
    """At most `WIDEST` cells with the label among them."""
    if width(text) <= WIDEST:
        return Drawn(text, start, end)
    first = max(0, min(start - WIDEST // 4, width(text) - WIDEST))
    kept, cell = [_ELLIPSIS] if first else [], 0
    for char in text:
        if first <= cell < first + WIDEST - 2:
            kept.append(char)
        cell += width(char)
    shift = first - (1 if first else 0)
    tail = _ELLIPSIS if cell > first + WIDEST - 2 else ""
    return Drawn("".join(kept) + tail, start - shift, min(end - shift, WIDEST))


def width(text: str) -> int:
    """The terminal cells that `text` takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def _masked(text: str, hidden: Iterable[tuple[int, int]]) -> str:
    pieces, at = [], 0
    for start, end in hidden:
        pieces += [text[at:start], MASK]
        at = end
    return "".join([*pieces, text[at:]])


def _merge(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(pair for pair in ranges if pair[0] < pair[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _in_urls(text: str) -> Iterator[tuple[int, int]]:
    """What stands between `://user:` and the last `@` of the word, or of the line where the word has none.

    That hides a host behind an `@` in a query too, which is the right way to be wrong.
    """
    last, seen = text.rfind("@"), 0
    for scheme in _SCHEME.finditer(text):
        begin = scheme.end()
        if begin > last:
            return
        run = _RUN.match(text, begin)
        if begin < seen or run is None:
            continue
        seen = end = run.end()
        at = text.rfind("@", begin, end)
        colon = text.find(":", begin, end if at < 0 else at)
        if colon >= 0 and (at >= 0 or not text[colon + 1 : end].partition("/")[0].isdigit()):
            seen = at if at >= 0 else last
            yield colon + 1, seen


def _known(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _KNOWN.finditer(text))


def _after_keys(text: str) -> Iterator[tuple[int, int]]:
    """The values of names that speak of secrets: `password=…`, `"token": "…"`, `DB_PASS: …`, `pwd='…'`."""
    alone = _ALONE.match(text)
    covered = _opened(text)
    for key in _KEY.finditer(text):
        if key.start() < covered or not (separator := _SEPARATOR.match(text, key.end())):
            continue
        at = separator.end()
        if look_up := _LOOK_UP.match(text, at):
            at = look_up.end()
            if _ENDS.match(text, at):
                covered = at
                continue
        whole_line = alone is not None and key.end() <= alone.end() <= separator.end()
        # What is made of a look-up and something else is not understood here, so all of it is hidden.
        unknown = look_up is not None and text[at : at + 1] not in {'"', "'", "`"}
        start, end = (separator.end(), len(text.rstrip())) if unknown else _value(text, at, whole_line)
        if not _HARMLESS.fullmatch(text, start, end):
            covered = end
            yield start, end


def _opened(text: str) -> int:
    """Where the inside of `dbCredentials: {` begins if no other name on the line speaks of secrets; else 0."""
    opened = _OPTIONS.search(text)
    if opened is None:
        return 0
    in_urls = list(_in_urls(text))
    for key in _KEY.finditer(text):
        inside_name = opened.start() <= key.start() < opened.end()
        if not inside_name and not any(start <= key.start() < end for start, end in in_urls):
            return 0
    return opened.end()


def _value(text: str, start: int, whole_line: bool) -> tuple[int, int]:
    """Where the value at `start` lies: inside its quotes, or to the end of the line, or to the end of the word.

    Letters before a quote may be a prefix (`f"`) or the beginning of a bare value, so they are hidden with it.
    """
    if opening := _OPENING.match(text, start):
        inside = _INSIDE[opening[1]].match(text, opening.end())
        end = inside.end() if inside else len(text)
        if not whole_line or end == len(text) or _CLOSED.match(text, end):
            return (opening.end() if opening.start(1) == start else start), end
    if whole_line:
        return start, len(text.rstrip())
    word = _WORD.match(text, start)
    return start, word.end() if word else start
