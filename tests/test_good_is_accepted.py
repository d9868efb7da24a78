"""What the rules call good, held against the drivers that neonlint itself says open it: each connection of each `good`
example is fed to the parser of its driver. Nothing of an example is run; literals are evaluated as literals."""

from __future__ import annotations

import ast
import inspect
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pg8000.dbapi
import pytest
from drivers.accepts import (
    asyncpg_accepts,
    dj_database_url_accepts,
    django_accepts,
    libpq_accepts,
    sqlalchemy_accepts,
)
from projects import project_of, value
from psycopg.conninfo import make_conninfo
from rule_examples import examples

from neonlint.dialects.fields import FAMILIES
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Scalar, has_hole
from neonlint.link import Project
from neonlint.rulebook import Example, Rule

GOOD = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule, number, example in examples()
    if example.good is not None
]
#: Connections of `good` examples that are not fed to a parser, by what opens or spells them, and why.
EXCEPTIONS: Mapping[str, str] = {
    "via databases": "tests/drivers/test_other_clients.py holds what it reads; its URL goes on to asyncpg without `ssl`",
    "via tortoise": "tests/drivers/test_other_clients.py holds what it reads; its scheme is no driver's",
    "family environment": "the names of the program's own variables say nothing about a driver",
}
LIBPQ = ("libpq", "psycopg", "psycopg2")
#: Drivers that are npm packages and run in Node only; node/test_good_is_accepted_node.py feeds each of them, and says so.
IN_NODE = frozenset({"pg", "postgres.js", "neon-http", "neon-ws", "prisma-engine", "pgtyped"})


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty home, in which libpq finds neither passwords nor certificates."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize(("rule", "example"), GOOD)
def test_drivers_take_what_the_rules_call_good(rule: Rule, example: Example) -> None:
    assert example.good is not None
    project = project_of(example.good)
    for extract in project.extracts:
        for connection in extract.connections:
            if connection.family != "secret" and reason_against(connection, project) is None:
                feed(connection, project)
    for path, text in example.good.items():
        if path.endswith(".py") and "django.db.backends" in text:
            for entry in databases(text):
                django_accepts(entry)


def test_every_exception_is_needed() -> None:
    projects = [project_of(case.values[1].good) for case in GOOD]  # type: ignore[union-attr]
    met = {reason_against(c, p) for p in projects for e in p.extracts for c in e.connections}
    assert met - {None} == EXCEPTIONS.keys()


def reason_against(connection: Connection, project: Project) -> str | None:
    """The exception under which a connection is not fed to a driver, None where it is."""
    via = f"via {value(project, connection, 'driver.via')}"
    if via in EXCEPTIONS:
        return via
    family = f"family {connection.family}"
    return family if family in EXCEPTIONS else None


def feed(connection: Connection, project: Project) -> None:
    if value(project, connection, "driver") in IN_NODE:
        return
    if connection.view is not None and connection.slot is not None:
        if not has_hole(connection.slot.text):
            _feed_text(connection, connection.slot.text, project)
    elif connection.family != "django":  # Django's are fed as whole entries
        _feed_fields(connection, value(project, connection, "driver"))


def _feed_text(connection: Connection, text: str, project: Project) -> None:
    driver, via = (value(project, connection, fact) for fact in ("driver", "driver.via"))
    if via == "sqlalchemy":
        sqlalchemy_accepts(text)
    elif via == "django":
        for arguments in _arguments_of_readers(connection, project):
            dj_database_url_accepts(text, **arguments)
    elif driver == "asyncpg":
        asyncpg_accepts(text)
    elif driver in (*LIBPQ, ...):  # what reads it is not seen: the plain form is libpq's
        libpq_accepts(text)
    else:
        raise AssertionError(f"no parser is known for {driver} via {via}; add it, or an exception with its reason")


def _arguments_of_readers(connection: Connection, project: Project) -> Iterator[dict[str, object]]:
    """The literal arguments of each call of dj-database-url that reads the connection."""
    for reader, _ in project.consumers(connection):
        if isinstance(reader, Client) and reader.call is not None:
            entries = reader.call.keywords.entries
            given = {e.key: e.value.value for e in entries if isinstance(e.value, Scalar)}
            yield {name: given[name] for name in given if name not in ("default", "env")}


def _feed_fields(connection: Connection, driver: object) -> None:
    names = {component: entry.key for component, entry in connection.fields.items()}
    given = {c: e.value.value for c, e in connection.fields.items() if isinstance(e.value, Scalar)}
    if connection.family == "libpq-environment":
        spelled = {c.removeprefix("params."): value for c, value in given.items()}
        libpq_accepts(make_conninfo("", **{{"database": "dbname"}.get(c, c): v for c, v in spelled.items()}))  # type: ignore[arg-type]
    elif connection.family == "keywords":
        libpq_accepts(make_conninfo("", **{names[c]: v for c, v in given.items()}))  # type: ignore[arg-type]
    elif connection.family == "driver-keywords":
        _feed_keywords(connection, driver, {names[c]: v for c, v in given.items()})
    else:
        raise AssertionError(f"no parser is known for fields of {connection.family}")


def _feed_keywords(connection: Connection, driver: object, given: dict[str, object]) -> None:
    assert connection.table is not None
    context = {"ssl", "ssl_context"} & {entry.key for entry in connection.table.entries}
    arguments = {**given, **{name: ssl.create_default_context() for name in context}}
    if driver == "asyncpg":
        asyncpg_accepts("postgresql://", **{name: v for name, v in arguments.items() if name not in ("host", "port")})
    else:
        assert driver == "pg8000"
        inspect.signature(pg8000.dbapi.connect).bind(**arguments)


def databases(text: str) -> Iterator[dict[str, object]]:
    """The entries of `DATABASES` in a settings file, with a word in the place of each look-up."""
    for node in ast.parse(text).body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "DATABASES"
            and isinstance(node.value, ast.Dict)
        ):
            for entry in node.value.values:
                if isinstance(entry, ast.Dict):
                    yield ast.literal_eval(ast.fix_missing_locations(_Literal().visit(entry)))


class _Literal(ast.NodeTransformer):
    """Look-ups in the environment as the word `read`."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return ast.Constant("read") if ast.unparse(node.value) == "os.environ" else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return ast.Constant("read") if ast.unparse(node.func) in ("os.getenv", "os.environ.get") else node


def test_families_of_fields_are_all_known() -> None:
    known: dict[str, Callable[..., None]] = {"libpq-environment": libpq_accepts, "keywords": libpq_accepts}
    assert FAMILIES.keys() == known.keys() | {"driver-keywords", "django", "mapping"}
