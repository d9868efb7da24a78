"""The map as a Mermaid flow chart: users, variables, endpoints from left to right, for a README or a pull request.

Every character of a label that Mermaid or a browser could read as anything but itself is written as an entity code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from neonlint.regex import regex
from neonlint.report import map_words as words

if TYPE_CHECKING:
    from neonlint.inventory import Route, Source

#: Mermaid's arrows: solid, dashed, and without a head.
_ARROWS: dict[Route, str] = {"pooled": "-->", "direct": "-.->", "unknown": "---"}
_NOT_PLAIN = regex(r"[^A-Za-z0-9 .,/_…·()=+-]")
_CLASSES = (
    "classDef pooled stroke:#1a7f37,stroke-width:2px",
    "classDef direct stroke:#bc4c00,stroke-width:2px,stroke-dasharray:6 3",
    "classDef unknown stroke:#6e7781,stroke-dasharray:2 3",
    "classDef attention stroke:#cf222e,stroke-width:4px",
)


def lines(shown: words.Shown, width: int) -> Iterator[str]:  # noqa: ARG001 -- every format is given it
    """The flow chart, line by line."""
    inventory = shown.inventory
    yield "flowchart LR"
    if not inventory.sources and not inventory.users:
        yield f'  nothing["{escaped("no connection is seen")}"]'
    for user in inventory.users:
        facts = ", ".join(filter(None, (*words.user_facts(inventory, user), words.own_tls(inventory, user))))
        kind = words.kind_of(user)
        label = _label(f"{words.tool_of(user)} {kind}", shown.place(user.place), facts)
        mark = ":::attention" if words.serverless_direct(inventory, user) else ""
        yield f'  {user.id}(["{label}"]){mark}'
    for source in inventory.sources:
        label = _label(words.name_of(source), shown.place(source.place), _protection(source))
        mark = "attention" if words.is_lax(inventory, source) else source.route
        yield f'  {source.id}["{label}"]:::{mark}'
    for endpoint in inventory.endpoints:
        label = _label(endpoint.host, ", ".join(words.endpoint_facts(endpoint)))
        yield f'  {endpoint.id}[("{label}")]:::{endpoint.route}'
    for user in inventory.users:
        for link in user.links:
            yield f"  {user.id} {_ARROWS[inventory.source(link.source).route]} {link.source}"
    for source in inventory.sources:
        if source.endpoint is not None:
            word = "to" if source.route == "unknown" else source.route
            yield f"  {source.id} {_ARROWS[source.route]}|{word}| {source.endpoint}"
    yield from (f"  {line}" for line in _CLASSES)


def _protection(source: Source) -> str:
    if source.standing == "undefined":
        return "not defined in this project"
    return source.endpoint_why if source.endpoint is None else words.TLS_WORDS[source.tls]


def _label(*texts: str) -> str:
    return "<br/>".join(escaped(text) for text in texts if text)


def escaped(text: str) -> str:
    """A text as a Mermaid label shows it."""
    return _NOT_PLAIN.sub(lambda found: f"#{ord(found[0])};", text)
