"""Dotted names in JavaScript: what a callee or receiver is called once imports and assignments are resolved. Makes no
values.

A *path* is `pg.Pool` for a thing imported, the callee's path and `()` for what a call or `new` gives
(`pg.Pool().query`), and `?` for what could not be followed. Type annotations and local classes count as their
instances.
"""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from neonlint.formats.javascript_imports import required
from neonlint.formats.javascript_scopes import CLASSES, FUNCTIONS, WRAPPERS, Binding, Scope, Survey, parts, unwrapped
from neonlint.formats.javascript_source import Source

UNKNOWN = "?"
#: Names with more bindings than this are not followed.
MANY = 60
_DEEPEST = 40
_LONGEST = 300
#: Calls that give back their first argument, as far as a name goes.
_SAME = frozenset({"Object.freeze", "Object.assign", "Promise.resolve", "Object.seal", "drizzle-orm.withReplicas"})
#: Last names of functions that give a function's result back, made once (`remember("db", () => new Pool())`) …
_ONCE = frozenset({"remember", "singleton", "lazySingleton", "globalSingleton"})
#: … and of those that give back such a function (`cache(() => new Pool())`).
_CACHED = frozenset({"cache", "once", "memoize", "memo", "lazy", "unstable_cache"})
_GENERIC = frozenset({"Promise", "Readonly", "Awaited", "Required", "Partial", "NonNullable"})


class Names:
    """Resolves names of one surveyed file; remembers what it found by the identity of nodes."""

    def __init__(self, source: Source, survey: Survey) -> None:
        self.source = source
        self._survey = survey
        self._paths: dict[int, str] = {}
        self._active: set[int] = set()

    def path(self, node: Node, scope: Scope) -> str:
        """The path of an expression, `?` where it cannot be told."""
        key = node.id
        if (known := self._paths.get(key)) is not None:
            return known
        if key in self._active or len(self._active) > _DEEPEST:
            return UNKNOWN
        self._active.add(key)
        try:
            found = self._path(node, scope)
        finally:
            self._active.discard(key)
        self._paths[key] = found = found if len(found) <= _LONGEST else UNKNOWN
        return found

    def _path(self, node: Node, scope: Scope) -> str:
        match node.type:
            case "identifier" | "type_identifier" | "shorthand_property_identifier":
                return self._name(self.source.text(node), scope)
            case "member_expression" | "subscript_expression" | "nested_type_identifier":
                return self._member(node, scope)
            case "call_expression" | "new_expression":
                return self._result(node, scope)
            case "this":
                return "this"
            case "meta_property":
                return "import.meta"
            case "import":
                return "import"
            case "super":
                return self._super(scope)
            case "binary_expression":
                return self._either(node, scope)
            case "ternary_expression":
                found = [node.child_by_field_name("consequence"), node.child_by_field_name("alternative")]
                return self._one(self.path(one, scope) for one in found if one is not None and not is_nothing(one))
            case "assignment_expression" | "augmented_assignment_expression":
                right = node.child_by_field_name("right")
                return self.path(right, scope) if right is not None else UNKNOWN
            case kind if kind in WRAPPERS:
                inner = unwrapped(node)
                return self.path(inner, scope) if inner.id != node.id else UNKNOWN
        return UNKNOWN

    def _either(self, node: Node, scope: Scope) -> str:
        """`global.pool ?? new Pool()`: what was made wins over a place where it may be kept."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None or operator.type not in ("||", "??", "&&"):
            return UNKNOWN
        second = self.path(right, scope)
        if operator.type == "&&" or second.endswith("()"):
            return second
        first = self.path(left, scope)
        return second if first.startswith(UNKNOWN) else first

    def _name(self, name: str, scope: Scope) -> str:
        bindings = scope.find(name)
        return self.bound(bindings) if bindings else name

    def bound(self, bindings: list[Binding]) -> str:
        """The one path that all bindings which tell anything agree on."""
        if bindings[0].kind == "import":
            return self._stepped(bindings[0].dotted, bindings[0])
        if len(bindings) > MANY:
            return UNKNOWN
        return self._one(self._binding(binding) for binding in telling(bindings) or bindings)

    def _binding(self, binding: Binding) -> str:
        if binding.kind in ("function", "class") and binding.target is not None:
            return self.source.text(binding.target)
        if binding.kind == "import":
            return self._stepped(binding.dotted, binding)
        found = UNKNOWN
        if binding.value is not None and binding.kind == "assign" and not is_nothing(binding.value):
            found = self._stepped(self._value_path(binding), binding)
        if found == UNKNOWN and binding.annotation is not None and not binding.steps:
            annotated = self.annotation(binding.annotation, binding.scope)
            return annotated or UNKNOWN
        return found

    def _value_path(self, binding: Binding) -> str:
        value = unwrapped(binding.value) if binding.value is not None else None
        if value is not None and value.type == "object" and binding.steps:
            return UNKNOWN
        return self.path(value, binding.scope) if value is not None else UNKNOWN

    @staticmethod
    def _stepped(path: str, binding: Binding) -> str:
        for step in binding.steps:
            if not isinstance(step, str):
                return UNKNOWN
            path = _joined(path, step)
        return path

    def _one(self, paths: Iterable[str]) -> str:
        found = set(paths)
        return found.pop() if len(found) == 1 else UNKNOWN

    def _member(self, node: Node, scope: Scope) -> str:
        base = node.child_by_field_name("object") or node.child_by_field_name("module")
        name = self.member_name(node)
        if base is None or name is None:
            return UNKNOWN
        if (bindings := self.member_bindings(node, scope)) and (found := self.bound(bindings)) != UNKNOWN:
            return found
        if (value := self._in_object(base, name, scope)) is not None:
            return self.path(*value)
        outer = self.path(base, scope)
        owner = scope.owner if outer == "this" else None
        if owner is not None and (heritage := self._heritage(owner)) is not None:
            outer = f"{heritage}()"
        return _joined(outer, name)

    def member_name(self, node: Node) -> str | None:
        """The last name of `a.b` or `a["b"]`, None where it is worked out."""
        key = node.child_by_field_name("property") or node.child_by_field_name("name")
        if key is not None:
            return self.source.text(key)
        index = node.child_by_field_name("index")
        return self.source.text(index)[1:-1] if index is not None and index.type == "string" else None

    def member_bindings(self, node: Node, scope: Scope) -> list[Binding]:
        """What this file assigns to `this.x`, or to the same dotted name anywhere."""
        base, name = node.child_by_field_name("object"), self.member_name(node)
        if base is None or name is None:
            return []
        base = unwrapped(base)
        if base.type == "this":
            owner = scope.owner
            return owner.instance.get(name, []) if owner is not None else []
        dotted = self.dotted(node)
        return self._survey.attributes.get(dotted, []) if dotted else []

    def dotted(self, node: Node) -> str | None:
        """`a.b.c` as it is written, None for anything but names."""
        names: list[str] = []
        for _ in range(_DEEPEST):
            node = unwrapped(node)
            if node.type in ("identifier", "this"):
                return ".".join([*names, self.source.text(node)][::-1])
            outer = node.child_by_field_name("object")
            name = self.member_name(node) if outer is not None else None
            if outer is None or name is None:
                return None
            names.append(name)
            node = outer
        return None

    def _in_object(self, base: Node, name: str, scope: Scope) -> tuple[Node, Scope] | None:
        """What an object literal of this file gives to a key: `clients.main` of `const clients = {…}`."""
        base = unwrapped(base)
        if base.type != "identifier":
            return None
        bindings = scope.find(self.source.text(base))
        if len(bindings) != 1 or bindings[0].steps or bindings[0].value is None:
            return None
        value = unwrapped(bindings[0].value)
        for pair in value.named_children if value.type == "object" else ():
            key, inner = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None and inner is not None and self.source.text(key).strip("\"'") == name:
                return inner, bindings[0].scope
        return None

    def _result(self, node: Node, scope: Scope) -> str:
        if (origin := required(self.source, node)) is not None:
            return origin
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if function is None:
            return UNKNOWN
        callee = self.path(function, scope)
        arguments = node.child_by_field_name("arguments")
        given = parts(arguments) if arguments is not None else []
        if given and callee in _SAME:
            return self.path(given[0], scope)
        if given and callee.rpartition(".")[2] in _ONCE and (made := self._returned_by(given[-1])) is not None:
            return made
        inner = unwrapped(function)
        bindings = scope.find(self.source.text(inner)) if inner.type == "identifier" else []
        if len(bindings) == 1 and bindings[0].node is not None and bindings[0].node.type in CLASSES:
            owner = self._survey.classes.get(bindings[0].node.id)
            heritage = self._heritage(owner) if owner is not None else None
            return f"{heritage or callee}()"
        made = self._returned_by(inner) if inner.type in FUNCTIONS else self._returned(bindings)
        if made is None and (methods := self._methods(inner, scope)):
            made = self._returned_by(methods)
        return made if made is not None else f"{callee}()"

    def _methods(self, function: Node, scope: Scope) -> Node | None:
        """The method of this class that `this.x()` calls."""
        owner = scope.owner
        base = function.child_by_field_name("object") if function.type == "member_expression" else None
        if owner is None or owner.node is None or base is None or base.type != "this":
            return None
        name, body = self.member_name(function), owner.node.child_by_field_name("body")
        for child in body.named_children if body is not None else ():
            key = child.child_by_field_name("name") if child.type == "method_definition" else None
            if key is not None and self.source.text(key) == name:
                return child
        return None

    def local_function(self, bindings: list[Binding]) -> Node | None:
        """The function of this file that a name with these bindings means."""
        if len(bindings) != 1:
            return None
        found = bindings[0].node if bindings[0].kind == "function" else None
        if found is None and bindings[0].kind == "assign" and not bindings[0].steps and bindings[0].value is not None:
            found = unwrapped(bindings[0].value)
            if found.type == "call_expression":
                function, arguments = found.child_by_field_name("function"), found.child_by_field_name("arguments")
                name = self.source.text(function).rpartition(".")[2] if function is not None else ""
                given = parts(arguments) if arguments is not None else []
                found = given[0] if given and name in _CACHED else None
        return found if found is not None and found.type in FUNCTIONS else None

    def _returned(self, bindings: list[Binding]) -> str | None:
        function = self.local_function(bindings)
        return self._returned_by(function) if function is not None else None

    def _returned_by(self, function: Node) -> str | None:
        """What a function of this file returns, where all of its results come from the same call."""
        scope = self._survey.scopes.get(function.id)
        if scope is None or not 0 < len(scope.results) <= _DEEPEST:
            return None
        found = self._one(self.path(result, inner) for result, inner in scope.results if not is_nothing(result))
        return found if found.endswith("()") and not found.startswith(UNKNOWN) else None

    def _super(self, scope: Scope) -> str:
        owner = scope.owner
        return (self._heritage(owner) if owner is not None else None) or UNKNOWN

    def _heritage(self, owner: Scope) -> str | None:
        """The class that a class of this file extends, where that one comes from elsewhere."""
        if owner.node is None or owner.parent is None:
            return None
        for head in owner.node.named_children:
            if head.type != "class_heritage":
                continue
            clauses = [child for child in head.named_children if child.type == "extends_clause"]
            value = clauses[0].child_by_field_name("value") if clauses else head.named_children[0]
            found = self.path(value, owner.parent) if value is not None else UNKNOWN
            return None if found.startswith(UNKNOWN) else found
        return None

    def annotation(self, node: Node, scope: Scope) -> str | None:
        """The path of a value that is annotated so, through `Promise<…>`, `| null` and `ReturnType<typeof x>`."""
        for _ in range(_DEEPEST):
            inner = parts(node)
            match node.type:
                case "type_identifier" | "nested_type_identifier":
                    found = self.path(node, scope)
                    return None if UNKNOWN in found else f"{found}()"
                case "type_query" if inner:
                    found = self.path(inner[0], scope)
                    return None if found.startswith(UNKNOWN) else found
                case "generic_type" if inner:
                    name, arguments = self.source.text(inner[0]), parts(inner[-1])
                    if name in ("ReturnType", "InstanceType") and arguments and arguments[0].type == "type_query":
                        made = self.annotation(arguments[0], scope)
                        return f"{made}()" if made else None
                    node = arguments[0] if name in _GENERIC and arguments else inner[0]
                case "union_type":
                    telling_ = [one for one in inner if one.type not in ("literal_type", "predefined_type")]
                    if len(telling_) != 1:
                        return None
                    node = telling_[0]
                case "type_annotation" | "parenthesized_type" if inner:
                    node = inner[0]
                case _:
                    return None
        return None


def _joined(base: str, name: str) -> str:
    """`base.name`, `default` being the module itself."""
    if base.startswith(UNKNOWN) and not base.endswith(")"):
        return f"{UNKNOWN}.{name}"
    return base if name == "default" and "(" not in base else f"{base}.{name}"


def is_nothing(node: Node) -> bool:
    """Whether an expression is `null` or `undefined`."""
    return node.type in ("null", "undefined")


def telling(bindings: list[Binding]) -> list[Binding]:
    """The bindings without those that only declare a name or set it to nothing."""
    return [b for b in bindings if b.kind != "assign" or (b.value is not None and not is_nothing(unwrapped(b.value)))]
