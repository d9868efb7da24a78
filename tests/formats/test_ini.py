"""INI files: agreement with configparser, interpolation, files called .conf, and changes in the neighbours' layout."""

from __future__ import annotations

import configparser

import pytest

from neonlint.edits import Code, DropEntry, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import ini
from neonlint.ir.source import Document, Ref, Scalar, Slot, Table


def read(text: str, path: str = "alembic.ini") -> Document:
    return ini.read(path, text.encode())


def section(document: Document, name: str) -> Table:
    assert document.root is not None
    found = document.root.get(name)
    assert isinstance(found, Table)
    return found


def slot(document: Document, name: str, key: str) -> Slot:
    found = section(document, name).get(key)
    assert isinstance(found, Scalar)
    assert found.slot is not None
    return found.slot


def changed(document: Document, *ops: Op) -> str:
    return apply(document.data, merge(ini.render(document, ops))).decode()


SAMPLE = """\
# one
[alembic]
sqlalchemy.url = postgresql://u:p%%40w@h/db # no comment
colon: a=b
empty =
several =
    x
    y
; two

[other]
Key=v
"""


@pytest.mark.parametrize("text", [SAMPLE, SAMPLE.replace("\n", "\r\n")])
def test_agreement_with_configparser(text: str) -> None:
    parser = configparser.ConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text.replace("\r\n", "\n"))
    document = read(text)
    for name in parser.sections():
        found = {e.key: e.value.value for e in section(document, name).entries if isinstance(e.value, Scalar)}
        assert found == dict(parser[name])
    assert [c.text for c in document.comments] == ["one", "two"]


def test_styles_of_percent() -> None:
    document = read("[alembic]\ngood = a%%40\nbad = a%40%%\nnamed = %(here)s/x\nplain = a\n")
    assert (slot(document, "alembic", "good").style, slot(document, "alembic", "good").text) == ("percent", "a%40")
    bad = slot(document, "alembic", "bad")
    assert (bad.style, bad.text) == ("broken-percent", "a%40%")
    assert slot(document, "alembic", "named").holes[0].name == "here"  # type: ignore[union-attr]
    assert isinstance(slot(document, "alembic", "named").holes[0], Ref)
    repaired = changed(document, ReplaceText(bad, 0, len(bad.text), bad.text))
    assert "bad = a%%40%%\n" in repaired
    assert changed(document, SetEntry(section(document, "alembic"), "bad", bad.text)) == repaired
    parser = configparser.ConfigParser()
    parser.read_string(repaired)
    assert parser["alembic"]["bad"] == "a%40%"


@pytest.mark.parametrize(
    ("path", "style"),
    [("setup.cfg", "percent"), ("alembic.dev.ini", "percent"), ("odbc.ini", "raw"), ("x.cfg", "raw")],
)
def test_which_files_interpolate(path: str, style: str) -> None:
    assert slot(read("[s]\nk = a\n", path), "s", "k").style == style
    assert slot(read("[alembic]\nk = a\n", path), "alembic", "k").style == "percent"


def test_the_service_file_takes_everything_as_it_stands() -> None:
    document = read("[s]\nhost=h\npassword=%(x)s%%${Y} z\n", ".pg_service.conf")
    found = slot(document, "s", "password")
    assert (found.style, found.text) == ("raw", "%(x)s%%${Y} z")


def test_quotes() -> None:
    assert slot(read("[s]\nk = 'x'\n", "php.ini"), "s", "k").text == "x"
    assert slot(read("[s]\nk = 'x'\n", "setup.cfg"), "s", "k").text == "'x'"


@pytest.mark.parametrize(
    "text",
    [
        "server {\n  listen 80;\n  location / { proxy_pass http://x; }\n}\n",
        "max_connections = 100\nssl = on\n",
        "",
        "<VirtualHost *>\n[x]\nfoo\nbar\n</VirtualHost>\n",
    ],
)
def test_other_conf_files_are_empty(text: str) -> None:
    assert read(text, "some.conf").root is None


def test_a_conf_file_with_one_bad_line() -> None:
    lines = "".join(f"k{i} = {i}\n" for i in range(12))
    document = read(f"[s]\n{lines}odd line\n", "some.conf")
    assert len(section(document, "s").entries) == 12
    assert not section(document, "s").complete


@pytest.mark.parametrize(("text", "row"), [("[s]\nk = 1\nhunter2\n", 3), ("[s\nk = 1\n", 1), ("haproxy\n", 1)])
def test_what_is_no_ini(text: str, row: int) -> None:
    with pytest.raises(ParseFailure) as caught:
        read(text, "x.cfg")
    assert caught.value.row == row
    assert "hunter2" not in str(caught.value)


def test_set_and_drop() -> None:
    document = read("[a]\r\nx=1\r\ny=2\r\n\r\n[b]\r\n; c\r\nz : 3", "x.ini")
    a, b = section(document, "a"), section(document, "b")
    assert changed(document, SetEntry(a, "n", "5%"), SetEntry(b, "m", True)) == (
        "[a]\r\nx=1\r\ny=2\r\nn=5%\r\n\r\n[b]\r\n; c\r\nz : 3\r\nm : true"
    )
    assert changed(document, SetEntry(a, "x", "")) == "[a]\r\nx=\r\ny=2\r\n\r\n[b]\r\n; c\r\nz : 3"
    assert changed(document, DropEntry(a, a.entries[0])) == "[a]\r\ny=2\r\n\r\n[b]\r\n; c\r\nz : 3"
    assert changed(document, SetEntry(a, "n", "1", after=a.entries[0])).startswith("[a]\r\nx=1\r\nn=1\r\ny=2")


def test_refusals() -> None:
    document = read(SAMPLE)
    alembic = section(document, "alembic")
    with pytest.raises(Refused):
        changed(document, ReplaceText(slot(document, "alembic", "several"), 0, 1, "z"))
    for value in ("a\nb", " a", Code("${X}")):
        with pytest.raises(Refused):
            changed(document, SetEntry(alembic, "colon", value))
    with pytest.raises(Refused):
        changed(document, ReplaceValue(alembic, "x"))
