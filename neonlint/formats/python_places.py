"""Where things stand in a file that is to be changed: expressions, statements and items by their offsets. Writes
nothing.

The insides of f-strings are left out, because Python 3.11 does not know their positions and nothing is written there.
"""

from __future__ import annotations

import ast
from typing import TypeAlias

from neonlint.formats.python_source import Source
from neonlint.ir.source import Entry, Span
from neonlint.records import dataclass, field

Range: TypeAlias = tuple[int, int]
_Plain = (ast.Assign, ast.AnnAssign, ast.keyword, ast.Dict, ast.Call, ast.Return, ast.List)


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """A keyword or `key: value`: the call or display that holds it, where the item begins, and its value."""

    box: Range
    start: int
    value: ast.expr


@dataclass(frozen=True, slots=True)
class StatementPlace:
    """A statement and the body that holds it."""

    node: ast.stmt
    body: list[ast.stmt]


@dataclass(slots=True)
class Places:
    """Offsets count bytes of the source's `utf8`. `plain` holds the expressions that need no parentheres around any
    other.
    """

    source: Source
    expressions: dict[Range, ast.expr] = field(default_factory=dict)
    statements: dict[Range, StatementPlace] = field(default_factory=dict)
    boxes: dict[Range, ast.Call | ast.Dict] = field(default_factory=dict)
    items: dict[int, ItemPlace] = field(default_factory=dict)
    classes: dict[Range, ast.ClassDef] = field(default_factory=dict)
    plain: set[int] = field(default_factory=set)

    def range_of(self, span: Span) -> Range:
        """A span of the file as offsets in `utf8`."""
        return self.source.utf8_offset(span.start), self.source.utf8_offset(span.end)

    def item(self, entry: Entry) -> ItemPlace | None:
        """The keyword or pair that an entry was read from."""
        return self.items.get(self.source.utf8_offset(entry.key_span.start))

    def statement(self, entry: Entry) -> StatementPlace | None:
        """The statement that an entry was read from, where it is one."""
        return self.statements.get(self.range_of(entry.span))

    def value(self, entry: Entry) -> ast.expr | None:
        """The expression that gives an entry its value, as it is written there."""
        if (item := self.item(entry)) is not None:
            return item.value
        place = self.statement(entry)
        match place.node if place else None:
            case ast.Assign(value=value):
                return value
            case ast.AnnAssign(value=ast.expr() as value):
                return value
            case ast.Expr(value=ast.Call(args=[_, value])):
                return value
        return None


def places_in(source: Source) -> Places:
    """Find every place of a file."""
    found = Places(source)
    stack: list[ast.AST] = [source.tree]
    while stack:
        node = stack.pop()
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                _note_statements(found, body)
        if isinstance(node, ast.expr):
            found.expressions.setdefault(source.bounds(node), node)
        if isinstance(node, ast.ClassDef):
            found.classes[source.bounds(node)] = node
        _note_items(found, node)
        if isinstance(node, _Plain):
            found.plain.update(id(child) for child in ast.iter_child_nodes(node))
        if not isinstance(node, ast.JoinedStr):
            stack.extend(ast.iter_child_nodes(node))
    return found


def _note_statements(found: Places, body: list[ast.stmt]) -> None:
    for node in body:
        if isinstance(node, ast.stmt):
            found.statements[found.source.bounds(node)] = StatementPlace(node, body)


def _note_items(found: Places, node: ast.AST) -> None:
    if not isinstance(node, (ast.Call, ast.Dict)):
        return
    box = found.source.bounds(node)
    found.boxes[box] = node
    pairs: list[tuple[ast.expr | ast.keyword | None, ast.expr]] = []
    if isinstance(node, ast.Call):
        pairs += [(keyword, keyword.value) for keyword in node.keywords if keyword.arg]
    else:
        pairs += zip(node.keys, node.values, strict=True)
    for key, value in pairs:
        if key is not None:
            start = found.source.bounds(key)[0]
            found.items[start] = ItemPlace(box, start, value)
