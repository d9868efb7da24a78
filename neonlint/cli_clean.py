"""The command `clean`: removes the cache of a project."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from neonlint import cache_directory, cli_means, discover
from neonlint.cli_output import note, put
from neonlint.errors import UsageError
from neonlint.report.redact import scrub

EXIT = ("removed, or there was none", "something in the directory is not neonlint's and was left")


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint clean` takes."""
    cli_means.cache_dir(parser)


def run(arguments: Namespace) -> int:
    """Remove the cache of the project around the current directory; returns the exit status. Raises UsageError."""
    if os.name != "posix":
        note("there is no cache on this system")
        return 0
    root = discover.project_root(Path.cwd())
    folder = cli_means.directory(arguments.cache_dir, root)
    if folder is None:
        raise UsageError(
            f"{root}: is no project (no .git, no configuration), and has no cache; name one: --cache-dir DIR"
        )
    name = scrub(os.path.relpath(folder) if discover.inside(folder, os.path.realpath(Path.cwd())) else folder)
    try:
        removed, left = cache_directory.remove(folder, os.path.realpath(root))
    except FileNotFoundError:
        note(f"{name}: there is no cache")
        return 0
    except OSError as error:
        raise UsageError(f"{name}: {cache_directory.why(error)}; remove it by hand if it is to go") from None
    put((f"removed {name}/{scrub(file)}" for file in removed), None)
    if left:
        note(f"{name}: left, because not neonlint's: {', '.join(map(scrub, left))}")
    else:
        put([f"removed {name}"], None)
    return int(bool(left))
