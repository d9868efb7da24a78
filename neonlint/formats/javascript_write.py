"""Operations on a JavaScript document as byte edits. Knows where each kind of change is written; layouts are decided
elsewhere.

Every result is read again: outside of the edits each token must be what it was and stand in the same kind of place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never, cast

from tree_sitter import Node

from neonlint.edits import Code, DropEntry, Edit, Literal, Nested, Op, ReplaceText, ReplaceValue, SetEntry, merge
from neonlint.errors import Refused
from neonlint.formats import javascript_objects as objects
from neonlint.formats import javascript_write_imports as imports
from neonlint.formats import javascript_write_statements as statements
from neonlint.formats.base import Format
from neonlint.formats.javascript_check import check, text_edit
from neonlint.formats.javascript_places import Places, end_of, is_callee, items_of, replaceable, same
from neonlint.formats.javascript_style import is_atom, style_of
from neonlint.ir.source import Document, Entry, Table, Value
from neonlint.records import dataclass, field
from neonlint.regex import regex

_OWN_PLACE = "the entry is not written in a place of its own"
_WORD = regex(r"[\w$]")


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits that make `ops` true of `document`; the result is known to parse. Raises `Refused`."""
    from neonlint.formats import javascript  # noqa: PLC0415 (the reader imports this module to write)

    format_ = cast(Format, javascript)
    texts = [op for op in ops if isinstance(op, ReplaceText)]
    edits = [text_edit(format_, document, op) for op in texts]
    others = [op for op in ops if not isinstance(op, ReplaceText)]
    if others:
        edits += _Plan(document).edits(others)
    result = merge(edits)
    check(format_, document, texts if not others else None, result)
    return result


@dataclass(slots=True)
class _Box:
    """What changes in one object literal or argument list."""

    node: Node
    add: dict[str, tuple[Literal, Node | None]] = field(default_factory=dict)
    drop: list[Node] = field(default_factory=list)


class _Plan:
    """Collects the changes of one file, so that those which land in one place are written together."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.places = Places(document)
        self.data = document.data
        self.style = style_of(document, self.places.root)
        self.boxes: dict[int, _Box] = {}
        self.changes: dict[Edit, None] = {}
        self.settings: dict[str, tuple[Table, Literal, Entry | None]] = {}
        self.imports: list[str] = []
        self.gone: dict[str, list[Node]] = {}
        self.written: dict[tuple[int, str], Literal] = {}

    def edits(self, ops: Sequence[Op]) -> list[Edit]:
        """Every edit of `ops`, none of which is a `ReplaceText`."""
        for op in ops:
            match op:
                case SetEntry():
                    self.set_entry(op)
                case DropEntry():
                    self.drop_entry(op)
                case ReplaceValue():
                    self.replace_value(op.value, op.new)
                case ReplaceText():
                    raise TypeError
                case _:
                    assert_never(op)
        found = [*self.changes, *(edit for box in self.boxes.values() for edit in self.box_edits(box))]
        new = [self.setting(*one) for one in self.settings.items()]
        found += imports.import_edits(self.document, self.places, self.style, self.imports)
        found += imports.without_unused(self.places, self.gone)
        return [*_joined([*found, *new])]

    # Operations

    def set_entry(self, op: SetEntry) -> None:
        if self.written.setdefault((id(op.table), op.key), op.value) != op.value:
            raise Refused("two fixes write the same entry differently")
        box = self.box(op.table)
        existing = op.table.entry(op.key)
        if existing is not None and self.replace_entry(existing, box, op.value):
            return
        if box is None:
            if op.table.kind != "module":
                raise Refused("this table is not written as an object of the file")
            self.settings[op.key] = op.table, op.value, op.after
            return
        if not op.table.complete:
            raise Refused("the entries that are there cannot all be seen")
        after = self.places.entry(op.after) if op.after is not None else None
        member = after.node if after is not None and self.is_member(box, after.node) else None
        box.add[op.key] = op.value, member

    def box(self, table: Table) -> _Box | None:
        """The object literal or argument list that a table is written as."""
        node = self.places.node(table.span) if table.kind in ("dict", "keywords", "env", "mapping") else None
        if node is None or node.type not in ("object", "arguments"):
            return None
        if any(child.is_error or child.is_missing for child in node.children):
            raise Refused("part of this table could not be read")
        return self.boxes.setdefault(node.id, _Box(node))

    def is_member(self, box: _Box, node: Node) -> bool:
        return any(same(node, member) for member in items_of(box.node))

    def replace_entry(self, entry: Entry, box: _Box | None, new: Literal) -> bool:
        """Give an entry that is there another value; False where it stands in another object that was spread here."""
        place = self.places.entry(entry)
        if place is None:
            raise Refused(_OWN_PLACE)
        in_object = place.node.type in ("pair", "shorthand_property_identifier", "method_definition")
        if box is not None and in_object and not self.is_member(box, place.node):
            return False
        if place.node.type == "shorthand_property_identifier":
            self.change(place.node.end_byte, place.node.end_byte, f": {self.expression(new)}")
        elif place.value is None:
            raise Refused(_OWN_PLACE)
        else:
            self.replace(place.value, self.expression(new), apart=True)
        return True

    def drop_entry(self, op: DropEntry) -> None:
        place = self.places.entry(op.entry)
        if place is None:
            raise Refused(_OWN_PLACE)
        parent = place.node.parent
        if parent is not None and parent.type == "object":
            # `Object.assign(neonConfig, { … })` sets entries of the module in an object.
            box = self.box(op.table) if op.table.kind != "module" else self.boxes.setdefault(parent.id, _Box(parent))
            if box is None or not same(parent, box.node):
                raise Refused(_OWN_PLACE)
            if not any(same(place.node, one) for one in box.drop):
                box.drop.append(place.node)
            return
        statement = statements.statement_of(place)
        edit = statements.drop(self.data, statement)
        self.changes[edit] = None
        if (base := statements.base_of(self.data, place)) is not None:
            self.gone.setdefault(base, []).append(statement)

    def replace_value(self, value: Value, new: Literal) -> None:
        node = self.places.node(value.span)
        if node is None:
            raise Refused("the value is not written in a place of its own")
        if node.type == "shorthand_property_identifier":
            self.change(node.end_byte, node.end_byte, f": {self.expression(new)}")
            return
        text = self.expression(new)
        if is_callee(node) and isinstance(new, Code):
            self.replace(node, text, apart=True)
            return
        whole, apart = replaceable(node)
        if whole.parent is not None and whole.parent.type == "jsx_attribute":
            text = f"{{{text}}}"
        self.replace(whole, text, apart=apart)

    # Writing

    def replace(self, old: Node, text: str, *, apart: bool) -> None:
        """Write `text` in the place of an expression, apart from the words beside it and in parentheses where it needs
        them."""
        start, end = old.start_byte, end_of(old)
        if self.data[start:end] == text.encode():
            return
        if not apart and not is_atom(text):
            text = f"({text})"
        before = " " if start and _runs_into(self.data[start - 1 : start], text[0]) else ""
        after = " " if _runs_into(self.data[end : end + 1], text[-1]) else ""
        self.change(start, end, before + text + after)

    def change(self, start: int, end: int, text: str) -> None:
        self.changes[Edit(start, end, text.encode())] = None

    def expression(self, value: Literal) -> str:
        """A value as source text; what it needs is imported, under the name that the file has for it."""
        text = self.style.expression(value)
        for code in _codes(value):
            is_atom(code.text)
            for need in code.imports:
                self.imports.append(need)
                local = imports.local_name(self.document, need)
                if local is not None and local != imports.own_name(need):
                    text = regex(rf"(?<![\w$.]){imports.own_name(need)}(?![\w$])").sub(local, text)
        return text

    def box_edits(self, box: _Box) -> Iterator[Edit]:
        keys = [child.child_by_field_name("key") for child in items_of(box.node) if child.type == "pair"]
        quoted = bool(keys) and all(key is not None and key.type == "string" for key in keys)
        pairs = [
            (f"{self.style.key(key, quoted=quoted)}: {self.expression(value)}", after)
            for key, (value, after) in box.add.items()
        ]
        if box.node.type == "arguments":
            options = [self.style.braced([text for text, _ in pairs])] if pairs else []
            yield from objects.insert(self.data, box.node, options, None, "") if options else ()
            return
        dropped = sorted(box.drop, key=lambda node: node.start_byte)
        if pairs and dropped:
            yield objects.replace(dropped.pop(0), [text for text, _ in pairs], self.data)
        elif pairs:
            for after in {id(node): node for _, node in pairs}.values():
                texts = [text for text, behind in pairs if behind is after]
                yield from objects.insert(self.data, box.node, texts, after, self.style.pad)
        if dropped:
            yield from objects.remove(self.data, box.node, dropped)

    def setting(self, key: str, given: tuple[Table, Literal, Entry | None]) -> Edit:
        table, value, after = given
        left, need = statements.setting(self.document, key)
        if need:
            self.imports.append(need)
        text = f"{left} = {self.expression(value)}{self.style.end}"
        return statements.add(self.places, table, left, text, after)


def _codes(value: Literal) -> Iterator[Code]:
    if isinstance(value, Code):
        yield value
    elif isinstance(value, Nested):
        for _, inner in value.entries:
            yield from _codes(inner)


def _runs_into(beside: bytes, char: str) -> bool:
    """Whether a byte would run into a word beside it."""
    return bool(_WORD.match(char)) and (beside.isalnum() or beside in (b"_", b"$") or beside >= b"\x80")


def _joined(edits: Sequence[Edit]) -> Iterator[Edit]:
    """The edits with all that is inserted at one place in one of them."""
    inserted: dict[int, bytes] = {}
    for edit in edits:
        if edit.start == edit.end:
            inserted[edit.start] = inserted.get(edit.start, b"") + edit.new
        else:
            yield edit
    yield from (Edit(at, at, new) for at, new in inserted.items() if new)
