"""Connection strings anywhere in a shell file, as they are found in files without a format. Knows no command."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.formats.holes import made, parts_finder
from neonlint.formats.lines import decode
from neonlint.formats.text_search import key_before, places
from neonlint.ir.source import Scalar, Slot, Span
from neonlint.regex import regex

#: The style of what is found, in which only plain characters are written.
COMMENT = "comment"
_FIND = parts_finder(regex(r"\$\{\{|\$\{|\$[A-Za-z_][A-Za-z0-9_]*+|\{\{|\{|<%"))


def strings_in(data: bytes) -> Iterator[tuple[str, Span, Slot]]:
    """Every connection string, with the name that it is given to ("" for none) and where that stands."""
    source = decode(data)
    for start, end, kind in places(source.text):
        if kind == "password":
            continue
        value = made(source.verbatim(start, end), source.span(start, end), COMMENT, _FIND)
        name, at = key_before(source.text, start) or ("", start)
        if isinstance(value, Scalar) and value.slot is not None:
            yield name, source.span(at, at + max(len(name), 1)), value.slot
