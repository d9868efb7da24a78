"""The report as Markdown: a page for a job summary or a comment, cut where it would grow too large for one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from neonlint.ir.findings import SEVERITIES, Finding, Report, Skip
from neonlint.report import View, summary
from neonlint.report.entries import Entry, entries, skipped
from neonlint.report.redact import scrub
from neonlint.report.render import render
from neonlint.report.sources import Sources

#: Characters of the table and of the list of files not checked. A comment holds 65,536; a job summary holds sixteen
#: times as many and is refused, whole, where it is longer.
_TABLE, _LIST = 50_000, 10_000
#: Characters of one text or name.
_LONGEST = 500
_SIGNS = {"error": "🛑 error", "warning": "⚠️ warning", "info": "ℹ️ info"}
_MARKUP = re.compile(r"[\\`*_\[\]|~#!$^]")
_CODE = re.compile(r"(`[^`]+`)")
#: A mention notifies people, where the page becomes a comment.
_UNMENTIONED = "@\u200b"


def lines(report: Report, view: View) -> Iterator[str]:
    """The page, line by line."""
    yield "## neonlint"
    yield ""
    yield from _counts(report, view)
    if view.statistics:
        yield from _statistics(report.findings)
    elif report.findings:
        yield from _findings(list(entries(report, Sources(report))), view)
    yield from _skipped(skipped(report), view)


def _counts(report: Report, view: View) -> Iterator[str]:
    if view.quiet:
        return
    for line in summary.counts(report):
        yield f"{_text(line)}"
        yield ""


def _findings(found: Sequence[Entry], view: View) -> Iterator[str]:
    worst = sorted(found, key=lambda entry: SEVERITIES.index(entry.finding.severity))
    yield "| | rule | where | finding | fix |"
    yield "|---|---|---|---|---|"
    yield from _first((_row(entry, view) for entry in worst), len(worst), _TABLE)


def _row(entry: Entry, view: View) -> str:
    finding = entry.finding
    rule = f"[{_text(entry.rule)}]({_address(finding.url)})" if finding.url else _text(entry.rule)
    place = _code(f"{_cut(view.shown(finding.path))}:{entry.start.row}")
    help_ = f"<br>{_text(scrub(finding.help))}" if finding.help else ""
    fix = finding.fix.safety if finding.fix else ""
    return f"| {_SIGNS[finding.severity]} | {rule} | {place} | {_text(entry.message)}{help_} | {fix} |"


def _statistics(findings: Sequence[Finding]) -> Iterator[str]:
    yield "| findings | rule |"
    yield "|---|---|"
    counts = Counter(f"{finding.code} {finding.name}" for finding in findings)
    for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"| {count} | {_text(rule)} |"
    yield ""


def _skipped(told: Sequence[Skip], view: View) -> Iterator[str]:
    if told:
        yield f"{summary.plural(len(told), 'file')} not checked:"
        yield ""
        yield from _first((_skip(skip, view) for skip in told), len(told), _LIST)


def _skip(skip: Skip, view: View) -> str:
    place = _cut(view.shown(skip.path)) + (f":{skip.row}" if skip.row else "")
    return f"- {_code(place)}: {skip.reason}: {_text(scrub(skip.detail))}"


def _first(lines: Iterable[str], count: int, room: int) -> Iterator[str]:
    """As many of the `count` lines as there is room for, in characters, and how many there are besides."""
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            yield from ("", f"… and {count - number} more.")
            break
        yield line
    yield ""


def _text(text: str) -> str:
    """Prose with its `code`; everything else that Markdown or HTML would act on is written out."""
    pieces = _CODE.split(_cut(render(text)))
    return "".join(_code(piece[1:-1]) if at % 2 else _escaped(piece) for at, piece in enumerate(pieces))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _code(text: str) -> str:
    return f"<code>{_escaped(render(text))}</code>"


def _escaped(text: str) -> str:
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", _UNMENTIONED)
    return _MARKUP.sub(r"\\\g<0>", html)


def _address(url: str) -> str:
    """A link's target, which spaces and parentheses would end."""
    return re.sub(r"[^\w.~:/?#@!$&'*+,;=%-]", "", url)
