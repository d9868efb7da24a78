"""What a connection or client is for, and where its code runs: read from paths, names and who uses it.

A role or runtime that a file's own text or kind says is declared; one that its place in the package, or the absence of
any other sign, suggests is inferred, and nothing that rests on it is repaired without being asked.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from neonlint import platforms
from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection, Statement
from neonlint.ir.source import Document, Scalar
from neonlint.link import Project
from neonlint.regex import regex

ROLES = ("runtime", "migration", "admin", "replication", "test", "docs")

_TEST_PATH = regex(
    r"(?:^|/)(?:tests?|testing|testdata|spec|specs|e2e|__tests__|fixtures?)(?:/|$)"
    r"|(?:^|/)(?:tests?\.py|conftest\.py|test_[^/]*|[^/]*_tests?\.py|[^/]*\.test\.[^/]*)(?:/|$)"
    r"|(?:^|/)\.env\.tests?(?:\.|$)"
)
_DOCS_PATH = regex(r"(?:^|/)(?:docs?|documentation)/|\.(?:md|mdx|rst|adoc)$", re.IGNORECASE)
_MIGRATION_NAME = regex(r"(?:^|_)(?:MIGRATIONS?|MIGRATE|MIGRATOR)(?:_|$)", re.IGNORECASE)
#: Names that promise a connection past the pooler: `DATABASE_URL_UNPOOLED`, `POSTGRES_URL_NON_POOLING`, `DIRECT_URL`.
DIRECT_NAME = regex(
    r"(?:^|_)(?:UNPOOLED|NON_POOLING|NONPOOLING|NON_POOLED|DIRECT)(?:_|$)|^direct(?:Url|Uri|Dsn|DatabaseUrl)$",
    re.IGNORECASE,
)
_TEST_NAME = regex(r"(?:^|_)TEST(?:_|$|ING)")
_MIGRATION_PATH = regex(
    r"(?:^|/)(?:alembic\.ini|(?:[^/]*alembic[^/]*|migrations?)/(?:[^/]+/)?env\.py"
    r"|(?:drizzle|prisma)\.config\.[cm]?[jt]s|flyway\.(?:conf|toml)|liquibase\.properties)$"
)
_MIGRATION_SCRIPT = regex(
    r"(?:^|/)(?:(?:run|apply|execute)[-_](?:\w+[-_])?migrations?|(?:db[-_]?)?migrate(?:[-_][\w-]+)?)"
    r"\.(?:py|[cm]?[jt]s|sh|sql)$"
)
_JAVASCRIPT = regex(r"\.[cm]?[jt]sx?$")
_TCP_DRIVER = regex(
    rb"""['"](?:pg|postgres|pg-promise|knex|typeorm|sequelize|@vercel/postgres|drizzle-orm/(?:node-postgres|postgres-js)"""
    rb"""|drizzle-kit)['"/]"""
)
_MIGRATION_JOB = regex(r"^(?:services|jobs)\.[^.]*(?:migrat(?:e|ion|or)|alembic|flyway|liquibase)[^.]*\.")
_ADMIN_PATH = regex(r"(?:^|/)(?:scripts?|tools?|bin|maintenance|backups?)/")
_SUBSCRIPTION = regex(rb"\b(?:CREATE|ALTER)\s+SUBSCRIPTION\s+[^;]{1,200}?\bCONNECTION\s+'\s*$", re.IGNORECASE)

#: Commands that change a schema: the migration tools' own words, and the names that package scripts usually give them.
_MIGRATES = regex(
    r"(?:^|[\s;&|(])(?:alembic\s+(?:-\S+\s+\S+\s+)*upgrade|(?:python3?\s+)?(?:\./)?manage\.py\s+migrate|flask\s+db\s+upgrade"
    r"|(?:npx\s+|bunx\s+|pnpm\s+(?:exec\s+)?|yarn\s+)?(?:prisma\s+(?:migrate\s+\w+|db\s+push)|drizzle-kit\s+(?:migrate|push))"
    r"|(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:db:|database:|prisma:|drizzle:)(?:migrate|push|deploy)(?::\w+)?"
    r"|(?:npm|pnpm|yarn|bun)\s+run\s+migrate)(?=$|[\s;&|)])",
    re.MULTILINE,
)


def over_http(document: Document) -> bool:
    """Whether a JavaScript file opens what it names with Neon's serverless driver alone, over HTTP or WebSockets: it
    brings TLS of its own, and each statement stands alone, so that neither parameters nor `-pooler` matter."""
    return (
        document.format == "text"
        and _JAVASCRIPT.search(document.path) is not None
        and b"@neondatabase/serverless" in document.data
        and _TCP_DRIVER.search(document.data) is None
    )


def is_migration_file(document: Document) -> bool:
    """Whether a file configures schema migrations."""
    if _MIGRATION_PATH.search(document.path):
        return True
    return posixpath.basename(document.path) == "env.py" and any(
        t.startswith("alembic") for t in document.imports.values()
    )


def is_test_path(path: str) -> bool:
    """Whether a path belongs to tests."""
    return _TEST_PATH.search(path) is not None


#: Commands that start the application itself, with which a migration then shares its connection.
_STARTS = regex(
    r"(?:^|[\s;&|(\"'])(?:gunicorn|uvicorn|hypercorn|daphne|granian|waitress-serve|celery|supervisord|node|next\s+start|runserver"
    r"|(?:flask|fastapi)\s+(?:run|dev)|(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?start)(?=$|[\s;&|)\"'])",
    re.MULTILINE,
)


def of_place(document: Document) -> Known | None:
    """The role that a file's place or kind says, or None."""
    if is_migration_file(document):
        return Known("migration", (Reason(f"{document.path} configures migrations"),))
    if is_test_path(document.path):
        return Known("test", (Reason(f"{document.path} belongs to tests"),))
    if _DOCS_PATH.search(document.path):
        return Known("docs", (Reason(f"{document.path} is documentation"),))
    if _MIGRATION_SCRIPT.search(document.path):
        return Known("migration", (Reason(f"{document.path} has the name of a migration script", inferred=True),))
    return None


def for_migrations(connection: Connection, project: Project) -> Answer:
    """See the fact `for_migrations`: what the file, the name, or the compose service or workflow job around it says."""
    placed = of_place(connection.document)
    if placed is not None and placed.value == "migration" and not over_http(connection.document):
        return Known(True, placed.because)
    if DIRECT_NAME.search(connection.name) or _MIGRATION_NAME.search(connection.name):
        return Known(True, (Reason(f"the name `{connection.name}` is the convention for migrations", inferred=True),))
    for command in connection.commands:
        if (match := _MIGRATES.search(command)) is not None:
            beside = ", and so does the application" if (shared := _STARTS.search(command) is not None) else ""
            return Known(True, (Reason(f"`{match[0].strip()}` runs with it{beside}", inferred=shared),))
    if connection.document.format == "yaml" and _MIGRATION_JOB.search(connection.key):
        job = ".".join(connection.key.split(".")[:2])
        return Known(True, (Reason(f"`{job}` has the name of a migration job", inferred=True),))
    return Known(False)


def replicates(connection: Connection) -> Known | None:
    """Whether a connection is written for replication: by its `replication` parameter, or in `CREATE SUBSCRIPTION`."""
    if (value := _replication_parameter(connection)) is not None:
        return Known("replication", (Reason(f"`replication={value}` opens a replication connection"),))
    if connection.slot is not None:
        before = connection.document.data[max(connection.slot.span.start - 300, 0) : connection.slot.span.start]
        if _SUBSCRIPTION.search(before):
            return Known("replication", (Reason("a subscription replicates through it"),))
    return None


def _replication_parameter(connection: Connection) -> str | None:
    """The value of `replication` where it asks for replication (libpq, "Parameter Key Words")."""
    text: object = None
    if connection.view is not None:
        text = connection.view.text("params.replication")
    elif (entry := connection.fields.get("params.replication")) is not None and isinstance(entry.value, Scalar):
        text = entry.value.value
    return text if isinstance(text, str) and text.lower() in ("database", "true", "on", "yes", "1") else None


def role_of(connection: Connection, project: Project) -> Answer:
    """See the fact `role` of connections."""
    if (replication := replicates(connection)) is not None:
        return replication
    if (placed := of_place(connection.document)) is not None:
        return placed
    if _TEST_NAME.search(connection.name):
        return Known("test", (Reason(f"the name `{connection.name}` says test", inferred=True),))
    stated = for_migrations(connection, project)
    if isinstance(stated, Known) and stated.value:
        return Known("migration", stated.because)
    roles = {}
    for client, _ in project.consumers(connection):
        answer = client_role(client, project)
        if isinstance(answer, Known):
            at = project.place(client.document, client.name_span)
            roles[answer.value] = Known(answer.value, (*answer.because, Reason(f"it is used in {at}")))
    if "runtime" in roles:
        return roles["runtime"]
    return next(iter(roles.values())) if len(roles) == 1 else Unseen("nothing says what it is used for")


def client_role(client: Client | Statement, project: Project) -> Answer:
    """See the fact `role` of clients."""
    if isinstance(client, Client) and client.kind == "migrations":
        return Known("migration", (Reason(f"{client.document.path} configures migrations"),))
    path = client.document.path
    if (placed := of_place(client.document)) is not None:
        return placed
    if _ADMIN_PATH.search(path):
        return Known("admin", (Reason(f"{path} stands among scripts", inferred=True),))
    return Known("runtime", (Reason(f"nothing in {path} says tests or migrations", inferred=True),))


def runtime_of(connection: Connection, project: Project) -> Answer:
    """See the fact `runtime` of connections."""
    answers = [client_runtime(client, project) for client, _ in project.consumers(connection)]
    known = [a for a in answers if isinstance(a, Known)]
    if known:
        return known[0] if all(a.value == known[0].value for a in known) else Unseen("it is used in several runtimes")
    if answers:
        return Unseen("nothing says where its code runs")
    return _package_runtime(connection.document.path, project)


def client_runtime(client: Client | Statement, project: Project) -> Answer:
    """See the fact `runtime` of clients: what its own file says, else what its package says."""
    own = _agreed(platforms.of_document(client.document), inferred=False)
    return own if own is not None else _package_runtime(client.document.path, project)


def _package_runtime(path: str, project: Project) -> Answer:
    """What the platform files and entry points of its package say about a file beside or below; they must agree."""
    root = project.root_of(path)
    signs = [
        sign
        for where, sign in project.signs.items()
        if where == path
        or (
            sign.shared
            and not is_test_path(where)
            and _speaks_for(platforms.folder_of(where), path, root, project)
            and _holds(where, sign, project)
        )
    ]
    return _agreed(signs, inferred=True) or Unseen("nothing says where this code runs")


def _speaks_for(folder: str, path: str, root: str, project: Project) -> bool:
    """Whether a sign in `folder` speaks for `path`: the same package, the file beside or below the sign.

    `api/requirements.txt` makes no package of its own of the functions that the `vercel.json` above it deploys.
    """
    own = project.root_of(posixpath.join(folder, "x"))
    beside = not folder or path.startswith(f"{folder}/")
    return beside and (own == root or posixpath.join(own, "api") == root)


def _holds(where: str, sign: platforms.Sign, project: Project) -> bool:
    if not sign.python_in:
        return True
    beside = posixpath.join(platforms.folder_of(where), sign.python_in) + "/"
    return any(path.startswith(beside) and path.endswith(".py") for path in project.paths)


def _agreed(signs: Iterable[platforms.Sign], *, inferred: bool) -> Answer | None:
    """The one runtime that the signs tell, the weak ones only where there is no other; None where there is none."""
    every = list(signs)
    strong = [sign for sign in every if not sign.weak] or every
    if not strong:
        return None
    if len({sign.runtime for sign in strong}) > 1:
        return Unseen("the files of this package speak of several runtimes")
    return Known(strong[0].runtime, (Reason(strong[0].because, inferred=inferred),))
