"""Values of `ENV` and `ARG`, and the words of the exec form, as Docker reads them. Knows no instruction."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from neonlint.formats.holes import Finder, made, parts_finder
from neonlint.formats.lines import Written, joined
from neonlint.formats.shell_strings import encode as encode_word
from neonlint.ir.source import Entry, Span, Unknown, Value
from neonlint.regex import regex

_PAIR = regex(r"\s*+([^\s=\"']++)(=)?")
_STRING = regex(r"\"((?:[^\"\\\x00-\x1f]|\\.)*+)\"")
_JSON_ESCAPE = regex(r"\\(?:u[0-9a-fA-F]{4}|.)")
_FIND = parts_finder(regex(r"\$\{|\$[A-Za-z_][A-Za-z0-9_]*+"))
_TOKENS = {
    escape: regex(
        rf"\"(?:[^\"{escape}]|{escape}.)*+(?P<closed>\")?|'[^']*+(?:')?|{escape}.|[^\s\"'{escape}]++|{escape}|(?P<space>\s)",
        re.DOTALL,
    )
    for escape in (r"\\", "`")
}
_IN_DOUBLE = {"\\\\": regex(r"\\[\"$\\]"), "`": regex(r"`[\"$`]")}

_FITS = {
    "env-bare": regex(r"[^\s\"'\\`$]*+"),
    'env"': regex(r"[^\"\\`$\r\n]*+"),
    "env'": regex(r"[^'\\`\r\n]*+"),
    "env-mixed": regex(r"[^\s\"'\\`$]*+"),
    "env-rest": regex(r"[^\"'\\`$\r\n]*+"),
    "env-bare-default": regex(r"[^\s\"'\\`${}]*+"),
    'env"-default': regex(r"[^\"'\\`${}\r\n]*+"),
    "env-mixed-default": regex(r"[^\s\"'\\`${}]*+"),
    "env-rest-default": regex(r"[^\s\"'\\`${}]*+"),
    "json": regex(r"[^\x00-\x1f]*+"),
}


def encode(style: str, text: str) -> bytes | None:
    """`text` as part of a value of this style, or None where its quoting cannot hold it."""
    if not (style == "json" or style.startswith("env")):
        return encode_word(style, text)
    if not _FITS[style].fullmatch(text) or not text.isprintable():
        return None
    return (json.dumps(text, ensure_ascii=False)[1:-1] if style == "json" else text).encode()


def pairs(rest: Written, escape: str, *, alone: bool) -> Iterator[Entry]:
    """The entries of `NAME=value …`, of `NAME value`, and of `NAME` where that may stand `alone`."""
    match = _PAIR.match(rest.text)
    if match and not match[2] and not alone:
        start = len(rest.text) - len(rest.text[match.end() :].lstrip())
        if start < len(rest.text):
            yield _entry(rest, match, *_value(rest, start, escape, to_end=True))
        return
    while match and match[1]:
        value: Value
        if match[2]:
            value, end = _value(rest, match.end(), escape, to_end=False)
        else:
            end = match.end()
            value = Unknown("given when the image is built", rest.span(*match.span(1)))
        yield _entry(rest, match, value, end)
        match = _PAIR.match(rest.text, end)


def _entry(rest: Written, name: re.Match[str], value: Value, end: int) -> Entry:
    key_span = rest.span(*name.span(1))
    return Entry(name[1], key_span, value, Span(key_span.start, max(value.span.end, rest.ends[end - 1])))


def _value(rest: Written, start: int, escape: str, *, to_end: bool) -> tuple[Value, int]:
    """The value that begins at a character, and where it ends."""
    pieces: list[Written] = []
    quotings: set[str] = set()
    at = start
    end = len(rest.text.rstrip()) if to_end else len(rest.text)
    while at < end and (match := _TOKENS["`" if escape == "`" else r"\\"].match(rest.text, at, end)):
        if match["space"] and not to_end:
            break
        at = match.end()
        pieces += _pieces(rest, match, escape, quotings)
    at = max(at, start)
    quoting = "env-mixed" if len(quotings) > 1 else next(iter(quotings), "env-bare")
    if quoting == "env-bare" and to_end:
        quoting = "env-rest"
    span = rest.span(start, at) if start < at else _gap(rest, start)
    find: Finder | None = None if quoting == "env'" else _FIND
    return made(joined(pieces), span, quoting, find), at


def _gap(rest: Written, at: int) -> Span:
    byte = rest.gap(at, 0)
    return Span(byte, byte)


def _pieces(rest: Written, match: re.Match[str], escape: str, quotings: set[str]) -> Iterator[Written]:
    start, end, first = match.start(), match.end(), match[0][0]
    if first == '"':
        quotings.add('env"')
        stop = end - 1 if match["closed"] else end
        yield from _unescaped(rest, start + 1, stop, _IN_DOUBLE["`" if escape == "`" else "\\\\"])
    elif first == "'":
        quotings.add("env'")
        closed = end - start > 1 and match[0][-1] == "'"
        yield rest.part(start + 1, end - 1 if closed else end)
    elif first == escape and end - start > 1:
        quotings.add("env-bare")
        where = rest.span(start, end)
        yield Written(match[0][1], [where.start], [where.end])
    else:
        quotings.add("env-bare")
        yield rest.part(start, end)


def _unescaped(rest: Written, start: int, end: int, escapes: re.Pattern[str]) -> Iterator[Written]:
    for match in escapes.finditer(rest.text, start, end):
        where = rest.span(*match.span())
        yield rest.part(start, match.start())
        yield Written(match[0][1], [where.start], [where.end])
        start = match.end()
    yield rest.part(start, end)


def given(written: Written) -> Value:
    """A value without quotes, such as the name of an image."""
    return made(written, written.span(0, len(written.text)), "env-bare", _FIND)


def exec_words(rest: Written) -> tuple[Value, ...] | None:
    """The words of `["psql", "-c", …]`, None for what is no list of strings in JSON."""
    if not rest.text.startswith("["):
        return None
    try:
        found = json.loads(rest.text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        return None
    return tuple(_word(rest, match) for match in _STRING.finditer(rest.text))


def _word(rest: Written, match: re.Match[str]) -> Value:
    pieces = []
    at, end = match.span(1)
    for escape in _JSON_ESCAPE.finditer(rest.text, at, end):
        where = rest.span(*escape.span())
        meaning = json.loads(f'"{escape[0]}"')
        pieces += [rest.part(at, escape.start()), Written(meaning, [where.start], [where.end])]
        at = escape.end()
    return made(joined([*pieces, rest.part(at, end)]), rest.span(*match.span()), "json")
