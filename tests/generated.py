"""What the targets for other languages, desktop clients, containers and CI print, and what their drivers declare."""

from __future__ import annotations

import importlib
import itertools
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tree_sitter import Language, Node, Parser

from neonlint import generate
from neonlint.generate import Wish
from neonlint.sizing import Compute
from neonlint.targets import load
from neonlint.targets.model import PROFILES, Profile, Role, Runtime

SOURCE = "postgresql://app_user:npg_Zq8rT5vW2xYk@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/shop"
POOLED = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
DIRECT = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
#: Names that end a string, a value or an expression in one of the languages.
HOSTILE = (
    "postgresql://o%27ne%22il%3B:npg_Zq8rT5vW2xYk@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/"
    "we%22ird%3B%20%24%7B%7B%20secrets.X%20%7D%7D?application_name=a%27b%22%23%7B1%7D%5C"
)
ROLE, DATABASE, LABEL = "o'ne\"il;", 'we"ird; ${{ secrets.X }}', "a'b\"#{1}\\"
GRAMMARS = {
    ".go": ("tree_sitter_go", "language"),
    ".java": ("tree_sitter_java", "language"),
    ".cs": ("tree_sitter_c_sharp", "language"),
    ".php": ("tree_sitter_php", "language_php"),
    ".exs": ("tree_sitter_elixir", "language"),
    ".ex": ("tree_sitter_elixir", "language"),
    ".rs": ("tree_sitter_rust", "language"),
    ".rb": ("tree_sitter_ruby", "language"),
    ".erb": ("tree_sitter_embedded_template", "language"),
    ".json": ("tree_sitter_json", "language"),
}
Case = tuple[str, Profile, Runtime, Role]


def cases(*names: str) -> list[Case]:
    def each() -> Iterator[Case]:
        for name in names:
            target = load(name)
            yield from itertools.product([name], PROFILES, target.runtimes, target.roles)

    return list(each())


def files(
    name: str, profile: Profile = "baseline", role: Role | None = None, source: str | None = SOURCE
) -> dict[str, str]:
    wish = Wish(profile, None, role, Compute(0.25, 2), 4)
    return {file.path: file.text for file in generate.generate(load(name), source, wish).output.files}


def variables(
    name: str, profile: Profile = "baseline", role: Role | None = None, source: str = SOURCE
) -> dict[str, str]:
    made = generate.generate(load(name), source, Wish(profile, None, role))
    return {variable.name: variable.value for variable in made.output.variables}


def parsed(suffix: str, text: str) -> Node:
    module, function = GRAMMARS[suffix]
    parser = Parser(Language(getattr(importlib.import_module(module), function)()))
    root = parser.parse(text.encode()).root_node
    assert not root.has_error, text
    return root


def options(driver: str, *lists: str) -> set[str]:
    data = tomllib.loads((Path(__file__).parent / "targets" / "options" / f"{driver}.toml").read_text(encoding="utf-8"))
    assert all(data[name]["source"].startswith("https://github.com") for name in data)
    return {option for name in lists for option in data[name]["names"]}


def text_of(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


def within(node: Node, kind: str) -> Iterator[Node]:
    if node.type == kind:
        yield node
    for child in node.children:
        yield from within(child, kind)
