"""The tables of a rule file as a schema, for reading and for editors. Knows no fact and no component."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from neonlint.errors import RuleError
from neonlint.ir.findings import Safety, Severity
from neonlint.rulebook_words import DOTTED, Code, Dotted, Files, Kebab, Line, Prose, Url
from neonlint.when_reader import nearest


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FixTable(_Table):
    """A repair: a patch over components. The first one applies whose `when` is true; one without `when` comes last."""

    title: Line = Field(description="What it does, as an imperative sentence.")
    safety: Safety = Field(description="Whether it keeps the meaning of a program that works today.")
    when: str | None = Field(None, description="A condition over the subject's facts.")
    set: dict[str, Any] = Field(
        default_factory=dict,
        description="Component names, as nested tables, to values; {fact} in a string is filled in.",
    )
    unset: list[Dotted] = Field(default_factory=list, description="Component names to take away.")
    note: Prose | None = Field(None, description="What to know before it is applied.")


class FindingTable(_Table):
    """Where the finding of a bad example points."""

    path: str = Field(description="One of the example's paths.")
    at: str = Field(min_length=1, description="The text there.")


class ExampleTable(_Table):
    """Either `bad` files (with `good`, what the fix makes of them) or `ok` files, which the rule is silent about."""

    title: Line | None = None
    bad: Files | None = Field(None, description="Path to text; gives exactly one finding of this rule.")
    good: Files | None = Field(None, description="Path to text after the fix, byte for byte; other files stay.")
    ok: Files | None = Field(None, description="Path to text; the rule is silent.")
    fix: Literal["safe", "unsafe", "none"] | None = Field(
        None, description="What the fix needs here; follows from the rule's fixes if they are all alike."
    )
    finding: FindingTable | None = None


class RuleFile(_Table):
    """A neonlint rule: a condition over facts and a patch over components."""

    code: Code = Field(description="Stable for ever; the file's name begins with it.")
    name: Kebab = Field(description='Stable for ever; reads well after "allow"; the file\'s name ends with it.')
    summary: Line = Field(description="The defect in one sentence, without a full stop.")
    subject: str = Field(description="What the rule speaks about: connection, client, command, log, …")
    severity: Severity
    when: str = Field(description="The condition of the defect, over the subject's facts.")
    at: Dotted = Field(description="The component that the finding points at.")
    message: Line = Field(description="The finding's text; {fact} and {name} are filled in.")
    rationale: Prose = Field(description="What breaks, in two or three sentences.")
    references: list[Url] = Field(min_length=1, description="Where that is documented.")
    because: list[str] = Field(default_factory=list, description="Facts that are always shown with the finding.")
    fix: list[FixTable] = Field(default_factory=list)
    advice: Line | None = Field(None, description="What to do where there is no fix.")
    example: list[ExampleTable] = Field(min_length=1, description="Tests and documentation in one.")
    redirects: list[str] = Field(default_factory=list, description="Old codes and names of this rule.")
    tags: list[Kebab] = Field(default_factory=list)


def validated(raw: dict[str, Any], where: str) -> RuleFile:
    """A rule file's content by the schema. Raises RuleError, with a line for each problem."""
    try:
        return RuleFile.model_validate(raw)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        problems.sort(key=lambda problem: problem["type"] != "extra_forbidden")  # a misspelt key explains a missing one
        lines = [_sentence(problem, where) for problem in problems]
        raise RuleError("\n".join(lines)) from None


def _sentence(problem: ErrorDetails, where: str) -> str:
    loc = problem["loc"]
    if problem["type"] == "extra_forbidden":
        holder = f"{_key(loc[:-1])}: " if len(loc) > 1 else ""
        return f'{where}: {holder}unknown key "{loc[-1]}"{nearest(str(loc[-1]), _known_keys(loc))}'
    if problem["type"] == "missing":
        return f"{where}: {_key(loc)}: missing; add it"
    text = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be").replace("'", '"')
    return f"{where}: {_key(loc)}: {text[:1].lower()}{text[1:]}"


def _known_keys(loc: Sequence[int | str]) -> Iterable[str]:
    tables: dict[str, type[_Table]] = {"fix": FixTable, "example": ExampleTable, "finding": FindingTable}
    holders = [part for part in loc[:-1] if isinstance(part, str)]
    return (tables[holders[-1]] if holders else RuleFile).model_fields


def _key(loc: Sequence[int | str]) -> str:
    """`example[2].bad.".env"`: tables of an array count from 1."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        elif part != "[key]":
            text += "." * bool(text) + (part if DOTTED.fullmatch(part) else f'"{part}"')
    return text


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a rule file, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **RuleFile.model_json_schema()}
    fix = schema["properties"]["fix"]
    one = {"$ref": "#/$defs/FixTable"}
    schema["properties"]["fix"] = {"anyOf": [one, {"type": "array", "items": one}], "title": fix["title"]}
    return schema
