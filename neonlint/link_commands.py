"""What commands connect to: their own words first, then the environment that they run in, then the configuration of
their tool, read in that environment.

The environment of a command is a list of levels, nearest first: what stands in front of it, what its script exports,
the blocks around it in its file (step, job, workflow), the env files that are loaded. A command that runs a script of
the package stands around the commands of that script.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from neonlint.clients.tools import Tool
from neonlint.clients.tools_tables import BY_NAME
from neonlint.clients.tools_wrappers import unwrap
from neonlint.dialects.names import is_connection_name
from neonlint.extract_commands_words import part, text_of
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Command, Connection
from neonlint.ir.source import Document, EnvRef, Scalar, Span, Table, Unknown, Value
from neonlint.link import Resolved, environment_of
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.link import Project

#: Where the value that decides stands: in the command, in the block of its own, around it, in an env file that it
#: loads, elsewhere in the project.
Held = Literal["command", "script", "block", "around", "file", "project"]
_DEPTH = 6
_SCRIPTS = 4
#: What a script of several commands counts as, first to last.
_WEIGHT = ("migrate", "dump", "restore", "replicate", "copy", "seed", "query", "introspect", "admin")
_OVER_HTTP = frozenset({"neon-http", "neon-ws", "vercel-postgres"})
_STORE = regex(rb"\b(?:secrets|vars)\.")
#: Files whose commands run in their own folder.
_HERE = regex(
    r"(?:^|/)(?:package\.json|composer\.json|deno\.jsonc?|pyproject\.toml|[Mm]akefile|GNUmakefile|\.?justfile|Procfile"
    r"|Dockerfile[^/]*|Taskfile[^/]*|(?:docker-)?compose[^/]*\.ya?ml)$"
)
Chain = tuple[Command, ...]


class Reached(NamedTuple):
    """What a command connects to. `held` is where the value that decides stands (None where there is none), `owner` the
    command whose surroundings hold it; `names` are the variables read on the way, `clients` the configuration that
    says which one. `leaf` is the command that connects: the command itself, or one of the script that it runs."""

    resolved: Resolved
    leaf: Command
    held: Held | None = None
    owner: Command | None = None
    names: tuple[str, ...] = ()
    clients: tuple[Client, ...] = ()


class _Level(NamedTuple):
    kind: Held
    owner: Command
    path: str
    entries: Mapping[str, Value]
    spans: Mapping[str, Span] = {}
    stops: bool = False


class CommandLinks:
    """The commands of a project, linked. Made when the first of them is asked for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._reached: dict[int, Reached] = {}

    def reached(self, command: Command) -> Reached:
        """What a command connects to."""
        if id(command) not in self._reached:
            self._reached[id(command)] = self._reach(self._primary(command))
        return self._reached[id(command)]

    def leaves(self, command: Command) -> list[Chain]:
        """The commands that a command comes to, each with those around it, innermost first."""
        found: list[Chain] = []
        stack: list[Chain] = [(command,)]
        while stack:
            chain = stack.pop()
            inner = self._scripts_of(chain[0]) if chain[0].does == "run" and len(chain) <= _SCRIPTS else ()
            if inner:
                stack += [(one, *chain) for one in reversed(inner) if one not in chain]
            else:
                found.append(chain)
        return found

    def of_connection(self, connection: Connection) -> Sequence[tuple[Command, Reached]]:
        """The commands that reach a connection, each with how."""
        return self._by_connection.get(id(connection), ())

    @cached_property
    def _by_connection(self) -> Mapping[int, Sequence[tuple[Command, Reached]]]:
        found: dict[int, list[tuple[Command, Reached]]] = defaultdict(list)
        for extract in self._project.extracts:
            for command in extract.commands:
                reached = self.reached(command)
                for connection in reached.resolved.connections:
                    found[id(connection)].append((command, reached))
        return found

    def readers_of(self, document: Document, does: str) -> Sequence[Command]:
        """The commands of a kind (`container`, `load`) that read an env file."""
        return [command for command in self._readers.get(document.path, ()) if command.does == does]

    @cached_property
    def _readers(self) -> Mapping[str, Sequence[Command]]:
        found: dict[str, list[Command]] = defaultdict(list)
        for extract in self._project.extracts:
            for command in extract.commands:
                for document in self._loaded(command) if command.does in ("container", "load") else ():
                    found[document.path].append(command)
        return found

    def _primary(self, command: Command) -> Chain:
        """The chain of the command that counts most among those that a command comes to."""
        chains = self.leaves(command)
        weights = {does: number for number, does in enumerate(_WEIGHT)}
        return min(chains, key=lambda chain: weights.get(chain[0].does, len(weights)), default=(command,))

    # --- scripts ---

    @cached_property
    def _in_scripts(self) -> Mapping[tuple[str, str], Sequence[Command]]:
        """By folder and script, the commands of package scripts and targets."""
        found: dict[tuple[str, str], list[Command]] = defaultdict(list)
        for extract in self._project.extracts:
            folder, name = posixpath.split(extract.document.path)
            if not extract.commands or not _HERE.search(extract.document.path):
                continue
            for command in extract.commands:
                if name.endswith(".json") or name == "pyproject.toml":
                    found[folder, command.key.rpartition(".")[2]].append(command)
                elif name.startswith("Taskfile"):
                    found[folder, command.key.removeprefix("tasks.").partition(".cmd")[0]].append(command)
                else:
                    found[folder, command.shell.scope].append(command)
        return found

    def _scripts_of(self, command: Command) -> tuple[Command, ...]:
        names = unwrap([text_of(word) for word in command.shell.words]).scripts
        folders = list(dict.fromkeys((self.folder(command), self._project.root_of(command.document.path), "")))
        found: list[Command] = []
        for name in names:
            here = next((held for f in folders if (held := self._in_scripts.get((f, name)))), None)
            if here is None:
                elsewhere = [held for (_, script), held in self._in_scripts.items() if script == name]
                here = elsewhere[0] if len(elsewhere) == 1 else ()
            found += here
        return tuple(found)

    def folder(self, command: Command) -> str:
        """The folder that a command runs in, as far as its file and `cd` say; its package's root otherwise."""
        path = command.document.path
        base = posixpath.dirname(path) if _HERE.search(path) else self._project.root_of(path)
        if not command.shell.directory:
            return base
        there = posixpath.normpath(posixpath.join(base, command.shell.directory))
        return "" if there == "." else there

    def place(self, command: Command) -> str:
        """A path that stands for code in the folder that a command runs in."""
        return posixpath.join(self.folder(command), "x")

    # --- what a command reaches ---

    def _reach(self, chain: Chain) -> Reached:
        leaf = chain[0]
        tool = BY_NAME.get(leaf.tool)
        levels = list(self._levels(chain))
        if leaf.fields is not None:
            return Reached(Resolved((leaf.fields,)), leaf, "command", leaf)
        if leaf.target is not None:
            inside = _Level("script", leaf, leaf.document.path, leaf.shell.variables)
            return self._value(
                leaf.target, leaf.document.path, [inside, *levels], Reached(Resolved(), leaf, "command", leaf)
            )
        nothing = Reached(Resolved(complete=False), leaf)
        if leaf.tool == "file":
            return self._of_clients(self._in_file(leaf), levels, nothing)
        return self._of_tool(tool, leaf, levels) if tool is not None else nothing

    def _in_file(self, leaf: Command) -> tuple[Client, ...]:
        """The clients in the file of code that a command runs, but for those over HTTP, who know no pooler."""
        path = posixpath.normpath(posixpath.join(self.folder(leaf), leaf.name.rpartition(" ")[2]))
        return tuple(c for c in self._project.clients if c.document.path == path and c.library not in _OVER_HTTP)

    def _of_tool(self, tool: Tool, leaf: Command, levels: Sequence[_Level]) -> Reached:
        """What a tool connects to by itself: the variables that it reads, else what its configuration says."""
        nothing = Reached(Resolved(complete=False), leaf)
        for name in tool.variables:
            found = self._value(EnvRef(name, leaf.name_span), leaf.document.path, levels, nothing)
            if found.resolved.connections or (found.held is not None and found.held != "project"):
                return found
        clients = self._configuration(tool, leaf)
        return self._of_clients(clients, levels, nothing) if clients else self._of_block(levels, nothing)

    def _of_clients(self, clients: tuple[Client, ...], levels: Sequence[_Level], nothing: Reached) -> Reached:
        """What the first of several clients comes to that can be followed."""
        leaf = nothing.leaf
        for client in clients:
            if client.fields is not None:
                return nothing._replace(resolved=Resolved((client.fields,)), clients=clients, held="project")
            path = client.document.path
            found = self._value(client.target, path, levels, nothing._replace(clients=clients))
            if found.names or found.resolved.connections:
                because = self._project.reason(f"what `{leaf.name}` reads stands in", client.document, client.name_span)
                resolved = found.resolved._replace(because=(because, *found.resolved.because))
                return found._replace(resolved=resolved)
        return nothing._replace(clients=clients)

    def _of_block(self, levels: Sequence[_Level], nothing: Reached) -> Reached:
        """The one connection in the nearest environment of a command whose tool's configuration is not seen."""
        for level in levels:
            if level.kind in ("file", "project"):
                continue
            named = [name for name in level.entries if is_connection_name(name)]
            if len(named) == 1:
                return self._value(EnvRef(named[0], level.entries[named[0]].span), level.path, levels, nothing)
            if named:
                break
        return nothing

    def _configuration(self, tool: Tool, leaf: Command) -> tuple[Client, ...]:
        """The clients whose settings a tool reads: those of its package; what is for migrations alone counts first."""
        known = [client for client in self._project.clients if client.library in tool.libraries]
        root = self._project.root_of(self.place(leaf))
        here = [client for client in known if self._project.root_of(client.document.path) == root]
        roots = {self._project.root_of(client.document.path) for client in known}
        found = here or (known if len(roots) == 1 else [])
        own = [client for client in found if client.kind == "migrations"]
        return tuple(own or [client for client in found if client.kind == "settings"] or found)

    def _value(
        self, value: Value | None, path: str, levels: Sequence[_Level], so_far: Reached, depth: int = 0
    ) -> Reached:
        """What a value comes to in the environment that `levels` are."""
        unknown = so_far._replace(resolved=so_far.resolved._replace(complete=False))
        if value is None or depth > _DEPTH:
            return unknown
        if isinstance(value, Scalar):
            inner = part(value, 0)
            if inner is not value and inner is not None:
                return self._value(inner, path, levels, so_far, depth + 1)
        if isinstance(value, EnvRef):
            return self._variable(value, path, levels, so_far, depth)
        if isinstance(value, Scalar | Unknown):
            span = value.slot.span if isinstance(value, Scalar) and value.slot is not None else value.span
            found = self._project.connection_of_slot(path, span) or self._by_host.get((path, span))
            return so_far._replace(resolved=so_far.resolved._replace(connections=(found,))) if found else unknown
        resolved = self._project.resolve(value, path)
        return self._followed(value, path, levels, so_far, depth) or so_far._replace(
            resolved=resolved, held="project", names=_with(so_far.names, resolved.variable)
        )

    def _followed(
        self, value: Value, path: str, levels: Sequence[_Level], so_far: Reached, depth: int
    ) -> Reached | None:
        """A name or call of code that comes to an environment look-up, which the command's environment answers."""
        resolved = self._project.resolve(value, path)
        if resolved.variable is None or resolved.transformed:
            return None
        if not any(resolved.variable in level.entries or level.stops for level in levels):
            return None
        ref = EnvRef(resolved.variable, value.span)
        return self._variable(ref, path, levels, so_far, depth + 1)

    def _variable(self, ref: EnvRef, path: str, levels: Sequence[_Level], so_far: Reached, depth: int) -> Reached:
        reached = so_far._replace(names=_with(so_far.names, ref.name))
        reached = reached._replace(
            resolved=reached.resolved._replace(variable=ref.name if not so_far.names else so_far.names[0])
        )
        if ref.transformed:
            return reached._replace(resolved=reached.resolved._replace(complete=False, transformed=True))
        if self._from_a_store(ref, path):
            return reached._replace(resolved=reached.resolved._replace(complete=False), held=so_far.held or "around")
        for number, level in enumerate(levels):
            value = level.entries.get(ref.name)
            if value is not None:
                inner = reached._replace(held=level.kind, owner=level.owner)
                inner = _because(inner, self._set_in(ref.name, level))
                rest = levels[number + 1 :] if level.kind != "block" or _names(value) == ref.name else levels[number:]
                return self._value(value, level.path, rest, inner, depth + 1)
            if level.stops:
                return reached._replace(
                    resolved=reached.resolved._replace(complete=False), held=level.kind, owner=level.owner
                )
        return self._of_project(ref, path, levels, reached, depth)

    def _of_project(self, ref: EnvRef, path: str, levels: Sequence[_Level], reached: Reached, depth: int) -> Reached:
        """What the definitions of the project say, and the default where there is none."""
        found = self._project.resolve(EnvRef(ref.name, ref.span), self.place(reached.leaf))
        if not found.connections and not found.because:
            found = self._project.resolve(EnvRef(ref.name, ref.span), path)
        # Another job's block is not this command's: its own levels have been asked.
        kept = tuple(c for c in found.connections if environment_of(c.document.path) != "ci")
        found = found._replace(connections=kept, because=_of(kept, found))
        if not found.connections and (spelled := self._spelled_out(ref.name, reached.leaf)):
            found = found._replace(connections=spelled)
        if not found.connections and ref.default is not None:
            return self._value(ref.default, path, levels, reached, depth + 1)
        resolved = reached.resolved
        resolved = found._replace(variable=resolved.variable, because=(*resolved.because, *found.because))
        return reached._replace(resolved=resolved, held="project")

    @cached_property
    def _by_host(self) -> Mapping[tuple[str, Span], Connection]:
        """Connections in separate variables by where their host is written."""
        connections = (c for extract in self._project.extracts for c in extract.connections if "host" in c.fields)
        return {(c.document.path, c.fields["host"].value.span): c for c in connections if c.family != "keywords"}

    def _spelled_out(self, name: str, leaf: Command) -> tuple[Connection, ...]:
        """The connections whose host a definition of a variable (`PGHOST`) gives."""
        definitions = self._project.definitions_of(name, self.place(leaf))
        found = (self._by_host.get((d.document.path, d.entry.value.span)) for d in definitions)
        return tuple(connection for connection in found if connection is not None)

    def _from_a_store(self, ref: EnvRef, path: str) -> bool:
        """Whether a workflow takes a value out of its secrets, which no file of the project defines."""
        document = self._project.documents.get(path)
        if document is None or document.format != "yaml":
            return False
        return _STORE.search(document.data, ref.span.start, ref.span.end) is not None

    def _set_in(self, name: str, level: _Level) -> Reason:
        document = self._project.documents[level.path]
        span = level.spans.get(name) or level.entries[name].span
        return self._project.reason(f"`{name}` is set in", document, span)

    # --- levels ---

    def _levels(self, chain: Chain) -> Iterator[_Level]:
        """The levels of the environment of `chain[0]`."""
        for command in chain:
            table, path = command.shell.environment, command.document.path
            if command.shell.words:
                yield _level("command", command, path, table)
            closed = not table.complete
            if not closed:
                yield _Level("script", command, path, command.shell.exported)
                for number, around in enumerate(command.surroundings):
                    closed = closed or not around.complete
                    yield _level("around" if number else "block", command, path, around)
            for document in self._loaded(command):
                if document.root is not None:
                    yield _level("file", command, document.path, document.root)
            if closed:
                yield _Level("around", command, path, {}, stops=True)
                return

    def _loaded(self, command: Command) -> Iterator[Document]:
        folders = dict.fromkeys((self.folder(command), self._project.root_of(command.document.path), ""))
        for name in reversed(command.shell.loaded):
            paths = (posixpath.normpath(posixpath.join(folder, name)) for folder in folders)
            found = next((d for path in paths if (d := self._project.documents.get(path)) is not None), None)
            if found is not None and found.format == "dotenv":
                yield found


def _level(kind: Held, owner: Command, path: str, table: Table) -> _Level:
    return _Level(
        kind, owner, path, {e.key: e.value for e in table.entries}, {e.key: e.key_span for e in table.entries}
    )


def _with(names: tuple[str, ...], name: str | None) -> tuple[str, ...]:
    return names if name is None or name in names else (*names, name)


def _because(reached: Reached, reason: Reason) -> Reached:
    resolved = reached.resolved
    return reached._replace(resolved=resolved._replace(because=(*resolved.because, reason)))


def _of(kept: Sequence[Connection], found: Resolved) -> tuple[Reason, ...]:
    """The reasons that speak of the connections which are kept."""
    if len(kept) == len(found.connections):
        return found.because
    paths = {connection.document.path for connection in kept}
    return tuple(reason for reason in found.because if reason.place is None or reason.place[0] in paths)


def _names(value: Value) -> str | None:
    return value.name if isinstance(value, EnvRef) else None
