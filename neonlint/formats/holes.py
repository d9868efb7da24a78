"""Parts of a value that are not literal: `${NAME}`, `$NAME`, `{{ … }}`, `<% … %>`. Knows how they are written, no file.

A value that is nothing but one such part becomes that part itself (an `EnvRef` or an `Unknown`), not a `Scalar`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from neonlint.formats.lines import Written, joined
from neonlint.ir.source import HOLE, MAX_HOLES, EnvRef, Ref, Scalar, Slot, Span, Unknown, Value, hole
from neonlint.records import replace
from neonlint.regex import regex

#: The suffix of the style of a default inside `${NAME:-default}`, which must not hold a closing brace.
IN_BRACES = "-default"
_MAX_DEPTH = 8

#: Characters that `Slot.text` cannot hold as themselves: those that stand for holes, and halves of a surrogate pair.
_UNHOLDABLE = regex(f"[{chr(HOLE)}-{chr(HOLE + MAX_HOLES - 1)}\ud800-\udfff]")
_OPERATOR = regex(r"([A-Za-z_][A-Za-z0-9_]*+)(?::?([-=?+])|$)")
_BRACES = regex(r"\$\{|\}")
_PARENS = regex(r"[()]")
_TAGS = {"${{": "}}", "{{": "}}", "<%": "%>", "{": "}"}


class Part(NamedTuple):
    """Characters `start` to `end` (exclusive) of a decoded text stand for `value`."""

    start: int
    end: int
    value: EnvRef | Unknown | Ref


Finder = Callable[[Written, str], Iterator[Part]]


def made(written: Written, span: Span, style: str, find: Finder | None = None, *, writable: bool = True) -> Value:
    """The value written at `span`: a `Scalar` with its slot, or the one non-literal part that is all of it."""
    found = find(written, style) if find and written.text else iter(())
    if _UNHOLDABLE.search(written.text):
        found = _with_unholdable(written, found)
    parts = list(islice(found, MAX_HOLES + 1))
    if len(parts) > MAX_HOLES:
        return Unknown("the value has too many parts that are not literal", span)
    if len(parts) == 1 and parts[0].start == 0 and parts[0].end == len(written.text):
        return replace(parts[0].value, span=span)
    punched = _punched(written, parts)
    holes = tuple(part.value for part in parts)
    slot = Slot(punched.text, punched.starts, punched.ends, span, style, holes, writable)
    return Scalar(punched.text, span, slot)


def _with_unholdable(written: Written, parts: Iterator[Part]) -> Iterator[Part]:
    at = 0
    for part in parts:
        yield from _unholdable(written, at, part.start)
        yield part
        at = part.end
    yield from _unholdable(written, at, len(written.text))


def _unholdable(written: Written, start: int, end: int) -> Iterator[Part]:
    for match in _UNHOLDABLE.finditer(written.text, start, end):
        where = written.span(match.start(), match.end())
        yield Part(match.start(), match.end(), Unknown("a character that cannot be shown", where))


def _punched(written: Written, parts: list[Part]) -> Written:
    if not parts:
        return written
    pieces, at = [], 0
    for index, part in enumerate(parts):
        where = written.span(part.start, part.end)
        pieces += [written.part(at, part.start), Written(hole(index), [where.start], [where.end])]
        at = part.end
    return joined([*pieces, written.part(at, len(written.text))])


def parts_finder(openings: re.Pattern[str], *, depth: int = 0) -> Finder:
    """A finder of what a shell or template would expand; `openings` matches what begins it (`${`, `$NAME`, `{{` …)."""

    def find(written: Written, style: str) -> Iterator[Part]:
        at = 0
        while match := openings.search(written.text, at):
            at = match.end()
            # An escaped dollar sign was written in two bytes.
            if written.ends[match.start()] - written.starts[match.start()] == 1:
                part = _expanded(written, style, match, depth)
                yield part
                at = part.end

    return find


def _expanded(written: Written, style: str, match: re.Match[str], depth: int) -> Part:
    start, opened = match.start(), match[0]
    if opened == "${":
        return _braced(written, style, match, depth)
    if opened in _TAGS:
        end = _behind(written.text, _TAGS[opened], match.end())
        return Part(start, end, _template(written.text[start:end], written.span(start, end)))
    where = written.span(start, match.end())
    if len(opened) > 1 and opened.startswith("$") and opened[1:].isidentifier():
        return Part(start, match.end(), EnvRef(opened[1:], where))
    if opened == "$(":
        end = _closing(written.text, match.end(), _PARENS)
        return Part(start, end, Unknown("a command's output", written.span(start, end)))
    return Part(start, match.end(), Unknown("a part that a program fills in", where))


def _behind(text: str, closing: str, at: int) -> int:
    found = text.find(closing, at)
    return found + len(closing) if found >= 0 else len(text)


def _closing(text: str, at: int, brackets: re.Pattern[str]) -> int:
    """Behind the bracket that closes the one in front of `at`; the end of the text where there is none."""
    depth = 1
    for match in brackets.finditer(text, at):
        depth += -1 if match[0] in "})" else 1
        if depth == 0:
            return match.end()
    return len(text)


def _braced(written: Written, style: str, opening: re.Match[str], depth: int) -> Part:
    start, end = opening.start(), _closing(written.text, opening.end(), _BRACES)
    span = written.span(start, end)
    match = _OPERATOR.match(written.text, start + 2, end - 1)
    if not written.text.endswith("}", start + 2, end) or not match or depth > _MAX_DEPTH:
        return Part(start, end, Unknown("a substitution that cannot be read", span))
    if match[2] == "+":
        return Part(start, end, Unknown("a value that depends on whether a variable is set", span))
    default = None
    if match[2] in {"-", "="}:
        inner = written.part(match.end(), end - 1)
        inside = Span(written.ends[match.end() - 1], written.starts[end - 1])
        finder = parts_finder(opening.re, depth=depth + 1)
        default = made(inner, inside, style.removesuffix(IN_BRACES) + IN_BRACES, finder)
    return Part(start, end, EnvRef(match[1], span, default))


_GITHUB = regex(r"\$\{\{\s*+(?:secrets|env|vars)\.([A-Za-z_]\w*+)\s*+\}\}")


def _template(text: str, span: Span) -> EnvRef | Unknown:
    match = _GITHUB.fullmatch(text)
    return EnvRef(match[1], span) if match else Unknown("a template fills this in", span)


#: For files that no program expands by itself but templating tools do: `${NAME}` and template tags, never `$NAME`.
template_parts = parts_finder(regex(r"\$\{\{|\$\{|\{\{|<%"))
