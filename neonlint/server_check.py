"""Open documents judged as they stand in the editor, saved or not, with the rest of their projects as context.

Configuration and files are looked for at every check, so that nothing that changed on the disk is missed; what was read
of a file that did not change is not read again.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from neonlint import config as configuration
from neonlint import discover, session
from neonlint.barrier import guarded
from neonlint.edits import apply, merge
from neonlint.errors import Refused, UsageError
from neonlint.ir.findings import Finding, Report, Skip
from neonlint.means import Means
from neonlint.records import dataclass, field
from neonlint.server_files import Remembered
from neonlint.session import Session

#: Each file has its own limit of time.
_NO_LIMIT = 0.0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Checked:
    """One document as it was judged: its text, its findings, and the text that all safe repairs make of it (None where
    nothing can be repaired so). `skipped` says why it was not read, or not read whole."""

    text: str = field(repr=False)
    findings: tuple[Finding, ...] = ()
    report: Report = Report(())
    repaired: str | None = field(default=None, repr=False)
    skipped: tuple[Skip, ...] = ()


class Outcome(NamedTuple):
    """What was found in each document, by its path, and the complaints: about configurations, and about what went wrong
    here."""

    documents: dict[str, Checked]
    complaints: list[str]


class Checker:
    """Judges documents, and remembers the files around them, by project."""

    def __init__(self) -> None:
        self._remembered: dict[str, Remembered] = {}

    def check(self, texts: Mapping[str, str]) -> Outcome:
        """Judge documents, by absolute path; those of one project are judged together. Nothing is written."""
        outcome = Outcome({}, [])
        projects = _projects(texts)
        self._remembered = {root: self._remembered.get(root) or Remembered() for root in projects}
        for root, paths in projects.items():
            means = Means(jobs=1, around=self._remembered[root].read)
            work = partial(_judged, Path(root), {path: texts[path] for path in paths}, means)
            try:
                found = guarded(root, work, _NO_LIMIT)
            except UsageError as error:
                outcome.complaints.append(str(error))
                continue
            if isinstance(found, Skip):
                outcome.complaints.append(f"{root}: {found.detail}")
            else:
                outcome.documents.update(found)
        return outcome


def alone(finding: Finding, text: str) -> str | None:
    """The text with the fix of one finding made; None where it has none."""
    if finding.fix is None:
        return None
    try:
        edits = merge(finding.fix.edits)
    except Refused:
        return None
    return apply(text.encode("utf-8", "replace"), edits).decode("utf-8", "replace")


def _projects(texts: Mapping[str, str]) -> Mapping[str, list[str]]:
    """Documents by the root of their project."""
    found = defaultdict(list)
    for path in texts:
        found[os.path.realpath(discover.project_root(Path(path).parent))].append(path)
    return found


def _judged(root: Path, texts: Mapping[str, str], means: Means) -> dict[str, Checked]:
    """The documents of one project, by path. One file may be open under two names, with links between."""
    config = configuration.load(Path(next(iter(texts))).parent)
    excluded = config.excludes(root)
    names: dict[str, str] = {}
    given: dict[str, bytes] = {}
    done: dict[str, Checked] = {}
    for path, text in texts.items():
        name = Path(os.path.relpath(os.path.realpath(path), root)).as_posix()
        if excluded and excluded(name):
            continue
        data = _bytes(text)
        if (skip := discover.refuse(data, name, config.max_file_size)) is not None:
            done[path] = Checked(text, skipped=(skip,))
        else:
            names[path], given[name] = name, data
    if not given:
        return done
    found = discover.discover([str(root / name) for name in given], config, root=root)
    outcome = session.judge(Session(config, found, given, whole=False, means=means), "safe", before=True)
    report = outcome.before or outcome.report
    for path, name in names.items():
        if _bytes(texts[path]) == given[name]:
            here = tuple(finding for finding in report.findings if finding.path == name)
            skipped = tuple(skip for skip in report.skipped if skip.path == name)
            change = outcome.changes.get(name)
            repaired = change.new.decode("utf-8", "replace") if change else None
            done[path] = Checked(texts[path], here, report, repaired, skipped)
    return done


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
