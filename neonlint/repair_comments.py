"""Changes of comments alone: what is read of the file must stay what it was."""

from __future__ import annotations

from collections.abc import Iterable

from neonlint import formats
from neonlint.edits import Edit, apply
from neonlint.errors import ParseFailure
from neonlint.extract import extract
from neonlint.ir.findings import Finding
from neonlint.ir.model import Connection, Extract
from neonlint.records import replace

#: Why a comment is not taken away.
BOUND = "without this comment the rest of the file would be read differently"


def changed(current: Extract, edits: Iterable[Edit]) -> Extract | None:
    """The document with comments changed by `edits` (equal ones count once); None where anything else would change."""
    document, apart = current.document, list[Edit]()
    for edit in sorted(set(edits), key=lambda e: (e.start, e.end)):
        if not apart or edit.start >= apart[-1].end:
            apart.append(edit)
    try:
        again = extract(formats.load(document.format).read(document.path, apply(document.data, apart)))
    except ParseFailure:
        return None
    return again if again.document.data != document.data and _meaning(again) == _meaning(current) else None


def possible(current: Extract, findings: list[Finding]) -> list[Finding]:
    """The findings about comments of a document, without the fixes after which the rest would be read differently."""
    edits = [edit for finding in findings if finding.fix for edit in finding.fix.edits]
    if not edits or changed(current, edits) is not None:
        return findings
    return [
        finding
        if finding.fix is None or changed(current, finding.fix.edits) is not None
        else replace(finding, fix=None, refusal=BOUND)
        for finding in findings
    ]


def _meaning(found: Extract) -> list[object]:
    """What a file says about databases, without where it says so."""
    parts: list[object] = [_connection(connection) for connection in found.connections]
    parts += [(client.library, client.name, client.scope, sorted(client.options)) for client in found.clients]
    parts += [(s.feature, s.text) for s in found.statements] + [log.name for log in found.logs]
    parts += [(d.name, d.version) for d in found.dependencies] + [(s.key, s.value) for s in found.settings]
    return [*parts, *(tuple(getattr(word, "value", None) for word in c.shell.words) for c in found.commands)]


def _connection(connection: Connection) -> object:
    if connection.slot is not None:
        return connection.slot.text
    return [(name, getattr(e.value, "value", None)) for name, e in sorted(connection.fields.items())]
