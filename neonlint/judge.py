"""Holds every subject of a project against every rule; knows no format, dialect or client syntax."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from neonlint import places
from neonlint.facts.answer import Answer, Known
from neonlint.facts.catalogue import FACTS
from neonlint.ir.findings import Finding, Place, Reason, Safety
from neonlint.ir.model import Client, Command, Connection, Dependency, Extract, LogCall, Statement, Subject
from neonlint.ir.source import Span
from neonlint.link import Project
from neonlint.rulebook import Rule, Rulebook, RuleFix, fill
from neonlint.when import evaluate

#: What a message calls a connection that has no name.
_NAMELESS = "this connection"
_SUBJECTS: dict[type, str] = {
    Connection: "connection",
    Client: "client",
    Statement: "statement",
    LogCall: "log",
    Dependency: "dependency",
    Command: "command",
}


class Judgement(NamedTuple):
    """A finding with what a repair needs: the subject, and the fix that applies with the safety it has here."""

    finding: Finding
    rule: Rule
    subject: Subject
    extract: Extract
    fix: RuleFix | None = None
    safety: Safety = "unsafe"


class Judge:
    """Applies the active rules to a project. Facts are asked once for each subject."""

    def __init__(self, project: Project, rules: Rulebook, active: Collection[str]) -> None:
        self._project = project
        self._rules = {
            subject: [r for r in rules.rules if r.code in active and r.subject == subject]
            for subject in set(_SUBJECTS.values())
        }

    def judge(self, extract: Extract) -> Iterator[Judgement]:
        """Every defect of one document."""
        secrets: tuple[Span, ...] | None = None
        for subject in extract.subjects():
            rules = self._rules[_SUBJECTS[type(subject)]]
            asked = _Asked(subject, self._project)
            for rule in rules:
                verdict = evaluate(rule.when, asked)
                if verdict.value is not True:
                    continue
                if secrets is None:
                    secrets = places.secrets_of(extract)
                yield self._judgement(rule, subject, extract, asked, verdict.used, secrets)

    def _judgement(
        self,
        rule: Rule,
        subject: Subject,
        extract: Extract,
        asked: _Asked,
        used: Sequence[tuple[str, Answer]],
        secrets: Sequence[Span],
    ) -> Judgement:
        reasons = _reasons([answer for _, answer in used] + [asked(name) for name in rule.because])
        fix, safety = _applicable(rule, asked, reasons)
        finding = self._finding(rule, subject, extract, asked, reasons, secrets)
        chosen = fix.title if fix else rule.advice
        help_ = fill(chosen, asked.text)
        help_ = help_[:1].upper() + help_[1:]
        if fix is not None:
            fix = replace(fix, set={k: fill(v, asked.text) if isinstance(v, str) else v for k, v in fix.set.items()})
        return Judgement(replace(finding, help=help_), rule, subject, extract, fix, safety)

    def _finding(
        self,
        rule: Rule,
        subject: Subject,
        extract: Extract,
        asked: _Asked,
        reasons: tuple[Reason, ...],
        secrets: Sequence[Span],
    ) -> Finding:
        data = extract.document.data
        shown = places.label(subject, rule.at)
        span = places.anchor(subject, rule.at, shown, data, secrets)
        return Finding(
            rule.code,
            rule.name,
            rule.severity,
            fill(rule.message, asked.text).replace(f"`{_NAMELESS}`", _NAMELESS),
            extract.document.path,
            span,
            shown,
            rule.at,
            url=rule.url,
            reasons=reasons,
            related=self._related(subject),
            key=_key(subject),
            row=data.count(b"\n", 0, span.start) + 1,
        )

    def _related(self, subject: Subject) -> tuple[Place, ...]:
        """The places of other documents that the finding speaks about: the connections that a client opens."""
        if not isinstance(subject, Client | Statement):
            return ()
        client = subject if isinstance(subject, Client) else subject.client
        reached = self._project.reached_by(client)
        return tuple(
            Place(c.document.path, c.key_span, f"`{c.name}` is written here")
            for c in reached.connections
            if c.document is not subject.document
        )


class _Asked:
    """A subject's facts, each asked at most once."""

    def __init__(self, subject: Subject, project: Project) -> None:
        self._subject = subject
        self._project = project
        self._facts = FACTS[_SUBJECTS[type(subject)]]
        self._known: dict[str, Answer] = {}

    def __call__(self, name: str) -> Answer:
        if name not in self._known:
            self._known[name] = self._facts[name].compute(self._subject, self._project)
        return self._known[name]

    def text(self, name: str) -> str:
        """A fact as a message shows it."""
        answer = self(name) if name in self._facts else None
        if isinstance(answer, Known) and answer.value not in (None, ""):
            return str(answer.value)
        return _NAMELESS if name in ("name", "password.name") else "unknown"


def _reasons(answers: Sequence[Answer]) -> tuple[Reason, ...]:
    found = [reason for answer in answers if isinstance(answer, Known) for reason in answer.because]
    return tuple(dict.fromkeys(found))


def _applicable(rule: Rule, asked: _Asked, reasons: tuple[Reason, ...]) -> tuple[RuleFix | None, Safety]:
    """The first fix whose condition is definitely true; safe only if the rule says so and nothing it rests on was
    inferred."""
    for fix in rule.fixes:
        if fix.when is None:
            also: tuple[Reason, ...] = ()
        else:
            verdict = evaluate(fix.when, asked)
            if verdict.value is not True:
                continue
            also = _reasons([answer for _, answer in verdict.used])
        declared = not any(reason.inferred for reason in (*reasons, *also))
        safety: Safety = "safe" if fix.safety == "safe" and declared else "unsafe"
        return fix, safety
    return None, "unsafe"


def _key(subject: Subject) -> str:
    if isinstance(subject, Connection):
        return subject.key
    if isinstance(subject, Client):
        return f"{subject.scope}.{subject.name}".lstrip(".")
    if isinstance(subject, Dependency | Command):
        return subject.name
    return subject.call.scope
