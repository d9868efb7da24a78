"""Options of a client that are set in another place than its call or table: other settings modules, the URL's query."""

from __future__ import annotations

from neonlint.facts.answer import Answer, Known, Scalar, Unseen
from neonlint.ir.model import Client
from neonlint.ir.source import Document, Table
from neonlint.link import Project

#: Django's settings by canonical option; django-environ takes them out of the URL's query in any letter case.
_DJANGO_NAMES = {
    "max_age": "CONN_MAX_AGE",
    "health_checks": "CONN_HEALTH_CHECKS",
    "server_side_cursors_disabled": "DISABLE_SERVER_SIDE_CURSORS",
}


def set_elsewhere(client: Client, name: str, project: Project) -> str | None:
    """Another place of the package that sets this option: a settings module that changes DATABASES, another
    configuration class."""
    root = project.root_of(client.document.path)
    for extract in project.extracts:
        document = extract.document
        if document.root is None or document.format != "python" or project.root_of(document.path) != root:
            continue
        if client.library == "django":
            if document is not client.document and _touches(document, client.name, _DJANGO_NAMES.get(name, name)):
                return document.path
        elif any(
            c.callee == "flask_sqlalchemy.SQLAlchemy" and c.keywords.get("engine_options") for c in document.calls
        ) or any(
            t.get("SQLALCHEMY_ENGINE_OPTIONS") not in (None, client.table) for t in _settings_tables(document.root)
        ):
            return document.path
    return None


def _settings_tables(root: Table) -> list[Table]:
    inner = [
        e.value
        for e in root.entries
        if isinstance(e.value, Table) and (e.value.kind == "class" or e.key.endswith(".config"))
    ]
    return [root, *inner]


def _touches(document: Document, alias: str, key: str) -> bool:
    """Whether a settings module that imports DATABASES changes this key of this alias, or something that was not
    followed."""
    assert document.root is not None
    changed = document.root.get("DATABASES")
    if isinstance(changed, Table) and changed.complete:
        return False
    entry = changed.get(alias.removeprefix("DATABASES.")) if isinstance(changed, Table) else None
    return "DATABASES" in document.mutates or (isinstance(entry, Table) and entry.get(key) is not None)


#: What django-environ reads as Python literals.
_WORDS: dict[str, bool | None] = {"True": True, "False": False, "None": None}


def in_environ_url(client: Client, name: str, project: Project) -> Answer:
    """An alias setting that django-environ lifts out of the URL's query."""
    wanted = _DJANGO_NAMES.get(name, name)
    found = project.reached_by(client)
    if not found.connections or not found.complete:
        return Unseen("the URL may set options and is not seen")
    for connection in found.connections:
        for param in connection.view.params if connection.view is not None else ():
            if param.name.upper() == wanted:
                text = param.value.text
                return Known(_WORDS[text] if text in _WORDS else number(text))
    return Known(None)


def number(value: Scalar) -> Scalar:
    """The number that a text of digits is; anything else as it is."""
    return int(value) if isinstance(value, str) and value.isdigit() else value
