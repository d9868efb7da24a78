"""Words of a shell: from quotes, escapes and expansions to one text with a map to bytes. Knows no command.

Quotings: `bare`, `'`, `"`, `$'`, `mixed` (several in one word), `heredoc`, `heredoc-raw`; `-default` behind it inside
`${NAME:-default}`, `&` behind `bare` for a word that an unquoted ampersand cuts short. A slot of text that stands
inside another file's slot has the style `shell:QUOTING|STYLE`, with the style of that slot.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from neonlint.formats.holes import IN_BRACES, Part, made
from neonlint.formats.lines import Written, joined
from neonlint.formats.shell_strings import EMBEDDED
from neonlint.formats.shell_tree import EXPANSIONS, outermost
from neonlint.ir.source import HOLE, MAX_HOLES, EnvRef, Ref, Scalar, Slot, Span, Unknown, Value
from neonlint.records import dataclass, field
from neonlint.regex import regex

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_DEPTH = 8

_BARE = regex(r"""[^\\'"$`<>]++|\\(?:\r?\n|\Z)|\\.|'[^']*+'?|.""", re.DOTALL)
_SIMPLE = regex(r"[\w./:=@%+,~*?\-]++", re.ASCII)
_DOUBLE = regex(r"""[^\\"$`]++|\\(?:\r?\n|[\\"$`])|.""", re.DOTALL)
_HEREDOC = regex(r"""[^\\$`]++|\\(?:\r?\n|[\\$`])|.""", re.DOTALL)
_ANSI = regex(r"\$'((?:[^'\\]|\\.)*+)'?", re.DOTALL)
_HOLE = regex(f"[{chr(HOLE)}-{chr(HOLE + MAX_HOLES - 1)}]")
_BRACED = regex(r"\$\{([A-Za-z_][A-Za-z0-9_]*+)(?:(:?[-=?+])|(\}\Z)|([%#/^,@:]))?")
_NAME = regex(r"\$([A-Za-z_][A-Za-z0-9_]*+)\Z")
_TOKENS = {"bare": _BARE, '"': _DOUBLE, "heredoc": _HEREDOC}


@dataclass(frozen=True, slots=True)
class Text:
    """Shell text with the bytes of its characters. `holes` and `host` are those of the slot that it stands in."""

    written: Written
    holes: Sequence[Value] = ()
    host: str | None = None

    @property
    def text(self) -> str:
        """The characters."""
        return self.written.text

    def span(self, start: int, end: int) -> Span:
        """The bytes of the characters `start` to `end` (exclusive); the parser's own last newline is none of them."""
        end = min(end, len(self.written.ends))
        if start < end:
            return self.written.span(start, end)
        at = self.written.gap(start, 0)
        return Span(at, at)

    def style(self, quoting: str) -> str:
        """The style of a slot with this quoting."""
        return quoting if self.host is None else f"{EMBEDDED}{quoting}|{self.host}"

    def word(self, nodes: list[Node]) -> Value:
        """The value of the word that `nodes` make up, which stand side by side."""
        start, end = nodes[0].start_byte, min(nodes[-1].end_byte, len(self.text))
        if start < end and _SIMPLE.fullmatch(self.text, start, end):
            # Most words are nothing but a word.
            written = self.written.part(start, end)
            span = Span(written.starts[0], written.ends[-1])
            return Scalar(
                written.text, span, Slot(written.text, written.starts, written.ends, span, self.style("bare"))
            )
        return self.value(nodes[0].start_byte, nodes[-1].end_byte, nodes)

    def value(self, start: int, end: int, nodes: list[Node], quoting: str = "bare", depth: int = 0) -> Value:
        """The value of the characters `start` to `end`, whose expansions are below `nodes`."""
        end = min(end, len(self.text))
        plain = "$" not in self.text[start:end] and "`" not in self.text[start:end] and "(" not in self.text[start:end]
        marks = {} if plain else {node.start_byte: node for node in outermost(nodes, EXPANSIONS)}
        pieces = _Pieces(self, marks, end, quoting, depth)
        pieces.read(start)
        return pieces.made(self.span(start, end))

    def verbatim(self, start: int, end: int, quoting: str) -> Value:
        """The characters `start` to `end` without any meaning of their own."""
        end = min(end, len(self.text))
        pieces = _Pieces(self, {}, end, quoting, 0)
        pieces.literal(start, end, quoting)
        return pieces.made(self.span(start, end))

    def expansion(self, node: Node, quoting: str, depth: int) -> EnvRef | Unknown:
        """What an expansion stands for."""
        start, end = node.start_byte, min(node.end_byte, len(self.text))
        span = self.span(start, end)
        if node.type == "simple_expansion":
            name = _NAME.match(self.text, start, end)
            return EnvRef(name[1], span) if name else Unknown("a parameter of the script", span)
        if node.type != "expansion":
            return Unknown("a command's output" if node.type != "arithmetic_expansion" else "a computed number", span)
        return self.braced(node, span, quoting, depth)

    def braced(self, node: Node, span: Span, quoting: str, depth: int) -> EnvRef | Unknown:
        """What `${…}` stands for."""
        start, end = node.start_byte, min(node.end_byte, len(self.text))
        match = _BRACED.match(self.text, start, end)
        closed = self.text.endswith("}", start, end)
        if not match or not closed or depth >= _MAX_DEPTH:
            return Unknown("a substitution that cannot be read", span)
        if match[3]:
            return EnvRef(match[1], span)
        if match[4]:
            return EnvRef(match[1], span, transformed=True)
        operator = (match[2] or "+")[-1]
        if operator == "+":
            return Unknown("a value that depends on whether a variable is set", span)
        if operator == "?":
            return EnvRef(match[1], span)
        outer = "bare" if quoting == "bare" else '"'
        default = self.value(match.end(), end - 1, list(node.children), outer + IN_BRACES, depth + 1)
        return EnvRef(match[1], span, default)


@dataclass(slots=True)
class _Pieces:
    """One pass over a word."""

    whole: Text
    marks: dict[int, Node]
    end: int
    quoting: str
    depth: int
    pieces: list[Written] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    quotings: set[str] = field(default_factory=set)
    length: int = 0

    def read(self, at: int) -> None:
        base = self.quoting.removesuffix(IN_BRACES)
        mode, quoted = base, False
        text = self.whole.text
        while at < self.end:
            match = _TOKENS[mode].match(text, at, self.end)
            assert match is not None  # each pattern takes any one character
            written = match[0]
            if at in self.marks and written[0] in "$`<>":
                at = self.expand(self.marks[at], mode)
            elif written == '"' and mode != "heredoc" and (base == "bare" or quoted):
                quoted = mode == "bare"
                mode = '"' if quoted else base
                self.quotings.add('"')
                at += 1
            elif mode == "bare" and written[0] == "$" and (ansi := _ANSI.match(text, at, self.end)):
                at = self.ansi(ansi)
            elif mode == "bare" and written == "$" and text.startswith('"', at + 1, self.end):
                at += 1
            else:
                self.token(match, mode)
                at = match.end()

    def token(self, match: re.Match[str], mode: str) -> None:
        written, start, end = match[0], match.start(), match.end()
        if written[0] == "'" and mode == "bare":
            self.quotings.add("'")
            closed = 1 if len(written) > 1 and written[-1] == "'" else 0
            self.literal(start + 1, end - closed, "'")
        elif written[0] != "\\" or len(written) == 1:
            self.literal(start, end, mode)
        elif written[-1] != "\n":
            where = self.whole.span(start, end)
            self.add(Written(written[1], [where.start], [where.end]), mode)

    def ansi(self, match: re.Match[str]) -> int:
        start, end = match.span(1)
        if "\\" in match[1]:
            where = self.whole.span(match.start(), match.end())
            self.part(match.start(), match.end(), Unknown("escapes that are not read", where))
            self.quotings.add("$'")
        else:
            self.literal(start, end, "$'")
        return match.end()

    def literal(self, start: int, end: int, quoting: str) -> None:
        if self.whole.holes:
            for match in _HOLE.finditer(self.whole.text, start, end):
                index = ord(match[0]) - HOLE
                if index < len(self.whole.holes):
                    at = self.length + match.start() - start
                    self.parts.append(Part(at, at + 1, cast("EnvRef | Unknown | Ref", self.whole.holes[index])))
        self.add(self.whole.written.part(start, end), quoting)

    def add(self, written: Written, quoting: str) -> None:
        self.quotings.add(quoting)
        self.pieces.append(written)
        self.length += len(written.text)

    def expand(self, node: Node, mode: str) -> int:
        self.quotings.add(mode)
        end = min(node.end_byte, len(self.whole.text))
        self.part(node.start_byte, end, self.whole.expansion(node, mode, self.depth))
        return end

    def part(self, start: int, end: int, value: EnvRef | Unknown) -> None:
        self.parts.append(Part(self.length, self.length + end - start, value))
        self.pieces.append(self.whole.written.part(start, end))
        self.length += end - start

    def made(self, span: Span) -> Value:
        quoting = "mixed" if len(self.quotings) > 1 else next(iter(self.quotings), self.quoting)
        if self.quoting.endswith(IN_BRACES):
            quoting = quoting.removesuffix(IN_BRACES) + IN_BRACES
        return made(joined(self.pieces), span, self.whole.style(quoting), lambda _written, _style: iter(self.parts))
