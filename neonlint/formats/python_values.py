"""Python expressions as values: literals with their bytes, names followed to their one assignment, calls, tables.
Runs nothing.

What cannot be told for certain is an `Unknown` with its reason, never a guess.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from neonlint.formats import python_environ as environ
from neonlint.formats import python_settings as settings
from neonlint.formats import python_text as written
from neonlint.formats.python_names import UNKNOWN, Names, telling
from neonlint.formats.python_scopes import Binding, Change, Scope, Survey, dotted, subscripts
from neonlint.formats.python_source import Source
from neonlint.formats.python_tables import changed, merged, unpacked
from neonlint.ir.source import Call, Entry, EnvRef, Items, Ref, Scalar, Span, Table, Unknown, Value
from neonlint.records import replace

_DEEPEST = 50


class Values:
    """Reads the expressions of one surveyed file, each once; `mutates` collects the tables whose changes were not
    understood, `handed` holds the names that calls are given as they are, once somebody asks.
    """

    def __init__(self, source: Source, survey: Survey, names: Names) -> None:
        self.source = source
        self.survey = survey
        self.names = names
        self.mutates: set[str] = set()
        self.handed: set[str] | None = None
        self._values: dict[int, Value] = {}
        self._calls: dict[int, Call] = {}
        self._bound: dict[int, Value] = {}
        self._decorators: dict[int, tuple[str, ...]] = {}
        self._active: set[int] = set()
        self._changes: dict[str, list[Change]] = {}
        for change in map(_unaliased, survey.changes):
            self._changes.setdefault(change.base, []).append(change)

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """What an expression says."""
        key = id(node)
        if (known := self._values.get(key)) is not None:
            return known
        if key in self._active:
            return self.unknown("defined by itself", node)
        if len(self._active) > _DEEPEST:
            return self.unknown("nested too deeply", node)
        self._active.add(key)
        try:
            read = _READERS.get(type(node))
            found = read(self, node, scope) if read else self.unknown("an expression", node)
        finally:
            self._active.discard(key)
        self._values[key] = found
        return found

    def unknown(self, why: str, node: ast.expr) -> Unknown:
        """A value that cannot be seen."""
        return Unknown(why, self.source.span(node))

    # Leaves

    def _constant(self, node: ast.Constant, scope: Scope) -> Value:
        value = node.value
        if isinstance(value, str):
            return written.scalar(self, node, scope)
        if value is None or isinstance(value, (bool, int, float)):
            return Scalar(value, self.source.span(node))
        return self.unknown(f"a {type(value).__name__} literal", node)

    def _text(self, node: ast.JoinedStr, scope: Scope) -> Value:
        return written.scalar(self, node, scope)

    def _negative(self, node: ast.UnaryOp, scope: Scope) -> Value:
        inner = self.value(node.operand, scope)
        if isinstance(node.op, ast.USub) and isinstance(inner, Scalar) and isinstance(inner.value, (int, float)):
            return Scalar(-inner.value, self.source.span(node))
        return self.unknown("an expression", node)

    def _operation(self, node: ast.BinOp, scope: Scope) -> Value:
        if (found := written.operation(self, node, scope)) is not None:
            return found
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        span = self.source.span(node)
        if isinstance(left, Table) and isinstance(node.op, ast.BitOr):
            whole = right.entries if isinstance(right, Table) else ()
            complete = left.complete and isinstance(right, Table) and right.complete
            return Table("dict", merged(left.entries, whole), span, complete, left.name or self.key_of(node))
        if (number := _arithmetic(node.op, left, right)) is not None:
            return Scalar(number, span)
        return Unknown("an expression", span)

    def _either(self, node: ast.BoolOp, scope: Scope) -> Value:
        if isinstance(node.op, ast.Or):
            return environ.first_of([self.value(part, scope) for part in node.values], self.source.span(node))
        return self.unknown("depends on a condition", node)

    def _conditional(self, node: ast.IfExp, _: Scope) -> Value:
        return self.unknown("depends on a condition", node)

    def _inner(self, node: ast.Await | ast.NamedExpr, scope: Scope) -> Value:
        return self.value(node.value, scope)

    # Containers

    def _display(self, node: ast.Dict, scope: Scope) -> Value:
        entries: list[Entry] = []
        complete = True
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                if isinstance(key.value, str):
                    key_span, found = self.source.span(key), self.value(value, scope)
                    end = self.source.span(value).end
                    entries.append(Entry(key.value, key_span, found, Span(key_span.start, end)))
            else:
                more = unpacked(self, value, scope) if key is None else None
                entries = list(merged(entries, more.entries)) if more else entries
                complete = complete and more is not None and more.complete
        return Table("dict", tuple(entries), self.source.span(node), complete, self.key_of(node))

    def _items(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
        return Items(tuple(self.value(part, scope) for part in node.elts), self.source.span(node))

    def key_of(self, node: ast.expr) -> str:
        """The key or variable that a node is given to, "" where there is none."""
        key = self.survey.keys.get(id(node))
        return key.text if key else ""

    # Names

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        bindings = scope.find(node.id)
        if not bindings:
            return Ref(node.id, self.source.span(node))
        return self._follow(bindings, node, node.id)

    def _follow(self, bindings: list[Binding], node: ast.expr, name: str) -> Value:
        if len(bindings) == 1:
            return self.bound(bindings[0], bindings, name, self.source.span(node))
        first = bindings[0]
        if first.value is not None and first.kind == "assign" and all(_reworks(other, name) for other in bindings[1:]):
            value = self.value(first.value, first.scope)
            if isinstance(value, EnvRef):
                return EnvRef(value.name, value.span, value.default, transformed=True)
            if isinstance(value, Scalar) and value.slot is not None:  # `url = f"…"` and later `url += "?ssl=…"`
                span = self.source.span(node)
                return Call("str.replace", (), Table("keywords", (), span), span, span, receiver=value)
        if first.kind == "parameter" and not any(
            _reworks(other, name) or not other.conditional for other in bindings[1:]
        ):
            return self.unknown(_WHY["parameter"], node)  # it is that still where no condition holds
        return self.unknown("assigned more than once", node)

    def bound(self, binding: Binding, bindings: list[Binding], name: str, use: Span) -> Value:
        """What one binding of `name` gives it, with later changes of that table; `use` is where the name stands."""
        if binding.kind == "import":
            return Ref(binding.dotted, use)
        if binding.node is not None:
            return Ref(binding.node.name, use)
        if binding.value is None or binding.kind not in ("assign", "with"):
            return Unknown(_WHY.get(binding.kind, "not assigned a value that can be seen"), use)
        value = self.value(binding.value, binding.scope)
        if isinstance(value, Table) and isinstance(binding.target, ast.Name):
            return self._with_changes(value, binding, bindings, name)
        return value

    def _with_changes(self, table: Table, binding: Binding, bindings: list[Binding], name: str) -> Value:
        if (known := self._bound.get(id(binding))) is not None:
            return known
        self._bound[id(binding)] = table
        changes = [c for c in self._changes.get(name, []) if c.scope.find(name) is bindings]
        self._bound[id(binding)] = found = changed(self, table, changes, binding.scope, alone=len(bindings) == 1)
        return found

    def changes(self, base: str) -> Sequence[Change]:
        """The statements that change the table `base`."""
        return self._changes.get(base, ())

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        if bindings := self.names.attribute_bindings(node, scope):
            found = self._follow(bindings, node, node.attr)
            if not isinstance(found, Unknown) or len(bindings) > 1:
                return found
        if (entry := settings.attribute(self, node, scope)) is not None:
            return entry.value
        path = self.names.path(node, scope)
        if path.startswith(UNKNOWN):
            path = dotted(node) or path
        if path.startswith(UNKNOWN):
            return self.unknown("an attribute of a value that is not known", node)
        return Ref(path, self.source.span(node))

    def _item(self, node: ast.Subscript, scope: Scope) -> Value:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(key, str) and (read := environ.item(self, node, key, scope)) is not None:
            return read
        base = self.value(node.value, scope)
        if isinstance(base, Table) and isinstance(key, str):
            return base.get(key) or self.unknown("no such key is in sight", node)
        if isinstance(base, Items) and isinstance(key, int) and -len(base.values) <= key < len(base.values):
            return base.values[key]
        if isinstance(base, Ref) and isinstance(key, str):
            return Ref(f"{base.name}.{key}", self.source.span(node))
        if isinstance(node.slice, ast.Slice) and _begins_at_the_start(node.slice):
            return Unknown("the beginning of another value", self.source.span(node), base)
        return self.unknown("an item of a value that is not known", node)

    # Calls

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        found = environ.call(self, node, scope) or written.call(self, node, scope)
        if found is None and isinstance(node.func, ast.Name):
            found = self._dict(node, scope) if node.func.id == "dict" else self._returned(node.func, scope)
        return found or self.call(node, scope)

    def _dict(self, node: ast.Call, scope: Scope) -> Table:
        keywords = self.call(node, scope).keywords
        complete = keywords.complete and not node.args
        return Table("dict", keywords.entries, keywords.span, complete, self.key_of(node))

    def _returned(self, func: ast.Name, scope: Scope) -> Value | None:
        """What a function of this file always returns, where that is text or comes from the environment."""
        bindings = scope.find(func.id)
        node = bindings[0].node if len(bindings) == 1 else None
        inner = self.survey.scopes.get(node) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
        if inner is None or len(inner.results) != 1:
            return None
        value = self.value(inner.results[0], inner)
        return value if isinstance(value, (EnvRef, Scalar)) else None

    def call(self, node: ast.Call, scope: Scope) -> Call:
        """A call as it is written, whatever its value may be."""
        if (known := self._calls.get(id(node))) is not None:
            return known
        span = self.source.span(node)
        args: list[Value] = []
        for arg in node.args:
            if isinstance(arg, ast.Starred):
                break
            args.append(self.value(arg, scope))
        found = Call(
            self.names.path(node.func, scope),
            tuple(args),
            self._keywords(node, scope, span),
            span,
            self._name_span(node.func),
            scope.function,
            self.decorators(scope),
            self.survey.assigned.get(id(node)),
            len(args) == len(node.args),
            self._receiver(node.func, scope),
        )
        self._calls[id(node)] = found
        return found

    def _keywords(self, node: ast.Call, scope: Scope, span: Span) -> Table:
        entries: list[Entry] = []
        complete = True
        for keyword in node.keywords:
            if keyword.arg is None:
                more = unpacked(self, keyword.value, scope)
                entries = list(merged(entries, more.entries)) if more else entries
                complete = complete and more is not None and more.complete
                continue
            whole = self.source.span(keyword)
            key_span = Span(whole.start, whole.start + len(keyword.arg.encode()))
            entries.append(Entry(keyword.arg, key_span, self.value(keyword.value, scope), whole))
        return Table("keywords", tuple(entries), span, complete)

    def _name_span(self, func: ast.expr) -> Span:
        start, end = self.source.bounds(func)
        if isinstance(func, ast.Attribute):
            start = end - len(func.attr.encode())
        return self.source.file_span(start, end)

    def _receiver(self, func: ast.expr, scope: Scope) -> Value | None:
        if not isinstance(func, ast.Attribute):
            return None
        value = self.value(func.value, scope)
        if isinstance(value, Unknown) and isinstance(func.value, (ast.Name, ast.Attribute)):
            base = func.value
            found = scope.find(base.id) if isinstance(base, ast.Name) else self.names.attribute_bindings(base, scope)
            if len(last := telling(found)) == 1:
                value = self.bound(last[0], last, "", self.source.span(base))
        return None if isinstance(value, (Ref, Unknown)) else value

    def decorators(self, scope: Scope) -> tuple[str, ...]:
        """The decorators of the functions around a scope, the innermost function's first, dotted."""
        if (known := self._decorators.get(id(scope))) is not None:
            return known
        found: list[str] = []
        outer: Scope | None = scope
        while outer is not None:
            if outer.kind == "function" and outer.parent is not None and outer.node is not None:
                found += [self.decorator(node, outer.parent) for node in outer.decorators]
            outer = outer.parent
        self._decorators[id(scope)] = tuple(found)
        return tuple(found)

    def decorator(self, node: ast.expr, scope: Scope) -> str:
        """A decorator's path, without the arguments it is called with."""
        return self.names.path(node.func if isinstance(node, ast.Call) else node, scope)


_WHY = {
    "parameter": "a parameter of the function",
    "loop": "assigned by a loop",
    "augment": "changed in place",
}


def _unaliased(change: Change) -> Change:
    """In `db = DATABASES["default"]; db["HOST"] = …` it is DATABASES that changes."""
    bindings = change.scope.find(change.base)
    value = bindings[0].value if len(bindings) == 1 and bindings[0].kind == "assign" else None
    if not isinstance(value, (ast.Subscript, ast.Name)) or (change.how == "augment" and not change.keys):
        return change
    base, keys = subscripts(value)
    if not isinstance(base, ast.Name) or base.id == change.base:
        return change
    return replace(change, base=base.id, keys=(*keys, *change.keys))


def _reworks(binding: Binding, name: str) -> bool:
    """Whether a further assignment only rewrites the text that the name has (`url = url.replace(…)`, `url += "…"`)."""
    if binding.kind == "augment":
        return True
    if binding.kind != "assign" or not isinstance(binding.value, (ast.Call, ast.BinOp, ast.JoinedStr)):
        return False
    return any(getattr(node, "id", getattr(node, "attr", None)) == name for node in ast.walk(binding.value))


def _arithmetic(op: ast.operator, left: Value, right: Value) -> int | None:
    """`60 * 5`, as it is often written for seconds."""
    if not (isinstance(left, Scalar) and isinstance(right, Scalar)):
        return None
    a, b = left.value, right.value
    if not (isinstance(a, int) and isinstance(b, int)) or max(abs(a), abs(b)) > 1 << 40:
        return None
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
    return None


_READERS: dict[type[ast.AST], Callable[[Values, Any, Scope], Value]] = {
    ast.Constant: Values._constant,
    ast.JoinedStr: Values._text,
    ast.UnaryOp: Values._negative,
    ast.BinOp: Values._operation,
    ast.BoolOp: Values._either,
    ast.IfExp: Values._conditional,
    ast.Await: Values._inner,
    ast.NamedExpr: Values._inner,
    ast.Dict: Values._display,
    ast.List: Values._items,
    ast.Tuple: Values._items,
    ast.Set: Values._items,
    ast.Name: Values._name,
    ast.Attribute: Values._attribute,
    ast.Subscript: Values._item,
    ast.Call: Values._call,
}


#: The first characters of a connection string, in which no password has begun: `postgresql://` and a user.
_BEFORE_PASSWORD = 20


def _begins_at_the_start(part: ast.Slice) -> bool:
    """Whether a slice keeps as much of the beginning of a text as a password may stand in: `[:50]`, `[0:-4]`."""
    if part.step is not None or not (
        part.lower is None or (isinstance(part.lower, ast.Constant) and part.lower.value == 0)
    ):
        return False
    last = part.upper.value if isinstance(part.upper, ast.Constant) else None
    return not (isinstance(last, int) and last <= _BEFORE_PASSWORD)
