"""Every output format over one report that has everything in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

import neonlint
from neonlint.edits import Edit
from neonlint.ir.findings import Finding, Fix, Place, Reason, Report, Skip, SourceText
from neonlint.ir.source import Span
from neonlint.records import replace
from neonlint.report import FORMATS, View, diff
from neonlint.report.render import guard, render
from neonlint.report.style import Style

PASSWORD = "CanaryPw42"
TAIL = "@ep-cool-1.us-east-2.aws.neon.tech/db?sslmode=require"
ENV = f"# made by hand\r\nDATABASE_URL=postgresql://app:{PASSWORD}{TAIL}\r\nOTHER=ü\t\x1b[31m\u202egnp\r\n".encode()
APP = b'import psycopg\nc = psycopg.connect(\n    "host=ep-cool-1.us-east-2.aws.neon.tech"\n)\n'


def place(data: bytes, text: str) -> Span:
    start = data.index(text.encode())
    return Span(start, start + len(text.encode()))


def finding(**changes: object) -> Finding:
    plain = Finding(
        code="NL103",
        name="tls-not-verified",
        severity="error",
        message="connection to Neon does not verify the server certificate",
        path=".env",
        span=place(ENV, "DATABASE_URL"),
        label=place(ENV, "sslmode=require"),
        help="use sslmode=verify-full",
        url="https://example.org/NL103",
        key="DATABASE_URL",
        row=2,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def report() -> Report:
    value = place(ENV, "require")
    password = place(ENV, PASSWORD)
    findings = [
        finding(
            reasons=(Reason("sslmode is `require`"), Reason("the driver is libpq", inferred=True)),
            related=(Place("app.py", place(APP, "psycopg.connect"), "used here"),),
            fix=Fix("use verify-full", "safe", (Edit(value.start, value.end, b"verify-full"),)),
        ),
        finding(
            code="NL201",
            name="password-committed",
            severity="warning",
            message=f"text of a parser: postgresql://app:{PASSWORD}@h/db",
            label=password,
            fix=Fix("take it out", "unsafe", (Edit(password.start, password.end, b""),)),
        ),
        finding(span=place(ENV, "OTHER"), label=place(ENV, "gnp"), help="", row=3, refusal="two ways"),
        finding(severity="info", path="app.py", span=place(APP, '"host'), label=None, help="", url="", row=3),
    ]
    return Report(
        findings,
        skipped=(
            Skip("data/dump.json", "too-large", "2000000 bytes, more than max-file-size (1048576)"),
            Skip("broken.yaml", "not-parsed", "mapping values are not allowed here", 7),
            Skip("logo.png", "binary", "holds NUL bytes"),
        ),
        files_checked=214,
        ignored_env_files=(".env", "web/.env.local"),
        suppressed=1,
        fixed=(finding(code="NL101", path="old.env"),),
        sources={".env": SourceText(ENV, (password,)), "app.py": SourceText(APP)},
        seconds=0.4,
    )


@pytest.mark.parametrize("name", ["full", "concise", "json"])
def test_golden(name: str, golden: Callable[[str, str], None]) -> None:
    text = "\n".join(FORMATS[name](report(), View())) + "\n"
    assert PASSWORD not in text
    assert "\x1b" not in text
    golden(f"{name}.txt", text.replace(json.dumps(neonlint.__version__), '"VERSION"') if name == "json" else text)


def test_colors_and_statistics(golden: Callable[[str, str], None]) -> None:
    golden("full-color.txt", "\n".join(FORMATS["full"](report(), View(color=True))) + "\n")
    golden("statistics.txt", "\n".join(FORMATS["full"](report(), View(statistics=True))) + "\n")


def test_json_withholds_edits_of_secrets() -> None:
    whole = json.loads("\n".join(FORMATS["json"](report(), View())))
    safe, unsafe = (item["fix"] for item in whole["diagnostics"][:2])
    assert safe["edits"][0]["content"] == "verify-full"
    assert "edits_withheld" not in safe
    assert unsafe["edits"] == []
    assert unsafe["edits_withheld"] is True
    assert whole["summary"]["skipped"][2]["path"] == "logo.png"
    assert whole["diagnostics"][0]["location"] == {"row": 2, "column": 1}


def test_json_withholds_edits_that_write_a_secret() -> None:
    start = place(ENV, "sslmode").start
    moved = Fix("move it", "safe", (Edit(start, start, f"password={PASSWORD}&".encode()),))
    lines = FORMATS["json"](replace(report(), findings=[finding(fix=moved)]), View())
    text = "\n".join(lines)
    assert PASSWORD not in text
    assert json.loads(text)["diagnostics"][0]["fix"]["edits_withheld"] is True


def test_diff(golden: Callable[[str, str], None]) -> None:
    new = ENV.replace(b"require", b"verify-full")
    old = SourceText(ENV, (place(ENV, PASSWORD),))
    text = "\n".join(diff.lines("web/.env", old, SourceText(new), Style(False))) + "\n"
    assert PASSWORD not in text
    golden("diff.txt", text)


def test_diff_masks_a_value_that_moved() -> None:
    old = SourceText(b"A=hunter22\nB=1\n", (Span(2, 10),))
    text = "\n".join(diff.lines(".env", old, SourceText(b"B=1\nC=x-hunter22-y\n"), Style(False)))
    assert "hunter22" not in text
    assert "+C=x-***-y" in text


@pytest.mark.parametrize(
    "char",
    [
        *("\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff", "\udc80", "\r"),
        *("\xad", "\u180e", "\u206f", "\ufff9", "\U000e0041"),
    ],
)
def test_unsafe_characters_are_visible(char: str) -> None:
    assert char not in render(f"a{char}b")
    assert render("größe ✓") == "größe ✓"


def test_log_commands_are_broken() -> None:
    safe = guard(True)
    text = safe("x ##[error]y\n  ::add-mask::z\n ##vso[task.setvariable]q ##teamcity[x]\n")
    assert not re.search(r"##(vso|teamcity)?\[", text) and safe("## [a]") == "## [a]"
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert guard(False)("::error::") == "::error::"
