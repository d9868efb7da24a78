"""What a name of another Python module stands for: assignments by their last word, in the package that uses them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from neonlint.ir.model import Extract
from neonlint.ir.source import Document, Entry, Ref, Table
from neonlint.link_roots import Roots
from neonlint.link_values import assignments


class PythonNames:
    """The assignments of every Python file of a project."""

    def __init__(self, extracts: Sequence[Extract], roots: Roots) -> None:
        self._extracts = extracts
        self._roots = roots

    def named(self, name: str, path: str) -> Iterator[tuple[Document, Entry]]:
        """The assignments of a value to `name`, in upper or lower case, in the package of `path`."""
        root = self._roots.of(path)
        for document, entry in self._assigned.get(name.lower(), ()):
            if self._roots.of(document.path) == root and not isinstance(entry.value, Table | Ref):
                yield document, entry

    @cached_property
    def _assigned(self) -> Mapping[str, Sequence[tuple[Document, Entry]]]:
        """Module-level and class-level assignments of code files by lower-case name; class bodies first."""
        found: dict[str, list[tuple[Document, Entry]]] = defaultdict(list)
        for extract in self._extracts:
            if extract.document.format == "python" and extract.document.root is not None:
                for entry in assignments(extract.document.root):
                    found[entry.key.lower()].append((extract.document, entry))
        return found


def imports(ref: Ref, document: Document) -> bool:
    """Whether the dotted name of `ref` begins with the module that `document` is."""
    module = document.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    parts = ref.name.split(".")
    return any(
        module == ".".join(parts[:n]) or module.endswith("." + ".".join(parts[:n])) for n in range(1, len(parts))
    )
