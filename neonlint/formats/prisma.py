"""Prisma schemas: the `datasource` and `generator` blocks. Knows no Postgres; models and enums are passed over.

Each block is a table of the root under `datasource.db`, named after its keyword. A line that Prisma would not take
makes its block incomplete and nothing else. Style: `double` for every string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from json import loads

from neonlint.edits import Edit, Op
from neonlint.errors import ParseFailure
from neonlint.formats.holes import IN_BRACES, made, template_parts
from neonlint.formats.lines import Source, decode
from neonlint.ir.source import Comment, Document, Entry, EnvRef, Items, Ref, Scalar, Span, Table, Unknown, Value
from neonlint.records import dataclass, field
from neonlint.regex import regex

NAME = "prisma"

_TOKEN = regex(
    r'(?P<string>"(?:[^"\\\r\n]|\\[^\r\n])*+")|(?P<comment>//[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)'
    r"|(?P<newline>\n)|(?P<word>[^\W_][\w\-.]*+)|(?P<blank>[^\S\n]++)|(?P<mark>.)"
)
_ESCAPE = regex(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)")
_CONFIG = frozenset({"datasource", "generator"})


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is a group of `_TOKEN`, and the character itself for a mark; offsets count characters."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Block:
    """A block while its lines are read; `start` to `end` in characters."""

    keyword: str
    name: str
    key: tuple[int, int]
    end: int
    entries: list[Entry] = field(default_factory=list)
    complete: bool = True


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` for what is no UTF-8 text, and for a string without an end. Whatever else
    Prisma would not take is passed over."""
    source = decode(data)
    reader = _Reader(source)
    reader.run()
    whole = source.span(0, len(source.text))
    root = Table("mapping", tuple(reader.entry(block) for block in reader.blocks), whole)
    return Document(path, NAME, data, root, comments=tuple(reader.comments))


class _Reader:
    """Sorts the tokens of a file into lines, and the lines into blocks."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.blocks: list[_Block] = []
        self.comments: list[Comment] = []
        self.block: _Block | None = None
        self.depth = 0

    def run(self) -> None:
        line: list[_Token] = []
        for token in self.tokens():
            if token.kind not in ("newline", "{", "}"):
                line.append(token)
                continue
            if token.kind == "{":
                self.opened(token, line)
            else:
                self.line(line)
            if token.kind == "}":
                self.closed(token)
            line = []
        self.line(line)
        if self.block is not None:
            self.close(len(self.source.text), complete=False)

    def tokens(self) -> Iterator[_Token]:
        """Every token that is no blank and no comment; comments are kept aside."""
        for match in _TOKEN.finditer(self.source.text):
            kind = match.lastgroup or ""
            if kind == "comment":
                self.comments.append(self.comment(match))
            elif match[0] == '"':
                raise ParseFailure("a string is not closed", self.source.row(match.start()))
            elif kind != "blank":
                yield _Token(match[0] if kind == "mark" else kind, match[0], *match.span())

    def comment(self, match: re.Match[str]) -> Comment:
        text = match[0].rstrip()
        start, end = match.start(), match.start() + len(text)
        inner = text[2:].removesuffix("*/") if text.startswith("/*") else text.lstrip("/")
        before = self.source.text[self.source.text.rfind("\n", 0, start) + 1 : start]
        return Comment(inner.strip(), self.source.row(start), self.source.span(start, end), own_line=not before.strip())

    def opened(self, token: _Token, line: list[_Token]) -> None:
        if [one.kind for one in line] != ["word", "word"]:
            self.depth += 1
            if self.block is not None:
                self.block.complete = False
            return
        if self.block is not None:
            # Blocks do not nest: the brace that closes this one is missing.
            self.close(line[0].start, complete=False)
        self.depth = 1
        if line[0].text in _CONFIG:
            self.block = _Block(line[0].text, line[1].text, (line[0].start, line[1].end), token.end)

    def closed(self, token: _Token) -> None:
        self.depth = max(0, self.depth - 1)
        if self.depth == 0 and self.block is not None:
            self.close(token.end, complete=True)

    def close(self, end: int, *, complete: bool) -> None:
        assert self.block is not None
        self.block.end = end
        self.block.complete = self.block.complete and complete
        self.blocks.append(self.block)
        self.block = None

    def line(self, line: list[_Token]) -> None:
        if self.block is None or not line:
            return
        key, *rest = line
        if key.kind != "word" or len(rest) < 2 or rest[0].kind != "=":
            self.block.complete = False
            return
        value = self.value(rest[1:])
        span = Span(self.source.offsets[key.start], value.span.end)
        self.block.entries.append(Entry(key.text, self.source.span(key.start, key.end), value, span))

    def entry(self, block: _Block) -> Entry:
        span = self.source.span(block.key[0], block.end)
        table = Table("mapping", tuple(block.entries), span, block.complete, block.keyword)
        return Entry(f"{block.keyword}.{block.name}", self.source.span(*block.key), table, span)

    def value(self, tokens: Sequence[_Token]) -> Value:
        span = self.source.span(tokens[0].start, tokens[-1].end)
        kinds = [token.kind for token in tokens]
        match kinds:
            case ["string"]:
                return self.string(tokens[0])
            case ["word"]:
                return _plain(tokens[0].text, span)
            case ["word", "(", "string", ")"] if tokens[0].text == "env":
                name = self.string(tokens[2])
                if isinstance(name, Scalar) and isinstance(name.value, str):
                    return EnvRef(name.value, span)
            case ["[", *_, "]"]:
                return self.items(tokens[1:-1], span)
        return Unknown("an expression", span)

    def items(self, tokens: Sequence[_Token], span: Span) -> Value:
        values: list[Value] = []
        part: list[_Token] = []
        for token in tokens:
            if token.kind in "[(":
                return Unknown("an expression", span)
            if token.kind != ",":
                part.append(token)
            elif part:
                values.append(self.value(part))
                part = []
        return Items((*values, self.value(part)) if part else tuple(values), span)

    def string(self, token: _Token) -> Value:
        written = self.source.unescaped(token.start + 1, token.end - 1, _ESCAPE, _meaning)
        return made(written, self.source.span(token.start, token.end), "double", template_parts)


def _plain(text: str, span: Span) -> Value:
    if text in ("true", "false"):
        return Scalar(text == "true", span)
    if text.isascii() and text.isdigit() and len(text) < 20:
        return Scalar(int(text), span)
    return Ref(text, span)


def _meaning(escape: re.Match[str]) -> str:
    try:
        return str(loads(f'"{escape[0]}"'))
    except ValueError:
        return escape[0][1:]


_CONTROL = regex(r'["\\\x00-\x1f\x7f]')
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_HALF = regex("[\ud800-\udfff]")


def encode(style: str, text: str) -> bytes | None:
    """`text` as part of a string; None where it holds half of a surrogate pair."""
    if _HALF.search(text) or (style.endswith(IN_BRACES) and "}" in text):
        return None
    return _CONTROL.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", text).encode()


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for code that is no look-up and for blocks written on one line."""
    from neonlint.formats.prisma_write import render as write  # noqa: PLC0415 (a run that only reads does not need it)

    return write(document, ops)
