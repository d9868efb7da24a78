"""Bytes of a JavaScript or TypeScript file to tree-sitter's tree: grammars, script blocks of components, broken syntax.

Offsets of the tree are byte offsets of the file, because what is no script is blanked out, not cut out.
"""

from __future__ import annotations

import re
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

from tree_sitter import Language, Node, Parser

from neonlint.errors import ParseFailure
from neonlint.ir.source import Span
from neonlint.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Brackets deeper than this are no code; the parser itself crashes the process at some hundred thousand.
MAX_DEPTH = 800
#: Above these a file is a bundle or data: it is searched for literal secrets only.
MAX_SIZE = 400_000
_MAX_LINE = 20_000
#: Seconds that the parser may take for one file; an ordinary one of that size takes a tenth of a second.
_SECONDS = 4.0
_CHUNK = 1 << 16

_TYPESCRIPT = frozenset({"ts", "mts", "cts"})
_COMPONENTS = frozenset({"svelte", "vue", "astro"})
_BRACKETS = regex(rb"[(\[{]|[)\]}]")
_SCRIPT = regex(rb"<script\b(?:[^>\"']|\"[^\"]*+\"|'[^']*+')*+>", re.IGNORECASE)
_SCRIPT_END = regex(rb"</script\s*+>", re.IGNORECASE)
_HTML_COMMENT = regex(rb"<!--")
_FENCE = regex(rb"(?:\xef\xbb\xbf)?\s*+---[ \t]*+\r?\n")
_FENCE_END = regex(rb"^---[ \t]*+\r?$", re.MULTILINE)
_NOT_NEWLINE = regex(rb"[^\r\n]")


class Source:
    """One file: its bytes and the syntax tree over them. Raises `ParseFailure` where no sense can be made of it."""

    __slots__ = ("component", "data", "root")

    def __init__(self, path: str, data: bytes) -> None:
        self.data = data
        _check_encoding(data)
        suffix = path.rpartition(".")[2].lower()
        self.component = suffix in _COMPONENTS
        script = _scripts_only(data, astro=suffix == "astro") if self.component else data
        _check_depth(script)
        self.root = _tree(suffix, script)

    def text(self, node: Node) -> str:
        """The text of a node as it is written."""
        return self.data[node.start_byte : node.end_byte].decode()


def span(node: Node) -> Span:
    """The bytes of a node."""
    return Span(node.start_byte, node.end_byte)


def markup_comments(data: bytes) -> Iterator[Span]:
    """The comments in the markup of a component."""
    end = 0
    while (start := data.find(b"<!--", end)) >= 0 and (close := data.find(b"-->", start + 4)) >= 0:
        end = close + 3
        yield Span(start, end)


def is_bundle(data: bytes) -> bool:
    """Whether a file is generated or mostly data, so that its structure is not worth the time to read it."""
    if len(data) > MAX_SIZE:
        return True
    if len(data) <= _MAX_LINE:
        return False
    return 2 * sum(length for length in _line_lengths(data) if length > _MAX_LINE) > len(data)


def _line_lengths(data: bytes) -> Iterator[int]:
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        yield end - start
        start = end + 1
    yield len(data) - start


def _check_encoding(data: bytes) -> None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ParseFailure("UTF-16 text is not supported")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        at = error.start
        # The cause is dropped because its text and its `object` hold bytes of the file.
        raise ParseFailure(f"not valid UTF-8 at byte {at}", data.count(b"\n", 0, at) + 1) from None


def _check_depth(data: bytes) -> None:
    if sum(map(data.count, (b"(", b"[", b"{"))) <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKETS.finditer(data):
        if match[0] in b"([{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ParseFailure("nested too deeply", data.count(b"\n", 0, match.start()) + 1)
        elif depth:
            depth -= 1


def _scripts_only(data: bytes, *, astro: bool) -> bytes:
    """`data` with blanks in the place of everything outside of scripts; row breaks stay."""
    pieces, at = [], 0
    for start, end in _scripts(data, astro):
        # A semicolon ends what the script before it left open.
        pieces += [b";" if at else b"", _blank(data[at + 1 if at else 0 : start]), data[start:end]]
        at = end
    return b"".join([*pieces, _blank(data[at:])])


def _scripts(data: bytes, astro: bool) -> Iterator[tuple[int, int]]:
    at = 0
    if astro and (opened := _FENCE.match(data)) and (closed := _FENCE_END.search(data, opened.end())):
        yield opened.end(), closed.start()
        at = closed.end()
    while opened := _SCRIPT.search(data, at):
        hidden = _HTML_COMMENT.search(data, at, opened.start())
        if hidden and (shown := data.find(b"-->", hidden.end())) > opened.start():
            at = shown
            continue
        closed = _SCRIPT_END.search(data, opened.end())
        end = closed.start() if closed else len(data)
        if not opened[0].endswith(b"/>"):
            yield opened.end(), end
        at = closed.end() if closed else len(data)


def _blank(data: bytes) -> bytes:
    return _NOT_NEWLINE.sub(b" ", data)


def _tree(suffix: str, script: bytes) -> Node:
    names = ["typescript", "tsx"] if suffix in _TYPESCRIPT else ["tsx"] if suffix == "tsx" else ["javascript", "tsx"]
    if suffix in _COMPONENTS:
        names = ["typescript", "tsx"]
    best = None
    until = monotonic() + _SECONDS
    for name in names:
        root = _parsed(name, script, until)
        if not root.has_error:
            return root
        # Of two readings the one with less in it that could not be read; Flow's types are much like TypeScript's.
        broken = unread(root)
        if best is None or sum(map(len, broken)) < sum(map(len, best[0])):
            best = broken, root
    assert best is not None
    broken, root = best
    if 2 * sum(map(len, broken)) > len(script.strip()):
        raise ParseFailure("not valid JavaScript or TypeScript", script.count(b"\n", 0, broken[0].start) + 1)
    return root


def _parsed(name: str, script: bytes, until: float) -> Node:
    """The tree; the parser's search for a way around errors may take long, and is given up then."""
    try:
        tree = _parser(name).parse(
            lambda at, _: script[at : at + _CHUNK], progress_callback=lambda _, __: monotonic() > until
        )
    except ValueError:
        _parser(name).reset()  # or it would go on with this text when it is given the next
        raise ParseFailure("not valid JavaScript or TypeScript, and too broken to be read around") from None
    return tree.root_node


def unread(root: Node) -> list[range]:
    """The bytes that belong to nothing that could be read, in order: words and brackets inside of error nodes."""
    found: list[range] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error:
            loose = [child for child in node.children if child.child_count == 0]
            found += [range(child.start_byte, child.end_byte) for child in loose]
            if node.child_count == 0:
                found.append(range(node.start_byte, node.end_byte))
        if node.has_error:
            stack.extend(child for child in node.children if child.child_count or child.is_error)
    return sorted(found, key=lambda bytes_: bytes_.start)


@cache
def _parser(name: str) -> Parser:
    if name == "javascript":
        import tree_sitter_javascript  # noqa: PLC0415 - each grammar is loaded when its first file is met

        return Parser(Language(tree_sitter_javascript.language()))
    import tree_sitter_typescript  # noqa: PLC0415

    if name == "tsx":
        return Parser(Language(tree_sitter_typescript.language_tsx()))
    return Parser(Language(tree_sitter_typescript.language_typescript()))
