"""The report in one line for each finding; `[*]` marks a safe fix."""

from __future__ import annotations

from collections.abc import Iterator

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
        yield from (_finding(finding, sources, style, view) for finding in report.findings)
    if not view.quiet:
        yield from summary.lines(report, view)


def _finding(finding: Finding, sources: Sources, style: Style, view: View) -> str:
    row, column = sources.at(finding.path, finding.span.start) or (finding.row or 1, 1)
    mark = " [*]" if finding.fix and finding.fix.safety == "safe" else ""
    severity = style.severity(finding.severity, finding.severity)
    place = f"{render(view.shown(finding.path))}:{row}:{column}"
    return f"{place}: {severity} {style.link(finding.url, finding.code)}{mark} {scrub(finding.message)}"
