"""The report as reviewdog's `rdjson`. Unlike everywhere else its columns count bytes of UTF-8, as that format says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neonlint.edits import Edit
from neonlint.ir.findings import FATAL, Finding, Report, Severity, Skip
from neonlint.report import View, repairs
from neonlint.report.entries import Entry, encodable, entries, skipped
from neonlint.report.json import Json, written
from neonlint.report.redact import masks, scrub
from neonlint.report.sources import Sources

_SEVERITIES: dict[Severity, str] = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def lines(report: Report, _view: View) -> Iterator[str]:
    """The report as indented JSON."""
    sources = Sources(report)
    found = [_finding(entry, sources) for entry in entries(report, sources)]
    whole: Json = {"source": {"name": "neonlint"}, "diagnostics": [*found, *map(_skip, skipped(report))]}
    yield from written(whole).splitlines()


def _finding(entry: Entry, sources: Sources) -> Json:
    finding = entry.finding
    code = {"value": finding.code, **({"url": finding.url} if finding.url else {})}
    location: dict[str, Json] = {"path": entry.path}
    if span := _range(finding.path, finding.span.start, finding.span.end, sources):
        location["range"] = span
    else:
        location["range"] = {"start": {"line": entry.start.row}}
    found: dict[str, Json] = {
        "message": "\n".join(entry.told()),
        "location": location,
        "severity": _SEVERITIES[finding.severity],
        "code": code,
    }
    if suggestion := _suggestion(finding, sources):
        found["suggestions"] = [suggestion]
    return found


def _suggestion(finding: Finding, sources: Sources) -> Json:
    """A fix as one replacement, because each suggestion is offered by itself; None where it would show a secret."""
    edits, places = repairs.whole(finding.fix, finding.path, sources), sources.places(finding.path)
    if not edits or places is None:
        return None
    start, end = min(edit.start for edit in edits), max(edit.end for edit in edits)
    text = _replaced(places.data, edits)
    if masks(text) or any(secret.start < end and secret.end > start for secret in sources.secrets(finding.path)):
        return None
    return {"range": _range(finding.path, start, end, sources), "text": text}


def _replaced(data: bytes, edits: Sequence[Edit]) -> str:
    """What stands from the first to the last edit once all are made."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    pieces, at = [], ordered[0].start
    for edit in ordered:
        pieces += [data[at : edit.start], edit.new]
        at = edit.end
    return b"".join(pieces).decode("utf-8", "replace")


def _range(path: str, start: int, end: int, sources: Sources) -> dict[str, Json] | None:
    places = sources.places(path)
    if places is None:
        return None
    return {"start": _position(places.bytes_at(start)), "end": _position(places.bytes_at(max(start, end)))}


def _position(place: tuple[int, int]) -> Json:
    return {"line": place[0], "column": place[1]}


def _skip(skip: Skip) -> Json:
    return {
        "message": f"not checked: {skip.reason}: {scrub(skip.detail)}",
        "location": {"path": encodable(skip.path), "range": {"start": {"line": skip.row or 1}}},
        "severity": "ERROR" if skip.reason in FATAL else "WARNING",
        "code": {"value": skip.reason},
    }
