"""Where `neonlint generate --output` writes, what it leaves alone, and who may read it."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from dotenv import dotenv_values
from targets.command import CANARY, POOLED, TLS, URL, Generate, mode

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def modes_count() -> None:
    """Takes from root, too, the right to write where a mode forbids it."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


def small_disk() -> None:
    """Fails a write behind 500 bytes, as a full disk does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))


def test_a_new_file(generate: Generate, tmp_path: Path) -> None:
    printed = generate("psycopg", "--from-env", "U", U=URL)
    ran = generate("psycopg", "--from-env", "U", "--output", "db/connection.py", U=URL)
    assert (ran.status, ran.out) == (0, "")
    assert ran.err.startswith("neonlint: note: written: db/connection.py\n")
    assert (tmp_path / "db/connection.py").read_text() == printed.out
    assert [path.name for path in (tmp_path / "db").iterdir()] == ["connection.py"], "nothing else is left behind"


def test_into_a_folder_under_its_own_name(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    assert generate("psycopg", "-o", "src").status == 0
    assert generate("psycopg", "-o", "new/").status == 0
    assert (tmp_path / "src/database.py").is_file() and (tmp_path / "new/database.py").is_file()


def test_the_same_again_changes_nothing(generate: Generate, tmp_path: Path) -> None:
    generate("psycopg", "-o", "db.py")
    before = (tmp_path / "db.py").stat()
    ran = generate("psycopg", "-o", "db.py")
    after = (tmp_path / "db.py").stat()
    assert ran.status == 0 and "neonlint: note: unchanged: db.py\n" in ran.err
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_exists_is_shown_as_a_difference_and_left(generate: Generate, tmp_path: Path) -> None:
    old = f'import psycopg\n\nconnection = psycopg.connect("{URL}")\n'
    (tmp_path / "db.py").write_text(old)
    ran = generate("psycopg", "--role", "admin", "-o", "db.py")
    assert ran.status == 1
    assert ran.out.startswith("--- a/db.py\n+++ b/db.py\n@@ ")
    assert '-connection = psycopg.connect("postgresql://app:***@' in ran.out
    assert '+        os.environ["DATABASE_URL_UNPOOLED"],' in ran.out
    assert "neonlint: note: nothing was written, because files exist; --force overwrites them\n" in ran.err
    assert (tmp_path / "db.py").read_text() == old
    assert generate("psycopg", "--role", "admin", "-o", "db.py", "--force").status == 0
    assert "DATABASE_URL_UNPOOLED" in (tmp_path / "db.py").read_text()


def test_forced_files_keep_their_mode(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / "connect.sh").write_text("#!/bin/sh\n")
    (tmp_path / "connect.sh").chmod(0o755)
    assert generate("psql", "-o", "connect.sh", "--force").status == 0
    assert mode(tmp_path / "connect.sh") == 0o755


def test_several_files(generate: Generate, tmp_path: Path) -> None:
    shown = generate("pg-service", "--from-env", "U", U=URL)
    assert [line for line in shown.out.splitlines() if line.startswith("==>")] == [
        "==> .pg_service.conf <==",
        "==> .pgpass <==",
    ]
    ran = generate("pg-service", "--from-env", "U", "--with-secret", "-o", "home", U=URL)
    assert ran.status == 0
    assert f":{CANARY}\n" in (tmp_path / "home/.pgpass").read_text()
    assert (mode(tmp_path / "home/.pgpass"), mode(tmp_path / "home/.pg_service.conf") & 0o077 != 0) == (0o600, True)


def test_several_files_are_left_alone_together(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / ".pgpass").write_text(f"*:*:*:*:{CANARY}\n")
    ran = generate("pg-service", "-o", ".")
    assert ran.status == 1 and "--- a/.pgpass" in ran.out
    assert not (tmp_path / ".pg_service.conf").exists()


@pytest.mark.parametrize("name", [".env", "other"])
def test_a_file_with_a_password_is_for_its_owner_alone(generate: Generate, tmp_path: Path, name: str) -> None:
    previous = os.umask(0)
    try:
        assert generate("env", "--from-env", "U", "--with-secret", "-o", name, U=URL).status == 0
    finally:
        os.umask(previous)
    assert mode(tmp_path / name) == 0o600
    assert dotenv_values(tmp_path / name)["DATABASE_URL"] == f"postgresql://app:{CANARY}@{POOLED}/shop?{TLS}"


def test_an_open_file_is_closed_before_a_password_comes_into_it(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    (tmp_path / ".env").chmod(0o644)
    assert generate("env", "--from-env", "U", "--with-secret", "-o", ".env", U=URL).status == 1
    assert mode(tmp_path / ".env") == 0o644
    assert generate("env", "--from-env", "U", "--with-secret", "-o", ".env", "--force", U=URL).status == 0
    assert mode(tmp_path / ".env") == 0o600
    assert CANARY in (tmp_path / ".env").read_text()


def test_a_difference_shows_no_secret_of_either_side(generate: Generate, tmp_path: Path) -> None:
    old = f"DATABASE_URL={URL}\nPGPASSWORD={CANARY}\nSTRIPE_KEY={CANARY}\nDEBUG=1\n"
    (tmp_path / ".env").write_text(old)
    ran = generate("env", "--from", ".env", "--with-secret", "-o", ".env")
    assert ran.status == 1
    assert "-DATABASE_URL=postgresql://app:***@" in ran.out
    assert "+DATABASE_URL=" in ran.out


def test_a_link_inside_stays_a_link(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("x = 1\n")
    (tmp_path / "db.py").symlink_to("real.py")
    assert generate("psycopg", "-o", "db.py", "--force").status == 0
    assert (tmp_path / "db.py").is_symlink() and "psycopg_pool" in (tmp_path / "real.py").read_text()


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "cannot be read (No such file or directory)"),
    "a link out of the folder": (lambda path: path.symlink_to("/etc/hostname"), "outside"),
    "a pipe": (os.mkfifo, "is no regular file"),
    "a link to a folder of files": (lambda path: (path / "database.py").mkdir(parents=True), "is no regular file"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_file_is_left(
    generate: Generate, tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    make(tmp_path / "db")
    ran = generate("psycopg", "-o", "db", "--force")
    assert ran.status == 2
    assert reason in ran.err and "name another place with --output" in ran.err


def test_below_a_file_there_is_no_place(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for words in (("psycopg", "-o", "file/db.py"), ("pg-service", "-o", "file")):
        ran = generate(*words)
        assert ran.status == 2 and ran.err.startswith("neonlint: error: file/"), ran.err
    assert (tmp_path / "file").read_text() == "x"


def test_without_permission(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o555)
    ran = generate("psycopg", "-o", "locked/db.py", before=modes_count)
    assert ran.status == 2 and "permission denied" in ran.err
    (tmp_path / "prisma").mkdir(mode=0o555)
    assert "permission denied" in generate("prisma", "-o", ".", before=modes_count).err
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


#: Of schema, configuration and code, in this order, only the last one cannot be written.
LAST_ONE: dict[str, tuple[Callable[[Path], object], Callable[[], None], str]] = {
    "folder without permission": (lambda src: src.mkdir(mode=0o555), modes_count, "permission denied"),
    "file in the place of a folder": (lambda src: src.write_text("x"), modes_count, "not a directory"),
    "folder that leads away": (lambda src: src.symlink_to("/tmp"), modes_count, "outside the project"),
    "disk without space": (lambda src: src.mkdir(), small_disk, "file too large"),
}


@pytest.mark.parametrize(("make", "before", "reason"), LAST_ONE.values(), ids=LAST_ONE)
def test_no_file_is_written_where_one_cannot_be(
    generate: Generate, tmp_path: Path, make: Callable[[Path], object], before: Callable[[], None], reason: str
) -> None:
    (tmp_path / "app/prisma").mkdir(parents=True)
    make(tmp_path / "app/src")
    old = "generator client {}\n"
    (tmp_path / "app/prisma/schema.prisma").write_text(old)
    paths = sorted(tmp_path.rglob("*"))
    ran = generate("prisma", "-o", "app", "--force", before=before)
    assert ran.status == 2 and ran.out == "", ran.out
    assert ran.err.startswith("neonlint: error: app/src/db.ts: ") and reason in ran.err
    assert "none of the files was written; name another place with --output" in ran.err
    assert sorted(tmp_path.rglob("*")) == paths
    assert (tmp_path / "app/prisma/schema.prisma").read_text() == old


def test_a_read_only_file_is_left(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / "db.py").write_text("x = 1\n")
    (tmp_path / "db.py").chmod(0o444)
    ran = generate("psycopg", "-o", "db.py", "--force")
    assert ran.status == 2 and "the file is read-only" in ran.err
    assert (tmp_path / "db.py").read_text() == "x = 1\n"


def test_a_difference_in_a_file_of_secrets_shows_none_of_the_others(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    secrets = f'[connections.neon]\nurl = "{URL}"\n\n[stripe]\nkey = "{CANARY}"\n'
    (tmp_path / ".streamlit/secrets.toml").write_text(secrets)
    ran = generate("streamlit", "--from", ".streamlit/secrets.toml", "--with-secret", "-o", ".")
    assert ran.status == 1 and "--- a/.streamlit/secrets.toml" in ran.out
    assert (tmp_path / ".streamlit/secrets.toml").read_text() == secrets


BEFORE = 'SECRET_KEY=abc\nexport DATABASE_URL="postgres://old:pw@ep-old-rain-a1b2c3d4.us-east-2.aws.neon.tech/db" # ours\nSTRIPE=sk_1'


def test_an_environment_file_keeps_what_else_it_says(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(BEFORE)
    ran = generate("env", "--from-env", "U", "--with-secret", "-o", ".env", "--force", U=URL)
    assert ran.status == 0
    lines = (tmp_path / ".env").read_text().splitlines()
    assert lines[0] == "SECRET_KEY=abc" and lines[2] == "STRIPE=sk_1"
    assert lines[1] == f'export DATABASE_URL="postgresql://app:{CANARY}@{POOLED}/shop?{TLS}" # ours'
    assert set(dotenv_values(tmp_path / ".env")) == {"SECRET_KEY", "DATABASE_URL", "STRIPE", "DATABASE_URL_UNPOOLED"}
    assert "unchanged" in generate("env", "--from-env", "U", "--with-secret", "-o", ".env", U=URL).err


def test_a_placeholder_never_takes_the_place_of_a_password(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(BEFORE)
    ran = generate("env", "--from-env", "U", "-o", ".env", "--force", U=URL)
    assert ran.status == 2 and "add --with-secret" in ran.err
    assert (tmp_path / ".env").read_text() == BEFORE


def test_no_password_goes_into_a_tracked_file(generate: Generate, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    words = ("psycopg", "--from-env", "U", "--with-secret", "-o", ".", "--force")
    assert "git does not ignore .env; add it to .gitignore" in generate(*words, U=URL).err
    (tmp_path / ".gitignore").write_text(".env\n")
    assert "gitignore" not in generate(*words, U=URL).err
    subprocess.run(["git", "-C", str(tmp_path), "add", "-f", ".env"], check=True)
    (tmp_path / ".env").write_text("A=1\n")
    ran = generate(*words, U=URL)
    assert ran.status == 2 and "git tracks this file; run `git rm --cached .env` first" in ran.err
    assert (tmp_path / ".env").read_text() == "A=1\n"


def test_several_files_need_a_directory(generate: Generate, tmp_path: Path) -> None:
    ran = generate("psycopg", "--from-env", "U", "--with-secret", "-o", "db.py", U=URL)
    assert ran.status == 2 and "name a directory with --output db/" in ran.err
    assert not list(tmp_path.iterdir())
