"""Reads the files of a run and takes out of each what the project is made of. Most files say nothing about a database:
they are read, looked through for a few words, and left."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from neonlint import formats, platforms
from neonlint.barrier import guarded
from neonlint.config import Config
from neonlint.discover import FoundFile, limit_of, read
from neonlint.errors import ParseFailure
from neonlint.extract import extract
from neonlint.formats.claims import (
    format_with,
    is_layout,
    is_lock,
    is_manifest,
    may_be_barrel,
    worth_parsing,
)
from neonlint.ir.findings import Skip, SkipReason, SourceText
from neonlint.ir.model import Extract
from neonlint.ir.source import Span
from neonlint.link import Project
from neonlint.places import secrets_of
from neonlint.records import dataclass, field

if TYPE_CHECKING:
    from neonlint.engine_sift import Sifting
    from neonlint.manifests import Requirement
    from neonlint.manifests_packages import Layout


#: Below this many files a second process costs more than it saves.
_MANY = 1_500


@dataclass(slots=True, eq=False, repr=False)
class Files:
    """What was read: the parsed documents, what manifests, lock files and platform files say, and what was skipped."""

    extracts: dict[str, Extract] = field(default_factory=dict)
    manifests: dict[str, Mapping[str, Requirement]] = field(default_factory=dict)
    signs: dict[str, platforms.Told] = field(default_factory=dict)
    layout: dict[str, Layout] = field(default_factory=dict)
    skipped: list[Skip] = field(default_factory=list)
    checked: int = 0

    def add_context(self, other: Files) -> None:
        """Take in what other files say; that some of them were not read is not told here."""
        self.extracts |= other.extracts
        self.manifests |= other.manifests
        self.signs |= other.signs
        self.layout |= other.layout

    def project(self, config: Config, tracked: Mapping[str, bool | None]) -> Project:
        """All of it, linked. `tracked` has the path of each file of the project, with whether git tracks it."""
        extracts = tuple(self.extracts.values())
        return Project(extracts, config, frozenset(tracked), tracked, self.manifests, self.signs, self.layout)


def sources(paths: Collection[str], found: Files, root: Path, config: Config) -> dict[str, SourceText]:
    """The bytes of the files that a report speaks of. Nothing may be shown of one that was not parsed, or whose secrets
    cannot be told (`found` hears of that)."""
    texts = {path: _source(path, current, found) for path, current in found.extracts.items() if path in paths}
    for path in set(paths) - texts.keys():
        data = read(root, FoundFile(path), limit_of(path, config))
        if not isinstance(data, Skip):
            texts[path] = SourceText(data, (Span(0, len(data)),))
    return texts


def _source(path: str, current: Extract, found: Files) -> SourceText:
    data = current.document.data
    secrets = guarded(path, partial(secrets_of, current))
    if isinstance(secrets, Skip):
        found.skipped.append(secrets)
        return SourceText(data, (Span(0, len(data)),))
    return SourceText(data, secrets)


def read_all(root: Path, files: Sequence[FoundFile], config: Config, given: Mapping[str, bytes]) -> Files:
    """Read `files` (relative to `root`); `given` holds bytes that stand for a file's content."""
    found = Files()
    base = os.fspath(root)
    sifting = _beside(files, partial(_look, base, config)) if len(files) >= _MANY and not given else None
    try:
        for position, file in enumerate(files):
            sifted = sifting.of(position) if sifting is not None else None
            if sifted is not None and position in sifted.silent:
                found.checked += 1
            elif sifted is not None and position in sifted.skipped:
                _skipped(sifted.skipped[position], found)
            else:
                _read(base, file, config, given, found)
    finally:
        if sifting is not None:
            sifting.end()
    return found


def _beside(files: Sequence[FoundFile], look: Callable[[FoundFile], Skip | bool | None]) -> Sifting | None:
    from neonlint.engine_sift import Sifting  # noqa: PLC0415 -- most runs are on a few files

    return Sifting.start(files, look)


def _read(base: str, file: FoundFile, config: Config, given: Mapping[str, bytes], found: Files) -> None:
    """Read one file and take it in if it may say something."""
    data = given.get(file.path)
    if data is None:
        content = _content(base, file, config)
        if not isinstance(content, bytes):
            _skipped(content, found)
            return
        data = content
    found.checked += 1
    name = _format(file.path, data)
    if name is not None or _says_more(file.path, data):
        failed = guarded(file.path, partial(_take, file.path, name, data, found))
        if failed is not None:
            found.skipped.append(failed)


def _skipped(skip: Skip | None, found: Files) -> None:
    """Note a file that was not read; None stands for one that is left out without a word."""
    if skip is not None:
        found.skipped.append(skip)


def _look(base: str, config: Config, file: FoundFile) -> Skip | bool | None:
    """Whether a file may say something; why it was not read, None for a lock file that is passed over silently."""
    content = _content(base, file, config)
    if not isinstance(content, bytes):
        return content
    return _format(file.path, content) is not None or _says_more(file.path, content)


def _content(base: str, file: FoundFile, config: Config) -> bytes | Skip | None:
    content = read(base, file, limit_of(file.path, config))
    if isinstance(content, Skip) and is_lock(file.path) and content.reason in ("too-large", "binary"):
        return None
    return content


def _format(path: str, data: bytes) -> str | None:
    """The format to parse a file with; None where it is not worth that."""
    name = format_with(path, data)
    return name if worth_parsing(name, data) and not is_lock(path) else None


def _says_more(path: str, data: bytes) -> bool:
    return is_manifest(path) or platforms.may_be_sign(path, data) or _says_layout(path, data)


def _says_layout(path: str, data: bytes) -> bool:
    return is_layout(path) or may_be_barrel(path, data)


def _take(path: str, name: str | None, data: bytes, found: Files) -> None:
    """Take in one file, and parse it as format `name` where it has one."""
    if is_manifest(path):
        from neonlint import manifests  # noqa: PLC0415 -- a run on one dotenv file meets none

        found.manifests[path] = manifests.read(path, data)
    if is_layout(path) or (name is None and may_be_barrel(path, data)):
        from neonlint import manifests  # noqa: PLC0415 -- as above

        if (layout := manifests.layout(path, data, found.manifests.get(path, {}))) is not None:
            found.layout[path] = layout
    if platforms.may_be_sign(path, data) and (told := platforms.of_file(path, data)) is not None:
        found.signs[path] = told
    if name is None:
        return
    try:
        found.extracts[path] = extract(formats.load(name).read(path, data))
    except ParseFailure as failure:
        reason: SkipReason = "undecodable" if "UTF" in failure.reason else "not-parsed"
        found.skipped.append(Skip(path, reason, failure.reason, failure.row))
        if reason == "not-parsed" and worth_parsing("text", data):
            # Its structure is not guessed, but a literal connection string in it is still one.
            with suppress(ParseFailure):  # its encoding, too, may be broken
                found.extracts[path] = extract(formats.load("text").read(path, data))
