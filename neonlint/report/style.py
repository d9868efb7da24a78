"""Colours for a terminal. The only escapes that neonlint prints are made here."""

from __future__ import annotations

from neonlint.ir.findings import Severity

_CODES = {"bold": "1", "red": "1;31", "yellow": "1;33", "blue": "1;34", "cyan": "36", "green": "32", "red-line": "31"}
_SEVERITIES: dict[Severity, str] = {"error": "red", "warning": "yellow", "info": "blue"}


class Style:
    """Paints text, or leaves it as it is where `on` is False."""

    __slots__ = ("on",)

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, color: str, text: str) -> str:
        """`text` in one of the colours above."""
        return f"\x1b[{_CODES[color]}m{text}\x1b[0m" if self.on and text else text

    def severity(self, severity: Severity, text: str) -> str:
        """`text` in the colour of a severity."""
        return self(_SEVERITIES[severity], text)
