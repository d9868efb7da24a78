"""The one walk over a Python file's tree; fills a `Survey`. Iterative, so that the depth of a file costs no stack."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from neonlint.formats.python_scopes import (
    CHANGING,
    ENVIRONMENT,
    WRAPPERS,
    Binding,
    Change,
    FunctionNode,
    Key,
    Scope,
    Survey,
    alike,
    dotted,
    is_text_method,
    outer_parts,
    subscripts,
)
from neonlint.formats.python_source import Source
from neonlint.formats.python_strings import place_holes
from neonlint.records import replace

_SKIPPED = frozenset({"ctx", "op", "ops", "type_comment", "type_ignores", "type_params", "kind", "conversion"})
_LEAVES = frozenset({ast.Name, ast.Pass, ast.Break, ast.Continue, ast.Nonlocal})
_CHILDREN: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in reversed(kind._fields) if name not in _SKIPPED)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_OLD_F_STRINGS = sys.version_info < (3, 12)

_Frame: TypeAlias = tuple[ast.AST, Scope, bool]


def survey(source: Source) -> Survey:
    """Walk the whole file."""
    return _Walk(source).run()


class _Walk:
    """The walk's state: a stack of nodes, each with its scope and whether it may not run."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.out = Survey(Scope("module", "", ""))
        self.stack: list[_Frame] = []

    def run(self) -> Survey:
        stack = self.stack
        self.push(self.source.tree.body, self.out.module, False)
        while stack:
            node, scope, conditional = stack.pop()
            handle = _HANDLERS.get(type(node))
            if handle is None:
                self.children(node, scope, conditional)
            else:
                handle(self, node, scope, conditional)
        return self.out

    def push(self, nodes: Sequence[ast.AST | None], scope: Scope, conditional: bool) -> None:
        """Visit `nodes` next, in their order."""
        self.stack.extend((node, scope, conditional) for node in reversed(nodes) if node is not None)

    def children(self, node: ast.AST, scope: Scope, conditional: bool) -> None:
        stack = self.stack
        for name in _CHILDREN[type(node)]:
            child = getattr(node, name, None)
            if isinstance(child, list):
                stack.extend([(c, scope, conditional) for c in reversed(child) if isinstance(c, ast.AST)])
            elif isinstance(child, ast.AST) and type(child) not in _LEAVES:
                stack.append((child, scope, conditional))

    def bind(self, target: ast.expr, value: ast.expr | None, statement: ast.stmt | None, made: Binding) -> None:
        """Bind every name in `target`; `made` holds what they have in common."""
        if isinstance(target, ast.Starred):
            target, value, made = target.value, None, replace(made, kind="other")
        if isinstance(target, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, (ast.Tuple, ast.List)) and alike(target, value) else None
            for index, element in enumerate(target.elts):
                part = values[index] if values else None
                self.bind(element, part, statement, made if values else replace(made, kind="other"))
            return
        binding = replace(made, value=value, statement=statement, target=target)
        if isinstance(target, ast.Name):
            made.scope.bind(target.id, binding)
            self.give(self.key(target, target.id), value, target.id)
        elif isinstance(target, ast.Attribute):
            self.bind_attribute(target, binding)
        elif isinstance(target, ast.Subscript):
            self.bind_item(target, binding)

    def bind_attribute(self, target: ast.Attribute, binding: Binding) -> None:
        path = dotted(target)
        self.give(self.key(target, target.attr), binding.value, path)
        scope = binding.scope
        if isinstance(target.value, ast.Name) and scope.is_self(target.value.id) and (owner := scope.owner):
            owner.instance.setdefault(target.attr, []).append(binding)
        elif path is not None:
            self.out.attributes.setdefault(path, []).append(binding)

    def bind_item(self, target: ast.Subscript, binding: Binding) -> None:
        base, keys = subscripts(target)
        path = dotted(base)
        if (last := keys[-1]) is not None:
            inner = ".".join([path or "?", *(str(key.value) if key else "?" for key in keys)])
            start, end = self.source.bounds(last)
            self.give(Key(str(last.value), start, end), binding.value, inner)
        if path is not None and binding.statement is not None:
            how = "augment" if binding.kind == "augment" else "set" if binding.kind == "assign" else binding.kind
            self.out.changes.append(
                Change(path, keys, how, binding.scope, binding.statement, binding.value, binding.conditional)
            )

    def key(self, target: ast.expr, name: str) -> Key:
        """The key of a value given to a name or attribute, which is the last thing written in `target`."""
        end = self.source.bounds(target)[1]
        return Key(name, end - len(name.encode()), end)

    def give(self, key: Key, value: ast.expr | None, path: str | None) -> None:
        """Note that `value` is given to `key`, wherever in a conditional or concatenation its literals stand."""
        pending = [value]
        while pending:
            node = pending.pop()
            match node:
                case ast.Constant() | ast.JoinedStr() | ast.Dict():
                    self.note(node, key, path)
                case ast.Call(func=func, args=args):
                    self.note(node, key, path)
                    if (isinstance(func, ast.Name) and func.id in WRAPPERS) or is_text_method(func):
                        pending += args if isinstance(func, ast.Name) else [func.value]  # type: ignore[attr-defined]
                case ast.BinOp(left=left, right=right):
                    pending += [left, right]
                case ast.BoolOp(values=values):
                    pending += values
                case ast.IfExp(body=body, orelse=orelse):
                    pending += [body, orelse]
                case ast.Await(value=inner) | ast.NamedExpr(value=inner):
                    pending.append(inner)

    def note(self, node: ast.expr, key: Key, path: str | None) -> None:
        self.out.keys.setdefault(id(node), key)
        if path is not None and not isinstance(node, (ast.Constant, ast.JoinedStr)):
            self.out.assigned.setdefault(id(node), path)

    # Statements

    def assign(self, node: ast.Assign, scope: Scope, conditional: bool) -> None:
        for target in node.targets:
            self.bind(target, node.value, node, Binding("assign", scope, conditional=conditional))
        self.push([*node.targets, node.value], scope, conditional)

    def annotated(self, node: ast.AnnAssign, scope: Scope, conditional: bool) -> None:
        made = Binding("assign", scope, annotation=node.annotation, conditional=conditional)
        self.bind(node.target, node.value, node, made)
        self.push([node.target, node.annotation, node.value], scope, conditional)

    def augmented(self, node: ast.AugAssign, scope: Scope, conditional: bool) -> None:
        self.bind(node.target, node.value, node, Binding("augment", scope, conditional=conditional))
        if isinstance(node.target, ast.Name):
            change = Change(node.target.id, (), "augment", scope, node, node.value, conditional)
            self.out.changes.append(change)
        self.push([node.target, node.value], scope, conditional)

    def named(self, node: ast.NamedExpr, scope: Scope, conditional: bool) -> None:
        home = scope
        while home.kind == "inner" and home.parent is not None:
            home = home.parent
        self.bind(node.target, node.value, None, Binding("assign", home, conditional=conditional))
        self.push([node.value], scope, conditional)

    def delete(self, node: ast.Delete, scope: Scope, conditional: bool) -> None:
        for target in node.targets:
            base, keys = subscripts(target)
            if keys and (path := dotted(base)):
                self.out.changes.append(Change(path, keys, "delete", scope, node, None, conditional))
        self.children(node, scope, conditional)

    def loop(self, node: ast.For | ast.AsyncFor, scope: Scope, conditional: bool) -> None:
        self.bind(node.target, node.iter, None, Binding("loop", scope, conditional=conditional))
        self.over(node.target, node.iter)
        self.push([*node.body, *node.orelse], scope, True)
        self.push([node.target, node.iter], scope, conditional)

    def over(self, target: ast.expr, iterable: ast.expr) -> None:
        """Note that a loop's names stand for parts of another table (`for db in DATABASES.values()`)."""
        inner = iterable.func if isinstance(iterable, ast.Call) else iterable
        base = dotted(inner)
        if base is None:
            return
        names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]
        self.out.loops += [(name, base.rpartition(".")[0] if inner is not iterable else base) for name in names]

    def branch(self, node: ast.If | ast.While, scope: Scope, conditional: bool) -> None:
        self.push([*node.body, *node.orelse], scope, True)
        self.push([node.test], scope, conditional)

    def guarded(self, node: ast.Try, scope: Scope, conditional: bool) -> None:
        self.push([*node.orelse, *node.finalbody], scope, conditional)
        self.push(node.handlers, scope, True)
        self.push(node.body, scope, conditional)

    def handler(self, node: ast.ExceptHandler, scope: Scope, _: bool) -> None:
        if node.name:
            scope.bind(node.name, Binding("other", scope, conditional=True))
        self.push([node.type, *node.body], scope, True)

    def matched(self, node: ast.match_case, scope: Scope, _: bool) -> None:
        for part in ast.walk(node.pattern):
            name = getattr(part, "name", None) or getattr(part, "rest", None)
            if isinstance(name, str):
                scope.bind(name, Binding("other", scope, conditional=True))
        self.push([node.pattern, node.guard, *node.body], scope, True)

    def managed(self, node: ast.With | ast.AsyncWith, scope: Scope, conditional: bool) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self.bind(item.optional_vars, item.context_expr, None, Binding("with", scope, conditional=conditional))
        parts = [part for item in node.items for part in (item.context_expr, item.optional_vars)]
        self.push([*parts, *node.body], scope, conditional)

    def result(self, node: ast.Return | ast.Yield, scope: Scope, conditional: bool) -> None:
        if node.value is not None:
            scope.results.append(node.value)
            self.push([node.value], scope, conditional)

    def global_names(self, node: ast.Global, scope: Scope, _: bool) -> None:
        scope.globals.update(node.names)

    def imported(self, node: ast.Import, scope: Scope, conditional: bool) -> None:
        for alias in node.names:
            local, whole = alias.asname or alias.name.partition(".")[0], alias.name
            meaning = whole if alias.asname else local
            self.bind_import(local, meaning, scope, conditional)
            if not alias.asname:
                self.out.imports.setdefault(whole, whole)

    def imported_from(self, node: ast.ImportFrom, scope: Scope, conditional: bool) -> None:
        origin = "." * node.level + (node.module or "")
        joint = "" if origin.endswith(".") else "."
        for alias in node.names:
            if alias.name == "*":
                self.out.stars.append(origin)
            else:
                self.bind_import(alias.asname or alias.name, origin + joint + alias.name, scope, conditional)

    def bind_import(self, local: str, meaning: str, scope: Scope, conditional: bool) -> None:
        scope.bind(local, Binding("import", scope, dotted=meaning, conditional=conditional))
        if scope.kind == "module" and not conditional:
            self.out.imports[local] = meaning
        else:
            self.out.imports.setdefault(local, meaning)

    # Scopes

    def function(self, node: FunctionNode, scope: Scope, conditional: bool) -> None:
        scope.bind(node.name, Binding("def", scope, conditional=conditional, node=node))
        path = f"{scope.path}.{node.name}".lstrip(".")
        inner = Scope("function", path, path, scope, tuple(node.decorator_list), node)
        arguments = node.args
        first = (*arguments.posonlyargs, *arguments.args)[:1]
        if scope.kind == "class" and first:
            inner.self_name = first[0].arg
        self.out.functions.append((node, inner))
        self.out.scopes[node] = inner
        self.parameters(arguments, inner)
        self.push(node.body, inner, False)
        self.push([*node.decorator_list, *outer_parts(arguments), node.returns], scope, conditional)

    def parameters(self, arguments: ast.arguments, inner: Scope) -> None:
        plain = [*arguments.posonlyargs, *arguments.args]
        defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
        pairs = [*zip(plain, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
        pairs += [(extra, None) for extra in (arguments.vararg, arguments.kwarg) if extra]
        for arg, default in pairs:
            inner.bind(arg.arg, Binding("parameter", inner, annotation=arg.annotation, value=default))
            start = self.source.bounds(arg)[0]
            self.give(Key(arg.arg, start, start + len(arg.arg.encode())), default, None)

    def anonymous(self, node: ast.Lambda, scope: Scope, conditional: bool) -> None:
        inner = Scope("function", f"{scope.path}.<lambda>".lstrip("."), scope.function, scope)
        inner.function = f"{scope.function}.<lambda>".lstrip(".")
        inner.decorators = scope.decorators
        self.parameters(node.args, inner)
        self.push([node.body], inner, False)
        self.push(outer_parts(node.args), scope, conditional)

    def class_(self, node: ast.ClassDef, scope: Scope, conditional: bool) -> None:
        scope.bind(node.name, Binding("class", scope, conditional=conditional, node=node))
        path = f"{scope.path}.{node.name}".lstrip(".")
        inner = Scope("class", path, scope.function, scope, scope.decorators, node)
        self.out.classes[node] = inner
        self.push(node.body, inner, False)
        self.push([*node.decorator_list, *node.bases, *node.keywords], scope, conditional)

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: Scope, _: bool
    ) -> None:
        inner = Scope("inner", scope.path, scope.function, scope, scope.decorators)
        for generator in node.generators:
            self.bind(generator.target, None, None, Binding("loop", inner))
        self.children(node, inner, True)

    # Expressions

    def call(self, node: ast.Call, scope: Scope, conditional: bool) -> None:
        self.out.calls.append((node, scope))
        func = node.func
        for keyword in node.keywords:
            if keyword.arg:
                start = self.source.bounds(keyword)[0]
                self.give(Key(keyword.arg, start, start + len(keyword.arg.encode())), keyword.value, None)
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        if name in CHANGING and isinstance(func, ast.Attribute):
            self.change(node, func, scope, conditional)
        elif name in ("locals", "globals", "vars") and scope.kind == "module":
            self.out.exposed = True
        if name in ENVIRONMENT and len(node.args) == 2:
            self.give_default(node)
        self.children(node, scope, conditional)

    def give_default(self, node: ast.Call) -> None:
        """In `os.environ.get("X", "…")` the second literal is given to X."""
        first, second = node.args
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            start, end = self.source.bounds(first)
            self.give(Key(first.value, start, end), second, None)

    def change(self, node: ast.Call, func: ast.Attribute, scope: Scope, conditional: bool) -> None:
        base, keys = subscripts(func.value)
        if (path := dotted(base)) is not None:
            self.out.changes.append(Change(path, keys, func.attr, scope, node, None, conditional))

    def display(self, node: ast.Dict, scope: Scope, conditional: bool) -> None:
        outer = self.out.assigned.get(id(node))
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                start, end = self.source.bounds(key)
                self.give(Key(key.value, start, end), value, f"{outer}.{key.value}" if outer else None)
        pairs = [part for pair in zip(node.keys, node.values, strict=True) for part in pair]
        self.push(pairs, scope, conditional)

    def constant(self, node: ast.Constant, scope: Scope, _: bool) -> None:
        if isinstance(node.value, str):
            self.out.strings.append((node, scope))

    def joined(self, node: ast.JoinedStr, scope: Scope, conditional: bool) -> None:
        self.out.strings.append((node, scope))
        if _OLD_F_STRINGS:
            place_holes(self.source, node)
        holes: list[ast.AST] = []
        for child in node.values:
            if isinstance(child, ast.FormattedValue):
                holes.append(child.value)
                if isinstance(child.format_spec, ast.JoinedStr) and not _OLD_F_STRINGS:
                    holes += [part.value for part in child.format_spec.values if isinstance(part, ast.FormattedValue)]
        self.push(holes, scope, conditional)


_HANDLERS: dict[type[ast.AST], Callable[[_Walk, Any, Scope, bool], None]] = {
    ast.Assign: _Walk.assign,
    ast.AnnAssign: _Walk.annotated,
    ast.AugAssign: _Walk.augmented,
    ast.NamedExpr: _Walk.named,
    ast.Delete: _Walk.delete,
    ast.For: _Walk.loop,
    ast.AsyncFor: _Walk.loop,
    ast.If: _Walk.branch,
    ast.While: _Walk.branch,
    ast.Try: _Walk.guarded,
    ast.TryStar: _Walk.guarded,
    ast.ExceptHandler: _Walk.handler,
    ast.match_case: _Walk.matched,
    ast.With: _Walk.managed,
    ast.AsyncWith: _Walk.managed,
    ast.Return: _Walk.result,
    ast.Yield: _Walk.result,
    ast.Global: _Walk.global_names,
    ast.Import: _Walk.imported,
    ast.ImportFrom: _Walk.imported_from,
    ast.FunctionDef: _Walk.function,
    ast.AsyncFunctionDef: _Walk.function,
    ast.Lambda: _Walk.anonymous,
    ast.ClassDef: _Walk.class_,
    ast.ListComp: _Walk.comprehension,
    ast.SetComp: _Walk.comprehension,
    ast.GeneratorExp: _Walk.comprehension,
    ast.DictComp: _Walk.comprehension,
    ast.Call: _Walk.call,
    ast.Dict: _Walk.display,
    ast.Constant: _Walk.constant,
    ast.JoinedStr: _Walk.joined,
}
