"""Ecto: `config/runtime.exs`.

Ecto takes a URL apart and hands every parameter of it to Postgrex, which ignores libpq's: TLS is said in the
configuration alone. The parameters stay in the variable for everything else that reads it.
"""

from __future__ import annotations

from neonlint.targets.model import File, Output, Plan, Target
from neonlint.targets.text import url_variables, why


def _ecto(plan: Plan) -> Output:
    files = [File("config/runtime.exs", _runtime(plan, "MyApp.Repo" if plan.app else "MyApp.MigrationRepo"))]
    if not plan.app:
        files.append(File("lib/my_app/migration_repo.ex", _MIGRATION_REPO))
    return Output(tuple(files), url_variables(plan), () if plan.app else (_RUN,))


_RUN = "run `MIX_ENV=prod mix ecto.migrate -r MyApp.MigrationRepo`"


def _runtime(plan: Plan, repo: str) -> str:
    name = plan.link.params.get("application_name")
    label = "" if name is None else f'    parameters: [application_name: "{_escaped(name)}"],\n'
    return f"""\
import Config

if config_env() == :prod do
  config :my_app, {repo},
    url: System.fetch_env!("{plan.variable}"),
    # Postgrex takes TLS from here, not from the URL. It verifies the certificate and the host name.
    ssl: [cacerts: :public_key.cacerts_get()],
    # A suspended compute takes its time to wake up.
    connect_timeout: {plan.pool.connect_timeout}_000,
{label}\
{_pool(plan) if plan.app else _PRIV}\
end
"""


def _pool(plan: Plan) -> str:
    return f"""\
{why(plan, by=4)}\
    pool_size: {plan.pool.size},
    # By default idle connections are pinged each second, which would keep the compute awake.
    idle_interval: :timer.hours(24)
"""


_PRIV = """\
    # The migrations of MyApp.Repo. Ecto opens two connections: one holds the lock, one migrates.
    priv: "priv/repo"
"""
_MIGRATION_REPO = """\
defmodule MyApp.MigrationRepo do
  @moduledoc "Goes past the pooler, for migrations only: it is no child of the application's supervisor."
  use Ecto.Repo, otp_app: :my_app, adapter: Ecto.Adapters.Postgres
end
"""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("#{", "\\#{")


TARGETS = {
    target.name: target
    for target in (
        Target(
            "ecto",
            "Elixir with Ecto",
            "`config/runtime.exs` for the application's repo, or for a repo of its own that migrates.",
            _ecto,
            (
                "https://neon.com/docs/guides/elixir-ecto",
                "https://hexdocs.pm/postgrex/Postgrex.html#start_link/1",
                "https://hexdocs.pm/ecto_sql/Ecto.Adapters.Postgres.html",
            ),
            roles=("app", "migrate"),
            refusals={
                "serverless": "a BEAM node keeps its pool; take `--runtime server`",
                "edge": "a BEAM node keeps its pool; take `--runtime server`",
                "admin": "a repo is a pool, not a session for a person; take `psql`",
            },
            needs=(
                "postgrex 0.18 or newer (0.22 mends connections that a suspended compute ended)",
                "ecto_sql 3.11 or newer",
            ),
        ),
    )
}
