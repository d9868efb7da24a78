"""Comments in the shell text that a data file holds (`run: |` of a workflow), which are none of the file's own."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.errors import ParseFailure
from neonlint.extract_commands_places import held_by
from neonlint.formats.shell_commands import text_of
from neonlint.formats.shell_reader import read_text
from neonlint.ir.source import Comment, Document, Slot
from neonlint.records import replace


def comments_of(document: Document) -> Iterator[Comment]:
    """The comments of texts that hold one for neonlint, with their rows in the file.

    Of texts that are folded or spread over lines (`>`) nothing is known but what they say, so none are read there.
    """
    for held in held_by(document):
        for slot in held.texts:
            if slot.writable and "neonlint:" in slot.text:
                yield from _comments_in(slot, document.data)


def _comments_in(slot: Slot, data: bytes) -> Iterator[Comment]:
    try:
        found = read_text(text_of(slot, data)).comments
    except ParseFailure:
        return
    row, seen = 1, 0
    for comment in found:
        start = comment.span.start
        row, seen = row + data.count(b"\n", seen, start), start
        own_line = not data[data.rfind(b"\n", 0, start) + 1 : start].strip()
        yield replace(comment, row=row, own_line=own_line)
