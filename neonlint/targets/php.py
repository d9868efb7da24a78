"""Laravel: `config/database.php`."""

from __future__ import annotations

from neonlint.targets.model import File, Output, Plan, Target, Variable

_BINDING = Variable("PGCHANNELBINDING", "require", "Laravel hands no such option on; libpq reads it from here")
_CACHED = (
    "set PGCHANNELBINDING in the environment of the PHP process: with a cached configuration Laravel reads no .env file"
)


def _laravel(plan: Plan) -> Output:
    return Output((File("config/database.php", _config(plan)),), _variables(plan), _notes(plan))


def _variables(plan: Plan) -> tuple[Variable, ...]:
    link = plan.link
    pooled = (Variable("DB_HOST", plan.pooled.host, "through the pooler: for the application"),) if plan.app else ()
    port = () if link.port is None else (Variable("DB_PORT", str(link.port)),)
    return (
        *pooled,
        Variable("DB_DIRECT_HOST", plan.direct.host, "direct: for migrations and sessions that keep state"),
        *port,
        Variable("DB_DATABASE", link.database),
        Variable("DB_USERNAME", link.user),
        Variable("DB_PASSWORD", link.password),
        Variable("DB_SSLMODE", link.params["sslmode"]),
        _BINDING,
    )


def _notes(plan: Plan) -> tuple[str, ...]:
    if plan.app:
        return (_CACHED, "before Laravel 13.17 `direct` does nothing: add the connection of --role migrate")
    return (_CACHED, _RUN[plan.role])


_RUN = {
    "migrate": "run `php artisan migrate --database=pgsql_direct`",
    "admin": "open a session with `php artisan db pgsql_direct`",
}


def _config(plan: Plan) -> str:
    name, host = ("pgsql", "DB_HOST") if plan.app else ("pgsql_direct", "DB_DIRECT_HOST")
    root = "            'sslrootcert' => 'system',\n" if plan.strict else ""
    named = "application_name" in plan.link.params
    label = f"            'application_name' => {_quoted(plan.link.params['application_name'])},\n" if named else ""
    return f"""\
<?php

return [

    'default' => '{name}',

    'connections' => [

{_SET if plan.app else ""}\
        '{name}' => [
            'driver' => 'pgsql',
            'host' => env('{host}'),
            'port' => env('DB_PORT', '5432'),
            'database' => env('DB_DATABASE'),
            'username' => env('DB_USERNAME'),
            'password' => env('DB_PASSWORD'),
            'charset' => 'utf8',
            'prefix' => '',
            'prefix_indexes' => true,
{label}\
            'sslmode' => env('DB_SSLMODE', '{plan.link.params["sslmode"]}'),
{root}\
            // A suspended compute takes its time to wake up.
            'options' => [PDO::ATTR_TIMEOUT => {plan.pool.connect_timeout}],
{_DIRECT if plan.app else ""}\
        ],

    ],

    'migrations' => [
        'table' => 'migrations',
        'update_date_on_publish' => true,
    ],

];
"""


_SET = """\
        // No search_path: Laravel would SET it, which does not last through the pooler.
"""
_DIRECT = """\
            // `php artisan migrate` and `php artisan db` go past the pooler.
            'direct' => ['host' => env('DB_DIRECT_HOST')],
"""


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


TARGETS = {
    target.name: target
    for target in (
        Target(
            "laravel",
            "Laravel",
            "`config/database.php` with the pooled connection and the direct one for migrations.",
            _laravel,
            ("https://neon.com/docs/guides/laravel", "https://laravel.com/docs/database"),
            runtimes=("server", "serverless"),
            refusals={"edge": "PHP runs on no edge runtime; take `--runtime serverless`"},
            needs=("laravel/framework 11 or newer", "the pdo_pgsql extension with libpq 13 or newer"),
        ),
    )
}
