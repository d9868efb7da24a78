"""Facts about a connection in an env file that commands read, and about one that ends up in an image."""

from __future__ import annotations

from neonlint.facts.answer import Answer, FactSpec, Known
from neonlint.ir.model import Connection
from neonlint.link import Project
from neonlint.regex import regex

_QUOTES = ("'", '"', "`")
_COMPOSE_ARGUMENT = regex(r"(?:^|\.)build\.args\.[^.]+$")


def _read_by(does: str, verb: str, connection: Connection, project: Project) -> Answer:
    if connection.document.format != "dotenv" or not project.has_commands:
        return Known(None)
    for command in project.commands.readers_of(connection.document, does):
        because = project.reason(f"`{command.name}` {verb} this file in", command.document, command.name_span)
        return Known(command.name, (because,))
    return Known(None)


def _docker(connection: Connection, project: Project) -> Answer:
    """The command that hands this env file to a container, which takes quotes for a part of the value."""
    return _read_by("container", "takes", connection, project)


def _sourced(connection: Connection, project: Project) -> Answer:
    """The command that has a shell read this env file."""
    return _read_by("load", "reads", connection, project)


def _quoted(connection: Connection, project: Project) -> Answer:
    """Whether the value stands in quotes."""
    return Known(connection.slot is not None and _written(connection)[:1] in _QUOTES)


def _bare_ampersand(connection: Connection, project: Project) -> Answer:
    """Whether the value stands without quotes and holds an `&`."""
    if connection.slot is None:
        return Known(False)
    return Known("&" in connection.slot.text and _written(connection)[:1] not in _QUOTES)


def _written(connection: Connection) -> str:
    span = connection.span
    return connection.document.data[span.start : span.end].decode(errors="replace")


def _image(connection: Connection, project: Project) -> Answer:
    """What puts it into an image: a Dockerfile, or a build argument of Compose."""
    if connection.document.format == "dockerfile":
        return Known("dockerfile")
    if connection.document.format == "yaml" and _COMPOSE_ARGUMENT.search(connection.key):
        return Known("build argument")
    return Known(None)


FILES: tuple[FactSpec, ...] = (
    FactSpec(
        "file.docker_env",
        "str",
        "The command that hands this env file to a container as it is.",
        _docker,
        optional=True,
    ),
    FactSpec("file.sourced", "str", "The command that has a shell read this env file.", _sourced, optional=True),
    FactSpec("value.quoted", "bool", "Whether the value stands in quotes.", _quoted),
    FactSpec("value.bare_ampersand", "bool", "Whether it holds an `&` and stands in no quotes.", _bare_ampersand),
    FactSpec(
        "image.part",
        "enum",
        "What puts it into an image.",
        _image,
        ("dockerfile", "build argument"),
        optional=True,
    ),
)
