"""Names of variables that hold a connection string or its password, by every convention we know. Knows no value."""

from __future__ import annotations

import re

from neonlint.regex import regex

_URL_NAME = regex(
    r"(?:^|_)(?:DATABASE_URL|DATABASE_URI|DB_URL|DB_URI|POSTGRES(?:QL)?_UR[LI]|NEON_(?:DATABASE_)?URL|DATABASE_DSN|DB_DSN|PG_DSN|POSTGRES_DSN|DSN|CONNECTION_STRING|CONN_STR(?:ING)?|DIRECT_URL|PGPASSWORD|DB_PASSWORD|POSTGRES_PASSWORD)(?:_[A-Z]+)?$",
    re.IGNORECASE,
)
#: Products that have connection strings and DSNs of their own.
_OTHER_PRODUCT = regex(
    r"SENTRY|MONGO|MYSQL|MARIADB|MSSQL|SQLSERVER|ORACLE|SQLITE|REDIS|VALKEY|AMQP|RABBIT|KAFKA|CELERY|AZURE|STORAGE|BLOB|COSMOS|SERVICE_?BUS"
    r"|EVENT_?HUB|INSIGHTS|CLICKHOUSE|ELASTIC|SNOWFLAKE|BIGQUERY|TURSO|LIBSQL|QDRANT|NEO4J|SUPABASE|PLANETSCALE|ODBC|LDAP|SMTP|EMAIL",
    re.IGNORECASE,
)


def is_connection_name(name: str) -> bool:
    """Whether a variable of this name holds a Postgres connection string or password by every convention we know."""
    last = name.rsplit(".", 1)[-1]
    return _URL_NAME.search(last) is not None and _OTHER_PRODUCT.search(last) is None
