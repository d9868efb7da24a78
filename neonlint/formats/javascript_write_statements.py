"""Takes out whole statements (`neonConfig.x = true;`), and adds settings of an imported object. Refuses shared rows."""

from __future__ import annotations

from tree_sitter import Node

from neonlint.edits import Edit
from neonlint.errors import Refused
from neonlint.formats.javascript_places import Place, Places, end_of
from neonlint.formats.javascript_write_imports import below, last_import
from neonlint.formats.lines import line_end, line_start, next_line
from neonlint.ir.source import Document, Entry, Table

_BLOCKS = ("program", "statement_block", "switch_case", "switch_default")


def statement_of(place: Place) -> Node:
    """The statement that is nothing but this entry. Raises `Refused` where it says more, or others may need it."""
    node = place.node
    parent = node.parent
    if node.type == "assignment_expression" and parent is not None and parent.type == "expression_statement":
        node = parent
    elif node.type == "variable_declarator" and parent is not None and len(parent.named_children) == 1:
        if parent.parent is None or parent.parent.type != "export_statement":
            raise Refused("the name may be used elsewhere in the file")
        node = parent.parent
    else:
        raise Refused("the entry is not written in a place of its own")
    if node.parent is None or node.parent.type not in _BLOCKS:
        raise Refused("the statement is the only one in its place")
    return node


def drop(data: bytes, node: Node) -> Edit:
    """Remove a statement with its rows and a comment behind it, and one of two empty rows that would meet."""
    start = line_start(data, node.start_byte)
    parts = [child for child in node.children if child.type != "comment"]
    end = end_of(node)
    if parts[-1].type == ";" and b"\n" in data[end_of(parts[-2]) : parts[-1].start_byte]:
        # The semicolon of a style without them belongs to the row that it begins.
        end = end_of(parts[-2])
    rest = data[end : line_end(data, end)].strip()
    if data[start : node.start_byte].strip() or not (rest == b"" or rest.startswith(b"//")):
        raise Refused("the statement shares its row with others")
    stop = next_line(data, end)
    above = data[:start].replace(b"\r", b"")
    empty_above = above == b"" or above.endswith(b"\n\n")
    if empty_above and stop < len(data) and not data[stop : line_end(data, stop)].strip():
        stop = next_line(data, stop)
    return Edit(start, stop, b"")


def base_of(data: bytes, place: Place) -> str | None:
    """The name whose property an assignment sets."""
    node = place.node.child_by_field_name("left") if place.node.type == "assignment_expression" else None
    while node is not None and node.type == "member_expression":
        node = node.child_by_field_name("object")
    return data[node.start_byte : node.end_byte].decode() if node is not None and node.type == "identifier" else None


def setting(document: Document, key: str) -> tuple[str, str]:
    """What to write on the left of `key` of the module (`@x/y.config.socket` is `config.socket`), and what to import.

    The second is "" where the file has it already.
    """
    for local, dotted in document.imports.items():
        if key.startswith(dotted + "."):
            return local + key[len(dotted) :], ""
    slash = key.rfind("/")
    module, dot, rest = key[slash + 1 :].partition(".")
    name, _, path = rest.partition(".")
    if not dot or not path or slash < 0:
        raise Refused("a new variable is not written")
    return rest, f"{key[: slash + 1]}{module}:{name}"


def add(places: Places, table: Table, left: str, text: str, after: Entry | None) -> Edit:
    """A new statement behind one that sets the same object (or behind `after`), or below the imports."""
    base = left.partition(".")[0]
    for entry in (after,) if after else reversed(table.entries):
        place = places.entry(entry)
        if place is None or base_of(places.data, place) != base or place.node.parent is None:
            continue
        statement = place.node.parent
        outer = statement.parent if statement.type == "expression_statement" else None
        if outer is not None and outer.type == "program":
            return below(places.data, statement, [text])
    last = last_import(places)
    if last is None:
        raise Refused("there is no place for a new statement")
    return below(places.data, last, [text], gap=True)
