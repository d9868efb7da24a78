"""The report for programs: one JSON object of schema `neonlint/1`, in ASCII, with nothing secret in it.

Rows and columns are 1-based, in code points, ends exclusive. File names are relative to the project root; bytes of
them that are no UTF-8 are written out (`\\xff`), since half a surrogate pair is an error to strict readers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import neonlint
from neonlint.ir.findings import Finding, Fix, Place, Report
from neonlint.report import View, repairs
from neonlint.report.entries import Entry, encodable, entries
from neonlint.report.redact import scrub
from neonlint.report.render import break_commands_within
from neonlint.report.sources import Sources

SCHEMA = "neonlint/1"
Json: TypeAlias = "str | int | float | bool | Mapping[str, Json] | Sequence[Json] | None"


def lines(report: Report, view: View) -> Iterator[str]:
    """The report as indented JSON."""
    yield from written(as_object(report, view)).splitlines()


def written(value: Json, *, indent: int | None = 2) -> str:
    """JSON in ASCII. `##[`, a command to CI runners wherever it stands, is written with an escape."""
    return break_commands_within(json.dumps(value, indent=indent), "#\\u0023")


def as_object(report: Report, view: View) -> dict[str, Json]:
    """The report as JSON values."""
    return {**head(report), "diagnostics": list(diagnostics(report)), **tail(report, view)}


def head(report: Report) -> dict[str, Json]:
    """What the report is, and its counts."""
    return {"schema": SCHEMA, "version": neonlint.__version__, "summary": _summary(report)}


def diagnostics(report: Report) -> Iterator[dict[str, Json]]:
    """One object for each finding."""
    sources = Sources(report)
    return (_finding(entry, sources) for entry in entries(report, sources))


def tail(report: Report, view: View) -> dict[str, Json]:
    """What only some reports have."""
    rest: dict[str, Json] = {}
    if report.fixed:
        rest["fixed"] = [_fixed(finding) for finding in report.fixed]
    if view.statistics:
        counts = Counter((finding.code, finding.name) for finding in report.findings)
        rest["statistics"] = [{"code": code, "name": name, "count": n} for (code, name), n in counts.most_common()]
    return rest


def _summary(report: Report) -> dict[str, Json]:
    severities = Counter(finding.severity for finding in report.findings)
    safeties = Counter(finding.fix.safety for finding in report.findings if finding.fix)
    return {
        "files_checked": report.files_checked,
        "ignored_env_files": [*map(encodable, report.ignored_env_files)],
        "errors": severities["error"],
        "warnings": severities["warning"],
        "infos": severities["info"],
        "fixable": safeties["safe"],
        "fixable_unsafe": safeties["unsafe"],
        "fixed": len(report.fixed),
        "suppressed": report.suppressed,
        "baselined": len(report.baselined),
        "hidden": report.hidden,
        "older": report.older,
        "skipped": [
            {"path": encodable(skip.path), "reason": skip.reason, "detail": scrub(skip.detail), "row": skip.row}
            for skip in report.skipped
        ],
        "seconds": round(report.seconds, 3),
    }


def _finding(entry: Entry, sources: Sources) -> dict[str, Json]:
    finding = entry.finding
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "message": entry.message,
        "filename": entry.path,
        "location": _place(finding.path, finding.span.start, sources),
        "end_location": _place(finding.path, finding.span.end, sources),
        "help": scrub(finding.help) or None,
        "reasons": [{"text": scrub(reason.text), "inferred": reason.inferred} for reason in finding.reasons],
        "related": [_related(place, sources) for place in finding.related],
        "key": scrub(finding.key) or None,
        "url": finding.url or None,
        "fingerprint": entry.fingerprint,
        "fix": _fix(finding.path, finding.fix, sources) if finding.fix else None,
        "fix_refused": scrub(finding.refusal) if finding.refusal else None,
    }


def _fixed(finding: Finding) -> dict[str, Json]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": scrub(finding.message),
        "filename": encodable(finding.path),
        "row": finding.row or None,
        "applicability": finding.fix.safety if finding.fix else None,
    }


def _related(place: Place, sources: Sources) -> dict[str, Json]:
    return {
        "filename": encodable(place.path),
        "location": _row_and_column(sources.beside(place.path, place.span.start)),
        "end_location": _row_and_column(sources.beside(place.path, place.span.end)),
        "message": scrub(place.text),
    }


def _place(path: str, offset: int, sources: Sources) -> Json:
    return _row_and_column(sources.at(path, offset))


def _row_and_column(at: tuple[int, int] | None) -> Json:
    return {"row": at[0], "column": at[1]} if at else None


def _fix(path: str, fix: Fix, sources: Sources) -> Json:
    told = repairs.shown(fix, path, sources)
    shown: dict[str, Json] = {
        "applicability": fix.safety,
        "message": scrub(fix.title),
        "edits": [
            {
                "content": repairs.text(edit),
                "location": _place(path, edit.start, sources),
                "end_location": _place(path, edit.end, sources),
            }
            for edit in told
        ],
    }
    if len(told) < len(fix.edits):
        shown["edits_withheld"] = True
    return shown
