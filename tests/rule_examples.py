"""The examples of the built-in rules, for tests; what a run over one is, is `neonlint.rule_laws`'."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from neonlint.rule_laws import after, run_on, shown
from neonlint.rulebook import Details, Example, Rule, details, load

__all__ = ["after", "examples", "rules", "run_on", "shown"]


@cache
def rules() -> tuple[tuple[Rule, Details], ...]:
    """Every built-in rule with its examples."""
    return tuple((rule, details(rule)) for rule in load().rules)


def examples() -> Iterator[tuple[Rule, int, Example]]:
    """Every example with its ordinal in its rule's file (1-based)."""
    for rule, found in rules():
        for number, example in enumerate(found.examples, start=1):
            yield rule, number, example
