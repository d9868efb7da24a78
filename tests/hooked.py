"""A repository that pre-commit can take neonlint's hooks from: this working tree, committed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
NEEDED = ("neonlint", "rules", "explanations", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")


def git(root: Path, *arguments: str) -> None:
    """Run git in `root` as somebody."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, "-C", str(root), *arguments], check=True, capture_output=True)


def hook_source(root: Path) -> Path:
    """Put what a hook needs of this working tree into `root`, and commit it."""
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "hooks")
    return root
