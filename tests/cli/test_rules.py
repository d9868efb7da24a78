"""Rules of one's own from the command line: configured, written, tested, traced, and as harmless as data."""

from __future__ import annotations

import json
import re
import time
import tomllib
from pathlib import Path

import jsonschema
import pytest

from neonlint import discover, session, trace
from neonlint.cli import main
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine import run
from neonlint.errors import RuleError
from neonlint.rule_laws import broken
from neonlint.rulebook import load, read_policies

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "policies"
ABROAD = next(EXAMPLES.glob("ACME001-*")).read_text()
FILE = "ACME001-database-outside-frankfurt.toml"
CANARY = "npg_" + "Canary7Canary7"
ENV = (
    f"DATABASE_URL=postgresql://app:{CANARY}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
    "?sslmode=require&channel_binding=require\n"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / FILE).write_text(ABROAD)
    (tmp_path / "neonlint.toml").write_text('extend-rules = ["policies/"]\nselect = ["ACME"]\n')
    (tmp_path / ".env").write_text(ENV)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = main(words)
    captured = capsys.readouterr()
    assert CANARY not in captured.out + captured.err
    return status, captured.out + captured.err


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.toml")), ids=lambda file: file.name[:7])
def test_the_examples_in_the_repository_keep_the_laws(file: Path) -> None:
    [(rule, details)] = read_policies(file)
    assert [text for example in details.examples for text in broken(rule, example, rule.file)] == []


def test_the_page_shows_the_rule_of_the_repository() -> None:
    page = (ROOT / "docs" / "policies.md").read_text()
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert ABROAD.split("\n", 1)[1] in blocks
    commands = re.findall(r"```\n(neonlint .*?)\n```", page)
    assert [command.split()[1] for command in commands] == ["rules", "rules", "trace"]


def test_everything_knows_a_policy(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = said(capsys, "check", ".")
    assert status == 1 and "ACME001 database-outside-frankfurt" in text
    assert "ACME001" in said(capsys, "check", ".", "--output-format", "sarif")[1]
    assert said(capsys, "check", ".", "--ignore", "ACME001", "-q") == (0, "")
    assert "Frankfurt" in said(capsys, "rule", "ACME001")[1]
    (project / ".env").write_text("# neonlint: ignore[ACME001] a test\n" + ENV)
    assert said(capsys, "check", ".", "-q") == (0, "")
    (project / ".env").write_text(ENV)
    with (project / "neonlint.toml").open("a") as file:
        file.write('[per-file-ignores]\n".env" = ["ACME"]\n')
    assert said(capsys, "check", ".", "-q") == (0, "")


def test_severity_and_baseline_know_a_policy(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "neonlint.toml").open("a") as file:
        file.write('[severity]\nACME001 = "info"\n')
    assert said(capsys, "check", ".")[0] == 0
    assert said(capsys, "check", ".", "--fail-on", "info")[0] == 1
    assert said(capsys, "baseline", "create")[0] == 0
    assert said(capsys, "check", ".", "--fail-on", "info", "-q") == (0, "")


def test_paths_are_relative_to_the_configuration(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "deep").mkdir()
    (project / "deep" / ".env").write_text(ENV)
    monkeypatch.chdir(project / "deep")
    assert said(capsys, "check", ".")[0] == 1


def test_what_is_taken_is_refused_with_both_places(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "policies" / "ACME002-sslmode-missing.toml").write_text(
        ABROAD.replace("ACME001", "ACME002").replace("database-outside-frankfurt", "sslmode-missing")
    )
    status, text = said(capsys, "check", ".")
    assert status == 2 and "ACME002-sslmode-missing.toml" in text and "NL101-sslmode-missing.toml" in text
    (project / "policies" / "ACME002-sslmode-missing.toml").unlink()
    (project / "policies" / FILE).write_text(ABROAD.replace("\n[[ex", '\nredirects = ["NL998"]\n\n[[ex', 1))
    status, text = said(capsys, "check", ".")
    assert status == 2 and 'redirects: "NL998"' in text


def test_new_writes_a_rule_that_passes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "rules", "new", "ACME007-database-abroad")[0] == 0
    assert said(capsys, "rules", "test") == (
        0,
        "ACME001 database-outside-frankfurt: ok (2 examples)\nACME007 database-abroad: ok (2 examples)\n"
        "2 rules, all as they should be\n",
    )
    assert "taken by ACME007" in said(capsys, "rules", "new", "ACME007-database-abroad")[1]
    assert "begins like neonlint's own" in said(capsys, "rules", "new", "NL777-database-abroad")[1]
    assert said(capsys, "rules", "new", "../ACME008-x")[0] == 2
    assert not (project / "ACME008-x.toml").exists()


@pytest.mark.parametrize(
    ("old", "new", "failure"),
    [
        ('!= "eu-central-1"', '== "eu-west-2"', "bad: ACME001 finds nothing"),
        (
            "endpoint.region is not None and endpoint.region !=",
            'endpoint.region !=  "x" and endpoint.cloud !=',
            "ok: ACME001",
        ),
        ('channel_binding=require\\n" }\nfinding', 'x=1\\n" }\nfinding', "bad: other rules find something, too (NL"),
        ('at = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"', 'at = "app"', "bad: the finding points at"),
    ],
)
def test_a_broken_law_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, failure: str
) -> None:
    assert old in ABROAD
    (project / "policies" / FILE).write_text(ABROAD.replace(old, new))
    status, text = said(capsys, "rules", "test")
    assert status == 1 and f": {failure}" in text, text


def test_a_fix_that_makes_something_else_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = next(EXAMPLES.glob("ACME002-*"))
    (project / "policies" / file.name).write_text(
        file.read_text().replace("require&sslrootcert=system", "require&sslrootcert=x")
    )
    status, text = said(capsys, "rules", "test")
    assert status == 1 and "good: the fix of ACME002 makes another .env" in text


# --- trace ---


def test_trace_tells_fact_by_fact(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = said(capsys, "trace", ".env", "--rule", "ACME001")
    assert status == 0
    assert text.splitlines()[:5] == [
        ".env:1: connection DATABASE_URL",
        "  ACME001 database-outside-frankfurt fires",
        '    true    endpoint.neon and endpoint.region is not None and endpoint.region != "eu-central-1" and not file.test',
        "      true    endpoint.neon",
        "              endpoint.neon: True",
    ]
    assert "NL101 sslmode-missing does not fire: tls.mode is None is false" in said(capsys, "trace", ".env")[1]


def test_trace_as_json_has_what_was_skipped(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = said(capsys, "trace", ".env", "--rule", "NL109", "--output-format", "json")
    [about] = json.loads(text)["subjects"]
    [rule] = about["rules"]
    assert status == 0 and rule["fires"] is False and rule["when"]["value"] is False
    assert any(part["skipped"] for part in rule["when"]["parts"])


def test_trace_agrees_with_a_run(project: Path) -> None:
    (project / ".env").write_text(ENV.replace("&channel_binding=require", "").replace("app:", "neondb_owner:"))
    work = session.open_session([".env"], Config(), project)
    book = load()
    told = trace.of_file(work, book, book.select(["ALL"]))
    fires = {judged.rule.code for about in told.subjects for judged in about.judged if judged.step.value}
    found = {finding.code for finding in session.judge(work).report.findings}
    assert fires == found != set()


def test_trace_searches_nothing_outside_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a work tree or configuration there is no telling where a project ends."""
    (tmp_path / ".env").write_text(
        "DATABASE_URL=postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(discover, "_search", lambda *_: pytest.fail("the directory was searched"))
    assert "NL101" in said(capsys, "trace", ".env")[1]


def test_trace_of_what_is_no_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "trace", "none.env")[0] == 2
    assert said(capsys, "trace", ".env", "--rule", "ACME999")[0] == 2


# --- nothing but data ---

_HOSTILE = {
    "dunder": ("when     = '", 'when     = \'__import__("os").system("touch pwned") and '),
    "attribute": ("when     = '", "when     = 'endpoint.neon.__class__.__mro__ and "),
    "f-string": ("when     = '", 'when     = \'f"{open(1)}" == host and '),
    "call": ("when     = '", 'when     = \'open("neonlint.toml") and '),
    "lambda": ("when     = '", "when     = '(lambda: 1)() and "),
    "walrus": ("when     = '", "when     = '(host := 1) and "),
    "comprehension": ("when     = '", "when     = '[x for x in (1, 2)] and "),
    "power": ("when     = '", "when     = '9 ** 9 ** 9 > 1 and "),
    "format of a message": ("{endpoint.region}", "{endpoint.region.__class__}"),
    "format spec": ("{endpoint.region}", "{endpoint.region:>999999999}"),
    "conversion": ("{endpoint.region}", "{endpoint.region!r}"),
    "index": ("{endpoint.region}", "{endpoint[0]}"),
    "a long message": ("our data", "x" * 2_000),
    "open brace": ("{endpoint.region}", "{{{{{{"),
    "escape sequence": ("our data", "\\u001b]52;c;x\\u0007"),
    "path upwards": ('bad = { ".env"', 'bad = { "../../.env"'),
    "absolute path": ('bad = { ".env"', 'bad = { "/tmp/.env"'),
    "import": ("severity =", 'import = "os"\nseverity ='),
    "other name": ('name     = "', 'name     = "../'),
    "javascript address": ('"https://neon', '"javascript:neon'),
    "nesting": ("when     = '", "when     = '" + "(" * 900 + " and "),
    "nots": ("when     = '", "when     = '" + "not " * 300),
    "10,000 conditions": ("when     = '", "when     = '" + "host.given and " * 10_000),
    "a long name": ("when     = '", "when     = 'a" + ".a" * 9_000 + " and "),
    "a long value": ("when     = '", "when     = 'runtime == \"" + "x" * 19_000 + '" and '),
    "a huge string": ("when     = '", "when     = 'host == \"" + "x" * 200_000 + '" and '),
    "a huge number": ("severity =", f"x = {'9' * 9_000}\nseverity ="),
    "a huge file": ("severity =", "#" * 300_000 + "\nseverity ="),
    "nested arrays": ("severity =", f"x = {'[' * 50_000}\nseverity ="),
    "nested tables": ("advice =", f"set = {'{a = ' * 5_000}\nadvice ="),
    "a dotted key": ("severity =", f"x{'.a' * 60_000} = 1\nseverity ="),
    "a quoted dotted key": ("severity =", "x" + '."\\""' * 20_000 + " = 1\nseverity ="),
    "a dotted header": ("[[example]]", f"[x{'.a' * 60_000}]\n[[example]]"),
    "duplicate keys": ("severity =", 'code = "ACME002"\nseverity ='),
}


@pytest.mark.parametrize(("old", "new"), _HOSTILE.values(), ids=_HOSTILE)
def test_a_policy_can_do_nothing_but_be_refused(project: Path, old: str, new: str) -> None:
    assert old in ABROAD
    path = project / "policies" / FILE
    path.write_text(ABROAD.replace(old, new, 1))
    started = time.perf_counter()
    with pytest.raises(RuleError) as error:
        load([path])
    assert time.perf_counter() - started < 2
    assert FILE in str(error.value).splitlines()[0]
    assert len(str(error.value)) < 4_000
    assert not (project / "pwned").exists()


@pytest.mark.parametrize("name", ["/dev/zero", "/etc/passwd", "none", "neonlint.toml", ".env"])
def test_no_other_file_is_read(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (project / "neonlint.toml").write_text(f'extend-rules = ["{name}"]\n')
    status, text = said(capsys, "check", ".")
    assert status == 2 and "root:" not in text and Path(name).name in text


def test_a_condition_has_no_patterns(project: Path) -> None:
    """What would be a catastrophic pattern elsewhere is a text that is compared."""
    (project / "policies" / FILE).write_text(ABROAD.replace('"eu-central-1" and', '"(a+)+$" and host != "(.*)*x" and'))
    (project / ".env").write_text(ENV.replace("cool-rain", "a" * 5_000))
    started = time.perf_counter()
    run(project, [FoundFile(".env")], Config(extend_rules=(str(project / "policies"),)))
    assert time.perf_counter() - started < 2


def test_a_condition_may_list_hundreds_of_endpoints(project: Path) -> None:
    known = ", ".join(f'"ep-cool-rain-{number:08}"' for number in range(700))
    (project / "policies" / FILE).write_text(
        ABROAD.replace("endpoint.region is not None and", f"endpoint.id not in ({known}) and")
    )
    assert [
        f.code
        for f in run(project, [FoundFile(".env")], Config(extend_rules=(str(project / "policies"),))).report.findings
    ] == ["ACME001"]


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.toml")), ids=lambda file: file.name[:7])
def test_the_schema_of_rules_is_that_of_policies(file: Path) -> None:
    schema = json.loads((ROOT / "rules" / "schema.json").read_text())
    jsonschema.validate(tomllib.loads(file.read_text()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**tomllib.loads(file.read_text()), "code": "acme1"}, schema)


def test_too_many_files_are_refused(project: Path) -> None:
    for number in range(501):
        (project / "policies" / f"ACME{number:03}-x.toml").write_text("")
    with pytest.raises(RuleError, match="at most 500"):
        load([project / "policies"])
