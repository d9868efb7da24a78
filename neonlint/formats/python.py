"""Python files: read with the standard library's `ast`, written with byte edits. Nothing of the file is imported or
run.

| module | what it knows |
|---|---|
| `python_source` | encodings, rows, positions |
| `python_tokens`, `python_strings`, `python_compose` | how literals are written and put together |
| `python_scopes`, `python_walk` | what is bound, called and changed where |
| `python_names`, `python_values`, `python_text` | what names and expressions mean |
| `python_environ`, `python_settings`, `python_tables` | the environment, pydantic-settings, tables changed later |
| `python_encode`, `python_rewrite`, `python_imports`, `python_statements` | writing |
| `python_client`, `python_worker` | libcst, in a process of its own |
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from neonlint.edits import Edit, Op
from neonlint.errors import ParseFailure
from neonlint.formats import python_encode
from neonlint.formats.python_names import Names
from neonlint.formats.python_scopes import Scope, Survey
from neonlint.formats.python_settings import class_entry
from neonlint.formats.python_source import Source
from neonlint.formats.python_tables import loose_tables
from neonlint.formats.python_values import Values
from neonlint.formats.python_walk import survey
from neonlint.ir.source import Document, Entry, FunctionDef_, Scalar, Span, StringLiteral, Table, Value

NAME = "python"
encode = python_encode.encode


def read(path: str, data: bytes) -> Document:
    """Read one file. Raises `ParseFailure` (with a 1-based row where the parser names one); nothing else escapes."""
    try:
        return _read(path, Source(data))
    except (RecursionError, MemoryError):
        raise ParseFailure("nested too deeply to be read") from None


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The byte edits that make `ops` true; raises `Refused`. The writing half is imported when something is to be
    written.
    """
    from neonlint.formats.python_rewrite import render as write  # noqa: PLC0415

    return write(document, ops)


def _read(path: str, source: Source) -> Document:
    found = survey(source)
    values = Values(source, found, Names(found))
    root = _root(values)
    return Document(
        path,
        NAME,
        source.data,
        root=root,
        calls=tuple(values.call(node, scope) for node, scope in found.calls),
        literals=tuple(_literals(values)),
        imports=found.imports,
        mutates=frozenset(values.mutates),
        star_imports=tuple(found.stars),
        comments=source.comments() if b"neonlint:" in source.data else (),
        functions=tuple(_functions(values)),
    )


def _root(values: Values) -> Table:
    found = values.survey
    entries = [*_assignments(values, found), *_classes(values, found)]
    entries.sort(key=lambda entry: entry.span)
    complete = not found.stars and not found.exposed
    return Table("module", (*entries, *loose_tables(values)), Span(0, len(values.source.data)), complete)


def _assignments(values: Values, found: Survey) -> list[Entry]:
    """Every assignment to a module-level name, also those under a condition."""
    entries: list[Entry] = []
    for name, bindings in found.module.bindings.items():
        for binding in bindings:
            if binding.kind != "assign" or binding.value is None or binding.statement is None or binding.target is None:
                continue
            if binding.scope is not found.module:
                continue
            key_span = values.source.span(binding.target)
            value: Value = values.bound(binding, bindings, name, key_span)
            entries.append(Entry(name, key_span, value, values.source.span(binding.statement)))
    return entries


def _classes(values: Values, found: Survey) -> list[Entry]:
    module: Scope = found.module
    return [class_entry(values, node) for node, scope in found.classes.items() if scope.parent is module]


def _literals(values: Values) -> list[StringLiteral]:
    literals: list[StringLiteral] = []
    keys = values.survey.keys
    for node, scope in values.survey.strings:
        value = values.value(node, scope)
        if not isinstance(value, Scalar) or value.slot is None:
            continue
        key = keys.get(id(node))
        span = values.source.file_span(key.start, key.end) if key else None
        literals.append(StringLiteral(value.slot, key.text if key else None, span, scope.function))
    return literals


def _functions(values: Values) -> list[FunctionDef_]:
    return [
        FunctionDef_(
            scope.path,
            _parameters(node.args),
            tuple(values.decorator(one, scope.parent or scope) for one in node.decorator_list),
            values.source.span(node),
            isinstance(node, ast.AsyncFunctionDef),
        )
        for node, scope in values.survey.functions
    ]


def _parameters(arguments: ast.arguments) -> tuple[str, ...]:
    args = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return tuple(arg.arg for arg in args if arg is not None)
