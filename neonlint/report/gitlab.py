"""The report for GitLab's Code Quality widget: one JSON array.

GitLab takes findings with equal fingerprints for one and does not show `check_name`, so the description begins with it.
Files that were not checked are entries, too: the format has no other place for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from neonlint.ir.findings import FATAL, Report, Severity, Skip
from neonlint.report import View
from neonlint.report.entries import Entry, encodable, entries, skipped
from neonlint.report.json import Json, written
from neonlint.report.redact import scrub
from neonlint.report.sources import Sources

_SEVERITIES: dict[Severity, str] = {"error": "critical", "warning": "major", "info": "info"}


def lines(report: Report, _view: View) -> Iterator[str]:
    """The report as indented JSON."""
    found = [*map(_finding, entries(report, Sources(report))), *map(_skip, skipped(report))]
    yield from written(found).splitlines()


def _finding(entry: Entry) -> Json:
    return {
        "description": f"{entry.rule}: {entry.message}",
        "check_name": entry.finding.name,
        "fingerprint": entry.fingerprint,
        "severity": _SEVERITIES[entry.finding.severity],
        "location": {"path": entry.path, "lines": {"begin": entry.start.row, "end": entry.end.row}},
    }


def _skip(skip: Skip) -> Json:
    path = encodable(skip.path)
    return {
        "description": f"not checked: {skip.reason}: {scrub(skip.detail)}",
        "check_name": skip.reason,
        "fingerprint": hashlib.sha256(f"{skip.reason}\0{scrub(path)}".encode()).hexdigest(),
        "severity": "critical" if skip.reason in FATAL else "info",
        "location": {"path": path, "lines": {"begin": skip.row or 1, "end": skip.row or 1}},
    }
