"""The command `init`: a repository's configuration, pre-commit hook and CI step, shown as a diff and then written."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from neonlint import init, places, session
from neonlint.cli_output import note, put, wants_color
from neonlint.errors import ParseFailure, UsageError
from neonlint.extract import extract
from neonlint.formats import yaml as yaml_format
from neonlint.init import Change, Manual, Present
from neonlint.ir.findings import SourceText
from neonlint.report import diff
from neonlint.report.redact import scrub
from neonlint.report.render import render
from neonlint.report.style import Style
from neonlint.write import Writing, write_together

_QUESTION = "Write these changes? [y/N] "
_CREATED = "--- /dev/null"

EXIT = ("everything is there, or was written", "something was not written")


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint init` takes."""
    parser.add_argument("-y", "--yes", action="store_true", help="write without asking")
    parser.add_argument("--diff", action="store_true", help="show what would be written, and write nothing")
    parser.add_argument(
        "--hook", action=BooleanOptionalAction, help="the pre-commit hook; default: in a git repository"
    )
    parser.add_argument(
        "--ci",
        action=BooleanOptionalAction,
        help="a workflow on GitHub, a job in the pipeline on GitLab; default: where one of them is found",
    )
    parser.add_argument(
        "--hook-repo", metavar="REPO", help="where pre-commit gets the hook: an address, or a clone on this machine"
    )
    parser.add_argument("--hook-rev", metavar="REV", help="a tag or commit of it; default: the release of this version")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")


def run(arguments: Namespace) -> int:
    """Set the repository around the current directory up; returns the exit status."""
    cwd = Path.cwd()
    repo, rev = arguments.hook_repo, arguments.hook_rev
    if arguments.hook is False and (repo, rev) != (None, None):
        raise UsageError("--no-hook contradicts --hook-repo and --hook-rev; take one of them")
    plan = init.plan(cwd, hook=arguments.hook, ci=arguments.ci, repo=repo, rev=rev)
    shown = session.shown_from(cwd, plan.root)
    changes = [step for step in plan.steps if isinstance(step, Change)]
    manual = [step for step in plan.steps if isinstance(step, Manual)]
    style = Style(wants_color(arguments.color, sys.stdout, os.environ))
    put((line for change in changes for line in _difference(change, shown(change.path), style)), None)
    _tell(plan.steps, plan.notes, shown)
    if not changes:
        return 1 if manual else 0
    if not _wanted(arguments):
        return 1
    skip = write_together(plan.root, [Writing(change.path, change.old, change.new) for change in changes])
    if skip is not None:
        raise UsageError(f"{scrub(shown(skip.path))}: {skip.detail}; mend that, or leave it out (--no-hook, --no-ci)")
    put((f"written: {render(shown(change.path))}" for change in changes), None)
    _next(changes)
    return 1 if manual else 0


def _difference(change: Change, path: str, style: Style) -> Iterator[str]:
    lines = diff.lines(path, _source(change.path, change.old or b""), _source(change.path, change.new), style)
    head = next(lines)
    yield style("bold", _CREATED) if change.old is None else head
    yield from lines


def _source(path: str, data: bytes) -> SourceText:
    """A file with what must not be shown of it: the lines around an addition may hold a password."""
    try:
        return SourceText(data, places.secrets_of(extract(yaml_format.read(path, data))))
    except ParseFailure:
        return SourceText(data)


def _tell(steps: Sequence[init.Step], notes: Sequence[str], shown: Callable[[str], str]) -> None:
    """What is there already, what a person has to do, and what is left out."""
    there = [shown(step.path) for step in steps if isinstance(step, Present)]
    if there:
        note(f"already there: {', '.join(there)}" + ("; nothing to do" if len(there) == len(steps) else ""))
    for step in steps:
        if isinstance(step, Manual):
            note(f"{shown(step.path)} is not changed: {scrub(step.reason)}. Add this by hand:")
            put((f"    {line}" for line in step.text.splitlines()), None, stream=sys.stderr)
    for text in notes:
        note(text)


def _wanted(arguments: Namespace) -> bool:
    """Whether to write: a flag says so, or a person who sees the diff."""
    if arguments.diff:
        note("nothing was written")
        return False
    if arguments.yes:
        return True
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        note("nothing was written, since nobody can be asked here; `neonlint init --yes` writes")
        return False
    if _answer().strip().lower() in {"y", "yes"}:
        return True
    note("nothing was written")
    return False


def _answer() -> str:
    try:
        return input(_QUESTION)
    except EOFError:
        put([""], None)
        return ""
    except KeyboardInterrupt:
        put([""], None)
        raise


def _next(changes: Sequence[Change]) -> None:
    """What is left to do outside the files, in the order in which it goes well."""
    note("`neonlint check` says what there is to repair")
    note("`neonlint baseline create` lets that pass for now, so that only new findings fail")
    if any("pre-commit" in change.path for change in changes):
        note("`pre-commit install` (see https://pre-commit.com) switches the hook on in this clone")
