"""Decodes Python string literals byte by byte: which byte of the file each character of a value comes from.

Works on the source alone, because the tree gives no positions inside a literal, and gives different ones for
f-strings in Python 3.11 and 3.12. The grammar followed is 3.12's, which accepts every f-string that 3.11 accepts.
https://docs.python.org/3/reference/lexical_analysis.html#literals
"""

from __future__ import annotations

import re
import unicodedata

from neonlint.records import dataclass, field

_OPEN = re.compile(rb"([A-Za-z]{0,3})('''|\"\"\"|'|\")")
_GAP = re.compile(rb"(?:[ \t\f\r\n]|\\(?=[\r\n])|#[^\r\n]*)*")
_PLAIN = {quote: re.compile(rb"[^\\\r{}" + quote + rb"]+") for quote in (b"'", b'"')}
_NAME = re.compile(rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*")
_ESCAPE = re.compile(
    rb"\\(?:(\r\n|\r|\n)|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{([^}]*)\}|([\\'\"abfnrtv]))"
)
_SINGLE = {b"a": "\a", b"b": "\b", b"f": "\f", b"n": "\n", b"r": "\r", b"t": "\t", b"v": "\v"}
_PREFIXES = frozenset({b"r", b"b", b"u", b"f", b"t", b"br", b"rb", b"fr", b"rf", b"tr", b"rt"})
_OPENING, _CLOSING, _QUOTES = frozenset(b"([{"), frozenset(b")]}"), frozenset(b"'\"")


class Odd(Exception):
    """The source does not look as expected here, so no map can be made."""


@dataclass(frozen=True, slots=True)
class Hole:
    """One `{…}` of an f-string: `start` and `end` of its expression, as offsets; `debug` for the form `{x=}`."""

    start: int
    end: int
    debug: bool


@dataclass(slots=True)
class Piece:
    """One decoded literal or several adjacent ones: characters (None for a hole), where each begins and ends, holes
    in order.

    `style` is the prefix in lower case with the quote, such as `rf"`; several different ones are joined by spaces.
    """

    chars: list[str | None] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    style: str = ""

    def add(self, char: str | None, start: int, end: int) -> None:
        """One character that was written in `start` to `end`."""
        self.chars.append(char)
        self.starts.append(start)
        self.ends.append(end)

    def add_run(self, raw: bytes, start: int) -> None:
        """Characters that are written as themselves."""
        text = raw.decode()
        self.chars.extend(text)
        if len(text) == len(raw):
            self.starts.extend(range(start, start + len(raw)))
            self.ends.extend(range(start + 1, start + 1 + len(raw)))
            return
        for char in text:
            self.starts.append(start)
            start += len(char.encode())
            self.ends.append(start)


def simple(data: bytes, start: int, end: int) -> tuple[str, str, int] | None:
    """Style, text and first offset of a single literal without escapes, prefix or non-ASCII characters; else None."""
    quote = data[start : start + 1]
    if quote not in (b"'", b'"') or end - start < 2:
        return None
    body = data[start + 1 : end - 1]
    if data[end - 1 : end] != quote or not body.isascii() or quote in body or b"\\" in body or b"\r" in body:
        return None
    return quote.decode(), body.decode(), start + 1


def decode(data: bytes, start: int, end: int) -> Piece:
    """The literals that fill `start` to `end`; raises `Odd` where they do not fill it exactly."""
    piece = Piece()
    styles: list[str] = []
    at = start
    while at < end:
        at = _token(data, at, piece)
        styles.append(piece.style)
        if at < end:
            at = _gap(data, at)
    if at != end:
        raise Odd
    piece.style = " ".join(dict.fromkeys(styles))
    return piece


def _gap(data: bytes, at: int) -> int:
    match = _GAP.match(data, at)
    return match.end() if match else at


def _token(data: bytes, at: int, piece: Piece) -> int:
    """Decode one literal into `piece`; returns the offset behind its closing quote."""
    match = _OPEN.match(data, at)
    if match is None or (match[1] and match[1].lower() not in _PREFIXES):
        raise Odd
    prefix = match[1].lower().replace(b"u", b"")
    piece.style = (prefix + match[2]).decode()
    return _body(data, match.end(), match[2], prefix, piece)


def _body(data: bytes, at: int, quote: bytes, prefix: bytes, piece: Piece) -> int:
    raw, braces = b"r" in prefix, b"f" in prefix or b"t" in prefix
    plain = _PLAIN[quote[:1]]
    while at < len(data):
        if match := plain.match(data, at):
            piece.add_run(match[0], at)
            at = match.end()
        elif data.startswith(quote, at):
            return at + len(quote)
        else:
            at = _special(data, at, raw, braces, piece)
    raise Odd


def _special(data: bytes, at: int, raw: bool, braces: bool, piece: Piece) -> int:
    """Decode what is not written as itself: an escape, a row's end, a brace; returns the offset behind it."""
    byte = data[at : at + 1]
    if byte == b"\\":
        return _raw_backslash(data, at, piece) if raw else _escape(data, at, piece)
    if byte == b"\r":
        end = at + (2 if data.startswith(b"\r\n", at) else 1)
        piece.add("\n", at, end)
        return end
    if byte in b"{}" and braces:
        return _brace(data, at, piece)
    piece.add(byte.decode(), at, at + 1)
    return at + 1


def _raw_backslash(data: bytes, at: int, piece: Piece) -> int:
    piece.add("\\", at, at + 1)
    following = data[at + 1 : at + 2]
    if following not in (b"\\", b"'", b'"'):
        return at + 1
    piece.add(following.decode(), at + 1, at + 2)
    return at + 2


def _escape(data: bytes, at: int, piece: Piece) -> int:
    match = _ESCAPE.match(data, at)
    if match is None:
        piece.add("\\", at, at + 1)
        return at + 1
    row_end, octal, two, four, eight, name, single = match.groups()
    if row_end is not None:
        return match.end()
    if octal is not None:
        char = chr(int(octal, 8))
    elif name is not None:
        char = _named(name)
    elif single is not None:
        char = _SINGLE.get(single, single.decode())
    else:
        code = int(two or four or eight, 16)
        if code > 0x10FFFF:
            raise Odd
        char = chr(code)
    piece.add(char, at, match.end())
    return match.end()


def _named(name: bytes) -> str:
    try:
        char = unicodedata.lookup(name.decode())
    except (KeyError, UnicodeDecodeError):
        raise Odd from None
    if len(char) != 1:
        raise Odd
    return char


def _brace(data: bytes, at: int, piece: Piece) -> int:
    if data.startswith((b"{{", b"}}"), at):
        piece.add(data[at : at + 1].decode(), at, at + 2)
        return at + 2
    if data.startswith(b"}", at):
        raise Odd
    end = _hole(data, at, piece.holes)
    piece.add(None, at, end)
    return end


def _hole(data: bytes, at: int, holes: list[Hole] | None = None) -> int:
    """The offset behind the `}` that closes the `{` at `at`; the hole is noted in `holes`."""
    start = at + 1
    end = at = _expression(data, start)
    debug = data[start:end].rstrip().endswith(b"=")
    if data.startswith(b"!", at):
        conversion = _NAME.match(data, _gap(data, at + 1))
        at = _gap(data, conversion.end()) if conversion else at
    if data.startswith(b":", at):
        at = _format_spec(data, at + 1)
    if not data.startswith(b"}", at):
        raise Odd
    if holes is not None:
        holes.append(Hole(start, end, debug))
    return at + 1


def _format_spec(data: bytes, at: int) -> int:
    while at < len(data) and data[at] != 0x7D:
        at = _hole(data, at) if data[at] == 0x7B else at + 1
    return at


def _expression(data: bytes, at: int) -> int:
    """The offset of the `!`, `:` or `}` that ends the expression at `at`."""
    depth = 0
    while at < len(data):
        byte = data[at]
        if match := _NAME.match(data, at):
            at = match.end()
            if match[0].lower() in _PREFIXES and data[at : at + 1] in (b"'", b'"'):
                at = _token(data, match.start(), Piece())
            continue
        if byte in _QUOTES:
            at = _token(data, at, Piece())
            continue
        if depth == 0 and (byte in b"}:" or (byte == 0x21 and data[at + 1 : at + 2] != b"=")):
            return at
        if byte == 0x23:
            at = _gap(data, at)
            continue
        depth += (byte in _OPENING) - (byte in _CLOSING)
        at += 1
    raise Odd
