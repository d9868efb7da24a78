"""Operations on a Python document as byte edits. Knows where each kind of change is written; the layout is decided
elsewhere.

Text inside literals, values and statements are written from the positions of `ast`, and so are the items of calls and
dict displays with nothing but commas between them. Others are left to libcst, in a process of its own, which alone
knows their comments and parentheses.
"""

from __future__ import annotations

import ast
import keyword
import math
from collections.abc import Iterable, Sequence
from typing import assert_never

from neonlint.edits import Code, DropEntry, Edit, Literal, Nested, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import python_statements as statements
from neonlint.formats.python_boxes import container
from neonlint.formats.python_check import check_texts, text_edit
from neonlint.formats.python_client import Job, rewrite
from neonlint.formats.python_encode import encode
from neonlint.formats.python_imports import import_edits
from neonlint.formats.python_layout import Addition, edits_for
from neonlint.formats.python_places import Places, Range, places_in
from neonlint.formats.python_source import Source
from neonlint.ir.source import Document, Entry, Table, Value
from neonlint.records import dataclass, field

_ATOMS = (ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Dict, ast.List, ast.Set, ast.JoinedStr)


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits that make `ops` true of `document`; the result is known to parse. Raises `Refused`."""
    texts = [op for op in ops if isinstance(op, ReplaceText)]
    edits = [text_edit(document, op) for op in texts]
    if texts:
        check_texts(document, texts, merge(edits))
    others = [op for op in ops if not isinstance(op, ReplaceText)]
    if others:
        edits += _Plan(document).edits(others)
    result = merge(edits)
    try:
        Source(apply(document.data, result))
    except ParseFailure:
        raise Refused("the changed file would not be valid Python") from None
    return result


@dataclass(slots=True)
class _Box:
    """What changes in one call or dict display."""

    add: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    drop: set[int] = field(default_factory=set)


class _Plan:
    """Collects the changes of one file, so that those which land in one place are written together."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.source = Source(document.data)
        self.places: Places = places_in(self.source)
        self.boxes: dict[Range, _Box] = {}
        self.changes: dict[tuple[int, int, str], None] = {}
        self.imports: list[str] = []
        self.written: dict[tuple[int, str], str] = {}
        self.quote = _quote_of(document)

    def edits(self, ops: Sequence[Op]) -> list[Edit]:
        """Every edit of `ops`, none of which is a `ReplaceText`."""
        for op in ops:
            match op:
                case SetEntry():
                    self.set_entry(op)
                case DropEntry():
                    self.drop_entry(op.entry)
                case ReplaceValue():
                    self.replace_value(op.value, op.new)
                case ReplaceText():
                    raise TypeError
                case _:
                    assert_never(op)
        self.changes.update(dict.fromkeys(import_edits(self.source, self.imports)))
        return [*self.items(), *(self.edit(*change) for change in _joined(self.changes))]

    def items(self) -> list[Edit]:
        """The edits of calls and dict displays."""
        bom = self.source.rows[0]
        found: list[Edit] = []
        jobs: list[Job] = []
        for (start, end), box in self.boxes.items():
            if (seen := container(self.source, self.places.boxes[start, end])) is not None:
                additions = [Addition(text.encode(), after) for text, after in box.add.values()]
                found += edits_for(self.source.utf8, seen, additions, sorted(box.drop))
                continue
            added = [(text, None if after is None else after - bom) for text, after in box.add.values()]
            jobs.append(
                {"start": start - bom, "end": end - bom, "add": added, "drop": sorted(at - bom for at in box.drop)}
            )
        if jobs:
            theirs = rewrite(self.source.utf8[bom:], jobs)
            found += [Edit(edit.start + bom, edit.end + bom, edit.new) for edit in theirs]
        return [self.edit(edit.start, edit.end, edit.new.decode()) for edit in found]

    def edit(self, start: int, end: int, text: str) -> Edit:
        """A change in `utf8` as one of the file."""
        span = self.source.file_span(start, end)
        try:
            return Edit(span.start, span.end, text.encode(self.source.encoding))
        except UnicodeError:
            raise Refused("the file's encoding cannot hold the new text") from None

    # Operations

    def set_entry(self, op: SetEntry) -> None:
        value = self.expression(op.value)
        if self.written.setdefault((id(op.table), op.key), value) != value:
            raise Refused("two fixes write the same entry differently")
        existing = op.table.entry(op.key)
        if existing is not None:
            self.replace_entry(existing, op.table, value)
            return
        box = self.places.range_of(op.table.span)
        if op.table.kind in ("class", "module"):
            change = statements.assign(self.places, op.table, op.key, value, kind=_type_name(op.value), after=op.after)
            self.changes[change] = None
        elif box in self.places.boxes and op.table.kind in ("dict", "keywords") and op.table.name != "app.config":
            self.add_item(op, box, value)
        else:
            quoted = self.expression(op.key)
            self.changes[statements.like_last(self.places, op.table, quoted, value, op.after)] = None

    def add_item(self, op: SetEntry, where: Range, value: str) -> None:
        if not op.table.complete:
            raise Refused("the entries that are there cannot all be seen")
        after = self.places.item(op.after) if op.after else None
        if after is not None and after.box != where:
            after = None
        if isinstance(self.places.boxes[where], ast.Call):
            if not op.key.isidentifier() or keyword.iskeyword(op.key):
                raise Refused("the key cannot be a keyword argument")
            text = f"{op.key}={value}"
        else:
            text = f"{self.expression(op.key)}: {value}"
        box = self.boxes.setdefault(where, _Box())
        box.add[op.key] = (text, after.start if after else None)

    def replace_entry(self, entry: Entry, table: Table, value: str) -> None:
        place = self.places.statement(entry)
        if place is not None and isinstance(place.node, ast.AnnAssign) and place.node.value is None:
            end = self.source.bounds(place.node)[1]
            self.changes[end, end, f" = {value}"] = None
            return
        old = self.places.value(entry)
        described = isinstance(old, ast.Call) and getattr(old.func, "id", getattr(old.func, "attr", "")) == "Field"
        if old is None or (described and table.kind == "class"):
            raise Refused("the value is not written in a place of its own")
        self.replace(old, value)

    def drop_entry(self, entry: Entry) -> None:
        if (item := self.places.item(entry)) is not None:
            self.boxes.setdefault(item.box, _Box()).drop.add(item.start)
        elif (place := self.places.statement(entry)) is not None:
            self.changes[statements.drop(self.source, place)] = None
        else:
            raise Refused("the entry is not written in a place of its own")

    def replace_value(self, value: Value, new: Literal) -> None:
        old = self.places.expressions.get(self.places.range_of(value.span))
        if old is None:
            raise Refused("the value is not written in a place of its own")
        self.replace(old, self.expression(new))

    def replace(self, old: ast.expr, text: str) -> None:
        """Write `text` in the place of an expression, apart from the words beside it and in parentheses where it
        needs them.
        """
        start, end = self.source.bounds(old)
        utf8 = self.source.utf8
        if utf8[start:end] == text.encode():
            return
        new = ast.parse(text, mode="eval").body
        loose = not isinstance(new, (*_ATOMS, ast.UnaryOp)) and id(old) not in self.places.plain
        if loose or isinstance(new, (ast.NamedExpr, ast.Tuple, ast.Yield, ast.Starred)):
            text = f"({text})"
        before = " " if _joins(utf8[start - 1 : start]) and _joins(text[0].encode()) else ""
        after = " " if _joins(utf8[end : end + 1]) and _joins(text[-1].encode()) else ""
        self.changes[start, end, before + text + after] = None

    def expression(self, value: Literal) -> str:
        """A value as Python source; strings in the quotes that the file uses most."""
        if isinstance(value, Code):
            _refuse_bad_code(value)
            self.imports += value.imports
            return value.text
        if isinstance(value, Nested):
            pairs = (f"{self.expression(key)}: {self.expression(inner)}" for key, inner in value.entries)
            return "{" + ", ".join(pairs) + "}"
        if isinstance(value, str):
            written = encode(self.quote, value)
            if written is None:
                raise Refused("the new text cannot be written as a literal")
            return f"{self.quote}{written.decode()}{self.quote}"
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused("the new number cannot be written as a literal")
        return repr(value)


def _joined(changes: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The changes with all that is inserted at one place in one of them."""
    inserted: dict[int, str] = {}
    others: list[tuple[int, int, str]] = []
    for start, end, text in changes:
        if start == end:
            inserted[start] = inserted.get(start, "") + text
        else:
            others.append((start, end, text))
    return sorted([*others, *((at, at, text) for at, text in inserted.items())])


def _refuse_bad_code(code: Code) -> None:
    try:
        ast.parse(code.text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Refused("the new value is not a Python expression") from None


def _joins(char: bytes) -> bool:
    """Whether a byte would run into a word beside it; `"x"if c` is legal and `xif c` is not."""
    return char.isalnum() or char in (b"_", b'"', b"'") or char >= b"\x80"


def _type_name(value: Literal) -> str:
    if value is None or isinstance(value, Code):
        return ""
    return "dict" if isinstance(value, Nested) else type(value).__name__


def _quote_of(document: Document) -> str:
    """The quote that most of the file's plain literals have; a double one where that is undecided."""
    count = 0
    for literal in document.literals:
        at = document.data[literal.slot.span.start : literal.slot.span.start + 1]
        count += (at == b'"') - (at == b"'")
    return "'" if count < 0 else '"'
