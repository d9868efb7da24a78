"""The report by file: its path, and below it a line for each finding; `[*]` marks a safe fix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from neonlint.ir.findings import Finding, Report
from neonlint.report import View, summary
from neonlint.report.redact import scrub
from neonlint.report.render import render
from neonlint.report.sources import Sources
from neonlint.report.style import Style


def lines(report: Report, view: View) -> Iterator[str]:
    """The report, line by line."""
    sources, style = Sources(report), Style(view.color, view.links)
    if view.statistics:
        yield from summary.statistics(report.findings)
    else:
        for path, found in groupby(report.findings, key=lambda finding: finding.path):
            yield f"{style('bold', render(view.shown(path)))}:"
            yield from _file(list(found), sources, style)
            yield ""
    if not view.quiet:
        yield from summary.lines(report, view)


def _file(found: Sequence[Finding], sources: Sources, style: Style) -> Iterator[str]:
    places = ["{}:{}".format(*sources.at(f.path, f.span.start) or (f.row or 1, 1)) for f in found]
    wide, words = max(map(len, places)), max(len(finding.severity) for finding in found)
    for finding, place in zip(found, places, strict=True):
        severity = style.severity(finding.severity, finding.severity) + " " * (words - len(finding.severity))
        mark = " [*]" if finding.fix and finding.fix.safety == "safe" else ""
        code = style.link(finding.url, finding.code)
        yield f"  {place:>{wide}}  {severity}  {code}{mark} {scrub(finding.message)}"
