"""The settings of a run and the file they come from. Knows no rule; rule ids are checked against a rulebook handed in.

Light on purpose: pydantic (`neonlint.config_model`) is imported only where a configuration file exists.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from neonlint.config_globs import matcher
from neonlint.errors import ConfigError, UsageError
from neonlint.ir.findings import Severity
from neonlint.records import dataclass, field

if TYPE_CHECKING:
    from neonlint.config_layers import Layer
    from neonlint.sizing import Compute

FailOn = Literal["error", "warning", "info", "never"]
OutputFormat = Literal[
    "full", "concise", "grouped", "json", "json-lines", "sarif", "github", "gitlab", "junit", "rdjson", "markdown"
]
Level = Literal["error", "warning", "info", "off"]
#: What a connection can be declared to be for, and where code can be declared to run (the values of the facts `role`
#: and `runtime`).
Role = Literal["runtime", "migration", "admin", "replication", "test", "docs"]
Runtime = Literal["serverless", "edge", "long-lived", "browser"]

#: In one directory the first of these wins; a pyproject.toml without the table is passed over.
FILE_NAMES = (".neonlint.toml", "neonlint.toml", "pyproject.toml")

#: Directories of generated or fetched files, and nothing else: a default list that hides written code hides defects.
DEFAULT_EXCLUDE = (
    *(".git", ".hg", ".svn", "node_modules", "site-packages", "__pycache__", ".venv", ".tox", ".nox"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".neonlint_cache", ".direnv", ".terraform"),
)
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Config:
    """What a run was asked to do. Patterns with a slash are absolute once loaded, else relative to the run's root.

    `select` empty means every rule; `extend_select` adds to it. `fixable` empty means that all fixes may be made.
    `assume` holds environment names that the platform sets. `roles` and `runtimes` declare, by the name of a variable
    or by a path pattern (an absolute one, once loaded), what a connection is for and where code runs.
    `suspend_seconds` is Neon's idle time before a compute suspends (None: its default of 300).
    `extend_rules` are folders and files of an organisation's own rules, absolute once loaded.
    `baseline` is a path, relative to the project root unless absolute; None means the one at the root if there is one,
    "" none. `max_file_size` is in bytes. `honour_ignores` False counts findings that inline comments would suppress.
    `layers` are what the settings come from, the uppermost last; none for defaults.
    """

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fixable: tuple[str, ...] = ()
    unfixable: tuple[str, ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    severity: Mapping[str, Level] = field(default_factory=dict)
    assume: Mapping[str, str] = field(default_factory=dict, repr=False)
    roles: Mapping[str, Role] = field(default_factory=dict)
    runtimes: Mapping[str, Runtime] = field(default_factory=dict)
    suspend_seconds: int | None = None
    compute_size: Compute | None = None
    scan_ignored_env: bool = True
    max_file_size: int = MIB
    fail_on: FailOn = "warning"
    output_format: OutputFormat = "full"
    extend_rules: tuple[str, ...] = ()
    baseline: str | None = None
    strict_baseline: bool = False
    require_reason: bool = False
    honour_ignores: bool = True
    layers: tuple[Layer, ...] = field(default=(), repr=False, compare=False)

    def excludes(self, root: Path) -> Callable[[str], bool] | None:
        """Whether a path relative to `root` is left out of a walk; None where nothing is."""
        return matcher((*self.exclude, *self.extend_exclude), root.as_posix())

    def file_ignores(self, root: Path) -> Callable[[str], tuple[str, ...]]:
        """The rule patterns that `per-file-ignores` gives for a path relative to `root`."""
        tests = [(matcher([pattern], root.as_posix()), rules) for pattern, rules in self.per_file_ignores.items()]
        return lambda path: tuple(rule for test, rules in tests if test and test(path) for rule in rules)


class _Selector(Protocol):
    """What is needed of a rulebook here."""

    def select(self, patterns: Iterable[str]) -> set[str]: ...


def fails(severity: Severity, fail_on: FailOn) -> bool:
    """Whether a finding of this severity makes the run fail."""
    order = ("error", "warning", "info")
    return fail_on != "never" and order.index(severity) <= order.index(fail_on)


def load(start: Path, explicit: Path | None = None, words: Sequence[str] = (), *, isolated: bool = False) -> Config:
    """The nearest configuration from directory `start` up to the git root, or the one in `explicit`, or (`isolated`)
    none; `words` (`KEY=VALUE`) count more than a file.

    Raises ConfigError for a file that cannot be used, UsageError for such words.
    """
    path = explicit or (None if isolated else find(start))
    if path is None and not words:
        return Config()
    from neonlint import config_layers  # noqa: PLC0415 -- most runs have no configuration

    return config_layers.load(path, words, Path.cwd())


def find(start: Path) -> Path | None:
    """The nearest configuration file from `start` up to the git root."""
    return next((found for directory in ascend(start) if (found := in_directory(directory))), None)


def ascend(start: Path) -> Iterator[Path]:
    """`start` and its ancestors up to the git root, or up to the file system's root outside git."""
    for directory in (start, *start.parents):
        yield directory
        if os.path.lexists(directory / ".git"):
            return


def in_directory(directory: Path) -> Path | None:
    """The configuration file of one directory, by precedence."""
    for name in FILE_NAMES:
        path = directory / name
        if path.is_file() and (
            name != "pyproject.toml" or (b"neonlint" in content(path) and table_of(path) is not None)
        ):
            return path
    return None


def fixable(config: Config, rulebook: _Selector) -> set[str]:
    """The codes of the rules whose fixes may be made."""
    return rulebook.select(config.fixable or ("ALL",)) - rulebook.select(config.unfixable)


def check_rule_ids(config: Config, rulebook: _Selector) -> None:
    """Raises ConfigError (UsageError for a setting from the command line) at the first rule id that no rule has."""
    for key, pattern in _rule_ids(config):
        try:
            rulebook.select([pattern])
        except UsageError as error:
            raise _located(config, key, pattern, str(error)) from None


def _rule_ids(config: Config) -> Iterator[tuple[str, str]]:
    for key in ("select", "extend_select", "ignore", "fixable", "unfixable", "severity"):
        yield from ((key.replace("_", "-"), pattern) for pattern in getattr(config, key))
    yield from (("per-file-ignores", pattern) for rules in config.per_file_ignores.values() for pattern in rules)


def _located(config: Config, key: str, pattern: str, cause: str) -> UsageError:
    """The rule book's complaint with the place that named the rule."""
    from neonlint.config_layers import place_of  # noqa: PLC0415 -- for a complaint
    from neonlint.config_values import FLAG  # noqa: PLC0415

    place = place_of(config, key, pattern)
    if place is None:
        return UsageError(f"--{key}: {cause}")
    return ConfigError(f"{place}: `{key}`: {cause}") if place != FLAG else UsageError(f"{FLAG}: `{key}`: {cause}")


def content(path: Path) -> bytes:
    """The bytes of a configuration file. Raises ConfigError, also for what is no file of a sensible size."""
    try:
        if not path.is_file() and path.exists():
            raise ConfigError(f"{path}: is not a file; name one")
        if path.stat().st_size > MIB:
            raise ConfigError(f"{path}: is larger than 1 MiB, which no configuration is; name another file")
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name a readable file") from None


def table_of(path: Path) -> dict[str, Any] | None:
    """The settings in a file: its whole content, or in a pyproject.toml the table [tool.neonlint], if it has one."""
    import tomllib  # noqa: PLC0415 -- only where a configuration exists

    try:
        whole = tomllib.loads(content(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        cause = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "not UTF-8, or nested too deeply"
        raise ConfigError(f"{path}: is not valid TOML: {cause}; correct it, or run with --isolated") from None
    if path.name != "pyproject.toml":
        return whole
    tool = whole.get("tool")
    table = tool.get("neonlint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: `tool.neonlint` is not a table; write [tool.neonlint] and settings below it")
    return table
