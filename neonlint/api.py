"""neonlint as a library: the same runs as the command line, without its output."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from neonlint import session

if TYPE_CHECKING:
    from neonlint.config import Config
    from neonlint.ir.findings import Report

__all__ = ["check", "fix"]


def check(paths: Iterable[str | os.PathLike[str]] = (), *, config: Config | None = None) -> Report:
    """Check files and directories (none: the current directory) and change nothing.

    `config` None means the nearest configuration file, as on the command line. Paths in the report are relative to the
    project root, with forward slashes; its spans are byte offsets. Raises UsageError, and ConfigError for a
    configuration that cannot be used; files that cannot be read are in `Report.skipped`.
    """
    return session.judge(_open(paths, config)).report


def fix(paths: Iterable[str | os.PathLike[str]] = (), *, unsafe: bool = False, config: Config | None = None) -> Report:
    """Repair files in place; with `unsafe` also where a repair may change what the program does.

    `Report.fixed` holds what was repaired and `Report.findings` what is left; files that were refused (hard links,
    read-only, changed meanwhile) are in `Report.skipped`. Raises as `check` does.
    """
    return session.repair(_open(paths, config), "unsafe" if unsafe else "safe")


def _open(paths: Iterable[str | os.PathLike[str]], config: Config | None) -> session.Session:
    names, cwd = [os.fspath(path) for path in paths], Path.cwd()
    return session.open_session(names, config or session.settings(names, cwd), cwd)
