"""The one walk over a JavaScript file's tree; fills a `Survey`. Iterative, so that depth costs no stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from tree_sitter import Node

from neonlint.errors import ParseFailure
from neonlint.formats import javascript_imports as imports
from neonlint.formats.javascript_binding import Binder, defaults_in, inside
from neonlint.formats.javascript_exports import Exporter
from neonlint.formats.javascript_scopes import FUNCTIONS, Binding, Change, Key, Scope, Survey, parts, unwrapped
from neonlint.formats.javascript_source import Source
from neonlint.records import replace

_Frame: TypeAlias = tuple[Node, Scope, bool]

#: What holds nothing of interest, with all below it.
_SKIPPED = frozenset(
    {
        *("identifier", "property_identifier", "private_property_identifier", "shorthand_property_identifier"),
        *("statement_identifier", "type_identifier", "comment", "number", "regex", "jsx_text", "true", "false", "null"),
        *(
            "undefined",
            "this",
            "super",
            "empty_statement",
            "hash_bang_line",
            "import",
            "meta_property",
            "escape_sequence",
        ),
        *("type_annotation", "type_arguments", "type_parameters", "interface_declaration", "type_alias_declaration"),
        *("function_signature", "abstract_method_signature", "method_signature", "accessibility_modifier"),
        *("implements_clause", "predefined_type", "override_modifier", "string_fragment", "html_character_reference"),
        *("debugger_statement", "break_statement", "continue_statement", "optional_chain", "ambient_declaration"),
    }
)
_MAX_SCOPES = 150


def survey(source: Source) -> Survey:
    """Walk the whole file; raises `ParseFailure` for functions nested deeper than any person writes."""
    return _Walk(source).run()


class _Walk(Exporter, Binder):
    """The walk's state: a stack of nodes, each with its scope and whether it may not run.

    `taken` are functions given to a call, by their identity, `called` those that are called where they are written.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.stack: list[_Frame] = []
        self.taken: dict[int, Node] = {}
        self.called: set[int] = set()

    def run(self) -> Survey:
        stack, handlers = self.stack, _HANDLERS
        self.children(self.source.root, self.out.module, False)
        while stack:
            node, scope, conditional = stack.pop()
            handle = handlers.get(node.type)
            if handle is None:
                self.children(node, scope, conditional)
            else:
                handle(self, node, scope, conditional)
        self.settle()
        return self.out

    def push(self, nodes: Iterable[Node | None], scope: Scope, conditional: bool) -> None:
        """Visit `nodes` next, in their order."""
        found = [(node, scope, conditional) for node in nodes if node is not None and node.type not in _SKIPPED]
        found.reverse()
        self.stack += found

    def children(self, node: Node, scope: Scope, conditional: bool) -> None:
        skipped = _SKIPPED
        found = [(child, scope, conditional) for child in node.named_children if child.type not in skipped]
        found.reverse()
        self.stack += found

    def inner(self, kind: Literal["class", "function", "block"], scope: Scope, node: Node) -> Scope:
        depth = scope.depth + 1
        if depth > _MAX_SCOPES:
            raise ParseFailure("nested too deeply", node.start_point.row + 1)
        made = Scope(kind, scope, node, depth=depth)
        self.out.every.append(made)
        return made

    # Statements

    def declaration(self, node: Node, scope: Scope, conditional: bool) -> None:
        kind = node.children[0].type if node.children else ""
        home = scope.home if kind == "var" else scope
        inner: list[Node | None] = []
        for one in node.named_children:
            name, value = one.child_by_field_name("name"), one.child_by_field_name("value")
            if one.type != "variable_declarator" or name is None:
                continue
            made = Binding(
                "assign",
                scope,
                value,
                conditional=conditional,
                statement=node,
                annotation=one.child_by_field_name("type"),
                constant=kind == "const",
            )
            if value is not None and (origin := self.loaded(value)) is not None:
                made = replace(made, kind="import", dotted=origin)
                self.note_loaded(name, origin)
            self.bind(name, made, home)
            inner += [*defaults_in(name), value]
        self.push(inner, scope, conditional)

    def loaded(self, value: Node) -> str | None:
        """The module in `require("x")`, `await import("x")` and the members of these."""
        value = unwrapped(value)
        if value.type == "member_expression":
            outer, key = value.child_by_field_name("object"), value.child_by_field_name("property")
            origin = self.loaded_by(unwrapped(outer)) if outer is not None else None
            return imports.dotted(origin, self.text(key)) if origin and key is not None else None
        return self.loaded_by(value)

    def loaded_by(self, call: Node) -> str | None:
        return imports.required(self.source, call) if call.type == "call_expression" else None

    def note_loaded(self, target: Node, origin: str) -> None:
        """Note as imports the names that are plainly taken out of a module."""
        if target.type == "identifier":
            self.out.imports.setdefault(self.text(target), origin)
        elif target.type == "object_pattern":
            for part, binding in self.object_parts(target, Binding("import", self.out.module)):
                if part.child_count == 0 and binding.steps:
                    self.out.imports.setdefault(self.text(part), imports.dotted(origin, str(binding.steps[0])))

    def assignment(self, node: Node, scope: Scope, conditional: bool) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        if not self.assigned_export(node, left, right, scope):
            made = Binding("assign", scope, right, conditional=conditional, statement=node, constant=False)
            self.bind(left, made, None)
        self.push([left, right], scope, conditional)

    def augmented(self, node: Node, scope: Scope, conditional: bool) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None:
            return
        sets = operator is not None and operator.type in ("??=", "||=")
        made = Binding("assign", scope, right, conditional=True, statement=node, constant=False)
        self.bind(left, made if sets else replace(made, kind="other", value=None), None)
        self.push([left, right], scope, conditional)

    def updated(self, node: Node, scope: Scope, _: bool) -> None:
        argument = node.child_by_field_name("argument")
        if argument is not None and argument.type == "identifier":
            self.bind(argument, Binding("other", scope, constant=False, conditional=True), None)

    def unary(self, node: Node, scope: Scope, conditional: bool) -> None:
        argument, operator = node.child_by_field_name("argument"), node.child_by_field_name("operator")
        if argument is not None and operator is not None and operator.type == "delete":
            path = self.member_path(argument)
            key = argument.child_by_field_name("property") or argument.child_by_field_name("index")
            if len(path) > 1 and key is not None:
                made = Change(str(path[0]), tuple(path[1:]), key, "delete", scope, node, None, conditional)
                self.out.changes.append(made)
        self.children(node, scope, conditional)

    def loop(self, node: Node, scope: Scope, conditional: bool) -> None:
        inner = self.inner("block", scope, node)
        left = node.child_by_field_name("left")
        if left is not None:
            declared = node.child_by_field_name("kind") is not None
            self.bind(left, Binding("other", scope, constant=False), inner if declared else None)
        self.push([node.child_by_field_name("right")], scope, conditional)
        self.push([node.child_by_field_name("body")], inner, True)

    def branch(self, node: Node, scope: Scope, _: bool) -> None:
        self.children(node, scope, True)

    def scoped(self, node: Node, scope: Scope, conditional: bool) -> None:
        inner = self.inner("block", scope, node)
        caught = node.child_by_field_name("parameter") if node.type == "catch_clause" else None
        if caught is not None:
            self.bind(caught, Binding("other", inner), inner)
        self.children(node, inner, conditional or node.type != "statement_block")

    def binary(self, node: Node, scope: Scope, conditional: bool) -> None:
        operator = node.child_by_field_name("operator")
        kind = operator.type if operator is not None else ""
        if kind in ("||", "??"):
            self.out.fallbacks.append((node, scope))
        self.push([node.child_by_field_name("right")], scope, conditional or kind in ("||", "??", "&&"))
        self.push([node.child_by_field_name("left")], scope, conditional)

    def returned(self, node: Node, scope: Scope, conditional: bool) -> None:
        home = scope.home
        if home.kind == "function":
            home.results += [(child, scope) for child in parts(node)]
        self.children(node, scope, conditional)

    def imported(self, node: Node, scope: Scope, _: bool) -> None:
        for one in imports.imported(self.source, node):
            if one.node.id != node.id:
                made = Binding("import", scope, dotted=one.dotted, target=one.node)
                scope.bindings.setdefault(one.local, []).append(made)
            if not one.of_types:
                self.out.imports[one.local] = one.dotted

    def exported(self, node: Node, scope: Scope, conditional: bool) -> None:
        inner = self.export_statement(node, scope)
        decorators = [child for child in node.named_children if child.type == "decorator"]
        self.push([*decorators, *inner], scope, conditional)

    # Functions and classes

    def function(self, node: Node, scope: Scope, conditional: bool) -> None:
        inner = self.inner("function", scope, node)
        name = node.child_by_field_name("name")
        declared = node.type.endswith("declaration")
        if name is not None and node.type != "method_definition":
            made = Binding("function", scope, conditional=conditional, target=name, node=node)
            (scope if declared else inner).bindings.setdefault(self.text(name), []).append(made)
        own = "" if declared else self.out.assigned.get(node.id, "").removeprefix("this.")
        if not own and name is not None:
            own = self.key_text(name) or (self.text(name) if name.type == "identifier" else "")
        inner.name, inner.given, inner.immediate = own, self.taken.get(node.id), node.id in self.called
        self.out.scopes[node.id] = inner
        self.parameters(node, inner, scope)
        body = node.child_by_field_name("body")
        if body is not None and body.type == "statement_block":
            self.children(body, inner, False)
        elif body is not None:
            inner.results.append((body, inner))
            self.push([body], inner, False)

    def parameters(self, node: Node, inner: Scope, outer: Scope) -> None:
        single, several = node.child_by_field_name("parameter"), node.child_by_field_name("parameters")
        given = [single] if single is not None else parts(several) if several is not None else []
        for one in given:
            pattern, annotation, default = one, None, None
            if one.type in ("required_parameter", "optional_parameter"):
                pattern = one.child_by_field_name("pattern") or one
                annotation, default = one.child_by_field_name("type"), one.child_by_field_name("value")
            made = Binding("parameter", inner, default=default, annotation=annotation, statement=one, node=node)
            self.bind(pattern, made, inner)
            if outer.kind == "class" and any(c.type in _FIELD for c in one.children):
                outer.instance.setdefault(self.text(pattern), []).append(replace(made, target=pattern))
            self.push([*defaults_in(pattern), default], inner, True)
            self.push([child for child in one.named_children if child.type == "decorator"], outer, False)

    def class_(self, node: Node, scope: Scope, conditional: bool) -> None:
        inner = self.inner("class", scope, node)
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        inner.name = self.out.assigned.get(node.id, "")
        if name is not None:
            inner.name = self.text(name)
            made = Binding("class", scope, conditional=conditional, statement=node, target=name, node=node)
            scope.bindings.setdefault(inner.name, []).append(made)
        self.out.classes[node.id] = inner
        if body is not None:
            self.decorated(body)
            self.children(body, inner, False)
        heads = [child for child in node.named_children if child.type in ("decorator", "class_heritage")]
        self.push(heads, scope, conditional)

    def decorated(self, body: Node) -> None:
        """Note which decorators stand before which method."""
        found: list[Node] = []
        for child in body.named_children:
            if child.type == "decorator":
                found.append(child)
            elif child.type != "comment":
                if found:
                    self.out.decorators[child.id] = found
                found = []

    def field(self, node: Node, scope: Scope, _: bool) -> None:
        name = node.child_by_field_name("name") or node.child_by_field_name("property")
        value = node.child_by_field_name("value")
        text = self.key_text(name) if name is not None else None
        if name is not None and text is not None:
            annotation = node.child_by_field_name("type")
            made = Binding("assign", scope, value, statement=node, target=name, annotation=annotation, constant=False)
            scope.instance.setdefault(text, []).append(made)
            self.give(Key(text, *inside(name)), value, f"this.{text}")
        self.push([*(child for child in node.named_children if child.type == "decorator"), value], scope, False)

    # Expressions

    def call(self, node: Node, scope: Scope, conditional: bool) -> None:
        self.out.calls.append((node, scope))
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        arguments = node.child_by_field_name("arguments")
        if (origin := self.loaded_by(node)) is not None and origin not in self.out.imports.values():
            self.out.imports.setdefault(origin, origin)
        inner = unwrapped(function) if function is not None else node
        if inner.type in FUNCTIONS:
            self.called.add(inner.id)
        given = parts(arguments) if arguments is not None and arguments.type == "arguments" else []
        self.taken.update((unwrapped(one).id, node) for one in given)
        if inner.type == "member_expression" and self.text(inner) in ("Object.assign", "Object.defineProperty"):
            self.merged(node, given, scope, conditional)
        self.push([arguments], scope, conditional)
        self.push([function], scope, conditional)

    def merged(self, node: Node, given: list[Node], scope: Scope, conditional: bool) -> None:
        path = self.member_path(given[0]) if given else []
        for one in given[1:] if path else ():
            made = Change(str(path[0]), tuple(path[1:]), one, "merge", scope, node, one, conditional)
            self.out.changes.append(made)

    def object(self, node: Node, scope: Scope, conditional: bool) -> None:
        outer = self.out.assigned.get(node.id)
        inner: list[Node | None] = []
        for part in node.named_children:
            inner.append(part)
            if part.type == "pair":
                key, value = part.child_by_field_name("key"), part.child_by_field_name("value")
                if key is not None and (text := self.key_text(key)) is not None:
                    self.give(Key(text, *inside(key)), value, f"{outer}.{text}" if outer else text)
                    inner[-1] = value
            elif part.type == "method_definition" and outer and (name := part.child_by_field_name("name")) is not None:
                self.out.assigned[part.id] = f"{outer}.{self.key_text(name) or '?'}"
        self.push(inner, scope, conditional)

    def attribute(self, node: Node, scope: Scope, conditional: bool) -> None:
        """`url="…"` in JSX."""
        given = node.named_children
        if len(given) == 2:
            name, value = given
            key = Key(self.text(name), name.start_byte, name.end_byte)
            if value.type == "string":
                self.out.markup.add(value.id)
            self.give(
                key, value.named_children[0] if value.type == "jsx_expression" and value.named_children else value, None
            )
            self.push([value], scope, conditional)

    def string(self, node: Node, scope: Scope, _: bool) -> None:
        self.out.strings.append((node, scope))

    def template(self, node: Node, scope: Scope, conditional: bool) -> None:
        self.out.strings.append((node, scope))
        self.children(node, scope, conditional)


_FIELD = ("accessibility_modifier", "readonly")


_HANDLERS: dict[str, Callable[[_Walk, Node, Scope, bool], None]] = {
    "lexical_declaration": _Walk.declaration,
    "variable_declaration": _Walk.declaration,
    "assignment_expression": _Walk.assignment,
    "augmented_assignment_expression": _Walk.augmented,
    "update_expression": _Walk.updated,
    "unary_expression": _Walk.unary,
    "for_in_statement": _Walk.loop,
    "if_statement": _Walk.branch,
    "while_statement": _Walk.branch,
    "do_statement": _Walk.branch,
    "ternary_expression": _Walk.branch,
    "for_statement": _Walk.scoped,
    "catch_clause": _Walk.scoped,
    "switch_body": _Walk.scoped,
    "statement_block": _Walk.scoped,
    "binary_expression": _Walk.binary,
    "return_statement": _Walk.returned,
    "yield_expression": _Walk.returned,
    "import_statement": _Walk.imported,
    "export_statement": _Walk.exported,
    **dict.fromkeys(FUNCTIONS, _Walk.function),
    "class_declaration": _Walk.class_,
    "abstract_class_declaration": _Walk.class_,
    "class": _Walk.class_,
    "public_field_definition": _Walk.field,
    "field_definition": _Walk.field,
    "call_expression": _Walk.call,
    "new_expression": _Walk.call,
    "object": _Walk.object,
    "jsx_attribute": _Walk.attribute,
    "string": _Walk.string,
    "template_string": _Walk.template,
}
