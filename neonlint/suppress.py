"""Comments that switch rules off: `neonlint: ignore[NL101, sslmode-missing] reason`, `neonlint: file-ignore[…]`, and
`neonlint: disable[…]` up to `neonlint: enable[…]`.

Behind code an `ignore` covers its line; on its own line it covers the line below the block of comments that it stands
in (the only form that every dotenv reader understands). `disable` covers its line and all below up to an `enable` of
the same rule, or to the end. Only what begins with `neonlint:` is looked at. Knows no format.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from neonlint.edits import Edit
from neonlint.ir.findings import Finding, Fix, Severity
from neonlint.ir.source import Comment, Span
from neonlint.records import dataclass, replace
from neonlint.regex import regex
from neonlint.suppress_directives import VERBS, Directive, Finder, read
from neonlint.suppress_removal import Removal, line_start, removed


@dataclass(frozen=True, slots=True)
class Hygiene:
    """A rule about suppressions; its text for readers lives in `rules/`."""

    code: str
    name: str
    severity: Severity


UNUSED = Hygiene("NL901", "unused-suppression", "warning")
UNKNOWN = Hygiene("NL902", "unknown-suppression-code", "warning")
REASONLESS = Hygiene("NL903", "missing-reason", "warning")

_SHOWN = regex(r"[A-Za-z0-9_-]{1,60}")
_KNOWN_VERBS = ", ".join(f"`{verb}[…]`" for verb in VERBS)
_LIST = "`neonlint rule --all` lists the rules"
#: What the fixes do, where the help says what a reader can do, too.
_TITLES = {
    UNKNOWN.code: "Remove what suppresses nothing from the comment",
    REASONLESS.code: "Remove the suppression that gives no reason",
}
#: How near a word must be to a rule's name to be taken for it (difflib's measure).
_NEAR = 0.8


class Complaint(NamedTuple):
    """What is wrong with a suppression, and the names that its remedy takes out of it; None where there is no remedy
    but the reader's."""

    finding: Finding
    directive: Directive
    gone: Collection[str] | None


class _Told(NamedTuple):
    """A complaint in words: the remedy, what the remedy takes out, which words it is about."""

    directive: Directive
    message: str
    help: str
    about: str
    gone: Collection[str] | None


class Suppressions:
    """The suppressions of one file, and which of them were needed."""

    __slots__ = ("_asked", "_directives", "_rulebook")

    def __init__(self, directives: Sequence[Directive], rulebook: Finder) -> None:
        self._directives = directives
        self._rulebook = rulebook
        self._asked: set[tuple[str, int]] = set()

    @classmethod
    def of(cls, comments: Sequence[Comment], rulebook: Finder, data: bytes) -> Suppressions:
        """Read them from the comments of a file that holds `data`."""
        return cls(read(comments, rulebook, data), rulebook)

    def covers(self, code: str, row: int) -> bool:
        """Whether a finding of `code` in `row` (1-based) is suppressed; what says so counts as used."""
        self._asked.add((code, row))
        found = [d for d in self._directives if d.covers(code, row)]
        for directive in found:
            directive.used.add(code)
        return bool(found)

    def complaints(
        self, path: str, data: bytes, active: Collection[str] | None = None, *, require_reason: bool = False
    ) -> list[Complaint]:
        """What is wrong with the suppressions of the file `path`, whose content is `data`.

        Call it when `covers` was asked about every finding. Only codes in `active` (None: all) count as unused, because
        a rule that did not run finds nothing. `file-ignore[NL901]` suppresses these findings like any other.
        """
        found: list[Complaint] = []
        for rule, told in (
            (UNKNOWN, self._unknown()),
            (REASONLESS, self._reasonless() if require_reason else ()),
            (UNUSED, self._unused(active)),  # the last: the others may need suppressions, too
        ):
            made = [Complaint(self._finding(rule, path, data, one), one.directive, one.gone) for one in told]
            found += [one for one in made if not self.covers(rule.code, one.finding.row)]
        return found

    def mended(
        self, complaints: Sequence[Complaint], data: bytes, fixable: Container[str], refusal: str = ""
    ) -> list[Finding]:
        """The findings of `complaints`, those of the rules in `fixable` with the fix that takes out what is wrong; of
        the other rules those that could have one with `refusal`.

        All that is wrong in one comment goes at once, and with a `disable` the `enable`s that it leaves without use.
        """
        gone: defaultdict[Directive, set[str]] = defaultdict(set)
        for one in complaints:
            if one.gone is not None and one.finding.code in fixable:
                gone[one.directive].update(one.gone)
        for directive in self._directives:
            for code, ended in directive.closes.items():
                if all(
                    code in other.names.values() and other.written(code) <= gone.get(other, set()) for other in ended
                ):
                    gone[directive] |= directive.written(code)
        going: defaultdict[Comment, list[Removal]] = defaultdict(list)
        for directive, names in gone.items():
            going[directive.comment].append(Removal(directive.position, directive.text, names))
        edits = {comment: removed(data, comment, removals) for comment, removals in going.items()}
        return [
            one.finding if one.gone is None
            else _with_fix(one, edits) if one.finding.code in fixable
            else replace(one.finding, refusal=refusal)
            for one in complaints
        ]  # fmt: skip

    def _unused(self, active: Collection[str] | None) -> Iterator[_Told]:
        for directive in self._directives:
            for code, written in directive.codes.items():
                if code in directive.used or (active is not None and code not in active):
                    continue
                if directive.verb == "enable":
                    message = f"`{written}` is enabled here, but no `disable[…]` above names it"
                else:
                    where = _where(directive, code)
                    message = f"`{written}` is suppressed here, but there is no such finding in {where}"
                help_ = f"Remove `{written}` from the comment"
                yield _Told(directive, message, help_, written, directive.written(code))

    def _unknown(self) -> Iterator[_Told]:
        for directive in self._directives:
            if directive.verb not in VERBS:
                message = f"`neonlint: {directive.verb}[…]` is not known; there are {_KNOWN_VERBS}"
                help_ = f"Write `neonlint: ignore[CODE] reason`, or remove it; {_LIST}"
                yield _Told(directive, message, help_, message, directive.names)
            elif not directive.names:
                message = f"`neonlint: {directive.verb}` names no rule, so it suppresses nothing"
                help_ = f"Name a rule in brackets (`neonlint: {directive.verb}[CODE] reason`), or remove it; {_LIST}"
                yield _Told(directive, message, help_, message, None if directive.prose else ())
            else:
                for name in (name for name, code in directive.names.items() if code is None):
                    message = f"`{name}` is neither the code nor the name of a rule, so it suppresses nothing"
                    if not _SHOWN.fullmatch(name):
                        message = "a suppression holds something that is neither the code nor the name of a rule"
                    near = self._meant(directive, name)
                    help_ = f"Did you mean `{near}`? Else remove it" if near else f"Name a rule, or remove it; {_LIST}"
                    yield _Told(directive, message, help_, message, {name})

    def _meant(self, directive: Directive, word: str) -> str | None:
        """The one rule that `word` is nearly the name of and that finds something where the suppression is, as it would
        be written."""
        from difflib import get_close_matches  # noqa: PLC0415 -- only a misspelt name needs it

        here = {code for code, row in self._asked if directive.rows is None or row in directive.rows}
        rules = [rule for code in here if (rule := self._rulebook.find(code)) is not None]
        spelled = {text.casefold(): (rule.code, text) for rule in rules for text in (rule.code, rule.name)}
        near = [spelled[text] for text in get_close_matches(word.casefold(), spelled, n=4, cutoff=_NEAR)]
        return near[0][1] if len({code for code, _ in near}) == 1 else None

    def _reasonless(self) -> Iterator[_Told]:
        for directive in self._directives:
            if not directive.reason and directive.verb != "enable" and directive.codes:
                shown = ", ".join(directive.codes.values())
                message = f"`{directive.verb}[{shown}]` gives no reason, and this project requires one"
                gone = {name for name, code in directive.names.items() if code is not None}
                yield _Told(directive, message, "Say why after the bracket, or remove it", shown, gone)

    def _finding(self, rule: Hygiene, path: str, data: bytes, told: _Told) -> Finding:
        known = self._rulebook.find(rule.code)
        comment = told.directive.comment
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=rule.severity,
            message=told.message,
            path=path,
            span=_span(comment, data),
            label=comment.span,
            help=told.help,
            url=known.url if known else "",
            key=f"neonlint: {told.about}",
            row=comment.row,
        )


def _with_fix(complaint: Complaint, edits: Mapping[Comment, Edit | None]) -> Finding:
    """A complaint's finding with the fix that mends its comment, and takes away those that end it."""
    finding, directive = complaint.finding, complaint.directive
    own = edits[directive.comment]
    if own is None:
        return finding
    ends = (edits.get(enable.comment) for enable in directive.closers.values())
    made = dict.fromkeys([own, *(edit for edit in ends if edit is not None)])
    return replace(finding, fix=Fix(_TITLES.get(finding.code, finding.help), "safe", tuple(made)))


def _where(directive: Directive, code: str) -> str:
    if directive.rows is None:
        return "this file"
    if directive.verb == "disable":
        enable = directive.closers.get(code)
        return "the lines below" if enable is None else f"the lines up to line {enable.comment.row}"
    assert isinstance(directive.rows, tuple)
    return f"line {directive.rows[-1]}"


def _span(comment: Comment, data: bytes) -> Span:
    """The comment, or for one behind code the start of its line: its own column could tell a password's length."""
    if comment.own_line:
        return comment.span
    start = line_start(data, comment.span.start)
    return Span(start, start)
