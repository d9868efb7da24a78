"""What the configuration declares of connections and code: which facts hear of it, and what it does not overrule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from projects import ask, client_at, connection_at, project_of, value

from neonlint import config
from neonlint.config import Config, Role, Runtime
from neonlint.facts.answer import Known
from neonlint.facts.catalogue import FACTS
from neonlint.ir.model import Connection
from neonlint.link import Project

NEON = "postgresql://app:pw@ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech/db?sslmode=require"
CLIENT = 'import os\nimport psycopg2\nconn = psycopg2.connect(os.environ["DATABASE_URL"])\n'
POOL = 'import { Pool } from "pg";\nexport const pool = new Pool({ connectionString: process.env.DATABASE_URL });\n'
ENV = {".env": f"DATABASE_URL={NEON}\n"}
ROLES: tuple[Role, ...] = ("runtime", "migration", "admin", "replication", "test", "docs")
RUNTIMES: tuple[Runtime, ...] = ("serverless", "edge", "long-lived", "browser")


def declaring(files: Mapping[str, str], **tables: Mapping[str, str]) -> Project:
    """The project that holds `files`, with what the tables `roles` and `runtimes` declare."""
    given: dict[str, Any] = dict(tables)
    return project_of(files, Config(**given))


def said(files: Mapping[str, str], where: str, fact: str, **tables: Mapping[str, str]) -> object:
    """A fact of the only connection of a file, or with `client:` in front of its path of its only client."""
    project = declaring(files, **tables)
    kind, _, path = where.rpartition(":")
    subject = client_at(project, path) if kind == "client" else connection_at(project, path)
    return value(project, subject, fact)


# --- roles ---


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("key", ["DATABASE_URL", ".env", "*.env", "**/.env"])
def test_a_declared_role_is_that_of_the_connection(role: Role, key: str) -> None:
    project = project_of(ENV, Config(roles={key: role}))
    answer = ask(project, connection_at(project, ".env"), "role")
    assert isinstance(answer, Known)
    assert answer.value == role
    assert [reason.inferred for reason in answer.because] == [False]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ["DATABASE_URL", "DIRECT_URL", "DB_MIGRATION_URL", "TEST_DATABASE_URL"])
def test_a_declared_name_overrules_what_it_is_by_convention(role: Role, name: str) -> None:
    files = {".env": f"{name}={NEON}\n"}
    assert said(files, ".env", "role", roles={name: role}) == role
    assert said(files, ".env", "for_migrations", roles={name: role}) is (role == "migration")
    assert said(files, ".env", "file.test", roles={name: role}) is (role == "test")


@pytest.mark.parametrize(
    ("path", "key", "role"),
    [
        ("app/db.py", "app/**", "admin"),
        ("app/db.py", "app/db.py", "migration"),
        ("app/db.py", "db.py/", "test"),
        ("scripts/worker.py", "scripts/worker.py", "runtime"),
        ("tests/load/run.py", "tests/load/**", "runtime"),
        ("db/migrate.py", "db/migrate.py", "admin"),
        ("docs/conf.py", "docs/", "runtime"),
        ("alembic/env.py", "alembic/env.py", "runtime"),
    ],
)
def test_a_declared_path_says_what_code_is_for(path: str, key: str, role: Role) -> None:
    files = {path: CLIENT, **ENV}
    assert said(files, f"client:{path}", "role", roles={key: role}) == role
    assert said(files, f"client:{path}", "file.test", roles={key: role}) is (role == "test")
    assert said(files, ".env", "role", roles={key: role}) == role, "of what only this code uses"


def test_a_name_counts_more_than_a_path_for_a_connection_and_less_for_code() -> None:
    roles: dict[str, Role] = {"tools/**": "admin", "DATABASE_URL": "runtime"}
    for order in (roles, dict(reversed(roles.items()))):
        assert said({"tools/x.py": CLIENT, **ENV}, ".env", "role", roles=order) == "runtime"
        assert said({"tools/x.py": CLIENT, **ENV}, "client:tools/x.py", "role", roles=order) == "admin"
        assert said({"tools/.env": ENV[".env"]}, "tools/.env", "role", roles=order) == "runtime"


@pytest.mark.parametrize(
    ("path", "role", "expected"),
    [
        ("app/db.py", "admin", "admin"),
        ("app/db.py", "migration", "migration"),
        ("app/db.py", "test", "test"),
        ("scripts/seed.py", "migration", "migration"),
        ("scripts/seed.py", "runtime", "admin"),
        ("alembic/env.py", "runtime", "migration"),
        ("tests/db.py", "runtime", "test"),
    ],
)
def test_code_has_the_role_of_the_variable_that_it_reads_where_its_place_says_nothing(
    path: str, role: Role, expected: Role
) -> None:
    assert said({path: CLIENT, **ENV}, f"client:{path}", "role", roles={"DATABASE_URL": role}) == expected


def test_connections_that_differ_give_their_reader_no_role() -> None:
    """A client that opens one of two has the role that both are declared to have, or none."""
    code = f'import psycopg2\nONE = "{NEON}"\nTWO = "{NEON}"\nconn = psycopg2.connect(ONE if x else TWO)\n'
    for roles in ({"ONE": "admin"}, {"ONE": "admin", "TWO": "migration"}):
        assert said({"a.py": code}, "client:a.py", "role", roles=roles) == "runtime"


def test_a_pattern_that_leaves_a_file_out_leaves_it_to_the_one_before() -> None:
    roles: dict[str, Role] = {"**/tests/**": "docs", "services/**": "runtime"}
    assert said({"services/tests/db.py": CLIENT}, "client:services/tests/db.py", "role", roles=roles) == "docs"


def test_the_last_pattern_counts() -> None:
    first: dict[str, Role] = {"services/**": "admin", "services/api/**": "migration"}
    path, files = "client:services/api/db.py", {"services/api/db.py": CLIENT}
    assert said(files, path, "role", roles=first) == "migration"
    assert said(files, path, "role", roles=dict(reversed(first.items()))) == "admin"


@pytest.mark.parametrize(
    ("path", "role", "expected"),
    [
        ("services/api/tests/test_db.py", "runtime", "test"),
        ("services/api/tests/test_db.py", "admin", "test"),
        ("services/api/tests/test_db.py", "docs", "test"),
        ("services/api/tests/test_db.py", "test", "test"),
        ("services/api/docs/conf.py", "runtime", "docs"),
        ("services/api/docs/conf.py", "test", "test"),
        ("services/api/scripts/seed.py", "runtime", "admin"),
        ("services/api/scripts/seed.py", "migration", "migration"),
        ("services/api/alembic/env.py", "runtime", "migration"),
        ("services/api/alembic/env.py", "admin", "admin"),
        ("services/api/src/db.py", "runtime", "runtime"),
    ],
)
def test_a_broad_pattern_leaves_what_says_more_itself(path: str, role: Role, expected: Role) -> None:
    roles: dict[str, Role] = {"services/**": role}
    assert said({path: CLIENT}, f"client:{path}", "role", roles=roles) == expected
    assert said({path: CLIENT}, f"client:{path}", "file.test", roles=roles) is (expected == "test")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("DATABASE_URL", "runtime"), ("DIRECT_URL", "migration"), ("TEST_DATABASE_URL", "test")],
)
def test_names_say_more_than_a_path_of_the_application(name: str, expected: Role) -> None:
    files = {"services/api/.env": f"{name}={NEON}\n"}
    assert said(files, "services/api/.env", "role", roles={"services/**": "runtime"}) == expected
    assert said(files, "services/api/.env", "role", roles={"services/**": "admin"}) == "admin"


WORKFLOW = ".github/workflows/a.yml"
STEP = f"on: push\njobs:\n  a:\n    steps:\n      - env:\n          DATABASE_URL: {NEON}\n        run: "


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("key", ["DATABASE_URL", ".github/**"])
def test_what_migrates_by_its_own_words_does_so_whatever_is_declared(role: Role, key: str) -> None:
    files = {WORKFLOW: STEP + "alembic upgrade head\n"}
    assert said(files, WORKFLOW, "for_migrations", roles={key: role}) is True
    expected = role if role in ("test", "docs") else "migration"
    assert said(files, WORKFLOW, "role", roles={key: role}) == expected


def test_what_only_seems_to_migrate_is_what_is_declared() -> None:
    """The connection is shared: something else runs in the same step."""
    files = {WORKFLOW: STEP + "alembic upgrade head && npm start\n"}
    assert said(files, WORKFLOW, "for_migrations") is True
    assert said(files, WORKFLOW, "for_migrations", roles={"DATABASE_URL": "runtime"}) is False


def test_a_written_replication_is_one() -> None:
    files = {".env": f"CDC_URL={NEON}&replication=database\n"}
    assert said(files, ".env", "role", roles={"CDC_URL": "runtime"}) == "replication"


def test_a_configuration_of_migrations_is_one() -> None:
    files = {"alembic.ini": f"[alembic]\nsqlalchemy.url = {NEON}\n"}
    assert said(files, "client:alembic.ini", "role", roles={"alembic.ini": "runtime"}) == "migration"
    assert said(files, "alembic.ini", "for_migrations", roles={"alembic.ini": "admin"}) is False


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("DATABASE_URL", "runtime", "pooled"),
        ("DATABASE_URL", "migration", None),
        ("DATABASE_URL", "admin", None),
        ("DATABASE_URL", "replication", None),
        ("DIRECT_URL", "runtime", None),
        ("DIRECT_URL", "migration", "direct"),
        ("DATABASE_URL_UNPOOLED", "runtime", "direct"),
        ("DATABASE_URL_POOLED", "migration", "pooled"),
    ],
)
def test_a_declared_role_takes_a_convention_away(name: str, role: Role, expected: str | None) -> None:
    assert said({".env": f"{name}={NEON}\n"}, ".env", "name.promises", roles={name: role}) == expected


def test_commands_settings_logs_and_statements_hear_of_their_file() -> None:
    files = {
        "ops/run.sh": 'psql "$DATABASE_URL"\necho "$DATABASE_URL"\n',
        "ops/app.py": CLIENT + 'conn.cursor().execute("LISTEN jobs")\nprint(os.environ["DATABASE_URL"])\n',
        "ops/main.js": 'process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";\n',
    }
    project = project_of(files, Config(roles={"ops/**": "test"}))
    seen = set()
    for extract in project.extracts:
        for kind in ("commands", "logs", "statements", "settings"):
            for subject in getattr(extract, kind):
                facts = FACTS[kind.removesuffix("s")]
                assert facts["file.test"].compute(subject, project).value is True, kind
                if "role" in facts:
                    assert facts["role"].compute(subject, project).value == "test", kind
                if kind == "settings":
                    assert facts["development"].compute(subject, project).value is True
                seen.add(kind)
    assert seen == {"commands", "logs", "statements", "settings"}


def test_a_command_that_reads_a_variable_for_tests_is_for_tests() -> None:
    files = {"run.sh": 'dbmate --url "$CI_URL" up\n', ".env": f"CI_URL={NEON}\n"}
    for roles, expected in (({}, False), ({"CI_URL": "test"}, True), ({"CI_URL": "admin"}, False)):
        project = declaring(files, roles=roles)
        (command,) = (command for extract in project.extracts for command in extract.commands)
        assert FACTS["command"]["file.test"].compute(command, project).value is expected


# --- runtimes ---

LAMBDA = CLIENT + "def lambda_handler(event, context):\n    pass\n"


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("key", ["DATABASE_URL", "app/**", "app/db.py"])
@pytest.mark.parametrize("code", [CLIENT, LAMBDA])
@pytest.mark.parametrize("beside", [{}, {"Procfile": "web: gunicorn app:app\n"}, {"zappa_settings.json": "{}"}])
def test_a_declared_runtime_overrules_every_sign(
    runtime: Runtime, key: str, code: str, beside: Mapping[str, str]
) -> None:
    files = {"app/db.py": code, **ENV, **beside}
    assert said(files, "client:app/db.py", "runtime", runtimes={key: runtime}) == runtime
    assert said(files, ".env", "runtime", runtimes={key: runtime}) == runtime
    assert said(files, ".env", "runtime.tcp", runtimes={key: runtime}) == runtime


def test_a_declared_runtime_is_not_inferred() -> None:
    project = project_of({"app/db.py": CLIENT, **ENV}, Config(runtimes={"app/**": "serverless"}))
    for subject in (client_at(project, "app/db.py"), connection_at(project, ".env")):
        answer = ask(project, subject, "runtime")
        assert isinstance(answer, Known)
        assert [r.text for r in answer.because if r.inferred] == []
        assert any("declares `app/**` to run in serverless functions" in r.text for r in answer.because)


def test_a_name_counts_more_than_a_path_for_the_runtime() -> None:
    runtimes: dict[str, Runtime] = {"DATABASE_URL": "long-lived", "app/**": "serverless"}
    assert said({"app/db.py": CLIENT, **ENV}, "client:app/db.py", "runtime", runtimes=runtimes) == "long-lived"
    assert said({"app/db.py": CLIENT, **ENV}, ".env", "runtime", runtimes=runtimes) == "long-lived"


def test_where_the_file_of_a_variable_lies_says_where_it_is_used_unless_its_users_do() -> None:
    env = {"worker/.env": ENV[".env"]}
    assert said(env, "worker/.env", "runtime", runtimes={"worker/**": "long-lived"}) == "long-lived"
    files = {"worker/db.py": LAMBDA, **env}
    assert said(files, "worker/.env", "runtime", runtimes={"worker/.env": "long-lived"}) == "serverless"


def test_two_declared_runtimes_of_one_variable_are_none() -> None:
    files = {"web/db.py": CLIENT, "worker/db.py": CLIENT, **ENV}
    runtimes: dict[str, Runtime] = {"web/**": "serverless", "worker/**": "long-lived"}
    assert said(files, ".env", "runtime", runtimes=runtimes) is ...
    assert said(files, ".env", "runtime.tcp", runtimes=runtimes) is ...


EDGE = {
    "package.json": '{"dependencies": {"pg": "8.16.3"}}',
    "wrangler.toml": 'name = "gate"\nmain = "src/index.ts"\n',
    "src/index.ts": 'import { pool } from "./db";\nexport default { async fetch(request: Request, env: Env) {} };\n',
    "src/db.ts": POOL,
}


@pytest.mark.parametrize(
    ("runtimes", "host"),
    [
        ({}, "cloudflare"),
        ({"src/**": "long-lived"}, None),
        ({"src/db.ts": "long-lived"}, None),
        ({"src/index.ts": "long-lived", "wrangler.toml": "long-lived"}, None),
        ({"DATABASE_URL": "long-lived"}, None),
        ({"src/**": "edge"}, "cloudflare"),
    ],
)
def test_no_platform_calls_edge_what_is_declared_otherwise(runtimes: Mapping[str, str], host: str | None) -> None:
    assert said(EDGE, "client:src/db.ts", "edge.host", runtimes=runtimes) == host
    assert said(EDGE, "client:src/db.ts", "edge.seen", runtimes=runtimes) is (host is not None)


def test_an_edge_runtime_that_nobody_names_is_some_other_one() -> None:
    assert said({"src/db.ts": POOL}, "client:src/db.ts", "edge.host", runtimes={"src/**": "edge"}) == "other"
    assert said({"src/db.ts": POOL}, "client:src/db.ts", "edge.sockets", runtimes={"src/**": "edge"}) is ...


def test_what_imports_declared_code_runs_there_too() -> None:
    files = {"src/main.ts": 'import { pool } from "../lib/db";\n', "lib/db.ts": POOL}
    project = project_of(files, Config(runtimes={"src/**": "serverless"}))
    answer = ask(project, client_at(project, "lib/db.ts"), "runtime")
    assert isinstance(answer, Known)
    assert answer.value == "serverless"
    assert all(reason.inferred for reason in answer.because)


def test_declared_browser_code_exposes_what_it_opens() -> None:
    assert said({"src/db.ts": POOL}, "client:src/db.ts", "exposed.by", runtimes={"src/**": "browser"}) == "this file"


def test_declared_serverless_code_has_the_platform_of_its_package() -> None:
    files = {"package.json": '{"dependencies": {"pg": "8.16.3"}}', "src/db.ts": POOL}
    where = "client:src/db.ts"
    assert said(files, where, "serverless.host", runtimes={"src/**": "serverless"}) is ...
    assert said(files, where, "serverless.seen", runtimes={"src/**": "serverless"}) is True


@pytest.mark.parametrize("path", ["src/db.test.ts", "scripts/seed.ts", "next.config.ts"])
@pytest.mark.parametrize("key", ["app/**", "DATABASE_URL"])
def test_a_broad_runtime_leaves_out_what_is_not_deployed(path: str, key: str) -> None:
    runtimes: dict[str, Runtime] = {key: "serverless"}
    assert said({f"app/{path}": POOL}, f"client:app/{path}", "runtime", runtimes=runtimes) is ...
    assert said({f"app/{path}": POOL}, f"client:app/{path}", "runtime", runtimes={f"app/{path}": "edge"}) == "edge"


@pytest.mark.parametrize(
    ("tables", "script"),
    [
        ({}, True),
        ({"roles": {"scripts/work.ts": "runtime"}}, False),
        ({"runtimes": {"scripts/work.ts": "long-lived"}}, False),
        ({"roles": {"scripts/**": "admin"}}, True),
        ({"roles": {"scripts/**": "replication"}}, False),
    ],
)
def test_what_is_declared_to_be_deployed_is_no_script(tables: Mapping[str, Mapping[str, str]], script: bool) -> None:
    assert said({"scripts/work.ts": POOL}, "client:scripts/work.ts", "script", **tables) is script


# --- keys ---


def test_nothing_is_declared_where_nothing_is_written() -> None:
    assert project_of(ENV).declared is None


@pytest.mark.parametrize("key", ["env", "DATABASE", "database_url", "/", "**/nothing", "OTHER_URL", ".env/x"])
def test_keys_that_cover_nothing_declare_nothing(key: str) -> None:
    assert said(ENV, ".env", "role", roles={key: "admin"}) is ...
    assert said(ENV, ".env", "runtime", runtimes={key: "edge"}) is ...


def test_an_identifier_is_the_name_of_a_variable_and_no_file() -> None:
    files = {"Makefile": f"DATABASE_URL={NEON}\nx:\n\techo\n", "worker/.env": ENV[".env"]}
    assert said(files, "worker/.env", "role", roles={"worker": "admin"}) is ...
    assert said(files, "worker/.env", "role", roles={"worker/": "admin"}) == "admin"
    assert said(files, "worker/.env", "role", roles={"./worker": "admin"}) == "admin"


def test_reasons_name_the_entry_as_written_and_its_place(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "base.toml").write_text('[runtimes]\n"app/**" = "edge"\n')
    (tmp_path / "app" / "neonlint.toml").write_text(
        'extend = "../base.toml"\n\n[roles]\n"*.env" = "admin"\nURL = "test"\n'
    )
    loaded = config.load(tmp_path / "app", words=['roles.OTHER_URL = "docs"'])
    project = project_of({"app/x.env": f"DATABASE_URL={NEON}\nURL={NEON}\nOTHER_URL={NEON}\n"}, loaded)
    project.root = str(tmp_path)

    def reason(name: str, fact: str) -> str:
        answer = ask(project, connection_at(project, "app/x.env", name), fact)
        assert isinstance(answer, Known)
        return answer.because[0].text.removeprefix("the configuration ")

    assert reason("DATABASE_URL", "role") == "(app/neonlint.toml:4) declares `*.env` to be for administration"
    assert reason("URL", "role") == "(app/neonlint.toml:5) declares `URL` to be for tests"
    assert reason("OTHER_URL", "role") == "(--config) declares `OTHER_URL` to be documentation"
    assert reason("URL", "runtime") == "(base.toml:2) declares `app/**` to run in an edge runtime"


def test_every_subject_answers_with_any_declaration() -> None:
    """No fact of any subject fails, whatever is declared of it."""
    files = {**EDGE, **ENV, WORKFLOW: STEP + "alembic upgrade head\n", "alembic.ini": f"[alembic]\nx = {NEON}\n"}
    for role in ROLES:
        for runtime in RUNTIMES:
            project = project_of(
                files, Config(roles={"**/*": role}, runtimes={"**/*": runtime, "DATABASE_URL": runtime})
            )
            for extract in project.extracts:
                for subject in extract.subjects():
                    kind = "connection" if isinstance(subject, Connection) else type(subject).__name__.lower()
                    for name in ("role", "runtime", "for_migrations", "file.test", "edge.host", "script"):
                        if name in FACTS[kind]:
                            FACTS[kind][name].compute(subject, project)
