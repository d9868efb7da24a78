"""Files of a baseline that were renamed: their entries under the new names, for those findings that are otherwise what
they were. Only on request: a run by itself cannot tell a moved file from a new one that repeats an old defect.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from neonlint import baseline
from neonlint.baseline import Baseline, Entry, Find
from neonlint.ir.findings import Finding, Report, SourceText
from neonlint.records import replace


class Places(NamedTuple):
    """Where files were and are: two files or two directories, relative to the root."""

    old: str
    new: str


class Moved(NamedTuple):
    """All entries as they are afterwards; how many findings have another file now, and how many kept the old one."""

    entries: list[Entry]
    found: int
    left: int


def moved(going: Sequence[Entry], others: Sequence[Entry], places: Places, report: Report, find: Find) -> Moved:
    """The entries `going`, which are of files at the old place, and the `others`, after those findings of `report` (a
    run with that baseline) at the new place that differ in nothing but the file have taken theirs over. `find` gives a
    rule by a present or former name."""
    old, new = places
    before = Baseline("", going)
    known: list[Finding] = []
    for path in {finding.path for finding in report.findings if within(baseline.name_of(finding.path), new)}:
        origin = posixpath.normpath(posixpath.join(old, posixpath.relpath(path, new)))
        known += _same(before, origin, [f for f in report.findings if f.path == path], report.sources[path], find)
    stale = before.stale(lambda _: True)
    counts = Counter[Entry]()
    for entry in (*others, *stale, *baseline.of(known, report.sources)):
        counts[entry._replace(count=0)] += entry.count
    total = [entry._replace(count=count) for entry, count in counts.items()]
    return Moved(total, len(known), sum(entry.count for entry in stale))


def within(path: str, place: str) -> bool:
    """Whether a path is a file, or in a directory."""
    return place in (".", path) or path.startswith(f"{place}/")


def _same(before: Baseline, origin: str, findings: Sequence[Finding], source: SourceText, find: Find) -> list[Finding]:
    """Those of a file's findings that the baseline would let pass in the file `origin`."""
    asked = [replace(finding, path=origin) for finding in findings]
    new = {id(finding) for finding in before.new(origin, asked, lambda: source, find)}
    return [finding for finding, there in zip(findings, asked, strict=True) if id(there) not in new]
