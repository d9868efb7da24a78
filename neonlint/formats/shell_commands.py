"""Shell text that stands inside another file's value: `run` of a workflow, a script of package.json. Knows no file.

Every character of the commands stands where it is written in that file, and a change of a word is a change of the
value that it stands in.
"""

from __future__ import annotations

from neonlint.errors import ParseFailure
from neonlint.formats.lines import Written, joined
from neonlint.formats.shell_reader import read_text
from neonlint.formats.shell_words import Text
from neonlint.ir.source import HOLE, MAX_HOLES, EnvRef, ShellCommand, Slot, Unknown
from neonlint.regex import regex

_HOLE = regex(f"[{chr(HOLE)}-{chr(HOLE + MAX_HOLES - 1)}]")
_SHELL_PART = regex(rb"\$(?!\{\{)[({][^\\\r\n]*\Z")


def commands_in(slot: Slot, data: bytes = b"", scope: str = "") -> tuple[ShellCommand, ...]:
    """The commands of the shell text that `slot` holds; none where it cannot be read.

    `data` are the file's bytes: with them `$(…)` and `${…}`, which the file's format has made holes of, are read as the
    shell does. What is left of them (`${{ … }}`) is a hole in the words too. Their slots have the style
    `shell:QUOTING|STYLE`.
    """
    try:
        return read_text(text_of(slot, data), scope).commands
    except ParseFailure:
        return ()


def text_of(slot: Slot, data: bytes = b"") -> Text:
    """The shell text that a slot holds, with the style of that slot for what is read out of it."""
    written = Written(slot.text, slot.starts, slot.ends)
    return Text(_expanded(written, slot, data), slot.holes, slot.style)


def _expanded(written: Written, slot: Slot, data: bytes) -> Written:
    """The text with the shell's own expansions as they are written instead of as holes."""
    if not slot.holes or not data:
        return written
    pieces, at = [], 0
    for match in _HOLE.finditer(slot.text):
        index = ord(match[0]) - HOLE
        value = slot.holes[index] if index < len(slot.holes) else None
        start, end = slot.starts[match.start()], slot.ends[match.start()]
        raw = data[start:end]
        if isinstance(value, (EnvRef, Unknown)) and raw.isascii() and _SHELL_PART.match(raw):
            inner = Written(raw.decode(), range(start, end), range(start + 1, end + 1))
            pieces += [written.part(at, match.start()), inner]
            at = match.end()
    return joined([*pieces, written.part(at, len(written.text))]) if pieces else written
