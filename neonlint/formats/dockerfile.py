"""Dockerfiles: the variables of an image, what it is made from, and the commands that build and start it. Knows no
Postgres.

The root has `FROM` (a list of images), `ENV` (a table of kind `env`) and `ARG`, each only where the file has it, over
all stages. Commands have the scope `RUN`, `CMD`, `ENTRYPOINT` or `HEALTHCHECK`. Styles besides those of shell words:
`env-bare`, `env"`, `env'`, `env-mixed`, `env-rest` (`ENV NAME value`), with `-default` inside `${NAME:-default}`, and
`json` for words of the exec form.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from neonlint.errors import ParseFailure
from neonlint.formats.dockerfile_values import encode as encode  # noqa: PLC0414 (part of this module's surface)
from neonlint.formats.dockerfile_values import exec_words, given, pairs
from neonlint.formats.lines import Source, Written, decode, joined
from neonlint.formats.shell_literals import assigned_literal, word_literals
from neonlint.formats.shell_reader import read_text
from neonlint.formats.shell_words import Text
from neonlint.ir.source import (
    Comment,
    Document,
    Entry,
    Items,
    ShellCommand,
    Span,
    StringLiteral,
    Table,
    TableKind,
    Value,
)
from neonlint.records import dataclass, field
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.edits import Edit, Op
    from neonlint.formats.base import Format

NAME = "dockerfile"

_LINE = regex(r"[^\r\n]*+")
_NEWLINE = regex(r"\r\n|\n|\r")
_DIRECTIVE = regex(r"[ \t]*+#[ \t]*+(\w++)[ \t]*+=[ \t]*+(\S*+)[ \t]*+")
_COMMENT = regex(r"[ \t]*+#")
_BLANK = regex(r"[ \t]*+")
_INSTRUCTION = regex(r"[ \t]*+([A-Za-z]++)(?:[ \t]++|\Z)")
_FLAG = regex(r"--[a-z][\w-]*+(?:=(?:\"[^\"]*+\"|\S)*+)?(?:\s++|\Z)")
_HEREDOC = regex(r"(?<![<\w])<<(-?)([\"']?)([A-Za-z_]\w*+)\2")
_SHELLS = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
_MOST_HEREDOCS = 16


class _Instruction(NamedTuple):
    """One instruction: its name in upper case, what follows it as Docker joins it, and its here-documents."""

    name: str
    rest: Written
    bodies: tuple[Written, ...] = ()


@dataclass(slots=True)
class _Reader:
    """One pass over a file; `at` is the character where the next line begins."""

    source: Source
    escape: str = "\\"
    at: int = 0
    comments: list[Comment] = field(default_factory=list)
    images: list[Value] = field(default_factory=list)
    variables: list[Entry] = field(default_factory=list)
    arguments: list[Entry] = field(default_factory=list)
    commands: list[ShellCommand] = field(default_factory=list)
    literals: list[StringLiteral] = field(default_factory=list)

    def read(self) -> None:
        """Read all instructions."""
        self.directives()
        while self.at < len(self.source.text):
            instruction = self.instruction()
            if instruction is not None:
                self.take(instruction)

    def directives(self) -> None:
        """The parser directives at the top, of which `escape` matters."""
        while (match := _DIRECTIVE.fullmatch(self.source.text, self.at, self.line_end())) is not None:
            if match[1].lower() == "escape" and match[2] in ("`", "\\"):
                self.escape = match[2]
            elif match[1].lower() not in ("syntax", "check"):
                return
            self.next_line()

    def line_end(self) -> int:
        """Where the line at `at` ends, in front of its newline."""
        line = _LINE.match(self.source.text, self.at)
        return line.end() if line else self.at

    def next_line(self) -> tuple[int, int]:
        """The line at `at`, without its newline; leaves `at` on the next."""
        start, end = self.at, self.line_end()
        newline = _NEWLINE.match(self.source.text, end)
        self.at = newline.end() if newline else len(self.source.text)
        return start, end

    def instruction(self) -> _Instruction | None:
        """The next instruction, None for a line without one."""
        start, end = self.next_line()
        if self.comment(start, end):
            return None
        match = _INSTRUCTION.match(self.source.text, start, end)
        if not match:
            return None
        rest = self.joined(match.end(), end)
        name = match[1].upper()
        if name == "ONBUILD" and (inner := _INSTRUCTION.match(rest.text)):
            name, rest = inner[1].upper(), rest.part(inner.end(), len(rest.text))
        return _Instruction(name, rest, tuple(self.bodies(rest.text)) if name in ("RUN", "COPY", "ADD") else ())

    def joined(self, start: int, end: int) -> Written:
        """The characters from `start` with the lines that continue them; comments and blank lines between them go."""
        pieces = []
        while (stop := self.continued(start, end)) is not None:
            pieces.append(self.source.verbatim(start, stop))
            start, end = self.next_line()
            while (self.comment(start, end) or self.blank(start, end)) and self.at < len(self.source.text):
                start, end = self.next_line()
            if self.comment(start, end):
                start = end
        return joined([*pieces, self.source.verbatim(start, end)])

    def continued(self, start: int, end: int) -> int | None:
        """Where the text of a line ends that the next one continues, None for a line that ends there."""
        stripped = len(self.source.text[start:end].rstrip(" \t")) + start
        goes_on = stripped > start and self.source.text[stripped - 1] == self.escape and self.at < len(self.source.text)
        return stripped - 1 if goes_on else None

    def blank(self, start: int, end: int) -> bool:
        return _BLANK.fullmatch(self.source.text, start, end) is not None

    def comment(self, start: int, end: int) -> bool:
        """Whether a line is a comment; takes note of it."""
        match = _COMMENT.match(self.source.text, start, end)
        if match is None:
            return False
        at = match.end() - 1
        span = self.source.span(at, end)
        if not self.comments or self.comments[-1].span.start < span.start:
            text = self.source.text[at + 1 : end].strip()
            self.comments.append(Comment(text, self.source.row(at), span, own_line=True))
        return True

    def bodies(self, text: str) -> Iterator[Written]:
        """The here-documents that an instruction begins, each with the line that ends it."""
        for match in list(_HEREDOC.finditer(text))[:_MOST_HEREDOCS]:
            begin = self.at
            while self.at < len(self.source.text):
                start, end = self.next_line()
                line = self.source.text[start:end]
                if (line.lstrip("\t") if match[1] else line) == match[3]:
                    break
            yield self.source.verbatim(begin, self.at)

    def take(self, instruction: _Instruction) -> None:
        """Take note of what an instruction says."""
        name, rest = instruction.name, instruction.rest
        if name == "FROM":
            self.images += self.image(rest)
        elif name in ("ENV", "ARG"):
            held = self.variables if name == "ENV" else self.arguments
            for entry in pairs(rest, self.escape, alone=name == "ARG"):
                held.append(entry)
                self.literals += assigned_literal(entry.key, entry.key_span, entry.value, "")
        elif name in _SHELLS:
            self.run(instruction)

    def image(self, rest: Written) -> Iterator[Value]:
        """The image that a stage is made from."""
        rest = _without_flags(rest)
        match = regex(r"\S++").match(rest.text)
        if match:
            yield given(rest.part(0, match.end()))

    def run(self, instruction: _Instruction) -> None:
        """The commands of an instruction."""
        scope, rest = instruction.name, _without_flags(instruction.rest)
        if scope == "HEALTHCHECK":
            match = _INSTRUCTION.match(rest.text)
            if not match or match[1].upper() != "CMD":
                return
            rest = rest.part(match.end(), len(rest.text))
        if not rest.text:
            return
        words = exec_words(rest)
        if words:
            self.exec(words, scope)
            return
        text = self.script(rest, instruction.bodies)
        try:
            found = read_text(Text(text), scope)
        except ParseFailure:
            return
        self.commands += found.commands
        self.literals += found.literals
        self.comments += self.source.placed(found.comments)

    def exec(self, words: tuple[Value, ...], scope: str) -> None:
        """A command whose words stand in JSON, which no shell expands."""
        span = Span(words[0].span.start, words[-1].span.end)
        command = ShellCommand(words, Table("env", (), Span(span.start, span.start)), span, scope)
        self.commands.append(command)
        self.literals += word_literals(command)

    def script(self, rest: Written, bodies: tuple[Written, ...]) -> Written:
        """The shell text of an instruction with its here-documents; one that stands alone is the text itself."""
        if not bodies:
            return rest
        if len(bodies) == 1 and _HEREDOC.fullmatch(rest.text.strip()):
            last = bodies[0].text.rstrip("\r\n").rfind("\n") + 1
            return bodies[0].part(0, last)
        at = rest.ends[-1]
        return joined([rest, Written("\n", [at], [bodies[0].starts[0] if bodies[0].text else at]), *bodies])


def _without_flags(rest: Written) -> Written:
    at = 0
    while (match := _FLAG.match(rest.text, at)) is not None:
        at = match.end()
    return rest.part(at, len(rest.text)) if at else rest


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` only for bytes that are no UTF-8 text."""
    source = decode(data)
    reader = _Reader(source)
    reader.read()
    whole = source.span(0, len(source.text))
    entries = []
    if reader.images:
        span = Span(reader.images[0].span.start, reader.images[-1].span.end)
        entries.append(Entry("FROM", Span(span.start, span.start), Items(tuple(reader.images), span), span))
    kinds: tuple[tuple[str, TableKind, list[Entry]], ...] = (
        ("ENV", "env", reader.variables),
        ("ARG", "mapping", reader.arguments),
    )
    for name, kind, held in kinds:
        if held:
            span = Span(held[0].span.start, held[-1].span.end)
            # An image has the variables of the image it is made from.
            table = Table(kind, tuple(held), span, complete=False, name=name)
            entries.append(Entry(name, Span(span.start, span.start), table, span))
    root = Table("mapping", tuple(entries), whole)
    return Document(
        path,
        NAME,
        data,
        root,
        literals=tuple(reader.literals),
        comments=tuple(reader.comments),
        commands=tuple(reader.commands),
    )


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for text that the quoting of a value cannot hold."""
    from neonlint.formats.dockerfile_write import LAYOUT  # noqa: PLC0415 (a run that only reads does not need it)
    from neonlint.formats.shell_write import rendered  # noqa: PLC0415

    return rendered(cast("Format", sys.modules[__name__]), LAYOUT, document, ops)
