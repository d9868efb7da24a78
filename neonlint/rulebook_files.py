"""Rule files on disk: where they are, what is read of them, and what is refused unparsed. Knows no rule.

Neonlint's own lie in one folder. An organisation's are anybody's text, in places that anybody's configuration names.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

import neonlint
from neonlint.errors import RuleError, UsageError
from neonlint.regex import regex

MAX_RULE_BYTES = 256 * 1024
#: Files in one folder of an organisation's own rules.
MAX_POLICIES = 500

_FILE_NAME = regex(r"([A-Z]{2,8}[0-9]{3})-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.toml")


class RuleText(NamedTuple):
    """One rule file: where it is, how errors call it, and its bytes."""

    path: Path
    where: str
    data: bytes

    def names(self) -> tuple[str, str]:
        """Code and name that the file's name gives. Raises RuleError."""
        if match := _FILE_NAME.fullmatch(self.path.name):
            return match[1], match[2]
        raise RuleError(
            f'{self.where}: not named by its code and name, as in "ACME001-database-abroad.toml"; rename it'
        )


def rules_folder() -> Path:
    """`neonlint/rules` of an installed wheel, else the `rules` beside the package of a checkout."""
    return shipped("rules")


def shipped(name: str) -> Path:
    """A folder of data that a wheel has in the package and a checkout beside it. Raises UsageError where it is not."""
    package = Path(neonlint.__file__).parent
    for folder in (package / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise UsageError(f"{package / name}: neonlint's own {name} are missing; install it again")


def in_folder(folder: Path, shown: str) -> list[RuleText]:
    """Every rule file of `folder`, in the order of their names; errors call the folder `shown`."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".toml"))  # noqa: PTH208  (three times as fast)
    return [read(folder / name, f"{shown}/{name}") for name in names]


def read(path: Path, where: str) -> RuleText:
    """A regular file of reasonable size: an untrusted configuration may name a device or a pipe. Raises RuleError."""
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode) or info.st_size > MAX_RULE_BYTES:
            raise RuleError(
                f"{where}: not a file of at most {MAX_RULE_BYTES // 1024} KiB; name a rule file or a folder"
            )
        with path.open("rb", buffering=0) as file:
            return RuleText(path, where, file.read())
    except OSError as error:
        raise RuleError(f"{where}: cannot be read ({error.strerror}); name a rule file or a folder of them") from None


def policies(path: Path) -> list[RuleText]:
    """The rule files that `extend-rules` names: those of a folder, at least one, or one file. Raises RuleError.

    What would be passed over in silence is refused: a policy that nobody reads looks like one that all keep.
    """
    where = shown(path)
    try:
        if not path.is_dir():
            return [read(path, where)]
        names = policy_names(path)
        if len(names) > MAX_POLICIES:
            raise RuleError(f"{where}: {len(names):,} rule files; at most {MAX_POLICIES} are read of a folder")
        if deeper := next((entry for entry in sorted(path.iterdir()) if _holds_rules(entry)), None):
            raise RuleError(f"{where}: the rule files in its folder {deeper.name} are not read; name that folder, too")
        if not names:
            raise RuleError(f"{where}: no rule file in it; `neonlint rules new` writes one")
        return in_folder(path, where)
    except OSError as error:
        raise RuleError(f"{where}: cannot be listed ({error.strerror}); name a rule file or a folder of them") from None


def policy_names(path: Path) -> list[str]:
    """The names of the rule files that `path` stands for, unread; none where it is nothing. Raises OSError."""
    if path.is_dir():
        return sorted(name for name in os.listdir(path) if name.endswith(".toml"))  # noqa: PTH208
    return [path.name] if path.exists() else []


def _holds_rules(entry: Path) -> bool:
    return entry.is_dir() and any(_FILE_NAME.fullmatch(name) for name in policy_names(entry))


def shown(path: Path) -> str:
    """How a policy's path is told: relative to the current directory where it lies below that."""
    cwd = Path.cwd()
    return (path.relative_to(cwd) if path.is_relative_to(cwd) else path).as_posix()
