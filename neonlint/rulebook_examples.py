"""What only a rule's page and tests need of its file: rationale, references, and examples that agree with its fixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from neonlint.errors import RuleError
from neonlint.ir.findings import Safety
from neonlint.rulebook import Details, Example, Expected
from neonlint.rulebook_models import ExampleTable, RuleFile
from neonlint.when_reader import nearest


def read_details(table: RuleFile, where: str) -> Details:
    """Everything of a rule file but the rule. Raises RuleError."""
    safeties: set[Safety] = {fix.safety for fix in table.fix}
    examples = tuple(_example(item, f"{where}: example[{i}]", safeties) for i, item in enumerate(table.example, 1))
    for key, there in (("bad", any(e.bad for e in examples)), ("ok", any(e.ok for e in examples))):
        if not there:
            raise RuleError(f"{where}: example: none with {key}; add an [[example]] with {key} = …")
    if table.fix and not any(e.good for e in examples):
        raise RuleError(
            f"{where}: example: none with good, but there is a fix; add what the fix makes of a bad example"
        )
    return Details(table.rationale, tuple(table.references), table.when.strip(), examples)


def _example(table: ExampleTable, where: str, safeties: set[Safety]) -> Example:
    title = table.title or ""
    if table.ok is not None:
        if table.bad or table.good or table.finding or table.fix:
            raise RuleError(f"{where}: ok stands alone; put bad, good, finding and fix in an [[example]] of their own")
        return Example(ok=table.ok, title=title)
    if table.bad is None:
        raise RuleError(f"{where}: has neither bad nor ok; add one")
    good = _good(table, table.bad, where)
    fix = _fix_of(table, where, safeties)
    return Example(bad=table.bad, good=good, title=title, fix=fix, finding=_expected(table, table.bad, where))


def _good(table: ExampleTable, bad: Mapping[str, str], where: str) -> Mapping[str, str] | None:
    if table.good is None:
        return None
    if extra := sorted(set(table.good) - set(bad)):
        raise RuleError(f'{where}.good: "{extra[0]}" is not in bad; a fix makes no files')
    good = {**bad, **table.good}
    if good == dict(bad):
        raise RuleError(f"{where}.good: the same as bad; write what the fix makes of it")
    return good


def _fix_of(table: ExampleTable, where: str, safeties: set[Safety]) -> Literal["safe", "unsafe", "none"]:
    """What the fix needs here: as written, else the safety that all fixes of the rule have."""
    if table.good is None:
        if table.fix in {"safe", "unsafe"}:
            raise RuleError(f"{where}.fix: {table.fix}, but there is no good; add what the fix makes of bad")
        if safeties and table.fix is None:
            raise RuleError(f'{where}: has no good; add it, or fix = "none" where the fix does not apply')
        return "none"
    if not safeties or table.fix == "none":
        raise RuleError(f"{where}.good: no fix makes it; write it as an [[example]] with ok")
    if table.fix is None and len(safeties) > 1:
        raise RuleError(f'{where}.fix: the rule has safe and unsafe fixes; write fix = "safe" or fix = "unsafe"')
    return next(iter(safeties)) if table.fix is None else table.fix


def _expected(table: ExampleTable, bad: Mapping[str, str], where: str) -> Expected | None:
    if table.finding is None:
        return None
    if table.finding.path not in bad:
        raise RuleError(f'{where}.finding.path: "{table.finding.path}" is not in bad{nearest(table.finding.path, bad)}')
    if table.finding.at not in bad[table.finding.path]:
        raise RuleError(f"{where}.finding.at: not in the text of {table.finding.path}; copy it from there")
    return Expected(table.finding.path, table.finding.at)
