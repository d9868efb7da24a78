"""Makefiles as GNU make reads them, as far as variables and recipes go. Knows no shell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from neonlint.formats.holes import Part, made
from neonlint.formats.lines import Written, joined
from neonlint.formats.recipes import Filled, Recipes
from neonlint.ir.source import Entry, EnvRef, Span, Unknown, Value
from neonlint.records import dataclass, field
from neonlint.regex import regex

_ASSIGNMENT = regex(
    r"[ ]*+(?P<words>(?:(?:export|override|private|unexport)[ \t]++)*+)(?P<key>[A-Za-z_][\w.-]*+)[ \t]*+"
    r"(?P<operator>:{0,3}=|\?=|\+=|!=)[ \t]*+"
)
_EXPORT = regex(r"[ ]*+(un)?export(?:[ \t]++([\w \t]*+))?(?=\Z|#)")
_INCLUDE = regex(r"[ ]*+(?:-|s)?include[ \t]++([^#\r\n]*+)")
_RULE = regex(r"(?P<targets>[^\t#=:][^#=:]*+)::?(?!=)(?P<rest>.*+)", re.DOTALL)
_DIRECTIVE = regex(r"[ ]*+(?:ifn?eq|ifn?def|else|endif|undefine|vpath|load)\b")
_DEFINE = regex(r"[ ]*+(?:override[ \t]++)?define\b")
_ENDEF = regex(r"[ ]*+endef\b")
_ENV_FILE = regex(r"(?:[\w./-]*/)?[\w.-]*\.?env(?:\.[\w.-]++)?\Z")
_REFERENCE = regex(r"\$(?:\(|\{|[^\s$])")
_IN_RECIPE = regex(r"\$\$|(?:\r\n|\n|\r)\t")
_BRACKETS = {"(": regex(r"[()]"), "{": regex(r"[{}]")}
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*+")
_QUOTED = regex(r"([\"'])([^\"'\\]*+)\1")
_CONTINUED = regex(r"\\(?:\r\n|\n|\r)[ \t]*+")


@dataclass(slots=True)
class Makefile(Recipes):
    """One pass over a Makefile."""

    targets: str = ""
    one_shell: bool = False
    recipe: list[tuple[int, int]] = field(default_factory=list)

    def read(self) -> None:
        """Read all lines."""
        text = self.source.text
        while self.at < len(text):
            start, end = self.logical()
            if text.startswith("\t", start) and self.targets:
                self.recipe.append((start + 1, end))
                if not self.one_shell:
                    self.finish()
                continue
            if not text[start:end].strip():
                continue
            self.finish()
            self.line(start, end)
        self.finish()

    def logical(self) -> tuple[int, int]:
        """The next line with those that continue it."""
        start, end = self.next_line()
        while self.at < len(self.source.text) and _continues(self.source.text, start, end):
            _, end = self.next_line()
        return start, end

    def finish(self) -> None:
        """Give the lines of a recipe to a shell: each to one of its own, or all to one."""
        if not self.recipe:
            return
        filled = Filled()
        for start, end in self.recipe:
            line = self.source.text[start:end]
            begin = end - len(line.lstrip(self.PREFIXES))
            filled.add(self.source.unescaped(begin, end, _IN_RECIPE, _shell_text), parts)
            byte = self.source.offsets[end]
            filled.pieces.append(Written("\n", [byte], [byte]))
        self.recipe = []
        self.run(joined(filled.pieces), tuple(filled.holes), self.targets)

    def line(self, start: int, end: int) -> None:
        """A line that is no recipe."""
        text = self.source.text
        stripped = start + len(text[start:end]) - len(text[start:end].lstrip())
        if text.startswith("#", stripped):
            self.comment(stripped, end)
        elif _DEFINE.match(text, start, end):
            self.skip_definition()
        elif match := _ASSIGNMENT.match(text, start, end):
            self.assignment(match, end, "")
            self.targets = ""
        elif match := _EXPORT.match(text, start, end):
            self.export(match)
        elif match := _INCLUDE.match(text, start, end):
            for name in match[1].split():
                if _ENV_FILE.fullmatch(name):
                    self.load(name)
        elif not _DIRECTIVE.match(text, start, end) and (match := _RULE.match(text, start, end)):
            self.rule(match, end)

    def skip_definition(self) -> None:
        """Leave out `define`, which may hold anything."""
        while self.at < len(self.source.text):
            start, end = self.next_line()
            if _ENDEF.match(self.source.text, start, end):
                break

    def export(self, match: re.Match[str]) -> None:
        """`export` for all variables, `export NAME` for some."""
        if match[1]:
            return
        names = (match[2] or "").split()
        self.all_exported = self.all_exported or not names
        for name in names:
            if name in self.variables:
                self.exported[name] = self.variables[name]

    def rule(self, match: re.Match[str], end: int) -> None:
        """`targets: prerequisites`, with a variable of these targets, or with a recipe behind a semicolon."""
        names = match["targets"].split()
        self.targets = " ".join(names)
        if names and names[0] == ".ONESHELL":
            self.one_shell = True
        text, rest = self.source.text, match.start("rest")
        skipped = rest + len(text[rest:end]) - len(text[rest:end].lstrip(" \t"))
        if variable := _ASSIGNMENT.match(text, skipped, end):
            self.assignment(variable, end, self.targets)
            return
        comment = text.find("#", rest, end)
        behind = text.find(";", rest, comment if comment >= 0 else end)
        if behind >= 0:
            self.recipe.append((behind + 1, end))
            if not self.one_shell:
                self.finish()
        elif comment >= 0:
            self.comment(comment, end)

    def assignment(self, match: re.Match[str], end: int, scope: str) -> None:
        """`NAME = value` of the file, or of the targets that `scope` names."""
        start = match.end()
        comment = regex(r"(?<!\\)#").search(self.source.text, start, end)
        if comment:
            self.comment(comment.start(), end)
            end = comment.start()
        stop = start + len(self.source.text[start:end].rstrip())
        key_span = self.source.span(*match.span("key"))
        value = self.value(start, stop)
        if match["operator"] in ("+=", "!="):
            value = Unknown("added to what is there" if match["operator"] == "+=" else "a command's output", value.span)
        elif match["operator"] == "?=":
            value = EnvRef(match["key"], value.span, value)
        first = self.source.offsets[match.start("words")]
        entry = Entry(match["key"], key_span, value, Span(first, max(value.span.end, key_span.end)))
        self.variable(entry, scope, exported="export" in match["words"].split())

    def value(self, start: int, end: int) -> Value:
        """A variable's value, without the quotes around it that a shell would take away."""
        text = self.source.text
        span = self.source.span(start, end)
        if _CONTINUED.search(text, start, end):
            written = self.source.unescaped(start, end, _CONTINUED, lambda _: " ")
            return made(written, span, "make", parts, writable=False)
        quoted = _QUOTED.fullmatch(text, start, end)
        if quoted:
            return made(self.undoubled(*quoted.span(2)), span, f"make{quoted[1]}", parts)
        return made(self.undoubled(start, end), span, "make", parts)

    def undoubled(self, start: int, end: int) -> Written:
        """A value's characters, with a dollar sign for two."""
        return self.source.unescaped(start, end, regex(r"\$\$|\\#"), lambda match: match[0][1])


def _shell_text(match: re.Match[str]) -> str:
    return "$" if match[0] == "$$" else "\n"


def parts(written: Written, _style: str = "") -> Iterator[Part]:
    """What make expands in a text whose doubled dollar signs are single already."""
    text, at = written.text, 0
    while (match := _REFERENCE.search(text, at)) is not None:
        start, at = match.span()
        # A doubled dollar sign was written in two bytes.
        if written.ends[start] - written.starts[start] > 1:
            at = start + 1
            continue
        name = match[0][1]
        if match[0][1] in _BRACKETS:
            at = _behind(text, match)
            name = text[match.end() : at - 1].strip()
        span = written.span(start, at)
        known = _NAME.fullmatch(name)
        yield Part(start, at, EnvRef(name, span) if known else Unknown("make fills this in", span))


def _behind(text: str, opening: re.Match[str]) -> int:
    """Behind the bracket that closes a reference; the end of the text where there is none."""
    depth = 1
    for found in _BRACKETS[opening[0][1]].finditer(text, opening.end()):
        depth += 1 if found[0] in "({" else -1
        if depth == 0:
            return found.end()
    return len(text)


def _continues(text: str, start: int, end: int) -> bool:
    slashes = len(text[start:end]) - len(text[start:end].rstrip("\\"))
    return slashes % 2 == 1
