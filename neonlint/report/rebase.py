"""A report with other paths: services know a repository, or where they were started, and not our project's root."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from neonlint.ir.findings import Finding, Report
from neonlint.records import replace


def below(base: str) -> Callable[[str], str]:
    """Puts a path below the directory `base`; standard input's `-` stays."""
    return lambda path: path if path == "-" else posixpath.normpath(posixpath.join(base, path))


def rebased(report: Report, path: Callable[[str], str]) -> Report:
    """The report with every path as `path` makes it."""

    def finding(of: Finding) -> Finding:
        related = tuple(place._replace(path=path(place.path)) for place in of.related)
        return replace(of, path=path(of.path), related=related)

    return replace(
        report,
        findings=[*map(finding, report.findings)],
        fixed=[*map(finding, report.fixed)],
        baselined=[*map(finding, report.baselined)],
        allowed=[*map(finding, report.allowed)],
        skipped=[skip._replace(path=path(skip.path)) for skip in report.skipped],
        ignored_env_files=[*map(path, report.ignored_env_files)],
        sources={path(of): source for of, source in report.sources.items()},
    )
