"""`--staged`: a run on what the next commit will hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neonlint import discover, discover_staged
from neonlint.config import Config
from neonlint.session import Session


def open_staged(paths: Sequence[str], config: Config, cwd: Path, *, force_exclude: bool = False) -> Session:
    """Find what is staged below `paths` (relative to `cwd`), which is judged as the next commit will have it, with the
    rest of that commit as its context. Configuration and baseline are those of the work tree. Raises UsageError."""
    root = discover.project_root(discover.start_directory(paths, cwd))
    staged = discover_staged.discover_staged(paths, config, root=root, cwd=cwd, force_exclude=force_exclude)
    return Session(config, staged.files, staged.snapshot, whole=False, rest=staged.rest)
