"""Checks the catalogue of connection errors where it is edited: the schema, then what a schema cannot say."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from neonlint.errors import RuleError
from neonlint.explain_catalogue import Explanation, explanation, tables
from neonlint.explain_match import GAP, folded
from neonlint.rulebook_words import Code, Kebab, Line, Prose, Url

#: The longest phrase, and the most gaps in it: they bound what one phrase can match.
_LONGEST, _GAPS = 200, 4
#: The shortest literal that a phrase may have as its longest.
_ANCHOR = 5


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CauseTable(_Table):
    """One reason for the error."""

    text: Line
    fix: Line
    rules: list[Code] = Field(default_factory=list)


class ExampleTable(_Table):
    """A text with the error in it."""

    by: Line
    log: str = Field(min_length=1)
    also: list[Kebab] = Field(default_factory=list)


class ExplanationFile(_Table):
    """One file of the catalogue."""

    name: Kebab
    title: Line
    match: list[Line] = Field(min_length=1)
    meaning: Prose
    references: list[Url] = Field(min_length=1)
    cause: list[CauseTable] = Field(min_length=1)
    example: list[ExampleTable] = Field(min_length=1)
    unlike: list[str] = Field(default_factory=list)


def read_checked(where: Path, codes: Collection[str]) -> list[Explanation]:
    """The catalogue of a folder. Raises RuleError naming file and key; `codes` are the rules that causes may name."""
    found = [_checked(stem, table, codes) for stem, table in tables(where)]
    names, owners = {one.name for one in found}, dict[str, str]()
    for one in found:
        for phrase in map(folded, one.match):
            if other := owners.get(phrase):
                raise _error(one.name, "match", f'"{phrase}" is a phrase of {other} already; take one out')
            owners[phrase] = one.name
        if unknown := {name for example in one.examples for name in example.also} - names:
            raise _error(one.name, "example.also", f'no explanation is named "{min(unknown)}"')
    return found


def _checked(stem: str, table: object, codes: Collection[str]) -> Explanation:
    try:
        model = ExplanationFile.model_validate(table)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise _error(stem, ".".join(map(str, problem["loc"])), problem["msg"].removeprefix("Value error, ")) from None
    if model.name != stem:
        raise _error(stem, "name", f'"{model.name}", but the file is named "{stem}"; make them agree')
    if not model.references[0].startswith("https://neon.com/"):
        raise _error(stem, "references", "the first one is not Neon's; put Neon's page first")
    for phrase in model.match:
        _check_phrase(stem, phrase)
    if unknown := {code for cause in model.cause for code in cause.rules} - set(codes):
        raise _error(stem, "cause.rules", f'no rule has the code "{min(unknown)}"')
    return explanation(model.model_dump())


def _check_phrase(stem: str, phrase: str) -> None:
    """Bounded gaps with words around them, so that a phrase takes linear time and does not match by chance."""
    parts = folded(phrase).split(GAP)
    open_ended = [not (before.endswith("'") and after.startswith("'")) for before, after in pairwise(parts)]
    if not parts[0] or not parts[-1] or len(phrase) > _LONGEST or len(open_ended) > _GAPS:
        raise _error(stem, "match", f'"{phrase}" is too long or ends in a gap; keep the words that are always there')
    if max(map(len, parts)) < _ANCHOR or phrase.isdigit():
        raise _error(stem, "match", f'"{phrase}" would match by chance; add words, or quotes around a number')
    if sum(open_ended) > 1:
        raise _error(stem, "match", f'"{phrase}" has two gaps without quotes around them; take one out')


def _error(stem: str, key: str, text: str) -> RuleError:
    return RuleError(f"explanations/{stem}.toml: {key}: {text}")
