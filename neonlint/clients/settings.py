"""Connections that frameworks read from settings: Django's `DATABASES`, Flask-SQLAlchemy's and Tortoise's
configuration, `alembic.ini`.
"""

from __future__ import annotations

from collections.abc import Iterator

from neonlint.clients.python import ENGINE_OPTIONS
from neonlint.dialects import fields as fields_dialect
from neonlint.ir.model import Client, Connection
from neonlint.ir.source import Call, Document, Entry, EnvRef, Scalar, Span, Table, Unknown, Value

_DJANGO_OPTIONS = {
    "CONN_MAX_AGE": "max_age",
    "CONN_HEALTH_CHECKS": "health_checks",
    "DISABLE_SERVER_SIDE_CURSORS": "server_side_cursors_disabled",
}
_ENGINE_OPTIONS = {path[0]: option for option, path in ENGINE_OPTIONS.items() if len(path) == 1}
_CONNECT_ARGS = {path[1]: option for option, path in ENGINE_OPTIONS.items() if len(path) == 2}
#: What Flask-SQLAlchemy before 3.0 read beside the engine options (its changelog, "Version 3.0.0").
_OLD_FLASK = {
    "SQLALCHEMY_POOL_RECYCLE": "recycle_seconds",
    "SQLALCHEMY_POOL_SIZE": "pool_size",
    "SQLALCHEMY_MAX_OVERFLOW": "max_overflow",
}
#: Credentials of Tortoise's asyncpg backend that are no part of the address (tortoise.backends.asyncpg.client).
_TORTOISE_OPTIONS = {
    "minsize": "min_size",
    "maxsize": "max_size",
    "timeout": "timeout",
    "statement_cache_size": "statement_cache",
    "server_settings": "startup_settings",
    "ssl": "ssl",
}
_LIBPQ_NAMES = ("sslmode", "channel_binding", "sslrootcert")


def settings_clients(document: Document) -> Iterator[Client]:
    """The clients that a document's settings describe."""
    if document.root is None:
        return
    if document.format == "python":
        for table in _setting_tables(document.root):
            yield from _django(document, table)
            yield from _flask(document, table)
        yield from _tortoise(document)
    elif document.format == "ini":
        yield from _alembic_ini(document, document.root)
    elif document.format == "prisma":
        from neonlint.clients.node_config import prisma_schema  # noqa: PLC0415 -- only schemas need it

        yield from prisma_schema(document)


def _setting_tables(root: Table) -> Iterator[Table]:
    yield root
    for entry in root.entries:
        if isinstance(entry.value, Table) and (entry.value.kind == "class" or entry.key.endswith(".config")):
            yield entry.value


def _django(document: Document, table: Table) -> Iterator[Client]:
    for aliases in [entry.value for entry in table.entries if entry.key == "DATABASES"]:
        for entry in aliases.entries if isinstance(aliases, Table) else ():
            if isinstance(entry.value, Table) and _is_postgres(entry.value):
                yield _django_alias(document, entry, entry.value)


def _is_postgres(alias: Table) -> bool:
    engine = alias.get("ENGINE")
    if isinstance(engine, EnvRef):
        engine = engine.default
    if isinstance(engine, Scalar):
        return isinstance(engine.value, str) and ("postg" in engine.value or "psycopg" in engine.value)
    return False


def _django_alias(document: Document, entry: Entry, alias: Table) -> Client:
    key = f"DATABASES.{entry.key}"
    options: dict[str, Value] = {}
    for native, option in _DJANGO_OPTIONS.items():
        if (value := alias.get(native)) is not None:
            options[option] = value
    nested = alias.get("OPTIONS")
    overrides: dict[str, Value] = {}
    if isinstance(nested, Table):
        overrides = {e.key: e.value for e in nested.entries}
        for native, option in (
            ("pool", "pool"),
            ("connect_timeout", "connect_timeout"),
            ("prepare_threshold", "prepare_threshold"),
        ):
            if (value := nested.get(native)) is not None:
                options[option] = value
        for native in (*_DJANGO_OPTIONS, "ATOMIC_REQUESTS"):
            if (value := nested.get(native)) is not None:
                options[f"misplaced.{native}"] = value
        if not nested.complete:
            overrides["*"] = Unknown("OPTIONS may hold what cannot be seen", nested.span)
            options.setdefault("pool", overrides["*"])
    elif nested is not None:
        overrides["*"] = Unknown("OPTIONS cannot be seen", nested.span)
        options["pool"] = Unknown("OPTIONS cannot be seen", nested.span)
    for native in _LIBPQ_NAMES:
        if (value := alias.get(native)) is not None:
            options[f"misplaced.{native}"] = value
    return Client(
        document,
        "django",
        "settings",
        key,
        alias.span,
        entry.key_span,
        alias,
        options,
        fields=_django_fields(document, key, entry, alias),
        overrides=overrides,
        opaque=not alias.complete or bool(document.star_imports and "DATABASES" in document.mutates),
    )


def _django_fields(document: Document, key: str, entry: Entry, alias: Table) -> Connection | None:
    found = fields_dialect.group(alias, "django")
    if found is None:
        return None
    return Connection(
        document, "fields", "code", key, key, entry.key_span, table=alias, fields=found.fields, family="django"
    )


def _flask(document: Document, table: Table) -> Iterator[Client]:
    url = table.entry("SQLALCHEMY_DATABASE_URI")
    if url is None or not _may_be_flask(document, table):
        return
    engine = table.get("SQLALCHEMY_ENGINE_OPTIONS")
    options = {option: value for old, option in _OLD_FLASK.items() if (value := table.get(old)) is not None}
    opaque = engine is not None and (not isinstance(engine, Table) or not engine.complete)
    if isinstance(engine, Table):
        options |= {_ENGINE_OPTIONS[e.key]: e.value for e in engine.entries if e.key in _ENGINE_OPTIONS}
        if isinstance(arguments := engine.get("connect_args"), Table):
            options |= {_CONNECT_ARGS[e.key]: e.value for e in arguments.entries if e.key in _CONNECT_ARGS}
            opaque = opaque or not arguments.complete
        elif arguments is not None:
            opaque = True
    overrides = _flask_overrides(engine)
    given = any(
        call.callee == "flask_sqlalchemy.SQLAlchemy" and call.keywords.get("engine_options") is not None
        for call in document.calls
    )
    yield Client(
        document,
        "flask-sqlalchemy",
        "engine",
        url.key,
        url.span,
        url.key_span,
        engine if isinstance(engine, Table) else table,
        options,
        None,
        url.value,
        overrides=overrides,
        opaque=opaque or given or (engine is None and not table.complete),
    )


def _may_be_flask(document: Document, table: Table) -> bool:
    """Flask reads the name from `app.config` or a configuration class; in a plain module only where Flask is
    imported."""
    if table.kind != "module":
        return True
    return any(target.startswith(("flask", "flask_sqlalchemy")) for target in document.imports.values())


def _flask_overrides(engine: Value | None) -> dict[str, Value]:
    arguments = engine.get("connect_args") if isinstance(engine, Table) else None
    if isinstance(arguments, Table):
        return {e.key: e.value for e in arguments.entries}
    return {} if arguments is None else {"*": Unknown("connect_args cannot be seen", arguments.span)}


def _tortoise(document: Document) -> Iterator[Client]:
    """Tortoise's configuration: a dict with `connections` and `apps`, at module level or given to
    `Tortoise.init(config=…)`."""
    given = [call.keywords.get("config") for call in document.calls if "ortoise" in call.callee]
    seen: set[Span] = set()
    for value in [*(entry.value for root in document.roots for entry in root.entries), *given]:
        if isinstance(value, Table) and value.span not in seen and value.get("apps") is not None:
            seen.add(value.span)
            connections = value.get("connections")
            for entry in connections.entries if isinstance(connections, Table) else ():
                yield from _tortoise_alias(document, entry)


def _tortoise_alias(document: Document, entry: Entry) -> Iterator[Client]:
    key, value = f"connections.{entry.key}", entry.value
    if not isinstance(value, Table):
        holder = Table("dict", (entry,), entry.span)
        yield Client(
            document, "tortoise", "pool", key, entry.span, entry.key_span, holder, {}, target=value, opaque=True
        )
        return
    engine, credentials = value.get("engine"), value.get("credentials")
    if not isinstance(engine, Scalar) or not isinstance(credentials, Table):
        return
    backend = str(engine.value).rpartition(".")[2]
    found = fields_dialect.group(credentials, "driver-keywords")
    if backend not in ("asyncpg", "psycopg") or found is None:
        return
    driver = Entry("engine", engine.span, Scalar(backend, engine.span), engine.span)
    fields = Connection(
        document,
        "fields",
        "code",
        key,
        key,
        entry.key_span,
        table=credentials,
        fields={"driver": driver, **found.fields},
        family=found.family,
    )
    options = {_TORTOISE_OPTIONS[e.key]: e.value for e in credentials.entries if e.key in _TORTOISE_OPTIONS}
    yield Client(
        document,
        "tortoise",
        "pool",
        key,
        value.span,
        entry.key_span,
        credentials,
        options,
        fields=fields,
        opaque=not credentials.complete,
    )


def _alembic_ini(document: Document, root: Table) -> Iterator[Client]:
    section = root.get("alembic")
    if not isinstance(section, Table):
        return
    url = section.entry("sqlalchemy.url")
    if url is not None and isinstance(url.value, Scalar | EnvRef | Call):
        yield Client(document, "alembic", "migrations", url.key, url.span, url.key_span, section, {}, target=url.value)
