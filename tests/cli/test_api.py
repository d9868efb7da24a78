"""neonlint as a library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import neonlint
from neonlint.config import Config
from neonlint.errors import ConfigError


def test_check_and_fix(project: Path) -> None:
    before = (project / ".env").read_bytes()
    report = neonlint.check([project])
    assert {finding.path for finding in report.findings} == {".env"}
    assert (project / ".env").read_bytes() == before
    repaired = neonlint.fix([project / ".env"], unsafe=True)
    assert repaired.fixed
    assert (project / ".env").read_bytes() != before


def test_configuration(project: Path) -> None:
    assert not neonlint.check([project], config=Config(exclude=(".env",))).findings
    (project / "neonlint.toml").write_text("exclude = ['.env']\n")
    assert not neonlint.check([project]).findings
    assert neonlint.check([project], config=Config()).findings
    (project / "neonlint.toml").write_text("exclud = ['.env']\n")
    with pytest.raises(ConfigError, match="did you mean `exclude`"):
        neonlint.check([project])


def test_current_directory(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    assert neonlint.check().findings


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = {"pydantic", "yaml", "tree_sitter", "libcst", "pathspec", "argparse", "dataclasses"}
    code = f"import neonlint, sys; print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_run_over_environment_files_imports_no_parser(project: Path) -> None:
    heavy = {
        "yaml",
        "tree_sitter",
        "libcst",
        "pathspec",
    }  # pydantic is the rulebook's, without a fresh rules/index.json
    code = (
        "import sys\nfrom neonlint import cli\n"
        f"cli.main(['check', '-q', '--output-format', 'concise'])\nprint(sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
