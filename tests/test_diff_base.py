"""`--diff-base REF`: what was found where the branch began is old, wherever it stands now. Real git throughout."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from gitted import DISABLED, PASSWORD, Repository, disabled, good

from neonlint import discover_base, session, session_since
from neonlint.config import Config

LISTEN = 'import os\nimport psycopg\n\nc = psycopg.connect(os.environ["DATABASE_URL"])\nc.execute("LISTEN jobs")\n'
POOLED = good("DATABASE_URL").replace("a1b2c3d4", "a1b2c3d4-pooler")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """One with a finding on `main`, and a branch that begins there."""
    made = Repository.new(tmp_path / "r")
    made.stage("old.env", disabled("OLD_URL"))
    made.commit()
    made.git("checkout", "-q", "-b", "topic")
    return made


def test_an_old_finding_is_only_counted(repository: Repository) -> None:
    ran = repository.check("--diff-base", "main")
    assert (ran.status, ran.found, ran.summary["older"]) == (0, [], 1)
    assert repository.check().found == [("old.env", 1, "NL103")]


def test_a_new_finding_in_an_old_file(repository: Repository) -> None:
    repository.stage("old.env", "# moved down\n\n" + disabled("OLD_URL") + disabled("NEW_URL"))
    repository.commit()
    ran = repository.check("--diff-base", "main")
    assert (ran.status, ran.found, ran.summary["older"]) == (1, [("old.env", 4, "NL103")], 1)


@pytest.mark.parametrize("state", ["untracked", "staged", "committed"])
def test_a_new_file(repository: Repository, state: str) -> None:
    repository.write("new.env", disabled("NEW_URL"))
    if state != "untracked":
        repository.git("add", "new.env")
    if state == "committed":
        repository.commit()
    assert repository.check("--diff-base", "main").found == [("new.env", 1, "NL103")]


def test_a_git_ignored_env_file_is_new_because_nobody_knows(repository: Repository) -> None:
    repository.write(".gitignore", ".env\n")
    repository.write(".env", disabled("OLD_URL"))
    assert repository.check("--diff-base", "main").found == [(".env", 1, "NL103")]


def test_what_came_to_the_other_branch_later_is_not_old(repository: Repository) -> None:
    repository.git("checkout", "-q", "main")
    repository.stage("new.env", disabled("NEW_URL"))
    repository.commit()
    repository.git("checkout", "-q", "topic")
    repository.stage("new.env", disabled("NEW_URL"))
    repository.commit()
    assert repository.check("--diff-base", "main").found == [("new.env", 1, "NL103")]


def test_a_changed_host_is_new_and_a_rotated_password_is_not(tmp_path: Path) -> None:
    repository = Repository.new(tmp_path)
    repository.stage("a.env", f"A_URL={DISABLED}\n")
    repository.commit()
    repository.write("a.env", f"A_URL={DISABLED.replace(PASSWORD, PASSWORD + '2')}\n")
    ran = repository.check("--diff-base", "HEAD")
    assert (ran.found, ran.summary["older"]) == ([], 2)
    repository.write("a.env", f"A_URL={DISABLED.replace('a1b2c3d4', 'z1b2c3d4')}\n")
    assert [code for *_, code in repository.check("--diff-base", "HEAD").found] == ["NL103", "NL202"]


def test_a_line_that_was_taken_out_makes_a_finding(repository: Repository) -> None:
    """It stands on a line that nobody touched."""
    protected = "# neonlint: ignore[NL103] for now\n"
    repository.stage("b.env", protected + disabled("B_URL"))
    repository.commit()
    repository.write("b.env", disabled("B_URL"))
    assert repository.check("--diff-base", "HEAD").found == [("b.env", 1, "NL103")]


def test_a_finding_that_another_file_makes(repository: Repository) -> None:
    repository.stage("jobs.py", LISTEN)
    repository.stage("app.env", good("DATABASE_URL"))
    repository.commit()
    repository.write("app.env", POOLED)
    ran = repository.check("--diff-base", "HEAD")
    assert ran.found == [("jobs.py", 5, "NL401")]
    repository.git("add", ".")
    repository.commit()
    for paths in ([], ["jobs.py"]):  # what made it one is context, then as now
        ran = repository.check("--diff-base", "HEAD", *paths)
        assert (ran.found, ran.summary["older"]) == ([], 2 - len(paths))


def test_old_findings_are_counted_one_by_one(repository: Repository) -> None:
    """A second one that is equal to an old one is new."""
    repository.stage("c.py", f'import psycopg\npsycopg.connect("{DISABLED}")\n')
    repository.commit()
    before = repository.check("--diff-base", "HEAD").summary["older"]
    repository.write("c.py", f'import psycopg\npsycopg.connect("{DISABLED}")\npsycopg.connect("{DISABLED}")\n')
    ran = repository.check("--diff-base", "HEAD")
    assert {row for _, row, _ in ran.found} == {3}
    assert ran.summary["older"] == before


@pytest.mark.parametrize("more", ["", "\nA=1\nB=2\n"])
def test_a_renamed_file_keeps_its_age(repository: Repository, more: str) -> None:
    repository.stage("long.env", disabled("A_URL") + "".join(f"N{number}={number}\n" for number in range(20)))
    repository.commit()
    repository.git("mv", "long.env", "moved.env")
    repository.stage("moved.env", (repository.root / "moved.env").read_text() + more)
    ran = repository.check("--diff-base", "HEAD", "moved.env")
    assert (ran.found, ran.summary["older"]) == ([], 1)


def test_a_comment_that_became_needless(repository: Repository) -> None:
    repository.stage("b.env", "# neonlint: ignore[NL103] for now\n" + disabled("B_URL"))
    repository.stage("c.env", "# neonlint: ignore[NL103] never needed\nC=1\n")
    repository.commit()
    repository.write("b.env", "# neonlint: ignore[NL103] for now\n" + good("B_URL"))
    assert repository.check("--diff-base", "HEAD").found == [("b.env", 1, "NL901")]


def test_a_changed_configuration_makes_nothing_new(repository: Repository) -> None:
    repository.stage("neonlint.toml", 'ignore = ["NL103"]\n')
    repository.commit()
    repository.write("neonlint.toml", "")
    ran = repository.check("--diff-base", "HEAD")
    assert (ran.found, ran.summary["older"]) == ([], 1)


def test_together_with_a_baseline(repository: Repository) -> None:
    repository.stage("b.env", disabled("B_URL"))
    assert repository.neonlint("baseline", "create").status == 0
    repository.git("add", ".")
    repository.commit()
    repository.stage("c.env", disabled("C_URL"))
    repository.commit()
    repository.write("d.env", disabled("D_URL"))
    ran = repository.check("--diff-base", "HEAD", "--strict-baseline")
    assert ran.found == [("d.env", 1, "NL103")]
    assert (ran.summary["baselined"], ran.summary["older"]) == (2, 1)


def test_each_of_equal_findings_counts_once(repository: Repository) -> None:
    """The baseline lets one pass, one more was there at the beginning of the branch."""
    call = f'psycopg.connect("{DISABLED}")\n'
    repository.stage("c.py", f"import psycopg\n{call}")
    repository.neonlint("baseline", "create")
    repository.stage("c.py", f"import psycopg\n{call * 2}")
    repository.commit()
    repository.write("c.py", f"import psycopg\n{call * 3}")
    ran = repository.check("--diff-base", "HEAD", "--select", "NL103", "c.py")
    assert (ran.found, ran.summary["baselined"], ran.summary["older"]) == ([("c.py", 4, "NL103")], 1, 1)


def test_together_with_staged(repository: Repository) -> None:
    """Staged since HEAD, and new since `main`."""
    repository.stage("old.env", disabled("OLD_URL") + disabled("STAGED_URL"))
    repository.write("old.env", disabled("OLD_URL") + disabled("TREE_URL") * 2)
    repository.write("untracked.env", disabled("X_URL"))
    ran = repository.check("--staged", "--diff-base", "main")
    assert (ran.found, ran.summary["older"]) == ([("old.env", 2, "NL103")], 1)


def test_only_new_findings_are_repaired(repository: Repository) -> None:
    repository.write("old.env", disabled("OLD_URL") + disabled("NEW_URL"))
    shown = repository.neonlint("fix", "--unsafe-fixes", "--diff", "--diff-base", "main")
    assert "+NEW_URL" in shown.out
    assert "+OLD_URL" not in shown.out
    assert "1 older finding not shown (--diff-base)" in shown.err
    ran = repository.neonlint("fix", "--unsafe-fixes", "--diff-base", "main")
    assert "1 older finding not shown (--diff-base)" in ran.out
    old, new = (repository.root / "old.env").read_text().splitlines()
    assert old + "\n" == disabled("OLD_URL")
    assert "sslmode=disable" not in new


def test_comments_are_written_for_new_findings_only(repository: Repository) -> None:
    repository.write("old.env", disabled("OLD_URL") + disabled("NEW_URL"))
    repository.neonlint("check", "--add-ignore=later", "--diff-base", "main")
    comment = "# neonlint: ignore[NL103] later\n"
    assert (repository.root / "old.env").read_text() == disabled("OLD_URL") + comment + disabled("NEW_URL")


def test_standard_input(repository: Repository) -> None:
    """What an editor holds of a file, against the file where the branch began."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "neonlint", "check", "-", "--stdin-filename", "old.env"),
            *("--diff-base", "main", "--output-format", "json"),
        ],
        input=(disabled("OLD_URL") + disabled("NEW_URL")).encode(),
        cwd=repository.root,
        capture_output=True,
        check=False,
    )
    assert [one["location"]["row"] for one in json.loads(done.stdout)["diagnostics"]] == [2]


def test_a_project_below_the_top_of_the_repository(repository: Repository) -> None:
    repository.stage("shop/neonlint.toml", "")
    repository.stage("shop/a.env", disabled("A_URL"))
    repository.commit()
    repository.write("shop/a.env", disabled("A_URL") + disabled("B_URL"))
    ran = repository.check("--diff-base", "HEAD", cwd=repository.root / "shop")
    assert (ran.found, ran.summary["older"]) == ([("a.env", 2, "NL103")], 1)


@pytest.mark.parametrize("kind", ["full", "concise", "grouped", "markdown", "json-lines"])
def test_every_report_counts_them(repository: Repository, kind: str) -> None:
    ran = repository.neonlint("check", "--diff-base", "main", "--output-format", kind)
    assert ran.status == 0
    if kind == "json-lines":
        assert json.loads(ran.out)["summary"]["older"] == 1
    else:
        assert "no new findings; 1 older finding not shown (" in ran.out


def refused(repository: Repository, ref: str, *flags: str) -> str:
    ran = repository.neonlint("check", f"--diff-base={ref}", *flags)
    assert (ran.status, ran.out) == (2, "")
    return ran.err


@pytest.mark.parametrize("ref", ["nope", "-h", "--output=x", "", " ", "main..topic", "^main", "main:old.env", "v1~9"])
def test_a_ref_that_is_no_commit(repository: Repository, ref: str) -> None:
    said = refused(repository, ref)
    assert f"git has no commit `{ref}` here" in said
    assert "git fetch origin" in said
    assert not (repository.root / "x").exists()


def test_a_clone_that_is_too_shallow(repository: Repository, tmp_path: Path) -> None:
    for branch in ("main", "topic"):
        repository.git("checkout", "-q", branch)
        repository.stage(f"{branch}.env", good("A_URL"))
        repository.commit()
    shallow = ("--depth", "1", "--no-single-branch", "-b", "topic")
    repository.git("clone", "-q", *shallow, f"file://{repository.root}", str(tmp_path / "shallow"))
    clone = Repository(tmp_path / "shallow")
    said = refused(clone, "origin/main")
    assert "too shallow" in said
    assert "git fetch --unshallow" in said
    assert "fetch-depth: 0" in said
    clone.git("fetch", "-q", "--unshallow")
    assert clone.check("--diff-base", "origin/main").summary["older"] == 1


def test_a_clone_without_the_old_content(repository: Repository, tmp_path: Path) -> None:
    """It would be fetched by any other git command, with the programs that the repository's remote names."""
    repository.stage("old.env", disabled("NEW_URL"))
    repository.commit()
    repository.git("config", "uploadpack.allowFilter", "true")
    address = f"file://{repository.root}"
    repository.git("clone", "-q", "--filter=blob:none", "-b", "topic", address, str(tmp_path / "partial"))
    clone = Repository(tmp_path / "partial")
    assert "old.env cannot be read as it was: git does not have its content here" in refused(clone, "origin/main")
    assert clone.git("show", "origin/main:old.env") + "\n" == disabled("OLD_URL")
    assert clone.check("--diff-base", "origin/main").found == [("old.env", 1, "NL103")]


def test_branches_without_a_common_commit(repository: Repository) -> None:
    repository.git("checkout", "-q", "--orphan", "other")
    repository.commit()
    assert "have no commit in common" in refused(repository, "main")


def test_before_the_first_commit(tmp_path: Path) -> None:
    assert "nothing was committed here yet" in refused(Repository.new(tmp_path), "main")


def test_outside_of_git(tmp_path: Path) -> None:
    assert "in no git repository; leave --diff-base out" in refused(Repository(tmp_path), "main")


def test_a_list_of_files_is_neither_new_nor_old(repository: Repository) -> None:
    assert "leave --diff-base out" in refused(repository, "main", "--show-files")


def test_git_is_asked_for_the_past_only_if_something_is_found(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discover_base, "files_at", lambda *_: pytest.fail("the past was read"))
    repository.write("old.env", good("OLD_URL"))
    work = session.open_session(["."], Config(), repository.root)
    assert not session.judge(session_since.since(work, "main")).report.findings
