"""The packages of a project: their root directories, and which of them use which. Knows names of files, no contents
beyond what manifests say."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neonlint.manifests_packages import Layout, Package

#: A directory with one of these is a package root: what names requirements, and what is deployed by itself.
_ROOT_FILES = {
    "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "package.json", "manage.py", "go.mod",
    "Cargo.toml", "deno.json", "deno.jsonc", "wrangler.toml", "wrangler.json", "wrangler.jsonc", "pnpm-workspace.yaml",
}  # fmt: skip
#: Nx gives each application one of these, often without a package.json; elsewhere the name means anything.
_NX, _NX_PROJECT = "nx.json", "project.json"


class Roots:
    """The package roots of a project, "" being its own."""

    def __init__(self, paths: frozenset[str], layout: Mapping[str, Layout]) -> None:
        self._paths = paths
        self._layout = layout
        self._nearest: dict[str, str] = {}  # by directory

    @cached_property
    def every(self) -> frozenset[str]:
        """The directories that are package roots."""
        names = _ROOT_FILES | {_NX_PROJECT} if _NX in self._paths else _ROOT_FILES
        return frozenset({""} | {posixpath.dirname(p) for p in self._paths if p.rpartition("/")[2] in names})

    def above(self, folder: str) -> Iterator[str]:
        """The package roots at and above a directory, nearest first."""
        while folder:
            if folder in self.every:
                yield folder
            folder = posixpath.dirname(folder)
        yield ""

    def of(self, path: str) -> str:
        """The nearest package root at or above a file."""
        folder = posixpath.dirname(path)
        if folder not in self._nearest:
            self._nearest[folder] = next(self.above(folder))
        return self._nearest[folder]

    @cached_property
    def packages(self) -> Mapping[str, Package]:
        """By root, what its manifest says of it; `package.json` where there are several."""
        from neonlint.manifests_packages import Package  # noqa: PLC0415 -- imported by now, where there are any

        found: dict[str, Package] = {}
        for path, said in sorted(self._layout.items(), key=lambda item: item[0].endswith("package.json")):
            if isinstance(said, Package):
                found[posixpath.dirname(path)] = said
        return found

    @cached_property
    def by_name(self) -> Mapping[str, str]:
        """The root of the package of each name; of two of one name, the one nearest to the top."""
        found: dict[str, str] = {}
        for root in sorted(self.packages, key=lambda root: (root.count("/"), root)):
            if name := self.packages[root].name:
                found.setdefault(name, root)
        return found

    @cached_property
    def _users(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for root, package in self.packages.items():
            for name in package.dependencies:
                if (used := self.by_name.get(name)) is not None and used != root:
                    found[used].append(root)
        return {root: tuple(sorted(users)) for root, users in found.items()}

    def users(self, root: str) -> tuple[str, ...]:
        """The roots of the packages that depend on the one at `root`, directly or through others; nearest first."""
        if not self._layout:
            return ()
        found: dict[str, None] = {}
        waiting = [root]
        while waiting:
            nearer = [user for at in waiting for user in self._users.get(at, ()) if user not in found and user != root]
            found |= dict.fromkeys(nearer)
            waiting = nearer
        return tuple(found)
