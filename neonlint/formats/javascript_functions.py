"""The functions of a JavaScript file: what each is called, who takes it, who may call it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tree_sitter import Node

from neonlint.formats.javascript_names import Names
from neonlint.formats.javascript_scopes import Scope, Survey, parts, unwrapped
from neonlint.formats.javascript_source import Source, span
from neonlint.ir.source import FunctionDef_

_LONGEST = 300


def name_scopes(survey: Survey, names: Names, scope_of: dict[int, Scope]) -> dict[int, str]:
    """Give every scope its path; the result maps functions that are arguments (by identity) to the callee that takes
    them."""
    given: dict[int, str] = {}
    counts: Counter[str] = Counter()
    for scope in survey.every:
        outer = scope.parent or survey.module
        scope.path, scope.function = outer.path, outer.function
        if scope.kind == "block" or (scope.kind == "function" and scope.immediate):
            continue
        own = scope.name
        if scope.kind == "function" and scope.given is not None and scope.node is not None:
            callee = _callee(scope.given, names, scope_of.get(scope.given.id, outer))
            given[scope.node.id] = callee
            own = own or f"{callee}#{_next(counts, callee)}"
        own = own or f"{scope.kind}#{_next(counts, scope.kind)}"
        path = f"{outer.path}.{own}" if outer.path else own
        scope.path = path if len(path) <= _LONGEST else own[:_LONGEST]
        if scope.kind == "function":
            scope.function = scope.path
    return given


def _next(counts: Counter[str], name: str) -> int:
    counts[name] += 1
    return counts[name]


def _callee(call: Node, names: Names, scope: Scope) -> str:
    function = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    return names.path(function, scope) if function is not None else "?"


def functions(source: Source, survey: Survey, names: Names, given: dict[int, str]) -> Iterator[FunctionDef_]:
    """Every function in source order."""
    seen = _exported(source, survey)
    for scope in survey.every:
        node = scope.node
        if scope.kind != "function" or scope.immediate or node is None:
            continue
        outer = scope.parent or survey.module
        body = node.child_by_field_name("body")
        block = body is not None and body.type == "statement_block"
        yield FunctionDef_(
            scope.path,
            tuple(_parameters(source, node)),
            tuple(_decorator(names, one, outer) for one in survey.decorators.get(node.id, ())),
            span(node),
            any(child.type == "async" for child in node.children[:4]),
            given.get(node.id, ""),
            _is_exported(scope, seen),
            tuple(directives(source, body)) if body is not None and block else (),
        )


def directives(source: Source, body: Node) -> Iterator[str]:
    """The strings that a file or a function's body begins with: `use client`."""
    for statement in parts(body):
        inner = statement.named_children[0] if statement.type == "expression_statement" else None
        if inner is None or inner.type != "string":
            if statement.type != "hash_bang_line":
                return
            continue
        yield source.text(inner)[1:-1]


def _exported(source: Source, survey: Survey) -> set[str]:
    """The names of this file that others see, by what they are called here."""
    found = {"default"}
    for one in survey.exports:
        found.add(one.name)
        value = unwrapped(one.value) if one.value is not None else None
        if value is not None and value.type == "identifier":
            found.add(source.text(value))
        elif value is not None and (name := value.child_by_field_name("name")) is not None:
            found.add(source.text(name))
    return found


def _is_exported(scope: Scope, seen: set[str]) -> bool:
    """Whether a function is exported, a method of something exported, or given to a call whose result is."""
    outer = scope.parent
    while outer is not None and outer.kind == "block":
        outer = outer.parent
    if outer is None or outer.kind == "function":
        return False
    if outer.kind == "class":
        return outer.name in seen or outer.path in seen
    if scope.name:
        return scope.name.partition(".")[0] in seen
    return False


def _parameters(source: Source, node: Node) -> Iterator[str]:
    single, several = node.child_by_field_name("parameter"), node.child_by_field_name("parameters")
    for one in [single] if single is not None else parts(several) if several is not None else []:
        pattern = one.child_by_field_name("pattern") or one
        if pattern.type == "assignment_pattern":
            pattern = pattern.child_by_field_name("left") or pattern
        if pattern.type == "rest_pattern" and pattern.named_children:
            pattern = pattern.named_children[0]
        yield source.text(pattern) if pattern.type in ("identifier", "this") else "{}"


def _decorator(names: Names, node: Node, scope: Scope) -> str:
    inner = node.named_children[0] if node.named_children else node
    function = inner.child_by_field_name("function") if inner.type == "call_expression" else inner
    return names.path(function, scope) if function is not None else "?"
