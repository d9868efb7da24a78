"""The command line as its users meet it: a process, its streams, its exit status."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import neonlint as package
from neonlint.__main__ import describe

Neonlint = Callable[..., Any]
URL = "postgresql://app:CanaryPw42@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
PASSWORD = "CanaryPw42"


def test_check_reports_and_fails(project: Path, neonlint: Neonlint) -> None:
    ran = neonlint("check")
    assert ran.status == 1
    assert " --> .env:1:1\n" in ran.out
    assert PASSWORD not in ran.out + ran.err
    assert f"DATABASE_URL={URL.replace(PASSWORD, '***')}" in ran.out


@pytest.mark.parametrize("output_format", ["full", "concise", "json"])
def test_exit_status_does_not_depend_on_the_format(project: Path, neonlint: Neonlint, output_format: str) -> None:
    flags = ("check", "--output-format", output_format)
    assert neonlint(*flags).status == 1
    assert neonlint(*flags, "--exit-zero").status == 0
    assert neonlint(*flags, "--fail-on", "never").status == 0
    assert neonlint(*flags, "nowhere").status == 2
    assert neonlint(*flags, "nowhere", "--exit-zero").status == 2


def test_a_missing_file_does_not_hide_the_others(project: Path, neonlint: Neonlint) -> None:
    ran = neonlint("check", ".env", "nowhere/.env")
    assert ran.status == 2
    assert "nowhere/.env: unreadable: no such file or directory" in ran.out
    assert " --> .env:1:1\n" in ran.out


def test_json(project: Path, neonlint: Neonlint) -> None:
    (project / "picture.png").write_bytes(b"\x89PNG\0")
    whole = neonlint("check", "--output-format", "json").json
    assert whole["schema"] == "neonlint/1"
    assert whole["diagnostics"][0]["filename"] == ".env"
    assert whole["diagnostics"][0]["location"] == {"row": 1, "column": 1}
    assert [skip["reason"] for skip in whole["summary"]["skipped"]] == ["binary"]
    assert PASSWORD not in json.dumps(whole)


def test_ignored_env_files_are_checked_and_told(project: Path, neonlint: Neonlint) -> None:
    (project / ".gitignore").write_text(".env\n")
    ran = neonlint("check")
    assert ran.status == 1
    assert "1 git-ignored env file checked: .env" in ran.out
    (project / "neonlint.toml").write_text("scan-ignored-env = false\n")
    assert neonlint("check").status == 0


def test_fix_writes_and_reports_what_is_left(project: Path, neonlint: Neonlint) -> None:
    before = (project / ".env").read_bytes()
    shown = neonlint("fix", "--diff", "--unsafe-fixes")
    assert shown.status == 1
    assert (project / ".env").read_bytes() == before
    assert shown.out.startswith("--- a/.env\n+++ b/.env\n@@ ")
    ran = neonlint("fix", "--unsafe-fixes")
    assert "Fixed " in ran.out
    assert ran.status == (1 if "-->" in ran.out else 0)
    assert PASSWORD in (project / ".env").read_text()
    assert (project / ".env").read_bytes() != before
    assert PASSWORD not in ran.out + ran.err + shown.out + shown.err
    assert neonlint("fix", "--unsafe-fixes", "--diff").out == ""


def test_exit_non_zero_on_fix(project: Path, neonlint: Neonlint) -> None:
    assert neonlint("check", "--fix", "--unsafe-fixes", "--exit-non-zero-on-fix", "--fail-on", "never").status == 1
    assert neonlint("check", "--fix", "--unsafe-fixes", "--exit-non-zero-on-fix", "--fail-on", "never").status == 0


def test_refused_write_leaves_the_finding(project: Path, neonlint: Neonlint) -> None:
    before = (project / ".env").read_bytes()
    os.link(project / ".env", project / "second-name.txt")
    ran = neonlint("fix", ".env", "--unsafe-fixes")
    assert ran.status == 2
    assert "\n1 file checked, but not written:\n  .env: the file has 2 names (hard links)\n" in ran.out
    assert neonlint("fix", ".env", "--unsafe-fixes", "--fail-on", "never").status == 2, (
        "what was asked for was not done"
    )
    assert neonlint("check", ".env").status == 1
    assert "Fixed" not in ran.out
    assert " --> .env:1:1\n" in ran.out
    assert (project / ".env").read_bytes() == before


def test_stdin(project: Path, neonlint: Neonlint) -> None:
    ran = neonlint("check", "-", "--stdin-filename", "web/.env", stdin=f"DATABASE_URL={URL}\n")
    assert ran.status == 1
    assert " --> web/.env:1:1\n" in ran.out
    assert neonlint("check", "-", stdin="nothing here\n").status == 0
    assert neonlint("check", "-", "--stdin-filename", "node_modules/.env", "--force-exclude", stdin=URL).status == 0


def test_fix_is_a_filter_on_stdin(project: Path, neonlint: Neonlint) -> None:
    text = f"# ä\r\nDATABASE_URL={URL}\r\n"
    ran = neonlint("fix", "-", "--stdin-filename", ".env", "--unsafe-fixes", stdin=text)
    assert ran.out.startswith(f"# ä\r\nDATABASE_URL={URL}")
    assert ran.out != text
    assert "Checked 1 file" in ran.err
    clean = neonlint("fix", "-", "--stdin-filename", ".env", stdin="A=1")
    assert (clean.out, clean.status) == ("A=1", 0)


def test_display_paths_follow_the_reader(project: Path, neonlint: Neonlint) -> None:
    (project / "sub").mkdir()
    assert " --> ../.env:1:1\n" in neonlint("check", "../.env", cwd=project / "sub").out
    elsewhere = project.parent / f"{project.name}-elsewhere"
    elsewhere.mkdir()
    ran = neonlint("check", str(project), "--output-format", "json", cwd=elsewhere)
    assert ran.json["diagnostics"][0]["filename"] == ".env"
    assert f" --> {project.as_posix()}/.env:1:1\n" in neonlint("check", str(project), cwd=elsewhere).out


def test_selection(project: Path, neonlint: Neonlint) -> None:
    code = neonlint("check", "--output-format", "json").json["diagnostics"][0]["code"]
    assert neonlint("check", "--select", code).status == 1
    assert code not in neonlint("check", "--select", "ALL", "--ignore", f"NL9,{code}", "--output-format", "concise").out


def test_no_ignores(project: Path, neonlint: Neonlint) -> None:
    codes = {item["code"] for item in neonlint("check", "--output-format", "json").json["diagnostics"]}
    comment = f"# neonlint: ignore[{','.join(sorted(codes))}] a test\n"
    (project / ".env").write_text(f"{comment}DATABASE_URL={URL}\n")
    ran = neonlint("check")
    assert ran.status == 0
    assert "suppressed" in ran.out
    assert neonlint("check", "--no-ignores").status == 1


def test_quiet_and_output_file(project: Path, neonlint: Neonlint) -> None:
    ran = neonlint("check", "-q", "--output-format", "concise")
    assert all(line.startswith(".env:1:1: ") for line in ran.out.splitlines())
    assert ran.err == ""
    ran = neonlint("check", "-q", "nowhere")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "neonlint: note: not checked: nowhere: unreadable: no such file or directory\n"
    ran = neonlint("check", "-o", "report.txt", "--output-format", "concise")
    assert (ran.out, ran.status) == ("", 1)
    assert (project / "report.txt").read_text().startswith(".env:1:1: ")
    assert neonlint("check", "-o", "no/such/report.txt").status == 2


def test_show_files(project: Path, neonlint: Neonlint) -> None:
    (project / ".gitignore").write_text(".env\n")
    (project / "picture.png").write_bytes(b"\0")
    ran = neonlint("check", "--show-files")
    assert ran.out == ".env  (git-ignored)\n.gitignore\nnot checked: picture.png: binary: holds NUL bytes\n"
    assert ran.status == 0
    assert neonlint("check", "--show-files", "--output-format", "json").json["files"][0]["ignored_env"] is True


def test_extend_exclude(project: Path, neonlint: Neonlint) -> None:
    assert neonlint("check", "--extend-exclude", ".env").status == 0
    assert neonlint("check", "--extend-exclude", ".env", ".env").status == 1
    assert neonlint("check", "--extend-exclude", ".env", "--force-exclude", ".env").status == 0


def test_color(project: Path, neonlint: Neonlint) -> None:
    assert "\x1b" not in neonlint("check").out
    assert "\x1b[" in neonlint("check", FORCE_COLOR="1").out
    assert "\x1b" not in neonlint("check", FORCE_COLOR="1", NO_COLOR="1").out
    assert "\x1b" not in neonlint("check", FORCE_COLOR="false").out
    assert "\x1b[" in neonlint("check", "--color", "always", NO_COLOR="1").out
    assert "\x1b" not in neonlint("check", "--color", "never", FORCE_COLOR="1").out


def test_flags_may_stand_between_paths(project: Path, neonlint: Neonlint) -> None:
    (project / "b.env").write_text("A=1\n")
    assert "Checked 2 files" in neonlint("check", ".env", "--color", "never", "b.env").out


def test_github_log_commands(project: Path, neonlint: Neonlint) -> None:
    (project / "##[add-mask]x.env").write_text(f"DATABASE_URL={URL}\n")
    for output_format in ("full", "concise", "json"):
        ran = neonlint("check", "--output-format", output_format, GITHUB_ACTIONS="true")
        assert ran.status == 1
        assert "##[" not in ran.out


def test_hostile_file_names(project: Path, neonlint: Neonlint) -> None:
    (project / "a\x1b]52;c;x\x07\nb.env").write_text(f"DATABASE_URL={URL}\n")
    ran = neonlint("check", "--output-format", "concise")
    assert "a␛]52;c;x␇␊b.env:1:1: " in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("check", "--selct", "NL1"),
        ("check", "-", "other"),
        ("check", "--stdin-filename", "x"),
        ("check", "--isolated", "--config", "x.toml"),
        ("check", "--config", "nowhere.toml"),
        ("rule",),
        ("rule", "--all", "NL101"),
        ("rule", "NL99"),
        ("check", "--select", "NL999"),
        ("check", "--ignore", "sslmode-mising"),
    ],
)
def test_wrong_usage(
    project: Path, neonlint: Neonlint, golden: Callable[[str, str], None], arguments: tuple[str, ...]
) -> None:
    ran = neonlint(*arguments)
    assert ran.status == 2
    assert ran.out == ""
    assert "neonlint" in ran.err
    assert "Traceback" not in ran.err


def test_help(neonlint: Neonlint, golden: Callable[[str, str], None]) -> None:
    """From 3.13 argparse writes `-o, --output-file FILE` and other columns: there only the words are compared."""
    for name, arguments in {"help-check.txt": ["check", "--help"], "help.txt": ["--help"]}.items():
        ran = neonlint(*arguments, COLUMNS="100")
        assert ran.status == 0
        if sys.version_info < (3, 13):
            golden(name, ran.out)
        else:
            kept = (Path(__file__).parent / "golden" / name).read_text(encoding="utf-8")
            assert ran.out.split() == re.sub(r"(-\w) ([A-Z]+), (--[\w-]+ \2)", r"\1, \3", kept).split()


def test_version(neonlint: Neonlint) -> None:
    assert neonlint("version").out == f"neonlint {package.__version__}\n"
    assert neonlint("version", "--output-format", "json").json["version"] == package.__version__


def test_rule(neonlint: Neonlint) -> None:
    listed = neonlint("rule", "--all")
    assert listed.status == 0
    code, name = listed.out.split()[:2]
    page = neonlint("rule", code)
    assert page.out.startswith(f"{code} {name}\n")
    assert neonlint("rule", name).out == page.out == neonlint("explain", code).out
    assert neonlint("rule", code, "--output-format", "json").json["code"] == code
    assert len(neonlint("rule", "--all", "--output-format", "json").json) == len(listed.out.splitlines())
    assert f"# {code} {name}" in neonlint("rule", code, "--output-format", "markdown").out


def test_internal_errors_quote_nothing() -> None:
    try:
        try:
            dict[str, str]()[URL]
        except KeyError as error:
            raise ValueError(URL) from error
    except ValueError as error:
        text = "\n".join(describe(error))
    assert PASSWORD not in text
    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert "test_commands.py:" in text


def test_closed_pipe(project: Path) -> None:
    command = f"{sys.executable} -m neonlint check | true"
    done = subprocess.run(["sh", "-c", command], cwd=project, capture_output=True, check=False)
    assert done.stderr == b""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(project: Path, number: signal.Signals, status: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "neonlint", "check", "-"],
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(0.7)  # it waits for standard input
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (status, b"", b"")
