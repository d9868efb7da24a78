"""Writing YAML: whole scalars, entries of block and flow mappings, environment lists. Knows layouts, no Postgres."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import cast

from neonlint.edits import Code, Edit, Literal, Op
from neonlint.errors import Refused
from neonlint.formats import yaml as yaml_format
from neonlint.formats.base import Format
from neonlint.formats.confirm import as_string, spelled
from neonlint.formats.holes import IN_BRACES
from neonlint.formats.lines import Source, decode, line_end, line_start, newline_at, next_line
from neonlint.formats.separated import Listing
from neonlint.formats.writing import Pairs, Writer, environment_name, rendered
from neonlint.formats.yaml import PASSED_ON, is_compose
from neonlint.formats.yaml_nodes import Node, parse
from neonlint.formats.yaml_scalars import encode, whole
from neonlint.ir.source import Document, Entry, Items, Scalar, Span, Table, Unknown, Value
from neonlint.records import dataclass

_DASH = re.compile(rb"[ ]*-[ ]+")


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused`."""
    return rendered(cast(Format, yaml_format), _WRITER, document, ops)


def _put(document: Document, value: Value, new: Literal) -> list[Edit]:
    span, style = value.span, _style(value)
    if isinstance(value, (Table, Items)) or style.endswith(IN_BRACES):
        raise Refused("this value cannot be replaced as a whole")
    if isinstance(value, Unknown) and value.why == PASSED_ON:
        return [Edit(span.end, span.end, b"=" + _part(_quote_at(document, span), new))]
    if "+pair" in style:
        return [Edit(span.start, span.end, _part(style, new))]
    base = style.partition("+")[0]
    in_flow = base == "plain-flow" or _in_flow(document, span)
    text = _scalar(new, base, in_flow=in_flow, compose=is_compose(document.path))
    glued = span.start == span.end and document.data[span.start - 1 : span.start] not in {b" ", b"\t"}
    return [Edit(span.start, span.end, (" " * glued + text).encode())]


def _style(value: Value) -> str:
    return value.slot.style if isinstance(value, Scalar) and value.slot else "plain"


def _quote_at(document: Document, span: Span) -> str:
    """The style of the list item `- KEY` whose text ends at `span`."""
    closing = document.data[span.end : span.end + 1]
    return {b"'": "single", b'"': "double"}.get(closing, "plain") + "+compose" * is_compose(document.path)


def _part(style: str, new: Literal) -> bytes:
    """`new` behind the `=` of a list item."""
    if isinstance(new, Code):
        environment_name(new)
        return new.text.encode()
    written = encode(style, as_string(new))
    if written is None:
        raise Refused("the quoting of this value cannot hold the corrected text")
    return written


def _scalar(new: Literal, style: str, *, in_flow: bool, compose: bool) -> str:
    """A whole scalar, quoted as `style` says where it is a string."""
    if isinstance(new, Code):
        environment_name(new)
        return f'"{new.text}"' if in_flow or style == "double" else new.text
    if not isinstance(new, str):
        return spelled(new)
    base = style if style in {"single", "double"} else "plain"
    return whole(new, base, in_flow=in_flow, compose=compose)


def _in_flow(document: Document, span: Span) -> bool:
    source, roots = _nodes(document)
    stack = [(root, False) for root in roots]
    while stack:
        node, within = stack.pop()
        if source.span(node.start, node.end) == span and not node.children:
            return within
        stack.extend((child, node.style == "flow") for child in node.children)
    return False


def _nodes(document: Document) -> tuple[Source, list[Node]]:
    source = decode(document.data)
    return source, parse(source)


@dataclass(frozen=True, slots=True)
class _Place:
    """The node of a table or environment list that is to be changed."""

    document: Document
    source: Source
    node: Node

    @property
    def compose(self) -> bool:
        return is_compose(self.document.path)

    def span(self, node: Node) -> Span:
        return self.source.span(node.start, node.end)

    def units(self) -> list[Span]:
        """What is one entry each: a key with its value, or an item of the list."""
        if self.node.shape == "sequence":
            return [self.span(child) for child in self.node.children]
        pairs = self.node.pairs()
        return [self.source.span(key.start, max(key.end, value.end)) for key, value in pairs]

    def listing(self) -> Listing:
        span = self.span(self.node)
        return Listing(self.document.data, self.units(), Span(span.start + 1, span.end - 1))


def _place(document: Document, table: Table) -> _Place:
    source, roots = _nodes(document)
    stack = list(roots)
    while stack:
        node = stack.pop()
        fits = node.shape == "mapping" or (node.shape == "sequence" and table.kind == "env")
        if fits and source.span(node.start, node.end) == table.span:
            return _Place(document, source, node)
        stack.extend(node.children)
    raise Refused("the place of this table cannot be found again")


def _add(document: Document, table: Table, after: Entry | None, pairs: Pairs) -> list[Edit]:
    place = _place(document, table)
    near = after or (table.entries[-1] if table.entries else None)
    if place.node.style == "flow":
        items = [_flow_item(place, near, key, new).encode() for key, new in pairs]
        return place.listing().insert(_unit(place, near) if near else None, items)
    if near is None:
        raise Refused("this table has no entry to follow in its layout")
    lines = [line for key, new in pairs for line in _block_lines(place, near, key, new)]
    return [_insertion(document.data, near.span, lines)]


def _unit(place: _Place, near: Entry) -> Span:
    for unit in place.units():
        if unit.start <= near.span.start and near.span.end <= unit.end:
            return unit
    raise Refused("the place of this entry cannot be found again")


def _insertion(data: bytes, near: Span, lines: Sequence[bytes]) -> Edit:
    newline = newline_at(data, near.start)
    at = next_line(data, near.end)
    if data[:at].endswith(b"\n"):
        return Edit(at, at, b"".join(line + newline for line in lines))
    return Edit(at, at, b"".join(newline + line for line in lines))


def _flow_item(place: _Place, near: Entry | None, key: str, new: Literal) -> str:
    style = _near_style(near)
    if place.node.shape == "sequence":
        return _pair_item(place, key, new, style)
    quoted = near is not None and place.document.data[near.key_span.start : near.key_span.start + 1] == b'"'
    name = whole(key, "double" if quoted else "plain", in_flow=True, compose=False)
    return f"{name}: {_scalar(new, style, in_flow=True, compose=place.compose)}"


def _near_style(near: Entry | None) -> str:
    return _style(near.value).partition("+")[0].removesuffix("-flow") if near else "plain"


def _pair_item(place: _Place, key: str, new: Literal, style: str) -> str:
    """`KEY=value` as one scalar."""
    in_flow = place.node.style == "flow"
    if isinstance(new, Code):
        environment_name(new)
        return f'"{key}={new.text}"' if in_flow else f"{key}={new.text}"
    base = style if style in {"single", "double"} else "plain"
    return whole(f"{key}={as_string(new)}", base, in_flow=in_flow, compose=place.compose)


def _block_lines(place: _Place, near: Entry, key: str, new: Literal) -> Iterator[bytes]:
    data, unit = place.document.data, _unit(place, near)
    before = data[line_start(data, unit.start) : unit.start]
    style = _near_style(near)
    if place.node.shape == "mapping":
        if before.strip(b" -"):
            raise Refused("the layout of this table is not known")
        text = _scalar(new, style, in_flow=False, compose=place.compose)
        name = whole(key, "plain", in_flow=False, compose=False)
        yield b" " * len(before) + f"{name}: {text}".encode()
    elif not _DASH.fullmatch(before):
        raise Refused("the layout of this list is not known")
    else:
        yield from _list_lines(place, near, before, (key, new))


def _list_lines(place: _Place, near: Entry, dash: bytes, pair: tuple[str, Literal]) -> Iterator[bytes]:
    key, new = pair
    style = _near_style(near)
    item = next(c for c in place.node.children if place.span(c) == _unit(place, near))
    names = [name.value for name, _ in item.pairs()] if item.shape == "mapping" else []
    if item.shape == "scalar":
        yield dash + _pair_item(place, key, new, style).encode()
    elif item.style == "flow" or not {"name", "key"} & set(names):
        raise Refused("the layout of this list is not known")
    else:
        name = "name" if "name" in names else "key"
        # Kubernetes takes only strings here.
        value = new if isinstance(new, Code) else as_string(new)
        yield dash + f"{name}: {whole(key, 'plain', in_flow=False, compose=False)}".encode()
        yield b" " * len(dash) + f"value: {_scalar(value, style, in_flow=False, compose=False)}".encode()


def _drop(document: Document, table: Table, entries: Sequence[Entry]) -> list[Edit]:
    place = _place(document, table)
    units = [_unit(place, entry) for entry in entries]
    if place.node.style == "flow":
        return place.listing().remove(units)
    if len(units) == len(place.units()):
        raise Refused("the table would be left without any entry")
    allowed = b" -" if place.node.shape == "sequence" else b" "
    return [_dropped(document.data, unit, allowed) for unit in units]


def _dropped(data: bytes, unit: Span, allowed: bytes) -> Edit:
    start, end = line_start(data, unit.start), line_end(data, unit.end)
    if data[start : unit.start].strip(allowed):
        raise Refused("other text stands on the same line")
    rest = data[unit.end : end]
    if rest.strip():
        # A comment behind the value stays, at the indent of the entry.
        indent = re.match(rb" *", data[start : unit.start])
        return Edit(start + (indent.end() if indent else 0), end - len(rest.lstrip()), b"")
    return Edit(start, next_line(data, unit.end), b"")


_WRITER = Writer(_put, _add, _drop)
