"""Adds the imports that written code needs, beside those that a file has and in their way, and takes out those that
nothing needs any more. Knows only the file's top level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tree_sitter import Node

from neonlint.edits import Edit
from neonlint.errors import Refused
from neonlint.formats.javascript_objects import insert, remove
from neonlint.formats.javascript_places import Places, end_of, nodes, same
from neonlint.formats.javascript_style import Style, identifier
from neonlint.formats.lines import content_start, line_end, line_start, newline_at, next_line
from neonlint.ir.source import Document

_MODULES = ("mjs", "mts", "ts", "tsx", "svelte", "vue", "astro")
#: What may stand in front of imports: directives, `require("dotenv").config()`.
_BEFORE_IMPORTS = ("hash_bang_line", "expression_statement")
_NAMES = frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"})


def local_name(document: Document, need: str) -> str | None:
    """What a file calls `module:name`, or the default of `module`; None where it does not import it."""
    module, name = parts(need)
    dotted = f"{module}.{name}" if name else module
    return next((local for local, meaning in document.imports.items() if meaning == dotted), None)


def parts(need: str) -> tuple[str, str]:
    """Module and name of `module:name`; the name is "" for a module alone. `node:fs` is a module."""
    prefix, rest = ("node:", need[5:]) if need.startswith("node:") else ("", need)
    module, _, name = rest.partition(":")
    return prefix + module, name


def own_name(need: str) -> str:
    """The name that an import of `need` binds here. Raises `Refused` where a module's name can be none."""
    module, name = parts(need)
    local = name or module.rpartition("/")[2].rpartition(":")[2]
    if not identifier(local):
        raise Refused("the module's name cannot be a name")
    return local


def import_edits(document: Document, places: Places, style: Style, needed: Sequence[str]) -> Iterator[Edit]:
    """The edits that bind each of `needed` (`ws`, or `module:name`). Raises `Refused` where the name is taken."""
    missing = [need for need in dict.fromkeys(needed) if local_name(document, need) is None]
    if not missing:
        return
    taken = {places.data[n.start_byte : n.end_byte].decode() for n in nodes(places.root) if n.type in _NAMES}
    lines: list[str] = []
    added: dict[int, tuple[Node, list[str]]] = {}
    for need in missing:
        module, name = parts(need)
        local = own_name(need)
        if local in taken:
            raise Refused(f"the name {local} means something else in this file")
        clause = _clause(places, module) if name else None
        if clause is not None:
            added.setdefault(clause.id, (clause, []))[1].append(name)
        else:
            lines.append(_line(document, places, style, module, name, local))
    for clause, names in added.values():
        yield from insert(places.data, clause, names, None, style.pad)
    if lines:
        yield _lines(places, lines)


def _clause(places: Places, module: str) -> Node | None:
    """The braces of an `import { … } from "module"` that can take one more name."""
    for statement in _imports(places.root):
        source = statement.child_by_field_name("source")
        typed = any(child.type in ("type", "typeof") for child in statement.children)
        if source is None or typed or _content(places.data, source) != module:
            continue
        for clause in statement.named_children:
            for child in clause.named_children if clause.type == "import_clause" else ():
                if child.type == "named_imports":
                    return child
    return None


def _content(data: bytes, string: Node) -> str:
    return data[string.start_byte + 1 : string.end_byte - 1].decode()


def _imports(root: Node) -> list[Node]:
    return [node for node in root.named_children if node.type == "import_statement"]


def _line(document: Document, places: Places, style: Style, module: str, name: str, local: str) -> str:
    what = style.braced([name]) if name else local
    source = style.expression(module)
    if _is_module(document, places):
        return f"import {what} from {source}{style.end}"
    return f"const {what} = require({source}){style.end}"


def _is_module(document: Document, places: Places) -> bool:
    """Whether a file imports with `import`. Raises `Refused` where nothing in it tells."""
    kinds = {node.type for node in places.root.named_children}
    suffix = document.path.rpartition(".")[2].lower()
    if suffix in _MODULES or kinds & {"import_statement", "export_statement"}:
        return True
    if suffix in ("cjs", "cts") or b"require(" in document.data or b"exports" in document.data:
        return False
    raise Refused("whether this file uses import or require cannot be told")


def _lines(places: Places, lines: Sequence[str]) -> Edit:
    """New lines behind the imports at the top, or above the first statement."""
    data, last = places.data, last_import(places)
    if last is not None:
        return below(data, last, lines)
    body = [node for node in places.root.named_children if node.type not in ("comment", "hash_bang_line")]
    while body and body[0].type == "expression_statement" and body[0].named_children[0].type == "string":
        # A directive must stay first.
        last = body.pop(0)
    if last is not None:
        return below(data, last, lines)
    first = body[0] if body else None
    if first is None or data[: first.start_byte].lstrip(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        raise Refused("there is no place for an import")
    at = _above_comment(data, first)
    newline = newline_at(data, at)
    return Edit(at, at, b"".join(line.encode() + newline for line in lines) + newline)


def _above_comment(data: bytes, first: Node) -> int:
    """Where the lines begin that belong to a statement: its documentation goes with it."""
    above = first.prev_named_sibling
    attached = above is not None and above.type == "comment" and above.end_point.row + 1 == first.start_point.row
    documents = attached and above is not None and data[above.start_byte : above.start_byte + 3] == b"/**"
    start = above.start_byte if documents and above is not None else first.start_byte
    return max(line_start(data, start), content_start(data))


def last_import(places: Places) -> Node | None:
    """The last of the imports (or requires) that a file begins with."""
    found: Node | None = None
    for node in places.root.named_children:
        if node.type == "import_statement" or _requires(places.data, node):
            found = node
        elif node.type != "comment" and (
            found is not None or node.type not in ("hash_bang_line", "expression_statement")
        ):
            break
    return found


def _requires(data: bytes, node: Node) -> bool:
    if node.type not in ("lexical_declaration", "variable_declaration"):
        return False
    values = [one.child_by_field_name("value") for one in node.named_children if one.type == "variable_declarator"]
    return bool(values) and all(
        value is not None and data[value.start_byte : value.end_byte].startswith(b"require(") for value in values
    )


def below(data: bytes, node: Node, lines: Sequence[str], *, gap: bool = False) -> Edit:
    """New lines below a statement, indented as it is; `gap` puts them between empty lines."""
    newline = newline_at(data, node.start_byte)
    start = line_start(data, node.start_byte)
    indent = data[start : node.start_byte]
    if indent.strip():
        raise Refused("the statement shares its row with others")
    at = next_line(data, end_of(node))
    rest = data[end_of(node) : at].strip()
    if rest not in (b"", b";") and not rest.startswith(b"//"):
        raise Refused("the statement shares its row with others")
    text = b"".join(indent + line.encode() + newline for line in lines)
    if gap:
        text = newline + text + (newline if data[at : line_end(data, at)].strip() else b"")
    if data[:at].endswith(b"\n"):
        return Edit(at, at, text)
    return Edit(at, at, newline + text[: -len(newline)])


def without_unused(places: Places, gone: Mapping[str, Sequence[Node]]) -> Iterator[Edit]:
    """Take out of the imports each name of `gone` that is used in no other place than the nodes given with it."""
    for name, dropped in gone.items():
        uses = [node for node in nodes(places.root) if _is_use(places.data, node, name)]
        left = [use for use in uses if not any(d.start_byte <= use.start_byte < d.end_byte for d in dropped)]
        if len(left) == 1 and left[0].parent is not None and left[0].parent.type == "import_specifier":
            yield from _without(places.data, left[0].parent)


def _is_use(data: bytes, node: Node, name: str) -> bool:
    return (
        node.child_count == 0
        and node.end_byte - node.start_byte == len(name)
        and node.type.endswith(("identifier", "identifier_pattern"))
        and data[node.start_byte : node.end_byte] == name.encode()
    )


def _without(data: bytes, specifier: Node) -> Iterator[Edit]:
    braces = specifier.parent
    clause = braces.parent if braces is not None else None
    if braces is None or clause is None or clause.parent is None:
        return
    if len(braces.named_children) > 1:
        yield from remove(data, braces, [specifier])
    elif same(clause.named_children[0], braces) and len(clause.named_children) == 1:
        statement = clause.parent
        yield Edit(line_start(data, statement.start_byte), next_line(data, statement.end_byte), b"")
