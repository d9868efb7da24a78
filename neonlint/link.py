"""The project: every document's subjects joined. An environment name used in code meets its definitions, per package
root.

A definition answers for code in its own package root, or below it where that root has none of its own; a sibling
package's `.env` never answers. Example files answer only where no real file does.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from neonlint.config import Config
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection, Extract
from neonlint.ir.source import Call, Document, Entry, EnvRef, Ref, Scalar, Span, Table, Value
from neonlint.link_values import assignments, called_on, environment_tables, names_neon
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.manifests import Requirement
    from neonlint.platforms import Sign

_ROOT_FILES = {
    "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "package.json", "manage.py", "go.mod",
    "Cargo.toml",
}  # fmt: skip
_TESTS = regex(r"(?:^|/)(?:tests?|testing|fixtures?|conftest\.py|test_[^/]*)(?:/|$)")
_README = regex(r"(?:^|/)README(?:\.\w+)?$", re.IGNORECASE)
#: What a README of a project on Neon links to, and the other hosts of databases that one names which leaves the choice.
_NEON_SITE = regex(rb"(?<![\w-])neon\.(?:tech|com)\b")
_OTHER_HOSTS = regex(
    rb"supabase|planetscale|cockroach|timescale|elephantsql|crunchy ?bridge|aiven|cloud ?sql|\brds\b|\baurora\b"
    rb"|azure database for",
    re.IGNORECASE,
)
_EXAMPLE = regex(
    r"(?:^|[./_-])(?:example|sample|template|dist|tmpl|tpl|default|defaults|skel)(?:$|[./_-])", re.IGNORECASE
)


#: Methods that hand a connection string on: of `str`, of pydantic's URLs and secrets, of SQLAlchemy's URL.
_TEXT_METHODS = {
    "replace", "strip", "unicode_string", "get_secret_value", "render_as_string", "encoded_string",
}  # fmt: skip


class Definition(NamedTuple):
    """One place that gives an environment name a value."""

    document: Document
    entry: Entry
    table: Table


class Resolved(NamedTuple):
    """What a value in code comes to: the connections it may mean, the environment name it was read from, and why we
    think so.

    `complete` is False when something on the way could not be seen. `stand_ins` are those that it would mean if the
    variable were not set.

    """

    connections: tuple[Connection, ...] = ()
    variable: str | None = None
    because: tuple[Reason, ...] = ()
    complete: bool = True
    transformed: bool = False
    stand_ins: tuple[Connection, ...] = ()


def is_example(path: str) -> bool:
    """Whether a path names a template that nobody runs with (`.env.example`)."""
    return _EXAMPLE.search(posixpath.basename(path)) is not None


@dataclass(eq=False)
class Project:
    """Everything that was read, linked. Built once per run; its maps are made when first asked for."""

    extracts: Sequence[Extract]
    config: Config = field(default_factory=Config)
    paths: frozenset[str] = frozenset()
    tracked: Mapping[str, bool | None] = field(default_factory=dict)
    manifests: Mapping[str, Mapping[str, Requirement]] = field(default_factory=dict)
    signs: Mapping[str, Sign] = field(default_factory=dict)

    @cached_property
    def roots(self) -> frozenset[str]:
        """Directories that are package roots ("" is the project's own)."""
        return frozenset(
            {""} | {posixpath.dirname(path) for path in self.paths if posixpath.basename(path) in _ROOT_FILES}
        )

    def root_of(self, path: str) -> str:
        """The nearest package root at or above a file."""
        return next(self._roots_above(posixpath.dirname(path)))

    def _roots_above(self, folder: str) -> Iterator[str]:
        while folder:
            if folder in self.roots:
                yield folder
            folder = posixpath.dirname(folder)
        yield ""

    @cached_property
    def clients(self) -> tuple[Client, ...]:
        """Every client of every document."""
        return tuple(client for extract in self.extracts for client in extract.clients)

    @cached_property
    def _neon_shown(self) -> Mapping[str, tuple[Document, Span]]:
        """By package root, one place where a connection string names a host of Neon, if only a placeholder; not in
        tests, and of prose only in a README."""
        found: dict[str, tuple[Document, Span]] = {}
        for extract in self.extracts:
            document = extract.document
            if _TESTS.search(document.path) or (document.format == "text" and not _README.search(document.path)):
                continue
            for connection in extract.connections:
                if names_neon(connection):
                    found.setdefault(self.root_of(document.path), (document, connection.key_span))
                    break
        return found

    def shows_neon(self, path: str) -> str | None:
        """The place (`path:row`) of a Neon host in the package of `path` or one above it, None where there is none."""
        for root in self._roots_above(posixpath.dirname(path)):
            if root in self._neon_shown:
                return self.place(*self._neon_shown[root])
        return None

    @cached_property
    def _neon_readmes(self) -> Mapping[str, tuple[Document, Span]]:
        """By package root, where its README links to Neon's site, if it names no other host of databases."""
        found: dict[str, tuple[Document, Span]] = {}
        for document in (extract.document for extract in self.extracts):
            if not _README.search(document.path) or _TESTS.search(document.path):
                continue
            link = _NEON_SITE.search(document.data)
            if link is not None and not _OTHER_HOSTS.search(document.data):
                found.setdefault(self.root_of(document.path), (document, Span(*link.span())))
        return found

    def readme_on_neon(self, path: str) -> str | None:
        """The place where a README of the package of `path`, or of one above it, says that it lives on Neon."""
        for root in self._roots_above(posixpath.dirname(path)):
            if root in self._neon_readmes:
                return self.place(*self._neon_readmes[root])
        return None

    @cached_property
    def dependencies(self) -> Mapping[tuple[str, str], str]:
        """By package root and function, the place where FastAPI's `Depends` names that function."""
        found: dict[tuple[str, str], str] = {}
        for document in (extract.document for extract in self.extracts):
            for call in document.calls:
                if call.callee.rpartition(".")[2] != "Depends":
                    continue
                given = call.argument(0, "dependency")
                if isinstance(given, Ref):
                    key = self.root_of(document.path), given.name.rpartition(".")[2]
                    found.setdefault(key, self.place(document, call.name_span))
        return found

    @cached_property
    def definitions(self) -> Mapping[str, Sequence[Definition]]:
        """Every environment definition by name."""
        found: dict[str, list[Definition]] = defaultdict(list)
        for extract in self.extracts:
            for root in extract.document.roots:
                for table in environment_tables(root):
                    for entry in table.entries:
                        found[entry.key].append(Definition(extract.document, entry, table))
        return found

    def definitions_of(self, name: str, path: str) -> list[Definition]:
        """The definitions of an environment name that answer for code at `path`, nearest root only, examples last."""
        candidates = self.definitions.get(name, ())
        for root in self._roots_above(posixpath.dirname(path)):
            here = [d for d in candidates if self.root_of(d.document.path) == root]
            if here:
                return [d for d in here if not is_example(d.document.path)] or here
        return []

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

    def resolve(self, value: Value | None, path: str) -> Resolved:
        """What a value used at `path` comes to."""
        if isinstance(value, Ref):
            value, because, path = self.follow(value, path)
            if value is None:
                return Resolved(complete=False)
            inner = self.resolve(value, path)
            return inner._replace(because=because + inner.because)
        if isinstance(value, Scalar) and value.slot is not None:
            found = self.connection_of_slot(path, value.slot.span)
            return Resolved((found,)) if found else Resolved(complete=False)
        if isinstance(value, EnvRef):
            return self._environment(value, path)
        if isinstance(value, Call):
            return self._through_call(value, path)
        return Resolved(complete=False)

    def _through_call(self, call: Call, path: str) -> Resolved:
        """`make_url(x)` and a client that is handed on (`DATABASES = {"default": dj_database_url.config()}`)."""
        if call.callee.endswith("make_url") and call.args:
            return self.resolve(call.args[0], path)
        if call.callee == "str" and len(call.args) == 1:
            return self.resolve(call.args[0], path)
        if call.callee.rsplit(".", 1)[-1] in _TEXT_METHODS and (held := called_on(call)) is not None:
            inner = self.resolve(held, path)
            changed = inner.transformed or call.callee.endswith(".replace")
            return inner._replace(transformed=changed)
        client = next(
            (c for c in self.clients if c.document.path == path and c.call is not None and c.call.span == call.span),
            None,
        )
        return self.reached_by(client) if client else Resolved(complete=False)

    def _environment(self, ref: EnvRef, path: str) -> Resolved:
        found: list[Connection] = []
        because: list[Reason] = []
        hidden = False
        definitions = self.definitions_of(ref.name, path)
        for definition in definitions:
            value = definition.entry.value
            inner = self._definition_connection(definition, value)
            if inner is not None:
                found.append(inner)
                because.append(
                    Reason(f"`{ref.name}` is set in {self.place(definition.document, definition.entry.key_span)}")
                )
            else:
                hidden = hidden or not isinstance(value, Scalar)
        default = self.resolve(ref.default, path).connections if ref.default is not None else ()
        seen = tuple(found) or default
        spare = default if found else ()
        return Resolved(seen, ref.name, tuple(because), bool(seen) and not hidden, ref.transformed, spare)

    def _definition_connection(self, definition: Definition, value: Value) -> Connection | None:
        if isinstance(value, EnvRef) and isinstance(value.default, Scalar):
            value = value.default
        if isinstance(value, Scalar) and value.slot is not None:
            return self.connection_of_slot(definition.document.path, value.slot.span)
        return None

    def follow(self, ref: Ref, path: str) -> tuple[Value | None, tuple[Reason, ...], str]:
        """The value that `settings.DATABASE_URL` or an imported name stands for, by the module it is imported from."""
        last = ref.name.rsplit(".", 1)[-1]
        for document, entry in self._named(last, path):
            if isinstance(entry.value, Table | Ref):
                continue
            because = Reason(
                f"`{last}` comes from {self.place(document, entry.key_span)}", inferred=not self._imports(ref, document)
            )
            return entry.value, (because,), document.path
        if last.isupper() and self.definitions_of(last, path):
            return (
                EnvRef(last, ref.span),
                (Reason(f"`{ref.name}` is taken to be the variable `{last}`", inferred=True),),
                path,
            )
        return None, (), path

    def _named(self, name: str, path: str) -> list[tuple[Document, Entry]]:
        root = self.root_of(path)
        return [(d, e) for d, e in self._settings.get(name.lower(), ()) if self.root_of(d.path) == root]

    @cached_property
    def _settings(self) -> Mapping[str, Sequence[tuple[Document, Entry]]]:
        """Module-level and class-level assignments of code files by lower-case name; class bodies first."""
        found: dict[str, list[tuple[Document, Entry]]] = defaultdict(list)
        for extract in self.extracts:
            if extract.document.format == "python" and extract.document.root is not None:
                for entry in assignments(extract.document.root):
                    found[entry.key.lower()].append((extract.document, entry))
        return found

    @staticmethod
    def _imports(ref: Ref, document: Document) -> bool:
        """Whether the dotted name of `ref` begins with the module that `document` is."""
        module = document.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        parts = ref.name.split(".")
        return any(
            module == ".".join(parts[:n]) or module.endswith("." + ".".join(parts[:n])) for n in range(1, len(parts))
        )

    def reached_by(self, client: Client | None) -> Resolved:
        """The connections that a client opens."""
        if client is None:
            return Resolved(complete=False)
        if client.fields is not None:
            return Resolved((client.fields,))
        if client.target is None:
            return Resolved(complete=False)
        return self.resolve(client.target, client.document.path)

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

    @cached_property
    def _naming(self) -> dict[str, tuple[Document, ...]]:
        return {}

    def documents_naming(self, word: str) -> tuple[Document, ...]:
        """The documents in whose bytes a word occurs, comments and prose included."""
        if word not in self._naming:
            found = (extract.document for extract in self.extracts)
            self._naming[word] = tuple(document for document in found if word.encode() in document.data)
        return self._naming[word]

    def requirement(self, distribution: str, path: str) -> Requirement | None:
        """What the manifests at or above a file say about a distribution."""
        if not self.manifests:
            return None
        from neonlint.manifests import normalise  # noqa: PLC0415 -- imported by now, where there are manifests

        for root in self._roots_above(posixpath.dirname(path)):
            for manifest, requirements in self.manifests.items():
                folder = posixpath.dirname(manifest)
                inside = folder == root or (
                    posixpath.basename(folder) == "requirements" and posixpath.dirname(folder) == root
                )
                if inside and (found := requirements.get(normalise(distribution))) is not None:
                    return found
        return None

    def names_distribution(self, distribution: str, path: str) -> bool:
        """Whether a manifest at or above a file names a distribution."""
        return self.requirement(distribution, path) is not None

    def speaks_of_pooler(self, path: str) -> bool:
        """Whether code in the package of `path` holds a string that begins with `-pooler`, to drop or add it."""
        root = self.root_of(path)
        code = (
            e.document for e in self.extracts if e.document.format == "python" and self.root_of(e.document.path) == root
        )
        return any(b'"-pooler' in document.data or b"'-pooler" in document.data for document in code)

    @staticmethod
    def place(document: Document, span: Span) -> str:
        """`path:row` of a byte span (1-based)."""
        row = document.data.count(b"\n", 0, span.start) + 1
        return f"{document.path}:{row}"
