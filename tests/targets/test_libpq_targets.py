"""Dotenv files, psql's script and service files, read by what reads them: dotenv readers, a shell, libpq."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest
from dotenv import dotenv_values
from psycopg.conninfo import conninfo_to_dict
from targets.running import (
    CLEAR_STEPS,
    DIRECT,
    PASSWORD,
    POOLED,
    SOURCE,
    STEPS,
    Authority,
    Laid,
    lay,
    meet,
)

from neonlint import generate
from neonlint.generate import Wish
from neonlint.targets import load
from neonlint.targets.model import PROFILES, ROLES, Profile, Role

MonkeyPatch = pytest.MonkeyPatch


# --- env ---


@pytest.mark.parametrize("profile", PROFILES)
def test_libpq_takes_both_connection_strings(profile: Profile, tmp_path: Path) -> None:
    laid = lay(tmp_path, "env", profile)
    for name, host in (("DATABASE_URL", POOLED), ("DATABASE_URL_UNPOOLED", DIRECT)):
        found = conninfo_to_dict(laid.variables[name])
        assert (found["host"], found["password"], found["channel_binding"]) == (host, PASSWORD, "require")
        assert found["sslmode"] == ("require" if profile == "baseline" else "verify-full")
    assert laid.variables.get("PGSSLROOTCERT") == (None if profile == "baseline" else "system")


def test_a_shell_reads_the_file_as_dotenv_does(tmp_path: Path) -> None:
    laid = lay(tmp_path, "env", "strict")
    script = 'set -a; . ./.env; printf "%s\\n" "$DATABASE_URL" "$DATABASE_URL_UNPOOLED"'
    done = subprocess.run(["sh", "-euc", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [laid.variables["DATABASE_URL"], laid.variables["DATABASE_URL_UNPOOLED"]]


def test_only_the_application_gets_the_pooled_string(tmp_path: Path) -> None:
    for role in ROLES:
        (folder := tmp_path / role).mkdir()
        given = set(lay(folder, "env", role=role).variables)
        assert given == {"DATABASE_URL_UNPOOLED", *(["DATABASE_URL"] if role == "app" else [])}


@pytest.mark.parametrize("profile", PROFILES)
def test_strict_verifies_with_the_variable_beside_the_url(
    profile: Profile, trusted: Authority, alone: MonkeyPatch, tmp_path: Path
) -> None:
    """psycopg's wheels take the roots of `SSL_CERT_FILE` for the system's."""

    def connect(_: Laid) -> None:
        psycopg.connect(os.environ["DATABASE_URL"])

    laid = lay(tmp_path, "env", profile)
    assert meet(laid, connect, alone, trusted.server, trusted.bundle).kinds == STEPS
    untrusted = meet(laid, connect, alone, trusted.server)
    assert ("StartupMessage" in untrusted.kinds) == (profile == "baseline")


def test_without_a_secret_it_is_a_template() -> None:
    file = generate.generate(load("env"), SOURCE, Wish()).output.files[0]
    assert (file.path, file.private) == (".env.example", False)
    assert "npg_" not in file.text and "app_user:<password>@" in file.text


# --- psql ---

#: Shows what psql would be told.
FAKE_PSQL = """\
#!/bin/sh
printf '%s\\n' "$@" "PGSSLROOTCERT=${PGSSLROOTCERT-}" "PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT-}"
"""


def run_script(laid: Laid, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The generated script, with a psql in front of the real one that shows what it is told."""
    programs = laid.folder / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "psql").write_text(FAKE_PSQL)
    (programs / "psql").chmod(0o755)
    env = {"PATH": f"{programs}:/usr/bin:/bin", **environment}
    command = ["sh", str(laid.folder / "connect.sh"), *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("role", ROLES)
def test_psql_gets_the_variable_of_the_role_and_the_rest_of_the_line(
    profile: Profile, role: Role, tmp_path: Path
) -> None:
    laid = lay(tmp_path, "psql", profile, role=role)
    ran = run_script(laid, "-c", "select 1; -- it's $HOME", **laid.variables)
    assert not ran.returncode, ran.stderr
    url, *words, root, timeout = ran.stdout.splitlines()
    found = conninfo_to_dict(url.removeprefix("--dbname="))
    assert (found["host"], found["password"]) == (POOLED if role == "app" else DIRECT, PASSWORD)
    assert found["sslmode"] == ("require" if profile == "baseline" else "verify-full")
    assert words == ["-c", "select 1; -- it's $HOME"]
    assert (root, timeout) == (f"PGSSLROOTCERT={'' if profile == 'baseline' else 'system'}", "PGCONNECT_TIMEOUT=15")


def test_psqls_own_variables_win(tmp_path: Path) -> None:
    laid = lay(tmp_path, "psql", "strict")
    ran = run_script(laid, **laid.variables, PGSSLROOTCERT="/etc/ssl/cert.pem", PGCONNECT_TIMEOUT="40")
    assert ran.stdout.splitlines()[-2:] == ["PGSSLROOTCERT=/etc/ssl/cert.pem", "PGCONNECT_TIMEOUT=40"]


def test_without_the_variable_psql_is_not_started(tmp_path: Path) -> None:
    ran = run_script(lay(tmp_path, "psql"))
    assert ran.returncode and not ran.stdout
    assert "DATABASE_URL: is not set" in ran.stderr


# --- pg-service ---


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("service", "host"), [("neon", POOLED), ("neon-direct", DIRECT)])
def test_libpq_finds_service_and_password(
    profile: Profile, service: str, host: str, trusted: Authority, alone: MonkeyPatch, tmp_path: Path
) -> None:
    """The home directory is where they were written. libpq looks the password up by the host as the service spells it."""

    def connect(_: Laid) -> None:
        listened = int(os.environ["PGPORT"])
        for name in (".pg_service.conf", ".pgpass"):
            text = (tmp_path / name).read_text().replace("port=5432", f"port={listened}")
            (tmp_path / name).write_text(text.replace(".neon.tech:5432:", f".neon.tech:{listened}:"))
        started = psycopg.pq.PGconn.connect_start(f"service={service}".encode())
        assert started.password == PASSWORD.encode()
        started.finish()
        psycopg.connect(f"service={service}")

    laid = lay(tmp_path, "pg-service", profile)
    sent = meet(laid, connect, alone, trusted.server, trusted.bundle)
    assert sent.kinds[-4:] == STEPS, sent.error
    assert sent.sni == host and sent.mechanism == "SCRAM-SHA-256-PLUS"
    assert (sent.startup["user"], sent.startup["database"]) == ("app_user", "shop")
    lay(tmp_path, "pg-service", profile)
    assert set(meet(laid, connect, alone, b"N", trusted.bundle).kinds) == set(CLEAR_STEPS)


def test_every_key_of_a_service_is_a_keyword_of_libpq(tmp_path: Path) -> None:
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    lines = lay(tmp_path, "pg-service", "strict").files[".pg_service.conf"].splitlines()
    keys = {line.partition("=")[0] for line in lines if "=" in line}
    assert keys <= known and {"host", "sslmode", "channel_binding", "connect_timeout"} <= keys


def test_the_password_file_is_private_and_escapes_its_marks() -> None:
    output = generate.generate(load("pg-service"), SOURCE, Wish(with_secret=True)).output
    services, passwords = output.files
    assert (services.private, passwords.private) == (False, True)
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    assert passwords.text == "".join(f"{host}:5432:shop:app_user:{escaped}\n" for host in (POOLED, DIRECT))
    assert "npg_" not in services.text


def test_a_real_psql_takes_the_script(alone: MonkeyPatch, trusted: Authority, tmp_path: Path) -> None:
    if shutil.which("psql") is None:
        pytest.skip("psql is not installed")

    def connect(laid: Laid) -> None:
        # The script itself has no host address: libpq is led by PGHOSTADDR, as everywhere here.
        done = subprocess.run(
            ["sh", str(laid.folder / "connect.sh"), "-Xwc", "select 1"], capture_output=True, text=True, check=False
        )
        raise ConnectionError(done.stderr)

    for profile in PROFILES:
        laid = lay(tmp_path, "psql", profile)
        alone.setenv("PGSSLROOTCERT", str(trusted.bundle))
        sent = meet(laid, connect, alone, trusted.server, trusted.bundle)
        assert sent.kinds == STEPS and sent.mechanism == "SCRAM-SHA-256-PLUS", sent.error
        assert PASSWORD not in sent.error


def test_dotenv_values_survive_interpolation(tmp_path: Path) -> None:
    """python-dotenv expands `${NAME}` by default; percent-encoding leaves nothing to expand."""
    laid = lay(tmp_path, "env")
    assert dotenv_values(tmp_path / ".env")["DATABASE_URL"] == laid.variables["DATABASE_URL"]
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
