"""Passwords planted everywhere must be in nothing that a run shows, keeps or leaves behind."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from planted import CANARY, FILES, HOST, NEON_CANARY, WHOLE

from neonlint import formats
from neonlint.extract import extract
from neonlint.formats.claims import format_of
from neonlint.ir.secret import Secret
from neonlint.report import FORMATS


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
    return root


def neonlint(root: Path, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "neonlint", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert run.returncode in (0, 1, 2), run.stderr
    assert "internal error" not in run.stderr
    return run.stdout + run.stderr


def assert_clean(text: str) -> None:
    for canary in (CANARY, NEON_CANARY, CANARY[:8], NEON_CANARY[4:12]):
        assert canary not in text


@pytest.mark.parametrize("output", ["full", "concise", "json"])
@pytest.mark.parametrize("command", [["check"], ["fix", "--diff"], ["fix", "--diff", "--unsafe-fixes"]])
def test_no_output_shows_a_password(repository: Path, command: list[str], output: str) -> None:
    shown = neonlint(repository, *command, "--output-format", output)
    assert HOST in shown or "NL" in shown
    assert_clean(shown)
    assert_clean(neonlint(repository, *command, "--output-format", output, "--show-files"))


@pytest.mark.parametrize("command", [["check"], ["fix", "--diff", "--unsafe-fixes"], ["fix", "--unsafe-fixes"]])
def test_no_format_shows_a_password(repository: Path, command: list[str], tmp_path: Path) -> None:
    asked = [word for name in FORMATS for word in ("--report", f"{name}={tmp_path / name}")]
    assert_clean(neonlint(repository, *command, *asked))
    for name in FORMATS:
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert text
        assert_clean(text)


@pytest.mark.parametrize("name", FILES)
def test_no_output_about_one_file_shows_a_password(repository: Path, name: str) -> None:
    assert_clean(neonlint(repository, "check", name))


def test_a_fix_leaves_nothing_behind_but_the_fixed_files(repository: Path) -> None:
    before = {path.name for path in repository.iterdir()}
    assert_clean(neonlint(repository, "fix", "--unsafe-fixes", "."))
    assert {path.name for path in repository.iterdir()} == before


def test_a_baseline_holds_no_password(repository: Path) -> None:
    for action in (["create"], ["show"], ["show", "--output-format", "json"], ["prune"]):
        assert_clean(neonlint(repository, "baseline", *action))
    text = (repository / ".neonlint-baseline.toml").read_text()
    assert text.count("fingerprint = ") > 100
    assert_clean(text)
    assert_clean(neonlint(repository, "check", "--add-ignore=for a test", "--no-baseline"))


def test_columns_do_not_tell_the_length_of_a_password(tmp_path: Path) -> None:
    """The same file with a longer password gives the same report, but for nothing."""
    shown = []
    for password in ("Sh0rtpass-x", "Sh0rtpass-x" * 9):
        root = tmp_path / str(len(password))
        for name, text in FILES.items():
            if name in WHOLE:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text.replace(CANARY, password))
        report = json.loads(neonlint(root, "check", "--output-format", "json"))
        for diagnostic in report["diagnostics"]:
            diagnostic.pop("fingerprint", None)
            if diagnostic.get("fix"):
                diagnostic["fix"].pop("edits", None)
        shown.append(report["diagnostics"])
    assert shown[0] == shown[1]


def test_columns_of_other_places_do_not_either(tmp_path: Path) -> None:
    """What a finding rests on may stand behind the password on its line."""
    told = []
    for password in ("Sh0rtpass-x", "Sh0rtpass-x" * 9):
        url = f"postgresql://app:{password}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=verify-full"
        workflow = f"""
on: push
jobs:
  copy:
    runs-on: ubuntu-latest
    env: {{ SOURCE_URL: "{url}", DATABASE_URL: "{url.replace(".us-", "-pooler.us-")}" }}
    steps:
      - run: pg_dump -d $DATABASE_URL
"""
        path = tmp_path / str(len(password)) / ".github/workflows/copy.yml"
        path.parent.mkdir(parents=True)
        path.write_text(workflow)
        root = tmp_path / str(len(password))
        json_, sarif, full = (
            neonlint(root, "check", "-q", "--output-format", kind) for kind in ("json", "sarif", "full")
        )
        found = [one["related"] for one in json.loads(json_)["diagnostics"]]
        assert any(found), "there is such a place"
        told.append((found, [one.get("relatedLocations") for one in json.loads(sarif)["runs"][0]["results"]], full))
    assert told[0] == told[1]


def test_a_secret_has_no_text_form() -> None:
    secret = Secret(CANARY)
    assert_clean(f"{secret} {secret!r} {secret!s} {secret:>40} {[secret]} {vars(type(secret)).keys()}")
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        hash(secret)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_objects_show_no_password(name: str) -> None:
    """What a format and the recognition make of a file, down to its calls and words."""
    data = FILES[name].encode()
    document = formats.load(format_of(name)).read(name, data)
    found = extract(document)
    parts = [document, found, *document.roots, *document.calls, *document.commands, *document.literals]
    parts += [*document.comments, *found.connections, *found.clients, *found.commands, *found.statements]
    assert_clean(repr(parts))
    assert found.connections or found.commands or "NOTES" in name


def test_tracebacks_hold_no_password(tmp_path: Path) -> None:
    """The objects of the model show no text, so that even a traceback with locals would not."""
    from neonlint.config import Config  # noqa: PLC0415
    from neonlint.discover import FoundFile  # noqa: PLC0415
    from neonlint.engine import run  # noqa: PLC0415

    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    outcome = run(tmp_path, [FoundFile(name, True, False) for name in FILES], Config())
    assert outcome.report.findings
    assert_clean(repr(outcome))
