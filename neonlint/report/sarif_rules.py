"""What SARIF says of the rules that found something: their pages, severities and tags."""

from __future__ import annotations

from collections.abc import Sequence

from neonlint.errors import NeonlintError
from neonlint.ir.findings import Report, Severity
from neonlint.report.json import Json
from neonlint.report.redact import scrub
from neonlint.rulebook import Rule, details
from neonlint.rulepage import as_markdown, as_text, family

LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
#: GitHub takes no longer descriptions, and no more tags.
_LONGEST, _MOST_TAGS = 1024, 20
#: Families whose findings GitHub shows as security alerts, and how severe: the bounds are 4, 7 and 9.
_SECURITY = ("NL1", "NL2")
_SCORES: dict[Severity, str] = {"error": "8.0", "warning": "5.0", "info": "2.0"}
_PROBLEMS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "recommendation"}


def descriptors(codes: Sequence[str], report: Report) -> list[Json]:
    """A `reportingDescriptor` for each code, in this order."""
    names = {finding.code: finding.name for finding in report.findings}
    return [_rule(rule) if (rule := report.rules.get(code)) else {"id": code, "name": names[code]} for code in codes]


def _rule(rule: Rule) -> Json:
    long, text, markdown = _page(rule)
    described: dict[str, Json] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary[:_LONGEST]},
        "fullDescription": {"text": long[:_LONGEST]},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": _properties(rule),
    }
    if rule.url:
        described["helpUri"] = scrub(rule.url)
    return described


def _page(rule: Rule) -> tuple[str, str, str]:
    """Why the rule is there, and its page as text and as Markdown. A file that is gone leaves its summary."""
    try:
        found = details(rule)
    except NeonlintError:
        return rule.summary, rule.summary, rule.summary
    why = " ".join(found.rationale.split()) or rule.summary
    return why, as_text(rule, found), as_markdown(rule, found)


def _properties(rule: Rule) -> Json:
    security = rule.code.startswith(_SECURITY)
    tags = [*(["security"] if security else []), family(rule.code), *rule.tags][:_MOST_TAGS]
    if security:
        return {"tags": tags, "precision": "high", "security-severity": _SCORES[rule.severity]}
    return {"tags": tags, "precision": "high", "problem.severity": _PROBLEMS[rule.severity]}
