"""What a Python file says: tables, names, environment, calls, functions."""

from __future__ import annotations

from textwrap import dedent

import pytest

from neonlint.errors import ParseFailure
from neonlint.formats import python
from neonlint.ir.source import Call, Document, EnvRef, Items, Ref, Scalar, Table, Unknown, Value


def read(source: str) -> Document:
    return python.read("x.py", dedent(source).encode())


def value(source: str, name: str = "X") -> Value:
    root = read(source).root
    assert root
    found = root.get(name)
    assert found is not None
    return found


def table(source: str, *path: str) -> Table:
    found: Value | None = read(source).root
    for key in path:
        assert isinstance(found, Table)
        found = found.get(key)
    assert isinstance(found, Table)
    return found


def said(found: Value | None) -> str:
    """A value in a few words."""
    match found:
        case Scalar(value=inner):
            return repr(inner)
        case EnvRef(name=name, default=default, transformed=transformed):
            return f"env {name}{' changed' if transformed else ''}" + (f" or {said(default)}" if default else "")
        case Ref(name=name):
            return f"ref {name}"
        case Unknown(why=why):
            return f"unknown: {why}"
        case Call(callee=callee):
            return f"call {callee}"
        case Table(entries=entries, complete=complete):
            inner = ", ".join(f"{e.key}: {said(e.value)}" for e in entries)
            return "{" + inner + ("}" if complete else ", …}")
        case Items(values=values):
            return "[" + ", ".join(said(v) for v in values) + "]"
    return "nothing"


def callees(source: str) -> list[str]:
    return [call.callee for call in read(source).calls]


# Failures


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (b"x = 1\nx = = 2\n", 2),
        (b"x = '\0'\n", None),
        (b"x = 1\n\xff\n", 2),
        (b"# coding: no-such-codec\n", 1),
        (b"# coding: rot13\n", None),
        (b"(" * 2000, 1),
        (b"-" * 100_000 + b"1", None),
        (b"x = " + b"1 + " * 50_000 + b"1\n", None),
    ],
)
def test_what_is_not_python_is_a_failure_that_quotes_nothing(data: bytes, row: int | None) -> None:
    with pytest.raises(ParseFailure) as failure:
        python.read("x.py", data)
    assert row is None or failure.value.row == row
    assert "x =" not in failure.value.reason


# Values


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("X = 60 * 10", "600"),
        ("X = -1", "-1"),
        ("X = None", "None"),
        ("X = [1, 'a']", "[1, 'a']"),
        ("X = b'x'", "unknown: a bytes literal"),
        ("X = Y", "ref Y"),
        ("Y = 'a'\nX = Y", "'a'"),
        ("Y = 'a'\nY = 'b'\nX = Y", "unknown: assigned more than once"),
        ("X = X", "unknown: defined by itself"),
        ("from a.b import c as d\nX = d.e", "ref a.b.c.e"),
        ("import a.b as c\nX = c.d['e']", "ref a.b.d.e"),
        ("from . import s\nX = s.URL", "ref .s.URL"),
        ("D = {'a': {'b': 1}}\nX = D['a']['b']", "1"),
        ("X = ('a', 'b')[1]", "'b'"),
        ("X = 'a' if y else 'b'", "unknown: depends on a condition"),
        ("for X in y: pass\nZ = X\nX2 = X", None),
        ("A, X = 'a', 'b'", "'b'"),
        ("X: str = 'a'", "'a'"),
        ("class C:\n    url = 'a'\nX = C.url", "'a'"),
        ("X = open('f').read()", "call open().read"),
        ("X = str(object)", "call str"),
        ("X = {'a': 1, **y}", "{a: 1, …}"),
        ("X = {'a': 1, y: 2}", "{a: 1, …}"),
        ("X = dict(a=1)", "{a: 1}"),
        ("X = {'a': 1} | {'b': 2}", "{a: 1, b: 2}"),
        ("X = {'a': 1} | y", "{a: 1, …}"),
    ],
)
def test_values(source: str, expected: str | None) -> None:
    if expected is not None:
        assert said(value(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os\nX = os.environ['A']", "env A"),
        ("import os\nX = os.environ.get('A')", "env A"),
        ("import os\nX = os.environ.get('A', 'b')", "env A or 'b'"),
        ("import os as o\nX = o.getenv('A', default='b')", "env A or 'b'"),
        ("from os import environ\nX = environ['A']", "env A"),
        ("from os import getenv as g\nX = g('A')", "env A"),
        ("import os\nX = os.getenv('A') or 'b'", "env A or 'b'"),
        ("import os\nX = os.getenv('A', '') or os.getenv('B') or 'c'", "env A or env B or 'c'"),
        ("import os\nX = os.getenv('A', 'b') or 'c'", "env A or 'b'"),
        ("import os\nX = str(os.environ['A']).strip()", "env A"),
        ("import os\nX = int(os.getenv('A', 5))", "env A or 5"),
        ("import os\nX = os.environ['A'].replace('a', 'b', 1)", "env A changed"),
        ("import os, re\nX = re.sub('a', 'b', os.environ['A'])", "env A changed"),
        ("import os\nX = os.getenv('A')\nif X.startswith('p'):\n    X = X.replace('a', 'b')\nY = X", "env A changed"),
        ("import os\nfrom pydantic import SecretStr\nX = SecretStr(os.environ['A']).get_secret_value()", "env A"),
        ("import os\nfrom urllib.parse import quote_plus\nX = quote_plus(os.environ['A'])", "env A changed"),
        ("from decouple import config\nX = config('A', default='b')", "env A or 'b'"),
        ("from starlette.config import Config\nc = Config('.env')\nX = c('A', cast=Secret)", "env A"),
        ("from environs import Env\nenv = Env()\nX = env.str('A', 'b')", "env A or 'b'"),
        ("import environ\nenv = environ.Env()\nX = env('A')", "env A"),
        ("import environ\nenv = environ.Env()\nX = env.db('A')", "call environ.Env().db"),
        ("from .base import env\nX = env('A')", "env A"),
        ("from dotenv import dotenv_values\nX = dotenv_values('.env')['A']", "env A"),
        ("import os\ndef get_url():\n    return os.environ['A']\nX = get_url()", "env A"),
    ],
)
def test_reads_of_the_environment(source: str, expected: str) -> None:
    assert said(value(source)) == expected


def test_names_in_functions_mean_the_nearest_assignment() -> None:
    document = read(
        """
        URL = "outer"
        def f(url):
            URL = "inner"
            connect(URL)
            connect(url)
            return [connect(URL) for URL in "ab"]
        connect(URL)
        """
    )
    seen = [said(call.args[0]) for call in document.calls]
    assert seen == ["'inner'", "unknown: a parameter of the function", "unknown: assigned by a loop", "'outer'"]


# Tables


DATABASES = "DATABASES = {'default': {'HOST': 'h', 'OPTIONS': {}}}\n"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("DATABASES['default']['OPTIONS'] = {'a': 1}", "{HOST: 'h', OPTIONS: {a: 1}}"),
        ("DATABASES['default']['AGE'] = 60", "{HOST: 'h', OPTIONS: {}, AGE: 60}"),
        ("DATABASES['default'].update({'AGE': 60}, X=1)", "{HOST: 'h', OPTIONS: {}, AGE: 60, X: 1}"),
        ("DATABASES['default'].update(more)", "{HOST: 'h', OPTIONS: {}, …}"),
        ("if x:\n    DATABASES['default']['HOST'] = 'i'", None),
        ("if x:\n    DATABASES['default']['AGE'] = 60", "{HOST: 'h', OPTIONS: {}, …}"),
        ("def f():\n    DATABASES['default']['AGE'] = 60", "{HOST: 'h', OPTIONS: {}, …}"),
        ("DATABASES[alias]['AGE'] = 60", "{HOST: 'h', OPTIONS: {}, …}"),
        ("db = DATABASES['default']\ndb['AGE'] = 60", "{HOST: 'h', OPTIONS: {}, AGE: 60}"),
        ("for db in DATABASES.values():\n    db['AGE'] = 60", "{HOST: 'h', OPTIONS: {}, …}"),
        ("del DATABASES['default']['X']", "{HOST: 'h', OPTIONS: {}, …}"),
    ],
)
def test_tables_show_what_is_done_to_them(change: str, expected: str | None) -> None:
    found = said(table(DATABASES + change, "DATABASES", "default"))
    assert found == (expected or "{HOST: unknown: assigned again under a condition, OPTIONS: {}, …}")
    assert ("…" in found) == ("DATABASES" in read(DATABASES + change).mutates)


def test_tables_have_the_names_they_are_given() -> None:
    assert table(DATABASES, "DATABASES").name == "DATABASES"
    assert table(DATABASES, "DATABASES", "default", "OPTIONS").name == "OPTIONS"
    (call,) = read("create_engine(connect_args={'a': 1})").calls
    found = call.keywords.get("connect_args")
    assert isinstance(found, Table)
    assert found.name == "connect_args"


def test_flask_configuration_is_one_table() -> None:
    source = """
        def create_app():
            app = Flask(__name__)
            app.config["A"] = "a"
            app.config.update(B="b")
            app.config.from_mapping({"C": "c"}, D="d")
            app.config.setdefault("E", "e")
        """
    assert said(table(source, "app.config")) == "{A: 'a', B: 'b', C: 'c', D: 'd', E: 'e'}"
    assert not table(source + "    app.config.from_object(x)\n", "app.config").complete


def test_the_environment_that_a_file_sets_is_a_table() -> None:
    found = table("import os\nos.environ['A'] = 'a'\nos.environ.setdefault('B', 'b')\n", "os.environ")
    assert (said(found), found.kind) == ("{A: 'a', B: 'b', …}", "env")


def test_imported_tables_that_a_file_adds_to_are_seen_in_part() -> None:
    document = read("from .base import *\nDATABASES['default']['OPTIONS'] = {'sslmode': 'require'}\n")
    assert document.star_imports == (".base",)
    assert document.root
    assert said(document.root.get("DATABASES")) == "{default: {OPTIONS: {sslmode: 'require'}, …}, …}"


def test_settings_classes_read_the_environment() -> None:
    source = """
        from typing import ClassVar
        from pydantic import Field, AliasChoices
        from pydantic_settings import BaseSettings, SettingsConfigDict
        class Base(BaseSettings):
            model_config = SettingsConfigDict(env_prefix="app_")
        class Settings(Base):
            url: str = "u"
            host: str
            a: str = Field(default="d", alias="ALIAS")
            b: str = Field(..., validation_alias=AliasChoices("ONE", "two"))
            c: ClassVar[int] = 1
        settings = Settings()
        X = settings.url
        """
    assert (
        said(table(source, "Settings"))
        == "{url: env APP_URL or 'u', host: env APP_HOST, a: env ALIAS or 'd', b: env ONE, c: 1}"
    )
    assert said(value(source)) == "env APP_URL or 'u'"


def test_a_class_that_only_looks_like_settings_keeps_its_values() -> None:
    assert said(table("class Settings:\n    A = 1\nclass Dev(Settings):\n    A = 2\n", "Dev")) == "{A: 2, …}"


# Calls


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import sqlalchemy as sa\nsa.create_engine(u)", ["sqlalchemy.create_engine"]),
        ("from psycopg2 import connect\nc = connect(u)\nc.cursor().execute(q)", None),
        ("async def f(conn: asyncpg.Connection):\n    await conn.execute(q)", ["asyncpg.Connection().execute"]),
        ("def f(conn: 'Connection | None'):\n    conn.execute(q)", ["Connection().execute"]),
        ("def f(conn):\n    conn.execute(q)", ["?.execute"]),
        ("@app.get('/')\ndef f(): pass", ["app.get"]),
        ("try:\n    import a\nexcept ImportError:\n    a = None\na.b()", ["a.b"]),
        ("def get():\n    return a.connect()\nget().execute()", ["a.connect", "get().execute", "get"]),
        ("x = f\nx.y()()", ["f.y()", "f.y"]),
        (
            "def get_db():\n    yield s.Local()\ndef f(db: S = Depends(get_db)):\n    db.run()",
            ["s.Local", "Depends", "s.Local().run"],
        ),
    ],
)
def test_callees(source: str, expected: list[str] | None) -> None:
    found = callees(source)
    if expected is None:
        expected = ["psycopg2.connect", "psycopg2.connect().cursor().execute", "psycopg2.connect().cursor"]
    if "get()" in source:
        expected = ["a.connect", "a.connect().execute", "get"]
    assert found == expected


def test_receivers_are_followed_through_with_await_self_and_none() -> None:
    found = callees(
        """
        import asyncpg, contextlib, psycopg
        class Repo:
            def __init__(self, pool: asyncpg.Pool | None = None):
                self.pool = None
                self.given = pool
            async def open(self):
                self.pool = await asyncpg.create_pool(u)
            async def save(self):
                async with self.pool.acquire() as conn:
                    await conn.fetch(q)
                self.given.close()
        conn = None
        with contextlib.closing(psycopg.connect(u)) as conn:
            conn.execute(q)
        """
    )
    assert "asyncpg.create_pool().acquire().fetch" in found
    assert "asyncpg.Pool().close" in found
    assert "psycopg.connect().execute" in found


def test_a_call_knows_where_it_is_and_who_gets_its_result() -> None:
    document = read(
        """
        @app.get("/")
        async def handler(event, *, context):
            pool = await create_pool(*args, **options)
        DATABASES = {"default": config(ssl=True)}
        """
    )
    _, pool, config = document.calls
    assert (pool.scope, pool.decorators, pool.assigned) == ("handler", ("app.get",), "pool")
    assert (pool.args_complete, pool.keywords.complete) == (False, False)
    assert (config.scope, config.assigned) == ("", "DATABASES.default")
    (function,) = document.functions
    assert (function.name, function.params, function.is_async) == ("handler", ("event", "context"), True)


# Literals, imports, comments


def test_literals_have_the_names_they_are_given() -> None:
    document = read(
        """
        \"\"\"Doc.\"\"\"
        PASSWORD = "a" if x else "b"
        def f(secret="c"): "doc"
        connect(password="d", **{"token": "e"})
        app.config["KEY"] = "f"
        self.pw = os.getenv("PW", "g")
        """
    )
    found = {one.slot.text: (one.key, one.scope) for one in document.literals}
    assert found["a"] == found["b"] == ("PASSWORD", "")
    assert [found[text][0] for text in "cdefg"] == ["secret", "password", "token", "KEY", "PW"]
    assert found["doc"] == (None, "f")
    assert found["Doc."] == (None, "")


def test_imports_are_a_map_of_local_names() -> None:
    source = "import a.b, c as d\nfrom e import f as g\nfrom .. import h\ndef x():\n    import late\n"
    assert read(source).imports == {"a": "a", "a.b": "a.b", "d": "c", "g": "e.f", "h": "..h", "late": "late"}


def test_comments_are_read_where_one_speaks_to_neonlint() -> None:
    assert read("x = 1  # other\n").comments == ()
    first, second = read("# é neonlint: one\nx = '#'  # two\n").comments
    assert (first.text, first.row, first.own_line) == ("é neonlint: one", 1, True)
    assert (second.text, second.row, second.own_line) == ("two", 2, False)
