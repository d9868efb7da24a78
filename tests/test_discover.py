"""Finding and reading files: real git, real links, real FIFOs."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from neonlint import discover
from neonlint.config import Config
from neonlint.discover import Discovered, FoundFile
from neonlint.ir.findings import Skip


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *identity, "-C", str(root), *arguments], check=True, capture_output=True)


def write(root: Path, *names: str, text: str = "x\n") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def find(root: Path, *paths: str, config: Config | None = None, **flags: bool) -> Discovered:
    return discover.discover(paths, config or Config(), root=root, cwd=root, **flags)


def names(found: Discovered) -> list[str]:
    return [file.path for file in found.files]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "r"
    root.mkdir()
    git(root, "init", "-q")
    return root


def test_git_tracked_untracked_ignored(repository: Path) -> None:
    write(repository, ".gitignore", text=".env*\nbuild/\n*.log\nnode_modules/\n")
    write(repository, "a.py", "src/b.py", "src/.env", "new/deep/.env.local", "only/prod.env", "build/.env", "x.log")
    write(repository, "node_modules/p/.env", "only/.dev.vars")
    git(repository, "add", "a.py", ".gitignore")
    found = find(repository)
    assert found.files == [
        FoundFile(".gitignore", tracked=True),
        FoundFile("a.py", tracked=True),
        FoundFile("new/deep/.env.local", tracked=False, ignored_env=True),
        FoundFile("only/.dev.vars", tracked=False),
        FoundFile("only/prod.env", tracked=False),
        FoundFile("src/.env", tracked=False, ignored_env=True),
        FoundFile("src/b.py", tracked=False),
    ]
    assert (found.skipped, found.notes) == ([], [])
    assert "src/.env" not in names(find(repository, config=Config(scan_ignored_env=False)))


def test_git_deleted_and_skip_worktree(repository: Path) -> None:
    write(repository, "gone.py", "kept.env", "hidden.env")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "x")
    (repository / "gone.py").unlink()
    git(repository, "update-index", "--skip-worktree", "kept.env", "hidden.env")
    (repository / "hidden.env").unlink()
    assert names(find(repository)) == ["kept.env"]


def test_git_conflict_is_listed_once(repository: Path) -> None:
    write(repository, "a.env", text="A=1\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "base")
    git(repository, "checkout", "-qb", "other")
    write(repository, "a.env", text="A=2\n")
    git(repository, "commit", "-qam", "other")
    git(repository, "checkout", "-q", "-")
    write(repository, "a.env", text="A=3\n")
    git(repository, "commit", "-qam", "this")
    assert subprocess.run(
        ["git", "-C", str(repository), "merge", "-q", "other"], capture_output=True, check=False
    ).returncode
    assert names(find(repository)) == ["a.env"]


def test_submodules_and_nested_repositories_are_reported(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write(other, ".env")
    git(other, "init", "-q")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "x")
    git(repository, "submodule", "--quiet", "add", str(other), "module")
    write(repository, "nested/.env")
    git(repository / "nested", "init", "-q")
    found = find(repository)
    assert names(found) == [".gitmodules"]
    assert {(skip.path, skip.reason) for skip in found.skipped} == {
        ("module", "not-regular"),
        ("nested", "not-regular"),
    }
    inside = discover.discover([], Config(), root=repository / "module", cwd=repository / "module")
    assert inside.files == [FoundFile(".env", tracked=True)]


def test_linked_worktree(repository: Path, tmp_path: Path) -> None:
    write(repository, "a.env")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "x")
    git(repository, "worktree", "add", "-q", str(tmp_path / "w"))
    assert discover.project_root(tmp_path / "w") == tmp_path / "w"
    assert find(tmp_path / "w").files == [FoundFile("a.env", tracked=True)]


def test_git_runs_nothing_from_the_repository(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.external"):
        git(repository, "config", key, str(trap))
    (repository / ".git/hooks/post-index-change").symlink_to(trap)
    write(repository, "a.env", ".gitignore")
    (tmp_path / "sprung").unlink(missing_ok=True)
    assert names(find(repository)) == [".gitignore", "a.env"]
    assert names(find(repository, "a.env")) == ["a.env"]
    assert not (tmp_path / "sprung").exists()


def test_git_of_a_hook_is_not_ours(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "o"
    write(other, "theirs.py")
    git(other, "init", "-q")
    write(repository, "ours.py")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    assert names(find(repository)) == ["ours.py"]


def test_git_that_fails_is_told_and_replaced(repository: Path) -> None:
    write(repository, ".gitignore", text="*.log\n.env\n")
    write(repository, "a.py", "x.log", ".env")
    (repository / ".git/HEAD").write_text("broken")
    found = find(repository)
    assert found.files == [FoundFile(".env", ignored_env=True), FoundFile(".gitignore"), FoundFile("a.py")]
    assert found.notes[0].startswith("git could not list the files (exit status 128;")


@pytest.mark.parametrize("kind", ["LITERAL", "GLOB", "NOGLOB", "ICASE"])
def test_what_paths_mean_to_another_command_is_not_ours(
    repository: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """`git --literal-pathspecs commit` leaves this in the environment of its hooks."""
    write(repository, "a.env", "*.env")
    git(repository, "add", "a.env")
    monkeypatch.setenv(f"GIT_{kind}_PATHSPECS", "1")
    found = find(repository, "a.env", "*.env", "A.env")
    assert {file.path: file.tracked for file in found.files} == {"a.env": True, "*.env": False, "A.env": False}


def test_git_that_fails_is_told_for_named_files_too(repository: Path) -> None:
    write(repository, "a.env")
    assert find(repository, "a.env").notes == []
    (repository / ".git" / "HEAD").write_text("nonsense\n")
    found = find(repository, "a.env")
    assert [(file.path, file.tracked) for file in found.files] == [("a.env", None)]
    assert [note.partition(";")[0] for note in found.notes] == ["git could not tell which files it tracks"]


def test_walk(tmp_path: Path) -> None:
    write(
        tmp_path, "a.py", "sub/b.py", ".git-not/x", "node_modules/p/x.js", "x/site-packages/y.py", "x/__pycache__/z.pyc"
    )
    write(tmp_path, "myvenv/pyvenv.cfg", "myvenv/lib/x.py", "dist/kept.json", "inner/.env", "inner/tracked.py")
    git(tmp_path / "inner", "init", "-q")
    git(tmp_path / "inner", "add", "tracked.py")
    found = find(tmp_path)
    assert names(found) == [".git-not/x", "a.py", "dist/kept.json", "inner/.env", "inner/tracked.py", "sub/b.py"]
    assert found.files[1] == FoundFile("a.py", tracked=None)
    assert found.files[4] == FoundFile("inner/tracked.py", tracked=True)


def test_walk_honours_gitignore(tmp_path: Path) -> None:
    write(tmp_path, ".gitignore", text="*.log\n/out\n.env\n!keep.log\n")
    write(tmp_path, "sub/.gitignore", text="!special.log\n*.tmp\n")
    write(tmp_path, "a.log", "keep.log", "out/x", "sub/out/y", "sub/special.log", "sub/b.log", "sub/c.tmp", "sub/.env")
    found = find(tmp_path)
    assert names(found) == [".gitignore", "keep.log", "sub/.env", "sub/.gitignore", "sub/out/y", "sub/special.log"]
    assert [file.path for file in found.files if file.ignored_env] == ["sub/.env"]


@pytest.mark.parametrize("with_git", [True, False])
def test_links(tmp_path: Path, with_git: bool) -> None:
    root, outside = tmp_path / "r", tmp_path / "outside"
    write(root, "a.env", "sub/b.env")
    write(outside, "secret.env")
    (root / "same.env").symlink_to("a.env")
    (root / "loop").symlink_to(".")
    (root / "away.env").symlink_to(outside / "secret.env")
    (root / "away").symlink_to(outside)
    (root / "dangling.env").symlink_to("nothing")
    if with_git:
        git(root, "init", "-q")
        git(root, "add", "-A")
    found = find(root)
    assert names(found) == ["a.env", "sub/b.env"]
    assert {(skip.path, skip.reason) for skip in found.skipped} == {
        ("away", "outside-root"),
        ("away.env", "outside-root"),
        ("dangling.env", "not-regular"),
    }


def test_link_to_an_unlisted_file_inside(repository: Path) -> None:
    write(repository, ".gitignore", text="private/\n")
    write(repository, "private/x.env")
    (repository / "x.env").symlink_to("private/x.env")
    found = find(repository)
    assert names(found) == [".gitignore", "x.env"]
    assert discover.read(found.root, found.files[1], 100) == b"x\n"


def test_arguments(repository: Path, tmp_path: Path) -> None:
    write(repository, ".gitignore", text="*.env\n")
    write(repository, "a.py", "sub/b.py", "sub/c.py", "node_modules/p.json", "x.env")
    write(tmp_path, "elsewhere/.env")
    git(repository, "add", "a.py")
    assert names(find(repository, "sub", "a.py", "./a.py", "sub/b.py")) == ["a.py", "sub/b.py", "sub/c.py"]
    named = find(repository, "node_modules/p.json", "x.env", "a.py", "../elsewhere/.env")
    assert named.files == [
        FoundFile("../elsewhere/.env", tracked=None),
        FoundFile("a.py", tracked=True),
        FoundFile("node_modules/p.json", tracked=False),
        FoundFile("x.env", tracked=False, ignored_env=True),
    ]
    assert names(find(repository, "node_modules/p.json", "a.py", force_exclude=True)) == ["a.py"]
    assert discover.read(named.root, named.files[0], 100) == b"x\n"
    assert names(find(repository, "../elsewhere")) == ["../elsewhere/.env"]
    assert names(find(repository, config=Config(exclude=("sub", "node_modules"), extend_exclude=("*.env",)))) == [
        ".gitignore",
        "a.py",
    ]


def test_paths_through_a_directory_link(repository: Path, tmp_path: Path) -> None:
    write(tmp_path, "elsewhere/.env")
    (repository / "link").symlink_to(tmp_path / "elsewhere")
    assert names(find(repository, "link/.env")) == ["../elsewhere/.env"]


def test_project_root_and_start(tmp_path: Path) -> None:
    write(tmp_path, "p/neonlint.toml", "p/a/b/c.py", "q/x.env", text="")
    assert discover.project_root(tmp_path / "p/a/b") == tmp_path / "p"
    assert discover.project_root(tmp_path / "q") == tmp_path / "q"
    assert discover.start_directory([], tmp_path / "p/a") == tmp_path / "p/a"
    assert discover.start_directory(["../neonlint.toml", "../../q"], tmp_path / "p/a") == tmp_path / "p/a"
    assert discover.start_directory(["../q/x.env"], tmp_path / "p") == tmp_path / "q"
    assert discover.start_directory(["../q"], tmp_path / "p") == tmp_path / "q"


def test_read_refusals(tmp_path: Path) -> None:
    def read(name: str, limit: int = 1000) -> bytes | Skip:
        return discover.read(tmp_path, FoundFile(name), limit)

    def reason(name: str, limit: int = 1000) -> str:
        skip = read(name, limit)
        assert isinstance(skip, Skip)
        return skip.reason

    write(tmp_path, "a.env", text="12345")
    (tmp_path / "nul.bin").write_bytes(b"a\0b")
    (tmp_path / "utf16.env").write_bytes("A=1\n".encode("utf-16"))
    (tmp_path / "late.bin").write_bytes(b"a" * 9000 + b"\0")
    os.mkfifo(tmp_path / "fifo.env")
    (tmp_path / "null.env").symlink_to("/dev/null")
    (tmp_path / "self.env").symlink_to("self.env")
    assert read("a.env", 5) == b"12345"
    assert reason("a.env", 4) == "too-large"
    assert reason("nul.bin") == reason("nul.bin", 1) == "binary"
    assert reason("utf16.env") == "undecodable"
    assert read("late.bin", 10_000) == b"a" * 9000 + b"\0"
    assert reason("fifo.env") == "not-regular"
    assert reason("null.env") == "outside-root"
    assert reason("self.env") in {"unreadable", "outside-root"}
    assert reason("missing.env") == "unreadable"
    assert discover.read(Path("/proc/self"), FoundFile("status"), 100_000) != b""
    assert reason(".") == "not-regular"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_read_without_permission(tmp_path: Path) -> None:
    write(tmp_path, "a.env")
    (tmp_path / "a.env").chmod(0)
    skip = discover.read(tmp_path, FoundFile("a.env"), 100)
    assert isinstance(skip, Skip)
    assert (skip.reason, skip.detail) == ("unreadable", "permission denied")


def test_names_that_are_no_text(repository: Path) -> None:
    raw = os.fsencode(repository) + b"/b\xff\n\t.env"
    Path(os.fsdecode(raw)).write_bytes(b"A=1\n")
    write(repository, "--upload-pack=x.env", "ü.env")
    found = find(repository)
    assert names(found) == ["--upload-pack=x.env", "b\udcff\n\t.env", "ü.env"]
    assert discover.read(found.root, found.files[1], 100) == b"A=1\n"
    assert find(repository, "--upload-pack=x.env").files == [FoundFile("--upload-pack=x.env", tracked=False)]


def test_ten_thousand_files(repository: Path) -> None:
    for directory in range(200):
        write(repository, *(f"d{directory}/f{file}.py" for file in range(50)))
    git(repository, "add", "-A")
    best = min(_timed(lambda: find(repository)) for _ in range(3))
    alone = min(_timed(lambda: git(repository, "ls-files", "-ztsdco", "--exclude-standard")) for _ in range(3))
    assert len(find(repository).files) == 10_000
    assert best - alone < 0.3  # 20 ms on a quiet machine


def _timed(action: object) -> float:
    assert callable(action)
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
