"""A connection string taken apart: components with the characters they were written in. Knows no dialect's syntax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from neonlint.ir.source import has_hole
from neonlint.records import dataclass, field


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace characters `start` to `end` (exclusive) of the decoded text."""

    start: int
    end: int
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One component as written: its characters and its decoded text, which may hold holes."""

    start: int
    end: int
    text: str = field(repr=False)

    @property
    def seen(self) -> bool:
        """Whether the whole text is literal."""
        return not has_hole(self.text)


class Param(NamedTuple):
    """One `name=value` of the parameter list; `start` and `end` cover both."""

    name: str
    value: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class View:
    """What a dialect sees in a text."""

    parts: Mapping[str, Part]
    params: tuple[Param, ...] = ()
    defects: Mapping[str, tuple[TextEdit, ...]] = field(default_factory=dict)
    params_seen: bool = True

    def text(self, component: str) -> str | None:
        """A component's decoded text, None where it is absent."""
        part = self.part(component)
        return part.text if part else None

    def part(self, component: str) -> Part | None:
        """A component's part; of a repeated parameter the last one."""
        name = component.removeprefix("params.")
        if name == component:
            return self.parts.get(component)
        return next((p.value for p in reversed(self.params) if p.name == name), None)
