"""TOML: agreement with tomllib, sections and dotted keys, and changes that leave the rest of the file alone."""

from __future__ import annotations

import tomllib

import pytest

from neonlint.edits import Code, DropEntry, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import toml
from neonlint.ir.source import Document, EnvRef, Items, Scalar, Slot, Table, Unknown, Value


def read(text: str) -> Document:
    return toml.read("config.toml", text.encode())


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
    return apply(document.data, merge(toml.render(document, ops))).decode()


def plain(value: Value) -> object:
    if isinstance(value, Table):
        return {entry.key: plain(entry.value) for entry in value.entries}
    if isinstance(value, Items):
        return [plain(item) for item in value.values]
    assert isinstance(value, Scalar)
    return value.value


SAMPLE = '''\
top = 1 # one
"quoted key" = "q\\u00e9\\U0001F600\\n\\"" # two
'single' = 'lit\\n'
site."neon.tech".a = 1.5
site.b = true

# three
[env]
A = """
multi \\
   line "q"
"""
B = \'\'\'
raw
\'\'\'
[a.b.c]
inline = { x = 1, y.z = "s", e = {} }
[a]
list = [
  "x", # four
  ["y"],
]
[[items]]
n = 1
[[items.sub]]
m = 2
[[items]]
n = 0x1F
'''


@pytest.mark.parametrize("text", [SAMPLE, SAMPLE.replace("\n", "\r\n"), "\ufeff" + SAMPLE, SAMPLE.rstrip()])
def test_agreement_with_tomllib(text: str) -> None:
    document = read(text)
    assert plain(table(document)) == tomllib.loads(text.removeprefix("\ufeff"))
    assert [c.text for c in document.comments] == ["one", "two", "three", "four"]
    assert [c.own_line for c in document.comments] == [False, False, True, False]


def test_places() -> None:
    document = read("\ufeff# é\n[env]\nK.x = 'é' # c\n")
    entry = table(document, "env", "K").entries[0]
    assert document.data[entry.span.start : entry.span.end] == "K.x = 'é'".encode()
    assert document.data[entry.key_span.start : entry.key_span.end] == b"x"
    where = slot(document, "env", "K", "x").bytes_of(0, 1)
    assert document.data[where.start : where.end] == "é".encode()
    section = table(document, "env")
    assert document.data[section.span.start : section.span.end] == "[env]\nK.x = 'é'".encode()
    assert section.kind == "env"


def test_dates_and_holes() -> None:
    document = read('d = 2020-01-01\nu = "p://${U}@h"\nv = "${DB}"\n')
    assert isinstance(at(document, "d"), Unknown)
    assert isinstance(slot(document, "u").holes[0], EnvRef)
    assert isinstance(at(document, "v"), EnvRef)


@pytest.mark.parametrize(
    ("text", "row"),
    [("a = 1\nb = hunter2\n", 2), ("a = 1\na = 2\n", None), ("x = " + "[" * 20_000, None), ("a = " + "9" * 5000, None)],
)
def test_what_is_no_toml(text: str, row: int | None) -> None:
    with pytest.raises(ParseFailure) as caught:
        read(text)
    assert row is None or caught.value.row == row
    assert "hunter2" not in str(caught.value)


def test_deep_nesting() -> None:
    with pytest.raises(ParseFailure):
        read("x = " + "[" * 300 + "]" * 300)


def test_replace_text() -> None:
    document = read('a = \'x\' # é\r\nb = "é\\n"\r\nc = """\r\none\r\ntwo"""')
    assert changed(document, ReplaceText(slot(document, "a"), 0, 1, "y")).startswith("a = 'y' # é\r\n")
    assert changed(document, ReplaceText(slot(document, "a"), 0, 1, "it's")).startswith('a = "it\'s" # é\r\n')
    assert 'b = "x\\"\\n"\r\n' in changed(document, ReplaceText(slot(document, "b"), 0, 1, 'x"'))
    assert changed(document, ReplaceText(slot(document, "c"), 0, 3, '1"')).endswith('"""\r\n1\\"\r\ntwo"""')


def test_set() -> None:
    document = read("a = 'x' # one\n\n[s] # two\n  k = 1\n\n# three\n[t]\n[s.u]\nv = 1")
    assert changed(document, SetEntry(table(document), "b", "y")).startswith("a = 'x' # one\nb = 'y'\n\n[s]")
    assert "  k = 1\n  l = true\n\n# three\n" in changed(document, SetEntry(table(document, "s"), "l", True))
    assert "[t]\nl = 2.5\n[s.u]" in changed(document, SetEntry(table(document, "t"), "l", 2.5))
    assert changed(document, SetEntry(table(document, "s", "u"), "a b", "c")).endswith('v = 1\n"a b" = "c"')
    assert "  k = 'z'\n" not in changed(document, SetEntry(table(document, "s"), "k", 1))
    with pytest.raises(Refused):
        changed(document, SetEntry(table(document), "n", None))


def test_set_in_the_root_of_a_file_of_sections() -> None:
    document = read("\ufeff[s]\r\nk = 1\r\n")
    assert changed(document, SetEntry(table(document), "n", 1)) == "\ufeffn = 1\r\n[s]\r\nk = 1\r\n"


def test_inline_tables() -> None:
    document = read("a = { x = 1, y = 'z' }\nb = {}\n")
    assert changed(document, SetEntry(table(document, "a"), "n", "m")).startswith("a = { x = 1, y = 'z', n = 'm' }\n")
    assert changed(document, SetEntry(table(document, "b"), "n", 1)).endswith("b = { n = 1 }\n")
    flow = table(document, "a")
    assert changed(document, DropEntry(flow, flow.entries[0])).startswith("a = { y = 'z' }\n")
    assert changed(document, DropEntry(flow, flow.entries[1])).startswith("a = { x = 1 }\n")


def test_drop_and_replace() -> None:
    document = read('a = """\nx\n""" # one\nb = 2\nc.d = 1\n')
    root = table(document)
    assert changed(document, DropEntry(root, root.entries[0])) == "# one\nb = 2\nc.d = 1\n"
    assert changed(document, DropEntry(root, root.entries[1])) == 'a = """\nx\n""" # one\nc.d = 1\n'
    assert "b = 3" in changed(document, ReplaceValue(root.entries[1].value, 3))
    with pytest.raises(Refused):
        changed(document, ReplaceValue(root.entries[1].value, Code("${X}")))
