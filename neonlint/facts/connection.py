"""Facts about one connection: where it leads, under which name, in which file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from neonlint.facts.answer import Answer, FactSpec, Known, Unseen
from neonlint.facts.naming import NAMING
from neonlint.facts.options import OPTIONS
from neonlint.facts.reading import component, endpoint_of
from neonlint.facts.roles import ROLES, in_tests, role_of
from neonlint.facts.runtime import runtime_of, tcp_runtime
from neonlint.ir.endpoint import HOST_KINDS, Endpoint
from neonlint.ir.endpoint import parse as parse_host
from neonlint.ir.model import Connection
from neonlint.link import Project, is_example
from neonlint.platforms import RUNTIMES
from neonlint.regex import regex

#: Prefixes of variables that bundlers put into browser code.
PUBLIC_NAME = regex(
    r"^(?:NEXT_PUBLIC_|VITE_|REACT_APP_|PUBLIC_|EXPO_PUBLIC_|NUXT_PUBLIC_|GATSBY_|VUE_APP_|PLASMO_PUBLIC_|STORYBOOK_)"
)
#: Files that are made for secrets as dotenv files are: libpq's password file, Streamlit's secrets.
_FOR_SECRETS = regex(r"(?:^|/)(?:\.?pgpass(?:\.conf)?|\.streamlit/secrets\.toml)$")
DOTENV = regex(r"(?:^|/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|\.?dev\.vars(?:\.[\w-]+)?|\.flaskenv|\.envrc)$")
_PRODUCTION = regex(r"(?:^|[./_-])prod(?:uction)?(?=[./_-]|$)")

Compute = Callable[[Connection, Project], Answer]


def _endpoint(read: Callable[[Endpoint], object], *, needs_whole: bool = True) -> Compute:
    """A fact that is read off the endpoint; with `needs_whole`, one whose first label must be literal."""

    def compute(connection: Connection, project: Project) -> Answer:
        seen = endpoint_of(connection, project)
        if isinstance(seen, Unseen):
            return seen
        if needs_whole and seen.endpoint.unseen:
            return Unseen("the host name is not wholly literal")
        value = read(seen.endpoint)
        assert value is None or isinstance(value, str | bool)
        if value is None and seen.endpoint.partial:
            return Unseen("the host name is not wholly literal")
        return Known(value, seen.because)

    return compute


def _component(name: str) -> Compute:
    return lambda connection, project: component(connection, name, project)


def _port(connection: Connection, project: Project) -> Answer:
    answer = component(connection, "port", project)
    if isinstance(answer, Unseen) or answer.value is None:
        return answer
    text = str(answer.value)
    return Known(int(text), answer.because) if text.isdigit() else Unseen("the port is not a number")


def _secret(read: Callable[[Connection], bool | str | None]) -> Compute:
    return lambda connection, project: Known(read(connection))


def _literal_password(connection: Connection) -> bool:
    secret = connection.secret
    return secret is not None and secret.seen and not secret.placeholder


def _neon_password(connection: Connection) -> bool:
    secret = connection.secret
    return secret is not None and secret.neon_made


def _password_endpoint(connection: Connection) -> str | None:
    secret = connection.secret
    return secret.endpoint_prefix if secret is not None else None


def _tracked(connection: Connection, project: Project) -> Answer:
    tracked = project.tracked.get(connection.document.path)
    return Unseen("this is not a git work tree") if tracked is None else Known(tracked)


def _file_kind(connection: Connection, project: Project) -> Answer:
    path = connection.document.path
    name = posixpath.basename(path)
    if connection.document.format == "dotenv" or DOTENV.search(path) or _FOR_SECRETS.search(path):
        return Known("example" if is_example(path) else "dotenv")
    if connection.document.format in ("python", "javascript"):
        return Known("code")
    if re.search(r"\.(?:md|mdx|mdc|rst|adoc|txt)$", name, re.IGNORECASE):
        return Known("prose")
    # What stands in a script is typed for a human as often as for a program.
    return Known("other" if connection.document.format in ("text", "shell", "makefile") else "config")


def _syntax(name: str) -> Compute:
    return lambda connection, project: Known(connection.view is not None and name in connection.view.defects)


def _duplicates(connection: Connection, project: Project) -> Answer:
    """The first parameter that is given twice, None where there is none."""
    if connection.view is None:
        return Known(None)
    seen: set[str] = set()
    for param in connection.view.params:
        if param.name in seen and param.name not in ("host", "port"):
            return Known(param.name)
        seen.add(param.name)
    return Known(None)


def _duplicates_agree(connection: Connection, project: Project) -> Answer:
    if connection.view is None:
        return Known(False)
    values: dict[str, set[str]] = {}
    for param in connection.view.params:
        values.setdefault(param.name, set()).add(param.value.text)
    return Known(all(len(texts) == 1 for texts in values.values()))


def _misspelt_host(connection: Connection, project: Project) -> Answer:
    """Whether a host field holds more than a host name: a leading `@`, a scheme, a path or a port."""
    if connection.view is not None and connection.dialect == "url":
        return Known(False)
    answer = component(connection, "host", project)
    if isinstance(answer, Unseen):
        return answer
    text = str(answer.value or "")
    return Known(bool(re.search(r"^@|://|[^/]/|:\d+$", text)) and ".neon." in text)


def _host_label(connection: Connection, project: Project) -> Answer:
    """The host's first label: what a client that sends the server name selects."""
    answer = component(connection, "host", project)
    if isinstance(answer, Unseen) or not answer.value:
        return answer if isinstance(answer, Unseen) else Known(None)
    return Known(str(answer.value).split(".", 1)[0], answer.because)


def _host_given(connection: Connection, project: Project) -> Answer:
    """Whether a host is named at all; without one libpq takes `PGHOST` or a local socket."""
    answer = component(connection, "host", project)
    if isinstance(answer, Unseen):
        return answer
    return Known(bool(answer.value), answer.because)


PRISMA_ONLY = (
    "pgbouncer",
    "connection_limit",
    "pool_timeout",
    "schema",
    "sslaccept",
    "statement_cache_size",
    "socket_timeout",
)


def _foreign_param(connection: Connection, project: Project) -> Answer:
    """The first parameter that only Prisma's engine understands, None where there is none."""
    if connection.view is None:
        return Known(None)
    return Known(next((p.name for p in connection.view.params if p.name in PRISMA_ONLY), None))


def _text(value: str) -> Compute:
    return lambda connection, project: Known(getattr(connection, value))


def _is_public(connection: Connection, project: Project) -> Answer:
    """Whether bundlers put it into browser code; bare `PUBLIC_` (Astro, SvelteKit) counts beside package.json only."""
    if not PUBLIC_NAME.match(connection.name):
        return Known(False)
    bundled = any(posixpath.basename(path) == "package.json" for path in project.paths)
    return Known(bundled or not connection.name.startswith("PUBLIC_"))


def _is_example(connection: Connection, project: Project) -> Answer:
    return Known(is_example(connection.document.path))


def _on_neon_com(connection: Connection, project: Project) -> Answer:
    """Whether the host would be a compute's if it ended in neon.tech."""
    answer = component(connection, "host", project)
    if isinstance(answer, Unseen):
        return answer
    text = str(answer.value or "").lower()
    head = text.removesuffix(".").removesuffix(".neon.com")
    return Known(head != text.removesuffix(".") and parse_host(f"{head}.neon.tech").kind == "compute", answer.because)


CONNECTION: tuple[FactSpec, ...] = (
    FactSpec(
        "name",
        "str",
        "The environment name, setting or variable that holds the connection; empty where there is none.",
        _text("name"),
    ),
    FactSpec("name.public", "bool", "Whether bundlers put a variable of this name into browser code.", _is_public),
    FactSpec(
        "standing",
        "enum",
        "Where it is written.",
        _text("standing"),
        ("environment", "config", "code", "default", "text"),
    ),
    FactSpec("dialect", "enum", "How it is written.", _text("dialect"), ("url", "keywords", "fields")),
    FactSpec(
        "family",
        "enum",
        "Which naming the separate fields follow; empty for URLs and keyword strings.",
        _text("family"),
        ("", "libpq-environment", "environment", "django", "keywords", "driver-keywords", "mapping", "secret"),
    ),
    FactSpec(
        "file.kind",
        "enum",
        "What kind of file it stands in.",
        _file_kind,
        ("dotenv", "example", "code", "config", "prose", "other"),
    ),
    FactSpec("file.format", "str", "The format that read the file.", lambda c, p: Known(c.document.format)),
    FactSpec("file.example", "bool", "Whether the file is a template that nobody runs with.", _is_example),
    FactSpec("file.test", "bool", "Whether the file belongs to tests, or the configuration says so.", in_tests),
    FactSpec(
        "file.production",
        "bool",
        "Whether the file's path says that it is for production (the word `production` or `prod` in it).",
        lambda c, p: Known(_PRODUCTION.search(c.document.path) is not None),
    ),
    FactSpec("file.tracked", "bool", "Whether git tracks the file.", _tracked),
    FactSpec("role", "enum", "What the connection is for.", role_of, ROLES),
    FactSpec("runtime", "enum", "Where the code that uses it runs.", runtime_of, RUNTIMES),
    FactSpec(
        "runtime.tcp",
        "enum",
        "Where the application's code runs that opens it over TCP; none where only scripts or Neon's driver do.",
        tcp_runtime,
        RUNTIMES,
        optional=True,
    ),
    FactSpec(
        "endpoint.kind",
        "enum",
        "What kind of host it names.",
        _endpoint(lambda e: e.kind, needs_whole=False),
        HOST_KINDS,
    ),
    FactSpec(
        "endpoint.neon", "bool", "Whether it leads to a Neon compute.", _endpoint(lambda e: e.neon, needs_whole=False)
    ),
    FactSpec("endpoint.pooled", "bool", "Whether it goes through Neon's pooler.", _endpoint(lambda e: e.pooled)),
    FactSpec("endpoint.id", "str", "The endpoint id, without `-pooler`.", _endpoint(lambda e: e.id), optional=True),
    FactSpec("endpoint.region", "str", "The region named in the host.", _endpoint(lambda e: e.region), optional=True),
    FactSpec("endpoint.cloud", "str", "The cloud named in the host.", _endpoint(lambda e: e.cloud), optional=True),
    FactSpec("endpoint.cell", "str", "The cell label of the host.", _endpoint(lambda e: e.cell), optional=True),
    FactSpec(
        "endpoint.brand", "str", "The white-label domain, if it is one.", _endpoint(lambda e: e.brand), optional=True
    ),
    FactSpec(
        "endpoint.staging", "bool", "Whether it is Neon's own staging (neon.build).", _endpoint(lambda e: e.staging)
    ),
    FactSpec(
        "endpoint.misplaced_pooler",
        "bool",
        "Whether `-pooler` stands anywhere but once at the end of the first label.",
        _endpoint(lambda e: e.misplaced_pooler),
    ),
    FactSpec(
        "endpoint.truncated",
        "bool",
        "Whether the region or cell part of the host is missing.",
        _endpoint(lambda e: e.truncated),
    ),
    FactSpec("host", "str", "The host name.", _component("host"), optional=True),
    FactSpec("host.misspelt", "bool", "Whether a host field holds more than a host name.", _misspelt_host),
    FactSpec("host.on_neon_com", "bool", "Whether the host ends in neon.com, where no database is.", _on_neon_com),
    FactSpec("port", "int", "The port.", _port, optional=True),
    FactSpec("user", "str", "The role.", _component("user"), optional=True),
    FactSpec("database", "str", "The database.", _component("database"), optional=True),
    FactSpec("scheme", "str", "The URL scheme without `+driver`.", _component("scheme"), optional=True),
    FactSpec(
        "password.literal",
        "bool",
        "Whether a password is written here that is no placeholder.",
        _secret(_literal_password),
    ),
    FactSpec(
        "password.neon_made",
        "bool",
        "Whether it has the form of a password that Neon generates.",
        _secret(_neon_password),
    ),
    FactSpec(
        "password.endpoint",
        "str",
        "The endpoint id of the password workaround.",
        _secret(_password_endpoint),
        optional=True,
    ),
    FactSpec(
        "syntax.psql_command",
        "bool",
        "Whether a pasted `psql '…'` command or extra quotes stand where the URL belongs.",
        _syntax("psql_command"),
    ),
    FactSpec(
        "syntax.query_separator", "bool", "Whether `&` stands where the first `?` belongs.", _syntax("query_separator")
    ),
    FactSpec(
        "syntax.ampersand_in_keywords",
        "bool",
        "Whether `&` joins parameters of a keyword string.",
        _syntax("ampersand_in_keywords"),
    ),
    FactSpec(
        "syntax.unencoded_userinfo",
        "bool",
        "Whether user or password hold characters that must be percent-encoded.",
        _syntax("unencoded_userinfo"),
    ),
    FactSpec("syntax.duplicate", "str", "A parameter that is given twice.", _duplicates, optional=True),
    FactSpec(
        "syntax.duplicates_agree", "bool", "Whether repeated parameters all have the same value.", _duplicates_agree
    ),
    FactSpec("host.given", "bool", "Whether a host is named at all.", _host_given),
    FactSpec("host.label", "str", "The host's first label, `-pooler` included.", _host_label, optional=True),
    *NAMING,
    *OPTIONS,
    FactSpec("params.foreign", "str", "A parameter that only Prisma understands.", _foreign_param, optional=True),
    *(
        FactSpec(
            f"params.{name}", "str", f"The `{name}` parameter as written.", _component(f"params.{name}"), optional=True
        )
        for name in (
            "sslmode",
            "channel_binding",
            "sslrootcert",
            "sslnegotiation",
            "sslsni",
            "options",
            "connect_timeout",
            "ssl",
            "application_name",
            "target_session_attrs",
            "replication",
            "pgbouncer",
        )
    ),
)
