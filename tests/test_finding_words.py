"""What a finding says, where that depends on the place: names, reasons and help as the owner of the line reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from neonlint import session
from neonlint.ir.findings import Finding

POOLED = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{POOLED}/db"


def every(root: Path, files: Mapping[str, str]) -> list[Finding]:
    """The findings in a project of these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    opened = session.open_session(["."], session.settings(["."], root), root)
    return list(session.judge(opened).report.findings)


def found(root: Path, code: str, files: Mapping[str, str]) -> Finding:
    """The one finding of a rule in a project of these files."""
    (finding,) = (f for f in every(root, files) if f.code == code)
    return finding


@pytest.mark.parametrize(("mode", "code"), [("prefer", "NL102"), ("disable", "NL103"), ("require", "NL105")])
def test_the_variable_of_the_mode_is_named_where_host_and_mode_have_one_each(
    tmp_path: Path, mode: str, code: str
) -> None:
    told = found(tmp_path, code, {".env": f"PGHOST={POOLED}\nPGUSER=app\nPGSSLMODE={mode}\n"})
    assert told.message.startswith("`PGSSLMODE` ") and told.row == 3
    assert code != "NL105" or told.help == "Add `PGCHANNELBINDING=require`"
    told = found(tmp_path, code, {".env": f"DATABASE_URL={URL}?sslmode={mode}\n"})
    assert told.message.startswith("`DATABASE_URL` ")


@pytest.mark.parametrize(
    ("files", "what"),
    [
        (
            {
                "shop/settings.py": 'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "'
                + POOLED
                + '", "NAME": "db", "USER": "app"}}\n',
                "migrate.sh": "#!/bin/sh\npython manage.py migrate\n",
            },
            "`manage.py migrate` reads `DATABASES.default`, ",
        ),
        (
            {
                ".env": f"DATABASE_URL={URL}\nDATABASE_URL_UNPOOLED={URL.replace('-pooler', '')}\n",
                "Makefile": 'migrate:\n\tgoose -dir migrations postgres "$(DATABASE_URL)" up\n',
            },
            "`goose up` reads `DATABASE_URL`, ",
        ),
    ],
)
def test_a_command_that_migrates_is_told_what_it_reads(tmp_path: Path, files: Mapping[str, str], what: str) -> None:
    assert found(tmp_path, "NL322", files).message.startswith(what)


@pytest.mark.parametrize(
    ("file", "text", "host"),
    [
        ("app.py", 'import os\n\nDATABASE_URL = os.environ["DATABASE_URL"]\nprint(DATABASE_URL)\n', "urlsplit("),
        ("app.ts", "const url = process.env.DATABASE_URL!;\nconsole.log(process.env.DATABASE_URL);\n", "new URL("),
    ],
)
def test_what_to_show_in_place_of_a_url_is_said_in_the_language_of_the_file(
    tmp_path: Path, file: str, text: str, host: str
) -> None:
    told = found(tmp_path, "NL204", {file: text})
    assert host in told.help and told.help.count("`") == 2


def test_what_to_do_about_browser_code_depends_on_what_is_public(tmp_path: Path) -> None:
    code = 'import { neon } from "@neondatabase/serverless";\n\nconst sql = neon(process.env.%s!);\n'
    for name, text, help_ in (
        ("scripts/seed.ts", code % "VITE_DATABASE_URL", "Read a variable without a public prefix"),
        ("app/users.tsx", '"use client";\n' + code % "DATABASE_URL", "Move it into server code"),
    ):
        root = tmp_path / help_[:4]
        root.mkdir()
        assert found(root, "NL207", {name: text}).help.startswith(help_), name


def test_no_reason_speaks_of_the_line_that_is_reported(tmp_path: Path) -> None:
    """Only what was inferred is told there, too: the finding rests on it."""
    package = '{"dependencies": {"pg": "8.13.0"}, "name": "shop"}\n'
    opened = (
        'import pg from "pg";\n\nexport const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });\n'
    )
    files = {"package.json": package, "db.js": opened, ".env": f"\nDATABASE_URL={URL}?sslmode=require\n"}
    told = found(tmp_path, "NL123", files)
    assert (told.path, told.row) == (".env", 2)
    assert [reason.text for reason in told.reasons] == ["pg opens it in db.js:3", "package.json has pg 8"]
    assert all(place.path != ".env" for place in told.related)


def test_a_mode_that_is_part_of_the_database_s_name_is_not_spoken_of(tmp_path: Path) -> None:
    codes = {f.code for f in every(tmp_path, {".env": f"DATABASE_URL={URL}&sslmode=require\n"})}
    assert "NL702" in codes and "NL105" not in codes
