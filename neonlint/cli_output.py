"""Where output goes: standard output or a file, with or without colours, safe for the place it lands in."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TextIO

from neonlint.errors import UsageError
from neonlint.report.render import guard, render

#: Set by the CI services that look for commands in what a job prints.
_RUNNERS = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")


def wants_color(choice: Literal["auto", "always", "never"], stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to paint: the flag, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0").lower() not in {"", "0", "false"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def wants_links(color: bool, stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to make links: only where there is `color`, in a terminal that is known to take them."""
    if not color or not stream.isatty():
        return False
    from neonlint.report import links  # noqa: PLC0415 -- in a terminal only

    return links.taken(environment)


def put(
    lines: Iterable[str],
    file: Path | None,
    *,
    stream: TextIO | None = None,
    commands: bool = False,
    flag: str = "-o",
) -> None:
    """Print lines, or write them to the file that `flag` named. Raises UsageError if it cannot be written.

    `commands` says that the lines are commands to a CI runner, and made safe for it.
    """
    safe = guard(not commands and any(os.environ.get(name, "false").lower() not in {"", "false"} for name in _RUNNERS))
    text = "".join(f"{safe(line)}\n" for line in lines)
    if file is None:
        _print(text, stream or sys.stdout)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror}); name another file with {flag}") from None


def _print(text: str, stream: TextIO) -> None:
    _survive(stream)
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"the output cannot be written ({error.strerror}); send it somewhere else") from None


def note(text: str) -> None:
    """Tell the user something that is no finding."""
    put([f"neonlint: note: {render(text)}"], None, stream=sys.stderr)


def _survive(stream: TextIO) -> None:
    """A terminal that cannot show a character gets an escape, not a crash."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
