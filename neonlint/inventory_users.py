"""The users of an inventory: clients in code and settings, and commands, each with what it reaches.

A client that is handed another client (`drizzle(pool)`) opens nothing itself and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from neonlint.facts.answer import Known
from neonlint.inventory import Because, Kind, Place, Runtime, Sample, Tls, User
from neonlint.inventory_asked import Asked, because, of_answer, place, place_of
from neonlint.inventory_tls import of_client
from neonlint.ir.model import Client, Command, Connection
from neonlint.ir.source import Call, EnvRef, Ref, Scalar, has_hole
from neonlint.link import Definition, Project, Resolved

_KINDS: dict[str, Kind] = {
    "pool": "pool",
    "connection": "single",
    "engine": "engine",
    "async-engine": "engine",
    "settings": "settings",
    "migrations": "settings",
}
#: What a command that does this is for, where its file says nothing else. Others open no connection themselves.
_ROLES = {
    **dict.fromkeys(("migrate", "introspect"), "migration"),
    **dict.fromkeys(("query", "dump", "restore", "admin", "copy", "benchmark", "seed", "studio"), "admin"),
    **{"replicate": "replication", "serve": "runtime", "hyperdrive": "runtime"},
}
_NOT_SEEN = "its value is not seen"
#: Of these it is the variable or the string that makes them users; without one they say nothing about a database.
_QUIET = frozenset({"serve", "hyperdrive", "introspect"})


class Reached(NamedTuple):
    """One thing that a user reaches: a connection, or the variable that would have said it and does not."""

    target: Connection | Missing
    variable: str
    because: tuple[Because, ...]


class Missing(NamedTuple):
    """A variable that comes to no connection that is seen: the package (or file) that it is read in, and its place.

    `why` says what a defined one comes to; it is empty where nothing defines it.
    """

    name: str
    root: str
    place: Place
    why: str = ""
    because: tuple[Because, ...] = ()


Found: TypeAlias = tuple[User, Sequence[Reached]]


def of_client_(client: Client, project: Project) -> Found | None:
    """A client as a user without id and links, and what it reaches; None where another client opens for it."""
    if _hands_on(client, project) or _is_of_another_kind(client, project):
        return None
    asked = Asked("client", client, project)
    resolved = project.reached_by(client)
    role, runtime, driver = asked("role"), asked("runtime"), asked.text("driver")
    kind = _KINDS[client.kind]
    largest = asked.value("pool.largest")
    found = User(
        id="",
        tool=client.library,
        name=client.name,
        kind=kind,
        place=place_of(client),
        driver=driver if driver != client.library else None,
        role=str(role.value) if isinstance(role, Known) else None,
        runtime=_runtime(asked.text("runtime")),
        runtime_because=of_answer(runtime),
        largest=1 if kind == "single" else largest if isinstance(largest, int) else None,
        over_http=asked.true("driver.over_http"),
        tls=_tls(client, project),
        sample=_sample(asked, role.value if isinstance(role, Known) else None),
    )
    return found, _reached(resolved, client.document.path, place_of(client), project)


def _tls(client: Client, project: Project) -> Tls:
    return of_client(client, project)[0]


def _hands_on(client: Client, project: Project) -> bool:
    if not isinstance(client.target, Call | Ref):
        return False
    behind = project.client_of(client.target, client.document.path)
    return behind is not None and behind is not client


def _is_of_another_kind(client: Client, project: Project) -> bool:
    """Whether a literal that is no Postgres connection string says what a client opens: SQLite, MySQL."""
    target = client.target
    text = target.value if isinstance(target, Scalar) else None
    if not isinstance(text, str) or has_hole(text) or "://" not in text:
        return False
    return not project.reached_by(client).connections


def _runtime(word: str | None) -> Runtime:
    return word if word in ("serverless", "edge", "long-lived", "browser") else "unknown"  # type: ignore[return-value]


def of_command(command: Command, project: Project) -> Found | None:
    """A command as a user without id and links, and what it reaches; None for one that opens no connection itself, or
    comes to what another user stands for."""
    reached = project.reached_by_command(command)
    asked = Asked("command", command, project)
    does = str(asked.value("does"))
    around = reached.held in ("command", "script", "block", "around", "file")
    if does not in _ROLES or ((reached.leaf is not command or reached.leaf.tool == "file") and not around):
        return None
    path = project.commands.place(reached.leaf)
    held = command.document.path if around else ""
    found = _reached(reached.resolved, path, place_of(command), project, reached.names, held)
    found = found or _cut_short(command, project)
    if does in _QUIET and not found:
        return None
    file_role = asked.text("role")
    role = file_role if file_role in ("test", "docs") else _ROLES[does]
    user = User(
        id="",
        tool=reached.leaf.tool if reached.leaf.tool != "file" else "script",
        name=command.name,
        kind="command",
        place=place_of(command),
        role=role,
        sample=_sample(asked, role),
        largest=1 if does in ("query", "admin") else None,
    )
    return user, found


def _cut_short(command: Command, project: Project) -> list[Reached]:
    """The connection string in the words of a command whose shell cuts it short at an `&`."""
    unquoted = command.shell.unquoted
    slot = unquoted.slot if unquoted is not None else None
    found = project.connection_of_slot(command.document.path, slot.span) if slot is not None else None
    return [Reached(found, "", ())] if found is not None else []


def _sample(asked: Asked, role: object) -> Sample:
    if role == "docs":
        return "docs"
    return "test" if role == "test" or asked.true("file.test") else ""


def _reached(
    resolved: Resolved, path: str, at: Place, project: Project, names: Sequence[str] = (), held: str = ""
) -> list[Reached]:
    """What a user reaches. The default of a variable counts beside the variable itself; `held` is the file in which the
    variable is set for a command."""
    why = because(resolved.because)
    variable = resolved.variable or (names[0] if names else "")
    connections = dict.fromkeys((*resolved.connections, *resolved.stand_ins))
    found = [Reached(connection, variable, why) for connection in connections]
    readable = bool(variable) and not variable.upper().endswith("PASSWORD")  # a password alone leads nowhere
    if readable and all(connection.standing == "default" for connection in connections):
        found.append(Reached(_missing(variable, path, at, project, held), variable, why))
    return found


def _missing(name: str, path: str, at: Place, project: Project, held: str) -> Missing:
    if held:
        around = (d for d in project.definitions.get(name, ()) if d.document.path == held)
        where = next((place(d.document, d.entry.key_span) for d in around), at)
        return Missing(name, held, where, _NOT_SEEN, (Because(f"`{name}` is set in {where}"),))
    root = project.root_of(path)
    if definitions := project.definitions_of(name, path):
        where = place(definitions[0].document, definitions[0].entry.key_span)
        return Missing(
            name, root, where, _value_of(definitions), because(project.reason_of(d, name) for d in definitions)
        )
    if name in project.config.assume:
        said = Because(f"the configuration says that `{name}` is set on the platform")
        return Missing(name, root, at, _NOT_SEEN, (said,))
    return Missing(name, root, at)


def _value_of(definitions: Sequence[Definition]) -> str:
    """Why what a variable is set to is no connection."""
    values = [definition.entry.value for definition in definitions]
    texts = [value.value if isinstance(value, Scalar) else None for value in values]
    if all(text == "" for text in texts):
        return "left empty there"
    readable = all(isinstance(text, str) and not has_hole(text) for text in texts)
    return "set to no Postgres connection string" if readable else _NOT_SEEN


def not_seen(client: Client | Command) -> str:
    """Why what a user opens is not seen."""
    target = client.target
    if target is None:
        return "nothing says what it opens"
    if isinstance(target, Ref | EnvRef):
        return f"`{target.name}` is not followed to a connection"
    return getattr(target, "why", "") or "its connection string is put together by the program"
