"""The report for programs: one JSON object of schema `neonlint/1`, in ASCII, with nothing secret in it.

Rows and columns are 1-based, in code points, ends exclusive. File names are relative to the project root.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import neonlint
from neonlint.edits import Edit
from neonlint.ir.findings import Finding, Fix, Place, Report
from neonlint.ir.source import Span
from neonlint.report import View
from neonlint.report.redact import masks, scrub
from neonlint.report.sources import Sources

SCHEMA = "neonlint/1"
Json: TypeAlias = "str | int | float | bool | Mapping[str, Json] | Sequence[Json] | None"


def lines(report: Report, view: View) -> Iterator[str]:
    """The report as indented JSON. `##[`, which starts a command in old GitHub runners, is written with an escape."""
    text = json.dumps(as_object(report, view), indent=2)
    yield from text.replace("##[", "#\\u0023[").splitlines()


def as_object(report: Report, view: View) -> dict[str, Json]:
    """The report as JSON values."""
    sources = Sources(report)
    whole: dict[str, Json] = {
        "schema": SCHEMA,
        "version": neonlint.__version__,
        "summary": _summary(report),
        "diagnostics": [_finding(finding, sources) for finding in report.findings],
    }
    if report.fixed:
        whole["fixed"] = [_fixed(finding) for finding in report.fixed]
    if view.statistics:
        counts = Counter((finding.code, finding.name) for finding in report.findings)
        whole["statistics"] = [{"code": code, "name": name, "count": n} for (code, name), n in counts.most_common()]
    return whole


def _summary(report: Report) -> dict[str, Json]:
    severities = Counter(finding.severity for finding in report.findings)
    safeties = Counter(finding.fix.safety for finding in report.findings if finding.fix)
    return {
        "files_checked": report.files_checked,
        "ignored_env_files": list(report.ignored_env_files),
        "errors": severities["error"],
        "warnings": severities["warning"],
        "infos": severities["info"],
        "fixable": safeties["safe"],
        "fixable_unsafe": safeties["unsafe"],
        "fixed": len(report.fixed),
        "suppressed": report.suppressed,
        "skipped": [
            {"path": skip.path, "reason": skip.reason, "detail": scrub(skip.detail), "row": skip.row}
            for skip in report.skipped
        ],
        "seconds": round(report.seconds, 3),
    }


def _finding(finding: Finding, sources: Sources) -> dict[str, Json]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": scrub(finding.message),
        "filename": finding.path,
        "location": _place(finding.path, finding.span.start, sources),
        "end_location": _place(finding.path, finding.span.end, sources),
        "help": scrub(finding.help) or None,
        "reasons": [{"text": scrub(reason.text), "inferred": reason.inferred} for reason in finding.reasons],
        "related": [_related(place, sources) for place in finding.related],
        "key": scrub(finding.key) or None,
        "url": finding.url or None,
        "fix": _fix(finding.path, finding.fix, sources) if finding.fix else None,
        "fix_refused": scrub(finding.refusal) if finding.refusal else None,
    }


def _fixed(finding: Finding) -> dict[str, Json]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": scrub(finding.message),
        "filename": finding.path,
        "row": finding.row or None,
    }


def _related(place: Place, sources: Sources) -> dict[str, Json]:
    return {
        "filename": place.path,
        "location": _place(place.path, place.span.start, sources),
        "end_location": _place(place.path, place.span.end, sources),
        "message": scrub(place.text),
    }


def _place(path: str, offset: int, sources: Sources) -> Json:
    at = sources.at(path, offset)
    return {"row": at[0], "column": at[1]} if at else None


def _fix(path: str, fix: Fix, sources: Sources) -> Json:
    told = [edit for edit in fix.edits if not _holds_secret(edit, path, sources)]
    shown: dict[str, Json] = {
        "applicability": fix.safety,
        "message": scrub(fix.title),
        "edits": [
            {
                "content": edit.new.decode("utf-8", "replace"),
                "location": _place(path, edit.start, sources),
                "end_location": _place(path, edit.end, sources),
            }
            for edit in told
        ],
    }
    if len(told) < len(fix.edits):
        shown["edits_withheld"] = True
    return shown


def _holds_secret(edit: Edit, path: str, sources: Sources) -> bool:
    """Whether an edit replaces bytes of a secret, or writes any secret of its file, or what looks like one."""
    secrets = sources.secrets(path)
    places = sources.places(path)
    if places is None or any(_overlap(edit, secret) for secret in secrets):
        return True
    if any(places.data[secret.start : secret.end] in edit.new for secret in secrets if secret.end > secret.start):
        return True
    return bool(masks(edit.new.decode("utf-8", "replace")))


def _overlap(edit: Edit, secret: Span) -> bool:
    return edit.start < secret.end and edit.end > secret.start
