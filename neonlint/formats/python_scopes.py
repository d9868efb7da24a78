"""What a walk over a Python file finds: scopes, what each name is bound to, calls, literals, changes of tables.
Follows nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Literal, TypeAlias

from neonlint.records import dataclass, field

BindingKind = Literal["assign", "with", "import", "parameter", "def", "class", "loop", "augment", "other"]
FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

#: Methods that change a table or list, with what Flask's `Config` adds to them.
CHANGING = frozenset(
    [
        "update",
        "setdefault",
        "pop",
        "popitem",
        "clear",
        "append",
        "extend",
        "insert",
        "remove",
        "from_mapping",
        "from_object",
        "from_pyfile",
        "from_envvar",
        "from_prefixed_env",
        "from_file",
    ]
)
#: Calls whose argument is what they return, so that a literal inside is still given to the name outside.
WRAPPERS = frozenset({"SecretStr", "Secret", "PostgresDsn", "cast", "str"})
#: Last names of functions that take a variable and what to use instead.
ENVIRONMENT = frozenset({"get", "getenv", "setdefault", "config", "env", "str"})


@dataclass(slots=True)
class Binding:
    """One way a name gets its value. `value` is read in `scope`; `dotted` is what an import binds; `conditional` says
    that the statement may not run. `statement` is the whole assignment, `target` the place of the name in it.
    """

    kind: BindingKind
    scope: Scope
    value: ast.expr | None = None
    annotation: ast.expr | None = None
    dotted: str = ""
    conditional: bool = False
    statement: ast.stmt | None = None
    target: ast.expr | None = None
    node: ast.ClassDef | FunctionNode | None = None


@dataclass(slots=True)
class Scope:
    """A module, class body, function, lambda or comprehension. `path` is the dotted path of enclosing classes and
    functions, `function` the same where a function encloses it and "" else. `self_name` is a method's first
    parameter.
    """

    kind: Literal["module", "class", "function", "inner"]
    path: str
    function: str
    parent: Scope | None = None
    decorators: tuple[ast.expr, ...] = ()
    node: ast.ClassDef | FunctionNode | None = None
    self_name: str = ""
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    instance: dict[str, list[Binding]] = field(default_factory=dict)
    results: list[ast.expr] = field(default_factory=list)
    globals: set[str] = field(default_factory=set)

    def bind(self, name: str, binding: Binding) -> None:
        """Note one more binding of `name` here, or in the module where a `global` statement says so."""
        home = self
        if name in self.globals:
            home, binding.conditional = self.module, True
        home.bindings.setdefault(name, []).append(binding)

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def owner(self) -> Scope | None:
        """The nearest class body around this scope."""
        scope: Scope | None = self
        while scope is not None and scope.kind != "class":
            scope = scope.parent
        return scope

    def find(self, name: str) -> list[Binding]:
        """The bindings that a use of `name` here can mean; the names of a class body are seen only in that body
        itself.
        """
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bindings and (scope.kind != "class" or scope is self):
                return scope.bindings[name]
            scope = scope.parent
        return []

    def is_self(self, name: str) -> bool:
        """Whether `name` is the first parameter of the method that this scope is in."""
        scope: Scope | None = self
        while scope is not None:
            if scope.self_name == name:
                return True
            scope = scope.parent
        return False


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that changes a table after it was made: `base[keys…] = value`, `base.method(…)`, `del base[key]`.

    `base` is dotted (`DATABASES`, `app.config`); a None among `keys` is a key that is not a literal string. `how` is
    `set`, `delete`, `augment` or the method's name. `conditional` says that the statement may not run.
    """

    base: str
    keys: tuple[ast.Constant | None, ...]
    how: str
    scope: Scope
    statement: ast.stmt | ast.Call
    value: ast.expr | None
    conditional: bool


@dataclass(frozen=True, slots=True)
class Key:
    """The name that a value is given to, and the offsets (in `utf8`) where that name is written."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class Survey:
    """Everything the walk found, in source order. `keys` and `assigned` go by the identity of the value's node."""

    module: Scope
    calls: list[tuple[ast.Call, Scope]] = field(default_factory=list)
    strings: list[tuple[ast.Constant | ast.JoinedStr, Scope]] = field(default_factory=list)
    functions: list[tuple[FunctionNode, Scope]] = field(default_factory=list)
    classes: dict[ast.ClassDef, Scope] = field(default_factory=dict)
    scopes: dict[FunctionNode, Scope] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    keys: dict[int, Key] = field(default_factory=dict)
    assigned: dict[int, str] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    loops: list[tuple[str, str]] = field(default_factory=list)
    exposed: bool = False


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` as it is written, or None for anything but a name with attributes."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def subscripts(node: ast.expr) -> tuple[ast.expr, tuple[ast.Constant | None, ...]]:
    """`base[k1][k2]` as its base and keys, outermost first; None for a key that is not a literal string."""
    keys: list[ast.Constant | None] = []
    while isinstance(node, ast.Subscript):
        key = node.slice
        keys.append(key if isinstance(key, ast.Constant) and isinstance(key.value, str) else None)
        node = node.value
    return node, tuple(reversed(keys))


def alike(target: ast.Tuple | ast.List, value: ast.Tuple | ast.List) -> bool:
    """Whether `a, b = x, y` gives each name its own value."""
    parts: Iterable[ast.expr] = [*target.elts, *value.elts]
    return len(target.elts) == len(value.elts) and not any(isinstance(part, ast.Starred) for part in parts)


def is_text_method(func: ast.expr) -> bool:
    """Whether a call's function is a string method of something written in place."""
    return isinstance(func, ast.Attribute) and func.attr in ("format", "strip") and not isinstance(func.value, ast.Name)


def outer_parts(arguments: ast.arguments) -> list[ast.expr | None]:
    """What belongs to a function's head and is evaluated outside of it: defaults and annotations, in source order."""
    args = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    annotations = [arg.annotation for arg in args if arg is not None]
    return [*annotations, *arguments.defaults, *arguments.kw_defaults]
