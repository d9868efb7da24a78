"""Procfiles: one process type and its command a line. Knows no Postgres. Styles are those of shell words."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from neonlint.errors import ParseFailure
from neonlint.formats.lines import decode
from neonlint.formats.shell_reader import read_text
from neonlint.formats.shell_strings import encode as encode  # noqa: PLC0414 (part of this module's surface)
from neonlint.formats.shell_words import Text
from neonlint.ir.source import Comment, Document, ShellCommand, StringLiteral, Table
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.edits import Edit, Op
    from neonlint.formats.base import Format

NAME = "procfile"

_LINE = regex(r"[^\r\n]*+(?:\r\n|\n|\r|\Z)")
_PROCESS = regex(r"[ \t]*+([\w-]++)[ \t]*+:[ \t]*+(?=\S)")
_COMMENT = regex(r"[ \t]*+(#[^\r\n]*+)")


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` only for bytes that are no UTF-8 text."""
    source = decode(data)
    commands: list[ShellCommand] = []
    literals: list[StringLiteral] = []
    comments: list[Comment] = []
    for line in _LINE.finditer(source.text):
        start, end = line.start(), line.start() + len(line[0].rstrip("\r\n"))
        if comment := _COMMENT.match(source.text, start, end):
            at = comment.start(1)
            text = source.text[at + 1 : end].strip()
            comments.append(Comment(text, source.row(at), source.span(at, end), own_line=True))
        elif process := _PROCESS.match(source.text, start, end):
            try:
                found = read_text(Text(source.verbatim(process.end(), end)), process[1])
            except ParseFailure:
                continue
            commands += found.commands
            literals += found.literals
            comments += source.placed(found.comments)
    root = Table("mapping", (), source.span(0, len(source.text)), complete=False)
    return Document(
        path,
        NAME,
        data,
        root,
        literals=tuple(literals),
        comments=tuple(comments),
        commands=tuple(commands),
    )


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for text that no quoting of a shell holds."""
    from neonlint.formats.shell_write import Layout, rendered  # noqa: PLC0415 (a run that only reads does not need it)

    return rendered(cast("Format", sys.modules[__name__]), Layout(), document, ops)
