"""JavaScript expressions as values: literals with their bytes, names followed to their one assignment, calls, tables.
Runs nothing.

What cannot be told for certain is an `Unknown` with its reason, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from neonlint.formats import javascript_calls as calls
from neonlint.formats import javascript_environ as environ
from neonlint.formats import javascript_numbers as numbers
from neonlint.formats import javascript_schemas as schemas
from neonlint.formats import javascript_tables as tables
from neonlint.formats import javascript_text as written
from neonlint.formats.javascript_names import MANY, UNKNOWN, Names, telling
from neonlint.formats.javascript_scopes import (
    CLASSES,
    FUNCTIONS,
    WRAPPERS,
    Binding,
    Change,
    Scope,
    Survey,
    parts,
    unwrapped,
)
from neonlint.formats.javascript_source import Source, span
from neonlint.ir.source import Call, EnvRef, Items, Ref, Scalar, Span, Table, Unknown, Value
from neonlint.regex import regex

_DEEPEST = 40
_WORD = regex(r"[\w$]+")


class Values:
    """Reads the expressions of one surveyed file, each once; `mutates` collects the tables whose changes were not
    understood.
    """

    def __init__(self, source: Source, survey: Survey, names: Names) -> None:
        self.source = source
        self.survey = survey
        self.names = names
        self.mutates: set[str] = set()
        self._values: dict[int, Value] = {}
        self._calls: dict[int, Call] = {}
        self._bound: dict[int, Value] = {}
        self._active: set[int] = set()
        self._changes: dict[str, list[Change]] = {}
        for change in survey.changes:
            self._changes.setdefault(change.base, []).append(change)

    def value(self, node: Node, scope: Scope) -> Value:
        """What an expression says."""
        key = node.id
        if (known := self._values.get(key)) is not None:
            return known
        if key in self._active:
            return self.unknown("defined by itself", node)
        if len(self._active) > _DEEPEST:
            return self.unknown("nested too deeply", node)
        self._active.add(key)
        try:
            read = _READERS.get(node.type)
            found = read(self, node, scope) if read else self.unknown("an expression", node)
        finally:
            self._active.discard(key)
        self._values[key] = found
        return found

    def unknown(self, why: str, node: Node) -> Unknown:
        """A value that cannot be seen."""
        return Unknown(why, span(node))

    # Leaves

    def _text(self, node: Node, scope: Scope) -> Value:
        return written.scalar(node, written.literal(self, node, scope))

    def _number(self, node: Node, _: Scope) -> Value:
        return numbers.literal(self.source.text(node), span(node))

    def _word(self, node: Node, _: Scope) -> Value:
        return Scalar({"true": True, "false": False}.get(node.type), span(node))

    def _unary(self, node: Node, scope: Scope) -> Value:
        operator, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
        inner = self.value(argument, scope) if argument is not None else None
        kind = operator.type if operator is not None else ""
        if kind == "void":
            return Scalar(None, span(node))
        if kind == "!" and isinstance(inner, Scalar) and not isinstance(inner.value, str):
            return Scalar(not inner.value, span(node))
        if kind == "-" and isinstance(inner, Scalar) and isinstance(inner.value, (int, float)):
            return Scalar(-inner.value, span(node))
        if kind == "+" and isinstance(inner, EnvRef):
            return inner
        return self.unknown("an expression", node)

    def _operation(self, node: Node, scope: Scope) -> Value:
        operator = node.child_by_field_name("operator")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator is None or left is None or right is None:
            return self.unknown("an expression", node)
        kind = operator.type
        if kind == "+" and (found := written.added(self, node, scope)) is not None:
            return found
        if kind in ("||", "??"):
            second = self.value(right, scope)
            if isinstance(second, Call) and self.names.member_bindings(unwrapped(left), scope):
                return second  # `global.pool ?? new Pool()`, where `global.pool` is set to the same
            return environ.either(self.value(left, scope), second, kind, span(node))
        if kind == "&&":
            return Unknown("depends on a condition", span(node), Items((self.value(right, scope),), span(right)))
        if kind in ("+", "-", "*", "/"):
            number = numbers.arithmetic(kind, self.value(left, scope), self.value(right, scope))
            if number is not None:
                return Scalar(number, span(node))
        return self.unknown("an expression", node)

    def _conditional(self, node: Node, scope: Scope) -> Value:
        """`x ? x : y` is `x || y`; anything else depends on what cannot be seen."""
        test, first, second = (node.child_by_field_name(one) for one in ("condition", "consequence", "alternative"))
        if test is not None and first is not None and second is not None:
            asked, given = self.value(test, scope), self.value(first, scope)
            if isinstance(asked, EnvRef) and isinstance(given, EnvRef) and asked.name == given.name:
                return environ.either(given, self.value(second, scope), "||", span(node))
        if first is None or second is None:
            return self.unknown("depends on a condition", node)
        branches = Items((self.value(first, scope), self.value(second, scope)), span(node))
        return Unknown("depends on a condition", span(node), branches)

    def _inner(self, node: Node, scope: Scope) -> Value:
        inner = unwrapped(node)
        return self.value(inner, scope) if inner.id != node.id else self.unknown("an expression", node)

    def _assigned(self, node: Node, scope: Scope) -> Value:
        right = node.child_by_field_name("right")
        return self.value(right, scope) if right is not None else self.unknown("an expression", node)

    def _last(self, node: Node, scope: Scope) -> Value:
        given = parts(node)
        return self.value(given[-1], scope) if given else self.unknown("an expression", node)

    # Containers

    def _object(self, node: Node, scope: Scope) -> Value:
        return tables.display(self, node, scope)

    def _items(self, node: Node, scope: Scope) -> Value:
        return Items(tuple(self.value(part, scope) for part in parts(node)), span(node))

    def _function(self, node: Node, _: Scope) -> Value:
        """A function, with the object that it returns where its only result is one that is written there."""
        made = self.survey.scopes.get(node.id)
        result, scope = made.results[0] if made is not None and len(made.results) == 1 else (None, None)
        if result is None or scope is None or (written_as := unwrapped(result)).type != "object":
            return self.unknown("a function", node)
        return Unknown("a function", span(node), self.value(written_as, scope))

    def _class(self, node: Node, _: Scope) -> Value:
        return self.unknown("a class", node)

    def key_of(self, node: Node) -> str:
        """The key or variable that a node is given to, "" where there is none."""
        key = self.survey.keys.get(node.id)
        return key.text if key else ""

    # Names

    def _name(self, node: Node, scope: Scope) -> Value:
        name = self.source.text(node)
        bindings = scope.find(name)
        if not bindings:
            return Ref(name, span(node))
        return self.follow(bindings, name, span(node))

    def follow(self, bindings: list[Binding], name: str, use: Span) -> Value:
        """What a name with these bindings is worth where it stands at `use`."""
        if len(bindings) == 1:
            return self.bound(bindings[0], bindings, name, use)
        if len(bindings) > MANY:
            return Unknown("assigned more than once", use)
        said = telling(bindings)
        if len(said) == 1 and not said[0].conditional:
            return self.bound(said[0], bindings, name, use)
        first = bindings[0]
        if first.kind == "assign" and first.value is not None and all(self._reworks(b, name) for b in bindings[1:]):
            value = self.bound(first, bindings[:1], name, use)
            if isinstance(value, EnvRef):
                return EnvRef(value.name, value.span, value.default, transformed=True)
        return Unknown("assigned more than once", use)

    def _reworks(self, binding: Binding, name: str) -> bool:
        """Whether a further assignment only rewrites the text that the name has (`url = url.replace(…)`)."""
        if binding.kind == "other":
            return True
        value = binding.value
        if value is None or value.type not in ("call_expression", "binary_expression", "template_string"):
            return False
        return value.end_byte - value.start_byte < 2000 and name in _WORD.findall(self.source.text(value))

    def bound(self, binding: Binding, bindings: list[Binding], name: str, use: Span) -> Value:
        """What one binding of `name` gives it, with later changes of that table."""
        if binding.kind == "import":
            dotted = self.names.bound([binding])
            return environ.of_import(dotted, use) or Ref(dotted, use)
        if binding.kind in ("function", "class"):
            return Ref(name, use)
        if binding.kind == "parameter":
            return environ.handed_step(binding, use) or Unknown("a parameter of the function", use)
        if binding.value is None or binding.kind != "assign":
            return Unknown("not assigned a value that can be seen", use)
        if (known := self._bound.get(id(binding))) is None:
            self._bound[id(binding)] = Unknown("defined by itself", use)
            known = self._bound[id(binding)] = self._given(binding, bindings, name, use)
        return known

    def _given(self, binding: Binding, bindings: list[Binding], name: str, use: Span) -> Value:
        assert binding.value is not None
        where = span(binding.target) if binding.target is not None else use
        taken = environ.step(self, binding, where)
        value, done = taken if taken is not None else (self.value(binding.value, binding.scope), 0)
        for step in binding.steps[done:]:
            value = self.part(value, step, where)
        if binding.default is not None and isinstance(value, EnvRef):
            value = environ.either(value, self.value(binding.default, binding.scope), "??", where)
        if len(bindings) > MANY:
            return value
        if isinstance(value, Table) and not binding.steps and (changes := self._changes.get(name)):
            mine = [change for change in changes if change.scope.find(name) is bindings]
            value = tables.changed(self, value, mine, binding.scope, alone=len(bindings) == 1)
        return value

    def part(self, value: Value, step: str | int | None, where: Span) -> Value:
        """A member of a value."""
        if isinstance(value, Table) and isinstance(step, str):
            return value.get(step) or Unknown("no such key is in sight", where)
        if isinstance(value, Items) and isinstance(step, int) and 0 <= step < len(value.values):
            return value.values[step]
        if isinstance(value, Ref) and isinstance(step, str):
            return Ref(value.name if step == "default" else f"{value.name}.{step}", where)
        if isinstance(value, EnvRef) and isinstance(step, str) and (found := environ.part(value, step, where)):
            return found
        return Unknown("a part of a value that is not known", where)

    def _member(self, node: Node, scope: Scope) -> Value:
        name = self.names.member_name(node)
        base = node.child_by_field_name("object")
        if base is None:
            return self.unknown("an expression", node)
        if name is None:
            index = node.child_by_field_name("index")
            found = self.value(index, scope) if index is not None else None
            step = found.value if isinstance(found, Scalar) and isinstance(found.value, (str, int)) else None
            return self.part(self.value(base, scope), step, span(node))
        if (variable := environ.member(self, node, name, scope)) is not None:
            return variable
        if bindings := self.names.member_bindings(node, scope):
            return self.follow(bindings, name, span(node))
        outer = self.value(base, scope)
        if isinstance(outer, (Table, Items, EnvRef)):
            return self.part(outer, name, span(node))
        path = self.names.path(node, scope)
        return (
            self.unknown("a member of a value that is not known", node) if path[0] == UNKNOWN else Ref(path, span(node))
        )

    # Calls

    def _call(self, node: Node, scope: Scope) -> Value:
        function = node.child_by_field_name("function")
        given = environ.arguments(node)
        callee = self.names.path(function, scope) if function is not None else UNKNOWN
        if (variable := environ.call(self, node, callee, given, scope)) is not None:
            return variable
        if (found := written.passed(self, callee, given, scope)) is not None:
            return found
        if function is not None and (found := self._method(node, unwrapped(function), given, scope)) is not None:
            return found
        if (found := schemas.call(self, node, callee, given, scope)) is not None:
            return found
        if given and callee in ("Object.freeze", "Object.seal", "structuredClone", "Promise.resolve"):
            return self.value(given[0], scope)
        if callee == "Object.assign" and given:
            return tables.assigned(self, node, given, scope)
        return self._result(node, scope) or self.call(node, scope)

    def _method(self, node: Node, function: Node, given: list[Node], scope: Scope) -> Value | None:
        base = function.child_by_field_name("object") if function.type == "member_expression" else None
        name = self.names.member_name(function) if base is not None else None
        if base is None or name is None:
            return None
        value = self.value(base, scope)
        if not isinstance(value, (EnvRef, Scalar)):
            return None
        found = environ.method(value, name, [self.value(one, scope) for one in given[:1]])
        return found or written.method(self, node, value, name, given, scope)

    def _result(self, node: Node, scope: Scope) -> Value | None:
        """The one thing that a function of this file returns, where that is text, a variable or a table."""
        function = node.child_by_field_name("function")
        inner = unwrapped(function) if function is not None else None
        if inner is None:
            return None
        body = inner if inner.type in FUNCTIONS else None
        if inner.type == "identifier":
            body = self.names.local_function(scope.find(self.source.text(inner)))
        made = self.survey.scopes.get(body.id) if body is not None else None
        if made is None or len(made.results) != 1:
            return None
        value = self.value(*made.results[0])
        return value if isinstance(value, (EnvRef, Scalar, Table)) else None

    def call(self, node: Node, scope: Scope) -> Call:
        """A call as it is written, whatever its value may be."""
        if (known := self._calls.get(node.id)) is None:
            known = self._calls[node.id] = calls.made(self, node, scope)
        return known


_READERS: dict[str, Callable[[Values, Node, Scope], Value]] = {
    "string": Values._text,
    "template_string": Values._text,
    "number": Values._number,
    **dict.fromkeys(("true", "false", "null", "undefined"), Values._word),
    "unary_expression": Values._unary,
    "binary_expression": Values._operation,
    "ternary_expression": Values._conditional,
    **dict.fromkeys(WRAPPERS, Values._inner),
    "assignment_expression": Values._assigned,
    "augmented_assignment_expression": Values._assigned,
    "sequence_expression": Values._last,
    "object": Values._object,
    "array": Values._items,
    **dict.fromkeys(FUNCTIONS, Values._function),
    **dict.fromkeys(CLASSES, Values._class),
    "identifier": Values._name,
    "shorthand_property_identifier": Values._name,
    "member_expression": Values._member,
    "subscript_expression": Values._member,
    "call_expression": Values._call,
    "new_expression": Values._call,
}
