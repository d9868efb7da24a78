"""Hostile and broken input: each file that cannot be read ends as a skip with its reason, and never as an exception."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neonlint import formats
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine import Outcome, run
from neonlint.errors import ParseFailure
from neonlint.formats import javascript_source, shell_tree
from neonlint.formats.claims import format_of
from neonlint.ir.model import Extract
from neonlint.ir.source import Document

NAMES = (
    ".env", "x.py", "settings.py", "x.yaml", "compose.yaml", ".github/workflows/x.yml", "x.toml", "pyproject.toml", "x.json",
    "package.json", "vercel.json", "alembic.ini", "setup.cfg", "pg_service.conf", "x.conf", ".pgpass", "NOTES.md", "x.ipynb", "x.sql",
    "requirements.txt", "poetry.lock", "schema.prisma",
    "x.js", "x.ts", "x.tsx", "drizzle.config.ts", "x.vue", "x.svelte", "x.astro", "wrangler.toml",
    "x.sh", "Dockerfile", "Makefile", "justfile", "Procfile", ".nvmrc",
)  # fmt: skip
URL = b"postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech:6543/db&sslmode=prefer"
PIECES = st.sampled_from(
    [
        URL, b"DATABASE_URL=", b"DATABASE_URL: ", b"\n", b"\r\n", b"'", b'"', b"{", b"}", b"[", b"]", b"(", b")", b": ", b"- ", b"  ", b"= ",
        b"#", b"# neonlint: ignore[NL101]", b"${X:-", b"${{ secrets.X }}", b"\\", b"%", b"import psycopg2\n", b"psycopg2.connect(", b"f'",
        b"DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': '", b"PGHOST=ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech",
        b"[alembic]\nsqlalchemy.url = ", b"\xff", b"\x00", "é€😀".encode(), b"&a: *a", b"<<: ", b"npg_Ab1Cd2Ef3Gh4", b"host=", b" password=pw ", b"datasource db {\n  url = ", b"generator g {", b" env(",
        b"import { Pool, neonConfig } from '@neondatabase/serverless'\n", b"new Pool({ connectionString: ", b"process.env.X ?? ", b"`${", b"</script>",
        b"<script lang='ts'>", b"neonConfig.fetchConnectionCache = true\n", b"ssl: { rejectUnauthorized: false }", b"=> ", b"function f() {", b"export default ",
        b"export ", b"psql ", b" | ", b" && ", b"$(", b"`", b"<<EOF\n", b"EOF\n", b"if ", b"; then ", b"done\n", b"\\\n", b"PGPASSWORD=pw pg_dump ", b"npx prisma migrate deploy\n",
        b"FROM node:20\n", b"ENV ", b"RUN ", b'CMD ["', b"run:\n\t@", b":= ", b"$(X)", b"{{x}}", b"release: ", b'{"scripts": {"migrate": "', b"jobs:\n  a:\n    steps:\n      - run: ",
    ]
)  # fmt: skip
CONTENT = st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=14).map(b"".join))


def check(root: Path, name: str, data: bytes, repair: bool = False) -> Outcome:
    return run(root, [FoundFile(name)], Config(), repair="unsafe" if repair else "none", given={name: data})


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_raised_on_any_bytes(name: str, tmp_path: Path) -> None:
    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(data=CONTENT, repair=st.booleans())
    def law(data: bytes, repair: bool) -> None:
        outcome = check(tmp_path, name, data, repair)
        internal = [skip for skip in outcome.report.skipped if skip.reason in ("internal-error", "timed-out")]
        assert not internal, internal

    law()


DEEP = {
    "x.py": b"DATABASE_URL = " + b"[" * 10_000 + b"]" * 10_000 + b"\n",
    "y.py": b"DATABASE_URL = " + b"-" * 20_000 + b"1\n",
    "x.yaml": b"database: " + b"[" * 10_000,
    "x.json": b'{"database": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "x.toml": b"database = " + b"[" * 10_000 + b"]" * 10_000,
    "bomb.yaml": b"database: &a [x, x]\n" + b"".join(b"b%d: &b%d [%s]\n" % (i, i, b", ".join([b"*a" if i == 0 else b"*b%d" % (i - 1)] * 9)) for i in range(9)),
    "long.json": b'{"database": "' + b"x" * 900_000 + b'", "url": "' + URL + b'"}',
    "long.md": URL + b" " + b"postgresql://" * 60_000,
    ".env": b"DATABASE_URL='" + b"\\" * 500_000,
    "alembic.ini": b"[alembic]\n" + b"sqlalchemy.url = x\n" * 20_000,
    "deep.js": b"const DATABASE_URL = " + b"[" * 100_000 + b"]" * 100_000,
    "deep.ts": b"const DATABASE_URL = " + b"!" * 100_000 + b"x; new Pool({ connectionString: '" + URL + b"' })",
    "plus.js": b"const DATABASE_URL = '" + URL + b"'" + b" + 'x'" * 20_000,
    "ternary.ts": b"const DATABASE_URL = " + b"a ? '" * 5_000 + URL,
    "template.js": b"const DATABASE_URL = " + b"`${" * 50_000 + URL,
    "spread.js": b"import { Pool } from 'pg'\nconst c0 = { max: 1 };\n" + b"".join(b"const c%d = { ...c%d, ...c%d };\n" % (i + 1, i, i) for i in range(60)) + b"new Pool(c60)\n",
    "open.vue": b"<script>" * 20_000 + URL,
    "deep.prisma": b"datasource db {\n  url = " + b"[" * 500_000,
    "open.sh": b"psql $(" * 20_000 + URL,
    "quoted.sh": b'psql "' + URL + b'"; "$(' * 10_000,
    "nested.sh": b"if psql; then " * 10_000 + URL,
    "pipes.sh": b"psql '" + URL + b"' | " * 100_000,
    "heredoc.sh": b"".join(b"psql <<E%d\n" % i for i in range(5_000)) + URL,
    "names.sh": b"".join(b"A%d=$A%d$A%d\n" % (i + 1, i, i) for i in range(2_000)) + b"psql " + URL + b"/$A2000\n",
    "long.sh": b"psql " + URL + b" " + b"npg_" * 200_000,
    "Dockerfile": b"FROM x\nENV DATABASE_URL=" + URL + b"\n" + b"RUN psql \\\n" * 20_000,
    "x.Dockerfile": b"FROM x\nCMD " + b'["psql",' * 100_000,
    "env.Dockerfile": b"FROM x\nENV " + b"A=$A" * 100_000 + b"\nRUN psql " + URL,
    "Makefile": b"X = " + b"$(X)" * 100_000 + b"\nrun:\n\tpsql $(X) " + URL + b"\n",
    "justfile": b"x := '" + URL + b"'\n" + b"run:\n    psql {{x}} {{\n" * 5_000,
    "Procfile": b"web: psql " + URL + b" && psql" * 20_000,
    "package.json": b'{"scripts": {"start": "' + b'A=\\\"x ' * 100_000 + URL + b'"}}',
    "x/package.json": b'{"scripts": {' + b'"start":"A=' * 80_000 + b"psql " + URL,
    "workflow.yaml": b"jobs:\n  a:\n    steps:\n      - run: |\n" + b"          psql " + URL + b" && (\n" * 1 + b"          psql $(\n" * 20_000,
    "long.prisma": b'datasource db {\n  url = "' + URL + b'"\n' + b"{\n/*" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("name", DEEP)
def test_bombs_end_soon(name: str, tmp_path: Path) -> None:
    started = time.process_time()
    outcome = check(tmp_path, name, DEEP[name])
    assert time.process_time() - started < 15
    assert all(skip.reason in ("not-parsed", "too-large") for skip in outcome.report.skipped), outcome.report.skipped


@pytest.mark.parametrize("module", [shell_tree, javascript_source])
def test_a_text_that_is_given_up_leaves_nothing_for_the_next(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other, short = {
        shell_tree: ("x.sh", b"psql ${a:-$(b)}\n", b"psql a\n"),
        javascript_source: ("x.js", b"new Pool(`${a}`)\n", b"new Pool()\n"),
    }[module]
    format_ = formats.load(format_of(path))
    with monkeypatch.context() as patch:
        patch.setattr(module, "_SECONDS", -1.0)
        with pytest.raises(ParseFailure):
            format_.read(path, other * 2_000)
    document = format_.read(path, short)
    assert len(document.calls) + len(document.commands) == 1


HOSTILE = [
    unit * 20_000
    for unit in ("a", "-", "ep-", "'", '"', "://", "\\", " ", "=", "@", "p@", "npg_", "${", "{", "a.", "neon.tech ", "password=", "#", "%", "\t")
]  # fmt: skip


#: Quadratic, and used only on as many characters as its module's `_KEY_REACH` lets through.
BOUNDED = {"neonlint.formats.text_search._KEY"}


def test_no_pattern_backtracks_without_end() -> None:
    """Every compiled pattern of the package over long hostile strings, in a process that is stopped if one hangs."""
    code = """
import importlib, inspect, pkgutil, re, time
import neonlint
worst = []
for module in pkgutil.walk_packages(neonlint.__path__, "neonlint."):
    if module.name.endswith(("__main__", "python_worker")):
        continue
    loaded = importlib.import_module(module.name)
    source = inspect.getsource(loaded)
    for name, value in vars(loaded).items():
        if isinstance(value, re.Pattern) or type(value).__name__ == "regex":
            used = [m for m in ("search", "finditer", "sub", "split") if f"{name}.{m}(" in source]
            worst.append((module.name, name, value, value.search if used else value.match))
count = 0
for module, name, pattern, use in worst:
    raw = getattr(pattern, "pattern", "")
    for text in TEXTS:
        given = text.encode() if isinstance(raw, bytes) else text
        started = time.perf_counter()
        use(given)
        taken = time.perf_counter() - started
        count += 1
        if taken > 1:
            print("SLOW", module, name, text[:12], round(taken, 1))
print("tried", count)
"""
    texts = f"TEXTS = [unit * 5000 for unit in {[text[: len(text) // 20_000] for text in HOSTILE]!r}]\n"
    ran = subprocess.run([sys.executable, "-c", texts + code], capture_output=True, text=True, timeout=300, check=True)
    assert int(re.search(r"tried (\d+)", ran.stdout)[1]) > 1000  # type: ignore[index]
    slow = {".".join(line.split()[1:3]) for line in ran.stdout.splitlines() if line.startswith("SLOW")}
    assert slow <= BOUNDED, ran.stdout


def neonlint(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "neonlint", "check", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)


def test_special_files_are_reported_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.env")
    (tmp_path / "utf16.env").write_bytes("DATABASE_URL=x".encode("utf-16"))
    (tmp_path / "latin.env").write_bytes(b"DATABASE_URL=\xe9")
    (tmp_path / "big.json").write_bytes(b'{"database": "' + b"x" * (2 << 20) + b'"}')
    (tmp_path / "ok.env").write_bytes(b"DATABASE_URL=" + URL + b"\n")
    ran = neonlint(tmp_path, "pipe.env", "utf16.env", "latin.env", "big.json", "ok.env")
    assert ran.returncode == 1
    for name, reason in {
        "pipe": "not-regular",
        "utf16": "undecodable",
        "latin": "undecodable",
        "big": "too-large",
    }.items():
        assert re.search(rf"{name}\.\w+.*{reason}", ran.stdout), ran.stdout
    assert "ok.env" in ran.stdout


def test_a_file_that_is_not_there_is_exit_2_and_the_rest_is_checked(tmp_path: Path) -> None:
    (tmp_path / "ok.env").write_bytes(b"DATABASE_URL=" + URL + b"\n")
    ran = neonlint(tmp_path, "ok.env", "missing.env")
    assert ran.returncode == 2
    assert "NL702" in ran.stdout and "missing.env" in ran.stdout


def test_a_defect_of_ours_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception becomes that file's skip; its text, which could quote a password, is not kept."""
    from neonlint import engine_files  # noqa: PLC0415
    from neonlint.extract import extract as original  # noqa: PLC0415

    def failing(document: Document) -> Extract:
        if document.path == "a.env":
            raise RuntimeError("the password is hunter2hunter2")
        return original(document)

    monkeypatch.setattr(engine_files, "extract", failing)
    data = b"DATABASE_URL=" + URL + b"\n"
    outcome = run(tmp_path, [FoundFile("a.env"), FoundFile("b.env")], Config(), given={"a.env": data, "b.env": data})
    assert {finding.path for finding in outcome.report.findings} == {"b.env"}
    (skip,) = outcome.report.skipped
    assert (skip.path, skip.reason) == ("a.env", "internal-error")
    assert "hunter2" not in repr(outcome)
