"""What a JavaScript module gives to others: `export`, `module.exports`, `exports.x`. Follows no values."""

from __future__ import annotations

from tree_sitter import Node

from neonlint.formats import javascript_imports as imports
from neonlint.formats.javascript_binding import Binder, inside
from neonlint.formats.javascript_scopes import Export, Key, Scope, parts

_DECLARED = ("variable_declarator", "function_declaration", "generator_function_declaration", "class_declaration")


class Exporter(Binder):
    """The part of the walk that notes exports."""

    def export_statement(self, node: Node, scope: Scope) -> list[Node]:
        """Note what an export statement exports; gives back what else is to be walked."""
        declaration, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
        default = next((child for child in node.children if child.type == "default"), None)
        given = value if value is not None else declaration
        if default is not None:
            if given is not None:
                self._export("default", default, node, scope, given)
        elif declaration is not None:
            self._declared(declaration, scope)
        elif any(child.type == "=" for child in node.children) and node.named_children:
            given = node.named_children[-1]
            self._export("default", node.children[0], node, scope, given)
        else:
            self._names(node, scope)
        return [given] if given is not None else []

    def assigned_export(self, node: Node, left: Node, right: Node, scope: Scope) -> bool:
        """Note `module.exports = …` and `exports.x = …`; False for any other assignment."""
        path = self.member_path(left) if left.type == "member_expression" else []
        key = left.child_by_field_name("property")
        if path[:2] == ["module", "exports"]:
            path = path[2:]
        elif path[:1] == ["exports"] and len(path) == 2:
            path = path[1:]
        else:
            return False
        if len(path) > 1 or key is None:
            return False
        self._export(str(path[0]) if path else "default", key, node, scope, right)
        return True

    def _export(self, name: str, key: Node, statement: Node, scope: Scope, value: Node) -> None:
        self.out.exports.append(Export(name, key, statement, scope, value))
        self.give(Key(name, *inside(key)), value, name)

    def _declared(self, declaration: Node, scope: Scope) -> None:
        for part in (declaration, *declaration.named_children):
            name = part.child_by_field_name("name") if part.type in _DECLARED else None
            if name is not None and name.type in ("identifier", "type_identifier"):
                self.out.exports.append(Export(self.text(name), name, declaration, scope))

    def _names(self, node: Node, scope: Scope) -> None:
        origin = imports.specifier(self.source, node.child_by_field_name("source"))
        clauses = [child for child in node.named_children if child.type in ("export_clause", "namespace_export")]
        if not clauses and origin is not None:
            self.out.stars.append(origin)
        for clause in clauses:
            if clause.type == "namespace_export":
                if origin is not None and clause.named_children:
                    name = clause.named_children[-1]
                    self.out.exports.append(Export(self.text(name), name, node, scope, dotted=origin))
                continue
            for one in parts(clause):
                local = one.child_by_field_name("name")
                if one.type == "export_specifier" and local is not None:
                    self._specifier(one, local, node, scope, origin)

    def _specifier(self, one: Node, local: Node, node: Node, scope: Scope, origin: str | None) -> None:
        alias = one.child_by_field_name("alias") or local
        if origin is not None:
            made = Export(self.text(alias), alias, node, scope, dotted=imports.dotted(origin, self.text(local)))
        else:
            made = Export(self.text(alias), alias, node, scope, local)
        self.out.exports.append(made)
