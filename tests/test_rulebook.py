"""Rule files: what is read, every refusal with its place and remedy, the index, and naming rules on a command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neonlint import rulebook
from neonlint.errors import RuleError, UsageError
from neonlint.facts.answer import FactSpec, FactType
from neonlint.rulebook import (
    Expected,
    Rule,
    Rulebook,
    Vocabulary,
    details,
    digest,
    fill,
    from_index,
    index_text,
    load,
    placeholders,
    read_rules,
    stray_brace,
)
from neonlint.rulebook_files import RuleText, rules_folder
from neonlint.rulebook_models import json_schema


def spec(name: str, kind: FactType, *values: str, optional: bool = False) -> FactSpec:
    return FactSpec(name, kind, "doc", lambda: None, values, optional)


FACTS = {
    fact.name: fact
    for fact in (
        spec("endpoint.neon", "bool"),
        spec("endpoint.pooled", "bool"),
        spec("host", "str", optional=True),
        spec("runtime", "enum", "serverless", "edge"),
    )
}
WORDS = Vocabulary(
    {"connection": FACTS}, {"connection": {"host", "params.*"}}, {"connection": {"endpoint.pooled", "host"}}
)
NAME = "NL302-direct-host.toml"

HEAD = """
code = "NL302"
name = "direct-host"
summary = "Serverless code connects to the direct endpoint"
subject = "connection"
severity = "warning"
when = 'endpoint.neon and not endpoint.pooled and runtime == "edge"'
at = "host"
message = "`{name}` is direct; {runtime} code should use the pooled endpoint"
rationale = \"\"\"
Every instance opens its own connections.
The direct endpoint runs out of them.
\"\"\"
references = ["https://neon.com/docs/connect/connection-pooling"]
"""
FIX = """
[fix]
title = "Connect through the pooled endpoint"
safety = "unsafe"
set.endpoint.pooled = true
"""
EXAMPLES = """
[[example]]
bad = { ".env" = "PGHOST=ep-a.neon.tech", "vercel.json" = "{}" }
good = { ".env" = "PGHOST=ep-a-pooler.neon.tech" }
finding = { path = ".env", at = "ep-a.neon.tech" }

[[example]]
title = "migrations"
ok = { ".env" = "PGHOST=localhost" }
"""
WHOLE = HEAD + FIX + EXAMPLES


def read(text: str, name: str = NAME, words: Vocabulary = WORDS) -> tuple[Rule, rulebook.Details]:
    return read_rules([RuleText(Path("rules") / name, f"rules/{name}", text.encode())], words)[0]


def refusal(text: str, name: str = NAME) -> str:
    with pytest.raises(RuleError) as caught:
        read(text, name)
    return str(caught.value)


def put(folder: Path, text: str = WHOLE, name: str = NAME) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def renamed(code: str, name: str, more: str = "") -> str:
    return WHOLE.replace("NL302", code).replace('"direct-host"', f'"{name}"\n{more}')


def several(folder: Path) -> Path:
    put(folder)
    put(folder, renamed("NL101", "no-tls", 'redirects = ["NL199", "missing-tls"]'), "NL101-no-tls.toml")
    return put(folder, renamed("NL310", "wrong-host"), "NL310-wrong-host.toml")


# --- what is read ---


def test_a_rule_is_read() -> None:
    rule, more = read(WHOLE)
    assert rule == Rule(
        code="NL302",
        name="direct-host",
        summary="Serverless code connects to the direct endpoint",
        subject="connection",
        severity="warning",
        when=[
            "and",
            ["fact", "endpoint.neon"],
            ["not", ["fact", "endpoint.pooled"]],
            ["==", ["fact", "runtime"], ["lit", "edge"]],
        ],
        at="host",
        message="`{name}` is direct; {runtime} code should use the pooled endpoint",
        url="https://neon.com/docs/connect/connection-pooling",
        file=f"rules/{NAME}",
        fixes=(rulebook.RuleFix("Connect through the pooled endpoint", "unsafe", set={"endpoint.pooled": True}),),
    )
    assert more.rationale == "Every instance opens its own connections.\nThe direct endpoint runs out of them."
    assert more.references == ("https://neon.com/docs/connect/connection-pooling",)
    assert more.when == 'endpoint.neon and not endpoint.pooled and runtime == "edge"'


def test_examples_are_read() -> None:
    first, second = read(WHOLE)[1].examples
    assert first.bad == {".env": "PGHOST=ep-a.neon.tech", "vercel.json": "{}"}
    assert first.good == {".env": "PGHOST=ep-a-pooler.neon.tech", "vercel.json": "{}"}
    assert first.fix == "unsafe"
    assert first.finding == Expected(".env", "ep-a.neon.tech")
    assert second.ok == {".env": "PGHOST=localhost"}
    assert (second.bad, second.good, second.fix, second.title) == (None, None, "none", "migrations")


def test_several_fixes_are_read_in_order() -> None:
    fixes = """
    [[fix]]
    title = "Name the host"
    safety = "safe"
    when = 'host is None'
    set = { "host" = "{runtime}.example" }
    note = "Only where none is named."
    [[fix]]
    title = "Take it away"
    safety = "unsafe"
    unset = ["host"]
    """
    rule, _ = read(HEAD + fixes + EXAMPLES.replace("finding", 'fix = "safe"\nfinding'))
    first, last = rule.fixes
    assert (first.when, first.set, first.note) == (
        ["is", ["fact", "host"], ["lit", None]],
        {"host": "{runtime}.example"},
        "Only where none is named.",
    )
    assert (last.when, last.set, last.unset) == (None, {}, ("host",))


def test_a_rule_without_fix_needs_no_good() -> None:
    bad = '[[example]]\nbad = { ".env" = "x" }\n[[example]]\nok = { ".env" = "" }\n'
    rule, more = read(HEAD + 'advice = "Ask the administrator"\n' + bad)
    assert (rule.fixes, rule.advice, more.examples[0].fix) == ((), "Ask the administrator", "none")


def test_without_a_list_of_places_only_their_syntax_is_checked() -> None:
    rule, _ = read(WHOLE.replace('at = "host"', 'at = "any.thing"'), words=Vocabulary(WORDS.facts))
    assert rule.at == "any.thing"


def test_an_open_ended_place() -> None:
    assert read(WHOLE.replace('at = "host"', 'at = "params.sslmode"'))[0].at == "params.sslmode"


# --- what is refused ---


def test_the_fields_agree_with_the_file_name() -> None:
    assert refusal(WHOLE, "NL303-direct-host.toml") == (
        'rules/NL303-direct-host.toml: code: "NL302", but the file is named "NL303"; make them agree'
    )
    assert 'name: "direct-host", but the file is named "direct"' in refusal(WHOLE, "NL302-direct.toml")
    assert refusal(WHOLE, "nl302.toml").endswith(
        'not named by its code and name, as in "ACME001-database-abroad.toml"; rename it'
    )


BASE = "rules/NL302-direct-host.toml: "


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('summary = "', 'sumary = "', 'unknown key "sumary"; did you mean "summary"?'),
        ('severity = "warning"', "", "severity: missing; add it"),
        ('"warning"', '"fatal"', 'severity: must be "error", "warning" or "info"'),
        ('severity = "warning"', "severity = 3", 'severity: must be "error", "warning" or "info"'),
        ('summary = "Serverless', 'summary = " Serverless', "summary: blanks at the begin or end; take them out"),
        ('summary = "Serverless', 'summary = "A\\u001bServerless', "summary: holds U+001B, which does not print"),
        ('message = "', 'message = "\\u202e', "message: holds U+202E, which does not print"),
        ('message = "`', 'message = "\\n`', "message: blanks at the begin or end"),
        ('code = "NL302"', 'code = "302"', 'code: not a code; write it like "NL302"'),
        ('name = "direct-host"', 'name = "Direct"', 'name: not in kebab case; write it like "direct-host"'),
        ('"connection"', '"conection"', 'subject: unknown subject "conection"; did you mean "connection"?'),
        (
            "not endpoint.pooled",
            "not endpoint.pooledd",
            'when, column 23: unknown fact "endpoint.pooledd" for subject connection; did you mean "endpoint.pooled"?',
        ),
        ('runtime == "edge"', 'runtime == "edgy"', 'when, column 54: "runtime" is never "edgy"; did you mean "edge"?'),
        ('at = "host"', 'at = "hosts"', 'at: unknown name "hosts" for subject connection; did you mean "host"?'),
        ('at = "host"', 'at = "a b"', 'at: not a dotted name; write it like "params.sslmode"'),
        (
            "{runtime} code",
            "{runtme} code",
            'message: unknown fact "runtme" for subject connection; did you mean "runtime"?',
        ),
        ("{runtime} code", "{runtime.__class__} code", 'message: unknown fact "runtime.__class__"'),
        ("{runtime} code", "{runtime code", "message: a brace without its pair"),
        ('at = "host"', 'at = "host"\nadvice = "see ${HOME}"', 'advice: unknown fact "HOME" for subject connection'),
        ('"Connect through', '"Connect {hst} through', 'fix.title: unknown fact "hst" for subject connection'),
        ('at = "host"', 'at = "host"\nbecause = ["hst"]', 'because: unknown fact "hst" for subject connection'),
        ('at = "host"', 'at = "host"\nredirects = ["NL 1"]', 'redirects: "NL 1" is neither a code nor a name'),
        ('at = "host"', 'at = "host"\ntags = ["A b"]', "tags[1]: not in kebab case"),
        ("https://neon", "http://neon", 'references[1]: not an https address; write "https://…"'),
        ('"https://neon.com/docs/connect/connection-pooling"', "", "references: list should have at least 1 item"),
        ('rationale = """\nEvery', 'rationale = """\n\\u0007Every', "rationale: holds U+0007"),
        ('safety = "unsafe"', 'safty = "unsafe"', 'fix[1]: unknown key "safty"; did you mean "safety"?'),
        ('safety = "unsafe"', 'safety = "sure"', 'fix[1].safety: must be "safe" or "unsafe"'),
        ('safety = "unsafe"', 'safety = "unsafe"\nwhen = "hst is None"', 'fix.when, column 1: unknown fact "hst"'),
        ("set.endpoint.pooled = true", "", "fix: changes nothing; add set or unset"),
        ("set.endpoint.pooled = true", "set.endpoint.poled = true", 'fix.set: unknown name "endpoint.poled"'),
        ("set.endpoint.pooled = true", 'set."a b" = true', 'fix.set: "a b" is not a dotted name'),
        ("set.endpoint.pooled = true", "set.host = [1]", "fix.set.host: must be a string, number or bool; use unset"),
        ("set.endpoint.pooled = true", "set.host = nan", "fix.set.host: must be a string, number or bool"),
        ("set.endpoint.pooled = true", "set.host = 1979-05-27", "fix.set.host: must be a string, number or bool"),
        ("set.endpoint.pooled = true", 'set.host = "{hst}"', 'fix.set.host: unknown fact "hst"'),
        ("set.endpoint.pooled = true", 'set.host = "a"\nunset = ["host"]', 'fix.unset: "host" is set as well'),
        ("set.endpoint.pooled = true", 'set.host = "a\\nX=1"', "fix.set.host: holds what does not print"),
        ("set.endpoint.pooled = true", 'unset = ["hots"]', 'fix.unset: unknown name "hots"'),
        (
            'finding = { path = ".env"',
            'finding = { pth = ".env"',
            'example[1].finding: unknown key "pth"; did you mean "path"?',
        ),
        ('finding = { path = ".env"', 'finding = { path = ".evn"', 'example[1].finding.path: ".evn" is not in bad'),
        ('at = "ep-a.neon.tech"', 'at = "ep-b.neon.tech"', "example[1].finding.at: not in the text of .env"),
        ("bad = {", "bads = {", 'example[1]: unknown key "bads"; did you mean "bad"?'),
        ('bad = { ".env"', 'bad = { "../.env"', 'example[1].bad."../.env": not a plain relative path'),
        ('bad = { ".env" = "PG', 'bad = { ".env" = "\\u0000PG', 'example[1].bad.".env": holds U+0000'),
        ("good = {", "ok = {", "example[1]: ok stands alone"),
        ('good = { ".env" = "PGHOST=ep-a-pooler.neon.tech" }', "", 'example[1]: has no good; add it, or fix = "none"'),
        ('good = { ".env"', 'good = { ".envrc"', 'example[1].good: ".envrc" is not in bad; a fix makes no files'),
        ("ep-a-pooler.neon", "ep-a.neon", "example[1].good: the same as bad"),
        ("finding =", 'fix = "none"\nfinding =', "example[1].good: no fix makes it"),
        (
            'good = { ".env" = "PGHOST=ep-a-pooler.neon.tech" }',
            'fix = "safe"',
            "example[1].fix: safe, but there is no good",
        ),
        (
            'good = { ".env" = "PGHOST=ep-a-pooler.neon.tech" }',
            'fix = "none"',
            "example: none with good, but there is a fix",
        ),
        ('ok = { ".env" = "PGHOST=localhost" }', "", "example[2]: has neither bad nor ok; add one"),
        ('ok = { ".env" = "PGHOST=localhost" }', "ok = {}", "example[2].ok: dictionary should have at least 1 item"),
        ('ok = { ".env" =', 'bad = { ".env" =', 'example[2]: has no good; add it, or fix = "none"'),
        (FIX, "", "example[1].good: no fix makes it; write it as an [[example]] with ok"),
        (EXAMPLES, "", "example: missing; add it"),
        ("code =", "code = =", "not TOML: "),
        ('code = "NL302"', "code = " + "[" * 5_000, "nested too deep"),
    ],
)
def test_refuses(old: str, new: str, said: str) -> None:
    assert old in WHOLE
    assert refusal(WHOLE.replace(old, new, 1)).startswith(BASE + said)


def test_an_example_of_each_kind_is_needed() -> None:
    only_bad, only_ok = EXAMPLES.split("[[example]]")[1:]
    assert refusal(f"{HEAD}{FIX}[[example]]{only_bad}").startswith(BASE + "example: none with ok")
    assert refusal(f"{HEAD}[[example]]{only_ok}").startswith(BASE + "example: none with bad")


def test_the_fix_of_an_example_must_be_clear() -> None:
    second = '[[fix]]\ntitle = "T"\nsafety = "safe"\nwhen = "host is None"\nset.host = "x"\n'
    both = HEAD + second + FIX.replace("[fix]", "[[fix]]") + EXAMPLES
    assert refusal(both).startswith(BASE + "example[1].fix: the rule has safe and unsafe fixes; write")
    swapped = HEAD + FIX.replace("[fix]", "[[fix]]") + second + EXAMPLES
    assert refusal(swapped).startswith(BASE + "fix[1]: has no when, so the fixes behind it never apply; put it last")


def test_every_problem_of_the_schema_is_named() -> None:
    lines = refusal(WHOLE.replace("severity", "sevrity").replace('at = "host"', "")).splitlines()
    assert lines == [
        BASE + 'unknown key "sevrity"; did you mean "severity"?',
        BASE + "severity: missing; add it",
        BASE + "at: missing; add it",
    ]


def test_not_utf8() -> None:
    with pytest.raises(RuleError, match="not UTF-8 at byte 0; save it as UTF-8"):
        read_rules([RuleText(Path(NAME), NAME, b"\xff")], WORDS)


@given(st.dictionaries(st.sampled_from(["code", "when", "fix", "example", "set", "x"]), st.text() | st.integers()))
@settings(max_examples=50)
def test_any_table_is_read_or_refused(table: dict[str, object]) -> None:
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
    assert refusal(text.encode("utf-8", "replace").decode()).startswith(BASE)


# --- files ---


def test_loads_built_in_and_extra_rules(tmp_path: Path) -> None:
    home = several(tmp_path / "rules")
    own = put(tmp_path / "policies", renamed("ACME001", "own"), "ACME001-own.toml")
    codes = ["NL101", "NL302", "NL310"]
    assert [rule.code for rule in load(folder=home, vocabulary=WORDS).rules] == codes
    for extra in (own, own / "ACME001-own.toml"):
        book = load([extra], folder=home, vocabulary=WORDS)
        assert [rule.code for rule in book.rules] == ["ACME001", *codes]


def test_an_extra_rule_may_not_take_a_name(tmp_path: Path) -> None:
    home, own = (
        several(tmp_path / "rules"),
        put(tmp_path / "own", renamed("ACME001", "missing-tls"), "ACME001-missing-tls.toml"),
    )
    with pytest.raises(RuleError, match='"missing-tls" is taken by NL101 no-tls'):
        load([own], folder=home, vocabulary=WORDS)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "cannot be read"),
        (lambda path: path.write_bytes(b"#" * 300_000), "not a file of at most 256 KiB"),
        (os.mkfifo, "not a file of at most 256 KiB"),
    ],
)
def test_what_is_not_a_rule_file(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    path = tmp_path / NAME
    make(path)
    with pytest.raises(RuleError, match=said) as caught:
        load([path], folder=several(tmp_path / "rules"), vocabulary=WORDS)
    assert str(caught.value).startswith(path.as_posix())


def test_the_folder_is_found() -> None:
    assert rules_folder().name == "rules"


def test_missing_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neonlint.__file__", str(tmp_path / "neonlint" / "__init__.py"))
    with pytest.raises(UsageError, match="neonlint's own rules are missing; install it again"):
        rules_folder()


# --- the index ---


def indexed(folder: Path) -> Path:
    rules = load(folder=several(folder), vocabulary=WORDS).rules
    (folder / "index.json").write_text(index_text(folder, rules, WORDS), encoding="utf-8")
    return folder


def no_slow_path(*_: object) -> None:
    raise AssertionError("the slow path was taken")


def test_the_index_gives_the_same_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = indexed(tmp_path / "rules")
    slow = [rule for rule, _ in rulebook.read_folder(home, WORDS)]
    monkeypatch.setattr(rulebook, "read_rules", no_slow_path)
    fast = load(folder=home, vocabulary=WORDS).rules
    assert list(fast) == slow
    assert [rule.file for rule in fast] == [rule.file for rule in slow]


def test_details_come_from_the_file(tmp_path: Path) -> None:
    home = indexed(tmp_path / "rules")
    rule = load(folder=home, vocabulary=WORDS).rules[0]
    assert details(rule, vocabulary=WORDS) == rulebook.read_folder(home, WORDS)[0][1]


def test_a_stale_index_is_not_used(tmp_path: Path) -> None:
    home = indexed(tmp_path / "rules")
    put(home, WHOLE.replace('severity = "warning"', 'severity = "info"'))
    assert {rule.code: rule.severity for rule in load(folder=home, vocabulary=WORDS).rules}["NL302"] == "info"
    (home / NAME).unlink()
    assert [rule.code for rule in load(folder=home, vocabulary=WORDS).rules] == ["NL101", "NL310"]


@pytest.mark.parametrize("damage", [b"", b"[]", b"null", b'{"digest": 1}', b"\xff", b'{"digest": "x", "rules": []}'])
def test_a_damaged_index_is_not_used(tmp_path: Path, damage: bytes) -> None:
    home = indexed(tmp_path / "rules")
    (home / "index.json").write_bytes(damage)
    assert len(load(folder=home, vocabulary=WORDS).rules) == 3


def test_the_index_depends_on_the_words(tmp_path: Path) -> None:
    home = indexed(tmp_path / "rules")
    files = [RuleText(path, path.name, path.read_bytes()) for path in sorted(home.glob("*.toml"))]
    base = digest(files, WORDS)
    optional = {**FACTS, "host": FACTS["host"]._replace(optional=False)}
    documented = {**FACTS, "host": FACTS["host"]._replace(doc="other")}
    assert digest(files, Vocabulary({"connection": optional}, WORDS.at, WORDS.settable)) != base
    assert digest(files, Vocabulary(WORDS.facts, {}, WORDS.settable)) != base
    assert digest(files[1:], WORDS) != base
    assert digest(files, Vocabulary({"connection": documented}, WORDS.at, WORDS.settable)) == base
    assert from_index(home, base) is not None
    assert from_index(home, "other") is None


def test_the_index_needs_neither_pydantic_nor_tomllib(tmp_path: Path) -> None:
    words = Vocabulary.of_catalogue()
    home = tmp_path / "rules"
    home.mkdir()
    (home / "index.json").write_text(index_text(home, [], words), encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; import neonlint.facts.catalogue; before = set(sys.modules);"
        "from neonlint.rulebook import load; load(folder=Path(sys.argv[1]));"
        "slow = {'pydantic', 'tomllib', 'difflib', 'neonlint.rulebook_reader', 'neonlint.rulepage'};"
        "sys.exit(bool(slow & (set(sys.modules) - before)))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(home)], check=False).returncode == 0


# --- naming rules ---


@pytest.fixture
def book(tmp_path: Path) -> Rulebook:
    own = put(tmp_path / "own", renamed("ACME001", "own"), "ACME001-own.toml")
    return load([own], folder=several(tmp_path / "rules"), vocabulary=WORDS)


@pytest.mark.parametrize(
    ("patterns", "codes"),
    [
        (["ALL"], {"ACME001", "NL101", "NL302", "NL310"}),
        (["NL"], {"NL101", "NL302", "NL310"}),
        (["NL3"], {"NL302", "NL310"}),
        (["NL30", "NL101"], {"NL101", "NL302"}),
        (["direct-host"], {"NL302"}),
        (["NL199"], {"NL101"}),
        (["missing-tls"], {"NL101"}),
        (["ACME"], {"ACME001"}),
        (["NL7"], set()),
        ([], set()),
    ],
)
def test_select(book: Rulebook, patterns: list[str], codes: set[str]) -> None:
    assert book.select(patterns) == codes


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("NL3O2", '; did you mean "NL302"?'),
        ("direct-hst", '; did you mean "direct-host"?'),
        ("NL8", ""),
        ("AC", ""),
        ("", ""),
        ("all", ""),
    ],
)
def test_an_unknown_pattern(book: Rulebook, pattern: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        book.select([pattern])
    assert str(caught.value).startswith(f'unknown rule "{pattern}"{hint}')


def test_find(book: Rulebook) -> None:
    for word in ("NL101", "no-tls", "NL199", "missing-tls"):
        found = book.find(word)
        assert found is not None
        assert found.code == "NL101"
    assert book.find("NL1") is None
    assert [rule.code for rule in book.of("connection")] == [rule.code for rule in book.rules]
    assert book.of("client") == ()


# --- templates and the schema ---


def test_fill_replaces_once() -> None:
    values = {"name": "{host}", "host": "h"}
    assert fill("{name} at {host}", values.__getitem__) == "{host} at h"
    assert placeholders("{name} at {a.b}") == ["name", "a.b"]


@pytest.mark.parametrize("template", ["{", "}", "a{b", "{a}}", "{{a}"])
def test_unbalanced_braces(template: str) -> None:
    assert stray_brace(template)
    assert not stray_brace("{a} b {c}")


def test_advice_may_show_a_shells_braces() -> None:
    (rule,) = [rule for rule in load().rules if rule.name == "url-echoed"]
    assert "`${DATABASE_URL##*@}`" in fill(rule.advice, {"shows": "DATABASE_URL"}.__getitem__)


@given(st.text(alphabet="{}ab. "))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_fill_knows_what_placeholders_names(template: str) -> None:
    asked: list[str] = []
    fill(template, lambda name: asked.append(name) or "x")  # type: ignore[func-returns-value]
    assert placeholders(template) == asked


def test_schema_allows_one_fix_or_several() -> None:
    schema = json_schema()
    assert schema["properties"]["fix"]["anyOf"] == [
        {"$ref": "#/$defs/FixTable"},
        {"type": "array", "items": {"$ref": "#/$defs/FixTable"}},
    ]
    assert schema["additionalProperties"] is False
    assert json.loads(json.dumps(schema)) == schema
