"""How a run goes about its work. Nothing here changes what is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from neonlint.config import Config
    from neonlint.discover import FoundFile
    from neonlint.engine_files import Files

    #: Reads the files (relative to a root) around those that a run is about.
    Around = Callable[[Path, Sequence[FoundFile], Config], Files]

#: Hears, now and then, what is being done (`reading`, `checking`), and with how many files of how many it is done.
#: When it is done with all, nothing more need be shown.
Progress = Callable[[str, int, int], None]


class Means(NamedTuple):
    """`jobs` is how many processes read files (None: as many as are of use), `cache` the absolute path of the directory
    that remembers files which say nothing (None: nothing is remembered). `around` reads what is only context in place
    of the engine, which reads all of it anew."""

    jobs: int | None = None
    cache: str | None = None
    progress: Progress | None = None
    around: Around | None = None
