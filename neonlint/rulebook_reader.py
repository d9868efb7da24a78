"""Reads one rule file: TOML, its schema, then what a schema cannot say. The slow path; knows no loaded rulebook.

Every error is a RuleError that begins with file and key and ends with the remedy.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

from neonlint.errors import RuleError
from neonlint.facts.answer import FactSpec, Scalar
from neonlint.rulebook import Details, Rule, RuleFix, Vocabulary, placeholders, stray_brace
from neonlint.rulebook_examples import read_details
from neonlint.rulebook_files import RuleText
from neonlint.rulebook_models import FixTable, RuleFile, validated
from neonlint.rulebook_words import CODE, DOTTED, KEBAB
from neonlint.when import Node
from neonlint.when_reader import nearest, parse

#: Subjects of which neonlint's own rules speak without a condition.
_OURS = ("suppression", "file")
_KEY_PARTS = 40
#: Reading a dotted key takes time and memory quadratic in its parts: 60,000 in one file took a minute.
_LONG_KEY = re.compile(
    rb"""(?:(?:(?<![\w-])[\w-]++|"(?:[^"\\\n]|\\.){0,100}+"|'[^'\n]{0,100}+')[ \t]*+\.[ \t]*+){%d}""" % _KEY_PARTS
)


def read_rule(file: RuleText, vocabulary: Vocabulary) -> tuple[Rule, Details]:
    """The rule in `file`, whole. Raises RuleError."""
    try:
        table = validated(_toml(file), file.where)
        return _Checked(table, file, vocabulary).rule(), read_details(table, file.where)
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


def check_words(file: RuleText, rule: Rule) -> None:
    """What is asked of it when it was read. Raises RuleError."""
    for word in rule.redirects:
        if word.startswith("NL") or word == "all":
            raise RuleError(f'{file.where}: redirects: "{word}" is for neonlint\'s own use; take it out')
    if rule.subject in _OURS:
        raise RuleError(f'{file.where}: subject: "{rule.subject}" has no facts to ask about; choose another')


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
        self.check_names("advice", table.advice or "", "name")
        self.check_place("at", table.at, self.vocabulary.at)
        for fact in table.because:
            self.check_fact("because", fact)
        for word in table.redirects:
            if not (CODE.fullmatch(word) or KEBAB.fullmatch(word)):
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
        if stray_brace(template):
            raise self.error(key, "a brace without its pair; write {fact}, or take the brace out")
        self.check_names(key, template, *more)

    def check_names(self, key: str, template: str, *more: str) -> None:
        """Of a text in which other braces may stand, too: advice shows shell and JavaScript."""
        for name in placeholders(template):
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
        self.check_names(f"{key}.title", fix.title, "name")
        when = None if fix.when is None else self.condition(f"{key}.when", fix.when)
        return RuleFix(fix.title, fix.safety, when, patch, tuple(fix.unset), fix.note or "")

    def flat(self, key: str, table: dict[str, Any], holders: tuple[str, ...]) -> Iterator[tuple[str, Scalar]]:
        for part, value in table.items():
            name = ".".join((*holders, part))
            if isinstance(value, dict):
                yield from self.flat(key, value, (*holders, part))
                continue
            if not DOTTED.fullmatch(name):
                raise self.error(key, f'"{name}" is not a dotted name; write it like params.sslmode')
            if not isinstance(value, str | int | float) or (isinstance(value, float) and not isfinite(value)):
                raise self.error(
                    f"{key}.{name}", "must be a string, number or bool; use unset to take a component away"
                )
            if isinstance(value, str):
                if not value.isprintable():
                    raise self.error(f"{key}.{name}", "holds what does not print; a value is one line of text")
                self.check_template(f"{key}.{name}", value)
            self.check_place(key, name, self.vocabulary.settable)
            yield name, value
