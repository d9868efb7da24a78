"""Adds the imports that written code needs, beside those that a file has. Knows only the file's top level."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from itertools import takewhile

from neonlint.errors import Refused
from neonlint.formats.python_source import Source


def import_edits(source: Source, needed: Sequence[str]) -> list[tuple[int, int, str]]:
    """Edits, as offsets in `utf8` and text, that bind each of `needed` (`ssl`, or `module:name`).

    What is bound already costs nothing. Raises `Refused` where the name means something else in this file.
    """
    bound = dict(_bindings(source.tree))
    lines: dict[int, list[str]] = {}
    edits: list[tuple[int, int, str]] = []
    for need in dict.fromkeys(needed):
        module, _, name = need.partition(":")
        meaning = f"{module}.{name}" if name else module
        local = name or module.partition(".")[0]
        if bound.get(name or module, bound.get(local)) == meaning:
            continue
        _refuse_clash(source, local, module if name else local, bound)
        if name and (block := _from(source.tree, module)) is not None:
            at = source.bounds(block.names[-1])[1]
            edits.append((at, at, f", {name}"))
            continue
        text = f"from {module} import {name}" if name else f"import {module}"
        lines.setdefault(_place(source, module, plain=not name), []).append(text)
    return _joined(edits) + [_line_edit(source, at, texts + _gap(source, at, texts[-1])) for at, texts in lines.items()]


def _gap(source: Source, row: int, text: str) -> list[str]:
    """An empty row between a standard-library import and the third-party block that it is written in front of."""
    imports = (node for node in source.tree.body if isinstance(node, (ast.Import, ast.ImportFrom)))
    below = next((node for node in imports if node.lineno - 1 == row), None)
    ours = text.split()[1].partition(".")[0] in sys.stdlib_module_names
    return [""] if below is not None and ours and _root(below) not in sys.stdlib_module_names else []


def _bindings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What each name imported at the top level means; `import a.b` gives both `a.b` and `a`."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name, alias.name
                if not alias.asname:
                    head = alias.name.partition(".")[0]
                    yield head, head
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"


def _refuse_clash(source: Source, local: str, meaning: str, bound: dict[str, str]) -> None:
    if local in bound and bound[local] != meaning:
        raise Refused(f"the name {local} means something else in this file")
    for node in ast.walk(source.tree):
        stored = isinstance(node, ast.Name) and node.id == local and not isinstance(node.ctx, ast.Load)
        named = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == local
        if stored or named or (isinstance(node, ast.arg) and node.arg == local):
            raise Refused(f"the name {local} means something else in this file")


def _from(tree: ast.Module, module: str) -> ast.ImportFrom | None:
    """The `from module import …` of the top level that can take one more name."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == module and node.names[0].name != "*":
            return node
    return None


def _joined(edits: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Insertions at one place become one."""
    texts: dict[int, str] = {}
    for at, _, text in edits:
        texts[at] = texts.get(at, "") + text
    return [(at, at, text) for at, text in texts.items()]


def _head(tree: ast.Module) -> list[ast.stmt]:
    """The docstring and the `__future__` imports, which must stay first."""
    count = 0
    for node in tree.body:
        text = count == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (text or (isinstance(node, ast.ImportFrom) and node.module == "__future__")):
            break
        count += 1
    return tree.body[:count]


def _place(source: Source, module: str, *, plain: bool) -> int:
    """The row (0-based) before which a new import is written."""
    head = _head(source.tree)
    block: list[ast.Import | ast.ImportFrom] = []
    for node in source.tree.body[len(head) :]:
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            break
        block.append(node)
    if not block:
        return _without_imports(source, head)
    same = [node for node in block if _root(node) == module.partition(".")[0]]
    if same:
        return same[-1].end_lineno or same[-1].lineno
    if plain:
        leading = takewhile(lambda node: isinstance(node, ast.Import), block)
        before = [node for node in leading if node.names[0].name < module]
        return (before[-1].end_lineno or 1) if before else block[0].lineno - 1
    return block[-1].end_lineno or block[-1].lineno


def _root(node: ast.Import | ast.ImportFrom) -> str:
    name = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
    return "" if isinstance(node, ast.ImportFrom) and node.level else name.partition(".")[0]


def _without_imports(source: Source, head: Sequence[ast.stmt]) -> int:
    """Behind the head and the empty row that follows it, or before the first statement, below the file's comments."""
    if head:
        row = head[-1].end_lineno or head[-1].lineno
        rows = source.rows[row : row + 2]
        return row + 1 if len(rows) == 2 and not source.utf8[rows[0] : rows[1]].strip() else row
    body = source.tree.body
    if not body:
        return 0
    first = body[0]
    decorators: list[ast.expr] = getattr(first, "decorator_list", [])
    return min([first.lineno, *(node.lineno for node in decorators)]) - 1


def _line_edit(source: Source, row: int, texts: Sequence[str]) -> tuple[int, int, str]:
    eol = source.eol()
    block = eol.join(texts) + eol
    if row >= len(source.rows):
        return len(source.utf8), len(source.utf8), eol + eol.join(texts)
    at = source.rows[row]
    rest = source.tree.body[len(_head(source.tree)) :]
    alone = not any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in rest)
    if at and row and not source.utf8[:at].endswith((b"\n", b"\r")):
        return at, at, eol + eol.join(texts)
    return at, at, block + (eol if alone and source.utf8[at : at + 1].strip() else "")
