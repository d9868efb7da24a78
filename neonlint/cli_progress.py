"""One line on a terminal that tells how far a long run is. Nothing of it is left when the run is over, and no name of
a file is in it."""

from __future__ import annotations

import os
import time
from typing import TextIO

#: Seconds before anything is shown, and between two showings.
_PATIENCE, _PAUSE = 1.0, 0.1
_CLEAR = "\r\x1b[K"


class Line:
    """Hears of the progress of a run (`neonlint.means.Progress`) and shows it on `stream`, a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next = time.monotonic() + _PATIENCE
        self._shown = False

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Show that `done` of `total` files are done, if it is time to; take the line away when they all are."""
        if done >= total:
            self._write("")
        elif (now := time.monotonic()) >= self._next:
            self._next = now + _PAUSE
            self._write(f"{doing}: {done:,} of {total:,} files")

    def _write(self, text: str) -> None:
        """Put `text` in place of what is shown; on a terminal that is too narrow for it, nothing."""
        text = text if len(text) < self._columns() else ""
        if text or self._shown:
            self._shown = True  # an interrupt may come before the next line does
            self._stream.write(_CLEAR + text)
            self._stream.flush()
        self._shown = bool(text)

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except OSError:
            return 80
