"""What is configured in vain is told, once, by a run that saw the whole project; and never wrongly."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cli.conftest import URL, Neonlint

from neonlint import config, session

CONFIGURATION = """\
[per-file-ignores]
"job/**" = ["NL1"]
"jobs/**" = ["NL1"]
[roles]
SCHEMA_ULR = "migration"
"tool/backfill/" = "admin"
[runtimes]
ELSEWHERE = "edge"
READ_URL = "serverless"
"""
NOTES = """\
neonlint: note: neonlint.toml:2: `per-file-ignores`: `job/**` covers no file that is checked
neonlint: note: neonlint.toml:5: `roles`: `SCHEMA_ULR` is the name of no connection here; did you mean `SCHEMA_URL`?
neonlint: note: neonlint.toml:6: `roles`: `tool/backfill/` covers no file that is checked
neonlint: note: neonlint.toml:8: `runtimes`: `ELSEWHERE` is the name of no connection here
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write(tmp_path / "neonlint.toml", CONFIGURATION)
    write(tmp_path / "jobs" / ".env", f"SCHEMA_URL={URL}\n")
    write(tmp_path / "app.py", "import os, psycopg\npsycopg.connect(os.environ['READ_URL'])\n")
    return tmp_path


@pytest.mark.parametrize("arguments", [["check"], ["check", "jobs/..", "app.py"], ["fix"], ["fix", "--diff"]])
def test_a_run_on_the_whole_project_tells(root: Path, neonlint: Neonlint, arguments: list[str]) -> None:
    told = [line for line in neonlint(*arguments).err.splitlines(keepends=True) if "neonlint.toml:" in line]
    assert "".join(told) == NOTES


@pytest.mark.parametrize("arguments", [["jobs"], ["app.py"], ["--staged"], ["-q"], ["--isolated"]])
def test_no_other_run_does(root: Path, neonlint: Neonlint, arguments: list[str]) -> None:
    assert "no file that is checked" not in neonlint("check", *arguments).err
    assert "no connection here" not in neonlint("check", *arguments).err


def test_a_flag_tells_too(root: Path, neonlint: Neonlint) -> None:
    (root / "neonlint.toml").unlink()
    expected = (
        "neonlint: note: --config: `roles`: `SCHEMA` is the name of no connection here; did you mean `SCHEMA_URL`?\n"
    )
    assert neonlint("check", "--config", "roles.SCHEMA = 'test'").err == expected


def test_what_is_extended_is_for_other_projects_too(root: Path, neonlint: Neonlint) -> None:
    (root / "neonlint.toml").rename(root / "base.toml")
    write(root / "neonlint.toml", "extend = 'base.toml'\n[roles]\n'jobs/*.sql' = 'admin'\n'../b/*.sql' = 'admin'\n")
    assert neonlint("check").err == (
        "neonlint: note: neonlint.toml:3: `roles`: `jobs/*.sql` covers no file that is checked\n"
    )


def test_a_policy_from_outside_is_not_the_project_s(
    root: Path, neonlint: Neonlint, tmp_path_factory: pytest.TempPathFactory
) -> None:
    policy = tmp_path_factory.mktemp("policy") / "neonlint.toml"
    (root / "neonlint.toml").rename(policy)
    assert neonlint("check", "--config", str(policy)).err == ""


def test_names_that_only_code_or_commands_read(root: Path, neonlint: Neonlint) -> None:
    write(root / "neonlint.toml", "[roles]\nDUMP_URL = 'admin'\nDATABASE_URL = 'runtime'\nLOST_URL = 'test'\n")
    write(root / "Makefile", "dump:\n\tpg_dump $(DUMP_URL)\n")
    write(root / "settings.py", "import environ\nDATABASES = {'default': environ.Env().db()}\n")
    assert (
        neonlint("check").err
        == "neonlint: note: neonlint.toml:4: `roles`: `LOST_URL` is the name of no connection here\n"
    )


@pytest.mark.parametrize("key", ["SCHEMA_URL", "READ_URL", "app.py", "jobs/", "**/.env", "*"])
def test_what_has_an_effect_is_never_said_to_have_none(root: Path, key: str) -> None:
    write(root / "neonlint.toml", f"[roles]\n'{key}' = 'migration'\n[runtimes]\n'{key}' = 'edge'\n")
    loaded = config.load(root)
    assert session.judge(session.open_session([], loaded, root)).report.notes == []


def test_the_page_shows_what_is_told(root: Path, neonlint: Neonlint) -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    shown = [line for line in page.splitlines() if line.startswith("neonlint: note: neonlint.toml:")]
    entries = "SCHEMA_ULR = 'migration'\n'tool/backfill/**' = 'admin'\n"
    write(root / "neonlint.toml", "#\n" * 7 + f"[roles]\n{entries}")
    assert neonlint("check").err.splitlines() == shown
