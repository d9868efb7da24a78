"""What a name that a JavaScript file imports from another file of the project stands for.

A specifier is resolved as bundlers and TypeScript do it (relative, `paths` and `baseUrl` of a tsconfig, `#imports`,
packages of the workspace), over the list of files alone. Nothing is run.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from neonlint.ir.model import Extract
from neonlint.ir.source import Document, Ref, Span, Table, Value
from neonlint.link_roots import Roots
from neonlint.manifests_packages import Barrel, Layout, PathMap

_SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".svelte", ".vue", ".astro", ".json")
#: TypeScript's sources are imported by the name of what they are compiled to.
_COMPILED = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
#: Where frameworks put the root of their alias, if no tsconfig says so: Next.js, Vite, Nuxt, SvelteKit.
_ALIASES = {
    "@/": ("src/", "", "app/"), "~/": ("src/", "app/", ""), "@@/": ("",), "~~/": ("",), "$lib/": ("src/lib/",),
    "src/": ("src/",),
}  # fmt: skip
#: Folders of build output, which is in no repository, and where its source lies.
_BUILT = ("dist", "build", "lib", "out")
_DEPTH = 10


class Found(NamedTuple):
    """A value that another file exports, with the place of its name; `path` is the file that it is written in."""

    value: Value
    path: str
    document: Document
    span: Span


class Modules:
    """The files of a project by how they name each other."""

    def __init__(
        self, paths: frozenset[str], layout: Mapping[str, Layout], extracts: Sequence[Extract], roots: Roots
    ) -> None:
        self._paths = paths
        self._layout = layout
        self._roots = roots
        self._documents = {extract.document.path: extract.document for extract in extracts}
        self._files: dict[tuple[str, str], str | None] = {}
        self._found: dict[tuple[str, str], Found | None] = {}
        self._seen: set[tuple[str, str]] = set()  # of one search: files may pass on each other's exports

    def find(self, name: str, path: str) -> Found | None:
        """What the dotted name of a `Ref` (`./db.pool`, `@/env.env.DATABASE_URL`, `pool`) is to the file at `path`."""
        key = (posixpath.dirname(path) if "/" in name else path, name)
        if key not in self._found:
            self._seen.clear()
            self._found[key] = self._find(name, path, 0)
        return self._found[key]

    def _find(self, name: str, path: str, depth: int) -> Found | None:
        if depth > _DEPTH:
            return None
        if "/" not in name and (found := self._own(name.split("."), path, depth + 1)) is not None:
            return found
        for specifier, rest in _splits(name):
            file = self.file_of(specifier, path)
            if file is not None:
                return self._exported(file, rest, depth + 1) if file != path else None
        return None

    def _own(self, words: Sequence[str], path: str, depth: int) -> Found | None:
        """A name of the file's own top level, and what lies in it."""
        document = self._documents.get(path)
        if document is None or document.root is None or document.format not in ("javascript", "json"):
            return None
        entry = document.root.entry(words[0])
        if entry is None:
            return None
        return self._into(Found(entry.value, path, document, entry.key_span), words[1:], words[0], depth)

    def _into(self, found: Found, words: Sequence[str], name: str, depth: int) -> Found | None:
        """What a dotted name leads to inside a value."""
        value = found.value
        if isinstance(value, Ref):
            return self._find(".".join((value.name, *words)), found.path, depth) if value.name != name else None
        if not words:
            return found
        if not isinstance(value, Table):
            return None
        entry = value.entry(words[0])
        if entry is None:
            return None
        return self._into(found._replace(value=entry.value, span=entry.key_span), words[1:], "", depth)

    def _exported(self, path: str, rest: str, depth: int) -> Found | None:
        """What `rest` of a file is: one of its exports, a member of its default export, or passed on from elsewhere."""
        if depth > _DEPTH or (path, rest) in self._seen:
            return None
        self._seen.add((path, rest))
        words = rest.split(".") if rest else []
        if path.endswith(".json"):
            document = self._documents.get(path)
            if document is None or document.root is None:
                return None
            return self._into(Found(document.root, path, document, document.root.span), words, "", depth)
        for own in ([words] if words else []) + [["default", *words]]:
            if (found := self._own(own, path, depth)) is not None:
                return found
        return self._passed_on(path, words, depth)

    def _passed_on(self, path: str, words: Sequence[str], depth: int) -> Found | None:
        said = self._layout.get(path)
        stars: Sequence[str] = ()
        if isinstance(said, Barrel):
            stars = said.stars
            if (there := said.names.get(words[0] if words else "default")) is not None:
                name = ".".join(word for word in (there[0], there[1], *words[1:]) if word and word != "default")
                return self._find(name, path, depth)
        elif path in self._documents:
            stars = self._documents[path].star_imports
        for specifier in stars if words else ():
            file = self.file_of(specifier, path)
            found = self._exported(file, ".".join(words), depth + 1) if file not in (None, path) and file else None
            if found is not None:
                return found
        return None

    # --- which file a specifier means ---

    def file_of(self, specifier: str, path: str) -> str | None:
        """The file of the project that `specifier` means to the file at `path`; None for packages from elsewhere."""
        folder = posixpath.dirname(path)
        key = (folder, specifier)
        if key not in self._files:
            places = self._places(specifier, folder)
            self._files[key] = next((file for place in places if (file := self._file_at(place)) is not None), None)
        return self._files[key]

    def _places(self, specifier: str, folder: str) -> Iterator[str]:
        """The paths without suffix that a specifier may mean, in the order in which they are tried."""
        if specifier.startswith("."):
            yield posixpath.join(folder, specifier)
            return
        yield from self._by_imports(specifier, folder)
        yield from self._by_path_maps(specifier, folder)
        yield from self._by_package(specifier)
        for prefix, targets in _ALIASES.items():
            if specifier.startswith(prefix):
                for root in self._roots.above(folder):
                    yield from (posixpath.join(root, target, specifier[len(prefix) :]) for target in targets)

    def _by_imports(self, specifier: str, folder: str) -> Iterator[str]:
        for root in self._roots.above(folder):
            if (package := self._roots.packages.get(root)) is not None and package.imports:
                yield from (posixpath.join(root, target) for target in _matches(package.imports, specifier))
                return

    def _by_package(self, specifier: str) -> Iterator[str]:
        words = specifier.split("/")
        name = "/".join(words[: 2 if specifier.startswith("@") else 1])
        root = self._roots.by_name.get(name)
        if root is None:
            return
        package, inside = self._roots.packages[root], specifier[len(name) :].strip("/")
        targets = list(_matches(package.exports, f"./{inside}" if inside else "."))
        if not inside:
            targets += [*package.main, "src/index", "index"]
        for target in [*targets, *([inside, f"src/{inside}"] if inside else [])]:
            yield posixpath.join(root, target)
            first, _, rest = target.removeprefix("./").partition("/")
            if first in _BUILT:
                source = posixpath.splitext(rest.removesuffix(".d.ts"))[0]
                yield from (posixpath.join(root, "src", source), posixpath.join(root, source))

    # --- tsconfig.json ---

    @cached_property
    def _maps(self) -> Mapping[str, tuple[str, ...]]:
        """The path maps by directory, tsconfig.json first."""
        found: dict[str, list[str]] = {}
        for path, said in self._layout.items():
            if isinstance(said, PathMap):
                found.setdefault(posixpath.dirname(path), []).append(path)
        return {at: tuple(sorted(paths, key=_plain_first)) for at, paths in found.items()}

    def _by_path_maps(self, specifier: str, folder: str) -> Iterator[str]:
        while True:
            for path in self._maps.get(folder, ()):
                yield from self._by_path_map(specifier, path, 0)
            if not folder:
                return
            folder = posixpath.dirname(folder)

    def _by_path_map(self, specifier: str, path: str, depth: int) -> Iterator[str]:
        said = self._layout.get(path)
        if not isinstance(said, PathMap) or depth > _DEPTH:
            return
        folder = posixpath.dirname(path)
        base = posixpath.join(folder, said.base or "")
        yield from (posixpath.join(base, target) for target in _matches(said.paths, specifier))
        if said.base is not None:
            yield posixpath.join(base, specifier)
        for parent in said.extends:
            if (there := self._parent(parent, folder)) is not None and there != path:
                yield from self._by_path_map(specifier, there, depth + 1)

    def _parent(self, parent: str, folder: str) -> str | None:
        if parent.startswith("."):
            place = posixpath.normpath(posixpath.join(folder, parent))
            return next((p for p in (place, f"{place}.json", f"{place}/tsconfig.json") if p in self._layout), None)
        words = parent.split("/")
        name = "/".join(words[: 2 if parent.startswith("@") else 1])
        root = self._roots.by_name.get(name)
        return None if root is None else posixpath.join(root, parent[len(name) :].strip("/") or "tsconfig.json")

    def _file_at(self, place: str) -> str | None:
        """The file that a path means, with the suffix that is left out, or in the folder of that name."""
        place = posixpath.normpath(place)
        if place.startswith("../") or place.startswith("/"):
            return None
        if place in ("", "."):
            place = ""
        elif place in self._paths and place.endswith(_SUFFIXES):
            return place
        stem, suffix = posixpath.splitext(place)
        tried = [stem + other for other in _COMPILED.get(suffix, ())]
        tried += [place + other for other in _SUFFIXES] if place else []
        tried += [posixpath.join(place, "index" + other) for other in _SUFFIXES]
        return next((path for path in tried if path in self._paths), None)


def _plain_first(path: str) -> tuple[bool, str]:
    """The order of the path maps of one directory: `tsconfig.app.json` speaks for some of its files only."""
    return posixpath.basename(path) not in ("tsconfig.json", "jsconfig.json"), path


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """A dotted name as specifier and what is taken from that module, the longest specifier first."""
    start = name.rfind("/") + 1
    yield name, ""
    end = len(name)
    while (end := name.rfind(".", start, end)) > start:
        yield name[:end], name[end + 1 :]


def _matches(patterns: Mapping[str, tuple[str, ...]], specifier: str) -> Iterator[str]:
    """The targets of the pattern that fits a specifier; of several, the one with the longest part before its `*`."""
    if specifier in patterns:
        yield from patterns[specifier]
        return
    fitting = [
        (len(before), targets, specifier[len(before) : len(specifier) - len(after)])
        for pattern, targets in patterns.items()
        for before, star, after in [pattern.partition("*")]
        if star and len(specifier) >= len(before) + len(after)
        and specifier.startswith(before) and specifier.endswith(after)
    ]  # fmt: skip
    if fitting:
        _, targets, held = max(fitting, key=lambda item: item[0])
        yield from (target.replace("*", held) for target in targets)
