""".NET: Npgsql's data source, alone or below Entity Framework Core."""

from __future__ import annotations

import json

from neonlint.targets.model import File, Output, Plan, Target, Variable
from neonlint.targets.text import why

#: Seconds between two prunings by default; Npgsql refuses a shorter idle life.
_PRUNING_INTERVAL = 10
_MODES = {"require": "Require", "verify-full": "VerifyFull"}


def _npgsql(plan: Plan) -> Output:
    settings = json.dumps({"ConnectionStrings": {"Database": connection_string(plan)}}, indent=2) + "\n"
    files = (File("Database.cs", _data_source(plan)), File("appsettings.json", settings))
    password = Variable("PGPASSWORD", plan.link.password, "the password; Npgsql reads it by itself")
    return Output(files, (password,), ("set PGPASSWORD in the process's environment; .NET reads no .env file",))


def connection_string(plan: Plan) -> str:
    """The connection string under Npgsql's keywords, without the password."""
    link = plan.link
    values = {
        "Host": link.host,
        **({} if link.port is None else {"Port": str(link.port)}),
        "Database": link.database,
        "Username": link.user,
        "SSL Mode": _MODES[link.params["sslmode"]],
        "Channel Binding": "Require",
        **({"Application Name": link.params["application_name"]} if "application_name" in link.params else {}),
    }
    return ";".join(f"{name}={_value(value)}" for name, value in values.items())


def _value(text: str) -> str:
    """In double quotes where a bare value would end early or lose a blank."""
    bare = text == text.strip() and not any(letter in text for letter in ";='\"")
    return text if bare else '"' + text.replace('"', '""') + '"'


def _data_source(plan: Plan) -> str:
    return f"""\
using Microsoft.Extensions.Configuration;
using Npgsql;

public static class Database
{{
{_SUMMARY[plan.role]}\
    public static NpgsqlDataSource Create(IConfiguration configuration)
    {{
        // The password is not in appsettings.json: Npgsql takes it from PGPASSWORD.
        var builder = new NpgsqlDataSourceBuilder(configuration.GetConnectionString("Database"));
        var connection = builder.ConnectionStringBuilder;
        // A suspended compute takes its time to wake up.
        connection.Timeout = {plan.pool.connect_timeout};
{_pool(plan) if plan.app else _NO_POOL}\
        return builder.Build();
    }}
}}
"""


def _pool(plan: Plan) -> str:
    return f"""\
{why(plan, "//", 8)}\
        connection.MaxPoolSize = {plan.pool.size};
        connection.ConnectionIdleLifetime = {max(plan.pool.idle, _PRUNING_INTERVAL)};
        connection.ConnectionLifetime = {plan.pool.recycle};
        // Through the pooler each transaction may meet another session: there is no state to reset on close.
        connection.NoResetOnClose = true;
"""


_NO_POOL = """\
        connection.Pooling = false;
"""
_SUMMARY = {
    "app": """\
    // One for the whole process: it is the pool. Entity Framework Core takes it, too:
    // options.UseNpgsql(dataSource, npgsql => npgsql.EnableRetryOnFailure())
""",
    "migrate": """\
    // Goes past the pooler. For Entity Framework Core, return a context from an IDesignTimeDbContextFactory
    // that has options.UseNpgsql(Database.Create(configuration)), and run `dotnet ef database update`.
""",
    "admin": """\
    // Goes past the pooler: settings and locks last as long as the one connection that is opened.
""",
}

TARGETS = {
    target.name: target
    for target in (
        Target(
            "npgsql",
            ".NET with Npgsql",
            "An `NpgsqlDataSource` and an `appsettings.json` without a secret, with or without EF Core.",
            _npgsql,
            (
                "https://neon.com/docs/guides/dotnet-npgsql",
                "https://www.npgsql.org/doc/connection-string-parameters.html",
                "https://www.npgsql.org/doc/security.html",
            ),
            runtimes=("server", "serverless"),
            refusals={"edge": "Npgsql opens TCP connections; take `neon-serverless`, which goes over HTTP"},
            needs=("Npgsql 8 or newer",),
        ),
    )
}
