"""Mermaid reads the map's flow chart as it is meant: Mermaid 11.17."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from inventories import THREE, named, shown, sixty, taken
from node.npm import Npm

from neonlint.report import map_mermaid
from neonlint.report.map_words import Shown

pytestmark = pytest.mark.node

HOSTILE = (
    'a"]; click u1 callback',
    "x --> y",
    "#quot; #35; &quot; &lt;b&gt;",
    "</script><img src=x onerror=alert(1)>",
    "end",
    "`code` | {brace} [bracket] (paren) \\",
    "%% comment",
    "1. list\n2. list",
    "\x1b[31mred\u202e",
    "übung 數據庫 🐘",
    ":::attention",
)


def chart(what: Shown) -> str:
    return "\n".join(map_mermaid.lines(what, 80))


def read(npm: Npm, *texts: str) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = npm.ask("mermaid", list(texts))
    return answers


def decoded(label: str) -> str:
    """A label as Mermaid shows it: it keeps `#58;` as `ﬂ°°58¶ß` until it draws."""
    return re.sub("ﬂ°°(\\d+)¶ß", lambda found: chr(int(found[1])), label)


@pytest.mark.parametrize("files", [THREE, sixty()], ids=["three", "sixty"])
def test_mermaid_reads_every_part(npm: Npm, tmp_path: Path, files: dict[str, str]) -> None:
    what = shown(taken(tmp_path, files))
    parts = what.inventory
    [answer] = read(npm, chart(what))
    found = answer["value"]
    assert found["type"] == "flowchart-v2"
    ids = [*(e.id for e in parts.endpoints), *(s.id for s in parts.sources), *(u.id for u in parts.users)]
    assert found["vertices"].keys() == set(ids)
    for source in parts.sources:
        assert decoded(found["vertices"][source.id]).split("<br/>")[:2] == [source.name, str(source.place)]
    strokes = {"pooled": "normal", "direct": "dotted", "unknown": "normal"}
    for source in parts.sources:
        if source.endpoint is not None:
            assert [source.id, strokes[source.route], source.endpoint] in found["edges"]
    assert len(found["edges"]) == sum(len(user.links) for user in parts.users) + sum(
        source.endpoint is not None for source in parts.sources
    )


def test_mermaid_reads_names_as_text(npm: Npm) -> None:
    expected = read(npm, chart(named("x")))[0]["value"]
    for name, answer in zip(HOSTILE, read(npm, *(chart(named(name)) for name in HOSTILE)), strict=True):
        found = answer["value"]
        assert found["vertices"].keys() == expected["vertices"].keys(), name
        assert found["edges"] == expected["edges"], name
        assert found["classes"] == expected["classes"], name
        for label in found["vertices"].values():
            assert not re.search(r"[<>\"`\[\]{}|\\&]", label.replace("<br/>", "")), name


def test_mermaid_refuses_what_is_no_chart(npm: Npm) -> None:
    assert "error" in read(npm, 'flowchart LR\n a["x]')[0]
