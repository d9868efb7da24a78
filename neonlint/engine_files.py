"""Reads the files of a run and takes out of each what the project is made of. Most files say nothing about a database:
they are read, looked through for a few words, and left."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from neonlint import formats, platforms
from neonlint.barrier import guarded
from neonlint.config import Config
from neonlint.discover import FoundFile, limit_of, read, refuse
from neonlint.errors import ParseFailure
from neonlint.extract import extract
from neonlint.formats.claims import (
    format_with,
    is_layout,
    is_lock,
    is_manifest,
    is_report,
    may_be_barrel,
    worth_parsing,
)
from neonlint.ir.findings import Skip, SkipReason, SourceText
from neonlint.ir.model import Extract
from neonlint.ir.source import Span
from neonlint.link import Project
from neonlint.means import Means
from neonlint.places import secrets_of
from neonlint.records import dataclass, field

if TYPE_CHECKING:
    from neonlint.cache import Cache
    from neonlint.manifests import Requirement
    from neonlint.manifests_packages import Layout


#: Below so many files nobody is called in to read them, and there is no cache: both would cost more than they save.
_MANY, _REMEMBERED = 100, 500
#: Files are handed out in so many blocks, so that all processes end at about the same time, but in none of more files:
#: the others are called in between two blocks.
_BLOCKS, _BLOCK = 64, 32
_USUAL = Means()


@dataclass(slots=True, eq=False, repr=False)
class Files:
    """What was read: the parsed documents, what manifests, lock files and platform files say, and what was skipped.
    `learned` is for the cache, `root` the directory that paths are relative to."""

    extracts: dict[str, Extract] = field(default_factory=dict)
    manifests: dict[str, Mapping[str, Requirement]] = field(default_factory=dict)
    signs: dict[str, platforms.Told] = field(default_factory=dict)
    layout: dict[str, Layout] = field(default_factory=dict)
    skipped: list[Skip] = field(default_factory=list)
    checked: int = 0
    learned: list[str] = field(default_factory=list)
    root: str = ""

    def add(self, other: Files) -> None:
        """Take in other files of the same run."""
        self.add_context(other)
        self.skipped += other.skipped
        self.checked += other.checked
        self.learned += other.learned

    def add_context(self, other: Files) -> None:
        """Take in what other files say; that some of them were not read is not told here."""
        self.extracts |= other.extracts
        self.manifests |= other.manifests
        self.signs |= other.signs
        self.layout |= other.layout

    def project(self, config: Config, tracked: Mapping[str, bool | None]) -> Project:
        """All of it, linked. `tracked` has the path of each file of the project, with whether git tracks it."""
        extracts = tuple(self.extracts.values())
        paths = frozenset(tracked)
        return Project(extracts, config, paths, tracked, self.manifests, self.signs, self.layout, self.root)


def sources(
    paths: Collection[str], found: Files, root: Path, config: Config, given: Mapping[str, bytes | Skip]
) -> dict[str, SourceText]:
    """The bytes of the files that a report speaks of. Nothing may be shown of one that was not parsed, or whose secrets
    cannot be told (`found` hears of that)."""
    texts = {path: _source(path, current, found) for path, current in found.extracts.items() if path in paths}
    for path in set(paths) - texts.keys():
        data = given.get(path)
        if data is None:
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


def read_all(
    root: Path, files: Sequence[FoundFile], config: Config, given: Mapping[str, bytes | Skip], means: Means = _USUAL
) -> Files:
    """Read `files` (relative to `root`); `given` holds bytes that stand for a file's content, or why it has none."""
    found = Files(root=root.as_posix())
    reading = _Reading(os.fspath(root), config, given)
    if means.cache is not None and len(files) >= _REMEMBERED:
        reading.cache = _cache(root, config, means.cache)
        files = reading.unknown(files, found)
    for part in _parts(files, reading, means):
        found.add(part)
    if reading.cache is not None:
        reading.cache.save(found.learned)
    return found


def _cache(root: Path, config: Config, folder: str) -> Cache:
    from neonlint.cache import Cache  # noqa: PLC0415 -- most runs are on a few files

    return Cache(folder, os.fspath(root), str(config.max_file_size))


def _parts(files: Sequence[FoundFile], reading: _Reading, means: Means) -> Iterator[Files]:
    """What is in the files, part by part, in their order."""
    if len(files) < _MANY:
        yield reading.read(files)
        return
    from neonlint import engine_sift  # noqa: PLC0415 -- most runs are on a few files

    size = max(min(len(files) // _BLOCKS, _BLOCK), -(-len(files) // engine_sift.MOST_BLOCKS))
    blocks = [files[at : at + size] for at in range(0, len(files), size)]
    parts: dict[int, Files] = {}
    done = 0
    with closing(engine_sift.shared(len(blocks), lambda number: reading.read(blocks[number]), means.jobs)) as results:
        for number, part in results:
            parts[number] = part
            done += len(blocks[number])
            if means.progress is not None:
                means.progress("reading", done, len(files))
    yield from (parts[number] for number in range(len(blocks)))


@dataclass(slots=True, eq=False, repr=False)
class _Reading:
    """How the files of one run are read: where they are, what stands for some of them, and with a `cache`, by path, how
    those looked from outside that it does not know."""

    base: str
    config: Config
    given: Mapping[str, bytes | Skip]
    cache: Cache | None = None
    lines: dict[str, str] = field(default_factory=dict)

    def unknown(self, files: Iterable[FoundFile], found: Files) -> list[FoundFile]:
        """The files that have to be opened; what the cache knows of the others goes to `found`."""
        assert self.cache is not None
        left = []
        for file in files:
            line = "" if file.path in self.given else self.cache.line(file.path)
            if self.cache.silent(line):
                found.checked += 1
            elif self.cache.binary(line):
                found.skipped += filter(None, [refuse(b"\0", file.path, 1)])
            else:
                self.lines[file.path] = line
                left.append(file)
        return left

    def read(self, files: Iterable[FoundFile]) -> Files:
        """What is in some files."""
        found = Files()
        for file in files:
            content = self.given.get(file.path)
            if content is None:
                content = read(self.base, file, limit_of(file.path, self.config))
            said = _open(file.path, content, found)
            if self.cache is not None and (said is False or (isinstance(said, Skip) and said.reason == "binary")):
                found.learned += self.cache.learned(self.lines[file.path], binary=said is not False)
        return found


def _look(path: str, data: bytes, found: Files) -> bool:
    """Take in one file if it may say something; whether it may."""
    found.checked += 1
    name = _format(path, data)
    if name is None and not _says_more(path, data):
        return False
    skipped = len(found.skipped)
    failed = guarded(path, partial(_take, path, name, data, found))
    if failed is not None:
        found.skipped.append(failed)
    found.checked -= len(found.skipped) - skipped  # it is counted once, as what it is
    return True


def _open(path: str, content: bytes | Skip, found: Files) -> Skip | bool | None:
    """Take in one file if it may say something: whether it may, or why it is not read (None for a lock file that is
    left out without a word)."""
    if isinstance(content, bytes):
        return _look(path, content, found)
    if is_lock(path) and content.reason in ("too-large", "binary"):
        return None
    found.skipped.append(content)
    return content


def _format(path: str, data: bytes) -> str | None:
    """The format to parse a file with; None where it is not worth that."""
    name = format_with(path, data)
    return name if worth_parsing(name, data) and not is_lock(path) and not is_report(path) else None


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
