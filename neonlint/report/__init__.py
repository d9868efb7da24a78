"""How a report is shown. Each format is a module with one function, `lines`; this dict is the whole registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
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


def _print(module: str, report: Report, view: View) -> Iterator[str]:
    """A run imports the formats that it prints, and no other."""
    found: Iterator[str] = import_module(f"neonlint.report.{module}").lines(report, view)
    return found


#: The names of `Config.output_format`, and of `--report`, each with its module.
FORMATS: dict[str, Printer] = {
    "full": partial(_print, "full"),
    "concise": partial(_print, "concise"),
    "grouped": partial(_print, "grouped"),
    "json": partial(_print, "json"),
    "json-lines": partial(_print, "json_lines"),
    "sarif": partial(_print, "sarif"),
    "github": partial(_print, "github"),
    "gitlab": partial(_print, "gitlab"),
    "junit": partial(_print, "junit"),
    "rdjson": partial(_print, "rdjson"),
    "markdown": partial(_print, "markdown"),
}
#: Formats that are commands to a CI runner: each line of theirs is escaped already.
COMMANDS = frozenset({"github"})
