"""Dotted names: what a callee, receiver or annotation is called once imports and assignments are resolved. Makes no
values.

A *path* is `sqlalchemy.create_engine` for a thing imported, the callee's path and `()` for what a call returned
(`psycopg2.connect().cursor`), and `?` for what could not be followed. Annotations and local classes count as their
instances.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from neonlint.formats.python_scopes import Binding, Scope, Survey, dotted

UNKNOWN = "?"
_DEEPEST = 60
#: Calls that give back what they are given, so that `with closing(connect()) as c` is followed.
_SAME = ("contextlib.closing", "contextlib.nullcontext", "contextlib.aclosing", "typing.cast")
_SAME_METHODS = frozenset({"enter_context", "enter_async_context", "__enter__", "__aenter__"})
_OPTIONAL = frozenset({"Optional", "Annotated", "Union", "Final", "ClassVar", "Mapped"})


class Names:
    """Resolves names of one surveyed file; remembers what it found by the identity of nodes."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._paths: dict[int, str] = {}
        self._active: set[int] = set()

    def path(self, node: ast.expr, scope: Scope) -> str:
        """The path of an expression, `?` where it cannot be told."""
        key = id(node)
        if (known := self._paths.get(key)) is not None:
            return known
        if key in self._active or len(self._active) > _DEEPEST:
            return UNKNOWN
        self._active.add(key)
        try:
            found = self._path(node, scope)
        finally:
            self._active.discard(key)
        self._paths[key] = found
        return found

    def _path(self, node: ast.expr, scope: Scope) -> str:
        match node:
            case ast.Name(id=name):
                return self._name(name, scope)
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Call():
                return self._result(node, scope)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner):
                return self.path(inner, scope)
            case ast.IfExp(body=first, orelse=second) | ast.BoolOp(values=[first, second]):
                return self._one(self.path(part, scope) for part in (first, second) if not _is_none(part))
        return "str" if _is_text(node) else UNKNOWN

    def _name(self, name: str, scope: Scope) -> str:
        bindings = scope.find(name)
        return self.bound(bindings) if bindings else name

    def bound(self, bindings: list[Binding]) -> str:
        """The one path that all bindings which tell anything agree on; an import wins over its fall-back."""
        for binding in bindings:
            if binding.kind == "import":
                return binding.dotted
        return self._one(self._binding(binding) for binding in telling(bindings) or bindings)

    def _binding(self, binding: Binding) -> str:
        if binding.node is not None:
            return binding.node.name
        found = self._injected(binding) if binding.kind == "parameter" else UNKNOWN
        if binding.value is not None and binding.kind in ("assign", "with") and not _is_none(binding.value):
            found = self.path(binding.value, binding.scope)
        if found == UNKNOWN and binding.annotation is not None:
            annotated = self.annotation(binding.annotation, binding.scope)
            return f"{annotated}()" if annotated else UNKNOWN
        return found

    def _injected(self, binding: Binding) -> str:
        """What FastAPI passes for `db=Depends(get_db)`, where `get_db` is a function of this file."""
        match binding.value:
            case ast.Call(func=func, args=[ast.Name(id=name)]) if (dotted(func) or "").endswith("Depends"):
                return self._returned(binding.scope.find(name)) or UNKNOWN
        return UNKNOWN

    def _one(self, paths: Iterable[str]) -> str:
        found = set(paths)
        return found.pop() if len(found) == 1 else UNKNOWN

    def _attribute(self, node: ast.Attribute, scope: Scope) -> str:
        if (bindings := self.attribute_bindings(node, scope)) and (found := self.bound(bindings)) != UNKNOWN:
            return found
        base = self.path(node.value, scope)
        if base.startswith(UNKNOWN) and not base.endswith(")"):
            return f"{UNKNOWN}.{node.attr}"
        return f"{base}.{node.attr}"

    def attribute_bindings(self, node: ast.Attribute, scope: Scope) -> list[Binding]:
        """What this file assigns to `self.x`, `Class.x`, or to the same dotted name anywhere."""
        base = node.value
        if isinstance(base, ast.Name):
            owner = scope.owner if scope.is_self(base.id) else self._class_scope(base, scope)
            if owner is not None:
                return [*owner.instance.get(node.attr, []), *owner.bindings.get(node.attr, [])]
        text = dotted(node)
        return self._survey.attributes.get(text, []) if text else []

    def _class_scope(self, node: ast.Name, scope: Scope) -> Scope | None:
        bindings = scope.find(node.id)
        found = self.local_class(bindings) if bindings else None
        return self._survey.classes.get(found) if found else None

    @staticmethod
    def local_class(bindings: list[Binding]) -> ast.ClassDef | None:
        """The class of this file that a name with these bindings means."""
        node = bindings[0].node if len(bindings) == 1 else None
        return node if isinstance(node, ast.ClassDef) else None

    def _result(self, node: ast.Call, scope: Scope) -> str:
        callee = self.path(node.func, scope)
        if node.args and (callee in _SAME or callee.rpartition(".")[2] in _SAME_METHODS):
            return self.path(node.args[-1], scope)
        if isinstance(node.func, ast.Name) and (inner := self._returned(scope.find(node.func.id))) is not None:
            return inner
        return f"{callee}()"

    def _returned(self, bindings: list[Binding]) -> str | None:
        """What a function of this file returns or yields, where all of its results come from the same call."""
        if len(bindings) != 1 or bindings[0].kind != "def":
            return None
        node = bindings[0].node
        scope = self._survey.scopes.get(node) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
        if scope is None or len(scope.results) > _DEEPEST:
            return None
        found = self._one(self.path(result, scope) for result in scope.results if not _is_none(result))
        return found if found.endswith("()") and not found.startswith(UNKNOWN) else None

    def annotation(self, node: ast.expr, scope: Scope) -> str | None:
        """The class that an annotation names, through `Optional`, `Annotated`, `X | None` and quotes."""
        match node:
            case ast.Name() | ast.Attribute():
                return self._class_name(node, scope)
            case ast.Constant(value=str(text)):
                return self._quoted(text, scope)
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return self.annotation(left if _is_none(right) else right, scope) if _has_none(left, right) else None
            case ast.Subscript(value=outer, slice=inner):
                name = dotted(outer)
                if name is not None and name.rpartition(".")[2] in _OPTIONAL:
                    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                    return self.annotation(parts[0], scope)
                return self.annotation(outer, scope) if isinstance(outer, (ast.Name, ast.Attribute)) else None
        return None

    def _class_name(self, node: ast.expr, scope: Scope) -> str | None:
        path = self.path(node, scope)
        return None if UNKNOWN in path or "(" in path else path

    def _quoted(self, text: str, scope: Scope) -> str | None:
        parts = text.strip().partition("[")[0].partition("|")[0].strip().split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        head = self._name(parts[0], scope)
        return None if UNKNOWN in head or "(" in head else ".".join([head, *parts[1:]])


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _has_none(left: ast.expr, right: ast.expr) -> bool:
    return _is_none(left) or _is_none(right)


def _tells_nothing(binding: Binding) -> bool:
    """`conn = None` before a `try`, or a bare `pool: Pool`, says less about a name than its other assignments."""
    return binding.kind == "assign" and (binding.value is None or _is_none(binding.value))


def telling(bindings: list[Binding]) -> list[Binding]:
    """The bindings without those that only declare a name or set it to None."""
    return [binding for binding in bindings if not _tells_nothing(binding)]
