"""Shell scripts (sh, bash, zsh, ksh): commands, assignments, words. Knows no Postgres."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from neonlint.formats.lines import decode
from neonlint.formats.shell_reader import read_text
from neonlint.formats.shell_strings import encode as encode  # noqa: PLC0414 (part of this module's surface)
from neonlint.formats.shell_words import Text
from neonlint.ir.source import Document, Table

if TYPE_CHECKING:
    from neonlint.edits import Edit, Op
    from neonlint.formats.base import Format

NAME = "shell"


def read(path: str, data: bytes) -> Document:
    """Read one script; raises `ParseFailure` for bytes that are no UTF-8 text and for text that stops the parser."""
    source = decode(data)
    found = read_text(Text(source.verbatim(0, len(source.text))))
    # What a script reads in or another one sets cannot be seen.
    root = Table("module", found.entries, source.span(0, len(source.text)), complete=False)
    return Document(path, NAME, data, root, literals=found.literals, comments=found.comments, commands=found.commands)


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for text that no quoting of a shell holds."""
    from neonlint.formats.shell_write import Layout, rendered  # noqa: PLC0415 (a run that only reads does not need it)

    return rendered(cast("Format", sys.modules[__name__]), Layout(), document, ops)
