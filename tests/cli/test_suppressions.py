"""What `fix` does about comments for neonlint, as a user meets it: with a baseline, flags, and what is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.conftest import URL, Neonlint

from neonlint.edits import Edit
from neonlint.extract import extract
from neonlint.formats import load
from neonlint.ir.findings import Finding, Fix
from neonlint.ir.source import Span
from neonlint.repair_comments import BOUND, possible

PASSWORD = "CanaryPw42"


@pytest.fixture
def commented(project: Path) -> Path:
    """A comment with an unknown name, and a pair without a reason."""
    (project / "neonlint.toml").write_text('require-reason = true\nselect = ["NL101", "NL9"]\n')
    (project / ".env").write_text(
        f"# neonlint: ignore[NL999]\nA_URL={URL}?sslmode=require\n"
        f"# neonlint: disable[sslmode-missing]\nB_URL={URL}\n# neonlint: enable[NL101]\n"
    )
    return project


def test_fixed_once_and_for_all(commented: Path, neonlint: Neonlint) -> None:
    shown = neonlint("fix", "--diff")
    assert shown.status == 1 and PASSWORD not in shown.out + shown.err
    removed = ["-# neonlint: disable[sslmode-missing]", "-# neonlint: enable[NL101]", "-# neonlint: ignore[NL999]"]
    assert sorted(line for line in shown.out.splitlines() if line.startswith("-#")) == removed
    ran = neonlint("fix", "--output-format", "concise")
    assert ran.status == 1 and "Fixed 2 findings in 1 file." in ran.out
    assert ".env:2:1: warning NL101" in ran.out  # what was hidden; nobody reads it, so its own fix is not safe
    left = (commented / ".env").read_text()
    assert left == f"A_URL={URL}?sslmode=require\nB_URL={URL}\n"
    assert neonlint("fix", "--diff").out == ""


@pytest.mark.parametrize("words", [("--unfixable", "NL902,NL903"), ("--fixable", "NL1")])
def test_switched_off(commented: Path, neonlint: Neonlint, words: tuple[str, ...]) -> None:
    before = (commented / ".env").read_bytes()
    ran = neonlint("fix", *words)
    assert ran.status == 1 and (commented / ".env").read_bytes() == before
    assert ran.out.count("fixes of this rule are switched off") == 4  # beside each finding, and in the summary


@pytest.mark.parametrize("name", ["json", "json-lines", "sarif", "rdjson", "github", "gitlab", "junit", "markdown"])
def test_programs_are_told_without_passwords(commented: Path, neonlint: Neonlint, name: str) -> None:
    (commented / "b.py").write_text(f'URL = "{URL}"  # neonlint: ignore[NL999] {URL}\n')
    ran = neonlint("check", "--output-format", name)
    assert "NL902" in ran.out and PASSWORD not in ran.out + ran.err


def test_the_fix_is_in_json(commented: Path, neonlint: Neonlint) -> None:
    found = {d["code"]: d["fix"] for d in neonlint("check", "--output-format", "json").json["diagnostics"]}
    assert [edit["location"]["row"] for edit in found["NL903"]["edits"]] == [3, 5]
    assert found["NL903"]["message"] == "Remove the suppression that gives no reason"
    assert found["NL902"] == {
        "applicability": "safe",
        "message": "Remove what suppresses nothing from the comment",
        "edits": [{"content": "", "location": {"row": 1, "column": 1}, "end_location": {"row": 2, "column": 1}}],
    }
    sarif = json.loads(neonlint("check", "--output-format", "sarif").out)
    assert all(result["fixes"] for result in sarif["runs"][0]["results"] if result["ruleId"] in found)


def test_what_the_baseline_lets_pass_is_left(commented: Path, neonlint: Neonlint) -> None:
    assert neonlint("baseline", "create").status == 0
    before = (commented / ".env").read_text()
    ran = neonlint("fix")
    assert ran.status == 0 and "2 baselined; 1 suppressed" in ran.out and (commented / ".env").read_text() == before


def test_a_comment_without_which_the_rest_is_read_differently_stays() -> None:
    data = f"# neonlint: ignore[NL999]\nA_URL={URL}\n".encode()
    current = extract(load("dotenv").read(".env", data))
    good = Finding("NL902", "n", "warning", "m", ".env", Span(0, 1), fix=Fix("t", "safe", (Edit(0, 26, b""),)))
    bad = Finding("NL902", "n", "warning", "m", ".env", Span(0, 1), fix=Fix("t", "safe", (Edit(40, 50, b""),)))
    assert possible(current, [good]) == [good]
    kept, refused = possible(current, [good, bad])
    assert kept == good and refused.fix is None and refused.refusal == BOUND
