"""The command `map`: what connects to what, as a table, JSON, a Mermaid chart or a page."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path

from neonlint import cli_settings, session
from neonlint.cli_output import note, put, wants_color
from neonlint.errors import UsageError
from neonlint.ir.findings import FATAL
from neonlint.report import View

#: Each has a module `report.map_FORMAT` with a function `lines(shown, width)`.
_FORMATS = ("table", "json", "mermaid", "html")
#: How wide a table in a file is, in cells.
_FILE_WIDTH = 100

EXIT = ("the map is complete",)


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint map` takes."""
    parser.add_argument("paths", nargs="*", metavar="PATHS", help="files and directories (default: .)")
    parser.add_argument("--all", action="store_true", help="also show tests, documentation and example files")
    parser.add_argument(
        "--format", "--output-format", dest="map_format", choices=_FORMATS, default="table", help="default: table"
    )
    parser.add_argument("-o", "--output-file", type=Path, metavar="FILE", help="write the map to FILE")
    parser.add_argument("-q", "--quiet", action="store_true", help="a table without counts")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    cli_settings.flags(parser)


def run(arguments: Namespace) -> int:
    """Print the map; returns the exit status."""
    from neonlint import inventory, inventory_narrow  # noqa: PLC0415 -- `map --help` needs neither
    from neonlint.report.map_words import Shown  # noqa: PLC0415

    if session.STDIN in arguments.paths:
        raise UsageError("a map is of files; name files or directories, or write nothing for all of the project")
    cwd = Path.cwd()
    config = cli_settings.read(arguments, arguments.paths, cwd)
    work = session.open_session(arguments.paths, config, cwd)
    for text in work.found.notes:
        note(text)
    whole = inventory.take(work)
    seen, left = (whole, inventory_narrow.Left()) if arguments.all else inventory_narrow.usual(whole)
    color = arguments.output_file is None and wants_color(arguments.color, sys.stdout, os.environ)
    view = View(shown=session.shown_from(cwd, work.root), color=color, quiet=arguments.quiet)
    printer = import_module(f"neonlint.report.map_{arguments.map_format}")
    put(printer.lines(Shown(seen, left, view), _width(arguments)), arguments.output_file)
    if not seen.sources and not seen.users:
        note("nothing here is seen to connect to Postgres")
    return 2 if any(skip.reason in FATAL for skip in whole.skipped) else 0


def _width(arguments: Namespace) -> int:
    from neonlint.cli import _columns  # noqa: PLC0415 -- it imports this module

    return _FILE_WIDTH if arguments.output_file else _columns()
