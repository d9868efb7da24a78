"""Projects made of texts, for tests of facts: files are read and linked as a run does it, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping

from neonlint import formats, manifests, platforms
from neonlint.config import Config
from neonlint.extract import extract
from neonlint.facts.answer import Answer, Known
from neonlint.facts.catalogue import FACTS
from neonlint.formats import claims
from neonlint.formats.claims import format_of, worth_parsing
from neonlint.ir.model import Client, Connection
from neonlint.link import Project


def project_of(files: Mapping[str, str], config: Config | None = None) -> Project:
    """The project that holds `files` (path to text), judged with `config`."""
    data = {path: text.encode() for path, text in files.items()}
    extracts = [
        extract(formats.load(name).read(path, text))
        for path, text in data.items()
        if worth_parsing(name := format_of(path), text) and not claims.is_lock(path)
    ]
    signs = {path: sign for path, text in data.items() if (sign := platforms.of_file(path, text)) is not None}
    named = {path: manifests.read(path, text) for path, text in data.items() if claims.is_manifest(path)}
    layout = {
        path: said
        for path, text in data.items()
        if claims.is_layout(path) or claims.may_be_barrel(path, text)
        if (said := manifests.layout(path, text, named.get(path, {}))) is not None
    }
    return Project(extracts, config or Config(), frozenset(files), manifests=named, signs=signs, layout=layout)


def connection_at(project: Project, path: str, name: str = "") -> Connection:
    """The connection of a file, by name where there are several."""
    found = [c for e in project.extracts if e.document.path == path for c in e.connections if name in ("", c.name)]
    assert len(found) == 1, [c.name for c in found]
    return found[0]


def client_at(project: Project, path: str) -> Client:
    """The only client of a file."""
    found = [client for client in project.clients if client.document.path == path]
    assert len(found) == 1, [client.name for client in found]
    return found[0]


def ask(project: Project, subject: Connection | Client, fact: str) -> Answer:
    """A fact of a subject."""
    kind = "connection" if isinstance(subject, Connection) else "client"
    answer = FACTS[kind][fact].compute(subject, project)
    return answer  # type: ignore[no-any-return]


def value(project: Project, subject: Connection | Client, fact: str) -> object:
    """A fact's value, `...` where it is not seen."""
    answer = ask(project, subject, fact)
    return answer.value if isinstance(answer, Known) else ...
