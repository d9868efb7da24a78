"""The connection string that a configuration is generated from: out of a variable, a file, or standard input."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine_files import Files, read_all
from neonlint.errors import UsageError
from neonlint.facts.answer import Known, Unseen
from neonlint.facts.reading import component, endpoint_of
from neonlint.ir.endpoint import Endpoint
from neonlint.ir.model import Connection
from neonlint.link import Project
from neonlint.targets.model import Link

_TAKEN = ("sslmode", "channel_binding", "sslrootcert", "application_name", "connect_timeout", "options")


def from_environment(name: str, environment: Mapping[str, str]) -> str:
    """The value of an environment variable. Raises UsageError where there is none."""
    value = environment.get(name, "")
    if not value:
        raise UsageError(f"the environment variable {name} is not set; export it, or name a file with --from")
    return value


def from_file(given: str, cwd: Path) -> str:
    """The connection string of `FILE` or `FILE:KEY`, KEY being the name or key that it stands under (`DATABASE_URL`,
    `DATABASES.default`) or a section above it. Any file is read that `check` reads. Raises UsageError where it is not
    just one.
    """
    path, key = given, ""
    if not (cwd / path).is_file() and ":" in given:
        path, _, key = given.rpartition(":")
    if not (cwd / path).is_file():
        raise UsageError(f"{path}: there is no such file; write --from FILE or --from FILE:KEY")
    root, name = (cwd / path).resolve().parent, Path(path).name
    files = read_all(root, [FoundFile(name)], Config(), {})
    if files.skipped:
        raise UsageError(f"{path}: {files.skipped[0].reason}: {files.skipped[0].detail}")
    return _only(path, key, files)


def _only(path: str, key: str, files: Files) -> str:
    project = Project(tuple(files.extracts.values()))
    found = [(c, e) for x in files.extracts.values() for c in x.connections if (e := _endpoint(c, project)) is not None]
    if key:
        found = [(c, e) for c, e in found if key in (c.name, c.key) or c.key.startswith(f"{key}.")]
    databases = {(e.id, _text(c, "user", project), _text(c, "database", project)) for c, e in found}
    if not found and not key and any(_placeholder(c, project) for x in files.extracts.values() for c in x.connections):
        raise UsageError(f"{path}: only a placeholder is written there; fill in the string of the Connect dialog")
    if not found:
        raise UsageError(
            f"{path}: no connection to Neon {f'under {key}' if key else 'is written there'} that can be read"
        )
    if len(databases) > 1:
        names = ", ".join(sorted({c.key or c.name for c, _ in found}))
        raise UsageError(f"{path}: several databases are written there; name one of them as {path}:KEY ({names})")
    return _as_url(found[0][0], project)


def _endpoint(connection: Connection, project: Project) -> Endpoint | None:
    seen = endpoint_of(connection, project)
    return seen.endpoint if not isinstance(seen, Unseen) and seen.endpoint.neon else None


def _placeholder(connection: Connection, project: Project) -> bool:
    seen = endpoint_of(connection, project)
    return not isinstance(seen, Unseen) and seen.endpoint.kind == "placeholder"


def _text(connection: Connection, name: str, project: Project) -> str | None:
    answer = component(connection, name, project)
    return str(answer.value) if isinstance(answer, Known) and answer.value is not None else None


def _as_url(connection: Connection, project: Project) -> str:
    """The connection as a URL, wherever its parts stand."""
    parts: dict[str, str | None] = {
        name: _text(connection, name, project) for name in ("host", "user", "password", "database", "port")
    }
    port = parts["port"] or ""
    params = {name: value for name in _TAKEN if (value := _text(connection, f"params.{name}", project)) is not None}
    link = Link(
        parts["host"] or "", parts["user"] or "", parts["password"] or "", parts["database"] or "",
        int(port) if port.isdecimal() else None, params,
    )  # fmt: skip
    text = link.url()
    return text if parts["password"] is not None else text.replace(":@", "@", 1)


def from_input(terminal: bool) -> str:
    """The first line of standard input, asked for without an echo where somebody types it."""
    try:
        text = getpass.getpass("Connection string (it is not shown): ") if terminal else sys.stdin.readline()
    except (EOFError, UnicodeDecodeError):
        text = ""
    if not text.strip():
        raise UsageError("standard input holds no connection string")
    return text.strip()


def given(word: str | None, from_env: str | None, from_file_: str | None, cwd: Path) -> str | None:
    """The connection string that the flags ask for (`word`: itself, or `-` for standard input), None where they name no
    source. Raises UsageError where they name two, or what they name holds none."""
    text = _given(word, from_env, from_file_, cwd)
    if text is not None and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise UsageError("the connection string is no UTF-8 text; copy it again from the Neon console")
    return text


def _given(word: str | None, from_env: str | None, from_file_: str | None, cwd: Path) -> str | None:
    if sum(source is not None for source in (word, from_env, from_file_)) > 1:
        raise UsageError("name one source: --from-env, --from, or - for standard input")
    if from_env is not None:
        return from_environment(from_env, os.environ)
    if from_file_ is not None:
        return from_file(from_file_, cwd)
    return from_input(sys.stdin.isatty()) if word == "-" else word
