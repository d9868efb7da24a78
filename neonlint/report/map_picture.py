"""The picture of the map's page: SVG boxes and curves. What is cut off in a box stands whole in its tooltip and in the
table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from neonlint.report import map_layout as layout
from neonlint.report import map_words as words
from neonlint.report.map_layout import Box, Figure
from neonlint.report.map_table import cells
from neonlint.report.redact import scrub

if TYPE_CHECKING:
    from neonlint.inventory import Endpoint, Route, Source, Tls, User

_HEADS = ("Used by", "Variable or setting", "Leads to")
_LEGEND: tuple[tuple[Route, str], ...] = (
    ("pooled", "through the pooler"),
    ("direct", "direct"),
    ("unknown", "not known, or not Neon"),
)
_SIGNS: tuple[tuple[Tls, str], ...] = (("verified", "verified"), ("none", "not verified"), ("unknown", "not known"))


class _Drawn(NamedTuple):
    """The three lines of a box, the classes of the box and of its last line, and everything it says."""

    name: str
    where: str
    facts: str
    kind: str
    mark: str
    whole: str


def legend() -> Iterator[str]:
    """What lines and borders mean."""
    yield '<ul class="legend">'
    for route, meaning in _LEGEND:
        line = f'<svg width="44" height="8" aria-hidden="true"><path class="link {route}" d="M0 4H44"></path></svg>'
        yield f"<li>{line}{meaning}</li>"
    yield "<li>thick red border: look here first</li>"
    signs = ", ".join(f"{words.SIGNS[level]} {meaning}" for level, meaning in _SIGNS)
    yield f"<li>{signs}</li>"
    yield "</ul>"


def lines(shown: words.Shown) -> Iterator[str]:
    """The figures, one for all that is connected."""
    drawn = _drawn(shown)
    routes = {source.id: source.route for source in shown.inventory.sources}
    found = layout.figures(shown.inventory)
    if not found:
        yield '<p class="quiet">Nothing is seen to connect to Postgres.</p>'
    for number, figure in enumerate(found, 1):
        yield from _figure(figure, drawn, routes, number)


def _figure(figure: Figure, drawn: Mapping[str, _Drawn], routes: Mapping[str, Route], number: int) -> Iterator[str]:
    size = f'viewBox="0 0 {layout.FIGURE_WIDTH} {figure.height}" width="{layout.FIGURE_WIDTH}" height="{figure.height}"'
    yield f'<div class="figure" tabindex="0" role="region" aria-label="Figure {number}">'
    yield f'<svg {size} role="group">'
    for column, head in enumerate(_HEADS):
        x = layout.MARGIN + column * (layout.WIDTH + layout.COLUMN_GAP)
        yield f'<text class="head" x="{x}" y="16">{head}</text>'
    for curve in figure.curves:
        ends = f'data-start="{curve.start}" data-end="{curve.end}"'
        yield f'<path class="link {routes[_source_of(curve.start, curve.end)]}" {ends} d="{curve.path}"></path>'
    for box in figure.boxes:
        yield from _box(box, drawn[box.id])
    yield "</svg>"
    yield "</div>"


def _source_of(start: str, end: str) -> str:
    return start if start.startswith("s") else end


def _box(box: Box, drawn: _Drawn) -> Iterator[str]:
    x = box.x + 14
    yield f'<a class="box {drawn.kind}" href="#row-{box.id}" data-id="{box.id}" aria-label="{escape(drawn.whole)}">'
    yield f"<title>{escape(drawn.whole)}</title>"
    yield f'<rect x="{box.x}" y="{box.y}" width="{layout.WIDTH}" height="{layout.HEIGHT}" rx="8"></rect>'
    texts = (("name", drawn.name), ("where", drawn.where), (drawn.mark, drawn.facts))
    for row, (kind, text) in enumerate((kind, text) for kind, text in texts if text):
        yield f'<text class="{kind}" x="{x}" y="{box.y + 23 + row * 19}">{escape(text)}</text>'
    yield "</a>"


def _drawn(shown: words.Shown) -> dict[str, _Drawn]:
    inventory = shown.inventory
    return {
        **{user.id: _user(shown, user) for user in inventory.users},
        **{source.id: _source(shown, source) for source in inventory.sources},
        **{endpoint.id: _endpoint(endpoint) for endpoint in inventory.endpoints},
    }


def _user(shown: words.Shown, user: User) -> _Drawn:
    inventory = shown.inventory
    name = f"{words.tool_of(user)} {words.kind_of(user)}"
    place = shown.place(user.place)
    facts = list(words.user_facts(inventory, user))
    alarming = [fact for fact in facts if fact in words.ALARMING]
    tls = words.own_tls(inventory, user)
    sign = f"{words.SIGNS[user.tls]} {tls}" if tls else ""
    mark = "lax" if alarming or (tls and user.tls in words.NOT_VERIFIED) else ""
    return _made(name, place, [*(f"⚠ {fact}" for fact in alarming), *(f for f in facts if f not in alarming), sign],
                 "bad" if alarming else "", mark)  # fmt: skip


def _source(shown: words.Shown, source: Source) -> _Drawn:
    inventory = shown.inventory
    name, place = words.name_of(source), shown.place(source.place)
    if source.endpoint is None:
        missing = "not defined in this project" if source.standing == "undefined" else scrub(source.endpoint_why)
        return _made(name, place, [f"? {missing}", *words.source_facts(source)], "unknown", "")
    lax = words.is_weak(inventory, source) or words.is_lax(inventory, source)
    tls = f"{words.SIGNS['none' if lax else source.tls]} {words.tls_of(inventory, source)}"
    route = [words.route_of(source.route)] if source.route != "unknown" else []
    mark = "lax" if lax else "safe" if source.tls in ("verified", "bound") else ""
    bad = " bad" if words.is_lax(inventory, source) else ""
    return _made(name, place, [*route, tls, *words.source_facts(source)], source.route + bad, mark)


def _endpoint(endpoint: Endpoint) -> _Drawn:
    host = scrub(endpoint.host)
    first, dot, rest = host.partition(".")
    if endpoint.where in ("local", "other") or len(host) <= layout.CELLS:
        first, dot, rest = host, "", ""
    facts = list(words.endpoint_facts(endpoint))
    return _made(first, dot + rest, facts, endpoint.route, "", whole=host)


def _made(name: str, where: str, facts: list[str], kind: str, mark: str, whole: str = "") -> _Drawn:
    told = [fact for fact in facts if fact]
    everything = "\n".join((whole, *told) if whole else (name, where, *told))
    while len(told) > 1 and cells(", ".join(told)) > layout.CELLS:
        told.pop()
    return _Drawn(_head(name), _tail(where), _head(", ".join(told)), kind or "plain", mark or "facts", everything)


def _head(text: str) -> str:
    """The first part of a text that is too long for a box."""
    return text if cells(text) <= layout.CELLS else _fitting(text, layout.CELLS - 1) + "…"


def _tail(text: str) -> str:
    """The last part of a path that is too long for a box."""
    return text if cells(text) <= layout.CELLS else "…" + _fitting(text[::-1], layout.CELLS - 1)[::-1]


def _fitting(text: str, room: int) -> str:
    kept = ""
    for char in text:
        room -= cells(char)
        if room < 0:
            break
        kept += char
    return kept
