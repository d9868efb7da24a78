"""Slots of Python string literals: the decoded text checked against the tree's own reading. Knows no expressions."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Callable, Sequence

from neonlint.errors import ParseFailure
from neonlint.formats.python_source import Source, parse
from neonlint.formats.python_tokens import Hole, Odd, Piece, decode, simple
from neonlint.ir.source import HOLE, MAX_HOLES, Slot, Span, Unknown, Value, hole
from neonlint.records import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """The characters of one written string before they become a slot; offsets count in the source's `utf8`.

    A None among `chars` is a hole; its value is the next of `holes`. `sound` is False where the map cannot be trusted.
    """

    chars: Sequence[str | None]
    starts: Sequence[int]
    ends: Sequence[int]
    holes: tuple[Value, ...]
    style: str
    sound: bool = True


def constant_part(source: Source, node: ast.expr, value: str) -> Part:
    """A plain literal, or several adjacent ones, whose value the tree gives as `value`."""
    start, end = source.bounds(node)
    if (found := simple(source.utf8, start, end)) and found[1] == value:
        style, text, at = found
        return Part(text, range(at, at + len(text)), range(at + 1, at + 1 + len(text)), (), style)
    try:
        piece = decode(source.utf8, start, end)
    except (Odd, UnicodeDecodeError, RecursionError):
        return _unsound(list(value), start, end, ())
    if piece.holes or "".join(char or "" for char in piece.chars) != value:
        return _unsound(list(value), start, end, ())
    return Part(piece.chars, piece.starts, piece.ends, (), piece.style)


def joined_part(source: Source, node: ast.JoinedStr, follow: Callable[[ast.expr], Value]) -> Part:
    """An f-string, perhaps with plain literals beside it; `follow` reads the expressions in its holes."""
    start, end = source.bounds(node)
    chars: list[str | None] = []
    holes: list[Value] = []
    for child in node.values:
        if isinstance(child, ast.FormattedValue):
            chars.append(None)
            holes.append(follow(child.value))
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            chars.extend(child.value)
    piece = _piece(source, start, end)
    if piece is None or piece.chars != chars:
        return _unsound(chars, start, end, tuple(holes))
    return Part(chars, piece.starts, piece.ends, tuple(holes), piece.style)


def _piece(source: Source, start: int, end: int) -> Piece | None:
    try:
        return decode(source.utf8, start, end)
    except (Odd, UnicodeDecodeError, RecursionError):
        return None


def _unsound(chars: list[str | None], start: int, end: int, holes: tuple[Value, ...]) -> Part:
    return Part(chars, [start] * len(chars), [end] * len(chars), holes, "", sound=False)


def slot_of(source: Source, part: Part, span: Span) -> Slot:
    """The finished slot; `span` is in bytes of the file.

    A literal character from the range that stands for holes becomes a hole itself, so that nobody takes it for
    another one.
    """
    style = part.style if source.encoding == "utf-8" else _with_encoding(part.style, source.encoding)
    starts, ends = source.file_offsets(part.starts), source.file_offsets(part.ends)
    if isinstance(part.chars, str) and part.chars.isascii():
        return Slot(part.chars, starts, ends, span, style)
    given = iter(part.holes)
    holes: list[Value] = []
    text: list[str] = []
    for char in part.chars:
        if char is not None and not HOLE <= ord(char) < HOLE + MAX_HOLES:
            text.append(char)
            continue
        text.append(hole(min(len(holes), MAX_HOLES - 1)))
        holes.append(next(given) if char is None else Unknown("a private-use character", span))
    writable = part.sound and len(holes) <= MAX_HOLES
    return Slot("".join(text), starts, ends, span, style, tuple(holes[:MAX_HOLES]), writable)


def _with_encoding(style: str, encoding: str) -> str:
    return " ".join(f"{one}@{encoding}" for one in style.split())


def place_holes(source: Source, node: ast.JoinedStr) -> None:
    """Give the expressions in an f-string's holes their real positions, which Python 3.11 does not know.

    An expression that cannot be placed becomes `...`, so that nothing is ever reported or edited in the wrong place.
    """
    piece = _piece(source, *source.bounds(node))
    values = [child for child in node.values if isinstance(child, ast.FormattedValue)]
    places = piece.holes if piece and len(piece.holes) == len(values) else [None] * len(values)
    for child, place in zip(values, places, strict=True):
        found = _parsed_at(source, place) if place else None
        child.value = found or ast.copy_location(ast.Constant(...), node)


def _parsed_at(source: Source, place: Hole) -> ast.expr | None:
    text = source.utf8[place.start : place.end].decode().rstrip()
    try:
        statement = parse(f"({text[:-1] if place.debug else text})").body[0]
    except ParseFailure:
        return None
    row = bisect_right(source.rows, place.start) - 1
    shift = place.start - source.rows[row] - 1
    for node in ast.walk(statement):
        if isinstance(node, (ast.expr, ast.keyword, ast.arg)):
            node.col_offset += shift if node.lineno == 1 else 0
            node.end_col_offset = (node.end_col_offset or 0) + (shift if node.end_lineno == 1 else 0)
            node.lineno, node.end_lineno = node.lineno + row, (node.end_lineno or node.lineno) + row
    return statement.value if isinstance(statement, ast.Expr) else None
