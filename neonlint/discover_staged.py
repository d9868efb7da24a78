"""`--staged`: the files of the next commit, as they will be in it. Knows git's index, not what is inside files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from neonlint import discover, discover_git, discover_objects
from neonlint.config import Config
from neonlint.discover_listing import Discovered, FoundFile, Listing, relative
from neonlint.discover_snapshot import Entry, Snapshot, listed, refusal, work_tree

_INDEX = "GIT_INDEX_FILE"
#: Everything that differs from a tree. A file of `git add --intent-to-add` is not in the commit.
_DIFFERING = (
    *("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--diff-filter=ACMRTU"),
    *("--ita-invisible-in-index", "--ignore-submodules=dirty", "--no-ext-diff", "--no-textconv", "--end-of-options"),
)
_HEAD = ("rev-parse", "--verify", "--quiet", "HEAD^{tree}")
_EMPTY = ("hash-object", "-t", "tree", "--stdin")


class Staged(NamedTuple):
    """What a run on the index reads: the staged `files`, the bytes of everything in it, and the `rest` of the project
    when it is asked for."""

    files: Discovered
    snapshot: Snapshot
    rest: Callable[[], Sequence[FoundFile]]


def discover_staged(
    paths: Sequence[str], config: Config, *, root: Path, cwd: Path, force_exclude: bool = False
) -> Staged:
    """The files below `paths` (relative to `cwd`; none means `cwd` itself) that differ in the index from HEAD; in a
    repository without commits all that are in it. Raises UsageError where git cannot say."""
    listing = Listing.of(root, config)
    snapshot = Snapshot(work_tree(root, "--staged"), Path(listing.root), config)
    index = _index(snapshot.top, listing)
    wanted = _below([discover.absolute(cwd, path) for path in paths or ["."]], listing, force_exclude)
    try:
        head = _head(snapshot.top)
        snapshot.take(_entries(snapshot.top, head, index), wanted, listing)
    except (OSError, subprocess.SubprocessError) as error:
        raise refusal("--staged", error) from None

    def rest() -> Sequence[FoundFile]:
        empty = discover_objects.name_of(b"", head, "tree")
        try:
            return snapshot.take_project(_entries(snapshot.top, empty, index), index)
        except (OSError, subprocess.SubprocessError) as error:
            raise refusal("--staged", error) from None

    files = [listing.files[path] for path in sorted(listing.files)]
    return Staged(Discovered(snapshot.root, files, listing.skipped, listing.notes), snapshot, rest)


def _entries(place: str, tree: str, index: str | None) -> Iterator[Entry]:
    """The files of the index that `tree` does not have like that."""
    return listed(place, (*_DIFFERING, tree), index)


def _head(place: str) -> str:
    """The tree of HEAD; the empty one before the first commit."""
    said = discover_git.said(discover_git.start(place, _HEAD), good=(0, 1))
    return said.decode("ascii").strip() or discover_git.said(discover_git.start(place, _EMPTY)).decode("ascii").strip()


def _below(places: Sequence[str], listing: Listing, force_exclude: bool) -> Callable[[str], bool]:
    """Whether a path (relative to the root) is one of `places`, or lies below one and is not excluded."""
    names = {relative(place, listing.root) for place in places}

    def wanted(path: str) -> bool:
        if path in names:
            return not force_exclude or listing.keeps(path)
        return any(_is_below(path, name) for name in names) and listing.keeps(path)

    return wanted


def _is_below(path: str, name: str) -> bool:
    return not path.startswith("../") if name == "." else path.startswith(f"{name}/")


def _index(place: str, listing: Listing) -> str | None:
    """The index that a commit is made of, where that is another than the repository's own.

    A hook of `git commit --all` and `git commit FILE` finds it in the environment. That counts if it lies in this
    repository: a hook may also check another one.
    """
    named = os.environ.get(_INDEX)
    if not named:
        return None
    try:
        said = discover_git.said(discover_git.start(place, ("rev-parse", "--absolute-git-dir")))
    except (OSError, subprocess.SubprocessError):
        return None  # the next command fails in the same way, and says so
    file = os.path.realpath(os.path.join(place, named))  # noqa: PTH118 -- git takes it from the top of the work tree
    if os.path.dirname(file) == os.path.realpath(os.fsdecode(said).removesuffix("\n")):  # noqa: PTH120
        return file
    listing.notes.append(f"{_INDEX} names an index outside of this repository; the repository's own was checked")
    return None
