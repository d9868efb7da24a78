"""Facts about clients and statements where the examples of rules do not show all three values."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from neonlint import manifests, platforms
from neonlint.config import Config
from neonlint.edits import apply, merge
from neonlint.errors import Refused
from neonlint.extract import extract
from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.facts.catalogue import FACTS
from neonlint.facts.session import untracked_in
from neonlint.formats import claims, load
from neonlint.formats.claims import format_of
from neonlint.ir.model import Client
from neonlint.link import Project
from neonlint.repair_client import client_ops
from neonlint.sizing import Compute

NEON = "postgresql://app:pw@ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech/db?sslmode=require"
ENV = {".env": f"URL={NEON}\n"}
UNSEEN = "unseen"


def project(files: Mapping[str, str], config: Config | None = None) -> Project:
    data = {path: text.encode() for path, text in files.items()}
    return Project(
        tuple(
            extract(load(format_of(path)).read(path, text))
            for path, text in data.items()
            if not claims.is_manifest(path)
        ),
        config or Config(),
        frozenset(files),
        dict.fromkeys(files, True),
        {path: manifests.read(path, text) for path, text in data.items() if claims.is_manifest(path)},
        {
            path: sign
            for path, text in data.items()
            if platforms.may_be_sign(path, text) and (sign := platforms.of_file(path, text))
        },
    )


def answer(fact: str, files: Mapping[str, str], config: Config | None = None) -> object:
    """A fact of the one client in `app.py`: its value, or `UNSEEN`."""
    found = whole(fact, files, config)
    return found.value if isinstance(found, Known) else UNSEEN


def whole(fact: str, files: Mapping[str, str], config: Config | None = None) -> Answer:
    linked = project(files, config)
    (client,) = [c for c in linked.clients if c.document.path == "app.py"]
    found = FACTS["client"][fact].compute(client, linked)
    assert isinstance(found, Known | Unseen)
    return found


def engine(more: str = "", url: str = 'os.environ["URL"]') -> dict[str, str]:
    return {"app.py": f"import os\nfrom sqlalchemy import NullPool, create_engine\ne = create_engine({url}{more})\n"}


def django(more: str = "", options: str = "{}") -> dict[str, str]:
    entry = f'"ENGINE": "django.db.backends.postgresql", "HOST": "h", "NAME": "d", "OPTIONS": {options}, {more}'
    return {"app.py": f'import os\nDATABASES = {{"default": {{{entry}}}}}\n'}


def dj(arguments: str = "", rest: str = "") -> dict[str, str]:
    return {
        "app.py": f'import os\nimport dj_database_url\nDATABASES = {{"default": dj_database_url.config("URL"{arguments})}}\n{rest}'
    }


@pytest.mark.parametrize(
    ("fact", "files", "expected"),
    [
        # --- Neon, seen and not seen ---
        ("opens.neon", ENV | engine(), True),
        ("opens.neon", {".env": "URL=postgresql://u@db.acme.io/d\n", "x.yaml": f"url: {NEON}\n"} | engine(), False),
        ("opens.neon", {".env": "URL=postgresql://u@localhost/d\n", "x.yaml": f"url: {NEON}\n"} | engine(), True),
        ("opens.neon", {".env": f"URL=postgresql://u@localhost/d\nTEST_URL={NEON}\n"} | engine(), UNSEEN),
        ("opens.neon", {".env": "URL=mysql://u@h/d\n", "x.yaml": f"url: {NEON}\n"} | engine(), False),
        ("opens.neon", engine(), UNSEEN),
        ("opens.neon", engine(url='os.environ["NEON_DATABASE_URL"]'), True),
        ("opens.neon", {"x.yaml": f"url: {NEON}\n"} | engine(url='"sqlite://"'), False),
        ("opens.neon", {"x.yaml": f"url: {NEON}\n"} | engine(url="make()"), UNSEEN),
        ("opens.neon", {"tests/x.yaml": f"url: {NEON}\n"} | engine(), UNSEEN),
        ("opens.neon", {"docs/guide.md": NEON} | engine(), UNSEEN),
        ("opens.neon", {"README.md": f"Set it to `{NEON}`.\n"} | engine(), True),
        ("opens.neon", {"web/package.json": "{}", "web/.env": f"A={NEON}\n"} | engine(), UNSEEN),
        # --- options ---
        ("options.liveness", engine(), None),
        ("options.liveness", engine(", pool_pre_ping=True"), True),
        ("options.liveness", engine(", pool_pre_ping=PING"), UNSEEN),
        ("options.liveness", engine(", **more"), UNSEEN),
        ("given.recycle_seconds", engine(), False),
        ("given.recycle_seconds", engine(", pool_recycle=R"), True),
        ("given.recycle_seconds", engine(", **more"), UNSEEN),
        ("options.pool_class", engine(", poolclass=NullPool"), "NullPool"),
        ("options.pool_class", engine(", poolclass=NullPool if X else None"), UNSEEN),
        ("recycle_over_suspend", engine(", pool_recycle=301"), True),
        ("recycle_over_suspend", engine(", pool_recycle=300"), False),
        ("recycle_over_suspend", engine(), False),
        ("recycle_over_suspend", engine(", pool_recycle=R"), UNSEEN),
        # --- Django ---
        ("persistent", django(), False),
        ("persistent", django('"CONN_MAX_AGE": 0'), False),
        ("persistent", django('"CONN_MAX_AGE": None'), True),
        ("persistent", django('"CONN_MAX_AGE": int(os.environ["A"])'), UNSEEN),
        ("persistent", dj(", conn_max_age=60"), True),
        ("options.health_checks", dj(", conn_max_age=60"), None),
        ("options.health_checks", dj(", conn_max_age=60", 'DATABASES["default"]["CONN_HEALTH_CHECKS"] = True\n'), UNSEEN),
        ("options.health_checks", django() | {"b.py": 'from app import *\nDATABASES["default"]["CONN_HEALTH_CHECKS"] = True\n'}, UNSEEN),
        ("options.health_checks", django() | {"b.py": 'from app import *\nDATABASES["default"]["NAME"] = "x"\n'}, None),
        ("options.health_checks", django() | {"b.py": "from app import *\nDATABASES.update(more)\n"}, UNSEEN),
        ("pool.on", django(), False),
        ("pool.on", django(options='{"pool": True}'), True),
        ("pool.on", django(options='{"pool": {}}'), False),
        ("pool.on", django(options='{"pool": {"max_size": 3}}'), True),
        ("pool.on", django(options="options()"), UNSEEN),
        ("pool.on", django(options='{"pool": os.environ.get("P")}'), UNSEEN),
        ("pool.conflict", django(options='{"pool": True}'), None),
        ("pool.conflict", {"requirements.txt": "psycopg2\n"} | django(options='{"pool": True}'), "psycopg2"),
        ("pool.conflict", {"requirements.txt": "psycopg2\npsycopg\n"} | django(options='{"pool": True}'), None),
        ("pool.conflict", django('"CONN_MAX_AGE": 1', '{"pool": True}'), "CONN_MAX_AGE"),
        ("pool.conflict", django('"CONN_MAX_AGE": AGE', '{"pool": True}'), UNSEEN),
        ("django.may_check_health", django(), True),
        ("django.may_check_health", {"requirements.txt": "Django==4.0.1\n"} | django(), False),
        ("dj_database_url.disables_cursors", dj(), UNSEEN),
        ("dj_database_url.disables_cursors", {"requirements.txt": "dj-database-url>=2.2\n"} | dj(), True),
        ("dj_database_url.disables_cursors", {"requirements.txt": "dj-database-url==2.1.0\n"} | dj(), False),
        ("dj_database_url.may_disable_cursors", {"requirements.txt": "dj-database-url==2.1.0\n"} | dj(), False),
        ("dj_database_url.may_disable_cursors", dj(), True),
        # --- pools ---
        ("pool.largest", engine(), 15),
        ("pool.largest", engine(", pool_size=20, max_overflow=0"), 20),
        ("pool.largest", engine(", pool_size=0"), UNSEEN),
        ("pool.largest", engine(", max_overflow=-1"), UNSEEN),
        ("pool.largest", engine(", pool_size=SIZE"), UNSEEN),
        ("pool.largest", engine(", poolclass=NullPool"), None),
        ("pool.largest", django(options='{"pool": True}'), UNSEEN),
        ("pool.largest", django(options='{"pool": {"min_size": 2}}'), 2),
        ("pool.largest", {"app.py": "import asyncpg\nasync def f():\n    return await asyncpg.create_pool(URL)\n"}, 10),
        ("pool.largest", {"app.py": "from psycopg_pool import ConnectionPool\np = ConnectionPool(URL, min_size=2)\n"}, 2),
        ("pool.largest", {"app.py": "import psycopg\np = psycopg.connect(URL)\n"}, None),
        # --- where the code stands ---
        ("script", engine(), False),
        ("script", {"app.py": engine()["app.py"] + "if __name__ == '__main__':\n    run()\n"}, True),
        ("script", {"app.py": "import uvicorn\n" + engine()["app.py"] + "if __name__ == '__main__':\n    uvicorn.run(app)\n"}, False),
        ("script", {"app.py": engine()["app.py"] + "if __name__ == '__main__':\n    run()\n", "main.py": "from app import e\n"}, False),
        # --- drivers ---
        ("driver.sends_sni", {"requirements.txt": "psycopg2-binary==2.9.1\n"} | ENV | engine(), False),
        ("driver.sends_sni", {"requirements.txt": "psycopg2-binary==2.9.2\n"} | ENV | engine(), True),
        ("driver.sends_sni", {"requirements.txt": "psycopg2-binary>=2.8\n"} | ENV | engine(), UNSEEN),
        ("driver.sends_sni", {"requirements.txt": "psycopg2-binary==2.9.1\npsycopg==3.2.1\n"} | ENV | engine(), UNSEEN),
        ("driver.sends_sni", {"requirements.txt": "psycopg2-binary==2.9.1\npsycopg2==2.9.1\n"} | ENV | engine(), UNSEEN),
        ("connect_seconds", engine(', connect_args={"connect_timeout": 5}'), 5),
        ("connect_seconds", engine(", connect_args=arguments()"), UNSEEN),
        ("connect_seconds", django(options='{"connect_timeout": 5}'), None),
        ("statement_cache.off", ENV | engine(), False),
        ("statement_cache.off", {".env": f"URL={NEON}&prepared_statement_cache_size=0\n"} | engine(), True),
        ("startup.dropped", engine(', connect_args={"server_settings": {"application_name": "a", "jit": "off"}}'), "jit"),
        ("startup.dropped", engine(', connect_args={"server_settings": settings()}'), UNSEEN),
    ],
)  # fmt: skip
def test_client(fact: str, files: dict[str, str], expected: object) -> None:
    found = answer(fact, files)
    assert (type(found), found) == (type(expected), expected)


def test_environ_settings_come_out_of_the_url() -> None:
    source = {"app.py": 'import environ\nenv = environ.Env()\nd = env.db("URL")\n'}
    assert answer("options.server_side_cursors_disabled", source) == UNSEEN
    assert answer("options.server_side_cursors_disabled", ENV | source) is None
    assert answer("persistent", {".env": f"URL={NEON}&conn_max_age=60\n"} | source) is True
    assert answer("options.health_checks", {".env": f"URL={NEON}&CONN_HEALTH_CHECKS=True\n"} | source) is True


def test_what_is_inferred_says_so() -> None:
    seen = whole("opens.neon", ENV | engine())
    by_name = whole("opens.neon", engine(url='os.environ["NEON_URL"]'))
    assert isinstance(seen, Known) and not any(reason.inferred for reason in seen.because)
    assert isinstance(by_name, Known) and any(reason.inferred for reason in by_name.because)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(None, True), (0, True), (299, True), (600, False), (3600, False), (-1, False)]
)
def test_suspend_time_is_declared(seconds: int | None, expected: bool) -> None:
    assert answer("recycle_over_suspend", engine(", pool_recycle=600"), Config(suspend_seconds=seconds)) is expected


@pytest.mark.parametrize(
    ("size", "pooled", "direct"), [(0.25, 93, 97), (1, 377, 412), (9, 3600, 3993), (56, 3600, 3993)]
)
def test_limits_follow_the_declared_size(size: float, pooled: int, direct: int) -> None:
    config = Config(compute_size=Compute(size, size))
    assert answer("pool.limit", ENV | engine(), config) == pooled
    assert answer("pool.limit", {".env": f"URL={NEON.replace('-pooler', '')}\n"} | engine(), config) == direct
    assert answer("pool.limit", engine(), config) == UNSEEN
    assert answer("pool.limit", ENV | engine()) == UNSEEN


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-c search_path=app", "search_path"),
        ("-csearch_path=app", "search_path"),
        ("--search_path=app", "search_path"),
        ("-c TimeZone=UTC -c jit=off", "jit"),
        ("-c TimeZone=UTC", None),
        ("endpoint=ep-cool-rain-a1b2c3d4", None),
        ("", None),
    ],
)
def test_what_the_pooler_does_not_track(options: str, expected: str | None) -> None:
    assert untracked_in(options) == expected


@pytest.mark.parametrize(
    ("callee", "expected"),
    [("cur.execute", ["psycopg"]), ("connection.cursor().execute", ["django"])],
)
def test_statements_find_their_client_in_another_file(callee: str, expected: list[str]) -> None:
    linked = project(
        {
            "db.py": 'import os, psycopg\nc = psycopg.connect(os.environ["URL"])\n',
            "settings.py": django()["app.py"],
            "app.py": f'from django.db import connection\ndef f(cur):\n    {callee}("LISTEN a")\n',
        }
    )
    (statement,) = [s for e in linked.extracts for s in e.statements]
    assert FACTS["statement"]["library"].compute(statement, linked).value == expected[0]


# --- repair --------------------------------------------------------------------------------------------------------


def repaired(source: str, patch: dict[str, bool | int | str | None]) -> str:
    document = load("python").read("app.py", source.encode())
    (client,) = extract(document).clients
    assert isinstance(client, Client)
    edits = merge(load("python").render(document, client_ops(client, patch)))
    return apply(document.data, edits).decode()


FLASK = 'import os\n\n\nclass Config:\n    SQLALCHEMY_DATABASE_URI = os.environ["URL"]\n'


@pytest.mark.parametrize(
    ("source", "patch", "expected"),
    [
        (FLASK, {"options.liveness": True}, FLASK + '    SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True}\n'),
        (
            FLASK,
            {"options.prepare_threshold": "null"},
            FLASK + '    SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"prepare_threshold": None}}\n',
        ),
        (
            "import psycopg_pool\np = psycopg_pool.ConnectionPool(URL)\n",
            {"options.prepare_threshold": "null"},
            'import psycopg_pool\np = psycopg_pool.ConnectionPool(URL, kwargs={"prepare_threshold": None})\n',
        ),
        (
            'import psycopg_pool\np = psycopg_pool.ConnectionPool(URL, kwargs={"autocommit": True})\n',
            {"options.prepare_threshold": "null"},
            'import psycopg_pool\np = psycopg_pool.ConnectionPool(URL, kwargs={"autocommit": True, "prepare_threshold": None})\n',
        ),
        (
            'TORTOISE_ORM = {"connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": {"host": "h", "timeout": 3}}}, "apps": {}}\n',
            {"options.timeout": 15},
            'TORTOISE_ORM = {"connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": {"host": "h", "timeout": 15}}}, "apps": {}}\n',
        ),
    ],
)
def test_options_are_written(source: str, patch: dict[str, bool | int | str | None], expected: str) -> None:
    assert repaired(source, patch) == expected


def test_options_that_may_be_given_elsewhere_are_not_added() -> None:
    with pytest.raises(Refused, match="cannot be seen"):
        repaired("import psycopg\nc = psycopg.connect(URL, **more)\n", {"options.prepare_threshold": "null"})
