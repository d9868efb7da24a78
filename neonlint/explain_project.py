"""What in the project around the current directory causes an error: the findings of the rules that its causes name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from neonlint import discover, session
from neonlint.config import Config
from neonlint.records import replace
from neonlint.report.redact import scrub
from neonlint.report.render import render
from neonlint.report.sources import Sources


class Place(NamedTuple):
    """One finding, safe to print: its path as seen from where one is, its row (1-based), its rule, its text."""

    path: str
    row: int
    code: str
    message: str


def findings(codes: Collection[str], cwd: Path, config: Config) -> Mapping[str, Sequence[Place]] | None:
    """The findings of the rules `codes` in the whole project that `cwd` lies in, by code; None outside of a project.

    Its suppressions and `config` count. Nothing is written. Raises UsageError for a configuration that cannot be used.
    """
    root = discover.project_root(cwd)
    if not discover.is_project(root):
        return None
    found: dict[str, list[Place]] = defaultdict(list)
    if not codes:
        return found
    config = replace(config, select=tuple(sorted(codes)), extend_select=())
    work = session.open_session([str(root)], config, cwd)
    report = session.judge(work).report
    sources, shown = Sources(report), session.shown_from(cwd, work.root)
    for finding in report.findings:
        at = sources.at(finding.path, finding.span.start)
        row = at[0] if at else finding.row or 1
        found[finding.code].append(Place(render(shown(finding.path)), row, finding.code, scrub(finding.message)))
    return found
