"""neonlint's hook in a pre-commit configuration: whether it is there, and where to put it. Knows no other file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

import neonlint
from neonlint import init_yaml
from neonlint.errors import Refused
from neonlint.formats.yaml_nodes import Node
from neonlint.init_yaml import Yaml, column_of, line_behind, meaning, meaning_of

REPOSITORY = "https://github.com/neonlint/neonlint"
HOOK = "neonlint"
#: What the manifest of that repository offers.
HOOKS = ("neonlint", "neonlint-fix", "neonlint-all")
#: What YAML takes for text without quotes: an address, an absolute path, a version.
_PLAIN = re.compile(r"https?://[\w./@+~\-]+|/[\w./@+~\-]+|v\d[\w.]*")


class Origin(NamedTuple):
    """Where pre-commit gets neonlint: a repository, and a tag or commit of it."""

    repo: str = REPOSITORY
    rev: str = f"v{neonlint.__version__}"


class _Layout(NamedTuple):
    """How the lists of a file are written, in columns.

    `dash` is where that of a repository stands, and `gap` how far its keys stand behind it; `inner` is how far the dash
    of a hook stands behind the key `hooks`, and `inner_gap` how far its own keys stand behind that dash. `apart` says
    that there is an empty line between repositories.
    """

    dash: int = 2
    gap: int = 2
    inner: int = 2
    inner_gap: int = 2
    apart: bool = False

    def entry(self, origin: Origin) -> str:
        """The lines of our repository."""
        first, keys = " " * self.dash + "-".ljust(self.gap), " " * (self.dash + self.gap)
        hook = keys + " " * self.inner + "-".ljust(self.inner_gap)
        lines = (
            f"{first}repo: {_scalar(origin.repo)}",
            f"{keys}rev: {_scalar(origin.rev)}",
            f"{keys}hooks:",
            f"{hook}id: {HOOK}",
        )
        return "\n" * self.apart + "\n".join(lines) + "\n"


def whole(origin: Origin = Origin()) -> str:  # noqa: B008 -- an immutable value
    """A configuration with nothing but our hook."""
    return "repos:\n" + _Layout().entry(origin)


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def present(data: bytes) -> bool:
    """Whether a configuration runs one of neonlint's hooks, from wherever, or neonlint by a command of its own."""
    try:
        root = init_yaml.read(data).root
    except Refused:
        return init_yaml.names_neonlint(data)
    return root is not None and any(_is_hook(node) for node in init_yaml.walk(root))


def _is_hook(node: Node) -> bool:
    if node.shape != "mapping":
        return False
    said: Mapping[str, str] = {name.value: value.value for name, value in node.pairs()}
    return said.get("id") in HOOKS or bool(init_yaml.NAME.search(said.get("entry", "")))


def added(data: bytes, origin: Origin = Origin()) -> bytes:  # noqa: B008 -- an immutable value
    """The configuration with our hook behind all others. Raises Refused with the reason."""
    file = init_yaml.read(data)
    if file.documents > 1:
        raise Refused("it holds several documents")
    repos = file.value("repos")
    ours = meaning_of(whole(origin))
    if file.root is None:
        return file.with_lines(len(data), whole(origin), ours)
    before = meaning(file.root)
    if repos is None:
        return file.with_lines(len(data), whole(origin), before.with_more(*ours.children))
    name = next(name for name, value in file.root.pairs() if value is repos)
    if repos.shape == "alias" or file.marked(name.end, repos.start):
        raise Refused("its `repos` is an anchor, an alias or has a tag")
    if repos.shape == "scalar" and not repos.value:
        at = line_behind(file, name)
        return file.with_lines(at, _Layout().entry(origin), before.with_value("repos", ours.children[1]))
    if repos.shape != "sequence" or repos.style == "flow":
        raise Refused("its `repos` is not a list with an entry per line")
    expected = before.with_value("repos", meaning(repos).with_more(*ours.children[1].children))
    return file.with_lines(line_behind(file, repos), _layout(file, repos).entry(origin), expected)


def _layout(file: Yaml, repos: Node) -> _Layout:
    """The layout of the last repository that shows it; what it does not show is as in our own."""
    outer = [gap for child in repos.children if (gap := _gap(file, child)) is not None]
    if not outer:
        raise Refused("its `repos` is a list in a layout of its own")
    layout = _Layout(column_of(file, repos), outer[-1], apart=_apart(file, repos))
    for child in reversed(repos.children):
        for name, hooks in child.pairs() if child.shape == "mapping" and child.style == "block" else ():
            gaps = [gap for hook in hooks.children if (gap := _gap(file, hook)) is not None]
            if name.value == "hooks" and hooks.shape == "sequence" and hooks.style == "block" and gaps:
                return layout._replace(inner=column_of(file, hooks) - column_of(file, name), inner_gap=gaps[-1])
    return layout


def _gap(file: Yaml, item: Node) -> int | None:
    """How far an item stands behind its dash; None where it does not stand on the line of its dash."""
    line = file.source.text.rfind("\n", 0, item.start) + 1
    dash = re.fullmatch(r" *(- +)", file.source.text[line : item.start])
    return len(dash[1]) if dash else None


def _apart(file: Yaml, repos: Node) -> bool:
    """Whether the last two repositories have an empty line between them."""
    if len(repos.children) < 2:
        return False
    between = file.source.text[repos.children[-2].end : repos.children[-1].start]
    return re.search(r"\n[ \t\r]*\n", between) is not None
