"""The command as a process, and golden files that hold exactly what a terminal shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"
URL = "postgresql://app:CanaryPw42@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
_CHANGING = (
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "GITHUB_ACTIONS",
    "TF_BUILD",
    "TEAMCITY_VERSION",
    "GIT_DIR",
    "GIT_INDEX_FILE",
)


@dataclass(frozen=True)
class Ran:
    """A finished process."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 -- what it holds is what the tests are about
        return json.loads(self.out)


Neonlint = Callable[..., Ran]


@pytest.fixture
def neonlint(tmp_path: Path) -> Neonlint:
    """Runs `neonlint ARGUMENTS` in the project folder (`cwd` else)."""

    def run(*arguments: str, stdin: str = "", cwd: Path | None = None, **environment: str) -> Ran:
        env = {key: value for key, value in os.environ.items() if key not in _CHANGING} | environment
        done = subprocess.run(
            [sys.executable, "-m", "neonlint", *arguments],
            input=stdin.encode(),
            capture_output=True,
            cwd=cwd or tmp_path,
            env=env,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares a text with `golden/NAME`; `NEONLINT_UPDATE_GOLDEN=1` writes it instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("NEONLINT_UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A git work tree with one environment file that breaks the policy."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".env").write_text(f"DATABASE_URL={URL}\n")
    return tmp_path
