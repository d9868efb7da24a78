"""The flags that say how a run goes about its work: with how many processes, with which cache, and with a line that
tells how far it is."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from neonlint.errors import UsageError
from neonlint.means import Means, Progress

ABOUT = (
    "In projects of 500 files or more, files that say nothing about a database are remembered in .neonlint_cache,\n"
    "by name and time, and not opened again until they change. `neonlint clean` removes it."
)
_MOST_JOBS = 64
_NO, _DIRECTORY = "NEONLINT_NO_CACHE", "NEONLINT_CACHE_DIR"


def flags(group: argparse._ArgumentGroup) -> None:
    """Add what `check` and `fix` take."""
    group.add_argument(
        "-j",
        "--jobs",
        type=_jobs,
        metavar="N",
        help="read files in up to N processes (on Linux); default: one for each processor, at most 8",
    )
    group.add_argument(
        "-n", "--no-cache", action="store_true", help=f"open every file and remember none; the same as {_NO}=1"
    )
    cache_dir(group)


def cache_dir(parser: argparse._ActionsContainer) -> None:
    """Add `--cache-dir`."""
    parser.add_argument(
        "--cache-dir",
        metavar="DIR",
        help=f"where the cache is; default: {_DIRECTORY}, then .neonlint_cache at the root of the project",
    )


def of(arguments: argparse.Namespace, root: Path) -> Means:
    """By what means a run in the project at `root` works. Raises UsageError."""
    without = arguments.no_cache or os.environ.get(_NO, "0") not in {"", "0"}
    cache = None if without or os.name != "posix" else directory(arguments.cache_dir, root)
    return Means(arguments.jobs, cache, None if arguments.quiet else _progress())


def directory(named: str | None, root: Path) -> str | None:
    """The absolute path of the cache's directory; None where no project is. Raises UsageError for one that is something
    else, if it was `named`."""
    place = named or os.environ.get(_DIRECTORY)
    if not place:
        from neonlint.discover import is_project  # noqa: PLC0415 -- `--help` discovers nothing

        return f"{root}/.neonlint_cache" if is_project(root) else None
    from neonlint import cache_directory  # noqa: PLC0415 -- seldom named

    parent, name = os.path.split(os.path.normpath(Path.cwd() / place))
    whole = os.path.join(os.path.realpath(parent), name)  # noqa: PTH118 -- a link in the last name is kept, and refused
    if why := cache_directory.refusal(whole, str(root)):
        raise UsageError(f"{'--cache-dir' if named else _DIRECTORY}: {place}: {why}; name another directory")
    return whole


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_JOBS:
        raise argparse.ArgumentTypeError(f"write a number from 1 to {_MOST_JOBS}")
    return int(text)


def _progress() -> Progress | None:
    """A line on standard error, where somebody looks at it."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    if os.environ.get("PRE_COMMIT") == "1" or os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        return None
    from neonlint.cli_progress import Line  # noqa: PLC0415 -- for terminals only

    return Line(sys.stderr)
