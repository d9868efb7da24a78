"""Strings that an expression puts together (`+`, `%`, `.format`), as one run of characters with holes. Knows no
syntax tree.

The holes of `%` and `.format` lie inside a literal, so text can be written on both sides of them. The hole of a `+`
stands for everything from the body of one literal to the body of the next, which makes text beside it land inside a
literal too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from neonlint.formats.python_strings import Part
from neonlint.ir.source import Value
from neonlint.records import dataclass

_DIRECTIVE = re.compile(r"%(?:\(([^)]{0,200})\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?([diouxXeEfFgGcrsa%])")
_FIELD = re.compile(r"\{([^{}!:.\[]*)(?:[!:.\[][^{}]*(?:\{[^{}]*\}[^{}]*)*)?\}")
#: Stands in the text to be searched for characters that are holes already; no directive can hold it.
_OPAQUE = "\n"


@dataclass(frozen=True, slots=True)
class Other:
    """An operand of `+` that is no literal: its value and the bytes that it is written in."""

    value: Value
    start: int
    end: int


def concatenate(operands: Sequence[Part | Other]) -> Part:
    """The operands of `a + b + …` as one string; the style ends in `<` where it begins with a hole and `>` where it
    ends with one.
    """
    chars: list[str | None] = []
    starts: list[int] = []
    ends: list[int] = []
    holes: list[Value] = []
    styles: list[str] = []
    sound = True
    for index, operand in enumerate(operands):
        before, after = index and operands[index - 1], operands[index + 1 : index + 2]
        if isinstance(operand, Part):
            chars += operand.chars
            starts += operand.starts
            ends += operand.ends
            holes += operand.holes
            styles += operand.style.split()
            sound = sound and operand.sound and not set("<>") & set(operand.style)
            continue
        chars.append(None)
        starts.append(before.ends[-1] if isinstance(before, Part) and before.ends else operand.start)
        following = after[0] if after else None
        ends.append(following.starts[0] if isinstance(following, Part) and following.starts else operand.end)
        holes.append(operand.value)
        sound = sound and not isinstance(before, Other)
    edges = "<" * isinstance(operands[0], Other) + ">" * isinstance(operands[-1], Other)
    flagged = [style + edges for style in dict.fromkeys(styles)]
    return Part(chars, starts, ends, tuple(holes), " ".join(flagged), sound and _all_have_text(operands))


def _all_have_text(operands: Sequence[Part | Other]) -> bool:
    return all(isinstance(operand, Other) or operand.chars for operand in operands)


def percent(part: Part, positional: Sequence[Value] | None, named: Mapping[str, Value], unknown: Value) -> Part:
    """`part % …`, with `%%` decoded; what is not among the values becomes a hole with `unknown`."""
    given = iter(positional or ())

    def value(match: re.Match[str]) -> Value | None:
        if match[2] == "%":
            return None
        return named.get(match[1], unknown) if match[1] is not None else next(given, unknown)

    return _substitute(part, _DIRECTIVE, value, "%", "%")


def braces(part: Part, positional: Sequence[Value], named: Mapping[str, Value], unknown: Value) -> Part:
    """`part.format(…)`, with `{{` and `}}` decoded; what is not among the arguments becomes a hole with `unknown`."""
    count = 0

    def value(match: re.Match[str]) -> Value | None:
        nonlocal count
        name = match[1].strip()
        if not name:
            name, count = str(count), count + 1
        plain = match[0] == "{" + match[1] + "}"
        if name.isdigit() and len(name) < 4:
            found = positional[int(name)] if int(name) < len(positional) else unknown
        else:
            found = named.get(name, unknown)
        return found if plain else unknown

    return _substitute(part, _FIELD, value, "{}", "{")


def _substitute(
    part: Part, pattern: re.Pattern[str], value: Callable[[re.Match[str]], Value | None], doubled: str, flag: str
) -> Part:
    """Replace each match of `pattern` by a hole with its value, and each doubled character by one."""
    text = "".join(_OPAQUE if char is None else char for char in part.chars)
    old = iter(part.holes)
    chars: list[str | None] = []
    spans: list[tuple[int, int]] = []
    holes: list[Value] = []
    at, sound = 0, part.sound
    while at < len(text):
        end, char = at + 1, part.chars[at]
        if char is None:
            holes.append(next(old))
        elif char in doubled and text.startswith(char * 2, at):
            end = at + 2
        elif char in doubled:
            match = pattern.match(text, at)
            found = value(match) if match else None
            sound = sound and found is not None
            if match and found is not None:
                end, char = match.end(), None
                holes.append(found)
        chars.append(char)
        spans.append((part.starts[at], part.ends[end - 1]))
        at = end
    starts, ends = [span[0] for span in spans], [span[1] for span in spans]
    style = " ".join(one + flag for one in part.style.split())
    return Part(chars, starts, ends, tuple(holes), style, sound)
