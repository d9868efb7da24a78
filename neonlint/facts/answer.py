"""The three values of a fact: known (absent is a known `None`), or not to be seen; each with its because."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

from neonlint.ir.findings import Reason

FactType = Literal["bool", "str", "int", "float", "enum"]
Scalar: TypeAlias = bool | str | int | float | None


class Known(NamedTuple):
    """A fact's value, and what it rests on. Reasons are given where the value is not simply written at the place
    itself."""

    value: Scalar
    because: tuple[Reason, ...] = ()


class Unseen(NamedTuple):
    """The value cannot be seen; a rule never fires on it."""

    why: str


Answer: TypeAlias = Known | Unseen


class FactSpec(NamedTuple):
    """One fact of the catalogue. `optional` facts may be `None` (absent); an `enum` fact has one of `values`."""

    name: str
    type: FactType
    doc: str
    compute: Callable[..., Any]
    values: tuple[str, ...] = ()
    optional: bool = False
