"""Reads one rule file: TOML, its schema, then what a schema cannot say. The slow path; knows no loaded rulebook.

Every error is a RuleError that begins with file and key and ends with the remedy.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from neonlint.errors import RuleError
from neonlint.facts.answer import FactSpec, Scalar
from neonlint.ir.findings import Safety, Severity
from neonlint.rulebook import Details, Example, Expected, Rule, RuleFix, RuleText, Vocabulary, placeholders
from neonlint.when import Node
from neonlint.when_reader import nearest, parse

_CODE = re.compile(r"[A-Z]{2,8}[0-9]{3}")
_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_URL = re.compile(r"https://[A-Za-z0-9.-]+(/[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?")
#: A message is repeated with every finding.
_LONGEST_LINE = 1_000
_KEY_PARTS = 40
#: Reading a dotted key takes time and memory quadratic in its parts: 60,000 in one file took a minute.
_LONG_KEY = re.compile(
    rb"""(?:(?:(?<![\w-])[\w-]++|"(?:[^"\\\n]|\\.){0,100}+"|'[^'\n]{0,100}+')[ \t]*+\.[ \t]*+){%d}""" % _KEY_PARTS
)
_BIDI = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def _clean(text: str, allowed: str = "") -> str:
    if not text.strip():
        raise ValueError("empty; write something or leave the key out")
    if bad := next((c for c in text if c in _BIDI or (not c.isprintable() and c not in allowed)), None):
        raise ValueError(f"holds U+{ord(bad):04X}, which does not print; take it out")
    return text


def _line(text: str) -> str:
    if text != text.strip():
        raise ValueError("blanks at the begin or end; take them out")
    if len(text) > _LONGEST_LINE:
        raise ValueError(f"longer than {_LONGEST_LINE:,} characters; shorten it")
    return _clean(text)


def _prose(text: str) -> str:
    return _clean(text, "\n").strip()


def _sample(text: str) -> str:
    """An example's text is shown escaped, so only what could never be in a text file is refused."""
    if "\0" in text:
        raise ValueError("holds U+0000; take it out")
    return text


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError('not an https address; write "https://…"')
    return text


def _kebab(text: str) -> str:
    if not _KEBAB.fullmatch(text):
        raise ValueError('not in kebab case; write it like "direct-host"')
    return text


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError('not a code; write it like "NL302"')
    return text


def _dotted(text: str) -> str:
    if not _DOTTED.fullmatch(text):
        raise ValueError('not a dotted name; write it like "params.sslmode"')
    return text


def _path(text: str) -> str:
    parts = text.split("/")
    if not text.isprintable() or "\\" in text or ":" in text or {"", ".", ".."} & set(parts):
        raise ValueError("not a plain relative path; write it with forward slashes and without ..")
    return text


Line = Annotated[str, AfterValidator(_line)]
Prose = Annotated[str, AfterValidator(_prose)]
Url = Annotated[str, AfterValidator(_url), Field(json_schema_extra={"pattern": "^https://"})]
Code = Annotated[str, AfterValidator(_code), Field(json_schema_extra={"pattern": f"^{_CODE.pattern}$"})]
Kebab = Annotated[str, AfterValidator(_kebab), Field(json_schema_extra={"pattern": f"^{_KEBAB.pattern}$"})]
Dotted = Annotated[str, AfterValidator(_dotted), Field(json_schema_extra={"pattern": f"^{_DOTTED.pattern}$"})]
Files: TypeAlias = Annotated[
    dict[Annotated[str, AfterValidator(_path)], Annotated[str, AfterValidator(_sample)]], Field(min_length=1)
]


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


def read_rule(file: RuleText, vocabulary: Vocabulary) -> tuple[Rule, Details]:
    """The rule in `file`, whole. Raises RuleError."""
    try:
        table = _validated(_toml(file), file.where)
        return _Checked(table, file, vocabulary).rule(), _details(table, file.where)
    except RecursionError:
        raise RuleError(f"{file.where}: nested too deep; write flat tables") from None


def check_policy(file: RuleText) -> None:
    """What is asked of an organisation's own rule before it is read. Raises RuleError."""
    code, name = file.names()
    if code.startswith("NL") and len(code) == len("NL000"):
        raise RuleError(f"{file.where}: code: {code} begins like neonlint's own; choose your letters, as in ACME001")
    if name == "all":
        raise RuleError(f'{file.where}: name: "all" stands for every rule; choose another')
    if _LONG_KEY.search(file.data):
        raise RuleError(f"{file.where}: a key of more than {_KEY_PARTS} parts; write flat tables")


def _toml(file: RuleText) -> dict[str, Any]:
    try:
        raw = tomllib.loads(file.data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RuleError(f"{file.where}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{file.where}: not TOML: {error}") from None
    except ValueError:
        raise RuleError(f"{file.where}: not TOML: a number or date that is too large; write a smaller one") from None
    return {**raw, "fix": [raw["fix"]]} if isinstance(raw.get("fix"), dict) else raw


# --- what the schema says ---


def _validated(raw: dict[str, Any], where: str) -> RuleFile:
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
            text += "." * bool(text) + (part if _DOTTED.fullmatch(part) else f'"{part}"')
    return text


# --- what it cannot say ---


class _Checked:
    """Checks a rule's fields against each other and against the vocabulary while making the rule."""

    def __init__(self, table: RuleFile, file: RuleText, vocabulary: Vocabulary) -> None:
        self.table, self.file, self.vocabulary = table, file, vocabulary

    def error(self, key: str, text: str) -> RuleError:
        return RuleError(f"{self.file.where}: {key}: {text}")

    def rule(self) -> Rule:
        table = self.table
        self.check_file_name()
        self.check_subject()
        self.check_template("message", table.message, "name")
        self.check_place("at", table.at, self.vocabulary.at)
        for fact in table.because:
            self.check_fact("because", fact)
        for word in table.redirects:
            if not (_CODE.fullmatch(word) or _KEBAB.fullmatch(word)):
                raise self.error("redirects", f'"{word}" is neither a code nor a name; write it like "NL302"')
        return Rule(
            code=table.code,
            name=table.name,
            summary=table.summary,
            subject=table.subject,
            severity=table.severity,
            when=self.condition("when", table.when),
            at=table.at,
            message=table.message,
            url=table.references[0],
            file=str(self.file.path),
            because=tuple(table.because),
            fixes=tuple(self.fixes()),
            advice=table.advice or "",
            tags=tuple(table.tags),
            redirects=tuple(table.redirects),
        )

    @property
    def facts(self) -> Mapping[str, FactSpec]:
        return self.vocabulary.facts[self.table.subject]

    def check_file_name(self) -> None:
        code, name = self.file.names()
        for key, written, named in (("code", self.table.code, code), ("name", self.table.name, name)):
            if written != named:
                raise self.error(key, f'"{written}", but the file is named "{named}"; make them agree')

    def check_subject(self) -> None:
        subjects = self.vocabulary.facts
        if self.table.subject not in subjects:
            raise self.error(
                "subject", f'unknown subject "{self.table.subject}"{nearest(self.table.subject, subjects)}'
            )

    def condition(self, key: str, text: str) -> Node:
        return parse(text, self.facts, where=f"{self.file.where}: {key}", subject=self.table.subject)

    def check_fact(self, key: str, name: str, *more: str) -> None:
        if name not in self.facts and name not in more:
            of = f"for subject {self.table.subject}"
            hint = nearest(name, [*self.facts, *more]) or "; see the fact reference"
            raise self.error(key, f'unknown fact "{name}" {of}{hint}')

    def check_template(self, key: str, template: str, *more: str) -> None:
        try:
            names = placeholders(template)
        except ValueError:
            raise self.error(key, "a brace without its pair; write {fact}, or take the brace out") from None
        for name in names:
            self.check_fact(key, name, *more)

    def check_place(self, key: str, name: str, known: Mapping[str, Iterable[str]]) -> None:
        places = set(known.get(self.table.subject, ()))
        open_ended = any(place.endswith(".*") and name.startswith(place[:-1]) for place in places)
        if places and name not in places and not open_ended:
            raise self.error(key, f'unknown name "{name}" for subject {self.table.subject}{nearest(name, places)}')

    def fixes(self) -> Iterator[RuleFix]:
        for number, fix in enumerate(self.table.fix, 1):
            key = f"fix[{number}]" if len(self.table.fix) > 1 else "fix"
            if fix.when is None and number < len(self.table.fix):
                raise self.error(key, "has no when, so the fixes behind it never apply; put it last")
            yield self.fix(key, fix)

    def fix(self, key: str, fix: FixTable) -> RuleFix:
        patch = dict(self.flat(f"{key}.set", fix.set, ()))
        if not patch and not fix.unset:
            raise self.error(key, "changes nothing; add set or unset")
        if both := sorted(set(patch) & set(fix.unset)):
            raise self.error(f"{key}.unset", f'"{both[0]}" is set as well; take one out')
        for name in fix.unset:
            self.check_place(f"{key}.unset", name, self.vocabulary.settable)
        when = None if fix.when is None else self.condition(f"{key}.when", fix.when)
        return RuleFix(fix.title, fix.safety, when, patch, tuple(fix.unset), fix.note or "")

    def flat(self, key: str, table: dict[str, Any], holders: tuple[str, ...]) -> Iterator[tuple[str, Scalar]]:
        for part, value in table.items():
            name = ".".join((*holders, part))
            if isinstance(value, dict):
                yield from self.flat(key, value, (*holders, part))
                continue
            if not _DOTTED.fullmatch(name):
                raise self.error(key, f'"{name}" is not a dotted name; write it like params.sslmode')
            if not isinstance(value, str | int | float) or (isinstance(value, float) and not isfinite(value)):
                raise self.error(
                    f"{key}.{name}", "must be a string, number or bool; use unset to take a component away"
                )
            if isinstance(value, str):
                self.check_template(f"{key}.{name}", value)
            self.check_place(key, name, self.vocabulary.settable)
            yield name, value


def _details(table: RuleFile, where: str) -> Details:
    safeties: set[Safety] = {fix.safety for fix in table.fix}
    examples = tuple(_example(item, f"{where}: example[{i}]", safeties) for i, item in enumerate(table.example, 1))
    for key, there in (("bad", any(e.bad for e in examples)), ("ok", any(e.ok for e in examples))):
        if not there:
            raise RuleError(f"{where}: example: none with {key}; add an [[example]] with {key} = …")
    if table.fix and not any(e.good for e in examples):
        raise RuleError(
            f"{where}: example: none with good, but there is a fix; add what the fix makes of a bad example"
        )
    return Details(table.rationale, tuple(table.references), table.when.strip(), examples)


def _example(table: ExampleTable, where: str, safeties: set[Safety]) -> Example:
    title = table.title or ""
    if table.ok is not None:
        if table.bad or table.good or table.finding or table.fix:
            raise RuleError(f"{where}: ok stands alone; put bad, good, finding and fix in an [[example]] of their own")
        return Example(ok=table.ok, title=title)
    if table.bad is None:
        raise RuleError(f"{where}: has neither bad nor ok; add one")
    good = _good(table, table.bad, where)
    fix = _fix_of(table, where, safeties)
    return Example(bad=table.bad, good=good, title=title, fix=fix, finding=_expected(table, table.bad, where))


def _good(table: ExampleTable, bad: Mapping[str, str], where: str) -> Mapping[str, str] | None:
    if table.good is None:
        return None
    if extra := sorted(set(table.good) - set(bad)):
        raise RuleError(f'{where}.good: "{extra[0]}" is not in bad; a fix makes no files')
    good = {**bad, **table.good}
    if good == dict(bad):
        raise RuleError(f"{where}.good: the same as bad; write what the fix makes of it")
    return good


def _fix_of(table: ExampleTable, where: str, safeties: set[Safety]) -> Literal["safe", "unsafe", "none"]:
    """What the fix needs here: as written, else the safety that all fixes of the rule have."""
    if table.good is None:
        if table.fix in {"safe", "unsafe"}:
            raise RuleError(f"{where}.fix: {table.fix}, but there is no good; add what the fix makes of bad")
        if safeties and table.fix is None:
            raise RuleError(f'{where}: has no good; add it, or fix = "none" where the fix does not apply')
        return "none"
    if not safeties or table.fix == "none":
        raise RuleError(f"{where}.good: no fix makes it; write it as an [[example]] with ok")
    if table.fix is None and len(safeties) > 1:
        raise RuleError(f'{where}.fix: the rule has safe and unsafe fixes; write fix = "safe" or fix = "unsafe"')
    return next(iter(safeties)) if table.fix is None else table.fix


def _expected(table: ExampleTable, bad: Mapping[str, str], where: str) -> Expected | None:
    if table.finding is None:
        return None
    if table.finding.path not in bad:
        raise RuleError(f'{where}.finding.path: "{table.finding.path}" is not in bad{nearest(table.finding.path, bad)}')
    if table.finding.at not in bad[table.finding.path]:
        raise RuleError(f"{where}.finding.at: not in the text of {table.finding.path}; copy it from there")
    return Expected(table.finding.path, table.finding.at)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a rule file, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **RuleFile.model_json_schema()}
    fix = schema["properties"]["fix"]
    one = {"$ref": "#/$defs/FixTable"}
    schema["properties"]["fix"] = {"anyOf": [one, {"type": "array", "items": one}], "title": fix["title"]}
    return schema
