"""Which files a run reads, and reading one of them. Knows names and modes, not what is inside.

In a git work tree git says what exists (`neonlint.discover_git`); elsewhere directories are walked
(`neonlint.discover_walk`). Paths are relative to the project root with forward slashes; those of files outside it,
which only an explicit argument can name, begin with `../`.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from neonlint import config as configuration
from neonlint.config import Config
from neonlint.discover_listing import Discovered, FoundFile, Listing, inside, outside, relative
from neonlint.formats.claims import is_lock
from neonlint.ir.findings import Skip

__all__ = [
    "Discovered",
    "FoundFile",
    "absolute",
    "discover",
    "inside",
    "limit_of",
    "project_root",
    "read",
    "refuse",
    "start_directory",
    "too_large",
]

#: Lock files are read up to this size whatever `max-file-size` says: they are searched for a few names and not parsed.
LOCK_BYTES = 64 * configuration.MIB
_SNIFF = 8192
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


def project_root(start: Path) -> Path:
    """The nearest ancestor of `start` with `.git` or a configuration file, else `start` itself."""
    return next((directory for directory in configuration.ascend(start) if is_project(directory)), start)


def is_project(directory: Path) -> bool:
    """Whether a directory is the top of a git work tree or holds a configuration file."""
    return os.path.lexists(directory / ".git") or configuration.in_directory(directory) is not None


def start_directory(paths: Iterable[str], cwd: Path) -> Path:
    """Where configuration and root are looked for: `cwd` if an argument lies in its project, else where all lie."""
    base = os.path.realpath(project_root(cwd))
    places = [absolute(cwd, path) for path in paths]
    if not places or any(inside(place, base) for place in places):
        return cwd
    common = Path(os.path.commonpath(places))
    return common if common.is_dir() else common.parent


def discover(
    paths: Sequence[str], config: Config, *, root: Path, cwd: Path | None = None, force_exclude: bool = False
) -> Discovered:
    """The files that `paths` (relative to `cwd`; none means `cwd` itself) stand for.

    Directories are searched; a file is taken as named, unless `force_exclude` is set and the configuration excludes it.
    A path that does not exist is taken too, and reported as unreadable when it is read.
    """
    listing = Listing.of(root, config)
    named: list[str] = []
    for path in dict.fromkeys(absolute(cwd or Path.cwd(), path) for path in paths or ["."]):
        if Path(path).is_dir():
            _search(path, listing)
        else:
            named.append(relative(path, listing.root))
    listing.settle_links()
    _name(named, listing, force_exclude)
    files = [listing.files[key] for key in sorted(listing.files)]
    return Discovered(Path(listing.root), files, listing.skipped, listing.notes)


def read(root: Path | str, found: FoundFile, limit: int) -> bytes | Skip:
    """A file's bytes, or why they are not read. Never waits on a FIFO, never follows a link out of `root`.

    `limit` is the largest size in bytes that is read.
    """
    path = os.path.join(root, found.path)  # noqa: PTH118 -- a Path costs 5 microseconds, and this runs for every file
    try:
        handle = os.open(path, _OPEN | _NOFOLLOW)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return _read_link(root, path, found.path, limit)
        return _unreadable(found.path, error)
    return _read_handle(handle, found.path, limit)


def limit_of(path: str, config: Config) -> int:
    """The largest size in bytes at which a file is read."""
    return max(LOCK_BYTES, config.max_file_size) if is_lock(path) else config.max_file_size


def absolute(cwd: Path, path: str) -> str:
    """The absolute path of an argument. Links among its directories are resolved, a link in its last name is kept."""
    whole = os.path.normpath(os.path.join(cwd, path))  # noqa: PTH118 -- os.path keeps what cannot be resolved
    if Path(whole).is_dir():
        return os.path.realpath(whole)
    head, tail = os.path.split(whole)
    return os.path.join(os.path.realpath(head), tail)  # noqa: PTH118


def _search(place: str, listing: Listing) -> None:
    """Everything below one directory, from git where it can tell and from a walk where it cannot."""
    from neonlint import discover_git  # noqa: PLC0415 -- not needed for stdin

    if discover_git.top(place) and discover_git.search(place, listing):
        return
    from neonlint import discover_walk  # noqa: PLC0415 -- only outside git

    discover_walk.search(place, listing)


def _name(paths: Iterable[str], listing: Listing, force_exclude: bool) -> None:
    """Files that were named one by one."""
    wanted = [path for path in paths if path not in listing.files and not (force_exclude and not listing.keeps(path))]
    if not wanted:
        return
    from neonlint import discover_git  # noqa: PLC0415 -- not needed for stdin

    tracked, ignored = discover_git.status(wanted, listing.root)
    if tracked is None and discover_git.top(listing.root):
        listing.notes.append(
            "git could not tell which files it tracks; no rule can speak of that (`git status` says why)"
        )
    for path in wanted:
        known = None if tracked is None or path.startswith("../") else path in tracked
        listing.files[path] = FoundFile(path, known, path in ignored)


def _read_link(root: Path | str, path: str, name: str, limit: int) -> bytes | Skip:
    target = os.path.realpath(path)
    if not inside(target, os.path.realpath(root)):
        return outside(name)
    try:
        return _read_handle(os.open(target, _OPEN | _NOFOLLOW), name, limit)
    except OSError as error:
        return _unreadable(name, error)


def _read_handle(handle: int, name: str, limit: int) -> bytes | Skip:
    """The bytes behind an open descriptor, which is closed."""
    try:
        facts = os.fstat(handle)
        if refusal := _refusal(facts, name, limit):
            return _binary(name) if refusal.reason == "too-large" and b"\0" in os.read(handle, _SNIFF) else refusal
        data = _read_all(handle, facts.st_size, limit)
    except OSError as error:
        return _unreadable(name, error)
    finally:
        os.close(handle)
    return refuse(data, name, limit) or data


def _read_all(handle: int, size: int, limit: int) -> bytes:
    """Everything, but at most a byte more than `limit`; in one call where the file is as long as its `size` says."""
    data = more = os.read(handle, size + 1)
    while more and size < len(data) <= limit:
        more = os.read(handle, limit + 1 - len(data))
        data += more
    return data


def _unreadable(name: str, error: OSError) -> Skip:
    return Skip(name, "unreadable", (error.strerror or type(error).__name__).lower())


def _refusal(facts: os.stat_result, name: str, limit: int) -> Skip | None:
    if stat.S_ISDIR(facts.st_mode):
        return Skip(name, "not-regular", "a directory")
    if not stat.S_ISREG(facts.st_mode):
        return Skip(name, "not-regular", "a FIFO, socket or device")
    return too_large(name, facts.st_size, limit) if facts.st_size > limit else None


def too_large(name: str, size: int, limit: int) -> Skip:
    """The report of a file of `size` bytes."""
    return Skip(name, "too-large", f"{size} bytes, more than max-file-size ({limit})")


def refuse(data: bytes, name: str, limit: int) -> Skip | None:
    """Why bytes are not checked, or None. PowerShell's `>` writes UTF-16, which must not pass for a picture."""
    if len(data) > limit:
        return too_large(name, len(data), limit)
    if data[:2] in _UTF16:
        return Skip(name, "undecodable", "UTF-16; save it as UTF-8")
    return _binary(name) if b"\0" in data[:_SNIFF] else None


def _binary(name: str) -> Skip:
    return Skip(name, "binary", "holds NUL bytes")
