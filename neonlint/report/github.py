"""Annotations for GitHub Actions: commands to its runner, worst first, since ten of a step are shown; then the summary.

Escapes as the runner undoes them: `%`, CR and LF in data, `:` and `,` in properties, too. The runner's older commands,
`##[…]`, are understood anywhere in a line, so zero-width spaces break what looks like one.
"""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.ir.findings import FATAL, SEVERITIES, Report, Severity
from neonlint.report import View, summary
from neonlint.report.entries import At, Entry, encodable, entries, skipped
from neonlint.report.redact import scrub
from neonlint.report.render import break_commands_within, guard, render
from neonlint.report.sources import Sources

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}
#: The runner cuts a message at 4,096 characters.
_LONGEST = 4_000


def lines(report: Report, view: View) -> Iterator[str]:
    """The report, line by line. Paths are relative to the top of the repository, as GitHub wants them."""
    found = list(entries(report, Sources(report)))
    for severity in SEVERITIES:
        yield from (_finding(entry) for entry in found if entry.finding.severity == severity)
    for skip in skipped(report):
        row = skip.row or 1
        command = "error" if skip.reason in FATAL else "warning"
        text = f"not checked: {skip.reason}: {scrub(skip.detail)}"
        yield _command(command, encodable(skip.path), At(row, 1), At(row, 1), "neonlint", text)
    if not view.quiet:
        yield from map(guard(True), summary.lines(report, view))


def _finding(entry: Entry) -> str:
    text = "\n".join(entry.told())
    return _command(_COMMANDS[entry.finding.severity], entry.path, entry.start, entry.end, entry.rule, text)


def _command(command: str, path: str, start: At, end: At, title: str, text: str) -> str:
    """One command. The runner drops columns where a finding spans lines, and an end that lies before its start."""
    columns = {"col": start.column, "endColumn": end.column} if start.row == end.row else {}
    properties = {"file": path, "line": start.row, "endLine": end.row, **columns, "title": title}
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{command} {written}::{_data(text)}"


def _data(text: str) -> str:
    cut = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    escaped = "\n".join(map(render, cut.split("\n"))).replace("%", "%25").replace("\n", "%0A")
    return break_commands_within(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
