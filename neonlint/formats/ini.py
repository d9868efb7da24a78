"""INI files as configparser, libpq's service file and ODBC read them. Knows no Postgres.

Each section is a table; keys in front of the first section stand in the root. Values over several lines are not
writable. `%(name)s` is a hole that holds `Ref(name)`. Styles: `raw`; `percent` where configparser interpolates and `%`
is written `%%`; `broken-percent` for a value there with a lone `%`, which configparser refuses to read: its text keeps
the `%`, and writing any part of it doubles what is written; `quoted"` and `quoted'` for values in quotes elsewhere.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from neonlint.edits import Edit, Op
from neonlint.errors import ParseFailure
from neonlint.formats.holes import Part, made, parts_finder
from neonlint.formats.lines import Source, Written, decode, joined
from neonlint.ir.source import Comment, Document, Entry, Ref, Span, Table, Value
from neonlint.records import dataclass, field
from neonlint.regex import regex

NAME = "ini"

_INTERPOLATED = regex(r"alembic[^/]*\.ini|setup\.cfg")
_SERVICE = regex(r"\.?pg_service\.conf")
_LINE = regex(r"([^\S\r\n]*+)([^\r\n]*+)(?:\r\n?|\n|\Z)")
_SECTION = regex(r"\[(?P<name>[^\]]++)\][^\S\r\n]*+(?:[#;].*)?")
_DELIMITER = regex(r"[=:]\s*+")
_SERVICE_DELIMITER = regex("=")

_PERCENT = regex("%%")
_LONE_PERCENT = regex(r"%(?!%|\([^)]*\)s)")
_NAMED = regex(r"%\(([^()\s]+)\)s")
_TEMPLATES = parts_finder(regex(r"\$\{\{|\$\{|\{\{|<%"))


@dataclass(slots=True)
class _Section:
    """A section while its lines are read; `complete` is False once a line in it was not understood."""

    name: str
    start: int
    end: int
    key: tuple[int, int] = (0, 0)
    complete: bool = True
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class _Option:
    """`key = value` with the lines that continue it, in characters."""

    key: tuple[int, int]
    values: list[tuple[int, int]]
    indent: int


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` for an .ini or .cfg file that is none.

    Files called .conf come in many syntaxes: one without a section, or with more than a few lines that are no INI,
    gives an empty document; a few such lines only make their section incomplete.
    """
    source = decode(data)
    name = posixpath.basename(path)
    reader = _Reader(source, strict=not name.endswith(".conf"), service=bool(_SERVICE.fullmatch(name)))
    reader.run()
    if name.endswith(".conf") and not reader.plausible():
        return Document(path, NAME, data)
    interpolated = interpolates(path, [section.name for section in reader.sections])
    root = reader.table(_Values(source, interpolated, reader.service))
    return Document(path, NAME, data, root, comments=tuple(reader.comments))


def interpolates(path: str, sections: Sequence[str]) -> bool:
    """Whether configparser interpolates in this file: Alembic's configuration under any name, and setup.cfg."""
    name = posixpath.basename(path)
    return bool(_INTERPOLATED.fullmatch(name)) or ("alembic" in sections and not _SERVICE.fullmatch(name))


class _Reader:
    """Sorts the lines of a file into sections, options, continuations and comments."""

    def __init__(self, source: Source, *, strict: bool, service: bool) -> None:
        self.source = source
        self.strict = strict
        self.service = service
        self.sections = [_Section("", 0, len(source.text))]
        self.options: list[tuple[_Section, _Option]] = []
        self.comments: list[Comment] = []
        self.lines = 0
        self.unread = 0
        self.current: _Option | None = None

    def run(self) -> None:
        at = 0
        while at < len(self.source.text) and (match := _LINE.match(self.source.text, at)):
            at = match.end()
            self.line(match)

    def plausible(self) -> bool:
        """Whether a .conf file is INI: it has sections, and at most a few of its lines are something else."""
        return len(self.sections) > 1 and self.unread * 10 <= self.lines

    def line(self, match: re.Match[str]) -> None:
        start, end = match.start(2), match.start(2) + len(match[2].rstrip())
        if start == end:
            return
        self.lines += 1
        if match[2][0] in "#;":
            text = self.source.text[start + 1 : end].strip()
            self.comments.append(Comment(text, self.source.row(start), self.source.span(start, end), own_line=True))
        elif self.current and len(match[1]) > self.current.indent and not self.service:
            self.current.values.append((start, end))
        else:
            self.current = None
            self.begin(start, end, len(match[1]))

    def begin(self, start: int, end: int, indent: int) -> None:
        text = self.source.text
        if section := _SECTION.fullmatch(text, start, end):
            self.sections.append(_Section(section["name"], start, end, section.span("name")))
        elif option := self.option(start, end, indent):
            self.current = option
            self.options.append((self.sections[-1], option))
        elif self.strict:
            raise ParseFailure("neither a section nor `key = value`", self.source.row(start))
        else:
            self.unread += 1
            self.sections[-1].complete = False

    def option(self, start: int, end: int, indent: int) -> _Option | None:
        text = self.source.text
        delimiter = (_SERVICE_DELIMITER if self.service else _DELIMITER).search(text, start, end)
        if not delimiter or delimiter.start() == start or text[start] == "[":
            return None
        key = start, start + len(text[start : delimiter.start()].rstrip())
        return _Option(key, [(delimiter.end(), end)], indent)

    def table(self, values: _Values) -> Table:
        for section, option in self.options:
            entry = values.entry(option)
            section.entries.append(entry)
            section.end = max(section.end, option.values[-1][1])
        root, *others = self.sections
        entries = (*root.entries, *(self.section(section) for section in others))
        return Table("mapping", entries, self.source.span(0, len(self.source.text)), root.complete)

    def section(self, section: _Section) -> Entry:
        span = self.source.span(section.start, section.end)
        table = Table("mapping", tuple(section.entries), span, section.complete, section.name)
        return Entry(section.name, self.source.span(*section.key), table, span)


@dataclass(frozen=True, slots=True)
class _Values:
    """From an option's lines to its value."""

    source: Source
    interpolated: bool
    service: bool

    def entry(self, option: _Option) -> Entry:
        key, key_span = self.source.text[slice(*option.key)], self.source.span(*option.key)
        value = self.value(option.values)
        return Entry(key, key_span, value, Span(key_span.start, value.span.end))

    def value(self, lines: list[tuple[int, int]]) -> Value:
        span = self.source.span(lines[0][0], lines[-1][1])
        if len(lines) > 1:
            return made(self.several(lines), span, self.style(span), self.parts, writable=False)
        start, end = lines[0]
        quote = self.source.text[start : start + 1]
        if not self.interpolated and quote in {'"', "'"} and self.source.text.endswith(quote, start + 1, end):
            return made(self.source.verbatim(start + 1, end - 1), span, "quoted" + quote, self.parts)
        return made(self.characters(start, end), span, self.style(span), self.parts)

    def several(self, lines: list[tuple[int, int]]) -> Written:
        """Continued lines with a line feed between, as configparser joins them."""
        pieces: list[Written] = []
        for start, end in lines:
            at = self.source.offsets[start]
            pieces += [Written("\n", [at], [at])] if pieces else []
            pieces.append(self.characters(start, end))
        return joined(pieces)

    def characters(self, start: int, end: int) -> Written:
        if self.interpolated:
            return self.source.unescaped(start, end, _PERCENT, lambda _: "%")
        return self.source.verbatim(start, end)

    def style(self, span: Span) -> str:
        if not self.interpolated:
            return "raw"
        text = self.source.text[self.source.character(span.start) : self.source.character(span.end)]
        return "broken-percent" if _LONE_PERCENT.search(_PERCENT.sub("", text)) else "percent"

    def parts(self, written: Written, style: str) -> Iterator[Part]:
        if self.service:
            return
        found = [*self.named(written), *_TEMPLATES(written, style)]
        end = 0
        for part in sorted(found, key=lambda part: part.start):
            if part.start >= end:
                end = part.end
                yield part

    def named(self, written: Written) -> Iterator[Part]:
        for match in _NAMED.finditer(written.text):
            # An escaped percent sign was written in two bytes.
            if written.ends[match.start()] - written.starts[match.start()] == 1:
                yield Part(*match.span(), Ref(match[1], written.span(*match.span())))


_TEXT = regex(r"[^\x00-\x1f\x7f\x85\u2028\u2029]*+")


def encode(style: str, text: str) -> bytes | None:
    """`text` as part of a value of this style; None where it would need another line."""
    if not _TEXT.fullmatch(text) or (style.startswith("quoted") and style[-1] in text):
        return None
    return (text.replace("%", "%%") if style.endswith("percent") else text).encode()


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for code and for text that needs several lines."""
    from neonlint.formats.ini_write import render as write  # noqa: PLC0415 (a run that only reads does not need it)

    return write(document, ops)
