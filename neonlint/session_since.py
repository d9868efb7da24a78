"""`--diff-base`: a run for findings that were not there where a branch began."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

from neonlint import baseline, discover_base, session
from neonlint.baseline import Entry
from neonlint.discover import Discovered
from neonlint.errors import UsageError
from neonlint.records import replace
from neonlint.session import Session


def since(work: Session, ref: str) -> Session:
    """The same run, for findings that were not there where HEAD and `ref` went apart. Raises UsageError."""
    return replace(work, known=cache(partial(_known, work, discover_base.merge_base(work.root, ref))))


def _known(work: Session, commit: str) -> Sequence[Entry]:
    """What was found at `commit` in the files of a run, by the rules and the configuration of today."""
    snapshot, files = discover_base.files_at(commit, work.root, work.config)
    own = {file.path for file in work.found.files} & {file.path for file in files if file.tracked}
    before = Session(
        replace(work.config, strict_baseline=False),
        Discovered(work.root, [file for file in files if file.path in own]),
        snapshot,
        whole=False,
        rest=lambda: files,
        means=work.means._replace(progress=None),
    )
    report = session.judge(before).report
    for skip in (skip for skip in report.skipped if skip.reason == "unreadable"):
        raise UsageError(f"--diff-base: {skip.path} cannot be read as it was: {skip.detail}; fetch all of the history")
    return baseline.of(report.findings, report.sources)
