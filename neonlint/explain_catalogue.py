"""The catalogue of connection errors: one TOML file for each, in `explanations` beside `rules`. Knows no log.

A run reads the files as they are; `explain_models` checks them where they are edited.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from neonlint.records import dataclass, field
from neonlint.rulebook_files import shipped


class Cause(NamedTuple):
    """One reason for an error, what to do about it, and the codes of the rules that see it in a repository."""

    text: str
    fix: str
    rules: tuple[str, ...] = ()


class Example(NamedTuple):
    """A text that holds the error, as `by` writes it; `also` names the other errors that it holds."""

    by: str
    log: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """One error. `match` holds its phrases (`explain_match.Phrase`), `causes` the likeliest first, `references` https
    addresses, `unlike` texts that look similar and are not this error."""

    name: str
    title: str
    match: tuple[str, ...]
    meaning: str
    causes: tuple[Cause, ...]
    references: tuple[str, ...]
    examples: tuple[Example, ...] = field(default=(), repr=False)
    unlike: tuple[str, ...] = field(default=(), repr=False)


def folder() -> Path:
    """`neonlint/explanations` of an installed wheel, else the `explanations` beside the package of a checkout."""
    return shipped("explanations")


def load(where: Path | None = None) -> dict[str, Explanation]:
    """Every explanation of a folder (the shipped one), by name, sorted."""
    return {stem: explanation(table) for stem, table in tables(where or folder())}


def tables(where: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each file of a folder: its name without `.toml`, and its table."""
    for path in sorted(where.glob("*.toml")):
        with path.open("rb") as file:
            yield path.stem, tomllib.load(file)


def explanation(table: Mapping[str, Any]) -> Explanation:
    """An explanation of a table that `explain_models` accepts."""
    return Explanation(
        name=table["name"],
        title=table["title"],
        match=tuple(table["match"]),
        meaning=" ".join(table["meaning"].split()),
        causes=tuple(Cause(cause["text"], cause["fix"], tuple(cause.get("rules", ()))) for cause in table["cause"]),
        references=tuple(table["references"]),
        examples=tuple(Example(item["by"], item["log"], tuple(item.get("also", ()))) for item in table["example"]),
        unlike=tuple(table.get("unlike", ())),
    )
