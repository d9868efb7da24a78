"""What a JavaScript module is made of: its top-level names, its exports, its classes, the properties that it sets."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.formats.javascript_environ import is_environment
from neonlint.formats.javascript_names import UNKNOWN
from neonlint.formats.javascript_scopes import Scope, parts, unwrapped
from neonlint.formats.javascript_source import span
from neonlint.formats.javascript_values import Values
from neonlint.ir.source import Entry, EnvRef, Ref, Scalar, Span, Table, Value

ENVIRONMENT = "process.env"


def root(values: Values) -> Table:
    """The module as a table."""
    survey = values.survey
    entries = [*_assignments(values), *_exports(values), *_classes(values), *_writes(values)]
    entries.sort(key=lambda entry: (entry.key_span, entry.span))
    end = len(values.source.data)
    complete = not survey.stars and not values.source.root.has_error
    return Table("module", (*entries, *_environment(values)), Span(0, end), complete)


def defaults(values: Values) -> Table | None:
    """The variables that the file reads with something to use instead, wherever in it; None where there are none."""
    entries = []
    for node, scope in values.survey.fallbacks:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or unwrapped(right).type not in ("string", "template_string"):
            continue
        found = values.value(node, scope)
        if not isinstance(found, EnvRef):
            found = _last_variable(values, left, right, scope) or found
        if isinstance(found, EnvRef):
            entries.append(Entry(found.name, span(left), found, span(node)))
    if not entries:
        return None
    return Table("module", tuple(entries), Span(0, len(values.source.data)), complete=False, name="defaults")


def _last_variable(values: Values, left: object, right: object, scope: Scope) -> EnvRef | None:
    """In `options.url || process.env.X || "…"` the text stands in for X."""
    from tree_sitter import Node  # noqa: PLC0415

    if not isinstance(left, Node) or not isinstance(right, Node) or left.type != "binary_expression":
        return None
    before = left.child_by_field_name("right")
    value = values.value(before, scope) if before is not None else None
    if isinstance(value, EnvRef) and value.default is None:
        return EnvRef(value.name, value.span, values.value(right, scope), value.transformed)
    return None


def _assignments(values: Values) -> Iterator[Entry]:
    """Every assignment to a module-level name, also those under a condition."""
    for name, bindings in values.survey.module.bindings.items():
        for binding in bindings:
            if binding.value is None or binding.statement is None or binding.target is None:
                continue
            if binding.kind == "assign" and (binding.scope.home.kind == "module" or binding.scope.immediate):
                value = values.bound(binding, bindings, name, span(binding.target))
                yield Entry(name, span(binding.target), value, span(binding.statement))


def _exports(values: Values) -> Iterator[Entry]:
    module = values.survey.module
    for one in values.survey.exports:
        name, where = one.name, span(one.key)
        if one.dotted:
            yield Entry(name, where, Ref(one.dotted, where), span(one.statement))
        elif one.value is not None and (one.value.type != "identifier" or values.source.text(one.value) != name):
            value = _exported_class(values, one.value) or values.value(one.value, one.scope)
            yield Entry(name, where, value, span(one.statement))
        elif one.value is not None and any(b.kind == "import" for b in module.bindings.get(name, ())):
            yield Entry(name, where, values.value(one.value, one.scope), span(one.statement))


def _exported_class(values: Values, node: object) -> Table | None:
    scope = values.survey.classes.get(node.id)  # type: ignore[attr-defined]
    return _class_table(values, scope, "default") if scope is not None else None


def _classes(values: Values) -> Iterator[Entry]:
    for scope in values.survey.classes.values():
        name = scope.node.child_by_field_name("name") if scope.node is not None else None
        if scope.parent is values.survey.module and name is not None and scope.node is not None:
            table = _class_table(values, scope, scope.name)
            yield Entry(scope.name, span(name), table, span(scope.node))


def _class_table(values: Values, scope: Scope, name: str) -> Table:
    entries = []
    for key, bindings in scope.instance.items():
        for binding in bindings:
            if binding.value is not None and binding.target is not None and binding.statement is not None:
                value = values.bound(binding, bindings, key, span(binding.target))
                entries.append(Entry(key, span(binding.target), value, span(binding.statement)))
    entries.sort(key=lambda entry: entry.span)
    where = span(scope.node) if scope.node is not None else Span(0, 0)
    return Table("class", tuple(entries), where, complete=False, name=name)


def _writes(values: Values) -> Iterator[Entry]:
    """`neonConfig.webSocketConstructor = ws`, and each key of `Object.assign(neonConfig, {…})`."""
    for write in values.survey.writes:
        base = write.target.child_by_field_name("object")
        key = write.target.child_by_field_name("property") or write.target.child_by_field_name("index")
        name = values.names.member_name(write.target)
        if base is None or key is None or name is None or is_environment(values, base, write.scope) is not None:
            continue
        path = values.names.path(base, write.scope)
        if not path.startswith((UNKNOWN, "this")):
            value = values.value(write.value, write.scope)
            yield Entry(f"{path}.{name}", span(key), value, span(write.statement))
    for node, scope in values.survey.calls:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None or values.source.text(function) != "Object.assign":
            continue
        given = parts(arguments)
        path = values.names.path(given[0], scope) if given else UNKNOWN
        if path.startswith((UNKNOWN, "this", "Object.")) or "." not in path:
            continue
        for one in given[1:]:
            table = values.value(one, scope)
            for entry in table.entries if isinstance(table, Table) else ():
                yield Entry(f"{path}.{entry.key}", entry.key_span, entry.value, entry.span)


def _environment(values: Values) -> Iterator[Entry]:
    """What the file puts into the environment itself: `process.env.DATABASE_URL = "…"`."""
    entries: list[Entry] = []
    for write in values.survey.writes:
        base = write.target.child_by_field_name("object")
        key = write.target.child_by_field_name("property") or write.target.child_by_field_name("index")
        name = values.names.member_name(write.target)
        if base is None or key is None or name is None or values.names.path(base, write.scope) != ENVIRONMENT:
            continue
        value: Value = values.value(write.value, write.scope)
        if isinstance(value, (Scalar, EnvRef)):
            entries.append(Entry(name, span(key), value, span(write.statement)))
    if entries:
        table = Table("env", tuple(entries), entries[0].span, complete=False, name=ENVIRONMENT)
        yield Entry(ENVIRONMENT, table.span, table, table.span)
