"""The suppressions in a file's comments: what each names, which rows it covers, what ends it. Knows no format."""

from __future__ import annotations

import sys
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from typing import Protocol

from neonlint.ir.source import Comment
from neonlint.records import dataclass, field
from neonlint.regex import regex
from neonlint.suppress_removal import DIRECTIVE, names

VERBS = ("ignore", "file-ignore", "disable", "enable")
_WORD = regex(r"\w")


class NamedRule(Protocol):
    """What is needed of a rule here."""

    @property
    def code(self) -> str:
        """The stable code."""
        ...

    @property
    def name(self) -> str:
        """The name that people write."""
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


@dataclass(slots=True, eq=False, repr=False)
class Directive:
    """One suppression: the text of it, the comment's directive number `position`; the rows that it covers (None: the
    whole file), and each name in its bracket with the code of the rule, None where there is no such rule.

    `closers` are the `enable`s that end a `disable`, by code, and `closes` what an `enable` ends; `used` are the codes
    that it was needed for. `prose` says that it has no bracket and stands behind words or beside others, so that it may
    be no suppression at all.
    """

    comment: Comment
    position: int
    verb: str
    text: str
    rows: Container[int] | None
    names: dict[str, str | None]
    reason: bool = True
    prose: bool = False
    closers: dict[str, Directive] = field(default_factory=dict)
    closes: dict[str, list[Directive]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @property
    def codes(self) -> dict[str, str]:
        """The rules that it names, each with what was written for it first."""
        found: dict[str, str] = {}
        for name, code in self.names.items():
            if code is not None:
                found.setdefault(code, name)
        return found

    def written(self, code: str) -> set[str]:
        """All that was written for a rule."""
        return {name for name, named in self.names.items() if named == code}

    def covers(self, code: str, row: int) -> bool:
        """Whether it suppresses findings of a code in a row."""
        if code not in self.names.values():
            return False
        end = self.closers[code].comment.row if code in self.closers else row
        return self.rows is None or (row in self.rows and row <= end)


def read(comments: Sequence[Comment], rulebook: Finder, data: bytes) -> list[Directive]:
    """The suppressions in a file's comments, in their order; each `enable` ends what was disabled above it. `data` is
    the whole file."""
    last = {comment: comment.row + data.count(b"\n", *comment.span) for comment in comments if comment.own_line}
    alone = {row for comment, end in last.items() for row in range(comment.row, end + 1)}
    found = [
        directive for comment in comments for directive in _read(comment, _rows_below(comment, last, alone), rulebook)
    ]
    _close(found)
    return found


def _rows_below(comment: Comment, last: Mapping[Comment, int], alone: Collection[int]) -> tuple[int, ...]:
    """The rows that an `ignore` in a comment covers: its own, and of one on lines of its own the last, and the first
    below that is no comment. `last` are the last rows of such comments, `alone` all of theirs."""
    row = end = last.get(comment, 0)
    if not row:
        return (comment.row,)
    while row in alone:
        row += 1
    return (comment.row, end, row)


def _read(comment: Comment, near: tuple[int, ...], rulebook: Finder) -> Iterator[Directive]:
    """The suppressions in one comment; `near` are the rows that an `ignore` covers."""
    matches = list(DIRECTIVE.finditer(comment.text))
    for position, match in enumerate(matches):
        verb, written = match["verb"], match["codes"]
        known = verb in VERBS
        if not known and written is None:
            continue
        rules = {name: rulebook.find(name) for name in names(written)}
        end = matches[position + 1].start() if position + 1 < len(matches) else len(comment.text)
        yield Directive(
            comment,
            position,
            verb,
            match[0],
            _rows(verb, comment, near) if known else (),
            {name: rule.code if rule is not None and known else None for name, rule in rules.items()},
            reason=_WORD.search(comment.text, match.end(), end) is not None,
            prose=written is None and (len(matches) > 1 or _WORD.search(comment.text, 0, match.start()) is not None),
        )


def _rows(verb: str, comment: Comment, near: tuple[int, ...]) -> Container[int] | None:
    """The rows that a suppression covers."""
    if verb == "file-ignore":
        return None
    if verb == "disable":
        return range(comment.row, sys.maxsize)
    return near if verb == "ignore" else ()


def _close(directives: Sequence[Directive]) -> None:
    """Let each `enable` end what was disabled above it."""
    for position, enable in enumerate(directives):
        for code in enable.codes if enable.verb == "enable" else ():
            for other in directives[:position]:
                if other.verb == "disable" and code in other.codes and code not in other.closers:
                    other.closers[code] = enable
                    enable.closes.setdefault(code, []).append(other)
                    enable.used.add(code)
