"""Makefiles and justfiles: variables, and the commands of targets. Knows no Postgres.

The root is a table of kind `module` with the variables; a command's scope is its target. What make or just fills in is
a hole. Styles besides those of shell words: `make` (a value), `make"`, `make'`, `just"`, `just'` (in quotes).
"""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from neonlint.formats.lines import decode
from neonlint.formats.shell_strings import encode as encode_word
from neonlint.ir.source import Document, Table
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.edits import Edit, Op
    from neonlint.formats.base import Format

NAME = "makefile"

_FITS = {
    "make": regex(r"[^\s#\"'\\`]*+"),
    'make"': regex(r"[^\"\\`#\r\n]*+"),
    "make'": regex(r"[^'\\#\r\n]*+"),
    'just"': regex(r"[^\"\\\r\n]*+"),
    "just'": regex(r"[^'\r\n]*+"),
}


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` only for bytes that are no UTF-8 text."""
    from neonlint.formats.justfile import Justfile  # noqa: PLC0415 (a Makefile does not need it)
    from neonlint.formats.makefile_reader import Makefile  # noqa: PLC0415

    source = decode(data)
    reader = Justfile(source) if is_justfile(path) else Makefile(source)
    reader.read()
    root = Table("module", tuple(reader.entries), source.span(0, len(source.text)), complete=False)
    return Document(
        path,
        NAME,
        data,
        root,
        literals=tuple(reader.literals),
        comments=tuple(reader.comments),
        commands=tuple(reader.made()),
    )


def is_justfile(path: str) -> bool:
    """Whether just reads this file, and not make."""
    name = posixpath.basename(path).lower()
    return name in {"justfile", ".justfile"} or name.endswith(".just")


def encode(style: str, text: str) -> bytes | None:
    """`text` as part of a value of this style, or None where its quoting cannot hold it. Dollar signs are as the shell
    sees them; `render` doubles them for make."""
    fits = _FITS.get(style)
    if fits is None:
        return encode_word(style, text)
    return text.encode() if fits.fullmatch(text) and text.isprintable() else None


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for text that no quoting holds."""
    from neonlint.formats.makefile_write import layout_of  # noqa: PLC0415 (a run that only reads does not need it)
    from neonlint.formats.shell_write import rendered  # noqa: PLC0415

    layout = layout_of(just=is_justfile(document.path))
    return rendered(cast("Format", sys.modules[__name__]), layout, document, ops)
