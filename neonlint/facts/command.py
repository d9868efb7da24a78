"""Facts about one shell command: which tool it runs, what that does, and what it connects to."""

from __future__ import annotations

from neonlint.facts.answer import FactSpec, Known

COMMAND: tuple[FactSpec, ...] = (
    FactSpec("tool", "str", "The program, by the name of its table.", lambda c, p: Known(c.tool)),
    FactSpec("name", "str", "The words that say what is run.", lambda c, p: Known(c.name)),
)
