"""JavaScript expressions that make text out of text: literals, templates, `+`, string methods. Knows no environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from neonlint.formats.javascript_scopes import Scope, unwrapped
from neonlint.formats.javascript_source import span
from neonlint.formats.javascript_strings import Part, attribute_part, decoded, hole_part, joined, literal_part, slot_of
from neonlint.ir.source import EnvRef, Scalar, Slot, Unknown, Value, has_hole

if TYPE_CHECKING:
    from neonlint.formats.javascript_values import Values

#: Methods that give the same text, as far as a connection string is concerned.
_KEEPING = frozenset({"trim", "trimStart", "trimEnd", "toString", "valueOf", "normalize"})
_CHANGING = frozenset({"replace", "replaceAll", "concat", "toLowerCase", "toUpperCase", "padEnd", "padStart", "repeat"})
_CUTTING = frozenset({"slice", "substring", "substr"})
#: Functions that give back the text of their argument, and those that make something else of the same variable.
_SAME = frozenset({"String", "Number", "parseInt", "parseFloat", "Number.parseInt", "Number.parseFloat"})
_QUOTING = frozenset({"encodeURIComponent", "encodeURI", "decodeURIComponent", "decodeURI"})
_MANY_PARTS = 20_000


def scalar(node: Node, part: Part) -> Scalar:
    """The text of a part, written by `node`."""
    where = span(node)
    slot = slot_of(part, where)
    return Scalar(slot.text, where, slot)


def literal(values: Values, node: Node, scope: Scope) -> Part:
    """A string or template literal."""
    data = values.source.data
    start, end = node.start_byte, node.end_byte
    if node.type == "string":
        if node.id in values.survey.markup:
            return attribute_part(data, start, end)
        return literal_part(data, start, end)
    holes = [child for child in node.named_children if child.type == "template_substitution"]
    if not holes:
        return literal_part(data, start, end)
    found: list[Part] = []
    at = start + 1
    for child in holes:
        found.append(decoded(data, at, child.start_byte, "`"))
        inner = [one for one in child.named_children if one.type != "comment"]
        value = values.value(inner[0], scope) if inner else values.unknown("an empty substitution", child)
        found.append(hole_part(value, child.start_byte, child.end_byte))
        at = child.end_byte
    found.append(decoded(data, at, max(end - 1, at), "`"))
    return joined(found, "`")


def added(values: Values, node: Node, scope: Scope) -> Scalar | Unknown | None:
    """`a + b + …` where one of them is text; None otherwise."""
    operands: list[Node] = []
    rest = node
    while rest.type == "binary_expression" and _operator(rest) == "+":
        left, right = rest.child_by_field_name("left"), rest.child_by_field_name("right")
        if left is None or right is None:
            return None
        operands.append(right)
        rest = unwrapped(left)
    operands.append(rest)
    if len(operands) > _MANY_PARTS:
        return values.unknown("put together of too many parts", node)
    if not any(is_literal(unwrapped(one)) for one in operands):
        return None
    found: list[Part] = []
    for operand in reversed(operands):
        inner = unwrapped(operand)
        if is_literal(inner):
            found.append(literal(values, inner, scope))
        else:
            value = values.value(inner, scope)
            found.append(hole_part(value, operand.start_byte, operand.end_byte))
    styles = sorted({part.style for part in found if part.style})
    return scalar(node, joined(found, "".join(styles)))


def is_literal(node: Node) -> bool:
    """Whether a node is a string or template literal."""
    return node.type in ("string", "template_string")


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else ""


def passed(values: Values, callee: str, given: list[Node], scope: Scope) -> Value | None:
    """What `String(x)`, `Number(x)`, `encodeURIComponent(x)` make of a variable; None for any other call."""
    if not given or (callee not in _SAME and callee not in _QUOTING):
        return None
    found = values.value(given[0], scope)
    if isinstance(found, EnvRef):
        changed = found.transformed or callee in _QUOTING
        return EnvRef(found.name, found.span, found.default, changed)
    return found if callee == "String" and isinstance(found, Scalar) and isinstance(found.value, str) else None


def method(values: Values, node: Node, base: Value, name: str, given: list[Node], scope: Scope) -> Value | None:
    """What a string method makes of a text; None where it is no such method or no text."""
    text = isinstance(base, Scalar) and isinstance(base.value, str)
    if not text and not isinstance(base, EnvRef):
        return None
    if name in _KEEPING:
        return base
    if name in _CUTTING:
        return _cut(values, node, base, given, scope)
    if name == "split":
        return values.unknown("cut into pieces", node)
    if name not in _CHANGING:
        return None
    if isinstance(base, EnvRef):
        return EnvRef(base.name, base.span, base.default, transformed=True)
    return _replaced(values, node, base, name, given, scope)


#: The first characters of a connection string, in which no password has begun: `postgresql://` and a user.
_BEFORE_PASSWORD = 20


def _cut(values: Values, node: Node, base: Value, given: list[Node], scope: Scope) -> Value:
    bounds = [values.value(one, scope) for one in given]
    numbers = [one.value if isinstance(one, Scalar) else None for one in bounds]
    begins = len(numbers) == 2 and numbers[0] == 0
    short = begins and isinstance(end := numbers[1], int) and 0 <= end <= _BEFORE_PASSWORD
    return Unknown("cut short", span(node), base if begins and not short else None)


def _replaced(values: Values, node: Node, base: Value, name: str, given: list[Node], scope: Scope) -> Value:
    """`"…".replace("a", "b")` worked out; the result cannot be edited in place."""
    found = [values.value(one, scope) for one in given]
    texts = [one.value for one in found if isinstance(one, Scalar) and isinstance(one.value, str)]
    old = base.value if isinstance(base, Scalar) and isinstance(base.value, str) else ""
    if name not in ("replace", "replaceAll") or len(texts) != 2 or len(found) != 2 or has_hole(old + "".join(texts)):
        return values.unknown("changed by a string method", node)
    if "$" in texts[1] or len(old) * (len(texts[1]) + 1) > 100_000:
        return values.unknown("changed by a string method", node)
    result, where = old.replace(texts[0], texts[1], 1 if name == "replace" else -1), span(node)
    slot = Slot(result, [where.start] * len(result), [where.end] * len(result), where, "", writable=False)
    return Scalar(result, where, slot)
