"""JSON, also with comments and trailing commas as tsconfig.json and VS Code take them. Knows no Postgres.

Style: `double` for every string. `${NAME}` and template tags are holes, because tools that copy such files fill them
in.
A file that is a list or a single value is given as a table with that value under the key "".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from json import dumps, loads

import tree_sitter_json
from tree_sitter import Language, Node, Parser

from neonlint.edits import Edit, Op
from neonlint.errors import ParseFailure
from neonlint.formats.environment import listed, unwrapped
from neonlint.formats.holes import IN_BRACES, made, template_parts
from neonlint.formats.lines import Source, Written, content_start, decode
from neonlint.ir.source import Comment, Document, Entry, Items, Scalar, Span, Table, TableKind, Unknown, Value
from neonlint.records import dataclass

NAME = "json"
MAX_DEPTH = 100

#: Keys whose objects hold environment variables.
_ENV = frozenset({"env", "environment", "vars", "variables", "Variables", "containerEnv", "remoteEnv"})

_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
_BLANK = r"(?:\s|//[^\n]*+|/\*(?:(?!\*/).)*+(?:\*/)?)"
# What is no trailing comma is matched first and kept: strings, comments, and a comma behind an opening bracket.
_KEPT = rf'"(?:[^"\\\n]|\\.)*+"?|(?=/[/*]){_BLANK}|[\[{{]{_BLANK}*+,'
# The plus of an exponent is the one thing in JSON that the grammar does not know.
_UNKNOWN = re.compile(rf"({_KEPT})|(?<=\d[eE])(\+)(?=\d)|,(?={_BLANK}*+[}}\]])".encode(), re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?")


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` for what is no JSON even with comments and trailing commas."""
    source = decode(data)
    root = tree(data)
    reader = _Reader(data, source)
    values = [child for child in root.named_children if child.type != "comment"]
    if len(values) > 1:
        raise ParseFailure("more than one JSON value", values[1].start_point.row + 1)
    table = reader.root(values[0]) if values else None
    return Document(path, NAME, data, table, comments=tuple(reader.comments(root)))


def tree(data: bytes) -> Node:
    """The syntax tree without trailing commas; raises `ParseFailure`."""
    start = content_start(data)
    # One byte in the place of each that the grammar does not know keeps every offset as it is.
    known = _UNKNOWN.sub(lambda match: match[1] or (b"0" if match[2] else b" "), data[start:])
    root = _parser().parse(b" " * start + known).root_node
    if root.has_error:
        raise ParseFailure("not valid JSON", _error_row(root))
    return root


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_json.language()))


def _error_row(root: Node) -> int:
    """The 1-based row of the first syntax error."""
    node = root
    while not (node.is_error or node.is_missing):
        broken = next((child for child in node.children if child.has_error or child.is_missing), None)
        if broken is None:
            break
        node = broken
    return int(node.start_point.row) + 1


@dataclass(frozen=True, slots=True)
class _Reader:
    data: bytes
    source: Source

    def root(self, node: Node) -> Table:
        value = self.value(node, "", 0)
        if isinstance(value, Table):
            return value
        return Table("mapping", (Entry("", Span(value.span.start, value.span.start), value, value.span),), value.span)

    def value(self, node: Node, key: str, depth: int) -> Value:
        span = Span(node.start_byte, node.end_byte)
        if depth > MAX_DEPTH:
            raise ParseFailure("nested too deeply", node.start_point.row + 1)
        match node.type:
            case "object":
                kind: TableKind = "env" if key in _ENV else "mapping"
                entries = self.entries(node, depth)
                return Table(kind, tuple(unwrapped(entries) if kind == "env" else entries), span, name=key)
            case "array":
                values = (child for child in node.named_children if child.type != "comment")
                return Items(tuple(self.value(child, "", depth + 1) for child in values), span)
            case "string":
                return made(self.characters(span), span, "double", template_parts)
            case _:
                return self.plain(span)

    def entries(self, node: Node, depth: int) -> Iterator[Entry]:
        for pair in node.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if pair.type != "pair" or key is None or value is None:
                continue
            key_span = Span(key.start_byte, key.end_byte)
            name = self.characters(key_span).text
            span = Span(pair.start_byte, pair.end_byte)
            entry = Entry(name, key_span, self.value(value, name, depth + 1), span)
            yield entry
            if name in _ENV and isinstance(entry.value, Items):
                yield from listed(entry)

    def characters(self, span: Span) -> Written:
        """What a string says; a raw line break or other control character in it is no JSON."""
        start, end = self.source.character(span.start) + 1, self.source.character(span.end) - 1
        if bad := re.compile(r"[\x00-\x1f]").search(self.source.text, start, end):
            raise ParseFailure("a control character in a JSON string", self.source.row(bad.start()))
        return self.source.unescaped(start, end, _ESCAPE, self.meaning)

    def meaning(self, escape: re.Match[str]) -> str:
        try:
            return str(loads(f'"{escape[0]}"'))
        except ValueError:
            raise ParseFailure("not valid JSON", self.source.row(escape.start())) from None

    def plain(self, span: Span) -> Value:
        text = self.data[span.start : span.end].decode()
        if text not in {"true", "false", "null"} and not _NUMBER.fullmatch(text):
            raise ParseFailure("not valid JSON", self.source.row(self.source.character(span.start)))
        try:
            return Scalar(loads(text), span)
        except ValueError:
            return Unknown("a number too long to read", span)

    def comments(self, root: Node) -> Iterator[Comment]:
        stack = [root]
        found = []
        while stack:
            node = stack.pop()
            if node.type == "comment":
                found.append(node)
            stack.extend(child for child in node.named_children if child.type not in {"string", "number"})
        for node in sorted(found, key=lambda node: node.start_byte):
            yield self.comment(node)

    def comment(self, node: Node) -> Comment:
        text = self.data[node.start_byte : node.end_byte].decode()
        inner = text[2:-2] if text.startswith("/*") else text[2:]
        line = self.data.rfind(b"\n", 0, node.start_byte) + 1
        own_line = not self.data[line : node.start_byte].lstrip(b"\xef\xbb\xbf").strip()
        span = Span(node.start_byte, node.start_byte + len(text.rstrip().encode()))
        return Comment(inner.strip(), node.start_point.row + 1, span, own_line)


def encode(style: str, text: str) -> bytes | None:
    """`text` as part of a string; None where it holds half of a surrogate pair."""
    if re.search("[\ud800-\udfff]", text) or (style.endswith(IN_BRACES) and "}" in text):
        return None
    return dumps(text, ensure_ascii=False)[1:-1].encode()


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for code and for tables that are no objects."""
    from neonlint.formats.json_write import render as write  # noqa: PLC0415 (a run that only reads does not need it)

    return write(document, ops)
