"""YAML: agreement with PyYAML, environment lists, templates, and changes that leave the rest of the file alone."""

from __future__ import annotations

import time

import pytest
import yaml as pyyaml

from neonlint.edits import Code, DropEntry, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import yaml
from neonlint.formats.yaml_nodes import MAX_DEPTH
from neonlint.ir.source import Document, EnvRef, Items, Scalar, Slot, Table, Unknown, Value


def read(text: str, path: str = "config.yaml") -> Document:
    return yaml.read(path, text.encode())


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
    return apply(document.data, merge(yaml.render(document, ops))).decode()


def plain(value: Value) -> object:
    if isinstance(value, Table):
        return {entry.key: plain(entry.value) for entry in value.entries}
    if isinstance(value, Items):
        return [plain(item) for item in value.values]
    assert isinstance(value, Scalar)
    return value.value


ALL_STYLES = """\
plain: a b
single: 'it''s # no comment'
double: "q\\"\\u00e9\\U0001F600\\n\\x41"
number: 5432
float: 1.5
yes_: true
none: ~
empty:
folded: >-
  a
  b
multi: one
  two
quoted: "one
  two"
literal: |
  select 1; -- 😀
    indented

  last
keep: |+
  a

strip: |-
  a
list: [1, 'x', {a: b}]
deep:
  - a: 1
    b: 2
  - - x
"""


@pytest.mark.parametrize("text", [ALL_STYLES, "\ufeff" + ALL_STYLES, ALL_STYLES.replace("\n", "\r\n")])
def test_agreement_with_pyyaml(text: str) -> None:
    document = read(text)
    assert plain(table(document)) == pyyaml.safe_load(text)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("key", ["plain", "single", "double", "literal", "strip"])
def test_every_character_is_where_its_bytes_are(newline: str, key: str) -> None:
    document = read(ALL_STYLES.replace("\n", newline))
    found = slot(document, key)
    assert found.writable
    for index, char in enumerate(found.text):
        where = found.bytes_of(index, index + 1)
        written = document.data[where.start : where.end].decode()
        assert written == char or written.startswith(("\\", "''", "\r\n", "\n"))


@pytest.mark.parametrize("key", ["folded", "multi", "quoted"])
def test_folded_text_is_read_but_not_written(key: str) -> None:
    document = read(ALL_STYLES)
    assert not slot(document, key).writable
    with pytest.raises(Refused):
        changed(document, ReplaceText(slot(document, key), 0, 1, "x"))


def test_an_alias_is_never_followed() -> None:
    document = read("a: &x {k: v}\nb: *x\nc:\n  <<: *x\n  own: 1\n")
    alias = at(document, "b")
    assert isinstance(alias, Unknown)
    assert alias.why == "alias"
    assert document.data[alias.span.start : alias.span.end] == b"*x"
    assert table(document, "a").complete
    assert not table(document, "c").complete


def test_an_alias_bomb_costs_nothing() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    begin = time.perf_counter()
    read("\n".join(lines))
    assert time.perf_counter() - begin < 1


def test_a_tag_hides_its_value() -> None:
    document = read("a: !Ref Db\nb: !!str 5\nc: !Sub 'x${Y}'\n")
    assert isinstance(at(document, "a"), Unknown)
    assert isinstance(at(document, "c"), Unknown)


def test_streams_and_roots_that_are_no_mappings() -> None:
    document = read("a: 1\n---\n- x\n---\n")
    assert [plain(root) for root in document.roots] == [{"a": 1}, {"": ["x"]}]
    assert read("").root is None


def test_environment_lists_are_tables_too() -> None:
    document = read(
        "env:\n"
        "  - name: DATABASE_URL\n"
        "    value: postgres://h\n"
        "  - name: PGPASSWORD\n"
        "    valueFrom: {secretKeyRef: {name: db, key: pw}}\n"
        "environment:\n"
        "  - A=x=y\n"
        '  - "B="\n'
        "  - C\n"
    )
    env = table(document, "env")
    assert (env.kind, [entry.key for entry in env.entries]) == ("env", ["DATABASE_URL", "PGPASSWORD"])
    assert isinstance(env.get("PGPASSWORD"), Unknown)
    raw = table(document).entries[0].value
    assert isinstance(raw, Items)
    assert isinstance(raw.values[0], Table)
    assert raw.values[0].get("value") is env.get("DATABASE_URL")
    assert slot(document, "environment", "A").text == "x=y"
    assert slot(document, "environment", "B").text == ""
    assert isinstance(at(document, "environment", "C"), Unknown)


def test_environment_mappings() -> None:
    document = read("variables: {A: b}\nkind: Secret\ndata: {PW: c2VjcmV0}\nstringData:\n  PW: x\n")
    assert table(document, "variables").kind == "env"
    assert table(document, "stringData").kind == "env"
    assert table(document).kind == "mapping"
    assert isinstance(at(document, "data", "PW"), Unknown)
    assert isinstance(at(read("kind: ConfigMap\ndata: {PW: x}\n"), "data", "PW"), Scalar)


def test_compose_interpolation() -> None:
    document = read('url: "p://${U:-app}:$PW@h/$$x"\nall: ${DB:?set it}\n', "docker-compose.prod.yml")
    found = slot(document, "url")
    assert found.text == "p://\ue000:\ue001@h/$x"
    user, password = found.holes
    assert isinstance(user, EnvRef)
    assert isinstance(user.default, Scalar)
    assert user.default.value == "app"
    assert isinstance(password, EnvRef)
    assert isinstance(at(document, "all"), EnvRef)
    assert changed(document, ReplaceText(found, 8, 8, "$")).startswith('url: "p://${U:-app}:$PW@$$h/$$x"\n')


def test_templates_elsewhere() -> None:
    document = read(
        "a: p://${{ secrets.PW }}@h\nb: ${{ secrets.DB }}\nc: ${{ steps.x.outputs.y }}\n"
        "d: p://{{ .Values.host }}/d\ne: {{ foo }}\nf: <%= ENV['X'] %>\ng: ${DB}\nh: cost $5\n"
    )
    assert isinstance(slot(document, "a").holes[0], EnvRef)
    secret, variable = at(document, "b"), at(document, "g")
    assert isinstance(secret, EnvRef)
    assert isinstance(variable, EnvRef)
    assert (secret.name, variable.name) == ("DB", "DB")
    assert isinstance(slot(document, "d").holes[0], Unknown)
    assert all(isinstance(at(document, key), Unknown) for key in "cef")
    assert at(document, "h").value == "cost $5"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}\n", 3),
        ("a: 1\n<% if x %>\nb: [\n", None),
        ("a: 'hunter2\n", None),
        ("a: \x00hunter2", None),
        ("a: b: c: hunter2", 1),
    ],
)
def test_what_is_no_yaml(text: str, row: int | None) -> None:
    with pytest.raises(ParseFailure) as caught:
        read(text)
    assert caught.value.row == row or row is None
    assert "hunter2" not in str(caught.value)


def test_deep_nesting() -> None:
    read("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))
    for text in ("[" * 20_000, "- " * 20_000, "{a: " * 5_000):
        with pytest.raises(ParseFailure):
            read(text)


def test_comments() -> None:
    document = read("# top\na: 'x # y' # one\nb: |  # two\n  # text\n  more\n# three\nc: a#b\n")
    assert [(c.text, c.row, c.own_line) for c in document.comments] == [
        ("top", 1, True),
        ("one", 2, False),
        ("two", 3, False),
        ("three", 6, True),
    ]


def test_replace_text() -> None:
    document = read("a: 'x' # é\r\nb: \"é\\n\"\r\nc: y")
    assert changed(document, ReplaceText(slot(document, "a"), 0, 1, "it's")) == "a: 'it''s' # é\r\nb: \"é\\n\"\r\nc: y"
    assert changed(document, ReplaceText(slot(document, "b"), 1, 2, '"\n')) == 'a: \'x\' # é\r\nb: "é\\"\\n"\r\nc: y'
    assert changed(document, ReplaceText(slot(document, "c"), 0, 1, "true")) == 'a: \'x\' # é\r\nb: "é\\n"\r\nc: "true"'
    assert changed(document, ReplaceText(slot(document, "c"), 1, 1, ": # z")).endswith('c: "y: # z"')


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_replace_in_a_block(newline: str) -> None:
    document = read("a:\n  b: |\n    one\n    two\n  c: 1\n".replace("\n", newline))
    expected = "a:\n  b: |\n    one\n    2\n    3\n  c: 1\n".replace("\n", newline)
    assert changed(document, ReplaceText(slot(document, "a", "b"), 4, 7, "2\n3")) == expected
    joined = "a:\n  b: |\n    onetwo\n  c: 1\n".replace("\n", newline)
    assert changed(document, ReplaceText(slot(document, "a", "b"), 3, 4, "")) == joined


def test_set_in_block_mappings() -> None:
    document = read("top:\n  a: 'x'  # one\n  # two\nnext: 1\n")
    inner = table(document, "top")
    assert changed(document, SetEntry(inner, "b", "y"), SetEntry(inner, "c", 5), SetEntry(inner, "a", "5")) == (
        "top:\n  a: '5'  # one\n  b: 'y'\n  c: 5\n  # two\nnext: 1\n"
    )
    assert changed(document, SetEntry(table(document), "end", None)).endswith("next: 1\nend: null\n")


def test_set_in_a_list_item_and_without_a_final_newline() -> None:
    document = read("l:\r\n  - a: 1")
    [item] = at(document, "l").values  # type: ignore[union-attr]
    assert isinstance(item, Table)
    assert changed(document, SetEntry(item, "b", "x")) == "l:\r\n  - a: 1\r\n    b: x"


def test_set_in_flow_mappings() -> None:
    document = read('a: {x: 1, "y": "z"}\nb: {}\nc: {\n  k: 1, # one\n  l: 2 # two\n}\n')
    assert changed(document, SetEntry(table(document, "a"), "n", "m")).startswith('a: {x: 1, "y": "z", "n": "m"}\n')
    assert "b: {n: 1}\n" in changed(document, SetEntry(table(document, "b"), "n", 1))
    assert changed(document, SetEntry(table(document, "c"), "n", 1)).endswith("l: 2, # two\n  n: 1\n}\n")
    after = table(document, "c").entries[0]
    assert "k: 1, # one\n  n: 1,\n  l: 2" in changed(document, SetEntry(table(document, "c"), "n", 1, after=after))


def test_set_in_environment_lists() -> None:
    document = read("env:\n  - name: A\n    value: 'x'\nenvironment:\n- B=y\n- C\n", "compose.yaml")
    env, environment = table(document, "env"), table(document, "environment")
    assert changed(document, SetEntry(env, "N", "5"), SetEntry(env, "A", "z")) == (
        "env:\n  - name: A\n    value: 'z'\n  - name: N\n    value: '5'\nenvironment:\n- B=y\n- C\n"
    )
    assert changed(document, SetEntry(environment, "N", "a$b"), SetEntry(environment, "C", "c")).endswith(
        "- B=y\n- C=c\n- N=a$$b\n"
    )
    assert changed(document, DropEntry(environment, environment.entries[0])).endswith("environment:\n- C\n")


def test_drop() -> None:
    document = read("a:\n  b: 1 # one\n  c:\n    d: 2\n  e: {x: 1, y: 2}\n")
    inner = table(document, "a")
    entries = {entry.key: entry for entry in inner.entries}
    assert changed(document, DropEntry(inner, entries["b"])) == "a:\n  # one\n  c:\n    d: 2\n  e: {x: 1, y: 2}\n"
    assert changed(document, DropEntry(inner, entries["c"])) == "a:\n  b: 1 # one\n  e: {x: 1, y: 2}\n"
    flow = table(document, "a", "e")
    assert changed(document, DropEntry(flow, flow.entries[1])).endswith("e: {x: 1}\n")
    only = table(document, "a", "c")
    with pytest.raises(Refused):
        changed(document, DropEntry(only, only.entries[0]))


def test_code() -> None:
    document = read("a: 'x'\nb:\n")
    assert changed(document, ReplaceValue(at(document, "a"), Code("${DB}"))) == "a: ${DB}\nb:\n"
    assert changed(document, ReplaceValue(at(document, "b"), "v")) == "a: 'x'\nb: v\n"
    with pytest.raises(Refused):
        changed(document, ReplaceValue(at(document, "a"), Code("os.environ['DB']")))


def test_the_parser_without_libyaml_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = plain(table(read(ALL_STYLES)))
    monkeypatch.delattr(pyyaml, "CSafeLoader", raising=False)
    document = read(ALL_STYLES)
    assert plain(table(document)) == fast
    assert slot(document, "literal").writable
