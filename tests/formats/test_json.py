"""JSON: agreement with the standard library, comments and trailing commas, changes that keep commas right."""

from __future__ import annotations

import json as stdlib

import pytest

from neonlint.edits import Code, DropEntry, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import json
from neonlint.ir.source import Document, EnvRef, Items, Scalar, Slot, Table, Unknown, Value


def read(text: str) -> Document:
    return json.read("config.json", text.encode())


def at(document: Document, *path: str) -> Value:
    value: Value | None = document.root
    for key in path:
        assert isinstance(value, Table)
        value = value.get(key)
    assert value is not None
    return value


def table(document: Document, *path: str) -> Table:
    found = at(document, *path)
    assert isinstance(found, Table)
    return found


def slot(document: Document, *path: str) -> Slot:
    found = at(document, *path)
    assert isinstance(found, Scalar)
    assert found.slot is not None
    return found.slot


def changed(document: Document, *ops: Op) -> str:
    return apply(document.data, merge(json.render(document, ops))).decode()


def plain(value: Value) -> object:
    if isinstance(value, Table):
        return {entry.key: plain(entry.value) for entry in value.entries}
    if isinstance(value, Items):
        return [plain(item) for item in value.values]
    assert isinstance(value, Scalar)
    return value.value


SAMPLE = r"""{
  "a": "x\u00e9\ud83d\ude00\n\"\\\/ // no comment",
  "b": [1, -2.5e3, 1E+2, true, false, null, "", {}, []],
  "é😀": {"c": {"d": "e"}}
}
"""


@pytest.mark.parametrize("text", [SAMPLE, SAMPLE.replace("\n", "\r\n"), SAMPLE.strip()])
def test_agreement_with_the_standard_library(text: str) -> None:
    assert plain(table(read(text))) == stdlib.loads(text)
    assert plain(table(read("\ufeff" + text))) == stdlib.loads(text)


def test_comments_and_trailing_commas() -> None:
    document = read('// one\n{"a": [1, 2, /* two */ ], // three\n "b": ",]", /* four\n */ }\n')
    assert plain(table(document)) == {"a": [1, 2], "b": ",]"}
    assert [(c.text, c.row, c.own_line) for c in document.comments] == [
        ("one", 1, True),
        ("two", 2, False),
        ("three", 2, False),
        ("four", 3, False),
    ]


def test_roots() -> None:
    assert plain(table(read('["x"]'))) == {"": ["x"]}
    assert read("").root is None
    assert read("// nothing\n").root is None


def test_what_has_no_text_is_a_hole() -> None:
    document = read(r'{"a": "x\ud800y", "b": "p://${U}@h", "c": "${DB}", "d": "\ue000"}')
    assert isinstance(slot(document, "a").holes[0], Unknown)
    assert isinstance(slot(document, "b").holes[0], EnvRef)
    assert isinstance(at(document, "c"), EnvRef)
    assert isinstance(at(document, "d"), Unknown)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('{"a": 1\n "b": hunter2}', None),
        ('{"a": "x\ny"}', None),
        ("{'a': 1}", 1),
        ('{"a": 1}\n{"b": 1}', 2),
        ('{"a": \n"\\x"}', 2),
        ('{"a": 01}', 1),
        ("[,]", 1),
        ('{"a": 1,, }', 1),
        ("[" * 200_000, None),
    ],
)
def test_what_is_no_json(text: str, row: int | None) -> None:
    with pytest.raises(ParseFailure) as caught:
        read(text)
    assert row is None or caught.value.row == row
    assert "hunter2" not in str(caught.value)


def test_places() -> None:
    document = read('{"é": "a\\u00e9b"}')
    found = slot(document, "é")
    where = found.bytes_of(1, 2)
    assert document.data[where.start : where.end] == b"\\u00e9"
    entry = table(document).entries[0]
    assert document.data[entry.key_span.start : entry.key_span.end] == '"é"'.encode()


def test_replace_text() -> None:
    document = read('{"a": "x\\u00e9y"} // é')
    assert changed(document, ReplaceText(slot(document, "a"), 1, 2, '"\n😀')) == '{"a": "x\\"\\n😀y"} // é'
    assert changed(document, ReplaceText(slot(document, "a"), 0, 3, "")) == '{"a": ""} // é'


def test_set_on_lines() -> None:
    document = read('{\r\n  "a": {\r\n    "b": 1 // one\r\n  },\r\n  "c": {},\r\n}')
    assert changed(document, SetEntry(table(document, "a"), "n", "x"), SetEntry(table(document, "a"), "m", None)) == (
        '{\r\n  "a": {\r\n    "b": 1, // one\r\n    "n": "x",\r\n    "m": null\r\n  },\r\n  "c": {},\r\n}'
    )
    assert changed(document, SetEntry(table(document), "n", True)).endswith('"c": {},\r\n  "n": true,\r\n}')
    assert '"c": {"n": 1},' in changed(document, SetEntry(table(document, "c"), "n", 1))
    after = table(document).entries[0]
    assert '  },\r\n  "n": 1,\r\n  "c"' in changed(document, SetEntry(table(document), "n", 1, after=after))


def test_set_on_one_line() -> None:
    document = read('{"a":1,"b":2}')
    assert changed(document, SetEntry(table(document), "c", 3)) == '{"a":1,"b":2, "c":3}'
    after = table(document).entries[0]
    assert changed(document, SetEntry(table(document), "c", 3, after=after)) == '{"a":1, "c":3,"b":2}'


def test_drop() -> None:
    document = read('{\n  "a": 1, // one\n  "b": 2,\n  "c": {"x": 1, "y": 2}\n}\n')
    root = table(document)
    a, b, c = root.entries
    assert changed(document, DropEntry(root, a)) == '{\n  // one\n  "b": 2,\n  "c": {"x": 1, "y": 2}\n}\n'
    assert changed(document, DropEntry(root, b)) == '{\n  "a": 1, // one\n  "c": {"x": 1, "y": 2}\n}\n'
    assert changed(document, DropEntry(root, c)) == '{\n  "a": 1, // one\n  "b": 2\n}\n'
    assert changed(document, DropEntry(root, b), DropEntry(root, c)) == '{\n  "a": 1 // one\n}\n'
    inner = table(document, "c")
    assert '"c": {"y": 2}' in changed(document, DropEntry(inner, inner.entries[0]))
    assert '"c": {"x": 1}' in changed(document, DropEntry(inner, inner.entries[1]))
    assert '"c": {}' in changed(document, *(DropEntry(inner, entry) for entry in inner.entries))


def test_values() -> None:
    document = read('{"a": "x", "b": [1]}')
    assert changed(document, ReplaceValue(at(document, "a"), 5)) == '{"a": 5, "b": [1]}'
    for value, new in ((at(document, "b"), "x"), (at(document, "a"), Code("${X}"))):
        with pytest.raises(Refused):
            changed(document, ReplaceValue(value, new))
