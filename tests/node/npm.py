"""The npm packages of this folder, installed once beside the tree, and the probes (``*.mjs``) that ask them.

A probe reads one JSON question from standard input and prints one JSON answer. Knows nothing of neonlint.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LISTS = ("package.json", "package-lock.json")
SECONDS = 60


class Refused(Exception):
    """What a driver said when it was not let in."""


@dataclass(frozen=True)
class Npm:
    """A folder that holds the probes and a link to the installed packages, and the environment to run them in."""

    folder: Path

    def ask(self, probe: str, question: object = None, **variables: str) -> Any:  # noqa: ANN401
        """The answer of ``<probe>.mjs``, run with `variables` and no other variable that a driver would read."""
        done = subprocess.run(
            ["node", f"{probe}.mjs"],
            cwd=self.folder,
            env={**surroundings(), "HOME": str(self.folder), **variables},
            input=json.dumps(question),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{probe}.mjs ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def connect(self, driver: str, question: dict[str, Any], **variables: str) -> None:
        """Let `driver` (a name of connect.mjs) connect; raises Refused with the driver's message."""
        if (error := self.ask("connect", {"driver": driver, **question}, **variables)["error"]) is not None:
            raise Refused(error)


def surroundings() -> dict[str, str]:
    """What a process needs to run at all: no ``PG*``, ``NODE_*`` or ``DATABASE_URL`` gets through."""
    wanted = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def installed() -> Path:
    """The ``node_modules`` of the lock file, installed unless a former run did; safe beside other processes.

    Raises RuntimeError with npm's own words when it cannot be installed.
    """
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    root = Path(tempfile.gettempdir()) / f"neonlint-node-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    folder = root / lock
    with (root / f"{lock}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _install(folder)
    return folder / "node_modules"


def _install(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in LISTS:
        shutil.copy(HERE / name, folder)
    words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    (folder / "done").touch()


def laid_out(folder: Path) -> Npm:
    """`folder` with the probes in it, where Node finds the packages beside them."""
    for probe in (*HERE.glob("*.mjs"), *HERE.glob("*.cjs")):
        shutil.copy(probe, folder)
    (folder / "node_modules").symlink_to(installed())
    return Npm(folder)
