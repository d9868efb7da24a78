"""From the tree of a shell script to its commands, assignments and literals. Knows what shells do, and no program that
they run except `cd`, `set`, `source`, `export` and `unset`.

Places in here are characters of the text; only what is handed out is in bytes.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from neonlint.formats.shell_ampersand import cut_short
from neonlint.formats.shell_literals import assigned_literal, word_literals
from neonlint.formats.shell_redirects import redirections, words_of
from neonlint.formats.shell_state import Reach, Variables
from neonlint.formats.shell_tree import ASSIGNMENTS, REDIRECTS, STATEMENTS, SUBSHELLS, WRAPPERS, outermost, parse
from neonlint.formats.shell_words import Text
from neonlint.ir.source import (
    Comment,
    Entry,
    Items,
    Scalar,
    ShellCommand,
    Span,
    StringLiteral,
    Table,
    Unknown,
    Value,
    has_hole,
)
from neonlint.records import dataclass, field, replace
from neonlint.regex import regex

if TYPE_CHECKING:
    from tree_sitter import Node

_CASES = frozenset({"elif_clause", "else_clause", "case_item", "do_group"})
_MAX_INHERITED = 8
_MAX_LOADED = 64
_MAX_PATH = 1_000

_ASKS = regex(r"(?:command|test|which|grep|type)\b")
#: Tried at the start of a word only: a long word must not be searched from each of its characters.
_PATH = regex(r"(?<![\w./-])[\w./-]++")


class _Context(NamedTuple):
    """What a node stands in."""

    scope: str
    reach: Reach
    redirects: tuple[tuple[str, Value], ...] = ()


class Read(NamedTuple):
    """What a text holds; rows of comments are counted from its own first line."""

    commands: tuple[ShellCommand, ...]
    entries: tuple[Entry, ...]
    literals: tuple[StringLiteral, ...]
    comments: tuple[Comment, ...]


def read_text(text: Text, scope: str = "") -> Read:
    """Read shell text whose commands all belong to `scope`; raises `ParseFailure` where it cannot be read."""
    reader = _Reader(text, scope)
    reader.read()
    commands = tuple(sorted(reader.commands, key=lambda command: command.span))
    return Read(commands, tuple(reader.entries), tuple(reader.literals), tuple(reader.comments))


@dataclass(slots=True)
class _Reader:
    """One pass over a text."""

    text: Text
    scope: str = ""
    commands: list[ShellCommand] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    literals: list[StringLiteral] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    variables: Variables = field(default_factory=Variables)
    exported: Variables = field(default_factory=Variables)
    directories: Variables = field(default_factory=Variables)
    all_exported: bool = False
    loaded: tuple[str, ...] = ()
    redirects: dict[int, tuple[tuple[str, Value], ...]] = field(default_factory=dict)
    more_words: dict[int, list[list[Node]]] = field(default_factory=dict)
    backgrounds: dict[int, int] = field(default_factory=dict)
    counted: tuple[int, int] = (0, 1)

    def read(self) -> None:
        """Fill everything; raises `ParseFailure` where the text cannot be read."""
        root = parse(self.text.text)
        end = len(self.text.text) + 1
        stack = [(root, _Context(self.scope, Reach(end, end)))]
        while stack:
            node, context = stack.pop()
            found = list(self.visit(node, context))
            stack.extend(reversed(found))

    def visit(self, node: Node, context: _Context) -> Iterator[tuple[Node, _Context]]:
        """Take note of `node`; the nodes to visit next, in order."""
        kind = node.type
        if kind in STATEMENTS:
            self.statement(node, context)
            yield from ((inner, context) for inner in outermost(list(node.children), SUBSHELLS))
        elif kind == "comment":
            self.comment(node)
        elif node.child_count:
            yield from self.children(node, context)

    def children(self, node: Node, context: _Context) -> Iterator[tuple[Node, _Context]]:
        """The nodes below one that holds statements, each with what it stands in."""
        kind, children = node.type, node.children
        self.note_backgrounds(children)
        if kind == "redirected_statement":
            context = self.redirected(node, context)
        elif kind == "function_definition":
            scope = ".".join(filter(None, (context.scope, self.function_name(node))))
            context = _Context(scope, Reach(node.end_byte, node.end_byte), context.redirects)
        elif kind in SUBSHELLS:
            context = context._replace(reach=Reach(node.end_byte, node.end_byte))
        elif kind in _CASES:
            context = _within(context, node.end_byte)
        elif kind == "if_statement":
            yield from self.cases(node, context)
            return
        elif kind == "list":
            yield from self.alternatives(children, node, context)
            return
        yield from ((child, context) for child in children if child.is_named)

    def cases(self, node: Node, context: _Context) -> Iterator[tuple[Node, _Context]]:
        """The parts of an `if`: what one of its branches sets is not set in the others."""
        other = next((c.start_byte for c in node.children if c.type in _CASES), node.end_byte)
        for child in node.children:
            if child.is_named:
                yield child, context if child.type in _CASES else _within(context, other)

    def alternatives(self, children: Sequence[Node], node: Node, context: _Context) -> Iterator[tuple[Node, _Context]]:
        """Both sides of `&&` or `||`: what the right side sets counts for sure only where the left side is no test."""
        left, operator, right = children[0], children[1].type if len(children) > 1 else "", children[2:]
        sure = operator == "&&" and not self.is_test(left)
        yield left, context
        yield from ((child, context if sure else _within(context, node.end_byte)) for child in right)

    def is_test(self, node: Node) -> bool:
        """Whether a command only asks: what stands behind `&&` then happens in some cases."""
        asks = node.type in {"test_command", "negated_command"}
        return asks or (node.type == "command" and _ASKS.match(self.text.text, node.start_byte) is not None)

    def function_name(self, node: Node) -> str:
        name = next((child for child in node.children if child.type == "word"), None)
        return self.text.text[name.start_byte : name.end_byte] if name else ""

    def note_backgrounds(self, children: Sequence[Node]) -> None:
        before: Node | None = None
        for child in children:
            if child.type == "&" and before is not None:
                self.backgrounds[_last_statement(before).end_byte] = child.start_byte
            before = child

    def redirected(self, node: Node, context: _Context) -> _Context:
        """Keep the redirections of a statement for its last command, or for all commands of a block."""
        body = node.child_by_field_name("body")
        found: list[tuple[str, Value]] = []
        words: list[list[Node]] = []
        for child in node.children:
            if child.type in REDIRECTS:
                made, more = redirections(self.text, child)
                found += made
                words += more
        last = _last_statement(body) if body is not None else None
        if last is not None and last.type in STATEMENTS:
            self.redirects[last.start_byte] = (*self.redirects.get(last.start_byte, ()), *found)
            self.more_words.setdefault(last.start_byte, []).extend(words)
            return context
        return context._replace(redirects=(*found, *context.redirects)[:_MAX_INHERITED])

    def comment(self, node: Node) -> None:
        start, end = node.start_byte, node.end_byte
        text = self.text.text
        line = text.rfind("\n", 0, start) + 1
        written = text[start + 1 : end].rstrip()
        if text.startswith("#!", start) and start == line:
            return
        own_line = not text[line:start].strip("\ufeff \t")
        span = self.text.span(start, start + 1 + len(written))
        self.comments.append(Comment(written.strip(), self.row(start), span, own_line))

    def row(self, at: int) -> int:
        """The 1-based row of a character; comments come in order, so that no line is counted twice."""
        before, row = self.counted
        if at >= before:
            self.counted = at, row + self.text.text.count("\n", before, at)
        return self.counted[1]

    def statement(self, node: Node, context: _Context) -> None:
        """One simple command, declaration or assignment."""
        kind = node.type
        if kind == "declaration_command":
            self.declaration(node, context)
        elif kind == "unset_command":
            self.unset(node, context)
        else:
            self.command(node, context)

    def declaration(self, node: Node, context: _Context) -> None:
        """`export`, `declare`, `local`, `readonly`: their assignments count like any other."""
        keyword = node.children[0].type
        written = self.text.text[node.start_byte : node.end_byte]
        exports = keyword == "export" or any(w.startswith("-") and "x" in w for w in written.split()[1:3])
        exports = exports and not written.startswith("export -n")
        entries = []
        for child in node.children[1:]:
            if child.type == "variable_assignment":
                entries.append(self.assignment(child, context, exports=exports))
            elif child.type == "variable_name" and exports:
                name = self.text.text[child.start_byte : child.end_byte]
                held = self.variables.at(child.start_byte).get(name)
                if held is not None:
                    self.exported.assign(name, held, child.end_byte, context.reach)
            elif child.type == "command_substitution" and exports:
                for path in _PATH.findall(self.text.text, child.start_byte, child.end_byte):
                    self.load(path)
        self.add(node, (), entries, context)

    def unset(self, node: Node, context: _Context) -> None:
        gone = Unknown("unset", self.text.span(node.start_byte, node.end_byte))
        for child in node.children[1:]:
            name = self.text.text[child.start_byte : child.end_byte]
            for known in (self.variables, self.exported):
                if name in known.made:
                    known.assign(name, gone, node.end_byte, context.reach)

    def command(self, node: Node, context: _Context) -> None:
        """A simple command, or assignments without one."""
        plain = node.type in ASSIGNMENTS
        children = [node] if node.type == "variable_assignment" else list(node.children)
        words: list[Node] = []
        found: list[tuple[str, Value]] = []
        late: list[list[Node]] = []
        entries: list[Entry] = []
        for child in children:
            if child.type == "variable_assignment" and not words:
                entries.append(self.assignment(child, context, exports=False, kept=plain))
            elif child.type in REDIRECTS:
                made, more = redirections(self.text, child)
                found += made
                late += more
            else:
                words.append(child)
        grouped = words_of(words) + late + self.more_words.pop(node.start_byte, [])
        values = tuple(self.text.word(group) for group in grouped)
        redirects = (*found, *self.redirects.pop(node.start_byte, ()), *context.redirects)
        self.add(node, values, entries, context, redirects)
        self.builtin(node, values, context)

    def add(
        self,
        node: Node,
        words: tuple[Value, ...],
        entries: Sequence[Entry],
        context: _Context,
        redirects: tuple[tuple[str, Value], ...] = (),
    ) -> None:
        start, end = node.start_byte, node.end_byte
        span = self.text.span(start, end)
        command = ShellCommand(
            words,
            Table("env", tuple(entries), span if entries else Span(span.start, span.start)),
            span,
            context.scope,
            exported=self.exported.at(start),
            loaded=self.loaded,
            redirects=redirects,
            variables=self.variables.at(start),
            directory=self.directory(start),
        )
        at = self.backgrounds.get(end)
        if at is not None:
            whole = cut_short(self.text, command, at)
            command = replace(command, background=self.text.span(at, at + 1), unquoted=whole)
        self.commands.append(command)
        self.literals += word_literals(command)
        # A long here-document of a block would otherwise be given once a command.
        self.note_literals(command, redirects[: len(redirects) - len(context.redirects)])

    def note_literals(self, command: ShellCommand, redirects: Sequence[tuple[str, Value]]) -> None:
        name = command.words[0] if command.words else None
        key = name.value if isinstance(name, Scalar) and isinstance(name.value, str) else None
        for _, value in redirects:
            self.literals += assigned_literal(key, name.span if name else None, value, command.scope)

    def assignment(self, node: Node, context: _Context, *, exports: bool, kept: bool = True) -> Entry:
        """The entry for `NAME=value`; `kept` where it counts for more than one command."""
        name_node = node.children[0]
        operator = next((c for c in node.children if c.type in {"=", "+="}), name_node)
        start, end = node.start_byte, node.end_byte
        name = self.text.text[start : name_node.end_byte]
        span = self.text.span(start, end)
        values = [c for c in node.children if c.start_byte >= operator.end_byte]
        value: Value
        if values and values[0].type == "array":
            value = Items((), self.text.span(operator.end_byte, end))
        else:
            value = self.text.value(operator.end_byte, end, values)
        if operator.type == "+=" or name_node.type != "variable_name":
            value = Unknown("added to what is there", value.span)
        entry = Entry(name, self.text.span(start, name_node.end_byte), value, span)
        self.literals += assigned_literal(name, entry.key_span, value, context.scope)
        if kept:
            self.entries.append(entry)
            self.variables.assign(name, value, end, context.reach)
            if exports or self.all_exported or name in self.exported.made:
                self.exported.assign(name, value, end, context.reach)
        return entry

    def builtin(self, node: Node, words: tuple[Value, ...], context: _Context) -> None:
        """What `cd`, `source` and `set -a` mean for the commands behind them."""
        texts = [_plain(word) for word in words]
        match texts:
            case ["cd" | "pushd", directory] | ["cd" | "pushd", "--", directory]:
                self.go(directory, node, context)
            case ["cd" | "popd" | "pushd", *_]:
                self.go(None, node, context)
            case ["source" | ".", str(path), *_]:
                there = self.directory(node.start_byte)
                self.load(posixpath.normpath(posixpath.join(there, path)) if there else path)
            case ["set", *flags]:
                on = any(f in flags for f in ("-a", "allexport")) or any(_joined_a(f) for f in flags)
                if on or "+a" in flags:
                    self.all_exported = on and "+o" not in flags

    def go(self, directory: str | None, node: Node, context: _Context) -> None:
        before = self.directory(node.start_byte)
        span = self.text.span(node.start_byte, node.end_byte)
        value: Value = Unknown("a directory that cannot be seen", span)
        if directory is not None and before is not None and directory[:1] not in {"/", "~", "-"}:
            there = posixpath.normpath(posixpath.join(before, directory))
            if len(there) < _MAX_PATH:
                value = Scalar("" if there == "." else there, span)
        self.directories.assign("", value, node.end_byte, context.reach)

    def directory(self, at: int) -> str | None:
        """Where `cd` has gone by the character `at`."""
        if not self.directories.made:
            return ""
        value = self.directories.at(at).get("")
        if value is None:
            return ""
        return value.value if isinstance(value, Scalar) and isinstance(value.value, str) else None

    def load(self, path: str) -> None:
        if _is_env_file(path) and path not in self.loaded and len(self.loaded) < _MAX_LOADED:
            self.loaded = (*self.loaded, path.removeprefix("./"))


def _within(context: _Context, end: int) -> _Context:
    """The context of what happens only in some cases, up to `end`."""
    return context._replace(reach=context.reach._replace(branch=min(end, context.reach.branch)))


def _last_statement(node: Node) -> Node:
    """The last simple statement of a list or pipeline, `node` itself where it is none; without recursion."""
    while node.type in WRAPPERS:
        if node.type == "redirected_statement":
            inner = node.child_by_field_name("body")
        else:
            inner = next((child for child in reversed(node.children) if child.is_named), None)
        if inner is None:
            break
        node = inner
    return node


def _is_env_file(path: str) -> bool:
    name = posixpath.basename(path)
    return name.startswith(".env") or name.endswith(".env") or name in {".flaskenv", ".dev.vars"}


def _plain(word: Value) -> str | None:
    """A word's text where all of it is literal."""
    if isinstance(word, Scalar) and isinstance(word.value, str) and not has_hole(word.value):
        return word.value
    return None


def _joined_a(flag: str | None) -> bool:
    return flag is not None and flag.startswith("-") and not flag.startswith("--") and "a" in flag
