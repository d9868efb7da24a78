"""Everything neonlint raises on purpose.

    NeonlintError
    ├── UsageError        a flag, path or configuration value that cannot be used; exit status 2
    │   ├── ConfigError   in a configuration file: file, place, cause, remedy
    │   └── RuleError     in a rule file: file, key, column, cause, nearest known name
    ├── ParseFailure      a file that its format cannot read; becomes one NL991 diagnostic
    └── Refused           an edit that cannot be made safely; becomes a reason in the report

None of their texts ever quotes a value of a checked file, because that value may hold a password.
"""

from __future__ import annotations


class NeonlintError(Exception):
    """The root of the tree."""


class UsageError(NeonlintError):
    """The user asked for something that cannot be done; the text names the remedy."""


class ConfigError(UsageError):
    """A configuration file that cannot be used."""


class RuleError(UsageError):
    """A rule file that cannot be used."""


class ParseFailure(NeonlintError):
    """A file is not what its name says. `row` is 1-based, or None where the parser gives no place."""

    def __init__(self, reason: str, row: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row


class Refused(NeonlintError):
    """An edit that would not be safe or cannot be written in this place."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
