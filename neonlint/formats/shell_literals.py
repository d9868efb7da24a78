"""The strings among the words of shell commands, each with the name that it is given to. Knows no program."""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.ir.source import EnvRef, Scalar, ShellCommand, Slot, Span, StringLiteral, Value
from neonlint.records import replace
from neonlint.regex import regex

#: `--url=`, `DATABASE_URL=` and `-d` in front of a value in the same word; libpq's own keywords are lower case.
_NAMED = regex(r"(--?[A-Za-z][\w.-]*+|[A-Z_][A-Z0-9_]*+)=")
_ATTACHED = regex(r"(-[A-Za-z])(?=postgres(?:ql)?://)")
_MAX_DEPTH = 16
_FLAG = regex(r"--?[A-Za-z][\w.-]*+")


def word_literals(command: ShellCommand) -> Iterator[StringLiteral]:
    """Every string of a command: under the flag in front of it, under the name in it, else under none."""
    flag: tuple[str, Span] | tuple[None, None] = (None, None)
    for value in command.words:
        slot = value.slot if isinstance(value, Scalar) else None
        named = slot and (_NAMED.match(slot.text) or _ATTACHED.match(slot.text))
        if slot is not None and named:
            key_span = slot.bytes_of(*named.span(1))
            yield StringLiteral(part_of(slot, *_given(slot.text, named.end())), named[1], key_span, command.scope)
        else:
            yield from assigned_literal(flag[0], flag[1], value, command.scope)
        flag = (slot.text, slot.span) if slot is not None and _FLAG.fullmatch(slot.text) else (None, None)


def _given(text: str, start: int) -> tuple[int, int]:
    """Where the value behind a name stands in a word: without quotes of its own, since a word that is no assignment is
    mostly text for a file whose reader takes them away (`echo 'URL="…"' >> .env`)."""
    end = len(text)
    quoted = end - start > 1 and text[start] in "\"'" and text[-1] == text[start]
    return (start + 1, end - 1) if quoted else (start, end)


def assigned_literal(key: str | None, key_span: Span | None, value: Value, scope: str) -> Iterator[StringLiteral]:
    """The string that `value` is; a default that stands in it is given to the variable that it is the default of."""
    depth = 0
    while isinstance(value, EnvRef) and value.default is not None and depth < _MAX_DEPTH:
        key, value, depth = value.name, value.default, depth + 1
    if not isinstance(value, Scalar) or value.slot is None:
        return
    yield StringLiteral(value.slot, key, key_span, scope)
    for held in value.slot.holes:
        if isinstance(held, EnvRef) and isinstance(held.default, Scalar) and held.default.slot is not None:
            yield StringLiteral(held.default.slot, held.name, None, scope)


def part_of(slot: Slot, start: int, end: int) -> Slot:
    """The characters `start` to `end` (exclusive) of a slot as a slot of their own, without the quotes around it."""
    where = slot.bytes_of(start, end)
    if start < end and slot.style.removeprefix("shell:").startswith("bare"):
        where = Span(where.start, slot.span.end if end == len(slot.text) else where.end)
    return replace(
        slot, text=slot.text[start:end], starts=slot.starts[start:end], ends=slot.ends[start:end], span=where
    )
