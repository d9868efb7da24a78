"""`--diff-base`: the commit that a branch began at, and the files as they were then."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from neonlint import discover_git
from neonlint.config import Config
from neonlint.discover_listing import FoundFile
from neonlint.discover_snapshot import Entry, Snapshot, listed, refusal, work_tree
from neonlint.errors import UsageError

_FLAG = "--diff-base"
_COMMIT = ("rev-parse", "--verify", "--quiet", "--end-of-options")
_SHALLOW = ("rev-parse", "--is-shallow-repository")
_FILES = ("ls-tree", "-r", "-z", "--full-tree", "--end-of-options")
#: What the index has under another name. More files than this are compared by their objects' names only.
_RENAMED = (
    *("diff-index", "--cached", "--raw", "-z", "-M", "-l400", "--no-abbrev", "--diff-filter=R"),
    *("--ignore-submodules=dirty", "--no-ext-diff", "--no-textconv", "--end-of-options"),
)
_FETCH = "fetch it first (`git fetch origin NAME`; for actions/checkout `fetch-depth: 0`)"
_DEEPEN = "get its history first (`git fetch --unshallow`; for actions/checkout `fetch-depth: 0`)"


def merge_base(root: Path, ref: str) -> str:
    """The commit from which HEAD and `ref` went apart, in the repository around `root`. Raises UsageError."""
    top = work_tree(root, _FLAG)
    try:
        return _merge_base(top, ref)
    except (OSError, subprocess.SubprocessError) as error:
        raise refusal(_FLAG, error) from None


def files_at(commit: str, root: Path, config: Config) -> tuple[Snapshot, list[FoundFile]]:
    """The project as it was at `commit`: a file that was renamed since then under both names. Git-ignored environment
    files are those of today. Raises UsageError."""
    snapshot = Snapshot(work_tree(root, _FLAG), root, config)
    try:
        return snapshot, snapshot.take_project(_entries(snapshot.top, commit))
    except (OSError, subprocess.SubprocessError) as error:
        raise refusal(_FLAG, error) from None


def _entries(place: str, commit: str) -> Iterator[Entry]:
    """A line of `ls-tree` is `<mode> <type> <object>\\t<path>`."""
    for line in discover_git.finish(discover_git.start(place, (*_FILES, commit))):
        told, _, path = line.partition("\t")
        mode, _, name = told.split(" ")
        yield Entry(path, mode, name)
    yield from listed(place, (*_RENAMED, commit))


def _merge_base(top: str, ref: str) -> str:
    other, head = (_asked(top, (*_COMMIT, f"{name}^{{commit}}")) for name in (ref, "HEAD"))
    if not head:
        raise UsageError(f"{_FLAG}: nothing was committed here yet, so everything is new; leave {_FLAG} out")
    if not other.isalnum():  # ranges are several, or begin with a sign
        raise UsageError(f"{_FLAG}: git has no commit `{ref}` here; correct the name, or {_FETCH}")
    if base := _asked(top, ("merge-base", head, other)):
        return base
    if _asked(top, _SHALLOW) == "true":
        raise UsageError(f"{_FLAG}: this clone is too shallow to tell where HEAD and `{ref}` went apart; {_DEEPEN}")
    raise UsageError(f"{_FLAG}: HEAD and `{ref}` have no commit in common; name a branch that HEAD was made from")


def _asked(place: str, arguments: tuple[str, ...]) -> str:
    """The one line that git says; "" where there is none to say (exit status 1)."""
    return os.fsdecode(discover_git.said(discover_git.start(place, arguments), good=(0, 1))).strip()
