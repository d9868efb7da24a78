"""What drizzle-kit reads from its configuration, and what drizzle-orm cannot do over HTTP.

Measured with drizzle-kit 0.31.11 and drizzle-orm 0.45.4.
"""

import re
import subprocess
from pathlib import Path

import pytest
from drivers.wire import Sent, talk
from node.conftest import HOST, Certificate
from node.npm import Npm, surroundings

pytestmark = pytest.mark.node


class Ended(Exception):
    """What drizzle-kit printed."""


@pytest.fixture
def folder(npm: Npm, tmp_path: Path) -> Path:
    (tmp_path / "node_modules").symlink_to(npm.folder / "node_modules")
    (tmp_path / "schema.ts").write_text("export {};\n")
    (tmp_path / "home.mjs").write_text((npm.folder / "home.mjs").read_text())
    journal = tmp_path / "drizzle" / "meta" / "_journal.json"
    journal.parent.mkdir(parents=True)
    journal.write_text('{"version": "7", "dialect": "postgresql", "entries": []}')
    return tmp_path


def migrate(folder: Path, config: str) -> str:
    """What ``drizzle-kit migrate`` prints with this configuration; every host leads to the loopback."""
    head = "schema: './schema.ts', out: './drizzle'"
    (folder / "drizzle.config.ts").write_text(f"export default {{ {head}, {config} }};\n")
    done = subprocess.run(
        ["node", "node_modules/drizzle-kit/bin.cjs", "migrate"],
        cwd=folder,
        env={**surroundings(), "HOME": str(folder), "NODE_OPTIONS": "--import=./home.mjs"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", done.stdout + done.stderr)


def sent_by(folder: Path, certificate: Certificate, credentials: str) -> Sent:
    def connect(port: int) -> None:
        raise Ended(
            migrate(folder, f"dialect: 'postgresql', dbCredentials: {{ {credentials.replace('PORT', str(port))} }}")
        )

    return talk(connect, tls=certificate.context)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("dialect: 'postgresql', dbCredentials: { connectionString: 'x' }", 'Either connection "url" or "host"'),
        ("dialect: 'postgresql', dbCredentials: { url: process.env.NONE }", "[x] url: undefined"),
        ("driver: 'pg', dbCredentials: { connectionString: 'x' }", "'postgresql' | 'mysql'"),
        ("dialect: 'pg', dbCredentials: { url: 'x' }", "invalid_enum_value"),
        (
            "dialect: 'postgresql', dbCredentials: { host: 'h', database: 'd', ssl: 'no-verify' }",
            "[✓] ssl: 'no-verify'",
        ),
    ],
)
def test_what_it_refuses(folder: Path, config: str, words: str) -> None:
    """Rules: the names that drizzle.config is read by (``connectionString`` and ``driver: 'pg'`` are of before 0.21)."""
    assert words in migrate(folder, config)


def test_it_takes_pg_first_and_the_mode_of_the_url(folder: Path, certificate: Certificate) -> None:
    """Rules: migration-over-pooler, node-pg-sslmode-alias, node-pg-ssl-overridden: ``ssl`` beside ``url`` is dropped."""
    url = f"url: 'postgresql://app:pw@{HOST}:PORT/neondb"
    sent = sent_by(folder, certificate, f"{url}?sslmode=require'")
    assert (sent.kinds, sent.sni) == (["SSLRequest"], HOST)
    assert "Using 'pg' driver for database querying" in sent.error
    assert sent_by(folder, certificate, f"{url}', ssl: true").kinds == ["StartupMessage", "PasswordMessage"]


def test_words_beside_a_host_do_not_verify(folder: Path, certificate: Certificate) -> None:
    """Rules: tls-verification-disabled."""
    fields = f"host: '{HOST}', port: PORT, user: 'app', password: 'pw', database: 'neondb'"
    assert "PasswordMessage" in sent_by(folder, certificate, f"{fields}, ssl: 'require'").kinds
    assert sent_by(folder, certificate, f"{fields}, ssl: true").kinds == ["SSLRequest"]


def test_it_reads_the_dotenv_file(folder: Path) -> None:
    """Rules: migration-over-pooler: `.env` needs no import."""
    (folder / ".env").write_text(f"X=postgresql://app:pw@{HOST}:1/neondb\n")
    assert "Using 'pg' driver" in migrate(folder, "dialect: 'postgresql', dbCredentials: { url: process.env.X }")


def test_neon_http_has_no_transactions(npm: Npm) -> None:
    """Rules: neon-http-interactive-txn."""
    assert npm.ask("neon_http")["error"] == "No transactions support in neon-http driver"
