"""The action and the template for pipelines: valid by their schemas, safe by zizmor, and the action's script run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import neonlint

ROOT = Path(__file__).parent.parent
ACTION, TEMPLATE = ROOT / "action.yml", ROOT / "templates" / "neonlint.gitlab-ci.yml"
URL = "postgresql://app:CanaryPw42@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(ACTION.read_text())
    return loaded


@pytest.mark.parametrize(
    "arguments",
    [
        ["--builtin-schema", "vendor.github-actions", str(ACTION)],
        ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", str(TEMPLATE)],
    ],
    ids=["github", "gitlab"],
)
def test_schema(arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "check_jsonschema", *arguments], check=True)


def test_zizmor() -> None:
    tool = Path(sys.executable).with_name("zizmor")
    checked = subprocess.run(
        [tool, "--offline", "--persona=pedantic", ACTION], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_versions_are_this_one() -> None:
    assert action()["inputs"]["version"]["default"] == "", "the code at the commit that a workflow names"
    assert yaml.safe_load(TEMPLATE.read_text())["neonlint"]["variables"]["NEONLINT_VERSION"] == neonlint.__version__


def test_no_input_in_shell_text() -> None:
    assert all("${{" not in step.get("run", "") for step in action()["runs"]["steps"])


def installer(folder: Path) -> None:
    """What stands for pipx: it says what it would install, and runs what is here."""
    (folder / "pipx").write_text(
        f'#!/bin/sh\n[ "$1 $2 $3 $5" = "run --no-cache --spec neonlint" ] || exit 9\necho "installs $4"\n'
        f'shift 5\nexec "{sys.executable}" -m neonlint "$@"\n'
    )
    (folder / "pipx").chmod(0o755)


@pytest.mark.parametrize(("version", "spec"), [("", "/actions/here"), ("1.2", "neonlint==1.2")])
@pytest.mark.parametrize("sarif", ["true", "false"])
def test_script(tmp_path: Path, sarif: str, version: str, spec: str) -> None:
    installer(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    (work / ".env").write_text(f"DATABASE_URL={URL}\n")
    report, output, summary = (tmp_path / name for name in ("neonlint.sarif", "output", "summary"))
    summary.touch()
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        **{
            "VERSION": version,
            "GITHUB_ACTION_PATH": "/actions/here",
            "ARGS": "--isolated $(touch bad) .\n",
            "SARIF": sarif,
        },
        **{
            "REPORT": str(report),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "PYTHONPATH": str(ROOT),
        },
    }

    def run(args: str) -> subprocess.CompletedProcess[str]:
        script = action()["runs"]["steps"][0]["run"]
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            command, cwd=work, env=environment | {"ARGS": args}, capture_output=True, text=True, check=False
        )

    done = run("--isolated .")
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith(f"installs {spec}\n")
    assert "file=.env,line=1" in done.stdout
    assert "CanaryPw42" not in done.stdout + done.stderr
    assert "NL101" in summary.read_text()
    assert "CanaryPw42" not in summary.read_text()
    assert report.exists() is output.exists() is (sarif == "true")
    told = output.read_text() if output.exists() else ""
    assert run("--no-such-flag").returncode == 2
    assert not report.exists(), "a report of an earlier use is not handed on"
    assert (output.read_text() if output.exists() else "") == told
    run("--isolated $(touch bad) .")
    assert not (work / "bad").exists()
