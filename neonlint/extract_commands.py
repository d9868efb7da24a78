"""The shell commands of a document that connect to a database, wherever they are written, and the connection strings
in their words. Looks at no other file."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from neonlint.clients.tools import At, Does, Invocation, invocation, program
from neonlint.clients.tools_wrappers import Unwrapped, container_files, unwrap
from neonlint.dialects import recognise
from neonlint.extract_commands_places import Held, held_by
from neonlint.extract_commands_words import (
    Url,
    assignments_in,
    name_before_hole,
    part,
    plain_variable,
    redirected_to,
    shows_connection,
    spelled_out,
    text_of,
    urls_in,
)
from neonlint.extract_data import branch_output
from neonlint.extract_settings import MOST, NODE_SWITCH, settings_in
from neonlint.formats.shell_commands import commands_in
from neonlint.ir.model import Command, Connection, Setting
from neonlint.ir.source import Document, Entry, EnvRef, Scalar, ShellCommand, Slot, Span, Table, Unknown, Value
from neonlint.records import replace
from neonlint.regex import regex

#: How deep shell text may stand in shell text (`sh -c "bash -c …"`), and how many commands of a document are looked at.
_DEPTH = 3
_MOST = 5_000
_MIGRATING_FILE = regex(
    r"(?:^|/)(?:(?:run|apply|execute)[-_]?(?:\w+[-_])?migrations?|(?:db[-_]?)?migrat(?:e|ions?))\.(?:py|[cm]?[jt]s)$"
)
_SHOWS = frozenset({"echo", "printf"})
_WRITES = _SHOWS | {"cat", "fly", "flyctl"}
_LOADS = frozenset({"source", "."})


class Found(NamedTuple):
    """The commands of a document, the connections in their words, and where the values stand that are shell text."""

    commands: tuple[Command, ...] = ()
    connections: tuple[Connection, ...] = ()
    texts: frozenset[Span] = frozenset()
    settings: tuple[Setting, ...] = ()


class _Source(NamedTuple):
    """A command of a shell with where it stands; `nested` is the word that is shell text itself."""

    document: Document
    shell: ShellCommand
    key: str = ""
    surroundings: tuple[Table, ...] = ()
    depth: int = 0
    nested: Span | None = None


def read_commands(document: Document) -> Found:
    """Every command of a document that connects to a database or runs something that does."""
    commands: list[Command] = []
    connections: dict[Span, Connection] = {}
    settings: list[Setting] = []
    switched = NODE_SWITCH.encode() in document.data
    texts: list[Span] = []
    sources = _of_data(document, texts) if document.format in ("yaml", "json", "toml") else _of_shell(document)
    inner = (found for source in sources for found in _with_nested(source, texts))
    for source in islice(inner, _MOST):
        if switched and len(settings) < MOST:
            settings += settings_in(document, source.shell, source.key)
        for connection in _connections(source):
            connections.setdefault(connection.span, connection)
        for command in _commands(source):
            commands.append(command)
            if command.fields is not None:
                connections.setdefault(command.fields.span, command.fields)
    return Found(tuple(commands), tuple(connections.values()), frozenset(texts), tuple(settings))


def _of_shell(document: Document) -> Iterator[_Source]:
    """The commands of a script, a Dockerfile, a Makefile; an image's own variables are around those of a Dockerfile."""
    image = document.root.get("ENV") if document.root is not None else None
    nothing = Table("env", (), Span(0, 0))
    around = (nothing, image) if isinstance(image, Table) else ()
    for shell in document.commands:
        yield _Source(document, shell, shell.scope, around)


def _of_data(document: Document, texts: list[Span]) -> Iterator[_Source]:
    """The commands of a data file in order; what a workflow step writes to `$GITHUB_ENV`, later steps of its job
    have."""
    written: dict[int, list[Entry]] = {}
    for held in held_by(document):
        texts += [slot.span for slot in held.texts]
        surroundings = _with_written(held, written.get(held.job, ()))
        for shell in _shells(document, held):
            yield _Source(document, shell, held.key, surroundings)
            if redirected_to(shell, "GITHUB_ENV"):
                here_document = [value for operator, value in shell.redirects if operator == "<<"]
                written.setdefault(held.job, []).extend(assignments_in([*shell.words[1:], *here_document]))


def _with_written(held: Held, written: Sequence[Entry]) -> tuple[Table, ...]:
    own, *outer = held.surroundings
    if written:
        outer = [Table("env", tuple(written), written[0].span), *outer]
    if held.closed:
        outer.append(Table("env", (), own.span, complete=False))
    return (own, *outer)


def _shells(document: Document, held: Held) -> Iterator[ShellCommand]:
    """The commands of a held text, one text after another in one shell."""
    if held.words:
        where = Span(held.words[0].span.start, held.words[-1].span.end)
        nothing = Table("env", (), Span(where.start, where.start))
        yield ShellCommand(held.words, nothing, where, loaded=held.files, directory=held.directory)
    exported: dict[str, Value] = {}
    variables: dict[str, Value] = {}
    loaded = held.files
    for slot in held.texts:
        for shell in commands_in(slot, document.data):
            yield replace(
                shell,
                exported={**exported, **shell.exported} if exported else shell.exported,
                variables={**variables, **shell.variables} if variables else shell.variables,
                loaded=(*loaded, *shell.loaded),
                directory=None if shell.directory is None else posixpath.join(held.directory, shell.directory),
            )
            if not shell.words and len(held.texts) > 1:
                made = {entry.key: entry.value for entry in shell.environment.entries}
                variables |= made
                exported |= made if document.data.startswith(b"export", shell.span.start) else {}
            loaded = tuple(dict.fromkeys((*loaded, *shell.loaded)))


def _with_nested(source: _Source, texts: list[Span]) -> Iterator[_Source]:
    """A command, and those of the shell text that it holds (`sh -c "…"`)."""
    stack = [source]
    while stack:
        current = stack.pop()
        shell = current.shell
        found = unwrap([text_of(word) for word in shell.words])
        word = shell.words[found.shell.word] if found.shell is not None else None
        held = part(word, found.shell.start) if word is not None and found.shell is not None else None
        if word is None or not isinstance(held, Scalar) or held.slot is None or current.depth >= _DEPTH:
            yield current
            continue
        yield current._replace(nested=word.span)
        texts.append(held.slot.span)
        stack += reversed(list(_nested(current, _unwrapped(shell, found), held.slot)))


def _commands(source: _Source) -> Iterator[Command]:
    """What one command of a shell is, through its wrappers."""
    shell = source.shell
    texts = [text_of(word) for word in shell.words]
    found = unwrap(texts)
    inner = _unwrapped(shell, found)
    seen = None if found.scripts or found.shell else invocation(texts, found.start)
    if found.scripts:
        yield _named(source, inner, "script", "run", _script_words(texts, found))
    elif (at := _migrating_file(texts, found.start, seen)) is not None:
        yield _named(source, inner, "file", "migrate", tuple(range(found.start, at + 1)))
    elif seen is not None:
        yield _of_tool(source, inner, seen, found.start)
    elif (other := _without_tool(source, texts, found.start)) is not None:
        yield other
    if files := container_files(texts):
        given = replace(shell, loaded=tuple(text for at in files if (text := _text_at(shell, at))))
        yield _command(source, given, "docker", "container", "docker run", (0,))


def _without_tool(source: _Source, texts: Sequence[str | None], start: int) -> Command | None:
    """A command of no tool that says something about a connection nevertheless."""
    shell = source.shell
    name = program(texts[start] or "") if start < len(texts) else ""
    if shell.unquoted is not None:
        return _command(source, shell, name or "shell", "assign", name or "assignment", (start,))
    if len(texts) > 1 and texts[0] in _LOADS and ".env" in (texts[1] or ""):
        return _command(source, replace(shell, loaded=(str(texts[1]),)), "source", "load", str(texts[0]), (0,))
    if texts and texts[0] in _WRITES and plain_variable(shell) is not None:
        return _command(source, shell, str(texts[0]), "platform", str(texts[0]), (0,))
    if texts and texts[0] in _SHOWS and shows_connection(source.document, shell):
        return _command(source, shell, str(texts[0]), "show", str(texts[0]), (0,))
    return None


def _named(source: _Source, shell: ShellCommand, tool: str, does: Does, words: Sequence[int]) -> Command:
    """A command whose name are these of its words."""
    return _command(source, shell, tool, does, " ".join(text_of(shell.words[at]) or "" for at in words), words)


def _script_words(texts: Sequence[str | None], found: Unwrapped) -> tuple[int, ...]:
    """The words up to the last script that is run: `npm run db:migrate`."""
    named = [at for at in range(found.start + 1, len(texts)) if texts[at] in found.scripts]
    last = named[len(found.scripts) - 1] if len(named) >= len(found.scripts) else found.start
    return tuple(at for at in range(found.start, last + 1) if texts[at] is not None)


def _migrating_file(texts: Sequence[str | None], start: int, seen: Invocation | None) -> int | None:
    """The word that names a file of code which by its name runs migrations (`tsx src/db/migrate.ts`)."""
    at = start if seen is None else seen.operands[0] if seen.tool.name == "node" and seen.operands else len(texts)
    name = texts[at] if at < len(texts) else None
    return at if name is not None and _MIGRATING_FILE.search(name) else None


def _nested(source: _Source, outer: ShellCommand, held: Slot) -> Iterator[_Source]:
    """The commands of shell text in a command: in the variables of the shell around them."""
    given = {**outer.exported, **{entry.key: entry.value for entry in outer.environment.entries}}
    for shell in commands_in(held, source.document.data):
        inner = replace(
            shell,
            exported={**given, **shell.exported},
            environment=replace(shell.environment, complete=outer.environment.complete),
            loaded=(*outer.loaded, *shell.loaded),
            scope=outer.scope,
        )
        yield source._replace(shell=inner, depth=source.depth + 1)


def _unwrapped(shell: ShellCommand, found: Unwrapped) -> ShellCommand:
    """The command as the program sees it: its own words, with what the wrappers set and read in front of them."""
    given = [value for at in found.given if (value := part(shell.words[at.word], at.start)) is not None]
    files = [f if isinstance(f, str) else _text_at(shell, f) for f in found.files]
    table = shell.environment
    entries = (*table.entries, *assignments_in(given))
    return replace(
        shell,
        environment=replace(table, entries=entries, complete=table.complete and found.sight == "here"),
        loaded=(*shell.loaded, *(name for name in files if name)),
    )


def _text_at(shell: ShellCommand, at: At) -> str:
    return (text_of(shell.words[at.word]) or "")[at.start :]


def _of_tool(source: _Source, shell: ShellCommand, seen: Invocation, start: int) -> Command:
    target = None if seen.target is None else part(shell.words[seen.target.word], seen.target.start)
    if target is not None and seen.tool.variables == ("PGHOST",) and not _is_target(target):
        target = None
    if seen.variable is not None and (name := _text_at(shell, seen.variable)):
        target = EnvRef(name, shell.words[seen.variable.word].span)
    command = _command(source, shell, seen.tool.name, seen.does, seen.name, seen.words)
    fields = spelled_out(source.document, shell, seen, command.name_span) if target is None else None
    return replace(command, target=target, fields=fields, shell=replace(shell, words=shell.words[start:]))


def _is_target(value: Value) -> bool:
    """Whether what stands where a Postgres program takes a database is a connection string, or may be one."""
    text = text_of(value)
    return not isinstance(value, Scalar) or text is None or any(c in text for c in "=:") or _starts_with_hole(value)


def _starts_with_hole(value: Scalar) -> bool:
    return value.slot is not None and bool(value.slot.holes)


def _command(source: _Source, shell: ShellCommand, tool: str, does: Does, name: str, words: Sequence[int]) -> Command:
    spans = [shell.words[at].span for at in words if at < len(shell.words)] or [shell.span]
    contiguous = len(words) == words[-1] - words[0] + 1
    named = Span(spans[0].start, spans[-1].end) if contiguous else spans[0]
    return Command(
        source.document, tool, does, name, shell.span, named, shell, surroundings=source.surroundings, key=source.key
    )


def _connections(source: _Source) -> Iterator[Connection]:
    """The connection strings that stand in a command's words and in the assignments in front of it."""
    shell = source.shell
    words = [*shell.words, *(value for _, value in shell.redirects)]
    values: list[tuple[str, Span, Value]] = [("", word.span, word) for word in words if word.span != source.nested]
    values += [(entry.key, entry.key_span, entry.value) for entry in shell.environment.entries]
    whole = shell.unquoted
    for name, span, written in values:
        cut = whole is not None and whole.span.start == written.span.start
        value = whole if whole is not None and cut else written
        for url in (*urls_in(value), *_outputs(source.document, value)):
            named = name or url.name
            yield Connection(
                source.document,
                url.dialect,
                "environment" if named else "config",
                named,
                ".".join(key for key in (source.key, named) if key),
                span if name else url.name_span or _program_span(shell),
                slot=url.slot,
                view=url.view,
                scope=source.key,
            )


def _outputs(document: Document, value: Value) -> Iterator[Url]:
    """The outputs of Neon's branch action in a word of a workflow."""
    holes = value.slot.holes if isinstance(value, Scalar) and value.slot is not None else (value,)
    for number, held in enumerate(holes):
        if isinstance(held, Unknown) and (slot := branch_output(document, held.span)) is not None:
            seen = recognise(slot.text)
            name = name_before_hole(value, number)
            if seen is not None:
                yield Url(slot, *seen, *name)


def _program_span(shell: ShellCommand) -> Span:
    return shell.words[0].span if shell.words else shell.span
