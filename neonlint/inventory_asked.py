"""Facts of one subject for an inventory: values, and what they rest on as text that can be shown. Derives nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from neonlint.facts.answer import Answer, Known, Scalar
from neonlint.facts.catalogue import FACTS
from neonlint.inventory import Because, Place
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Command, Connection
from neonlint.ir.source import Document, Span
from neonlint.link import Project


class Asked:
    """The facts of a connection, a client or a command, each asked when it is wanted."""

    def __init__(self, kind: Literal["connection", "client", "command"], subject: object, project: Project) -> None:
        self._facts, self._subject, self._project = FACTS[kind], subject, project

    def __call__(self, name: str) -> Answer:
        """The answer to one fact."""
        answer: Answer = self._facts[name].compute(self._subject, self._project)
        return answer

    def value(self, name: str) -> Scalar:
        """A fact's value; None where it is absent or not seen."""
        answer = self(name)
        return answer.value if isinstance(answer, Known) else None

    def text(self, name: str) -> str | None:
        """A fact's value where it is a text that holds something."""
        value = self.value(name)
        return value if isinstance(value, str) and value else None

    def true(self, name: str) -> bool:
        """Whether a fact is known to be true."""
        return self.value(name) is True


def because(reasons: Iterable[Reason]) -> tuple[Because, ...]:
    """Reasons as they are shown, each once."""
    return tuple(dict.fromkeys(Because(reason.text, reason.inferred) for reason in reasons))


def of_answer(answer: Answer) -> tuple[Because, ...]:
    """What a known answer rests on."""
    return because(answer.because) if isinstance(answer, Known) else ()


def place(document: Document, span: Span) -> Place:
    """The line of a byte span."""
    return Place(document.path, document.data.count(b"\n", 0, span.start) + 1)


def place_of(subject: Connection | Client | Command) -> Place:
    """The line that stands for a subject: its key or name, never a place behind a password."""
    span = subject.key_span if isinstance(subject, Connection) else subject.name_span
    return place(subject.document, span)
