"""Conditions for a reader: a node as the text it was read from, and the way to a verdict, part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neonlint.facts.answer import Answer, Scalar, Unseen
from neonlint.records import dataclass
from neonlint.when import Ask, Node, evaluate, once


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
    return _trace(node, once(ask, {}))


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
    value = "absent" if answer.value is None else show_value(answer.value)
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
        return show_value(node[1])
    return f"{show(node[1])} {head} {show(node[2])}"


def _bracketed(node: Node) -> str:
    return f"({show(node)})" if node[0] in {"and", "or"} else show(node)


def show_value(value: Scalar | Sequence[Scalar]) -> str:
    """A literal as a condition writes it."""
    if isinstance(value, str):
        simple = value.isascii() and value.isprintable() and not set('"\\') & set(value)
        return f'"{value}"' if simple else ascii(value)
    if isinstance(value, list | tuple):
        return "(" + ", ".join(map(show_value, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)
