"""What an imported name stands for, in the words of a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neonlint.ir.findings import Reason
from neonlint.ir.source import EnvRef, Ref, Table, Value
from neonlint.link_python import imports

if TYPE_CHECKING:
    from neonlint.link import Project

Followed = tuple[Value | None, tuple[Reason, ...], str]


def in_python(project: Project, ref: Ref, path: str) -> Followed | None:
    """The first assignment to the last word of the name in the package of `path`; inferred where nothing says that it
    is the module meant."""
    last = ref.name.rsplit(".", 1)[-1]
    for document, entry in project.python_names.named(last, path):
        because = project.reason(f"`{last}` comes from", document, entry.key_span, inferred=not imports(ref, document))
        return entry.value, (because,), document.path
    return None


def in_javascript(project: Project, ref: Ref, path: str) -> Followed | None:
    """The value that the name means by the rules of modules; a table is no value of its own."""
    found = project.modules.find(ref.name, path)
    if found is None or isinstance(found.value, Table | Ref):
        return None
    if found.path == path:
        return found.value, (), path
    last = ref.name.rsplit("/", 1)[-1].rsplit(".", 1)[-1]
    because = (project.reason(f"`{last}` comes from", found.document, found.span),)
    # The process is that of the importing package: its environment answers before that of the package it imports.
    here = isinstance(found.value, EnvRef) and bool(project.definitions_of(found.value.name, path))
    return found.value, because, path if here else found.path
