"""GitHub Actions: a Neon branch for each pull request, and migrations of the main branch.

Actions are pinned to commits; each commit is the one that the release behind it pointed to in August 2026.
"""

from __future__ import annotations

import json

from neonlint.targets.env import ROOTS_NOTE
from neonlint.targets.model import DIRECT, POOLED, File, Output, Plan, Target
from neonlint.targets.text import url_variable, without

#: Each part in angle brackets has a line of its own in a template.
_PARTS = {
    "checkout": """\
- uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
  with:
    persist-credentials: false""",
    "uses create": "uses: neondatabase/create-branch-action@72ed4f69a12b6be9c16aebfad893f6a21e9aba8b # v6.4.0",
    "uses delete": "- uses: neondatabase/delete-branch-action@4468d825d5a88ef4012f1705a82f02ec3072f776 # v3.2.1",
    "trusted": """\
github.event.pull_request.head.repo.full_name == github.repository &&
github.event.pull_request.user.login != 'dependabot[bot]'""",
}
_BRANCH = """\
name: Test on a Neon branch

on:
  pull_request:
    types: [opened, reopened, synchronize, closed]

permissions: {}

# A push while the branch is being made or tested waits, so that the branch is not deleted under a test.
concurrency:
  group: neon-branch-${{ github.event.pull_request.number }}

env:
  BRANCH: preview/pr-${{ github.event.pull_request.number }}

jobs:
  test:
    name: Test
    # Pull requests from forks and those of Dependabot are given no secrets.
    if: >-
      github.event.action != 'closed' &&
      <trusted>
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    permissions:
      contents: read
    steps:
      <checkout>
      - name: Create the branch, or find it
        id: branch
        <uses create>
        with:
          project_id: ${{ vars.NEON_PROJECT_ID }}
          api_key: ${{ secrets.NEON_API_KEY }}
          branch_name: ${{ env.BRANCH }}
          <inputs>
      <migrate>
      <test>

  delete:
    name: Delete the branch
    if: >-
      github.event.action == 'closed' &&
      <trusted>
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: {}
    steps:
      <uses delete>
        with:
          project_id: ${{ vars.NEON_PROJECT_ID }}
          api_key: ${{ secrets.NEON_API_KEY }}
          branch: ${{ env.BRANCH }}
"""
_MAIN = """\
name: Migrate

on:
  push:
    branches: [main]

permissions: {}

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
      <checkout>
      <migrate>
"""
#: The action makes its connection strings for a role and a database of these names, and with this mode.
_DEFAULTS = {"database": "neondb", "role": "neondb_owner", "ssl": "require"}


def _actions(plan: Plan) -> Output:
    roots = (ROOTS_NOTE,) if plan.strict else ()
    if plan.app:
        notes = (
            "set the variable NEON_PROJECT_ID and the secret NEON_API_KEY of the repository",
            "`make migrate` and `make test` stand for the commands of your project",
        )
        return Output((File(".github/workflows/neon-branch.yml", _branch(plan)),), notes=(*notes, *roots))
    variable = url_variable(without(plan, "sslrootcert"), False)  # most drivers would open a file named system
    notes = (
        f"set the secret {DIRECT} of the repository's environment `production`",
        "`make migrate` stands for the command of your project",
    )
    migrate = _step("Migrate", DIRECT, f"secrets.{DIRECT}", plan)
    file = File(".github/workflows/migrate.yml", _filled(_MAIN, migrate=migrate))
    return Output((file,), (variable,), (*notes, *roots))


def _branch(plan: Plan) -> str:
    """Migrated and tested through what the action that makes the branch gives out."""
    return _filled(
        _BRANCH,
        inputs=_inputs(plan),
        migrate=_step("Migrate", DIRECT, "steps.branch.outputs.db_url", plan),
        test=_step("Test", POOLED, "steps.branch.outputs.db_url_pooled", plan),
    )


def _filled(template: str, **parts: str) -> str:
    """The workflow. Each line of a part is indented as its place is; an empty part leaves no line."""
    lines = []
    for line in template.splitlines():
        part = line.strip()
        texts = (parts | _PARTS)[part[1:-1]].splitlines() if part.startswith("<") else [part]
        lines += [(line.removesuffix(part) + text).rstrip() for text in texts]
    return "\n".join(lines) + "\n"


def _step(name: str, variable: str, expression: str, plan: Plan) -> str:
    """Run what `make` knows under this name, with a connection string in its environment.

    libpq has to be told where root certificates are; drivers that have their own ignore it.
    """
    step = f"""\
- name: {name}
  run: make {name.lower()}
  env:
    {variable}: ${{{{ {expression} }}}}"""
    return step + "\n    PGSSLROOTCERT: system" * plan.strict


def _inputs(plan: Plan) -> str:
    """Inputs of the action that differ from its defaults."""
    wanted = {"database": plan.link.database, "role": plan.link.user, "ssl": plan.link.params["sslmode"]}
    return "\n".join(f"{name}: {_scalar(value)}" for name, value in wanted.items() if value != _DEFAULTS[name])


def _scalar(text: str) -> str:
    """A YAML scalar that means this text, in which GitHub sees no expression of its own."""
    plain = text.replace("-", "").replace("_", "").isalnum() and text.isascii() and text[0].isalpha()
    return text if plain else json.dumps(text.replace("${{", "${{ '${{' }}"))


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
