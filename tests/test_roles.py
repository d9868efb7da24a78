"""Roles and runtimes: what files, names and platforms say, how far they say it, and what stays unknown."""

from __future__ import annotations

import pytest
from projects import ask, client_at, connection_at, project_of, value

from neonlint.facts.answer import Known

NEON = "postgresql://app:pw@ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech/db?sslmode=require"
CLIENT = 'import os\nimport psycopg2\nconn = psycopg2.connect(os.environ["DATABASE_URL"])\n'


def service(name: str) -> str:
    return f"services:\n  {name}:\n    environment:\n      DATABASE_URL: {NEON}\n"


def runtime(files: dict[str, str], path: str) -> object:
    project = project_of(files | {path: files.get(path, CLIENT)})
    return value(project, client_at(project, path), "runtime")


@pytest.mark.parametrize(
    "code",
    [
        "def lambda_handler(event, context):\n    pass\n",
        "def handler(event, context):\n    pass\n",
        "def handler(event, _context):\n    pass\n",
        "async def my_handler(_event, ctx):\n    pass\n",
        "from mangum import Mangum\nhandler = Mangum(app)\n",
        "import modal\napp = modal.App('x')\n",
        "from chalice import Chalice\napp = Chalice(app_name='x')\n",
        "import functions_framework\n@functions_framework.http\ndef main(request):\n    pass\n",
        "import azure.functions as func\napp = func.FunctionApp()\n",
        "from firebase_functions import https_fn\n@https_fn.on_request()\ndef main(request):\n    pass\n",
        "import uvicorn\nfrom mangum import Mangum\nhandler = Mangum(app)\nuvicorn.run(app)\n",
    ],
)
def test_a_file_says_itself_that_it_is_serverless(code: str) -> None:
    project = project_of({"app.py": CLIENT + code})
    answer = ask(project, client_at(project, "app.py"), "runtime")
    assert isinstance(answer, Known)
    assert answer.value == "serverless"


@pytest.mark.parametrize(
    "code",
    [
        "def handler(signum, frame):\n    pass\n",
        "def handler(request, response):\n    pass\n",
        "class A:\n    def handler(self, context):\n        pass\n",
        "def on_event(event, context):\n    pass\n",
    ],
)
def test_what_only_looks_like_a_handler(code: str) -> None:
    assert runtime({"app.py": CLIENT + code}, "app.py") is ...


@pytest.mark.parametrize(
    "code", ["from celery import Celery\napp = Celery('x')\n", "import uvicorn\nuvicorn.run(app)\n"]
)
def test_long_lived(code: str) -> None:
    assert runtime({"app.py": CLIENT + code}, "app.py") == "long-lived"


def test_two_opinions_in_one_file_are_none() -> None:
    code = CLIENT + "from celery import Celery\napp = Celery('x')\ndef lambda_handler(event, context):\n    pass\n"
    assert runtime({"app.py": code}, "app.py") is ...


@pytest.mark.parametrize(
    ("files", "path", "expected"),
    [
        ({"vercel.json": '{"builds": [{"use": "@vercel/python"}]}'}, "app/db.py", "serverless"),
        ({"vercel.json": "{}", "api/index.py": "app = 1"}, "lib/db.py", "serverless"),
        ({"vercel.json": "{}", "api/requirements.txt": "x", "api/index.py": ""}, "api/db.py", "serverless"),
        ({"vercel.json": "{}"}, "backend/db.py", ...),  # a front end
        ({"web/vercel.json": '{"functions": {"api/a.py": {}}}'}, "backend/db.py", ...),
        ({"vercel.json": "{}", "api/index.py": "", "worker/pyproject.toml": ""}, "worker/db.py", ...),
        ({"serverless.yml": "provider:\n  runtime: python3.12\n"}, "src/db.py", "serverless"),
        ({"serverless.yml": "provider:\n  runtime: nodejs20.x\n"}, "src/db.py", ...),
        ({"template.yaml": "Type: AWS::Serverless::Function\n  Runtime: python3.12\n"}, "src/db.py", "serverless"),
        ({"zappa_settings.json": "{}"}, "app/db.py", "serverless"),
        ({".chalice/config.json": "{}"}, "chalicelib/db.py", "serverless"),
        ({"main.py": "from mangum import Mangum\nhandler = Mangum(app)\n"}, "core/db.py", "serverless"),
        ({"fns/main.py": "def lambda_handler(event, context):\n    pass\n"}, "web/db.py", ...),
        ({"tests/fake.py": "from mangum import Mangum\n"}, "tests_db/db.py", ...),
        ({"Procfile": "web: gunicorn app:app\n"}, "app/db.py", "long-lived"),
        ({"Procfile": "release: python x.py\n"}, "app/db.py", ...),
        ({"Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "a:b"]\n'}, "app/db.py", "long-lived"),
        ({"Dockerfile": "FROM public.ecr.aws/lambda/python:3.12\n"}, "app/db.py", "serverless"),
        ({"gunicorn.conf.py": "workers = 2\n"}, "app/db.py", "long-lived"),
        ({"zappa_settings.json": "{}", "Procfile": "web: gunicorn a:b\n"}, "app/db.py", ...),
        ({"zappa_settings.json": "{}", "dev.py": "import uvicorn\nuvicorn.run(a)\n"}, "app/db.py", "serverless"),
        ({}, "app/db.py", ...),
    ],
)
def test_what_the_package_says(files: dict[str, str], path: str, expected: object) -> None:
    assert runtime(files, path) == expected


def test_what_a_package_says_is_inferred_and_what_a_file_says_is_not() -> None:
    project = project_of(
        {"zappa_settings.json": "{}", "db.py": CLIENT, "fn.py": CLIENT + "def lambda_handler(event, c):\n    ...\n"}
    )
    beside, own = (ask(project, client_at(project, path), "runtime") for path in ("db.py", "fn.py"))
    assert isinstance(beside, Known)
    assert isinstance(own, Known)
    assert [reason.inferred for reason in (*beside.because, *own.because)] == [True, False]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/db.py", "runtime"),
        ("alembic/env.py", "migration"),
        ("backend/migrations/env.py", "migration"),
        ("scripts/run_migrations.py", "migration"),
        ("db/migrate.py", "migration"),
        ("app/migrated.py", "runtime"),
        ("scripts/seed.py", "admin"),
        ("tests/test_db.py", "test"),
        ("shop/tests.py", "test"),
        ("app/test_db.py", "test"),
        ("app/contest.py", "runtime"),
        ("app/latest/db.py", "runtime"),
        ("docs/conf.py", "docs"),
    ],
)
def test_roles_of_clients(path: str, expected: str) -> None:
    project = project_of({path: CLIENT})
    assert value(project, client_at(project, path), "role") == expected


@pytest.mark.parametrize(
    ("files", "path", "name", "expected"),
    [
        ({".env": f"DATABASE_URL={NEON}\n"}, ".env", "", ...),
        ({".env": f"DATABASE_URL={NEON}\n", "app.py": CLIENT}, ".env", "", "runtime"),
        ({".env": f"DATABASE_URL={NEON}\n", "alembic/env.py": CLIENT}, ".env", "", "migration"),
        ({".env": f"DATABASE_URL={NEON}\n", "alembic/env.py": CLIENT, "app.py": CLIENT}, ".env", "", "runtime"),
        ({".env": f"DIRECT_URL={NEON}\n"}, ".env", "", "migration"),
        ({".env": f"DB_MIGRATION_URL={NEON}\n"}, ".env", "", "migration"),
        ({".env": f"DIRECTORY_URL={NEON}\n"}, ".env", "", ...),
        ({".env": f"TEST_DATABASE_URL={NEON}\n"}, ".env", "", "test"),
        ({".env.test": f"DATABASE_URL={NEON}\n"}, ".env.test", "", "test"),
        ({"compose.yaml": service("db-migrate")}, "compose.yaml", "", "migration"),
        ({"compose.yaml": service("web")}, "compose.yaml", "", ...),
        ({".env": f"CDC_URL={NEON}&replication=database\n"}, ".env", "", "replication"),
        ({".env": f"CDC_URL={NEON}&replication=false\n"}, ".env", "", ...),
    ],
)  # fmt: skip
def test_roles_of_connections(files: dict[str, str], path: str, name: str, expected: object) -> None:
    project = project_of(files)
    assert value(project, connection_at(project, path, name), "role") == expected
