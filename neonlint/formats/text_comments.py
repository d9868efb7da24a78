"""Comments in files of no particular format, as far as they can be told from text: whole lines, `<!-- … -->`, and in
code also what is for neonlint behind something else or between `/*` and `*/`. Knows markers and no language.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from neonlint.formats.lines import Source
from neonlint.ir.source import Comment
from neonlint.regex import regex

_OURS = "neonlint:"
#: Files that speak about code: only a line of its own is a comment there.
_PROSE = frozenset(
    {".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt", ".log", ".csv", ".diff", ".patch", ".ipynb"}
    | {".html", ".htm", ".xhtml", ".xml", ".svg", ".plist", ".config"}
)
# In a notebook a line of code is a JSON string.
_LINE = regex(r'^[^\S\n]*+"?((?:#|//|--)[^\n]*+)', re.MULTILINE)
_MARKER = regex(r"#++|//++|--")
_NOTEBOOK_END = regex(r'(?:\\n)?",?\Z')
_BEHIND = regex(r"(?<=\S)[ \t]++((?:#|//|--)[ \t]*+neonlint:[^\r\n]*+)")
#: A pattern of paths (`tmp/*`) begins no comment.
_BLOCK = regex(r"(?<![\w/.*\"'`])/\*")
_QUOTES = "\"'`"
#: How many characters of a line are looked at on each side of a comment, and of a block for its end.
_REACH = 2000


def comments(source: Source, path: str) -> list[Comment]:
    """The comments of a file, in order."""
    found = [*_html(source), *_lines(source)]
    if _OURS in source.text and posixpath.splitext(path)[1].lower() not in _PROSE:
        blocks = list(_blocks(source))
        found = [one for one in found if not any(b.span.start <= one.span.start < b.span.end for b in blocks)]
        known = {one.span.start for one in found}
        found += [one for one in [*blocks, *_behind(source)] if one.span.start not in known]
    return sorted(found, key=lambda comment: comment.span)


def _html(source: Source) -> Iterator[Comment]:
    text, end = source.text, 0
    while (start := text.find("<!--", end)) >= 0 and (close := text.find("-->", start + 4)) >= 0:
        end = close + 3
        yield _made(source, text[start + 4 : close].strip(), start, end)


def _lines(source: Source) -> Iterator[Comment]:
    for match in _LINE.finditer(source.text):
        quoted = source.text[match.start(1) - 1 : match.start(1)] == '"'
        written = _NOTEBOOK_END.sub("", match[1]) if quoted else match[1].rstrip()
        span = source.span(match.start(1), match.start(1) + len(written))
        text = _MARKER.sub("", written, count=1).strip()
        yield Comment(text, source.row(match.start(1)), span, own_line=True)


def _behind(source: Source) -> Iterator[Comment]:
    for match in _BEHIND.finditer(source.text):
        start, written = match.start(1), match[1].rstrip()
        if not _in_string(source, start, match.end()):
            yield _made(source, _MARKER.sub("", written, count=1).strip(), start, start + len(written))


def _blocks(source: Source) -> Iterator[Comment]:
    end = 0
    for match in _BLOCK.finditer(source.text):
        start, close = match.start(), source.text.find("*/", match.end(), match.end() + _REACH)
        if start < end or close < 0:
            continue
        end = close + 2
        if _OURS in source.text[start:end] and not _in_string(source, start, end):
            yield _made(source, source.text[start:end].strip(" \t\r\n*/"), start, end)


def _made(source: Source, words: str, start: int, end: int) -> Comment:
    own_line = not _before(source, start).strip()
    return Comment(words, source.row(start), source.span(start, end), own_line)


def _before(source: Source, at: int) -> str:
    """What stands in front of a character on its line."""
    return source.text[max(source.line_starts[source.row(at) - 1], at - _REACH) : at]


def _in_string(source: Source, start: int, end: int) -> bool:
    """Whether a quote is open in front of a comment on its line, and one behind its marker may close it."""
    stop = source.text.find("\n", end, end + _REACH)
    before, after = _before(source, start), source.text[start : stop if stop >= 0 else end + _REACH]
    return any(before.count(quote) % 2 and quote in after for quote in _QUOTES)
