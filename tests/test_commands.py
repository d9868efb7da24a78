"""Command lines: which tool they run through which wrappers, what documents hold them, and what they connect to."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from neonlint import formats
from neonlint.clients.tools import DOES, invocation
from neonlint.clients.tools_tables import BY_NAME, TOOLS
from neonlint.clients.tools_wrappers import container_files, unwrap
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine_files import read_all
from neonlint.extract import extract
from neonlint.formats.claims import format_of
from neonlint.ir.model import Command, Extract
from neonlint.link import Project
from neonlint.link_commands import Reached

POOLED = "postgresql://app:pw@ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech/db?sslmode=require"
DIRECT = POOLED.replace("-pooler", "")


def read(path: str, text: str) -> Extract:
    return extract(formats.load(format_of(path)).read(path, text.encode()))


def project_of(folder: Path, files: dict[str, str]) -> Project:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    found = read_all(folder, [FoundFile(name, True, False) for name in sorted(files)], Config(), {})
    return Project(tuple(found.extracts.values()), Config(), frozenset(files), layout=found.layout)


def reached(project: Project, name: str) -> Reached:
    commands = [c for e in project.extracts for c in e.commands if c.name == name]
    return project.reached_by_command(commands[0])


def hosts(found: Reached) -> list[str]:
    return [
        str(c.view.text("host") if c.view else c.fields["host"].value).partition(".")[0]
        for c in found.resolved.connections
    ]


@pytest.mark.parametrize(
    ("line", "tool", "does", "name"),
    [
        ("npx -y prisma@6 migrate deploy", "prisma", "migrate", "prisma migrate deploy"),
        ("pnpm --filter db exec prisma db push", "prisma", "migrate", "prisma db push"),
        ("pnpm drizzle-kit push", "drizzle-kit", "migrate", "drizzle-kit push"),
        ("yarn workspace api prisma migrate deploy", "prisma", "migrate", "prisma migrate deploy"),
        ("bun --bun run drizzle-kit migrate", "drizzle-kit", "migrate", "drizzle-kit migrate"),
        ("dotenv -e .env.local -- npx prisma migrate dev", "prisma", "migrate", "prisma migrate dev"),
        ("sudo -u postgres psql -c 'select 1'", "psql", "query", "psql"),
        ("/usr/lib/postgresql/17/bin/pg_dump -Fc db", "pg_dump", "dump", "pg_dump"),
        ("uv run --env-file .env python manage.py migrate", "django", "migrate", "manage.py migrate"),
        ("python -m alembic -c alembic.ini upgrade head", "alembic", "migrate", "alembic upgrade"),
        ("flask --app shop db upgrade", "flask", "migrate", "flask db upgrade"),
        ("php artisan migrate --force", "laravel", "migrate", "artisan migrate"),
        ("bundle exec rails db:migrate", "rails", "migrate", "rails db:migrate"),
        ("heroku run -a shop rails db:migrate", "rails", "migrate", "rails db:migrate"),
        ("go run github.com/pressly/goose/v3/cmd/goose@latest postgres $X up", "goose", "migrate", "goose up"),
        ("cargo sqlx migrate run", "sqlx", "migrate", "sqlx migrate run"),
        ("timeout 30 dbmate --wait up", "dbmate", "migrate", "dbmate up"),
        ("node --env-file=.env ace migration:run", "adonis", "migrate", "ace migration:run"),
        ("docker compose -f x.yml run --rm web alembic upgrade head", "alembic", "migrate", "alembic upgrade"),
        ("docker run --rm -e A=b image alembic upgrade head", "alembic", "migrate", "alembic upgrade"),
        ("npx @better-auth/cli@latest migrate", "better-auth", "migrate", "@better-auth/cli migrate"),
        ("exec gunicorn shop.wsgi", "gunicorn", "serve", "gunicorn"),
    ],
)
def test_a_command_line_is_known_through_its_wrappers(line: str, tool: str, does: str, name: str) -> None:
    words = shlex.split(line)
    found = invocation(words, unwrap(words).start)
    assert found is not None
    assert (found.tool.name, found.does, found.name) == (tool, does, name)


@pytest.mark.parametrize(
    "line",
    ["npx prisma generate", "drizzle-kit generate", "alembic --help", "git commit -m 'alembic upgrade'", "npx", "time"],
)
def test_what_does_not_connect_is_no_command(line: str) -> None:
    words = shlex.split(line)
    assert invocation(words, unwrap(words).start) is None


@pytest.mark.parametrize(
    ("line", "scripts"),
    [
        ("npm run db:migrate -- --force", ("db:migrate",)),
        ("pnpm -w db:push", ("db:push",)),
        ("yarn db:migrate", ("db:migrate",)),
        ("bun run db:migrate", ("db:migrate",)),
        ("npm start", ("start",)),
        ("npm run migrate", ("migrate",)),
        ("yarn migrate", ("migrate",)),
        ("make migrate", ("migrate",)),
        ("pnpm install", ()),
        ("pnpm drizzle-kit push", ()),
        ("bun run src/server.ts", ()),
    ],
)
def test_scripts_that_stand_for_commands(line: str, scripts: tuple[str, ...]) -> None:
    assert unwrap(shlex.split(line)).scripts == scripts


def test_what_wrappers_say() -> None:
    words = shlex.split("cross-env A=b DATABASE_URL=x prisma db push")
    assert [at.word for at in unwrap(words).given] == [1, 2]
    assert unwrap(shlex.split("dotenvx run -- knex migrate:latest")).files == (".env",)
    assert unwrap(shlex.split("doppler run --config dev -- prisma migrate deploy")).sight == "injected"
    assert unwrap(shlex.split("bash -lc 'alembic upgrade head'")).shell is not None
    assert [at.word for at in container_files(shlex.split("sudo docker run --env-file .env shop"))] == [4]
    assert container_files(shlex.split("docker compose --env-file .env run web")) == ()


def test_the_tables_hold_together() -> None:
    assert all(does in DOES for tools in TOOLS.values() for tool in tools for does in tool.verbs.values())
    assert all(tool in BY_NAME.values() for tools in TOOLS.values() for tool in tools)


def names(found: Extract) -> list[tuple[str, str]]:
    return [(command.name, command.key) for command in found.commands]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("package.json", '{"scripts": {"db": "prisma db push"}}', [("prisma db push", "scripts.db")]),
        (
            "vercel.json",
            '{"buildCommand": "prisma migrate deploy && next build"}',
            [("prisma migrate deploy", "buildCommand")],
        ),
        (
            "fly.toml",
            "[deploy]\nrelease_command = 'alembic upgrade head'\n",
            [("alembic upgrade", "deploy.release_command")],
        ),
        ("netlify.toml", "[build]\ncommand = 'drizzle-kit push'\n", [("drizzle-kit push", "build.command")]),
        ("railway.json", '{"deploy": {"preDeployCommand": ["dbmate up"]}}', [("dbmate up", "deploy.preDeployCommand")]),
        (".gitlab-ci.yml", "job:\n  script:\n    - alembic upgrade head\n", [("alembic upgrade", "job.script")]),
        (
            ".circleci/config.yml",
            "jobs:\n  a:\n    steps:\n      - run:\n          command: dbmate up\n",
            [("dbmate up", "jobs.a.steps.0.run.command")],
        ),
        ("render.yaml", "services:\n  - preDeployCommand: dbmate up\n", [("dbmate up", "services.0.preDeployCommand")]),
        ("Taskfile.yml", "tasks:\n  up:\n    cmds:\n      - dbmate up\n", [("dbmate up", "tasks.up.cmds")]),
        ("compose.yaml", 'services:\n  m:\n    command: ["dbmate", "up"]\n', [("dbmate up", "services.m.command")]),
        (
            "pyproject.toml",
            "[tool.poe.tasks]\nup = 'alembic upgrade head'\n",
            [("alembic upgrade", "tool.poe.tasks.up")],
        ),
        ("Procfile", "release: python manage.py migrate\n", [("manage.py migrate", "release")]),
        ("Dockerfile", 'FROM a\nCMD ["sh", "-c", "dbmate up && ./app"]\n', [("dbmate up", "CMD")]),
        ("Makefile", "up:\n\tdbmate up\n", [("dbmate up", "up")]),
        ("other.yaml", "script: dbmate up\n", []),
    ],
)
def test_where_commands_are_written(path: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert names(read(path, text)) == expected


def test_a_kubernetes_container() -> None:
    text = "kind: Job\nspec:\n  containers:\n    - image: shop\n      command: [dbmate]\n      args: [up]\n      env:\n        - name: DATABASE_URL\n          value: x\n"
    (command,) = read("job.yaml", text).commands
    assert command.name == "dbmate up"
    assert [[e.key for e in table.entries] for table in command.surroundings] == [["DATABASE_URL"], []]


def test_shell_text_is_no_connection_string_itself() -> None:
    found = read("package.json", '{"scripts": {"db": "psql \'' + DIRECT + "'\"}}")
    (connection,) = found.connections
    assert connection.view is not None and not connection.view.defects


@pytest.mark.parametrize(
    "text",
    [
        f"psql '{DIRECT}'",
        f"psql -d {DIRECT}",
        f"DATABASE_URL='{DIRECT}' dbmate up",
        f"dbmate --url='{DIRECT}' up",
        f"echo 'DATABASE_URL={DIRECT}' >> .env",
        f"env DATABASE_URL={DIRECT} dbmate up",
        f"sh -c \"psql '{DIRECT}'\"",
        f"cat > .env <<EOF\nDATABASE_URL={DIRECT}\nEOF",
    ],
)
def test_connection_strings_in_words(text: str) -> None:
    (connection,) = read("run.sh", text + "\n").connections
    assert connection.view is not None
    assert connection.view.text("host") == "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
    assert connection.view.text("params.sslmode") == "require"


def test_hostile_text_ends() -> None:
    deep = "sh -c '" * 40 + "psql" + "'" * 40
    assert read("run.sh", deep + "\n").commands is not None
    many = "\n".join(f"psql -d postgresql://app:pw@h{i}/db" for i in range(3000))
    assert len(read("run.sh", many).commands) == 3000
    wide = '{"scripts": {' + ",".join(f'"s{i}": "npm run s{i + 1}"' for i in range(500)) + "}}"
    assert len(read("package.json", wide).commands) == 500


# --- what commands connect to ---


def test_its_own_words_come_first(tmp_path: Path) -> None:
    project = project_of(
        tmp_path, {".env": f"DATABASE_URL='{POOLED}'\n", "run.sh": f"DATABASE_URL='{DIRECT}' dbmate up\n"}
    )
    found = reached(project, "dbmate up")
    assert hosts(found) == ["ep-cool-rain-a1b2c3d4"] and found.held == "command"


def test_a_flag_names_the_variable(tmp_path: Path) -> None:
    project = project_of(
        tmp_path, {".env": f"OTHER='{DIRECT}'\nDATABASE_URL='{POOLED}'\n", "run.sh": "dbmate -e OTHER up\n"}
    )
    assert hosts(reached(project, "dbmate up")) == ["ep-cool-rain-a1b2c3d4"]


def test_exports_and_env_files_of_the_script(tmp_path: Path) -> None:
    files = {
        ".env.prod": f"DATABASE_URL='{POOLED}'\n",
        ".env": f"DATABASE_URL='{DIRECT}'\n",
        "one.sh": "set -a\n. .env.prod\nsqlx migrate run\n",
        "two.sh": f"export DATABASE_URL='{POOLED}'\ndiesel migration run\n",
        "three.sh": "dotenv -e .env.prod -- dbmate up\n",
    }
    project = project_of(tmp_path, files)
    for name, held in (("sqlx migrate run", "file"), ("diesel migration run", "script"), ("dbmate up", "file")):
        found = reached(project, name)
        assert (hosts(found), found.held) == (["ep-cool-rain-a1b2c3d4-pooler"], held)


def test_the_tools_configuration_is_read_in_the_commands_environment(tmp_path: Path) -> None:
    files = {
        "alembic/env.py": 'import os\n\nfrom alembic import context\n\ncontext.config.set_main_option("sqlalchemy.url", os.environ["MIGRATE_URL"])\n',
        ".env": f"MIGRATE_URL='{DIRECT}'\n",
        ".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    env:\n      MIGRATE_URL: {POOLED}\n    steps:\n      - run: alembic upgrade head\n",
        "run.sh": "alembic downgrade base\n",
    }
    project = project_of(tmp_path, files)
    there = reached(project, "alembic upgrade")
    assert hosts(there) == ["ep-cool-rain-a1b2c3d4-pooler"] and there.held == "around"
    assert [reason.place[0] for reason in there.resolved.because if reason.place] == [
        "alembic/env.py",
        ".github/workflows/a.yml",
    ]
    here = reached(project, "alembic downgrade")
    assert hosts(here) == ["ep-cool-rain-a1b2c3d4"] and here.held == "project"


def test_scripts_of_the_package_in_the_environment_around_them(tmp_path: Path) -> None:
    files = {
        "package.json": '{"scripts": {"migrate": "npm run up", "up": "dbmate up"}}',
        ".github/workflows/a.yml": f"on: push\njobs:\n  a:\n    steps:\n      - run: npm run migrate\n        env:\n          DATABASE_URL: {POOLED}\n",
    }
    found = reached(project_of(tmp_path, files), "npm run migrate")
    assert found.leaf.name == "dbmate up" and found.held == "block"
    assert hosts(found) == ["ep-cool-rain-a1b2c3d4-pooler"]


def test_the_folder_that_a_step_runs_in(tmp_path: Path) -> None:
    step = "on: push\njobs:\n  a:\n    defaults:\n      run:\n        working-directory: web\n    steps:\n      - run: npm run migrate\n"
    files = {
        "web/package.json": '{"scripts": {"migrate": "prisma migrate deploy"}}',
        "web/.env": f"DATABASE_URL='{DIRECT}'\n",
        "api/package.json": '{"scripts": {"migrate": "alembic upgrade head"}}',
        ".github/workflows/a.yml": step,
        ".github/workflows/b.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: cd api && npm run migrate\n",
    }
    project = project_of(tmp_path, files)
    found = [project.reached_by_command(c).leaf.name for c in commands(project) if c.name == "npm run migrate"]
    assert found == ["prisma migrate deploy", "alembic upgrade"]


def test_scripts_that_run_each_other_end(tmp_path: Path) -> None:
    files = {"package.json": '{"scripts": {"a": "npm run b", "b": "npm run a && dbmate up"}}'}
    assert reached(project_of(tmp_path, files), "npm run a").leaf.name == "dbmate up"


@pytest.mark.parametrize(
    "line",
    [
        "doppler run -- dbmate up",
        "docker compose run web dbmate up",
        "docker run shop dbmate up",
        "heroku run dbmate up",
    ],
)
def test_another_environment_is_unknown(tmp_path: Path, line: str) -> None:
    project = project_of(tmp_path, {".env": f"DATABASE_URL='{POOLED}'\n", "run.sh": line + "\n"})
    found = reached(project, "dbmate up")
    assert not found.resolved.connections and not found.resolved.complete


def test_a_secret_of_a_workflow_is_no_variable_of_a_file(tmp_path: Path) -> None:
    files = {
        ".env": f"DATABASE_URL='{POOLED}'\n",
        ".github/workflows/a.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: dbmate up\n        env:\n          DATABASE_URL: ${{ secrets.DATABASE_URL }}\n",
    }
    found = reached(project_of(tmp_path, files), "dbmate up")
    assert not found.resolved.connections and found.names == ("DATABASE_URL",)


def test_separate_variables(tmp_path: Path) -> None:
    project = project_of(
        tmp_path,
        {
            ".env": "PGHOST=ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech\nPGUSER=app\n",
            "run.sh": "pg_dump -Fc db\n",
        },
    )
    (connection,) = reached(project, "pg_dump").resolved.connections
    assert connection.name == "PGHOST"


def commands(project: Project) -> list[Command]:
    return [c for e in project.extracts for c in e.commands]


def test_what_reaches_a_connection(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"run.sh": f"DATABASE_URL='{POOLED}' dbmate up\n"})
    (connection,) = project.extracts[0].connections
    ((command, found),) = project.commands_on(connection)
    assert command is commands(project)[0] and found.held == "command"
