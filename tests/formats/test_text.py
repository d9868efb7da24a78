"""Connection strings in files of no particular format: where they end, what they are called, what is left alone."""

from __future__ import annotations

import time

import pytest

from neonlint.edits import DropEntry, Op, ReplaceText, SetEntry, apply, merge
from neonlint.errors import Refused
from neonlint.formats import text
from neonlint.ir.source import Document, EnvRef, Scalar, Slot, Table, Unknown

URL = "postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=require"


def read(content: str, path: str = "README.md") -> Document:
    return text.read(path, content.encode())


def found(content: str, path: str = "README.md") -> list[tuple[str, str]]:
    document = read(content, path)
    assert document.root is not None
    return [(entry.key, str(entry.value.value)) for entry in document.root.entries if isinstance(entry.value, Scalar)]


def slot(document: Document) -> Slot:
    assert isinstance(document.root, Table)
    value = document.root.entries[0].value
    assert isinstance(value, Scalar)
    assert value.slot is not None
    return value.slot


def changed(document: Document, *ops: Op) -> str:
    return apply(document.data, merge(text.render(document, ops))).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("see `", "`."),
        ("see <", ">"),
        ("[link](", ")"),
        ("run: psql '", "'"),
        ("Use ", ", then"),
        ("It is ", "."),
        ("**", "**"),
        ("| ", " |"),
        ("é😀 ", " é"),
        ('"print(\\"', '\\")\\n",'),
        ('"\\n', '\\n"'),
    ],
)
def test_where_a_url_ends(before: str, after: str) -> None:
    assert found(before + URL + after) == [("", URL)]


@pytest.mark.parametrize(
    ("before", "key"),
    [
        ("DATABASE_URL=", "DATABASE_URL"),
        ("export DATABASE_URL='", "DATABASE_URL"),
        ('  "url": "', "url"),
        ("url: ", "url"),
        ('os.environ["X_URL"] = "', "X_URL"),
        ("const url = `", "url"),
        ('"DATABASE_URL = \\"', "DATABASE_URL"),
        ("spring.datasource.url=", "spring.datasource.url"),
        ("docker run -e DB=", "DB"),
        ("see: this ", ""),
    ],
)
def test_the_name_in_front(before: str, key: str) -> None:
    assert found(before + URL) == [(key, URL)]


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:p@ep-x.neon.tech/db",
        "postgresql+psycopg://u:p@EP-X.NEON.TECH/db",
        "jdbc:postgresql://ep-x.neon.build/db?user=u&password=p",
        "postgres://default:p@ep-x.us-east-1.postgres.vercel-storage.com:5432/verceldb",
        "postgres://u:p@ep-x.pg.koyeb.app/db",
        "postgres://u:p@ep-x.retooldb.com/db",
        "postgres://me@example.org:p@ep-x.neon.tech/db",
        "postgres://[user]:[password]@ep-x.neon.tech/[db]",
    ],
)
def test_urls_of_neon(url: str) -> None:
    assert found(f"x {url} y") == [("", url)]


@pytest.mark.parametrize(
    "content",
    [
        "postgres://u:p@localhost/neon.tech",
        "postgres://me@neon.tech:p@localhost/db",
        "postgres://u:p@ep-x.neon.tech.example.org/db",
        "https://console.neon.tech/app",
        "npg_ and npg_short and host=ep-x.neon.tech without more",
        "mynpg_abcdefghijklmnop",
    ],
)
def test_other_text_is_left_alone(content: str) -> None:
    assert found(content) == []


def test_keyword_strings() -> None:
    keywords = "host=ep-x.neon.tech dbname=d user=u password='p w' sslmode=require"
    assert found(f'psql "{keywords}"') == [("", keywords)]
    assert found(f"DSN={keywords}") == [("DSN", keywords)]
    semicolons = "Host=ep-x.neon.tech;Database=d;Username=u;Password=p;SSL Mode=Require"
    assert found(f'var cs = "{semicolons}";') == [("cs", semicolons)]


def test_passwords() -> None:
    assert found("Password: npg_abc") == [("Password", "npg_abc")]
    assert found("token npg_a1b2c3d4e5f6!") == [("", "npg_a1b2c3d4e5f6")]
    assert found(f"{URL} npg_a1b2c3d4e5f6")[1] == ("", "npg_a1b2c3d4e5f6")
    assert found("postgresql://shop_owner:npg_a1b2c3d4e5f6@ep-calm-lake...") == [("", "npg_a1b2c3d4e5f6")]
    assert found("//PGPASSWORD: npg_a1b2c3d4e5f6") == [("PGPASSWORD", "npg_a1b2c3d4e5f6")]


def test_parts_that_are_not_literal() -> None:
    found = slot(read("`postgresql://${USER}:${process.env.PW}@ep-x.neon.tech/{db}`"))
    assert found.text == "postgresql://\ue000:\ue001@ep-x.neon.tech/\ue002"
    user, password, database = found.holes
    assert isinstance(user, EnvRef)
    assert isinstance(password, EnvRef)
    assert (user.name, password.name) == ("USER", "PW")
    assert isinstance(database, Unknown)


def test_spans_are_bytes() -> None:
    document = read("é DATABASE_URL='postgres://ü:p@ep-x.neon.tech/d'")
    assert document.root is not None
    entry = document.root.entries[0]
    assert document.data[entry.key_span.start : entry.key_span.end] == b"DATABASE_URL"
    found = slot(document)
    at = found.text.index("ep-x")
    where = found.bytes_of(at, at + 4)
    assert document.data[where.start : where.end] == b"ep-x"


def test_replace() -> None:
    document = read(f"a `{URL}`\r\n")
    end = len(URL)
    assert changed(document, ReplaceText(slot(document), end, end, "&x=y")) == f"a `{URL}&x=y`\r\n"
    for text_ in (" ", "`", '"', "\\", "\n"):
        with pytest.raises(Refused):
            changed(document, ReplaceText(slot(document), 0, 1, text_))


def test_ampersands() -> None:
    xml = read('<x u="postgres://u:p@ep-x.neon.tech/d?a=b&amp;c=d"/>', "context.xml")
    assert slot(xml).text.endswith("?a=b&c=d")
    end = len(slot(xml).text)
    assert changed(xml, ReplaceText(slot(xml), end, end, "&e=f")).endswith('&amp;c=d&amp;e=f"/>')
    bare = read("psql postgres://u:p@ep-x.neon.tech/d", "run.sh")
    with pytest.raises(Refused):
        changed(bare, ReplaceText(slot(bare), len(slot(bare).text), len(slot(bare).text), "?a=b&c=d"))
    quoted = read('psql "postgres://u:p@ep-x.neon.tech/d"', "run.sh")
    assert changed(quoted, ReplaceText(slot(quoted), len(slot(quoted).text), len(slot(quoted).text), "?a=b&c=d"))


def test_nothing_but_text_can_be_changed() -> None:
    document = read(URL)
    assert document.root is not None
    for op in (SetEntry(document.root, "a", "b"), DropEntry(document.root, document.root.entries[0])):
        with pytest.raises(Refused):
            text.render(document, [op])


def test_comments() -> None:
    document = read("# one\ntext // not\n  // two\n<!-- three\nlines --> <!-- open\n-- four\nx <!-- five -->\n")
    assert [(c.text, c.row, c.own_line) for c in document.comments] == [
        ("one", 1, True),
        ("two", 3, True),
        ("three\nlines", 4, True),
        ("open\n-- four\nx <!-- five", 5, False),
        ("four", 6, True),
    ]
    assert [c.text for c in read("text # neonlint: ignore[NL101]\n/* neonlint: ignore[NL101] */\n").comments] == []
    notebook = read('{"source": [\n "# neonlint: ignore\\n",\n]}', "a.ipynb")
    assert [c.text for c in notebook.comments] == ["neonlint: ignore"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('var u = "a" // neonlint: ignore[NL101] it\'s old', ["neonlint: ignore[NL101] it's old"]),
        ('var u = "a" // as agreed // neonlint: ignore[NL101] x', ["neonlint: ignore[NL101] x"]),
        ("const U: &'static str = s; /* neonlint: ignore[NL101] x */", ["neonlint: ignore[NL101] x"]),
        ("/**\n * The pool.\n * neonlint: ignore[NL101] x\n */", ["The pool.\n * neonlint: ignore[NL101] x"]),
        ("/* neonlint: disable[NL101]\n// inner\n*/", ["neonlint: disable[NL101]\n// inner"]),
        ('log("say // neonlint: ignore[NL101] x")', []),
        ("log('say /* neonlint: ignore[NL101] x */')", []),
        ("rm tmp/* # neonlint: ignore[NL101] x\nls */", ["neonlint: ignore[NL101] x"]),
        ("x = a#neonlint: ignore[NL101]", []),
        ("x = a // for neonlint", []),
    ],
)
def test_comments_behind_code_and_in_blocks(line: str, found: list[str]) -> None:
    """Only those for neonlint, and nothing out of a string: a fix would change what a program says."""
    assert [comment.text for comment in read(f"{line}\n", "a.go").comments] == found


@pytest.mark.parametrize("piece", ["/* neonlint: ", "/* neonlint: x */", ' // neonlint: "', "/*", " \t"])
def test_comments_take_linear_time(piece: str) -> None:
    content = ("neonlint: " + piece * (300_000 // len(piece))).encode()
    begin = time.perf_counter()
    text.read("a.go", content)
    assert time.perf_counter() - begin < 2


@pytest.mark.parametrize(
    "piece",
    ["postgres://", "a=", "host=", "host=ep.neon.tech ", "<!--", "npg_", ".neon.tech", "x='", "{", "[", "word ", ";a="],
)
def test_patterns_take_linear_time(piece: str) -> None:
    content = ("host=ep.neon.tech password=" + piece * (300_000 // len(piece))).encode()
    begin = time.perf_counter()
    text.read("a.txt", content)
    assert time.perf_counter() - begin < 3
