"""A run: read files, extract, link, judge, suppress, repair to a fixed point. Reads only; writing is the caller's."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from neonlint import formats, manifests, platforms, repair
from neonlint.config import Config, check_rule_ids
from neonlint.discover import FoundFile, read
from neonlint.errors import ParseFailure, Refused
from neonlint.extract import extract
from neonlint.formats.claims import format_of, worth_parsing
from neonlint.ir.findings import Finding, Fix, Report, Skip, SkipReason, SourceText
from neonlint.ir.model import Extract
from neonlint.judge import Judge, Judgement
from neonlint.link import Project
from neonlint.places import secrets_of
from neonlint.rulebook import Rulebook, load
from neonlint.suppress import Suppressions

#: Rounds of repair after which a run stops; ruff's own guard is 100, and no two of our rules undo each other (a test
#: says so).
MAX_ROUNDS = 10

Repair = Literal["none", "safe", "unsafe"]


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after repair."""

    old: bytes = field(repr=False)
    new: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's report, and by path (relative, forward slashes) the changes that repair wants; nothing was written."""

    report: Report
    changes: Mapping[str, Change]


@dataclass(slots=True)
class _Files:
    """What was read: the parsed documents, the bytes of manifests and platform files, and what was skipped."""

    extracts: dict[str, Extract] = field(default_factory=dict)
    manifests: dict[str, Mapping[str, manifests.Requirement]] = field(default_factory=dict)
    signs: dict[str, platforms.Sign] = field(default_factory=dict)
    skipped: list[Skip] = field(default_factory=list)
    checked: int = 0


def run(
    root: Path,
    files: Sequence[FoundFile],
    config: Config,
    *,
    repair: Repair = "none",
    given: Mapping[str, bytes] | None = None,
) -> Outcome:
    """Check `files` (relative to `root`); `given` holds bytes that stand for a file's content.

    With `repair`, the report's `fixed` are the findings that `changes` mend, and `findings` what remains after them.
    """
    started = time.perf_counter()
    rulebook = load()
    check_rule_ids(config, rulebook)
    active = _active(config, rulebook)
    read_files = _read_all(root, files, config, given or {})
    session = _Session(root, files, config, rulebook, active, read_files)
    judged = session.judge()
    changes: dict[str, Change] = {}
    fixed: list[Finding] = []
    refused: dict[tuple[str, str, int], str] = {}
    if repair != "none":
        judged, changes, fixed, refused = session.repair(judged, repair)
    report = session.report(judged, fixed, refused)
    return Outcome(replace(report, seconds=time.perf_counter() - started), changes)


def _active(config: Config, rulebook: Rulebook) -> frozenset[str]:
    chosen = rulebook.select(config.select) if config.select else {rule.code for rule in rulebook.rules}
    off = {code for pattern, level in config.severity.items() if level == "off" for code in rulebook.select([pattern])}
    return frozenset(chosen - rulebook.select(config.ignore) - off)


def _read_all(root: Path, files: Sequence[FoundFile], config: Config, given: Mapping[str, bytes]) -> _Files:
    found = _Files()
    for file in files:
        name = format_of(file.path)
        data = given.get(file.path)
        if data is None:
            content = read(root, file, config.max_file_size)
            if isinstance(content, Skip):
                found.skipped.append(content)
                continue
            data = content
        found.checked += 1
        _take(file.path, name, data, found)
    return found


def _take(path: str, name: str, data: bytes, found: _Files) -> None:
    if manifests.is_manifest(path):
        found.manifests[path] = manifests.read(path, data)
    if platforms.may_be_sign(path) and (sign := platforms.of_file(path, data)) is not None:
        found.signs[path] = sign
    if not worth_parsing(name, data.lower()):
        return
    try:
        found.extracts[path] = extract(formats.load(name).read(path, data))
    except ParseFailure as failure:
        reason: SkipReason = "undecodable" if "UTF" in failure.reason else "not-parsed"
        found.skipped.append(Skip(path, reason, failure.reason, failure.row))
        if reason == "not-parsed" and worth_parsing("text", data.lower()):
            # Its structure is not guessed, but a literal connection string in it is still one.
            found.extracts[path] = extract(formats.load("text").read(path, data))


class _Session:
    """One run's project, judged as often as repair changes it."""

    def __init__(
        self,
        root: Path,
        files: Sequence[FoundFile],
        config: Config,
        rulebook: Rulebook,
        active: Collection[str],
        found: _Files,
    ) -> None:
        self.config, self.rulebook, self.active, self.found = config, rulebook, active, found
        self.paths = frozenset(file.path for file in files)
        self.tracked = {file.path: file.tracked for file in files}
        self.ignored_env = tuple(file.path for file in files if file.ignored_env)
        self.per_file = config.file_ignores(root)
        self.suppressed = 0
        self.hygiene: list[Finding] = []
        self.original = {path: e.document.data for path, e in found.extracts.items()}

    def project(self) -> Project:
        return Project(
            tuple(self.found.extracts.values()),
            self.config,
            self.paths,
            self.tracked,
            self.found.manifests,
            self.found.signs,
        )

    def judge(self) -> list[Judgement]:
        """Every finding that counts: by rule selection, per-file ignores and suppressions."""
        judge = Judge(self.project(), self.rulebook, self.active)
        kept: list[Judgement] = []
        self.suppressed, self.hygiene = 0, []
        for path, current in self.found.extracts.items():
            off = self.rulebook.select(self.per_file(path))
            judged = [j for j in judge.judge(current) if j.rule.code not in off]
            kept += self._unsuppressed(current, judged)
        return kept

    def _unsuppressed(self, current: Extract, judged: list[Judgement]) -> list[Judgement]:
        if not self.config.honour_ignores or not current.document.comments:
            return judged
        suppressions = Suppressions.of(current.document.comments, self.rulebook)
        kept = [j for j in judged if not suppressions.covers(j.rule.code, j.finding.row)]
        self.suppressed += len(judged) - len(kept)
        found = suppressions.findings(current.document.path, current.document.data, self.active)
        self.hygiene += [f for f in found if f.code in self.active]
        return kept

    def repair(
        self, judged: list[Judgement], wanted: Repair
    ) -> tuple[list[Judgement], dict[str, Change], list[Finding], dict[tuple[str, str, int], str]]:
        """Repair to a fixed point. Returns what remains, the changes, what was fixed, and why fixes were refused."""
        fixed: list[Finding] = []
        refused: dict[tuple[str, str, int], str] = {}
        for _ in range(MAX_ROUNDS):
            done = self._round(judged, wanted, refused)
            if not done:
                break
            fixed += [j.finding for j in done]
            judged = self.judge()
        changes = {
            path: Change(old, self.found.extracts[path].document.data)
            for path, old in self.original.items()
            if self.found.extracts[path].document.data != old
        }
        return judged, changes, fixed, refused

    def _round(
        self, judged: Sequence[Judgement], wanted: Repair, refused: dict[tuple[str, str, int], str]
    ) -> list[Judgement]:
        done: list[Judgement] = []
        for path in dict.fromkeys(j.finding.path for j in judged):
            chosen = [
                j for j in judged
                if j.finding.path == path and j.fix is not None and (wanted == "unsafe" or j.safety == "safe")
                and _identity(j) not in refused
            ]  # fmt: skip
            if not chosen:
                continue
            current = self.found.extracts[path]
            result = repair.repair(current, chosen)
            refused |= {_identity(j): result.refused[id(j)] for j in chosen if id(j) in result.refused}
            if result.done:
                document = formats.load(current.document.format).read(path, result.data)
                self.found.extracts[path] = extract(document)
                done += result.done
                # What was refused beside another fix may be possible once that one is made.
                for key in [key for key in refused if key[0] == path]:
                    del refused[key]
        return done

    def report(
        self, judged: Sequence[Judgement], fixed: Sequence[Finding], refused: Mapping[tuple[str, str, int], str]
    ) -> Report:
        """The report; each fix is rendered, so that what is called fixable can be fixed."""
        findings = [self._levelled(self._with_fix(j, refused)) for j in judged]
        findings += [self._levelled(f) for f in self.hygiene]
        findings.sort(key=lambda f: (f.path, f.span.start, f.code, f.label.start if f.label else 0))
        paths = {finding.path for finding in findings} | {place.path for f in findings for place in f.related}
        sources = {
            path: SourceText(e.document.data, secrets_of(e)) for path, e in self.found.extracts.items() if path in paths
        }
        return Report(
            findings,
            tuple(self.found.skipped),
            self.found.checked,
            self.ignored_env,
            self.suppressed,
            tuple(fixed),
            sources,
        )

    def _with_fix(self, judgement: Judgement, refused: Mapping[tuple[str, str, int], str]) -> Finding:
        finding = judgement.finding
        if judgement.fix is None:
            return finding
        if (reason := refused.get(_identity(judgement))) is not None:
            return replace(finding, refusal=reason)
        try:
            edits = repair.edits_for(judgement)
        except Refused as refusal:
            return replace(finding, refusal=refusal.reason)
        return replace(finding, fix=Fix(finding.help, judgement.safety, edits))

    def _levelled(self, finding: Finding) -> Finding:
        for pattern in sorted(self.config.severity, key=len, reverse=True):
            level = self.config.severity[pattern]
            if level != "off" and finding.code in self.rulebook.select([pattern]):
                return replace(finding, severity=level)
        return finding


def _identity(judgement: Judgement) -> tuple[str, str, int]:
    """What a refused fix is known by from round to round: its file, rule and ordinal place."""
    return judgement.finding.path, judgement.rule.code, judgement.finding.row
