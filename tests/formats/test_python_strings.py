"""String values: what they read as, and which byte of the file each character came from."""

from __future__ import annotations

import ast

import pytest

from neonlint.formats import python
from neonlint.ir.source import EnvRef, Scalar, Slot, has_hole


def slot(expression: str, before: str = "") -> Slot:
    """The slot of `X = …`, read from a file that begins with `before`."""
    document = python.read("x.py", f"{before}X = {expression}\n".encode())
    assert document.root
    value = document.root.get("X")
    assert isinstance(value, Scalar)
    assert value.slot
    return value.slot


def shown(expression: str, before: str = "") -> str:
    """A slot's text with `•` for each hole."""
    return "".join("•" if has_hole(char) else char for char in slot(expression, before).text)


@pytest.mark.parametrize(
    "source",
    [
        "'plain'",
        '"it\'s"',
        r'"\n\t\x41\u00e9\U0001f418\N{BULLET}\101\0"',
        r"r'\d\n'",
        'r"a\\"b"',
        "u'é'",
        '"""two\nrows"""',
        '"""a\\\nb"""',
        "('one' \"two\"  # why\n 'three')",
        "'a' \\\n 'b'",
        '""',
        "f'{{}}'",
    ],
)
def test_literals_read_as_python_reads_them(source: str) -> None:
    found = slot(source)
    assert found.text == eval(source)
    assert found.writable


def test_each_character_knows_its_bytes() -> None:
    data = "é = 1; X = 'é\\x41' \"b\"\n".encode()
    document = python.read("x.py", data)
    assert document.root
    found = document.root.get("X")
    assert isinstance(found, Scalar)
    assert found.slot
    written = [data[a:b].decode() for a, b in zip(found.slot.starts, found.slot.ends, strict=True)]
    assert written == ["é", "\\x41", "b"]


def test_crlf_in_a_literal_is_one_newline_of_two_bytes() -> None:
    document = python.read("x.py", b'X = """a\r\nb"""\r\n')
    found = document.literals[0].slot
    assert (found.text, list(found.starts), list(found.ends)) == ("a\nb", [7, 8, 10], [8, 10, 11])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f'{a}:{b!r}@{c:>{w}}/{{d}}'", "•:•@•/{d}"),
        ('f"{x["k"]}" "{y}"' if hasattr(ast, "TypeAlias") else "f'{x[\"k\"]}' '{y}'", "•{y}"),
        ("f'''{\nx\n}'''", "•"),
        ("rf'\\d{x}'", "\\d•"),
        ("f'{x!=y}{x:=^9}{(lambda: 1)()}'", "•••"),
        ("'a' + b + 'c'", "a•c"),
        ("b + '?x=1'", "•?x=1"),
        ("'%s:%(n)d%%' % b", "•:•%"),
        ("'%(a)s/%(b)s' % {'a': 1}", "•/•"),
        ("'{}:{x!r:>3}{{}}{0.y}'.format(b, x=c)", "•:•{}•"),
        ("'{}' '{}'.format(b, c)", "••"),
        ("('a' 'b' + c)", "ab•"),
    ],
)
def test_what_is_not_literal_is_a_hole(source: str, expected: str) -> None:
    assert shown(source) == expected


def test_holes_say_what_they_hold() -> None:
    found = slot("f'{HOST}{os.environ[\"P\"]}'", "import os\nHOST = 'h'\n")
    host, port = found.holes
    assert isinstance(host, Scalar)
    assert host.value == "h"
    assert isinstance(port, EnvRef)
    assert port.name == "P"


def test_calls_in_an_f_string_over_several_rows_have_their_places() -> None:
    data = b'X = f"""\n{a}\n  {os.getenv("P")}\n"""\n'
    (call,) = python.read("x.py", data).calls
    assert data[call.span.start : call.span.end] == b'os.getenv("P")'
    assert data[call.name_span.start : call.name_span.end] == b"getenv"


def test_a_debugging_hole_keeps_the_text_and_loses_the_map() -> None:
    found = slot("f'{x=}'")
    assert found.text.startswith("x=")
    assert not found.writable


def test_a_private_use_character_is_not_taken_for_a_hole_of_the_program() -> None:
    found = slot("'a\ue000b'")
    assert len(found.holes) == 1


def test_text_worked_out_by_replace_cannot_be_edited() -> None:
    found = slot("'postgres://h'.replace('postgres://', 'postgresql://', 1)")
    assert (found.text, found.writable) == ("postgresql://h", False)


def test_other_encodings_give_offsets_into_the_file() -> None:
    data = "# coding: latin-1\né = 'é'\nX = 'äb'\n".encode("latin-1")
    document = python.read("x.py", data)
    found = document.literals[1].slot
    assert found.text == "äb"
    assert data[found.starts[1] : found.ends[1]] == b"b"
    assert python.encode(found.style, "ü") == b"\xfc"
    assert python.encode(found.style, "€") == b"\\u20ac"


@pytest.mark.parametrize(
    ("style", "text", "written"),
    [
        ('"', "a\"'\\\n\0", b"a\\\"'\\\\\\n\\x00"),
        ("'", "it's", b"it\\'s"),
        ("f'", "{x}", b"{{x}}"),
        ('"%', "50%", b"50%%"),
        ('f"{', "{", b"{{{{"),
        ("r'", "plain", b"plain"),
        ("r'", "it's", None),
        ("r'", "\\", None),
        ('" f"', "a=b", b"a=b"),
        ('" f"', "{}", None),
        ('"', "\ue000", None),
        ("", "x", None),
    ],
)
def test_text_is_written_as_its_literal_needs_it(style: str, text: str, written: bytes | None) -> None:
    assert python.encode(style, text) == written
