"""Entries of the configuration that stand for nothing in a whole project. A rule that is named wrongly is an error; a
variable or path that is named wrongly would just have no effect, and nobody would hear of it.

What a configuration only `extend`s is not looked at: it may be for many projects.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from neonlint.barrier import guarded
from neonlint.config_declared import is_name
from neonlint.config_globs import anchored, matcher, within
from neonlint.config_layers import Layer
from neonlint.config_values import FLAG
from neonlint.facts import declared
from neonlint.ir.findings import Skip
from neonlint.ir.model import Extract
from neonlint.link import Project

#: The tables whose keys are path patterns; in the last two also names of variables.
TABLES = ("per-file-ignores", "roles", "runtimes")


def unused(project: Project) -> Iterator[str]:
    """What to say of each entry that no file, or no connection, client and command, goes by."""
    names = cache(partial(_names, project))
    for layer in _own(project):
        for key in TABLES:
            for written in layer.table.get(key, ()):
                if key != "per-file-ignores" and is_name(written):
                    cause = _of_name(written, names())
                else:
                    cause = _of_pattern(anchored(written, layer.base.as_posix()), project)
                if cause is not None:
                    yield f"{_seen(layer.place(key, written), project.root)}: `{key}`: `{written}` {cause}"


def _own(project: Project) -> Iterator[Layer]:
    """The project's own configuration file, and what the command line adds."""
    layers = project.config.layers
    own = [layer for layer in layers if layer.name != FLAG][-1:]
    yield from (layer for layer in own if layer.base.is_relative_to(project.root))
    yield from (layer for layer in layers if layer.name == FLAG)


def _of_pattern(pattern: str, project: Project) -> str | None:
    covers = matcher([pattern], project.root)
    if covers is None or not within(pattern, project.root) or any(map(covers, project.paths)):
        return None
    return "covers no file that is checked"


def _of_name(name: str, names: frozenset[str] | None) -> str | None:
    if names is None or name in names:
        return None
    near = difflib.get_close_matches(name, names, n=1)
    return f"is the name of no connection here{f'; did you mean `{near[0]}`?' if near else ''}"


def _names(project: Project) -> frozenset[str] | None:
    """Every name by which something can be declared; None where not all can be told."""
    found = [guarded(extract.document.path, partial(_of_extract, extract, project)) for extract in project.extracts]
    if any(isinstance(names, Skip) for names in found):
        return None
    return frozenset(name for names in found if not isinstance(names, Skip) for name in names)


def _of_extract(extract: Extract, project: Project) -> list[str]:
    return [name for subject in extract.subjects() for name in declared.names(subject, project)]


def _seen(place: str, root: str) -> str:
    return Path(os.path.relpath(place, root)).as_posix() if os.path.isabs(place) else place  # noqa: PTH117
