"""The condition language: what it reads, what it refuses and where it says so, and the laws of three-valued logic."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neonlint.errors import RuleError
from neonlint.facts.answer import Answer, FactSpec, FactType, Known, Unseen
from neonlint.ir.findings import Reason
from neonlint.when import ALWAYS, Node, evaluate, names
from neonlint.when_reader import MAX_LENGTH, parse
from neonlint.when_show import show, trace


def spec(name: str, kind: FactType, *values: str, optional: bool = False) -> FactSpec:
    return FactSpec(name, kind, "doc", lambda: None, values, optional)


FACTS = {
    fact.name: fact
    for fact in (
        spec("endpoint.neon", "bool"),
        spec("endpoint.pooled", "bool", optional=True),
        spec("role", "enum", "runtime", "migration"),
        spec("runtime", "enum", "serverless", "edge", "long-lived"),
        spec("params.sslmode", "str", optional=True),
        spec("region", "str"),
        spec("pool.size", "int", optional=True),
        spec("timeout", "float"),
    )
}
WHERE = "rules/NL302-x.toml: when"


def read(text: str) -> Node:
    return parse(text, FACTS, where=WHERE, subject="connection")


def refusal(text: str) -> str:
    with pytest.raises(RuleError) as caught:
        read(text)
    return str(caught.value)


def asking(answers: Mapping[str, Answer], log: list[str] | None = None) -> Callable[[str], Answer]:
    def ask(name: str) -> Answer:
        if log is not None:
            log.append(name)
        return answers[name]

    return ask


def value_of(text: str, **values: object) -> bool | None:
    """The verdict on `text`; `a__b` stands for the fact a.b, and `...` for one that cannot be seen."""
    answers = {
        name.replace("__", "."): Unseen("hidden") if value is ... else Known(value)  # type: ignore[arg-type]
        for name, value in values.items()
    }
    return evaluate(read(text), asking(answers)).value


# --- reading ---


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("True", ["lit", True]),
        ("endpoint.neon", ["fact", "endpoint.neon"]),
        ("not endpoint.neon", ["not", ["fact", "endpoint.neon"]]),
        ('role == "runtime"', ["==", ["fact", "role"], ["lit", "runtime"]]),
        ("3 < pool.size", ["<", ["lit", 3], ["fact", "pool.size"]]),
        ("pool.size == -1", ["==", ["fact", "pool.size"], ["lit", -1]]),
        ("timeout >= 2.5", [">=", ["fact", "timeout"], ["lit", 2.5]]),
        ("endpoint.pooled == False", ["==", ["fact", "endpoint.pooled"], ["lit", False]]),
        ("params.sslmode is not None", ["is not", ["fact", "params.sslmode"], ["lit", None]]),
        ('params.sslmode in (None, "prefer")', ["in", ["fact", "params.sslmode"], ["lit", [None, "prefer"]]]),
        ('role not in ["migration"]', ["not in", ["fact", "role"], ["lit", ["migration"]]]),
        ("role == region", ["==", ["fact", "role"], ["fact", "region"]]),
        (
            "endpoint.neon\n  # the pooler is what matters\n  and not endpoint.pooled",
            ["and", ["fact", "endpoint.neon"], ["not", ["fact", "endpoint.pooled"]]],
        ),
    ],
)
def test_reads(text: str, node: Node) -> None:
    assert read(text) == node
    assert json.loads(json.dumps(node)) == node


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (
            "endpoint.neon and endpoint.pooledd",
            "column 19",
            'unknown fact "endpoint.pooledd" for subject connection; did you mean "endpoint.pooled"?',
        ),
        ("endpoint.neon and\n  role", "line 2, column 3", '"role" is an enum fact'),
        ('role == "runtim"', "column 9", '"role" is never "runtim"; did you mean "runtime"?'),
        ('role in ("runtime", "zz")', "column 21", '"role" is never "zz"; it is one of: migration, runtime'),
        ("role", "column 1", "compare it with a value"),
        ("region == 3", "column 11", '"region" is a str fact, and 3 is not; quote the value'),
        ('pool.size > "3"', "column 13", '"pool.size" is an int fact, and "3" is not; write a number'),
        ("pool.size == True", "column 14", "write a number"),
        ("endpoint.neon == 1", "column 18", "use it bare"),
        ("endpoint.neon in (True,)", "column 1", "use it bare"),
        ("endpoint.neon == endpoint.pooled", "column 1", "compared with True or False only"),
        ("pool.size == region", "column 1", "compare facts of one type"),
        ("region is None", "column 1", "never absent"),
        ("region == None", "column 11", "never absent"),
        ('region in ("a", None)', "column 17", "never absent"),
        ("endpoint.neon is True", "column 18", '"is" is for None only; use =='),
        ('region < "b"', "column 1", '"<" orders numbers only'),
        ("role < region", "column 1", "orders numbers only"),
        ("pool.size < None", "column 1", "orders numbers only"),
        ("1 < pool.size < 3", "column 1", 'write "a < b and b < c"'),
        ('region in "abc"', "column 11", "needs a tuple of literals"),
        ("region in ()", "column 11", "needs a tuple of literals"),
        ('"a" in region', "column 8", "needs a tuple of literals"),
        ("False", "column 1", "only True may stand, and only alone"),
        ("endpoint.neon or True", "column 18", "only True may stand, and only alone"),
        ('"a" == "a"', "column 1", "compares two constants"),
        ("", "column 1", 'write "True"'),
        ("open(region)", "column 1", "a call is not allowed"),
        ('region.lower() == "x"', "column 1", "a call is not allowed"),
        ("pool.size + 1 == 2", "column 1", "arithmetic is not allowed"),
        ("2 ** 9 ** 9 == pool.size", "column 1", "arithmetic is not allowed"),
        ('region[0] == "x"', "column 1", "an index is not allowed"),
        ("lambda: 1", "column 1", "a lambda is not allowed"),
        ('f"{region}" == "x"', "column 1", "an f-string is not allowed"),
        ("(x := endpoint.neon)", "column 2", "an assignment is not allowed"),
        ("endpoint.neon if role else 1", "column 1", "an if expression is not allowed"),
        ("[x for x in region]", "column 1", "a comprehension is not allowed"),
        ("endpoint.neon, endpoint.pooled", "column 1", "a tuple is not allowed"),
        ("(*endpoint.neon,)", "column 1", "a tuple is not allowed"),
        ("await endpoint.neon", "column 1", "await is not allowed"),
        ('"".join == region', "column 1", "an attribute of a value is not allowed"),
        ("region.__class__ == region", "column 1", 'unknown fact "region.__class__"'),
        ("timeout == 1e999", "column 12", "not a literal that facts have"),
        ("pool.size == 1j", "column 14", "not a literal that facts have"),
        ('region == b"x"', "column 11", "not a literal that facts have"),
        ("pool.size == 9999999999999999999999", "column 14", "not a literal that facts have"),
        ("rоle == region", "column 2", "character U+043E"),
        ("ｒole == region", "column 1", "character U+FF52"),
        ("endpoint.neon\0", "column 14", "character U+0000"),
        ("endpoint.neon) or (endpoint.pooled", "column 1", "closed before it is opened"),
        ("endpoint.neon and", "", "not a condition"),
        ("1or endpoint.neon", "", "not a condition"),
        (r'region == "\d"', "", "not a condition"),
        ("not " * 60 + "endpoint.neon", "column 165", "nested deeper than 40"),
        ("(" * 900 + "endpoint.neon" + ")" * 900, "column", "not a condition"),
        ("endpoint.neon or " * 2_000 + "endpoint.neon", f"column {MAX_LENGTH + 1}", "longer than 20,000"),
    ],
)
def test_refuses(text: str, place: str, said: str) -> None:
    message = refusal(text)
    assert message.startswith(f"{WHERE}, {place}")
    assert said in message


@given(st.text() | st.text(alphabet="()[]{}\"'\\ \n\tnotradifelmbw.=<>!,:*#019xΩ", max_size=80))
@settings(max_examples=400)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except RuleError as error:
        assert str(error).startswith(WHERE)


@given(st.sampled_from(["not ", "(", "-", "lambda:", "[", "endpoint.", "1<", "a if ", "await ", "f'{", "9**", "x:="]))
def test_repetition_is_refused_quickly(piece: str) -> None:
    start = time.perf_counter()
    assert WHERE in refusal((piece * 700)[:1_990])
    assert time.perf_counter() - start < 1


# --- judging ---


def test_absent_equals_only_none() -> None:
    assert value_of('params.sslmode == "require"', params__sslmode=None) is False
    assert value_of('params.sslmode != "require"', params__sslmode=None) is True
    assert value_of("params.sslmode == None", params__sslmode=None) is True
    assert value_of("params.sslmode is None", params__sslmode=None) is True
    assert value_of("params.sslmode is not None", params__sslmode="x") is True
    assert value_of('params.sslmode in (None, "prefer")', params__sslmode=None) is True
    assert value_of('params.sslmode not in ("prefer",)', params__sslmode=None) is True
    assert value_of("endpoint.pooled", endpoint__pooled=None) is False
    assert value_of("endpoint.pooled == False", endpoint__pooled=None) is False


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
def test_absent_orders_with_nothing(op: str) -> None:
    assert value_of(f"pool.size {op} 3", pool__size=None) is False
    assert value_of(f"3 {op} pool.size", pool__size=None) is False


@pytest.mark.parametrize("size", [2, 3, 4])
def test_numbers_order(size: int) -> None:
    assert value_of("pool.size < 3", pool__size=size) is (size < 3)
    assert value_of("pool.size <= 3", pool__size=size) is (size <= 3)
    assert value_of("pool.size > 3", pool__size=size) is (size > 3)
    assert value_of("pool.size >= 3", pool__size=size) is (size >= 3)
    assert value_of("3 > pool.size", pool__size=size) is (size < 3)


def test_unseen_is_unknown_unless_the_other_side_decides() -> None:
    assert value_of("not endpoint.neon", endpoint__neon=...) is None
    assert value_of('region == "x"', region=...) is None
    assert value_of("role == region", role="runtime", region=...) is None
    assert value_of('endpoint.neon and region == "x"', endpoint__neon=..., region="y") is False
    assert value_of('endpoint.neon and region == "x"', endpoint__neon=..., region="x") is None
    assert value_of('endpoint.neon or region == "x"', endpoint__neon=..., region="x") is True
    assert value_of('endpoint.neon or region == "x"', endpoint__neon=..., region="y") is None


@pytest.mark.parametrize(
    ("text", "value", "used"),
    [
        ("endpoint.neon and endpoint.pooled", True, ["endpoint.neon", "endpoint.pooled"]),
        ('endpoint.neon and role == "migration"', False, ["role"]),
        ('role == "migration" or endpoint.neon or endpoint.pooled', True, ["endpoint.neon"]),
        ('role == "migration" or not endpoint.neon', False, ["role", "endpoint.neon"]),
        ('endpoint.neon and region == "x" and role == "runtime"', None, ["region"]),
        ('not (role == "migration" or role == "migration")', True, ["role"]),
        ("True", True, []),
    ],
)
def test_used_is_what_the_verdict_rests_on(text: str, value: bool | None, used: list[str]) -> None:
    answers: dict[str, Answer] = {
        "endpoint.neon": Known(True, (Reason("host", inferred=True),)),
        "endpoint.pooled": Known(True),
        "role": Known("runtime"),
        "region": Unseen("set elsewhere"),
    }
    verdict = evaluate(read(text), asking(answers))
    assert verdict.value is value
    assert verdict.used == tuple((name, answers[name]) for name in used)


def test_short_circuits_and_asks_once() -> None:
    log: list[str] = []
    answers: dict[str, Answer] = {"endpoint.neon": Known(False), "region": Known("x")}
    evaluate(read("endpoint.neon and endpoint.pooled"), asking(answers, log))
    evaluate(read("not endpoint.neon or endpoint.pooled"), asking(answers, log))
    evaluate(read('region == "y" or region == "x"'), asking(answers, log))
    assert log == ["endpoint.neon", "endpoint.neon", "region"]


# --- laws ---

BOOLS = ["a", "b", "c", "d"]
LAW_FACTS = {name: spec(name, "bool", optional=True) for name in BOOLS} | {"n": spec("n", "int", optional=True)}
ANSWERS: st.SearchStrategy[Answer] = st.sampled_from([Known(True), Known(False), Known(None), Unseen("hidden")])
NUMBERS: st.SearchStrategy[Answer] = st.sampled_from([Known(1), Known(5), Known(None), Unseen("hidden")])
WORLDS = st.fixed_dictionaries({**dict.fromkeys(BOOLS, ANSWERS), "n": NUMBERS})


def compound(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=3)
    return (
        nodes.map(lambda node: ["not", node])
        | several.map(lambda parts: ["and", *parts])
        | several.map(lambda parts: ["or", *parts])
    )


LEAVES: st.SearchStrategy[Node] = st.sampled_from(BOOLS).map(lambda name: ["fact", name]) | st.sampled_from(
    ["==", "!=", "<", "<=", ">", ">="]
).map(lambda op: [op, ["fact", "n"], ["lit", 3]])
NODES = st.recursive(LEAVES, compound, max_leaves=12)


def judged(node: Node, world: Mapping[str, Answer]) -> bool | None:
    return evaluate(node, asking(world)).value


@given(NODES, WORLDS)
def test_double_negation(node: Node, world: Mapping[str, Answer]) -> None:
    assert judged(["not", ["not", node]], world) is judged(node, world)


@given(NODES, NODES, WORLDS)
def test_de_morgan(a: Node, b: Node, world: Mapping[str, Answer]) -> None:
    assert judged(["not", ["and", a, b]], world) is judged(["or", ["not", a], ["not", b]], world)
    assert judged(["not", ["or", a, b]], world) is judged(["and", ["not", a], ["not", b]], world)


@given(NODES, NODES, NODES, WORLDS)
def test_kleene_lattice(a: Node, b: Node, c: Node, world: Mapping[str, Answer]) -> None:
    for op, other in (("and", "or"), ("or", "and")):
        assert judged([op, a, b], world) is judged([op, b, a], world)
        assert judged([op, a, [op, b, c]], world) is judged([op, [op, a, b], c], world)
        assert judged([op, a, b, c], world) is judged([op, [op, a, b], c], world)
        assert judged([op, a, a], world) is judged(a, world)
        assert judged([op, a, [other, a, b]], world) is judged(a, world)
        assert judged([op, a, [other, b, c]], world) is judged([other, [op, a, b], [op, a, c]], world)


@given(NODES, WORLDS, WORLDS)
def test_a_verdict_stays_when_more_is_seen(
    node: Node, world: Mapping[str, Answer], other: Mapping[str, Answer]
) -> None:
    seen_more = {name: other[name] if isinstance(answer, Unseen) else answer for name, answer in world.items()}
    before = judged(node, world)
    assert before is None or judged(node, seen_more) is before


@given(NODES, WORLDS, WORLDS)
def test_the_verdict_rests_on_used_alone(node: Node, world: Mapping[str, Answer], other: Mapping[str, Answer]) -> None:
    verdict = evaluate(node, asking(world))
    used = [name for name, _ in verdict.used]
    assert len(set(used)) == len(used)
    assert set(used) <= names(node)
    if verdict.value is not None:
        assert judged(node, {**other, **dict(verdict.used)}) is verdict.value
    else:
        assert used
        assert all(isinstance(answer, Unseen) for _, answer in verdict.used)


@given(NODES, WORLDS)
def test_asks_only_what_can_matter(node: Node, world: Mapping[str, Answer]) -> None:
    log: list[str] = []
    evaluate(node, asking(world, log))
    assert len(set(log)) == len(log)
    assert set(log) <= names(node)


@given(st.sampled_from([("and", False), ("or", True)]), NODES, NODES, WORLDS)
def test_nothing_behind_a_decision_is_asked(
    case: tuple[str, bool], a: Node, b: Node, world: Mapping[str, Answer]
) -> None:
    op, decisive = case
    alone: list[str] = []
    both: list[str] = []
    if evaluate(a, asking(world, alone)).value is decisive:
        evaluate([op, a, b], asking(world, both))
        assert both == alone


@given(NODES)
def test_show_is_read_back(node: Node) -> None:
    assert parse(show(node), LAW_FACTS, where="x") == node


@given(st.text())
def test_any_string_literal_is_shown_and_read_back(text: str) -> None:
    node = ["in", ["fact", "region"], ["lit", [text]]]
    if len(show(node)) <= MAX_LENGTH:
        assert read(show(node)) == node


@given(NODES, WORLDS)
def test_trace_agrees_with_evaluate(node: Node, world: Mapping[str, Answer]) -> None:
    asked: list[str] = []
    traced: list[str] = []
    assert trace(node, asking(world, traced)).value is evaluate(node, asking(world, asked)).value
    assert traced == asked


# --- the rest ---


def test_names() -> None:
    assert names(read('endpoint.neon and (role == region or params.sslmode in ("fact", "role"))')) == {
        "endpoint.neon",
        "role",
        "region",
        "params.sslmode",
    }
    assert names(ALWAYS) == set()


def test_trace_prints_each_step() -> None:
    answers: dict[str, Answer] = {
        "endpoint.neon": Known(True, (Reason("the host ends in neon.tech"),)),
        "params.sslmode": Known(None),
        "region": Unseen("REGION is set\x1b[2J elsewhere"),
        "runtime": Known("edge", (Reason("wrangler.toml is there", inferred=True),)),
    }
    either = 'region == "x" or params.sslmode is None or endpoint.pooled'
    text = f'endpoint.neon and ({either}) and not runtime == "edge"'
    assert str(trace(read(text), asking(answers))) == "\n".join(
        [
            f"false   {text}",
            "  true    endpoint.neon",
            "          endpoint.neon: True, because the host ends in neon.tech",
            f"  true    {either}",
            '    unknown region == "x"',
            "            region: unknown (REGION is set\\x1b[2J elsewhere)",
            "    true    params.sslmode is None",
            "            params.sslmode: absent",
            "    skipped endpoint.pooled",
            '  false   not runtime == "edge"',
            '    true    runtime == "edge"',
            '            runtime: "edge", because wrangler.toml is there (inferred)',
        ]
    )
