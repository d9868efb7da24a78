"""Rails: `config/database.yml`."""

from __future__ import annotations

from neonlint.targets.model import DIRECT, POOLED, File, Output, Plan, Target
from neonlint.targets.text import url_variable, why


def _rails(plan: Plan) -> Output:
    variables = (*((url_variable(plan, True),) if plan.app else ()), url_variable(plan, False))
    return Output(
        (File("config/database.yml", _database(plan)),),
        variables,
        ("merge it into your database.yml", "run migrations with `bin/rails db:migrate`"),
    )


def _database(plan: Plan) -> str:
    return f"""\
default: &default
  adapter: postgresql
  encoding: unicode
  # A suspended compute takes its time to wake up.
  connect_timeout: {plan.pool.connect_timeout}

production:
{_primary(plan) if plan.app else ""}\
  # Not called primary: for that one Rails takes {POOLED}, whatever stands here.
  direct:
    <<: *default
    url: <%= ENV["{DIRECT}"] %>
    migrations_paths: db/migrate
    schema_dump: schema.rb
    max_connections: 1
"""


def _primary(plan: Plan) -> str:
    return f"""\
  primary:
    <<: *default
    url: <%= ENV["{POOLED}"] %>
    # db:migrate and the like go through `direct`, past the pooler.
    database_tasks: false
{why(plan, by=4)}\
    max_connections: {plan.pool.size}
    idle_timeout: {plan.pool.idle}
    max_age: {plan.pool.recycle}
"""


TARGETS = {
    target.name: target
    for target in (
        Target(
            "rails",
            "Ruby on Rails",
            "`config/database.yml` with the pooled connection for the application and a direct one for migrations.",
            _rails,
            (
                "https://neon.com/docs/guides/ruby-on-rails",
                "https://guides.rubyonrails.org/configuring.html#configuring-a-database",
                "https://guides.rubyonrails.org/active_record_multiple_databases.html",
            ),
            roles=("app", "migrate"),
            refusals={
                "serverless": "a Rails process keeps its pool; take `--runtime server`",
                "edge": "Rails runs on no edge runtime; take `--runtime server`",
                "admin": "a session for a person is `bin/rails dbconsole --database=direct`; take `psql`",
            },
            needs=("rails 8.1 or newer (before: `pool` for `max_connections`, and no `max_age`)", "pg 1.5 or newer"),
        ),
    )
}
