"""Flags that decide what is looked at, what is shown, and what fails."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli.conftest import URL, Neonlint, Ran


def codes(ran: Ran) -> set[str]:
    return {d["code"] for d in ran.json["diagnostics"]}


@pytest.fixture
def project(project: Path) -> Path:
    """A second finding beside that of `project`."""
    (project / ".env").write_text(f"DATABASE_URL={URL}\nA_URL={URL}&sslmode=require\n")
    return project


@pytest.fixture
def graded(project: Path) -> Path:
    """Two findings in `.env`, one an error, one made an info."""
    (project / "neonlint.toml").write_text('select = ["NL101", "NL702"]\n[severity]\nNL101 = "info"\n')
    return project


# --- --extend-select ---


def test_extend_select(project: Path, neonlint: Neonlint) -> None:
    as_json = ("check", "--output-format", "json")
    (project / "neonlint.toml").write_text('select = ["NL101"]\n')
    alone = codes(neonlint(*as_json))
    more = codes(neonlint(*as_json, "--extend-select", "NL702"))
    assert alone == {"NL101"} and more == {"NL101", "NL702"}
    assert codes(neonlint(*as_json, "--select", "NL205", "--extend-select", "NL702,NL9")) == {"NL702"}
    everything = codes(neonlint(*as_json, "--isolated"))
    assert codes(neonlint(*as_json, "--isolated", "--extend-select", "NL702")) == everything >= more
    ran = neonlint("check", "--extend-select", "sslmode-mising")
    assert (
        ran.status == 2 and '--extend-select: unknown rule "sslmode-mising"' in ran.err and "sslmode-missing" in ran.err
    )


# --- --exclude ---


def test_exclude_takes_the_place_of_the_setting(project: Path, neonlint: Neonlint) -> None:
    for name in ("old", "legacy", "node_modules"):
        (project / name).mkdir()
        (project / name / "app.env").write_text("A=1\n")
    (project / "neonlint.toml").write_text('exclude = ["old/"]\nextend-exclude = ["*.txt"]\n')
    files = ["check", "--show-files"]

    def shown(*words: str, cwd: Path | None = None) -> set[str]:
        return {line for line in neonlint(*files, *words, cwd=cwd).out.split() if line.endswith(".env")}

    assert shown() == {".env", "legacy/app.env", "node_modules/app.env"}
    assert shown("--exclude", "legacy/,node_modules") == {".env", "old/app.env"}
    assert shown("--exclude", "legacy/", "--exclude", "old,node_modules") == {".env"}
    assert shown("--exclude", "legacy/") == {".env", "old/app.env", "node_modules/app.env"}
    assert shown("--exclude", "/app.env", cwd=project / "old") == set()  # patterns start at the current directory


# --- --min-severity ---


@pytest.mark.parametrize("name", ["full", "concise", "grouped", "markdown", "github"])
def test_milder_findings_are_counted(graded: Path, neonlint: Neonlint, name: str) -> None:
    ran = neonlint("check", "--output-format", name, "--min-severity", "warning")
    assert ran.status == 1 and "NL702" in ran.out and "NL101" not in ran.out
    assert "1 error; " in ran.out and "1 milder not shown (--min-severity)" in ran.out


@pytest.mark.parametrize("name", ["json", "json-lines", "sarif", "gitlab", "junit", "rdjson"])
def test_programs_are_not_told_of_milder_findings(graded: Path, neonlint: Neonlint, name: str) -> None:
    everything = neonlint("check", "--output-format", name).out
    ran = neonlint("check", "--output-format", name, "--min-severity", "error")
    assert "NL101" in everything and "NL702" in ran.out and "NL101" not in ran.out
    if name.startswith("json"):
        whole = json.loads(ran.out.splitlines()[-1] if name == "json-lines" else ran.out)
        assert whole["summary"]["hidden"] == 1 and whole["summary"]["infos"] == 0


def test_milder_findings_never_fail(graded: Path, neonlint: Neonlint) -> None:
    mild = ("check", "--ignore", "NL702", "--fail-on", "info")
    assert neonlint(*mild).status == 1
    ran = neonlint(*mild, "--min-severity", "warning")
    assert ran.status == 0 and "no findings; 1 milder not shown" in ran.out
    assert neonlint(*mild, "--min-severity", "info").status == 1
    assert "--min-severity" not in neonlint(*mild, "--min-severity", "info").out
    assert neonlint(*mild, "--min-severity", "warning", "--report", "sarif=out.sarif", "-q").out == ""
    assert "NL101" not in (graded / "out.sarif").read_text()


def test_repairs_are_made_all_the_same(graded: Path, neonlint: Neonlint) -> None:
    flag = ("--min-severity", "error", "--unsafe-fixes")
    ran = neonlint("fix", "--diff", "--select", "NL101", *flag)
    assert ran.status == 1 and "sslmode=require" in ran.out
    assert "0 would be left" in ran.err and "1 milder" not in ran.err
    assert "1 milder not shown" in neonlint("fix", "--diff", "--min-severity", "error").err
    ran = neonlint("fix", "-", "--stdin-filename", ".env", "--min-severity", "error", stdin=f"A_URL={URL}\n")
    assert "1 milder not shown" in ran.err and "NL101" not in ran.err


# --- --error-on-unmatched ---


def test_error_on_unmatched(project: Path, neonlint: Neonlint) -> None:
    for name in ("empty", "web"):
        (project / name).mkdir()
    (project / "web" / "a.env").write_text("A=1\n")
    (project / "link").symlink_to("web")
    (project / "link.env").symlink_to("web/a.env")
    flag = ("check", "--error-on-unmatched", "--exit-zero")
    assert neonlint("check", "empty").status == 0
    ran = neonlint(*flag, "empty", ".")
    assert ran.status == 2 and "no file to check: empty; correct the path" in ran.err and ran.out == ""
    assert neonlint("fix", "--error-on-unmatched", "--diff", "empty").status == 2
    assert neonlint("check", "--error-on-unmatched", "--show-files", "empty").status == 2
    for paths in ((), (".",), ("web",), ("web/",), ("web/a.env", ".env"), ("link",), ("link.env",), (str(project),)):
        assert neonlint(*flag, *paths).status == 0, paths
    assert neonlint(*flag, "../web", cwd=project / "empty").status == 0
    assert neonlint(*flag, cwd=project / "empty").status == 2
    assert neonlint(*flag, "--exclude", "web/", "web").status == 2
    assert neonlint(*flag, "--exclude", "web/", "--force-exclude", "web/a.env").status == 2
    assert neonlint(*flag, "we").status == 2  # does not exist
    assert neonlint(*flag, "-", stdin="A=1\n").status == 0


def test_a_path_is_not_acted_on(project: Path, neonlint: Neonlint) -> None:
    (project / "a\x1b[31mb").mkdir()
    ran = neonlint("check", "--error-on-unmatched", "a\x1b[31mb")
    assert ran.status == 2 and "\x1b" not in ran.err


# --- --strict ---


def test_strict(project: Path, neonlint: Neonlint) -> None:
    (project / ".env").unlink()
    assert neonlint("check", "--strict").status == 0
    (project / "logo.png").write_bytes(b"\0")
    assert neonlint("check", "--strict").status == 0  # a picture is no surprise
    (project / "conf.yaml").write_text('url: "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech" [\n')
    assert neonlint("check").status == 0
    for words in ((), ("--exit-zero",), ("--output-format", "json"), ("--diff",), ("--fix",)):
        assert neonlint("check", "--strict", *words).status == 2, words
    ran = neonlint("check", "--strict", "-q")
    assert ran.status == 2 and "not checked: conf.yaml: not-parsed" in ran.err
    (project / "conf.yaml").write_text("A: 1\n" * 300_000)
    assert neonlint("check").status == 0 and neonlint("check", "--strict").status == 2


# --- --no-strict-baseline ---


def test_no_strict_baseline(project: Path, neonlint: Neonlint) -> None:
    assert neonlint("baseline", "create").status == 0
    (project / ".env").write_text("A=1\n")
    (project / "neonlint.toml").write_text("strict-baseline = true\n")
    assert "NL904" in neonlint("check").out
    assert neonlint("check", "--no-strict-baseline").status == 0
    (project / "neonlint.toml").write_text("")
    assert neonlint("check").status == 0
    assert neonlint("check", "--strict-baseline").status == 1


# --- NEONLINT_OUTPUT_FORMAT ---


def test_the_format_from_the_environment(project: Path, neonlint: Neonlint) -> None:
    """A flag is stronger, a file weaker."""
    (project / "neonlint.toml").write_text('output-format = "grouped"\n')
    environment = {"NEONLINT_OUTPUT_FORMAT": "json"}
    assert neonlint("check", **environment).json["schema"] == "neonlint/1"
    assert neonlint("check", "--output-format", "concise", **environment).out.startswith(".env:1:1: ")
    assert neonlint("check", NEONLINT_OUTPUT_FORMAT="").out.startswith(".env:\n")
    ran = neonlint("check", NEONLINT_OUTPUT_FORMAT="jsno\x1b")
    assert (
        ran.status == 2
        and "NEONLINT_OUTPUT_FORMAT: there is no such output format" in ran.err
        and "\x1b" not in ran.err
    )


def test_unused_flags_cost_no_import(project: Path) -> None:
    script = "import io, sys\nfrom neonlint import cli\nsys.stdout = io.StringIO()\ncli.main(['check', '-q'])\n"
    script += "print(*sys.modules, file=sys.stderr)\n"
    done = subprocess.run([sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=False)
    assert not {"neonlint.cli_unmatched", "neonlint.report.links"} & set(done.stderr.split())
