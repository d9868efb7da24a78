"""A real git repository, and `neonlint check` in it as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

PASSWORD = "CanaryPw42"
#: Two findings in a `.env` that git tracks: NL103 (sslmode), and NL202 (a password in it).
DISABLED = f"postgresql://app:{PASSWORD}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=disable"
#: Nothing is found in it.
GOOD = "postgresql://ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=verify-full&sslrootcert=system"
_CHANGING = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS")


def disabled(name: str) -> str:
    """A line of an env file with one finding, NL103, for a program that has its password elsewhere."""
    return f"{name}={DISABLED.replace(f':{PASSWORD}', '')}\n"


def good(name: str) -> str:
    """A line of an env file without a finding."""
    return f"{name}={GOOD}\n"


class Ran(NamedTuple):
    """A finished process."""

    status: int
    out: str
    err: str

    @property
    def found(self) -> list[tuple[str, int, str]]:
        """File, row and rule of each finding (for `--output-format json`, as are the others)."""
        return [(one["filename"], one["location"]["row"], one["code"]) for one in json.loads(self.out)["diagnostics"]]

    @property
    def summary(self) -> dict[str, object]:
        """The counts."""
        counts: dict[str, object] = json.loads(self.out)["summary"]
        return counts

    @property
    def skipped(self) -> dict[str, str]:
        """The files that were not checked, with the reasons."""
        return {skip["path"]: skip["reason"] for skip in json.loads(self.out)["summary"]["skipped"]}


class Repository(NamedTuple):
    """A work tree. Git's own hooks and settings of this machine are out of the way."""

    root: Path

    @classmethod
    def new(cls, root: Path, *options: str) -> Repository:
        root.mkdir(parents=True, exist_ok=True)
        made = cls(root)
        made.git("init", "-q", "-b", "main", *options)
        return made

    def git(self, *arguments: str, **environment: str) -> str:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
        done = subprocess.run(
            ["git", *who, *arguments],
            cwd=self.root,
            env=self._environment(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stderr
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def stage(self, name: str, text: str) -> None:
        self.write(name, text)
        self.git("add", "-f", "--", name)

    def commit(self) -> None:
        """Commit what is staged. Two commits are never the same one."""
        self.git("commit", "-q", "--allow-empty", "-m", f"a change at {time.monotonic_ns()}")

    def neonlint(self, *arguments: str, cwd: Path | None = None, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "neonlint", *arguments],
            cwd=cwd or self.root,
            env=self._environment(environment),
            capture_output=True,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert PASSWORD not in ran.out + ran.err
        return ran

    def check(self, *arguments: str, cwd: Path | None = None, **environment: str) -> Ran:
        """`neonlint check`, its report as JSON."""
        return self.neonlint("check", "--output-format", "json", *arguments, cwd=cwd, **environment)

    @staticmethod
    def _environment(more: dict[str, str]) -> dict[str, str]:
        kept = {
            name: text for name, text in os.environ.items() if not name.startswith("GIT_") and name not in _CHANGING
        }
        return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull} | more
