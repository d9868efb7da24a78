"""Passwords that stand in a file outside of any connection that is read: in a variable of their own, beside a Neon host
in code, in prose, in a comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neonlint.dialects.fields import Group, environment_groups, group, looks_like_connection
from neonlint.extract_data import walk_with_path
from neonlint.ir.endpoint import parse as parse_host
from neonlint.ir.model import Connection, Standing
from neonlint.ir.source import Document, Entry, Scalar, Slot, Span, Table
from neonlint.records import replace
from neonlint.regex import regex

_NEON_PASSWORD = regex(r"(?<![A-Za-z0-9_])npg_[A-Za-z0-9]{12,}(?![A-Za-z0-9])")
_NEON_PASSWORD_BYTES = regex(_NEON_PASSWORD.pattern.encode())


def bare_secrets(document: Document, connections: Sequence[Connection]) -> Iterator[Connection]:
    """One connection, known by its password alone, for each Neon password that stands outside of `connections`."""
    covered = [c.span for c in connections if c.slot is not None]
    covered += [c.fields["password"].value.span for c in connections if "password" in c.fields]
    slots = list(_every_slot(document))
    slots += _outside_slots(document, [*covered, *(slot.span for _, slot, _ in slots)])
    for entry, slot, scope in slots:
        if any(s.start <= slot.span.start and slot.span.end <= s.end for s in covered):
            continue
        match = _NEON_PASSWORD.search(slot.text)
        if match is None:
            continue
        start = slot.bytes_of(*match.span())
        piece = Slot(
            match[0],
            slot.starts[match.start() : match.end()],
            slot.ends[match.start() : match.end()],
            start,
            slot.style,
            writable=False,
        )
        alone = slot.writable and match[0] == slot.text
        held = Scalar(slot.text, slot.span, slot) if alone else Scalar(match[0], start, piece)
        secret = Entry(entry.key, entry.key_span, held, start)
        table = Table("mapping", (secret,), start)
        standing: Standing = "text" if document.format == "text" else "code" if scope is not None else "config"
        yield Connection(
            document,
            "fields",
            standing,
            entry.key,
            entry.key,
            entry.key_span,
            table=table,
            fields={"password": secret},
            family="secret",
            scope=scope or "",
        )


def secrets_beside_hosts(document: Document, connections: Sequence[Connection]) -> Iterator[Connection]:
    """One connection for each Neon host of a code file that stands in one table, or one scope of names, with a literal
    password. Only these two are known of it: what opens it, and with which parameters, is not in sight."""
    read = {c.fields["password"].value.span for c in connections if "password" in c.fields}
    for root in document.roots:
        for table in (value for _, _, _, value in walk_with_path(root) if isinstance(value, Table)):
            for found in _groups(table):
                host, password = found.fields["host"], found.fields.get("password")
                if password is None or password.value.span in read or not (_is_neon(host) and _literal(password)):
                    continue
                read.add(password.value.span)
                yield Connection(
                    document,
                    "fields",
                    "code",
                    password.key,
                    password.key,
                    password.key_span,
                    table=table,
                    fields={"host": host, "password": password},
                    family="secret",
                )


def _groups(table: Table) -> Iterator[Group]:
    # A name that is read from the environment further down was given a literal all the same.
    yield from environment_groups(replace(table, entries=tuple(e for e in table.entries if _literal(e))))
    if looks_like_connection(table) and (found := group(table, "mapping")) is not None:
        yield found


def _literal(entry: Entry) -> bool:
    return isinstance(entry.value, Scalar) and entry.value.slot is not None and isinstance(entry.value.value, str)


def _is_neon(entry: Entry) -> bool:
    return _literal(entry) and isinstance(entry.value, Scalar) and parse_host(str(entry.value.value)).neon


def _outside_slots(document: Document, read: list[Span]) -> Iterator[tuple[Entry, Slot, None]]:
    """Neon passwords that no value holds (in comments, above all), as slots; a text file is searched whole anyway."""
    if document.format == "text":
        return
    for match in _NEON_PASSWORD_BYTES.finditer(document.data):
        start, end = match.span()
        if not any(span.start <= start < span.end for span in read):
            at = Span(start, start + 1)
            text, ends = match[0].decode(), range(start + 1, end + 1)
            slot = Slot(text, range(start, end), ends, Span(start, end), "", writable=False)
            yield Entry("", at, Scalar("", at), at), slot, None


def _every_slot(document: Document) -> Iterator[tuple[Entry, Slot, str | None]]:
    from neonlint.extract_code import named_at  # noqa: PLC0415 - data files do without it

    for literal in document.literals:
        at = named_at(literal)
        yield Entry(literal.key or "", at, Scalar("", at), at), literal.slot, literal.scope
    for root in document.roots if not document.literals else ():
        for _, _, entry, value in walk_with_path(root):
            if isinstance(value, Scalar) and value.slot is not None and entry is not None:
                yield entry, value.slot, None
