"""`--error-on-unmatched`: paths of the command line that stand for no file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from neonlint.discover_listing import Discovered, relative
from neonlint.errors import UsageError


def refuse(paths: Sequence[str], found: Discovered, cwd: Path) -> None:
    """Raises UsageError where one of `paths` (relative to `cwd`; none means `cwd`) has no file, read or skipped, in
    `found`."""
    known = [*(file.path for file in found.files), *(skip.path for skip in found.skipped)]
    empty = [path for path in paths or ["."] if not any(_at(_names(path, found.root, cwd), name) for name in known)]
    if empty:
        raise UsageError(f"no file to check: {', '.join(empty)}; correct the path, or leave --error-on-unmatched out")


def _names(path: str, root: Path, cwd: Path) -> set[str]:
    """What files at or below an argument may begin with: a link as it is called, and where it leads."""
    head, tail = os.path.split(os.path.normpath(cwd / path))
    places = (os.path.realpath(cwd / path), os.path.join(os.path.realpath(head), tail))  # noqa: PTH118
    return {relative(place, str(root)) for place in places}


def _at(names: Iterable[str], file: str) -> bool:
    return any(name in (".", file) or file.startswith(f"{name}/") for name in names)
