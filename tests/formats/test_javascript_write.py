"""Changes in JavaScript and TypeScript: made in the file's own hand, everything else to the byte, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neonlint.edits import Code, DropEntry, Nested, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import Refused
from neonlint.formats import javascript
from neonlint.ir.source import Call, Document, Entry, Scalar, Slot, Table, Value, walk


def read(text: str, path: str = "db.ts") -> Document:
    return javascript.read(path, text.encode())


def changed(document: Document, *ops: Op) -> str:
    return apply(document.data, merge(javascript.render(document, ops))).decode()


def call(document: Document, callee: str) -> Call:
    return next(one for one in document.calls if one.callee == callee)


def options(document: Document, callee: str = "pg.Pool") -> Table:
    """The options of a call: its object, or the place for one."""
    made = call(document, callee)
    return next((arg for arg in made.args if isinstance(arg, Table)), made.keywords)


def entry(table: Table, key: str) -> Entry:
    found = table.entry(key)
    assert found is not None
    return found


def inner(table: Table, key: str) -> Table:
    found = table.get(key)
    assert isinstance(found, Table)
    return found


def root(document: Document) -> Table:
    assert document.root is not None
    return document.root


def literal(document: Document, text: str) -> Slot:
    return next(one.slot for one in document.literals if one.slot.text == text)


def values(document: Document) -> list[Value]:
    found = [value for table in document.roots for _, value in walk(table)]
    return found + [value for one in document.calls for _, value in walk(one)]


def valued(document: Document, text: str) -> Value:
    return next(v for v in values(document) if isinstance(v, Scalar) and v.value == text)


POOL = "import { Pool } from 'pg'\n\nexport const pool = new Pool({options})\n"


def pool(text: str) -> Document:
    return read(POOL.replace("{options}", text))


def test_text_in_every_kind_of_literal() -> None:
    for quote in "'\"`":
        document = read(
            f"const a = {quote}x\\n${{y}}z{quote}; // c\n" if quote == "`" else f"const a = {quote}x\\nz{quote}\n"
        )
        slot = document.literals[0].slot
        at = slot.text.index("z")
        after = changed(document, ReplaceText(slot, at, at + 1, "'\"`\\${\n"))
        assert read(after).literals[0].slot.text == slot.text.replace("z", "'\"`\\${\n")
        other = {"'": '"`', '"': "'`", "`": "'\""}[quote]
        assert all(char in after and "\\" + char not in after for char in other)


def test_edges_of_a_template() -> None:
    document = read("const a = `$x{y`\n")
    slot = document.literals[0].slot
    with pytest.raises(Refused):
        javascript.render(document, [ReplaceText(slot, 1, 2, "")])
    assert changed(document, ReplaceText(slot, 1, 2, "{$")) == "const a = `$\\{\\${y`\n"
    empty = read("const a = ''; const b = ``;\n")
    assert (
        changed(empty, *(ReplaceText(one.slot, 0, 0, "v") for one in empty.literals))
        == "const a = 'v'; const b = `v`;\n"
    )


def test_holes_are_not_written_over() -> None:
    document = read("const a = `x${y}z`\n")
    with pytest.raises(Refused):
        javascript.render(document, [ReplaceText(document.literals[0].slot, 0, 2, "q")])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", "{ max: 5 }"),
        ("", "{ max: 5 }"),
        ("{ a: 1 }", "{ a: 1, max: 5 }"),
        ("{ a: 1, }", "{ a: 1, max: 5, }"),
        ("{\n  a: 1\n}", "{\n  a: 1,\n  max: 5\n}"),
        ("{\n\ta: 1,\n}", "{\n\ta: 1,\n\tmax: 5,\n}"),
        ("{\n  a: 1, // one\n  // more\n}", "{\n  a: 1, // one\n  max: 5,\n  // more\n}"),
        ("{\n  a: 1 // one\n}", "{\n  a: 1, // one\n  max: 5\n}"),
        ("{\n  a: {\n    b: 1,\n  },\n}", "{\n  a: {\n    b: 1,\n  },\n  max: 5,\n}"),
        ("{ a: 1,\n  b: 2 }", "{ a: 1,\n  b: 2,\n  max: 5 }"),
        ("{ /* none */ }", "{ max: 5 /* none */ }"),
        ("{ 'a': 1 }", "{ 'a': 1, 'max': 5 }"),
        ("{ max: 1 }", "{ max: 5 }"),
        ("{ max: 1 as number, a }", "{ max: 5, a }"),
        ("{ max }", "{ max: 5 }"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_option_is_set(before: str, after: str, newline: str) -> None:
    document = read(POOL.replace("{options}", before).replace("\n", newline))
    wanted = POOL.replace("{options}", after).replace("\n", newline)
    assert changed(document, SetEntry(options(document), "max", 5)) == wanted


def test_values_are_written_in_the_files_hand() -> None:
    document = pool("{ a: 1 }")
    ops = [
        SetEntry(options(document), "ssl", Nested((("rejectUnauthorized", True), ("ca-file", "it's")))),
        SetEntry(options(document), "none", None),
        SetEntry(options(document), "url", Code("process.env.DATABASE_URL")),
    ]
    assert changed(document, *ops) == POOL.replace(
        "{options}",
        "{ a: 1, ssl: { rejectUnauthorized: true, 'ca-file': 'it\\'s' }, none: null, url: process.env.DATABASE_URL }",
    )
    narrow = read('import {Pool} from "pg";\nnew Pool({a: 1});\n')
    assert changed(narrow, SetEntry(options(narrow), "ssl", Nested((("x", "y"),)))) == (
        'import {Pool} from "pg";\nnew Pool({a: 1, ssl: {x: "y"}});\n'
    )


def test_options_behind_other_arguments() -> None:
    text = "import postgres from 'postgres';\nconst sql = postgres(process.env.DATABASE_URL!);\n"
    document = read(text)
    table = options(document, "postgres")
    assert table.kind == "keywords"
    assert changed(document, SetEntry(table, "prepare", False), SetEntry(table, "max", 1)) == text.replace(
        "_URL!", "_URL!, { prepare: false, max: 1 }"
    )
    lines = read("import postgres from 'postgres'\nconst sql = postgres(\n  url, // c\n)\n")
    assert changed(lines, SetEntry(options(lines, "postgres"), "max", 1)) == (
        "import postgres from 'postgres'\nconst sql = postgres(\n  url, // c\n  { max: 1 },\n)\n"
    )


def test_a_nested_table_is_changed_where_it_is_written() -> None:
    document = read("import pg from 'pg'\nconst ssl = { rejectUnauthorized: false }\nnew pg.Pool({ ssl })\n")
    ssl = inner(options(document), "ssl")
    assert changed(document, SetEntry(ssl, "rejectUnauthorized", True)) == document.data.decode().replace(
        "false", "true"
    )
    assert changed(document, SetEntry(options(document), "ssl", True)) == document.data.decode().replace(
        "{ ssl }", "{ ssl: true }"
    )


def test_a_spread_is_overruled_behind_it() -> None:
    document = read("import pg from 'pg'\nconst base = { max: 1 }\nnew pg.Pool({ max: 2, ...base })\n")
    assert "{ max: 2, ...base, max: 5 }" in changed(document, SetEntry(options(document), "max", 5))
    assert entry(options(document), "max").key_span.start < document.data.index(b"new")
    with pytest.raises(Refused):
        javascript.render(document, [DropEntry(options(document), entry(options(document), "max"))])
    for unseen in ("{ ...other }", "{ [key]: 1 }"):
        hidden = pool(unseen)
        with pytest.raises(Refused):
            javascript.render(hidden, [SetEntry(options(hidden), "max", 5)])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{ max: 5 }", "{}"),
        ("{ a: 1, max: 5 }", "{ a: 1 }"),
        ("{ max: 5, a: 1 }", "{ a: 1 }"),
        ("{ a: 1, max: 5, b: 2 }", "{ a: 1, b: 2 }"),
        ("{ a: 1, max: 5, }", "{ a: 1, }"),
        ("{ a, max }", "{ a }"),
        ("{\n  a: 1,\n  max: 5, // five\n}", "{\n  a: 1,\n}"),
        ("{\n  a: 1,\n  max: 5\n}", "{\n  a: 1\n}"),
        ("{\n  // keep\n  max: 5,\n  a: 1,\n}", "{\n  // keep\n  a: 1,\n}"),
        ("{\n  max: {\n    b: 1,\n  }, /* all */\n  a: 1,\n}", "{\n  a: 1,\n}"),
        ("{\n  max: 5,\n}", "{}"),
        ("{ a: 1, max: 5,\n  b: 2 }", "{ a: 1,\n  b: 2 }"),
        ("{\n  max: 5, a: 1,\n}", "{\n  a: 1,\n}"),
        ("{ a: 1 /* c */, max: 5 }", "{ a: 1 /* c */ }"),
        ("{ max() { return 1 }, a: 1 }", "{ a: 1 }"),
    ],
)  # fmt: skip
def test_an_option_is_dropped(before: str, after: str) -> None:
    document = pool(before)
    table = options(document)
    assert changed(document, DropEntry(table, entry(table, "max"))) == POOL.replace("{options}", after)


def test_dropped_and_set_in_one_object() -> None:
    for before, after in (
        ("{ a: 1, max: 5 }", "{ a: 1, ssl: true }"),
        ("{ max: 5 }", "{ ssl: true }"),
        ("{\n  max: 5, // c\n  a: 1,\n}", "{\n  ssl: true, // c\n  a: 1,\n}"),
    ):
        document = pool(before)
        table = options(document)
        ops: list[Op] = [DropEntry(table, entry(table, "max")), SetEntry(table, "ssl", True)]
        assert changed(document, *ops) == POOL.replace("{options}", after)


def test_an_empty_object_of_options_is_no_argument() -> None:
    text = "import { neon } from '@neondatabase/serverless';\nconst sql = neon(url, { fullResults: true });\n"
    document = read(text)
    table = options(document, "@neondatabase/serverless.neon")
    assert changed(document, DropEntry(table, entry(table, "fullResults"))) == text.replace(
        ", { fullResults: true }", ""
    )


SERVERLESS = """\
import { neon, neonConfig } from '@neondatabase/serverless';

neonConfig.fetchConnectionCache = true; // no longer needed

export const sql = neon(url);
"""


def config(document: Document, name: str) -> Entry:
    return entry(root(document), f"@neondatabase/serverless.neonConfig.{name}")


def test_a_statement_is_dropped_with_its_row_and_its_import() -> None:
    document = read(SERVERLESS)
    assert changed(document, DropEntry(root(document), config(document, "fetchConnectionCache"))) == (
        "import { neon } from '@neondatabase/serverless';\n\nexport const sql = neon(url);\n"
    )
    used = read(SERVERLESS + "neonConfig.poolQueryViaFetch = true;\n")
    after = changed(used, DropEntry(root(used), config(used, "fetchConnectionCache")))
    assert after == used.data.decode().replace("neonConfig.fetchConnectionCache = true; // no longer needed\n\n", "")
    alone = read("import { neonConfig } from '@neondatabase/serverless'\nneonConfig.a = 1\nlet x\n")
    assert changed(alone, DropEntry(root(alone), config(alone, "a"))) == "let x\n"
    inside = read(
        SERVERLESS.replace("neonConfig.f", "function f() {\n  neonConfig.f").replace("needed\n", "needed\n}\n")
    )
    assert "function f() {\n}\n" in changed(inside, DropEntry(root(inside), config(inside, "fetchConnectionCache")))


def test_rows_without_semicolons_do_not_run_together() -> None:
    text = "import { neonConfig } from '@neondatabase/serverless'\nconst a = b\nneonConfig.x = 1\n;(f)()\nneonConfig\n"
    document = read(text)
    assert changed(document, DropEntry(root(document), config(document, "x"))) == text.replace("neonConfig.x = 1\n", "")
    merging = read(text.replace("x = 1\n;", "x = 1;\n"))
    with pytest.raises(Refused):
        javascript.render(merging, [DropEntry(root(merging), config(merging, "x"))])
    for shared in ("if (a) neonConfig.x = 1", "a(); neonConfig.x = 1", "const y = neonConfig.x = 1"):
        document = read(text.replace("neonConfig.x = 1\n", shared + "\n"))
        with pytest.raises(Refused):
            javascript.render(document, [DropEntry(root(document), config(document, "x"))])


def test_an_exported_setting_is_dropped_and_replaced() -> None:
    document = read("export const runtime = 'edge';\nexport const a = 1;\n")
    assert changed(document, DropEntry(root(document), entry(root(document), "runtime"))) == "export const a = 1;\n"
    assert changed(document, SetEntry(root(document), "runtime", "nodejs")) == document.data.decode().replace(
        "edge", "nodejs"
    )
    local = read("const runtime = 'edge';\nf(runtime);\n")
    with pytest.raises(Refused):
        javascript.render(local, [DropEntry(root(local), entry(root(local), "runtime"))])


def test_a_setting_is_added_with_its_imports() -> None:
    key = "@neondatabase/serverless.neonConfig.webSocketConstructor"
    document = read("import { Pool } from '@neondatabase/serverless';\n\nexport const pool = new Pool();\n")
    op = SetEntry(root(document), key, Code("ws", ("ws",)))
    assert changed(document, op) == (
        "import { Pool, neonConfig } from '@neondatabase/serverless';\nimport ws from 'ws';\n\n"
        "neonConfig.webSocketConstructor = ws;\n\nexport const pool = new Pool();\n"
    )
    required = read(
        'const { Pool, neonConfig } = require("@neondatabase/serverless")\nconst WS = require("ws")\n\nnew Pool()\n',
        "db.js",
    )
    assert changed(required, SetEntry(root(required), key, Code("ws", ("ws",)))) == required.data.decode().replace(
        '"ws")\n', '"ws")\n\nneonConfig.webSocketConstructor = WS\n'
    )
    beside = read(SERVERLESS)
    assert "needed\nneonConfig.webSocketConstructor = ws;\n" in changed(
        beside, SetEntry(root(beside), key, Code("ws", ("ws",)))
    )
    taken = read("import { Pool } from '@neondatabase/serverless';\nlet ws = 1;\n")
    with pytest.raises(Refused):
        javascript.render(taken, [SetEntry(root(taken), key, Code("ws", ("ws",)))])


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("x.ts", "const a = 'U'\n", "const a = process.env.X!\n"),
        ("x.ts", "const a = 'U' as const;\n", "const a = process.env.X!;\n"),
        ("x.ts", "f('U', `b`)\n", "f(process.env.X!, `b`)\n"),
        ("x.ts", "class A { url = 'U' }\n", "class A { url = process.env.X! }\n"),
        ("x.ts", "const a = b ?? 'U'\n", "const a = b ?? process.env.X!\n"),
        ("x.ts", "function f() { return'U' }\n", "function f() { return process.env.X! }\n"),
        ("x.tsx", "const a = <P url='U' />\n", "const a = <P url={process.env.X!} />\n"),
        ("x.js", "module.exports = { url: `U` }\n", "module.exports = { url: process.env.X! }\n"),
    ],
)  # fmt: skip
def test_a_value_is_replaced(path: str, before: str, after: str) -> None:
    document = read(before, path)
    slot = literal(document, "U")
    assert changed(document, ReplaceValue(Scalar("U", slot.span, slot), Code("process.env.X!"))) == after


def test_operators_get_parentheses() -> None:
    document = read("const a = 'U'.length\n")
    slot = literal(document, "U")
    assert (
        changed(document, ReplaceValue(Scalar("U", slot.span, slot), Code("a || b"))) == "const a = (a || b).length\n"
    )


@pytest.mark.parametrize(
    "text",
    ["import a from 'U'\n", "'U'\n", "const a = { 'U': 1 }\n", "type A = 'U'\n", "tag`U`\n", "enum A { B = 'U' }\n", "export * from 'U'\n"],
)  # fmt: skip
def test_what_is_no_expression_is_not_replaced(text: str) -> None:
    document = read(text)
    start = text.index("U") - 1
    slot = Slot("U", [start + 1], [start + 2], (span := type(document.roots[0].span)(start, start + 3)), "'")
    with pytest.raises(Refused):
        javascript.render(document, [ReplaceValue(Scalar("U", span, slot), Code("process.env.X"))])


@pytest.mark.parametrize("code", ["a b", "a;", "a)(", "", "{", "a // b"])
def test_code_that_is_no_expression_is_refused(code: str) -> None:
    document = pool("{ a: 1 }")
    with pytest.raises(Refused):
        javascript.render(document, [SetEntry(options(document), "max", Code(code))])


def test_scripts_of_components_are_written_in_place() -> None:
    text = "<h1>it's</h1>\n<script lang=\"ts\">\n  import { Pool } from 'pg';\n  new Pool({ max: 1 });\n</script>\n<p>`</p>\n"
    document = read(text, "a.svelte")
    assert changed(document, SetEntry(options(document), "max", 5)) == text.replace("max: 1", "max: 5")


def test_broken_code_beside_is_left_alone() -> None:
    text = "import { Pool } from 'pg';\nnew Pool({ max: 1 });\nfunction ( {\n" + "const a = 1;\n" * 20
    document = read(text)
    assert changed(document, SetEntry(options(document), "max", 5)) == text.replace("max: 1", "max: 5")


def test_text_put_together_with_plus() -> None:
    document = read("const a = 'x' + b + 'yz' + c\n")
    slot = next(v.slot for v in values(document) if isinstance(v, Scalar) and v.slot and len(v.slot.holes) == 2)
    at = slot.text.index("y")
    assert changed(document, ReplaceText(slot, at, at + 1, "'")) == "const a = 'x' + b + '\\'z' + c\n"
    assert changed(document, ReplaceText(slot, 1, 1, "!")) == "const a = 'x!' + b + 'yz' + c\n"
    for start, end in ((len(slot.text), len(slot.text)), (0, 2), (1, 2)):
        with pytest.raises(Refused):
            javascript.render(document, [ReplaceText(slot, start, end, "q")])
    mixed = read("const a = 'x' + b + \"yz\"\n")
    both = next(v.slot for v in values(mixed) if isinstance(v, Scalar) and v.slot and v.slot.holes)
    assert changed(mixed, ReplaceText(both, 0, 1, "w")) == "const a = 'w' + b + \"yz\"\n"
    with pytest.raises(Refused):
        javascript.render(mixed, [ReplaceText(both, 0, 1, "'")])


MEMBERS = st.sampled_from(
    ["a: 1", "'b': `x`", "c", "d: { e: [1, 2], }", "f() { return '}' }", "g: () => ({ a: 1 })", "h: /[,}]/", "i: 'it\\'s'", "...base"]
)  # fmt: skip
BEHIND = st.sampled_from(["", " ", " // one, {", " /* two */", "\n", "\n  ", "\n\n  // three\n  "])


@st.composite
def objects(draw: st.DrawFn) -> str:
    """An object literal in any layout, with comments in any place."""
    members = draw(st.lists(MEMBERS, max_size=5, unique=True))
    text = "{" + draw(BEHIND)
    for index, member in enumerate(members):
        text = text + "\n  " if text.rpartition("\n")[2].find("//") >= 0 else text
        last = index == len(members) - 1
        text += (
            member
            + draw(st.sampled_from(["", " /* c */"]))
            + ("," if not last or draw(st.booleans()) else "")
            + draw(BEHIND)
        )
    return text + ("\n}" if "//" in text.rpartition("\n")[2] else "}")


def plain(table: Table) -> dict[str, object]:
    return {
        e.key: plain(e.value) if isinstance(e.value, Table) else getattr(e.value, "value", None) for e in table.entries
    }


@given(objects(), st.sampled_from(["\n", "\r\n"]), st.sampled_from([5, "it's", None, True, Nested((("k", 1),))]))
def test_laws_of_options(text: str, newline: str, value: int | str | bool | Nested | None) -> None:
    """What was set is read back beside everything else; setting it again changes nothing; dropping it is the way back."""
    source = "const base = { z: 1 }\n" + POOL.replace("{options}", text)
    document = read(source.replace("\n", newline))
    table = options(document)
    after = changed(document, SetEntry(table, "max", value))
    again = read(after)
    wanted = dict(value.entries) if isinstance(value, Nested) else value
    assert plain(options(again)) == {**plain(table), "max": wanted}
    assert after.count("/*") == source.count("/*") and after.count("//") == source.count("//")
    assert "\n" not in after.replace("\r\n", "") if newline == "\r\n" else "\r" not in after
    assert changed(again, SetEntry(options(again), "max", value)) == after
    back = changed(again, DropEntry(options(again), entry(options(again), "max")))
    assert plain(options(read(back))) == plain(table)
    for one in table.entries:
        if one.span.start > table.span.start:
            rest = changed(document, DropEntry(table, one))
            assert plain(options(read(rest))) == {k: v for k, v in plain(table).items() if k != one.key}
            assert rest.replace("\r\n", "\n").startswith("const base = { z: 1 }\nimport { Pool } from 'pg'\n")
