"""How YAML writes text: from a scalar node to characters with their bytes, and from text to each style. Knows no keys.

Styles: `plain`, `plain-flow` (inside brackets), `single`, `double`, `literal:N` and `literal:N:crlf` (a block with N
columns of indent), `other` (folded or spread over lines; never writable). `+compose` where a dollar sign is doubled,
`+pair` for what is behind the `=` of a list item `- KEY=value`; `-default` inside `${NAME:-default}`.
"""

from __future__ import annotations

import re
from typing import cast

import yaml
from yaml.constructor import SafeConstructor

from neonlint.formats.holes import IN_BRACES
from neonlint.formats.lines import Source, Written, joined
from neonlint.formats.yaml_nodes import Node

_SINGLE_ESCAPE = re.compile("''")
_DOUBLE_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_NAMED = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
}
_NAMED |= {" ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
_HEX = {"x", "u", "U"}
_BREAKS = re.compile("[\r\n\x85\u2028\u2029]")


def written(source: Source, node: Node, *, in_flow: bool) -> tuple[Written, str]:
    """The characters of a scalar and its style; the style `other` means that the map to bytes is worth nothing."""
    if node.style == "|":
        found = _literal(source, node)
    elif node.style == ">" or _BREAKS.search(source.text, node.start, node.end):
        found = None
    else:
        found = _single_line(source, node, in_flow=in_flow)
    if found is None or found[0].text != node.value:
        return _unmapped(source, node), "other"
    return found


def _unmapped(source: Source, node: Node) -> Written:
    at, length = source.offsets[node.start], len(node.value)
    return Written(node.value, [at] * length, [at + 1] * length)


def _single_line(source: Source, node: Node, *, in_flow: bool) -> tuple[Written, str]:
    inner = node.start + 1, node.end - 1
    match node.style:
        case "'":
            return source.unescaped(*inner, _SINGLE_ESCAPE, lambda _: "'"), "single"
        case '"':
            return source.unescaped(*inner, _DOUBLE_ESCAPE, _meaning), "double"
        case _:
            return source.verbatim(node.start, node.end), "plain-flow" if in_flow else "plain"


def _meaning(match: re.Match[str]) -> str:
    escape = match[0][1:]
    if escape[0] in _HEX and len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code <= 0x10FFFF else match[0]
    return _NAMED.get(escape, match[0])


def _literal(source: Source, node: Node) -> tuple[Written, str] | None:
    """A `|` block. A line feed stands for its bytes and the indent of the next line, so that the map has no gaps."""
    text, at = source.text, source.text.find("\n", node.start) + 1
    first = re.compile(r"(?:[^\S\n]*+\n)*+( *+)").match(text, at)
    if at == 0 or not first or not node.value.strip("\n"):
        return None
    value_indent = re.match(r"\n*+( *+)", node.value)
    indent = len(first[1]) - (len(value_indent[1]) if value_indent else 0)
    pieces: list[Written] = []
    length = 0
    while length < len(node.value) and at < len(text):
        piece, at = _literal_line(source, at, indent)
        pieces.append(piece)
        length += len(piece.text)
    whole = joined(pieces).part(0, len(node.value))
    crlf = text.startswith("\r\n", text.find("\n", node.start) - 1)
    return whole, f"literal:{indent}" + (":crlf" if crlf else "")


def _literal_line(source: Source, at: int, indent: int) -> tuple[Written, int]:
    text = source.text
    end = text.find("\n", at)
    following = end + 1 if end >= 0 else len(text)
    stop = following if end < 0 else end - 1 if text.startswith("\r", end - 1) and end > at else end
    begin = min(at + indent, stop)
    content = source.verbatim(begin, stop)
    if end < 0:
        return content, following
    after = re.compile(f" {{0,{indent}}}").match(text, following)
    newline = Written("\n", [source.offsets[stop]], [source.offsets[after.end() if after else following]])
    return joined([content, newline]), following


# Read with the resolver alone: what a plain scalar means is a matter of a few patterns, and no object is ever made.
def resolved(text: str) -> str | int | float | bool | None:
    """What a plain scalar means; dates and other things that are neither number, boolean nor null stay text."""
    tag = _implicit_tag(text)
    kind = tag.rpartition(":")[2]
    if kind not in {"int", "float", "bool", "null"}:
        return text
    try:
        construct = getattr(SafeConstructor, f"construct_yaml_{kind}")
        value = construct(SafeConstructor(), yaml.ScalarNode(tag, text))
    except (ValueError, KeyError, IndexError, OverflowError):
        return text
    return cast("int | float | bool | None", value)


def _implicit_tag(text: str) -> str:
    resolvers: dict[str | None, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
    patterns = [*resolvers.get(text[:1], ()), *resolvers.get(None, ())]
    return next((tag for tag, pattern in patterns if pattern.match(text)), "")


_UNPRINTABLE = re.compile("[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile(r"(?:[^\n:#]|:(?=\S)|(?<=\S)#)*+")
_FLOW_ONLY = re.compile(r"[,\[\]{}]")
_WHOLE_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<~](?:(?:[^:#\n]|:(?=\S)|(?<=\S)#)*+)|-(?=\w)[^:#\s]*+")


def encode(style: str, text: str) -> bytes | None:
    """`text` as part of a scalar of this style; None where the style cannot hold it."""
    if style.endswith(IN_BRACES):
        style = style.removesuffix(IN_BRACES)
        if re.search("[{}$]", text):
            return None
    base, *marks = style.split("+")
    if "compose" in marks:
        text = text.replace("$", "$$")
    base, _, detail = base.partition(":")
    if base == "literal":
        return _in_literal(text, detail)
    if base == "double":
        return _in_double(text).encode()
    if base == "other" or _UNPRINTABLE.search(text):
        return None
    if base == "single":
        return text.replace("'", "''").encode()
    fits = _PLAIN.fullmatch(text) and not (base == "plain-flow" and _FLOW_ONLY.search(text))
    return text.encode() if fits and "\t" not in text else None


def _in_literal(text: str, detail: str) -> bytes | None:
    if _UNPRINTABLE.search(text.replace("\n", "")):
        return None
    indent, _, crlf = detail.partition(":")
    return text.replace("\n", ("\r\n" if crlf else "\n") + " " * int(indent)).encode()


def _in_double(text: str) -> str:
    return _UNPRINTABLE.sub(_escaped, text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t"))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    named = {"\n": "\\n", "\r": "\\r", "\0": "\\0"}
    return named.get(match[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def whole(text: str, style: str, *, in_flow: bool, compose: bool) -> str:
    """A whole scalar that says `text`, in `style` (`plain`, `single`, `double`) where that can hold it."""
    if compose:
        text = text.replace("$", "$$")
    fits = not _UNPRINTABLE.search(text) and "\t" not in text
    if style == "single" and fits:
        return "'" + text.replace("'", "''") + "'"
    if style != "double" and fits and plain_holds(text, in_flow=in_flow):
        return text
    return '"' + _in_double(text) + '"'


def plain_holds(text: str, *, in_flow: bool) -> bool:
    """Whether `text` without quotes is read as this very text."""
    if in_flow and _FLOW_ONLY.search(text):
        return False
    return bool(_WHOLE_PLAIN.fullmatch(text)) and text == text.strip() and not _implicit_tag(text)
