"""Inventories for tests of what draws them: made by hand, and taken from projects that are written for the purpose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from neonlint import inventory_narrow, session
from neonlint.config import Config
from neonlint.inventory import Because, Endpoint, Inventory, Link, Place, Source, User, take
from neonlint.inventory_narrow import Left
from neonlint.report import View
from neonlint.report.map_words import Shown

HOST = "ep-cool-rain-a1b2c3d4{}.us-east-2.aws.neon.tech"
URL = "postgresql://app:npg_Kanari3nvog9@" + HOST + "/shop?sslmode={}"
THREE = {
    ".env": (
        f"DATABASE_URL={URL.format('-pooler', 'require')}&channel_binding=require\n"
        f"DIRECT_URL={URL.format('', 'verify-full')}&sslrootcert=system\n"
    ),
    "app.py": (
        "import os, psycopg\nfrom psycopg_pool import ConnectionPool\n"
        "pool = ConnectionPool(os.environ['DATABASE_URL'], max_size=8)\n"
        "reports = psycopg.connect(os.environ['REPORTS_URL'])\n"
    ),
    "migrate.sh": 'set -a; . ./.env\npsql "$DIRECT_URL" -f schema.sql\n',
    "compose.yaml": (
        "services:\n  web:\n    environment:\n      DATABASE_URL: postgres://postgres:Kanari3nvogel-9f@db:5432/shop\n"
    ),
}


def sixty() -> dict[str, str]:
    """Twenty packages with three connections each, on four computes."""
    files: dict[str, str] = {}
    for number in range(20):
        folder = f"services/service-with-a-rather-long-name-{number:02}"
        host = f"ep-calm-moon-c3d4e5f{number % 4}{{}}.us-east-2.aws.neon.tech"
        url = f"postgresql://app:npg_Kanari3nvog9@{host}/db{number}?sslmode={{}}"
        mode = "verify-full" if number % 3 else "require"
        files |= {
            f"{folder}/.env": (
                f"DATABASE_URL={url.format('-pooler', mode)}\nDIRECT_URL={url.format('', 'require')}\n"
                f"ANALYTICS_WAREHOUSE_READONLY_REPLICA_DATABASE_URL={url.format('', '')}\n"
            ),
            f"{folder}/package.json": '{"dependencies":{"pg":"8.16.0"},"scripts":{"migrate":"psql $DIRECT_URL -f x.sql"}}',
            f"{folder}/db.ts": (
                "import { Pool } from 'pg'\n"
                "export const pool = new Pool({ connectionString: process.env.DATABASE_URL })\n"
                "const url = process.env.ANALYTICS_WAREHOUSE_READONLY_REPLICA_DATABASE_URL\n"
                "export const analytics = new Pool({ connectionString: url, max: 3 })\n"
            ),
        }
        if number % 5 == 0:
            files[f"{folder}/vercel.json"] = '{"regions":["iad1"]}'
            files[f"{folder}/api/sums.ts"] = (
                "import { analytics } from '../db'\nexport default async () => analytics.query('')\n"
            )
    return files


def written(root: Path, files: Mapping[str, str]) -> Path:
    """`root` with these files in it."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def taken(root: Path, files: Mapping[str, str] | None = None, paths: list[str] | None = None) -> Inventory:
    """The inventory of a folder, or of `paths` in it, after `files` were written into it."""
    written(root, files or {})
    work = session.open_session(paths or ["."], Config(), root)
    return take(work)


def shown(inventory: Inventory, everything: bool = False) -> Shown:
    """An inventory as the formats get it."""
    seen, left = (inventory, Left()) if everything else inventory_narrow.usual(inventory)
    return Shown(seen, left, View())


def named(text: str) -> Shown:
    """An inventory in which everything that a project may choose is `text`."""
    why = (Because(text, True),)
    return Shown(
        Inventory(
            (Endpoint("e1", text, "other", text, "direct", text, text, (text,)),),
            (
                Source(
                    "s1", text, text, Place(text, 1), "written", "e1", "", "direct", None, text, text, tls_because=why
                ),
                Source("s2", text, text, Place(text, 2), "undefined", None, text, because=why),
            ),
            (
                User(
                    "u1", text, text, "pool", Place(text, 3), text, links=(Link("s1", text, why), Link("s2", text, why))
                ),
                User("u2", text, text, "command", Place(text, 4), unseen=text),
            ),
        ),
        Left(),
        View(),
    )
