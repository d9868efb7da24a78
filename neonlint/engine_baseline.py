"""The baseline in a run: what it lets pass, and what of it a run can say is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path

from neonlint import baseline
from neonlint.baseline import Baseline, Entry
from neonlint.ir.findings import Finding, Skip, SourceText
from neonlint.ir.model import Extract
from neonlint.places import secrets_of
from neonlint.rulebook import Rulebook


class Known:
    """Findings that are let pass, by the entries of `baseline`."""

    def __init__(self, baseline: Baseline, rulebook: Rulebook) -> None:
        self._baseline, self._rulebook = baseline, rulebook

    @classmethod
    def of(cls, entries: Iterable[Entry], rulebook: Rulebook) -> Known:
        """What was found before, where no file says so."""
        return cls(Baseline("", entries), rulebook)

    def forget(self) -> None:
        """Begin a new count: the same files are judged again."""
        self._baseline.forget()

    def passed(self, current: Extract, findings: Iterable[Finding]) -> list[Finding]:
        """Those of a document's findings that are let pass; of equal ones the first."""
        found = sorted(findings, key=lambda finding: finding.span.start)
        new = self._baseline.new(current.document.path, found, partial(_text_of, current), self._rulebook.find)
        kept = {id(finding) for finding in new}
        return [finding for finding in found if id(finding) not in kept]


class Passing(Known):
    """The baseline in the file `path` over a run's files `asked_for` (`whole`: all that there are), whose `active`
    rules are those but what `off` says of a path."""

    def __init__(
        self,
        root: Path,
        path: str,
        rulebook: Rulebook,
        active: Collection[str],
        off: Callable[[str], Collection[str]],
        asked_for: Iterable[str],
        whole: bool,
    ) -> None:
        super().__init__(baseline.load(root, path), rulebook)
        self._active, self._off = active, off
        self._asked_for, self._whole = {baseline.name_of(path) for path in asked_for}, whole

    def stale(self, skipped: Iterable[Skip]) -> list[Entry]:
        """What was let pass and was not found, although it would have been."""
        unread = {baseline.name_of(skip.path) for skip in skipped}
        return self._baseline.stale(lambda entry: entry.path not in unread and self._is_judged(entry))

    def _is_judged(self, entry: Entry) -> bool:
        rule = self._rulebook.find(entry.rule)
        if rule is not None and (rule.code not in self._active or rule.code in self._off(entry.path)):
            return False
        return entry.path in self._asked_for or (self._whole and not baseline.may_be_elsewhere(entry.path))

    def complaints(self, stale: Sequence[Entry]) -> list[Finding]:
        """The findings that entries are stale."""
        rule = self._rulebook.find("NL904")
        active = rule is not None and rule.code in self._active
        return [self._baseline.complaint(entry, rule.url) for entry in stale] if rule is not None and active else []


def _text_of(current: Extract) -> SourceText:
    return SourceText(current.document.data, secrets_of(current))
