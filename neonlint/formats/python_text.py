"""Expressions that make text out of text: literals, `+`, `%`, `.format`, string methods. Knows no environment and no
tables.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from neonlint.formats.python_compose import Other, braces, concatenate, percent
from neonlint.formats.python_scopes import Scope
from neonlint.formats.python_strings import Part, constant_part, joined_part, slot_of
from neonlint.ir.source import EnvRef, Scalar, Slot, Value, has_hole

if TYPE_CHECKING:
    from neonlint.formats.python_values import Values

#: Methods that give the same text, as far as a connection string is concerned.
_KEEPING = frozenset(["strip", "rstrip", "lstrip", "get_secret_value", "unicode_string"])
_CHANGING = frozenset(
    [
        "replace",
        "format",
        "removeprefix",
        "removesuffix",
        "lower",
        "upper",
        "split",
        "rsplit",
        "partition",
        "rpartition",
        "join",
        "encode",
        "decode",
        "translate",
        "title",
        "expandtabs",
    ]
)
#: Functions that give back the text of their last argument.
_SAME = frozenset(
    {
        "str",
        "typing.cast",
        "pydantic.SecretStr",
        "pydantic.types.SecretStr",
        "pydantic.PostgresDsn",
        "pydantic.networks.PostgresDsn",
        "starlette.datastructures.Secret",
    }
)
_QUOTING = frozenset(
    {"urllib.parse.quote_plus", "urllib.parse.quote", "urllib.parse.unquote", "urllib.parse.unquote_plus"}
)


def scalar(values: Values, node: ast.expr, scope: Scope) -> Scalar:
    """A literal or f-string; anything else would be a mistake of the caller."""
    part = text_part(values, node, scope)
    if part is None:
        raise TypeError
    return _scalar(values, node, part)


def _scalar(values: Values, node: ast.expr, part: Part) -> Scalar:
    span = values.source.span(node)
    slot = slot_of(values.source, part, span)
    return Scalar(slot.text, span, slot)


def text_part(values: Values, node: ast.expr, scope: Scope) -> Part | None:
    """The characters that an expression writes, or None for one that is no text as far as its form tells."""
    match node:
        case ast.Constant(value=str(text)):
            return constant_part(values.source, node, text)
        case ast.JoinedStr():
            return joined_part(values.source, node, lambda inner: values.value(inner, scope))
        case ast.BinOp(op=ast.Add()):
            return _sum(values, node, scope)
        case ast.BinOp(op=ast.Mod(), left=left, right=right) if _is_literal(left):
            return _percent(values, node, left, right, scope)
        case ast.Call(func=ast.Attribute(value=inner, attr="format")) if _is_literal(inner):
            return _format(values, node, inner, scope)
    return None


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def operation(values: Values, node: ast.BinOp, scope: Scope) -> Value | None:
    """`a + b` and `a % b` where one of them is text; None otherwise."""
    part = text_part(values, node, scope)
    return _scalar(values, node, part) if part else None


def _sum(values: Values, node: ast.BinOp, scope: Scope) -> Part | None:
    operands: list[ast.expr] = []
    rest: ast.expr = node
    while isinstance(rest, ast.BinOp) and isinstance(rest.op, ast.Add):
        operands.append(rest.right)
        rest = rest.left
    operands.append(rest)
    if not any(_is_literal(part) for part in operands):
        return None
    found: list[Part | Other] = []
    for operand in reversed(operands):
        part = text_part(values, operand, scope)
        found.append(part or Other(values.value(operand, scope), *values.source.bounds(operand)))
    return concatenate(found)


def _percent(values: Values, node: ast.expr, left: ast.expr, right: ast.expr, scope: Scope) -> Part | None:
    part = text_part(values, left, scope)
    if part is None:
        return None
    positional: list[Value] = []
    named: dict[str, Value] = {}
    if isinstance(right, ast.Dict):
        named = {
            key.value: values.value(value, scope)
            for key, value in zip(right.keys, right.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    else:
        positional = [values.value(v, scope) for v in (right.elts if isinstance(right, ast.Tuple) else [right])]
    return percent(part, positional, named, values.unknown("filled in by `%`", node))


def _format(values: Values, node: ast.Call, inner: ast.expr, scope: Scope) -> Part | None:
    part = text_part(values, inner, scope)
    if part is None:
        return None
    call = values.call(node, scope)
    named = {entry.key: entry.value for entry in call.keywords.entries}
    return braces(part, call.args, named, values.unknown("filled in by `.format`", node))


def call(values: Values, node: ast.Call, scope: Scope) -> Value | None:
    """The text that a call gives: `str(x)`, `x.strip()`, `"…".format(…)`, `x.replace(…)`; None for other calls."""
    if (part := text_part(values, node, scope)) is not None:
        return _scalar(values, node, part)
    func = node.func
    if isinstance(func, ast.Attribute) and (func.attr in _KEEPING or func.attr in _CHANGING):
        return _method(values, node, func, scope)
    return _passed(values, node, scope) if node.args else None


def _passed(values: Values, node: ast.Call, scope: Scope) -> Value | None:
    """What a function makes of the text it is given: `str(x)`, `int(x)`, `quote_plus(x)`, `re.sub(…, x)`."""
    func = node.func
    callee = values.names.path(func, scope)
    if callee in _SAME or callee.rpartition(".")[2] in ("SecretStr", "PostgresDsn"):
        found = values.value(node.args[-1], scope)
        return found if isinstance(found, (EnvRef, Scalar)) else None
    if callee in ("int", "float", "bool") or callee in _QUOTING:
        found = values.value(node.args[0], scope)
        return _reworked(found, callee in _QUOTING) if isinstance(found, EnvRef) else None
    if callee in ("re.sub", "re.subn") and len(node.args) >= 3:
        found = values.value(node.args[2], scope)
        return _reworked(found) if isinstance(found, EnvRef) else None
    return None


def _reworked(value: EnvRef, transformed: bool = True) -> EnvRef:
    return EnvRef(value.name, value.span, value.default, value.transformed or transformed)


def _method(values: Values, node: ast.Call, func: ast.Attribute, scope: Scope) -> Value | None:
    base = values.value(func.value, scope)
    if isinstance(base, EnvRef):
        return base if func.attr in _KEEPING else _reworked(base)
    if not isinstance(base, Scalar) or not isinstance(base.value, str):
        return None
    if func.attr in _KEEPING and base.value == base.value.strip() and not node.args:
        return base
    args = [values.value(arg, scope) for arg in node.args]
    texts = [arg.value for arg in args if isinstance(arg, Scalar)]
    if func.attr == "replace" and not has_hole(base.value) and len(texts) == len(args):
        return _replaced(values, node, base.value, texts)
    return values.unknown("changed by a string method", node)


def _replaced(values: Values, node: ast.Call, text: str, args: Sequence[object]) -> Value:
    """`"…".replace("a", "b")` worked out; the result cannot be edited in place."""
    match args:
        case [str(old), str(new)]:
            count = -1
        case [str(old), str(new), int(count)]:
            pass
        case _:
            return values.unknown("changed by a string method", node)
    if has_hole(old + new) or len(text) * (len(new) + 1) > 100_000:
        return values.unknown("changed by a string method", node)
    result, span = text.replace(old, new, count), values.source.span(node)
    slot = Slot(result, [span.start] * len(result), [span.end] * len(result), span, "", writable=False)
    return Scalar(result, span, slot)
