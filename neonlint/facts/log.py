"""Facts about a call that shows something in a log: what is shown, and whether that matters."""

from __future__ import annotations

import re

from neonlint.dialects import recognise
from neonlint.facts.answer import Answer, FactSpec, Known
from neonlint.facts.roles import ROLES, in_tests, of_place
from neonlint.ir.model import LogCall
from neonlint.ir.source import Entry, EnvRef, Scalar, Slot, Table
from neonlint.link import Project
from neonlint.regex import regex

_MASKING_TYPE = regex(rb"\bSecret(?:Str|Bytes)?\b")
_NOT_POSTGRES = regex(
    r"(?:sqlite|mysql|mariadb|mongodb|mssql|oracle|rediss?|libsql|file|duckdb|snowflake|bigquery|cockroachdb|clickhouse)"
    r"(?:\+[\w.]+)?:",
    re.IGNORECASE,
)


def _log_role(log: LogCall, project: Project) -> Answer:
    return of_place(log.document, project) or Known("runtime")


def _declarations(log: LogCall, project: Project) -> list[tuple[bytes, Entry]]:
    """The assignments and class fields of the project that the shown name is declared by, each with its source."""
    wanted = log.name.lower()
    found: list[tuple[bytes, Entry]] = []
    for extract in project.extracts:
        tables = [root for root in extract.document.roots if extract.document.format == "python"]
        tables += [
            e.value for root in tables for e in root.entries if isinstance(e.value, Table) and e.value.kind == "class"
        ]
        for entry in (entry for table in tables for entry in table.entries):
            name = entry.value.name.lower() if isinstance(entry.value, EnvRef) else ""
            if wanted in (entry.key.lower(), name):
                found.append((extract.document.data, entry))
    return found


def _masked_type(log: LogCall, project: Project) -> Answer:
    """Whether its declared type hides its text when shown (pydantic's `SecretStr`, Starlette's `Secret`)."""
    found = _declarations(log, project)
    return Known(any(_MASKING_TYPE.search(data[e.span.start : e.span.end]) is not None for data, e in found))


def _leads_elsewhere(log: LogCall, project: Project) -> Answer:
    return leads_elsewhere(log.name, log.document.path, project)


def leads_elsewhere(name: str, path: str, project: Project) -> Answer:
    """Whether the project's own definitions of a variable say that it is no Postgres at all."""
    for definition in project.definitions_of(name.upper(), path):
        value = definition.entry.value
        slot: Slot | None = value.slot if isinstance(value, Scalar) else None
        if slot is not None and recognise(slot.text) is None and _NOT_POSTGRES.match(slot.text.strip()):
            at = (definition.document, definition.entry.key_span)
            return Known(True, (project.reason(f"`{name}` is no Postgres URL in", *at),))
    return Known(False)


def _host_only(log: LogCall, project: Project) -> Answer:
    in_python = log.document.format == "python"
    return Known(f"urlsplit({log.name}).hostname" if in_python else f"new URL({log.name}).host")


LOG: tuple[FactSpec, ...] = (
    FactSpec("name", "str", "The variable that is shown.", lambda log, p: Known(log.name)),
    FactSpec("host_only", "str", "What to show in its place: an expression for the host alone.", _host_only),
    FactSpec("role", "enum", "What its code is for.", _log_role, ROLES),
    FactSpec("file.test", "bool", "Whether the file belongs to tests, or the configuration says so.", in_tests),
    FactSpec("masked", "bool", "Whether the value is of a type that hides itself when it is shown.", _masked_type),
    FactSpec(
        "elsewhere",
        "bool",
        "Whether the project says that the value is no Postgres connection string.",
        _leads_elsewhere,
    ),
)
