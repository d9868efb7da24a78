"""The shell commands of a document that connect to a database, wherever they are written."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.ir.model import Command
from neonlint.ir.source import Document


def commands_of(document: Document) -> Iterator[Command]:
    """Every command of a document that connects to a database or runs something that does."""
    yield from ()
