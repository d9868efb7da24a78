"""The kinds of text that a rule file is made of: lines, prose, codes, names, addresses, files. Knows no table.

They check themselves when pydantic reads them; what is wrong is said with its remedy.
"""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field

CODE = re.compile(r"[A-Z]{2,8}[0-9]{3}")
KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_URL = re.compile(r"https://[A-Za-z0-9.-]+(/[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?")
#: A message is repeated with every finding.
_LONGEST_LINE = 1_000
_LONGEST_PATH = 200
_BIDI = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def _clean(text: str, allowed: str = "") -> str:
    if not text.strip():
        raise ValueError("empty; write something or leave the key out")
    if bad := next((c for c in text if c in _BIDI or (not c.isprintable() and c not in allowed)), None):
        raise ValueError(f"holds U+{ord(bad):04X}, which does not print; take it out")
    return text


def _line(text: str) -> str:
    if text != text.strip():
        raise ValueError("blanks at the begin or end; take them out")
    if len(text) > _LONGEST_LINE:
        raise ValueError(f"longer than {_LONGEST_LINE:,} characters; shorten it")
    return _clean(text)


def _prose(text: str) -> str:
    return _clean(text, "\n").strip()


def _sample(text: str) -> str:
    """An example's text is shown escaped, so only what could never be in a text file is refused."""
    if "\0" in text:
        raise ValueError("holds U+0000; take it out")
    return text


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError('not an https address; write "https://…"')
    return text


def _kebab(text: str) -> str:
    if not KEBAB.fullmatch(text):
        raise ValueError('not in kebab case; write it like "direct-host"')
    return text


def _code(text: str) -> str:
    if not CODE.fullmatch(text):
        raise ValueError('not a code; write it like "NL302"')
    return text


def _dotted(text: str) -> str:
    if not DOTTED.fullmatch(text):
        raise ValueError('not a dotted name; write it like "params.sslmode"')
    return text


def _path(text: str) -> str:
    parts = text.split("/")
    if not text.isprintable() or "\\" in text or ":" in text or {"", ".", ".."} & set(parts):
        raise ValueError("not a plain relative path; write it with forward slashes and without ..")
    if len(text.encode()) > _LONGEST_PATH:
        raise ValueError(f"longer than {_LONGEST_PATH} bytes; shorten it")
    return text


def _tree(files: dict[str, str]) -> dict[str, str]:
    if clash := next((path for path in sorted(files) for other in files if other.startswith(f"{path}/")), None):
        raise ValueError(f'"{clash}" is a file and a folder; rename one')
    return files


Line = Annotated[str, AfterValidator(_line)]
Prose = Annotated[str, AfterValidator(_prose)]
Url = Annotated[str, AfterValidator(_url), Field(json_schema_extra={"pattern": "^https://"})]
Code = Annotated[str, AfterValidator(_code), Field(json_schema_extra={"pattern": f"^{CODE.pattern}$"})]
Kebab = Annotated[str, AfterValidator(_kebab), Field(json_schema_extra={"pattern": f"^{KEBAB.pattern}$"})]
Dotted = Annotated[str, AfterValidator(_dotted), Field(json_schema_extra={"pattern": f"^{DOTTED.pattern}$"})]
Files: TypeAlias = Annotated[
    dict[Annotated[str, AfterValidator(_path)], Annotated[str, AfterValidator(_sample)]],
    Field(min_length=1),
    AfterValidator(_tree),
]
