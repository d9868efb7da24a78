"""From one connection string to a target's configuration: the repairs of `fix` decide what it says.

The string is repaired as if it stood in an environment file; the pooled and the direct form are both made of the
result, so they cannot diverge. What a target prints is repaired and judged once more, in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from neonlint import engine, formats
from neonlint.config import Config
from neonlint.dialects import DIALECTS
from neonlint.discover import FoundFile
from neonlint.edits import Edit, apply
from neonlint.errors import ParseFailure, UsageError
from neonlint.extract import extract
from neonlint.formats.claims import format_with
from neonlint.ir.endpoint import parse as parse_host
from neonlint.ir.findings import Finding, SourceText
from neonlint.ir.source import Items, Scalar, Span, Table, Value, has_hole
from neonlint.ir.view import View
from neonlint.places import secrets_of
from neonlint.sizing import Compute
from neonlint.targets.model import NO_PASSWORD, POOLED, File, Link, Output, Plan, Pool, Profile, Role, Runtime, Target
from neonlint.targets.text import dotenv

#: What stands for a database that nobody named: it parses everywhere and is plainly none.
PLACEHOLDER = f"postgresql://app_user:{NO_PASSWORD}@ep-your-endpoint-12345678-pooler.your-region.aws.neon.tech/dbname"
#: What is taken over of a connection string's own parameters; TLS and time-outs are decided here.
_KEPT = ("application_name",)
_DECIDED = ("sslmode", "channel_binding", "sslrootcert", "connect_timeout", "ssl")
#: Where the files of a run stand that are on no disk.
_NOWHERE = Path("/nonexistent/neonlint")
#: Neon suspends a compute after five minutes unless it is told otherwise.
SUSPENDS_AFTER = 300
_CONNECT_TIMEOUT = 15
_SERVER_POOL, _SERVERLESS_POOL = 10, 2
_MOST = 20
#: Seconds: functions are frozen between requests, so what they do not use they should not hold (Neon advises 5 to 10).
_SERVER_IDLE, _FUNCTION_IDLE = 60, 10
#: Seconds that a connection lives at most where no suspended compute ends it: half an hour, as pools usually have it.
_LONGEST_LIFE = 1800
_NEON_DOMAINS = (".neon.tech", ".neon.build")


class Wish(NamedTuple):
    """What a user asks for beside target and connection string; None is "not said"."""

    profile: Profile = "baseline"
    runtime: Runtime | None = None
    role: Role | None = None
    compute: Compute | None = None
    workers: int | None = None
    suspend_seconds: int = SUSPENDS_AFTER
    with_secret: bool = False


class Generated(NamedTuple):
    """What was generated, with every note that belongs to it, and what `check` still says of it (hints, as a rule)."""

    output: Output
    findings: tuple[Finding, ...]


def generate(target: Target, text: str | None, wish: Wish) -> Generated:
    """Generate for `target` from the connection string `text` (None: from a placeholder).

    Raises UsageError where the string is none, does not lead to Neon, or the target cannot serve what is asked for.
    """
    plan = plan_of(target, text, wish)
    made = finished(target.render(plan), wish)
    left_out = (
        [] if text is None else [f"not taken over from the connection string: {name}" for name in _left_out(text)]
    )
    return made._replace(output=made.output._replace(notes=(*made.output.notes, *left_out)))


def plan_of(target: Target, text: str | None, wish: Wish) -> Plan:
    """What the target is to be told. Raises UsageError as `generate` does."""
    runtime = wish.runtime or target.runtimes[0]
    role = wish.role or target.roles[0]
    for asked, served in ((runtime, target.runtimes), (role, target.roles)):
        if asked not in served:
            raise UsageError(f"`{target.name}` is not for {asked}: {target.refusals[asked]}")
    link = link_of(PLACEHOLDER if text is None else text, wish)
    pooled, direct = link.through_pooler(True), link.through_pooler(False)
    return Plan(pooled, direct, wish.profile, runtime, role, pool_of(wish, runtime))


def link_of(text: str, wish: Wish) -> Link:
    """The connection that a text describes, repaired, with the TLS of the profile and no password unless asked for."""
    view = _view(_repaired(text))
    host, user, database = (view.text(name) for name in ("host", "user", "database"))
    endpoint = parse_host(host or "")
    placeholder = endpoint.kind == "placeholder" and (host or "").lower().endswith(_NEON_DOMAINS)
    if host is None or not (endpoint.neon or placeholder):
        raise UsageError(f"the connection string leads to {host or 'no host'}, which is no Neon endpoint")
    if user is None:
        raise UsageError(
            "the connection string names no role; copy it again from the Connect dialog of the Neon console"
        )
    password = view.text("password") if wish.with_secret else None
    if wish.with_secret and password is None:
        raise UsageError("the connection string has no password for --with-secret to write")
    if password is not None and has_hole(password):
        raise UsageError(
            "the password is not literal, so --with-secret cannot write it; give the connection string itself"
        )
    port = view.text("port")
    kept = {param.name: param.value.text for param in view.params if param.name in _KEPT}
    tls = {"sslmode": "require", "channel_binding": "require"}
    if wish.profile == "strict":
        tls = {"sslmode": "verify-full", "channel_binding": "require", "sslrootcert": "system"}
    return Link(
        host,
        user,
        password or NO_PASSWORD,
        database or "neondb",
        None if port in (None, "5432") else int(port),
        tls | kept,
    )


def _left_out(text: str) -> list[str]:
    """The parameters of a connection string that are neither kept nor decided here."""
    return [param.name for param in _view(_repaired(text)).params if param.name not in (*_KEPT, *_DECIDED)]


def _repaired(text: str) -> str:
    """The text after every repair that `fix --unsafe-fixes` would make of it in an environment file."""
    path = ".env"
    given = {path: f"{POOLED}='{text.strip()}'\n".encode()}
    changes = _run(given, Config()).changes
    data = changes[path].new if path in changes else given[path]
    return data.decode().partition("=")[2].strip().strip("'")


def _view(text: str) -> View:
    for dialect in DIALECTS.values():
        if (view := dialect.view(text)) is not None:
            return view
    raise UsageError(
        "that is no Postgres connection string; it looks like postgresql://role:password@ep-….aws.neon.tech/database"
    )


def pool_of(wish: Wish, runtime: Runtime) -> Pool:
    """How large a pool of the application may be, and how long its connections may idle: no longer than the compute
    stays awake without queries."""
    awake = wish.suspend_seconds if wish.suspend_seconds > 0 else _LONGEST_LIFE * 2
    usual = _SERVER_POOL if runtime == "server" else _SERVERLESS_POOL
    size, why = usual, tuple[str, ...]()
    if wish.compute is not None:
        size, why = _share(wish.compute, wish.workers or 1, _MOST if runtime == "server" else _SERVERLESS_POOL)
    idle = min(_SERVER_IDLE if runtime == "server" else _FUNCTION_IDLE, awake // 2)
    return Pool(size, idle, min(awake * 4 // 5, _LONGEST_LIFE), _CONNECT_TIMEOUT, why)


def _share(compute: Compute, workers: int, most: int) -> tuple[int, tuple[str, ...]]:
    """What one process may open, with the arithmetic: the pooler's connections for one role on one database, shared."""
    size = max(min(compute.pooler_size // workers, most), 1)
    processes = "1 process" if workers == 1 else f"{workers} processes"
    each = f"{size} connection{'s' * (size > 1)}" + (" each" if workers > 1 else "")
    if workers * size <= compute.pooler_size:
        use = f"{processes} with {each}: {workers * size} of them."
    else:
        use = f"{processes} with {each}: {workers * size} clients of those; the rest wait in the pooler."
    why = (
        f"{compute}: max_connections is {compute.max_connections}, of which the pooler opens {compute.pooler_size}"
        " for one role and database.",
        use,
    )
    return size, why


def finished(output: Output, wish: Wish) -> Generated:
    """The output after the repairs of `fix`, with what is left to find in it. With a secret, the environment file that
    sets the variables is one of its files."""
    files = output.files
    if wish.with_secret and output.variables:
        files = (*files, File(".env", dotenv(output.variables), private=True))
    outcome = _run({file.path: file.text.encode() for file in files}, Config(suspend_seconds=wish.suspend_seconds))
    repaired = tuple(
        file._replace(text=outcome.changes[file.path].new.decode()) if file.path in outcome.changes else file
        for file in files
    )
    return Generated(output._replace(files=repaired), tuple(outcome.report.findings))


def _run(given: Mapping[str, bytes], config: Config) -> engine.Outcome:
    return engine.run(_NOWHERE, [FoundFile(path) for path in given], config, repair="unsafe", given=given)


def source_text(path: str, data: bytes, *, private: bool = False) -> SourceText:
    """The bytes of a file with the places of its secrets; where these cannot be told, all of it is one. In an
    environment file, and in any that is `private`, every value is one, but what can be seen of a connection string:
    others may be keys of something else. In a password file it is every password, whatever the host.
    """
    name = format_with(path, data)
    try:
        found = extract(formats.load(name).read(path, data))
    except ParseFailure:
        return SourceText(data, (Span(0, len(data)),))
    secrets = secrets_of(found)
    if private or name in ("dotenv", "pgpass"):
        known = {id(connection.slot) for connection in found.connections if connection.slot is not None}
        values = [(key, value) for key, value in _scalars(found.document.root) if id(value.slot) not in known]
        secrets = (*secrets, *(value.span for key, value in values if name != "pgpass" or key == "password"))
    return SourceText(data, tuple(sorted(secrets)))


def _scalars(value: Value | None, key: str = "") -> Iterator[tuple[str, Scalar]]:
    """Every literal in a value, with the key that it stands under."""
    if isinstance(value, Scalar):
        yield key, value
    elif isinstance(value, Table):
        for entry in value.entries:
            yield from _scalars(entry.value, entry.key)
    elif isinstance(value, Items):
        for item in value.values:
            yield from _scalars(item, key)


def merged(path: str, old: bytes, new: bytes) -> bytes:
    """An environment file with the variables of another: those that it has are replaced in place, others are added at
    its end with their comments, and everything else stays."""
    reader = formats.load("dotenv")
    there, added = reader.read(path, old), reader.read(path, new)
    assert there.root is not None and added.root is not None
    edits, rest, at = [], bytearray(), 0
    for entry in added.root.entries:
        own = there.root.entry(entry.key)
        if own is not None:
            edits.append(Edit(own.key_span.start, own.span.end, new[entry.key_span.start : entry.span.end]))
        else:
            rest += new[at : entry.span.end].lstrip() + b"\n"
        at = entry.span.end
    whole = apply(old, edits)
    if rest and whole and not whole.endswith(b"\n"):
        whole += b"\n"
    return whole + bytes(rest)
