"""The source lines of a report, each redacted once."""

from __future__ import annotations

from neonlint.ir.findings import Report, SourceText
from neonlint.ir.source import Span
from neonlint.report.places import Places
from neonlint.report.redact import Drawn, RedactedLine


class Sources:
    """Rows, columns and redacted lines of the files that a report speaks about."""

    __slots__ = ("_lines", "_places", "_texts")

    def __init__(self, report: Report) -> None:
        self._texts: dict[str, SourceText] = report.sources
        self._places: dict[str, Places] = {}
        self._lines: dict[tuple[str, int], RedactedLine] = {}

    def places(self, path: str) -> Places | None:
        """The rows and columns of a file, or None where the report has no text of it."""
        if path not in self._places:
            if path not in self._texts:
                return None
            self._places[path] = Places(self._texts[path].data)
        return self._places[path]

    def at(self, path: str, offset: int) -> tuple[int, int] | None:
        """Row and column of a byte, or None where the report has no text of the file."""
        places = self.places(path)
        return places.at(offset) if places else None

    def beside(self, path: str, offset: int) -> tuple[int, int] | None:
        """As `at`, but of what stands behind a secret on its line the place of that secret: a column behind it would
        tell its length."""
        if path not in self._texts:
            return None
        line = self._texts[path].data.rfind(b"\n", 0, offset) + 1
        first = min((s.start for s in self.secrets(path) if line < s.end and s.start < offset), default=offset)
        return self.at(path, max(first, line))

    def secrets(self, path: str) -> tuple[Span, ...]:
        """The byte ranges of a file that must never be shown."""
        return self._texts[path].secrets if path in self._texts else ()

    def draw(self, path: str, span: Span) -> tuple[int, Drawn] | None:
        """The row in which `span` begins, and its line with the part of the span in it found again."""
        places = self.places(path)
        if places is None:
            return None
        row = places.row(span.start)
        start, end = places.line(row)
        key = (path, row)
        if key not in self._lines:
            self._lines[key] = RedactedLine(places.data[start:end], start, self.secrets(path))
        return row, self._lines[key].draw(Span(span.start, min(span.end, end)))
