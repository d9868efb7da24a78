"""Calls in JavaScript as the model has them: callee, arguments, receiver, what is given the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from neonlint.formats.javascript_names import UNKNOWN, telling
from neonlint.formats.javascript_scopes import Scope, parts, unwrapped
from neonlint.formats.javascript_source import span
from neonlint.ir.source import Call, Ref, Span, Table, Unknown, Value

if TYPE_CHECKING:
    from neonlint.formats.javascript_values import Values


def made(values: Values, node: Node, scope: Scope) -> Call:
    """A call, `new` expression or tagged template as it is written."""
    function = node.child_by_field_name("function") or node.child_by_field_name("constructor") or node
    arguments = node.child_by_field_name("arguments")
    tagged = arguments is not None and arguments.type == "template_string"
    args, complete = _arguments(values, arguments, scope)
    return Call(
        values.names.path(function, scope) if function is not node else UNKNOWN,
        tuple(args),
        Table("keywords", (), span(arguments) if arguments is not None else Span(node.end_byte, node.end_byte)),
        span(node),
        _name_span(function),
        scope.function,
        (),
        values.survey.assigned.get(node.id),
        complete and not node.has_error,
        _receiver(values, function, scope),
        new=node.type == "new_expression" or function.type == "super",
        tagged=tagged,
    )


def _arguments(values: Values, arguments: Node | None, scope: Scope) -> tuple[list[Value], bool]:
    """The arguments up to a spread one, and whether there is none of that kind."""
    if arguments is None:
        return [], True
    if arguments.type == "template_string":
        return [values.value(arguments, scope)], True
    found: list[Value] = []
    for given in parts(arguments):
        if given.type == "spread_element":
            return found, False
        found.append(values.value(given, scope))
    return found, True


def _name_span(function: Node) -> Span:
    key = function.child_by_field_name("property")
    return span(key if key is not None else function)


def _receiver(values: Values, function: Node, scope: Scope) -> Value | None:
    """The value that a method is called on, or that is called itself (`sql` of `const sql = neon(url)`)."""
    inner = unwrapped(function)
    base = inner.child_by_field_name("object") if inner.type == "member_expression" else None
    if base is None:
        return _called(values, inner, scope)
    value = values.value(base, scope)
    if isinstance(value, Unknown):
        base = unwrapped(base)
        found = scope.find(values.source.text(base)) if base.type == "identifier" else []
        found = found or values.names.member_bindings(base, scope)
        if len(last := telling(found)) == 1:
            value = values.bound(last[0], last, "", span(base))
    return None if isinstance(value, (Ref, Unknown)) else value


def _called(values: Values, function: Node, scope: Scope) -> Value | None:
    if function.type == "identifier" and not scope.find(values.source.text(function)):
        return None
    if function.type not in ("identifier", "member_expression", "call_expression"):
        return None
    value = values.value(function, scope)
    return value if isinstance(value, Call) else None
