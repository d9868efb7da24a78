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

    `base` is the directory of the project in its repository, relative to the top of that; "" for the top itself.
    `quiet` leaves out the summary; `statistics` shows counts in the place of findings; `links` makes rule codes links,
    for a terminal that takes them. `suppressed` says whether SARIF has what comments and the baseline let pass.
    """

    shown: Callable[[str], str] = str
    color: bool = False
    quiet: bool = False
    statistics: bool = False
    links: bool = False
    base: str = ""
    suppressed: bool = True


Printer = Callable[["Report", View], Iterator[str]]


#: In these, paths start at the top of the repository, in those where neonlint was started (as reviewdog wants it).
_IN_REPOSITORY, _FROM_HERE = ("sarif", "github", "gitlab"), ("rdjson",)


def _print(module: str, report: Report, view: View) -> Iterator[str]:
    """A run imports the formats that it prints, and no other."""
    if (view.base and module in _IN_REPOSITORY) or module in _FROM_HERE:
        from neonlint.report.rebase import below, rebased  # noqa: PLC0415 -- most projects are whole repositories

        path = below(view.base) if module in _IN_REPOSITORY else view.shown
        report, view = rebased(report, path), view._replace(shown=str)
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
