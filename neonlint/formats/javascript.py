"""JavaScript and TypeScript files, and the scripts of Svelte, Vue and Astro components, read with tree-sitter. Nothing
of the file is run.

| module | what it knows |
|---|---|
| `javascript_source` | grammars, script blocks, broken syntax |
| `javascript_strings` | how literals are written |
| `javascript_scopes`, `javascript_binding`, `javascript_walk` | what is bound, called and changed where |
| `javascript_imports`, `javascript_exports` | what modules take from and give to each other |
| `javascript_names`, `javascript_values`, `javascript_text` | what names and expressions mean |
| `javascript_calls`, `javascript_numbers` | calls, numbers |
| `javascript_environ`, `javascript_schemas`, `javascript_tables` | the environment, schemas for it, objects |
| `javascript_functions`, `javascript_root` | functions and what a module is made of |
| `javascript_write`, `javascript_write_imports`, `javascript_write_statements` | what is written where |
| `javascript_places`, `javascript_objects`, `javascript_style`, `javascript_check` | places, layouts, hand, proof |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neonlint.edits import Edit, Op
from neonlint.errors import ParseFailure
from neonlint.formats.javascript_functions import directives, functions, name_scopes
from neonlint.formats.javascript_names import Names
from neonlint.formats.javascript_root import defaults, root
from neonlint.formats.javascript_source import Source, is_bundle, markup_comments, span
from neonlint.formats.javascript_values import Values
from neonlint.formats.javascript_walk import survey
from neonlint.ir.source import Comment, Document, Scalar, Span, StringLiteral

NAME = "javascript"
#: Calls and literals in one file, above which it is generated.
_MOST = 50_000


def read(path: str, data: bytes) -> Document:
    """Read one file; a bundle is read as plain text. Raises `ParseFailure` (with a 1-based row where there is one)."""
    try:
        document = None if is_bundle(data) else _read(path, Source(path, data))
    except (RecursionError, MemoryError):
        raise ParseFailure("nested too deeply to be read") from None
    if document is not None:
        return document
    from neonlint.formats import text  # noqa: PLC0415

    return text.read(path, data)


def encode(style: str, text: str) -> bytes | None:
    """`text` as part of a literal of that style; None where it cannot be written there."""
    from neonlint.formats.javascript_strings import encode as write  # noqa: PLC0415 (a run that only reads needs none)

    return write(style, text)


def render(document: Document, ops: Sequence[Op]) -> list[Edit]:
    """The byte edits that make `ops` true; raises `Refused`."""
    from neonlint.formats.javascript_write import render as write  # noqa: PLC0415

    return write(document, ops)


def _read(path: str, source: Source) -> Document | None:
    """The document; None for what holds more code than any person writes into one file."""
    found = survey(source)
    if len(found.calls) + len(found.strings) > _MOST:
        return None
    names = Names(source, found)
    given = name_scopes(found, names, {node.id: scope for node, scope in found.calls})
    values = Values(source, found, names)
    table, spare = root(values), defaults(values)
    return Document(
        path,
        NAME,
        source.data,
        root=table,
        more_roots=(spare,) if spare is not None else (),
        calls=tuple(values.call(node, scope) for node, scope in found.calls),
        literals=tuple(_literals(values)),
        imports=found.imports,
        mutates=frozenset(values.mutates),
        star_imports=tuple(found.stars),
        comments=tuple(_comments(source)) if b"neonlint" in source.data else (),
        functions=tuple(functions(source, found, names, given)),
        directives=tuple(directives(source, source.root)),
    )


def _literals(values: Values) -> Iterator[StringLiteral]:
    for node, scope in values.survey.strings:
        value = values.value(node, scope)
        if isinstance(value, Scalar) and value.slot is not None:
            key = values.survey.keys.get(node.id)
            where = Span(key.start, key.end) if key else None
            yield StringLiteral(value.slot, key.text if key else None, where, scope.function)


def _comments(source: Source) -> Iterator[Comment]:
    stack, found = [source.root], list(markup_comments(source.data)) if source.component else []
    while stack:
        node = stack.pop()
        if node.type == "comment":
            found.append(span(node))
        stack.extend(node.named_children)
    for where in sorted(found):
        yield _comment(source.data, where)


def _comment(data: bytes, where: Span) -> Comment:
    text = data[where.start : where.end].decode().rstrip()
    inner = text.removeprefix("<!--").removesuffix("-->") if text.startswith("<!--") else text[2:]
    line = data.rfind(b"\n", 0, where.start) + 1
    own_line = data[line : where.start].strip() in (b"", b"{", b"\xef\xbb\xbf")
    row = data.count(b"\n", 0, where.start) + 1
    return Comment(inner.strip(" \t\r\n*/"), row, Span(where.start, where.start + len(text.encode())), own_line)
