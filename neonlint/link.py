"""The project: every document's subjects joined. An environment name used in code meets its definitions, per package
root.

A definition answers for code in its own package root, or below it where that root has none of its own; a sibling
package's `.env` answers only for code of a package that it uses. Example files answer only where no real file does.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from neonlint import link_clients, link_resolve
from neonlint.config import Config
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection, Extract, Statement, Subject
from neonlint.ir.source import Document, EnvRef, Ref, Span, Value
from neonlint.link_environment import Definition, Definitions, Environment, environment_of, is_example
from neonlint.link_resolve import Resolved
from neonlint.link_roots import Roots
from neonlint.records import dataclass, field

__all__ = ["Definition", "Environment", "Project", "Resolved", "environment_of", "is_example"]

if TYPE_CHECKING:
    from neonlint.config_declared import Declared
    from neonlint.ir.model import Command
    from neonlint.link_commands import CommandLinks, Reached
    from neonlint.link_modules import Found, Modules
    from neonlint.link_neon import NeonShown, Spot
    from neonlint.link_python import PythonNames
    from neonlint.manifests import Requirement
    from neonlint.manifests_packages import Layout
    from neonlint.platforms import Told

T = TypeVar("T")
_FAMILY = "dotenv"
_CODE = ("python", "javascript")


@dataclass(eq=False)
class Project:
    """Everything that was read, linked. Built once per run; its maps are made when first asked for.

    `manifests` says by path what packages a file requires, `layout` how files name each other and what is locked;
    `root` is the directory that paths are relative to.
    """

    extracts: Sequence[Extract]
    config: Config = field(default_factory=Config)
    paths: frozenset[str] = frozenset()
    tracked: Mapping[str, bool | None] = field(default_factory=dict)
    manifests: Mapping[str, Mapping[str, Requirement]] = field(default_factory=dict)
    signs: Mapping[str, Told] = field(default_factory=dict)
    layout: Mapping[str, Layout] = field(default_factory=dict)
    root: str = ""

    @cached_property
    def declared(self) -> Declared | None:
        """The roles and runtimes that the configuration declares, None where it declares none."""
        if not (self.config.roles or self.config.runtimes):
            return None
        from neonlint.config_declared import Declared  # noqa: PLC0415 -- most projects declare nothing

        return Declared(self.config, self.root)

    # --- packages ---

    @cached_property
    def _roots(self) -> Roots:
        return Roots(self.paths, self.layout)

    def root_of(self, path: str) -> str:
        """The nearest package root at or above a file."""
        return self._roots.of(path)

    def roots_above(self, path: str) -> Iterator[str]:
        """The package roots at and above a file, nearest first."""
        return self._roots.above(posixpath.dirname(path))

    @cached_property
    def clients(self) -> tuple[Client, ...]:
        """Every client of every document, but for those whose program is not seen in the project."""
        return tuple(client for extract in self.extracts for client in extract.clients if self.has(client))

    def has(self, subject: Subject) -> bool:
        """Whether a subject is what it looks like: a client that needs a certain program has it."""
        if not isinstance(subject, Client) or not subject.only_with:
            return True
        from neonlint.link_confirm import confirmed  # noqa: PLC0415 -- few files have such a client

        return self.once("confirmed", subject, lambda: confirmed(self, subject))

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """Every document by path."""
        return {extract.document.path: extract.document for extract in self.extracts}

    @cached_property
    def _neon(self) -> NeonShown:
        from neonlint.link_neon import NeonShown  # noqa: PLC0415 -- asked for by clients alone

        return NeonShown(self.extracts, self._roots)

    def shows_neon(self, path: str) -> Spot | None:
        """The place of a Neon host in the package of `path` or one above it, None where there is none."""
        return next((self._neon.hosts[r] for r in self.roots_above(path) if r in self._neon.hosts), None)

    def readme_on_neon(self, path: str) -> Spot | None:
        """The place where a README of the package of `path`, or of one above it, says that it lives on Neon."""
        return next((self._neon.readmes[r] for r in self.roots_above(path) if r in self._neon.readmes), None)

    @cached_property
    def dependencies(self) -> Mapping[tuple[str, str], tuple[Document, Span]]:
        """By package root and function, the place where FastAPI's `Depends` names that function."""
        found: dict[tuple[str, str], tuple[Document, Span]] = {}
        for document in (extract.document for extract in self.extracts):
            for call in document.calls if document.format == "python" else ():
                if call.callee.rpartition(".")[2] != "Depends":
                    continue
                given = call.argument(0, "dependency")
                if isinstance(given, Ref):
                    key = self.root_of(document.path), given.name.rpartition(".")[2]
                    found.setdefault(key, (document, call.name_span))
        return found

    def requirement(self, distribution: str, path: str, ecosystem: str = "pypi") -> Requirement | None:
        """What the manifests and lock files at or above a file say about a package; `ecosystem` is `pypi` or `npm`."""
        if not self.manifests and not self.layout:
            return None
        from neonlint.link_requirements import required  # noqa: PLC0415 -- imported where there are manifests

        key = (ecosystem, distribution, self.root_of(path))
        if key not in self._required:
            self._required[key] = required(*key, self.manifests, self.layout, self._roots)
        return self._required[key]

    @cached_property
    def _required(self) -> dict[tuple[str, str, str], Requirement | None]:
        return {}

    def names_distribution(self, distribution: str, path: str, ecosystem: str = "pypi") -> bool:
        """Whether a manifest at or above a file names a package; one that only a lock file has does not count."""
        found = self.requirement(distribution, path, ecosystem)
        return found is not None and found.declared

    # --- environment names ---

    @cached_property
    def _definitions(self) -> Definitions:
        return Definitions(self.extracts, self._roots)

    @property
    def definitions(self) -> Mapping[str, Sequence[Definition]]:
        """Every environment definition by name."""
        return self._definitions.by_name

    def definitions_of(self, name: str, path: str) -> list[Definition]:
        """The definitions of an environment name that answer for code at `path`, nearest root only, examples last."""
        return self._definitions.answering(name, path)

    def reason_of(self, definition: Definition, name: str) -> Reason:
        """That a name is set in a place, with that place."""
        document, entry, inferred = definition.document, definition.entry, definition.inferred
        return self.once(
            f"{name} {inferred}",
            entry,
            lambda: self.reason(f"`{name}` is set in", document, entry.key_span, inferred=inferred),
        )

    def family(self, document: Document) -> Sequence[Document]:
        """A file and those that are loaded together with it: dotenv files beside it that hold for the same environment
        (`.env` and `.env.local`)."""
        return self._families.get(_family_of(document), (document,))

    @cached_property
    def _families(self) -> Mapping[tuple[str, str, bool], Sequence[Document]]:
        found: dict[tuple[str, str, bool], list[Document]] = defaultdict(list)
        for document in self.documents.values():
            found[_family_of(document)].append(document)
        return found

    @cached_property
    def _connections_at(self) -> Mapping[tuple[str, Span], Connection]:
        """Connections by the file and span of the value or key they were read from."""
        found = {}
        for extract in self.extracts:
            for connection in extract.connections:
                if connection.slot is not None:
                    found[extract.document.path, connection.slot.span] = connection
        return found

    def connection_of_slot(self, path: str, span: Span) -> Connection | None:
        """The connection whose text stands at this place."""
        return self._connections_at.get((path, span))

    # --- what values come to ---

    def resolve(self, value: Value | None, path: str) -> Resolved:
        """What a value used at `path` comes to."""
        return link_resolve.resolve(self, value, path)

    def follow(self, ref: Ref, path: str) -> tuple[Value | None, tuple[Reason, ...], str]:
        """The value that `settings.DATABASE_URL` or an imported name stands for, by the module that it comes from; why;
        and the file that the value is to be read in. The value is None where it is not seen."""
        from neonlint.link_follow import in_javascript, in_python  # noqa: PLC0415 -- only code has such names

        document = self.documents.get(path)
        script = document is not None and document.format not in ("python", "ini", "toml")
        last = ref.name.rsplit(".", 1)[-1]
        found = in_javascript(self, ref, path) if script else in_python(self, ref, path)
        if found is not None:
            return found
        if last.isupper() and self.definitions_of(last, path):
            because = Reason(f"`{ref.name}` is taken to be the variable `{last}`", inferred=True)
            return EnvRef(last, ref.span), (because,), path
        return None, (), path

    @cached_property
    def python_names(self) -> PythonNames:
        """The assignments of Python files by name."""
        from neonlint.link_python import PythonNames  # noqa: PLC0415 -- only code has such names

        return PythonNames(self.extracts, self._roots)

    @cached_property
    def modules(self) -> Modules:
        """The JavaScript files by how they import each other."""
        from neonlint.link_modules import Modules  # noqa: PLC0415 -- only code has such names

        return Modules(self.paths, self.layout, self.extracts, self._roots)

    def find(self, ref: Ref, path: str) -> Found | None:
        """What a JavaScript name used at `path` is, in its own file or another, tables included; None where unseen."""
        return self.modules.find(ref.name, path)

    # --- clients ---

    @cached_property
    def clients_at(self) -> Mapping[tuple[str, Span], Client]:
        """Clients by the file and span of their call."""
        return {(c.document.path, c.call.span): c for c in self.clients if c.call is not None}

    def client_of(self, value: Value | None, path: str) -> Client | None:
        """The client that a value used at `path` is: the call that makes it, or a name for that, imported or not."""
        return link_clients.client_of(self, value, path)

    def client_behind(self, statement: Statement) -> Client | None:
        """The client that runs a statement, be it made in another file, or given to what runs it (`drizzle(pool)`)."""
        return link_clients.client_behind(self, statement)

    def reached_by(self, client: Client | None) -> Resolved:
        """The connections that a client opens."""
        return self.once("reached", client, lambda: link_resolve.opened_by(self, client))

    @cached_property
    def _consumers(self) -> Mapping[int, Sequence[tuple[Client, Resolved]]]:
        found: dict[int, list[tuple[Client, Resolved]]] = defaultdict(list)
        for client in self.clients:
            reached = self.reached_by(client)
            for connection in reached.connections:
                found[id(connection)].append((client, reached))
            for connection in reached.stand_ins:
                found[id(connection)].append((client, reached._replace(connections=(connection,), because=())))
        return found

    def consumers(self, connection: Connection) -> Sequence[tuple[Client, Resolved]]:
        """The clients that open this connection, each with how it was linked."""
        return self._consumers.get(id(connection), ())

    # --- commands ---

    @cached_property
    def commands(self) -> CommandLinks:
        """The commands by what they connect to."""
        from neonlint.link_commands import CommandLinks  # noqa: PLC0415 -- most runs meet no command

        return CommandLinks(self)

    def reached_by_command(self, command: Command) -> Reached:
        """What a command connects to, and where the value that decides it stands."""
        return self.commands.reached(command)

    def commands_on(self, connection: Connection) -> Sequence[tuple[Command, Reached]]:
        """The commands that connect to a connection, each with how it was linked."""
        return self.commands.of_connection(connection) if self.has_commands else ()

    @cached_property
    def has_commands(self) -> bool:
        """Whether any document holds a command."""
        return any(extract.commands for extract in self.extracts)

    # --- texts and places ---

    @cached_property
    def _worked_out(self) -> dict[tuple[str, int], Any]:
        return {}

    def once(self, what: str, subject: object, work_out: Callable[[], T]) -> T:
        """What a fact works out about a subject, worked out at the first time; `what` names it."""
        key = (what, id(subject))
        if key not in self._worked_out:
            self._worked_out[key] = work_out()
        found: T = self._worked_out[key]
        return found

    @cached_property
    def _naming(self) -> dict[str, tuple[Document, ...]]:
        return {}

    def documents_naming(self, word: str) -> tuple[Document, ...]:
        """The documents in whose bytes a word occurs, comments and prose included."""
        if word not in self._naming:
            found = (extract.document for extract in self.extracts)
            self._naming[word] = tuple(document for document in found if word.encode() in document.data)
        return self._naming[word]

    def speaks_of_pooler(self, path: str) -> bool:
        """Whether code in the package of `path` holds a string that begins with `-pooler`, to drop or add it."""
        root = self.root_of(path)
        code = (d.data for d in self.documents.values() if d.format in _CODE and self.root_of(d.path) == root)
        return any(quoted in data for data in code for quoted in (b'"-pooler', b"'-pooler", b"`-pooler"))

    @staticmethod
    def place(document: Document, span: Span) -> str:
        """`path:row` of a byte span (1-based)."""
        row = document.data.count(b"\n", 0, span.start) + 1
        return f"{document.path}:{row}"

    @staticmethod
    def reason(before: str, document: Document, span: Span, after: str = "", *, inferred: bool = False) -> Reason:
        """A reason that speaks of a place, which stands between `before` and `after`, and the place itself."""
        return Reason(f"{before} {Project.place(document, span)}{after}".lstrip(), inferred, (document.path, span))


def _family_of(document: Document) -> tuple[str, str, bool]:
    """What dotenv files that are loaded together have in common; any other file is alone."""
    if document.format != _FAMILY:
        return document.path, "", False
    return posixpath.dirname(document.path), environment_of(document.path), is_example(document.path)
