"""What the commands that run with a connection say about it: that it is for migrations, or for administration."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.clients.tools_postgres import POSTGRES
from neonlint.clients.tools_wrappers import unwrap
from neonlint.extract_commands_words import text_of
from neonlint.facts.answer import Known
from neonlint.ir.findings import Reason
from neonlint.ir.model import Command, Connection
from neonlint.link import Project
from neonlint.link_commands import Reached
from neonlint.regex import regex

#: Names that package scripts give to migrations, for scripts that are not seen.
_MIGRATING = regex(r"^(?:(?:db|database|prisma|drizzle):)(?:migrate|push|deploy)(?::\w+)?$|^migrate$")
_WITH_MIGRATIONS = frozenset({"migrate", "introspect", "seed", "assign", "load", "show"})
_LIBPQ = frozenset(tool.name for tool in POSTGRES if tool.variables == ("PGHOST",))
_ADMIN = frozenset({"query", "dump", "restore", "admin", "copy", "benchmark"})


def migrated_by(connection: Connection, project: Project) -> Known | None:
    """That a migration runs with a connection which stands in its own words or in the block of its own; None where
    nothing says so. Where something else runs there too, that is inferred: it then shares the connection."""
    for command, reached in project.commands_on(connection):
        if not _is_its_own(command, reached) or not _migrates(reached.leaf):
            continue
        shared = reached.held == "block" and any(_shares(other, project) for other in _beside(command, project))
        besides = ", and so does something else" if shared else ""
        return Known(True, (Reason(f"`{reached.leaf.name}` runs with it{besides}", inferred=shared),))
    return None


def administered_by(connection: Connection, project: Project) -> Known | None:
    """That a connection stands in the words of a command that administers the database."""
    for command, reached in project.commands_on(connection):
        if reached.held == "command" and reached.leaf is command and command.does in _ADMIN:
            return Known("admin", (Reason(f"`{command.name}` uses it"),))
    return None


def opened_by_libpq(connection: Connection, project: Project) -> Reason | None:
    """That a program of Postgres opens a connection which stands in its own words; None where nothing says so."""
    for command, reached in project.commands_on(connection):
        if reached.held == "command" and reached.leaf is command and command.tool in _LIBPQ:
            return project.reason(f"`{command.name}` opens it in", command.document, command.name_span)
    return None


def _is_its_own(command: Command, reached: Reached) -> bool:
    return reached.held in ("command", "block") and reached.owner in (command, reached.leaf)


def _migrates(leaf: Command) -> bool:
    if leaf.does == "migrate":
        return True
    if leaf.does != "run":
        return False
    scripts = unwrap([text_of(word) for word in leaf.shell.words]).scripts
    return any(_MIGRATING.search(script) for script in scripts)


def _beside(command: Command, project: Project) -> Iterator[Command]:
    """The commands that run in the same block."""
    for extract in project.extracts:
        if extract.document is command.document:
            yield from (
                other
                for other in extract.commands
                if other.surroundings and other.surroundings[:1] == command.surroundings[:1]
            )


def _shares(command: Command, project: Project) -> bool:
    """Whether a command does something with the database that is no migration, or starts the application."""
    does = {chain[0].does for chain in project.commands.leaves(command)}
    if "run" in does:
        does.discard("run")
        scripts = unwrap([text_of(word) for word in command.shell.words]).scripts
        does |= {"serve"} if any(not _MIGRATING.search(script) for script in scripts) else set()
    return not does <= _WITH_MIGRATIONS
