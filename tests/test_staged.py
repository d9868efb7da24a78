"""`neonlint check --staged`: what the next commit will hold, whatever the work tree holds. Real git throughout."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from gitted import DISABLED, Repository, disabled, good
from hypothesis import given, settings
from hypothesis import strategies as st

from neonlint import discover_objects, discover_staged, discover_unchanged, session, session_staged
from neonlint.config import Config
from neonlint.ir.findings import Skip
from neonlint.session import Session

CODE = 'import pg from "pg";\nexport const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });\n'
LISTEN = 'import os\nimport psycopg\n\nc = psycopg.connect(os.environ["DATABASE_URL"])\nc.execute("LISTEN jobs")\n'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """One with a commit."""
    made = Repository.new(tmp_path / "r")
    made.stage("old.env", disabled("OLD_URL"))
    made.commit()
    return made


def test_only_what_is_staged_is_judged(repository: Repository) -> None:
    repository.stage("new.env", disabled("NEW_URL"))
    repository.write("untracked.env", disabled("LATER_URL"))
    ran = repository.check("--staged")
    assert ran.found == [("new.env", 1, "NL103")]
    assert (ran.status, ran.summary["files_checked"]) == (1, 1)


def test_the_index_counts_not_the_work_tree(repository: Repository) -> None:
    repository.stage("a.env", disabled("A_URL"))
    repository.write("a.env", good("A_URL"))
    repository.stage("b.env", good("B_URL"))
    repository.write("b.env", disabled("B_URL"))
    assert repository.check("--staged").found == [("a.env", 1, "NL103")]


def test_a_file_that_only_the_index_has(repository: Repository) -> None:
    repository.stage("a.env", disabled("A_URL"))
    (repository.root / "a.env").unlink()
    assert repository.check("--staged").found == [("a.env", 1, "NL103")]


def test_before_the_first_commit_everything_is_staged(tmp_path: Path) -> None:
    repository = Repository.new(tmp_path)
    repository.stage("a.env", disabled("A_URL"))
    repository.stage("b.env", disabled("B_URL"))
    assert repository.check("--staged").found == [("a.env", 1, "NL103"), ("b.env", 1, "NL103")]


def test_sha256(tmp_path: Path) -> None:
    repository = Repository.new(tmp_path, "--object-format=sha256")
    repository.stage("a.env", disabled("A_URL"))
    repository.write("a.env", good("A_URL"))
    assert repository.check("--staged").found == [("a.env", 1, "NL103")]


def test_nothing_is_staged(repository: Repository) -> None:
    ran = repository.check("--staged")
    assert (ran.status, ran.found, ran.summary["files_checked"]) == (0, [], 0)
    assert "no staged files were checked; `neonlint check --staged --show-files` lists what would be" in ran.err


def test_deleted_and_renamed(repository: Repository) -> None:
    repository.stage("gone.env", disabled("GONE_URL"))
    repository.commit()
    repository.git("rm", "-q", "gone.env")
    repository.git("mv", "old.env", "moved.env")
    ran = repository.check("--staged")
    assert (ran.status, ran.found, ran.skipped) == (1, [("moved.env", 1, "NL103")], {})


def test_a_file_that_is_only_meant_to_be_added(repository: Repository) -> None:
    repository.write("later.env", disabled("LATER_URL"))
    repository.git("add", "--intent-to-add", "later.env")
    assert repository.check("--staged").summary["files_checked"] == 0


def test_links_and_submodules_are_named(repository: Repository, tmp_path: Path) -> None:
    other = Repository.new(tmp_path / "other")
    other.stage("x.env", disabled("X_URL"))
    other.commit()
    (repository.root / "link.env").symlink_to("old.env")
    repository.git("add", "link.env")
    repository.git("submodule", "add", "-q", str(other.root), "sub")
    ran = repository.check("--staged")
    assert ran.skipped == {"link.env": "not-regular", "sub": "not-regular"}
    assert (ran.status, ran.found) == (0, [])


def test_a_file_that_becomes_a_link(repository: Repository) -> None:
    repository.stage("a.env", good("A_URL"))
    repository.commit()
    (repository.root / "a.env").unlink()
    (repository.root / "a.env").symlink_to("old.env")
    repository.git("add", "a.env")
    assert repository.check("--staged").skipped == {"a.env": "not-regular"}


def test_a_merge_conflict_is_no_clean_run(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "topic")
    repository.stage("old.env", disabled("TOPIC_URL"))
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.stage("old.env", disabled("MAIN_URL"))
    repository.commit()
    with pytest.raises(AssertionError):  # git merge fails
        repository.git("merge", "-q", "topic")
    ran = repository.check("--staged")
    assert (ran.status, ran.skipped) == (2, {"old.env": "unmerged"})


@pytest.mark.parametrize("name", ["new\nline.env", 'quote".env', "-dash.env", "tab\t.env", "bl ank/ä.env", "[x]*.env"])
def test_odd_names(repository: Repository, name: str) -> None:
    repository.stage(name, disabled("A_URL"))
    repository.write(name, good("A_URL"))
    assert repository.check("--staged").found == [(name, 1, "NL103")]
    assert repository.check("--staged", "--", name).found == [(name, 1, "NL103")]


def test_a_name_that_is_no_text(repository: Repository) -> None:
    name = os.fsdecode(b"caf\xe9.env")
    repository.stage(name, disabled("A_URL"))
    assert [(row, code) for _, row, code in repository.check("--staged").found] == [(1, "NL103")]


def test_paths_limit_it(repository: Repository) -> None:
    for name in ("a.env", "sub/b.env", "sub/deep/c.env", "subway/d.env"):
        repository.stage(name, disabled("A_URL"))

    def found(*paths: str, cwd: str = ".") -> list[str]:
        return [path for path, *_ in repository.check("--staged", *paths, cwd=repository.root / cwd).found]

    assert found("sub") == ["sub/b.env", "sub/deep/c.env"]
    assert found("a.env", "sub/deep") == ["a.env", "sub/deep/c.env"]
    assert found(cwd="sub") == ["sub/b.env", "sub/deep/c.env"]
    assert found("../a.env", cwd="sub") == ["a.env"]
    assert found("old.env") == []


def test_excludes_hold_for_named_files_only_if_forced(repository: Repository) -> None:
    repository.write("neonlint.toml", 'extend-exclude = ["legacy/"]\n')
    repository.stage("legacy/a.env", disabled("A_URL"))
    assert repository.check("--staged").found == []
    assert repository.check("--staged", "legacy/a.env").found == [("legacy/a.env", 1, "NL103")]
    assert repository.check("--staged", "--force-exclude", "legacy/a.env").found == []


def test_a_project_below_the_top_of_the_repository(repository: Repository) -> None:
    repository.write("shop/neonlint.toml", "")
    repository.stage("shop/a.env", disabled("A_URL"))
    repository.stage("b.env", disabled("B_URL"))
    ran = repository.check("--staged", cwd=repository.root / "shop")
    assert ran.found == [("a.env", 1, "NL103")]
    both = repository.check("--staged", ".", "../b.env", cwd=repository.root / "shop")
    assert both.found == [("../b.env", 1, "NL103"), ("a.env", 1, "NL103")]


def test_the_rest_of_the_commit_is_the_context(repository: Repository) -> None:
    """What LISTEN goes through is said in a file that differs in the work tree, or is not in git at all."""
    pooled = good("DATABASE_URL").replace("a1b2c3d4", "a1b2c3d4-pooler")
    repository.stage("app.env", pooled)
    repository.commit()
    repository.write("app.env", good("DATABASE_URL"))
    repository.write("other.env", pooled.replace("DATABASE_URL", "OTHER_URL"))
    repository.stage("jobs.py", LISTEN)
    repository.stage("other.py", LISTEN.replace("DATABASE_URL", "OTHER_URL"))
    staged = {path for path, _, code in repository.check("--staged").found if code == "NL401"}
    tree = {path for path, _, code in repository.check("jobs.py", "other.py").found if code == "NL401"}
    assert (staged, tree) == ({"jobs.py"}, {"other.py"})


def test_git_ignored_env_files_are_context(repository: Repository) -> None:
    repository.stage(".gitignore", ".env\n")
    repository.commit()
    repository.write(".env", f"DATABASE_URL={DISABLED}\n")
    repository.stage("package.json", '{"dependencies": {"pg": "8.16.0"}}\n')
    repository.stage("db.ts", CODE)
    snapshot = discover_staged.discover_staged([], Config(), root=repository.root, cwd=repository.root)
    assert [file.path for file in snapshot.files.files] == ["db.ts", "package.json"]
    assert {file.path: (file.tracked, file.ignored_env) for file in snapshot.rest()} == {
        ".env": (False, True),
        ".gitignore": (True, False),
        "db.ts": (True, False),
        "old.env": (True, False),
        "package.json": (True, False),
    }


def test_a_sparse_work_tree(repository: Repository) -> None:
    repository.stage("in/a.env", good("A_URL"))
    repository.stage("out/db.ts", CODE)
    repository.commit()
    repository.git("sparse-checkout", "init", "--cone", "--sparse-index")
    repository.git("sparse-checkout", "set", "in")
    repository.stage("in/a.env", disabled("A_URL"))
    staged = discover_staged.discover_staged([], Config(), root=repository.root, cwd=repository.root)
    assert not (repository.root / "out").exists()
    assert [file.path for file in staged.files.files] == ["in/a.env"]
    assert "out/db.ts" in {file.path for file in staged.rest()}
    assert staged.snapshot["out/db.ts"] == CODE.encode()


def test_what_is_not_read_has_the_reasons_of_files(repository: Repository) -> None:
    repository.write("large.env", disabled("A_URL") * 20_000)
    (repository.root / "binary.env").write_bytes(b"A=\0\n")
    (repository.root / "wide.env").write_bytes("A=b\n".encode("utf-16"))
    repository.git("add", ".")
    for name in ("large.env", "binary.env", "wide.env"):
        repository.write(name, "")  # so that none is read from the work tree
    ran = repository.check("--staged")
    assert ran.skipped == {"binary.env": "binary", "large.env": "too-large", "wide.env": "undecodable"}


def test_a_repository_without_its_objects(repository: Repository) -> None:
    """As in a partial clone: nothing is fetched, and the run does not pass."""
    repository.stage("a.env", disabled("A_URL"))
    name = repository.git("rev-parse", ":a.env")
    repository.write("a.env", good("A_URL"))
    (repository.root / ".git" / "objects" / name[:2] / name[2:]).unlink()
    ran = repository.check("--staged")
    assert (ran.status, ran.skipped) == (2, {"a.env": "unreadable"})


def test_an_object_that_is_replaced_on_this_machine(repository: Repository) -> None:
    repository.stage("a.env", disabled("A_URL"))
    name = repository.git("rev-parse", ":a.env")
    repository.write("a.env", good("A_URL"))
    repository.git("replace", name, repository.git("hash-object", "-w", "a.env"))
    assert repository.check("--staged").found == [("a.env", 1, "NL103")]


def test_line_ends_that_git_normalises(repository: Repository) -> None:
    repository.git("config", "core.autocrlf", "true")
    (repository.root / "a.env").write_bytes(disabled("A_URL").replace("\n", "\r\n").encode())
    repository.git("add", "a.env")
    assert repository.check("--staged").found == [("a.env", 1, "NL103")]


def test_a_pointer_of_large_file_storage_is_what_is_committed(repository: Repository) -> None:
    """The filter's name is all that git-lfs needs to be: its pointer is a text file."""
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12\n"
    repository.stage("big.env", pointer)
    repository.write("big.env", disabled("A_URL"))
    ran = repository.check("--staged")
    assert (ran.status, ran.found, ran.summary["files_checked"]) == (0, [], 1)


def test_no_program_of_the_repository_runs(repository: Repository) -> None:
    """Git would run the filter to compare a file that is as young as the index."""
    trap = repository.root / "trap"
    repository.stage("a.env", disabled("A_URL"))
    repository.stage("db.ts", CODE)
    repository.commit()
    repository.stage("a.env", good("A_URL") + disabled("B_URL"))
    repository.write(".gitattributes", "* filter=x diff=x\n")
    for setting in ("filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.textconv", "diff.x.command"):
        repository.git("config", setting, f"touch '{trap}'; cat")
    for setting in ("core.fsmonitor", "diff.external", "core.pager", "core.sshCommand"):
        repository.git("config", setting, f"touch '{trap}'")
    repository.write("db.ts", CODE + "\n")
    os.utime(repository.root / ".git" / "index")
    for flags in (["--staged"], ["--diff-base", "HEAD"], ["--staged", "--diff-base", "HEAD"]):
        assert repository.check(*flags).status == 1
    assert not trap.exists()
    os.utime(repository.root / ".git" / "index")
    repository.git("diff-files")
    assert trap.exists()


def hook(repository: Repository, said: Path, where: str = ".") -> None:
    """Make neonlint the repository's pre-commit hook, which writes down what it said."""
    path = repository.root / ".git" / "hooks" / "pre-commit"
    path.parent.mkdir(exist_ok=True)
    command = f'"{sys.executable}" -m neonlint check --staged --output-format concise -q --exit-zero'
    path.write_text(f'#!/bin/sh\ncd "{where}" && {command} > "{said}"\n')
    path.chmod(0o755)


def test_the_index_of_a_commit_that_is_being_made(repository: Repository, tmp_path: Path) -> None:
    """`git commit FILE` and `git commit --all` make a commit of another index than the repository's own."""
    said = tmp_path / "said"
    for name in ("a.env", "b.env", "c.env"):
        repository.stage(name, good("X_URL"))
    repository.commit()
    hook(repository, said)
    repository.stage("a.env", disabled("A_URL"))
    repository.write("b.env", disabled("B_URL"))
    repository.git("commit", "-q", "-m", "one", "b.env")
    assert said.read_text().startswith("b.env:1:1: error NL103")
    assert "a.env" not in said.read_text()
    repository.write("c.env", disabled("C_URL"))
    repository.git("commit", "-q", "-a", "-m", "all")
    assert [line.partition(":")[0] for line in said.read_text().splitlines()] == ["a.env", "c.env"]
    repository.stage("a.env", disabled("D_URL"))
    repository.git("commit", "-q", "-m", "plain")
    assert said.read_text().startswith("a.env:1:1: error NL103")


def test_a_hook_in_a_linked_work_tree(repository: Repository, tmp_path: Path) -> None:
    said = tmp_path / "said"
    repository.git("worktree", "add", "-q", str(tmp_path / "w"))
    hook(repository, said)
    linked = Repository(tmp_path / "w")
    linked.write("old.env", disabled("NEW_URL"))
    linked.git("commit", "-q", "-a", "-m", "all")
    assert said.read_text().startswith("old.env:1:1: error NL103")


def test_the_index_of_another_repository_does_not_count(repository: Repository, tmp_path: Path) -> None:
    other = Repository.new(tmp_path / "other")
    other.stage("x.env", disabled("X_URL"))
    repository.stage("a.env", disabled("A_URL"))
    ran = repository.check("--staged", GIT_INDEX_FILE=str(other.root / ".git" / "index"))
    assert ran.found == [("a.env", 1, "NL103")]
    assert "GIT_INDEX_FILE names an index outside of this repository" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["fix", "--staged"],
        ["fix", "--staged", "--diff"],
        ["check", "--staged", "--fix"],
        ["check", "--staged", "--diff"],
        ["check", "--staged", "--add-ignore"],
        ["check", "--staged", "-"],
    ],
)
def test_nothing_is_written_to_the_index(repository: Repository, arguments: list[str]) -> None:
    ran = repository.neonlint(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("neonlint: error: --staged ")


def test_outside_of_git(tmp_path: Path) -> None:
    ran = Repository(tmp_path).check("--staged")
    assert ran.status == 2
    assert "in no git repository; leave --staged out" in ran.err


def test_a_repository_that_git_refuses(repository: Repository) -> None:
    (repository.root / ".git" / "HEAD").write_text("nonsense\n")
    ran = repository.check("--staged")
    assert ran.status == 2
    assert "--staged: git could not be asked" in ran.err


def test_show_files(repository: Repository) -> None:
    repository.stage("a.env", disabled("A_URL"))
    (repository.root / "a.env").unlink()
    (repository.root / "b.env").write_bytes(b"A=\0\n")
    repository.git("add", "b.env")
    ran = repository.neonlint("check", "--staged", "--show-files")
    assert ran.out == "a.env\nnot checked: b.env: binary: holds NUL bytes\n"


def test_the_baseline_and_comments_hold(repository: Repository) -> None:
    repository.stage("a.env", disabled("A_URL"))
    assert repository.neonlint("baseline", "create").status == 0
    repository.stage("a.env", disabled("A_URL") + "# neonlint: ignore[NL103] a test\n" + disabled("B_URL"))
    repository.write("a.env", "")
    ran = repository.check("--staged")
    assert (ran.status, ran.found) == (0, [])
    assert (ran.summary["baselined"], ran.summary["suppressed"]) == (1, 1)


def test_many_files_that_differ(tmp_path: Path) -> None:
    """So many that several processes read them, each with a git of its own; also of the context, for which one runs
    already."""
    repository = Repository.new(tmp_path)
    for number in range(700):
        repository.write(f"{number:03}.env", POOLED.replace("DATABASE", f"N{number}"))
        repository.write(f"code/{number:03}.py", LISTEN.replace("DATABASE", f"N{number}"))
    repository.git("add", "*.env")
    repository.commit()
    repository.git("add", "code")
    for number in range(0, 700, 2):
        repository.write(f"{number:03}.env", "")
        repository.write(f"code/{number:03}.py", "")
    ran = repository.check("--staged")
    assert [path for path, _, code in ran.found if code == "NL401"] == [f"code/{n:03}.py" for n in range(700)]


LINES = st.lists(st.sampled_from([disabled("A_URL"), good("A_URL"), disabled("B_URL"), "PORT=1\n"]), max_size=3)
CODES = st.sampled_from([LISTEN, LISTEN.replace("LISTEN jobs", "SELECT 1"), "import os\n"])
POOLED = good("DATABASE_URL").replace("a1b2c3d4", "a1b2c3d4-pooler")
STATE = st.fixed_dictionaries(
    {},
    optional={
        "a.env": LINES.map("".join),
        "sub/b.env": LINES.map("".join),
        "app.env": st.sampled_from([POOLED, good("DATABASE_URL")]),
        "jobs.py": CODES,
        "sub/more.py": CODES,
    },
)


def become(repository: Repository, state: dict[str, str]) -> None:
    """Make the files of the work tree those of `state`."""
    for path in ("a.env", "sub/b.env", "app.env", "jobs.py", "sub/more.py"):
        if path in state:
            repository.write(path, state[path])
        else:
            (repository.root / path).unlink(missing_ok=True)


def found(work: Session) -> list[tuple[str, int, str]]:
    return [(one.path, one.row, one.code) for one in session.judge(work).report.findings]


@settings(max_examples=25)
@given(head=STATE, index=STATE, tree=STATE)
def test_it_says_what_a_check_of_the_commit_would(
    head: dict[str, str], index: dict[str, str], tree: dict[str, str]
) -> None:
    """The files that the commit changes, in a clone that is just that commit."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository.new(Path(folder) / "r")
        for state in (head, index):
            become(repository, state)
            repository.git("add", "-A")
            if state is head:
                repository.commit()
        become(repository, tree)
        staged = found(session_staged.open_staged([], Config(), repository.root))
        repository.commit()
        repository.git("clone", "-q", ".", "../clone")
        changed = [path for path, text in index.items() if head.get(path) != text]
        clone = Path(folder) / "clone"
        assert staged == (found(session.open_session(changed, Config(), clone)) if changed else [])


def test_other_runs_pay_nothing_for_it(repository: Repository) -> None:
    code = 'import sys; from neonlint import cli; cli.main(["check", "-q", "-e", "old.env"]); print(*sys.modules)'
    done = subprocess.run([sys.executable, "-c", code], cwd=repository.root, capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "neonlint.discover_git" in modules
    ours = ("session_staged", "session_since", "discover_staged", "discover_base", "discover_snapshot")
    assert not {f"neonlint.{name}" for name in (*ours, "discover_objects", "discover_unchanged")} & modules


def test_an_object_is_named_as_git_names_it(repository: Repository) -> None:
    repository.stage("a", "text\n")
    name = repository.git("rev-parse", ":a")
    assert discover_objects.name_of(b"text\n", like=name) == name
    assert discover_objects.name_of(b"", like=name, kind="tree") == repository.git(
        "hash-object", "-t", "tree", os.devnull
    )


def test_a_large_object_is_not_read_and_the_next_one_is(repository: Repository) -> None:
    repository.stage("a", "x" * 5000)
    repository.stage("b", "y\n")
    objects = discover_objects.Objects(str(repository.root))
    large = objects.read(repository.git("rev-parse", ":a"), "a", 4999)
    assert isinstance(large, Skip)
    assert large.reason == "too-large"
    assert objects.read(repository.git("rev-parse", ":b"), "b", 4999) == b"y\n"
    assert objects.read(repository.git("rev-parse", ":a"), "a", 5000) == b"x" * 5000
    objects.close()


def test_git_vouches_for_what_was_not_touched(repository: Repository) -> None:
    for name in ("same", "touched", "changed", "gone"):
        repository.stage(name, "1\n")
    os.utime(repository.root / ".git" / "index", (2_000_000_000, 2_000_000_000))
    (repository.root / "touched").touch()
    repository.write("changed", "2\n")
    (repository.root / "gone").unlink()
    notes = discover_unchanged.Notes(str(repository.root))
    notes.take()
    name = repository.git("rev-parse", ":same")
    vouched = [path for path in ("same", "touched", "changed", "gone") if notes.vouch_for(path, "100644", name)]
    assert vouched == ["same"]
    assert not notes.vouch_for("same", "100644", name[::-1])


def test_git_vouches_for_nothing_as_young_as_its_index(repository: Repository) -> None:
    repository.stage("a", "1\n")
    os.utime(repository.root / ".git" / "index", (1, 1))
    notes = discover_unchanged.Notes(str(repository.root))
    notes.take()
    assert not notes.vouch_for("a", "100644", repository.git("rev-parse", ":a"))
