"""Redirections and here-documents of shell commands. Knows no program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from neonlint.formats.shell_tree import REDIRECTS, STATEMENTS, WRAPPERS
from neonlint.formats.shell_words import Text
from neonlint.ir.source import Value

if TYPE_CHECKING:
    from tree_sitter import Node

#: An operator with the descriptor in front of it (`2>`), and its target.
Redirect: TypeAlias = tuple[str, Value]


class Found(NamedTuple):
    """Redirections, and words of the command that stand behind them."""

    redirects: list[Redirect]
    words: list[list[Node]]


def redirections(text: Text, node: Node) -> Found:
    """The redirections that a node stands for; of a here-document also those behind its name, on the same line."""
    found, words = Found([], []), []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type != "heredoc_redirect":
            _one(text, current, found)
            continue
        raw = tabs = False
        for child in current.children:
            if child.type == "<<-":
                tabs = True
            elif child.type == "heredoc_start":
                raw = text.text[child.start_byte] in "'\"\\"
            elif child.type == "heredoc_body":
                found.redirects.append(("<<", _body(text, child, raw=raw, tabs=tabs)))
            elif child.type in REDIRECTS:
                stack.append(child)
            elif child.is_named and child.type not in {"heredoc_end", "file_descriptor", *WRAPPERS, *STATEMENTS}:
                words.append(child)
    found.words.extend(words_of(words))
    return found


def _one(text: Text, node: Node, found: Found) -> None:
    number, operator, words = "", "", []
    for child in node.children:
        if child.type == "file_descriptor":
            number = text.text[child.start_byte : child.end_byte]
        elif not child.is_named and not operator:
            operator = child.type
        else:
            words.append(child)
    grouped = words_of(words)
    if grouped:
        found.redirects.append((number + operator, text.word(grouped[0])))
        found.words.extend(grouped[1:])


def _body(text: Text, node: Node, *, raw: bool, tabs: bool) -> Value:
    start, end = node.start_byte, node.end_byte
    if tabs:
        # The tabs in front of the line that ends it are not its own.
        end = start + len(text.text[start:end].rstrip("\t"))
    return text.verbatim(start, end, "heredoc-raw") if raw else text.value(start, end, [node], "heredoc")


def words_of(nodes: Sequence[Node]) -> list[list[Node]]:
    """Nodes that stand side by side are one word."""
    words: list[list[Node]] = []
    for node in nodes:
        if node.start_byte == node.end_byte or node.type == "comment":
            continue
        if words and words[-1][-1].end_byte == node.start_byte:
            words[-1].append(node)
        else:
            words.append([node])
    return words
