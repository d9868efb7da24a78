"""Which assignments of a script are in force at a place of it. Knows no syntax."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from neonlint.ir.source import Span, Unknown, Value
from neonlint.records import dataclass, field

_MAX_STEPS = 64


class Reach(NamedTuple):
    """Where an assignment counts: to the character `until`; behind `branch` nobody knows whether it was made."""

    until: int
    branch: int


class _Made(NamedTuple):
    at: int
    until: int
    value: Value


@dataclass(slots=True)
class Variables:
    """All assignments of a script, by name and place."""

    made: dict[str, list[_Made]] = field(default_factory=dict)

    def assign(self, name: str, value: Value, at: int, reach: Reach) -> None:
        """`name` holds `value` behind the character `at`."""
        known = self.made.setdefault(name, [])
        inside = min(reach.until, reach.branch)
        insort(known, _Made(at, inside, value), key=lambda made: made.at)
        if reach.branch < reach.until:
            maybe = Unknown("set only in some cases", Span(value.span.start, value.span.start))
            insort(known, _Made(reach.branch, reach.until, maybe), key=lambda made: made.at)

    def at(self, place: int) -> Mapping[str, Value]:
        """The variables in force at the character `place`; right as soon as all assignments are known."""
        return _InForce(self.made, place)


@dataclass(frozen=True, slots=True)
class _InForce(Mapping[str, Value]):
    """The variables in force at one place. Only names that are asked for are looked up."""

    made: Mapping[str, list[_Made]] = field(repr=False)
    place: int

    def __getitem__(self, name: str) -> Value:
        known = self.made[name]
        index = bisect_right(known, self.place, key=lambda made: made.at)
        for made in reversed(known[max(index - _MAX_STEPS, 0) : index]):
            if self.place < made.until:
                return made.value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.made if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        try:
            self[name]  # type: ignore[index]
        except KeyError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Layered(Mapping[str, Value]):
    """Variables of a command (`inner`) in front of those of the file that it stands in."""

    inner: Mapping[str, Value] = field(repr=False)
    outer: Mapping[str, Value] = field(repr=False)

    def __getitem__(self, name: str) -> Value:
        return self.inner[name] if name in self.inner else self.outer[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.inner
        yield from (name for name in self.outer if name not in self.inner)

    def __len__(self) -> int:
        return sum(1 for _ in self)
