"""What a walk over a JavaScript file finds: scopes, what each name is bound to, calls, literals, changes of tables.
Follows nothing.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from tree_sitter import Node

from neonlint.records import dataclass, field

BindingKind = Literal["assign", "import", "parameter", "function", "class", "other"]
#: A step from a value to a part of it, as destructuring takes it: a key, a position, or None for the rest of it.
Step: TypeAlias = str | int | None

FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
    }
)
CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
#: Expressions that are worth what they hold: `(x)`, `x as T`, `x!`, `await x`.
WRAPPERS = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
        "await_expression",
        "instantiation_expression",
    }
)


@dataclass(slots=True)
class Binding:
    """One way a name gets its value. `value` is read in `scope`, and `steps` lead from it to what the name is given;
    `default` stands in where that is undefined. `dotted` is what an import binds; `conditional` says that the statement
    may not run. `statement` is the whole declaration or assignment, `target` the name in it, `annotation` its type.
    `constant` is False for what is declared with `let` or `var`, or assigned without a declaration.
    """

    kind: BindingKind
    scope: Scope
    value: Node | None = None
    steps: tuple[Step, ...] = ()
    default: Node | None = None
    dotted: str = ""
    conditional: bool = False
    statement: Node | None = None
    target: Node | None = None
    annotation: Node | None = None
    constant: bool = True
    node: Node | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class body, function or block.

    `path` is the dotted path of enclosing classes and functions, `function` the same where a function encloses it and
    "" else; both are filled in after the walk, from `name`, or from `given` for a function that is an argument of that
    call. A function that is called where it is written runs as part of what is around it (`immediate`). `results` are
    what a function returns, `instance` what a class's methods give to `this`.
    """

    kind: Literal["module", "class", "function", "block"]
    parent: Scope | None = None
    node: Node | None = None
    name: str = ""
    given: Node | None = None
    immediate: bool = False
    depth: int = 0
    path: str = ""
    function: str = ""
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    instance: dict[str, list[Binding]] = field(default_factory=dict)
    results: list[tuple[Node, Scope]] = field(default_factory=list)

    def find(self, name: str) -> list[Binding]:
        """The bindings that a use of `name` here can mean."""
        scope: Scope | None = self
        while scope is not None:
            if scope.kind != "class" and (found := scope.bindings.get(name)) is not None:
                return found
            scope = scope.parent
        return []

    @property
    def home(self) -> Scope:
        """The nearest function, class or module: where a `var` belongs."""
        scope = self
        while scope.kind == "block" and scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def owner(self) -> Scope | None:
        """The class that `this` is an instance of here."""
        scope: Scope | None = self
        while scope is not None and scope.kind != "class":
            if scope.kind == "function" and scope.node is not None and scope.node.type.startswith(("function", "gen")):
                return None
            scope = scope.parent
        return scope


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that changes a table after it was made: `base.key = value`, `Object.assign(base, …)` or
    `delete base.key`.

    `base` is a name, `keys` lead to what is changed; a None among them is a key that cannot be told. `how` is `set`,
    `delete` or `merge`. `conditional` says that the statement may not run.
    """

    base: str
    keys: tuple[str | None, ...]
    key_node: Node
    how: Literal["set", "delete", "merge"]
    scope: Scope
    statement: Node
    value: Node | None
    conditional: bool


@dataclass(frozen=True, slots=True)
class Write:
    """An assignment to a property, whatever of: `neonConfig.webSocketConstructor = ws`."""

    target: Node
    value: Node
    scope: Scope
    statement: Node


@dataclass(frozen=True, slots=True)
class Key:
    """The name that a value is given to, and the bytes where that name is written."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Export:
    """A name that other modules see: `default`, or one of `module.exports`. `value` is what it is given, or `dotted`
    the thing of another module that it passes on."""

    name: str
    key: Node
    statement: Node
    scope: Scope
    value: Node | None = None
    dotted: str = ""


@dataclass(slots=True)
class Survey:
    """Everything the walk found, in source order. `keys`, `assigned` and `decorators` go by the identity of a node.

    `every` are all scopes but the module's, `markup` the strings in JSX attributes, `fallbacks` every `a || b` and
    `a ?? b`, and `attributes` what is assigned to a dotted name anywhere.
    """

    module: Scope
    every: list[Scope] = field(default_factory=list)
    calls: list[tuple[Node, Scope]] = field(default_factory=list)
    strings: list[tuple[Node, Scope]] = field(default_factory=list)
    markup: set[int] = field(default_factory=set)
    fallbacks: list[tuple[Node, Scope]] = field(default_factory=list)
    decorators: dict[int, list[Node]] = field(default_factory=dict)
    classes: dict[int, Scope] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    keys: dict[int, Key] = field(default_factory=dict)
    assigned: dict[int, str] = field(default_factory=dict)
    exports: list[Export] = field(default_factory=list)
    imports: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)


def unwrapped(node: Node) -> Node:
    """What `(x)`, `x as T`, `x!` and `await x` hold."""
    while node.type in WRAPPERS:
        inner = [child for child in node.named_children if child.type != "comment"]
        if not inner:
            return node
        node = inner[-1] if node.type == "type_assertion" else inner[0]
    return node


def parts(node: Node) -> list[Node]:
    """The named children of a node without comments."""
    return [child for child in node.named_children if child.type != "comment"]
