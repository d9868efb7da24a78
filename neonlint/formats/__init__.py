"""File formats: bytes to slots and back. One module per format and this visible dict; knows no Postgres."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from neonlint.formats.base import Format
from neonlint.formats.claims import format_of as format_of

#: Format name to the module that reads it; a module is imported when its first file is met.
MODULES: dict[str, str] = {
    "dotenv": "neonlint.formats.dotenv",
    "python": "neonlint.formats.python",
    "javascript": "neonlint.formats.javascript",
    "yaml": "neonlint.formats.yaml",
    "toml": "neonlint.formats.toml",
    "json": "neonlint.formats.json",
    "ini": "neonlint.formats.ini",
    "prisma": "neonlint.formats.prisma",
    "shell": "neonlint.formats.shell",
    "dockerfile": "neonlint.formats.dockerfile",
    "makefile": "neonlint.formats.makefile",
    "procfile": "neonlint.formats.procfile",
    "pgpass": "neonlint.formats.pgpass",
    "text": "neonlint.formats.text",
}


def load(name: str) -> Format:
    """The format module called `name`, imported on first use."""
    return cast(Format, import_module(MODULES[name]))
