"""Roles and runtimes that the configuration declares, in whole runs: findings that come, go, and are mended."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import pytest

from neonlint import config, session
from neonlint.ir.findings import Finding

Neonlint = Callable[..., Any]
HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
DIRECT = f"postgresql://app:pw@{HOST}/db?sslmode=verify-full&sslrootcert=system&channel_binding=require"
POOLED = DIRECT.replace("a1b2c3d4", "a1b2c3d4-pooler")
PYTHON = """
import os

import psycopg


def run():
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=15) as conn:
        return conn.execute("SELECT 1").fetchone()
"""
POOL = """
import { Pool } from "pg";

export const pool = new Pool({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 15000 });
pool.on("error", (error) => console.error(error.message));
"""


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(root: Path, paths: Sequence[str] = (".",), cwd: Path | None = None) -> list[Finding]:
    """The findings of a run, with the configuration that it finds."""
    where = cwd or root
    opened = session.open_session(paths, session.settings(paths, where), where)
    return list(session.judge(opened).report.findings)


def codes(root: Path, paths: Sequence[str] = (".",)) -> list[tuple[str, str, str]]:
    """Path, rule and the safety of the fix ("" where there is none) of each finding."""
    return [(f.path, f.code, f.fix.safety if f.fix else "") for f in found(root, paths)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


CASES = [
    # what is there, what is declared, findings without it, findings with it
    pytest.param(
        {".env": f"SCHEMA_URL={POOLED}\n"},
        'roles.SCHEMA_URL = "migration"',
        [],
        [(".env", "NL319", "safe")],
        id="a finding comes by the name of a variable",
    ),
    pytest.param(
        {"ops/schema.env": f"DATABASE_URL={POOLED}\n"},
        'roles."ops/*.env" = "migration"',
        [],
        [("ops/schema.env", "NL319", "safe")],
        id="a finding comes by a path",
    ),
    pytest.param(
        {".env": f"DB_MIGRATION_URL={POOLED}\n"},
        'roles.DB_MIGRATION_URL = "migration"',
        [(".env", "NL319", "unsafe")],
        [(".env", "NL319", "safe")],
        id="a fix is safe that rested on a name",
    ),
    pytest.param(
        {"compose.yaml": f"services:\n  migrate:\n    environment:\n      DATABASE_URL: {POOLED}\n"},
        'roles."compose.yaml" = "migration"',
        [("compose.yaml", "NL319", "unsafe")],
        [("compose.yaml", "NL319", "safe")],
        id="a fix is safe that rested on the name of a service",
    ),
    pytest.param(
        {".env": f"DB_MIGRATION_URL={POOLED}\n"},
        'roles.DB_MIGRATION_URL = "runtime"',
        [(".env", "NL319", "unsafe")],
        [],
        id="a finding goes that rested on a name",
    ),
    pytest.param(
        {".env": f"DIRECT_URL={POOLED}\n"},
        'roles.DIRECT_URL = "runtime"',
        [(".env", "NL315", "unsafe")],
        [],
        id="a convention that the program does not follow",
    ),
    pytest.param(
        {".env": f"DATABASE_URL={DIRECT}\nDIRECT_URL={DIRECT}\n"},
        'roles.DATABASE_URL = "admin"',
        [(".env", "NL316", "unsafe")],
        [],
        id="administration needs no pooler",
    ),
    pytest.param(
        {".env": f"DATABASE_URL={DIRECT.replace('verify-full', 'disable')}\n"},
        'roles.".env" = "test"',
        [(".env", "NL103", "unsafe")],
        [],
        id="what is for tests",
    ),
    pytest.param(
        {".env": f"DATABASE_URL={DIRECT.replace('verify-full', 'disable')}\n"},
        'roles.DATABASE_URL = "test"',
        [(".env", "NL103", "unsafe")],
        [],
        id="a variable that is for tests",
    ),
    pytest.param(
        {".env": f"DATABASE_URL={DIRECT}\n", "app/db.py": PYTHON},
        'runtimes."app/**" = "serverless"',
        [],
        [(".env", "NL321", "unsafe")],
        id="a finding comes by where code runs",
    ),
    pytest.param(
        {".env": f"DATABASE_URL={DIRECT}\n", "app/db.py": PYTHON, "zappa_settings.json": "{}"},
        'runtimes.DATABASE_URL = "long-lived"',
        [(".env", "NL321", "unsafe")],
        [],
        id="a finding goes by where code runs",
    ),
    pytest.param(
        {".env": f"DATABASE_URL_UNPOOLED={DIRECT}\n", "app/db.py": PYTHON.replace("_URL", "_URL_UNPOOLED")},
        'roles.DATABASE_URL_UNPOOLED = "runtime"\nruntimes."app/**" = "serverless"',
        [],
        [(".env", "NL321", "")],
        id="no fix puts a pooler behind a name that says unpooled",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "declared", "before", "after"), CASES)
def test_what_a_declaration_changes(
    root: Path,
    files: Mapping[str, str],
    declared: str,
    before: list[tuple[str, str, str]],
    after: list[tuple[str, str, str]],
) -> None:
    write(root, files)
    assert codes(root) == before
    write(root, {"neonlint.toml": f"{declared}\n"})
    assert codes(root) == after


@pytest.mark.parametrize(("files", "declared", "before", "after"), CASES)
def test_a_file_alone_is_judged_as_the_whole_is(
    root: Path, files: Mapping[str, str], declared: str, before: object, after: list[tuple[str, str, str]]
) -> None:
    """What a hook is given: the other files are read only where they can change something."""
    write(root, {**files, "neonlint.toml": f"{declared}\n"})
    for path in files:
        assert codes(root, [path]) == [finding for finding in after if finding[0] == path]


@pytest.mark.parametrize(("files", "declared", "before", "after"), CASES)
@pytest.mark.parametrize("kind", ["safe", "unsafe"])
def test_fixing_twice_is_fixing_once(
    root: Path,
    files: Mapping[str, str],
    declared: str,
    before: object,
    after: list[tuple[str, str, str]],
    kind: Literal["safe", "unsafe"],
) -> None:
    write(root, {**files, "neonlint.toml": f"{declared}\n"})
    opened = session.open_session(["."], config.load(root), root)
    report = session.repair(opened, kind)
    mended = [finding for finding in after if finding[2] in ("safe", kind)]
    assert len(report.fixed) == len(mended)
    assert not session.judge(opened, kind).changes
    assert codes(root) == [finding for finding in after if finding not in mended]


@pytest.mark.parametrize(
    "pair", [("DATABASE_URL", "DIRECT_URL"), ("DATABASE_URL", "DATABASE_URL_UNPOOLED"), ("PGURL", "OTHER")]
)
@pytest.mark.parametrize("role", ["runtime", "migration", "admin", "replication"])
@pytest.mark.parametrize("runtime", ["serverless", "long-lived"])
def test_rules_agree_on_the_host_whatever_is_declared(
    root: Path, pair: tuple[str, str], role: str, runtime: str
) -> None:
    """No rule sets back what another one sets, for either half of a pair and for each host of both."""
    for own in pair:
        for hosts in ((POOLED, POOLED), (DIRECT, DIRECT), (POOLED, DIRECT), (DIRECT, POOLED)):
            env = "".join(f"{name}={text}\n" for name, text in zip(pair, hosts, strict=True))
            tables = f'roles.{own} = "{role}"\nruntimes."**/*.py" = "{runtime}"\n'
            write(root, {".env": env, "neonlint.toml": tables, "db.py": PYTHON.replace("DATABASE_URL", own)})
            opened = session.open_session(["."], config.load(root), root)
            report = session.repair(opened, "unsafe")
            assert [f.refusal for f in report.findings if f.refusal] == []
            assert [f.code for f in report.findings if f.code.startswith("NL3") and f.fix] == []


def test_patterns_start_at_their_configuration(root: Path) -> None:
    write(
        root,
        {
            "services/api/neonlint.toml": 'roles."ops/**" = "migration"\nroles.ONE_URL = "migration"\n',
            "services/api/ops/x.env": f"DATABASE_URL={POOLED}\n",
            "services/api/x.env": f"ONE_URL={POOLED}\nTWO_URL={POOLED}\n",
            "services/web/ops/x.env": f"DATABASE_URL={POOLED}\n",
            "ops/x.env": f"DATABASE_URL={POOLED}\n",
        },
    )
    here = found(root, ["."], root / "services" / "api")
    assert [(f.path, f.row, f.code) for f in here] == [
        ("ops/x.env", 1, "NL319"),
        ("x.env", 1, "NL319"),
    ]
    assert here[0].reasons[0].text.startswith("the configuration (neonlint.toml:1) declares `ops/**` to be")
    assert found(root) == []


def test_a_flag_declares_too(neonlint: Neonlint, root: Path) -> None:
    write(root, {".env": f"SCHEMA_URL={POOLED}\n"})
    ran = neonlint("check", "--config", 'roles.SCHEMA_URL = "migration"')
    assert "because: the configuration (--config) declares `SCHEMA_URL` to be for migrations\n" in ran.out
    assert "[safe fix available]" in ran.out
    assert ran.status == 1


def test_every_command_hears_of_it(neonlint: Neonlint, root: Path) -> None:
    write(
        root,
        {
            "neonlint.toml": 'roles.SCHEMA_URL = "migration"\nroles.TOOL_URL = "admin"\nruntimes."src/**" = "edge"\n',
            ".env": f"SCHEMA_URL={POOLED}\nDATABASE_URL={POOLED}\n",
            "src/db.ts": POOL,
            "tool.ts": POOL.replace("DATABASE_URL", "TOOL_URL"),
        },
    )
    sources, users = (neonlint("map", "--format", "json").json[key] for key in ("sources", "users"))
    assert {source["name"]: source["role"] for source in sources} == {
        "SCHEMA_URL": "migration", "DATABASE_URL": "runtime", "TOOL_URL": "admin",
    }  # fmt: skip
    assert {user["path"]: (user["role"], user["runtime"]) for user in users} == {
        "src/db.ts": ("runtime", "edge"), "tool.ts": ("admin", "unknown"),
    }  # fmt: skip
    traced = neonlint("trace", ".env", "--rule", "NL319").out
    assert "(neonlint.toml:1) declares `SCHEMA_URL` to be for migrations" in traced
    assert "tool.ts" not in neonlint("pool", "--compute-size", "1").out
    assert ".env:1: this connection is for migrations" in neonlint("explain", "Error: P1002").out


def test_hostile_patterns_are_shown_escaped(neonlint: Neonlint, root: Path) -> None:
    write(root, {".env": f"SCHEMA_URL={POOLED}\n", "neonlint.toml": '[roles]\n"**/.[!\\u001b]nv" = "migration"\n'})
    for output_format in ("full", "json", "sarif", "github", "markdown"):
        ran = neonlint("check", "--output-format", output_format)
        assert "NL319" in ran.out
        assert "\x1b" not in ran.out + ran.err


def test_a_pattern_that_is_none_is_told(neonlint: Neonlint, root: Path) -> None:
    write(root, {".env": f"SCHEMA_URL={POOLED}\n", "neonlint.toml": '[runtimes]\n"[z-a]/x" = "edge"\n'})
    ran = neonlint("check")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f"neonlint: error: {root}/neonlint.toml:2: `runtimes`: `[z-a]/x`: a path pattern has a malformed bracket expression; "
        "write `[abc]` or `[a-z]`\n"
    )


_RUN = """
import io, sys
from neonlint import cli
sys.stdout = io.StringIO()
cli.main(["check", "--exit-zero", ".env"])
print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("declared", [False, True])
def test_nothing_is_made_where_nothing_is_declared(root: Path, declared: bool) -> None:
    write(root, {".env": f"SCHEMA_URL={POOLED}\n"})
    write(root, {"neonlint.toml": 'roles.SCHEMA_URL = "admin"\n' if declared else 'ignore = ["NL105"]\n'})
    done = subprocess.run([sys.executable, "-c", _RUN], cwd=root, capture_output=True, text=True, check=True)
    loaded = {"neonlint.config_declared", "neonlint.facts.declared"} & set(done.stderr.split())
    assert len(loaded) == (2 if declared else 0)


def test_a_server_hears_of_it(root: Path) -> None:
    from neonlint.server_check import Checker  # noqa: PLC0415 -- of the language server

    write(root, {".env": "", "neonlint.toml": 'roles.SCHEMA_URL = "migration"\n'})
    outcome = Checker().check({str(root / ".env"): f"SCHEMA_URL={POOLED}\n"})
    (document,) = outcome.documents.values()
    assert [finding.code for finding in document.findings] == ["NL319"]
    assert document.repaired == f"SCHEMA_URL={DIRECT}\n"


PAGE = Path(__file__).parents[2] / "docs" / "declaring.md"


def test_the_page_shows_what_happens(neonlint: Neonlint, root: Path) -> None:
    blocks = re.findall(r"```(toml|text|)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    files = {found[1]: text for _, text in blocks if (found := re.match(r"# (\S+)\n", text))}
    assert list(files) == [".env", "neonlint.toml"]
    write(root, {".env": files[".env"]})
    assert neonlint("check").status == 0
    write(root, files)
    assert [text for kind, text in blocks if kind == "text"] == [
        neonlint("check").out.rpartition("Checked")[0].rstrip("\n") + "\n"
    ]
    assert neonlint("fix").status == 0


def test_every_example_of_the_page_is_a_configuration(root: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    declared = set()
    for text in blocks:
        write(root, {"neonlint.toml": text})
        loaded = config.load(root)
        declared |= {name for name in ("roles", "runtimes", "assume", "compute_size") if getattr(loaded, name)}
    assert declared == {"roles", "runtimes", "assume", "compute_size"}


def test_the_page_has_every_role_and_runtime() -> None:
    page = PAGE.read_text()
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(get_args(config.Role))
    assert [word for word in get_args(config.Runtime) if f"`{word}`" not in page] == []
