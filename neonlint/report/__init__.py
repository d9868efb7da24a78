"""How a report is shown. Each format is a module with one function, `lines`; this dict is the whole registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from neonlint.ir.findings import Report


class View(NamedTuple):
    """How a report is to be shown. `shown` turns a path of the report into the one that a reader can open.

    `quiet` leaves out the summary; `statistics` shows counts in the place of findings.
    """

    shown: Callable[[str], str] = str
    color: bool = False
    quiet: bool = False
    statistics: bool = False


Printer = Callable[["Report", View], Iterator[str]]


def _full(report: Report, view: View) -> Iterator[str]:
    from neonlint.report import full  # noqa: PLC0415 -- a run imports the one format that it prints

    return full.lines(report, view)


def _concise(report: Report, view: View) -> Iterator[str]:
    from neonlint.report import concise  # noqa: PLC0415

    return concise.lines(report, view)


def _json(report: Report, view: View) -> Iterator[str]:
    from neonlint.report import json  # noqa: PLC0415

    return json.lines(report, view)


FORMATS: dict[str, Printer] = {"full": _full, "concise": _concise, "json": _json}
