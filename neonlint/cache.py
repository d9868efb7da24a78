"""Remembers which files of a project say nothing about a database, so that the next run need not open them.

Most files of a tree are opened only to find that out. The cache is a set of lines, one for each such file: the times
of its last change and of its inode's last change, its size, inode, device and path, as the system gave them *before* it
was read. A file whose line is there is what it was. Of its content nothing is kept but that it said nothing, or that
it is binary (which is reported as ever): no text, no finding, no digest of a text.

*Who may be wrong.* An edit, a replacement, a rename, a new mode or a new hard link gives an inode a new time of change
that no program can set, even where the file's own time is set back. A file that changed in the two seconds before the
run is not remembered: it might change once more within the same tick of the clock. What deceives git's index deceives
this, too: a clock that is set back, that of a file server which is behind, and what was written through a memory map
and not yet to the file.

*Who may lie.* A repository may bring a `.neonlint_cache/` of its own to hide a file from us. Its lines would have to
name the inodes and nanoseconds that its files get where they are checked out; and the directory is used only if it is
ours (`neonlint.cache_directory`). Lines are only compared, so that any bytes may stand there; one that was cut short is
none.

A cache belongs to a version of neonlint, to the text of the modules that tell silence, to the settings that do, and to
a place: a checksum of them is its name, and its first line holds them. A run that cannot read or write it does without,
and says nothing. Where a file's time of change can be set (Windows) there is none.
"""

from __future__ import annotations

import os
import stat
import time
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import neonlint
from neonlint import cache_directory
from neonlint.report.redact import scrub

#: The modules whose text decides whether a file is silent.
DECIDING = (
    *("discover.py", "engine_files.py", "regex.py", "words.py", "formats/claims.py"),
    *("platforms/__init__.py", "platforms/javascript.py"),
)
#: Nanoseconds; a file that changed so shortly before a run may change again without showing it.
_RACY = 2 * 10**9
#: The cache is written anew when so many files are new to it: fewer are read sooner than it is written.
_WORTH_WRITING = 100
#: Stands in front of the line of a binary file.
_BINARY = "!"
#: What stands in front of the path, each with a space behind it.
_NUMBERS = 5


class Cache:
    """What is known of the files of the project at `root` (a real path). `settings` is what else decides silence.

    A file is asked for by its `line`; what is learned of it, too, and handed to `save`.
    """

    def __init__(self, folder: str, root: str, settings: str) -> None:
        self._folder, self._root = folder, root
        self._header = f"neonlint {neonlint.__version__} {_deciding():08x} {settings}"
        place = os.fsencode(f"{self._header} {root}")
        self._name = f"{cache_directory.PREFIX}{zlib.crc32(place):08x}"
        self._before = time.time_ns() - _RACY
        self._known = self._load()

    def line(self, path: str) -> str:
        """What a file (`path` is relative to the root) is known by, as it is now; "" for what is never remembered."""
        try:
            facts = os.lstat(f"{self._root}/{path}")
        except (OSError, ValueError):
            return ""
        if not stat.S_ISREG(facts.st_mode):
            return ""
        return f"{facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_size} {facts.st_ino} {facts.st_dev} {path}"

    def silent(self, line: str) -> bool:
        """Whether a file is known to say nothing."""
        return line in self._known and line != ""

    def binary(self, line: str) -> bool:
        """Whether a file is known to be binary."""
        return _BINARY + line in self._known and line != ""

    def learned(self, line: str, *, binary: bool = False) -> Iterator[str]:
        """What to save of a file that said nothing, or is binary, and had this line before it was read."""
        if not line or "\n" in line or _path(line).startswith("../"):
            return
        modified, changed, _ = line.split(" ", 2)
        if max(int(modified), int(changed)) < self._before:
            yield _BINARY + line if binary else line

    def save(self, learned: Collection[str]) -> None:
        """Write what was learned, with what was known and is still true, where that is worth it and possible."""
        if len(learned) < _WORTH_WRITING:
            return
        lines = sorted(line for line in {*learned, *self._still_true()} if scrub(line) == line)
        text = "".join(f"{line}\n" for line in (self._header, *lines))
        with suppress(OSError, UnicodeEncodeError):
            cache_directory.write(self._folder, self._root, self._name, text.encode("utf-8", "surrogateescape"))

    def _still_true(self) -> Iterator[str]:
        for known in self._known:
            line = known.removeprefix(_BINARY)
            if line.count(" ") >= _NUMBERS and self.line(_path(line)) == line:
                yield known

    def _load(self) -> Collection[str]:
        try:
            data = cache_directory.read(self._folder, self._root, self._name)
        except OSError:
            return ()
        header, *lines = data.decode("utf-8", "surrogateescape").split("\n")[:-1] or [""]
        return frozenset(lines) if header == self._header else ()


def _path(line: str) -> str:
    return line.split(" ", _NUMBERS)[_NUMBERS]


def _deciding() -> int:
    """A checksum of our own text; it guards against mistakes, not against enemies."""
    here, found = Path(__file__).parent, 0
    for name in DECIDING:
        with suppress(OSError):
            found = zlib.crc32((here / name).read_bytes(), found)
    return found
