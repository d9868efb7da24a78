"""A folder of policies that is not as its author thinks, examples that reach out of themselves, and a trace's words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from planted import CANARY, FILES, NEON_CANARY

from neonlint.cli import main

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "policies"
OWNER = "ACME003-owner-role.toml"
TEXT = (EXAMPLES / OWNER).read_text()
ENV = (
    "DATABASE_URL=postgresql://neondb_owner:{}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
    "?sslmode=require&channel_binding=require\n"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / "neonlint.toml").write_text('extend-rules = ["policies/"]\n')
    (root / ".env").write_text(ENV.format("pw"))
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def policies(project: Path) -> Path:
    folder = project / "policies"
    folder.mkdir()
    (folder / OWNER).write_text(TEXT)
    return folder


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = main(words)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


# --- the folder ---


def test_a_folder_without_a_rule_is_no_silence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "policies: cannot be read" in said(capsys, "check", ".")[1]
    (project / "policies").mkdir()
    (project / "policies" / "README.md").write_text("none yet")
    status, text = said(capsys, "check", ".")
    assert status == 2 and "policies: no rule file in it; `neonlint rules new` writes one" in text


def test_rules_in_a_deeper_folder_are_no_silence(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (policies / "notes").mkdir()
    (policies / "notes" / "a.md").write_text("not a rule")
    assert said(capsys, "check", ".")[0] == 1
    (policies / "team").mkdir()
    (policies / "team" / OWNER.replace("003", "004")).write_text(TEXT)
    status, text = said(capsys, "check", ".")
    assert status == 2 and "the rule files in its folder team are not read; name that folder, too" in text


def test_a_folder_may_be_named_twice(project: Path, policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "neonlint.toml").write_text('extend-rules = ["policies/", "./policies"]\n')
    assert said(capsys, "check", ".")[1].count("ACME003 owner-role") == 1
    assert said(capsys, "rules", "test")[1].endswith("1 rule, all as they should be\n")


@pytest.mark.parametrize("there", [True, False], ids=["empty", "missing"])
def test_new_makes_the_folder_that_is_configured(
    project: Path, capsys: pytest.CaptureFixture[str], there: bool
) -> None:
    if there:
        (project / "policies").mkdir()
    status, text = said(capsys, "rules", "new", "ACME001-database-abroad")
    path = "policies/ACME001-database-abroad.toml"
    assert (status, text) == (0, f"{path}: written; edit it, then run `neonlint rules test {path}`\n")
    assert said(capsys, "rules", "test")[0] == 0


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("ACME003-another", "taken by ACME003 owner-role"),
        ("ACME009-owner-role", "taken by ACME003 owner-role"),
        ("ACME009-sslmode-missing", "taken by NL101 sslmode-missing"),
    ],
)
def test_new_takes_no_name_from_another(
    policies: Path, capsys: pytest.CaptureFixture[str], name: str, taken: str
) -> None:
    status, text = said(capsys, "rules", "new", name)
    assert status == 2 and taken in text
    assert [path.name for path in policies.iterdir()] == [OWNER]


def test_new_reads_no_unfinished_rule(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (policies / OWNER).write_text("code =")
    assert said(capsys, "rules", "new", "ACME001-database-abroad")[0] == 0


# --- what a rule names ---


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'at       = "user"',
            'at       = "usr"',
            'at: unknown name "usr" for subject connection; did you mean "user"?',
        ),
        ('advice = "', 'fix = { title = "x", safety = "safe", set.parms.sslmode = "x" }\n#', "fix.set: unknown name"),
        ('advice = "', 'fix = { title = "x", safety = "safe", set.password = "x" }\n#', "fix.set: unknown name"),
        ('advice = "', 'redirects = ["all"]\n#', 'redirects: "all" is for neonlint\'s own use'),
        ('advice = "', 'redirects = ["NL999"]\n#', 'redirects: "NL999" is for neonlint\'s own use'),
    ],
)
def test_a_rule_names_what_there_is(
    policies: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    good = 'bad = { ".env" = "A=1\\n" }\ngood = { ".env" = "A=2\\n" }\n[[example]]\nok ='
    text = TEXT.replace("[[example]]\nok =", f"[[example]]\n{good}") if "fix =" in new else TEXT
    assert old in TEXT
    (policies / OWNER).write_text(text.replace(old, new))
    status, text = said(capsys, "check", ".")
    assert status == 2 and told in text


def test_a_subject_without_facts_is_not_for_policies(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for line in TEXT.splitlines() if not line.startswith(("subject", "when", "at ", "message"))]
    head = "subject = 'suppression'\nwhen = 'True'\nat = 'comment'\nmessage = 'x'\n"
    (policies / OWNER).write_text(head + "\n".join(lines))
    status, text = said(capsys, "check", ".")
    assert status == 2 and 'subject: "suppression" has no facts to ask about' in text


# --- its examples ---


def with_example(policies: Path, files: dict[str, str]) -> None:
    table = "".join(f"{json.dumps(name)} = {json.dumps(text)}\n" for name, text in files.items())
    (policies / OWNER).write_text(f"{TEXT}\n[[example]]\n[example.ok]\n{table}")


@pytest.mark.parametrize("name", ["neonlint.toml", ".neonlint.toml", "pyproject.toml"])
@pytest.mark.parametrize("key", ["extend", "extend-rules", "baseline"])
def test_an_example_reads_no_other_file(
    policies: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, key: str
) -> None:
    (tmp_path / "other.toml").write_text(f"{CANARY} = 1\n")
    value = json.dumps([str(tmp_path)] if key == "extend-rules" else str(tmp_path / "other.toml"))
    table = "[tool.neonlint]\n" if name == "pyproject.toml" else ""
    with_example(policies, {name: f"{table}{key} = {value}\n", ".env": "A=1\n"})
    status, text = said(capsys, "rules", "test")
    assert status == 1 and CANARY not in text
    assert f"example 3: {name}: `{key}` leads out of the example, which is its own files alone" in text


def test_the_settings_of_an_example_may_be_wrong(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_example(policies, {"neonlint.toml": "colour = 1\n", ".env": "A=1\n"})
    status, text = said(capsys, "rules", "test")
    assert status == 1
    assert "  example 3: cannot be run: neonlint.toml:1: unknown key `colour`" in text
    assert text.endswith("1 rule, 1 failed\n")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a": "", "a/b": ""}, 'example[3].ok: "a" is a file and a folder; rename one'),
        ({"x" * 201: ""}, "longer than 200 bytes; shorten it"),
    ],
)
def test_an_example_is_files_that_there_can_be(
    policies: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], told: str
) -> None:
    with_example(policies, files)
    status, text = said(capsys, "rules", "test")
    assert status == 2 and told in text


@pytest.mark.parametrize(
    "files",
    [
        {"neonlint.toml": f"x = {'[' * 20_000}"},
        {"a.yaml": f"x: {'[' * 20_000}"},
        {"a.yaml": "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a, *a]\n" for i in range(2_000))},
        {"a.py": f"x = {'(' * 20_000}"},
        {".git/config": "[core]\nfsmonitor = touch pwned; false\n", ".env": "A=1\n"},
    ],
    ids=["toml", "yaml", "aliases", "python", "git"],
)
def test_hostile_examples_end_in_a_verdict(
    project: Path, policies: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str]
) -> None:
    with_example(policies, files)
    status, text = said(capsys, "rules", "test")
    assert status in (0, 1) and text.splitlines()[-1].startswith("1 rule, ")
    assert not list(project.rglob("pwned"))


def test_a_rule_that_finds_nothing_says_why(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (policies / OWNER).write_text(TEXT.replace('user == "neondb_owner"', 'user == "owner"'))
    assert said(capsys, "rules", "test")[1].splitlines()[1:4] == [
        "  example 1 (For migrations, which the built-in rule NL205 allows): bad: ACME003 finds nothing",
        "      .env:1: connection DATABASE_URL_UNPOOLED",
        '        ACME003 owner-role does not fire: user == "owner" is false (user: "neondb_owner")',
    ]
    (policies / OWNER).write_text(re.sub(r"bad = .*\nfinding = .*", 'bad = { ".env" = "A=1" }', TEXT))
    assert "there is no connection in .env" in said(capsys, "rules", "test")[1]


# --- trace ---


@pytest.mark.parametrize("password", ["e", "require", "neondb_owner", "connection"])
def test_a_trace_does_not_tell_a_password_by_masking_it(
    policies: Path, capsys: pytest.CaptureFixture[str], password: str
) -> None:
    """What is masked wherever it occurs is told by all the words that it is missing from."""
    asked = ("trace", ".env", "--rule", "ACME003")
    plain = said(capsys, *asked), said(capsys, *asked, "--output-format", "json")
    Path(".env").write_text(ENV.format(password))
    assert (said(capsys, *asked), said(capsys, *asked, "--output-format", "json")) == plain


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_trace_shows_no_password(project: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    (project / "neonlint.toml").unlink()
    for name in ("psql.env", "app.py", "conf.json", "db.ts", "broken.py"):
        (project / name).write_text(FILES[name])
        text = said(capsys, "trace", name, "--rule", "NL", "--output-format", form)[1]
        assert "endpoint.neon" in text
        assert not [canary for canary in (CANARY[:8], NEON_CANARY[4:12]) if canary in text]


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ('ignore = ["ACME"]', "ignore"),
        ('select = ["NL1"]', "select"),
        ('[severity]\nACME003 = "off"', "severity"),
        ('[per-file-ignores]\n"*.env" = ["owner-role"]', "per-file-ignores"),
    ],
)
def test_a_trace_says_what_switched_a_rule_off(
    project: Path, policies: Path, capsys: pytest.CaptureFixture[str], settings: str, key: str
) -> None:
    with (project / "neonlint.toml").open("a") as file:
        file.write(settings)
    assert "ACME003" not in said(capsys, "check", ".env")[1]
    line = f"  ACME003 owner-role fires; switched off for this file by `{key}`\n"
    assert line in said(capsys, "trace", ".env")[1]
    assert line in said(capsys, "trace", ".env", "--rule", "ACME003")[1]
    told = json.loads(said(capsys, "trace", ".env", "--rule", "ACME003", "--output-format", "json")[1])
    assert told["subjects"][0]["rules"][0]["off"] == key


def test_a_trace_refuses_unknown_rules_in_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "neonlint.toml").write_text('ignore = ["NL999"]\n')
    status, text = said(capsys, "trace", ".env")
    assert status == 2 and 'neonlint.toml:1: `ignore`: unknown rule "NL999"' in text
