"""The report for programs that read line by line: a finding in each line, as in `json`, and the rest in the last."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.ir.findings import Report
from neonlint.report import View
from neonlint.report.json import diagnostics, head, tail, written


def lines(report: Report, view: View) -> Iterator[str]:
    """The report, an object a line; the last one has `summary`."""
    yield from (written(found, indent=None) for found in diagnostics(report))
    yield written({**head(report), **tail(report, view)}, indent=None)
