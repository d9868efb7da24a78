"""What was read of the files that no editor has open, kept from check to check for as long as they are what they were.

A file is taken for unchanged if its size, its times, its inode and its device are the same. Whoever writes a file
changes one of these, unless it is within one tick of the clock; so one that changed just now is read again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine_files import Files, read_all
from neonlint.ir.findings import FATAL
from neonlint.means import Means

#: Nanoseconds after which a time stamp tells any two writes apart; file systems count in up to two seconds.
_TICK = 2_000_000_000
_T = TypeVar("_T")
#: One process: this one has threads, with which no copy of it would be safe.
_MEANS = Means(jobs=1)


class Mark(NamedTuple):
    """What a file that was not written since has kept. Times are in nanoseconds."""

    modified: int
    changed: int
    size: int
    inode: int
    device: int


class Remembered:
    """The files of one project. `read` is for `Means.around`."""

    def __init__(self) -> None:
        self._limit = -1
        self._marks: dict[str, Mark] = {}
        self._files = Files()

    def read(self, root: Path, files: Sequence[FoundFile], config: Config) -> Files:
        """What is in `files` (relative to `root`, always the same) now. Of `config`, the largest size counts."""
        if self._limit != config.max_file_size:
            self._limit, self._marks = config.max_file_size, {}
        base, latest = os.fspath(root), time.time_ns() - _TICK
        marks = {file.path: _mark(base, file.path) for file in files}  # before reading: what changes then is seen later
        again = [file for file in files if marks[file.path] is None or marks[file.path] != self._marks.get(file.path)]
        fresh = read_all(root, again, config, {}, _MEANS)
        self._files = _joined(files, {file.path for file in again}, self._files, fresh)
        doubtful = {skip.path for skip in fresh.skipped if skip.reason in FATAL}
        self._marks = {
            path: mark
            for path, mark in marks.items()
            if mark is not None and max(mark.modified, mark.changed) < latest and path not in doubtful
        }
        return self._files


def _mark(base: str, path: str) -> Mark | None:
    """The mark of a file, that of its target for a link; None where there is none."""
    try:
        found = os.stat(os.path.join(base, path))  # noqa: PTH116, PTH118 -- runs for every file at every check
    except OSError:
        return None
    return Mark(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev)


def _joined(files: Sequence[FoundFile], again: set[str], old: Files, new: Files) -> Files:
    """What is known of `files`, in their order: of those in `again` from `new`, of others from `old`."""

    def of(before: Mapping[str, _T], after: Mapping[str, _T]) -> dict[str, _T]:
        known = {**{path: value for path, value in before.items() if path not in again}, **after}
        return {file.path: known[file.path] for file in files if file.path in known}

    return Files(
        of(old.extracts, new.extracts),
        of(old.manifests, new.manifests),
        of(old.signs, new.signs),
        of(old.layout, new.layout),
    )
