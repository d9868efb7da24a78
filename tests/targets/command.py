"""`neonlint generate` as a process, with a fixture that looks for the password in all it prints."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

CANARY = "Kanari3nvogel-9f"
HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
POOLED = HOST.replace(".", "-pooler.", 1)
URL = f"postgresql://app:{CANARY}@{HOST}/shop"
OTHER = f"postgresql://app:{CANARY}@ep-other-sun-e5f6a7b8.us-east-2.aws.neon.tech/blog"
EXPORT = f"export DATABASE_URL='postgresql://app:<password>@{POOLED}/shop?sslmode=require&channel_binding=require'\n"
TLS = "sslmode=require&channel_binding=require"


@dataclass(frozen=True)
class Ran:
    """A finished process."""

    status: int
    out: str
    err: str

    @property
    def shown(self) -> str:
        return self.out + self.err


Generate = Callable[..., Ran]


def environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "LANG", "VIRTUAL_ENV")}
    return kept | {"HOME": str(home)} | dict(extra)


@pytest.fixture
def generate(tmp_path: Path) -> Generate:
    """Runs `neonlint generate WORDS` in an empty folder; the password may be shown only to who asks for it. `before` is
    called in the new process."""

    def run(
        *words: str,
        stdin: bytes = b"",
        secret: bool = False,
        before: Callable[[], None] | None = None,
        **variables: str,
    ) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "neonlint", "generate", *words],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env=environment(tmp_path, variables),
            check=False,
            preexec_fn=before,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert secret or CANARY not in ran.shown
        assert CANARY not in ran.err, "not even then beside the files"
        assert "internal error" not in ran.err and "Traceback" not in ran.err
        return ran

    return run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
