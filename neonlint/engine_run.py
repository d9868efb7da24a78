"""One run's project: judged by the rules, as often as repair changes it; with what comments, the baseline and earlier
commits let pass; and its report.

What only some runs need is imported by those: a run on one dotenv file is felt at every commit.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from neonlint.barrier import guarded
from neonlint.config import Config, fixable
from neonlint.discover import FoundFile
from neonlint.engine_files import Files, read_all, sources
from neonlint.engine_report import UNFIXABLE, Identity, levelled, with_fixes
from neonlint.ir.findings import Finding, Report, Skip
from neonlint.ir.model import Extract
from neonlint.judge import Judge, Judgement
from neonlint.link import Project
from neonlint.means import Means
from neonlint.rulebook import Rulebook

if TYPE_CHECKING:
    from neonlint.baseline import Entry
    from neonlint.engine_baseline import Known, Passing
    from neonlint.suppress import Complaint, Suppressions

#: The baseline that is used without being named, at the project root.
BASELINE = ".neonlint-baseline.toml"


class Run:
    """One run's project, and what was found in it when it was judged last."""

    def __init__(
        self,
        root: Path,
        files: Sequence[FoundFile],
        config: Config,
        rulebook: Rulebook,
        active: Collection[str],
        found: Files,
        whole: bool,
        means: Means,
        given: Mapping[str, bytes | Skip],
    ) -> None:
        self.root, self.config, self.rulebook, self.active, self.found = root, config, rulebook, active, found
        self.means, self.given, self.whole = means, given, whole
        self.linked: Project | None = None
        self.tracked = {file.path: file.tracked for file in files}
        self.ignored_env = tuple(file.path for file in files if file.ignored_env)
        self.per_file = config.file_ignores(root)
        self.passing = self._passing()
        self.known: Known | None = None
        self.suppressed = 0
        self.baselined: list[Finding] = []
        self.older: list[Finding] = []
        self.allowed: list[Finding] = []
        self.fixable = fixable(config, rulebook)
        self.hygiene: list[Finding] = []
        self.given_up: set[str] = set()
        self.settled: set[str] = set()  # files that break no rule, as their own text shows
        self.original = {path: e.document.data for path, e in found.extracts.items()}

    def may_change(self) -> bool:
        """Whether the rest of the project can change what is found in the files that were read. Those of which that is
        known not to be so have no findings, whatever else is read."""
        judge = Judge(self.project(), self.rulebook, self.active)
        for path, current in self.found.extracts.items():
            if guarded(path, partial(judge.may_change, current)) is not False:
                return True
            self.settled.add(path)
        return False

    def widen(self, root: Path, others: Sequence[FoundFile]) -> None:
        """Read the rest of the project, so that every reader of a value is seen; its own findings are nobody's here."""
        read = self.means.around or partial(read_all, given=self.given, means=self.means)
        self.found.add_context(read(root, others, self.config))
        self.tracked |= {file.path: file.tracked for file in others}

    def know(self, entries: Sequence[Entry]) -> None:
        """Let pass what was found before, too."""
        from neonlint import engine_baseline  # noqa: PLC0415 -- see the first lines

        self.known = engine_baseline.Known.of(entries, self.rulebook)

    def project(self) -> Project:
        """Everything that was read, linked anew."""
        return self.found.project(self.config, self.tracked)

    def judge(self) -> list[Judgement]:
        """Every finding that counts: by rule selection, per-file ignores, suppressions and the baseline."""
        self.linked = self.project()
        judge = Judge(self.linked, self.rulebook, self.active)
        kept: list[Judgement] = []
        self.suppressed, self.hygiene, self.baselined, self.older, self.allowed = 0, [], [], [], []
        for known in filter(None, (self.passing, self.known)):
            known.forget()
        for path, current in self._watched():
            if path in self.given_up or path not in self.original:
                continue
            judged = guarded(path, partial(self._judge, judge, current))
            if isinstance(judged, Skip):
                self.given_up.add(path)
                self.found.skipped.append(judged)
            else:
                kept += judged
        return kept

    def _watched(self) -> Iterator[tuple[str, Extract]]:
        """Every file that was parsed; `progress` hears where in them we are."""
        tell, total = self.means.progress, len(self.found.extracts)
        for done, found in enumerate(self.found.extracts.items()):
            if tell is not None:
                tell("checking", done, total)
            yield found
        if tell is not None:
            tell("checking", total, total)

    def _judge(self, judge: Judge, current: Extract) -> list[Judgement]:
        off = self._off(current.document.path)
        judged = () if current.document.path in self.settled else judge.judge(current)
        suppressions = self._suppressions(current)
        kept = self._unsuppressed(suppressions, [j for j in judged if j.rule.code not in off])
        told = [c for c in self._complaints(suppressions, current) if c.finding.code not in off]
        for known, passed_over in ((self.passing, self.baselined), (self.known, self.older)):
            if known is None or not (kept or told):
                continue
            passed = known.passed(current, [*(j.finding for j in kept), *(c.finding for c in told)])
            passed_over.extend(passed)
            old = {id(f) for f in passed}
            kept, told = [j for j in kept if id(j.finding) not in old], [c for c in told if id(c.finding) not in old]
        if suppressions is not None and told:
            from neonlint.repair_comments import possible  # noqa: PLC0415 -- see the first lines

            mended = suppressions.mended(told, current.document.data, self.fixable, UNFIXABLE)
            self.hygiene += possible(current, mended)
        return kept

    def unused(self) -> list[str]:
        """What is configured in vain, where this is all of the project; asked after `judge`."""
        config = self.config
        if self.linked is None or not self.whole or not (config.per_file_ignores or config.roles or config.runtimes):
            return []
        from neonlint import engine_unused  # noqa: PLC0415 -- see the first lines

        return list(engine_unused.unused(self.linked))

    def stale(self) -> list[Entry]:
        """What the baseline lets pass and this run did not find, although it would have."""
        return [] if self.passing is None else self.passing.stale(self.found.skipped)

    def _passing(self) -> Passing | None:
        """The baseline that the configuration names, or the one at the root, if there is one."""
        path = self.config.baseline
        if path == "" or (path is None and not os.path.lexists(self.root / BASELINE)):
            return None
        from neonlint.engine_baseline import Passing  # noqa: PLC0415 -- see the first lines

        return Passing(self.root, path or BASELINE, self.rulebook, self.active, self._off, self.tracked, self.whole)

    def _off(self, path: str) -> set[str]:
        return self.rulebook.select(self.per_file(path))

    def _suppressions(self, current: Extract) -> Suppressions | None:
        if not self.config.honour_ignores or not current.comments:
            return None
        from neonlint.suppress import Suppressions  # noqa: PLC0415 -- few files have comments for neonlint

        return Suppressions.of(current.comments, self.rulebook, current.document.data)

    def _unsuppressed(self, suppressions: Suppressions | None, judged: list[Judgement]) -> list[Judgement]:
        """What no comment takes out."""
        if suppressions is None:
            return judged
        kept = [j for j in judged if not suppressions.covers(j.rule.code, j.finding.row)]
        self.suppressed += len(judged) - len(kept)
        taken = {id(j) for j in kept}
        self.allowed += [j.finding for j in judged if id(j) not in taken]
        return kept

    def _complaints(self, suppressions: Suppressions | None, current: Extract) -> list[Complaint]:
        """What is wrong with the comments that take something out."""
        if suppressions is None:
            return []
        path, data = current.document.path, current.document.data
        found = suppressions.complaints(path, data, self.active, require_reason=self.config.require_reason)
        return [complaint for complaint in found if complaint.finding.code in self.active]

    def report(
        self,
        judged: Sequence[Judgement],
        fixed: Sequence[Finding],
        refused: Mapping[Identity, str],
        stale: Sequence[Entry] = (),
    ) -> Report:
        """The report; each fix is rendered, so that what is called fixable can be fixed."""
        told = self.passing.complaints(stale) if self.passing is not None and self.config.strict_baseline else ()
        mended = with_fixes(judged, refused, self.fixable, self.found.skipped)
        findings = [self._levelled(f) for f in (*mended, *self.hygiene, *told)]
        findings.sort(key=lambda f: (f.path, f.span.start, f.code, f.label.start if f.label else 0))
        quiet = [*self.baselined, *self.allowed]
        paths = {f.path for f in (*findings, *quiet)} | {place.path for f in findings for place in f.related}
        texts = sources(paths, self.found, self.root, self.config, self.given)
        return Report(
            findings,
            tuple(self.found.skipped),
            self.found.checked,
            self.ignored_env,
            self.suppressed,
            tuple(fixed),
            texts,
            baselined=[self._levelled(f) for f in self.baselined],
            allowed=[self._levelled(f) for f in self.allowed],
            older=len(self.older),
            rules={f.code: rule for f in (*findings, *quiet) if (rule := self.rulebook.find(f.code))},
        )

    def _levelled(self, finding: Finding) -> Finding:
        return levelled(finding, self.config.severity, self.rulebook)
