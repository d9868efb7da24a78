"""Which repairs may be made, and how those that were not are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.conftest import URL, Neonlint

from neonlint.edits import Edit
from neonlint.ir.findings import Finding, Fix, Report
from neonlint.ir.source import Span
from neonlint.report import FORMATS, View

READER = 'import os\n\nimport psycopg\n\nconnection = psycopg.connect(os.environ["DATABASE_URL"])\n'


@pytest.fixture
def mixed(project: Path) -> Path:
    """One finding with a safe fix, and one whose fix is unsafe because nothing says who reads the value."""
    (project / "app.py").write_text(READER)
    (project / "b.env").write_text(f"OTHER_URL={URL}\n")
    return project


def codes(neonlint: Neonlint, *words: str) -> list[tuple[str, str | None, str | None]]:
    found = neonlint("check", "--select", "NL101", "--output-format", "json", *words).json["diagnostics"]
    return [(d["filename"], d["fix"] and d["fix"]["applicability"], d["fix_refused"]) for d in found]


def test_safe_and_unsafe_are_counted_apart(mixed: Path, neonlint: Neonlint) -> None:
    assert [(name, safety) for name, safety, _ in codes(neonlint)] == [(".env", "safe"), ("b.env", "unsafe")]
    ran = neonlint("fix", "--diff", "--select", "NL101")
    assert "would repair 1 finding, 1 would be left, 1 held back by safe mode (--unsafe-fixes)" in ran.err
    ran = neonlint("fix", "--diff", "--select", "NL101", "--unsafe-fixes")
    assert "would repair 2 findings (1 safe, 1 unsafe), 0 would be left; nothing was written" in ran.err
    assert "1 fixable with `neonlint fix`, 1 more with --unsafe-fixes" in neonlint("check", "--select", "NL101").out
    ran = neonlint("fix", "--select", "NL101")
    assert "Fixed 1 finding in 1 file." in ran.out
    assert "1 warning; 1 held back by safe mode (--unsafe-fixes)" in ran.out
    ran = neonlint("fix", "--select", "NL101", "--unsafe-fixes")
    assert "Fixed 1 finding (0 safe, 1 unsafe) in 1 file." in ran.out and "held back" not in ran.out


@pytest.mark.parametrize(
    "words", [("--unfixable", "NL101"), ("--fixable", "NL2"), ("--unfixable", "NL9,sslmode-missing")]
)
def test_fixes_are_switched_off(mixed: Path, neonlint: Neonlint, words: tuple[str, ...]) -> None:
    before = (mixed / ".env").read_bytes()
    ran = neonlint("fix", "--unsafe-fixes", "--select", "NL101", *words)
    assert ran.status == 1 and (mixed / ".env").read_bytes() == before
    assert "2 fixes refused:" in ran.out and ".env:1: NL101: fixes of this rule are switched off" in ran.out
    assert all(safety is None and refusal for _, safety, refusal in codes(neonlint, *words))


def test_settings_of_a_file_and_flags_over_them(mixed: Path, neonlint: Neonlint) -> None:
    (mixed / "neonlint.toml").write_text('unfixable = ["NL101"]\n')
    assert {safety for _, safety, _ in codes(neonlint)} == {None}
    assert {safety for _, safety, _ in codes(neonlint, "--unfixable", "NL2")} == {"safe", "unsafe"}
    (mixed / "neonlint.toml").write_text('fixable = ["NL1"]\n')
    assert {safety for _, safety, _ in codes(neonlint)} == {"safe", "unsafe"}


@pytest.mark.parametrize("flag", ["--fixable", "--unfixable"])
def test_unknown_rules_are_named(mixed: Path, neonlint: Neonlint, flag: str) -> None:
    ran = neonlint("check", flag, "sslmode-mising")
    assert ran.status == 2 and f"{flag}: unknown rule" in ran.err and "sslmode-missing" in ran.err
    (mixed / "neonlint.toml").write_text(f'{flag[2:]} = ["NL777"]\n')
    ran = neonlint("check")
    assert ran.status == 2 and "neonlint.toml:1" in ran.err


def test_refused_repairs_are_told_with_their_reasons() -> None:
    """In every format for people that a repair ends with."""
    reason = "two fixes want different values of host"
    one = Finding("NL301", "n", "error", "m", "a\x1b.env", Span(0, 1), refusal=reason, row=3)
    other = Finding("NL302", "n", "error", "m", "b.env", Span(0, 1), fix=Fix("t", "unsafe", (Edit(0, 1, b"x"),)), row=1)
    report = Report([one] * 22 + [other], files_checked=2, repair="safe")
    for name in ("full", "concise", "grouped", "github"):
        text = "\n".join(FORMATS[name](report, View()))
        assert "22 fixes refused:" in text and "… and 2 more" in text and "\x1b" not in text
        assert f"a␛.env:3: NL301: {reason}" in text
        assert "1 held back by safe mode" in text


def test_a_repair_that_cannot_be_made(project: Path, neonlint: Neonlint) -> None:
    (project / ".env").unlink()
    (project / "db.py").write_text(f'from decouple import config\n\nurl = config("DATABASE_URL", default="{URL}")\n')
    [(_, fix, reason)] = [
        (d["filename"], d["fix"], d["fix_refused"])
        for d in neonlint("check", "--select", "NL201", "--output-format", "json").json["diagnostics"]
    ]
    assert fix is None and reason
    told = f"db.py:3: NL201: {reason}"
    ran = neonlint("fix", "--unsafe-fixes", "--select", "NL201", "--output-format", "concise")
    assert ran.status == 1 and "1 fix refused:" in ran.out and told in ran.out
    ran = neonlint("fix", "--diff", "--unsafe-fixes", "--select", "NL201")
    assert "1 fix refused:" in ran.err and told in ran.err
    assert "refused" not in neonlint("check", "--select", "NL201", "--output-format", "concise").out
