"""Every example of every rule, held to the same laws: `bad` is found and only that, the fix writes `good`, `ok` is
silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_examples import after, examples, run_on, shown

from neonlint.rulebook import Example, Rule

ALL = [pytest.param(rule, example, id=f"{rule.name}-{number}") for rule, number, example in examples()]
BAD = [case for case in ALL if case.values[1].bad is not None]  # type: ignore[union-attr]
GOOD = [case for case in BAD if case.values[1].good is not None]  # type: ignore[union-attr]
OK = [case for case in ALL if case.values[1].ok is not None]  # type: ignore[union-attr]


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_bad_is_found_and_nothing_else(rule: Rule, example: Example, tmp_path: Path) -> None:
    assert example.bad is not None
    outcome = run_on(tmp_path, example.bad)
    assert not outcome.report.skipped
    assert {f.code for f in outcome.report.findings} == {rule.code}, shown(outcome)
    if example.finding is not None:
        found = [f for f in outcome.report.findings if f.path == example.finding.path and f.label is not None]
        data = example.bad[example.finding.path].encode()
        labels = [data[f.label.start : f.label.end].decode() for f in found if f.label is not None]
        assert example.finding.at in labels


@pytest.mark.parametrize(("rule", "example"), GOOD)
def test_the_fix_writes_good_and_good_is_clean(rule: Rule, example: Example, tmp_path: Path) -> None:
    assert example.bad is not None and example.good is not None and example.fix != "none"
    outcome = run_on(tmp_path, example.bad, example.fix)
    assert after(example.bad, outcome) == dict(example.good), shown(outcome)
    again = run_on(tmp_path, example.good, "unsafe")
    assert not again.changes, f"{rule.code}: fixing twice is not fixing once"
    assert not again.report.findings, shown(again)


@pytest.mark.parametrize(("rule", "example"), [case for case in GOOD if case.values[1].fix == "unsafe"])  # type: ignore[union-attr]
def test_an_unsafe_fix_is_held_back(rule: Rule, example: Example, tmp_path: Path) -> None:
    assert example.bad is not None
    outcome = run_on(tmp_path, example.bad, "safe")
    assert not outcome.changes


@pytest.mark.parametrize(("rule", "example"), OK)
def test_ok_is_silent(rule: Rule, example: Example, tmp_path: Path) -> None:
    assert example.ok is not None
    outcome = run_on(tmp_path, example.ok)
    assert not outcome.report.skipped
    assert not outcome.report.findings, shown(outcome)
