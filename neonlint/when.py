"""The condition language of rules, a closed subset of Python's expression syntax. Knows no rule file, computes no fact.

A condition is read once (`parse`, the only part that needs `ast`) into a node, a nested list that can be kept as JSON:

    ["and", node, …]   ["or", node, …]   ["not", node]
    ["fact", name]                        a bool fact, bare
    ["lit", True]                         the condition that always holds
    [op, operand, operand]                op: == != < <= > >= in, not in, is, is not
                                          operand: ["fact", name] or ["lit", value]; behind `in` a list of values

Nothing is ever evaluated as Python. Truth has three values (Kleene): a fact that cannot be seen makes a verdict unknown
unless the other side decides it. Absent is a known `None`: it equals nothing but `None`, orders with nothing, and an
absent bool fact is false.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from neonlint.errors import RuleError
from neonlint.facts.answer import Answer, FactSpec, Known, Scalar, Unseen

if TYPE_CHECKING:
    import ast

Node: TypeAlias = list[Any]
Ask: TypeAlias = Callable[[str], Answer]

_Operand: TypeAlias = Scalar | list[Scalar]

MAX_LENGTH = 2_000
MAX_DEPTH = 40
ALWAYS: Node = ["lit", True]

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a condition came to (`None`: unknown), and the facts that this rests on, each once, in the order asked."""

    value: bool | None
    used: tuple[tuple[str, Answer], ...]


def evaluate(node: Node, ask: Ask) -> Verdict:
    """Judge `node`; `ask` is called at most once for a fact, and only for facts that can still change the verdict."""
    seen: dict[str, Answer] = {}
    value, used = _judge(node, _once(ask, seen))
    return Verdict(value, tuple((name, seen[name]) for name in dict.fromkeys(used)))


def names(node: Node) -> set[str]:
    """Every fact that `node` may ask about."""
    found: set[str] = set()
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, list) and current and current[0] == "fact":
            found.add(current[1])
        elif isinstance(current, list) and current and current[0] != "lit":
            stack.extend(current[1:])
    return found


def _once(ask: Ask, seen: dict[str, Answer]) -> Ask:
    def asked(name: str) -> Answer:
        if name not in seen:
            seen[name] = ask(name)
        return seen[name]

    return asked


def _judge(node: Node, ask: Ask) -> tuple[bool | None, list[str]]:
    head = node[0]
    if head in {"and", "or"}:
        return _decide(node[1:], ask, decisive=head == "or")
    if head == "not":
        value, used = _judge(node[1], ask)
        return (None if value is None else not value), used
    if head == "fact":
        answer = ask(node[1])
        return (bool(answer.value) if isinstance(answer, Known) else None), [node[1]]
    if head == "lit":
        return bool(node[1]), []
    return _compare(head, node[1], node[2], ask)


def _decide(nodes: Iterable[Node], ask: Ask, *, decisive: bool) -> tuple[bool | None, list[str]]:
    """The first false operand decides `and`, the first true one `or`; else an unknown operand leaves it unknown."""
    plain: list[str] = []
    unknown: list[str] = []
    for node in nodes:
        value, used = _judge(node, ask)
        if value is decisive:
            return decisive, used
        (unknown if value is None else plain).extend(used)
    return (None, unknown) if unknown else (not decisive, plain)


def _compare(op: str, left: Node, right: Node, ask: Ask) -> tuple[bool | None, list[str]]:
    asked = [operand[1] for operand in (left, right) if operand[0] == "fact"]
    unseen = [name for name in asked if isinstance(ask(name), Unseen)]
    if unseen:
        return None, unseen
    return _holds(op, _operand(left, ask), _operand(right, ask)), asked


def _operand(operand: Node, ask: Ask) -> _Operand:
    if operand[0] == "lit":
        value: _Operand = operand[1]
        return value
    answer = ask(operand[1])
    return answer.value if isinstance(answer, Known) else None


def _holds(op: str, left: _Operand, right: _Operand) -> bool:
    if op in {"==", "is"}:
        return left == right
    if op in {"!=", "is not"}:
        return left != right
    if isinstance(right, list):
        return (left in right) is (op == "in")
    return isinstance(left, int | float) and isinstance(right, int | float) and _ordered(op, left, right)


def _ordered(op: str, left: float, right: float) -> bool:
    if left == right:
        return op in {"<=", ">="}
    return (left < right) is (op in {"<", "<="})


# --- showing ---


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a trace: a part of the condition, what it came to, the answers it rests on, and its own parts.

    A part that was `skipped` was not asked, because what came before it had decided.
    """

    text: str
    value: bool | None
    answers: tuple[tuple[str, Answer], ...] = ()
    parts: tuple[Step, ...] = ()
    skipped: bool = False

    def lines(self, indent: int = 0) -> Iterator[str]:
        """The step and its parts for a terminal, two blanks further in at each level."""
        word = "skipped" if self.skipped else {True: "true", False: "false", None: "unknown"}[self.value]
        yield f"{'  ' * indent}{word:<8}{self.text}"
        for name, answer in self.answers:
            yield f"{'  ' * indent}        {name}: {show_answer(answer)}"
        for part in self.parts:
            yield from part.lines(indent + 1)

    def __str__(self) -> str:
        return "\n".join(self.lines())


def trace(node: Node, ask: Ask) -> Step:
    """The way to the verdict, part by part, asking exactly the facts that `evaluate` asks."""
    return _trace(node, _once(ask, {}))


def _trace(node: Node, ask: Ask) -> Step:
    if node[0] == "not":
        part = _trace(node[1], ask)
        return Step(show(node), None if part.value is None else not part.value, parts=(part,))
    if node[0] in {"and", "or"}:
        return _trace_parts(node, ask, decisive=node[0] == "or")
    verdict = evaluate(node, ask)
    return Step(show(node), verdict.value, tuple((name, ask(name)) for name in _in_order(node)))


def _trace_parts(node: Node, ask: Ask, *, decisive: bool) -> Step:
    parts: list[Step] = []
    decided = False
    for child in node[1:]:
        parts.append(Step(show(child), None, skipped=True) if decided else _trace(child, ask))
        decided = decided or parts[-1].value is decisive
    values = [part.value for part in parts if not part.skipped]
    value = decisive if decided else None if None in values else not decisive
    return Step(show(node), value, parts=tuple(parts))


def _in_order(node: Node) -> list[str]:
    operands = [node] if node[0] == "fact" else [part for part in node[1:] if isinstance(part, list)]
    return list(dict.fromkeys(part[1] for part in operands if part[0] == "fact"))


def show_answer(answer: Answer) -> str:
    """An answer in words: its value or why it cannot be seen, and what it rests on. Control characters are escaped."""
    if isinstance(answer, Unseen):
        return f"unknown ({_plain(answer.why)})"
    reasons = "; ".join(_plain(r.text) + (" (inferred)" if r.inferred else "") for r in answer.because)
    value = "absent" if answer.value is None else _show_value(answer.value)
    return f"{value}, because {reasons}" if reasons else value


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def show(node: Node) -> str:
    """The condition as text; `parse(show(node))` gives `node` again."""
    head = node[0]
    if head in {"and", "or"}:
        return f" {head} ".join(_bracketed(part) for part in node[1:])
    if head == "not":
        return f"not {_bracketed(node[1])}"
    if head == "fact":
        return str(node[1])
    if head == "lit":
        return _show_value(node[1])
    return f"{show(node[1])} {head} {show(node[2])}"


def _bracketed(node: Node) -> str:
    return f"({show(node)})" if node[0] in {"and", "or"} else show(node)


def _show_value(value: Scalar | Sequence[Scalar]) -> str:
    if isinstance(value, str):
        simple = value.isascii() and value.isprintable() and not set('"\\') & set(value)
        return f'"{value}"' if simple else ascii(value)
    if isinstance(value, list | tuple):
        return "(" + ", ".join(map(_show_value, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


# --- reading ---


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
    import difflib  # noqa: PLC0415  (only an error needs it)

    choices = sorted(known)
    if close := difflib.get_close_matches(word, choices, n=1, cutoff=0.6):
        return f'; did you mean "{close[0]}"?'
    return "; it is one of: " + ", ".join(choices) if 0 < len(choices) <= 12 else ""


def _syntax_tree(text: str, where: str) -> ast.expr:
    import ast  # noqa: PLC0415  (a run on built-in rules never gets here)

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
        return RuleError(f"{self.where}, {_place(node.lineno, node.col_offset + 1, -1)}: {text}")

    def condition(self, node: ast.expr, depth: int) -> Node:
        import ast  # noqa: PLC0415

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
        import ast  # noqa: PLC0415

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
            raise self.error(node, f'"{fact.name}" is {_type_of(fact)}, and {_show_value(value)} is not; {_hint(fact)}')
        if fact.type == "enum" and value is not None and value not in fact.values:
            hint = nearest(str(value), fact.values) or "; see the fact reference"
            raise self.error(node, f'"{fact.name}" is never {_show_value(value)}{hint}')

    def literal(self, node: ast.expr) -> Scalar:
        import ast  # noqa: PLC0415

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
    import ast  # noqa: PLC0415

    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _is_literal(node: ast.expr) -> bool:
    import ast  # noqa: PLC0415

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
