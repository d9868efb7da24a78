"""Untrusted text made safe to print: file names, source lines, messages. Everything shown goes through here."""

from __future__ import annotations

import re
from collections.abc import Callable

from neonlint.regex import regex

#: C0 and C1 controls, DEL, line and paragraph separators, bidirectional controls, what has no width (zero-width joins,
#: soft hyphens, annotations, tags, in which text can be hidden), lone surrogates.
_UNSAFE = regex(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_LOG_COMMAND = regex(r"^([^\S\n]*)::", re.MULTILINE)
#: What begins a command wherever it stands in a line: GitHub's runners (`##[error]`), Azure Pipelines, TeamCity.
_ANYWHERE = regex(r"##(?=(?:vso|teamcity)?\[)")
_BREAK = "\u200b"
TAB = "    "


def render(text: str) -> str:
    """`text` on one line, with everything that a terminal would act on or hide written out (`␛`, `<U+202E>`)."""
    return _UNSAFE.sub(lambda found: visible(found[0]), text)


def visible(char: str) -> str:
    """One unsafe character as it is shown."""
    code = ord(char)
    if char == "\t":
        return TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"<U+{code:04X}>"


def guard(in_ci: bool) -> Callable[[str], str]:
    """What whole output goes through last: in CI no line may be taken for a command to the runner."""
    return _break_commands if in_ci else str


def break_commands_within(text: str, instead: str = f"#{_BREAK}#{_BREAK}") -> str:
    """`text` in which `##[`, a command to a runner wherever it stands, is none any more; `instead` writes the `##`."""
    return _ANYWHERE.sub(lambda _: instead, text)


def _break_commands(text: str) -> str:
    return _LOG_COMMAND.sub(rf"\1:{_BREAK}:", break_commands_within(text))
