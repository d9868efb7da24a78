"""Links in a terminal: the escape sequence (OSC 8), and which terminals are known to take it.

A terminal that does not know the sequence may print it, so only known ones get it, by the variables that each sets for
its programs. Inside screen and tmux those are of the terminal around it, which does not see the text.
"""

from __future__ import annotations

from collections.abc import Mapping

from neonlint.regex import regex

#: `TERM_PROGRAM` of terminals that take links in every version in use.
_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "mintty", "rio", "WarpTerminal", "Tabby"})
_TERMS = regex(r"(?:xterm-kitty|xterm-ghostty|alacritty|foot|wezterm|contour)(?:-[a-z]+)?")
#: The first version of VTE (GNOME Terminal and others) that takes them and does not crash (0.50.1).
_VTE = 5001
_URL = regex(r"https?://[!-:<-~]{1,1000}")


def taken(environment: Mapping[str, str]) -> bool:
    """Whether the terminal that `environment` describes takes links. `FORCE_HYPERLINK` decides where it is set; a CI
    system's log is no terminal, whatever it says."""
    if environment.get("CI", "") not in {"", "false", "0"}:
        return False
    if forced := environment.get("FORCE_HYPERLINK"):
        return forced != "0"
    term = environment.get("TERM", "")
    if term == "dumb" or term.startswith(("screen", "tmux")):
        return False
    vte = environment.get("VTE_VERSION", "")
    known = environment.get("WT_SESSION") or environment.get("KONSOLE_VERSION") or environment.get("DOMTERM")
    return bool(
        known
        or (vte.isascii() and vte.isdigit() and int(vte[:9]) >= _VTE)
        or environment.get("TERM_PROGRAM") in _PROGRAMS
        or _TERMS.fullmatch(term)
    )


def link(url: str, text: str) -> str:
    """`text` as a link; as it is where `url` is no plain address."""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if _URL.fullmatch(url) else text
