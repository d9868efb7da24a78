"""Comments that switch rules off: `neonlint: ignore[NL101, sslmode-missing] reason`, `neonlint: file-ignore[…]`, and
`neonlint: disable[…]` up to `neonlint: enable[…]`.

Behind code an `ignore` covers its line; on its own line it covers the line below the block of comments that it stands
in (the only form that every dotenv reader understands). `disable` covers its line and all below up to an `enable` of
the same rule, or to the end. Only what begins with `neonlint:` is looked at. Knows no format.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from neonlint.edits import Edit
from neonlint.ir.findings import Finding, Fix, Severity
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
REASONLESS = Hygiene("NL903", "missing-reason", "warning")

_DIRECTIVE = regex(r"(?<![\w-])neonlint:[ \t]*(?P<verb>[a-z][a-z-]{0,30})[ \t]*(?:\[(?P<codes>[^\]]{0,400})\])?")
_VERBS = ("ignore", "file-ignore", "disable", "enable")
_SHOWN = regex(r"[A-Za-z0-9_-]{1,60}")
_WORD = regex(r"\w")


@dataclass(slots=True)
class _Directive:
    """One suppression: the codes it names with what was written for them, the rows it covers (None: the whole file),
    for a code of a `disable` the last of them, and what is wrong with it. It is the comment's directive number
    `position`; `used` are the codes that it was needed for."""

    comment: Comment
    position: int
    verb: str
    rows: Container[int] | None
    codes: dict[str, str]
    complaints: list[str]
    reason: bool = True
    ends: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def covers(self, code: str, row: int) -> bool:
        """Whether it suppresses findings of a code in a row."""
        if code not in self.codes:
            return False
        return self.rows is None or (row in self.rows and row <= self.ends.get(code, row))


class _Complaint(NamedTuple):
    """What is wrong with a comment, the remedy, which code it is about, and the edits that mend it, if any do."""

    comment: Comment
    message: str
    help: str
    about: str
    edits: tuple[Edit, ...] = ()


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
        found = [d for comment in comments for d in _read(comment, alone, rulebook)]
        _close(found)
        return cls(found, rulebook)

    def covers(self, code: str, row: int) -> bool:
        """Whether a finding of `code` in `row` (1-based) is suppressed; what says so counts as used."""
        found = [d for d in self._directives if d.covers(code, row)]
        for directive in found:
            directive.used.add(code)
        return bool(found)

    def findings(
        self, path: str, data: bytes, active: Collection[str] | None = None, *, require_reason: bool = False
    ) -> list[Finding]:
        """What is wrong with the suppressions of the file `path`, whose content is `data`.

        Call it when `covers` was asked about every finding. Only codes in `active` (None: all) count as unused, because
        a rule that did not run finds nothing. `file-ignore[NL901]` suppresses these findings like any other.
        """
        found = [
            self._finding(rule, path, data, complaint)
            for rule, complaints in (
                (UNKNOWN, self._unknown()),
                (UNUSED, self._unused(data, active)),
                (REASONLESS, self._reasonless() if require_reason else ()),
            )
            for complaint in complaints
        ]
        return [finding for finding in found if not self.covers(finding.code, finding.row)]

    def _unused(self, data: bytes, active: Collection[str] | None) -> Iterator[_Complaint]:
        for directive in self._directives:
            codes = directive.codes.items()
            gone = {c: w for c, w in codes if c not in directive.used and (active is None or c in active)}
            edits = _removal(data, directive, gone.values()) if gone else ()
            for code, written in gone.items():
                if directive.verb == "enable":
                    message = f"`{written}` is enabled here, but no `disable[…]` above names it"
                else:
                    where = _where(directive, code)
                    message = f"`{written}` is suppressed here, but there is no such finding in {where}"
                yield _Complaint(directive.comment, message, f"Remove `{written}` from the comment", written, edits)

    def _unknown(self) -> Iterator[_Complaint]:
        help_ = "Write `neonlint: ignore[CODE] reason`; `neonlint rule --all` lists the codes"
        return (_Complaint(d.comment, message, help_, message) for d in self._directives for message in d.complaints)

    def _reasonless(self) -> Iterator[_Complaint]:
        for directive in self._directives:
            if not directive.reason and directive.verb != "enable" and directive.codes:
                names = ", ".join(directive.codes.values())
                message = f"`{directive.verb}[{names}]` gives no reason, and this project requires one"
                yield _Complaint(directive.comment, message, "Say why behind the bracket", names)

    def _finding(self, rule: Hygiene, path: str, data: bytes, complaint: _Complaint) -> Finding:
        known = self._rulebook.find(rule.code)
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=rule.severity,
            message=complaint.message,
            path=path,
            span=_span(complaint.comment, data),
            label=complaint.comment.span,
            help=complaint.help,
            url=known.url if known else "",
            key=f"neonlint: {complaint.about}",
            row=complaint.comment.row,
            fix=Fix(complaint.help, "safe", complaint.edits) if complaint.edits else None,
        )


def _where(directive: _Directive, code: str) -> str:
    if directive.rows is None:
        return "this file"
    if directive.verb == "disable":
        end = directive.ends.get(code)
        return "the lines below" if end is None else f"the lines up to line {end}"
    assert isinstance(directive.rows, tuple)
    return f"line {directive.rows[-1]}"


def _span(comment: Comment, data: bytes) -> Span:
    """The comment, or for one behind code the start of its line: its own column could tell a password's length."""
    if comment.own_line:
        return comment.span
    start = _line_start(data, comment.span.start)
    return Span(start, start)


def _read(comment: Comment, alone: Collection[int], rulebook: Finder) -> Iterator[_Directive]:
    """The suppressions in one comment; `alone` are the rows of comments on lines of their own."""
    matches = list(_DIRECTIVE.finditer(comment.text))
    for position, match in enumerate(matches):
        verb, written = match["verb"], match["codes"]
        end = matches[position + 1].start() if position + 1 < len(matches) else len(comment.text)
        if verb not in _VERBS:
            if written is not None:
                complaint = f"`neonlint: {verb}[…]` is not known; there are {', '.join(f'`{v}[…]`' for v in _VERBS)}"
                yield _Directive(comment, position, verb, (), {}, [complaint])
            continue
        names = [name.strip() for name in (written or "").split(",") if name.strip()]
        codes, complaints = _resolve(names, rulebook)
        if not names:
            complaints = [f"`neonlint: {verb}` names no rule, so it suppresses nothing"]
        reason = _WORD.search(comment.text, match.end(), end) is not None
        yield _Directive(comment, position, verb, _rows(verb, comment, alone), codes, complaints, reason)


def _rows(verb: str, comment: Comment, alone: Collection[int]) -> Container[int] | None:
    """The rows that a suppression covers; an `ignore` its own, and below a comment on its own line the first that is no
    comment."""
    if verb == "file-ignore":
        return None
    if verb == "disable":
        return range(comment.row, sys.maxsize)
    if verb == "enable":
        return ()
    if not comment.own_line:
        return (comment.row,)
    row = comment.row + 1
    while row in alone:
        row += 1
    return (comment.row, row)


def _close(directives: Sequence[_Directive]) -> None:
    """Let each `enable` end what was disabled above it."""
    for position, enable in enumerate(directives):
        for code in enable.codes if enable.verb == "enable" else ():
            for other in directives[:position]:
                if other.verb == "disable" and code in other.codes and code not in other.ends:
                    other.ends[code] = enable.comment.row
                    enable.used.add(code)


def _removal(data: bytes, directive: _Directive, gone: Collection[str]) -> tuple[Edit, ...]:
    """The edits that take the names `gone` out of a comment, or all of the comment with its line if nothing else is in
    it; none where more is said in it."""
    span = directive.comment.span
    raw = data[span.start : span.end].decode("utf-8", "replace")
    matches = list(_DIRECTIVE.finditer(raw))
    if len(matches) <= directive.position or "\ufffd" in raw or matches[directive.position]["codes"] is None:
        return ()
    match = matches[directive.position]
    names = match["codes"].split(",")
    kept = [name for name in names if name.strip() not in gone]
    if any(name.strip() for name in kept):
        start = span.start + len(raw[: match.start("codes")].encode())
        first = kept[0].lstrip() if kept[0] is not names[0] else kept[0]
        return (Edit(start, start + len(match["codes"].encode()), ",".join([first, *kept[1:]]).encode()),)
    if len(matches) > 1 or _WORD.search(raw, 0, match.start()):
        return ()
    return (_without(data, span),)


def _without(data: bytes, span: Span) -> Edit:
    """The edit that removes a comment: with its line where nothing else is on it, else with the blanks before it."""
    start, end = span.start, span.end
    if data[start - 1 : start] == b"{" and data[end : end + 1] == b"}":  # a comment among JSX elements
        start, end = start - 1, end + 1
    first = _line_start(data, start)
    last = min((at for char in b"\r\n" if (at := data.find(char, end)) >= 0), default=len(data))
    before, after = data[first:start], data[end:last]
    if not after.strip():
        if not before.removeprefix(b"\xef\xbb\xbf").strip():
            last += 2 if data[last : last + 2] == b"\r\n" else 1 if last < len(data) else 0
            return Edit(first + (3 if before.startswith(b"\xef\xbb\xbf") else 0), last, b"")
        return Edit(first + len(before.rstrip(b" \t")), end, b"")
    return Edit(start, end, b" " if before[-1:].strip() and after[:1].strip() else b"")


def _line_start(data: bytes, at: int) -> int:
    return max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1


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
