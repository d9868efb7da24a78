"""The report for people: each finding with its redacted source line, its reasons, its remedy and its page."""

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
        for finding in report.findings:
            yield from _finding(finding, sources, style, view)
            yield ""
    if not view.quiet:
        yield from summary.lines(report, view)


def _finding(finding: Finding, sources: Sources, style: Style, view: View) -> Iterator[str]:
    code = style.link(finding.url, finding.code)
    head = style.severity(finding.severity, f"{finding.severity}[{code} {render(finding.name)}]")
    yield f"{head}: {style('bold', scrub(finding.message))}"
    drawn = sources.draw(finding.path, finding.label or finding.span)
    margin = " " * len(str(drawn[0] if drawn else finding.row or 1))
    at = sources.at(finding.path, finding.span.start)
    place = f":{at[0]}:{at[1]}" if at else f":{finding.row}:1" if finding.row else ""
    yield f"{margin} {style('cyan', '-->')} {render(view.shown(finding.path))}{place}"
    bar = style("cyan", "|")
    if drawn:
        row, line = drawn
        marks = " " * line.start + style.severity(finding.severity, "-" * (line.end - line.start))
        yield f"{margin}  {bar}"
        yield f" {style('cyan', str(row))} {bar} {line.text}"
        yield f"{margin}  {bar} {marks}"
    for note in _notes(finding, sources, view):
        yield f"{margin}  {style('cyan', '=')} {note}"


def _notes(finding: Finding, sources: Sources, view: View) -> Iterator[str]:
    for reason in finding.reasons:
        yield f"because: {scrub(reason.text)}" + (" (inferred)" if reason.inferred else "")
    named = {reason.place for reason in finding.reasons}
    for place in finding.related:
        if (place.path, place.span) in named:
            continue  # a reason has said so already
        at = sources.beside(place.path, place.span.start)
        where = f"{render(view.shown(place.path))}" + (f":{at[0]}:{at[1]}" if at else "")
        yield f"see: {where}: {scrub(place.text)}"
    if advice := finding.help or (finding.fix.title if finding.fix else ""):
        yield f"help: {scrub(advice)}{_availability(finding)}"
    elif finding.refusal:
        yield f"help: no fix here: {scrub(finding.refusal)}"
    if finding.url:
        yield f"docs: {render(finding.url)}; `neonlint rule {finding.code}`"


def _availability(finding: Finding) -> str:
    """What can be done about the finding without its reader."""
    if finding.fix is None:
        return f"  [no fix here: {scrub(finding.refusal)}]" if finding.refusal else ""
    safe = finding.fix.safety == "safe"
    return "  [safe fix available]" if safe else "  [unsafe fix available, use --unsafe-fixes]"
