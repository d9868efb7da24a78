"""`neonlint generate` as its users meet it: where the string comes from, where the files go, and what is never shown."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from targets.command import CANARY, EXPORT, HOST, OTHER, POOLED, TLS, URL, Generate, environment, mode

from neonlint.targets import MODULES, load

# --- where the connection string comes from ---


def test_without_a_source_a_placeholder_stands_for_it(generate: Generate) -> None:
    ran = generate("env")
    assert ran.status == 0
    values = [line for line in ran.out.splitlines() if not line.startswith("#")]
    user = "postgresql://app_user:<password>@ep-your-endpoint-12345678"
    assert [value.split("=", 1)[0] for value in values] == ["DATABASE_URL", "DATABASE_URL_UNPOOLED"]
    assert all(value.partition('="')[2].startswith(user) for value in values)


def test_from_the_environment(generate: Generate) -> None:
    ran = generate("psycopg", "--from-env", "MY_URL", MY_URL=URL)
    assert ran.status == 0
    assert 'os.environ["DATABASE_URL"]' in ran.out
    assert ran.err.endswith(EXPORT)


def test_a_variable_that_is_not_set(generate: Generate) -> None:
    ran = generate("psycopg", "--from-env", "MY_URL")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "neonlint: error: the environment variable MY_URL is not set; export it, or name a file with --from\n"
    )


#: A file, what to write behind `--from`, and the database that this names.
FILES: dict[str, tuple[str, str, str]] = {
    "dotenv": (".env", f"DATABASE_URL={URL}\n", ".env"),
    "dotenv, quoted": (".env", f'export DATABASE_URL="{URL}?sslmode=prefer"\n', ".env:DATABASE_URL"),
    "dotenv, two databases": (".env.local", f"BLOG_URL={OTHER}\nSHOP_URL={URL}\n", ".env.local:SHOP_URL"),
    "dotenv, pooled and direct": (
        ".env",
        f"DATABASE_URL={URL.replace(HOST, POOLED)}\nDATABASE_URL_UNPOOLED={URL}\nLOCAL=postgresql://localhost/x\n",
        ".env",
    ),
    "dotenv, in parts": (".env", f"PGHOST={HOST}\nPGUSER=app\nPGPASSWORD={CANARY}\nPGDATABASE=shop\n", ".env"),
    "dotenv, psql command": (".env", f"DATABASE_URL=\"psql '{URL}'\"\n", ".env"),
    "YAML": ("compose.yaml", f"services:\n  web:\n    environment:\n      DATABASE_URL: {URL}\n", "compose.yaml"),
    "YAML, fields": (
        "c.yaml",
        f"blog:\n  url: {OTHER}\nshop:\n  host: {HOST}\n  user: app\n  password: {CANARY}\n  dbname: shop\n",
        "c.yaml:shop",
    ),
    "YAML, key": ("c.yaml", f"blog:\n  url: {OTHER}\nshop:\n  url: {URL}\n", "c.yaml:shop.url"),
    "TOML": ("config.toml", f'[database]\nurl = "{URL}"\n', "config.toml:database.url"),
    "Django": (
        "settings.py",
        'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "USER": "app",\n'
        f'    "PASSWORD": "{CANARY}", "HOST": "{HOST}"}}}}\n',
        "settings.py:DATABASES.default",
    ),
    "service file": (
        "pg_service.conf",
        f"[blog]\nhost=ep-other-sun-e5f6a7b8.us-east-2.aws.neon.tech\nuser=app\ndbname=blog\n"
        f"[shop]\nhost={HOST}\nuser=app\ndbname=shop\npassword={CANARY}\n",
        "pg_service.conf:shop",
    ),
    "ini": ("alembic.ini", f"[alembic]\nsqlalchemy.url = {URL}\n", "alembic.ini"),
    "a name with a colon": ("a:b.env", f"DATABASE_URL={URL}\n", "a:b.env:DATABASE_URL"),
    "another folder": ("config/prod/.env", f"DATABASE_URL={URL}\n", "config/prod/.env"),
}


@pytest.mark.parametrize(("path", "text", "source"), FILES.values(), ids=FILES)
def test_from_a_file(generate: Generate, tmp_path: Path, path: str, text: str, source: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    ran = generate("psycopg", "--from", source)
    assert (ran.status, ran.err.splitlines()[-1] + "\n") == (0, EXPORT), ran.err
    with_secret = generate("env", "--from", source, "--with-secret", secret=True)
    assert f"app:{CANARY}@{POOLED}/shop" in with_secret.out


AMBIGUOUS = {
    "YAML": ("c.yaml", f"blog:\n  url: {OTHER}\nshop:\n  url: {URL}\n", "blog.url, shop.url"),
    "dotenv": (".env", f"BLOG_URL={OTHER}\nSHOP_URL={URL}\n", "BLOG_URL, SHOP_URL"),
    "two roles": (".env", f"ADMIN={URL.replace('app:', 'owner:')}\nAPP={URL}\n", "ADMIN, APP"),
}


@pytest.mark.parametrize(("path", "text", "names"), AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_file_with_several_databases_wants_a_key(
    generate: Generate, tmp_path: Path, path: str, text: str, names: str
) -> None:
    (tmp_path / path).write_text(text)
    ran = generate("psycopg", "--from", path)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f"neonlint: error: {path}: several databases are written there; name one of them as {path}:KEY ({names})\n"
    )
    for name in names.split(", "):
        assert generate("psycopg", "--from", f"{path}:{name}").status == 0


NOTHING = {
    "no file": ("nowhere", None, "nowhere: there is no such file; write --from FILE or --from FILE:KEY"),
    "no file with a key": ("nowhere:KEY", None, "nowhere: there is no such file; write --from FILE or --from FILE:KEY"),
    "a folder": (".", None, ".: there is no such file; write --from FILE or --from FILE:KEY"),
    "another key": ("c.env:X", f"URL={URL}\n", "c.env: no connection to Neon under X that can be read"),
    "nothing": ("c.env", "A=1\n", "c.env: no connection to Neon is written there that can be read"),
    "not Neon": (
        "c.env",
        f"U=postgresql://app:{CANARY}@localhost/x\n",
        "c.env: no connection to Neon is written there",
    ),
    "a hole": ("c.env", "U=postgresql://${USER}:${PW}@${HOST}/x\n", "c.env: no connection to Neon is written there"),
    "broken YAML": ("c.yaml", f"a: [1\nurl: {URL}\n  : - x\n", "c.yaml: "),
    "broken TOML": ("c.toml", f'url = "{URL}\n[', "c.toml: "),
}


@pytest.mark.parametrize(("source", "text", "reason"), NOTHING.values(), ids=NOTHING)
def test_a_file_that_holds_none(generate: Generate, tmp_path: Path, source: str, text: str | None, reason: str) -> None:
    if text is not None:
        (tmp_path / source.partition(":")[0]).write_text(text)
    ran = generate("psycopg", "--from", source)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"neonlint: error: {reason}")


def test_from_standard_input(generate: Generate) -> None:
    ran = generate("psycopg", "-", stdin=f"  {URL}\nmore\n".encode())
    assert (ran.status, ran.err.splitlines()[-1] + "\n") == (0, EXPORT)


@pytest.mark.parametrize("stdin", [b"", b"\n", b"  \n", b"\xff\xfe\n"])
def test_nothing_on_standard_input(generate: Generate, stdin: bytes) -> None:
    ran = generate("psycopg", "-", stdin=stdin)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("neonlint: error: ")


def test_a_plain_argument_works_with_a_warning(generate: Generate) -> None:
    ran = generate("psycopg", URL)
    assert ran.status == 0
    assert ran.err.startswith(
        "neonlint: note: a connection string on the command line stays in the shell's history; take --from-env, --from or"
    )


def test_one_source_at_a_time(generate: Generate) -> None:
    for words in (("--from-env", "A", "-"), ("--from-env", "A", "--from", "b"), (URL, "--from", "b")):
        ran = generate("psycopg", *words, A=URL)
        assert ran.status == 2 and "name one source" in ran.err


# --- the prompt ---


@contextmanager
def terminal(tmp_path: Path, *words: str) -> Iterator[tuple[int, int]]:
    """`neonlint generate WORDS` in a terminal of its own: the process and the other side of the terminal."""
    process, side = pty.fork()
    if process == 0:
        try:
            os.chdir(tmp_path)
            command = [sys.executable, "-m", "neonlint", "generate", *words]
            os.execve(sys.executable, command, environment(tmp_path, {"TERM": "xterm"}))
        finally:
            os._exit(127)
    try:
        yield process, side
    finally:
        os.close(side)


def read(side: int, until: bytes | None, seconds: float = 30) -> bytes:
    """What the terminal shows, up to some words or its end."""
    shown, end = b"", time.monotonic() + seconds
    while (until is None or until not in shown) and time.monotonic() < end:
        if not select.select([side], [], [], 0.1)[0]:
            continue
        try:
            chunk = os.read(side, 4096)
        except OSError:  # Linux's way to say that the other side has closed
            break
        if not chunk:
            break
        shown += chunk
    return shown


def test_what_is_typed_is_not_shown(tmp_path: Path) -> None:
    with terminal(tmp_path, "env", "-") as (process, side):
        prompt = read(side, b": ")
        assert prompt == b"Connection string (it is not shown): "
        os.write(side, f"{URL}\n".encode())
        shown = read(side, None)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    assert f"app:<password>@{POOLED}/shop?{TLS}".encode() in shown
    assert CANARY.encode() not in shown


@pytest.mark.parametrize(("typed", "status"), [(b"\n", 2), (b"\x04", 2), (b"\x03", 130)])
def test_nothing_typed(tmp_path: Path, typed: bytes, status: int) -> None:
    """Return, end of input, interrupt."""
    with terminal(tmp_path, "env", "-") as (process, side):
        read(side, b": ")
        os.write(side, typed)
        shown = read(side, None)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert code in (status, -signal.SIGINT if status == 130 else status)
    assert b"internal error" not in shown and b"Traceback" not in shown


# --- wishes ---


def test_the_list_names_every_target(generate: Generate) -> None:
    ran = generate("--list")
    assert ran.status == 0
    starts = [line.split()[0] for line in ran.out.splitlines() if not line.startswith(" ")]
    assert starts == list(MODULES)


MISTAKES: dict[str, tuple[tuple[str, ...], str]] = {
    "no target": ((), "name a target; `neonlint generate --list` names all"),
    "no such target": (("djago",), "there is no target 'djago'; did you mean django?"),
    "nothing near": (("qqqq",), "there is no target 'qqqq'; `neonlint generate --list` names all"),
    "a runtime that is not served": (("django", "--runtime", "edge"), "`django` is not for edge: "),
    "a role that is not served": (("alembic", "--role", "app"), "`alembic` is not for app: "),
    "a secret of nothing": (("env", "--with-secret"), "--with-secret needs a connection string"),
    "a size of nothing": (("env", "--compute-size", "big"), "'big' is no compute size"),
    "no Neon": (("env", f"postgresql://app:{CANARY}@localhost/x"), "the connection string leads to localhost"),
    "no string": (("env", f"{CANARY}"), "that is no Postgres connection string"),
    "no role": (("env", f"postgresql://{HOST}/x"), "the connection string names no role"),
    "no password": (("env", f"postgresql://app@{HOST}/x", "--with-secret"), "the connection string has no password"),
}


@pytest.mark.parametrize(("words", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_with_a_remedy(generate: Generate, words: tuple[str, ...], reason: str) -> None:
    ran = generate(*words)
    assert (ran.status, ran.out) == (2, "")
    assert f"neonlint: error: {reason}" in ran.err


@pytest.mark.parametrize(
    "words", [("--profile", "x"), ("--workers", "0"), ("--workers", "x"), ("--suspend-seconds", "x"), ("--nope",)]
)
def test_flags_are_checked(generate: Generate, words: tuple[str, ...]) -> None:
    ran = generate("env", *words)
    assert ran.status == 2 and words[0] in ran.err


def test_a_password_from_elsewhere_cannot_be_written(generate: Generate, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DATABASE_URL=postgresql://app:${{PGPASSWORD}}@{HOST}/shop\n")
    assert generate("env", "--from", ".env").status == 0
    ran = generate("env", "--from", ".env", "--with-secret")
    assert ran.status == 2 and "password" in ran.err


def test_roles_and_profiles_decide(generate: Generate) -> None:
    assert f"@{HOST}/shop" in generate("env", "--from-env", "U", "--role", "migrate", U=URL).out
    strict = generate("env", "--from-env", "U", "--profile", "strict", U=URL).out
    assert "sslmode=verify-full" in strict and "sslmode=require" not in strict


def test_size_and_suspension_decide_on_the_pool(generate: Generate) -> None:
    ran = generate("psycopg", "--compute-size", "0.25", "--workers", "8", "--suspend-seconds", "60")
    assert "    max_size=11,\n    max_idle=30,\n" in ran.out
    assert "max_connections is 104, of which the pooler opens 93" in ran.out


def test_parameters_that_are_left_out_are_told(generate: Generate) -> None:
    ran = generate("env", "--from-env", "U", U=f"{URL}?options=-c%20search_path%3Dx&application_name=web")
    assert "application_name=web" in ran.out and "options" not in ran.out
    assert "neonlint: note: not taken over from the connection string: options\n" in ran.err


# --- the secret ---


@pytest.mark.parametrize("name", list(MODULES))
def test_the_password_stands_nowhere_unless_asked_for(generate: Generate, tmp_path: Path, name: str) -> None:
    """The fixture looks at both streams; here, at the files."""
    target = load(name)
    words = (name, "--from-env", "U", "--role", target.roles[0], "--runtime", target.runtimes[0])
    assert generate(*words, "-o", "without/", U=URL).status == 0
    assert not holders(tmp_path / "without")
    assert generate(*words, "--with-secret", "-o", "with/", U=URL).status == 0
    assert all(mode(path) == 0o600 for path in holders(tmp_path / "with"))


def holders(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and CANARY in path.read_text()]


#: Strings from which somebody's parser would show a piece of the password as host, port, database or parameter.
BENT = [
    f"postgresql://app:{CANARY}@x@{HOST}/shop",
    f"postgresql://app:x/{CANARY}@{HOST}/shop",
    f"postgresql://app:x?{CANARY}@{HOST}/shop",
    f"postgresql://app:x#{CANARY}@{HOST}/shop",
    f"postgresql://app:x@{CANARY}@{HOST}/shop",
    f"postgresql://app:x'{CANARY}@{HOST}/shop",
    f"postgresql://app:x {CANARY}@{HOST}/shop",
    f"postgresql://app:%{CANARY}@{HOST}/shop",
    f"postgresql://app:x[{CANARY}]@{HOST}/shop",
    f"psql 'postgresql://app:{CANARY}@{HOST}/shop",
    f"host={HOST} user=app password={CANARY} dbname=shop sslmode=",
    f"host={HOST} user=app password='{CANARY} dbname=shop",
    f"jdbc:postgresql://{HOST}/shop?user=app&password={CANARY}",
    f"Host={HOST};Username=app;Password={CANARY}",
    f"mysql://app:{CANARY}@{HOST}/shop",
]


@pytest.mark.parametrize("text", BENT)
@pytest.mark.parametrize("words", [(), ("--with-secret",)])
def test_no_error_shows_a_piece_of_it(generate: Generate, text: str, words: tuple[str, ...], tmp_path: Path) -> None:
    """The fixture looks for it. With `--with-secret` the files may hold it, and nothing else."""
    ran = generate("psycopg", "-", *words, "-o", "out/", stdin=f"{text}\n".encode())
    assert ran.status in (0, 2)
    assert {path.name for path in holders(tmp_path / "out")} <= ({".env"} if words else set())


def test_a_string_in_the_wrong_place_is_not_echoed(generate: Generate, tmp_path: Path) -> None:
    """People paste into the wrong place."""
    for words in ((URL,), ("env", "--from", URL), ("env", "--output", URL), ("env", f"--profile={URL}")):
        assert generate(*words).status == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("host", ["mydb.xxxx.us-east-1.rds.amazonaws.com", "db.example.com", "localhost", "10.0.0.1"])
def test_hosts_that_are_not_neons_are_refused(generate: Generate, host: str) -> None:
    ran = generate("env", "--from-env", "U", U=f"postgresql://app:pw@{host}/db")
    assert ran.status == 2 and "which is no Neon endpoint" in ran.err


@pytest.mark.parametrize(
    ("workers", "said"),
    [
        ("1", "1 process with 20 connections: 20 of them."),
        ("93", "93 processes with 1 connection each: 93 of them."),
        ("500", "500 processes with 1 connection each: 500 clients of those; the rest wait in the pooler."),
    ],
)
def test_the_arithmetic_of_a_pool(generate: Generate, workers: str, said: str) -> None:
    ran = generate("psycopg", "--compute-size", "0.25", "--workers", workers)
    assert "the pooler opens 93 for one role and database." in ran.out and said in ran.out


@pytest.mark.parametrize(("seconds", "life"), [("0", 1800), ("86400", 1800), ("300", 240), ("60", 48)])
def test_connections_live_as_long_as_the_compute_is_awake(generate: Generate, seconds: str, life: int) -> None:
    assert f"pool_recycle={life}," in generate("sqlalchemy", "--suspend-seconds", seconds).out
