"""Text inside JavaScript literals: the edit for one change; and the proof that a changed file reads as it should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from neonlint.edits import Edit, ReplaceText, apply
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import base
from neonlint.formats.base import Format
from neonlint.formats.javascript_source import Source, is_bundle
from neonlint.formats.literals import changed_texts, literal_at
from neonlint.ir.source import Document, Span

_Token = tuple[str, bytes, str]


def text_edit(format_: Format, document: Document, op: ReplaceText) -> Edit:
    """The edit for one change; raises `Refused` where the text cannot be written there."""
    edit = base.replace_text(format_, op)
    literal_at(document, edit)  # text beside what a `+` adds would stand outside of every literal
    return edit


def check(format_: Format, document: Document, texts: Sequence[ReplaceText] | None, edits: Sequence[Edit]) -> None:
    """Raise `Refused` unless, after `edits`, the file reads as before outside of them.

    With `texts`, which are then all there is, every literal must also read as they ask.
    """
    data = apply(document.data, edits)
    try:
        changed = format_.read(document.path, data)
        if not is_bundle(document.data):
            _check_tokens(Source(document.path, document.data), Source(document.path, data), edits)
    except ParseFailure:
        raise Refused("the changed file would not be valid JavaScript") from None
    if texts is not None and [one.slot.text for one in changed.literals] != _expected(format_, document, texts):
        raise Refused("the change would alter the text beside it")


def _check_tokens(before: Source, after: Source, edits: Sequence[Edit]) -> None:
    if _faults(after.root) > _faults(before.root):
        raise Refused("the changed file would not be valid JavaScript")
    written, shift = [], 0
    for edit in edits:
        start = edit.start + shift
        written.append(Span(start, start + len(edit.new)))
        shift += len(edit.new) - (edit.end - edit.start)
    old = _tokens(before, [Span(edit.start, edit.end) for edit in edits])
    if list(old) != list(_tokens(after, written)):
        raise Refused("the change would alter how the code beside it is read")


def _faults(root: Node) -> int:
    """How many places could not be read."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        count += node.is_error or node.is_missing
        stack.extend(child for child in node.children if child.has_error)
    return count


def _tokens(source: Source, around: Sequence[Span]) -> Iterator[_Token]:
    """Kind and text of every token that touches none of `around` (in file order), with the kind of what holds it."""
    data = source.data
    spans = iter([*around, Span(len(data) + 1, len(data) + 1)])
    span = next(spans)
    cursor = source.root.walk()
    holders = [""]
    while True:
        node = cursor.node
        assert node is not None
        if cursor.goto_first_child():
            holders.append(node.type)
            continue
        while span.end < node.start_byte:
            span = next(spans)
        if node.end_byte < span.start:
            # Which node a comment hangs on says nothing.
            holder = "" if node.type == "comment" else holders[-1]
            yield node.type, data[node.start_byte : node.end_byte], holder
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            holders.pop()


def _expected(format_: Format, document: Document, texts: Sequence[ReplaceText]) -> list[str]:
    return changed_texts(document, [(text_edit(format_, document, op), op.new) for op in texts])
