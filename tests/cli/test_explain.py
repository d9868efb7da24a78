"""`neonlint explain` as its users meet it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Neonlint = Callable[..., Any]
HOST = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
CANARY = "Kanari3nvogel-9f"
LOGGED = "ep-still-moon-b2c3d4e5.eu-central-1.aws.neon.tech"
URL = f"postgresql://app:{CANARY}@{LOGGED}/db?sslmode=require&channel_binding=require"
LOG = f"""\
2026-03-01T10:00:00Z boot with {URL}
2026-03-01T10:00:01Z \x1b[31mpsycopg2.OperationalError: SSL SYSCALL error: EOF detected\x1b[0m
PGPASSWORD={CANARY} failed: FATAL:  password authentication failed for user "{CANARY}"
could not translate host name "{CANARY}@{LOGGED}" to address: Name or service not known
2026-03-01T10:07:01Z psycopg2.OperationalError: SSL SYSCALL error: EOF detected npg_{CANARY}
"""
SETTINGS = f"""\
import os

DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "db",
        "USER": "app",
        "PASSWORD": os.environ["PGPASSWORD"],
        "HOST": "{HOST}",
        "CONN_MAX_AGE": 600,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {{"sslmode": "require", "channel_binding": "require"}},
    }}
}}
"""


@pytest.fixture
def shop(project: Path) -> Path:
    """A Django project that keeps its connections without testing them."""
    (project / ".env").unlink()
    (project / "settings.py").write_text(SETTINGS)
    return project


def test_one_error(neonlint: Neonlint, golden: Callable[[str, str], None]) -> None:
    ran = neonlint("explain", 'FATAL:  password authentication failed for user "app"')
    assert (ran.status, ran.err) == (0, "")
    golden("explain.txt", ran.out)


def test_the_words_need_no_quotes(neonlint: Neonlint) -> None:
    ran = neonlint("explain", "FATAL:", "sorry,", "too", "many", "clients", "already")
    assert ran.out.startswith("The compute has no connection left\n  recognised: sorry, too many clients already\n")


def test_a_log_in_a_project(shop: Path, neonlint: Neonlint, golden: Callable[[str, str], None]) -> None:
    ran = neonlint("explain", stdin=LOG)
    assert (ran.status, ran.err) == (0, "")
    assert "  1. [found here] A pool hands out connections without testing them\n       settings.py:10: " in ran.out
    golden("explain-log.txt", ran.out)


@pytest.mark.parametrize("output_format", ["text", "json", "markdown"])
def test_nothing_of_the_log_is_shown(shop: Path, neonlint: Neonlint, output_format: str) -> None:
    for arguments, stdin in (((), LOG), (("-",), LOG), ((LOG,), "")):
        ran = neonlint("explain", "--output-format", output_format, *arguments, stdin=stdin)
        assert ran.status == 0
        assert "password authentication failed" in ran.out
        for text in (CANARY, CANARY[:8], LOGGED, "2026-03-01T10:00:01Z", "\x1b"):
            assert text not in ran.out + ran.err


def test_json(shop: Path, neonlint: Neonlint) -> None:
    whole = neonlint("explain", "--output-format", "json", stdin=LOG).json
    assert whole["schema"] == "neonlint-explain/1"
    found = [(one["name"], one["line"], one["times"]) for one in whole["errors"]]
    assert found == [("connection-lost", 2, 2), ("password-refused", 3, 1), ("host-not-found", 4, 1)]
    first = whole["errors"][0]["causes"][0]
    assert {"code": "NL501", "name": "django-persistent-without-healthcheck"} in first["rules"]
    assert [(one["filename"], one["row"], one["code"]) for one in first["findings"]] == [("settings.py", 10, "NL501")]


def test_a_cause_that_is_found_here_comes_first(shop: Path, neonlint: Neonlint) -> None:
    (shop / "settings.py").write_text(
        SETTINGS.replace('"CONN_MAX_AGE"', '"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE"').replace(
            '"require", "channel', '"disable", "channel'
        )
    )
    (said,) = neonlint("explain", "--output-format", "json", "connection is insecure").json["errors"]
    with_findings = [bool(cause["findings"]) for cause in said["causes"]]
    assert with_findings == sorted(with_findings, reverse=True) == [True, False, False, False]
    assert said["causes"][0]["findings"][0]["code"] == "NL103"
    (plain,) = neonlint("explain", "--no-project", "--output-format", "json", "connection is insecure").json["errors"]
    assert plain["causes"][1]["text"] == said["causes"][0]["text"]
    assert not any(cause["findings"] for cause in plain["causes"])


def test_suppressions_and_configuration_count(shop: Path, neonlint: Neonlint) -> None:
    text = "SSL SYSCALL error: EOF detected"
    assert "settings.py:10" in neonlint("explain", text).out
    (shop / "neonlint.toml").write_text('ignore = ["NL5"]\n')
    quiet = neonlint("explain", text)
    assert "settings.py" not in quiet.out
    assert quiet.out.endswith("\nNone of these rules finds anything in this project.\n")
    (shop / "neonlint.toml").write_text("")
    (shop / "settings.py").write_text("# neonlint: file-ignore[NL501,NL502] a test\n" + SETTINGS)
    assert "settings.py" not in neonlint("explain", text).out


def test_the_whole_project_is_looked_at_from_a_folder_of_it(shop: Path, neonlint: Neonlint) -> None:
    (shop / "sub").mkdir()
    assert (
        "\n       ../settings.py:10: "
        in neonlint("explain", "EOF: SSL SYSCALL error: EOF detected", cwd=shop / "sub").out
    )


def test_a_broken_configuration_does_not_keep_the_answer_back(shop: Path, neonlint: Neonlint) -> None:
    (shop / "neonlint.toml").write_text("selct = 1\n")
    ran = neonlint("explain", "P1001")
    assert ran.status == 0
    assert ran.out.startswith("Prisma got no answer")
    assert ran.err.startswith("neonlint: note: the project was not looked at: ")
    assert "neonlint.toml:1: unknown key `selct`" in ran.err


def test_outside_of_a_project_nothing_is_searched(tmp_path: Path, neonlint: Neonlint) -> None:
    (tmp_path / "settings.py").write_text(SETTINGS)
    ran = neonlint("explain", "SSL SYSCALL error: EOF detected")
    assert "found here" not in ran.out
    assert "this project" not in ran.out


def test_an_unknown_text(neonlint: Neonlint) -> None:
    ran = neonlint("explain", "something else went wrong")
    assert (ran.status, ran.err) == (1, "")
    assert ran.out.startswith("no known connection error in this text\n")
    assert neonlint("explain", "", stdin="").status == 1
    assert neonlint("explain", stdin="").status == 1
    nothing = neonlint("explain", "--output-format", "json", stdin="all is well\n")
    assert (nothing.status, nothing.json["errors"]) == (1, [])


def test_a_rule_or_an_entry_by_its_name(neonlint: Neonlint) -> None:
    for word in ("NL302", "wrong-port", "NL3"):
        for output_format in ("text", "json", "markdown"):
            flags = ("--output-format", output_format)
            assert neonlint("explain", word, *flags).out == neonlint("rule", word, *flags).out
    assert neonlint("explain", "NL999").err == neonlint("rule", "NL999").err
    page = neonlint("explain", "query-wait-timeout")
    assert page.status == 0
    assert page.out.startswith("A query waited for the pooler for two minutes and was given up\n\n  The pooler has")


def test_the_list(neonlint: Neonlint) -> None:
    listed = neonlint("explain", "--all").out.splitlines()
    assert "too-many-connections           The compute has no connection left" in listed
    whole = neonlint("explain", "--all", "--output-format", "json").json["errors"]
    assert [one["name"] for one in whole] == [line.split()[0] for line in listed]
    assert "## The compute has no connection left\n" in neonlint("explain", "--all", "--output-format", "markdown").out


@pytest.mark.parametrize("arguments", [("--all", "x"), ("-", "x"), ("x", "-"), ("app.log",), ("--file", "x")])
def test_wrong_usage(tmp_path: Path, neonlint: Neonlint, arguments: tuple[str, ...]) -> None:
    (tmp_path / "app.log").write_text(LOG)
    ran = neonlint("explain", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert "neonlint" in ran.err
    assert "Traceback" not in ran.err


def test_a_terminal_without_a_text_is_told_what_to_give(tmp_path: Path) -> None:
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "neonlint", "explain"]
    done = subprocess.run(command, stdin=inner, capture_output=True, text=True, cwd=tmp_path, timeout=30, check=False)
    os.close(outer)
    os.close(inner)
    assert (done.returncode, done.stdout) == (2, "")
    assert "give the error in quotes, or a log on standard input" in done.stderr


def test_a_log_command_of_a_ci_is_not_repeated(neonlint: Neonlint) -> None:
    hostile = "::error::x ##[add-mask]y role '::warning::' does not exist"
    ran = neonlint("explain", hostile, GITHUB_ACTIONS="true")
    assert ran.status == 0
    assert "::" not in ran.out
    assert "##[" not in ran.out


def test_the_engine_is_not_loaded_without_a_project(tmp_path: Path) -> None:
    code = (
        "import sys; from neonlint import cli; cli.main(['explain', '--no-project', 'P1001'])\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not {"neonlint.engine", "pydantic", "yaml", "tree_sitter", "libcst"} & set(done.stderr.split())
    assert json.dumps("Prisma got")[1:-1] in done.stdout
