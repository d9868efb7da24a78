"""Laws of the Python format, checked on generated sources."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from neonlint.edits import Code, DropEntry, Op, ReplaceText, SetEntry, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import python
from neonlint.ir.source import Document, Scalar, Slot, Table, has_hole

SAMPLE = b'''\xef\xbb\xbf"""Doc."""
import os  # neonlint: ignore
from .base import *
URL = os.environ.get("DATABASE_URL", "postgres://u:p@h/db") or f"x{os.name!r:>{4}}\\u00e9{{}}"
DATABASES = {"default": {"HOST": "h" 'i', **{}}}
DATABASES["default"]["OPTIONS"] = {'sslmode': r"a\\b", 1: 2}
class Settings(BaseSettings):
    url: str = Field("x", alias="Y")
async def main(pool: "asyncpg.Pool" = None, *args, key='\xc3\xa9', **more):
    async with pool.acquire() as conn:
        await conn.execute("%s %%" % (URL,), *args, **more)
    return "{}{x}".format(1, x=lambda: [c for c in more])
'''
TOKENS = [
    "{",
    "}",
    "(",
    ")",
    "'",
    '"',
    "f'",
    'rb"',
    "\\",
    "\n",
    "\r\n",
    "\r",
    "=",
    ":",
    "#",
    "\0",
    "é",
    "\ue000",
    "lambda",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The sample with pieces cut out and others put in."""
    data = SAMPLE
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 12))
        data = data[:at] + draw(st.sampled_from(TOKENS)).encode() + data[at + cut :]
    return data


def read_or_fail(data: bytes) -> Document | None:
    try:
        return python.read("x.py", data)
    except ParseFailure:
        return None


@given(st.one_of(st.binary(max_size=60), damaged(), st.text(max_size=60).map(str.encode)))
@settings(max_examples=400, deadline=None)
def test_reading_raises_nothing_but_parse_failures(data: bytes) -> None:
    document = read_or_fail(data)
    for literal in document.literals if document else ():
        slot = literal.slot
        assert len(slot.text) == len(slot.starts) == len(slot.ends)
        assert 0 <= slot.span.start <= slot.span.end <= len(data)


# Literals

PREFIXES = ["", "u", "U", "r", "R", "f", "F", "rf", "fR", "Rf"]
QUOTES = ["'", '"', "'''", '"""']
ESCAPED = [
    *[r"\n", r"\\", r"\x41", r"\u00e9", r"\U0001f418", r"\N{BULLET}", r"\101", r"\0", r"\'", r"\"", r"\q"],
    "\\\n",
]
PLAIN = ["a", "é", "🐘", "%", "{{", "}}", "'", '"', "\n", "\r\n", " ", "#", "\t", "8", "/"]
BODY = st.lists(st.sampled_from([*ESCAPED, *PLAIN]), max_size=12).map("".join)


@st.composite
def literal(draw: st.DrawFn) -> str:
    """The source of one string literal that Python accepts."""
    source = draw(st.sampled_from(PREFIXES)) + (quote := draw(st.sampled_from(QUOTES))) + draw(BODY) + quote
    assume(python_value(source) is not None and python_value(f"({source})") is not None)
    return source


def python_value(source: str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source, mode="eval")
            whole = isinstance(tree.body, (ast.Constant, ast.JoinedStr))
            found = eval(compile(tree, "x", "eval"), {}) if whole else None
        except (SyntaxError, ValueError, NameError):
            return None
    return found if isinstance(found, str) else None


@given(st.lists(literal(), min_size=1, max_size=3), st.sampled_from([" ", "", "\n", "  # c\n"]))
@settings(max_examples=400, deadline=None)
def test_decoded_text_is_what_python_reads(parts: list[str], gap: str) -> None:
    source = "(" + gap.join(parts) + "\n)"
    value = python_value(source)
    assume(value is not None)
    document = python.read("x.py", f"X = {source}\n".encode())
    slot = document.literals[0].slot
    assert slot.text == value
    assert slot.writable
    assert all(a <= b for a, b in zip(slot.ends, slot.starts[1:], strict=False))


NEW = st.text(st.sampled_from("ab'\"\\{}%\n7é🐘/?"), max_size=4)


@given(literal(), literal(), st.data())
@settings(max_examples=400, deadline=None)
def test_replacing_text_changes_that_text_only(source: str, other: str, data: st.DataObject) -> None:
    before = python.read("x.py", f"f({other}, x={source}, y={other})\n".encode())
    slot = before.literals[1].slot
    start = data.draw(st.integers(0, len(slot.text)))
    end = data.draw(st.integers(start, len(slot.text)))
    new = data.draw(NEW)
    assume(not has_hole(slot.text))
    try:
        after = rendered(before, [ReplaceText(slot, start, end, new)])
    except Refused:
        return
    texts = [one.slot.text for one in before.literals]
    assert [one.slot.text for one in after.literals] == [texts[0], slot.text[:start] + new + slot.text[end:], texts[2]]


def rendered(document: Document, ops: Sequence[Op]) -> Document:
    return python.read("x.py", apply(document.data, merge(python.render(document, ops))))


@given(
    st.sampled_from(
        ['f"a{x}b{y!r:>{w}}c"', '"a%sb%dc" % (x, y)', '"a{}b{y:>3}c".format(x, y=y)', '"a" + x + "b" + y + "c"']
    ),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_replacing_text_beside_holes_keeps_the_holes(source: str, data: st.DataObject) -> None:
    before = python.read("x.py", f"X = {source}\n".encode())
    slot = slot_of(before)
    at = data.draw(st.integers(0, 5))
    new = data.draw(NEW)
    changed = slot_of(rendered(before, [ReplaceText(slot, at, at, new)]))
    assert changed.text == slot.text[:at] + new + slot.text[at:]
    assert len(changed.holes) == len(slot.holes) == 2


def slot_of(document: Document) -> Slot:
    value = document.root.get("X") if document.root else None
    assert isinstance(value, Scalar)
    assert value.slot
    return value.slot


# Layouts


@st.composite
def container(draw: st.DrawFn) -> tuple[str, list[str], str]:
    """A call or dict display in some layout, as source with the keys in it and the opening text of one item."""
    dict_ = draw(st.booleans())
    count = draw(st.integers(0, 4))
    keys = [f"k{index}" for index in range(count)]
    items = [f'"{key}": {index}' if dict_ else f"{key}={index}" for index, key in enumerate(keys)]
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    gaps = [" ", "", f"{eol}    ", f"  # note{eol}    ", f"{eol}    # own{eol}\t"]
    text = draw(st.sampled_from(["", eol + "    ", f" # first{eol}    "]))
    for index, item in enumerate(items):
        text += item
        last = index == count - 1
        text += "" if last and draw(st.booleans()) else draw(st.sampled_from(["", " "])) + ","
        text += draw(st.sampled_from(gaps)) if not last else draw(st.sampled_from(["", " ", eol, f"  # end{eol}"]))
    head = draw(st.sampled_from(["", "\ufeff", "# -*- coding: utf-8 -*-" + eol])) + f"é = 1{eol}"
    tail = draw(st.sampled_from(["", eol, f"  # after{eol}y = 2{eol}"]))
    return (
        f"{head}x = {'{' if dict_ else 'f('}{text}{'}' if dict_ else ')'}{tail}",
        keys,
        "dict" if dict_ else "keywords",
    )


def table_of(document: Document) -> Table:
    value = document.root.get("x") if document.root else None
    return value if isinstance(value, Table) else document.calls[0].keywords


def pairs(data: bytes) -> dict[str, str]:
    node = ast.parse(data.decode("utf-8-sig")).body[1].value  # type: ignore[attr-defined]
    if isinstance(node, ast.Dict):
        return {key.value: ast.dump(value) for key, value in zip(node.keys, node.values, strict=True)}  # type: ignore
    return {keyword.arg or "": ast.dump(keyword.value) for keyword in node.keywords}


def comments(data: bytes, *, loose: bool = False) -> list[str]:
    text = data.decode("utf-8-sig")
    if loose:  # rows that no longer make a program; no literal here holds a number sign
        return [match.group().rstrip() for match in re.finditer("#.*", text)]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@given(container(), st.data())
@settings(max_examples=300, deadline=None)
def test_setting_an_entry_adds_it_and_nothing_else(made: tuple[str, list[str], str], data: st.DataObject) -> None:
    source, keys, _ = made
    before = python.read("x.py", source.encode())
    table = table_of(before)
    key = data.draw(st.sampled_from([*keys, "new"]))
    after = data.draw(st.sampled_from([None, *table.entries]))
    op = SetEntry(table, key, 7, after)
    result = apply(before.data, merge(python.render(before, [op])))
    assert pairs(result) == {**pairs(before.data), key: "Constant(value=7)"}
    assert comments(result) == comments(before.data)
    assert result.count(b"\r\n") == result.count(b"\n") or b"\r\n" not in source.encode() or mixed(source)
    again = python.read("x.py", result)
    assert python.render(again, [SetEntry(table_of(again), key, 7)]) == []


def mixed(source: str) -> bool:
    return source.count("\r\n") != source.count("\n")


@given(container(), st.data())
@settings(max_examples=300, deadline=None)
def test_dropping_entries_removes_them_and_nothing_else(made: tuple[str, list[str], str], data: st.DataObject) -> None:
    source, keys, _ = made
    assume(keys)
    before = python.read("x.py", source.encode())
    table = table_of(before)
    gone = data.draw(st.sets(st.sampled_from(keys), min_size=1))
    ops = [DropEntry(table, entry) for entry in table.entries if entry.key in gone]
    result = apply(before.data, merge(python.render(before, ops)))
    assert pairs(result) == {key: value for key, value in pairs(before.data).items() if key not in gone}
    beside = [row for row in source.splitlines() if any(key in row for key in gone)]
    kept = [row for row in source.splitlines() if row not in beside]
    assert Counter(comments("\n".join(["\ufeff", *kept]).encode(), loose=True)) <= Counter(comments(result))


@given(container(), st.data())
@settings(max_examples=200, deadline=None)
def test_exchanging_an_entry_for_another(made: tuple[str, list[str], str], data: st.DataObject) -> None:
    source, keys, _ = made
    assume(keys)
    before = python.read("x.py", source.encode())
    table = table_of(before)
    gone = data.draw(st.sampled_from(keys))
    entry = table.entry(gone)
    assert entry is not None
    ops: list[Op] = [SetEntry(table, "ssl", Code("make()")), DropEntry(table, entry)]
    result = apply(before.data, merge(python.render(before, ops)))
    expected = {key: value for key, value in pairs(before.data).items() if key != gone}
    assert pairs(result) == {**expected, "ssl": ast.dump(ast.parse("make()", mode="eval").body)}
    assert comments(result) == comments(before.data)


@pytest.mark.parametrize("data", [b"x = 1\r\n", b"\xef\xbb\xbfx = 1", b"x = 1\ry = 2", b"\x0cx = 1\n"])
def test_row_ends_and_marks_are_read(data: bytes) -> None:
    document = python.read("x.py", data)
    assert document.root
    entry = document.root.entry("x")
    assert entry
    assert data[entry.span.start : entry.span.end] == b"x = 1"
