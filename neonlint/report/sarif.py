"""The report as SARIF 2.1.0, with what GitHub code scanning asks for.

Paths are relative to the top of the repository (`%SRCROOT%`), columns are code points. `partialFingerprints` are our
own: `primaryLocationLineHash`, a plain hash of the line, would tell of a password in it, and is left to who uploads.
So is `automationDetails`: GitHub's upload takes its `category` input for a run that has none, and passes over it else.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from urllib.parse import quote

import neonlint
from neonlint.edits import Edit
from neonlint.ir.findings import FATAL, SEVERITIES, Finding, Place, Report, Skip
from neonlint.records import replace
from neonlint.report import View, repairs
from neonlint.report.entries import At, Entry, at, entries, related
from neonlint.report.json import Json, written
from neonlint.report.redact import scrub
from neonlint.report.sarif_rules import LEVELS, descriptors
from neonlint.report.sources import Sources
from neonlint.report.summary import quiet

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_FINGERPRINT = "neonlint/v1"
_BASE = "%SRCROOT%"
#: GitHub refuses a run with more results.
_MOST = 25_000
_SAFETIES = {"safe": "safe", "unsafe": "unsafe: it may change what the program does"}


def lines(report: Report, view: View) -> Iterator[str]:
    """The report as indented JSON."""
    told = report if view.suppressed else replace(report, allowed=(), baselined=())
    yield from written({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(told)]}).splitlines()


def _run(report: Report) -> Json:
    """Findings that comments or the baseline let pass are results, too, each with its suppression."""
    sources = Sources(report)
    known = replace(report, findings=[*report.findings, *report.allowed, *report.baselined])
    codes = sorted({finding.code for finding in known.findings})
    passed = {id(f): "inSource" for f in report.allowed} | {id(f): "external" for f in report.baselined}
    found = list(entries(known, sources))
    results = [
        _result(entry, codes.index(entry.finding.code), passed.get(id(entry.finding)), sources)
        for entry in _worst(found, passed)
    ]
    return {
        "tool": {"driver": _driver(descriptors(codes, known), report.skipped)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _BASE: {"description": {"text": "The top of the repository, or of the checked project."}}
        },
        "invocations": [
            {
                "executionSuccessful": not any(skip.reason in FATAL for skip in report.skipped),
                "toolExecutionNotifications": [*_left_out(found), *(_notification(skip) for skip in report.skipped)],
            }
        ],
        "results": results,
    }


def _worst(found: Sequence[Entry], passed: Container[int]) -> Sequence[Entry]:
    """All findings in their order or, where they are too many, the worst; those that were let pass go first."""
    if len(found) <= _MOST:
        return found
    return sorted(found, key=lambda e: (id(e.finding) in passed, SEVERITIES.index(e.finding.severity)))[:_MOST]


def _left_out(found: Sequence[Entry]) -> Iterator[Json]:
    if len(found) > _MOST:
        text = f"{len(found) - _MOST} of {len(found)} findings are left out: code scanning takes {_MOST}"
        yield {"level": "warning", "message": {"text": text}}


def _driver(rules: Sequence[Json], skipped: Sequence[Skip]) -> Json:
    reasons = sorted({skip.reason for skip in skipped})
    return {
        "name": "neonlint",
        "semanticVersion": neonlint.__version__,
        "rules": rules,
        "notifications": [{"id": reason, "shortDescription": {"text": f"not checked: {reason}"}} for reason in reasons],
    }


def _result(entry: Entry, index: int, suppression: str | None, sources: Sources) -> Json:
    finding = entry.finding
    place: dict[str, Json] = {"physicalLocation": _physical(finding.path, entry.start, entry.end)}
    if finding.key:
        place["logicalLocations"] = [{"fullyQualifiedName": scrub(finding.key)}]
    more = {"noFix": scrub(finding.refusal)} if finding.refusal else {}
    result: dict[str, Json] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": _message("\n".join(_told(finding, entry.message))),
        "locations": [place],
        "partialFingerprints": {_FINGERPRINT: entry.fingerprint},
        "suppressions": [{"kind": suppression}] if suppression else [],
        "properties": {"confidence": finding.confidence, **more},
    }
    if finding.related:
        result["relatedLocations"] = [_related(n, place, sources) for n, place in enumerate(finding.related, 1)]
    if edits := repairs.whole(finding.fix, finding.path, sources):
        assert finding.fix is not None
        described = f"{scrub(finding.fix.title)} ({_SAFETIES[finding.fix.safety]})"
        result["fixes"] = [_fix(finding.path, described, edits, sources)]
    return result


def _told(finding: Finding, message: str) -> Iterator[str]:
    yield message
    for reason in finding.reasons:
        yield f"because: {scrub(reason.text)}" + (" (inferred)" if reason.inferred else "")
    if finding.help:
        yield f"help: {scrub(finding.help)}"


def _message(text: str) -> Json:
    """A message: `[…](…)` would be a link in it, so such a pair is parted."""
    return {"text": text.replace("](", "] (")}


def _related(number: int, place: Place, sources: Sources) -> Json:
    _, start, end = related(place, sources)
    location: dict[str, Json] = {"id": number, "physicalLocation": _physical(place.path, start, end)}
    return {**location, "message": _message(scrub(place.text))} if place.text else location


def _fix(path: str, described: str, edits: Sequence[Edit], sources: Sources) -> Json:
    change = {"artifactLocation": _artifact(path), "replacements": [_replacement(path, e, sources) for e in edits]}
    return {"description": {"text": described}, "artifactChanges": [change]}


def _replacement(path: str, edit: Edit, sources: Sources) -> Json:
    start = at(path, edit.start, sources) or At(1, 1)
    end = at(path, edit.end, sources) or start
    return {"deletedRegion": _region(start, end), "insertedContent": {"text": repairs.text(edit)}}


def _physical(path: str, start: At, end: At) -> Json:
    return {"artifactLocation": _artifact(path), "region": _region(start, end)}


def _artifact(path: str) -> Json:
    """A file by its relative URI, with the bytes of its name percent-encoded."""
    return {"uri": quote(os.fsencode(path)), "uriBaseId": _BASE}


def _region(start: At, end: At) -> Json:
    return {"startLine": start.row, "startColumn": start.column, "endLine": end.row, "endColumn": end.column}


def _notification(skip: Skip) -> Json:
    level = "error" if skip.reason in FATAL else "note" if quiet(skip) else "warning"
    physical: dict[str, Json] = {"artifactLocation": _artifact(skip.path)}
    if skip.row:
        physical["region"] = {"startLine": skip.row}
    return {
        "descriptor": {"id": skip.reason},
        "level": level,
        "message": {"text": f"not checked: {skip.reason}: {scrub(skip.detail)}"},
        "locations": [{"physicalLocation": physical}],
    }
