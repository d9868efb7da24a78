"""What a format reads out of one file: decoded values and the structure around them. Knows no Postgres.

Every offset is a byte offset into the file, 0-based; every end is exclusive. Rows and columns exist only in reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from neonlint.records import dataclass, field

#: A slot's text holds one private-use character for each part that is not literal (`{user}` in an f-string,
#: `${PGHOST}` in a dotenv file). The i-th hole is `chr(HOLE + i)` and stands for `slot.holes[i]`.
HOLE = 0xE000
MAX_HOLES = 256


def hole(index: int) -> str:
    """The character that stands for the `index`-th hole of a slot (0-based)."""
    return chr(HOLE + index)


def has_hole(text: str) -> bool:
    """Whether any character of `text` stands for something that is not literal."""
    return not text.isascii() and any(HOLE <= ord(char) < HOLE + MAX_HOLES for char in text)


def hole_indexes(text: str) -> list[int]:
    """The indexes (into `slot.holes`) of the holes in `text`, in order."""
    return [ord(char) - HOLE for char in text if HOLE <= ord(char) < HOLE + MAX_HOLES]


class Span(NamedTuple):
    """A byte range of one file."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Slot:
    """One string value as the program that reads the file will see it, with a map from each character back to its
    bytes.

    Character i of `text` was written in bytes `starts[i]` to `ends[i]` of the file. The two differ from a simple
    range where escapes, quotes between adjacent literals, or multi-byte characters lie between. `span` covers the
    whole written value with its quotes. `style` names how text is written here (`double`, `bare`, `f'`); only the
    format that made the slot understands it. A slot that is not `writable` has a text but no trustworthy map (a
    folded block scalar, say).
    """

    text: str = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    span: Span
    style: str
    holes: tuple[Value, ...] = ()
    writable: bool = True

    def bytes_of(self, start: int, end: int) -> Span:
        """Where the characters `start` to `end` (exclusive) of the text are written; an empty range gives the gap
        there."""
        if start < end:
            return Span(self.starts[start], self.ends[end - 1])
        if start > 0:
            return Span(self.ends[start - 1], self.ends[start - 1])
        at = self.starts[0] if self.starts else self.empty_at
        return Span(at, at)

    @property
    def empty_at(self) -> int:
        """The byte between the quotes of an empty value: where its first character would be written."""
        return (self.span.start + self.span.end) // 2


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scalar:
    """A literal. `slot` is there for strings (and for what a format writes as text, such as a dotenv number)."""

    value: str | int | float | bool | None = field(repr=False)
    span: Span
    slot: Slot | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EnvRef:
    """A value taken from the environment: `os.environ["X"]`, `${X:-default}`, a pydantic-settings field.

    `transformed` says that the code changes the value on its way (`.replace(…)`), so its text is not the variable's
    text.
    """

    name: str
    span: Span
    default: Value | None = None
    transformed: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ref:
    """A name that this file does not define literally: `settings.DATABASE_URL`, `config.url`; dotted, imports
    resolved."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unknown:
    """A value that cannot be seen, and why. `of` is what it is made of where that can be seen: the value that the code
    cuts short, the `Items` of the branches of a condition, the object that a function returns.
    """

    why: str
    span: Span
    of: Value | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Entry:
    """One `key: value` of a table; `span` covers key and value as written (for a dotenv line: `export KEY=value`)."""

    key: str
    key_span: Span
    value: Value
    span: Span


TableKind = Literal["env", "mapping", "module", "class", "dict", "keywords"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Table:
    """Ordered entries: a dotenv file (`env`), a YAML/TOML/JSON mapping or INI section (`mapping`), a Python module's or
    class's assignments (`module`, `class`), a dict display or `dict(…)` call (`dict`), a call's keywords (`keywords`).

    `complete` is False when entries may exist that cannot be seen (`**options`, a YAML merge key, later mutation),
    and then the absence of a key is unknown. `name` is the key or variable that holds the table, "" at the root.
    """

    kind: TableKind
    entries: tuple[Entry, ...]
    span: Span
    complete: bool = True
    name: str = ""

    def entry(self, key: str) -> Entry | None:
        """The last entry with this key (what a reader of the file ends up with), or None."""
        return next((e for e in reversed(self.entries) if e.key == key), None)

    def get(self, key: str) -> Value | None:
        """The value of `key`, or None where there is no such entry."""
        found = self.entry(key)
        return found.value if found else None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Items:
    """A list, tuple or sequence."""

    values: tuple[Value, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call:
    """One call in code. `callee` is dotted with imports resolved (`sqlalchemy.create_engine`); a method on a value
    that a call made is written after that call's callee (`psycopg2.connect().cursor().execute`), an unknown
    receiver as `?.name`.

    `keywords.complete` is False with `**kwargs`; `args_complete` is False with `*args`. `scope` is the enclosing
    function path (`""` at module level, `handler` or `Repo.save` inside one); `decorators` are the enclosing
    function's, dotted. `assigned` is the variable or entry that receives the result, dotted (`engine`, `self.pool`),
    or None. `receiver` is the value that a method is called on, where the format could follow it.

    In JavaScript `new` says that it is `new X(…)`, `tagged` that it is a tagged template; a module is written as it is
    imported, without `default` (`pg.Pool`, `postgres`, `@neondatabase/serverless.neon`), a call of what a call returned
    after that call (`@neondatabase/serverless.neon()`), and `keywords` is empty: options are a `dict` table among
    `args`.
    """

    callee: str
    args: tuple[Value, ...]
    keywords: Table
    span: Span
    name_span: Span
    scope: str = ""
    decorators: tuple[str, ...] = ()
    assigned: str | None = None
    args_complete: bool = True
    receiver: Value | None = None
    new: bool = False
    tagged: bool = False

    def argument(self, position: int | None, *names: str) -> Value | None:
        """The argument at `position` (0-based) or under one of `names`; None where it is not given."""
        for name in names:
            if (value := self.keywords.get(name)) is not None:
                return value
        if position is not None and position < len(self.args):
            return self.args[position]
        return None


Value: TypeAlias = Scalar | EnvRef | Ref | Unknown | Table | Items | Call


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment's text without its marker. `row` is 1-based; `own_line` is False for a comment behind code."""

    text: str = field(repr=False)
    row: int
    span: Span
    own_line: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StringLiteral:
    """One string literal of a code file with the names around it: `key` is the dict key, keyword, or variable it is
    given to."""

    slot: Slot
    key: str | None
    key_span: Span | None
    scope: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FunctionDef_:  # noqa: N801 (a function's definition, beside the statements that `ast` calls so)
    """One function of a code file. `name` is its path (`handler`, `Repo.save`, `outer.inner`), `params` are its
    parameters' names in order without stars, `decorators` are dotted with imports resolved, `span` runs from `def` to
    the body's end. In JavaScript, `given_to` is the dotted callee of the call that takes it as an argument
    (`express().get`), `exported` says that other modules or the platform may call it, and `directives` are the strings
    that its body begins with (`use server`).
    """

    name: str
    params: tuple[str, ...]
    decorators: tuple[str, ...]
    span: Span
    is_async: bool
    given_to: str = ""
    exported: bool = False
    directives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ShellCommand:
    """One simple command of a shell (`PGHOST=x pg_dump -d db`), as the shell splits it.

    `words` are its words without the assignments in front, each a `Scalar` with a slot (expansions are holes that hold
    an `EnvRef`), or an `EnvRef` or `Unknown` where one expansion is all of it; `environment` are those assignments. A
    statement that only assigns is a command without words. `scope` is what it belongs to: a function, a target, a stage
    or process (`RUN`, `web`), "" at the top.

    `redirects` are operators and targets (`>>`, `2>`; `<<` with the text of a here-document, `<<<`). `background` is
    the place of an `&` that ends it; `unquoted` is the word or value that this `&` cuts short (a URL with two
    parameters), as its author meant it: writing into its slot quotes it. `variables` are the assignments of the script
    that are in force where it stands, by name, `exported` those of them that it hands on to the command; `loaded` are
    the env files that the script has read by then (`source .env`). `directory` is where `cd` has gone by then, relative
    to where the script started ("" there), None where that cannot be seen.
    """

    words: tuple[Value, ...]
    environment: Table
    span: Span
    scope: str = ""
    background: Span | None = None
    exported: Mapping[str, Value] = field(default_factory=dict)
    loaded: tuple[str, ...] = ()
    redirects: tuple[tuple[str, Value], ...] = ()
    unquoted: Scalar | None = None
    variables: Mapping[str, Value] = field(default_factory=dict)
    directory: str | None = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Document:
    """One file as its format read it. Code formats fill `calls`, `literals` and `imports`; data formats fill `root`,
    shells and what holds shell text (a Dockerfile, a Makefile) `commands`.

    `path` is relative to the project root, with forward slashes. `imports` maps a local name to the dotted thing it
    means (a module imported but never bound is there under its own name). `mutates` names tables that the code
    changes after making them (`DATABASES`), whose missing keys are therefore unknown; `star_imports` are modules
    imported with `*`. `directives` are the strings that a JavaScript file begins with (`use client`).
    """

    path: str
    format: str
    data: bytes = field(repr=False)
    root: Table | None = None
    more_roots: tuple[Table, ...] = ()
    calls: tuple[Call, ...] = ()
    literals: tuple[StringLiteral, ...] = ()
    imports: Mapping[str, str] = field(default_factory=dict)
    mutates: frozenset[str] = frozenset()
    star_imports: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    functions: tuple[FunctionDef_, ...] = ()
    commands: tuple[ShellCommand, ...] = ()
    directives: tuple[str, ...] = ()

    @property
    def roots(self) -> tuple[Table, ...]:
        """Every top-level table: one, or one a document for YAML streams."""
        return (self.root, *self.more_roots) if self.root else self.more_roots


def walk(value: Value) -> Iterator[tuple[Entry | None, Value]]:
    """Every value inside `value`, each with the nearest entry that holds it; depth first, without recursion."""
    stack: list[tuple[Entry | None, Value]] = [(None, value)]
    while stack:
        entry, current = stack.pop()
        yield entry, current
        if isinstance(current, Table):
            stack.extend((e, e.value) for e in reversed(current.entries))
        elif isinstance(current, Items):
            stack.extend((entry, v) for v in reversed(current.values))
        elif isinstance(current, Call):
            stack.append((entry, current.keywords))
            stack.extend((entry, v) for v in reversed(current.args))
        elif isinstance(current, EnvRef) and current.default is not None:
            stack.append((entry, current.default))
