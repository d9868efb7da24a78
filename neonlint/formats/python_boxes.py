"""The items of a call or dict display where nothing but commas and white space stands between them, read off the
positions of `ast`.

Most are so. Where comments, parentheses or continued lines stand there, only libcst tells what belongs to an item.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from neonlint.formats.python_layout import Container, Item
from neonlint.formats.python_source import Source
from neonlint.regex import regex

_OPENED = regex(rb"\(\s*")
_NEXT = regex(rb"\s*,\s*")
_LAST = regex(rb"\s*(?:,\s*)?")


def container(source: Source, node: ast.Call | ast.Dict) -> Container | None:
    """What stands between the brackets of `node`, in bytes of `source.utf8`; None where this cannot tell."""
    bounds = _bounds(source, node)
    if bounds is None:
        return None
    start, end = source.bounds(node)
    close, text = end - 1, source.utf8
    opened = start + 1 if isinstance(node, ast.Dict) else source.bounds(node.func)[1]
    first = bounds[0][0] if bounds else close
    if isinstance(node, ast.Call):
        if not _OPENED.fullmatch(text, opened, first):
            return None
        opened += 1
    elif text[opened:first].strip():
        return None
    items = []
    for number, (begin, stop) in enumerate(bounds):
        last = number == len(bounds) - 1
        following = close if last else bounds[number + 1][0]
        if not (_LAST if last else _NEXT).fullmatch(text, stop, following):
            return None
        comma = text.find(b",", stop, following)
        items.append(Item(begin, stop, None if comma < 0 else comma))
    return Container(items, opened, close)


def _bounds(source: Source, node: ast.Call | ast.Dict) -> Sequence[tuple[int, int]] | None:
    """Where each item begins and ends, in order; None where one has no place of its own."""
    if isinstance(node, ast.Dict):
        keys = [key for key in node.keys if key is not None]
        if len(keys) < len(node.values):  # `**other`
            return None
        return [(source.bounds(k)[0], source.bounds(v)[1]) for k, v in zip(keys, node.values, strict=True)]
    if any(isinstance(arg, ast.GeneratorExp) for arg in node.args):
        return None
    parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    return sorted(map(source.bounds, parts))
