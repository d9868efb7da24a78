"""Slots of JavaScript's strings and template literals: the decoded text with a map to its bytes. Knows no expressions.

Styles: the quote itself (`'`, `"`, `` ` ``). Values of JSX attributes have other escapes and are not writable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from neonlint.ir.source import HOLE, MAX_HOLES, Slot, Span, Unknown, Value, hole
from neonlint.records import dataclass
from neonlint.regex import regex

_ESCAPE = regex(
    r"\\(?:u\{([0-9a-fA-F]{1,8})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2})|(\r\n|[\n\r\u2028\u2029])|(.)|\Z)",
    re.DOTALL,
)
_ENTITY = regex(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_LAST = 0x10FFFF


@dataclass(slots=True)
class Part:
    """The characters of one written piece of text before they become a slot; offsets are bytes of the file.

    A None among `chars` is a hole, whose value is the next of `holes`. `sound` is False where the map cannot be
    trusted.
    """

    chars: Sequence[str | None]
    starts: Sequence[int]
    ends: Sequence[int]
    holes: tuple[Value, ...] = ()
    style: str = ""
    sound: bool = True


def literal_part(data: bytes, start: int, end: int) -> Part:
    """A quoted string at bytes `start` to `end`, quotes included."""
    style = data[start : start + 1].decode()
    closed = end - start >= 2 and data[end - 1 : end] == data[start : start + 1]
    return decoded(data, start + 1, end - 1 if closed else end, style)


def attribute_part(data: bytes, start: int, end: int) -> Part:
    """The value of a JSX attribute, which knows no backslashes but entities."""
    text = data[start + 1 : end - 1].decode()
    if "&" not in text:
        found = decoded(data, start + 1, end - 1, "", plain=True)
        return Part(found.chars, found.starts, found.ends, sound=False)
    from html import unescape  # noqa: PLC0415 - few files need it

    pieces, at = [], 0
    for match in [*_ENTITY.finditer(text), None]:
        until = match.start() if match else len(text)
        begin = start + 1 + len(text[:at].encode())
        end_of = begin + len(text[at:until].encode())
        pieces.append(decoded(data, begin, end_of, "", plain=True))
        if match is not None:
            meant = unescape(match[0])
            last = end_of + len(match[0])
            pieces.append(Part(meant, [end_of] * len(meant), [last] * len(meant)))
            at = match.end()
    whole = joined(pieces, "")
    return Part(whole.chars, whole.starts, whole.ends, sound=False)


def decoded(data: bytes, start: int, end: int, style: str, *, plain: bool = False) -> Part:
    """The characters written in bytes `start` to `end`, without quotes; `plain` text has no escapes."""
    text = data[start:end].decode()
    if text.isascii() and (plain or ("\\" not in text and "\r" not in text)):
        return Part(text, range(start, end), range(start + 1, end + 1), (), style)
    return _escaped(text, start, style, plain=plain)


def _escaped(text: str, at: int, style: str, *, plain: bool) -> Part:
    chars: list[str | None] = []
    starts: list[int] = []
    ends: list[int] = []
    index = 0
    while index < len(text):
        match = None if plain or text[index] != "\\" else _ESCAPE.match(text, index)
        if match is not None:
            written, meant = match[0], _meaning(match)
        elif style == "`" and text.startswith("\r\n", index):
            written, meant = "\r\n", "\n"
        else:
            written = meant = text[index]
        stop = at + len(written.encode())
        if meant and chars and _is_pair(chars[-1], meant):
            chars[-1] = chr(0x10000 + ((ord(str(chars[-1])) - 0xD800) << 10) + (ord(meant) - 0xDC00))
            ends[-1] = stop
        elif meant:
            chars.append(meant)
            starts.append(at)
            ends.append(stop)
        at, index = stop, index + len(written)
    return Part(chars, starts, ends, (), style)


def _is_pair(before: str | None, after: str) -> bool:
    return before is not None and "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff"


def _meaning(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is not None:
        return chr(min(int(code, 16), _LAST))
    if match[4] is not None:
        return chr(int(match[4], 8))
    if match[5] is not None or match[6] is None:
        return ""
    return _SIMPLE.get(match[6], match[6])


def hole_part(value: Value, start: int, end: int) -> Part:
    """One hole, written in bytes `start` to `end`."""
    return Part([None], [start], [end], (value,))


def joined(parts: Sequence[Part], style: str) -> Part:
    """Several parts as one; `sound` only where all of them are."""
    chars: list[str | None] = []
    starts: list[int] = []
    ends: list[int] = []
    holes: list[Value] = []
    for part in parts:
        chars += part.chars
        starts += part.starts
        ends += part.ends
        holes += part.holes
    return Part(chars, starts, ends, tuple(holes), style, all(part.sound for part in parts))


def slot_of(part: Part, span: Span) -> Slot:
    """The finished slot.

    A character that a slot cannot hold as itself (one that stands for holes, half of a surrogate pair) becomes a hole.
    """
    if isinstance(part.chars, str) and part.chars.isascii():
        return Slot(part.chars, part.starts, part.ends, span, part.style, (), part.sound)
    given = iter(part.holes)
    holes: list[Value] = []
    text: list[str] = []
    for char in part.chars:
        if char is not None and _holdable(char):
            text.append(char)
            continue
        text.append(hole(min(len(holes), MAX_HOLES - 1)))
        holes.append(next(given) if char is None else Unknown("a character that cannot be shown", span))
    sound = part.sound and len(holes) <= MAX_HOLES
    return Slot("".join(text), part.starts, part.ends, span, part.style, tuple(holes[:MAX_HOLES]), sound)


def _holdable(char: str) -> bool:
    return not (HOLE <= ord(char) < HOLE + MAX_HOLES or "\ud800" <= char <= "\udfff")


_NEEDS_ESCAPE = regex("[\\\\\x00-\x1f\x7f\x85\u2028\u2029\ufeff]")
_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_IN_TEMPLATE = regex(r"`|\$(?=\{|\Z)|\A\{")


def encode(style: str, text: str) -> bytes | None:
    """`text` as it must be written in a string or template; None where it cannot be.

    A value put together from several literals has the quotes of all of them as its style; they must agree on how. In a
    template a dollar sign and a brace at the edges are escaped, because they could meet there.
    """
    written = {_encode(quote, text) for quote in style}
    return written.pop() if len(written) == 1 else None


def _encode(quote: str, text: str) -> bytes | None:
    if quote not in "'\"`" or not all(map(_holdable, text)):
        return None
    text = _NEEDS_ESCAPE.sub(lambda one: _SHORT.get(one[0]) or _numbered(one[0]), text)
    if quote == "`":
        return _IN_TEMPLATE.sub(lambda one: "\\" + one[0], text).encode()
    return text.replace(quote, "\\" + quote).encode()


def _numbered(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"
