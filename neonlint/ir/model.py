"""The subjects that rules speak about: connections, clients, statements, log calls, commands, settings. Knows no
rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from neonlint.ir.secret import Secret
from neonlint.ir.source import Call, Comment, Document, Entry, Scalar, ShellCommand, Slot, Span, Table, Value
from neonlint.ir.view import View
from neonlint.records import dataclass, field

#: Where a connection is written: an environment file or block, other configuration, code, the default of an environment
#: look-up in code, or prose and files that no format of ours reads.
Standing = Literal["environment", "config", "code", "default", "text"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Connection:
    """One place that says how to reach a database.

    Text dialects fill `slot` and `view`; the `fields` dialect fills `table`, `fields` (component to entry) and
    `family`. `name` is the environment name, setting or variable that holds it ("" where there is none), `key` its
    logical path in the file (`DATABASES.default`), `key_span` where that name is written.
    """

    document: Document
    dialect: str
    standing: Standing
    name: str
    key: str
    key_span: Span
    slot: Slot | None = None
    view: View | None = None
    table: Table | None = None
    fields: Mapping[str, Entry] = field(default_factory=dict)
    family: str = ""
    scope: str = ""

    @property
    def span(self) -> Span:
        """Where the whole of it is written."""
        if self.slot is not None:
            return self.slot.span
        assert self.table is not None
        return self.table.span

    @property
    def secret(self) -> Secret | None:
        """The password that is written here, or None where there is none or where it is not written here."""
        if self.view is not None:
            text = self.view.text("password")
            return None if text is None else Secret(text)
        entry = self.fields.get("password")
        if entry is None or not isinstance(entry.value, Scalar) or not isinstance(entry.value.value, str):
            return None
        return Secret(entry.value.value)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Client:
    """One place that opens connections: a call (`create_engine(…)`) or a settings table (Django's
    `DATABASES["default"]`).

    `options` maps canonical option names to the values written for them; `table` is where options are written.
    `opaque` says that options may be given which cannot be seen, so that a missing one is unknown. `target` is the
    connection string or environment look-up given to it; `fields` the connection it spells out itself; `overrides`
    are libpq parameters given beside the connection string (`sslmode="require"`, `connect_args={…}`). `only_with` is
    the program that must be seen in the project for this to be a client at all: others use such names, too.
    """

    document: Document
    library: str
    kind: str
    name: str
    span: Span
    name_span: Span
    table: Table
    options: Mapping[str, Value]
    call: Call | None = None
    target: Value | None = None
    fields: Connection | None = None
    overrides: Mapping[str, Value] = field(default_factory=dict)
    opaque: bool = False
    scope: str = ""
    only_with: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Statement:
    """SQL with a session-scoped meaning, in a call that runs it. `feature` is `listen`, `set`, `advisory-lock`, …"""

    document: Document
    feature: str
    text: str
    span: Span
    call: Call
    client: Client | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LogCall:
    """A call that prints or logs a value which holds a connection string. `name` is the variable it shows."""

    document: Document
    call: Call
    name: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dependency:
    """One package that a manifest names. `version` is the version or range as written; `span` is where the name
    stands."""

    document: Document
    ecosystem: str
    name: str
    version: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Command:
    """One shell command that connects to a database or runs something that does, wherever it is written: a script, a
    Dockerfile, a package script, the `run` of a workflow step.

    `tool` is the program by the name of its table (`pg_dump`, `prisma`), `does` what it does there (`dump`, `migrate`),
    `name` the words that say so (`prisma migrate deploy`), `name_span` where they stand. `shell` is the command as the
    shell sees it. `target` is the connection string given to it, `fields` the connection that its flags and inline
    variables spell out. `surroundings` are the environment tables that it runs with, nearest first (step, job,
    workflow). `key` is its logical path in the file (`jobs.deploy.steps.2.run`), "" in a script.
    """

    document: Document
    tool: str
    does: str
    name: str
    span: Span
    name_span: Span
    shell: ShellCommand
    target: Value | None = None
    fields: Connection | None = None
    surroundings: tuple[Table, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Setting:
    """A setting outside every client that changes how clients connect: a variable of the environment that Node reads
    (`NODE_TLS_REJECT_UNAUTHORIZED`), a property of Neon's driver (`neonConfig.useSecureWebSocket`).

    `name` is its name without what it belongs to, `value` the text or literal it is given (None where that is not
    literal), `key` its logical path in the file. `table` and `entry` are there where it is written as an entry of its
    own. `guarded` says that code sets it on a condition.
    """

    document: Document
    name: str
    value: str | int | float | bool | None
    key: str
    span: Span
    name_span: Span
    table: Table | None = None
    entry: Entry | None = None
    guarded: bool = False


Subject: TypeAlias = Connection | Client | Statement | LogCall | Dependency | Command | Setting


class Extract(NamedTuple):
    """Everything that one document says. `shell_comments` are those in shell text that a data file holds."""

    document: Document
    connections: tuple[Connection, ...] = ()
    clients: tuple[Client, ...] = ()
    statements: tuple[Statement, ...] = ()
    logs: tuple[LogCall, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    commands: tuple[Command, ...] = ()
    settings: tuple[Setting, ...] = ()
    shell_comments: tuple[Comment, ...] = ()

    @property
    def comments(self) -> tuple[Comment, ...]:
        """All comments, in order."""
        if not self.shell_comments:
            return self.document.comments
        return tuple(sorted((*self.document.comments, *self.shell_comments), key=lambda comment: comment.span))

    def subjects(self) -> Iterator[Subject]:
        """All of them, in no promised order."""
        yield from self.connections
        yield from self.clients
        yield from self.statements
        yield from self.logs
        yield from self.dependencies
        yield from self.commands
        yield from self.settings
