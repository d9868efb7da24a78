"""`neonlint map` as a user runs it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import URL, Neonlint

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
FORMATS = ("table", "json", "mermaid", "html")


@pytest.fixture
def example(tmp_path: Path) -> Callable[[str], Path]:
    def copied(name: str) -> Path:
        root = tmp_path / name
        shutil.copytree(EXAMPLES / name, root)
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        subprocess.run(["git", "-C", str(root), "add", "-A"], check=True)
        return root

    return copied


@pytest.mark.parametrize("name", ["tickets", "shop"])
def test_table_of_an_example(
    name: str, example: Callable[[str], Path], neonlint: Neonlint, golden: Callable[[str, str], None]
) -> None:
    run = neonlint("map", cwd=example(name), COLUMNS="80")
    assert (run.status, run.err) == (0, "")
    golden(f"map-{name}.txt", run.out)


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_no_line_is_wider_than_the_terminal_but_for_words_that_are(
    columns: str, example: Callable[[str], Path], neonlint: Neonlint
) -> None:
    for line in neonlint("map", cwd=example("shop"), COLUMNS=columns).out.splitlines():
        assert len(line) <= int(columns) or " " not in line.strip()


def test_colours_are_only_paint(example: Callable[[str], Path], neonlint: Neonlint) -> None:
    root = example("shop")
    painted = neonlint("map", "--color", "always", cwd=root, COLUMNS="80").out
    plain = neonlint("map", cwd=root, COLUMNS="80").out
    assert "\x1b[" in painted
    for code in ("\x1b[1m", "\x1b[36m", "\x1b[32m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[0m"):
        painted = painted.replace(code, "")
    assert painted == plain


@pytest.mark.parametrize("output", FORMATS)
def test_the_same_project_gives_the_same_map(
    output: str, example: Callable[[str], Path], neonlint: Neonlint, tmp_path: Path
) -> None:
    root = example("shop")
    first = neonlint("map", "--format", output, cwd=root, PYTHONHASHSEED="1").out
    assert first == neonlint("map", "--output-format", output, cwd=root, PYTHONHASHSEED="2").out
    file = tmp_path / "map.out"
    run = neonlint("map", "--format", output, "-o", str(file), cwd=root, COLUMNS="100")
    assert (run.status, run.out) == (0, "")
    assert output == "table" or file.read_text() == first


def test_json_is_a_whole(example: Callable[[str], Path], neonlint: Neonlint) -> None:
    root = example("tickets")
    found = neonlint("map", "--format", "json", cwd=root).json
    assert found["schema"] == "neonlint-map/1"
    endpoints = {endpoint["id"]: endpoint for endpoint in found["endpoints"]}
    sources = {source["id"]: source for source in found["sources"]}
    for part in (*found["sources"], *found["users"]):
        assert 1 <= part["row"] <= len((root / part["path"]).read_text().splitlines())
    for source in sources.values():
        assert (source["endpoint"] is None) == (source["endpoint_unseen"] is not None)
        if source["endpoint"] is not None:
            assert endpoints[source["endpoint"]]["route"] == source["route"]
    for user in found["users"]:
        assert {link["id"] for link in user["sources"]} <= sources.keys()
        assert bool(user["sources"]) == (user["unseen"] is None)


def test_a_part_is_shown_with_what_it_is_linked_to(neonlint: Neonlint, project: Path) -> None:
    (project / "web").mkdir()
    (project / "web/app.py").write_text("import os, psycopg\nc = psycopg.connect(os.environ['DATABASE_URL'])\n")
    (project / "other.env").write_text(URL.replace("postgresql", "OTHER=postgresql").replace("cool-rain", "wild-rain"))
    found = neonlint("map", "web", "--format", "json").json
    assert [source["path"] for source in found["sources"]] == [".env"]
    assert [user["path"] for user in found["users"]] == ["web/app.py"]
    assert len(neonlint("map", "--format", "json").json["endpoints"]) == 2


def test_samples_are_left_out_and_counted(neonlint: Neonlint, project: Path) -> None:
    (project / ".env.example").write_text("DATABASE_URL=postgresql://user:password@ep-xxx.us-east-2.aws.neon.tech/db\n")
    (project / "tests").mkdir()
    (project / "tests/conftest.py").write_text("import psycopg\nc = psycopg.connect('postgresql://localhost/test')\n")
    (project / "README.md").write_text(f"Write `{URL}` there.\n")
    usual = neonlint("map").out
    assert "Left out: 1 example, 2 in tests, 1 in documentation; --all shows them" in usual
    assert "conftest" not in usual
    every = neonlint("map", "--all").out
    assert "Left out" not in every
    for path in (".env.example:1", "tests/conftest.py:2", "README.md:1"):
        assert path in every


def test_an_example_file_stands_in_where_nothing_else_is(neonlint: Neonlint, tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text("DATABASE_URL=postgresql://u:p@ep-xxx.us-east-2.aws.neon.tech/db\n")
    out = neonlint("map").out
    assert "placeholder" in out
    assert "example file" in out


def test_nothing_found_is_said(neonlint: Neonlint, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('hello')\n")
    run = neonlint("map")
    assert run.status == 0
    assert "nothing here is seen to connect to Postgres" in run.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-"], "a map is of files"),
        (["--isolated", "--config", "x.toml"], "contradict each other"),
        (["no-such-folder"], "no-such-folder"),
        (["-o", "no-such-folder/map.html"], "cannot be written"),
    ],
)
def test_wrong_usage_is_explained(arguments: list[str], message: str, neonlint: Neonlint) -> None:
    run = neonlint("map", *arguments)
    assert run.status == 2
    assert message in run.out + run.err
