"""The files that reports go to: which are refused before a run does anything, and the writing of `--report`."""

from __future__ import annotations

import errno
import os
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from neonlint.cli_output import put
from neonlint.discover import inside
from neonlint.errors import UsageError
from neonlint.formats.claims import format_of, is_layout, is_manifest
from neonlint.ir.findings import Report
from neonlint.report import COMMANDS, FORMATS, View

#: What an earlier report may be taken for by its name.
_LIKE_REPORTS = {"text", "json"}


def refuse(arguments: Namespace, root: Path) -> None:
    """Raise UsageError where a report could not be written, or would take the place of something else: of another
    report, of a file that neonlint reads, or of what a link in the project at `root` leads to outside of it."""
    taken: set[str] = set()
    for flag, path in _files(arguments):
        real = os.path.realpath(path)
        if why := _unwritable(path, real):
            raise UsageError(f"{path}: cannot be written ({why}); name another file with {flag}")
        if inside(os.path.abspath(path), str(root)) and not inside(real, str(root)):  # noqa: PTH100 -- links stay
            raise UsageError(f"{path}: is a link that leads out of the project; name the file itself with {flag}")
        if path.is_file() and _is_source(real):
            raise UsageError(f"{path}: is no report, and one would take its place; name another file with {flag}")
        if real in taken and (path.is_file() or not path.exists()):
            raise UsageError(f"{path}: two reports cannot go to one file; name another file with {flag}")
        taken.add(real)


def further(report: Report, view: View, arguments: Namespace) -> None:
    """Write what `--report` asks for."""
    plain = view._replace(color=False, links=False)
    for kind, path in arguments.report:
        put(FORMATS[kind](report, plain), path, commands=kind in COMMANDS, flag="--report")


def _files(arguments: Namespace) -> Iterator[tuple[str, Path]]:
    """The files that reports go to, each with the flag that names it."""
    if arguments.output_file is not None:
        yield "-o", arguments.output_file
    yield from (("--report", path) for _, path in arguments.report or () if path is not None)


def _unwritable(path: Path, real: str) -> str:
    """Why a file cannot be written, "" if it can. A pipe (`/dev/stdout`, `/dev/fd/63`) has no `real` name."""
    directory = Path(real).parent
    try:
        if path.is_dir():
            return os.strerror(errno.EISDIR)
        if not path.exists() and not directory.is_dir():
            return os.strerror(errno.ENOENT)
        return "" if os.access(path if path.exists() else directory, os.W_OK) else os.strerror(errno.EACCES)
    except OSError as error:
        return error.strerror or "no such name"


def _is_source(real: str) -> bool:
    """Whether a file is one of those that are checked, by its name."""
    path = real.replace(os.sep, "/")
    return format_of(path) not in _LIKE_REPORTS or is_manifest(path) or is_layout(path)
