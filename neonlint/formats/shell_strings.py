"""How shells quote: text as part of a word of a given quoting, and a word that needs other quotes. Knows no file.

A change here is a range of bytes and the text to write there, in the shell's own characters; the file around may have
to escape them once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from neonlint.edits import ReplaceText
from neonlint.errors import Refused
from neonlint.formats.confirm import changed_text
from neonlint.formats.holes import IN_BRACES
from neonlint.ir.source import Slot, has_hole
from neonlint.regex import regex

#: What the style of a slot inside another file's slot begins with.
EMBEDDED = "shell:"

#: Characters without a meaning to any shell; `?` matches no file in words that hold a URL.
_PLAIN = r"\w.,:/@%+=\-?"
_FITS = {
    "bare": regex(rf"[{_PLAIN}]*+"),
    "'": regex(r"[^'\r\n]*+"),
    '"': regex(r'[^"\\$`!\r\n]*+'),
    "$'": regex(r"[^'\\\r\n]*+"),
    "mixed": regex(rf"[{_PLAIN}]*+"),
    "heredoc": regex(r"[^\\$`\r\n]*+"),
    "heredoc-raw": regex(r"[^\r\n]*+"),
    "bare-default": regex(rf"[{_PLAIN}&]*+"),
    '"-default': regex(r"[^'\"\\$`!}\r\n]*+"),
    "mixed-default": regex(rf"[{_PLAIN}]*+"),
    "comment": regex(rf"[{_PLAIN}&]*+"),
}


class Change(NamedTuple):
    """Write `text` in place of the bytes `start` to `end` (exclusive)."""

    start: int
    end: int
    text: str


def encode(style: str, text: str) -> bytes | None:
    """`text` as part of a word of this style, or None where its quoting cannot hold it."""
    fits = _FITS.get(style.removesuffix("&"))
    return text.encode() if fits and fits.fullmatch(text) and text.isprintable() else None


def quoting_of(style: str) -> str:
    """The shell's part of a slot's style."""
    return style.removeprefix(EMBEDDED).partition("|")[0] if style.startswith(EMBEDDED) else style


def quoted(text: str) -> str:
    """A whole word that says `text`; raises `Refused` where that takes more than one pair of quotes."""
    for quote in ("'", '"'):
        if encode(quote, text) is not None:
            return quote + text + quote
    raise Refused("no quoting of a shell can hold this text")


def changes(slot: Slot, ops: Sequence[ReplaceText]) -> list[Change]:
    """The changes that make `ops` true of one slot; a bare word gets quotes where it needs them. Raises `Refused`."""
    quoting = quoting_of(slot.style)
    checked(slot, ops)
    if not quoting.endswith("&") and all(encode(quoting, op.new) is not None for op in ops):
        return [Change(*slot.bytes_of(op.start, op.end), op.new) for op in ops]
    if quoting.endswith(IN_BRACES) or not _is_whole(slot, quoting):
        raise Refused("the quoting of this value cannot hold the corrected text")
    if not slot.holes:
        return [Change(slot.span.start, slot.span.end, quoted(changed_text(slot, ops)))]
    if quoting.startswith("bare"):
        return _in_quotes(slot, sorted(ops, key=lambda op: (op.start, op.end)))
    raise Refused("the quoting of this value cannot hold the corrected text")


def checked(slot: Slot, ops: Sequence[ReplaceText]) -> None:
    """Raises `Refused` where text inside a slot cannot be changed in its place."""
    if not slot.writable:
        raise Refused("the value is written in a way that cannot be edited in place")
    for op in ops:
        if has_hole(op.new) or has_hole(slot.text[op.start : op.end]):
            raise Refused("part of the value comes from elsewhere")
        pieces = slot.starts[op.start : op.end], slot.ends[op.start : op.end]
        if any(end != start for end, start in zip(pieces[1], pieces[0][1:], strict=False)):
            raise Refused("the value is split over several pieces")


def _is_whole(slot: Slot, quoting: str) -> bool:
    """Whether the slot's span is a word (or the part behind `=`) that may be written anew with other quotes."""
    if quoting in {"bare", "bare&"}:
        return True
    return quoting in {"'", '"'} and (not slot.starts or slot.span.start < slot.starts[0])


def _in_quotes(slot: Slot, ops: Sequence[ReplaceText]) -> list[Change]:
    """A bare word with expansions in it, put in double quotes as it stands."""
    escaped = any(
        end - start != len(char.encode())
        for char, start, end in zip(slot.text, slot.starts, slot.ends, strict=True)
        if not has_hole(char)
    )
    literal = "".join(char for char in slot.text if not has_hole(char))
    if escaped or encode('"', literal) is None or any(encode('"', op.new) is None for op in ops) or literal[:1] == "~":
        raise Refused("the quoting of this value cannot hold the corrected text")
    found = [Change(*slot.bytes_of(op.start, op.end), op.new) for op in ops]
    if found and found[0].start == slot.span.start:
        found[0] = found[0]._replace(text='"' + found[0].text)
    else:
        found.insert(0, Change(slot.span.start, slot.span.start, '"'))
    if found[-1].end == slot.span.end and len(found) > 1:
        found[-1] = found[-1]._replace(text=found[-1].text + '"')
    else:
        found.append(Change(slot.span.end, slot.span.end, '"'))
    return found
