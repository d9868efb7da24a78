"""A run with a cache says what a run without one says, whatever happened in between and whatever lies in the cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted import CANARY, FILES, NEON_CANARY

import neonlint
from neonlint import cache, cache_directory, engine_files, engine_sift, session
from neonlint.cache import Cache
from neonlint.config import Config
from neonlint.engine_files import read_all
from neonlint.means import Means
from neonlint.records import replace

URL = "postgresql://app:CanaryPw42@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=require"
#: Says nothing as prose, much as an environment file; as long as LOUD.
QUIET = "NEXT_PUBLIC_DATABASE_URL=postgresql://app:CanaryPw42@db.example.com/db?sslmode=disable".ljust(120) + "\n"
LOUD = f"DATABASE_URL={URL}\n".ljust(len(QUIET) - 1) + "\n"
NAME = ".neonlint_cache"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is no cache where a file's change time can be set")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of 550 files that say nothing and some others. What changed just now is remembered, which saves waiting;
    `test_what_changed_just_now_is_not_remembered` waits."""
    monkeypatch.setattr(cache, "_RACY", -(10**13))
    return project(tmp_path / "project")


def project(root: Path) -> Path:
    for number in range(550):
        path = root / f"part{number % 5}" / f"notes{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(QUIET)
    (root / ".env").write_text(LOUD)
    (root / "logo.png").write_bytes(b"\x89PNG\0")
    (root / "large.md").write_bytes(b"-" * 2_000_000)
    (root / "yarn.lock").write_bytes(b"\0")
    (root / "away.md").symlink_to("/etc/hostname")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def ran(root: Path, *, cached: bool = True, config: Config | None = None, jobs: int = 1) -> object:
    """What a run says: findings, what was not read, how many files were checked."""
    folder = str(root / NAME) if cached else None
    work = session.open_session(["."], config or Config(), root)
    report = session.judge(replace(work, means=Means(jobs, folder))).report
    return [(f.path, f.code, f.row, f.message) for f in report.findings], report.skipped, report.files_checked


def known(root: Path, config: Config | None = None) -> int:
    """How many files need not be opened."""
    work = session.open_session(["."], config or Config(), root)
    remembered = Cache(str(root / NAME), str(work.root), str(work.config.max_file_size))
    lines = [remembered.line(file.path) for file in work.found.files]
    return sum(remembered.silent(line) or remembered.binary(line) for line in lines)


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# --- what it saves ---

_OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(given[0]) if event == "open" else None)
from neonlint import cli
status = cli.main(["check", "-j1", "--output-format", "json", *sys.argv[1:]])
print(sum(str(name).endswith((".md", ".png")) for name in opened), file=sys.stderr)
"""


def opened(root: Path, *arguments: str) -> tuple[Any, int]:
    """The report of a process, and how many of the silent files it opened."""
    done = subprocess.run(
        [sys.executable, "-c", _OPENED, *arguments], cwd=root, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    del found["summary"]["seconds"]
    return found, int(done.stderr)


def test_what_said_nothing_is_not_opened_again(tmp_path: Path) -> None:
    root = project(tmp_path)
    time.sleep(2.1)
    plain, cold, warm = opened(root, "--no-cache"), opened(root), opened(root)
    assert plain[0] == cold[0] == warm[0] and plain[0]["diagnostics"]
    assert plain[1] == cold[1] == 552 and warm[1] == 1  # it is too large, which is found out by opening it
    assert opened(root, ".env")[1] == 1, "a run on one file has the cache for its context"
    assert opened(root, "--no-cache", ".env")[1] == 552


def test_what_changed_just_now_is_not_remembered(tmp_path: Path) -> None:
    root = project(tmp_path)
    ran(root)
    assert not (root / NAME).exists()
    time.sleep(2.1)
    (root / "part0" / "notes0.md").write_text(QUIET)
    ran(root)
    assert known(root) == 550


def test_only_the_command_line_leaves_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert neonlint.check(".").files_checked > 500
    assert not (root / NAME).exists()


@pytest.mark.parametrize("jobs", [1, 3])
def test_several_processes_and_the_cache(root: Path, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_sift, "_TRIED", 0)
    monkeypatch.setattr(engine_sift, "_WORTH", 0)
    plain = ran(root, cached=False)
    assert ran(root, jobs=jobs) == plain and known(root) == 551
    assert ran(root, jobs=jobs) == plain
    assert files_of(root / NAME) >= {".gitignore", "CACHEDIR.TAG"}


def test_few_new_files_are_not_worth_writing(root: Path) -> None:
    ran(root)
    [written] = (root / NAME).glob("silent-*")
    before = written.stat().st_mtime_ns
    for number in range(99):
        (root / f"new{number}.md").write_text(QUIET)
    ran(root)
    assert written.stat().st_mtime_ns == before
    (root / "new99.md").write_text(QUIET)
    (root / "part0" / "notes0.md").unlink()
    ran(root)
    assert known(root) == 650 and b"part0/notes0.md" not in written.read_bytes()


# --- what may happen in between ---


def keeping_its_time(change: Callable[[Path], None]) -> Callable[[Path], None]:
    """`change`, and the time of the last change as it was."""

    def changed(path: Path) -> None:
        before = path.stat()
        change(path)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return changed


def edited(path: Path) -> None:
    path.write_text(LOUD)


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_text(LOUD)
    other.replace(path)


def renamed(path: Path) -> None:
    path.rename(path.with_name(".env"))


def linked(path: Path) -> None:
    path.with_name(".env").hardlink_to(path)


def symlinked(path: Path) -> None:
    path.rename(path.with_name(".env"))
    path.symlink_to(".env")


def swapped(path: Path) -> None:
    (path.parent.parent / ".env").rename(path.with_name("between"))
    path.rename(path.parent.parent / ".env")
    path.with_name("between").rename(path)


def removed(path: Path) -> None:
    path.unlink()


def readable_by_nobody(path: Path) -> None:
    path.chmod(0)


def appended(path: Path) -> None:
    with path.open("a") as file:
        file.write(LOUD)


@pytest.mark.parametrize(
    "change",
    [
        *(edited, replaced, renamed, linked, symlinked, swapped, removed, readable_by_nobody, appended),
        *(keeping_its_time(edited), keeping_its_time(replaced)),
    ],
)
def test_a_change_is_seen(root: Path, change: Callable[[Path], None]) -> None:
    before = ran(root)
    assert known(root) == 551
    change(root / "part3" / "notes3.md")
    after = ran(root)
    assert after == ran(root, cached=False)
    assert after != before or change is readable_by_nobody  # who may do everything can read it
    assert known(root) <= 550


def test_what_a_link_leads_to_may_change_unseen(root: Path) -> None:
    """The link is not what changes, so nothing is remembered of it."""
    (root / ".gitignore").write_text("ignored/\n")
    (root / "ignored").mkdir()
    (root / "ignored" / "notes.md").write_text(QUIET)
    (root / "link.md").symlink_to("ignored/notes.md")
    before = ran(root)
    (root / "ignored" / "notes.md").write_text(LOUD)
    assert ran(root) == ran(root, cached=False) != before


def test_a_project_that_was_moved_or_copied(root: Path, tmp_path: Path) -> None:
    plain = ran(root)
    moved, copied = tmp_path / "moved", tmp_path / "copied"
    root.rename(moved)
    assert ran(moved) == plain
    shutil.copytree(moved, copied, symlinks=True)  # with the times of its files
    assert known(copied) == 0
    (copied / "part3" / "notes3.md").write_text(LOUD)
    assert ran(copied) == ran(copied, cached=False) != plain


def test_another_version_knows_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(root)
    assert known(root) == 551
    with monkeypatch.context() as changed:
        changed.setattr(neonlint, "__version__", "99.0")
        assert known(root) == 0
    with monkeypatch.context() as changed:
        changed.setattr(cache, "DECIDING", cache.DECIDING[1:])
        assert known(root) == 0
    assert known(root) == 551


def test_another_size_limit_knows_nothing(root: Path) -> None:
    ran(root)
    small = Config(max_file_size=100)
    assert len(QUIET) > 100 and known(root, small) == 0
    assert ran(root, config=small) == ran(root, config=small, cached=False)


def test_a_checksum_is_not_trusted(root: Path) -> None:
    """Two headers may have the same one; the first line tells."""
    one, other = Config(max_file_size=1000), Config(max_file_size=1001)
    ran(root, config=one)
    [first] = (root / NAME).glob("silent-*")
    ran(root, config=other)
    [second] = {*(root / NAME).glob("silent-*")} - {first}
    assert known(root, other) == 551
    second.write_bytes(first.read_bytes())
    assert known(root, other) == 0


def test_few_caches_are_kept(root: Path) -> None:
    for limit in range(1000, 1008):
        ran(root, config=Config(max_file_size=limit))
        assert len(list((root / NAME).glob("silent-*"))) <= 4
    assert known(root, Config(max_file_size=1007)) == 551


def test_the_modules_that_tell_silence_are_named(root: Path) -> None:
    """A cache is void once their text changes; here it is seen which functions are called to tell silence."""
    called: set[str] = set()
    package = Path(neonlint.__file__).parent

    def saw(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and (path := Path(frame.f_code.co_filename)).is_relative_to(package):
            called.add(path.relative_to(package).as_posix())

    for name in ("a.ts", "b.py", "script", "c.sql", "d.yaml", "tsconfig.json", "Makefile"):
        (root / name).write_text("export { x } from './y'\n")
    found = session.open_session(["."], Config(), root).found
    quiet = [file for file in found.files if file.path != ".env"]
    sys.setprofile(saw)
    try:
        read_all(root, quiet, Config(), {}, Means(jobs=1))
    finally:
        sys.setprofile(None)
    # These say what is found out and hold it; they decide nothing.
    telling = {
        "__init__.py",
        "records.py",
        "means.py",
        "ir/findings.py",
        "discover_listing.py",
        "barrier.py",
        "engine_sift.py",
    }
    parsing = {
        path for path in called if path.startswith(("manifests", "ir/", "extract", "formats/", "dialects/", "clients/"))
    }
    assert called - telling - parsing - {"platforms/files.py", "platforms/base.py"} <= set(cache.DECIDING)
    assert {"formats/claims.py", "words.py", "discover.py"} <= called


# --- what may lie in it ---


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project of a few files, each with something to report, and a cache that knows them."""
    root = tmp_path_factory.mktemp("small")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / ".env").write_text(LOUD)
    (root / "quiet.md").write_text(QUIET)
    (root / "loud.py").write_text(f"import psycopg\npsycopg.connect('{URL}')\n")
    (root / "link.md").symlink_to("/etc/hostname")
    (root / "logo.png").write_bytes(b"\0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_files, "_REMEMBERED", 1)
        patch.setattr(cache, "_WORTH_WRITING", 1)
        patch.setattr(cache, "_RACY", -(10**13))
        ran(root)
        assert known(root) == 2
        yield root


def beside(root: Path) -> object:
    """A run that also hears of a file that is gone by the time that it is read."""
    work = session.open_session([".", "gone.env"], Config(), root)
    report = session.judge(replace(work, means=Means(1, str(root / NAME)))).report
    return [(f.path, f.code, f.row) for f in report.findings], report.skipped, report.files_checked


_PIECE = st.sampled_from(
    ["", "!", " ", "0 0 0 0 0 .env", "0 0 0 0 0 ../x", "! ", "\0", "a b c d e f", "9" * 400 + " 1 1 1 1 \0"]
)


@given(
    data=st.one_of(
        st.binary(max_size=300),
        st.lists(st.one_of(_PIECE, st.text(max_size=20))).map(
            lambda lines: "\n".join(lines).encode("utf-8", "replace")
        ),
    ),
    headed=st.booleans(),
    cut=st.integers(min_value=0, max_value=400),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_may_lie_in_it(small: Path, data: bytes, headed: bool, cut: int) -> None:
    [place] = (small / NAME).glob("silent-*")
    good = place.read_bytes()
    try:
        plain = beside_without(small)
        place.write_bytes((good + data)[cut:] if not headed else good[: len(good) - cut % 60] + data)
        assert beside(small) == plain
    finally:
        place.unlink(missing_ok=True)
        place.write_bytes(good)


def beside_without(root: Path) -> object:
    held = (root / NAME).rename(root / ".git" / "held")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine_files, "_REMEMBERED", 10**9)
            return beside(root)
    finally:
        held.rename(root / NAME)


def test_an_empty_line_stands_for_no_file(small: Path) -> None:
    """What cannot be looked at from outside has no line; a cache with an empty one must not make it silent."""
    [place] = (small / NAME).glob("silent-*")
    good = place.read_bytes()
    plain = beside_without(small)
    place.write_bytes(good + b"\n!\n")
    try:
        assert beside(small) == plain and "gone.env" in str(plain)
    finally:
        place.write_bytes(good)


def test_a_line_that_is_cut_short_is_none(root: Path) -> None:
    """What is left of this one is the line of the same file under another name, where it does say something."""
    time.sleep(0.02)
    (root / "zz.env.md").write_text(QUIET)
    (root / "zz.env").hardlink_to(root / "zz.env.md")
    ran(root)
    [place] = (root / NAME).glob("silent-*")
    assert place.read_bytes().endswith(b" zz.env.md\n")
    place.write_bytes(place.read_bytes().removesuffix(b".md\n"))
    assert ran(root) == ran(root, cached=False)


def test_a_cache_that_a_repository_brings_is_not_used(root: Path, tmp_path: Path) -> None:
    ran(root)
    subprocess.run(["git", "-C", str(root), "add", "-f", "."], check=True)
    assert cache_directory.refusal(str(root / NAME), str(root)) == "is tracked by git"
    assert known(root) == 0
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-C", str(root)]
    subprocess.run([*git, "commit", "-qm", "x"], check=True)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(root), str(clone)], check=True)
    before = files_of(clone / NAME)
    assert ran(clone) == ran(clone, cached=False)
    assert files_of(clone / NAME) == before


def test_a_link_is_not_followed(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    (root / NAME).symlink_to(target)
    assert ran(root) == ran(root, cached=False)
    assert not files_of(target)
    assert cache_directory.refusal(str(root / NAME), str(root)) == "is a symbolic link"


def test_a_link_in_it_is_not_followed(root: Path, tmp_path: Path) -> None:
    ran(root)
    [place] = (root / NAME).glob("silent-*")
    outside = place.rename(tmp_path / "outside")
    place.symlink_to(outside)
    assert known(root) == 0


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_directory_that_others_may_write_is_not_used(root: Path, mode: int) -> None:
    ran(root)
    (root / NAME).chmod(mode)
    assert known(root) == 0 and ran(root) == ran(root, cached=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_another_user_is_not_used(root: Path) -> None:
    ran(root)
    os.chown(root / NAME, 65534, 65534)
    assert known(root) == 0 and ran(root) == ran(root, cached=False)


def test_a_directory_that_is_no_cache_is_left_alone(root: Path) -> None:
    (root / NAME).mkdir(mode=0o700)
    (root / NAME / "mine").write_text("mine")
    assert ran(root) == ran(root, cached=False)
    assert files_of(root / NAME) == {"mine"}


def test_a_place_that_cannot_be_written_costs_nothing(root: Path) -> None:
    (root / NAME).write_text("a file")
    assert ran(root) == ran(root, cached=False)
    (root / NAME).unlink()
    root.chmod(0o555)
    try:
        assert ran(root) == ran(root, cached=False)
    finally:
        root.chmod(0o755)


def test_it_is_private_and_holds_no_secret(root: Path) -> None:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / f"postgresql:__app:{CANARY}@x").mkdir()
    (root / f"{NEON_CANARY}.md").write_text(QUIET)
    ran(root)
    for path in (root / NAME).iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert CANARY.encode() not in path.read_bytes() and NEON_CANARY.encode() not in path.read_bytes()
        assert b"CanaryPw42" not in path.read_bytes()
    assert (root / NAME).stat().st_mode & 0o777 == 0o700
    assert (root / NAME / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172789f06886806bc55")


def test_runs_at_the_same_time(tmp_path: Path) -> None:
    root = project(tmp_path)
    time.sleep(2.1)
    command = [sys.executable, "-m", "neonlint", "check", "--output-format", "concise", "."]
    runs = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) for _ in range(5)]
    said = {run.communicate()[0].rpartition(b" in ")[0] for run in runs}
    assert len(said) == 1 and b"NL105" in said.pop()
    assert known(root) == 551
    assert not [name for name in files_of(root / NAME) if "." in name[1:] and name.startswith("silent-")]
