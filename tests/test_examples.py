"""The example repositories say what they promise: one does everything wrong, its twin nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from neonlint.config import Config
from neonlint.discover import discover
from neonlint.engine import run

EXAMPLES = Path(__file__).parent.parent / "examples"
#: What each kind of file of `examples/tickets` is there to show.
TICKETS = {
    ".github/workflows/deploy.yml": {"NL210", "NL319"},
    "Makefile": {"NL201"},
    "apps/gate/setup.sh": {"NL201", "NL326"},
    "apps/gate/src/index.ts": {"NL517"},
    "apps/gate/wrangler.toml": {"NL201"},
    "apps/mailer/Dockerfile": {"NL208"},
    "apps/mailer/src/archive.js": {"NL126", "NL201"},
    "apps/mailer/src/main.js": {"NL401", "NL404", "NL522"},
    "apps/shop/.env": {"NL202", "NL203", "NL315", "NL601"},
    "apps/shop/app/api/events/route.ts": {"NL204", "NL509"},
    "apps/shop/app/api/search/route.ts": {"NL516"},
    "apps/shop/app/events/seats.tsx": {"NL207"},
    "apps/shop/lib/pool.ts": {"NL124", "NL515"},
    "apps/shop/package.json": {"NL412"},
    "apps/shop/prisma/schema.prisma": {"NL330"},
    "docker-compose.yml": {"NL201"},
    "package.json": {"NL201", "NL713"},
    "packages/db/.env": {"NL202"},
    "packages/db/drizzle.config.ts": {"NL318"},
    "packages/db/src/index.ts": {"NL413", "NL414", "NL415"},
    "scripts/copy.sh": {"NL201", "NL323", "NL713"},
}


def found_in(example: str, folder: Path) -> dict[str, set[str]]:
    root = folder / example
    shutil.copytree(EXAMPLES / example, root)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
    report = run(root, discover([str(root)], Config(), root=root).files, Config()).report
    assert not report.skipped
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.path, set()).add(finding.code)
    return found


def test_the_risky_repository_shows_what_it_is_there_for(tmp_path: Path) -> None:
    found = found_in("tickets", tmp_path)
    missing = {path: codes - found.get(path, set()) for path, codes in TICKETS.items()}
    assert not {path: codes for path, codes in missing.items() if codes}
    assert not found.keys() - TICKETS.keys()


@pytest.mark.parametrize("example", ["tickets-fixed"])
def test_the_twin_is_clean(example: str, tmp_path: Path) -> None:
    assert found_in(example, tmp_path) == {}


def test_every_file_of_the_twin_has_its_fellow() -> None:
    added = {"tsconfig.json", ".env.example"}
    names = {p.relative_to(EXAMPLES / "tickets-fixed") for p in (EXAMPLES / "tickets-fixed").rglob("*") if p.is_file()}
    assert not {n for n in names if not (EXAMPLES / "tickets" / n).exists() and n.name not in added}
