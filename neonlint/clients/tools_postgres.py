"""The programs that come with Postgres, and others that speak its protocol from a command line.

Source: the programs' own reference pages and `--help`.
"""

from __future__ import annotations

from collections.abc import Mapping

from neonlint.clients.tools import Does, Tool, flags, verbs

#: Flags of all programs that come with Postgres ("PostgreSQL Client Applications").
_LIBPQ: Mapping[str, str] = {
    "-h": "host",
    "--host": "host",
    "-p": "port",
    "--port": "port",
    "-U": "user",
    "--username": "user",
}
_LIBPQ_DATABASE = {**_LIBPQ, "-d": "database", "--dbname": "database"}
_DATABASE = flags("-d --dbname")


def _postgres(name: str, does: Does, valued: str, *, position: int | None = 0, flag: bool = True) -> Tool:
    """A program of Postgres; `position` is None where its operand is a file, `flag` says that it knows `--dbname`."""
    return Tool(
        name,
        (name,),
        {"": does},
        target=_DATABASE if flag else frozenset(),
        position=position,
        valued=flags(valued),
        fields=_LIBPQ,
        variables=("PGHOST",),
    )


_DUMP = (
    "-f --file -F --format -j --jobs -n --schema -N --exclude-schema -t --table -T --exclude-table -E --encoding -S -Z"
    " --role"
)
POSTGRES = (
    _postgres(
        "psql", "query", "-c --command -f --file -v --set --variable -o --output -L --log-file -F -P --pset -R -T"
    ),
    _postgres("pg_dump", "dump", _DUMP),
    Tool(
        "pg_dumpall",
        ("pg_dumpall",),
        {"": "dump"},
        target=_DATABASE,
        valued=flags("-f --file -l --database -S --superuser -E --encoding --role"),
        fields=_LIBPQ,
        variables=("PGHOST",),
    ),
    _postgres("pg_restore", "restore", f"{_DUMP} -I --index -L --use-list -P --function", position=None),
    _postgres("createdb", "admin", "-D --tablespace -E --encoding -l --locale -O --owner -T --template", flag=False),
    _postgres("dropdb", "admin", "--maintenance-db", flag=False),
    _postgres("createuser", "admin", "-c -g -m", position=None, flag=False),
    _postgres("dropuser", "admin", "", position=None, flag=False),
    _postgres("vacuumdb", "admin", "-j --jobs -n -N -P -t --table"),
    _postgres("reindexdb", "admin", "-i -j -S -s -t"),
    _postgres("clusterdb", "admin", "-t"),
    _postgres("pg_isready", "admin", "-t --timeout"),
    _postgres("pgbench", "benchmark", "-c -j -T -t -s -f -M -b -D -F -l -L -n -P -r -R", flag=False),
    _postgres("pg_basebackup", "replicate", "-D --pgdata -F --format -X -S --slot -T -r -c -l", position=None),
    _postgres("pg_receivewal", "replicate", "-D --directory -S --slot -s", position=None),
    _postgres("pg_recvlogical", "replicate", "-f --file -S --slot -P --plugin -o --option -F -I -s", position=None),
    Tool("pg_repack", ("pg_repack",), {"": "admin"}, target=_DATABASE, fields=_LIBPQ, variables=("PGHOST",)),
    Tool("pgcli", ("pgcli",), {"": "query"}, target=_DATABASE, position=0, fields=_LIBPQ, variables=("PGHOST",)),
    Tool("pgweb", ("pgweb",), {"": "query"}, target=flags("--url"), variables=("PGWEB_DATABASE_URL", "DATABASE_URL")),
    Tool(
        "pgcopydb",
        ("pgcopydb",),
        {**verbs("replicate", "follow, stream"), **verbs("copy", "clone, copy-db, fork, dump, restore, copy")},
        target=flags("--source"),
        valued=flags("--target --dir --table-jobs --index-jobs --restore-jobs --slot-name --plugin"),
        variables=("PGCOPYDB_SOURCE_PGURI",),
    ),
    Tool("pgloader", ("pgloader",), {"": "copy"}, position=1),
)
