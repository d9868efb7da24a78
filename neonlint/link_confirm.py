"""Whether a project has the program that a file only seems to be for: `DB_CLIENT` is Directus' and others'."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from neonlint.extract_commands_words import text_of
from neonlint.ir.model import Client, Command
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.link import Project

_DIRECTUS_IMAGE = regex(rb"(?:\bimage:|^FROM)[ \t]+[\"']?(?:[\w.\-]+/){0,3}directus/directus(?![\w\-])", 0x08)
_CONFIG_FILE = ("-f", "--config-file")
_VARIABLE = ("-d", "--database-url-var")


def confirmed(project: Project, client: Client) -> bool:
    """Whether the program that a client needs is seen in the packages at or above it."""
    if client.only_with == "directus":
        return _runs_directus(project, client.document.path)
    return _migrates(project, client)


def _runs_directus(project: Project, path: str) -> bool:
    if any(project.names_distribution(name, path, "npm") for name in ("directus", "@directus/api")):
        return True
    above = set(project.roots_above(path))
    images = (d for d in project.documents_naming("directus/directus") if project.root_of(d.path) in above)
    if any(d.format in ("yaml", "dockerfile") and _DIRECTUS_IMAGE.search(d.data) for d in images):
        return True
    return any(project.root_of(command.document.path) in above for command in _commands(project, "directus"))


def _migrates(project: Project, client: Client) -> bool:
    """Whether node-pg-migrate reads a file, and before it no variable of the environment but `DATABASE_URL`."""
    path = client.document.path
    if not project.names_distribution("node-pg-migrate", path, "npm"):
        return False
    root = project.root_of(path)
    commands = [c for c in _commands(project, "node-pg-migrate") if project.root_of(c.document.path) == root]
    if any(_flag(command, _VARIABLE) for command in commands):
        return False
    if client.fields is not None and project.definitions_of("DATABASE_URL", path):
        return False
    named = {posixpath.normpath(posixpath.join(root, given)) for c in commands if (given := _flag(c, _CONFIG_FILE))}
    by_package = posixpath.dirname(path) == posixpath.join(root, "config") and client.document.root is not None
    if by_package and client.document.root is not None and client.document.root.entry("db") is not None:
        return path in named or project.names_distribution("config", path, "npm")
    return path in named


def _commands(project: Project, tool: str) -> Iterator[Command]:
    return (command for extract in project.extracts for command in extract.commands if command.tool == tool)


def _flag(command: Command, names: tuple[str, ...]) -> str | None:
    """The value of a flag among a command's words."""
    words = [text_of(word) or "" for word in command.shell.words]
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else words[number + 1] if number + 1 < len(words) else None
    return None
