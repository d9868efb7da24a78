"""JavaScript and TypeScript: what names, calls, the environment, objects and exports come to, and hostile files."""

from __future__ import annotations

import pytest

from neonlint.errors import ParseFailure
from neonlint.formats import javascript
from neonlint.formats.javascript_source import MAX_SIZE
from neonlint.ir.source import Call, Document, EnvRef, Items, Ref, Scalar, Slot, Table, Unknown, Value, has_hole


def read(text: str, path: str = "src/db.ts") -> Document:
    return javascript.read(path, text.encode())


def shown(value: Value | None) -> str:
    """A value in a form that is short to compare."""
    match value:
        case Scalar():
            return repr(value.value)
        case EnvRef():
            default = f"={shown(value.default)}" if value.default is not None else ""
            return f"${value.name}{'~' if value.transformed else ''}{default}"
        case Ref():
            return value.name
        case Table():
            inner = ", ".join(f"{e.key}: {shown(e.value)}" for e in value.entries)
            return f"{{{inner}{'' if value.complete else ', …'}}}"
        case Items():
            return f"[{', '.join(map(shown, value.values))}]"
        case Call():
            return f"{'new ' if value.new else ''}{value.callee}({', '.join(map(shown, value.args))})"
    return "?"


def root(text: str, path: str = "src/db.ts") -> dict[str, str]:
    table = read(text, path).root
    assert table is not None
    return {entry.key: shown(entry.value) for entry in table.entries}


def callees(text: str, path: str = "src/db.ts") -> list[str]:
    return [call.callee for call in read(text, path).calls]


def last_argument(text: str) -> str:
    return shown(read(text).calls[-1].args[-1])


@pytest.mark.parametrize(
    ("statement", "meaning"),
    [
        ("import x from 'pg'", "pg"),
        ("import * as x from 'pg'", "pg"),
        ("import { Pool as x } from 'pg'", "pg.Pool"),
        ("import { default as x } from 'pg'", "pg"),
        ("import x = require('pg')", "pg"),
        ("const x = require('pg')", "pg"),
        ("const { Pool: x } = require('pg')", "pg.Pool"),
        ("const x = require('pg').Pool", "pg.Pool"),
        ("const x = (await import('pg')).default", "pg"),
        ("const { neon: x } = await import('@neondatabase/serverless')", "@neondatabase/serverless.neon"),
        ("import x from 'npm:pg@8.11'", "pg"),
        ("import x from 'node:fs'", "fs"),
        ("import { neon as x } from 'https://esm.sh/@neondatabase/serverless@0.9?target=deno'",
         "@neondatabase/serverless.neon"),
        ("import x from 'https://deno.land/x/postgresjs@v3.4.4/mod.js'", "postgres"),
        ("import x from 'https://cdn.jsdelivr.net/npm/pg@8/+esm'", "pg"),
        ("import { env as x } from '@/lib/env'", "@/lib/env.env"),
    ],
)  # fmt: skip
def test_an_import_is_named_as_the_module_is(statement: str, meaning: str) -> None:
    document = read(f"{statement};\nx();")
    assert document.imports["x"] == meaning
    assert document.calls[-1].callee == meaning


def test_imports_without_names_of_types_and_of_everything() -> None:
    document = read("import 'dotenv/config';\nimport type { Pool } from 'pg';\nexport * from './more';")
    assert dict(document.imports) == {"dotenv/config": "dotenv/config"}
    assert document.star_imports == ("./more",)


@pytest.mark.parametrize(
    ("code", "callee"),
    [
        ("const p = new Pool(); p.query()", "pg.Pool().query"),
        ("const sql = neon(u); sql`x`", "@neondatabase/serverless.neon()"),
        ("const sql = neon(u); sql.query()", "@neondatabase/serverless.neon().query"),
        ("const p = globalThis.p ?? new Pool(); p.query()", "pg.Pool().query"),
        ("const g = globalThis as any; const p = g.p || (g.p = new Pool()); p.query()", "pg.Pool().query"),
        ("let p; function get() { p ??= new Pool(); return p }\nget().query()", "pg.Pool().query"),
        ("const get = cache(() => new Pool()); get().query()", "pg.Pool().query"),
        ("class A { p = new Pool(); f() { this.p.query() } }", "pg.Pool().query"),
        ("class A { constructor() { this.p = new Pool() } f() { this.p!.query() } }", "pg.Pool().query"),
        ("class A { constructor(private p: Pool) {} f() { this.p.query() } }", "pg.Pool().query"),
        ("class A extends Pool { f() { this.query() } }", "pg.Pool().query"),
        ("class A extends Pool {}\nconst a = new A(); a.query()", "pg.Pool().query"),
        ("async function f(p: Promise<Pool> | null) { (await p).query() }", "pg.Pool().query"),
        ("const c = await new Pool().connect(); c.query()", "pg.Pool().connect().query"),
        ("const all = { main: new Pool() }; all.main.query()", "pg.Pool().query"),
        ("f((tx) => tx.query())", "?.query"),
        ("console.log(1)", "console.log"),
        ("import db from './db'; db.select()", "./db.select"),
    ],
)
def test_the_callee_of_a_call(code: str, callee: str) -> None:
    start = "import { Pool } from 'pg'; import { neon } from '@neondatabase/serverless';\n"
    assert callee in callees(start + code)


def test_super_makes_what_the_class_extends() -> None:
    call = read(
        "import { PrismaClient } from '@prisma/client'\nclass A extends PrismaClient { constructor() { super({ a: 1 }) } }"
    ).calls[0]
    assert (call.callee, call.new, shown(call.args[0]), call.scope) == (
        "@prisma/client.PrismaClient", True, "{a: 1}", "A.constructor"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("process.env.A", "$A"),
        ('process.env["A"]!', "$A"),
        ("(process.env.A as string).trim()", "$A"),
        ("String(process.env.A)", "$A"),
        ("process.env.A?.replace('a', 'b')", "$A~"),
        ("encodeURIComponent(process.env.A!)", "$A~"),
        ("import.meta.env.A", "$A"),
        ("Deno.env.get('A')!", "$A"),
        ("Bun.env.A", "$A"),
        ("process.env.A || 'x'", "$A='x'"),
        ("process.env.A ?? process.env.B ?? `x`", "$A=$B='x'"),
        ("process.env.A ? process.env.A : 'x'", "$A='x'"),
        ("'' || process.env.A", "$A"),
        ("env('A', 'x')", "$A='x'"),
        ("getEnvOrThrow('A')", "$A"),
        ("configService.getOrThrow<string>('A')", "$A"),
        ("this.config.get('A')", "$A"),
        ("cache.get('A')", "cache.get('A')"),
        ("other || process.env.A", "?"),
        ("process.env.A?.split('@')[1]", "?"),
        ("!!process.env.A", "?"),
        ("Number(process.env.A)", "$A"),
    ],
)
def test_reads_of_the_environment(code: str, value: str) -> None:
    assert root(f"const v = {code}")["v"] == value


@pytest.mark.parametrize(
    "code",
    [
        "import { A } from '$env/static/private'; f(A)",
        "import { env } from '$env/dynamic/private'; f(env.A)",
        "import { A } from 'astro:env/server'; f(A)",
        "import { env } from 'cloudflare:workers'; f(env.A)",
        "import { env } from 'node:process'; f(env.A)",
        "const { A } = process.env; f(A)",
        "const { env: { A } } = process; f(A)",
        "const { A: url } = process.env; f(url)",
        "export default { async fetch(request, env, ctx) { f(env.A) } }",
        "export default { async fetch(request: Request, vars: Env) { f(vars.A) } }",
        "export const onRequest = async ({ env }) => f(env.A)",
        "export const onRequest = async (context) => { const { A } = context.env; return f(A) }",
        "app.get('/', (c) => f(c.env.A))",
        "export const load = ({ platform }) => f(platform.env.A)",
        "import { env } from 'hono/adapter'; app.get('/', (c) => { const { A } = env<X>(c); f(A) })",
        "import { getCloudflareContext } from '@opennextjs/cloudflare'; const { env } = getCloudflareContext(); f(env.A)",
        "class W extends WorkerEntrypoint { go() { f(this.env.A) } }",
        "function need(name: string) { const v = process.env[name]; if (!v) throw 1; return v }\nf(need('A'))",
        "const env = schema.parse(process.env); f(env.A)",
        "const env = z.object({ A: z.string() }).parse(process.env); f(env.A)",
        "const env = z.object({ A: z.string() }).safeParse(process.env); f(env.data.A)",
        "const env = cleanEnv(process.env, { A: url() }); f(env.A)",
        "const env = createEnv({ server: { A: z.string() }, experimental__runtimeEnv: {} }); f(env.A)",
        "const env = createEnv({ server: { B: z.string() }, runtimeEnv: { B: process.env.A } }); f(env.B)",
        "import env from 'env-var'; const url = env.get('A').required().asString(); f(url)",
    ],
)
def test_ways_to_the_variable(code: str) -> None:
    found = [call for call in read(f"import {{ z }} from 'zod';\n{code}").calls if call.callee == "f"]
    assert [shown(call.args[0]) for call in found] == ["$A"]


def test_hyperdrive_and_what_only_looks_like_the_environment() -> None:
    handler = "export default {{ fetch(request, env) {{ f({}) }} }}"
    assert last_argument(handler.format("env.HYPERDRIVE.connectionString")) == "$HYPERDRIVE.connectionString"
    assert last_argument(handler.format("env.store")) == "?"
    assert last_argument("import { env } from './env'; f(env.A)") == "./env.env.A"


def test_a_default_is_seen_wherever_it_stands() -> None:
    document = read("export function url(o) { return o.url || process.env.A || 'postgres://x' }")
    assert [shown(entry.value) for entry in document.more_roots[0].entries] == ["$A='postgres://x'"]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("{ a: 1, 'b': null, [`c`]: true, d() {} }", "{a: 1, b: None, c: True, d: ?}"),
        ("{ [key]: 1 }", "{, …}"),
        ("{ ...base, b: 2 }", "{a: 1, b: 2}"),
        ("{ a: 2, ...base }", "{a: 1}"),
        ("{ b: 2, ...other }", "{b: ?, …}"),
        ("{ b: 2, ...(c && { d: 1 }) }", "{b: 2, d: ?}"),
        ("{ ...(c ? { d: 1 } : {}) }", "{d: ?}"),
        ("Object.assign({}, base, { c: 3 })", "{a: 1, c: 3}"),
        ("Object.freeze({ a: 1 } as const)", "{a: 1}"),
        ("make()", "{e: 5}"),
        ("[1, -2, 30 * 1000, 60_000, 0x10, !0, undefined]", "[1, -2, 30000, 60000, 16, True, None]"),
    ],
)
def test_objects_and_arrays(code: str, value: str) -> None:
    assert root(f"const base = {{ a: 1 }};\nfunction make() {{ return {{ e: 5 }} }}\nconst v = {code};")["v"] == value


@pytest.mark.parametrize(
    ("change", "value", "mutated"),
    [
        ("c.ssl = true", "{a: {b: 1}, ssl: True}", False),
        ("c.a.b = 2", "{a: {b: 2}}", False),
        ("Object.assign(c, { d: 1 })", "{a: {b: 1}, d: 1}", False),
        ("if (x) c.a.b = 2", "{a: {b: ?}}", True),
        ("if (x) c.ssl = true", "{a: {b: 1}, …}", True),
        ("delete c.a", "{a: ?}", True),
        ("c[key] = 1", "{a: ?, …}", True),
        ("function f() { c.a = 1 }", "{a: ?}", True),
    ],
)
def test_objects_changed_later(change: str, value: str, mutated: bool) -> None:
    document = read(f"const c = {{ a: {{ b: 1 }} }};\n{change};")
    assert document.root is not None
    assert shown(document.root.get("c")) == value
    assert document.mutates == ({"c"} if mutated else set())


def test_names_assigned_more_than_once() -> None:
    assert last_argument("let u = process.env.A; u = u.replace('a', 'b'); f(u)") == "$A~"
    assert last_argument("let u = process.env.A; u += '?x=1'; f(u)") == "$A~"
    assert last_argument("let u = process.env.A; if (x) u = 'y'; f(u)") == "?"
    assert last_argument("let u; u = process.env.A; f(u)") == "$A"
    assert last_argument("const u = 1; { const u = 2; f(u) }") == "2"


@pytest.mark.parametrize(
    ("code", "entries"),
    [
        ("export const runtime = 'edge'", {"runtime": "'edge'"}),
        ("export default defineConfig({ a: 1 } satisfies Config)", {"default": "defineConfig({a: 1})"}),
        ("module.exports = { a: 1 }", {"default": "{a: 1}"}),
        ("exports.a = 1; module.exports.b = 2", {"a": "1", "b": "2"}),
        ("export { db, x as y } from './db'", {"db": "./db.db", "y": "./db.x"}),
        ("export { default as db } from './db'", {"db": "./db"}),
        ("const a = 1; export { a as b }", {"a": "1", "b": "1"}),
        ("const a = 1; export default a", {"a": "1", "default": "1"}),
        ("neonConfig.x = ws", {"pkg.neonConfig.x": "ws"}),
        ("function f() { neonConfig.x = true }", {"pkg.neonConfig.x": "True"}),
        ("Object.assign(neonConfig, { x: 1 })", {"pkg.neonConfig.x": "1"}),
        ("process.env.A = 'x'", {"process.env": "{A: 'x', …}"}),
        ("class A { static url = process.env.X }", {"A": "{url: $X, …}"}),
    ],
)
def test_what_a_module_is_made_of(code: str, entries: dict[str, str]) -> None:
    assert root(f"import {{ neonConfig }} from 'pkg';\n{code}", "a.js") == entries


def test_functions_and_scopes() -> None:
    document = read(
        "'use client'\n"
        "export const GET = async (request, { params }) => { a() };\n"
        "export default { async fetch(r, env) { b() }, go: () => c() };\n"
        "class Repo { @Get() save(x) { d() } }\n"
        "app.get('/', async () => { 'use server'; e() });\n"
        "function outer() { return function inner() { f() } }\n"
        "(async () => { g() })();\n"
        "exports.handler = function (event) { h() };\n",
        "a.ts",
    )
    assert document.directives == ("use client",)
    scopes = {call.callee: call.scope for call in document.calls if call.callee in "abcdefgh"}
    assert scopes == {
        "a": "GET", "b": "default.fetch", "c": "default.go", "d": "Repo.save", "e": "app.get#1", "f": "outer.inner",
        "g": "", "h": "handler",
    }  # fmt: skip
    by_name = {function.name: function for function in document.functions}
    assert {name for name, one in by_name.items() if one.exported} == {"GET", "default.fetch", "default.go", "handler"}
    assert (by_name["app.get#1"].given_to, by_name["app.get#1"].directives) == ("app.get", ("use server",))
    assert by_name["Repo.save"].decorators == ("Get",)
    assert by_name["GET"].params == ("request", "{}")
    assert by_name["GET"].is_async


def test_what_a_call_looks_like() -> None:
    document = read("const pool = new Pool({ max: 1 }, ...more);\nthis.sql = await pool.connect();")
    made, connected = document.calls
    assert (made.new, made.assigned, made.args_complete, len(made.args)) == (True, "pool", False, 1)
    assert document.data[made.keywords.span.start : made.keywords.span.end] == b"({ max: 1 }, ...more)"
    assert (connected.assigned, shown(connected.receiver)) == ("this.sql", "new Pool({max: 1})")
    assert document.data[connected.name_span.start : connected.name_span.end] == b"connect"


def slots(document: Document) -> dict[str | None, Slot]:
    return {literal.key: literal.slot for literal in document.literals}


def test_literals_have_the_names_around_them() -> None:
    found = slots(
        read("const url = 'a';\nf({ key: `b` });\nx.y = process.env.A ?? 'c';\nconst e = <T x=\"a&amp;b\" />", "a.tsx")
    )
    assert {key: slot.text for key, slot in found.items()} == {"url": "a", "key": "b", "y": "c", "x": "a&b"}
    assert [slot.style for slot in found.values()] == ["'", "`", "'", ""]
    assert not found["x"].writable


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"'a\x41\u0042\u{43}\103\'\n\
b'", "aABCC'\nb"),
        ("`a\r\nb`", "a\nb"),
        (r'"\ud83d\ude00é😀"', "😀é😀"),
        (r"'\q\0'", "q\0"),
    ],
)  # fmt: skip
def test_escapes(written: str, text: str) -> None:
    document = read(f"const a = {written};")
    slot = document.literals[0].slot
    assert slot.text == text
    for index, char in enumerate(slot.text):
        raw = document.data[slot.starts[index] : slot.ends[index]].decode()
        assert raw == char or raw.startswith("\\") or raw == "\r\n"


def test_holes_of_templates_and_sums() -> None:
    whole = read("const h = 'x';\nconst v = `postgres://${process.env.U}@${h}/db`;").literals[-1].slot
    assert has_hole(whole.text)
    assert [shown(one) for one in whole.holes] == ["$U", "'x'"]
    table = read("const v = 'postgres://' + process.env.U + \"@h\";").root
    assert table is not None
    value = table.get("v")
    assert isinstance(value, Scalar)
    assert value.slot is not None
    assert (len(value.slot.holes), value.slot.style) == (1, "\"'")
    lone = read(r"const v = '\ud83d'").literals[0].slot
    assert isinstance(lone.holes[0], Unknown)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_scripts_of_components_keep_their_offsets(newline: str, mark: str) -> None:
    svelte = mark + newline.join(
        ["<!-- <script>no('x')</script> -->", '<script lang="ts">', "const é = f('é' as string)", "</script>", "{(}"]
    )
    document = javascript.read("A.svelte", svelte.encode())
    assert [call.callee for call in document.calls] == ["f"]
    span = document.literals[0].slot.span
    assert document.data[span.start : span.end].decode() == "'é'"
    astro = mark + newline.join(["---", "const a = f()", "---", "<p>{{</p>", "<script>g()</script>"])
    assert callees(astro, "A.astro") == ["f", "g"]
    vue = mark + newline.join(["<template/>", "<script>f()</script>", "<script setup lang='ts'>", "g()", "</script>"])
    assert callees(vue, "A.vue") == ["f", "g"]


def test_broken_files_are_read_around_the_break() -> None:
    assert "pg" in callees("import pg from 'pg';\nconst x = ;\npg({ a: 1 });\n")
    broken = read("import pg from 'pg';\npg({ a: 1, b: @@@ });")
    table = broken.calls[-1].args[0]
    assert not isinstance(table, Table) or not table.complete
    with pytest.raises(ParseFailure) as failure:
        read("a\n" + "this is no code at all, is it? { ( [\n" * 20)
    assert failure.value.row is not None


@pytest.mark.parametrize(
    "text",
    [
        "x = {a:\n" * 5000,
        "(\n" * 5000,
        "[\n" * 5000,
        "`${" * 3000,
        "f(() => {\n" * 300,
        "x => " * 1000,
        "a = {b: " * 900,
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ParseFailure):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".b\n" * 60_000 + "()",
        "x = " + '"x" +\n' * 40_000 + '"y"',
        "a" + "\n()" * 8_000,
        "const a = {b: 1}; a.b = 2;\n" * 4_000,
        "let a = 1; a = a + 1;\n" * 4_000,
        "if (x) {} else\n" * 4_000 + "{}",
        "".join(f"const v{i} = v{i + 1};\n" for i in range(4_000)),
    ],
)
def test_hostile_files_take_no_time(text: str) -> None:
    read(text)


def test_what_is_too_large_is_searched_as_text() -> None:
    url = "postgresql://app:npg_aBcDeFgHiJ12@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
    for text in (f'a="{url}";' + "x" * 30_000, f'a="{url}";\n' + "x();\n" * (MAX_SIZE // 5)):
        document = read(text)
        assert document.format == "text"
        assert document.root is not None
        assert len(document.root.entries) == 1


def test_bytes_that_are_no_text() -> None:
    for data in (b"const a = '\xff'", b"\xff\xfec\0"):
        with pytest.raises(ParseFailure) as failure:
            javascript.read("a.ts", data)
        assert "UTF" in failure.value.reason


def test_comments_are_kept_where_one_speaks_to_neonlint() -> None:
    document = read("// neonlint: x\na(); /* neonlint: y */\n<!-- not html -->", "a.js")
    assert [(one.text, one.row, one.own_line) for one in document.comments[:2]] == [
        ("neonlint: x", 1, True),
        ("neonlint: y", 2, False),
    ]
    assert read("// nothing").comments == ()
    vue = read("<template>\n  <!-- neonlint: z -->\n</template>\n<script>\na() // neonlint: y\n</script>", "A.vue")
    assert [(one.text, one.row, one.own_line) for one in vue.comments] == [
        ("neonlint: z", 2, True),
        ("neonlint: y", 5, False),
    ]
