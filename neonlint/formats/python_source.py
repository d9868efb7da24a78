"""One Python file as bytes, text and syntax tree, and the way from tree positions to byte offsets. Never runs what it
reads.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import warnings
from bisect import bisect_left
from collections.abc import Sequence

from neonlint.errors import ParseFailure
from neonlint.ir.source import Comment, Span

_ROW_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"
_RUNNING = ".".join(map(str, sys.version_info[:2]))


class Source:
    """`utf8` is what every position is counted in while reading; it is the file itself unless PEP 263 names another
    encoding.

    `rows[i]` is the offset in `utf8` of row i (0-based), behind a byte order mark. Positions of the tree (1-based
    rows, columns in UTF-8 bytes) become offsets with `at`, and `span` gives the bytes of the file.
    """

    __slots__ = ("_back", "data", "encoding", "rows", "text", "tree", "utf8")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.encoding = _encoding(data)
        self.text = _decode(data, self.encoding)
        self.utf8 = data if self.encoding == "utf-8" else self.text.encode()
        self._back = None if self.utf8 == data else _way_back(self.text, self.encoding, data)
        self.rows = _rows(self.utf8)
        self.tree = parse(self.text)

    def at(self, row: int, column: int) -> int:
        """The offset in `utf8` of a tree position."""
        return self.rows[row - 1] + column

    def file_offset(self, offset: int) -> int:
        """The offset in the file of an offset in `utf8`."""
        return offset if self._back is None else self._back[offset]

    def utf8_offset(self, offset: int) -> int:
        """The offset in `utf8` of an offset in the file."""
        return offset if self._back is None else bisect_left(self._back, offset)

    def eol(self) -> str:
        """How the file's first row ends, LF where it has only one."""
        match = _ROW_END.search(self.utf8)
        return match[0].decode() if match else "\n"

    def file_offsets(self, offsets: Sequence[int]) -> Sequence[int]:
        """The same for many, which costs nothing where the two are equal."""
        return offsets if self._back is None else [self._back[offset] for offset in offsets]

    def bounds(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg | ast.alias) -> tuple[int, int]:
        """The first and last (exclusive) offset of a node in `utf8`."""
        rows = self.rows
        end_row, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return rows[node.lineno - 1] + node.col_offset, rows[end_row - 1] + end_column

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg | ast.alias) -> Span:
        """The bytes of the file that a node is written in."""
        start, end = self.bounds(node)
        return Span(start, end) if self._back is None else self.file_span(start, end)

    def file_span(self, start: int, end: int) -> Span:
        """The bytes of the file that lie at `start` to `end` of `utf8`."""
        return Span(self.file_offset(start), self.file_offset(end))

    def comments(self) -> tuple[Comment, ...]:
        """Every comment. Slow (it runs the tokenizer), so it is asked for only where a comment may matter."""
        readline = io.StringIO(self.text, newline="").readline
        found: list[Comment] = []
        try:
            for token in tokenize.generate_tokens(readline):
                if token.type == tokenize.COMMENT:
                    found.append(self._comment(token))
        except (tokenize.TokenError, SyntaxError, IndexError):
            pass  # the two tokenizers of CPython disagree on rare input that `ast` accepts
        return tuple(found)

    def _comment(self, token: tokenize.TokenInfo) -> Comment:
        row, column = token.start
        before = token.line[:column]
        start = self.at(row, len(before.encode()))
        span = self.file_span(start, start + len(token.string.encode()))
        return Comment(token.string[1:].strip(), row, span, own_line=not before.strip())


def parse(text: str) -> ast.Module:
    """The tree of `text`; raises `ParseFailure` with a 1-based row where the parser gives one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise ParseFailure(f"not valid Python {_RUNNING}, the version that neonlint runs on", error.lineno) from None
    except ValueError:
        raise ParseFailure("not valid Python: it holds a null byte or a lone surrogate") from None
    except (RecursionError, MemoryError, OverflowError):
        raise ParseFailure("nested too deeply to be read") from None


def _encoding(data: bytes) -> str:
    """The codec that PEP 263 names, `utf-8` for every spelling of it."""
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except (SyntaxError, ValueError, LookupError):
        raise ParseFailure("the encoding is unknown, or not the one that the file declares", 1) from None
    return "utf-8" if name == "utf-8-sig" else name


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.removeprefix(_BOM).decode(encoding)
    except UnicodeDecodeError as error:
        raise ParseFailure(f"not valid {encoding}", data.count(b"\n", 0, error.start) + 1) from None
    except Exception:
        raise ParseFailure("the declared encoding cannot be used for text") from None


def _way_back(text: str, encoding: str, data: bytes) -> list[int]:
    """For each byte of `text` in UTF-8 the offset in `data`; only encodings that write each character by itself have
    one.
    """
    back: list[int] = []
    at = 0
    try:
        for char in text:
            back += [at] * len(char.encode())
            at += len(char.encode(encoding))
        alike = text.encode(encoding) == data and at == len(data)
    except UnicodeError:
        alike = False
    if not alike:
        raise ParseFailure("the declared encoding does not map characters to bytes one by one")
    return [*back, at]


def _rows(utf8: bytes) -> list[int]:
    """Where rows begin; the tokenizer ends a row at LF, CR LF and a lone CR."""
    start = len(_BOM) if utf8.startswith(_BOM) else 0
    return [start, *(match.end() for match in _ROW_END.finditer(utf8, start))]
