"""Why rules found something in a file, or did not: every fact that was asked, and the way to each verdict.

What is said of a file is told by the same conditions and facts as in a run; suppressions and the baseline come later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from neonlint import places
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine_files import read_all
from neonlint.facts.answer import Answer, Known
from neonlint.ir.findings import Skip
from neonlint.ir.model import Extract, Subject
from neonlint.judge import SUBJECTS, Asked
from neonlint.link import Project
from neonlint.report.redact import scrub
from neonlint.rulebook import Rule, Rulebook
from neonlint.session import Session, around
from neonlint.when_show import Step, trace

Json: TypeAlias = "str | int | float | bool | Mapping[str, Json] | Sequence[Json] | None"


class Judged(NamedTuple):
    """A rule, the way to its verdict about one subject, and the setting that switches it off there ("": none)."""

    rule: Rule
    step: Step
    off: str = ""


class Traced(NamedTuple):
    """One subject: what rules call it, its name ("" where it has none), its line (1-based), and the rules about it."""

    subject: str
    name: str
    row: int
    judged: tuple[Judged, ...]


class Trace(NamedTuple):
    """A file's subjects, and what could not be read."""

    path: str
    subjects: tuple[Traced, ...]
    skipped: tuple[Skip, ...]


def of_file(session: Session, book: Rulebook, codes: Collection[str]) -> Trace:
    """What the rules `codes` say of the one file that `session` is about; the rest of its project is its context."""
    files, others = session.found.files, around(session)
    found = read_all(session.root, files, session.config, {})
    found.add_context(read_all(session.root, others, session.config, {}))
    project = found.project(session.config, {file.path: file.tracked for file in (*files, *others)})
    path = files[0].path if files else ""
    extract = found.extracts.get(path)
    off = _off(session.config, book, session.root, path)
    subjects = () if extract is None else tuple(_subjects(extract, project, book, codes, off))
    skipped = (*session.found.skipped, *found.skipped)
    return Trace(path, subjects, skipped)


def of_files(root: Path, files: Sequence[FoundFile], config: Config, rule: Rule) -> Iterator[Trace]:
    """What `rule` says of each of `files`, which are all of a project."""
    found = read_all(root, files, config, {})
    project = found.project(config, {file.path: file.tracked for file in files})
    for path, extract in found.extracts.items():
        subjects = _subjects(extract, project, Rulebook([rule]), [rule.code], {})
        yield Trace(path, tuple(subject for subject in subjects if subject.judged), ())


def _off(config: Config, book: Rulebook, root: Path, path: str) -> Mapping[str, str]:
    """The setting by which a run finds nothing of a rule in the file `path`, by the rule's code."""
    every = book.select(["ALL"])
    chosen = book.select((*config.select, *config.extend_select)) if config.select else every
    silent = [pattern for pattern, level in config.severity.items() if level == "off"]
    return {
        **dict.fromkeys(every - chosen, "select"),
        **dict.fromkeys(book.select(config.ignore), "ignore"),
        **dict.fromkeys(book.select(silent), "severity"),
        **dict.fromkeys(book.select(config.file_ignores(root)(path)), "per-file-ignores"),
    }


def _subjects(
    extract: Extract, project: Project, book: Rulebook, codes: Collection[str], off: Mapping[str, str]
) -> Iterator[Traced]:
    data, secrets = extract.document.data, places.secrets_of(extract)
    for subject in filter(project.has, extract.subjects()):
        kind, asked = SUBJECTS[type(subject)], Asked(subject, project)
        rules = [rule for rule in book.of(kind) if rule.code in codes]
        judged = tuple(Judged(rule, trace(rule.when, asked), off.get(rule.code, "")) for rule in rules)
        at = places.anchor(subject, "name", None, data, secrets).start
        yield Traced(kind, _name(subject), data.count(b"\n", 0, at) + 1, judged)


def _name(subject: Subject) -> str:
    name = getattr(subject, "name", "") or getattr(subject, "key", "")
    return name if isinstance(name, str) else ""


# --- the two forms ---


def as_text(traced: Trace, *, whole: bool) -> Iterator[str]:
    """Lines for a terminal; `whole` also shows every step of the rules that found nothing."""
    return map(scrub, _lines(traced, whole))


def _lines(traced: Trace, whole: bool) -> Iterator[str]:
    for about in traced.subjects:
        yield f"{traced.path}:{about.row}: {about.subject} {about.name}".rstrip()
        for rule, step, off in sorted(about.judged, key=lambda judged: judged.step.value is not True):
            fires = "fires" if step.value else "does not fire"
            if off and (step.value or whole):
                fires += f"; switched off for this file by `{off}`"
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
    subjects = [_subject(about) for about in traced.subjects]
    return {"schema": "neonlint-trace/1", "path": scrub(traced.path), "subjects": subjects}


def _subject(about: Traced) -> Json:
    rules: list[Json] = [
        {"code": rule.code, "name": rule.name, "fires": step.value is True, "off": off or None, "when": _step(step)}
        for rule, step, off in about.judged
    ]
    return {"subject": about.subject, "name": scrub(about.name), "row": about.row, "rules": rules}


def _step(step: Step) -> Json:
    return {
        "text": scrub(step.text),
        "value": step.value,
        "skipped": step.skipped,
        "facts": [_fact(name, answer) for name, answer in step.answers],
        "parts": [_step(part) for part in step.parts],
    }


def _fact(name: str, answer: Answer) -> Json:
    if isinstance(answer, Known):
        value = scrub(answer.value) if isinstance(answer.value, str) else answer.value
        because: list[Json] = [{"text": scrub(reason.text), "inferred": reason.inferred} for reason in answer.because]
        return {"name": name, "known": True, "value": value, "because": because}
    return {"name": name, "known": False, "why": scrub(answer.why)}
