"""A run on some files of a project knows the others as soon as it matters."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from neonlint import session
from neonlint.config import Config

URL = "postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
PSYCOPG2 = 'import os\n\nimport psycopg2\n\nc = psycopg2.connect(os.environ["DATABASE_URL"])\n'
ASYNCPG = 'import os\n\nfrom databases import Database\n\nd = Database(os.environ["DATABASE_URL"])\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {".env": f"DATABASE_URL={URL}\n", "a.py": PSYCOPG2, "b.py": ASYNCPG}.items():
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def test_a_reader_that_was_not_passed_holds_a_fix_back(project: Path) -> None:
    """psycopg2 alone could take `sslmode`; the other driver reads the same variable and knows no such parameter."""
    asked = session.open_session([".env", "a.py"], Config(), project)
    assert not session.judge(asked, "safe").changes
    (project / "b.py").unlink()
    assert set(session.judge(asked, "safe").changes) == {".env"}


def test_only_the_files_asked_for_are_reported(project: Path) -> None:
    (project / "other.env").write_text(f"DIRECT_URL={URL.replace('a1b2c3d4', 'a1b2c3d4-pooler')}\n")
    report = session.judge(session.open_session([".env"], Config(), project)).report
    assert {finding.path for finding in report.findings} == {".env"}
    assert report.files_checked == 1


def test_a_finding_needs_no_second_file_to_be_passed(project: Path) -> None:
    """The driver is known from code that was not passed."""
    (project / "b.py").unlink()
    report = session.judge(session.open_session([".env"], Config(), project)).report
    assert [finding.fix.safety for finding in report.findings if finding.fix] == ["safe"]


def test_nothing_outside_a_project_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a work tree or configuration there is no telling where a project ends: a home directory is not searched."""
    (tmp_path / ".env").write_text(f"DATABASE_URL={URL}\n")
    monkeypatch.setattr(session, "around", lambda *_: pytest.fail("the directory was searched"))
    assert session.judge(session.open_session([".env"], Config(), tmp_path)).report.findings


POOLED = URL.replace(".us-east", "-pooler.us-east")
LISTEN = (
    'import os\n\nimport psycopg\n\nconn = psycopg.connect(os.environ["DATABASE_URL"])\nconn.execute("LISTEN jobs")\n'
)


def codes(root: Path, *paths: str) -> set[str]:
    """The rules that a run on some files finds broken."""
    return {f.code for f in session.judge(session.open_session(paths, Config(), root)).report.findings}


def test_a_finding_that_only_the_other_file_makes_one(tmp_path: Path) -> None:
    """The statement is passed, the host that makes it wrong is not; the finding names both places."""
    (tmp_path / ".env").write_text(f"DATABASE_URL={POOLED}\n")
    (tmp_path / "jobs.py").write_text(LISTEN)
    (tmp_path / "neonlint.toml").write_text("")
    report = session.judge(session.open_session(["jobs.py"], Config(), tmp_path)).report
    found = [f for f in report.findings if "LISTEN" in f.message]
    assert [f.path for f in found] == ["jobs.py"]
    assert ".env" in {place.path for place in found[0].related}
    assert report.files_checked == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", "PORT=3000\n"),
        (".env", "DATABASE_URL=postgresql://app:pw@localhost/db\n"),
        ("README.md", "Nothing to see.\n"),
        ("a.py", "import os\n\nprint(os.environ['HOME'])\n"),
        ("index.ts", "export const database = 1;\n"),
    ],
)
def test_what_nothing_else_can_change_is_judged_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    (project / name).write_text(text)
    monkeypatch.setattr(session, "around", lambda *_: pytest.fail("the project was searched"))
    session.judge(session.open_session([name], Config(), project))


def test_some_files_give_what_the_whole_gives(project: Path) -> None:
    """Passed one by one, the files of a project have the findings that a run on all of it has."""
    (project / "jobs.py").write_text(LISTEN)
    (project / "README.md").write_text("# Jobs\n\nRuns on neon.tech.\n")
    (project / "web.ts").write_text(f'import {{ Pool }} from "pg";\nnew Pool({{ connectionString: "{POOLED}" }});\n')
    whole = session.judge(session.open_session([], Config(), project)).report.findings
    apart = [
        finding
        for path in (".env", "a.py", "b.py", "jobs.py", "README.md", "web.ts")
        for finding in session.judge(session.open_session([path], Config(), project)).report.findings
    ]
    assert whole
    assert {(f.path, f.code, f.span, f.related) for f in apart} == {(f.path, f.code, f.span, f.related) for f in whole}
