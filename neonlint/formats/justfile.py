"""Justfiles as just reads them, as far as variables and recipes go. Knows no shell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from neonlint.formats.holes import Part, made
from neonlint.formats.lines import Written, joined
from neonlint.formats.recipes import Filled, Recipes
from neonlint.ir.source import Entry, EnvRef, Span, Unknown, Value
from neonlint.records import dataclass, field
from neonlint.regex import regex

_SETTING = regex(r"set[ \t]++([\w-]++)(?:[ \t]*+:=[ \t]*+(.*+))?")
_ASSIGNMENT = regex(r"(?P<export>export[ \t]++)?(?P<key>[A-Za-z_][\w-]*+)[ \t]*+:=[ \t]*+")
_RECIPE = regex(r"@?([A-Za-z_][\w-]*+)(?:[ \t][^:#]*+)?:(?!=)")
_STRING = regex(r"\"((?:[^\"\\\r\n]|\\.)*+)\"|'([^'\r\n]*+)'")
_ESCAPE = regex(r"\\[nrt\"\\]")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_ENVIRONMENT = regex(r"env(?:_var)?(?:_or_default)?\(\s*+[\"']([A-Za-z_]\w*+)[\"']\s*+(?:,.*)?\)")
_HOLE = regex(r"\{\{(?!\{)")
_SHEBANG = regex(r"#!.*?\b(?:ba|da|k|z)?sh\b")
_VALUE = regex(r"[\"']([^\"']*+)[\"']")


@dataclass(slots=True)
class Justfile(Recipes):
    """One pass over a justfile."""

    body: list[tuple[int, int]] = field(default_factory=list)
    recipe: str = ""

    def read(self) -> None:
        """Read all lines."""
        text = self.source.text
        while self.at < len(text):
            start, end = self.next_line()
            if self.recipe and (text[start : start + 1] in (" ", "\t") or start == end):
                self.body.append((start, end))
                continue
            self.finish()
            self.line(start, end)
        self.finish()

    def line(self, start: int, end: int) -> None:
        """A line that is no recipe's."""
        text = self.source.text
        if text.startswith("#", start):
            self.comment(start, end)
        elif text.startswith("[", start):
            return
        elif match := _SETTING.fullmatch(text, start, end):
            self.setting(match[1], (match[2] or "").strip())
        elif match := _ASSIGNMENT.match(text, start, end):
            self.assignment(match, end)
        elif match := _RECIPE.match(text, start, end):
            self.recipe = match[1]

    def setting(self, name: str, value: str) -> None:
        """`set dotenv-load`, `set export`."""
        if value == "false":
            return
        named = _VALUE.match(value)
        if name in ("dotenv-filename", "dotenv-path") and named:
            self.files = (*(f for f in self.files if f != ".env"), named[1].removeprefix("./"))
        elif name == "dotenv-load" and not self.files:
            self.load(".env")
        elif name == "export":
            self.all_exported = True

    def assignment(self, match: re.Match[str], end: int) -> None:
        """`NAME := value`."""
        start = match.end()
        stop = start + len(self.source.text[start:end].rstrip())
        for simple in (_STRING, _ENVIRONMENT):
            if (written := simple.match(self.source.text, start, stop)) and (
                rest := self.source.text[written.end() : stop].lstrip()
            ).startswith("#"):
                self.comment(stop - len(rest), stop)
                stop = written.end()
        value = self.value(start, stop)
        first = self.source.offsets[match.start()]
        entry = Entry(match["key"], self.source.span(*match.span("key")), value, Span(first, value.span.end))
        self.variable(entry, "", exported=match["export"] is not None)

    def value(self, start: int, end: int) -> Value:
        """A string, a look-up in the environment, or an expression that only just works out."""
        text, span = self.source.text, self.source.span(start, end)
        if string := _STRING.fullmatch(text, start, end):
            if string[2] is not None:
                return made(self.source.verbatim(*string.span(2)), span, "just'")
            written = self.source.unescaped(*string.span(1), _ESCAPE, _meaning)
            return made(written, span, 'just"')
        if look_up := _ENVIRONMENT.fullmatch(text, start, end):
            default = _STRING.search(text, start + look_up[0].find(","), end) if "," in look_up[0] else None
            return EnvRef(look_up[1], span, self.value(*default.span()) if default else None)
        return Unknown("just works this out", span)

    def finish(self) -> None:
        """Give the lines of a recipe to a shell: each to one of its own, or all to the one that a shebang names."""
        body, scope = self.body, self.recipe
        self.body, self.recipe = [], ""
        text = self.source.text
        filled = [(s, e) for s, e in body if text[s:e].strip()]
        if not filled:
            return
        first = text[filled[0][0] : filled[0][1]].strip()
        if first.startswith("#!"):
            if _SHEBANG.match(first):
                self.give(filled[1:], scope)
            return
        lines: list[tuple[int, int]] = []
        for start, end in filled:
            lines.append((start, end))
            if not text[start:end].endswith("\\"):
                self.give(lines, scope)
                lines = []
        self.give(lines, scope)

    def give(self, lines: list[tuple[int, int]], scope: str) -> None:
        """Lines as one shell text."""
        text, filled = self.source.text, Filled()
        for index, (start, end) in enumerate(lines):
            begin = start + len(text[start:end]) - len(text[start:end].lstrip())
            while index == 0 and begin < end and text[begin] in self.PREFIXES:
                begin += 1
            filled.add(self.source.verbatim(begin, end), self.parts)
            byte = self.source.offsets[end]
            filled.pieces.append(Written("\n", [byte], [byte]))
        if lines:
            self.run(joined(filled.pieces), tuple(filled.holes), scope)

    def parts(self, written: Written) -> Iterator[Part]:
        """What just fills in."""
        at = 0
        while (match := _HOLE.search(written.text, at)) is not None:
            found = written.text.find("}}", match.end())
            at = found + 2 if found >= 0 else len(written.text)
            span = written.span(match.start(), at)
            inner = written.text[match.end() : at - 2].strip()
            look_up = _ENVIRONMENT.fullmatch(inner)
            if look_up or inner in self.variables:
                yield Part(match.start(), at, EnvRef(look_up[1] if look_up else inner, span))
            else:
                yield Part(match.start(), at, Unknown("just fills this in", span))


def _meaning(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0][1], match[0][1])
