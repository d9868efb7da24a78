"""URLs that an unquoted `&` cuts in two: to a shell, what follows it is another command. Knows no Postgres."""

from __future__ import annotations

from neonlint.formats.shell_words import Text
from neonlint.ir.source import Scalar, ShellCommand, Span, has_hole
from neonlint.records import replace
from neonlint.regex import regex

#: An `&` inside a URL's parameters, and how far the text goes that its author meant as one word.
_CUT = regex(r"&(?=[A-Za-z_][\w.-]*+=)[^\s&;|<>()'\"`$\\]++(?:&[A-Za-z_][\w.-]*+=[^\s&;|<>()'\"`$\\]*+)*+")
_URL = regex(r"://[^\s]*\?")


def cut_short(text: Text, command: ShellCommand, at: int) -> Scalar | None:
    """The last word or value of `command` together with what follows the `&` at `at`, if they are one URL."""
    last = command.words[-1] if command.words else None
    if last is None and command.environment.entries:
        last = command.environment.entries[-1].value
    slot = last.slot if isinstance(last, Scalar) else None
    # Looked at first: a long row of `&` is gone through once, not once for each.
    if slot is None or not _URL.search(slot.text):
        return None
    match = _CUT.match(text.text, at)
    if not match:
        return None
    behind = text.written.part(at, match.end())
    bare = slot.style == text.style("bare") and slot.ends[-1] == behind.starts[0]
    if not bare or has_hole(behind.text):
        return None
    whole = replace(
        slot,
        text=slot.text + behind.text,
        starts=[*slot.starts, *behind.starts],
        ends=[*slot.ends, *behind.ends],
        span=Span(slot.span.start, behind.ends[-1]),
        style=text.style("bare&"),
    )
    return Scalar(whole.text, whole.span, whole)
