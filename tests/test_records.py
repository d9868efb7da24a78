"""`neonlint.records` makes what `dataclasses` makes: the same classes, made by both, behave alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from neonlint import records

FLAGS = [
    {"frozen": frozen, "slots": slots, "eq": eq, "repr": shown}
    for frozen in (False, True)
    for slots in (False, True)
    for eq in (False, True)
    for shown in (False, True)
]


def classes(maker: ModuleType, **flags: bool) -> tuple[type[Any], type[Any]]:
    """A class of each kind of field, and one that inherits from it."""

    @maker.dataclass(**flags)
    class Base:
        """What it is."""

        first: int
        secret: str = maker.field(repr=False)
        items: list[int] = maker.field(default_factory=list)
        aside: int = maker.field(default=3, compare=False)

        @property
        def double(self) -> int:
            return self.first * 2

    @maker.dataclass(**flags)
    class Derived(Base):
        last: str = "z"

        def __post_init__(self) -> None:
            self.items.append(self.first)

    return Base, Derived


def outcome(work: Callable[[], object]) -> object:
    """What a call gives, or the kind of error."""
    try:
        return work()
    except (TypeError, AttributeError) as error:
        return TypeError if isinstance(error, TypeError) else AttributeError


GIVEN: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1, "s"), {}),
    ((1,), {"secret": "s", "aside": 4}),
    ((), {}),
    ((1, "s", [2], 4, "y", 6), {}),
]


def build(made: type[Any], *given: object, **named: object) -> object:
    """An instance."""
    return made(*given, **named)


def behaviour(made: type[Any], shown: bool) -> list[object]:
    """What can be told of a class from outside."""
    one, two, other = made(1, "s"), made(1, "s", aside=9), made(2, "s")
    called = [outcome(partial(build, made, *given, **named)) for given, named in GIVEN]
    return [
        (made.__name__, made.__doc__ if made.__doc__ == "What it is." else "", made.__match_args__),
        [found if isinstance(found, type) else [getattr(found, n) for n in made.__match_args__] for found in called],
        (one == two, one == other, one == 1, one.double),
        isinstance(outcome(partial(hash, one)), int),
        hasattr(one, "__dict__"),
        repr(one) if shown else "",
        outcome(partial(setattr, one, "first", 5)),
    ]


@pytest.mark.parametrize("flags", FLAGS, ids=str)
def test_both_behave_alike(flags: dict[str, bool]) -> None:
    for ours, theirs in zip(classes(records, **flags), classes(dataclasses, **flags), strict=True):
        assert behaviour(ours, flags["repr"]) == behaviour(theirs, flags["repr"])


def test_a_default_is_made_for_each() -> None:
    base, _ = classes(records)
    assert base(1, "s").items is not base(1, "s").items


def test_a_copy_with_changes_and_a_dict() -> None:
    base, _ = classes(records, frozen=True, slots=True)
    inner = base(1, "s")
    outer = records.replace(inner, items=[inner], aside=0)
    assert (inner.items, outer.items, outer.aside, outer.secret) == ([], [inner], 0, "s")
    assert records.asdict(outer)["items"] == [{"first": 1, "secret": "s", "items": [], "aside": 3}]
    with pytest.raises(TypeError):
        records.replace(inner, unknown=1)
