"""Docker Compose: services that get their connection string from the environment, each only its own."""

from __future__ import annotations

from neonlint.targets.model import DIRECT, POOLED, File, Output, Plan, Target
from neonlint.targets.text import url_variable

#: Where Debian, Ubuntu and Alpine keep their roots, and where OpenSSL is told to look.
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
_PSQL = "postgres:18-alpine"


def _compose(plan: Plan) -> Output:
    services = {"app": _app, "migrate": _migrate, "admin": _psql}
    variables = (*((url_variable(plan, True),) if plan.app else ()), url_variable(plan, False))
    return Output((File("compose.yaml", services[plan.role](plan)),), variables, _NOTES[plan.role])


_ENV = "Compose fills the variables in from the shell or from .env beside compose.yaml; keep that file out of git"
_NOTES = {
    "app": (_ENV, "run `docker compose run --rm migrate`, then `docker compose up`"),
    "migrate": (_ENV, "run `docker compose run --rm migrate`"),
    "admin": (_ENV, "run `docker compose run --rm psql`"),
}


def _app(plan: Plan) -> str:
    return f"""\
services:
  app:
    build: .
    restart: unless-stopped
    environment:
      {_needed(POOLED, "the pooled connection string")}
{_roots(plan)}\

{_migration_service(plan)}\
"""


def _migrate(plan: Plan) -> str:
    return f"""\
services:
{_migration_service(plan)}\
"""


def _migration_service(plan: Plan) -> str:
    return f"""\
  # Your migration tool, in the image of the application, past the pooler.
  migrate:
    build: .
    profiles: [tools]
    command: [./bin/migrate]
    environment:
      {_needed(DIRECT, "the direct connection string")}
{_roots(plan)}\
"""


def _psql(plan: Plan) -> str:
    roots = "    # The Alpine image has root certificates; the Debian one has none.\n" if plan.strict else ""
    return f"""\
services:
  psql:
{roots}\
    image: {_PSQL}
    profiles: [tools]
    # Two dollar signs: the container's shell, not Compose, puts the connection string in.
    entrypoint: [sh, -c, 'exec psql "$${DIRECT}"']
    environment:
      {_needed(DIRECT, "the direct connection string")}
"""


def _needed(name: str, what: str) -> str:
    """A variable without which Compose refuses to start."""
    return f"{name}: ${{{name}:?set it to {what}}}"


def _roots(plan: Plan) -> str:
    """The host's root certificates: slim images come without."""
    if not plan.strict:
        return ""
    return f"""\
      SSL_CERT_FILE: {_BUNDLE}
    volumes:
      # The host's root certificates, because slim images have none.
      - {_BUNDLE}:{_BUNDLE}:ro
"""


TARGETS = {
    target.name: target
    for target in (
        Target(
            "docker-compose",
            "Docker Compose",
            "`compose.yaml` with the application through the pooler and a service beside it that migrates.",
            _compose,
            (
                "https://neon.com/docs/connect/connect-securely",
                "https://docs.docker.com/reference/compose-file/services/",
                "https://docs.docker.com/reference/compose-file/interpolation/",
            ),
            refusals={
                "serverless": "Compose runs servers; take `--runtime server`",
                "edge": "Compose runs servers; take `--runtime server`",
            },
            needs=("Docker Compose 2.24 or newer",),
        ),
    )
}
