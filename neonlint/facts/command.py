"""Facts about one shell command: which tool it runs, what that does, and what it connects to."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from neonlint.clients.tools import DOES
from neonlint.extract_commands_words import plain_variable, shown_name
from neonlint.facts import tls
from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.connection import CONNECTION
from neonlint.facts.log import leads_elsewhere
from neonlint.facts.migrations import unpooled_beside
from neonlint.facts.reading import endpoint_of
from neonlint.facts.roles import DIRECT_NAME, ROLES, in_tests, of_place
from neonlint.ir.findings import Reason
from neonlint.ir.model import Command, Connection
from neonlint.link import Project
from neonlint.link_commands import Reached
from neonlint.regex import regex

#: Clients whose settings have rules of their own about what migrations read.
_REPORTED = frozenset({"prisma", "drizzle-kit"})
CONTEXTS = ("ci", "image", "container", "package-script", "platform", "process", "task", "script")
_CI = regex(
    r"(?:^|/)(?:\.github/|\.gitea/|\.forgejo/|[^/]*\.gitlab-ci\.ya?ml$|\.circleci/|bitbucket-pipelines\.ya?ml$"
    r"|azure-pipelines[^/]*\.ya?ml$|buildspec[^/]*\.ya?ml$|action\.ya?ml$)"
)
_BY_NAME = (
    (regex(r"^(?:.*\.)?[Dd]ockerfile|^Containerfile"), "image"),
    (regex(r"^(?:docker-)?compose.*\.ya?ml$"), "container"),
    (regex(r"^(?:package|composer|deno)\.jsonc?$|^pyproject\.toml$"), "package-script"),
    (regex(r"^Procfile"), "process"),
    (regex(r"^(?:GNU)?[Mm]akefile$|\.mk$|^\.?justfile$|^Taskfile"), "task"),
    (
        regex(
            r"^(?:vercel|app|railway)\.jsonc?$|^(?:fly|netlify|railway|nixpacks)\b.*\.toml$"
            r"|^(?:render|heroku|amplify)\.ya?ml$"
        ),
        "platform",
    ),
)


def context_of(command: Command) -> str:
    """See the fact `context`."""
    path = command.document.path
    if _CI.search(path):
        return "ci"
    name = posixpath.basename(path)
    found = next((context for pattern, context in _BY_NAME if pattern.search(name)), None)
    if found is not None:
        return found
    return "container" if command.document.format == "yaml" else "script"


def _reached(command: Command, project: Project) -> Reached:
    return project.reached_by_command(command)


def _does(command: Command, project: Project) -> Answer:
    """What it does with the database; of a script, what the command in it does that matters most."""
    leaf = _reached(command, project).leaf
    return Known(leaf.does, _through(command, leaf, project))


def _through(command: Command, leaf: Command, project: Project) -> tuple[Reason, ...]:
    if leaf is command:
        return ()
    return (project.reason(f"`{command.name}` runs `{leaf.name}`, see", leaf.document, leaf.name_span),)


def _tool(command: Command, project: Project) -> Answer:
    return Known(_reached(command, project).leaf.tool)


def connections_of(command: Command, project: Project) -> tuple[Connection, ...]:
    """The connections that a command opens."""
    return _reached(command, project).resolved.connections


def lift(spec: FactSpec) -> Callable[[Command, Project], Answer]:
    """A fact of the connections that a command opens: over its Neon connections they must agree."""

    def compute(command: Command, project: Project) -> Answer:
        reached = _reached(command, project)
        found = reached.resolved.connections
        if not found:
            return Unseen("what it connects to is not seen")
        if reached.resolved.transformed:
            return Unseen("the value is changed before it is used")
        neon = [c for c in found if _is_neon(c, project)]
        answers: list[Answer] = [spec.compute(c, project) for c in neon or found]
        first = answers[0]
        for answer in answers:
            if isinstance(answer, Unseen):
                return answer
            if isinstance(first, Known) and answer.value != first.value:
                return Unseen("the connections that it may open differ")
        assert isinstance(first, Known)
        return Known(
            first.value, (*_through(command, reached.leaf, project), *reached.resolved.because, *first.because)
        )

    return compute


def _is_neon(connection: Connection, project: Project) -> bool:
    seen = endpoint_of(connection, project)
    return not isinstance(seen, Unseen) and seen.endpoint.neon


def _held(command: Command, project: Project) -> Answer:
    """Where the value that decides stands."""
    return Known(_reached(command, project).held)


def _written_here(command: Command, project: Project) -> Answer:
    """Whether the connection is spelled out in this command's own words."""
    found = connections_of(command, project)
    return Known(len(found) == 1 and own_connection(command, project) is not None)


def own_connection(command: Command, project: Project) -> Connection | None:
    """The connection that stands in the words of a command or in front of them, None where it is elsewhere."""
    for connection in connections_of(command, project):
        span = command.span
        where = connection.slot.span if connection.slot is not None else connection.span
        if connection.document is command.document and span.start <= where.start and where.end <= span.end:
            return connection
    return None


def _variable(command: Command, project: Project) -> Answer:
    """The variable that the connection string is read from, None where it stands in the command itself."""
    names = _reached(command, project).names
    return Known(names[0] if names else None)


def _reads(command: Command, project: Project) -> Answer:
    """What it reads, in words: its variable, the setting (`DATABASES.default`), or a connection string of no name."""
    reached = _reached(command, project)
    named = [*reached.names, *(connection.name for connection in reached.resolved.connections)]
    return Known(next((f"`{name}`" for name in named if name), "a connection string"))


def _direct_name(command: Command, project: Project) -> Answer:
    """Whether any name on the way promises a direct connection."""
    names = _reached(command, project).names
    return Known(any(DIRECT_NAME.search(name) for name in names))


def _unpooled_sibling(command: Command, project: Project) -> Answer:
    """The direct variable that is defined where this command reads the pooled one of the pair."""
    reached = _reached(command, project)
    if not reached.names or any(DIRECT_NAME.search(name) for name in reached.names):
        return Known(None)
    path = project.commands.place(reached.leaf)
    return unpooled_beside(reached.names[0], reached.resolved.connections, path, project)


def _elsewhere(command: Command, project: Project) -> Answer:
    """Whether the place that decides is reported itself: the tool's configuration, or the commands of a script."""
    reached = _reached(command, project)
    reporting = [c for c in reached.clients if c.kind == "migrations" or c.library in _REPORTED]
    if reached.held == "project" and reached.leaf.tool == "file":
        reporting = list(reached.clients)
    if reached.held == "project" and reporting:
        at = reporting[0]
        return Known(True, (project.reason("what it reads is written in", at.document, at.name_span),))
    if reached.leaf is not command and reached.owner is reached.leaf:
        return Known(True)
    if reached.leaf is not command and reached.held in (None, "project", "file"):
        return Known(True)
    return Known(False)


def _role(command: Command, project: Project) -> Answer:
    """What its file is for: tests, documentation, migrations; the application where nothing says so."""
    return of_place(command.document, project) or Known("runtime")


def _shown(command: Command, project: Project) -> Answer:
    """The variable with a connection string that it prints."""
    name = shown_name(command.shell) if command.does == "show" else None
    return Known(name)


def _shows_elsewhere(command: Command, project: Project) -> Answer:
    """Whether the project says that what it prints is no Postgres connection string."""
    name = shown_name(command.shell)
    return leads_elsewhere(name, command.document.path, project) if name else Known(False)


def _plain_variable(command: Command, project: Project) -> Answer:
    """The variable with a connection string that it puts into a platform's plain settings."""
    return Known(plain_variable(command.shell))


def _ampersand(command: Command, project: Project) -> Answer:
    """Whether an unquoted `&` cuts a connection string in its words short."""
    return Known(command.shell.unquoted is not None)


_LIFTED = (
    "endpoint.neon",
    "endpoint.pooled",
    "endpoint.kind",
    "endpoint.id",
    "name",
    "host",
    "role",
    "for_migrations",
    "password.literal",
    "params.sslmode",
)


def _lifted() -> tuple[FactSpec, ...]:
    specs = {spec.name: spec for spec in (*CONNECTION, *tls.TLS)}
    return tuple(
        FactSpec(
            f"connection.{s.name}", s.type, f"Of the connection that it opens: {s.doc}", lift(s), s.values, s.optional
        )
        for s in (specs[name] for name in _LIFTED)
    )


COMMAND: tuple[FactSpec, ...] = (
    FactSpec("tool", "str", "The program, by the name of its table; of a script, the one that matters most.", _tool),
    FactSpec("does", "enum", "What it does with the database.", _does, DOES),
    FactSpec("name", "str", "The words that say what is run.", lambda c, p: Known(c.name)),
    FactSpec("context", "enum", "What kind of file it stands in.", lambda c, p: Known(context_of(c)), CONTEXTS),
    FactSpec("role", "enum", "What its file is for.", _role, ROLES),
    FactSpec("file.test", "bool", "Whether the file belongs to tests, or the configuration says so.", in_tests),
    FactSpec(
        "held",
        "enum",
        "Where the value that decides the connection stands: in the command, in its script, in the block of its own,"
        " around it, in an env file that it loads, elsewhere in the project.",
        _held,
        ("command", "script", "block", "around", "file", "project"),
        optional=True,
    ),
    FactSpec("written.here", "bool", "Whether the connection is spelled out in the command itself.", _written_here),
    FactSpec(
        "reads.variable", "str", "The variable that it reads the connection string from.", _variable, optional=True
    ),
    FactSpec("reads.shown", "str", "What it reads, in words: the variable or the setting.", _reads),
    FactSpec("reads.direct_name", "bool", "Whether it reads a name that promises a direct connection.", _direct_name),
    FactSpec(
        "reads.unpooled_sibling",
        "str",
        "The direct variable that is defined beside the pooled one that it reads.",
        _unpooled_sibling,
        optional=True,
    ),
    FactSpec(
        "reported.elsewhere",
        "bool",
        "Whether the value is chosen in a place that is reported itself: the tool's configuration, a script's command.",
        _elsewhere,
    ),
    FactSpec("shows", "str", "The variable with a connection string that it prints.", _shown, optional=True),
    FactSpec(
        "shows.elsewhere",
        "bool",
        "Whether the project says that what it prints is no Postgres connection string.",
        _shows_elsewhere,
    ),
    FactSpec(
        "sets.plain",
        "str",
        "The variable with a connection string that it puts into a platform's plain settings.",
        _plain_variable,
        optional=True,
    ),
    FactSpec("ampersand.unquoted", "bool", "Whether an unquoted `&` cuts its connection string short.", _ampersand),
    *_lifted(),
)
