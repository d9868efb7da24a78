"""Every example of every rule, held to the same laws: `bad` is found and only that, the fix writes `good`, `ok` is
silent. That the laws find what breaks them is tested in cli/test_rules.py."""

from __future__ import annotations

import pytest
from rule_examples import examples

from neonlint.rule_laws import broken
from neonlint.rulebook import Example, Rule

ALL = [pytest.param(rule, example, id=f"{rule.name}-{number}") for rule, number, example in examples()]


@pytest.mark.parametrize(("rule", "example"), ALL)
def test_it_keeps_the_laws(rule: Rule, example: Example) -> None:
    assert not broken(rule, example), "\n".join(broken(rule, example))
