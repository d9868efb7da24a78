"""From the spans of a document to the nodes of its syntax tree: where a value, an entry or a table is written.

Everything is found by its bytes, so nothing here needs to know how the reader followed a name.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from neonlint.errors import Refused
from neonlint.formats.javascript_source import Source, is_bundle
from neonlint.ir.source import Document, Entry, Span
from neonlint.records import dataclass

#: Where an expression may stand, with the fields of such a node that hold names instead.
_HOLDERS: dict[str, frozenset[str]] = {
    "pair": frozenset({"key"}),
    "arguments": frozenset(),
    "variable_declarator": frozenset({"name", "type"}),
    "assignment_expression": frozenset({"left"}),
    "augmented_assignment_expression": frozenset({"left"}),
    "array": frozenset(),
    "return_statement": frozenset(),
    "arrow_function": frozenset({"parameter", "parameters", "return_type", "type_parameters"}),
    "parenthesized_expression": frozenset(),
    "template_substitution": frozenset(),
    "public_field_definition": frozenset({"name", "type", "property"}),
    "field_definition": frozenset({"name", "property"}),
    "export_statement": frozenset({"source", "declaration"}),
    "assignment_pattern": frozenset({"left"}),
    "object_assignment_pattern": frozenset({"left"}),
    "required_parameter": frozenset({"pattern", "type"}),
    "jsx_expression": frozenset(),
    "spread_element": frozenset(),
}
#: Where an expression may stand beside an operator, so that it needs parentheses unless it is one word.
_OPERATORS: dict[str, frozenset[str]] = {
    "binary_expression": frozenset(),
    "ternary_expression": frozenset(),
    "as_expression": frozenset(),
    "satisfies_expression": frozenset(),
    "non_null_expression": frozenset(),
    "await_expression": frozenset(),
    "unary_expression": frozenset(),
    "member_expression": frozenset({"property"}),
    "subscript_expression": frozenset(),
    "sequence_expression": frozenset(),
}
_FIELDS = frozenset({"public_field_definition", "field_definition"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry is written: `node` is the whole of it (a pair of an object, a declarator, an assignment), `value`
    what stands on its right, None for a shorthand property or a method."""

    node: Node
    value: Node | None


class Places:
    """The syntax tree of a document, by spans. Raises `Refused` for a file that is not worth parsing."""

    def __init__(self, document: Document) -> None:
        if is_bundle(document.data):
            raise Refused("the file is generated or too large to be rewritten")
        self.data = document.data
        self.root = Source(document.path, document.data).root

    def node(self, span: Span) -> Node | None:
        """The innermost node that is written in exactly these bytes."""
        found = self.root.named_descendant_for_byte_range(span.start, span.end)
        return found if found is not None and (found.start_byte, found.end_byte) == span else None

    def entry(self, entry: Entry) -> Place | None:
        """Where an entry is written, by the place of its key."""
        start, end = entry.key_span
        node: Node | None = self.root.named_descendant_for_byte_range(start, end)
        while node is not None:
            if node.type in ("shorthand_property_identifier", "method_definition"):
                return Place(node, None)
            if node.type == "export_statement":
                return Place(node, node.child_by_field_name("value"))
            for kind, left, right in (
                ("pair", "key", "value"),
                ("variable_declarator", "name", "value"),
                ("assignment_expression", "left", "right"),
                *((kind, "name", "value") for kind in _FIELDS),
                ("field_definition", "property", "value"),
            ):
                key = node.child_by_field_name(left) if node.type == kind else None
                if key is not None:
                    inside = key.start_byte <= start and end <= key.end_byte and not key.type.endswith("_pattern")
                    return Place(node, node.child_by_field_name(right)) if inside else None
            if node.type in ("program", "statement_block", "class_body", "object", "arguments"):
                return None
            node = node.parent
        return None


def same(one: Node | None, other: Node | None) -> bool:
    """Whether two nodes of one tree are the same; tree-sitter makes a new object at each look."""
    return one is not None and other is not None and one.id == other.id


def end_of(node: Node) -> int:
    """Where a node ends; the grammar counts a comment behind a function's body as part of it."""
    while rest := [child for child in node.children if child.type != "comment"]:
        node = rest[-1]
    return node.end_byte


def items_of(node: Node) -> list[Node]:
    """The members of an object or the arguments of a call, without the comments among them."""
    return [child for child in node.named_children if child.type != "comment"]


def replaceable(node: Node) -> tuple[Node, bool]:
    """What to write over in order to give an expression another value, and whether that stands apart from operators.

    Raises `Refused` for what is no expression: a key, the source of an import, a type, a directive, a tagged template.
    """
    parent = node.parent
    while parent is not None and parent.type == "as_expression" and parent.children[-1].type == "const":
        # `"text" as const` is only for literals.
        node, parent = parent, parent.parent
    if parent is not None and node.type != "comment":
        field = next((parent.field_name_for_child(i) for i, c in enumerate(parent.children) if same(c, node)), None)
        if parent.type in _HOLDERS and field not in _HOLDERS[parent.type]:
            return node, True
        if parent.type in _OPERATORS and field not in _OPERATORS[parent.type] and _is_operand(node):
            return node, False
        if parent.type == "jsx_attribute" and node.type == "string":
            return node, True
    raise Refused("the value is not written in a place of its own")


def is_callee(node: Node) -> bool:
    """Whether a name is what a call calls (`sql` in `sql("…")`), so that a member of it can be called instead."""
    parent = node.parent
    if parent is None or parent.type != "call_expression" or node.type != "identifier":
        return False
    function = parent.child_by_field_name("function")
    return function is not None and same(function, node)


def _is_operand(node: Node) -> bool:
    return not node.type.endswith(("_type", "_annotation"))


def nodes(root: Node) -> Iterator[Node]:
    """Every node of a tree, without recursion, in no promised order."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.children)
