"""The whole project around the files of a run, and which of its files are worth reading. Knows names and bytes, no
format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from neonlint import discover_git
from neonlint.config import Config
from neonlint.discover import FoundFile, discover


class Around(NamedTuple):
    """Every file of a project; `silent` are those whose bytes cannot matter, which need not be read."""

    files: Sequence[FoundFile]
    silent: frozenset[str] = frozenset()


def around(root: Path, config: Config, by_name: Callable[[str], bool], words: Sequence[bytes]) -> Around:
    """The project at `root`. A file matters if `by_name` says so of its path, or if it holds one of `words` in upper or
    lower case: of many files git looks for them while the names are still being sorted, several times as fast as we."""
    search = discover_git.Search.start(root, words) if discover_git.holds_many(str(root)) else None
    try:
        found = discover([str(root)], config, root=root)
        if search is None or (holding := search.names()) is None:
            return Around(found.files)
    finally:
        if search is not None:
            search.close()
    silent = (
        f.path for f in found.files if f.path not in holding and f.path not in found.links and not by_name(f.path)
    )
    return Around(found.files, frozenset(silent))
