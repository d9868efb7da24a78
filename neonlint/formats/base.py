"""What a format is: a module that finds slots in one kind of file and writes changes back into them. Knows no
Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from neonlint.errors import Refused
from neonlint.ir.source import Document, has_hole

if TYPE_CHECKING:
    from neonlint.edits import Edit, Op, ReplaceText


class Format(Protocol):
    """The surface of a module in `neonlint.formats`; the module itself satisfies it, there is no class.

    Which files it reads and which bytes make a file worth parsing is said in `neonlint.formats.claims`.
    """

    #: The name in reports and in `Document.format`.
    NAME: str

    def read(self, path: str, data: bytes) -> Document:
        """Read one file. Raises `ParseFailure` for a file that is not what its name says; nothing else escapes."""
        ...

    def encode(self, style: str, text: str) -> bytes | None:
        """`text` as it must be written inside a slot of this style, or None where that style cannot hold it."""
        ...

    def render(self, document: Document, ops: Sequence[Op]) -> list[Edit]:
        """The byte edits that make `ops` true of `document` and nothing else, not yet merged.

        Raises `Refused` where an op cannot be written in its place (a character that the quoting cannot hold, a slot
        that is not writable, a table whose layout cannot take an entry).
        """
        ...


def replace_text(format_: Format, op: ReplaceText) -> Edit:
    """The one edit that a change inside a slot needs, the same in every format."""
    from neonlint.edits import Edit  # noqa: PLC0415 -- a run that finds nothing to repair makes no edit

    if not op.slot.writable:
        raise Refused("the value is written in a way that cannot be edited in place")
    if has_hole(op.slot.text[op.start : op.end]):
        raise Refused("part of the value comes from elsewhere")
    pieces = op.slot.starts[op.start : op.end], op.slot.ends[op.start : op.end]
    if any(end != start for end, start in zip(pieces[1], pieces[0][1:], strict=False)):
        raise Refused("the value is split over several literals")
    written = format_.encode(op.slot.style, op.new)
    if written is None:
        raise Refused("the quoting of this value cannot hold the corrected text")
    where = op.slot.bytes_of(op.start, op.end)
    return Edit(where.start, where.end, written)
