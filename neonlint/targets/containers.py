"""Docker Compose: services that get their connection string from the environment, each only its own."""

from __future__ import annotations

from neonlint.targets.env import ROOTS_NOTE, ROOTS_READERS
from neonlint.targets.model import DIRECT, POOLED, File, Output, Plan, Target
from neonlint.targets.text import url_variable, without

#: Where Debian, Ubuntu and Alpine keep their roots, and where OpenSSL is told to look.
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
_PSQL = "postgres:18-alpine"


def _compose(plan: Plan) -> Output:
    services = {"app": _app, "migrate": _migrate, "admin": _psql}
    bare = without(plan, "sslrootcert")  # most drivers would open a file named system
    variables = (*((url_variable(bare, True),) if plan.app else ()), url_variable(bare, False))
    return Output((File("compose.yaml", services[plan.role](plan)),), variables, (*_NOTES[plan.role], *_strict(plan)))


def _strict(plan: Plan) -> tuple[str, ...]:
    if not plan.strict:
        return ()
    return (ROOTS_NOTE,) if plan.role == "admin" else (ROOTS_NOTE, _HOST)


_HOST = "hosts other than Debian, Ubuntu and Alpine keep their root certificates elsewhere: name that file as `source`"


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
    system = "      PGSSLROOTCERT: system\n" if plan.strict else ""
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
{system}\
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
      # {ROOTS_READERS[0].upper()}{ROOTS_READERS[1:]}.
      PGSSLROOTCERT: system
    volumes:
      # The host's root certificates, because slim images have none.
      - type: bind
        source: {_BUNDLE}
        target: {_BUNDLE}
        read_only: true
        bind:
          create_host_path: false # otherwise a directory, where the host has no such file
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
