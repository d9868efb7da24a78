"""Starts the libcst process, asks it, and survives its death. Knows the protocol of `python_worker`, nothing of
Python code.

The process runs isolated (`-I -S`) with only the folders that hold neonlint and libcst on its path: what lies in the
checked repository, which may be the current directory, can never be imported there.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypedDict

from neonlint.edits import Edit
from neonlint.errors import Refused

FAILED = "the Python rewriter could not handle this file"
LIMIT_SECONDS = 10.0
_BOOT = (
    "import json, sys; sys.path.extend(json.loads(sys.argv[1])); "
    "from neonlint.formats.python_worker import main; main()"
)


class Job(TypedDict):
    """Additions and removals in one call or dict display; offsets as in `python_worker.rewrite`."""

    start: int
    end: int
    add: list[tuple[str, int | None]]
    drop: list[int]


def rewrite(source: bytes, jobs: Sequence[Job]) -> list[Edit]:
    """Ask the process for the edits of one file (UTF-8, no byte order mark); raises `Refused` where it cannot give
    them.
    """
    request = {"source": base64.b64encode(source).decode(), "jobs": list(jobs)}
    reply = shared(os.getpid()).ask(json.dumps(request).encode() + b"\n")
    if "refused" in reply:
        raise Refused(str(reply["refused"]))
    return [Edit(start, end, new.encode()) for start, end, new in reply["edits"]]


@cache
def shared(_pid: int) -> Rewriter:
    """This process's rewriter; a forked process gets its own, because two cannot share one pipe."""
    return Rewriter()


class Rewriter:
    """One libcst process, started when first needed and again after a crash or a time-out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: SimpleQueue[bytes] = SimpleQueue()

    @property
    def pid(self) -> int | None:
        """The id of the running process, or None."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process else None

    def ask(self, request: bytes) -> dict[str, Any]:
        """The answer to one request line; raises `Refused` where none comes in time."""
        with self._lock:
            process = self._running()
            try:
                line = self._exchange(process, request)
                reply = json.loads(line)
            except (OSError, ValueError, Empty):
                self.stop()
                raise Refused(FAILED) from None
            except BaseException:  # interrupted: the answer that comes now must not pass for that to the next request
                self.stop()
                raise
            return reply if isinstance(reply, dict) else {"refused": FAILED}

    def _exchange(self, process: subprocess.Popen[bytes], request: bytes) -> bytes:
        if process.stdin is None:
            raise OSError
        timer = threading.Timer(LIMIT_SECONDS, process.kill)  # a write to a stuck process would wait for ever
        timer.start()
        try:
            process.stdin.write(request)
            process.stdin.flush()
            return self._lines.get(timeout=LIMIT_SECONDS)
        finally:
            timer.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.stop()
        if not sys.executable:
            raise Refused(FAILED)
        command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOT, json.dumps(_folders())]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            raise Refused(FAILED) from None
        self._lines = SimpleQueue()
        threading.Thread(target=_pump, args=(self._process, self._lines), daemon=True).start()
        return self._process

    def stop(self) -> None:
        """End the process; the next request starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            try:
                process.stdin.close()
            except OSError:
                return


def _pump(process: subprocess.Popen[bytes], lines: SimpleQueue[bytes]) -> None:
    """Hand each line of the process on; an empty one says that it has ended."""
    if process.stdout is not None:
        with process.stdout as stream:
            for line in stream:
                lines.put(line)
    lines.put(b"")


def _folders() -> list[str]:
    """This interpreter's path without the current directory, which is the checked repository, and with neonlint's own
    folder.
    """
    here = str(Path(__file__).resolve().parents[2])
    current = str(Path.cwd())
    kept = [folder for folder in sys.path if folder and str(Path(folder).absolute()) != current]
    return [*dict.fromkeys([*kept, here])]
