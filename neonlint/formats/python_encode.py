"""How text is written inside a Python string literal of a given style. Knows no file.

A style is the literal's prefix in lower case, its quote, then what is done with the text outside of the literal: `%`
or `{` where a format operator reads it, `<` and `>` where something that is no literal stands before or behind it,
and `@codec` where the file is not UTF-8. Several styles, separated by spaces, belong to one value written in several
ways.
"""

from __future__ import annotations

import re

from neonlint.ir.source import has_hole

_STYLE = re.compile(r"([a-z]*)('''|\"\"\"|'|\")([%{<>]*)(?:@(.+))?\Z")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\x00"}


def encode(style: str, text: str) -> bytes | None:
    """`text` as it must be written in a literal of this style; None where it cannot be, or styles disagree on how."""
    written = {_encode(one, text) for one in style.split()}
    return written.pop() if len(written) == 1 else None


def _encode(style: str, text: str) -> bytes | None:
    match = _STYLE.match(style)
    if match is None or has_hole(text):
        return None
    prefix, quote, flags, codec = match.groups()
    text = escape_format(style, text)
    if "f" in prefix:
        text = text.replace("{", "{{").replace("}", "}}")
    if "b" in prefix or "t" in prefix:
        return None
    if "r" in prefix:
        plain = text.isprintable() and not set(text) & {"\\", quote[0]}
        return _bytes(text, codec) if plain else None
    del flags
    return "".join(_char(char, quote[0], codec) for char in text).encode(codec or "utf-8")


def escape_format(style: str, text: str) -> str:
    """`text` as the literal itself must say it so that `%` or `.format` gives `text`."""
    match = _STYLE.match(style)
    for flag in match[3] if match else "":
        if flag == "%":
            text = text.replace("%", "%%")
        elif flag == "{":
            text = text.replace("{", "{{").replace("}", "}}")
    return text


def _bytes(text: str, codec: str | None) -> bytes | None:
    try:
        return text.encode(codec or "utf-8")
    except UnicodeError:
        return None


def _char(char: str, quote: str, codec: str | None) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char == quote:
        return "\\" + char
    if char.isprintable() and _bytes(char, codec) is not None:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
