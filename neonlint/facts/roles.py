"""What a connection or client is for: read from paths, names and who uses it.

A role that a file's own text or kind says is declared; one that its place in the package, or the absence of
any other sign, suggests is inferred, and nothing that rests on it is repaired without being asked.
"""

from __future__ import annotations

import posixpath
import re

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
    r"|(?:drizzle|prisma)\.config\.[cm]?[jt]s|drizzle\.config\.json|flyway\.(?:conf|toml)|liquibase\.properties)$"
)
_MIGRATION_SCRIPT = regex(
    r"(?:^|/)(?:(?:run|apply|execute)[-_](?:\w+[-_])?migrations?|(?:db[-_]?)?migrate(?:[-_][\w-]+)?)"
    r"\.(?:py|[cm]?[jt]s|sh|sql)$"
)
_MIGRATES_BY_PATH = (_MIGRATION_PATH, _MIGRATION_SCRIPT)
_JAVASCRIPT = regex(r"\.[cm]?[jt]sx?$")
_TCP_DRIVER = regex(
    rb"""['"](?:pg|postgres|pg-promise|knex|typeorm|sequelize|@vercel/postgres|drizzle-orm/(?:node-postgres|postgres-js)"""
    rb"""|drizzle-kit)['"/]"""
)
#: A service, or a job's own environment; what a step of a job does, its commands say.
_MIGRATION_JOB = regex(
    r"^(?:services\.[^.]*(?:migrat(?:e|ion|or)|alembic|flyway|liquibase)[^.]*\."
    r"|jobs\.[^.]*(?:migrat(?:e|ion|or)|alembic|flyway|liquibase)[^.]*\.env\.)"
)
_ADMIN_PATH = regex(r"(?:^|/)(?:scripts?|tools?|bin|maintenance|backups?)/")
_JAVASCRIPT_ADMIN = regex(r"(?:^|/)(?:seeds?|seeders?)(?:[.-][\w-]+)?(?:/[^/]*)?\.[cm]?[jt]sx?$")
#: JavaScript that belongs to a package and is not deployed with it: configuration of tools, stories.
_ASIDE = regex(
    r"(?:^|/)[^/]*\.(?:config|setup|stories|d)\.[cm]?[jt]sx?$|(?:^|/)(?:knexfile|gulpfile|cypress|playwright)\b"
)
_SUBSCRIPTION = regex(rb"\b(?:CREATE|ALTER)\s+SUBSCRIPTION\s+[^;]{1,200}?\bCONNECTION\s+'\s*$", re.IGNORECASE)


def over_http(document: Document) -> bool:
    """Whether a JavaScript file opens what it names with Neon's serverless driver alone, over HTTP or WebSockets: it
    brings TLS of its own, and each statement stands alone, so that neither parameters nor `-pooler` matter."""
    return (
        document.format in ("text", "javascript")
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


def is_aside(path: str) -> bool:
    """Whether a JavaScript file lies in a package without running where the package runs: scripts, seeds,
    migrations, configuration of tools, documentation."""
    return any(
        pattern.search(path) for pattern in (_ASIDE, _ADMIN_PATH, _JAVASCRIPT_ADMIN, _DOCS_PATH, *_MIGRATES_BY_PATH)
    )


def is_test_path(path: str) -> bool:
    """Whether a path belongs to tests."""
    return _TEST_PATH.search(path) is not None


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
    """See the fact `for_migrations`: what the commands that run with it, the file, the name, or the compose service or
    workflow job around it say."""
    migrated = _migrated_by(connection, project)
    if migrated is not None and not any(reason.inferred for reason in migrated.because):
        return migrated
    placed = of_place(connection.document)
    if placed is not None and placed.value == "migration" and not over_http(connection.document):
        return Known(True, placed.because)
    if DIRECT_NAME.search(connection.name) or _MIGRATION_NAME.search(connection.name):
        return Known(True, (Reason(f"the name `{connection.name}` is the convention for migrations", inferred=True),))
    if migrated is not None:
        return migrated
    if connection.document.format == "yaml" and _MIGRATION_JOB.search(connection.key):
        job = ".".join(connection.key.split(".")[:2])
        return Known(True, (Reason(f"`{job}` has the name of a migration job", inferred=True),))
    return Known(False)


def _migrated_by(connection: Connection, project: Project) -> Known | None:
    if not project.has_commands:
        return None
    from neonlint.facts.command_roles import migrated_by  # noqa: PLC0415 -- most runs meet no command

    return migrated_by(connection, project)


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
    if project.has_commands:
        from neonlint.facts.command_roles import administered_by  # noqa: PLC0415 -- most runs meet no command

        if (administered := administered_by(connection, project)) is not None:
            return administered
    roles = {}
    for client, _ in project.consumers(connection):
        answer = client_role(client, project)
        if isinstance(answer, Known):
            used = project.reason("it is used in", client.document, client.name_span)
            roles[answer.value] = Known(answer.value, (*answer.because, used))
    if "runtime" in roles:
        return roles["runtime"]
    return next(iter(roles.values())) if len(roles) == 1 else Unseen("nothing says what it is used for")


def client_role(client: Client | Statement, project: Project) -> Answer:
    """See the fact `role` of clients."""
    if isinstance(client, Client) and client.kind == "migrations":
        return Known("migration", (Reason(f"{client.document.path} configures migrations"),))
    path = client.document.path
    if isinstance(client, Client) and client.library == "pgtyped":
        return Known("admin", (Reason("pgtyped reads the schema, on the machine where code is generated"),))
    if (placed := of_place(client.document)) is not None:
        return placed
    if _ADMIN_PATH.search(path) or _JAVASCRIPT_ADMIN.search(path):
        return Known("admin", (Reason(f"{path} stands among scripts", inferred=True),))
    return Known("runtime", (Reason(f"nothing in {path} says tests or migrations", inferred=True),))
