"""Files of no particular format (Markdown, notebooks, SQL, code that has no reader): literal connection strings.

What such a string looks like is said in `text_search`; here it becomes entries of one table that is never complete.
Styles: `url`, `keywords`, `semicolons`, `password`, with `-shell` where a bare word of a shell script is written and
`-xml` where an ampersand is written `&amp;`.
"""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterator, Sequence
from typing import cast

from neonlint.edits import Edit, Op, ReplaceText
from neonlint.errors import Refused
from neonlint.formats.base import Format, replace_text
from neonlint.formats.holes import IN_BRACES, Part, made, parts_finder
from neonlint.formats.lines import Source, Written, decode
from neonlint.formats.text_comments import comments
from neonlint.formats.text_search import Place, key_before, places
from neonlint.ir.source import Document, Entry, EnvRef, Table
from neonlint.regex import regex

NAME = "text"

_XML = frozenset({".xml", ".html", ".htm", ".xhtml", ".config", ".svg", ".plist"})
_SHELL = frozenset({".sh", ".bash", ".zsh", ".ksh", ".fish", ".mk", "Makefile", "makefile", "justfile", "Justfile"})
_SHELL_CHARACTERS = regex(r"[;&|<>(){}!*~]")
_AMPERSAND = regex("&amp;")

_FIND = parts_finder(regex(r"\$\{\{|\$\{|\$[A-Za-z_][A-Za-z0-9_]*+|\{\{|\{|<%"))
_CODE_REFERENCE = regex(r"\$\{(?:process|import\.meta)\.env\.([A-Za-z_]\w*+)\}")


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` only for bytes that are no UTF-8 text."""
    source = decode(data)
    entries = tuple(_entry(source, place, _dialect(path)) for place in places(source.text))
    # What no pattern recognises may still be there, so the absence of a key means nothing.
    table = Table("mapping", entries, source.span(0, len(source.text)), complete=False)
    return Document(path, NAME, data, table, comments=tuple(comments(source, path)))


def _dialect(path: str) -> str:
    name = posixpath.basename(path)
    suffix = posixpath.splitext(name)[1].lower() or name
    return "-xml" if suffix in _XML else "-shell" if suffix in _SHELL else ""


def _entry(source: Source, place: Place, dialect: str) -> Entry:
    start, end, kind = place
    written = source.verbatim(start, end)
    if dialect == "-xml":
        written = source.unescaped(start, end, _AMPERSAND, lambda _: "&")
    quoted = source.text[max(start - 1, 0) : start] in {'"', "'"}
    if dialect == "-shell" and (quoted or _SHELL_CHARACTERS.search(written.text)):
        dialect = ""
    key, at = key_before(source.text, start) or ("", start)
    value = made(written, source.span(start, end), kind + dialect, _parts)
    return Entry(key, source.span(at, at + len(key)), value, source.span(at, end))


def _parts(written: Written, style: str) -> Iterator[Part]:
    for part in _FIND(written, style):
        code = _CODE_REFERENCE.fullmatch(written.text, part.start, part.end)
        yield Part(part.start, part.end, EnvRef(code[1], part.value.span)) if code else part


_FITS = {
    "url": regex(r"[^\s\"'`<>()\[\]{}|\\$]*+"),
    "keywords": regex(r"[^\t\r\n\"'`<>()\[\]{}|\\$;]*+"),
    "semicolons": regex(r"[^\t\r\n\"'`<>\\$]*+"),
    "password": regex(r"[^\s\"'`<>()\[\]{}|\\$]*+"),
}


def encode(style: str, text: str) -> bytes | None:
    """`text` for a slot of `style`, or None where the string would end or be read as something else."""
    kind, _, dialect = style.removesuffix(IN_BRACES).partition("-")
    if not _FITS[kind].fullmatch(text) or not text.isprintable():
        return None
    if dialect == "shell" and _SHELL_CHARACTERS.search(text):
        return None
    return (text.replace("&", "&amp;") if dialect == "xml" else text).encode()


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:  # noqa: ARG001 (the surface of every format)
    """The edits for `ops`; raises `Refused` for anything but `ReplaceText`."""
    edits = []
    for op in ops:
        if not isinstance(op, ReplaceText):
            raise Refused("only text inside a connection string can be changed in a file of this kind")
        edits.append(replace_text(cast(Format, sys.modules[__name__]), op))
    return edits
