"""Where the short way sees the items of a call or dict display, libcst sees the same ones."""

from __future__ import annotations

import ast

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from neonlint.formats.python_boxes import container
from neonlint.formats.python_layout import Container
from neonlint.formats.python_source import Source
from neonlint.formats.python_worker import _container

SPACES = st.sampled_from(["", " ", "  ", "\n", "\n    ", " # why\n ", "\\\n"])
VALUES = st.sampled_from(
    [
        "1",
        "x",
        "'é,)'",
        "f(a, b=2)",
        "{'k': 1}",
        "(1)",
        "(1, 2)",
        "[i for i in x]",
        "lambda a: a",
        "a if b else c",
        "g()()",
        '"""\n,"""',
    ]
)
ITEMS = {
    "f(": st.one_of(VALUES, VALUES.map("a={}".format), VALUES.map("b = {}".format), VALUES.map("*{}".format)),
    "(f)(": VALUES,
    "f (": VALUES.map("a={}".format),
    "{": st.one_of(
        VALUES.map("'k': {}".format), VALUES.map("k :{}".format), VALUES.map("('k'): {}".format), st.just("**x")
    ),
}


@st.composite
def boxes(draw: st.DrawFn) -> str:
    """A call or dict display with items, white space and comments as they come."""
    opening = draw(st.sampled_from(sorted(ITEMS)))
    items = draw(st.lists(ITEMS[opening], max_size=4))
    text = opening + draw(SPACES)
    for number, item in enumerate(items):
        more = number < len(items) - 1 or draw(st.booleans())
        text += item + (draw(SPACES) + "," + draw(SPACES) if more else draw(SPACES))
    return text + ("}" if opening == "{" else ")") + "\n"


def by_libcst(source: Source, node: ast.expr) -> Container:
    """The items as libcst has them."""
    wrapper = MetadataWrapper(cst.parse_module(source.utf8), unsafe_skip_copy=True)
    spans = wrapper.resolve(ByteSpanPositionProvider)
    found = next(
        box
        for box, span in spans.items()
        if isinstance(box, cst.Call | cst.Dict) and (span.start, span.start + span.length) == source.bounds(node)
    )
    assert isinstance(found, cst.Call | cst.Dict)
    return _container(wrapper.module, found, spans)


def outermost(text: str) -> tuple[Source, ast.Call | ast.Dict] | None:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    statement = tree.body[0]
    assert isinstance(statement, ast.Expr)
    return (Source(text.encode()), statement.value) if isinstance(statement.value, ast.Call | ast.Dict) else None


@given(boxes())
def test_what_it_sees_is_what_libcst_sees(text: str) -> None:
    if (read := outermost(text)) is None:
        return
    seen = container(*read)
    if seen is not None:
        assert seen == by_libcst(*read)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("f()", 0),
        ("f(1, b=2)", 2),
        ("f(\n    1,\n    **x,\n)", 2),
        ("{'a': 1, 'b': [2]}", 2),
        ("{\n}", 0),
        ("m.f(url, echo = True)", 2),
    ],
)
def test_usual_ones_are_seen(text: str, count: int) -> None:
    read = outermost(text)
    assert read is not None
    seen = container(*read)
    assert seen is not None and len(seen.items) == count


@pytest.mark.parametrize(
    "text",
    ["f((1))", "f(1  # why\n)", "f(i for i in x)", "(f)(1)", "{**x}", "{'a': (1)}", "{('a'): 1}", "f(1, \\\n 2)"],
)
def test_the_others_are_left_to_libcst(text: str) -> None:
    read = outermost(text)
    assert read is not None and container(*read) is None
