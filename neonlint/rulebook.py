"""The rules as everybody uses them, and how they are loaded. Knows no fact, file format or client.

A run on built-in rules reads `rules/index.json`, which `python -m neonlint.pages --write` makes; it needs neither
pydantic nor tomllib nor ast, and imports no fact. The index counts only while its digest equals that of the TOML files
and of the source of the facts; else, and always for an organisation's own rules, the TOML files are read
(`rulebook_reader`). Both ways give equal rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple
from zlib import adler32, crc32

from neonlint.errors import RuleError, UsageError
from neonlint.facts import catalogue, components
from neonlint.facts.answer import FactSpec, Scalar
from neonlint.ir.findings import Safety, Severity
from neonlint.records import asdict, dataclass, field
from neonlint.regex import regex
from neonlint.rulebook_files import RuleText, in_folder, policies, read, rules_folder, shown
from neonlint.when import Node

INDEX_FORMAT = 1
INDEX_NAME = "index.json"

FAMILIES: Mapping[str, str] = {
    "NL1": "TLS and server identity",
    "NL2": "Secrets and exposure",
    "NL3": "Endpoint choice",
    "NL4": "Driver compatibility and session features",
    "NL5": "Pools, time-outs and cold starts",
    "NL6": "Placement and network",
    "NL7": "Connection-string syntax",
    "NL9": "Hygiene",
}

_PREFIX = regex(r"([A-Z]{2,8})([0-9]{0,2})")
_PLACEHOLDER = regex(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class RuleFix:
    """One repair that a rule offers: a patch over component names. `when` is None for the fallback, the last of a rule.

    The string values of `set` are templates (`fill`). What is in `unset` is taken away.
    """

    title: str
    safety: Safety
    when: Node | None = None
    set: Mapping[str, Scalar] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    note: str = ""


class Expected(NamedTuple):
    """Where a bad example's finding points: the path of one of its files, and the text there."""

    path: str
    at: str


class Example(NamedTuple):
    """Files (path to text): either `bad` or `ok` is there. `good` holds every file of `bad` as the fix leaves it, and
    `fix` says whether that needs `--unsafe-fixes`; it is "none", and `good` None, where nothing can be repaired.
    """

    bad: Mapping[str, str] | None = None
    good: Mapping[str, str] | None = None
    ok: Mapping[str, str] | None = None
    title: str = ""
    fix: Literal["safe", "unsafe", "none"] = "none"
    finding: Expected | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What a run needs of a rule. `message` is a template over the subject's facts and `name` (`fill`).

    `at` names the component that a finding points at, `because` the facts that are always shown with it. `url` is the
    first reference. `file` is the TOML file, from which `details` reads the rest.
    """

    code: str
    name: str
    summary: str
    subject: str
    severity: Severity
    when: Node
    at: str
    message: str
    url: str
    file: str = field(compare=False)
    because: tuple[str, ...] = ()
    fixes: tuple[RuleFix, ...] = ()
    advice: str = ""
    tags: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()


class Details(NamedTuple):
    """What only a reader of the rule or a test of it needs. `when` is the condition as its author wrote it."""

    rationale: str
    references: tuple[str, ...]
    when: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What rules may speak of, by subject: facts; the places of `at`; the components of `set` and `unset`.

    A place `params.*` stands for every name that begins so. For a subject without an entry only the syntax is checked.
    `source` is the text that defines the facts, where there is one: in a digest it stands for them, so that they need
    not be imported.
    """

    facts: Mapping[str, Mapping[str, FactSpec]]
    at: Mapping[str, Iterable[str]] = field(default_factory=dict)
    settable: Mapping[str, Iterable[str]] = field(default_factory=dict)
    source: bytes = field(default=b"", repr=False)

    @classmethod
    def of_catalogue(cls) -> Vocabulary:
        """The words of `neonlint.facts`."""
        return cls(catalogue.FACTS, components.AT, components.SETTABLE, catalogue.source())


class Rulebook:
    """Rules, sorted by code, whose codes, names and redirects are all different (else RuleError)."""

    __slots__ = ("_by_name", "rules")

    def __init__(self, rules: Iterable[Rule]) -> None:
        given = tuple(rules)
        self.rules: tuple[Rule, ...] = tuple(sorted(given, key=lambda rule: rule.code))
        self._by_name: dict[str, Rule] = {}
        for rule in given:
            for word in (rule.code, rule.name, *rule.redirects):
                self._add(word, rule)

    def _add(self, word: str, rule: Rule) -> None:
        if other := self._by_name.get(word):
            here, there = shown(Path(rule.file)), shown(Path(other.file))
            raise RuleError(f'{here}: "{word}" is taken by {other.code} {other.name} ({there}); choose another')
        self._by_name[word] = rule

    def find(self, code_or_name: str) -> Rule | None:
        """The rule of this code or name, or one that has replaced it."""
        return self._by_name.get(code_or_name)

    def of(self, subject: str) -> tuple[Rule, ...]:
        """The rules that speak about `subject`."""
        return tuple(rule for rule in self.rules if rule.subject == subject)

    def select(self, patterns: Iterable[str]) -> set[str]:
        """The codes that `patterns` name: codes, names, prefixes such as `NL` and `NL1`, `ALL`. Raises UsageError."""
        return {code for pattern in patterns for code in self._matching(pattern)}

    def _matching(self, pattern: str) -> set[str]:
        if pattern == "ALL":
            return {rule.code for rule in self.rules}
        if rule := self.find(pattern):
            return {rule.code}
        found = set()
        if match := _PREFIX.fullmatch(pattern):
            found = {r.code for r in self.rules if r.code.startswith(pattern) and r.code[:-3] == match[1]}
        if not found and pattern not in FAMILIES:
            from neonlint.when_reader import nearest  # noqa: PLC0415 -- only an error needs it

            raise UsageError(
                f'unknown rule "{pattern}"{nearest(pattern, self._by_name) or "; see `neonlint rule --all`"}'
            )
        return found


def placeholders(template: str) -> list[str]:
    """The names in braces, in order."""
    return _PLACEHOLDER.findall(template)


def stray_brace(template: str) -> bool:
    """Whether there is a brace that is not one of a pair around a name."""
    return bool(set("{}") & set(_PLACEHOLDER.sub("", template)))


def fill(template: str, text_of: Callable[[str], str]) -> str:
    """`template` with each `{name}` replaced by `text_of(name)`, once: braces in the replacement mean nothing."""
    return _PLACEHOLDER.sub(lambda match: text_of(match[1]), template)


def load(
    extra: Sequence[Path | str] = (), *, folder: Path | None = None, vocabulary: Vocabulary | None = None
) -> Rulebook:
    """The built-in rules and those of `extra` (folders, or single files). Raises RuleError naming file and key."""
    home, words = folder or rules_folder(), vocabulary or Vocabulary.of_catalogue()
    files = in_folder(home, home.name)
    rules = from_index(home, digest(files, words))
    if rules is None:
        rules = [rule for rule, _ in read_rules(files, words)]
    for path in dict.fromkeys(map(Path, extra)):
        rules += [rule for rule, _ in read_policies(path, words)]
    return Rulebook(rules)


def details(rule: Rule, *, vocabulary: Vocabulary | None = None) -> Details:
    """Rationale, references and examples, read from the rule's file."""
    path = Path(rule.file)
    return read_rules([read(path, f"{path.parent.name}/{path.name}")], vocabulary or Vocabulary.of_catalogue())[0][1]


def read_rules(files: Iterable[RuleText], vocabulary: Vocabulary) -> list[tuple[Rule, Details]]:
    """Parse and check rule files: the slow path, which imports pydantic, tomllib and ast."""
    from neonlint.rulebook_reader import read_rule  # noqa: PLC0415  (see the module's first lines)

    return [read_rule(file, vocabulary) for file in files]


def read_folder(folder: Path, vocabulary: Vocabulary) -> list[tuple[Rule, Details]]:
    """Every rule of `folder`, whole, always from the TOML files."""
    return read_rules(in_folder(folder, folder.name), vocabulary)


def read_policies(path: Path, vocabulary: Vocabulary | None = None) -> list[tuple[Rule, Details]]:
    """An organisation's own rules, whole: those of a folder, or of one file. Raises RuleError.

    They are anybody's text. Their size is bounded, and codes and names of ours, present or future, are not theirs.
    """
    from neonlint.rulebook_reader import check_policy, check_words  # noqa: PLC0415  (see the module's first lines)

    files = policies(path)
    for file in files:
        check_policy(file)
    found = read_rules(files, vocabulary or Vocabulary.of_catalogue())
    for file, (rule, _) in zip(files, found, strict=True):
        check_words(file, rule)
    return found


# --- the index ---


def digest(files: Iterable[RuleText], vocabulary: Vocabulary) -> str:
    """A digest of everything that compiled rules depend on: the files, the words they may use, the index format."""
    parts = [repr((INDEX_FORMAT, _shape(vocabulary))).encode(), vocabulary.source]
    for file in files:
        parts += [f"\0{file.path.name}\0{len(file.data)}\0".encode(), file.data]
    whole = b"".join(parts)
    # This is held against forgetfulness, not malice, and hashlib takes 2.5 ms to load OpenSSL.
    return f"{len(whole):x}-{crc32(whole):08x}-{adler32(whole):08x}"


def _shape(vocabulary: Vocabulary) -> list[object]:
    facts = [
        (subject, name, spec.type, sorted(spec.values), spec.optional)
        for subject, specs in ([] if vocabulary.source else sorted(vocabulary.facts.items()))
        for name, spec in sorted(specs.items())
    ]
    places = [[(s, sorted(names)) for s, names in sorted(p.items())] for p in (vocabulary.at, vocabulary.settable)]
    return [facts, places]


def index_text(folder: Path, rules: Iterable[Rule], vocabulary: Vocabulary) -> str:
    """The text of `index.json` for the rules of `folder`."""
    items = [_pack(rule) for rule in sorted(rules, key=lambda rule: rule.code)]
    index = {"digest": digest(in_folder(folder, folder.name), vocabulary), "rules": items}
    return json.dumps(index, separators=(",", ":")) + "\n"


def from_index(folder: Path, expected: str) -> list[Rule] | None:
    """The rules of the index in `folder`, or None where it is absent, damaged or of another digest than `expected`."""
    try:
        index = json.loads((folder / INDEX_NAME).read_bytes())
        if index["digest"] != expected:
            return None
        return [_unpack(folder, item) for item in index["rules"]]
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _pack(rule: Rule) -> dict[str, Any]:
    item = {key: value for key, value in asdict(rule).items() if value not in ("", ())}
    del item["file"]
    return item


def _unpack(folder: Path, item: dict[str, Any]) -> Rule:
    for key in ("because", "tags", "redirects"):
        if key in item:
            item[key] = tuple(item[key])
    fixes = tuple(RuleFix(**{**fix, "unset": tuple(fix["unset"])}) for fix in item.pop("fixes", ()))
    return Rule(**item, fixes=fixes, file=f"{folder}/{item['code']}-{item['name']}.toml")
