"""Inline suppressions: what they cover, and what is said about those that cover nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neonlint.edits import apply
from neonlint.ir.findings import Finding
from neonlint.ir.source import Comment, Span
from neonlint.suppress import Suppressions


@dataclass(frozen=True)
class Named:
    code: str
    name: str
    url: str = ""


RULES = [
    Named("NL101", "sslmode-missing"),
    Named("NL103", "tls-not-verified"),
    Named("NL901", "unused-suppression"),
    Named("NL902", "unknown-suppression-code"),
    Named("NL903", "missing-reason"),
]
ALL = [rule.code for rule in RULES]


class Book:
    """A rulebook of five rules."""

    def find(self, code_or_name: str) -> Named | None:
        return next((rule for rule in RULES if code_or_name in (rule.code, rule.name)), None)


def comments(source: str) -> list[Comment]:
    found, start = [], 0
    for row, line in enumerate(source.splitlines(keepends=True), 1):
        if "#" in line:
            at = line.index("#")
            span = Span(start + len(line[:at].encode()), start + len(line.rstrip("\r\n").encode()))
            found.append(Comment(line[at + 1 :].strip(), row, span, not line[:at].strip()))
        start += len(line.encode())
    return found


def read(source: str) -> Suppressions:
    return Suppressions.of(comments(source), Book(), source.encode())


def findings(
    source: str,
    *asked: tuple[str, int],
    active: set[str] | None = None,
    reasons: bool = False,
    fixable: Sequence[str] = ALL,
) -> list[Finding]:
    """What is said of the comments where `asked` are the findings of a run."""
    suppressions, data = read(source), source.encode()
    for code, row in asked:
        suppressions.covers(code, row)
    told = suppressions.complaints(".env", data, active, require_reason=reasons)
    return suppressions.mended(told, data, fixable, "switched off")


def complaints(source: str, active: set[str] | None = None) -> list[tuple[str, int, str]]:
    return [(finding.code, finding.row, finding.message) for finding in findings(source, active=active)]


def fixed(
    source: str,
    *asked: tuple[str, int],
    active: set[str] | None = None,
    reasons: bool = False,
    fixable: Sequence[str] = ALL,
) -> str:
    """The text after all fixes at once."""
    found = findings(source, *asked, active=active, reasons=reasons, fixable=fixable)
    edits = {edit for finding in found if finding.fix is not None for edit in finding.fix.edits}
    return apply(source.encode(), sorted(edits, key=lambda edit: edit.start)).decode()


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
    assert [finding.code for finding in findings("# neonlint: ignore[NL101, NL103]\nA=1", ("NL101", 2))] == ["NL901"]


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


@pytest.mark.parametrize("code", ["NL902", "NL903"])
def test_what_suppresses_a_complaint_is_used(code: str) -> None:
    source = f"# neonlint: file-ignore[{code}] why\n# neonlint: ignore[NL999, NL101]\nA=1"
    assert [f.code for f in findings(source, ("NL101", 3), reasons=True)] == [
        {"NL902": "NL903", "NL903": "NL902"}[code]
    ]


def test_span_never_starts_behind_a_password() -> None:
    source = "A=1\nURL=postgres://u:secret@h # neonlint: ignore[NL999]"
    (finding,) = findings(source)
    assert finding.span == Span(4, 4)
    assert finding.label == comments(source)[0].span


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("# neonlint: ignore[NL999] why\nA=1\n", "A=1\n"),
        ("# neonlint: ignore[NL999, sslmode-missing] why\nA=1\n", "# neonlint: ignore[sslmode-missing] why\nA=1\n"),
        ("# neonlint: ignore[ sslmode-missing,NL999 ,x] y\nA=1\n", "# neonlint: ignore[ sslmode-missing] y\nA=1\n"),
        ("# neonlint: ignore[a b\x1b]\nA=1\n", "A=1\n"),
        ("# neonlint: ignore\nA=1\n", "A=1\n"),
        ("# neonlint: ignore NL101 is fine\nA=1\n", "A=1\n"),
        ("# neonlint: ignore[ , ] why\nA=1\n", "A=1\n"),
        ("# neonlint: skip[NL101] why\nA=1\n", "A=1\n"),
        ("# a neonlint: skip[NL101] why\nA=1\n", "# a\nA=1\n"),
        ("# here neonlint: ignore means something\nA=1\n", None),
        ("A=1  # neonlint: ignore[NL999] why\n", "A=1\n"),
        ("A=1  # noqa # neonlint: ignore[NL999] why\n", "A=1  # noqa\n"),
        ("A=1  # neonlint: ignore[NL999] why # noqa: E501\n", "A=1  # noqa: E501\n"),
        ("A=1  # see #12 # neonlint: ignore[NL999] see #1 #noqa\n", "A=1  # see #12 #noqa\n"),
        ("A=1  # neonlint: ignore[NL999] neonlint: skip[NL101]\n", "A=1\n"),
        ("# neonlint: ignore[NL999] a, neonlint: ignore[NL101] b\nA=1\n", "# neonlint: ignore[NL101] b\nA=1\n"),
        ("# neonlint: ignore[NL101] a # neonlint: ignore[NL999] b\nA=1\n", "# neonlint: ignore[NL101] a\nA=1\n"),
        ("# neonlint: disable[x]\nA=1\n# neonlint: enable[x]\n", "A=1\n"),
    ],
)
def test_what_is_unknown_is_taken_out(source: str, left: str | None) -> None:
    """And nothing else: neither another suppression, nor a comment for another tool, nor prose."""
    assert fixed(source, ("NL101", 1), ("NL101", 2)) == (source if left is None else left)
    crlf = source.replace("\n", "\r\n")
    assert fixed(crlf, ("NL101", 1), ("NL101", 2)) == (source if left is None else left).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("sslmode-mising", "Did you mean `sslmode-missing`? Else remove it"),
        ("SSLMODE-missing", "Did you mean `sslmode-missing`? Else remove it"),
        ("nl101", "Did you mean `NL101`? Else remove it"),
        ("tls-not-verifed", None),  # no such finding on that line
        ("sslmode", None),
    ],
)
def test_a_near_name_is_asked_about_and_not_guessed(word: str, hint: str | None) -> None:
    source = f"# neonlint: ignore[{word}] why\nA=1\nB=2\n"
    (finding,) = findings(source, ("NL101", 2), ("NL103", 3))
    assert finding.help == (hint or "Name a rule, or remove it; `neonlint rule --all` lists the rules")
    assert fixed(source, ("NL101", 2)) == "A=1\nB=2\n"


def test_two_near_names_are_no_hint() -> None:
    (finding,) = findings("# neonlint: ignore[NL10]\nA=1", ("NL101", 2), ("NL103", 2))
    assert "mean" not in finding.help


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("# neonlint: ignore[NL101]\nA=1\n", "A=1\n"),
        ("# neonlint: ignore[NL101, tls-not-verified]\nA=1\n", "A=1\n"),
        ("# neonlint: ignore[NL101] why\nA=1\n", None),
        ("# neonlint: file-ignore[NL101] neonlint: ignore[NL103] why\nA=1\n", "# neonlint: ignore[NL103] why\nA=1\n"),
        ("# neonlint: disable[NL101]\nA=1\n# neonlint: enable[NL101]\n", "A=1\n"),
        ("# neonlint: disable[NL101,NL103]\nA=1\n# neonlint: enable[NL101] x\n", "A=1\n"),
        ("# neonlint: disable[NL101]\nA=1\n# neonlint: enable[sslmode-missing]\n", "A=1\n"),
        (
            "# neonlint: disable[NL101]\n# neonlint: disable[NL103] why\nA=1\n# neonlint: enable[NL101, NL103]\n",
            "# neonlint: disable[NL103] why\nA=1\n# neonlint: enable[NL103]\n",
        ),
        (
            "# neonlint: disable[NL101]\n# neonlint: disable[NL101] why\nA=1\n# neonlint: enable[NL101]\n",
            "# neonlint: disable[NL101] why\nA=1\n# neonlint: enable[NL101]\n",
        ),
    ],
)
def test_what_gives_no_reason_is_taken_out(source: str, left: str | None) -> None:
    """With the `enable` that then ends nothing."""
    asked = [(code, row) for code in ("NL101", "NL103") for row in (2, 3)]
    assert fixed(source, *asked, reasons=True, active={"NL903"}) == (source if left is None else left)


def test_only_what_may_be_fixed_is() -> None:
    source = "# neonlint: ignore[NL999, NL101, NL103]\nA=1\n"
    for fixable, left in (
        (["NL902"], "# neonlint: ignore[NL101, NL103]\nA=1\n"),
        (["NL901"], "# neonlint: ignore[NL999, NL101]\nA=1\n"),
        (["NL903"], "# neonlint: ignore[NL999]\nA=1\n"),
        (["NL901", "NL902"], "# neonlint: ignore[NL101]\nA=1\n"),
        (["NL902", "NL903"], "A=1\n"),
        ([], source),
    ):
        assert fixed(source, ("NL101", 2), reasons=True, fixable=fixable) == left
        found = findings(source, ("NL101", 2), reasons=True, fixable=fixable)
        assert {f.code for f in found} == {"NL901", "NL902", "NL903"}
        assert {f.code for f in found if f.fix} == set(fixable)
        assert {f.code for f in found if f.refusal == "switched off"} == {f.code for f in found} - set(fixable)


def test_names_of_one_rule_go_together() -> None:
    assert fixed("# neonlint: ignore[NL101, sslmode-missing] x\nA=1\n") == "A=1\n"
    assert len(findings("# neonlint: ignore[NL101, sslmode-missing] x\nA=1\n")) == 1


WORDS = st.sampled_from(
    ["neonlint: ignore[", "neonlint: disable[", "neonlint:skip[", "neonlint: enable[", "NL101", "NL103", "NL999", "x y", ",",
     ", ", "]", "] why", " # ", "#", "noqa", " neonlint: ignore", " ", "ü", "//", "*/", "-->", "neonlint:"]
)  # fmt: skip


@given(st.lists(st.lists(WORDS, max_size=12).map("".join), max_size=4), st.sets(st.sampled_from(ALL)), st.booleans())
def test_fixes_take_out_what_is_wrong_and_leave_the_rest(lines: list[str], fixable: set[str], reasons: bool) -> None:
    """Fixing all is enough in one round or a few, twice is once, and what suppressed something needed still does."""
    source = "".join(f"A=1 # {line}\n" for line in lines)
    asked = [("NL101", row) for row in range(1, len(lines) + 1)]
    left, covered = source, [row for _, row in asked if read(source).covers("NL101", row)]
    for _ in range(6):
        last, left = left, fixed(left, *asked, reasons=reasons, fixable=sorted(fixable))
    assert left == last
    assert [line.split("#")[0].strip() for line in left.splitlines()] == ["A=1"] * len(lines)
    after = findings(left, *asked, reasons=reasons, fixable=sorted(fixable))
    assert not [finding for finding in after if finding.fix]
    if "NL903" not in fixable or not reasons:
        assert [row for _, row in asked if read(left).covers("NL101", row)] == covered
