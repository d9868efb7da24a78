"""The hooks as pre-commit runs them, installed from a repository that holds this working tree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hooked import ROOT, git, hook_source

URL = "postgresql://app:CanaryPw42@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"


def hooks() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return loaded


def test_the_visible_name_is_a_link() -> None:
    assert (ROOT / "pre-commit-hooks.yaml").readlink() == Path(".pre-commit-hooks.yaml")


def test_manifest_is_valid() -> None:
    subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], check=True
    )
    assert [hook["id"] for hook in hooks()] == ["neonlint", "neonlint-fix", "neonlint-all"]


def test_flags_of_the_manifest_exist(tmp_path: Path) -> None:
    for hook in hooks():
        words = hook["entry"].split()
        assert words[0] == "neonlint"
        command = [sys.executable, "-m", *words, "--isolated", os.devnull]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode in {0, 1}


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        (".env", True),
        ("web/.env.production", True),
        ("prod.env", True),
        ("env.sample", True),
        ("src/app.py", True),
        ("next.config.mjs", True),
        ("schema.prisma", True),
        (".pgpass", True),
        ("compose.yml", True),
        ("src/routes/+page.svelte", True),
        ("scripts/migrate.sh", True),
        ("web/Dockerfile.prod", True),
        ("Makefile", True),
        (".justfile", True),
        ("Procfile", True),
        ("cmd/main.go", True),
        ("src/main/resources/application.properties", True),
        ("README.md", True),
        ("-config=x.env", False),
    ],
)
def test_files(path: str, taken: bool) -> None:
    for hook in (hook for hook in hooks() if hook.get("pass_filenames", True)):
        assert bool(re.search(hook["files"], path)) is taken


@pytest.fixture(scope="module")
def hook_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hook_source(tmp_path_factory.mktemp("hook"))


@pytest.mark.slow
def test_hooks_run(hook_repository: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "-q")
    (project / ".env").write_text(f"DATABASE_URL={URL}\n")
    (project / "sub").mkdir()
    (project / "sub" / "clean.env").write_text("A=1\n")
    (project / "main.go").write_text(f'var url = "{URL}"\n')
    git(project, "add", "-A")
    environment = os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "cache"), "GIT_CONFIG_GLOBAL": os.devnull}

    def run(hook: str, *files: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "try-repo", str(hook_repository), hook, "--files", *files]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)

    found = run("neonlint", ".env", "sub/clean.env")
    assert found.returncode == 1, found.stdout + found.stderr
    assert " --> .env:1:1" in found.stdout
    assert "CanaryPw42" not in found.stdout + found.stderr
    assert " --> main.go:1:" in run("neonlint", "main.go").stdout
    clean = run("neonlint", "sub/clean.env")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    repaired = run("neonlint-fix", ".env")
    assert repaired.returncode == 1, repaired.stdout + repaired.stderr
    assert "CanaryPw42" not in repaired.stdout + repaired.stderr
    assert "CanaryPw42" in (project / ".env").read_text()
    (project / ".gitignore").write_text("ignored.env\n")
    (project / "ignored.env").write_text(f"DATABASE_URL={URL}\n")
    whole = run("neonlint-all", "sub/clean.env")
    assert whole.returncode == 1, whole.stdout + whole.stderr
    assert " --> ignored.env:1:1" in whole.stdout
    assert "CanaryPw42" not in whole.stdout + whole.stderr
