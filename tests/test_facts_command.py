"""Facts about commands, and what commands say about the connections that they run with."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_commands import DIRECT, POOLED, project_of

from neonlint.facts.answer import Known, Scalar
from neonlint.facts.catalogue import FACTS
from neonlint.facts.roles import for_migrations, role_of
from neonlint.ir.findings import Reason
from neonlint.ir.model import Command, Connection
from neonlint.link import Project

STEP = "on: push\njobs:\n  a:\n    steps:\n      - run: {run}\n        env:\n          DATABASE_URL: {url}\n"


def of_command(project: Project, name: str, fact: str) -> Scalar | str:
    command = next(c for e in project.extracts for c in e.commands if c.name == name)
    answer = FACTS["command"][fact].compute(command, project)
    return answer.value if isinstance(answer, Known) else "unseen"


def connection(project: Project, path: str) -> Connection:
    return next(c for e in project.extracts if e.document.path == path for c in e.connections)


def test_a_script_does_what_its_command_does(tmp_path: Path) -> None:
    project = project_of(
        tmp_path, {"package.json": '{"scripts": {"up": "prisma migrate deploy && node server.js", "go": "npm run up"}}'}
    )
    assert of_command(project, "npm run up", "does") == "migrate"
    assert of_command(project, "npm run up", "tool") == "prisma"
    assert of_command(project, "npm run up", "reported.elsewhere") is True


@pytest.mark.parametrize(
    ("path", "context"),
    [
        (".github/workflows/a.yml", "ci"),
        ("Dockerfile", "image"),
        ("compose.yaml", "container"),
        ("package.json", "package-script"),
        ("Procfile", "process"),
        ("Makefile", "task"),
        ("vercel.json", "platform"),
        ("run.sh", "script"),
    ],
)
def test_the_context_is_told_by_the_file(tmp_path: Path, path: str, context: str) -> None:
    texts = {
        ".github/workflows/a.yml": STEP.format(run="dbmate up", url=DIRECT),
        "Dockerfile": "FROM a\nRUN dbmate up\n",
        "compose.yaml": "services:\n  a:\n    command: dbmate up\n",
        "package.json": '{"scripts": {"a": "dbmate up"}}',
        "Procfile": "release: dbmate up\n",
        "Makefile": "a:\n\tdbmate up\n",
        "vercel.json": '{"buildCommand": "dbmate up"}',
        "run.sh": "dbmate up\n",
    }
    assert of_command(project_of(tmp_path, {path: texts[path]}), "dbmate up", "context") == context


def test_the_variable_that_is_read(tmp_path: Path) -> None:
    files = {
        ".env": f"DATABASE_URL='{POOLED}'\nDATABASE_URL_UNPOOLED='{DIRECT}'\n",
        "one.sh": "dbmate up\n",
        "two.sh": 'DATABASE_URL="$DATABASE_URL_UNPOOLED" sqlx migrate run\n',
    }
    project = project_of(tmp_path, files)
    assert of_command(project, "dbmate up", "reads.variable") == "DATABASE_URL"
    assert of_command(project, "dbmate up", "reads.unpooled_sibling") == "DATABASE_URL_UNPOOLED"
    assert of_command(project, "dbmate up", "connection.endpoint.pooled") is True
    assert of_command(project, "sqlx migrate run", "reads.direct_name") is True
    assert of_command(project, "sqlx migrate run", "connection.endpoint.pooled") is False
    assert of_command(project, "sqlx migrate run", "reads.unpooled_sibling") is None


def test_what_is_not_seen_is_unseen(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"run.sh": "doppler run -- dbmate up\n"})
    assert of_command(project, "dbmate up", "connection.endpoint.pooled") == "unseen"
    assert of_command(project, "dbmate up", "connection.endpoint.neon") == "unseen"


def test_a_step_of_its_own_is_for_migrations(tmp_path: Path) -> None:
    path = ".github/workflows/a.yml"
    project = project_of(tmp_path, {path: STEP.format(run="alembic upgrade head", url=POOLED)})
    assert for_migrations(connection(project, path), project) == Known(
        True, (Reason("`alembic upgrade` runs with it"),)
    )


@pytest.mark.parametrize("run", ["npm test", "psql -f seed.sql", "pg_dump db"])
def test_a_step_of_something_else_is_not(tmp_path: Path, run: str) -> None:
    path = ".github/workflows/a.yml"
    project = project_of(tmp_path, {path: STEP.format(run=run, url=POOLED)})
    assert for_migrations(connection(project, path), project) == Known(False)


def test_a_block_that_others_share_is_inferred(tmp_path: Path) -> None:
    path = ".github/workflows/a.yml"
    project = project_of(tmp_path, {path: STEP.format(run="alembic upgrade head && gunicorn shop", url=POOLED)})
    answer = for_migrations(connection(project, path), project)
    assert isinstance(answer, Known) and answer.value and answer.because[0].inferred


def test_a_connection_in_a_command_has_its_role(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"a.sh": f"psql '{DIRECT}'\n", "b.sh": f"DATABASE_URL='{DIRECT}' dbmate up\n"})
    assert [getattr(role_of(connection(project, p), project), "value", None) for p in ("a.sh", "b.sh")] == [
        "admin",
        "migration",
    ]


def test_env_files_and_who_reads_them(tmp_path: Path) -> None:
    files = {
        ".env": f'DATABASE_URL="{DIRECT}"\n',
        "a/.env": f"DATABASE_URL={DIRECT}&channel_binding=require\n",
        "run.sh": "docker run --env-file .env shop\n. a/.env\n",
    }
    project = project_of(tmp_path, files)

    def fact(path: str, name: str) -> Scalar:
        answer = FACTS["connection"][name].compute(connection(project, path), project)
        assert isinstance(answer, Known)
        return answer.value

    assert (fact(".env", "file.docker_env"), fact(".env", "file.sourced"), fact(".env", "value.quoted")) == (
        "docker run",
        None,
        True,
    )
    assert (fact("a/.env", "file.docker_env"), fact("a/.env", "file.sourced")) == (None, ".")
    assert fact("a/.env", "value.bare_ampersand") is True


def test_every_fact_answers_for_every_kind_of_command(tmp_path: Path) -> None:
    text = "psql\npsql $X\nsh -c 'dbmate up'\nnpm run a\necho $DATABASE_URL\nexport A=postgres://h/d?a=b&c=d\n. .env\ndocker run --env-file .env a\ntsx migrate.ts\n"
    project = project_of(tmp_path, {"run.sh": text})
    commands: list[Command] = [c for e in project.extracts for c in e.commands]
    assert {c.does for c in commands} >= {"query", "migrate", "run", "show", "assign", "load", "container"}
    for command in commands:
        for spec in FACTS["command"].values():
            spec.compute(command, project)
