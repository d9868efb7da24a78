"""Desktop clients for people: pgAdmin and DBeaver. They keep sessions, so they go past the pooler.

Neither file holds a password: pgAdmin imports none, DBeaver keeps it in an encrypted file of its own. Both ask for it.
"""

from __future__ import annotations

import json

from neonlint.targets.jvm import jdbc_parameters
from neonlint.targets.model import File, Output, Plan, Role, Target

_GUIDE = "https://neon.com/docs/connect/connect-postgres-gui"
_ROLES: tuple[Role, ...] = ("admin",)
_REFUSALS = {
    "app": "it is a client for people; take the target of your driver",
    "migrate": "it is a client for people; take the target of your migration tool, or `psql`",
    "serverless": "it is a desktop client; take `--runtime server`",
    "edge": "it is a desktop client; take `--runtime server`",
}


def _name(plan: Plan) -> str:
    return f"Neon {plan.link.database}"


def _pgadmin(plan: Plan) -> Output:
    link = plan.link
    server = {
        "Name": _name(plan),
        "Group": "Neon",
        "Host": link.host,
        "Port": link.port or 5432,
        "MaintenanceDB": link.database,
        "Username": link.user,
        "ConnectionParameters": {**link.params, "connect_timeout": plan.pool.connect_timeout},
    }
    return Output((File("servers.json", _json({"Servers": {"1": server}})),), notes=(_IMPORT,))


_IMPORT = "import it with Tools > Import/Export Servers; pgAdmin imports no password and asks for it"


def _dbeaver(plan: Plan) -> Output:
    link = plan.link
    parameters = jdbc_parameters(plan)
    tls = {"sslMode": parameters.pop("sslmode")}
    if "sslfactory" in parameters:
        tls["sslFactory"] = parameters.pop("sslfactory")
    port = str(link.port or 5432)
    connection = {
        "provider": "postgresql",
        "driver": "postgres-jdbc",
        "name": _name(plan),
        "configuration": {
            "host": link.host,
            "port": port,
            "database": link.database,
            "url": f"jdbc:postgresql://{link.host}:{port}/{link.database}",
            "configurationType": "MANUAL",
            "user": link.user,
            "type": "dev",
            "properties": parameters,
            "auth-model": "native",
            "handlers": {"postgre_ssl": {"type": "CONFIG", "enabled": True, "properties": tls}},
        },
    }
    label = link.host.partition(".")[0]
    connections = {"folders": {}, "connections": {f"postgres-jdbc-{label}": connection}}
    return Output((File(".dbeaver/data-sources.json", _json(connections)),), notes=(_MERGE, _DRIVER))


_MERGE = "close DBeaver and merge it into .dbeaver/data-sources.json of the project; DBeaver asks for the password"
_DRIVER = (
    "it relies on DBeaver's PostgreSQL driver at 42.7.12 or newer (Database > Driver Manager shows it); older ones"
    " ignore channelBinding"
)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


TARGETS = {
    target.name: target
    for target in (
        Target(
            "pgadmin",
            "pgAdmin",
            "A `servers.json` to import, with the direct host.",
            _pgadmin,
            (_GUIDE, "https://www.pgadmin.org/docs/pgadmin4/latest/import_export_servers.html"),
            roles=_ROLES,
            refusals=_REFUSALS,
            needs=("pgAdmin 4 9.0 or newer",),
        ),
        Target(
            "dbeaver",
            "DBeaver",
            "A connection for `data-sources.json`, with the direct host.",
            _dbeaver,
            (_GUIDE, "https://dbeaver.com/docs/dbeaver/Admin-Manage-Connections/"),
            roles=_ROLES,
            refusals=_REFUSALS,
            needs=("DBeaver 23 or newer",),
        ),
    )
}
