"""The flags that say where a command takes its settings from."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _ArgumentGroup
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neonlint.errors import UsageError
from neonlint.regex import regex

if TYPE_CHECKING:
    from neonlint.config import Config

#: A key as TOML writes it, and `=`. No file of a repository can take the place of a setting by its name alone.
_SETTING = regex(r"""\s*(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*\s*=""")


def flags(parser: ArgumentParser | _ArgumentGroup) -> None:
    """Add `--config` and `--isolated`."""
    parser.add_argument(
        "--config",
        action="append",
        metavar="FILE|KEY=VALUE",
        help="take the configuration from FILE; or set one thing, as in a file; repeatable",
    )
    parser.add_argument("--isolated", action="store_true", help="take no notice of configuration files")


def read(arguments: Namespace, paths: Sequence[str], cwd: Path) -> Config:
    """The settings of a command over `paths` (relative to `cwd`). Raises UsageError, ConfigError."""
    from neonlint import session  # noqa: PLC0415 -- help and `version` need none

    given = arguments.config or ()
    files = [word for word in given if not _SETTING.match(word)]
    if len(files) > 1:
        raise UsageError("--config names two files; take one, and let it `extend` the other")
    if files and arguments.isolated:
        raise UsageError("--config and --isolated contradict each other; take one of them")
    words = [word for word in given if word not in files]
    return session.settings(paths, cwd, cwd / files[0] if files else None, words, isolated=arguments.isolated)
