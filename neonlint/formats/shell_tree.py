"""The syntax tree of shell text, as tree-sitter's bash grammar gives it, with guards. Knows no value and no command.

Offsets are characters of the text: the parser sees a copy in which every character is one ASCII byte.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from neonlint.errors import ParseFailure
from neonlint.regex import regex

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

#: Longer text is not parsed, nor is text with more of what the grammar needs quadratic time for.
MAX_CHARACTERS = 1_000_000
_COSTLY = {"<<": 2_000, "=(": 2_000}
#: Its memory grows with the square of an unfinished pipeline's length: 3,000 pipes take 200 MB, 20,000 take 3.5 GB. How
#: long one is only the parser knows (it goes on behind comments and through groups), so all pipes of a text count.
_MAX_PIPES = 3_000
_SECONDS = 3.0
_CHUNK = 1 << 16

#: What stands for a part of a word that is not literal.
EXPANSIONS = frozenset(
    {"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion", "process_substitution"}
)
REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
ASSIGNMENTS = frozenset({"variable_assignment", "variable_assignments"})
STATEMENTS = frozenset({"command", "declaration_command", "unset_command", *ASSIGNMENTS})
WRAPPERS = frozenset({"list", "pipeline", "negated_command", "redirected_statement"})
SUBSHELLS = frozenset({"command_substitution", "process_substitution", "subshell"})

#: The grammar takes these for operators even inside `${NAME:-…}`, where they are text.
_DEFAULT = regex(r"\$\{[A-Za-z_]\w*+:?[-=?+][^{}\"'`$\\\s]*+\}")
_OPERATORS = regex(r"[&;|<>()#]")
#: It loses a word that begins with an escaped blank.
_ESCAPED = regex(r"\\.", re.DOTALL)
_BLANKS = {"\\ ": "%%", "\\\t": "%%"}
_NOT_ASCII = regex("[^\x00-\x7f]")


def parse(text: str) -> Node:
    """The root of the tree of `text`; raises `ParseFailure` where a guard stops the parser."""
    if len(text) > MAX_CHARACTERS or any(text.count(costly) > most for costly, most in _COSTLY.items()):
        raise ParseFailure("the shell text is too large")
    if text.count("|") - 2 * text.count("||") > _MAX_PIPES:
        raise ParseFailure("the shell text has too many pipes")
    if "\0" in text:
        raise ParseFailure("a shell script holds no NUL characters")
    data = _shadow(text)
    deadline = time.monotonic() + _SECONDS
    try:
        tree = _parser().parse(
            lambda at, _point: data[at : at + _CHUNK],
            progress_callback=lambda _at, _error: time.monotonic() > deadline,
        )
    except ValueError:
        _parser().reset()  # or it would go on with this text when it is given the next
        raise ParseFailure("the shell text takes too long to read") from None
    return tree.root_node


def _shadow(text: str) -> bytes:
    """A byte for each character of `text` and a newline, with the same structure for the parser."""
    # A percent sign is an ordinary character of words and never part of a variable's name.
    plain = text if text.isascii() else _NOT_ASCII.sub("%", text)
    if "&" in plain or ";" in plain:
        plain = _DEFAULT.sub(lambda match: _OPERATORS.sub("%", match[0]), plain)
    if "\\ " in plain or "\\\t" in plain:
        plain = _ESCAPED.sub(lambda match: _BLANKS.get(match[0], match[0]), plain)
    if "\r" in plain:
        plain = plain.replace("\\\r\n", " \\\n").replace("\r\n", "\n\n")
    return plain.encode("ascii") + b"\n"


@cache
def _parser() -> Parser:
    from tree_sitter import Language, Parser  # noqa: PLC0415 (most runs meet no shell text)
    from tree_sitter_bash import language  # noqa: PLC0415

    return Parser(Language(language()))


def outermost(nodes: list[Node], kinds: frozenset[str]) -> Iterator[Node]:
    """In order, the nodes of these kinds in and below `nodes` that no other of them holds; without recursion."""
    stack = nodes[::-1]
    while stack:
        node = stack.pop()
        if node.type in kinds:
            yield node
        elif node.child_count:
            stack.extend(reversed(node.children))
