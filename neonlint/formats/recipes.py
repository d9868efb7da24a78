"""What Makefiles and justfiles have in common: variables for the whole file, and recipes that a shell runs line by
line. Knows the syntax of neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from neonlint.errors import ParseFailure
from neonlint.formats.holes import Part
from neonlint.formats.lines import Source, Written
from neonlint.formats.shell_literals import assigned_literal
from neonlint.formats.shell_reader import read_text
from neonlint.formats.shell_state import Layered
from neonlint.formats.shell_words import Text
from neonlint.ir.source import MAX_HOLES, Comment, Entry, ShellCommand, StringLiteral, Value, hole
from neonlint.records import dataclass, field, replace
from neonlint.regex import regex

_LINE = regex(r"[^\r\n]*+")
_NEWLINE = regex(r"\r\n|\n|\r")
_MAX_FILES = 64


@dataclass(slots=True)
class Filled:
    """Shell text as a recipe has it: what is filled in stands as one hole character."""

    pieces: list[Written] = field(default_factory=list)
    holes: list[Value] = field(default_factory=list)

    def add(self, written: Written, find: Callable[[Written], Iterator[Part]]) -> None:
        """Add text with what `find` says is filled in; a part too many is a question mark, which is no name."""
        at = 0
        for start, end, value in find(written):
            self.pieces.append(written.part(at, start))
            char = hole(len(self.holes)) if len(self.holes) < MAX_HOLES else "?"
            self.pieces.append(Written(char, [value.span.start], [value.span.end]))
            if len(self.holes) < MAX_HOLES:
                self.holes.append(value)
            at = end
        self.pieces.append(written.part(at, len(written.text)))


@dataclass(slots=True)
class Recipes:
    """One pass over a file; `at` is the character where the next line begins."""

    source: Source
    at: int = 0
    comments: list[Comment] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    literals: list[StringLiteral] = field(default_factory=list)
    commands: list[ShellCommand] = field(default_factory=list)
    variables: dict[str, Value] = field(default_factory=dict)
    exported: dict[str, Value] = field(default_factory=dict)
    own: dict[str, dict[str, Value]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    all_exported: bool = False

    PREFIXES: ClassVar[str] = "@-+ \t"

    def next_line(self) -> tuple[int, int]:
        """The line at `at`, without its newline; leaves `at` on the next."""
        start = self.at
        line = _LINE.match(self.source.text, start)
        end = line.end() if line else start
        newline = _NEWLINE.match(self.source.text, end)
        self.at = newline.end() if newline else len(self.source.text)
        return start, end

    def comment(self, at: int, end: int) -> None:
        """Take note of the comment whose marker stands at a character."""
        text = self.source.text
        line = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        own_line = not text[line:at].strip()
        stop = at + len(text[at:end].rstrip())
        span = self.source.span(at, stop)
        self.comments.append(Comment(text[at + 1 : stop].strip(), self.source.row(at), span, own_line))

    def variable(self, entry: Entry, scope: str, *, exported: bool) -> None:
        """Take note of a variable of the file, or of one target."""
        self.literals += assigned_literal(entry.key, entry.key_span, entry.value, scope)
        if scope:
            self.own.setdefault(scope, {})[entry.key] = entry.value
            return
        self.entries.append(entry)
        self.variables[entry.key] = entry.value
        if exported:
            self.exported[entry.key] = entry.value

    def load(self, path: str) -> None:
        """The file is read with its variables."""
        if path not in self.files and len(self.files) < _MAX_FILES:
            self.files = (*self.files, path.removeprefix("./"))

    def run(self, text: Written, holes: tuple[Value, ...], scope: str) -> None:
        """The commands of shell text."""
        try:
            found = read_text(Text(text, holes), scope)
        except ParseFailure:
            return
        self.commands += found.commands
        self.literals += found.literals
        self.comments += self.source.placed(found.comments)

    def made(self) -> Iterator[ShellCommand]:
        """All commands, with what the file as a whole says."""
        exported = self.variables if self.all_exported else self.exported
        for command in self.commands:
            own = self.own.get(command.scope.partition(".")[0], {})
            yield replace(
                command,
                exported=Layered(command.exported, Layered(own, exported)),
                variables=Layered(command.variables, Layered(own, self.variables)),
                loaded=(*self.files, *command.loaded),
            )
