"""Imports of JavaScript: what a module is called, and what each imported name means. Follows no values.

A module is written as it is imported, without `default`; prefixes of runtimes and package servers are taken off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from neonlint.formats.javascript_source import Source
from neonlint.regex import regex

_PREFIX = regex(r"(?:node|npm|jsr):/?")
_SERVERS = regex(
    r"https?://(?:esm\.sh|cdn\.skypack\.dev|unpkg\.com|esm\.run|cdn\.jsdelivr\.net/npm|ga\.jspm\.io/npm:)/?(?:v\d+/|stable/)?"
)
_DENO = regex(r"https?://deno\.land/x/([\w-]+)(?:@[^/]+)?(?:/.*)?")
_VERSION = regex(r"(@?[^@/]+(?:/[^@/]+)?)@[^/]+")
_TAIL = regex(r"(?:\?.*|/\+esm)\Z")
#: Packages that Deno's own registry calls otherwise than npm does.
_DENO_NAMES = {"postgresjs": "postgres"}


class Imported(NamedTuple):
    """One name that an import binds: `local` means `dotted`; `of_types` says that it is gone at run time."""

    local: str
    dotted: str
    node: Node
    of_types: bool


def module(specifier: str) -> str:
    """The module that a specifier names: `npm:pg@8` and `https://esm.sh/pg@8` are `pg`."""
    if (deno := _DENO.fullmatch(specifier)) is not None:
        return _DENO_NAMES.get(deno[1], f"deno.land/x/{deno[1]}")
    prefix = _PREFIX.match(specifier) or _SERVERS.match(specifier)
    if prefix is None:
        return specifier
    plain = _TAIL.sub("", specifier[prefix.end() :])
    version = _VERSION.match(plain)
    return version[1] + plain[version.end() :] if version else plain


def dotted(origin: str, name: str) -> str:
    """A member of a module, `default` being the module itself."""
    return origin if name == "default" else f"{origin}.{name}"


def specifier(source: Source, node: Node | None) -> str | None:
    """The module that a string node names, None for what is no plain string."""
    if node is None or node.type != "string":
        return None
    return module(source.text(node)[1:-1])


def imported(source: Source, node: Node) -> Iterator[Imported]:
    """What an import statement binds; one without names gives its module under the module's own name."""
    for_types = _of_types(node)
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            origin = specifier(source, clause.child_by_field_name("source"))
            if origin is not None:
                yield Imported(source.text(clause.named_children[0]), origin, clause.named_children[0], for_types)
            return
    origin = specifier(source, node.child_by_field_name("source"))
    if origin is None:
        return
    clauses = [child for child in node.named_children if child.type == "import_clause"]
    if not clauses:
        yield Imported(origin, origin, node, False)
    for part in clauses[0].named_children if clauses else ():
        yield from _clause(source, part, origin, for_types)


def _clause(source: Source, part: Node, origin: str, for_types: bool) -> Iterator[Imported]:
    if part.type == "identifier":
        yield Imported(source.text(part), origin, part, for_types)
    elif part.type == "namespace_import" and part.named_children:
        yield Imported(source.text(part.named_children[-1]), origin, part, for_types)
    elif part.type == "named_imports":
        for one in part.named_children:
            name = one.child_by_field_name("name")
            if one.type == "import_specifier" and name is not None:
                alias = one.child_by_field_name("alias") or name
                meaning = dotted(origin, _plain(source.text(name)))
                yield Imported(source.text(alias), meaning, alias, for_types or _of_types(one))


def _of_types(node: Node) -> bool:
    return any(child.type in ("type", "typeof") for child in node.children[:2])


def _plain(text: str) -> str:
    return text[1:-1] if text[:1] in "\"'" else text


def required(source: Source, node: Node) -> str | None:
    """The module that `require("x")` or `import("x")` loads, None for any other call."""
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or arguments is None or arguments.type != "arguments":
        return None
    if function.type != "import" and not (function.type == "identifier" and source.text(function) == "require"):
        return None
    given = arguments.named_children
    return specifier(source, given[0]) if given else None
