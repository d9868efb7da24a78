"""Dialects: the text of a connection and its components, both ways, in decoded coordinates. Knows no file and no
rule."""

from __future__ import annotations

from neonlint.dialects import keywords, url
from neonlint.dialects.base import Dialect
from neonlint.ir.view import View

#: Dialect name to module, in the order in which they are tried. `fields` is not here: it reads tables, not text.
DIALECTS: dict[str, Dialect] = {"url": url, "keywords": keywords}


def recognise(text: str) -> tuple[str, View] | None:
    """The first dialect that `text` is written in, with its components; None for text that is no connection string."""
    for name, dialect in DIALECTS.items():
        if (view := dialect.view(text)) is not None:
            return name, view
    return None
