"""Additions to a YAML file that people wrote: lines are put in at one place, everything else stays as it was to the
byte, and the result is read again to prove that it holds what it held and the addition. Knows neither hooks nor jobs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from neonlint.errors import ParseFailure, Refused
from neonlint.formats.lines import Source, content_start, decode, newline_at
from neonlint.formats.yaml_nodes import Node, parse, scalars
from neonlint.regex import regex

#: The command, or what is named after it.
NAME = regex(r"(?<![\w.\-])neonlint(?![\w\-])")
_COMMENT = regex(r"(?m)(?:^|(?<=\s))#.*$")
_ANCHOR = regex(r"(?:^|\s)[&!]\S")


class Meaning(NamedTuple):
    """What a node says, wherever it stands: a scalar its `text` and way of quoting, a collection its `children`."""

    shape: str
    tag: str | None
    text: tuple[str, str] | None
    children: tuple[Meaning, ...] = ()

    def with_more(self, *children: Meaning) -> Meaning:
        """The same collection, longer."""
        return self._replace(children=(*self.children, *children))

    def with_value(self, key: str, value: Meaning) -> Meaning:
        """The same mapping with another value behind `key`."""
        children = list(self.children)
        at = next(index for index in range(0, len(children), 2) if (children[index].text or ("",))[0] == key)
        children[at + 1] = value
        return self._replace(children=tuple(children))


class Yaml(NamedTuple):
    """A file, and of its `documents` the last one's root: None if nothing but comments stands there."""

    data: bytes
    source: Source
    root: Node | None
    documents: int

    def value(self, key: str) -> Node | None:
        """What stands behind `key` at the top. Raises Refused for a top that is no block mapping, or has it twice."""
        if self.root is None:
            return None
        if self.root.shape != "mapping" or self.root.style == "flow" or self.root.tag:
            raise Refused("it is not written as keys with values on lines of their own")
        found = [value for name, value in self.root.pairs() if name.value == key]
        if len(found) > 1:
            raise Refused(f"it has the key `{key}` more than once")
        return found[0] if found else None

    def marked(self, start: int, end: int) -> bool:
        """Whether an anchor or a tag stands between two characters."""
        return bool(_ANCHOR.search(_COMMENT.sub("", self.source.text[start:end])))

    def with_lines(self, at: int, lines: str, expected: Meaning) -> bytes:
        """The file with `lines`, which end with a newline, put in at byte `at`: where a line begins, or at the end.

        Raises Refused unless its last document then means `expected`, and every other what it meant.
        """
        newline = newline_at(self.data, at)
        new = lines.encode().replace(b"\n", newline)
        if at > content_start(self.data) and not self.data[:at].endswith(b"\n"):
            new = newline + new.removesuffix(newline)
        changed = self.data[:at] + new + self.data[at:]
        before = [meaning(root) for root in parse(self.source)[:-1]]
        try:
            after = [meaning(root) for root in parse(decode(changed))]
        except ParseFailure:
            after = []
        if after != [*before, expected] and at == len(self.data) and not self.data.endswith(b"\n"):
            raise Refused("its last line has no newline, so that the text there would get one; end the file with one")
        if after != [*before, expected]:
            raise Refused("it is written in a way in which nothing can be added safely")
        return changed


def read(data: bytes) -> Yaml:
    """Raises Refused for what is no YAML."""
    try:
        source = decode(data)
        roots = parse(source)
    except ParseFailure as failure:
        where = f" (line {failure.row})" if failure.row else ""
        raise Refused(f"{failure.reason}{where}") from None
    empty = not roots or (roots[-1].shape == "scalar" and not roots[-1].value and not roots[-1].style)
    return Yaml(data, source, None if empty else roots[-1], len(roots))


def meaning(node: Node) -> Meaning:
    """What a node says."""
    if node.children or node.shape in {"mapping", "sequence"}:
        return Meaning(node.shape, node.tag, None, tuple(meaning(child) for child in node.children))
    return Meaning(node.shape, node.tag, (node.value, node.style))


def meaning_of(text: str) -> Meaning:
    """What a text of ours says."""
    return meaning(parse(decode(text.encode()))[0])


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.children)


def names_neonlint(data: bytes) -> bool:
    """Whether a file speaks of neonlint outside comments. Where it cannot be read, its lines are searched."""
    try:
        file = read(data)
    except Refused:
        return any(NAME.search(_COMMENT.sub("", line)) for line in data.decode("utf-8", "replace").splitlines())
    return file.root is not None and any(NAME.search(node.value) for node in scalars([file.root]))


def line_behind(file: Yaml, node: Node) -> int:
    """The byte where the line behind a block collection begins, behind comments that are indented as its inside is."""
    text, at = file.source.text, file.source.text.find("\n", node.end)
    if at < 0:
        return len(file.data)
    column = column_of(file, node)
    inner = re.compile(rf"(?: {{{column + 1},}}#[^\n]*(?:\n|\Z))*")
    found = inner.match(text, at + 1)
    return file.source.offsets[found.end() if found else at + 1]


def column_of(file: Yaml, node: Node) -> int:
    """The 0-based column, in characters, in which a node begins."""
    return node.start - (file.source.text.rfind("\n", 0, node.start) + 1)
