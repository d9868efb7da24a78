"""The files below a directory that git does not know, found by walking it. Honours `.gitignore` files all the same."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neonlint import discover_git
from neonlint.discover_listing import FoundFile, Listing, is_env, relative
from neonlint.ir.findings import Skip
from neonlint.records import dataclass

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

#: A directory with this file is a virtual environment, whatever its name.
_VIRTUALENV = "pyvenv.cfg"
_GIT = ".git"


@dataclass(frozen=True, slots=True)
class _Rules:
    """One `.gitignore`: its patterns, and how many characters of a path its directory takes up."""

    spec: GitIgnoreSpec
    prefix: int


def search(place: str, listing: Listing) -> None:
    """Add every file below directory `place`. Directories that are links are never entered, so no loop is possible."""
    start = relative(place, listing.root)
    stack: list[tuple[str, tuple[_Rules, ...]]] = [("" if start == "." else start + "/", ())]
    while stack:
        prefix, rules = stack.pop()
        try:
            with os.scandir(listing.where(prefix)) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            cause = (error.strerror or type(error).__name__).lower()
            listing.skipped.append(Skip(prefix.rstrip("/") or ".", "unreadable", f"directory: {cause}"))
            continue
        names = {entry.name for entry in found}
        if prefix and (_VIRTUALENV in names or (_GIT in names and discover_git.search(listing.where(prefix), listing))):
            continue
        if ".gitignore" in names:
            rules = (*rules, *_read_rules(listing, prefix))
        stack.extend((below, rules) for below in _take(found, prefix, rules, listing))


def _take(entries: Sequence[os.DirEntry[str]], prefix: str, rules: tuple[_Rules, ...], listing: Listing) -> list[str]:
    """Add the files among `entries`; returns the directories to go into."""
    below = []
    for entry in entries:
        path = prefix + entry.name
        if entry.name == _GIT or not listing.keeps(path):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not _ignored(rules, path + "/"):
                below.append(path + "/")
            continue
        ignored = bool(rules) and _ignored(rules, path)
        if not ignored or (listing.scan_ignored_env and is_env(path)):
            listing.add(FoundFile(path, None, ignored), entry.is_symlink())
    return below


def _read_rules(listing: Listing, prefix: str) -> list[_Rules]:
    """The patterns of the `.gitignore` in a directory; none where it cannot be read."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 -- costs 20 ms, and only a .gitignore outside git needs it

    try:
        lines = Path(listing.where(prefix), ".gitignore").read_text("utf-8", "replace").splitlines()
        return [_Rules(GitIgnoreSpec.from_lines(lines), len(prefix))]
    except (OSError, ValueError):
        listing.notes.append(f"{prefix}.gitignore could not be read; nothing is ignored because of it")
        return []


def _ignored(rules: Sequence[_Rules], path: str) -> bool:
    """What git would say: the innermost file that says anything decides."""
    for rule in reversed(rules):
        verdict = rule.spec.check_file(path[rule.prefix :]).include
        if verdict is not None:
            return verdict
    return False
