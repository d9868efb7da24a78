"""The condition language of rules, a closed subset of Python's expression syntax. Knows no rule file, computes no fact.

A condition is read once (`neonlint.when_reader`, the only part that needs `ast`) into a node, a nested list that can be
kept as JSON; `neonlint.when_show` writes it back and traces a verdict.


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

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from neonlint.facts.answer import Answer, Known, Scalar, Unseen

Node: TypeAlias = list[Any]
Ask: TypeAlias = Callable[[str], Answer]

_Operand: TypeAlias = Scalar | list[Scalar]

ALWAYS: Node = ["lit", True]


class Verdict(NamedTuple):
    """What a condition came to (`None`: unknown), and the facts that this rests on, each once, in the order asked."""

    value: bool | None
    used: tuple[tuple[str, Answer], ...]


def evaluate(node: Node, ask: Ask) -> Verdict:
    """Judge `node`; `ask` is called at most once for a fact, and only for facts that can still change the verdict."""
    seen: dict[str, Answer] = {}
    value, used = _judge(node, once(ask, seen))
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


def once(ask: Ask, seen: dict[str, Answer]) -> Ask:
    """`ask`, called at most once for a fact; the answers are kept in `seen`."""

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
