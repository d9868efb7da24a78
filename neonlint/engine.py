"""A run: read files, extract, link, judge, suppress, repair to a fixed point. Reads only; writing is the caller's.

What only some runs need is imported by those: a run on one dotenv file is felt at every commit.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from neonlint import formats
from neonlint.barrier import guarded
from neonlint.config import Config, check_rule_ids, fixable
from neonlint.discover import FoundFile
from neonlint.engine_files import Files, read_all, sources
from neonlint.engine_report import UNFIXABLE, Identity, identity, levelled, with_fixes
from neonlint.extract import extract
from neonlint.ir.findings import Finding, Fix, Report, Skip
from neonlint.ir.model import Extract
from neonlint.judge import Judge, Judgement
from neonlint.link import Project
from neonlint.means import Means
from neonlint.records import dataclass, field, replace
from neonlint.rulebook import Rulebook, load

if TYPE_CHECKING:
    from neonlint.baseline import Entry
    from neonlint.engine_baseline import Known, Passing
    from neonlint.suppress import Complaint, Suppressions

#: Rounds of repair after which a run stops; ruff's own guard is 100, and no two of our rules undo each other (a test
#: says so).
MAX_ROUNDS = 10
#: The baseline that is used without being named, at the project root.
BASELINE = ".neonlint-baseline.toml"

UNDOES = "it would undo another fix"

Repair = Literal["none", "safe", "unsafe"]
_USUAL = Means()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Change:
    """A file before and after repair."""

    old: bytes = field(repr=False)
    new: bytes = field(repr=False)


class Outcome(NamedTuple):
    """A run's report, and by path (relative, forward slashes) the changes that repair wants; nothing was written.
    `stale` are the entries of the baseline that met nothing, with how often. `before` is the report as it was before
    repair, where that was asked for."""

    report: Report
    changes: Mapping[str, Change]
    stale: Sequence[Entry] = ()
    before: Report | None = None


def run(
    root: Path,
    files: Sequence[FoundFile],
    config: Config,
    *,
    repair: Repair = "none",
    given: Mapping[str, bytes | Skip] | None = None,
    context: Callable[[], Sequence[FoundFile]] | None = None,
    whole: bool = True,
    known: Callable[[], Sequence[Entry]] | None = None,
    means: Means = _USUAL,
    before: bool = False,
) -> Outcome:
    """Check `files` (relative to `root`); `given` holds bytes that stand for a file's content, or why it
    has none.

    With `repair`, the report's `fixed` are the findings that `changes` mend, and `findings` what remains after them;
    with `before`, there is also a report of what was found before that.
    `context` gives the other files of the project. It is called only if other files can change what is found, or what a
    fix may do: a file without a connection, client or command, or whose connections go to a local database, is judged
    alone. Findings and changes are of `files` only. `whole` says that these are all files of the project, so that what
    the baseline has of others is stale. `means` change nothing of this.

    What the baseline lets pass is neither found nor repaired. A repair of something else on the same line ends that:
    the line is no longer the one that was let pass. So it is with what is `known`, which is asked for if anything was
    found.
    """
    started = time.perf_counter()
    rulebook = load(config.extend_rules)
    check_rule_ids(config, rulebook)
    active = _active(config, rulebook)
    read_files = read_all(root, files, config, given or {}, means)
    session = _Session(root, files, config, rulebook, active, read_files, whole, means, given or {})
    if context is not None and session.may_change():
        session.widen(root, context())
    judged = session.judge()
    if known is not None and (judged or session.hygiene):
        session.know(known())
        judged = session.judge()
    first = session.report(judged, (), {}, session.stale()) if before else None
    changes: dict[str, Change] = {}
    fixed: list[Finding] = []
    refused: dict[Identity, str] = {}
    if repair != "none":
        judged, changes, fixed, refused = session.repair(judged, repair)
    stale = session.stale()
    report = session.report(judged, fixed, refused, stale)
    report = replace(report, seconds=time.perf_counter() - started, repair=repair)
    return Outcome(report, changes, stale, first)


def _active(config: Config, rulebook: Rulebook) -> frozenset[str]:
    chosen = rulebook.select((*config.select, *config.extend_select) if config.select else ("ALL",))
    off = {code for pattern, level in config.severity.items() if level == "off" for code in rulebook.select([pattern])}
    return frozenset(chosen - rulebook.select(config.ignore) - off)


class _Session:
    """One run's project, judged as often as repair changes it."""

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
        self.means, self.given = means, given
        self.tracked = {file.path: file.tracked for file in files}
        self.ignored_env = tuple(file.path for file in files if file.ignored_env)
        self.per_file = config.file_ignores(root)
        self.passing = self._passing(whole)
        self.known: Known | None = None
        self.suppressed = 0
        self.baselined: list[Finding] = []
        self.older: list[Finding] = []
        self.allowed: list[Finding] = []
        self.fixable = fixable(config, rulebook)
        self.hygiene: list[Finding] = []
        self.given_up: set[str] = set()
        self.settled: set[str] = set()  # files that break no rule, as their own text shows
        self.earlier: dict[str, set[bytes]] = defaultdict(set)  # what a file was before each of its repairs
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
        from neonlint import engine_baseline  # noqa: PLC0415 -- see the first lines of this module

        self.known = engine_baseline.Known.of(entries, self.rulebook)

    def project(self) -> Project:
        return self.found.project(self.config, self.tracked)

    def judge(self) -> list[Judgement]:
        """Every finding that counts: by rule selection, per-file ignores, suppressions and the baseline."""
        judge = Judge(self.project(), self.rulebook, self.active)
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
            from neonlint.repair_comments import possible  # noqa: PLC0415 -- see the first lines of this module

            mended = suppressions.mended(told, current.document.data, self.fixable, UNFIXABLE)
            self.hygiene += possible(current, mended)
        return kept

    def stale(self) -> list[Entry]:
        """What the baseline lets pass and this run did not find, although it would have."""
        return [] if self.passing is None else self.passing.stale(self.found.skipped)

    def _passing(self, whole: bool) -> Passing | None:
        """The baseline that the configuration names, or the one at the root, if there is one."""
        path = self.config.baseline
        if path == "" or (path is None and not os.path.lexists(self.root / BASELINE)):
            return None
        from neonlint.engine_baseline import Passing  # noqa: PLC0415 -- see the first lines of this module

        return Passing(self.root, path or BASELINE, self.rulebook, self.active, self._off, self.tracked, whole)

    def _off(self, path: str) -> set[str]:
        return self.rulebook.select(self.per_file(path))

    def _suppressions(self, current: Extract) -> Suppressions | None:
        if not self.config.honour_ignores or not current.document.comments:
            return None
        from neonlint.suppress import Suppressions  # noqa: PLC0415 -- few files have comments for neonlint

        return Suppressions.of(current.document.comments, self.rulebook)

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

    def repair(
        self, judged: list[Judgement], wanted: Repair
    ) -> tuple[list[Judgement], dict[str, Change], list[Finding], dict[Identity, str]]:
        """Repair to a fixed point. Returns what remains, the changes, what was fixed, and why fixes were refused."""
        fixed: list[Finding] = []
        refused: dict[Identity, str] = {}
        for _ in range(MAX_ROUNDS):
            done = self._round(judged, wanted, refused)
            fixed += [replace(j.finding, fix=Fix(j.finding.help, j.safety, ())) for j in done]
            if not done:  # only now is it known which comments are needed
                tidied = self._tidy()
                fixed += tidied
                if not tidied:
                    break
            judged = self.judge()
        changes = {
            path: Change(old, self.found.extracts[path].document.data)
            for path, old in self.original.items()
            if self.found.extracts[path].document.data != old
        }
        return judged, changes, fixed, refused

    def _round(self, judged: Sequence[Judgement], wanted: Repair, refused: dict[Identity, str]) -> list[Judgement]:
        done: list[Judgement] = []
        for path in dict.fromkeys(j.finding.path for j in judged):
            chosen = [
                j for j in judged
                if j.finding.path == path and j.fix is not None and (wanted == "unsafe" or j.safety == "safe")
                and j.rule.code in self.fixable and identity(j) not in refused
            ]  # fmt: skip
            if not chosen:
                continue
            repaired = guarded(path, partial(self._repair_file, path, chosen, refused))
            if isinstance(repaired, Skip):
                self.found.skipped.append(repaired)
                refused |= {identity(j): repaired.reason for j in chosen}
            else:
                done += repaired
        return done

    def _tidy(self) -> list[Finding]:
        """Make the fixes of comments that need not be, or may not be as they are; returns what was fixed."""
        done: list[Finding] = []
        for path, of_file in groupby([f for f in self.hygiene if f.fix is not None], key=lambda f: f.path):
            from neonlint.repair_comments import changed  # noqa: PLC0415 -- see the first lines of this module

            found = list(of_file)
            edits = [edit for f in found if f.fix is not None for edit in f.fix.edits]
            again = guarded(path, partial(changed, self.found.extracts[path], edits))
            if again is not None and not isinstance(again, Skip) and again.document.data not in self.earlier[path]:
                self.earlier[path].add(self.found.extracts[path].document.data)
                self.found.extracts[path] = again
                done += found
        return done

    def _repair_file(self, path: str, chosen: Sequence[Judgement], refused: dict[Identity, str]) -> list[Judgement]:
        from neonlint import repair  # noqa: PLC0415 -- see the first lines of this module

        current = self.found.extracts[path]
        result = repair.repair(current, chosen)
        refused |= {identity(j): result.refused[id(j)] for j in chosen if id(j) in result.refused}
        if result.data in self.earlier[path]:
            refused |= {identity(j): UNDOES for j in result.done}
            return []
        if result.done:
            self.earlier[path].add(current.document.data)
            document = formats.load(current.document.format).read(path, result.data)
            self.found.extracts[path] = extract(document)
            # What was refused beside another fix may be possible once that one is made.
            for key in [key for key in refused if key[0] == path]:
                del refused[key]
        return result.done

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
