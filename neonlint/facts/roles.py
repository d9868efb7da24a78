"""What a connection or client is for: read from paths, names and who uses it.

A role that the configuration, a file's own text or its kind says is declared; one that its place in the package, or the
absence of any other sign, suggests is inferred, and nothing that rests on it is repaired without being asked.

What the configuration declares overrules names and places. It does not overrule a connection's or client's own words:
`replication=database`, a command that migrates with it, a configuration of migrations. These break behind the pooler
whatever is declared, and a declaration is there for what files cannot say. That a path is declared for the application
is the general case: what a name or a place in it says besides stays (`DIRECT_URL` beside `DATABASE_URL`).
"""

from __future__ import annotations

import posixpath
import re

from neonlint.facts.answer import Answer, Known, Unseen
from neonlint.ir.findings import Reason
from neonlint.ir.model import Client, Connection, Statement, Subject
from neonlint.ir.source import Document, Scalar
from neonlint.link import Project
from neonlint.regex import regex

ROLES = ("runtime", "migration", "admin", "replication", "test", "docs")

TEST_PATH = regex(
    r"(?:^|/)(?:tests?|testing|testdata|spec|specs|e2e|__tests__|fixtures?)(?:/|$)"
    r"|(?:^|/)(?:tests?\.py|conftest\.py|test_[^/]*|[^/]*_tests?\.py|[^/]*\.test\.[^/]*)(?:/|$)"
    r"|(?:^|/)\.env\.tests?(?:\.|$)"
)
DOCS_PATH = regex(r"(?:^|/)(?:docs?|documentation)/|\.(?:md|mdx|rst|adoc)$", re.IGNORECASE)
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
#: Places of what belongs to a package without being deployed with it.
ASIDE_PATHS = (_ASIDE, _ADMIN_PATH, _JAVASCRIPT_ADMIN, DOCS_PATH, *_MIGRATES_BY_PATH)
#: Roles of what is not deployed.
_ASIDE_ROLES = ("migration", "admin", "test", "docs")
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


def declared_of_file(path: str, project: Project) -> Known | None:
    """The role that the configuration declares of the file at `path`, or None."""
    if project.declared is None:
        return None
    from neonlint.facts import declared  # noqa: PLC0415 -- most projects declare nothing

    return declared.placed("roles", path, project)


def is_aside(path: str, project: Project) -> bool:
    """Whether a JavaScript file lies in a package without running where the package runs: scripts, seeds,
    migrations, configuration of tools, documentation, or what is declared to be such."""
    said = declared_of_file(path, project)
    if said is not None:
        return said.value in _ASIDE_ROLES
    return any(pattern.search(path) for pattern in ASIDE_PATHS)


def is_test(path: str, project: Project) -> bool:
    """Whether a file belongs to tests: by what is declared of it, else by its path."""
    said = declared_of_file(path, project)
    return TEST_PATH.search(path) is not None if said is None else said.value == "test"


def in_tests(subject: Subject, project: Project) -> Known:
    """See the fact `file.test`."""
    if project.declared is not None:
        from neonlint.facts import declared  # noqa: PLC0415 -- as above

        if (for_tests := declared.for_tests(subject, project)) is not None:
            return for_tests
        if (said := declared_of_file(subject.document.path, project)) is not None:
            return Known(said.value == "test", said.because)
    return Known(TEST_PATH.search(subject.document.path) is not None)


def of_place(document: Document, project: Project) -> Known | None:
    """The role that is declared of a file, or that its place or kind says; None where nothing does."""
    return declared_of_file(document.path, project) or _of_own_place(document)


def _of_own_place(document: Document) -> Known | None:
    if is_migration_file(document):
        return Known("migration", (Reason(f"{document.path} configures migrations"),))
    if TEST_PATH.search(document.path):
        return Known("test", (Reason(f"{document.path} belongs to tests"),))
    if DOCS_PATH.search(document.path):
        return Known("docs", (Reason(f"{document.path} is documentation"),))
    if _MIGRATION_SCRIPT.search(document.path):
        return Known("migration", (Reason(f"{document.path} has the name of a migration script", inferred=True),))
    return None


def for_migrations(connection: Connection, project: Project) -> Answer:
    """See the fact `for_migrations`: what the commands that run with it, the configuration, the file, the name, or the
    compose service or workflow job around it say."""
    migrated = _migrated_by(connection, project)
    if migrated is not None and not _inferred(migrated):
        return migrated
    if (said := declared_role(connection, project)) is not None:
        return Known(said.value == "migration", said.because)
    general = declared_of_file(connection.document.path, project)
    placed = _of_own_place(connection.document) if general is None else None
    if placed is not None and placed.value == "migration" and not over_http(connection.document):
        return Known(True, placed.because)
    if DIRECT_NAME.search(connection.name) or _MIGRATION_NAME.search(connection.name):
        return Known(True, (Reason(f"the name `{connection.name}` is the convention for migrations", inferred=True),))
    if migrated is not None:
        return migrated
    if connection.document.format == "yaml" and _MIGRATION_JOB.search(connection.key):
        job = ".".join(connection.key.split(".")[:2])
        return Known(True, (Reason(f"`{job}` has the name of a migration job", inferred=True),))
    return Known(False, general.because if general is not None else ())


def _inferred(answer: Known) -> bool:
    return any(reason.inferred for reason in answer.because)


def declared_role(connection: Connection, project: Project) -> Known | None:
    """The role that the configuration declares of a connection: by its name, else by its file; None where that is
    declared for the application, the general case."""
    if (named := role_of_name(connection.name, project)) is not None:
        return named
    placed = declared_of_file(connection.document.path, project)
    return placed if placed is not None and placed.value != "runtime" else None


def role_of_name(name: str, project: Project) -> Known | None:
    """The role that the configuration declares of a variable, whatever it is set to."""
    if project.declared is None:
        return None
    from neonlint.facts import declared  # noqa: PLC0415 -- as above

    return declared.named("roles", name, project)


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
    if (said := declared_role(connection, project)) is not None:
        migrated = None if said.value in ("test", "docs") else _migrated_by(connection, project)
        return said if migrated is None or _inferred(migrated) else Known("migration", migrated.because)
    general = declared_of_file(connection.document.path, project)
    if general is None and (placed := _of_own_place(connection.document)) is not None:
        return placed
    if _TEST_NAME.search(connection.name):
        return Known("test", (Reason(f"the name `{connection.name}` says test", inferred=True),))
    stated = for_migrations(connection, project)
    if isinstance(stated, Known) and stated.value:
        return Known("migration", stated.because)
    return general or _role_of_users(connection, project)


def _role_of_users(connection: Connection, project: Project) -> Answer:
    """What a connection is for by the commands and clients that open it."""
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
    """See the fact `role` of clients. A name says what a connection is for, a path what code is for: code that migrates
    does so through whatever variable it reads. What is declared of that counts behind what the client's file says."""
    if isinstance(client, Client) and client.kind == "migrations":
        return Known("migration", (Reason(f"{client.document.path} configures migrations"),))
    path = client.document.path
    if isinstance(client, Client) and client.library == "pgtyped":
        return Known("admin", (Reason("pgtyped reads the schema, on the machine where code is generated"),))
    placed = of_place(client.document, project)
    if placed is not None and not _inferred(placed):
        return placed
    if placed is None and (_ADMIN_PATH.search(path) or _JAVASCRIPT_ADMIN.search(path)):
        placed = Known("admin", (Reason(f"{path} stands among scripts", inferred=True),))
    if project.declared is not None:
        from neonlint.facts import declared  # noqa: PLC0415 -- as above

        said = declared.read("roles", client, project)
        if said is not None and (placed is None or said.value != "runtime"):
            return said
    return placed or Known("runtime", (Reason(f"nothing says that {path} is for tests or migrations", inferred=True),))
