"""Adding to and taking from lists between brackets with commas, as YAML, TOML and JSON write them. Knows no keys.

All offsets are bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from neonlint.edits import Edit
from neonlint.formats.lines import line_end, line_start, newline_at, next_line
from neonlint.ir.source import Span
from neonlint.records import dataclass

_SKIPPED = re.compile(rb"(?:\s|//[^\n]*+|#[^\n]*+|/\*(?:(?!\*/).)*+\*/)*+", re.DOTALL)
# A comment that takes the rest of its line.
_REST = re.compile(rb"[^\S\n]*+(//|#|/\*(?=(?:[^*\n]|\*(?!/))*+\*/[^\S\n]*+(?:\n|\Z)))?")


@dataclass(frozen=True, slots=True)
class Listing:
    """The children of one bracketed list in file order, and the bytes between its brackets."""

    data: bytes
    children: Sequence[Span]
    inside: Span

    def insert(self, after: Span | None, items: Sequence[bytes]) -> list[Edit]:
        """Write `items` behind the child `after`, laid out as it is; at the front of an empty list."""
        near = after or (self.children[-1] if self.children else None)
        if near is None:
            return [Edit(self.inside.start, self.inside.start, b", ".join(items))]
        comma = self._comma(near)
        if not self._own_line(near):
            at = comma + 1 if comma is not None else near.end
            pieces = [b" " + item + b"," if comma is not None else b", " + item for item in items]
            return [Edit(at, at, b"".join(pieces))]
        return self._on_lines(near, comma, items)

    def _on_lines(self, near: Span, comma: int | None, items: Sequence[bytes]) -> list[Edit]:
        data = self.data
        before = newline_at(data, near.start) + data[line_start(data, near.start) : near.start]
        behind = comma + 1 if comma is not None else near.end
        at = line_end(data, behind)
        if not self._nothing_follows(behind):
            # Another child or the closing bracket stands on the same line.
            at = behind
        if comma is not None:
            return [Edit(at, at, b"".join(before + item + b"," for item in items))]
        lines = b",".join(before + item for item in items)
        if at == near.end:
            return [Edit(at, at, b"," + lines)]
        return [Edit(near.end, near.end, b","), Edit(at, at, lines)]

    def remove(self, dropped: Sequence[Span]) -> list[Edit]:
        """Take children out with their commas; a line that held nothing else goes with its child, a comment stays."""
        kept = [child for child in self.children if child not in dropped]
        edits = [edit for child in dropped for edit in self._removed(child, kept)]
        last = self.children[-1]
        if kept and last not in kept and self._comma(last) is None:
            comma = self._comma(kept[-1])
            edits += [Edit(comma, comma + 1, b"")] if comma is not None else []
        return edits

    def _removed(self, child: Span, kept: Sequence[Span]) -> Iterator[Edit]:
        comma = self._comma(child)
        end = comma + 1 if comma is not None else child.end
        if self._own_line(child) and self._ends_line(end):
            yield Edit(line_start(self.data, child.start), next_line(self.data, end), b"")
        elif self._own_line(child) and self._nothing_follows(end):
            comment = _REST.match(self.data, end)
            yield Edit(child.start, comment.start(1) if comment else end, b"")
        elif comma is not None:
            yield Edit(child.start, end + _blanks(self.data, end), b"")
        else:
            before = [other for other in self.children if other.end <= child.start]
            start = child.start
            if before and before[-1] in kept:
                start = len(self.data[:start].rstrip(b" \t"))
            yield Edit(start, end, b"")

    def _comma(self, child: Span) -> int | None:
        match = _SKIPPED.match(self.data, child.end)
        at = match.end() if match else child.end
        return at if self.data[at : at + 1] == b"," else None

    def _own_line(self, child: Span) -> bool:
        return not self.data[line_start(self.data, child.start) : child.start].strip()

    def _ends_line(self, at: int) -> bool:
        return not self.data[at : line_end(self.data, at)].strip()

    def _nothing_follows(self, at: int) -> bool:
        """Whether the rest of the line is blank or a comment."""
        match = _REST.match(self.data, at)
        return self._ends_line(at) or bool(match and match[1])


def _blanks(data: bytes, at: int) -> int:
    rest = data[at : line_end(data, at)]
    return len(rest) - len(rest.lstrip(b" \t"))
