"""Colours and links for a terminal. The only escapes that neonlint prints are made here, and in `links`."""

from __future__ import annotations

from neonlint.ir.findings import Severity

_CODES = {"bold": "1", "red": "1;31", "yellow": "1;33", "blue": "1;34", "cyan": "36", "green": "32", "red-line": "31"}
_SEVERITIES: dict[Severity, str] = {"error": "red", "warning": "yellow", "info": "blue"}


class Style:
    """Paints text, or leaves it as it is where `on` is False; with `links` it makes links, too."""

    __slots__ = ("links", "on")

    def __init__(self, on: bool, links: bool = False) -> None:
        self.on = on
        self.links = links

    def __call__(self, color: str, text: str) -> str:
        """`text` in one of the colours above."""
        return f"\x1b[{_CODES[color]}m{text}\x1b[0m" if self.on and text else text

    def severity(self, severity: Severity, text: str) -> str:
        """`text` in the colour of a severity."""
        return self(_SEVERITIES[severity], text)

    def link(self, url: str, text: str) -> str:
        """`text` as a link to `url`, where the terminal takes links."""
        if not self.links:
            return text
        from neonlint.report.links import link  # noqa: PLC0415 -- for few terminals

        return link(url, text)
