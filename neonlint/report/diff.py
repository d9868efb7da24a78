"""What a repair would change, as a unified diff without secrets. Context and removed lines are masked by their places,
added lines also by the values that the places held.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence

from neonlint.ir.findings import SourceText
from neonlint.ir.source import Span
from neonlint.report.redact import redacted
from neonlint.report.render import render
from neonlint.report.style import Style

#: A shorter value than this is masked only by its place: it would blacken half of every line.
_SHORTEST = 3


def lines(path: str, old: SourceText, new: SourceText, style: Style) -> Iterator[str]:
    """The diff of one file; `path` is what stands in its head. `new.secrets` may be empty where nobody knows them."""
    before, after = _lines(old.data), _lines(new.data)
    values = _values(old)
    shown_before, shown_after = _shown(old, values), _shown(new, values)
    yield style("bold", f"--- a/{render(path)}")
    yield style("bold", f"+++ b/{render(path)}")
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for group in matcher.get_grouped_opcodes(3):
        (_, a1, _, b1, _), (_, _, a2, _, b2) = group[0], group[-1]
        yield style("cyan", f"@@ -{_range(a1, a2)} +{_range(b1, b2)} @@")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (f" {line}" for line in shown_before[i1:i2])
                continue
            yield from (style("red-line", f"-{line}") for line in shown_before[i1:i2])
            yield from (style("green", f"+{line}") for line in shown_after[j1:j2])


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def _range(start: int, end: int) -> str:
    """A range of a hunk's head: 1-based first line and length."""
    length = end - start
    return f"{start + 1 if length else start}" + (f",{length}" if length != 1 else "")


def _values(old: SourceText) -> list[str]:
    """The secret texts of a file, longest first."""
    texts = (old.data[span.start : span.end].decode("utf-8", "replace") for span in old.secrets)
    parts = {part for text in texts for part in text.splitlines()}
    return sorted((part for part in parts if len(part) >= _SHORTEST), key=len, reverse=True)


def _shown(source: SourceText, values: Sequence[str]) -> list[str]:
    """Every line of a file as it may be shown."""
    shown, start = [], 0
    for line in _lines(source.data):
        shown.append(_line(line, start, source.secrets, values))
        start += len(line)
    return shown


def _line(line: bytes, start: int, secrets: Iterable[Span], values: Sequence[str]) -> str:
    body = line.rstrip(b"\r\n")
    text = body.decode("utf-8", "replace")
    hidden = [
        (_chars(body, span.start - start), _chars(body, span.end - start))
        for span in secrets
        if span.start < start + len(body) and span.end > start
    ]
    ranges = hidden + [place for value in values for place in _occurrences(text, value)]
    return redacted(text, ranges)


def _chars(body: bytes, at: int) -> int:
    return len(body[: max(0, at)].decode("utf-8", "replace"))


def _occurrences(text: str, value: str) -> Iterator[tuple[int, int]]:
    at = text.find(value)
    while at >= 0:
        yield at, at + len(value)
        at = text.find(value, at + 1)
