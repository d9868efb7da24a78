"""What the rules call good, held against the npm packages that neonlint itself says open it: each connection of each
`good` example goes to its driver in the place of the variable that holds it, and what the driver then does about TLS must
be what the rules go by. Nothing of an example is run; literals are evaluated as literals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from node.npm import Npm
from projects import ask, project_of
from projects import value as fact
from rule_examples import examples
from test_good_is_accepted import IN_NODE

from neonlint.facts import drivers
from neonlint.facts.answer import Known
from neonlint.facts.drivers_node import OWN_TLS, Way, is_node, way
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import EnvRef, Items, Ref, Scalar, Table, Value, has_hole
from neonlint.link import Project

pytestmark = pytest.mark.node

#: What a mode comes to on the wire, where the certificate is good and the host is another.
ON_THE_WIRE: Mapping[object, str] = {
    None: "clear",
    "disable": "clear",
    **dict.fromkeys(("allow", "prefer", "require", "verify-ca", "no-verify"), "encrypted"),
    "verify-full": "verify-full",
}
HOST = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
URL = f"postgresql://app:pw@{HOST}/neondb"
SCHEMA = 'datasource db {\n  provider = "postgresql"\n  url = env("X")\n}\n'
SIX, SEVEN = ("prisma-schema-5.22", "prisma-schema-6.19"), ("prisma-schema-7.3",)


@dataclass(frozen=True)
class Case:
    """One client that opens one connection: what its package is asked, and the mode that the rules go by."""

    name: str
    driver: str
    question: Mapping[str, Any] = field(repr=False)
    claim: object = ...


@pytest.fixture(scope="module")
def answers(npm: Npm) -> dict[str, dict[str, Any]]:
    """What the packages did, by case and control: one process for all."""
    made = npm.ask("certificate", {"host": "another.example"})
    trusted = npm.folder / "another.pem"
    trusted.write_text(made["cert"])
    asked = {case.name: case.question for case in (*cases(), *CONTROLS)}
    question = {"key": made["private"], "cert": made["cert"], "clients": list(asked.values())}
    found = npm.ask("good_clients", question, NODE_EXTRA_CA_CERTS=str(trusted))
    return dict(zip(asked, found, strict=True))


def control(name: str, driver: str, outcome: str, *words: object) -> Case:
    callee = {"pg": "pg.Pool"}.get(driver, driver)
    return Case(name, driver, {"library": driver, "callee": callee, "words": words, "env": {}}, outcome)


PGTYPED = {"srcDir": ".", "transforms": [{"mode": "sql", "include": "x"}], "dbUrl": f"{URL}?sslmode=verify-full"}
#: Clients that are not good, which shows that the feeders tell the difference.
CONTROLS = (
    control("pg: nothing", "pg", "clear", {"connectionString": URL}),
    control("pg: lax", "pg", "encrypted", {"connectionString": f"{URL}?sslmode=no-verify"}),
    control("pg: an object", "pg", "verify-full", {"connectionString": URL, "ssl": {}}),
    control("pg: no URL", "pg", "error", {"connectionString": URL.replace("pw", "p#w")}),
    control("postgres.js: nothing", "postgres.js", "clear", URL),
    control("postgres.js: lax", "postgres.js", "encrypted", f"{URL}?sslmode=require"),
    control("postgres.js: strict", "postgres.js", "verify-full", f"{URL}?sslmode=require", {"ssl": "verify-full"}),
    control("postgres.js: no URL", "postgres.js", "error", URL.replace("pw", "p#w")),
    control("pgtyped: nothing", "pgtyped", "clear", PGTYPED),
    control("pgtyped: lax", "pgtyped", "encrypted", {**PGTYPED, "db": {"ssl": {"rejectUnauthorized": False}}}),
    control("pgtyped: strict", "pgtyped", "verify-full", {**PGTYPED, "db": {"ssl": True}}),
    control("neon-http: a URL", "neon-http", "own", URL),
    control("neon-http: no URL", "neon-http", "error", URL.replace("pw", "p#w")),
    control("neon-ws: a URL", "neon-ws", "own", {"connectionString": URL}),
    control("neon-ws: no URL", "neon-ws", "error", {"connectionString": URL.replace("pw", "p#w")}),
)


@pytest.mark.parametrize("case", CONTROLS, ids=lambda case: case.name)
def test_the_feeders_tell_the_difference(case: Case, answers: dict[str, dict[str, Any]]) -> None:
    assert answers[case.name].get("mode", "error") == case.claim


def test_every_driver_is_fed() -> None:
    assert {case.driver for case in CONTROLS} | {"prisma-engine"} == IN_NODE


def test_packages_take_what_the_rules_call_good(answers: dict[str, dict[str, Any]]) -> None:
    refused = {case.name: answers[case.name]["error"] for case in cases() if "error" in answers[case.name]}
    assert not refused
    assert {"pg", "postgres.js"} <= {case.driver for case in cases()}


def test_packages_do_about_tls_what_the_rules_go_by(answers: dict[str, dict[str, Any]]) -> None:
    own = {case.name: "own" for case in cases() if case.driver in OWN_TLS}
    claimed = {case.name: ON_THE_WIRE[case.claim] for case in cases() if case.claim is not ...} | own
    assert {name: answers[name].get("mode") for name in claimed} == claimed


@cache
def good() -> tuple[tuple[str, Project], ...]:
    """The project of each `good` example, with its name."""
    return tuple((f"{r.name}-{n}", project_of(e.good)) for r, n, e in examples() if e.good is not None)


@cache
def cases() -> tuple[Case, ...]:
    """Every client of a `good` example with every connection that it opens, but for Prisma's schemas."""
    found = []
    for name, project in good():
        for connection in (c for extract in project.extracts for c in extract.connections):
            made = list(cases_of(name, connection, project))
            by = fact(project, connection, "driver")
            hidden = connection.family == "secret" or (connection.slot is not None and has_hole(connection.slot.text))
            assert made or hidden or by not in IN_NODE - {"prisma-engine"}, f"{name}: {by} is fed by nobody"
            found += made
    return tuple(found)


def cases_of(name: str, connection: Connection, project: Project) -> Iterator[Case]:
    if connection.slot is not None and connection.view is not None and has_hole(connection.slot.text):
        return
    for number, (client, _) in enumerate(drivers.openers(connection, project)):
        how = way(client, project) if is_node(client) else None
        if isinstance(how, Way) and how.driver != "prisma-engine":
            env = variables(connection)
            if client.call is None:
                question = from_data(name, client, connection, project)
            else:
                words = [literal(word, client, project, env) for word in client.call.args]
                question = {"library": client.library, "callee": client.call.callee, "words": words, "env": env}
            claim = claimed(client, connection, project)
            yield Case(
                f"{name}: {connection.document.path} {connection.span.start} {number}", how.driver, question, claim
            )


def from_data(name: str, client: Client, connection: Connection, project: Project) -> dict[str, Any]:
    """What a program does with the data file that describes a client: it calls a package, or is the package."""
    address = connection.slot.text if connection.slot is not None else None
    if client.library == "pgtyped":
        assert client.document.root is not None
        return {"library": "pgtyped", "words": [literal(client.document.root, client, project, {})], "env": {}}
    given = {key: literal(entry.value, client, project, {}) for key, entry in connection.fields.items()}
    if (ssl := client.options.get("ssl")) is not None:
        given["ssl"] = literal(ssl, client, project, {})
    if client.library == "directus":
        return {"library": "knex", "words": [{"client": "pg", "connection": address or given}], "env": {}}
    assert client.library in ("drizzle-kit", "node-pg-migrate"), f"{name}: what {client.library} calls is not known"
    words = [given if address is None else {"connectionString": address}]
    return {"library": "pg", "callee": "pg.Client", "words": words, "env": {}}


def claimed(client: Client, connection: Connection, project: Project) -> object:
    """The mode that the rules go by, `...` where they see none."""
    effective = ask(project, client, "tls.effective")
    return effective.value if isinstance(effective, Known) else fact(project, connection, "tls.mode")


def variables(connection: Connection) -> dict[str, str]:
    """The environment in which the connection stands."""
    if connection.view is not None and connection.slot is not None:
        return {connection.name: connection.slot.text} if connection.name else {}
    if connection.family != "libpq-environment":
        return {}
    return {e.key: str(e.value.value) for e in connection.fields.values() if isinstance(e.value, Scalar)}


def literal(value: Value, client: Client, project: Project, env: Mapping[str, str]) -> object:
    """A value as JSON, with variables from `env` and a word in the place of those that are not there."""
    if isinstance(value, Scalar):
        return value.value
    if isinstance(value, EnvRef):
        return env.get(value.name, "read")
    if isinstance(value, Items):
        return [literal(one, client, project, env) for one in value.values]
    if isinstance(value, Table) and value.complete:
        return {entry.key: literal(entry.value, client, project, env) for entry in value.entries}
    if isinstance(value, Ref):
        found = project.find(value, client.document.path)
        if found is not None and found.value is not None and not isinstance(found.value, Ref):
            return literal(found.value, client, project, env)
    raise AssertionError(f"{client.document.path}: a {type(value).__name__} cannot be evaluated")


# --- Prisma: its schema engine takes schemas and, up to 6, their URLs; what its query engine does about TLS is in a
# binary that npm does not carry ---


def schemas() -> Iterator[dict[str, Any]]:
    """Every schema of a `good` example for each engine that it is written for, with the variables that it reads."""
    for _, project in good():
        for path, document in project.documents.items():
            if document.format == "prisma":
                opened = [c for e in project.extracts for c in e.connections if reads(path, c, project)]
                env = {k: v for connection in opened for k, v in variables(connection).items()}
                for module in engines(path, project):
                    yield {"module": module, "schema": document.data.decode(), "env": env}


def reads(path: str, connection: Connection, project: Project) -> bool:
    return any(client.document.path == path for client, _ in drivers.openers(connection, project))


def engines(path: str, project: Project) -> tuple[str, ...]:
    named = project.requirement("prisma", path, "npm") or project.requirement("@prisma/client", path, "npm")
    return SEVEN if named is not None and named.at_least(7) else SIX


def test_prisma_takes_the_schemas_that_the_rules_call_good(npm: Npm) -> None:
    asked = list(schemas())
    assert asked
    assert [verdict for verdict in npm.ask("prisma_schema", asked) if verdict is not None] == []


def test_prisma_takes_the_urls_that_the_rules_call_good(npm: Npm) -> None:
    asked = [q for q in schemas() if q["env"] and q["module"] in SIX]
    opened = {
        c.name for _, p in good() for e in p.extracts for c in e.connections if fact(p, c, "driver") == "prisma-engine"
    }
    assert opened <= {name for question in asked for name in question["env"]}
    wrong = [{"module": module, "schema": SCHEMA, "env": {"X": "mysql://app:pw@h/d"}} for module in SIX]
    found = npm.ask("prisma_urls", [*asked, *wrong])
    assert [errors for errors in found[: len(asked)] if errors] == []
    assert all(found[len(asked) :])
