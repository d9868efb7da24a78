"""Where a finding points: from a component's name to bytes of the file, never to a place that tells a password's
length."""

from __future__ import annotations

from collections.abc import Sequence

from neonlint.dialects import recognise
from neonlint.ir.model import Client, Command, Connection, Extract, Setting, Subject
from neonlint.ir.source import Scalar, Span, Table, has_hole
from neonlint.regex import regex

#: Secrets among the parameters of a URL.
_SECRET = ("password", "sslpassword")
_NEON_PASSWORD = regex(rb"npg_[A-Za-z0-9]+")


def label(subject: Subject, at: str) -> Span | None:
    """The bytes of the component `at` of a subject, None where it is not written."""
    if isinstance(subject, Connection):
        return _of_connection(subject, at)
    if isinstance(subject, Client):
        return _of_client(subject, at)
    if isinstance(subject, Command):
        return _of_command(subject, at)
    if isinstance(subject, Setting) and subject.entry is not None and at == "value":
        return subject.entry.value.span
    return subject.span


def _of_connection(connection: Connection, at: str) -> Span | None:
    if at == "key":
        return connection.key_span
    if at == "value":
        return connection.span if connection.slot is not None else None
    if connection.view is not None and connection.slot is not None:
        part = connection.view.part(at)
        return connection.slot.bytes_of(part.start, part.end) if part else None
    entry = connection.fields.get(at)
    return entry.value.span if entry else None


#: What other libraries have in place of an option.
_OTHER_NAMES = {
    "statement_cache": ("prepare",),
    "connect_timeout": ("connect_milliseconds",),
    "startup_settings": ("statement_timeout", "lock_timeout", "idle_in_transaction_timeout"),
}


def _of_client(client: Client, at: str) -> Span | None:
    name = at.removeprefix("options.").removeprefix("given.")
    if name not in client.options:
        name = next((other for other in _OTHER_NAMES.get(name, ()) if other in client.options), name)
    if name != at and (value := client.options.get(name)) is not None:
        return value.span
    if name != at and (value := client.overrides.get(name)) is not None:
        return value.span
    if name != at and (entry := client.table.entry(name)) is not None:
        return entry.value.span
    if at == "target" and client.target is not None:
        return client.target.span
    if client.fields is not None and (found := _of_connection(client.fields, at)) is not None:
        return found
    return client.name_span


def _of_command(command: Command, at: str) -> Span | None:
    """`target` is the connection string given to it, `value` that or what its author meant it to be, `host` the host in
    it; else the words that name it."""
    unquoted = command.shell.unquoted
    if at == "value" and unquoted is not None:
        return unquoted.span
    if at == "host" and command.fields is not None:
        return _of_connection(command.fields, at)
    if at == "host" and (host := _host_in(command)) is not None:
        return host
    if at in ("target", "value", "host") and command.target is not None:
        return command.target.span
    return command.name_span


def _host_in(command: Command) -> Span | None:
    """Where the host stands in a connection string of the command's words, None where there is none."""
    values = (command.target, *(entry.value for entry in command.shell.environment.entries))
    for value in values:
        slot = value.slot if isinstance(value, Scalar) else None
        seen = recognise(slot.text) if slot is not None else None
        if slot is not None and seen is not None and (part := seen[1].part("host")) is not None:
            return slot.bytes_of(part.start, part.end)
    return None


def anchor(subject: Subject, at: str, shown: Span | None, data: bytes, secrets: Sequence[Span]) -> Span:
    """The span that a report names: the key where it stands on the label's line, else a place there that no secret
    precedes."""
    key = _key(subject, at)
    if shown is None or _row(data, key.start) == _row(data, shown.start):
        return key if not _behind_secret(key, data, secrets) else _line_start(key, data)
    return shown if not _behind_secret(shown, data, secrets) else _line_start(shown, data)


def _key(subject: Subject, at: str) -> Span:
    if isinstance(subject, Connection):
        entry = subject.fields.get(at)
        return entry.key_span if entry is not None else subject.key_span
    if isinstance(subject, Client | Command | Setting):
        return subject.name_span
    return subject.span


def _row(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at)


def _behind_secret(span: Span, data: bytes, secrets: Sequence[Span]) -> bool:
    """Whether a secret begins before the end of `span` on the same line."""
    line = data.rfind(b"\n", 0, span.start) + 1
    return any(s.end > line and s.start < span.end for s in secrets)


def _line_start(span: Span, data: bytes) -> Span:
    line = data.rfind(b"\n", 0, span.start) + 1
    while data[line : line + 1] in (b" ", b"\t"):
        line += 1
    return Span(line, line + 1)


def secrets_of(extract: Extract) -> tuple[Span, ...]:
    """Every byte range of a document that must never be shown."""
    found = [span for c in extract.connections for span in _secrets_of_connection(c)]
    data = extract.document.data
    if b"npg_" in data:
        found += [Span(*m.span()) for m in _NEON_PASSWORD.finditer(data)]
    return tuple(sorted(set(found)))


def _secrets_of_connection(connection: Connection) -> list[Span]:
    if connection.view is not None and connection.slot is not None:
        given = [param.value for param in connection.view.params if param.name in _SECRET]
        parts = (connection.view.part("password"), *given)
        written = [part for part in parts if part is not None and any(not has_hole(char) for char in part.text)]
        return [connection.slot.bytes_of(part.start, part.end) for part in written]
    entry = connection.fields.get("password")
    if entry is None:
        return []
    value = entry.value
    if isinstance(value, Scalar) and value.slot is not None and value.slot.text:
        return [value.slot.bytes_of(0, len(value.slot.text))]
    return [] if isinstance(value, Table) or not isinstance(value, Scalar) else [value.span]
