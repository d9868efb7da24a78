"""The files of a project as git has them, in the index or in a commit, in the place of those in the work tree.

git is asked about names and objects only. To compare with the work tree it might run filters that the configuration of
a repository names, so that is done here: a file whose bytes have the name that git has for it is read where it lies.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from neonlint import discover, discover_git, discover_objects
from neonlint.config import Config
from neonlint.discover_listing import FoundFile, Listing, relative
from neonlint.discover_unchanged import Notes
from neonlint.errors import UsageError
from neonlint.ir.findings import Skip

_UNMERGED = "U"


class Entry(NamedTuple):
    """A file in git: its path from the top of the work tree, mode, object, and the letter of what happened to it."""

    path: str
    mode: str
    name: str
    status: str = "A"


class Snapshot(Mapping[str, bytes | Skip]):
    """The bytes of files by path relative to `root`, or why they are not read; each is read when it is asked for. None
    are given (KeyError) for a file of the work tree that is known to be the same. `top` is the top of the work tree."""

    def __init__(self, top: str, root: Path, config: Config) -> None:
        self.top, self.root, self._config = top, root, config
        self._inner = relative(str(root), top)
        self._entries: dict[str, Entry] = {}
        self._notes: Notes | None = None
        self._objects = discover_objects.Objects(self.top)

    def __getitem__(self, path: str) -> bytes | Skip:
        if (found := self.get(path)) is None:
            raise KeyError(path)
        return found

    def get(self, path: str, default: None = None) -> bytes | Skip | None:  # type: ignore[override]
        """The same, without an exception for each of the files that are not given."""
        if path not in self:
            return default
        entry = self._entries[path]
        limit = discover.limit_of(path, self._config)
        here = discover.read(self.root, FoundFile(path), limit)
        if isinstance(here, bytes) and discover_objects.name_of(here, like=entry.name) == entry.name:
            return here
        return self._objects.read(entry.name, path, limit)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, path: object) -> bool:
        entry = self._entries.get(path) if isinstance(path, str) else None
        if entry is None:
            return False
        return self._notes is None or not self._notes.vouch_for(entry.path, entry.mode, entry.name)

    def take(self, entries: Iterable[Entry], wanted: Callable[[str], bool], into: Listing) -> None:
        """Take in those whose path is `wanted`; `into` hears of files, and of what is none."""
        for entry in entries:
            path = self._path(entry.path)
            if not wanted(path):
                continue
            if (reason := _no_file(entry, path)) is not None:
                into.skipped.append(reason)
                continue
            self._entries[path] = entry
            into.files[path] = FoundFile(path, tracked=True)

    def take_project(self, entries: Iterable[Entry], index: str | None = None) -> list[FoundFile]:
        """Take in what lies in the project, and list it with the git-ignored environment files there, which only the
        work tree has. `index` is git's, where that is not the repository's own. Raises OSError, SubprocessError."""
        notes = Notes(self.top, index)
        listing = Listing.of(self.root, self._config)
        self.take(entries, lambda path: not path.startswith("../") and listing.keeps(path), listing)
        if listing.scan_ignored_env:
            discover_git.search_ignored(listing.root, listing)
            listing.settle_links()
        notes.take()
        self._notes = notes
        return list(listing.files.values())

    def _path(self, path: str) -> str:
        """A path from the top of the work tree, relative to the root instead."""
        if self._inner == ".":
            return path
        if path.startswith(f"{self._inner}/"):
            return path[len(self._inner) + 1 :]
        return relative(os.path.join(self.top, path), str(self.root))  # noqa: PTH118 -- runs for every file


def work_tree(root: Path, flag: str) -> str:
    """The top of the work tree around `root`. Raises UsageError in the name of `flag`."""
    if (top := discover_git.top(os.path.realpath(root))) is None:
        raise UsageError(f"{flag} asks git, and {root} is in no git repository; leave {flag} out")
    return top


def refusal(flag: str, error: OSError | subprocess.SubprocessError) -> UsageError:
    """What to say where git failed."""
    return UsageError(f"{flag}: git could not be asked ({discover_git.cause(error)})")


def _no_file(entry: Entry, path: str) -> Skip | None:
    if entry.status == _UNMERGED:
        return Skip(path, "unmerged", "a merge conflict; resolve it and stage the file")
    if entry.mode == discover_git.REPOSITORY:
        return discover_git.repository(path)
    if entry.mode == discover_git.LINK:
        return Skip(path, "not-regular", "a symbolic link; what it leads to is checked under its own name")
    return None


def listed(place: str, arguments: Sequence[str], index: str | None = None) -> Iterator[Entry]:
    """What a `git … --raw -z` command lists; a renamed file by its new path, as it was. Raises OSError,
    SubprocessError.

    A file is `:<mode> <mode> <object> <object> <status>`, then its path; one that was renamed has two, old and new.
    """
    words = iter(discover_git.finish(discover_git.start(place, arguments, index=index)))
    for word in words:
        mode_before, mode, before, name, status = word.lstrip(":").split(" ")
        path = next(words)
        if status.startswith("R"):
            yield Entry(next(words), mode_before, before, "R")
        else:
            yield Entry(path, mode, name, status)
