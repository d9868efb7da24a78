"""What a dialect is: a lens between a text and named components.

Components are `scheme`, `driver`, `user`, `password`, `host`, `port`, `database` and `params.<name>` with libpq's
names. `syntax.<name>` components are defects of the writing itself: they are true where present and can only be taken
away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from neonlint.ir.view import TextEdit, View

#: A component's new value; None removes it.
Changes = Mapping[str, str | None]


class Dialect(Protocol):
    """The surface of a dialect module."""

    #: The name in `Connection.dialect`.
    NAME: str

    def view(self, text: str) -> View | None:
        """The components of `text`, or None where it is not of this dialect. Never raises."""
        ...

    def put(self, text: str, changes: Changes) -> Sequence[TextEdit]:
        """The edits that give the components their new values and leave everything else as written.

        Raises `Refused` for a change that this dialect cannot say.
        """
        ...


def apply_edits(text: str, edits: Sequence[TextEdit]) -> str:
    """The text with non-overlapping edits made; of two insertions at one place the first stands first."""
    for edit in sorted(edits, key=lambda e: (e.start, e.end))[::-1]:  # reverse=True would keep equal ones in order
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text
