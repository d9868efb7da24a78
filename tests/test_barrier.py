"""The barrier around the work on one file, and what a run makes of a file that does not pass it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from neonlint import barrier, engine_files, engine_report, repair
from neonlint.barrier import guarded
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine import Outcome, Repair, run
from neonlint.errors import UsageError
from neonlint.formats import claims
from neonlint.ir.findings import Skip
from neonlint.judge import Judge

URL = "postgresql://app:hunter2hunter2@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech:6543/db"
FILES = {"a.env": f"DATABASE_URL={URL}\n".encode(), "b.env": f"DATABASE_URL={URL}\n".encode()}


def broken() -> None:
    raise ValueError("hunter2")


def check(folder: Path, repairing: Repair = "none") -> Outcome:
    return run(folder, [FoundFile(name) for name in FILES], Config(), repair=repairing, given=FILES)


def test_an_error_becomes_its_type_and_place() -> None:
    assert guarded("x", lambda: 1) == 1
    assert guarded("x", lambda: barrier._place(None)) == "an unknown place"
    skip = guarded("x", lambda: claims.is_manifest(None))  # type: ignore[arg-type]
    assert isinstance(skip, Skip)
    assert skip.reason == "internal-error"
    assert skip.detail.startswith("AttributeError at neonlint/formats/claims.py:") and "please report" in skip.detail
    told = guarded("x", broken)
    assert isinstance(told, Skip) and "hunter2" not in told.detail


def test_a_usage_error_and_an_interrupt_pass() -> None:
    for error in (UsageError("--flag"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            guarded("x", lambda error=error: (_ for _ in ()).throw(error))  # type: ignore[misc]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarms on this system")
def test_work_without_end_is_stopped_and_alarms_are_given_back() -> None:
    before = signal.getsignal(signal.SIGALRM)
    started = time.monotonic()
    skip = guarded("x", lambda: [None for _ in iter(int, 1)], seconds=0.2)
    assert time.monotonic() - started < 5
    assert skip == Skip("x", "timed-out", "not done after 0.2 seconds")
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarms on this system")
def test_an_alarm_of_somebody_else_is_left_alone() -> None:
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        assert guarded("x", lambda: 1, seconds=0.1) == 1
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 900
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def only_a(original: Callable[..., object]) -> Callable[..., object]:
    """A function that fails where any of its arguments is about `a.env`."""

    def failing(*arguments: object) -> object:
        documents = [getattr(a, "document", getattr(a, "extract", None)) or a for a in arguments]
        paths = {getattr(getattr(d, "document", d), "path", None) for d in documents}
        if "a.env" in paths:
            raise LookupError("hunter2hunter2")
        return original(*arguments)

    return failing


@pytest.mark.parametrize(
    ("owner", "name", "repairing"),
    [(engine_files, "extract", "none"), (Judge, "judge", "none"), (repair, "edits_for", "none"), (engine_files, "secrets_of", "none"), (repair, "repair", "unsafe")],
)  # fmt: skip
def test_one_file_does_not_take_the_others_along(
    owner: object, name: str, repairing: Repair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = check(tmp_path, repairing)
    monkeypatch.setattr(owner, name, only_a(getattr(owner, name)))
    outcome = check(tmp_path, repairing)
    assert [(skip.path, skip.reason) for skip in outcome.report.skipped] == [("a.env", "internal-error")]
    assert [f for f in outcome.report.findings if f.path == "b.env"] == [
        f for f in sound.report.findings if f.path == "b.env"
    ]
    assert outcome.changes.keys() == sound.changes.keys() - {"a.env"}
    assert "hunter2" not in repr(outcome)


def test_the_exit_status_says_that_a_file_was_not_checked(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_bytes(FILES["a.env"])
    (tmp_path / "b.env").write_bytes(FILES["b.env"])
    code = (
        "import sys; from neonlint import cli, engine_files as e; old = e.extract\n"
        "def new(d):\n    if d.path == 'a.env': raise LookupError('hunter2')\n    return old(d)\n"
        "e.extract = new; sys.exit(cli.main(['check', '--isolated', 'a.env', 'b.env']))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 2, ran.stderr
    assert "a.env" in ran.stdout and "internal-error" in ran.stdout and "b.env:1" in ran.stdout
    assert "hunter2" not in ran.stdout + ran.stderr


def test_a_file_of_very_many_findings_is_told_in_time(tmp_path: Path) -> None:
    """Each fix alone is shown of the first only; together they are made all the same."""
    lines = "".join(f"DATABASE_URL_{i}={URL}\n" for i in range(400))
    started = time.monotonic()
    outcome = run(tmp_path, [FoundFile(".env")], Config(select=("NL302",)), given={".env": lines.encode()})
    shown = [finding.fix is not None for finding in outcome.report.findings]
    assert len(shown) == 400 and shown == sorted(shown, reverse=True) and 10 < sum(shown) < 400
    assert {f.refusal for f in outcome.report.findings if f.fix is None} == {engine_report.NOT_TRIED}
    repaired = run(
        tmp_path, [FoundFile(".env")], Config(select=("NL302",)), repair="safe", given={".env": lines.encode()}
    )
    assert repaired.changes[".env"].new == lines.replace(":6543", ":5432").encode()
    assert time.monotonic() - started < 20


def test_a_fix_that_fails_among_many_holds_none_of_them_up(tmp_path: Path) -> None:
    """A folded scalar cannot be written in place; every other value is."""
    folded = f"x: >-\n  {URL}?a=b\n  c\n"
    text = "".join(f"u{i}: {URL}\n" for i in range(20)) + folded + "".join(f"v{i}: {URL}\n" for i in range(20))
    outcome = run(
        tmp_path, [FoundFile("x.yaml")], Config(select=("NL302",)), repair="safe", given={"x.yaml": text.encode()}
    )
    assert len(outcome.report.fixed) == 40
    assert outcome.changes["x.yaml"].new.count(b":5432") == 40
