"""Members of object literals and arguments of calls: added in the layout of their neighbours, and taken out.

What is written beside what is taken out stays, but for a comment at the end of its line, which speaks of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from neonlint.edits import Edit
from neonlint.formats.javascript_places import end_of, items_of, same
from neonlint.formats.lines import line_end, line_start, newline_at
from neonlint.formats.separated import Listing
from neonlint.ir.source import Span
from neonlint.regex import regex

# What may stand behind a member on the last row of its own: nothing, or a comment that ends there.
_REST = regex(rb"[^\S\n]*+(?://[^\n]*+|/\*(?:[^*\n]|\*(?!/))*+\*/[^\S\n]*+)?(?:\n|\Z)")


def insert(data: bytes, node: Node, items: Sequence[str], after: Node | None, pad: str) -> list[Edit]:
    """Write `items` behind the member `after`, or behind the last one."""
    members = items_of(node)
    written = [item.encode() for item in items]
    if not members:
        return [_filled(data, node, written, pad.encode() if node.type == "object" else b"")]
    spans = [Span(member.start_byte, end_of(member)) for member in members]
    near = next((s for s, member in zip(spans, members, strict=True) if same(member, after)), spans[-1])
    return Listing(data, spans, _inside(node)).insert(near, written)


def _inside(node: Node) -> Span:
    return Span(node.start_byte + 1, node.end_byte - 1)


def _filled(data: bytes, node: Node, items: Sequence[bytes], pad: bytes) -> Edit:
    """The first members of what holds none: on one line where it is on one, and in front of a comment in it."""
    inside = _inside(node)
    held = data[inside.start : inside.end]
    if b"\n" in held:
        newline = newline_at(data, inside.start)
        outer = data[line_start(data, inside.start) : inside.start]
        indent = outer[: len(outer) - len(outer.lstrip())]
        lines = b",".join(newline + indent + _unit(data) + item for item in items)
        return Edit(inside.start, inside.start, lines + (b"," if _trailing(data) else b""))
    text = b", ".join(items)
    if held.strip():
        return Edit(inside.start, inside.start, pad + text)
    return Edit(inside.start, inside.end, pad + text + pad)


def _unit(data: bytes) -> bytes:
    """One step of indentation: that of the first indented line."""
    for line in data.splitlines():
        blanks = line[: len(line) - len(line.lstrip(b" \t"))]
        if blanks and line.strip() and not line.lstrip().startswith(b"*"):
            return blanks
    return b"  "


def _trailing(data: bytes) -> bool:
    """Whether lists over several lines end in a comma here."""
    return b",\n}" in data.replace(b"\r", b"").replace(b" ", b"").replace(b"\t", b"")


def replace(member: Node, items: Sequence[str], data: bytes) -> Edit:
    """`items` in the place of one member."""
    separator = b", "
    if not data[line_start(data, member.start_byte) : member.start_byte].strip():
        line = line_start(data, member.start_byte)
        separator = b"," + newline_at(data, member.start_byte) + data[line : member.start_byte]
    return Edit(member.start_byte, end_of(member), separator.join(item.encode() for item in items))


def remove(data: bytes, node: Node, dropped: Sequence[Node]) -> list[Edit]:
    """Take members out with their commas; a line that held nothing else goes with its member."""
    members = items_of(node)
    kept = [member for member in members if not any(same(member, one) for one in dropped)]
    if not kept and not any(child.type == "comment" for child in node.named_children):
        inside = _inside(node)
        return [_without_argument(node) or Edit(inside.start, inside.end, b"")]
    edits = [_removed(data, member) for member in dropped]
    last = members[-1]
    if kept and any(same(last, one) for one in dropped) and _comma(last) is None:
        comma = _comma(kept[-1])
        edits += [Edit(comma.start_byte, comma.end_byte, b"")] if comma is not None else []
    return edits


def _without_argument(node: Node) -> Edit | None:
    """An object of options that becomes empty is no argument any more, unless it is the only one."""
    arguments = node.parent
    if arguments is None or arguments.type != "arguments":
        return None
    before = [child for child in arguments.named_children if child.end_byte <= node.start_byte]
    after = [child for child in arguments.named_children if child.start_byte >= node.end_byte]
    if not before or after or before[-1].type == "comment":
        return None
    return Edit(end_of(before[-1]), node.end_byte, b"")


def _removed(data: bytes, member: Node) -> Edit:
    comma = _comma(member)
    start, end = member.start_byte, comma.end_byte if comma is not None else end_of(member)
    own_line = not data[line_start(data, start) : start].strip()
    if own_line and (done := _REST.match(data, end)):
        return Edit(line_start(data, start), done.end(), b"")
    if comma is not None and data[end : line_end(data, end)].strip():
        return Edit(start, end + len(_leading_blanks(data[end : line_end(data, end)])), b"")
    return Edit(start if own_line else len(data[:start].rstrip(b" \t")), end, b"")


def _leading_blanks(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _comma(member: Node) -> Node | None:
    """The comma behind a member."""
    following: Node | None = member.next_sibling
    while following is not None and following.type == "comment":
        following = following.next_sibling
    return following if following is not None and following.type == "," else None
