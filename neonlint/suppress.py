"""Comments that switch rules off: `neonlint: ignore[NL101, sslmode-missing] reason` and `neonlint: file-ignore[…]`.

Behind code a comment covers its line; on its own line it covers the line below the block of comments that it stands in
(the only form that every dotenv reader understands). Only what begins with `neonlint:` is looked at. Knows no format.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias

from neonlint.ir.findings import Finding, Severity
from neonlint.ir.source import Comment, Span
from neonlint.records import dataclass, field
from neonlint.regex import regex


class NamedRule(Protocol):
    """What is needed of a rule here."""

    @property
    def code(self) -> str:
        """The stable code."""
        ...

    @property
    def url(self) -> str:
        """The rule's page."""
        ...


class Finder(Protocol):
    """What is needed of a rulebook here."""

    def find(self, code_or_name: str) -> NamedRule | None:
        """The rule of this code or name."""
        ...


@dataclass(frozen=True, slots=True)
class Hygiene:
    """A rule about suppressions; its text for readers lives in `rules/`."""

    code: str
    name: str
    severity: Severity


UNUSED = Hygiene("NL901", "unused-suppression", "warning")
UNKNOWN = Hygiene("NL902", "unknown-suppression-code", "warning")

_DIRECTIVE = regex(r"(?<![\w-])neonlint:[ \t]*(?P<verb>[a-z][a-z-]{0,30})[ \t]*(?:\[(?P<codes>[^\]]{0,400})\])?")
_VERBS = ("ignore", "file-ignore")
_SHOWN = regex(r"[A-Za-z0-9_-]{1,60}")


@dataclass(slots=True)
class _Directive:
    """One suppression: the codes it names, and the rows it covers (none: the whole file)."""

    comment: Comment
    rows: tuple[int, ...]
    codes: dict[str, str]
    complaints: list[str]
    used: set[str] = field(default_factory=set)


#: A comment, what is wrong with it, and the remedy.
_Complaint: TypeAlias = tuple[Comment, str, str]


class Suppressions:
    """The suppressions of one file, and which of them were needed."""

    __slots__ = ("_directives", "_rulebook")

    def __init__(self, directives: Sequence[_Directive], rulebook: Finder) -> None:
        self._directives = directives
        self._rulebook = rulebook

    @classmethod
    def of(cls, comments: Sequence[Comment], rulebook: Finder) -> Suppressions:
        """Read them from a file's comments."""
        alone = {comment.row for comment in comments if comment.own_line}
        return cls([d for comment in comments for d in _read(comment, alone, rulebook)], rulebook)

    def covers(self, code: str, row: int) -> bool:
        """Whether a finding of `code` in `row` (1-based) is suppressed; what says so counts as used."""
        found = [d for d in self._directives if code in d.codes and (not d.rows or row in d.rows)]
        for directive in found:
            directive.used.add(code)
        return bool(found)

    def findings(self, path: str, data: bytes, active: Collection[str] | None = None) -> list[Finding]:
        """What is wrong with the suppressions of the file `path`, whose content is `data`.

        Call it when `covers` was asked about every finding. Only codes in `active` (None: all) count as unused, because
        a rule that did not run finds nothing. `file-ignore[NL901]` suppresses these findings like any other.
        """
        found = [
            self._finding(rule, path, data, complaint)
            for rule, complaints in ((UNKNOWN, self._unknown()), (UNUSED, self._unused(active)))
            for complaint in complaints
        ]
        return [finding for finding in found if not self.covers(finding.code, finding.row)]

    def _unused(self, active: Collection[str] | None) -> Iterator[_Complaint]:
        for directive in self._directives:
            where = f"line {directive.rows[-1]}" if directive.rows else "this file"
            for code, written in directive.codes.items():
                if code not in directive.used and (active is None or code in active):
                    message = f"`{written}` is suppressed here, but there is no such finding in {where}"
                    yield directive.comment, message, f"remove `{written}` from the comment"

    def _unknown(self) -> Iterator[_Complaint]:
        help_ = "write `neonlint: ignore[CODE] reason`; `neonlint rule --all` lists the codes"
        return ((d.comment, message, help_) for d in self._directives for message in d.complaints)

    def _finding(self, rule: Hygiene, path: str, data: bytes, complaint: _Complaint) -> Finding:
        known = self._rulebook.find(rule.code)
        comment, message, help_ = complaint
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=rule.severity,
            message=message,
            path=path,
            span=_span(comment, data),
            label=comment.span,
            help=help_,
            url=known.url if known else "",
            key=f"neonlint:{message}",
            row=comment.row,
        )


def _span(comment: Comment, data: bytes) -> Span:
    """The comment, or for one behind code the start of its line: its own column could tell a password's length."""
    if comment.own_line:
        return comment.span
    start = max(data.rfind(b"\n", 0, comment.span.start), data.rfind(b"\r", 0, comment.span.start)) + 1
    return Span(start, start)


def _read(comment: Comment, alone: Collection[int], rulebook: Finder) -> Iterator[_Directive]:
    """The suppressions in one comment; `alone` are the rows of comments on lines of their own."""
    for match in _DIRECTIVE.finditer(comment.text):
        verb, written = match["verb"], match["codes"]
        if verb not in _VERBS:
            if written is not None:
                complaint = f"`neonlint: {verb}[…]` is not known; there are `ignore[…]` and `file-ignore[…]`"
                yield _Directive(comment, (), {}, [complaint])
            continue
        rows = () if verb == "file-ignore" else _rows(comment, alone)
        names = [name.strip() for name in (written or "").split(",") if name.strip()]
        codes, complaints = _resolve(names, rulebook)
        if not names:
            complaints = [f"`neonlint: {verb}` names no rule, so it suppresses nothing"]
        yield _Directive(comment, rows, codes, complaints)


def _rows(comment: Comment, alone: Collection[int]) -> tuple[int, ...]:
    """The rows that a comment covers: its own, and below a comment on its own line the first that is no comment."""
    if not comment.own_line:
        return (comment.row,)
    row = comment.row + 1
    while row in alone:
        row += 1
    return (comment.row, row)


def _resolve(names: Iterable[str], rulebook: Finder) -> tuple[dict[str, str], list[str]]:
    """Codes (with what was written for them), and complaints about what is neither a code nor a name."""
    codes, complaints = {}, []
    for name in names:
        if rule := rulebook.find(name):
            codes[rule.code] = name
        elif _SHOWN.fullmatch(name):
            complaints.append(f"`{name}` is neither the code nor the name of a rule, so it suppresses nothing")
        else:
            complaints.append("a suppression holds something that is neither the code nor the name of a rule")
    return codes, complaints
