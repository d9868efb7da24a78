"""What a project chooses (names, paths, hosts) is text in every map and nothing else, and no map holds a password."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventories import named, shown, taken
from planted import CANARY, FILES, HOST, NEON_CANARY

from neonlint.report import map_html, map_json, map_mermaid, map_table
from neonlint.report.map_mermaid import escaped
from neonlint.report.map_table import cells
from neonlint.report.map_words import Shown

PRINTERS: dict[str, Callable[[Shown, int], Iterator[str]]] = {
    "table": map_table.lines,
    "json": map_json.lines,
    "mermaid": map_mermaid.lines,
    "html": map_html.lines,
}
#: Passwords with what URLs, shells, SQL and markup give a meaning to, each holding a word that is nowhere else.
PASSWORDS = (
    "Kanari/3nvogel",
    "Kanari@3nvogel",
    "Kanari#3nvogel?x=1",
    "Kanari%403nvogel%2F",
    "Kanari:3nvogel",
    "<b>Kanari3nvogel</b>",
    "Kanari[3nvogel]",
    "endpoint=ep-cool-rain-a1b2c3d4;Kanari3nvogel",
)
#: Names as a repository may choose them; no path holds NUL.
NAMES = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=40)


def lines(output: str, what: Shown) -> list[str]:
    return list(PRINTERS[output](what, 80))


@pytest.mark.parametrize("output", PRINTERS)
def test_no_map_shows_a_planted_password(output: str, tmp_path: Path) -> None:
    inventory = taken(tmp_path, FILES)
    for everything in (False, True):
        text = "\n".join(lines(output, shown(inventory, everything)))
        assert HOST.partition(".")[0] in text
        for canary in (CANARY, NEON_CANARY, CANARY[:8], NEON_CANARY[4:12]):
            assert canary not in text


@pytest.mark.parametrize("output", PRINTERS)
@pytest.mark.parametrize("password", PASSWORDS)
def test_no_map_shows_part_of_a_password_that_breaks_its_url(output: str, password: str, tmp_path: Path) -> None:
    url = f"postgresql://app:{password}@{HOST}/db?sslmode=require"
    files = {
        ".env": f"DATABASE_URL='{url}'\nPGHOST={HOST}\nPGPASSWORD='{password}'\nPGUSER=app\n",
        ".pgpass": f"{HOST}:5432:db:app:{password}\n",
        "params.env": f"DATABASE_URL=postgresql://{HOST}/db?user=app&password={password}\n",
        "app.py": f"import psycopg, os\none = psycopg.connect({url!r})\ntwo = psycopg.connect(os.environ['DATABASE_URL'])\n",
        "db.ts": f"import {{ Pool }} from 'pg'\nexport const pool = new Pool({{ connectionString: `{url}` }})\n",
        "run.sh": f"psql '{url}' -c x\nPGPASSWORD='{password}' pg_dump -h {HOST} -U app db\n",
    }
    text = "\n".join(lines(output, shown(taken(tmp_path, files), everything=True)))
    assert HOST.partition(".")[0] in text
    for part in re.findall(r"[A-Za-z0-9]{4,}", password):
        assert part in ("endpoint", "cool", "rain", "a1b2c3d4") or part not in text


def test_the_command_itself_shows_no_password(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for output in PRINTERS:
        run = subprocess.run(
            [sys.executable, "-m", "neonlint", "map", "--all", "--format", output],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert CANARY[:8] not in run.stdout + run.stderr
        assert NEON_CANARY[4:12] not in run.stdout + run.stderr


@pytest.mark.parametrize("output", PRINTERS)
@given(name=NAMES)
def test_no_name_reaches_a_terminal_as_anything_but_text(output: str, name: str) -> None:
    text = "\n".join(lines(output, named(name)))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", text)
    text.encode()


@given(name=NAMES)
def test_no_name_changes_the_lines_of_a_map(name: str) -> None:
    assert len(lines("mermaid", named(name))) == len(lines("mermaid", named("x")))
    assert len(lines("html", named(name))) == len(lines("html", named("x")))


class _Tags(HTMLParser):
    """The tags of a page with the names of their attributes, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A line of a box or of a list is left out where it is empty; where a path may be broken hangs on its letters.
        if tag not in ("text", "br", "wbr"):
            self.found.append((tag, tuple(name for name, _ in attrs)))


def tags(text: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = _Tags()
    parser.feed(text)
    return parser.found


@given(name=NAMES)
def test_no_name_makes_a_tag_or_an_attribute(name: str) -> None:
    assert tags("\n".join(lines("html", named(name)))) == tags("\n".join(lines("html", named("x"))))


@given(name=NAMES)
def test_json_is_json_whatever_a_project_is_called(name: str) -> None:
    text = "\n".join(lines("json", named(name)))
    assert text.isascii()
    found = json.loads(text)
    assert found["sources"][0]["name"] == found["users"][0]["name"] == found["endpoints"][0]["host"]


@given(text=st.text())
def test_a_mermaid_label_holds_nothing_that_mermaid_reads(text: str) -> None:
    label = escaped(text)
    assert re.fullmatch(r"(?:[A-Za-z0-9 .,/_…·()=+-]|#[0-9]+;)*", label)
    assert re.sub("#([0-9]+);", lambda found: chr(int(found[1])), label) == text


@given(name=st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1), width=st.integers(40, 120))
def test_a_table_breaks_lines_only_between_words(name: str, width: int) -> None:
    wide = list(map_table.lines(named(name), 10_000))
    narrow = list(map_table.lines(named(name), width))
    assert " ".join(narrow).split() == " ".join(wide).split()
    assert all(cells(line) <= width or " " not in line.strip(" -") for line in narrow)
