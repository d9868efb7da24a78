"""A project of which only one file may be looked at, to tell what cannot change whatever the others hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

from neonlint.ir.model import Connection
from neonlint.ir.source import Document, Span

if TYPE_CHECKING:
    from neonlint.link import Project

T = TypeVar("T")


class NeedsProject(Exception):
    """An answer that other files may change was asked for."""


class Alone:
    """Stands for a `Project`: it answers what the file's own text, its name and the configuration decide, and raises
    `NeedsProject` for everything else."""

    def __init__(self, project: Project, document: Document) -> None:
        self.config = project.config
        self.declared = project.declared
        self.tracked = project.tracked
        self.place = project.place
        self.reason = project.reason
        self._project = project
        self._document = document

    def connection_of_slot(self, path: str, span: Span) -> Connection | None:
        """See `Project.connection_of_slot`."""
        if path != self._document.path:
            raise NeedsProject
        return self._project.connection_of_slot(path, span)

    @staticmethod
    def once(what: str, subject: object, work_out: Callable[[], T]) -> T:  # noqa: ARG004 -- as `Project.once`
        """What a fact works out about a subject."""
        return work_out()

    def __getattr__(self, name: str) -> NoReturn:
        raise NeedsProject(name)
