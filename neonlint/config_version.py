"""`required-version`: comparisons of plain release numbers, such as `>=0.3,<1`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

import neonlint

_COMPARISON = re.compile(r"\s*(==|!=|>=|<=|>|<|)\s*(\d{1,6}(?:\.\d{1,6}){0,3})\s*", re.ASCII)
_OPERATORS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
Comparison = tuple[str, tuple[int, ...]]


def parse(text: str) -> list[Comparison]:
    """The comparisons of `text`, all of which must hold; a number alone means `==`. Raises ValueError."""
    found = [_COMPARISON.fullmatch(part) for part in text.split(",")]
    if not all(found):
        raise ValueError("write comparisons of versions such as >=0.1 or >=0.1,<2")
    return [(match[1], _numbers(match[2])) for match in found if match]


def complaint_of(wanted: object) -> str:
    """Why this version of neonlint is not `wanted`; "" where it is, or where `wanted` cannot be read."""
    try:
        comparisons = parse(wanted) if isinstance(wanted, str) else []
    except ValueError:
        return ""
    own = _numbers(re.match(r"[\d.]*", neonlint.__version__)[0])  # type: ignore[index]
    if all(_OPERATORS[sign](own, version) for sign, version in comparisons):
        return ""
    return f"this is neonlint {neonlint.__version__}, and the project asks for {wanted}; install that"


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at the end: 1.0 and 1 are one version."""
    numbers = [int(part) for part in text.split(".") if part]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
