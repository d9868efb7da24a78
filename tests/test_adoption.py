"""A repository that has lived without neonlint takes it in: with three commands, real git and real pre-commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hooked import git, hook_source
from legacy import PASSWORD, ROTATED, files, write

from neonlint import init_config

#: How many findings the repository has when it begins.
FOUND = 40
BASELINE = ".neonlint-baseline.toml"
NEW_HOST = "ep-new-reef-a4b8c2d7.us-east-2.aws.neon.tech"


class Ran(NamedTuple):
    """How a command ended, and all that it said."""

    status: int
    said: str

    @property
    def found(self) -> list[tuple[str, str]]:
        """The rules and places that a report names."""
        return re.findall(r"^(?:error|warning|info)\[(NL\d+) .*\n\s*--> (\S+)$", self.said, re.MULTILINE)


class Repository(NamedTuple):
    """A work tree, and the environment in which people work on it."""

    root: Path
    environment: dict[str, str]

    def run(self, *command: str) -> Ran:
        done = subprocess.run(
            command, cwd=self.root, env=self.environment, check=False, text=True, stdout=-1, stderr=subprocess.STDOUT
        )
        assert PASSWORD not in done.stdout
        assert ROTATED not in done.stdout
        return Ran(done.returncode, done.stdout)

    def neonlint(self, *arguments: str) -> Ran:
        return self.run(sys.executable, "-m", "neonlint", *arguments)

    def commit(self) -> Ran:
        """Commit everything, as a person does."""
        git(self.root, "add", "-A")
        return self.run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-m", "a change")

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text
        (self.root / path).write_text(text.replace(old, new, 1))

    def copy(self, to: Path) -> Repository:
        shutil.copytree(self.root, to, symlinks=True)
        return Repository(to, self.environment)


def legacy(root: Path, home: Path) -> Repository:
    """The repository with all of its past in one commit."""
    write(root, files())
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "years of work")
    return Repository(root, os.environ | {"PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull})


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of neonlint."""
    original = hook_source(tmp_path_factory.mktemp("neonlint"))
    clone = tmp_path_factory.mktemp("clones") / "neonlint"
    git(original, "clone", "-q", str(original), str(clone))
    return clone


@pytest.fixture(scope="module")
def adopted(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository behind the three commands and the commit that brings their files in."""
    shop = legacy(tmp_path_factory.mktemp("shop"), tmp_path_factory.mktemp("home"))
    assert len(shop.neonlint("check").found) == FOUND
    steps: Sequence[Ran] = (
        shop.neonlint("init", "--yes", "--hook-repo", str(source)),
        shop.neonlint("baseline", "create"),
        shop.run(sys.executable, "-m", "pre_commit", "install"),
        shop.commit(),
    )
    assert [step.status for step in steps] == [0] * 4, "\n".join(step.said for step in steps)
    init, create, _, first = steps
    advice = [
        init.said.index(text) for text in ("`neonlint check`", "`neonlint baseline create`", "`pre-commit install`")
    ]
    assert advice == sorted(advice)
    assert f"{FOUND} findings in 12 files; commit it" in create.said
    assert re.search(r"^neonlint \(check\)\.+Passed$", first.said, re.MULTILINE)
    for path in ("neonlint.toml", ".pre-commit-config.yaml", ".github/workflows/neonlint.yml", BASELINE):
        git(shop.root, "cat-file", "-e", f"HEAD:{path}")
    return shop


@pytest.fixture
def shop(adopted: Repository, tmp_path: Path) -> Repository:
    return adopted.copy(tmp_path / "shop")


@pytest.mark.slow
def test_nothing_old_is_reported(shop: Repository) -> None:
    ran = shop.neonlint("check")
    assert ran.status == 0
    assert f"no findings; {FOUND} baselined" in ran.said


@pytest.mark.slow
def test_a_commit_elsewhere(shop: Repository) -> None:
    shop.change("backend/apps/items/item7.py", "    price: int\n", "    price: int\n    weight: int = 0\n")
    ran = shop.commit()
    assert ran.status == 0
    assert "Passed" in ran.said


@pytest.mark.slow
def test_a_commit_that_moves_old_findings(shop: Repository) -> None:
    shop.change(".env", "DEBUG=1\n", "DEBUG=1\nTITLE=Shop\n\n# moved\n")
    shop.change("web/src/db.ts", "export const pool", "const pieces = 3\n\nexport const pool")
    shop.change("backend/config/settings.py", "import os\n", '"""Settings."""\n\nimport os\n')
    shop.change("compose.yaml", "  web:\n", "  mail:\n    image: mailpit\n  web:\n")
    ran = shop.commit()
    assert ran.status == 0, ran.said
    assert "Passed" in ran.said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "at", "new", "found"),
    [
        (
            ".env",
            "REDIS_URL",
            f"STOCK_URL=postgresql://app:CanaryX1@{NEW_HOST}/stock?sslmode=prefer\nREDIS_URL",
            [("NL102", ".env:4:1"), ("NL202", ".env:4:1")],
        ),
        (
            "web/src/db.ts",
            "  return client.query",
            "  console.log(process.env.DATABASE_URL)\n  return client.query",
            [("NL204", "web/src/db.ts:12:11")],
        ),
    ],
)
def test_a_commit_with_a_new_finding(
    shop: Repository, path: str, at: str, new: str, found: list[tuple[str, str]]
) -> None:
    shop.change(path, at, new)
    ran = shop.commit()
    assert ran.status == 1
    assert ran.found == found, ran.said
    assert shop.run("git", "status", "--porcelain").said == f"M  {path}\n"


@pytest.mark.slow
def test_rotating_every_password(shop: Repository) -> None:
    before = (shop.root / BASELINE).read_bytes()
    write(shop.root, files(ROTATED))
    assert len(shop.run("git", "diff", "--name-only").said.split()) >= 10
    assert f"no findings; {FOUND} baselined" in shop.neonlint("check").said
    assert shop.neonlint("baseline", "create", "--force").status == 0
    assert (shop.root / BASELINE).read_bytes() == before
    ran = shop.commit()
    assert ran.status == 0, ran.said


@pytest.mark.slow
def test_a_repair_is_kept(shop: Repository) -> None:
    defect, repaired = '"CONN_MAX_AGE": None', '"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True'
    shop.change("backend/config/settings.py", defect, repaired)
    ran = shop.neonlint("baseline", "prune")
    assert ran.status == 0
    assert "django-persistent-without-healthcheck `DATABASES.reports`" in ran.said
    assert f"1 finding taken out, {FOUND - 1} left" in ran.said
    assert shop.commit().status == 0
    shop.change("backend/config/settings.py", repaired, defect)
    ran = shop.commit()
    assert ran.status == 1
    assert [code for code, _ in ran.found] == ["NL501"]


def test_a_baseline_elsewhere(tmp_path: Path) -> None:
    shop = legacy(tmp_path / "shop", tmp_path / "home")
    (shop.root / "ci").mkdir()
    ran = shop.neonlint("baseline", "create", "--baseline", "ci/accepted.toml")
    assert ran.status == 0
    setting = re.search(r"`(baseline = .*)`", ran.said)
    assert setting is not None
    assert len(shop.neonlint("check").found) == FOUND
    (shop.root / "neonlint.toml").write_text(setting[1] + "\n")
    ran = shop.neonlint("check")
    assert f"no findings; {FOUND} baselined" in ran.said
    assert "configuration says" not in shop.neonlint("baseline", "create", "--force").said


def test_what_init_writes_costs_little(tmp_path: Path) -> None:
    (tmp_path / "neonlint.toml").write_text(init_config.text())
    (tmp_path / ".env").write_text("A=1\n")
    script = "import sys\nfrom neonlint import cli\ncli.main(['check'])\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "tomllib" in done.stderr.split()
    assert "pydantic" not in done.stderr.split()
