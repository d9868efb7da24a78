"""Every output format over one small repository: golden files, published schemas, and readers that understand them."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema
from cli.conftest import Neonlint

import neonlint as package
from neonlint.ir.findings import Finding, Report, Skip
from neonlint.ir.source import Span
from neonlint.records import replace
from neonlint.report import FORMATS, View

SCHEMAS = Path(__file__).parent.parent / "schemas"
PASSWORD = "CanaryPw42"
HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
URL = f"postgresql://app:{PASSWORD}@{HOST}/db"
FILES = {
    ".env": f"# größe ✓ 𐐀\nDATABASE_URL={URL}\n\n# neonlint: ignore[NL102] local tunnel\nOLD_URL={URL}?sslmode=prefer\n",
    "app/db.py": 'import os\n\nimport psycopg\n\nconnection = psycopg.connect(os.environ["DATABASE_URL"])\n',
    "app/settings.py": f'import psycopg2\n\nx, 𐐀 = 1, psycopg2.connect(host="{HOST}", user="a", password="{PASSWORD}", dbname="d", sslmode="verify-ca")\n',
    "broken.yaml": f"a: [1\n# {HOST}\nb: }}\n",
    "web/a,title=PWNED%0A::x.env": f"DIRECT_URL={URL}?sslmode=allow\n",
}
#: What GitLab's documentation asks of an entry of a Code Quality report.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/|\\./)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
HOSTILE = (
    *(
        "##[error]x.env",
        "##vso[task.setvariable variable=x]y.env",
        "]]>'\"<b>&.env",
        "%0A%25::x.env",
        "a|b`c.env",
        "[l](javascript:x).env",
        "@all $x$.env",
    ),
    *("::error::x.env", "new\nline.env", "bell\x07\x1b[31m.env", "\ufffe\u202e\u200b.env", "café 𐐀.env"),
)


def make(root: Path, files: dict[str, str]) -> Path:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make(tmp_path / "repository", FILES)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    return make(tmp_path / "hostile", dict.fromkeys(HOSTILE, f"DATABASE_URL={URL}?sslmode=disable\n"))


@pytest.fixture
def reports(neonlint: Neonlint, tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Every format from one run, by name."""

    def made(root: Path, *arguments: str, command: str = "check") -> dict[str, str]:
        into = tmp_path / "reports"
        into.mkdir(exist_ok=True)
        asked = [word for name in FORMATS for word in ("--report", f"{name}={into / name}")]
        ran = neonlint(command, *arguments, *asked, cwd=root)
        assert ran.status in (0, 1), ran.err
        return {name: (into / name).read_text(encoding="utf-8") for name in FORMATS}

    return made


def steady(text: str) -> str:
    """Without what differs from run to run."""
    text = re.sub(r"in \d+\.\d s", "in 0.0 s", text)
    return re.sub(r'("seconds": )[\d.]+', r"\g<1>0.0", text).replace(f'"{package.__version__}"', '"VERSION"')


def without_pages(text: str) -> str:
    """SARIF without the texts of rules, which have tests of their own."""
    log = json.loads(text)
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        assert len(rule["shortDescription"]["text"]) <= 1024 and 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"].pop("text") and rule["help"].pop("markdown").startswith(f"# {rule['id']}")
        rule["fullDescription"]["text"] = rule["fullDescription"]["text"][:20]
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def test_golden(repository: Path, reports: Callable[..., dict[str, str]], golden: Callable[[str, str], None]) -> None:
    for name, text in reports(repository).items():
        assert PASSWORD not in text, name
        golden(f"format-{name}.txt", steady(without_pages(text) if name == "sarif" else text))


@pytest.mark.parametrize("which", ["repository", "hostile", "clean"])
def test_published_schemas(
    which: str, reports: Callable[..., dict[str, str]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    root = make(tmp_path / "clean", {"a.env": "A=1\n"}) if which == "clean" else request.getfixturevalue(which)
    made = reports(root)
    sarif = json.loads(made["sarif"])
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text())
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(sarif)
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(made["junit"])
    quality = json.loads(made["gitlab"])
    jsonschema.validate(quality, GITLAB)
    assert len({entry["fingerprint"] for entry in quality}) == len(quality)
    assert bool(quality) == bool(sarif["runs"][0]["results"]) == (which != "clean")
    assert ElementTree.fromstring(made["junit"]).attrib["tests"] != "0"


def test_the_same_findings_in_every_format(repository: Path, reports: Callable[..., dict[str, str]]) -> None:
    made = reports(repository)
    found = [(d["filename"], d["code"], d["location"]["row"]) for d in json.loads(made["json"])["diagnostics"]]
    *by_line, last = map(json.loads, made["json-lines"].splitlines())
    run = json.loads(made["sarif"])["runs"][0]
    results = [result for result in run["results"] if not result["suppressions"]]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert found and last["summary"]["warnings"] + last["summary"]["errors"] + last["summary"]["infos"] == len(found)
    assert [(d["filename"], d["code"], d["location"]["row"]) for d in by_line] == found
    assert [
        (unquote(place["artifactLocation"]["uri"]), result["ruleId"], place["region"]["startLine"])
        for place, result in zip(places, results, strict=True)
    ] == found
    diagnostics = json.loads(made["rdjson"])["diagnostics"]
    told = [(d["location"]["path"], d["code"]["value"], d["location"]["range"]["start"]["line"]) for d in diagnostics]
    assert told == [*found, ("broken.yaml", "not-parsed", 3)]
    quality = json.loads(made["gitlab"])
    assert [
        (e["location"]["path"], e["description"][:5], e["location"]["lines"]["begin"]) for e in quality[:-1]
    ] == found
    cases = list(ElementTree.fromstring(made["junit"]).iter("testcase"))
    assert [(case.attrib["classname"], case.attrib["name"][:5]) for case in cases[:-1]] == [f[:2] for f in found]
    commands = [parsed for line in made["github"].splitlines() if (parsed := as_runner(line))]
    assert sorted((c["file"], c["title"][:5], int(c["line"])) for c in commands[:-1]) == sorted(found)
    assert commands[-1]["file"] == "broken.yaml"
    assert made["markdown"].count("\n| ") == len(found) + 1
    assert "broken.yaml" in made["markdown"]


def as_runner(line: str) -> dict[str, str] | None:
    """A command as GitHub's runner reads it, or None for a line that is none."""
    command = re.fullmatch(r"\s*::(\w+) (.*?)::(.*)", line)
    if command is None:
        return None
    found = {"command": command[1], "message": unescaped(command[3])}
    for pair in command[2].split(","):
        name, _, value = pair.partition("=")
        found[name] = unescaped(value.replace("%3A", ":").replace("%2C", ","))
    return found


def unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def test_suppressions_and_skipped_files_in_sarif(
    repository: Path, neonlint: Neonlint, reports: Callable[..., dict[str, str]]
) -> None:
    run = json.loads(reports(repository)["sarif"])["runs"][0]
    allowed = [result for result in run["results"] if result["suppressions"]]
    assert [(r["ruleId"], r["suppressions"][0]["kind"]) for r in allowed] == [("NL102", "inSource")]
    notification = run["invocations"][0]["toolExecutionNotifications"][0]
    assert notification["descriptor"]["id"] == "not-parsed"
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "broken.yaml"
    assert neonlint("baseline", "create", cwd=repository).status == 0
    run = json.loads(reports(repository)["sarif"])["runs"][0]
    assert {r["suppressions"][0]["kind"] for r in run["results"]} == {"inSource", "external"}


def test_nothing_of_code_scanning_is_in_the_way(repository: Path, neonlint: Neonlint, tmp_path: Path) -> None:
    """It shows suppressed results as open alerts, and a run that names its category keeps that of the upload from it."""
    assert neonlint("baseline", "create", cwd=repository).status == 0
    ran = neonlint("check", "--output-format", "sarif", "--no-suppressed", cwd=repository)
    [run] = ran.json["runs"]
    assert run["results"] == [] == run["tool"]["driver"]["rules"] and "automationDetails" not in run
    assert neonlint("check", "--output-format", "sarif", cwd=repository).json["runs"][0]["results"]
    assert "--no-suppressed" in (Path(package.__file__).parent.parent / "action.yml").read_text()


def test_sarif_keeps_within_the_bounds_of_code_scanning() -> None:
    """25,000 results, the worst; what was let pass gives way first, and the rest is told of."""
    finding = Finding("NL101", "n", "info", "m", "a.env", Span(0, 1), row=2)
    error, allowed = replace(finding, severity="error"), replace(finding, severity="error", message="allowed")
    report = Report([finding] * 24_999 + [error] * 2, allowed=(allowed,))
    [run] = json.loads("\n".join(FORMATS["sarif"](report, View())))["runs"]
    assert len(run["results"]) == 25_000
    assert [result["level"] for result in run["results"][:3]] == ["error", "error", "note"]
    assert "allowed" not in {result["message"]["text"] for result in run["results"]}
    [told] = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("2 of 25002 findings are left out")
    assert len({result["partialFingerprints"]["neonlint/v1"] for result in run["results"]}) == 25_000


def test_fixes_are_what_fix_does(tmp_path: Path, neonlint: Neonlint, reports: Callable[..., dict[str, str]]) -> None:
    """Replacements of SARIF in code points, of rdjson in bytes, both behind characters of several bytes."""
    text = f'import psycopg2\n\nx, 𐐀 = "ü", psycopg2.connect(host="{HOST}", dbname="d", sslmode="prefer")\n'
    root = make(tmp_path / "one", {"app.py": text})
    made = reports(root, "--select", "NL102")
    [result] = json.loads(made["sarif"])["runs"][0]["results"]
    [change] = result["fixes"][0]["artifactChanges"]
    [diagnostic] = json.loads(made["rdjson"])["diagnostics"]
    [suggestion] = diagnostic["suggestions"]
    assert neonlint("fix", "--select", "NL102", "--unsafe-fixes", cwd=root).status == 0
    fixed = (root / "app.py").read_text()
    assert fixed != text
    assert replaced(text, change["replacements"]) == fixed
    lines = text.encode().splitlines(keepends=True)
    start, end = (suggestion["range"][side] for side in ("start", "end"))
    assert start["line"] == end["line"] == 3
    line = lines[2][: start["column"] - 1] + suggestion["text"].encode() + lines[2][end["column"] - 1 :]
    assert b"".join([*lines[:2], line]).decode() == fixed


def replaced(text: str, replacements: list[Any]) -> str:
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    regions = {(r["deletedRegion"]["startLine"], r["deletedRegion"]["startColumn"]): r for r in replacements}
    for _, one in sorted(regions.items(), reverse=True):
        region = one["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + one["insertedContent"]["text"] + text[end:]
    return text


def test_no_fix_shows_a_secret(repository: Path, reports: Callable[..., dict[str, str]]) -> None:
    """A replacement next to a password holds nothing of it, and rdjson has none that spans one."""
    made = reports(repository)
    for name in ("json", "sarif", "rdjson"):
        assert PASSWORD not in made[name] and PASSWORD[:6] not in made[name]


def test_hostile_names(hostile: Path, reports: Callable[..., dict[str, str]]) -> None:
    made = reports(hostile)
    sarif = json.loads(made["sarif"])["runs"][0]["results"]
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in sarif}
    assert {unquote(uri) for uri in uris} == set(HOSTILE)
    assert {d["filename"] for d in json.loads(made["json"])["diagnostics"]} == set(HOSTILE)
    for name, text in made.items():
        assert not set("\x07\x1b\u202e") & set(text), name
        if name not in ("full", "concise", "grouped"):  # those are for terminals; under GitHub Actions they are guarded
            assert "##[" not in text and "##vso[" not in text, name
    commands = [as_runner(line) for line in made["github"].splitlines()]
    found = [command for command in commands if command]
    assert {"::error::x.env", "%0A%25::x.env", "]]>'\"<b>&.env", "café 𐐀.env"} <= {command["file"] for command in found}
    assert {command["command"] for command in found} <= {"error", "warning", "notice"}
    assert len(found) == len(sarif)
    rows = [line for line in made["markdown"].splitlines() if line.startswith("| ") and "NL" in line]
    assert len(rows) == len(sarif)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 6 for row in rows)
    assert "<b>" not in made["markdown"] and not re.search(r"(?<!\\)\]\(javascript", made["markdown"])
    names = {suite.attrib["name"] for suite in ElementTree.fromstring(made["junit"]).iter("testsuite")}
    assert "]]>'\"<b>&.env" in names


def test_commands_reach_the_runner_whole(hostile: Path, neonlint: Neonlint) -> None:
    """Under GitHub Actions our own commands are the only ones, whatever is in names and lines."""
    ran = neonlint("check", "--output-format", "github", cwd=hostile, GITHUB_ACTIONS="true")
    lines = ran.out.splitlines()
    assert any(line.startswith("::error file=") or line.startswith("::warning file=") for line in lines)
    assert "##[" not in ran.out
    assert all(as_runner(line) for line in lines if line.lstrip().startswith("::"))
    for kind in ("full", "concise", "grouped", "markdown", "junit"):
        shown = neonlint("check", "--output-format", kind, cwd=hostile, GITHUB_ACTIONS="true").out
        azure = neonlint("check", "--output-format", kind, cwd=hostile, TF_BUILD="True").out
        assert not any(command in text for command in ("##[", "##vso[") for text in (shown, azure))
        assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


def test_report_beside_the_normal_output(repository: Path, neonlint: Neonlint, tmp_path: Path) -> None:
    plain = neonlint("check", cwd=repository)
    both = neonlint("check", "--report", f"sarif={tmp_path}/s", "--report", "github=-", cwd=repository)
    assert steady(both.out).startswith(steady(plain.out))
    assert "::warning file=" in both.out and both.status == plain.status == 1
    assert json.loads((tmp_path / "s").read_text())["version"] == "2.1.0"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check", "--report", "sarif"), "FORMAT=PATH"),
        (("check", "--report", "xml=a"), "junit"),
        (("check", "--report", "json=no/such/folder"), "--report"),
        (("fix", "--diff", "--report", "json=-"), "name a file"),
        (("fix", "-", "--report", "json=-"), "name a file"),
        (("check", "--show-files", "--report", "json=a"), "leave --report out"),
    ],
)
def test_mistakes_with_reports(repository: Path, neonlint: Neonlint, words: tuple[str, ...], told: str) -> None:
    ran = neonlint(*words, cwd=repository)
    assert ran.status == 2 and told in ran.err


def test_reports_of_a_repair(repository: Path, reports: Callable[..., dict[str, str]]) -> None:
    made = reports(repository, command="fix")
    whole = json.loads(made["json"])
    assert whole["fixed"] and {found["applicability"] for found in whole["fixed"]} == {"safe"}
    assert f"Fixed {len(whole['fixed'])} finding" in made["markdown"]
    assert all(PASSWORD not in text for text in made.values())


def entries_of(text: str) -> Iterator[tuple[str, str]]:
    return ((d["filename"], d["fingerprint"]) for d in json.loads(text)["diagnostics"])


def test_fingerprints_stay(repository: Path, reports: Callable[..., dict[str, str]]) -> None:
    before = reports(repository)
    env = repository / ".env"
    env.write_text("A=1\n\n" + env.read_text().replace(PASSWORD, "An0therOne-entirely"))
    after = reports(repository)
    assert dict(entries_of(before["json"])) == dict(entries_of(after["json"]))
    marks = [[r["partialFingerprints"] for r in json.loads(m["sarif"])["runs"][0]["results"]] for m in (before, after)]
    assert marks[0] == marks[1] and all(mark["neonlint/v1"] for mark in marks[0])


def test_every_format_is_offered(neonlint: Neonlint) -> None:
    from typing import get_args  # noqa: PLC0415

    from neonlint import cli  # noqa: PLC0415
    from neonlint.config import OutputFormat  # noqa: PLC0415

    assert set(FORMATS) == set(get_args(OutputFormat)) == set(cli._FORMATS)


def test_names_that_are_no_text(tmp_path: Path, reports: Callable[..., dict[str, str]], neonlint: Neonlint) -> None:
    files = {"\udcff.env": f"DATABASE_URL={URL}?sslmode=disable\n", "\udcfe.yaml": f"a: [1\n# {HOST}\nb: }}\n"}
    made = reports(make(tmp_path / "bytes", files))
    [result] = json.loads(made["sarif"])["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%FF.env"
    assert json.loads(made["gitlab"])[0]["location"]["path"] == "\\xff.env"
    whole = json.loads(made["json"])
    assert whole["diagnostics"][0]["filename"] == "\\xff.env" and whole["summary"]["skipped"][0]["path"] == "\\xfe.yaml"
    listed = neonlint("check", "--show-files", "--output-format", "json", cwd=tmp_path / "bytes").out
    assert "xff.env" in listed and not any("\\udc" in text for text in (listed, *made.values()))
    assert all("\\xff.env" in made[name] for name in ("rdjson", "junit", "github", "concise", "grouped"))


def test_statistics(repository: Path, neonlint: Neonlint) -> None:
    for kind, told in {
        "grouped": "     1  NL101  [*]  sslmode-missing",
        "markdown": "| 1 | NL101 sslmode-missing |",
    }.items():
        ran = neonlint("check", "--statistics", "--output-format", kind, cwd=repository)
        assert told in ran.out.splitlines() and "sets no TLS mode" not in ran.out
    last = neonlint("check", "--statistics", "--output-format", "json-lines", cwd=repository).out.splitlines()[-1]
    assert {"code": "NL101", "name": "sslmode-missing", "count": 1} in json.loads(last)["statistics"]


def test_severities_and_failures() -> None:
    """An `info` is no failed test, a file that cannot be vouched for is an error, and a picture only a note."""
    finding = Finding("ORG001", "own-policy", "info", "[a](b) said", "a.env", Span(0, 1), row=2, key="A")
    skipped = (Skip("b.env", "unreadable", "permission denied"), Skip("c.png", "binary", "holds NUL bytes"))
    report = Report([finding], skipped=skipped, files_checked=1)
    made = {name: "\n".join(printer(report, View())) for name, printer in FORMATS.items()}
    run = json.loads(made["sarif"])["runs"][0]
    assert run["tool"]["driver"]["rules"] == [{"id": "ORG001", "name": "own-policy"}]
    assert run["results"][0]["level"] == "note" and "](" not in run["results"][0]["message"]["text"]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert [n["level"] for n in run["invocations"][0]["toolExecutionNotifications"]] == ["error", "note"]
    suites = ElementTree.fromstring(made["junit"])
    assert suites.attrib == {"name": "neonlint", "tests": "2", "failures": "0", "errors": "1"}
    assert suites.find("testsuite/testcase/system-out") is not None
    assert [e["severity"] for e in json.loads(made["gitlab"])] == ["info", "critical"]
    assert [line.split(" ")[0] for line in made["github"].splitlines()[:2]] == ["::notice", "::error"]
    assert [d["severity"] for d in json.loads(made["rdjson"])["diagnostics"]] == ["INFO", "ERROR"]


def test_long_messages_and_many_findings_are_cut() -> None:
    finding = Finding("NL101", "n", "error", "x" * 9000, "a.env", Span(0, 1), row=2)
    github = "\n".join(FORMATS["github"](Report([finding]), View(quiet=True)))
    assert 4000 < len(github) < 4096


@pytest.mark.parametrize(("text", "count"), [("x", 2_000), ("<" * 90_000, 300), ("``" * 9_000, 300)])
def test_a_page_fits_into_a_comment(text: str, count: int) -> None:
    """GitHub refuses a comment and a summary that are too long, whole."""
    findings = [Finding("NL101", "n", "error", text, f"{n}{text[:4000]}.env", Span(0, 1), row=2) for n in range(count)]
    skipped = [Skip(finding.path, "not-parsed", text, 3) for finding in findings]
    markdown = "\n".join(FORMATS["markdown"](Report(findings, skipped=skipped), View()))
    assert 10_000 < len(markdown) < 65_536
    rows, entries = markdown.count("\n| 🛑"), markdown.count("\n- ")
    assert rows and f"… and {count - rows} more." in markdown
    assert entries and f"… and {count - entries} more." in markdown
    table = markdown.split("\n\n")[2].splitlines()
    assert all(line.endswith(" |") or line.endswith("|") for line in table), "nothing of the rest is in the table"


# --- where paths start ---


def test_services_are_told_the_place_in_the_repository(tmp_path: Path, neonlint: Neonlint) -> None:
    """A project of its own inside a repository, neonlint started inside of the project."""
    files = {
        "apps/a b/neonlint.toml": "",
        "apps/a b/.env": f"DATABASE_URL={URL}\n",
        "apps/a b/src/db.py": 'import os\nimport psycopg\n\npsycopg.connect(os.environ["DATABASE_URL"])\n',
    }
    root = make(tmp_path / "repository", files)
    here = root / "apps" / "a b" / "src"

    def told(kind: str) -> str:
        return str(neonlint("check", "..", "--output-format", kind, cwd=here).out)

    run = json.loads(told("sarif"))["runs"][0]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert {unquote(uri) for uri in uris} == {"apps/a b/.env"}
    assert {entry["location"]["path"] for entry in json.loads(told("gitlab"))} == {"apps/a b/.env"}
    assert set(re.findall(r"file=([^,]*),", told("github"))) == {"apps/a b/.env"}
    assert {d["location"]["path"] for d in json.loads(told("rdjson"))["diagnostics"]} == {"../.env"}
    assert {d["filename"] for d in json.loads(told("json"))["diagnostics"]} == {".env"}
    assert "--> ../.env:1:1" in told("full")
    below = {
        u
        for r in run["results"]
        for f in r.get("fixes", ())
        for u in [f["artifactChanges"][0]["artifactLocation"]["uri"]]
    }
    assert {unquote(uri) for uri in below} <= {"apps/a b/.env"}
