"""Suppressions in every comment syntax that is read, and their removal where they are not needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from commented import FILES, Commented
from rule_examples import run_on

from neonlint.engine import Outcome

CASES = [pytest.param(case, id=f"{case.path}-{case.open.strip()}") for case in FILES]


def codes(outcome: Outcome) -> list[str]:
    assert not outcome.report.skipped
    return sorted({finding.code for finding in outcome.report.findings})


@pytest.mark.parametrize("case", CASES)
def test_each_scope_covers(case: Commented, tmp_path: Path) -> None:
    found = codes(run_on(tmp_path, {case.path: case.plain()}))
    assert found
    for words in ("ignore[{}]", "disable[{}]", "file-ignore[{}] why", "ignore[{}] because: it is so"):
        text = case.above("neonlint: " + words.format(", ".join(found)))
        assert codes(run_on(tmp_path, {case.path: text})) == [], words


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0].behind])  # type: ignore[union-attr]
def test_a_comment_behind_the_defect_covers_it(case: Commented, tmp_path: Path) -> None:
    found = codes(run_on(tmp_path, {case.path: case.plain()}))
    row = run_on(tmp_path, {case.path: case.plain()}).report.findings[0].row
    lines = case.plain().splitlines()
    lines[row - 1] += f"  {case.open}neonlint: ignore[{','.join(found)}] why{case.close}"
    assert codes(run_on(tmp_path, {case.path: "\n".join(lines)})) == []


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("case", CASES)
def test_an_unused_one_is_removed_to_the_byte(case: Commented, ending: str, tmp_path: Path) -> None:
    """The file is then what it was without: with other white space or line ends, too."""
    plain = case.plain().replace("\n", ending)
    used = codes(run_on(tmp_path, {case.path: plain}))
    config = {"neonlint.toml": f"ignore = {used}\n"}
    for words in ("ignore[NL311] why", "disable[NL311]", "file-ignore[NL311,endpoint-option-redundant]"):
        text = case.above(f"neonlint: {words}", "\t" if case.path == ".env" else "  ").replace("\n", ending)
        if case.path in ("Makefile", "justfile", "Procfile", ".pgpass", "notes.txt"):
            text = case.above(f"neonlint: {words}").replace("\n", ending)
        found = run_on(tmp_path, config | {case.path: text})
        assert codes(found) == ["NL901"], words
        outcome = run_on(tmp_path, config | {case.path: text}, "safe")
        assert codes(outcome) == []
        assert outcome.changes[case.path].new == plain.encode(), words
        assert [finding.code for finding in outcome.report.fixed] == ["NL901"] * len(found.report.findings)


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0].behind])  # type: ignore[union-attr]
def test_one_behind_code_is_removed_with_the_blanks_before_it(case: Commented, tmp_path: Path) -> None:
    used = codes(run_on(tmp_path, {case.path: case.plain()}))
    row = run_on(tmp_path, {case.path: case.plain()}).report.findings[0].row
    lines = case.plain().splitlines(keepends=True)
    lines[row - 1] = f"{lines[row - 1].rstrip()}  {case.open}neonlint: ignore[NL311] why{case.close}\n"
    outcome = run_on(tmp_path, {"neonlint.toml": f"ignore = {used}\n", case.path: "".join(lines)}, "safe")
    assert outcome.changes[case.path].new == case.plain().encode()


@pytest.mark.parametrize("case", CASES)
def test_only_what_is_not_needed_is_taken_out(case: Commented, tmp_path: Path) -> None:
    used = codes(run_on(tmp_path, {case.path: case.plain()}))
    for written, left in (
        (["NL311", *used], used),
        ([*used, "NL311"], used),
        ([*used, "NL312", "NL311"], used),
    ):
        text = case.above(f"neonlint: ignore[{', '.join(written)}] why")
        outcome = run_on(tmp_path, {case.path: text}, "safe")
        assert codes(outcome) == []
        assert outcome.changes[case.path].new.decode() == case.above(f"neonlint: ignore[{', '.join(left)}] why")
