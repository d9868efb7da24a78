"""What a search for files collects. Knows neither git nor directories."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from neonlint.config import Config
from neonlint.formats.claims import format_of
from neonlint.ir.findings import Skip
from neonlint.records import dataclass, field


class FoundFile(NamedTuple):
    """A file to read. `tracked` is None where no git can say; `ignored_env` marks a git-ignored environment file."""

    path: str
    tracked: bool | None = None
    ignored_env: bool = False


class Discovered(NamedTuple):
    """What a run reads, sorted by path; what it found and leaves unread; and what its user should know (`notes`)."""

    root: Path
    files: Sequence[FoundFile]
    skipped: Sequence[Skip] = ()
    notes: Sequence[str] = ()


@dataclass(slots=True, eq=False, repr=False)
class Listing:
    """What is found, while it is being found. `root` is a real path; `links` wait until every other path is known."""

    root: str
    scan_ignored_env: bool = True
    excluded: Callable[[str], bool] | None = None
    files: dict[str, FoundFile] = field(default_factory=dict)
    links: dict[str, FoundFile] = field(default_factory=dict)
    skipped: list[Skip] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, root: Path, config: Config) -> Listing:
        """An empty listing for one run."""
        real = os.path.realpath(root)
        return cls(real, config.scan_ignored_env, config.excludes(Path(real)))

    def keeps(self, path: str) -> bool:
        """Whether no pattern excludes `path` (relative to the root)."""
        return self.excluded is None or not self.excluded(path)

    def where(self, path: str) -> str:
        """The absolute path of a relative one."""
        return os.path.join(self.root, path)  # noqa: PTH118 -- runs for every file; a Path costs 5 microseconds

    def add(self, found: FoundFile, link: bool) -> None:
        """Take a file, or a symbolic link to be judged later."""
        (self.links if link else self.files)[found.path] = found

    def settle_links(self) -> None:
        """Drop links to what is listed anyway; report those that lead out of the root or nowhere."""
        for path, found in self.links.items():
            target = os.path.realpath(self.where(path))
            if not inside(target, self.root):
                self.skipped.append(outside(path))
            elif not os.path.lexists(target):
                self.skipped.append(Skip(path, "not-regular", "a symbolic link to nothing"))
            elif relative(target, self.root) not in self.files and not Path(target).is_dir():
                self.files[path] = found


def is_env(path: str) -> bool:
    """Whether a name is one of those under which people keep what they do not commit."""
    return format_of(path) == "dotenv"


def outside(path: str) -> Skip:
    """The report of a link out of the project."""
    return Skip(path, "outside-root", "a symbolic link to a place outside the project")


def relative(path: str, root: str) -> str:
    """An absolute path as it is reported: relative to `root`, with forward slashes."""
    return os.path.relpath(path, root).replace(os.sep, "/")


def inside(path: str, root: str) -> bool:
    """Whether an absolute path is `root` or lies below it."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
