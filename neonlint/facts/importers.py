"""Which JavaScript files of a project import a file, directly or through others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from neonlint.link import Project


def importers_of(path: str, project: Project, depth: int) -> Sequence[str]:
    """The files that import the file at `path`, directly or over at most `depth` steps, nearest first; files that were
    not parsed are not among them."""
    graph = _importers(project)
    found: dict[str, None] = {}
    waiting: Sequence[str] = (path,)
    for _ in range(depth):
        waiting = [by for at in waiting for by in graph.get(at, ()) if by != path and by not in found]
        if not waiting:
            break
        found |= dict.fromkeys(waiting)
    return tuple(found)


@lru_cache(maxsize=1)
def _importers(project: Project) -> Mapping[str, Sequence[str]]:
    """By file, the files that import it."""
    from neonlint.manifests_packages import Barrel  # noqa: PLC0415 -- imported by now, where there are any

    found: dict[str, dict[str, None]] = defaultdict(dict)
    for document in project.documents.values():
        if document.format != "javascript":
            continue
        for target in (*document.imports.values(), *document.star_imports):
            _note(found, _specifiers(target), document.path, project)
    for path, said in project.layout.items():
        for specifier in (
            (*said.stars, *(there[0] for there in said.names.values())) if isinstance(said, Barrel) else ()
        ):
            _note(found, [specifier], path, project)
    return {path: tuple(by) for path, by in found.items()}


def _note(found: dict[str, dict[str, None]], names: Sequence[str], path: str, project: Project) -> None:
    """Take down that the file at `path` imports what the first of `names` means that is a file of the project."""
    file = next((f for name in names if (f := project.modules.file_of(name, path)) is not None), None)
    if file is not None and file != path:
        found[file][path] = None


def _specifiers(target: str) -> list[str]:
    """What may be the module in a dotted import (`./db.pool`, `@/lib/db`), the longest first."""
    start = target.rfind("/") + 1
    names = [target]
    end = len(target)
    while (end := target.rfind(".", start, end)) > start:
        names.append(target[:end])
    return names
