"""`neonlint pool` as its users meet it: the lines that it prints, its exit status, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Neonlint = Callable[..., Any]
Golden = Callable[[str, str], None]
CANARY = "Kanari3nvogel-9f"
URL = f"postgresql://app:{CANARY}@ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech/db?sslmode=require"

CASES = {
    "fits": (0, "--compute-size 0.25-2 --workers 4 --instances 3 --pool-size 10 --overflow 5 --direct"),
    "breaks": (1, "--compute-size 0.25 --workers 4 --instances 10 --pool-size 15 --direct"),
    "waits": (0, "--compute-size 0.25 --workers 4 --instances 10 --pool-size 15 --pooled"),
    "pairs": (1, "--compute-size 0.25-16 --instances 300 --pool-size 20 --pooled --roles 3"),
    "unseen-route": (0, "--compute-size 9-16 --instances 400 --pool-size 20"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_arithmetic(neonlint: Neonlint, golden: Golden, name: str) -> None:
    status, flags = CASES[name]
    ran = neonlint("pool", *flags.split())
    assert ran.status == status
    golden(f"pool-{name}.txt", ran.out + ran.err)
    as_json = neonlint("pool", *flags.split(), "--output-format", "json")
    assert (as_json.status, as_json.json["fits"]) == (status, not status)


@pytest.fixture
def application(project: Path) -> Path:
    """A repository with a pool in a process, one of an unknown size, one in serverless functions, and a command."""
    (project / ".env").write_text(f"DATABASE_URL={URL}\n")
    (project / "neonlint.toml").write_text("compute-size = 0.5\n")
    (project / "app.py").write_text(
        "import os\nfrom sqlalchemy import create_engine\nengine = create_engine(os.environ['DATABASE_URL'], pool_size=30)\n"
        "later = create_engine(os.environ['DATABASE_URL'], pool_size=int(os.environ['SIZE']))\n"
    )
    (project / "functions").mkdir()
    (project / "functions" / "handler.py").write_text(
        "import os, psycopg2\n\ndef lambda_handler(event, context):\n"
        f"    connection = psycopg2.connect('{URL.replace('-pooler', '')}')\n"
    )
    (project / "Makefile").write_text("migrate:\n\talembic upgrade head\n\tpsql $(DATABASE_URL)\n")
    return project


def test_a_repository(application: Path, neonlint: Neonlint, golden: Golden) -> None:
    ran = neonlint("pool", "--workers", "2")
    assert ran.status == 0
    golden("pool-repository.txt", ran.out + ran.err)
    assert CANARY not in ran.out + ran.err
    ran = neonlint("pool", "--instances", "6", "functions", "--compute-size", "0.25")
    assert "functions/handler.py:4  psycopg2 `connection`: 1 connection × 6 processes = 6, directly" in ran.out
    assert "app.py" not in ran.out
    ran = neonlint("pool", "../app.py", "--instances", "6", cwd=application / "functions")
    assert "  ../app.py:3  sqlalchemy `engine`: 40 connections × 6 processes = 240, through the pooler" in ran.out


def test_an_empty_repository(project: Path, neonlint: Neonlint) -> None:
    (project / ".env").unlink()
    ran = neonlint("pool", "--compute-size", "1")
    assert ran.status == 0
    assert "no pool is seen here that goes to Neon; name one with --pool-size" in ran.err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--pool-size 5", "how large the compute is, is not said; add --compute-size 0.25-2"),
        ("--compute-size 0.1 --pool-size 5", "a compute has 0.25 to 56 CU"),
        ("--compute-size two", "is no compute size"),
        ("--compute-size 1 --pool-size 0", "argument --pool-size: write a number from 1 to 1,000,000"),
        ("--compute-size 1 --pool-size 99999999999999999999", "argument --pool-size: write a number"),
        ("--compute-size 1 --workers -1", "argument --workers"),
        ("--compute-size 1 --overflow -1 --pool-size 5", "argument --overflow"),
        ("--compute-size 1 --overflow 5", "--overflow needs --pool-size"),
        ("--compute-size 1 --pool-size 5 src", "--pool-size and PATHS contradict each other"),
        ("--compute-size 1 --pool-size 5 --pooled --direct", "not allowed with argument"),
    ],
)
def test_what_is_refused(neonlint: Neonlint, flags: str, words: str) -> None:
    ran = neonlint("pool", *flags.split())
    assert (ran.status, ran.out) == (2, "")
    assert words in ran.err
    assert "Traceback" not in ran.err
