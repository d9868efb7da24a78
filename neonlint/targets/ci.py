"""GitHub Actions: a Neon branch for each pull request, and migrations of the main branch.

Actions are pinned to commits; each commit is the one that the release behind it pointed to in August 2026.
"""

from __future__ import annotations

import json

from neonlint.targets.env import ROOTS_NOTE
from neonlint.targets.model import DIRECT, POOLED, File, Output, Plan, Target
from neonlint.targets.text import url_variable, without

_CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
_CREATE = "neondatabase/create-branch-action@72ed4f69a12b6be9c16aebfad893f6a21e9aba8b # v6.4.0"
_DELETE = "neondatabase/delete-branch-action@4468d825d5a88ef4012f1705a82f02ec3072f776 # v3.2.1"
#: The action makes its connection strings for a role and a database of these names.
_DEFAULTS = {"database": "neondb", "role": "neondb_owner"}


def _actions(plan: Plan) -> Output:
    roots = (ROOTS_NOTE,) if plan.strict else ()
    if plan.app:
        notes = ("set the variable NEON_PROJECT_ID and the secret NEON_API_KEY of the repository", _COMMANDS)
        return Output((File(".github/workflows/neon-branch.yml", _branch(plan)),), notes=(*notes, *roots))
    variable = url_variable(without(plan, "sslrootcert"), False)  # most drivers would open a file named system
    notes = (f"set the secret {DIRECT} of the repository's environment `production`", _COMMAND)
    return Output((File(".github/workflows/migrate.yml", _MAIN + _roots(plan)),), (variable,), (*notes, *roots))


_COMMANDS = "`make migrate` and `make test` stand for the commands of your project"
_COMMAND = "`make migrate` stands for the command of your project"


def _branch(plan: Plan) -> str:
    return f"""\
name: Test on a Neon branch

on:
  pull_request:
    types: [opened, reopened, synchronize, closed]

permissions: {{}}

# A push while the branch is being made or tested waits, so that the branch is not deleted under a test.
concurrency:
  group: neon-branch-${{{{ github.event.pull_request.number }}}}

env:
  BRANCH: preview/pr-${{{{ github.event.pull_request.number }}}}

jobs:
  test:
    name: Test
    # Pull requests from forks and those of Dependabot are given no secrets.
    if: >-
      github.event.action != 'closed' &&
{_TRUSTED}\
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    permissions:
      contents: read
    steps:
      - uses: {_CHECKOUT}
        with:
          persist-credentials: false
      - name: Create the branch, or find it
        id: branch
        uses: {_CREATE}
        with:
          project_id: ${{{{ vars.NEON_PROJECT_ID }}}}
          api_key: ${{{{ secrets.NEON_API_KEY }}}}
          branch_name: ${{{{ env.BRANCH }}}}
{_inputs(plan)}\
      - name: Migrate
        run: make migrate
        env:
          {DIRECT}: ${{{{ steps.branch.outputs.db_url }}}}
{_roots(plan)}\
      - name: Test
        run: make test
        env:
          {POOLED}: ${{{{ steps.branch.outputs.db_url_pooled }}}}
{_roots(plan)}\

  delete:
    name: Delete the branch
    if: >-
      github.event.action == 'closed' &&
{_TRUSTED}\
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: {{}}
    steps:
      - uses: {_DELETE}
        with:
          project_id: ${{{{ vars.NEON_PROJECT_ID }}}}
          api_key: ${{{{ secrets.NEON_API_KEY }}}}
          branch: ${{{{ env.BRANCH }}}}
"""


_TRUSTED = """\
      github.event.pull_request.head.repo.full_name == github.repository &&
      github.event.pull_request.user.login != 'dependabot[bot]'
"""


def _inputs(plan: Plan) -> str:
    """Inputs of the action that differ from its defaults."""
    wanted = {"database": plan.link.database, "role": plan.link.user, "ssl": plan.link.params["sslmode"]}
    usual = {**_DEFAULTS, "ssl": "require"}
    return "".join(f"          {name}: {_scalar(value)}\n" for name, value in wanted.items() if value != usual[name])


def _scalar(text: str) -> str:
    """A YAML scalar that means this text, in which GitHub sees no expression of its own."""
    plain = text.replace("-", "").replace("_", "").isalnum() and text.isascii() and text[0].isalpha()
    return text if plain else json.dumps(text.replace("${{", "${{ '${{' }}"))


def _roots(plan: Plan) -> str:
    """libpq has to be told where root certificates are; drivers that have their own ignore it."""
    return "          PGSSLROOTCERT: system\n" if plan.strict else ""


_MAIN = f"""\
name: Migrate

on:
  push:
    branches: [main]

permissions: {{}}

# Migrations run one after the other.
concurrency:
  group: migrate

jobs:
  migrate:
    name: Migrate
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    environment: production
    permissions:
      contents: read
    steps:
      - uses: {_CHECKOUT}
        with:
          persist-credentials: false
      - name: Migrate
        run: make migrate
        env:
          {DIRECT}: ${{{{ secrets.{DIRECT} }}}}
"""


TARGETS = {
    target.name: target
    for target in (
        Target(
            "github-actions",
            "GitHub Actions",
            "A Neon branch for each pull request: migrated directly, tested through the pooler, deleted in the end.",
            _actions,
            (
                "https://neon.com/docs/guides/branching-github-actions",
                "https://github.com/neondatabase/create-branch-action",
                "https://github.com/neondatabase/delete-branch-action",
            ),
            roles=("app", "migrate"),
            refusals={
                "serverless": "a workflow runs on a runner; take `--runtime server`",
                "edge": "a workflow runs on a runner; take `--runtime server`",
                "admin": "a workflow has nobody at the other end; take `psql`",
            },
        ),
    )
}
