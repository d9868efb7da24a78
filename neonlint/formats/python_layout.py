"""Where an item of a call or dict display is added or removed so that its layout stays; works on bytes and item
positions.

Knows nothing of libcst, which finds the items, and nothing of what they mean. Offsets count bytes, 0-based.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from neonlint.edits import Edit
from neonlint.errors import Refused
from neonlint.records import dataclass

_ROW_END = re.compile(rb"\r\n|\r|\n|\Z")
_BLANK = b" \t\f"


@dataclass(frozen=True, slots=True)
class Item:
    """One argument or `key: value`; `comma` is the offset of the comma behind it, or None."""

    start: int
    end: int
    comma: int | None

    @property
    def whole(self) -> int:
        """The offset behind the item and its comma."""
        return self.end if self.comma is None else self.comma + 1


@dataclass(frozen=True, slots=True)
class Addition:
    """An item to be written behind the one that begins at `after`, or behind the last one."""

    text: bytes
    after: int | None


@dataclass(frozen=True, slots=True)
class Container:
    """What stands between the brackets: `start` is behind the opening one, `end` is the closing one."""

    items: Sequence[Item]
    start: int
    end: int


def edits_for(source: bytes, box: Container, additions: Sequence[Addition], drops: Sequence[int]) -> list[Edit]:
    """The edits that add and drop items; the first additions take the places of the items that go."""
    gone = [item for item in box.items if item.start in drops]
    if len(gone) != len(set(drops)):
        raise Refused("an entry is not where it was read")
    placed = [new for new in additions if new.after is not None]
    free = [new for new in additions if new.after is None]
    edits = [Edit(item.start, item.end, new.text) for item, new in zip(gone, free, strict=False)]
    rest, left = [*placed, *free[len(gone) :]], gone[len(free) :]
    return [*edits, *_add_all(source, box, rest), *_drop_all(source, box, left)]


# Adding


def _add_all(source: bytes, box: Container, additions: Sequence[Addition]) -> list[Edit]:
    if not additions:
        return []
    if not box.items:
        return [Edit(box.start, box.start, b", ".join(new.text for new in additions))]
    by_anchor: dict[int, list[bytes]] = {}
    for new in additions:
        by_anchor.setdefault(_anchor(box, new), []).append(new.text)
    return [edit for index, texts in by_anchor.items() for edit in _add(source, box, index, texts)]


def _anchor(box: Container, new: Addition) -> int:
    if new.after is None:
        return len(box.items) - 1
    for index, item in enumerate(box.items):
        if item.start == new.after:
            return index
    raise Refused("an entry is not where it was read")


def _add(source: bytes, box: Container, index: int, texts: Sequence[bytes]) -> list[Edit]:
    item = box.items[index]
    following = box.items[index + 1].start if index + 1 < len(box.items) else box.end
    row_end = _row_end(source, item.whole)
    if not _starts_row(source, item.start) or (following < row_end and item.comma is not None):
        return [_inline(item, texts)]
    indent = source[_row_start(source, item.start) : item.start]
    glue = b"," + _eol(source, item.start) + indent
    if following < row_end:
        return [Edit(item.end, item.end, glue + glue.join(texts))]
    written = _eol(source, item.start) + indent + glue.join(texts)
    if item.comma is not None:
        return [Edit(row_end, row_end, written + b",")]
    if row_end == item.end:
        return [Edit(item.end, item.end, b"," + written)]
    return [Edit(item.end, item.end, b","), Edit(row_end, row_end, written)]


def _inline(item: Item, texts: Sequence[bytes]) -> Edit:
    text = b", ".join(texts)
    if item.comma is None:
        return Edit(item.end, item.end, b", " + text)
    return Edit(item.whole, item.whole, b" " + text + b",")


# Dropping


def _drop_all(source: bytes, box: Container, gone: Sequence[Item]) -> list[Edit]:
    if not gone:
        return []
    edits: list[Edit] = []
    kept = [item for item in box.items if item not in gone]
    inline: list[Item] = []
    for item in gone:
        if (row := _own_rows(source, box, item)) is not None:
            edits.append(Edit(*row, b""))
        else:
            inline.append(item)
    for run in _runs(source, box.items, inline):
        edits += _drop_run(source, box, run, kept)
    return [*edits, *_bare_end(box, gone, inline, kept)]


def _own_rows(source: bytes, box: Container, item: Item) -> tuple[int, int] | None:
    """The rows that hold only this item, its comma and a comment, with their last row's end; None where there is
    more.
    """
    end = _row_end(source, item.whole)
    others = [other for other in box.items if other is not item and item.start <= other.start < end]
    if not _starts_row(source, item.start) or others or box.end < end:
        return None
    return _row_start(source, item.start), end + len(_eol_at(source, end))


def _bare_end(box: Container, gone: Sequence[Item], inline: Sequence[Item], kept: Sequence[Item]) -> list[Edit]:
    """The comma that would newly end the list, where the list did not end in one and its last item had rows of its
    own.
    """
    last = box.items[-1]
    if last.comma is not None or last not in gone or last in inline or not kept or kept[-1].comma is None:
        return []
    return [Edit(kept[-1].comma, kept[-1].comma + 1, b"")]


def _runs(source: bytes, items: Sequence[Item], inline: Sequence[Item]) -> list[tuple[int, int]]:
    """The items among `inline` with nothing but blanks between them, as first and last index."""
    runs: list[tuple[int, int]] = []
    for index, item in enumerate(items):
        if item not in inline:
            continue
        if runs and runs[-1][1] == index - 1 and not source[items[index - 1].whole : item.start].strip():
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _drop_run(source: bytes, box: Container, run: tuple[int, int], kept: Sequence[Item]) -> list[Edit]:
    first, last = box.items[run[0]], box.items[run[1]]
    before = box.items[run[0] - 1] if run[0] else None
    if before is not None and before not in kept:
        return [Edit(first.start, last.whole, b"")]
    after = box.items[run[1] + 1] if run[1] + 1 < len(box.items) else None
    if after is not None and not source[last.whole : after.start].strip(_BLANK):
        return [Edit(first.start, after.start, b"")]
    gap_start = before.whole if before else box.start
    blank = not source[gap_start : first.start].strip(_BLANK)
    if after is not None or last.comma is not None or before is None or before.comma is None:
        return [Edit(gap_start if blank else first.start, last.whole, b"")]
    if not source[before.whole : first.start].strip():
        return [Edit(before.comma, last.end, b"")]
    return [Edit(before.comma, before.comma + 1, b""), Edit(first.start, last.end, b"")]


# Rows


def _row_start(source: bytes, at: int) -> int:
    return max(source.rfind(b"\n", 0, at), source.rfind(b"\r", 0, at)) + 1


def _row_end(source: bytes, at: int) -> int:
    """The offset of the next row's end at or behind `at`."""
    match = _ROW_END.search(source, at)
    return match.start() if match else len(source)


def _eol_at(source: bytes, at: int) -> bytes:
    match = _ROW_END.match(source, at)
    return match[0] if match else b""


def _starts_row(source: bytes, at: int) -> bool:
    return not source[_row_start(source, at) : at].strip(_BLANK)


def _eol(source: bytes, at: int) -> bytes:
    """How rows end near `at`: as the row before it does."""
    start = _row_start(source, at)
    if source.endswith(b"\r\n", 0, start):
        return b"\r\n"
    return source[start - 1 : start] or b"\n"
