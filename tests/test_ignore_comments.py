"""Writing suppressions: in every syntax, only where they cover and change nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from commented import FILES, Commented
from planted import CANARY
from planted import FILES as PLANTED
from rule_examples import run_on

from neonlint.config import Config
from neonlint.edits import Edit
from neonlint.errors import UsageError
from neonlint.extract import extract
from neonlint.formats import load as load_format
from neonlint.formats.claims import format_with
from neonlint.ignore_comments import reason, write
from neonlint.repair_comments import changed
from neonlint.rulebook import load

CASES = [pytest.param(case, id=f"{case.path}-{case.open.strip()}") for case in FILES]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("case", CASES)
def test_what_is_written_covers_and_says_why(case: Commented, ending: str, tmp_path: Path) -> None:
    """Every finding is gone, no suppression is unused, and without the comments the file is what it was."""
    data = case.plain().replace("\n", ending)
    before = run_on(tmp_path, {case.path: data}).report
    assert before.findings
    written = write(case.path, data.encode(), before.findings, load(), "an old one")
    assert not written.left
    assert len(written.covered) == len(before.findings)
    outcome = run_on(tmp_path, {case.path: written.data.decode()}, "safe", Config(require_reason=True))
    assert not outcome.report.findings
    assert not outcome.changes
    added = [line for line in written.data.decode().split(ending) if "neonlint:" in line]
    assert len(added) == 1
    assert "] an old one" in added[0]
    codes = sorted({finding.code for finding in before.findings})
    removed = run_on(tmp_path, {case.path: written.data.decode()}, "safe", Config(ignore=tuple(codes), select=("NL9",)))
    assert not removed.changes, "rules that are off say nothing about their suppressions"


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_files_are_what_they_were_but_for_comments(name: str, tmp_path: Path) -> None:
    before = run_on(tmp_path, {name: PLANTED[name]}).report
    written = write(name, PLANTED[name].encode(), before.findings, load(), "")
    after = run_on(tmp_path, {name: written.data.decode()}).report
    assert sorted((f.code, f.key) for f in after.findings) == sorted((f.code, f.key) for f in written.left)
    assert written.data.count(CANARY.encode()) == PLANTED[name].count(CANARY)
    assert [skip.reason for skip in after.skipped] == [skip.reason for skip in before.skipped]


def test_json_without_comments_takes_none(tmp_path: Path) -> None:
    text = '{\n  "url": "postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=prefer"\n}\n'
    findings = run_on(tmp_path, {"conf.json": text}).report.findings
    written = write("conf.json", text.encode(), findings, load(), "")
    assert (written.data.decode(), written.covered, written.left) == (text, [], findings)


@pytest.mark.parametrize(
    ("path", "marker"),
    [
        ("profiles.yml.example", "# "),
        ("db.py.dist", "# "),
        ("db.ts.tmpl", "// "),
        ("config.sample", "# "),
        ("a.xyz", ""),
    ],
)
def test_files_to_be_copied_take_the_comments_of_the_copy(path: str, marker: str, tmp_path: Path) -> None:
    text = 'url: "postgresql://app:npg_a1b2c3d4e5f6@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"\n'
    findings = run_on(tmp_path, {path: text}).report.findings
    assert findings
    written = write(path, text.encode(), findings, load(), "why")
    assert written.data.decode().startswith(f"{marker}neonlint: ignore[" if marker else text)
    assert bool(written.left) is not bool(marker)


def test_a_change_of_more_than_comments_is_refused() -> None:
    text = b"A=1\nDATABASE_URL=postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db\n"
    found = extract(load_format(format_with(".env", text)).read(".env", text))
    assert changed(found, [Edit(0, 0, b"# x\n")]) is not None
    assert changed(found, [Edit(len(text) - 1, len(text) - 1, b"x")]) is None
    assert changed(found, [Edit(4, 4, b"# ")]) is None
    assert changed(found, []) is None


@pytest.mark.parametrize(
    "text", ["ends */ it", "ends --> it", "neonlint: ignore[NL101]", "goes on \\", "a\x1bb", "x" * 201]
)
def test_reasons_that_could_do_harm_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="reason"):
        reason(text)
    with pytest.raises(UsageError, match="password"):
        reason("it is postgresql://a:secret@h/d")
    assert reason("  as \n agreed ") == "as agreed"


TEXT_URL = "postgresql://app:npg_a1b2c3d4e5f6@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"


@pytest.mark.parametrize(
    ("path", "text", "marker"),
    [
        ("a.md", f"It's `{TEXT_URL}`\n", "<!-- "),
        ("a.md", f"```sh\nexport DATABASE_URL='{TEXT_URL}'\n```\n", "# "),
        ("a.md", f"```\nx\n```\n~~~ts\nconst url = '{TEXT_URL}'\n~~~\n", "// "),
        ("a.md", f"```\nDATABASE_URL={TEXT_URL}\n```\n", ""),
        ("a.md", f"```json\n{{}}\n```\n{TEXT_URL}\n", "<!-- "),
        ("a.sql", f"select '\n{TEXT_URL}\n';\n", ""),
        ("a.sql", f"select 'it''s';\nselect '{TEXT_URL}';\n", "-- "),
        ("a.go", f"var u = `\n{TEXT_URL}\n`\n", ""),
        ("a.go", f'// it\'s\nvar u = "{TEXT_URL}"\n', "// "),
        ("a.rb", f"u = <<~TEXT\n  {TEXT_URL}\nTEXT\n", ""),
        ("a.rb", f"u = <<~TEXT\n  x\nTEXT\nv = '{TEXT_URL}'\n", "# "),
        ("a.ex", f'u = """\n{TEXT_URL}\n"""\n', ""),
        ("a.xml", f'<a b="it\'s">\n<c>{TEXT_URL}</c></a>\n', "<!-- "),
    ],
)
def test_text_takes_a_comment_only_where_it_is_one(path: str, text: str, marker: str, tmp_path: Path) -> None:
    """Not in a string that began above, which would say something else then."""
    findings = run_on(tmp_path, {path: text}).report.findings
    assert findings
    written = write(path, text.encode(), findings, load(), "why").data.decode()
    added = [line for line in written.splitlines() if line not in text.splitlines()]
    assert [line.strip().partition("neonlint:")[0] for line in added] == ([marker] if marker else [])
    if not marker:
        assert written == text
