"""Targets of `generate` as pages of the documentation, made of what they generate from a placeholder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath

from neonlint import generate, targets
from neonlint.generate import Wish
from neonlint.targets.model import PROFILES, ROLES, RUNTIMES, Output, Target

_GENERATED = "<!-- Made by `python -m neonlint.pages --write`; edit the target instead. -->"
_LANGUAGES = {
    ".conf": "ini", ".cs": "csharp", ".exs": "elixir", ".go": "go", ".java": "java", ".json": "json", ".php": "php",
    ".prisma": "prisma", ".properties": "properties", ".py": "python", ".rs": "rust", ".sh": "sh", ".toml": "toml",
    ".ts": "ts", ".yaml": "yaml", ".yml": "yaml",
}  # fmt: skip


def target_pages(folder: Path) -> dict[Path, str]:
    """A page for each target, and one that lists them, by path below `folder`."""
    return {folder / f"{name}.md": text for name, text in _pages().items()}


@cache
def _pages() -> Mapping[str, str]:
    found = [targets.load(name) for name in targets.MODULES]
    return {"README": _text(_list(found)), **{target.name: _text(page(target)) for target in found}}


def page(target: Target) -> Iterator[str]:
    """The lines of one target's page, in Markdown."""
    yield from (_GENERATED, "", f"# {target.title}", "", target.summary, "")
    yield from ("```", f"neonlint generate {target.name} --from-env DATABASE_URL", "```", "")
    yield from _asked(target)
    if target.needs:
        needs = (text if " " in text else f"`{text}`" for text in target.needs)
        yield from (f"It relies on {'; '.join(needs)}.", "")
    for role in target.roles:
        for profile in PROFILES:
            yield from _shown(target, Wish(profile=profile, role=role))
    for runtime in target.runtimes[1:]:
        yield from _shown(target, Wish(runtime=runtime, role=target.roles[0]))
    yield from ("## Sources", "", *(f"- <{reference}>" for reference in target.references))


def _list(found: list[Target]) -> Iterator[str]:
    yield from (_GENERATED, "", "# Targets of `neonlint generate`", "")
    yield from ("| target | what it writes | runtimes | roles |", "|---|---|---|---|")
    for target in found:
        link = f"[`{target.name}`]({target.name}.md)"
        yield f"| {link} | {target.summary} | {', '.join(target.runtimes)} | {', '.join(target.roles)} |"


def _asked(target: Target) -> Iterator[str]:
    """What can be asked for, and what cannot, with the reason."""
    usual = f"`--runtime {target.runtimes[0]}`, `--role {target.roles[0]}`, `--profile {PROFILES[0]}`"
    yield f"Unless told otherwise: {usual}."
    for flag, served, known in (("runtime", target.runtimes, RUNTIMES), ("role", target.roles, ROLES)):
        for value in known:
            if value not in served:
                yield f"`--{flag} {value}`: {target.refusals[value]}."
    yield ""


def _shown(target: Target, wish: Wish) -> Iterator[str]:
    """What is generated for one wish."""
    said = [f"{flag} {value}" for flag, value in (("role", wish.role), ("profile", wish.profile)) if value]
    said += [f"runtime {wish.runtime}"] if wish.runtime else []
    output = generate.generate(target, None, wish).output
    yield from (f"## {', '.join(said).capitalize()}", "")
    for file in output.files:
        yield from (f"`{file.path}`", "", *_fenced(file.path, file.text), "")
    yield from _around(output)


def _around(output: Output) -> Iterator[str]:
    if output.variables:
        settings = (f"{variable.name}={variable.value}" for variable in output.variables)
        yield from ("The environment that it reads:", "", "```", *settings, "```", "")
    if output.notes:
        yield from (*(f"- {note[:1].upper()}{note[1:]}." for note in output.notes), "")


def _fenced(path: str, text: str) -> Iterator[str]:
    language = _LANGUAGES.get(PurePosixPath(path).suffix, "")
    yield from (f"```{language}", *text.splitlines(), "```")


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"
