"""Holds every subject of a project against every rule; knows no format, dialect or client syntax."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from neonlint import places
from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.catalogue import FACTS
from neonlint.ir.findings import Finding, Place, Reason, Safety
from neonlint.ir.model import Client, Command, Connection, Dependency, Extract, LogCall, Setting, Statement, Subject
from neonlint.ir.source import Scalar, Span
from neonlint.link import Project
from neonlint.link_alone import Alone, NeedsProject
from neonlint.records import replace
from neonlint.regex import regex
from neonlint.rulebook import Rule, Rulebook, RuleFix, fill
from neonlint.when import evaluate

#: What a message calls a connection that has no name.
_NAMELESS = "this connection"
_HOST = regex(r"[A-Za-z0-9_.-]+")
#: What rules call a subject.
SUBJECTS: dict[type, str] = {
    Connection: "connection",
    Client: "client",
    Statement: "statement",
    LogCall: "log",
    Dependency: "dependency",
    Command: "command",
    Setting: "setting",
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
            for subject in set(SUBJECTS.values())
        }

    def judge(self, extract: Extract) -> Iterator[Judgement]:
        """Every defect of one document."""
        secrets: tuple[Span, ...] | None = None
        told: set[tuple[str, Span, str]] = set()
        for subject in filter(self._project.has, extract.subjects()):
            rules = self._rules[SUBJECTS[type(subject)]]
            asked = Asked(subject, self._project)
            for rule in rules:
                verdict = evaluate(rule.when, asked)
                if verdict.value is not True:
                    continue
                if secrets is None:
                    secrets = places.secrets_of(extract)
                judgement = self._judgement(rule, subject, extract, asked, verdict.used, secrets)
                mark = (rule.code, judgement.finding.span, judgement.finding.message)
                # Subjects may share what is wrong (one object of options for two environments): it is said once.
                if mark not in told:
                    told.add(mark)
                    yield judgement

    def may_change(self, extract: Extract) -> bool:
        """Whether files that are not in the project could change what is found in a document: not if each condition is
        definitely false by the document alone."""
        alone = Alone(self._project, extract.document)
        for subject in extract.subjects():
            asked = _AskedAlone(subject, alone)
            for rule in self._rules[SUBJECTS[type(subject)]]:
                asked.open = False
                verdict = evaluate(rule.when, asked)
                if verdict.value is True or (verdict.value is None and asked.open):
                    return True
        return False

    def _judgement(
        self,
        rule: Rule,
        subject: Subject,
        extract: Extract,
        asked: Asked,
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
        asked: Asked,
        reasons: tuple[Reason, ...],
        secrets: Sequence[Span],
    ) -> Finding:
        data = extract.document.data
        shown = places.label(subject, rule.at)
        span = places.anchor(subject, rule.at, shown, data, secrets)
        row = data.count(b"\n", 0, span.start) + 1
        told = tuple(r for r in reasons if r.inferred or not _on_row(r, extract.document.path, row, data))
        return Finding(
            rule.code,
            rule.name,
            rule.severity,
            fill(rule.message, asked.text).replace(f"`{_NAMELESS}`", _NAMELESS),
            extract.document.path,
            span,
            shown,
            url=rule.url,
            reasons=told,
            related=self._related(subject, told, span),
            key=_key(subject),
            row=row,
            host=_host(subject),
        )

    def _related(self, subject: Subject, reasons: Sequence[Reason], own: Span) -> tuple[Place, ...]:
        """The other places that the finding speaks about, each once: the connections that a client opens, and what its
        reasons name."""
        path = subject.document.path
        found = [
            Place(c.document.path, c.key_span, f"`{c.name}` is written here")
            for c in self._opened(subject)
            if c.document is not subject.document
        ]
        found += [Place(*reason.place, reason.text) for reason in reasons if reason.place is not None]
        first: dict[tuple[str, Span], Place] = {}
        for place in found:
            first.setdefault((place.path, place.span), place)
        return tuple(place for place in first.values() if (place.path, place.span) != (path, own))

    def _opened(self, subject: Subject) -> Sequence[Connection]:
        if isinstance(subject, Statement):
            return self._project.reached_by(self._project.client_behind(subject)).connections
        if isinstance(subject, Command):
            return self._project.reached_by_command(subject).resolved.connections
        return self._project.reached_by(subject).connections if isinstance(subject, Client) else ()


class Asked:
    """A subject's facts, each asked at most once."""

    def __init__(self, subject: Subject, project: Project) -> None:
        self._subject = subject
        self._project = project
        self._facts = FACTS[SUBJECTS[type(subject)]]
        self._known: dict[str, Answer] = {}

    def __call__(self, name: str) -> Answer:
        """The answer to a fact of the subject."""
        if name not in self._known:
            self._known[name] = self._facts[name].compute(self._subject, self._project)
        return self._known[name]

    def text(self, name: str) -> str:
        """A fact as a message shows it."""
        answer = self(name) if name in self._facts else None
        if isinstance(answer, Known) and answer.value not in (None, ""):
            return str(answer.value)
        return _NAMELESS if name in ("name", "password.name", "tls.name") else "unknown"


class _AskedAlone:
    """A subject's facts as far as its own file decides them. `open` says that one was asked for which others decide."""

    def __init__(self, subject: Subject, alone: Alone) -> None:
        self._subject = subject
        self._alone = alone
        self._facts = FACTS[SUBJECTS[type(subject)]]
        self._known: dict[str, Answer | None] = {}
        self.open = False

    def __call__(self, name: str) -> Answer:
        if name not in self._known:
            try:
                self._known[name] = self._facts[name].compute(self._subject, self._alone)
            except NeedsProject:
                self._known[name] = None
        answer = self._known[name]
        self.open = self.open or answer is None
        return answer or Unseen("other files decide it")


def _reasons(answers: Sequence[Answer]) -> tuple[Reason, ...]:
    found = [reason for answer in answers if isinstance(answer, Known) for reason in answer.because]
    first: dict[tuple[str, bool], Reason] = {}
    for reason in found:
        first.setdefault((reason.text, reason.inferred), reason)
    return tuple(first.values())


def _on_row(reason: Reason, path: str, row: int, data: bytes) -> bool:
    """Whether a reason speaks of the very line that is reported: whoever reads the finding sees that line."""
    if reason.place is None or reason.place[0] != path:
        return False
    return data.count(b"\n", 0, reason.place[1].start) + 1 == row


def _applicable(rule: Rule, asked: Asked, reasons: tuple[Reason, ...]) -> tuple[RuleFix | None, Safety]:
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


def _host(subject: Subject) -> str:
    """The host that a connection names, "" where it is not one plain name: a broken URL's may hold its password."""
    if not isinstance(subject, Connection):
        return ""
    if subject.view is not None:
        text = subject.view.text("host")
    else:
        entry = subject.fields.get("host")
        value = entry.value.value if entry is not None and isinstance(entry.value, Scalar) else None
        text = value if isinstance(value, str) else None
    return text if text is not None and _HOST.fullmatch(text) else ""


def _key(subject: Subject) -> str:
    if isinstance(subject, Connection):
        return subject.key
    if isinstance(subject, Client):
        return f"{subject.scope}.{subject.name}".lstrip(".")
    if isinstance(subject, Dependency | Command):
        return subject.name
    if isinstance(subject, Setting):
        return subject.key
    return subject.call.scope
