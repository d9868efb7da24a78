"""Targets that libpq itself reads: environment variables, psql, service files."""

from __future__ import annotations

from neonlint.targets.model import DIRECT, NO_PASSWORD, POOLED, File, Link, Output, Plan, Target, Variable
from neonlint.targets.text import comment, dotenv, url_variable, url_variables, without

_CONNECT = "https://neon.com/docs/connect/connect-from-any-app"
_POOLING = "https://neon.com/docs/connect/connection-pooling"
_SECURE = "https://neon.com/docs/connect/connect-securely"
_PSQL = "https://neon.com/docs/connect/query-with-psql-editor"
_LIBPQ = "https://www.postgresql.org/docs/current/libpq-"


def _env(plan: Plan) -> Output:
    known = plan.link.password != NO_PASSWORD
    bare = without(plan, "sslrootcert")
    variables = [url_variable(bare, pooled) for pooled in ((True, False) if plan.app else (False,))]
    if plan.strict:
        variables.append(_ROOTS)
    file = File(".env" if known else ".env.example", dotenv(variables), private=known)
    notes = [*(["keep .env out of git"] if known else []), *([ROOTS_NOTE] if plan.strict else [])]
    return Output((file,), notes=tuple(notes))


#: What else reads PGSSLROOTCERT takes its value for a file's name, and psycopg's wheels do not find the store.
ROOTS_READERS = (
    "only for libpq 16 and newer (psql, pg_dump, …); leave it out beside asyncpg, SQLx, Npgsql and psycopg's wheels"
)
ROOTS_NOTE = f"PGSSLROOTCERT=system is {ROOTS_READERS}"
#: Not in the URL, where node-postgres would open a file of that name.
_ROOTS = Variable("PGSSLROOTCERT", "system", ROOTS_READERS)


def _psql(plan: Plan) -> Output:
    reason = (
        "through the pooler, as the application connects; for SET, LISTEN and temporary tables take the direct one"
        if plan.app
        else "direct: one session, in which everything works"
    )
    root = (
        'export PGSSLROOTCERT="${PGSSLROOTCERT:-system}" # psql before 16: the path of a bundle of root certificates\n'
    )
    text = f"""\
#!/bin/sh
# psql {reason}
set -eu
: "${{{plan.variable}:?is not set}}"

{root if plan.strict else ""}\
export PGCONNECT_TIMEOUT="${{PGCONNECT_TIMEOUT:-{plan.pool.connect_timeout}}}"
exec psql --dbname="${plan.variable}" "$@"
"""
    notes = (
        "run it with the variables of .env: `set -a; . ./.env; sh connect.sh`",
        "other users of the machine see the arguments of a command; on a shared one take `pg-service`",
    )
    return Output((File("connect.sh", text),), url_variables(without(plan, "sslrootcert")), notes)


def _pg_service(plan: Plan) -> Output:
    """Sections for both ways, and their password, which libpq looks up by the host as it is spelt."""
    ways = [("neon", plan.pooled, POOLED), ("neon-direct", plan.direct, DIRECT)]
    ways = ways if plan.app else ways[1:]
    sections = [
        comment([url_variable(plan, name == POOLED).about])
        + f"[{section}]\n"
        + "".join(f"{key}={value}\n" for key, value in _keywords(link, plan.pool.connect_timeout).items())
        for section, link, name in ways
    ]
    lines = [_pgpass_line(link) for _, link, _ in ways]
    files = (
        File(".pg_service.conf", "\n".join(sections)),
        File(".pgpass", "".join(lines), private=True),
    )
    notes = [
        "both belong in the home directory, or where PGSERVICEFILE and PGPASSFILE point; .pgpass is read only if it is"
        " for its owner alone (chmod 600)",
        f"connect with `psql service={ways[-1][0]}`",
    ]
    if plan.link.password == NO_PASSWORD:
        notes.append(f"put the password in the place of {NO_PASSWORD}, with a backslash before each : and \\ of it")
    if plan.strict:
        notes.append("sslrootcert=system needs libpq 16 or newer; for an older one name a bundle of root certificates")
    return Output(files, notes=tuple(notes))


def _keywords(link: Link, timeout: int) -> dict[str, str]:
    """A link in libpq's keywords. A service file knows no quotes and no spaces round `=`."""
    address = {"host": link.host, "port": str(link.port or 5432), "dbname": link.database, "user": link.user}
    return {**address, **link.params, "connect_timeout": str(timeout)}


def _pgpass_line(link: Link) -> str:
    words = (link.host, str(link.port or 5432), link.database, link.user, link.password)
    return ":".join(word.replace("\\", "\\\\").replace(":", "\\:") for word in words) + "\n"


TARGETS = {
    target.name: target
    for target in (
        Target(
            "env",
            "dotenv file",
            "Both connection strings: the pooled one for the application, the direct one for migrations.",
            _env,
            (_CONNECT, _POOLING, _SECURE),
            runtimes=("server", "serverless", "edge"),
        ),
        Target(
            "psql",
            "psql",
            "A script that opens psql on the connection string of the environment.",
            _psql,
            (_PSQL, _SECURE, f"{_LIBPQ}envars.html"),
            refusals={
                "serverless": "psql is for a terminal; take a driver's target",
                "edge": "psql is for a terminal; take `neon-serverless`",
            },
            needs=("psql>=14",),
        ),
        Target(
            "pg-service",
            "pg_service.conf",
            "A service for each way to the database, and `.pgpass` with the password.",
            _pg_service,
            (_CONNECT, f"{_LIBPQ}pgservice.html", f"{_LIBPQ}pgpass.html"),
            refusals={
                "serverless": "service files are for machines that people keep; take `env`",
                "edge": "no edge driver reads service files; take `env`",
            },
        ),
    )
}
