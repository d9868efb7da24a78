"""TOML: values by `tomllib`, places by tree-sitter. Knows no Postgres.

Dotted keys and `[a.b]` headers become nested tables; `[[a]]` becomes `Items` of tables. Styles: `basic`, `literal`,
`multi-basic`, `multi-literal`. `${NAME}` and template tags are holes, because tools that copy such files fill them in.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from neonlint.edits import Edit, Op
from neonlint.errors import ParseFailure
from neonlint.formats.holes import IN_BRACES, made, template_parts
from neonlint.formats.lines import Source, Written, content_start, decode
from neonlint.ir.source import Comment, Document, Entry, Items, Scalar, Span, Table, TableKind, Unknown, Value
from neonlint.records import dataclass, field

NAME = "toml"
MAX_DEPTH = 100

#: Keys whose tables hold environment variables (`[env]` of fly.toml, `[vars]` of wrangler.toml).
_ENV = frozenset({"env", "environment", "vars", "variables"})

# `tomllib` needs quadratic time for a dotted key.
_LONG_KEY = re.compile(r"(?<![\w\-.])(?:[\w\-]++[ \t]*+\.[ \t]*+){500}")
_ROW = re.compile(r"at line (\d+)")
_BASIC_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^\S\n]*+\n\s*+|\r\n\s*+|.)|\r\n", re.DOTALL)
_LITERAL_ESCAPE = re.compile(r"\r\n")
_NAMED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\", "e": "\x1b"}
_QUOTES = {'"""': "multi-basic", "'''": "multi-literal", '"': "basic", "'": "literal"}


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure`."""
    source = decode(data)
    validate(source.text)
    root = tree(data)
    reader = _Reader(data, source)
    table = reader.document(root).table()
    return Document(path, NAME, data, table, comments=tuple(reader.comments(root)))


def validate(text: str) -> None:
    """Raises `ParseFailure` for a text that `tomllib` does not read."""
    if _LONG_KEY.search(text):
        raise ParseFailure("nested too deeply")
    try:
        tomllib.loads(text)
    except RecursionError:
        raise ParseFailure("nested too deeply") from None
    except ValueError as error:
        row = _ROW.search(str(error))
        raise ParseFailure("not valid TOML", int(row[1]) if row else None) from None


def tree(data: bytes) -> Node:
    """The syntax tree of a valid file; raises `ParseFailure` where the grammar does not know what `tomllib` knows."""
    start = content_start(data)
    root = _parser().parse(b" " * start + data[start:]).root_node
    if root.has_error:
        broken = next((child for child in root.children if child.has_error), root)
        raise ParseFailure("the places of this TOML file's values cannot be told", broken.start_point.row + 1)
    return root


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_toml.language()))


@dataclass(slots=True)
class _Open:
    """A table while it is put together: headers and dotted keys add to it from several places."""

    name: str
    span: Span
    entries: dict[str, tuple[Span, Span, Value | _Open | list[_Open]]] = field(default_factory=dict)

    def table(self) -> Table:
        kind: TableKind = "env" if self.name in _ENV else "mapping"
        entries = tuple(_entry(key, *found) for key, found in self.entries.items())
        return Table(kind, entries, self.span, name=self.name)

    def below(self, key: str, key_span: Span, span: Span) -> _Open:
        """The table under `key`, made where it is not there; the last one of an array of tables."""
        found = self.entries.setdefault(key, (key_span, span, _Open(key, span)))[2]
        if isinstance(found, list):
            return found[-1]
        if not isinstance(found, _Open):
            raise ParseFailure("not valid TOML")
        return found


def _entry(key: str, key_span: Span, span: Span, value: Value | _Open | list[_Open]) -> Entry:
    if isinstance(value, _Open):
        table = value.table()
        return Entry(key, key_span, table, Span(min(span.start, table.span.start), table.span.end))
    if isinstance(value, list):
        tables = tuple(item.table() for item in value)
        whole = Span(tables[0].span.start, tables[-1].span.end)
        return Entry(key, key_span, Items(tables, whole), whole)
    return Entry(key, key_span, value, span)


@dataclass(frozen=True, slots=True)
class _Reader:
    data: bytes
    source: Source

    def document(self, root: Node) -> _Open:
        top = _Open("", Span(content_start(self.data), len(self.data)))
        for node in root.named_children:
            match node.type:
                case "pair":
                    self.pair(top, node, 0)
                case "table":
                    self.section(top, node)
                case "table_array_element":
                    self.element(top, node)
        return top

    def section(self, top: _Open, node: Node) -> None:
        keys = list(self.keys(node.named_children[0]))
        span, table = _section_span(node), top
        for key, key_span in keys:
            table = table.below(key, key_span, span)
        table.span = span
        self.pairs(table, node)

    def element(self, top: _Open, node: Node) -> None:
        *path, (last, last_span) = self.keys(node.named_children[0])
        span, table = _section_span(node), top
        for key, key_span in path:
            table = table.below(key, key_span, span)
        found = table.entries.setdefault(last, (last_span, span, []))[2]
        if not isinstance(found, list):
            raise ParseFailure("not valid TOML", node.start_point.row + 1)
        found.append(_Open(last, span))
        self.pairs(found[-1], node)

    def pairs(self, table: _Open, node: Node, depth: int = 0) -> None:
        for child in node.named_children:
            if child.type == "pair":
                self.pair(table, child, depth)

    def pair(self, table: _Open, node: Node, depth: int) -> None:
        value = _value_of(node)
        span = Span(node.start_byte, value.end_byte)
        *path, (last, last_span) = self.keys(node.named_children[0])
        for key, key_span in path:
            table = table.below(key, key_span, span)
        table.entries[last] = last_span, span, self.value(value, last, depth + 1)

    def keys(self, node: Node) -> Iterator[tuple[str, Span]]:
        """The parts of a dotted key; it nests to the left, so it is walked without recursion."""
        stack = [node]
        while stack:
            part = stack.pop()
            span = Span(part.start_byte, part.end_byte)
            if part.type == "dotted_key":
                stack.extend(reversed(part.named_children))
            elif part.type == "quoted_key":
                yield self.characters(span)[0].text, span
            else:
                yield self.data[span.start : span.end].decode(), span

    def value(self, node: Node, key: str, depth: int) -> Value:
        span = Span(node.start_byte, node.end_byte)
        if depth > MAX_DEPTH:
            raise ParseFailure("nested too deeply", node.start_point.row + 1)
        match node.type:
            case "string":
                return made(*self.string(span), template_parts)
            case "array":
                values = (child for child in node.named_children if child.type != "comment")
                return Items(tuple(self.value(child, "", depth + 1) for child in values), span)
            case "inline_table":
                table = _Open(key, span)
                self.pairs(table, node, depth + 1)
                return table.table()
            case _:
                return self.plain(span)

    def string(self, span: Span) -> tuple[Written, Span, str]:
        characters, style = self.characters(span)
        return characters, span, style

    def characters(self, span: Span) -> tuple[Written, str]:
        start, end = self.source.character(span.start), self.source.character(span.end)
        quote, style = next((q, s) for q, s in _QUOTES.items() if self.source.text.startswith(q, start))
        start, end = start + len(quote), end - len(quote)
        if len(quote) == 3:
            # A line break right behind the opening quotes is no part of the value.
            newline = re.compile(r"\r?\n").match(self.source.text, start, end)
            start = newline.end() if newline else start
        if style.endswith("literal"):
            return self.source.unescaped(start, end, _LITERAL_ESCAPE, lambda _: "\n"), style
        return self.source.unescaped(start, end, _BASIC_ESCAPE, _meaning), style

    def plain(self, span: Span) -> Value:
        text = self.data[span.start : span.end].decode()
        value = tomllib.loads(f"x = {text}")["x"]
        if isinstance(value, (bool, int, float)):
            return Scalar(value, span)
        return Unknown("a date or time", span)

    def comments(self, root: Node) -> Iterator[Comment]:
        stack, found = [root], []
        while stack:
            node = stack.pop()
            if node.type == "comment":
                found.append(node)
            stack.extend(child for child in node.named_children if child.type not in {"string", "quoted_key"})
        for node in sorted(found, key=lambda node: node.start_byte):
            text = self.data[node.start_byte + 1 : node.end_byte].decode()
            line = max(self.data.rfind(b"\n", 0, node.start_byte) + 1, content_start(self.data))
            own_line = not self.data[line : node.start_byte].strip()
            span = Span(node.start_byte, node.start_byte + 1 + len(text.rstrip().encode()))
            yield Comment(text.strip(), node.start_point.row + 1, span, own_line)


def _value_of(pair: Node) -> Node:
    """The value of a pair; the grammar counts a comment behind it as part of the pair."""
    return next(child for child in pair.named_children[1:] if child.type != "comment")


def _section_span(node: Node) -> Span:
    """From the header to the last value; the grammar counts the blank lines and comments behind it too."""
    pairs = [child for child in node.named_children if child.type == "pair"]
    bracket = next(child for child in node.children if child.type in {"]", "]]"})
    return Span(node.start_byte, _value_of(pairs[-1]).end_byte if pairs else bracket.end_byte)


def _meaning(match: re.Match[str]) -> str:
    if match[0] == "\r\n":
        return "\n"
    escape = match[0][1:]
    if escape[0] in {"u", "U"}:
        return chr(int(escape[1:], 16))
    return _NAMED.get(escape, "")


_FITS = {
    "literal": re.compile(r"[^'\x00-\x08\n-\x1f\x7f]*+"),
    "multi-literal": re.compile(r"[^'\x00-\x08\x0b-\x1f\x7f]*+"),
}
_CONTROL = re.compile(r'["\\\x00-\x08\n-\x1f\x7f]')
_SHORT = {"\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


def encode(style: str, text: str) -> bytes | None:
    """`text` as part of a string of this style, or None where that style cannot hold it."""
    base = style.removesuffix(IN_BRACES)
    if re.search("[\ud800-\udfff]", text) or (base != style and "}" in text):
        return None
    if base in _FITS:
        # A line break would have to be that of the file.
        return text.encode() if _FITS[base].fullmatch(text) and "\n" not in text else None
    return _CONTROL.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", text).encode()


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for code and for tables that only dotted keys make."""
    from neonlint.formats.toml_write import render as write  # noqa: PLC0415 (a run that only reads does not need it)

    return write(document, ops)
