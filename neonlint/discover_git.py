"""What git knows about the files of a work tree. Runs git so that no repository can make it run a program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from neonlint.discover_listing import FoundFile, Listing, is_env, relative
from neonlint.ir.findings import Skip
from neonlint.regex import regex

#: A repository may bring its own .git/config (in an archive, a CI cache): settings that name programs are overridden.
_GIT = (
    *("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.bareRepository=explicit"),
    "--no-pager",
)
_ENVIRONMENT = {
    **{"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
    # An object that a partial clone lacks is not fetched; git below 2.44 knows only that no protocol is allowed.
    **{"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_REPLACE_OBJECTS": "1"},
}
#: A hook runs with these set to its own repository, which need not be the one that is checked.
_LOCAL = {
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"),
    # What a user, or an editor, told git about the paths of another command (`git --literal-pathspecs commit`).
    *("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
}
_PRESENT = ("ls-files", "-z", "-t", "--stage", "--cached", "--others", "--deleted", "--exclude-standard", "--")
_IGNORED = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory", "--")
_TIMEOUT = 120
_MANY = 100
#: The modes of a symbolic link and of a submodule in the index.
LINK, REPOSITORY = "120000", "160000"
#: The host in `https://user:token@host:443/path` and in `git@host:path`.
_HOST = regex(r"(?:[\w+.\-]+://)?(?:[^@/]*@)?([\w.\-]+)[:/]")


def top(place: str) -> str | None:
    """The nearest ancestor of a directory that holds `.git`, or None."""
    path = Path(place)
    return next((str(directory) for directory in (path, *path.parents) if os.path.lexists(directory / ".git")), None)


def search(place: str, listing: Listing) -> bool:
    """List the files below directory `place` as git sees them; False (with a note) where git cannot say."""
    try:
        present = start(place, _PRESENT)
        ignored = start(place, _IGNORED) if listing.scan_ignored_env else None
        names, others = finish(present), finish(ignored) if ignored else []
    except (OSError, subprocess.SubprocessError) as error:
        listing.notes.append(f"git could not list the files ({cause(error)}); the directories were walked instead")
        return False
    prefix = relative(place, listing.root)
    prefix = "" if prefix == "." else prefix + "/"
    _present(names, prefix, listing)
    _ignored(others, prefix, listing)
    return True


def search_ignored(place: str, listing: Listing) -> None:
    """List the git-ignored environment files below directory `place` alone. Raises OSError, SubprocessError."""
    prefix = relative(place, listing.root)
    _ignored(finish(start(place, _IGNORED)), "" if prefix == "." else prefix + "/", listing)


def status(paths: Sequence[str], root: str) -> tuple[set[str] | None, set[str]]:
    """Of files named one by one: those in git's index (None outside git), and the ignored environment files."""
    if not top(root):
        return None, set()
    try:
        tracked = set(finish(start(root, ("ls-files", "-z", "--cached", "--", *_pathspecs(paths)))))
        doubtful = [path for path in paths if is_env(path) and path not in tracked and not path.startswith("../")]
        return tracked, set(_check_ignore(root, doubtful)) if doubtful else set()
    except (OSError, subprocess.SubprocessError):
        return None, set()


def remote_hosts(place: str) -> frozenset[str]:
    """The hosts of the remotes of a repository; nothing else of their addresses, in which tokens stand."""
    try:
        named = finish(start(place, ("config", "-z", "--get-regexp", r"^remote\..*\.url$")), good=(0, 1))
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    found = (_HOST.match(entry.partition("\n")[2]) for entry in named)
    return frozenset(match[1].lower() for match in found if match)


def head(place: str) -> str | None:
    """The commit that is checked out in the work tree `place`; None where there is none."""
    try:
        named = finish(start(place, ("log", "-z", "--max-count=1", "--format=%H", "--no-show-signature")))
    except (OSError, subprocess.SubprocessError):
        return None
    return named[0] if named else None


def _pathspecs(paths: Sequence[str]) -> list[str]:
    """Pathspecs that name these files alone; none, which means every file, where a command might not hold them."""
    inside = [path for path in paths if not path.startswith("../")]
    return [f":(literal){path}" for path in inside] if len(inside) <= _MANY else []


def start(
    place: str, arguments: Sequence[str], stdin: int = subprocess.DEVNULL, index: str | None = None
) -> subprocess.Popen[bytes]:
    """Start git on the repository of directory `place`, with the index file `index` if that is not its own."""
    environment = {key: value for key, value in os.environ.items() if key not in _LOCAL} | _ENVIRONMENT
    if index is not None:
        environment["GIT_INDEX_FILE"] = index
    command = [*_GIT, "-C", place, *arguments]
    return subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)


def finish(process: subprocess.Popen[bytes], given: bytes | None = None, good: tuple[int, ...] = (0,)) -> list[str]:
    """The NUL-separated names that git prints; see `said`."""
    return os.fsdecode(said(process, given, good)).split("\0")[:-1]


def said(process: subprocess.Popen[bytes], given: bytes | None = None, good: tuple[int, ...] = (0,)) -> bytes:
    """What git prints; the process is gone afterwards, whatever happens. Raises CalledProcessError for an exit status
    that is not among `good`, TimeoutExpired."""
    try:
        out, _ = process.communicate(given, timeout=_TIMEOUT)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode not in good:
        raise subprocess.CalledProcessError(process.returncode, "git")
    return out


def ignored(paths: Sequence[str], root: str) -> set[str]:
    """Those of `paths` (relative to `root`) that git ignores; none where git cannot say."""
    try:
        return set(_check_ignore(root, paths))
    except (OSError, subprocess.SubprocessError):
        return set()


def _check_ignore(root: str, paths: Iterable[str]) -> list[str]:
    """Those of `paths` that git ignores (`check-ignore` exits with 1 where it ignores none)."""
    process = start(root, ("check-ignore", "-z", "--stdin"), subprocess.PIPE)
    return finish(process, os.fsencode("\0".join(paths)), (0, 1))


def cause(error: OSError | subprocess.SubprocessError) -> str:
    """Why git could not be asked, in words."""
    if isinstance(error, FileNotFoundError):
        return "git is not installed"
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit status {error.returncode}; git refuses directories of other owners, see its safe.directory"
    return type(error).__name__


def _present(names: Iterable[str], prefix: str, listing: Listing) -> None:
    """Files that git tracks or would offer to add. A line is `H <mode> <object> <stage>\\t<name>` or `? <name>`."""
    gone: list[str] = []
    for line in names:
        tag, tracked = line[0], line[0] != "?"
        mode, name = (line[2:8], line[line.index("\t") + 1 :]) if tracked else ("", line[2:])
        path = prefix + name
        if not listing.keeps(path):
            continue
        if tag == "R" or (tag == "S" and not os.path.lexists(listing.where(path))):
            gone.append(path)
        elif mode == REPOSITORY or path.endswith("/"):
            listing.skipped.append(repository(path.rstrip("/")))
        else:
            link = mode == LINK or (not tracked and _is_link(listing, path))
            listing.add(FoundFile(path, tracked), link)
    for path in gone:
        listing.files.pop(path, None)
        listing.links.pop(path, None)


def repository(path: str) -> Skip:
    """The report of a submodule, or of a repository inside this one."""
    return Skip(path, "not-regular", "another git repository; run neonlint inside it")


def _is_link(listing: Listing, path: str) -> bool:
    return os.path.islink(listing.where(path))  # noqa: PTH114 -- runs for every untracked file


def _ignored(names: Iterable[str], prefix: str, listing: Listing) -> None:
    """Git-ignored environment files in directories that are not ignored themselves (those end with a slash here)."""
    for name in names:
        path = prefix + name
        if not name.endswith("/") and is_env(name) and listing.keeps(path):
            listing.add(FoundFile(path, tracked=False, ignored_env=True), _is_link(listing, path))
