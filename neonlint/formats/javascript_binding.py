"""What names are given in JavaScript: patterns, properties, and the names that literals stand under. Walks no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from neonlint.formats.javascript_scopes import WRAPPERS, Binding, Change, Key, Scope, Step, Survey, Write, unwrapped
from neonlint.formats.javascript_source import Source
from neonlint.records import replace

#: Names and paths longer than this are not followed.
LONGEST = 200
_NAMES = ("property_identifier", "private_property_identifier", "number", "type_identifier")
_TEXT = ("string", "template_string")
_SHORTHAND = "shorthand_property_identifier_pattern"


class Binder:
    """Fills a survey with what is bound to what; `later` holds the assignments to names that are declared elsewhere."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.out = Survey(Scope("module"))
        self.later: list[tuple[str, Binding]] = []

    def bind(self, target: Node, made: Binding, home: Scope | None) -> None:
        """Bind every name in a pattern, in the scope `home` (None: where it is declared, which shows later).

        `made` holds what the bindings have in common.
        """
        pending: list[tuple[Node, Binding]] = [(target, made)]
        while pending:
            node, binding = pending.pop()
            match node.type:
                case "identifier" | "shorthand_property_identifier_pattern":
                    self._bind_name(node, binding, home)
                case "object_pattern":
                    pending += reversed(list(self.object_parts(node, binding)))
                case "array_pattern":
                    pending += reversed(list(_array_parts(node, binding)))
                case "assignment_pattern" | "object_assignment_pattern":
                    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                    if left is not None:
                        pending.append((left, replace(binding, default=right)))
                case "rest_pattern" if node.named_children:
                    pending.append((node.named_children[0], replace(binding, steps=(*binding.steps, None))))
                case "member_expression" | "subscript_expression":
                    self._bind_member(node, binding)
                case kind if kind in WRAPPERS and home is None:
                    pending.append((unwrapped(node), binding))

    def object_parts(self, node: Node, binding: Binding) -> Iterator[tuple[Node, Binding]]:
        """The targets in an object pattern, each with its step."""
        for part in node.named_children:
            if part.type in (_SHORTHAND, "object_assignment_pattern"):
                name = part if part.type == _SHORTHAND else part.child_by_field_name("left")
                yield part, _stepped(binding, self.text(name) if name is not None else None)
            elif part.type == "pair_pattern":
                key, value = part.child_by_field_name("key"), part.child_by_field_name("value")
                if key is not None and value is not None:
                    yield value, _stepped(binding, self.key_text(key))
            elif part.type == "rest_pattern":
                yield part, binding

    def _bind_name(self, node: Node, binding: Binding, home: Scope | None) -> None:
        name = self.text(node)
        binding = replace(binding, target=node)
        if home is not None:
            home.bindings.setdefault(name, []).append(binding)
        else:
            self.later.append((name, binding))
        key = Key(name, node.start_byte, node.end_byte)
        self.give(key, binding.default, None if binding.steps else name)
        if not binding.steps:
            self.give(key, binding.value, name)

    def settle(self) -> None:
        """Bind what was assigned to names declared elsewhere, now that all declarations are known."""
        for name, binding in self.later:
            found = binding.scope.find(name)
            home = found[0].scope.home if found else binding.scope.module
            own = binding.scope.home is home and not binding.conditional
            made = binding if own else replace(binding, conditional=True)
            if found:
                found.append(made)
            else:
                home.bindings.setdefault(name, []).append(made)

    def _bind_member(self, node: Node, binding: Binding) -> None:
        """`a.b = value`: a change of `a`, and something that `a.b` may mean."""
        path = self.member_path(node)
        key = node.child_by_field_name("property") or node.child_by_field_name("index")
        if key is None or binding.statement is None:
            return
        name, whole = self.key_text(key), _dotted(path)
        if name is not None:
            self.give(Key(name, *inside(key)), binding.value, whole or name)
        if not path:
            return
        scope, bound = binding.scope, replace(binding, target=key)
        owner = scope.owner if path[0] == "this" and len(path) == 2 else None
        if owner is not None and name is not None:
            owner.instance.setdefault(name, []).append(bound)
        elif whole is not None:
            self.out.attributes.setdefault(whole, []).append(bound)
        if binding.value is not None and not binding.steps:
            if whole is not None and binding.kind == "assign":
                self.out.writes.append(Write(node, binding.value, scope, binding.statement))
            made = Change(
                str(path[0]), tuple(path[1:]), key, "set", scope, binding.statement, binding.value, binding.conditional
            )
            self.out.changes.append(made)

    def member_path(self, node: Node) -> list[str | None]:
        """`a.b["c"]` as its names, None for a key that cannot be told; empty where it does not begin with a name."""
        found: list[str | None] = []
        while len(found) <= LONGEST:
            node = unwrapped(node)
            if node.type in ("identifier", "this"):
                return [*found, self.text(node)][::-1]
            key = node.child_by_field_name("property") or node.child_by_field_name("index")
            outer = node.child_by_field_name("object")
            if key is None or outer is None:
                return []
            found.append(self.key_text(key))
            node = outer
        return []

    def key_text(self, node: Node) -> str | None:
        """A key as written: a name, a string, a number; None for one that is worked out."""
        if node.type == "computed_property_name" and node.named_children:
            node = node.named_children[0]
            return self.key_text(node) if node.type == "string" else None
        if node.type == "string":
            text = self.text(node)[1:-1]
            return None if "\\" in text else text
        return self.text(node) if node.type in _NAMES else None

    def give(self, key: Key, value: Node | None, path: str | None) -> None:
        """Note that `value` is given to `key`, wherever in a conditional or concatenation its literals stand."""
        pending = [value]
        keys = self.out.keys
        while pending:
            node = pending.pop()
            if node is None:
                continue
            kind = node.type
            if kind in WRAPPERS:
                inner = unwrapped(node)
                pending.append(inner if inner.type not in WRAPPERS else None)
            elif kind == "binary_expression":
                pending += [node.child_by_field_name("left"), node.child_by_field_name("right")]
            elif kind == "ternary_expression":
                pending += [node.child_by_field_name("consequence"), node.child_by_field_name("alternative")]
            elif node.id not in keys:
                keys[node.id] = key
                if path is not None and len(path) <= LONGEST and kind not in _TEXT:
                    self.out.assigned[node.id] = path


def inside(key: Node) -> tuple[int, int]:
    """The bytes of a key's name, without the quotes that it may stand in."""
    if key.type == "string" and key.end_byte - key.start_byte >= 2:
        return key.start_byte + 1, key.end_byte - 1
    return key.start_byte, key.end_byte


def defaults_in(pattern: Node) -> Iterator[Node]:
    """The expressions in a pattern that stand in for what is undefined, outermost first."""
    stack = [pattern]
    while stack:
        node = stack.pop()
        if node.type.endswith("pattern") and node.child_count:
            right = node.child_by_field_name("right")
            if right is not None:
                yield right
            stack.extend(child for child in node.named_children if right is None or child.id != right.id)


def _stepped(binding: Binding, step: Step) -> Binding:
    return replace(binding, steps=(*binding.steps, step), default=None)


def _array_parts(node: Node, binding: Binding) -> Iterable[tuple[Node, Binding]]:
    position = 0
    for child in node.children:
        if child.type == ",":
            position += 1
        elif child.is_named and child.type != "comment":
            yield child, (binding if child.type == "rest_pattern" else _stepped(binding, position))


def _dotted(path: list[str | None]) -> str | None:
    known = [step for step in path if step is not None]
    return ".".join(known) if known and len(known) == len(path) else None
