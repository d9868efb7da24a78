"""What some targets print, as files: `golden/TARGET.PROFILE.ROLE[.RUNTIME].txt`, rewritten with NEONLINT_UPDATE_GOLDEN=1."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from neonlint import generate
from neonlint.generate import Wish
from neonlint.sizing import Compute
from neonlint.targets import MODULES, load
from neonlint.targets.model import PROFILES, Output, Profile, Role, Runtime

GOLDEN = Path(__file__).parent / "golden"
SOURCE = "postgresql://app_user:npg_Zq8rT5vW2xYk@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/shop"
Case = tuple[str, Profile, Role, Runtime]
#: Beside what each target is mostly for, in both profiles.
TELLING: list[Case] = [
    ("env", "strict", "migrate", "server"),
    ("psql", "strict", "admin", "server"),
    ("django", "strict", "migrate", "server"),
    ("django", "baseline", "app", "serverless"),
    ("sqlalchemy", "baseline", "admin", "server"),
    ("sqlalchemy", "strict", "app", "serverless"),
    ("psycopg", "strict", "migrate", "server"),
    ("asyncpg", "baseline", "app", "serverless"),
    ("fastapi", "baseline", "app", "serverless"),
    ("go-pgx", "strict", "migrate", "server"),
    ("go-pgx", "baseline", "app", "serverless"),
    ("jdbc", "strict", "admin", "server"),
    ("spring", "baseline", "migrate", "server"),
    ("npgsql", "baseline", "migrate", "server"),
    ("rails", "strict", "migrate", "server"),
    ("laravel", "strict", "admin", "server"),
    ("ecto", "baseline", "migrate", "server"),
    ("rust-sqlx", "baseline", "migrate", "server"),
    ("docker-compose", "strict", "admin", "server"),
    ("github-actions", "baseline", "migrate", "server"),
    ("prisma", "strict", "app", "serverless"),
    ("prisma", "baseline", "app", "edge"),
    ("drizzle", "baseline", "app", "serverless"),
    ("drizzle", "baseline", "app", "edge"),
    ("drizzle", "baseline", "admin", "server"),
    ("node-postgres", "baseline", "app", "serverless"),
    ("node-postgres", "baseline", "migrate", "server"),
    ("neon-serverless-ws", "baseline", "app", "edge"),
    ("nextjs", "baseline", "app", "edge"),
    ("vercel", "baseline", "app", "edge"),
]


def cases() -> Iterator[Case]:
    for name in MODULES:
        target = load(name)
        for profile in PROFILES:
            yield name, profile, target.roles[0], target.runtimes[0]
    yield from TELLING


@pytest.mark.parametrize("case", list(cases()), ids=".".join)
def test_golden(case: Case) -> None:
    name, profile, role, runtime = case
    target = load(name)
    usual = runtime == target.runtimes[0]
    path = GOLDEN / (".".join([name, profile, role, *([] if usual else [runtime])]) + ".txt")
    text = shown(generate.generate(target, SOURCE, Wish(profile, runtime, role, Compute(0.25, 2), 4)).output)
    if os.environ.get("NEONLINT_UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    names = {path.name.partition(".")[0] for path in GOLDEN.iterdir()}
    assert names <= set(MODULES)


def shown(output: Output) -> str:
    """Files, variables and notes, one after the other."""
    parts = [f"==> {file.path}{' (private)' if file.private else ''} <==\n{file.text}" for file in output.files]
    variables = "".join(f"{variable.name}={variable.value}\n" for variable in output.variables)
    notes = "".join(f"{note}\n" for note in output.notes)
    return "\n".join(
        [
            *parts,
            *([f"==> variables <==\n{variables}"] if variables else []),
            *([f"==> notes <==\n{notes}"] if notes else []),
        ]
    )
