"""Dotenv files as python-dotenv, dotenv for JavaScript, Docker Compose and shells read them. Knows no Postgres.

Where the four disagree, reading takes the sense that most of them share, and writing keeps to what all of them read
alike. A line that none of them understands is skipped, as they do.
Styles: `bare`, `shell` (bare, in a file or line that a shell sources), `single`, `double`, `backtick`; with `-default`
inside `${NAME:-default}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from neonlint.formats.holes import IN_BRACES, made, parts_finder
from neonlint.formats.lines import Source, decode
from neonlint.ir.source import Comment, Document, Entry, Span, Table, Unknown, Value
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.edits import Edit, Op

NAME = "dotenv"

_SPACE = r"[^\S\r\n]"
_KEY = regex(rf"{_SPACE}*+(?P<all>(?P<export>export{_SPACE}++)?(?P<key>[\w.\-]++))")
_SEPARATOR = regex(rf"{_SPACE}*+=(?P<gap>{_SPACE}*+)|:{_SPACE}++")
_QUOTED = {
    '"': regex(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL),
    "'": regex(r"'([^'\\]*+(?:\\.[^'\\]*+)*+)'", re.DOTALL),
    "`": regex(r"`([^`]*+)`"),
}
_STYLES = {'"': "double", "'": "single", "`": "backtick"}
_REST = regex(rf"{_SPACE}*+(?P<comment>#[^\r\n]*+)?(?=[\r\n]|\Z)")
_LINE = regex(r"[^\r\n]*+")
_NEWLINE = regex(r"\r\n?|\n")
_INLINE = regex(rf"{_SPACE}#")
_ANOTHER = regex(rf"{_SPACE}*+(?:#|\r|\n|\Z|(?:export{_SPACE}++)?[\w.\-]++{_SPACE}*+=)")

_DOUBLE_ESCAPE = regex(r"\\(?:\r\n|.)|\r\n?", re.DOTALL)
_SINGLE_ESCAPE = regex(r"\\[\\']|\r\n?")
_NEWLINE_ESCAPE = regex(r"\r\n?")
_BARE_ESCAPE = regex(r"\\\$|\\(?:\r\n?|\n)")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a", "b": "\b"}
_THEMSELVES = "\\\"'$`"

_FIND = parts_finder(regex(r"\$\{\{|\$\{|\$\(|\$\$|\$[A-Za-z_][A-Za-z0-9_]*+|\{\{|<%"))


def read(path: str, data: bytes) -> Document:
    """Read one file; raises `ParseFailure` only for bytes that are no UTF-8 text."""
    source = decode(data)
    reader = _Reader(source, sourced=path.endswith(".envrc"))
    entries = tuple(reader.entries())
    table = Table("env", entries, source.span(0, len(source.text)))
    return Document(path, NAME, data, table, comments=tuple(reader.comments))


class _Reader:
    """One pass over a file; `at` is where the next line is looked for."""

    def __init__(self, source: Source, *, sourced: bool) -> None:
        self.source = source
        self.sourced = sourced
        self.comments: list[Comment] = []
        self.at = 0

    def entries(self) -> Iterator[Entry]:
        text = self.source.text
        while self.at < len(text):
            start = self.at
            entry = self.line(start)
            if entry:
                yield entry
            end = _LINE.match(text, self.at)
            self.at = end.end() if end else len(text)
            newline = _NEWLINE.match(text, self.at)
            self.at = newline.end() if newline else len(text)

    def line(self, start: int) -> Entry | None:
        """The entry that begins at `start`; leaves `at` on its last line."""
        if blank := _REST.match(self.source.text, start):
            self.comment(blank, own_line=True)
            return None
        key = _KEY.match(self.source.text, start)
        if not key:
            return None
        separator = _SEPARATOR.match(self.source.text, key.end())
        if not separator:
            return self.lonely(key)
        self.at = separator.end()
        return self.entry(key, self.value(separator, shell=self.sourced or bool(key["export"])))

    def entry(self, key: re.Match[str], value: Value) -> Entry:
        span = Span(self.source.offsets[key.start("all")], value.span.end)
        return Entry(key["key"], self.source.span(key.start("key"), key.end("key")), value, span)

    def lonely(self, key: re.Match[str]) -> Entry | None:
        """`NAME` alone: Compose passes the surrounding variable on; lower-case words are commands or prose."""
        rest = _REST.match(self.source.text, key.end())
        if not rest or key["key"] != key["key"].upper() or key["key"][0].isdigit():
            return None
        self.comment(rest, own_line=False)
        self.at = rest.end()
        end = self.source.offsets[key.end()]
        return self.entry(key, Unknown("the variable is passed on from the surroundings", Span(end, end)))

    def value(self, separator: re.Match[str], *, shell: bool) -> Value:
        text, start = self.source.text, self.at
        quote = text[start : start + 1]
        if quote not in _QUOTED:
            return self.bare(separator, shell=shell)
        match = _QUOTED[quote].match(text, start)
        rest = _REST.match(text, match.end()) if match else None
        if not match or not rest:
            line = _LINE.match(text, match.end() if match else start)
            self.at = line.end() if line else start
            return Unknown("the quoting of this value cannot be read", self.source.span(start, self.at))
        self.at = match.end()
        self.comment(rest, own_line=False)
        return self.quoted(quote, match)

    def quoted(self, quote: str, match: re.Match[str]) -> Value:
        inner, span = match.span(1), self.source.span(*match.span())
        match quote:
            case '"':
                return made(self.source.unescaped(*inner, _DOUBLE_ESCAPE, _double), span, "double", _FIND)
            case "'":
                return made(self.source.unescaped(*inner, _SINGLE_ESCAPE, _single), span, "single")
            case _:
                return made(self.source.unescaped(*inner, _NEWLINE_ESCAPE, _single), span, "backtick", _FIND)

    def bare(self, separator: re.Match[str], *, shell: bool) -> Value:
        start, end = self.at, self.bare_end(separator)
        start = min(start, end)
        written = self.source.unescaped(start, end, _BARE_ESCAPE, _bare)
        style = "shell" if shell and _SHELL.fullmatch(written.text) else "bare"
        return made(written, self.source.span(start, end), style, _FIND)

    def bare_end(self, separator: re.Match[str]) -> int:
        """Where the unquoted value behind `separator` ends; takes note of the comment behind it."""
        text, start = self.source.text, self.at
        line = _LINE.match(text, start)
        end = line.end() if line else start
        if separator["gap"] and text.startswith("#", start):
            self.add_comment(start, end, own_line=False)
            # A value written right behind the equals sign keeps its distance from the comment.
            return separator.start("gap")
        begin = start
        while not (comment := _INLINE.search(text, begin, end)) and self.continues(end):
            begin = end
            newline = _NEWLINE.match(text, end)
            line = _LINE.match(text, newline.end() if newline else end)
            end = line.end() if line else end
        if comment:
            self.add_comment(comment.end() - 1, end, own_line=False)
            end = comment.start()
        self.at = end
        return start + len(text[start:end].rstrip())

    def continues(self, end: int) -> bool:
        """Whether the line that ends at `end` goes on: a backslash ends it and the next line is no entry of its own.

        The second half keeps a Windows path that ends in a backslash from swallowing the entry below it.
        """
        newline = _NEWLINE.match(self.source.text, end)
        if not newline or not self.source.text.endswith("\\", 0, end):
            return False
        return not _ANOTHER.match(self.source.text, newline.end())

    def comment(self, rest: re.Match[str], *, own_line: bool) -> None:
        if rest["comment"]:
            self.add_comment(*rest.span("comment"), own_line=own_line)

    def add_comment(self, start: int, end: int, *, own_line: bool) -> None:
        text = self.source.text[start + 1 : end].strip()
        self.comments.append(Comment(text, self.source.row(start), self.source.span(start, end), own_line))


def _double(match: re.Match[str]) -> str:
    escape = match[0]
    if escape[0] == "\r":
        return "\n"
    if escape[1] in "\r\n":
        return ""
    if escape[1] in _THEMSELVES:
        return escape[1]
    return _CONTROLS.get(escape[1], escape)


def _single(match: re.Match[str]) -> str:
    return match[0][1:] if match[0][0] == "\\" else "\n"


def _bare(match: re.Match[str]) -> str:
    return "$" if match[0] == "\\$" else ""


_BARE = regex(r"""[^\s#'"`\\$]*+""")
_SHELL = regex(r"""[^\s#'"`\\$;&|<>(){}!*\[\]~]*+""")
_FITS = {
    "bare": _BARE,
    "shell": _SHELL,
    "single": regex(r"[^'\\\r\n]*+"),
    "double": regex(r'[^"\\$`\r\n]*+'),
    "backtick": regex(r"[^`\\$\r\n]*+"),
}


def encode(style: str, text: str) -> bytes | None:
    """`text` for a slot of `style`, only if every reader of dotenv files takes it alike; else None."""
    base = style.removesuffix(IN_BRACES)
    if not _FITS[base].fullmatch(text) or not text.isprintable() or (base != style and "}" in text):
        return None
    return text.encode()


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The edits for `ops`; raises `Refused` for code other than `${NAME}` and for text that no quoting holds."""
    # Most runs only read, and this is the format that has to start fastest.
    from neonlint.formats.dotenv_write import render as write  # noqa: PLC0415

    return write(document, ops)
