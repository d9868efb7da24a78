"""Rules as pages: for the terminal, as Markdown, as JSON. Judges nothing.

A page shows only what a rule file says; characters that do not print are escaped, so a page is safe for any terminal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from textwrap import indent
from typing import TypeAlias

from neonlint.facts.answer import FactSpec, Scalar
from neonlint.records import dataclass
from neonlint.rulebook import (
    FAMILIES,
    Details,
    Example,
    Rule,
    RuleFix,
    Vocabulary,
)
from neonlint.when_show import show

Json: TypeAlias = "str | int | float | bool | Mapping[str, Json] | Sequence[Json] | None"

#: What begins every page that is made.
GENERATED = "<!-- Made by `python -m neonlint.pages --write`; edit the rule or fact instead. -->"
#: What `neonlint fix` does with a comment that suppresses nothing, or gives no reason where one is asked for.
_COMMENT = (RuleFix("Take it out of the comment, and the comment away where nothing else is in it", "safe"),)
_LANGUAGES = {
    ".cjs": "js",
    ".cfg": "ini",
    ".ini": "ini",
    ".js": "js",
    ".json": "json",
    ".jsx": "jsx",
    ".mjs": "js",
    ".prisma": "prisma",
    ".py": "python",
    ".sh": "sh",
    ".sql": "sql",
    ".toml": "toml",
    ".ts": "ts",
    ".tsx": "tsx",
    ".yaml": "yaml",
    ".yml": "yaml",
}


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be shown as it is, with what it is (a file's path, mostly)."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a page: prose and code, in order."""

    title: str
    blocks: tuple[str | Code, ...]


def family(code: str) -> str:
    """The family that a code belongs to; codes of an organisation's own have none of ours."""
    return FAMILIES.get(code[:3], "Own policies")


def allow(rule: Rule) -> str:
    """The comment that allows a finding of `rule` at its place."""
    return f"# neonlint: ignore[{rule.code}] reason"


def sections(rule: Rule, details: Details) -> Iterator[Section]:
    """What a page says below its head: why, an example, fixes, how to allow it; then when exactly, more examples,
    references."""
    examples = list(details.examples)
    first = next((example for example in examples if example.bad), None)
    yield Section("Why", (details.rationale,))
    if first is not None:
        yield _example(first)
        examples.remove(first)
    yield Section("Fix", tuple(_fixes(rule)))
    if rule.advice:
        yield Section("Help", (f"{rule.advice[:1].upper()}{rule.advice[1:]}.",))
    yield Section("Allow it", (Code(allow(rule), "comment"),))
    if details.when != "True":
        yield Section("When", (Code(details.when, "condition"), *_because(rule)))
    yield from map(_example, examples)
    if rule.redirects:
        yield Section("Former names", (", ".join(rule.redirects),))
    yield Section("References", ("\n".join(f"- <{url}>" for url in details.references),))


def _because(rule: Rule) -> tuple[str, ...]:
    return (f"A finding always shows: {', '.join(rule.because)}.",) if rule.because else ()


def _fixes_of(rule: Rule) -> Sequence[RuleFix]:
    """The fixes of a rule; those of a comment that suppresses something are made without a patch."""
    return _COMMENT if rule.subject == "suppression" else rule.fixes


def _fixes(rule: Rule) -> Iterator[str | Code]:
    fixes = _fixes_of(rule)
    if not fixes:
        yield "None is made: only you know what is right here."
    if len(fixes) > 1:
        yield "The first whose condition holds is made."
    for fix in fixes:
        yield from _fix_blocks(fix)


def _fix_blocks(fix: RuleFix) -> Iterator[str | Code]:
    needs = "Safe" if fix.safety == "safe" else "Unsafe (needs `--unsafe-fixes`)"
    yield f"{needs}: {fix.title}."
    lines = [*_patch_lines(fix)]
    if fix.when is not None:
        lines = [f"if {show(fix.when)}:", *(f"    {line}" for line in lines)]
    if lines:
        yield Code("\n".join(lines), "patch")
    if fix.note:
        yield fix.note


def _patch_lines(fix: RuleFix) -> Iterator[str]:
    yield from (f"set {name} = {_toml_value(value)}" for name, value in fix.set.items())
    yield from (f"unset {name}" for name in fix.unset)


def _toml_value(value: Scalar) -> str:
    return json.dumps(value, ensure_ascii=False)


def _example(example: Example) -> Section:
    return Section(f"Example: {example.title}" if example.title else "Example", tuple(_example_blocks(example)))


def _example_blocks(example: Example) -> Iterator[str | Code]:
    bad, good, ok = example.bad or {}, example.good or {}, example.ok or {}
    yield from _files("Bad", bad)
    changed = {path: text for path, text in good.items() if text != bad.get(path)}
    yield from _files("Good" if example.fix == "safe" else "Good (with `--unsafe-fixes`)", changed)
    yield from _files("Fine as it is", ok)


def _files(word: str, files: Mapping[str, str]) -> Iterator[str | Code]:
    if files:
        yield f"{word}:"
    for path, text in files.items():
        yield Code(text.rstrip("\n"), path)


# --- the three forms ---


def as_text(rule: Rule, details: Details) -> str:
    """The page of one rule for a terminal, without colours; ends with a newline."""
    head = f"{rule.code} {rule.name}\n{rule.summary}\n\n"
    facts = f"{rule.severity}, {rule.subject}, {family(rule.code)}\n"
    return _shown(head + facts + "".join(map(_text_section, sections(rule, details))))


def _text_section(section: Section) -> str:
    return f"\n{section.title}\n" + "".join(map(_text_block, section.blocks))


def _text_block(block: str | Code) -> str:
    if isinstance(block, str):
        return (
            indent(block.replace("<https", "https").replace(">", "") if block.startswith("- <") else block, "  ") + "\n"
        )
    label = "" if block.label in {"condition", "comment", "patch"} else f"    {block.label}\n"
    return label + indent(block.text, "      " if label else "    ", lambda _: True) + "\n"


def as_markdown(rule: Rule, details: Details) -> str:
    """The page of one rule for the documentation."""
    head = [
        f"# {rule.code} {rule.name}",
        f"{rule.summary}.",
        f"{family(rule.code)} · {rule.severity} · speaks about: {rule.subject}",
    ]
    body = [part for section in sections(rule, details) for part in _markdown_section(section)]
    return _shown("\n\n".join([*head, *body]) + "\n")


def _markdown_section(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    for block in section.blocks:
        yield block if isinstance(block, str) else _fenced(block)


def _fenced(code: Code) -> str:
    longest = max((len(run) for run in re.findall("`+", code.text)), default=0)
    fence = "`" * max(3, longest + 1)
    is_file = code.label not in {"condition", "comment", "patch"}
    name = f"`{code.label}`\n\n" if is_file else ""
    language = _language(code.label) if is_file else "python" if code.label == "condition" else ""
    return f"{name}{fence}{language}\n{code.text}\n{fence}"


def _language(path: str) -> str:
    name = PurePosixPath(path)
    if name.name.startswith(".env") or name.suffix == ".env":
        return "dotenv"
    return "dockerfile" if name.name.startswith("Dockerfile") else _LANGUAGES.get(name.suffix, "")


def as_json(rule: Rule, details: Details) -> dict[str, Json]:
    """The page of one rule for programs."""
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "family": family(rule.code),
        "subject": rule.subject,
        "severity": rule.severity,
        "when": details.when,
        "at": rule.at,
        "message": rule.message,
        "because": list(rule.because),
        "rationale": details.rationale,
        "fixes": [_fix_json(fix) for fix in rule.fixes],
        "advice": rule.advice,
        "examples": [_example_json(example) for example in details.examples],
        "allow": allow(rule),
        "references": list(details.references),
        "tags": list(rule.tags),
        "redirects": list(rule.redirects),
    }


def _fix_json(fix: RuleFix) -> Json:
    return {
        "title": fix.title,
        "safety": fix.safety,
        "when": None if fix.when is None else show(fix.when),
        "set": dict(fix.set),
        "unset": list(fix.unset),
        "note": fix.note,
    }


def _example_json(example: Example) -> Json:
    found = example.finding
    return {
        "title": example.title,
        "bad": example.bad,
        "good": example.good,
        "ok": example.ok,
        "fix": example.fix,
        "finding": None if found is None else {"path": found.path, "at": found.at},
    }


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() or char in "\n\t" else ascii(char)[1:-1] for char in text)


# --- the pages about all of them ---


def rules_page(rules: Iterable[Rule]) -> str:
    """The table of all rules, by family."""
    lead = (
        "The fix column says whether `neonlint fix` repairs it: what is safe it does by itself, the rest with "
        "`--unsafe-fixes`. A safe fix counts as unsafe where something that it rests on was inferred."
    )
    parts = [GENERATED, "# Rules", lead]
    by_family: dict[str, list[Rule]] = {name: [] for name in FAMILIES.values()}
    for rule in rules:
        by_family.setdefault(family(rule.code), []).append(rule)
    for name, members in by_family.items():
        if members:
            parts += [
                f"## {name}",
                "\n".join(["| rule | | severity | fix |", "|---|---|---|---|", *map(_rule_row, members)]),
            ]
    return _shown("\n\n".join(parts) + "\n")


def _rule_row(rule: Rule) -> str:
    fixes = ", ".join(sorted({fix.safety for fix in _fixes_of(rule)})) or "–"
    return f"| [{rule.code} {rule.name}]({rule.code}.md) | {_cell(rule.summary)} | {rule.severity} | {fixes} |"


def facts_page(words: Vocabulary) -> str:
    """The reference of everything that a rule may name: facts, the places of `at`, what a fix may change."""
    lead = (
        "What a rule's `when`, `message` and `because` may speak about. A fact that cannot be seen leaves a condition "
        "unknown, and no rule fires on that; an absent one is `None`. Below the facts of a subject stands where `at` "
        "may point, `params.*` being any name that begins so, and what the `set` and `unset` of a fix may change."
    )
    parts = [GENERATED, "# Facts", lead]
    for subject, specs in words.facts.items():
        if specs:
            rows = [_fact_row(spec) for _, spec in sorted(specs.items())]
            parts += [f"## {subject}", "\n".join(["| fact | type | |", "|---|---|---|", *rows])]
            parts += [
                f"`at`: {_names(words.at.get(subject, ()))}",
                f"`set`, `unset`: {_names(words.settable.get(subject, ()))}",
            ]
    return _shown("\n\n".join(parts) + "\n")


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def _fact_row(spec: FactSpec) -> str:
    kind = " ".join(f'`"{value}"`' for value in spec.values) if spec.type == "enum" else spec.type
    return f"| `{spec.name}` | {_cell(kind)}{' or `None`' if spec.optional else ''} | {_cell(spec.doc)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
