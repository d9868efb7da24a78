"""What a fingerprint takes in and what it leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import CANARY, FILES, HOST, NEON_CANARY, WHOLE

from neonlint import fingerprint
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine import run
from neonlint.ir.findings import Finding, SourceText
from neonlint.ir.source import Span

LINE = "DATABASE_URL=postgresql://app:{}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
PASSWORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="\x7f"), min_size=1)


def finding(start: int = 0, **changes: str) -> Finding:
    given_ = {"code": "NL101", "name": "sslmode-missing", "path": ".env", "key": "DATABASE_URL"} | changes
    return Finding(severity="error", message="", span=Span(start, start + 12), **given_)  # type: ignore[arg-type]


def mark(line: str, secret: str = "", before: str = "", after: str = "", **changes: str) -> str:
    """The fingerprint of a finding on `line`, whose password `secret` is known to the parser."""
    data = (before + line + after).encode()
    at = data.find(b"app:", len(before.encode())) + 4
    secrets = (Span(at, at + len(secret.encode())),) if secret else ()
    return fingerprint.of(finding(len(before.encode()), **changes), SourceText(data, secrets))


@given(PASSWORDS, PASSWORDS)
def test_rotating_a_password_changes_nothing(one: str, other: str) -> None:
    assert mark(LINE.format(one), one) == mark(LINE.format(other), other)


@given(st.text("pq0 \n", max_size=40), st.sampled_from(["", "\n", "\r\n", "\r", "\nB=2\n"]))
def test_moving_and_indenting_a_line_changes_nothing(before: str, after: str) -> None:
    indent = "" if not before or before.endswith("\n") else before[before.rfind("\n") + 1 :].strip()
    assert mark(LINE.format("x1"), "x1", before, after) == mark(indent + LINE.format("x1"), "x1")


@given(st.text("ab:/@#?= ;\"'", min_size=1, max_size=30))
def test_what_only_looks_like_a_password_is_left_out_too(password: str) -> None:
    """Of a string that no parser understood nothing behind `://user:` counts up to the last `@`."""
    line = "# postgresql://app:pw@{}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
    assert len(mark(line.format(password.strip() or "x"))) == fingerprint.LENGTH
    assert mark("password = 'one'") == mark("password = 'another one'")
    assert mark("# npg_abcdefghijkl") == mark("# npg_abcdefghijklmnop")


@pytest.mark.parametrize(
    "changes",
    [{"name": "sslmode-prefer-or-allow"}, {"path": "web/.env"}, {"key": "DIRECT_URL"}, {"host": "x.neon.tech"}],
)
def test_another_finding_has_another(changes: dict[str, str]) -> None:
    assert mark(LINE.format("x"), "x") != mark(LINE.format("x"), "x", **changes)
    assert mark(LINE.format("x"), "x") != mark(LINE.format("x").replace("cool", "warm"), "x")


def test_equal_findings_are_numbered() -> None:
    source = {".env": SourceText(b"A=1\n")}
    one, two, three = fingerprint.numbered([finding(), finding(), finding(key="B")], source)
    assert two == f"{one}-2"
    assert not three.startswith(one)


def test_long_lines_count_only_by_their_finding() -> None:
    assert mark("a" * 20_000) == mark("b" * 30_000) != mark("a")


def marks(folder: Path, one: str, other: str, host: str = HOST) -> set[tuple[str, str, str]]:
    names = sorted(WHOLE)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = FILES[name].replace(CANARY, one).replace(NEON_CANARY, other).replace(HOST, host)
        (folder / name).write_text(text)
    report = run(folder, [FoundFile(name, True, False) for name in names], Config()).report
    return {
        (finding.path, finding.code, mark)
        for finding, mark in zip(report.findings, fingerprint.numbered(report.findings, report.sources), strict=True)
    }


@pytest.mark.parametrize("password", ["ab;cd", "it''s", 'p@ss"word', "a b", "x&password=y", "x&sslpassword=y"])
def test_passwords_among_the_parameters_are_left_out(password: str, tmp_path: Path) -> None:
    """Whatever is in them, and wherever else a password would end."""

    def made(folder: str, password: str) -> str:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".env").write_text(f"A_URL=postgresql://{HOST}/db?user=app&password={password}\n")
        report = run(tmp_path / folder, [FoundFile(".env", True, False)], Config(select=("NL101",))).report
        return fingerprint.of(report.findings[0], report.sources[".env"])

    again = "z" if "&" not in password else password.replace("x", "z").replace("y", "w")
    assert made("1", password) == made("2", again)


def test_passwords_of_every_format_are_left_out_and_hosts_are_not(tmp_path: Path) -> None:
    first = marks(tmp_path / "1", CANARY, NEON_CANARY)
    assert first == marks(tmp_path / "2", "Other-8Word_of.another~length", "npg_Qwertzuiopasdfgh")
    moved = marks(tmp_path / "3", CANARY, NEON_CANARY, HOST.replace("cool", "warm"))
    assert len(first & moved) < len(first) / 10
