"""How a JavaScript file is written: quotes, semicolons, blanks in braces; and values in that hand. Knows no layout."""

from __future__ import annotations

import math

from tree_sitter import Node

from neonlint.edits import Code, Literal, Nested
from neonlint.errors import ParseFailure, Refused
from neonlint.formats.javascript_source import Source
from neonlint.formats.javascript_strings import encode
from neonlint.ir.source import Document
from neonlint.records import dataclass
from neonlint.regex import regex

_NAME = regex(r"[A-Za-z_$][A-Za-z0-9_$]*")
_SOURCES = regex(rb"\b(?:from|import|require\()[ \t]*(['\"])")
_WIDE = regex(rb"\{ [\w$'\"]")
_NARROW = regex(rb"\{[\w$'\"]")
_ENDED = frozenset({"expression_statement", "lexical_declaration", "variable_declaration", "import_statement"})


@dataclass(frozen=True, slots=True)
class Style:
    """`quote` is the file's quote, `end` what ends a statement, `pad` what stands inside of braces on one line."""

    quote: str
    end: str
    pad: str

    def expression(self, value: Literal) -> str:
        """A value as source text; raises `Refused` for text that no string can hold."""
        if isinstance(value, Code):
            return value.text
        if isinstance(value, Nested):
            return self.braced([f"{self.key(key)}: {self.expression(inner)}" for key, inner in value.entries])
        if isinstance(value, str):
            text = encode(self.quote, value)
            if text is None:
                raise Refused("the new text cannot be written as a string")
            return f"{self.quote}{text.decode()}{self.quote}"
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if not math.isfinite(value):
            raise Refused("the new number cannot be written")
        return repr(value)

    def key(self, key: str, *, quoted: bool = False) -> str:
        """The key of an object."""
        return key if _NAME.fullmatch(key) and not quoted else self.expression(key)

    def braced(self, items: list[str]) -> str:
        """An object or import clause on one line."""
        return f"{{{self.pad}{', '.join(items)}{self.pad}}}" if items else "{}"


def style_of(document: Document, root: Node) -> Style:
    """What most of the file does; single quotes go where double ones do not lead."""
    quotes = [match[1] for match in _SOURCES.finditer(document.data)]
    quotes += [document.data[one.slot.span.start : one.slot.span.start + 1] for one in document.literals]
    statements = [node for node in root.named_children if node.type in _ENDED]
    ended = sum(document.data[node.end_byte - 1 : node.end_byte] == b";" for node in statements)
    narrow = len(_NARROW.findall(document.data)) > len(_WIDE.findall(document.data))
    return Style(
        "'" if quotes.count(b"'") > quotes.count(b'"') else '"',
        ";" if 2 * ended >= len(statements) else "",
        "" if narrow else " ",
    )


def identifier(name: str) -> bool:
    """Whether `name` can be written as a name."""
    return _NAME.fullmatch(name) is not None


#: Expressions that can stand beside any operator.
_ATOMS = frozenset(
    {
        "identifier",
        "undefined",
        "member_expression",
        "subscript_expression",
        "call_expression",
        "non_null_expression",
        "parenthesized_expression",
        "string",
        "template_string",
        "number",
        "true",
        "false",
        "null",
        "array",
    }
)


def is_atom(text: str) -> bool:
    """Whether an expression can stand beside an operator as it is; raises `Refused` for what is no expression."""
    try:
        root = Source("x.ts", b"(" + text.encode() + b"\n)").root
    except ParseFailure:
        raise Refused("the new value is not an expression") from None
    statements = root.named_children
    inner = statements[0].named_children if len(statements) == 1 and not root.has_error else []
    if len(inner) != 1 or inner[0].type != "parenthesized_expression" or len(inner[0].named_children) != 1:
        raise Refused("the new value is not an expression")
    return inner[0].named_children[0].type in _ATOMS
