"""Reads the files of a run and takes out of each what the project is made of. Most files say nothing about a database:
they are read, looked through for a few words, and left."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from neonlint import formats, platforms
from neonlint.barrier import guarded
from neonlint.config import Config
from neonlint.discover import FoundFile, read
from neonlint.errors import ParseFailure
from neonlint.extract import extract
from neonlint.formats.claims import format_of, is_manifest, worth_parsing
from neonlint.ir.findings import Skip, SkipReason
from neonlint.ir.model import Extract

if TYPE_CHECKING:
    from neonlint.manifests import Requirement


@dataclass(slots=True, eq=False, repr=False)
class Files:
    """What was read: the parsed documents, what manifests and platform files say, and what was skipped."""

    extracts: dict[str, Extract] = field(default_factory=dict)
    manifests: dict[str, Mapping[str, Requirement]] = field(default_factory=dict)
    signs: dict[str, platforms.Sign] = field(default_factory=dict)
    skipped: list[Skip] = field(default_factory=list)
    checked: int = 0


def read_all(root: Path, files: Sequence[FoundFile], config: Config, given: Mapping[str, bytes]) -> Files:
    """Read `files` (relative to `root`); `given` holds bytes that stand for a file's content."""
    found = Files()
    base = os.fspath(root)
    for file in files:
        path = file.path
        data = given.get(path)
        if data is None:
            content = read(base, file, config.max_file_size)
            if isinstance(content, Skip):
                found.skipped.append(content)
                continue
            data = content
        found.checked += 1
        name = format_of(path)
        parse = worth_parsing(name, data)
        if parse or is_manifest(path) or platforms.may_be_sign(path, data):
            failed = guarded(path, partial(_take, path, name if parse else None, data, found))
            if failed is not None:
                found.skipped.append(failed)
    return found


def _take(path: str, name: str | None, data: bytes, found: Files) -> None:
    """Take in one file, and parse it as format `name` where it has one."""
    if is_manifest(path):
        from neonlint import manifests  # noqa: PLC0415 -- a run on one dotenv file meets none

        found.manifests[path] = manifests.read(path, data)
    if platforms.may_be_sign(path, data) and (sign := platforms.of_file(path, data)) is not None:
        found.signs[path] = sign
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
