"""Where the boxes of the map's picture stand. Knows numbers and links, no HTML and no colour.

What is connected stands in one figure, in three columns: users, sources, endpoints. All lengths are in CSS pixels; text
is set in a fixed-width font, so that a line's length is known without a browser.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from neonlint.inventory import Inventory

WIDTH, HEIGHT = 330, 72
#: Between two boxes of a column, and between columns.
ROW_GAP, COLUMN_GAP = 14, 90
MARGIN, HEAD = 4, 26
FIGURE_WIDTH = 3 * WIDTH + 2 * COLUMN_GAP + 2 * MARGIN
#: Cells of a fixed-width font of 12 px (7.3 px a cell at most) that fit between the paddings of a box.
CELLS = 41


class Box(NamedTuple):
    """One box: the id of what it stands for, and its upper left corner."""

    id: str
    x: int
    y: int


class Curve(NamedTuple):
    """One link: what it joins, left to right, and an SVG path."""

    start: str
    end: str
    path: str


class Figure(NamedTuple):
    """What is connected with each other."""

    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    height: int


def figures(inventory: Inventory) -> list[Figure]:
    """The picture's figures, those with endpoints first, in the order of the inventory."""
    links = [(user.id, link.source) for user in inventory.users for link in user.links]
    links += [(source.id, source.endpoint) for source in inventory.sources if source.endpoint is not None]
    columns = {
        **{endpoint.id: 0 for endpoint in inventory.endpoints},
        **{source.id: 1 for source in inventory.sources},
        **{user.id: 2 for user in inventory.users},
    }
    by_compute: dict[str, list[str]] = defaultdict(list)
    for endpoint in inventory.endpoints:
        by_compute[endpoint.compute or endpoint.id].append(endpoint.id)
    together = [(same[0], other) for same in by_compute.values() for other in same[1:]]
    leading: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for link in links:
        leading[link[0]].append(link)
    found = []
    for members in _components(list(columns), [*links, *together]):
        endpoints, sources, users = ([one for one in members if columns[one] == number] for number in range(3))
        found.append(_figure(endpoints, sources, users, leading))
    return found


def _components(ids: Sequence[str], links: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Ids that are joined by links, in order."""
    parent = {one: one for one in ids}

    def root(one: str) -> str:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for start, end in links:
        parent[root(start)] = root(end)
    found: dict[str, list[str]] = {}
    for one in ids:
        found.setdefault(root(one), []).append(one)
    return list(found.values())


def _figure(
    endpoints: Sequence[str],
    sources: Sequence[str],
    users: Sequence[str],
    leading: Mapping[str, Sequence[tuple[str, str]]],
) -> Figure:
    """What is connected; `leading` holds by id the links that begin there."""
    here = [link for one in (*users, *sources) for link in leading.get(one, ())]
    sources = _beside(sources, endpoints, here)
    users = _beside(users, sources, here)
    height = max(map(len, (users, sources, endpoints))) * (HEIGHT + ROW_GAP) - ROW_GAP
    boxes: dict[str, Box] = {}
    for number, column in enumerate((users, sources, endpoints)):
        for box in _column(number, column, height, boxes, here):
            boxes[box.id] = box
    return Figure(tuple(boxes.values()), tuple(_curve(boxes, *link) for link in here), MARGIN + HEAD + height + MARGIN)


def _beside(ids: Sequence[str], others: Sequence[str], links: Iterable[tuple[str, str]]) -> list[str]:
    """`ids` in the order of what they lead to, so that few curves cross; what leads nowhere comes last."""
    at = {other: number for number, other in enumerate(others)}
    reached: dict[str, list[int]] = defaultdict(list)
    for start, end in links:
        if end in at:
            reached[start].append(at[end])
    return sorted(ids, key=lambda one: sum(reached[one]) / len(reached[one]) if reached[one] else len(others))


def _column(
    number: int, ids: Sequence[str], height: int, left: Mapping[str, Box], links: Iterable[tuple[str, str]]
) -> list[Box]:
    """The boxes of a column, in this order: each beside the middle of what leads to it, as far as there is room; those
    that nothing leads to are spread over the height."""
    incoming: dict[str, list[int]] = defaultdict(list)
    for start, end in links:
        if start in left:
            incoming[end].append(left[start].y - MARGIN - HEAD)
    share = height / len(ids) if ids else 0
    wanted = [
        sum(incoming[one]) / len(incoming[one]) if incoming[one] else row * share + (share - HEIGHT) / 2
        for row, one in enumerate(ids)
    ]
    step = HEIGHT + ROW_GAP
    for row in range(1, len(wanted)):
        wanted[row] = max(wanted[row], wanted[row - 1] + step)
    lowest = float(height - HEIGHT)
    for row in reversed(range(len(wanted))):
        wanted[row] = min(wanted[row], lowest)
        lowest = wanted[row] - step
    x = MARGIN + number * (WIDTH + COLUMN_GAP)
    return [Box(one, x, round(MARGIN + HEAD + y)) for one, y in zip(ids, wanted, strict=True)]


def _curve(boxes: Mapping[str, Box], start: str, end: str) -> Curve:
    x, y = boxes[start].x + WIDTH, boxes[start].y + HEIGHT // 2
    to, there = boxes[end].x, boxes[end].y + HEIGHT // 2
    bend = (to - x) // 2
    return Curve(start, end, f"M{x} {y}C{x + bend} {y} {to - bend} {there} {to} {there}")
