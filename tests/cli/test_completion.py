"""Completion scripts, tried in real shells."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest


def script(shell: str) -> str:
    command = [sys.executable, "-m", "neonlint", "completion", shell]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["comp"], "completion"),
        (["check", "--output-f"], "--output-format"),
        (["check", "--output-format", "sa"], "sarif"),
        (["fix", "--unsafe"], "--unsafe-fixes"),
        (["check", "--select", "NL40"], "NL401"),
        (["rule", "NL40"], "NL401"),
        (["pool", "--output-f"], "--output-format"),
    ],
)
def test_bash(words: list[str], offered: str) -> None:
    quoted = " ".join(f"'{word}'" for word in ["neonlint", *words])
    text = f"{script('bash')}\nCOMP_WORDS=({quoted})\nCOMP_CWORD={len(words)}\n"
    text += "_shtab_neonlint\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
    done = subprocess.run(["bash", "--norc"], input=text, capture_output=True, text=True, check=True)
    assert offered in done.stdout.split(), done.stdout + done.stderr
    assert all(word.startswith(words[-1]) for word in done.stdout.split())


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_syntax(shell: str) -> None:
    text = script(shell)
    assert "NL401" in text
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=text, text=True, check=True)
