"""A run: read files, extract, link, judge, suppress, repair to a fixed point. Reads only; writing is the caller's.

What only some runs need is imported by those: a run on one dotenv file is felt at every commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from neonlint.config import Config, check_rule_ids
from neonlint.discover import FoundFile
from neonlint.engine_files import read_all
from neonlint.engine_report import Identity
from neonlint.engine_run import Run
from neonlint.ir.findings import Finding, Report, Skip
from neonlint.means import Means
from neonlint.records import replace
from neonlint.rulebook import Rulebook, load

if TYPE_CHECKING:
    from neonlint.baseline import Entry
    from neonlint.engine_repair import Change

Repair = Literal["none", "safe", "unsafe"]
_USUAL = Means()


class Outcome(NamedTuple):
    """A run's report, and by path (relative, forward slashes) the changes that repair wants; nothing was written.
    `stale` are the entries of the baseline that met nothing, with how often. `before` is the report as it was before
    repair, where that was asked for."""

    report: Report
    changes: Mapping[str, Change]
    stale: Sequence[Entry] = ()
    before: Report | None = None


def run(
    root: Path,
    files: Sequence[FoundFile],
    config: Config,
    *,
    repair: Repair = "none",
    given: Mapping[str, bytes | Skip] | None = None,
    context: Callable[[], Sequence[FoundFile]] | None = None,
    whole: bool = True,
    known: Callable[[], Sequence[Entry]] | None = None,
    means: Means = _USUAL,
    before: bool = False,
) -> Outcome:
    """Check `files` (relative to `root`); `given` holds bytes that stand for a file's content, or why it
    has none.

    With `repair`, the report's `fixed` are the findings that `changes` mend, and `findings` what remains after them;
    with `before`, there is also a report of what was found before that.
    `context` gives the other files of the project. It is called only if other files can change what is found, or what a
    fix may do: a file without a connection, client or command, or whose connections go to a local database, is judged
    alone. Findings and changes are of `files` only. `whole` says that these are all files of the project, so that what
    the baseline has of others is stale. `means` change nothing of this.

    What the baseline lets pass is neither found nor repaired. A repair of something else on the same line ends that:
    the line is no longer the one that was let pass. So it is with what is `known`, which is asked for if anything was
    found.
    """
    started = time.perf_counter()
    rulebook = load(config.extend_rules)
    check_rule_ids(config, rulebook)
    active = _active(config, rulebook)
    read_files = read_all(root, files, config, given or {}, means)
    work = Run(root, files, config, rulebook, active, read_files, whole, means, given or {})
    if context is not None and work.may_change():
        work.widen(root, context())
    judged = work.judge()
    if known is not None and (judged or work.hygiene):
        work.know(known())
        judged = work.judge()
    notes = work.unused()
    first = replace(work.report(judged, (), {}, work.stale()), notes=notes) if before else None
    changes: dict[str, Change] = {}
    fixed: list[Finding] = []
    refused: dict[Identity, str] = {}
    if repair != "none":
        from neonlint.engine_repair import Repairs  # noqa: PLC0415 -- `check` repairs nothing

        repairs = Repairs(work, repair)
        judged = repairs.make(judged)
        changes, fixed, refused = repairs.changes(), repairs.fixed, repairs.refused
    stale = work.stale()
    report = work.report(judged, fixed, refused, stale)
    report = replace(report, seconds=time.perf_counter() - started, repair=repair, notes=notes)
    return Outcome(report, changes, stale, first)


def _active(config: Config, rulebook: Rulebook) -> frozenset[str]:
    chosen = rulebook.select((*config.select, *config.extend_select) if config.select else ("ALL",))
    off = {code for pattern, level in config.severity.items() if level == "off" for code in rulebook.select([pattern])}
    return frozenset(chosen - rulebook.select(config.ignore) - off)
