"""Explanations as pages: for the terminal, as Markdown, as JSON; and the documentation of the whole catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from neonlint.explain_catalogue import Cause, Explanation
from neonlint.explain_match import Seen
from neonlint.records import dataclass

if TYPE_CHECKING:
    from neonlint.explain_project import Place

WIDTH = 100
#: How many findings of one cause a page lists.
MOST = 5
#: A blank at which no line is broken.
_TOGETHER = "\u00a0"
_GENERATED = "<!-- Made by `python -m neonlint.pages --write`; edit the files in `explanations` instead. -->"


@dataclass(frozen=True, slots=True)
class Page:
    """One explanation with what is known of it here. `seen` says where a text holds it, `here` what the project holds
    (None where no project was looked at), `names` the names of rules by code."""

    explanation: Explanation
    names: Mapping[str, str]
    seen: Seen | None = None
    here: Mapping[str, Sequence[Place]] | None = None

    def causes(self) -> list[tuple[Cause, list[Place]]]:
        """The causes with their findings; those that have some come first, else the likeliest."""
        causes = [(cause, self._places(cause)) for cause in self.explanation.causes]
        return sorted(causes, key=lambda pair: not pair[1])

    def _places(self, cause: Cause) -> list[Place]:
        return [place for code in cause.rules for place in (self.here or {}).get(code, ())]

    def rule(self, code: str) -> str:
        """Code and name of a rule."""
        return f"{code} {self.names[code]}"


# --- for the terminal ---


def as_text(page: Page, *, lines: bool) -> Iterator[str]:
    """A page for a terminal; `lines` says whether line numbers of the text mean anything."""
    one = page.explanation
    yield one.title
    if page.seen:
        yield from _filled(f"{_where(page.seen, lines)}: {page.seen.phrase}", "  ")
    yield ""
    yield from _filled(one.meaning, "  ")
    yield ""
    yield "  Causes, the likeliest first" + (
        "; what is in this project comes before:" if any(places for _, places in page.causes()) else ":"
    )
    for number, (cause, places) in enumerate(page.causes(), 1):
        yield from _cause(number, cause, places, page)
    yield ""
    yield from (f"  {url}" for url in one.references)


def _where(seen: Seen, lines: bool) -> str:
    times = f", {seen.times} times" if seen.times > 1 else ""
    return f"line {seen.row}{times}" if lines else f"recognised{times}"


def _cause(number: int, cause: Cause, places: Sequence[Place], page: Page) -> Iterator[str]:
    mark = "[found here] " if places else ""
    yield from _filled(f"{mark}{cause.text}", "     ", first=f"  {number}. ")
    for place in places[:MOST]:
        yield f"       {place.path}:{place.row}: {place.message} ({place.code})"
    if len(places) > MOST:
        yield f"       and {len(places) - MOST} more: `neonlint check --select {','.join(cause.rules)}`"
    yield from _filled(cause.fix, "        ", first="     -> ")
    if cause.rules and not places:
        rules = ", ".join(page.rule(code).replace(" ", _TOGETHER) for code in cause.rules)
        yield from (line.replace(_TOGETHER, " ") for line in _filled(rules, "            ", first="     rules: "))


def _filled(text: str, indent: str, first: str | None = None) -> list[str]:
    whole = fill(
        text,
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return whole.split("\n")


def listed(explanations: Iterable[Explanation]) -> Iterator[str]:
    """The catalogue in one line for each error."""
    every = list(explanations)
    width = max((len(one.name) for one in every), default=0)
    yield from (f"{one.name:{width}}  {one.title}" for one in every)


# --- for programs ---


def as_json(page: Page) -> dict[str, Any]:
    """A page for programs. `line` and `times` are null where no text was looked at."""
    one, seen = page.explanation, page.seen
    return {
        "name": one.name,
        "title": one.title,
        "line": seen.row if seen else None,
        "times": seen.times if seen else None,
        "phrase": seen.phrase if seen else None,
        "match": list(one.match),
        "meaning": one.meaning,
        "causes": [
            {
                "text": cause.text,
                "fix": cause.fix,
                "rules": [{"code": code, "name": page.names[code]} for code in cause.rules],
                "findings": [
                    {"filename": place.path, "row": place.row, "code": place.code, "message": place.message}
                    for place in places
                ],
            }
            for cause, places in page.causes()
        ],
        "references": list(one.references),
    }


# --- as Markdown ---


def as_markdown(page: Page, *, lines: bool, rules: str = "") -> Iterator[str]:
    """A page as Markdown; `rules` is the folder of the rules' pages, for links to them."""
    one = page.explanation
    yield f"## {one.title}"
    yield ""
    if page.seen:
        yield f"`{one.name}`, {_where(page.seen, lines)}: {_code(page.seen.phrase)}"
    else:
        yield f"`{one.name}`. In logs: {', '.join(map(_code, one.match))}."
    yield ""
    yield one.meaning
    yield ""
    for number, (cause, places) in enumerate(page.causes(), 1):
        yield f"{number}. {'**Found here.** ' if places else ''}{cause.text}."
        yield f"   {cause.fix}."
        if cause.rules:
            yield f"   Rules: {', '.join(_link(page.rule(code), code, rules) for code in cause.rules)}."
        yield from (f"   - {_code(f'{place.path}:{place.row}')}: {place.message} ({place.code})" for place in places)
    yield ""
    yield "\n".join(f"- <{url}>" for url in one.references)


def errors_page(explanations: Iterable[Explanation], names: Mapping[str, str]) -> str:
    """The documentation of the whole catalogue."""
    every = list(explanations)
    parts = [
        _GENERATED,
        "# Connection errors",
        "What `neonlint explain` knows. `…` in a message stands for a name or a number that differs.",
        "\n".join(f"- [{one.title}](#{_anchor(one.title)})" for one in every),
        *("\n".join(as_markdown(Page(one, names), lines=False, rules="rules")) for one in every),
    ]
    return "\n\n".join(parts) + "\n"


def _link(text: str, code: str, rules: str) -> str:
    return f"[{text}]({rules}/{code}.md)" if rules else text


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _anchor(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return "".join(char for char in title.lower().replace(" ", "-") if char.isalnum() or char in "-_")
