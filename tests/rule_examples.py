"""Running a rule's examples: files in a folder, a run over them, the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from neonlint.config import Config, in_directory
from neonlint.config import load as load_config
from neonlint.discover import FoundFile
from neonlint.engine import Outcome, Repair, run
from neonlint.rulebook import Details, Example, Rule, details, load


@cache
def rules() -> tuple[tuple[Rule, Details], ...]:
    """Every built-in rule with its examples."""
    return tuple((rule, details(rule)) for rule in load().rules)


def examples() -> Iterator[tuple[Rule, int, Example]]:
    """Every example with its ordinal in its rule's file (1-based)."""
    for rule, found in rules():
        for number, example in enumerate(found.examples, start=1):
            yield rule, number, example


def run_on(folder: Path, files: Mapping[str, str], repair: Repair = "none", config: Config | None = None) -> Outcome:
    """Write `files` below `folder` and run on them, with the configuration that they hold.

    Files that an example's `.gitignore` names count as not tracked.
    """
    ignored = files.get(".gitignore", "").split()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    found = [FoundFile(name, name not in ignored, name in ignored) for name in sorted(files)]
    if config is None and in_directory(folder) is not None:
        config = load_config(folder)
    return run(folder, found, config or Config(), repair=repair)


def shown(outcome: Outcome) -> list[str]:
    """The findings of a run in a form that makes a failing test readable; examples hold only made-up passwords."""
    return [f"{f.path}:{f.row} {f.code} {f.severity} {f.message} [{f.refusal or ''}]" for f in outcome.report.findings]


def after(files: Mapping[str, str], outcome: Outcome) -> dict[str, str]:
    """The files as the run's changes leave them."""
    return {
        name: outcome.changes[name].new.decode() if name in outcome.changes else text for name, text in files.items()
    }
