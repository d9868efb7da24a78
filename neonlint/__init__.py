"""neonlint: a connection-policy linter, fixer and config generator for Neon Postgres."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` itself would cost every start a few milliseconds
if TYPE_CHECKING:
    from neonlint.api import check as check
    from neonlint.api import fix as fix

__version__ = "0.1.0"
__all__ = ["__version__", "check", "fix"]


def __getattr__(name: str) -> object:
    """`check` and `fix`, imported when they are asked for: `neonlint version` needs neither."""
    if name not in {"check", "fix"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from neonlint import api  # noqa: PLC0415

    return getattr(api, name)
