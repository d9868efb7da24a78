"""Reads the text of a condition into a node (`neonlint.when`), and checks every name and type on the way.

A run on built-in rules never gets here: it takes the nodes from the index of rules.
"""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Iterable, Mapping

from neonlint.errors import RuleError
from neonlint.facts.answer import FactSpec, Scalar
from neonlint.when import ALWAYS, Node
from neonlint.when_show import show_value

#: Enough for some hundred endpoint ids.
MAX_LENGTH = 20_000
MAX_DEPTH = 40
_LONGEST_ERROR = 1_000

_LANGUAGE = "a condition is made of fact names, literals, and, or, not, comparisons and in"
_OPERATORS = {
    "Eq": "==",
    "NotEq": "!=",
    "Lt": "<",
    "LtE": "<=",
    "Gt": ">",
    "GtE": ">=",
    "In": "in",
    "NotIn": "not in",
    "Is": "is",
    "IsNot": "is not",
}
_REFUSED = {
    "Call": "a call",
    "BinOp": "arithmetic",
    "UnaryOp": "arithmetic",
    "Subscript": "an index",
    "Lambda": "a lambda",
    "JoinedStr": "an f-string",
    "TemplateStr": "a t-string",
    "NamedExpr": "an assignment",
    "IfExp": "an if expression",
    "Starred": "unpacking",
    "ListComp": "a comprehension",
    "SetComp": "a comprehension",
    "DictComp": "a comprehension",
    "GeneratorExp": "a comprehension",
    "Await": "await",
    "Yield": "yield",
    "YieldFrom": "yield",
    "Dict": "a dict",
    "Set": "a set",
    "List": "a list",
    "Tuple": "a tuple",
    "Attribute": "an attribute of a value",
}


def parse(text: str, facts: Mapping[str, FactSpec], *, where: str, subject: str = "") -> Node:
    """Read and type-check a condition over `facts` (fact name to fact, of one subject).

    `where` names file and key and begins every error (`rules/NL302-x.toml: when`). Columns count characters from 1.
    Raises RuleError, and nothing else, for whatever text is given.
    """
    tree = _syntax_tree(text, where)
    reader = _Reader(facts, subject, where)
    if type(tree).__name__ == "Constant" and getattr(tree, "value", None) is True:
        return list(ALWAYS)
    return reader.condition(tree, 0)


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` for the closest of `known`, else the list of them where it is short, else nothing."""
    choices = sorted(known)
    if close := difflib.get_close_matches(word, choices, n=1, cutoff=0.6):
        return f'; did you mean "{close[0]}"?'
    return "; it is one of: " + ", ".join(choices) if 0 < len(choices) <= 12 else ""


def _syntax_tree(text: str, where: str) -> ast.expr:
    _check_text(text, where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # "\d" and `1or 2` are warnings in Python, and errors here
            tree = ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError as error:
        raise RuleError(f"{where}, {_place(error.lineno, error.offset, -1)}: not a condition; {_LANGUAGE}") from None
    except (RecursionError, MemoryError, ValueError):
        raise RuleError(f"{where}, column 1: too complex; use fewer parts, or a fact that says it") from None
    if (tree.lineno, tree.col_offset) == (1, 0) and type(tree).__name__ not in _REFUSED:
        raise RuleError(f"{where}, column 1: a parenthesis is closed before it is opened; balance them")
    return tree


def _check_text(text: str, where: str) -> None:
    if len(text) > MAX_LENGTH:
        raise RuleError(
            f"{where}, column {MAX_LENGTH + 1}: longer than {MAX_LENGTH:,} characters; use a fact that says it"
        )
    if not text.strip():
        raise RuleError(f'{where}, column 1: empty; write "True" for a rule that always applies')
    for row, line in enumerate(text.split("\n"), 1):
        for column, char in enumerate(line, 1):
            if not (" " <= char <= "~" or char == "\t"):
                place = _place(row, column, 0)
                raise RuleError(f"{where}, {place}: character U+{ord(char):04X}; write ASCII, or an escape in a string")


def _place(row: int | None, column: int | None, shift: int) -> str:
    """`column` is 1-based after `shift` has taken off, on the first row, the parenthesis that the text was put in."""
    first = row is None or row <= 1
    at = max(1, (column or 1) + (shift if first else 0))
    return f"column {at}" if first else f"line {row}, column {at}"


_KINDS = {"bool": "bool", "str": "str", "enum": "str", "int": "number", "float": "number"}


class _Reader:
    """Turns a syntax tree into a node and checks every name and type on the way."""

    def __init__(self, facts: Mapping[str, FactSpec], subject: str, where: str) -> None:
        self.facts, self.subject, self.where = facts, subject, where

    def error(self, node: ast.expr, text: str) -> RuleError:
        text = text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]}…"
        return RuleError(f"{self.where}, {_place(node.lineno, node.col_offset + 1, -1)}: {text}")

    def condition(self, node: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.error(node, f"nested deeper than {MAX_DEPTH} levels; use a fact that says it")
        if isinstance(node, ast.BoolOp):
            head = "and" if isinstance(node.op, ast.And) else "or"
            return [head, *(self.condition(part, depth + 1) for part in node.values)]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return ["not", self.condition(node.operand, depth + 1)]
        if isinstance(node, ast.Compare):
            return self.comparison(node)
        if _is_literal(node):
            raise self.error(node, "a constant is not a condition; only True may stand, and only alone")
        return self.bare(node)

    def bare(self, node: ast.expr) -> Node:
        fact = self.fact(node)
        if fact.type != "bool":
            raise self.error(node, f'"{fact.name}" is {_type_of(fact)}, not true or false; compare it with a value')
        return ["fact", fact.name]

    def comparison(self, node: ast.Compare) -> Node:
        if len(node.ops) > 1:
            raise self.error(node, 'a chained comparison; write "a < b and b < c"')
        op = _OPERATORS[type(node.ops[0]).__name__]
        left, right = node.left, node.comparators[0]
        if op in {"in", "not in"}:
            return self.membership(op, left, right)
        if op in {"is", "is not"}:
            return self.absence(op, left, right)
        if _is_literal(left) and _is_literal(right):
            raise self.error(node, "compares two constants; compare a fact")
        if _is_literal(left) or _is_literal(right):
            return self.with_literal(op, left, right)
        return self.two_facts(op, left, right)

    def membership(self, op: str, left: ast.expr, right: ast.expr) -> Node:
        if not isinstance(right, ast.Tuple | ast.List) or not right.elts:
            raise self.error(right, f'"{op}" needs a tuple of literals, such as ("a", "b")')
        fact = self.fact(left)
        if fact.type == "bool":
            raise self.error(left, f'"{fact.name}" is a bool fact; use it bare or with not')
        return [op, ["fact", fact.name], ["lit", [self.value_for(fact, item) for item in right.elts]]]

    def absence(self, op: str, left: ast.expr, right: ast.expr) -> Node:
        if not _is_literal(right) or self.literal(right) is not None:
            raise self.error(right, f'"{op}" is for None only; use {"==" if op == "is" else "!="} for other values')
        fact = self.fact(left)
        self.check(fact, None, left)
        return [op, ["fact", fact.name], ["lit", None]]

    def with_literal(self, op: str, left: ast.expr, right: ast.expr) -> Node:
        fact = self.fact(right if _is_literal(left) else left)
        value = self.value_for(fact, left if _is_literal(left) else right)
        if op not in {"==", "!="} and (_KINDS[fact.type] != "number" or value is None):
            raise self.error(left, f'"{op}" orders numbers only; "{fact.name}" is {_type_of(fact)}; use ==, != or in')
        operands = ["fact", fact.name], ["lit", value]
        return [op, *(reversed(operands) if _is_literal(left) else operands)]

    def two_facts(self, op: str, left: ast.expr, right: ast.expr) -> Node:
        first, second = self.fact(left), self.fact(right)
        kinds = {_KINDS[first.type], _KINDS[second.type]}
        if "bool" in kinds:
            raise self.error(left, "a bool fact is compared with True or False only; use and, or, not")
        if len(kinds) > 1:
            text = f'"{first.name}" is {_type_of(first)} and "{second.name}" is {_type_of(second)}'
            raise self.error(left, f"{text}; compare facts of one type")
        if op not in {"==", "!="} and kinds != {"number"}:
            raise self.error(left, f'"{op}" orders numbers only; use == or !=')
        return [op, ["fact", first.name], ["fact", second.name]]

    def value_for(self, fact: FactSpec, node: ast.expr) -> Scalar:
        value = self.literal(node)
        self.check(fact, value, node)
        return value

    def check(self, fact: FactSpec, value: Scalar, node: ast.expr) -> None:
        if value is None and not fact.optional:
            raise self.error(node, f'"{fact.name}" is never absent; leave the comparison with None out')
        if value is not None and _kind_of(value) != _KINDS[fact.type]:
            raise self.error(node, f'"{fact.name}" is {_type_of(fact)}, and {show_value(value)} is not; {_hint(fact)}')
        if fact.type == "enum" and value is not None and value not in fact.values:
            hint = nearest(str(value), fact.values) or "; see the fact reference"
            raise self.error(node, f'"{fact.name}" is never {show_value(value)}{hint}')

    def literal(self, node: ast.expr) -> Scalar:
        sign = 1
        if isinstance(node, ast.UnaryOp) and _is_literal(node):
            node, sign = node.operand, -1
        value = node.value if isinstance(node, ast.Constant) else node
        if value is None or isinstance(value, str | bool):
            return value
        if isinstance(value, int | float) and abs(value) < 2**63:
            return sign * value
        raise self.error(node, "not a literal that facts have; use a str, int, float, bool or None")

    def fact(self, node: ast.expr) -> FactSpec:
        name = _dotted(node)
        if name is None:
            what = "a literal" if _is_literal(node) else _REFUSED.get(type(node).__name__, "this")
            raise self.error(node, f"{what} is not allowed here; {_LANGUAGE}")
        if name not in self.facts:
            of = f" for subject {self.subject}" if self.subject else ""
            raise self.error(
                node, f'unknown fact "{name}"{of}{nearest(name, self.facts) or "; see the fact reference"}'
            )
        return self.facts[name]


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return isinstance(node.operand.value, int | float) and not isinstance(node.operand.value, bool)
    return isinstance(node, ast.Constant)


def _kind_of(value: Scalar) -> str:
    if isinstance(value, bool):
        return "bool"
    return "str" if isinstance(value, str) else "number"


def _type_of(fact: FactSpec) -> str:
    return f"an {fact.type} fact" if fact.type in {"int", "enum"} else f"a {fact.type} fact"


def _hint(fact: FactSpec) -> str:
    hints = {"bool": "use it bare, or with True or False", "str": "quote the value", "number": "write a number"}
    return hints[_KINDS[fact.type]]
