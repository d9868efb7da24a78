"""Where reports go: files that may be written, those that may not, and outputs that take nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.conftest import URL, Neonlint

from neonlint.report import FORMATS

APP = f'import psycopg2\n\nconnection = psycopg2.connect("{URL}?sslmode=prefer")\n'


@pytest.fixture
def project(project: Path) -> Path:
    """With a finding that `fix` repairs."""
    (project / "app.py").write_text(APP)
    return project


@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--report", "json=no/such/folder"), "name another file with --report"),
        (("-o", "no/such/folder"), "name another file with -o"),
        (("--report", "json=."), "(Is a directory)"),
        (("--report", f"json={'x' * 300}"), "(File name too long)"),
        (("-o", ""), "write - for standard output"),
        (("--report", "json=a", "--report", "sarif=./a"), "two reports"),
        (("--report", "json=a", "-o", "a"), "two reports"),
        (("-o", "app.py"), "app.py: is no report"),
        (("--report", "json=inner"), "inner: is no report"),
        (("--report", "json=.env"), ".env: is no report"),
        (("--report", "json=package.json"), "package.json: is no report"),
        (("--report", "json=outer"), "outer: is a link that leads out of the project"),
        (("--report", "json=up/report.json"), "leads out of the project"),
    ],
)
def test_refused_before_anything_is_done(
    project: Path, neonlint: Neonlint, command: str, words: tuple[str, ...], told: str
) -> None:
    outside = project.parent / "outside"
    outside.write_text("mine")
    (project / "package.json").write_text("{}")
    for name, target in {"inner": "app.py", "outer": "../outside", "up": ".."}.items():
        (project / name).symlink_to(target)
    before = (project / ".env").read_text()
    ran = neonlint(command, *words)
    assert ran.status == 2 and told in ran.err
    assert (project / "app.py").read_text() == APP, "not repaired, either"
    assert (project / ".env").read_text() == before and outside.read_text() == "mine"
    assert not (project.parent / "report.json").exists() and not (project / "a").exists()


def test_an_earlier_report_is_written_over(project: Path, neonlint: Neonlint) -> None:
    words = ("check", "--report", "json=report.json", "-o", "report.txt")
    assert neonlint(*words).status == neonlint(*words).status == 1
    (project / "report.json").write_text("old")
    neonlint(*words)
    assert json.loads((project / "report.json").read_text())["diagnostics"]


def test_a_dash_is_standard_output(project: Path, neonlint: Neonlint) -> None:
    ran = neonlint("check", "-o", "-", "--output-format", "json")
    assert ran.json["diagnostics"] and not (project / "-").exists()


def test_reports_in_the_project_bring_no_findings(project: Path, neonlint: Neonlint) -> None:
    """Rules quote connection strings, so a report does, too; the next run must not take them for the project's."""
    (project / ".env").write_text(f"DATABASE_URL={URL}?sslmode=disable\n")
    machines = sorted(FORMATS.keys() - {"full"})  # which is what people read: a log with lines of files
    reports = [word for name in machines for word in ("--report", f"{name}=report.{name}")]
    first = neonlint("check", "--output-format", "json", *reports)
    again = neonlint("check", "--output-format", "json", *reports)
    assert again.json["diagnostics"] == first.json["diagnostics"] != []


def test_a_file_is_checked_or_not(project: Path, neonlint: Neonlint) -> None:
    """The summary counts each once."""
    (project / "broken.yaml").write_text(f"a: [1\n# {URL}\nb: }}\n")
    (project / "bytes.env").write_bytes(b"A=\xff\n")
    ran = neonlint("check")
    assert "Checked 2 files in" in ran.out and "\n2 files not checked:\n" in ran.out


def run(words: str, project: Path) -> subprocess.CompletedProcess[str]:
    """A shell's view of `neonlint`."""
    command = f"{sys.executable} -m neonlint {words}"
    return subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is full")  # noqa: PTH110
def test_a_full_disk_is_no_defect_of_neonlint(project: Path) -> None:
    done = run("check > /dev/full", project)
    assert done.returncode == 2 and done.stderr.startswith("neonlint: error: the output cannot be written (")


def test_outputs_that_are_closed(project: Path) -> None:
    assert (run("check >&-", project).returncode, run("check >&- 2>&-", project).returncode) == (1, 1)
    assert run("check >&-", project).stderr == ""


def test_pipes_are_no_files(project: Path) -> None:
    """They have no place in a directory, and several reports may go to one."""
    words = "check -q --report json=/dev/stdout --report sarif=/dev/stdout --report gitlab=>(cat >other) | cat"
    assert '"diagnostics"' in (out := run(words, project).stdout) and '"runs"' in out
    assert (project / "other").exists()


def test_reports_are_written_where_nobody_reads_on(project: Path) -> None:
    """As with `| head -1`: the pipe is closed before the report."""
    (project / "many.env").write_text("".join(f"DATABASE_URL_{n}={URL}\n" for n in range(200)))
    done = run("check --report json=late.json | true; exit ${PIPESTATUS[0]}", project)
    assert done.returncode == 141 and done.stderr == ""
    assert len(json.loads((project / "late.json").read_text())["diagnostics"]) > 200


def test_services_get_the_same_paths_from_a_diff(project: Path, neonlint: Neonlint) -> None:
    """They start at the top of the repository, also where standard output has the diff."""
    inner = project / "apps"
    inner.mkdir()
    (inner / "neonlint.toml").write_text("")
    (project / ".env").rename(inner / ".env")
    for words in ((), ("--diff",)):
        neonlint("check", *words, "--report", "gitlab=../report.json", cwd=inner)
        [path] = {entry["location"]["path"] for entry in json.loads((project / "report.json").read_text())}
        assert path == "apps/.env"
