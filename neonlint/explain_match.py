"""Finds known errors in any text: a log of many megabytes, a traceback, one line of JSON. Knows no project.

The text is read in windows of whole lines, so memory does not grow with it, and time is linear: a phrase is a literal
with bounded gaps. Nothing of the text leaves this module but line numbers.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import BinaryIO, NamedTuple

import stringzilla

from neonlint.explain_catalogue import Explanation
from neonlint.records import dataclass, field
from neonlint.regex import regex

GAP = "…"
#: The most characters that a gap stands for.
WIDEST_GAP = 120
#: The longest text, in characters after cleaning, that a phrase can match; no phrase has more than four gaps.
_SPAN = 1024
_CHUNK = 1 << 16
_WINDOW = 1 << 18

_QUOTES = "\"'`´“”„‘’«»"
_FOLD = str.maketrans(
    {**dict.fromkeys(_QUOTES, "'"), **{chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}}
)
#: Colours and links of a terminal, also as JSON and shells write them down.
_ESCAPE = regex(
    r"(?:\x1b|\\{1,4}(?:u001[bB]|x1[bB]|033))\[[0-9;:?]{0,32}[A-Za-z]|\x1b\][^\x07\x1b\n]{0,400}(?:\x07|\x1b\\)"
)
_ESCAPE_SIGNS = ("\x1b", "1b[", "1B[", "033[")
#: How strings of JSON, Python and HTML write quotes and blanks; bounded, so that a run of backslashes costs no more.
_QUOTED = regex(r"\\{1,16}+(?:[\"'`]|u00(?:22|27|60))")
_BLANK = regex(r"\\{1,16}+[nrt]")
_ENTITY = regex(r"&(?:quot|apos|#0?39|#x27|#34);")


class Phrase:
    """A phrase of an explanation, ready to be searched for in folded text.

    Case does not count, all quotes are one, a blank is any run of blanks and line ends. `…` stands for up to
    `WIDEST_GAP` characters; between quotes, for anything but a quote. Where the phrase begins or ends with a letter or
    digit, a word does.
    """

    __slots__ = ("_pattern", "anchor", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        parts = folded(text).split(GAP)
        self.anchor = max(parts, key=len)
        pieces = [re.escape(parts[0])]
        for before, after in pairwise(parts):
            quoted = before.endswith("'") and after.startswith("'")
            pieces += [f"[^']{{0,{WIDEST_GAP}}}" if quoted else f".{{0,{WIDEST_GAP}}}?", re.escape(after)]
        begin = r"(?<!\w)" if parts[0][:1].isalnum() else ""
        end = r"(?!\w)" if parts[-1][-1:].isalnum() else ""
        self._pattern = regex(begin + "".join(pieces) + end, re.DOTALL)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where folded text holds the phrase; it does not where it lacks the `anchor`, the longest literal."""
        return (found.span() for found in self._pattern.finditer(text))


@dataclass(frozen=True, slots=True)
class Seen:
    """An error that a text holds: the phrase that says it, the line (1-based) where it does first, and how often."""

    explanation: Explanation
    phrase: str
    row: int
    times: int


@dataclass(slots=True)
class _Tally:
    phrase: str
    row: int
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, phrase: str, row: int) -> None:
        self.counts[phrase] += 1
        if row == self.row and len(phrase) > len(self.phrase):
            self.phrase = phrase


class _Window(NamedTuple):
    """Folded text, where its lines begin in it, their numbers, and the offset where the next one begins."""

    text: str
    starts: list[int]
    rows: list[int]
    cut: int


def look(chunks: Iterable[str], explanations: Iterable[Explanation]) -> list[Seen]:
    """The errors that a text holds, in the order in which they appear; each once.

    An error is often said in several phrases at once, such as a message and its code; the longest on its first line
    stands for it and is counted.
    """
    phrases = [(Phrase(text), one) for one in explanations for text in one.match]
    tallies: dict[str, tuple[Explanation, _Tally]] = {}
    done = 0  # what an earlier window has taken of this one
    for window in _windows(_lines(chunks)):
        held = stringzilla.Str(window.text)
        likely = [(phrase, one) for phrase, one in phrases if held.find(phrase.anchor) >= 0]
        found = [(a, -b, p.text, one) for p, one in likely for a, b in p.spans(window.text) if a < window.cut]
        for start, minus_end, phrase, one in sorted(found, key=lambda item: item[:3]):
            if -minus_end <= done:
                continue  # part of a longer phrase
            done = -minus_end
            row = window.rows[bisect_right(window.starts, start) - 1]
            tallies.setdefault(one.name, (one, _Tally(phrase, row)))[1].add(phrase, row)
        done = max(0, done - window.cut)
    return [Seen(one, tally.phrase, tally.row, tally.counts[tally.phrase]) for one, tally in tallies.values()]


def decoded(stream: BinaryIO) -> Iterator[str]:
    """A byte stream as text, piece by piece: UTF-8, or the UTF-16 that PowerShell writes; other bytes do no harm."""
    chunk = stream.read(_CHUNK)
    utf_16 = chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if utf_16 else "utf-8")("replace")
    while chunk:
        yield decoder.decode(chunk)
        chunk = stream.read(_CHUNK)


def folded(text: str) -> str:
    """`text` as phrases are compared: without escapes, in lower case, with one kind of quote and single blanks."""
    return " ".join(_plain(text).split())


def _plain(text: str) -> str:
    """`folded`, with blanks and line ends as they are."""
    if any(sign in text for sign in _ESCAPE_SIGNS):
        text = _ESCAPE.sub("", text)
    if "\\" in text:
        text = _BLANK.sub(" ", _QUOTED.sub("'", text))
    if "&" in text:
        text = _ENTITY.sub("'", text)
    return text.translate(_FOLD)


def _lines(chunks: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; a very long one comes in pieces, cut at a blank where there is one nearby."""
    row, rest = 1, ""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split("\n")
        for line in whole:
            yield row, line
            row += 1
        while len(rest) > _CHUNK:
            cut = rest.rfind(" ", _CHUNK // 2, _CHUNK)
            cut = _CHUNK if cut < 0 else cut
            yield row, rest[:cut]
            rest = rest[cut:]
    yield row, rest


def _windows(lines: Iterable[tuple[int, str]]) -> Iterator[_Window]:
    """Lines joined by blanks. What a phrase that begins near the end may need more of is in the next window again."""
    carried: list[tuple[int, str]] = []
    for batch in _batches(lines):
        pieces = [*carried, *_folded_lines(batch)]
        size = sum(len(text) + 1 for _, text in pieces)
        keep, kept = len(pieces), 0
        while keep and kept < _SPAN:
            keep -= 1
            kept += len(pieces[keep][1]) + 1
        yield _window(pieces, size - kept)
        carried = pieces[keep:]
    yield _window(carried, sum(len(text) + 1 for _, text in carried))


def _batches(lines: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Lines in lists of some `_WINDOW` characters."""
    batch: list[tuple[int, str]] = []
    size = 0
    for row, line in lines:
        batch.append((row, line))
        size += len(line) + 1
        if size > _WINDOW:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _folded_lines(batch: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Each line that is not blank, folded; all are cleaned at once, which is five times as fast."""
    whole = _plain("\n".join(line for _, line in batch)).split("\n")
    for (row, _), line in zip(batch, whole, strict=True):
        if text := " ".join(line.split()):
            yield row, text


def _window(pieces: list[tuple[int, str]], cut: int) -> _Window:
    starts = list(accumulate((len(text) + 1 for _, text in pieces[:-1]), initial=0))
    return _Window(" ".join(text for _, text in pieces), starts, [row for row, _ in pieces], cut)
