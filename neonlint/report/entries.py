"""What every report for programs says of a finding: where it stands, in rows and columns, and what it is known by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from neonlint import fingerprint
from neonlint.ir.findings import Finding, Place, Report, Skip
from neonlint.report.redact import scrub
from neonlint.report.sources import Sources
from neonlint.report.summary import quiet


class At(NamedTuple):
    """A row and a column, 1-based, in code points."""

    row: int
    column: int


class Entry(NamedTuple):
    """A finding as programs are told of it. `path` is relative to the project root and can be encoded; `end` is
    exclusive; `fingerprint` is unique in the report and stays when lines move and passwords change."""

    finding: Finding
    path: str
    start: At
    end: At
    message: str
    fingerprint: str

    @property
    def rule(self) -> str:
        """`NL103 tls-not-verified`."""
        return f"{self.finding.code} {self.finding.name}"

    def told(self) -> Iterator[str]:
        """The message with what helps to understand it, line by line."""
        yield self.message
        for reason in self.finding.reasons:
            yield f"because: {scrub(reason.text)}" + (" (inferred)" if reason.inferred else "")
        if self.finding.help:
            yield f"help: {scrub(self.finding.help)}"
        if self.finding.refusal:
            yield f"no fix here: {scrub(self.finding.refusal)}"
        if self.finding.url:
            yield f"docs: {scrub(self.finding.url)}"


def entries(report: Report, sources: Sources) -> Iterator[Entry]:
    """The findings of a report, in its order."""
    marks = fingerprint.numbered(report.findings, report.sources)
    for finding, mark in zip(report.findings, marks, strict=True):
        start = at(finding.path, finding.span.start, sources) or At(finding.row or 1, 1)
        end = at(finding.path, finding.span.end, sources) or start
        yield Entry(finding, encodable(finding.path), start, max(start, end), scrub(finding.message), mark)


def skipped(report: Report) -> list[Skip]:
    """The files that a reader expects to have been checked, and that were not."""
    return [skip for skip in report.skipped if not quiet(skip)]


def related(place: Place, sources: Sources) -> tuple[str, At, At]:
    """A second place: its path, where it begins and where it ends."""
    start, end = (At(*(sources.beside(place.path, one) or (1, 1))) for one in (place.span.start, place.span.end))
    return encodable(place.path), start, max(start, end)


def at(path: str, offset: int, sources: Sources) -> At | None:
    """Row and column of a byte, or None where the report has no text of the file."""
    found = sources.at(path, offset)
    return At(*found) if found else None


def encodable(path: str) -> str:
    """A path as text that every encoder takes: bytes that are no UTF-8 are written out."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
