"""The map's page in a real browser: what a person sees in it, and that it asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from inventories import THREE, named, shown, sixty, taken

from neonlint.report import map_html
from neonlint.report.map_words import Shown

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>\"'&\x1b[31m\u202e"
#: Runs in the page, beside its own script, and writes what it measures into the page.
PROBE = """
(() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const boxes = all("#picture .box");
  const places = boxes.map((box) => box.querySelector("rect").getBoundingClientRect());
  const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const overlaps = places.flatMap((a, i) => places.slice(i + 1).filter((b) => overlap(a, b)));
  const outside = boxes.flatMap((box, i) => [...box.querySelectorAll("text")].filter((text) => {
    const t = text.getBoundingClientRect();
    return t.left < places[i].left || t.right > places[i].right || t.bottom > places[i].bottom;
  }).map((text) => text.textContent));
  const off = () => boxes.filter((box) => getComputedStyle(box).opacity < 1).length;
  // A window that is not in front gets no focus events, so they are sent beside.
  const told_of = (box, kind) => box?.dispatchEvent(new FocusEvent(kind));
  boxes[0]?.focus();
  told_of(boxes[0], "focus");
  const focused = { active: document.activeElement === boxes[0], on: all(".box.on").length, dim: off() };
  document.activeElement.blur();
  told_of(boxes[0], "blur");
  const find = document.getElementById("find");
  const type = (text) => { find.value = text; find.dispatchEvent(new Event("input")); };
  type("migrate psql");
  const found = { rows: all("tbody tr:not([hidden])").length, dim: off(), told: document.getElementById("found").textContent };
  type("");
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  const style = getComputedStyle(document.body);
  const answer = {
    title: document.title, boxes: boxes.length, rows: all("tbody tr").length, overlaps: overlaps.length, outside, focused,
    found, wide, after: off(), fetched: performance.getEntriesByType("resource").map((entry) => entry.name),
    labels: boxes.map((box) => box.getAttribute("aria-label")), dark: matchMedia("(prefers-color-scheme: dark)").matches,
    background: style.backgroundColor, links: all("#picture .link[data-start]").length,
    targets: boxes.every((box) => document.getElementById(box.getAttribute("href").slice(1)) !== null),
    elements: all("body *").map((element) => element.tagName.toLowerCase()),
  };
  const told = document.createElement("pre");
  told.id = "probe";
  told.textContent = JSON.stringify(answer);
  document.body.append(told);
})();
"""

Look = Callable[..., dict[str, Any]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Opens a page as a person would, and says what is in it. The page's policy must let the probe in by its hash."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None and not os.environ.get("NEONLINT_REQUIRE_BROWSER"):
        pytest.skip("no Chromium found (NEONLINT_REQUIRE_BROWSER=1 makes this a failure)")
    assert found is not None, "NEONLINT_REQUIRE_BROWSER is set, but no Chromium can be found"

    def opened(page: str, width: int = 1400, scheme: str = "light") -> dict[str, Any]:
        digest = base64.b64encode(hashlib.sha256(PROBE.encode()).digest()).decode()
        page = page.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
        path = tmp_path / "map.html"
        path.write_text(page.replace("</body>", f"<script>{PROBE}</script></body>"), encoding="utf-8")
        words = [
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-quic"),
            *("--disable-background-networking", "--disable-component-update", "--dump-dom", "--enable-logging=stderr"),
            f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--window-size={width},1000",
        ]
        run = subprocess.run([found, *words, path.as_uri()], capture_output=True, text=True, timeout=120, check=True)
        assert "CONSOLE" not in run.stderr, run.stderr
        told = re.search(r'<pre id="probe">(.*?)</pre>', run.stdout, re.DOTALL)
        assert told is not None, run.stdout[-2000:]
        answer: dict[str, Any] = json.loads(unescape(told[1]))
        return answer

    return opened


def page(what: Shown) -> str:
    return "\n".join(map_html.lines(what, 80)) + "\n"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 500])
@pytest.mark.parametrize("files", [THREE, sixty()], ids=["three", "sixty"])
def test_a_person_sees_everything(look: Look, tmp_path: Path, files: dict[str, str], width: int, scheme: str) -> None:
    what = shown(taken(tmp_path / "project", files))
    seen = look(page(what), width, scheme)
    parts = what.inventory
    assert seen["boxes"] == len(parts.endpoints) + len(parts.sources) + len(parts.users)
    assert seen["overlaps"] == 0
    assert not seen["outside"]
    assert not seen["wide"]
    assert seen["fetched"] == []
    assert seen["targets"]
    assert seen["dark"] == (scheme == "dark")
    assert (seen["background"] == "rgb(255, 255, 255)") == (scheme == "light")
    labels = "\n".join(seen["labels"])
    for source in parts.sources:
        assert source.name in labels
        assert str(source.place) in labels
    for endpoint in parts.endpoints:
        assert endpoint.host in labels


@pytest.mark.slow
def test_focus_shows_a_path_and_the_search_hides_the_rest(look: Look, tmp_path: Path) -> None:
    seen = look(page(shown(taken(tmp_path / "project", THREE))))
    assert seen["focused"]["active"]
    assert 1 < seen["focused"]["on"] < seen["boxes"]
    assert seen["focused"]["dim"] == seen["boxes"] - seen["focused"]["on"]
    assert seen["found"] == {"rows": 1, "dim": seen["boxes"] - 3, "told": f"1 of {seen['rows']} rows"}
    assert seen["after"] == 0


@pytest.mark.slow
def test_names_that_look_like_markup_are_text(look: Look) -> None:
    seen = look(page(named(HOSTILE)))
    assert seen["title"] == "What connects to what"
    assert "img" not in seen["elements"]
    assert seen["elements"].count("script") == 2  # its own and the probe
    assert seen["overlaps"] == 0
    assert not seen["outside"]


@pytest.mark.slow
def test_an_empty_map_says_so(look: Look, tmp_path: Path) -> None:
    assert look(page(shown(taken(tmp_path / "project", {"a.txt": "nothing"}))))["boxes"] == 0


class _Asks(HTMLParser):
    """What an HTML text asks a browser to load or to run."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.handlers: list[str] = []
        self.policy = ""
        self.texts: dict[str, str] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        for name, value in attrs:
            if name in ("src", "href", "action", "data", "srcset", "xlink:href") and not (value or "").startswith("#"):
                self.loads.append(f"{tag} {name}={value}")
            if name.startswith("on") or name == "style":
                self.handlers.append(f"{tag} {name}={value}")
        given = dict(attrs)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("style", "script"):
            self.texts[self._inside] = self.texts.get(self._inside, "") + data


def asked(text: str) -> _Asks:
    parser = _Asks()
    parser.feed(text)
    return parser


def test_the_page_loads_nothing_and_its_policy_names_its_own_text() -> None:
    found = asked(page(named(HOSTILE)))
    assert found.loads == []
    assert found.handlers == []
    assert found.policy.startswith("default-src 'none'; ")
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(found.texts[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in found.policy
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp|innerHTML|eval", found.texts["style"] + found.texts["script"])


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_the_contrast_that_wcag_asks_for(scheme: int) -> None:
    """4.5 to 1 for text, 3 to 1 for lines (WCAG 2.2, 1.4.3 and 1.4.11), on the page and in boxes."""
    style = asked(page(named("x"))).texts["style"]
    colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", style.split("@media")[scheme]))
    assert set(colors) == {"back", "box", "line", "text", "quiet", "pooled", "direct", "unknown", "bad", "good"}
    for name, color in colors.items():
        for ground in ("back", "box"):
            if name in ("back", "box"):
                continue
            bright, dark = sorted((luminance(color), luminance(colors[ground])), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= (3 if name == "line" else 4.5), (name, ground)
