"""What a fix writes is what the driver takes: every `good` example is fed to the parser of the driver that opens it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from drivers.accepts import asyncpg_accepts, django_accepts, libpq_accepts, sqlalchemy_accepts
from rule_examples import examples

from neonlint import formats
from neonlint.extract import extract
from neonlint.facts.answer import Known
from neonlint.facts.catalogue import FACTS
from neonlint.formats.claims import worth_parsing
from neonlint.ir.model import Connection
from neonlint.link import Project
from neonlint.rulebook import Example, Rule

GOOD = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule, number, example in examples()
    if example.good is not None
]
LIBPQ = {"libpq", "psycopg2", "psycopg"}


def project_of(example: Example) -> Project:
    assert example.good is not None
    found = []
    for path, text in example.good.items():
        name = formats.format_of(path)
        if worth_parsing(name, text.encode()):
            found.append(extract(formats.load(name).read(path, text.encode())))
    return Project(tuple(found), paths=frozenset(example.good))


def opened(project: Project) -> Iterator[tuple[Connection, str, str | None]]:
    """Each connection string of a project with the driver and library that neonlint says open it."""
    facts = FACTS["connection"]
    for one in project.extracts:
        for connection in one.connections:
            driver = facts["driver"].compute(connection, project)
            via = facts["driver.via"].compute(connection, project)
            if isinstance(driver, Known) and isinstance(via, Known) and connection.slot and not connection.slot.holes:
                yield connection, str(driver.value), None if via.value is None else str(via.value)


@pytest.mark.parametrize(("rule", "example"), GOOD)
def test_the_driver_takes_it(rule: Rule, example: Example, tmp_path: Path) -> None:
    """A missing certificate file is no matter of syntax; what a driver's parser refuses raises here."""
    for connection, driver, via in opened(project_of(example)):
        assert connection.slot is not None
        text = connection.slot.text
        if via == "sqlalchemy":
            sqlalchemy_accepts(text, asynchronous=driver == "asyncpg")
        elif via in (None, "django") and driver in LIBPQ and "+" not in text.split("://", 1)[0]:
            libpq_accepts(text)
        elif via is None and driver == "asyncpg":
            asyncpg_accepts(text)


@pytest.mark.parametrize(
    ("rule", "example"),
    [case for case in GOOD if "settings.py" in "".join(case.values[1].good or ())],  # type: ignore[union-attr]
)
def test_django_takes_its_settings(rule: Rule, example: Example) -> None:
    assert example.good is not None
    for path, text in example.good.items():
        for alias in literal_aliases(text) if path.endswith(".py") else ():
            django_accepts(alias)


def literal_aliases(source: str) -> Iterator[dict[str, object]]:
    """The aliases of `DATABASES` that our own example writes as literals."""
    for node in ast.parse(source).body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "DATABASES"
            and isinstance(node.value, ast.Dict)
        ):
            for value in node.value.values:
                try:
                    alias = ast.literal_eval(value)
                except ValueError:
                    continue
                yield alias
