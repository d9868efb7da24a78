"""What the facts of `facts.text` say where the rules' examples do not show it, and what their repairs refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_examples import after, run_on

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
TLS = "sslmode=require&channel_binding=require"
LIVE = f"postgresql://app:npg_Zk3vT8qLw2Rn@{HOST}/db?{TLS}"


def codes(folder: Path, files: dict[str, str], *of: str) -> list[tuple[str, str, int]]:
    """The findings of the rules `of`: code, path, row."""
    return [(f.code, f.path, f.row) for f in run_on(folder, files).report.findings if f.code in of]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("db.py", f"import os\n# {LIVE}\nx = os.environ['DATABASE_URL']\n"),
        ("db.py", f'"""Connects to {LIVE}."""\nimport psycopg\n'),
        ("app.yaml", f"database: x\n# {LIVE}\n"),
        ("app.toml", f"database = 1 # {LIVE}\n"),
        ("compose.yaml", "services:\n  a:\n    environment:\n      PW: ${PW:-npg_Zk3vT8qLw2Rn}\n"),
        ("app.ts", f"const url = process.env.DATABASE_URL ?? '{LIVE}'\n"),
        ("run.ipynb", '{"cells": [{"source": ["url = \\"' + LIVE + '\\"\\n"]}]}'),
        ("application.properties", "spring.datasource.password=npg_Zk3vT8qLw2Rn\n"),
        ("tests/conftest.py", f"URL = 'postgresql://app:xK3jf9ALwq1Z@{HOST}/db?{TLS}'\n"),
    ],
)
def test_a_password_is_found_wherever_it_stands(path: str, text: str, tmp_path: Path) -> None:
    assert [code for code, _, _ in codes(tmp_path, {path: text}, "NL201", "NL202")] == ["NL201"]


def test_a_comment_in_a_dotenv_file_is_committed_with_it(tmp_path: Path) -> None:
    assert codes(tmp_path, {".env": f"# DATABASE_URL={LIVE}\nA=1\n"}, "NL201", "NL202") == [("NL202", ".env", 1)]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (f'import os\nurl = os.getenv("SHOP_URL") or "{LIVE}"\n', 'import os\nurl = os.environ["SHOP_URL"]\n'),
        ('import os\nNEON_PW = "npg_Zk3vT8qLw2Rn"\n', 'import os\nNEON_PW = os.environ["NEON_PW"]\n'),
        (
            'import os\nx = dict(password="npg_Zk3vT8qLw2Rn")\n',
            'import os\nx = dict(password=os.environ["PGPASSWORD"])\n',
        ),
    ],
)
def test_a_password_is_taken_out_of_code(before: str, expected: str, tmp_path: Path) -> None:
    files = {"db.py": before}
    assert after(files, run_on(tmp_path, files, "unsafe"))["db.py"] == expected


@pytest.mark.parametrize(
    "text",
    [
        f'from decouple import config\nurl = config("DATABASE_URL", default="{LIVE}")\n',
        f'from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    database_url: str = "{LIVE}"\n',
        f'"""Connects to {LIVE}."""\nimport psycopg\n',
    ],
)
def test_what_cannot_be_rewritten_is_refused_with_a_reason(text: str, tmp_path: Path) -> None:
    outcome = run_on(tmp_path, {"db.py": text}, "unsafe")
    assert not outcome.changes
    assert [bool(f.refusal) for f in outcome.report.findings if f.code == "NL201"] == [True]


@pytest.mark.parametrize(
    ("opens", "raw", "found"),
    [
        ("import psycopg\npsycopg.connect(URL)", "p@w1", True),
        ("import psycopg\npsycopg.connect(URL)", "p#w?1", False),
        ("import psycopg\npsycopg.connect(URL)", "p%w", True),
        ("from sqlalchemy import create_engine\ncreate_engine(URL)", "p#w?1", False),
        ("from sqlalchemy import create_engine\ncreate_engine(URL)", "p@w1", True),
        ("import dj_database_url\ndj_database_url.parse(URL)", "p#w?1", True),
        ("import dj_database_url\ndj_database_url.parse(URL)", "p@w1", False),
        ("from playhouse.db_url import connect\nconnect(URL)", "p@w1", False),
        ("print(1)", "p@w1", True),
        ("print(1)", "p#w1", False),
    ],
)
def test_raw_characters_count_where_their_reader_cuts_at_them(
    opens: str, raw: str, found: bool, tmp_path: Path
) -> None:
    code = f'URL = "postgresql://app:{raw}@{HOST}/db?{TLS}"\n{opens}\n'
    assert bool(codes(tmp_path, {"db.py": code}, "NL706")) is found


def test_an_old_sqlalchemy_knows_the_short_scheme(tmp_path: Path) -> None:
    code = f'from sqlalchemy import create_engine\ncreate_engine("postgres://app:pw@{HOST}/db?{TLS}")\n'
    assert codes(tmp_path, {"db.py": code, "requirements.txt": "SQLAlchemy==1.4.0\n"}, "NL710")
    assert not codes(tmp_path, {"db.py": code, "requirements.txt": "SQLAlchemy==1.3.24\n"}, "NL710")


@pytest.mark.parametrize(
    ("hosts", "found"),
    [
        ({".env.example": "DB_HOST=localhost\n"}, True),
        ({".env": "DB_HOST=localhost\n"}, False),
        ({".env": f"DB_HOST={HOST}\n"}, True),
        ({}, True),
    ],
)
def test_only_what_is_in_force_makes_a_host_local(hosts: dict[str, str], found: bool, tmp_path: Path) -> None:
    code = "import os\nURL = f\"postgresql://u:{os.environ['PW']}@{os.environ['DB_HOST']}/db\"\n"
    files = {"db.py": code, "README.md": f"postgresql://u:pw@{HOST}/db\n", **hosts}
    assert bool(codes(tmp_path, files, "NL707")) is found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("print(url)", True),
        ("logging.info('%s', url)", True),
        ("raise RuntimeError(f'cannot reach {url}')", True),
        ("print(url, file=sys.stderr)", True),
        ("print(url, file=handle)", False),
        ("print(bool(url))", False),
        ("print(f'{bool(url)}')", False),
        ("print('set' if url else 'not set')", False),
        ("print(url.split('@')[1])", False),
        ("print(mask(url))", False),
        ("print(url.replace(password, '***'))", False),
    ],
)
def test_what_is_shown(line: str, found: bool, tmp_path: Path) -> None:
    code = f"import logging\nimport os\nimport sys\nurl = os.environ['DATABASE_URL']\n{line}\n"
    assert bool(codes(tmp_path, {"app.py": code}, "NL204")) is found


@pytest.mark.parametrize(
    "text",
    [
        "from starlette.config import Config\nfrom starlette.datastructures import Secret\nconfig = Config()\n"
        'DATABASE_URL = config("DATABASE_URL", cast=Secret)\nprint(DATABASE_URL)\n',
        "from pydantic import SecretStr\nfrom pydantic_settings import BaseSettings\nclass S(BaseSettings):\n"
        "    database_url: SecretStr\nsettings = S()\nprint(settings.database_url)\n",
    ],
)
def test_types_that_hide_themselves(text: str, tmp_path: Path) -> None:
    assert not codes(tmp_path, {"app.py": text}, "NL204")
