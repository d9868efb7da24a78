"""`neonlint baseline` and what `check` and `fix` make of it, as processes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Neonlint = Callable[..., Any]
URL = "postgresql://app:{}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db"
FILE = ".neonlint-baseline.toml"


def test_adopting(project: Path, neonlint: Neonlint, golden: Callable[[str, str], None]) -> None:
    """Old findings pass, a rotated password changes nothing, a new finding fails, and what is mended is pruned."""
    assert neonlint("check").status == 1
    created = neonlint("baseline", "create")
    assert (created.status, created.err) == (0, "")
    assert "CanaryPw42" not in (project / FILE).read_text()
    assert neonlint("check", "--strict-baseline").status == 0
    assert "; 1 baselined" in neonlint("check").out
    (project / ".env").write_text(f"# moved\n\nDATABASE_URL={URL.format('rotated-and-longer')}\n")
    assert neonlint("check", "--strict-baseline").status == 0
    assert neonlint("check", "--no-baseline").status == 1
    (project / "new.env").write_text(f"DATABASE_URL={URL.format('x')}\n")
    assert neonlint("check").status == 1
    assert neonlint("check", ".env").status == 0
    (project / "new.env").unlink()
    (project / ".env").write_text("A=1\n")
    stale = neonlint("check", "--strict-baseline", "--output-format", "concise")
    assert stale.status == 1
    pruned = neonlint("baseline", "prune")
    shown = "".join([created.out, stale.out.partition("Checked")[0], pruned.out])
    golden("baseline.txt", shown)
    text = (project / FILE).read_bytes()
    assert neonlint("baseline", "prune").status == 0
    assert (project / FILE).read_bytes() == text
    assert neonlint("check", "--strict-baseline").status == 0


def test_show(project: Path, neonlint: Neonlint) -> None:
    neonlint("baseline", "create")
    assert neonlint("baseline", "show").out.startswith(".env: sslmode-missing `DATABASE_URL`\n\n")
    (entry,) = neonlint("baseline", "show", "--output-format", "json").json["findings"]
    assert entry["path"] == ".env"
    assert entry["count"] == 1


def test_an_existing_one_is_kept_unless_forced(project: Path, neonlint: Neonlint) -> None:
    (project / FILE).write_text("<<<<<<< mine\n")
    assert neonlint("check").status == 2
    assert neonlint("baseline", "create").status == 2
    assert neonlint("baseline", "create", "--force").status == 0
    assert neonlint("check").status == 0


def test_another_place(project: Path, neonlint: Neonlint) -> None:
    (project / "policy").mkdir()
    (project / "policy" / "neonlint.toml").write_text('baseline = "old.toml"\n')
    flags = ("--config", "policy/neonlint.toml")
    assert neonlint("baseline", "create", "--baseline", "policy/old.toml").status == 0
    assert neonlint("check").status == 1
    assert neonlint("check", *flags).status == 0
    assert neonlint("check", "--baseline", "policy/old.toml").status == 0
    assert neonlint("check", "--baseline", "../old.toml", cwd=project / "policy").status == 2
    assert neonlint("check", "--baseline", "nowhere.toml").status == 2
    assert neonlint("check", *flags, "--no-baseline").status == 1


def test_nothing_to_write_down(project: Path, neonlint: Neonlint) -> None:
    (project / ".env").write_text("A=1\n")
    assert "no baseline is needed" in neonlint("baseline", "create").out
    assert not (project / FILE).exists()


def test_fix_and_check_never_write_it(project: Path, neonlint: Neonlint) -> None:
    neonlint("baseline", "create")
    before = (project / FILE).read_bytes(), (project / ".env").read_bytes()
    assert neonlint("fix", "--unsafe-fixes").status == 0
    assert neonlint("fix", "--unsafe-fixes", "--diff").out == ""
    assert ((project / FILE).read_bytes(), (project / ".env").read_bytes()) == before
    assert neonlint("fix", "--unsafe-fixes", "--no-baseline").status == 0
    assert (project / FILE).read_bytes() == before[0]
    assert (project / ".env").read_bytes() != before[1]


def test_from_a_subdirectory(project: Path, neonlint: Neonlint) -> None:
    (project / "web").mkdir()
    assert neonlint("baseline", "create", cwd=project / "web").status == 0
    assert (project / FILE).exists()
    assert neonlint("check", "..", cwd=project / "web").status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("baseline",),
        ("baseline", "grow"),
        ("baseline", "prune", "--force"),
        ("baseline", "move", "a.env"),
        ("baseline", "move", "a.env", "b.env"),
        ("baseline", "prune", "a.env"),
        ("baseline", "show"),
        ("baseline", "prune"),
        ("check", "--no-baseline", "--strict-baseline"),
    ],
)
def test_wrong_usage(project: Path, neonlint: Neonlint, arguments: tuple[str, ...]) -> None:
    ran = neonlint(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_a_hostile_file(project: Path, neonlint: Neonlint) -> None:
    """What stands in the file is shown like any text of a repository: without control characters and passwords."""
    entry = {"path": "a\x1b]0;x\x07", "rule": "r", "key": URL.format("CanaryPw42"), "fingerprint": "f", "count": 1}
    lines = [f"{key} = {json.dumps(value)}" for key, value in entry.items()]
    (project / FILE).write_text("\n".join(["version = 1", "[[finding]]", *lines, ""]))
    for arguments in (("baseline", "show"), ("check", "--strict-baseline"), ("baseline", "prune")):
        ran = neonlint(*arguments)
        assert "\x1b" not in ran.out + ran.err
        assert "CanaryPw42" not in ran.out + ran.err


def test_a_hook_of_pre_commit_size(project: Path, neonlint: Neonlint) -> None:
    """Named files of a project with a baseline, of which one is gone."""
    neonlint("baseline", "create")
    subprocess.run(["git", "add", "-A"], cwd=project, check=True)
    assert neonlint("check", "--force-exclude", ".env", PRE_COMMIT="1").status == 1, "tracked now: NL202 is new"


def test_add_ignore(project: Path, neonlint: Neonlint) -> None:
    (project / "conf.json").write_text(f'{{\n  "url": "{URL.format("CanaryPw42")}"\n}}\n')
    before = (project / ".env").read_text()
    ran = neonlint("check", "--add-ignore=agreed with the owner", ".", "--output-format", "concise")
    text = (project / ".env").read_text()
    assert text == "# neonlint: ignore[NL101] agreed with the owner\n" + before
    assert "conf.json:2: no comment can stand here for NL101" in ran.err
    assert "CanaryPw42" not in ran.out + ran.err
    assert ran.status == 1
    (project / "conf.json").unlink()
    assert neonlint("check", "--add-ignore", ".").status == 0, "a path is no reason"
    assert (project / ".env").read_text() == text
    assert neonlint("check", "--no-ignores").status == 1


def test_add_ignore_says_what_it_could_not_write(project: Path, neonlint: Neonlint) -> None:
    (project / ".env").chmod(0o444)
    ran = neonlint("check", "--add-ignore=why", "--fail-on", "never")
    assert ran.status == 2
    assert "1 file checked, but not written:\n  .env: the file is read-only\n" in ran.out
    assert "comments for 0 findings in 0 files were written" in ran.err


def test_add_ignore_in_the_shell_text_of_a_workflow(project: Path, neonlint: Neonlint) -> None:
    (project / ".env").unlink()
    workflow = project / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    url = URL.format("CanaryPw42")
    steps = f"      - run: |\n          set -e\n          psql '{url}' -c 'select 1'\n      - run: psql '{url}'\n"
    workflow.write_text(f"on: push\njobs:\n  a:\n    steps:\n{steps}")
    assert neonlint("check", "--add-ignore=as agreed").status == 0
    text, comment = workflow.read_text(), "# neonlint: ignore[NL101, NL201] as agreed\n"
    assert text.count(comment) == 2
    assert (
        f"          set -e\n          {comment}          psql" in text and f"      {comment}      - run: psql" in text
    )
    assert neonlint("check", "--no-ignores").status == 1
    workflow.write_text(text.replace("NL101, ", "NL101, NL302, "))
    ran = neonlint("fix", "--output-format", "concise")
    assert ran.status == 0 and workflow.read_text() == text


def test_add_ignore_wants_a_reason_where_reasons_are_required(project: Path, neonlint: Neonlint) -> None:
    (project / "neonlint.toml").write_text("require-reason = true\n")
    before = (project / ".env").read_bytes()
    for flags in ([], ["--fix"], ["--diff"], ["--no-ignores"]):
        ran = neonlint("check", "--add-ignore", *flags)
        assert (ran.status, ran.out) == (2, "")
    assert (project / ".env").read_bytes() == before
    assert neonlint("check", "--add-ignore=agreed").status == 0


def test_what_is_no_longer_needed_is_removed_with_the_defect(project: Path, neonlint: Neonlint) -> None:
    """One run repairs the finding that no comment covers, and takes out the comment that covers nothing."""
    (project / ".env").write_text(f"# neonlint: ignore[NL302] old\nDATABASE_URL={URL.format('x')}\n")
    diff = neonlint("fix", "--unsafe-fixes", "--diff").out
    assert "-# neonlint: ignore[NL302] old\n" in diff
    assert neonlint("fix", "--unsafe-fixes").status == 0
    assert "neonlint" not in (project / ".env").read_text()
