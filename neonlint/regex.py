"""Regular expressions that are compiled when they are first used.

The modules of a run on one dotenv file hold some two hundred of them and need thirty; Python compiles at about 0.1 ms
each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import compile as regex
else:

    class regex:  # noqa: N801 -- it stands for `re.compile`
        """What `re.compile` would return, made at the first look at any of its attributes."""

        def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
            self._given = pattern, flags

        def __getattr__(self, name: str) -> object:
            value = getattr(re.compile(*self._given), name)
            setattr(self, name, value)  # so that this is not asked again
            return value


__all__ = ["regex"]
