"""Why rules found something in a file, or did not: every fact that was asked, and the way to each verdict.

What is said of a file is told by the same conditions and facts as in a run; suppressions and the baseline come later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from neonlint import places
from neonlint.engine_files import read_all
from neonlint.facts.answer import Answer, Known
from neonlint.ir.findings import Skip
from neonlint.ir.model import Extract, Subject
from neonlint.judge import SUBJECTS, Asked
from neonlint.link import Project
from neonlint.report.redact import MASK, scrub
from neonlint.rulebook import Rule, Rulebook
from neonlint.session import Session, around
from neonlint.when_show import Step, trace

Json: TypeAlias = "str | int | float | bool | Mapping[str, Json] | Sequence[Json] | None"


class Judged(NamedTuple):
    """A rule and the way to its verdict about one subject."""

    rule: Rule
    step: Step


class Traced(NamedTuple):
    """One subject: what rules call it, its name ("" where it has none), its line (1-based), and the rules about it."""

    subject: str
    name: str
    row: int
    judged: tuple[Judged, ...]


class Trace(NamedTuple):
    """A file's subjects; `hide` masks every secret of the project in a text that is shown."""

    path: str
    subjects: tuple[Traced, ...]
    skipped: tuple[Skip, ...]
    hide: Callable[[str], str]


def of_file(session: Session, book: Rulebook, codes: Collection[str]) -> Trace:
    """What the rules `codes` say of the one file that `session` is about; the rest of its project is its context."""
    files, others = session.found.files, around(session)
    found = read_all(session.root, files, session.config, {})
    found.add_context(read_all(session.root, others, session.config, {}))
    project = found.project(session.config, {file.path: file.tracked for file in (*files, *others)})
    path = files[0].path if files else ""
    extract = found.extracts.get(path)
    subjects = () if extract is None else tuple(_subjects(extract, project, book, codes))
    skipped = (*session.found.skipped, *found.skipped)
    return Trace(path, subjects, skipped, _hiding(found.extracts.values()))


def _subjects(extract: Extract, project: Project, book: Rulebook, codes: Collection[str]) -> Iterator[Traced]:
    data, secrets = extract.document.data, places.secrets_of(extract)
    for subject in filter(project.has, extract.subjects()):
        kind, asked = SUBJECTS[type(subject)], Asked(subject, project)
        judged = tuple(Judged(rule, trace(rule.when, asked)) for rule in book.of(kind) if rule.code in codes)
        at = places.anchor(subject, "name", None, data, secrets).start
        yield Traced(kind, _name(subject), data.count(b"\n", 0, at) + 1, judged)


def _name(subject: Subject) -> str:
    name = getattr(subject, "name", "") or getattr(subject, "key", "")
    return name if isinstance(name, str) else ""


def _hiding(extracts: Collection[Extract]) -> Callable[[str], str]:
    secrets = {
        extract.document.data[span.start : span.end].decode("utf-8", "replace")
        for extract in extracts
        for span in places.secrets_of(extract)
    }
    known = sorted(filter(None, secrets), key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in known:
            text = text.replace(secret, MASK)
        return scrub(text)

    return hide


# --- the two forms ---


def as_text(traced: Trace, *, whole: bool) -> Iterator[str]:
    """Lines for a terminal; `whole` also shows every step of the rules that found nothing."""
    return map(traced.hide, _lines(traced, whole))


def _lines(traced: Trace, whole: bool) -> Iterator[str]:
    for about in traced.subjects:
        yield f"{traced.path}:{about.row}: {about.subject} {about.name}".rstrip()
        for rule, step in sorted(about.judged, key=lambda judged: judged.step.value is not True):
            fires = "fires" if step.value else "does not fire"
            if step.value or whole:
                yield f"  {rule.code} {rule.name} {fires}"
                yield from step.lines(2)
            else:
                yield f"  {rule.code} {rule.name} {fires}: {_because(step)}"


def _because(step: Step) -> str:
    part = deciding(step)
    facts = ", ".join(
        next(line.strip() for line in Step("", None, (pair,)).lines() if ":" in line) for pair in part.answers
    )
    return f"{part.text} is {'unknown' if part.value is None else str(part.value).lower()} ({facts})"


def deciding(step: Step) -> Step:
    """The innermost part of a condition that its verdict rests on; of several, the first."""
    while step.parts:
        asked = [part for part in step.parts if not part.skipped]
        if len(asked) == 1 or len(asked) < len(step.parts):
            step = asked[-1]
        else:
            step = next((part for part in asked if part.value is step.value), asked[-1])
    return step


def as_json(traced: Trace) -> Json:
    """The whole trace for programs."""
    hide = traced.hide
    subjects = [_subject(about, hide) for about in traced.subjects]
    return {"schema": "neonlint-trace/1", "path": hide(traced.path), "subjects": subjects}


def _subject(about: Traced, hide: Callable[[str], str]) -> Json:
    rules: list[Json] = [
        {"code": rule.code, "name": rule.name, "fires": step.value is True, "when": _step(step, hide)}
        for rule, step in about.judged
    ]
    return {"subject": about.subject, "name": hide(about.name), "row": about.row, "rules": rules}


def _step(step: Step, hide: Callable[[str], str]) -> Json:
    return {
        "text": hide(step.text),
        "value": step.value,
        "skipped": step.skipped,
        "facts": [_fact(name, answer, hide) for name, answer in step.answers],
        "parts": [_step(part, hide) for part in step.parts],
    }


def _fact(name: str, answer: Answer, hide: Callable[[str], str]) -> Json:
    if isinstance(answer, Known):
        value = hide(answer.value) if isinstance(answer.value, str) else answer.value
        because: list[Json] = [{"text": hide(reason.text), "inferred": reason.inferred} for reason in answer.because]
        return {"name": name, "known": True, "value": value, "because": because}
    return {"name": name, "known": False, "why": hide(answer.why)}
