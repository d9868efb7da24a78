"""Inline suppressions: what they cover, and what is said about those that cover nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from neonlint.ir.source import Comment, Span
from neonlint.suppress import Suppressions


@dataclass(frozen=True)
class Named:
    code: str
    url: str = ""


class Book:
    """A rulebook of three rules."""

    def find(self, code_or_name: str) -> Named | None:
        names = {"sslmode-missing": "NL101", "tls-not-verified": "NL103", "unused-suppression": "NL901"}
        code = names.get(code_or_name, code_or_name)
        return Named(code) if code in names.values() else None


def comments(source: str) -> list[Comment]:
    found, start = [], 0
    for row, line in enumerate(source.splitlines(keepends=True), 1):
        if "#" in line:
            at = line.index("#")
            span = Span(start + len(line[:at].encode()), start + len(line.rstrip("\n").encode()))
            found.append(Comment(line[at + 1 :].strip(), row, span, not line[:at].strip()))
        start += len(line.encode())
    return found


def read(source: str) -> Suppressions:
    return Suppressions.of(comments(source), Book())


def complaints(source: str, active: set[str] | None = None) -> list[tuple[str, int, str]]:
    found = read(source).findings(".env", source.encode(), active)
    return [(finding.code, finding.row, finding.message) for finding in found]


@pytest.mark.parametrize(
    ("source", "row", "covered"),
    [
        ("A=1 # neonlint: ignore[NL101] reason", 1, True),
        ("A=1 # neonlint: ignore[NL101] reason\nB=2", 2, False),
        ("# neonlint: ignore[NL101]\nA=1", 2, True),
        ("# neonlint: ignore[NL101]\n# why\nA=1", 3, True),
        ("# neonlint: ignore[NL101]\n\nA=1", 3, False),
        ("# neonlint:ignore[ sslmode-missing , NL103 ]\nA=1", 2, True),
        ("# noqa # neonlint: ignore[NL101]\nA=1", 2, True),
        ("# neonlint: file-ignore[NL101]\nA=1\nB=2\n\nC=3", 5, True),
        ("# neonlint: ignore[NL103]\nA=1", 2, False),
        ("# neonlint: ignore\nA=1", 2, False),
        ("# ignore[NL101]\nA=1", 2, False),
        ("# xneonlint: ignore[NL101]\nA=1", 2, False),
    ],
)
def test_covers(source: str, row: int, covered: bool) -> None:
    assert read(source).covers("NL101", row) is covered


def test_unused() -> None:
    assert complaints("# neonlint: ignore[sslmode-missing] x\nA=1") == [
        ("NL901", 1, "`sslmode-missing` is suppressed here, but there is no such finding in line 2")
    ]
    assert complaints("# neonlint: file-ignore[NL103]") == [
        ("NL901", 1, "`NL103` is suppressed here, but there is no such finding in this file")
    ]


def test_used_is_not_complained_about() -> None:
    suppressions = read("# neonlint: ignore[NL101, NL103]\nA=1")
    assert suppressions.covers("NL101", 2)
    assert [finding.code for finding in suppressions.findings("x", b"")] == ["NL901"]


def test_rules_that_did_not_run_are_not_unused() -> None:
    assert complaints("# neonlint: ignore[NL101]\nA=1", {"NL103"}) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("# neonlint: ignore[NL999]", "`NL999` is neither the code nor the name of a rule, so it suppresses nothing"),
        ("# neonlint: ignore", "`neonlint: ignore` names no rule, so it suppresses nothing"),
        ("# neonlint: ignore[]", "`neonlint: ignore` names no rule, so it suppresses nothing"),
        (
            "# neonlint: skip[NL101]",
            "`neonlint: skip[…]` is not known; there are `ignore[…]`, `file-ignore[…]`, `disable[…]`, `enable[…]`",
        ),
        (
            "# neonlint: ignore[a b\x1b]",
            "a suppression holds something that is neither the code nor the name of a rule",
        ),
    ],
)
def test_unknown(source: str, message: str) -> None:
    assert complaints(source) == [("NL902", 1, message)]


@pytest.mark.parametrize(
    "source", ["# noqa: NL101", "# see neonlint: it is good", "# type: ignore[x]", "# neonlint: off"]
)
def test_what_is_not_ours_is_left_alone(source: str) -> None:
    assert complaints(source) == []


def test_complaints_can_be_suppressed() -> None:
    assert complaints("# neonlint: file-ignore[NL901]\n# neonlint: ignore[NL101]\nA=1") == []


def test_span_never_starts_behind_a_password() -> None:
    source = "A=1\nURL=postgres://u:secret@h # neonlint: ignore[NL999]"
    (finding,) = read(source).findings(".env", source.encode())
    assert finding.span == Span(4, 4)
    assert finding.label == comments(source)[0].span
