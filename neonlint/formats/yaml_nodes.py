"""The tree of a YAML stream with character offsets, built from parser events. Constructs nothing, expands no alias.

Events rather than composed nodes: an alias keeps its own place, and depth costs a counter instead of the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from neonlint.errors import ParseFailure
from neonlint.formats.lines import Source
from neonlint.records import dataclass, field

MAX_DEPTH = 100

Shape: TypeAlias = Literal["scalar", "mapping", "sequence", "alias"]

_PROPERTIES = re.compile(r"(?:[&!]\S*+\s*+)*+")
_STRING_TAG = "tag:yaml.org,2002:str"
_TEMPLATE = "not valid YAML before its template is rendered"


@dataclass(slots=True)
class Node:
    """One node; `start` to `end` are characters, with quotes and brackets, without anchor and tag.

    `style` is PyYAML's: `'`, `"`, `|`, `>`, "" for plain; "flow" or "block" for collections. `tag` is an explicit tag
    that changes what the value means, else None. A mapping's `children` are key, value, key, value and so on.
    """

    shape: Shape
    start: int
    end: int
    style: str
    value: str = field(default="", repr=False)
    tag: str | None = None
    tag_start: int = 0
    children: list[Node] = field(default_factory=list)

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """The keys and values of a mapping, in file order."""
        return zip(self.children[::2], self.children[1::2], strict=True)


def parse(source: Source) -> list[Node]:
    """The root node of each document; raises `ParseFailure`."""
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=_loader()):
            builder.take(event)
    except yaml.YAMLError as error:
        # The error's own text quotes the file, which may hold a password.
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        reason = _TEMPLATE if "{{" in source.text or "{%" in source.text else "not valid YAML"
        raise ParseFailure(reason, mark.line + 1 if mark else None) from None
    except (ValueError, RecursionError):
        raise ParseFailure("not valid YAML") from None
    return builder.roots


def _loader() -> type[yaml.SafeLoader]:
    loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return loader


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.roots: list[Node] = []
        self.open: list[Node] = []

    def take(self, event: Event) -> None:
        match event:
            case ScalarEvent():
                self.add(self.scalar(event))
            case AliasEvent():
                self.add(Node("alias", *_place(event), ""))
            case MappingStartEvent() | SequenceStartEvent():
                self.begin(event)
            case MappingEndEvent() | SequenceEndEvent():
                self.finish(event)
            case DocumentStartEvent():
                self.open = []

    def add(self, node: Node) -> None:
        (self.open[-1].children if self.open else self.roots).append(node)

    def scalar(self, event: ScalarEvent) -> Node:
        start, end = self.behind_properties(event), _place(event)[1]
        node = Node("scalar", start, max(start, end), event.style or "", event.value)
        self.tagged(node, event)
        if node.style in {"|", ">"}:
            node.end = start + len(self.source.text[start:end].rstrip())
        return node

    def begin(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        start = self.behind_properties(event)
        shape: Shape = "mapping" if isinstance(event, MappingStartEvent) else "sequence"
        node = Node(shape, start, start, "flow" if event.flow_style else "block")
        self.tagged(node, event)
        self.add(node)
        self.open.append(node)
        if len(self.open) > MAX_DEPTH:
            raise ParseFailure("nested too deeply", self.source.row(start))

    def finish(self, event: MappingEndEvent | SequenceEndEvent) -> None:
        node = self.open.pop()
        if node.style == "flow" and self.source.text[node.start : node.start + 1] in {"{", "["}:
            node.end = _place(event)[1]
        elif node.children:
            # A block collection's end event comes behind the blank lines and comments that follow it.
            node.end = max(child.end for child in node.children)

    def behind_properties(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> int:
        at, end = _place(event)
        if event.anchor is None and event.tag is None:
            return at
        match = _PROPERTIES.match(self.source.text, at, max(at, end))
        return match.end() if match else at

    def tagged(self, node: Node, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.tag not in {None, "!", _STRING_TAG}:
            node.tag, node.tag_start = event.tag, _place(event)[0]


def _place(event: Event) -> tuple[int, int]:
    """Where an event is, in characters; the parsers give every event both marks."""
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        raise ParseFailure("not valid YAML")
    return start.index, end.index


def comments(source: Source, roots: list[Node]) -> Iterator[tuple[int, int]]:
    """Where comments are written, from their `#` to the end of the line, in characters."""
    taken = sorted((_body(source, node), node.end) for node in scalars(roots))
    gaps = pairwise([0, *(edge for place in taken for edge in place), len(source.text)])
    for index, (start, end) in enumerate(gaps):
        if index % 2 == 0:
            yield from _comments_between(source.text, start, end)


_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\r\n]*+", re.MULTILINE)


def _comments_between(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _COMMENT.finditer(text, start, end):
        yield match.span()


def _body(source: Source, node: Node) -> int:
    """Where a scalar's text begins: behind the header of a block scalar, which may bear a comment."""
    if node.style not in {"|", ">"}:
        return node.start
    line_end = source.text.find("\n", node.start)
    return line_end if 0 <= line_end < node.end else node.end


def scalars(roots: list[Node]) -> Iterator[Node]:
    """Every scalar and alias below `roots`."""
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.children:
            stack.extend(node.children)
        elif node.shape in {"scalar", "alias"}:
            yield node
