"""Dotenv files: what each dialect writes, what python-dotenv reads, and the lines that a change leaves behind."""

from __future__ import annotations

import io

import pytest
from dotenv import dotenv_values

from neonlint.edits import Code, DropEntry, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import dotenv
from neonlint.ir.source import Document, EnvRef, Scalar, Slot, Table, Unknown, Value


def read(text: str | bytes, path: str = ".env") -> Document:
    return dotenv.read(path, text.encode() if isinstance(text, str) else text)


def table(document: Document) -> Table:
    assert document.root is not None
    return document.root


def value(text: str, key: str = "K") -> Value:
    found = table(read(text)).get(key)
    assert found is not None
    return found


def slot(document: Document, key: str = "K") -> Slot:
    found = table(document).get(key)
    assert isinstance(found, Scalar)
    assert found.slot is not None
    return found.slot


def changed(document: Document, *ops: Op) -> str:
    return apply(document.data, merge(dotenv.render(document, ops))).decode()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("K=value", "value"),
        ("K = value ", "value"),
        ("export K=value", "value"),
        ("  export   K=value", "value"),
        ("K=", ""),
        ("K=''", ""),
        ("K=two words", "two words"),
        ("K=value # a comment", "value"),
        ("K=val#ue", "val#ue"),
        ("K= # a comment", ""),
        ("K='single # quoted'", "single # quoted"),
        ("K='it\\'s'", "it's"),
        ("K='$NAME ${NAME}'", "$NAME ${NAME}"),
        ('K="double # quoted" # comment', "double # quoted"),
        ('K="a\\nb\\"c\\\\d\\$e"', 'a\nb"c\\d$e'),
        ('K="kept \\q"', "kept \\q"),
        ("K=`back \"tick' `", "back \"tick' "),
        ('K="two\nlines"', "two\nlines"),
        ('K="two\r\nlines"', "two\nlines"),
        ('K="one \\\nline"', "one line"),
        ("K=postgresql://h/db\\\n  ?sslmode=require", "postgresql://h/db  ?sslmode=require"),
        ("K: value", "value"),
        ("K=a\\$b", "a$b"),
        ("K=http://x/?a=b&c=d", "http://x/?a=b&c=d"),
        ("K=1\nK=2", "2"),
    ],
)
def test_every_dialect(line: str, expected: str) -> None:
    found = value(line)
    assert isinstance(found, Scalar)
    assert found.value == expected


def test_a_windows_path_does_not_swallow_the_next_line() -> None:
    document = read("DIR=C:\\data\\\nK=1\n")
    assert [entry.key for entry in table(document).entries] == ["DIR", "K"]


def test_references_are_holes() -> None:
    document = read('K="postgresql://${PGUSER}:$PW@${PGHOST:-local${X}}/db"')
    found = slot(document)
    assert found.text == "postgresql://\ue000:\ue001@\ue002/db"
    user, password, host = found.holes
    assert isinstance(user, EnvRef)
    assert isinstance(password, EnvRef)
    assert isinstance(host, EnvRef)
    assert (user.name, password.name, host.name) == ("PGUSER", "PW", "PGHOST")
    assert isinstance(host.default, Scalar)
    assert host.default.value == "local\ue000"


def test_a_value_that_is_only_a_reference_is_the_reference() -> None:
    found = value('K="${OTHER:-postgres://h}"')
    assert isinstance(found, EnvRef)
    assert found.name == "OTHER"
    assert (found.span.start, found.span.end) == (2, 26)
    assert isinstance(found.default, Scalar)
    assert found.default.value == "postgres://h"


def test_a_command_is_unknown() -> None:
    assert isinstance(value("K=$(cat secret)"), Unknown)


def test_a_name_alone_is_passed_on() -> None:
    assert isinstance(value("A=1\nK\nB=2"), Unknown)
    assert table(read("please read this\nfi\n")).entries == ()


@pytest.mark.parametrize("line", ['K="open', "K='a'b", 'K="a" b'])
def test_unreadable_quoting_is_unknown_and_costs_one_line(line: str) -> None:
    document = read(f"{line}\nNEXT=1\n")
    assert isinstance(table(document).get("K"), Unknown)
    assert table(document).get("NEXT") is not None


def test_spans() -> None:
    data = "\ufeffexport K='é' # c\r\n".encode()
    document = read(data)
    entry = table(document).entries[0]
    assert data[entry.span.start : entry.span.end] == "export K='é'".encode()
    assert data[entry.key_span.start : entry.key_span.end] == b"K"
    assert data[entry.value.span.start : entry.value.span.end] == "'é'".encode()
    where = slot(document).bytes_of(0, 1)
    assert data[where.start : where.end] == "é".encode()
    [comment] = document.comments
    assert (comment.text, comment.row, comment.own_line) == ("c", 1, False)
    assert data[comment.span.start : comment.span.end] == b"# c"


def test_undecodable() -> None:
    with pytest.raises(ParseFailure, match="not valid UTF-8 at byte 4") as caught:
        read(b"A\nK=\xff")
    assert caught.value.row == 2
    with pytest.raises(ParseFailure, match="UTF-16"):
        read("K=1".encode("utf-16"))


def test_text_is_replaced_in_place() -> None:
    document = read("A=1 # a\nK=postgres://h/db  # b\r\nZ='x'")
    found = slot(document)
    assert changed(document, ReplaceText(found, 0, 8, "pg"), ReplaceText(found, 11, 12, "host")) == (
        "A=1 # a\nK=pg://host/db  # b\r\nZ='x'"
    )


def test_quotes_are_added_where_bare_text_cannot_stand() -> None:
    document = read("K=abc # c")
    assert changed(document, ReplaceText(slot(document), 1, 2, " ")) == 'K="a c" # c'
    assert changed(document, ReplaceText(slot(document), 0, 3, "$x")) == "K='$x' # c"
    assert changed(document, ReplaceText(slot(document), 0, 3, "")) == 'K="" # c'


def test_an_ampersand_is_quoted_where_a_shell_reads_the_line() -> None:
    end = len("postgres://h/d?a=b")
    document = read("export K=postgres://h/d?a=b")
    assert changed(document, ReplaceText(slot(document), end, end, "&c=d")) == 'export K="postgres://h/d?a=b&c=d"'
    document = read("K=postgres://h/d?a=b")
    assert changed(document, ReplaceText(slot(document), end, end, "&c=d")) == "K=postgres://h/d?a=b&c=d"


def test_text_beside_a_reference() -> None:
    document = read("K=${A}://u@${B}/d")
    assert changed(document, ReplaceText(slot(document), 4, 5, "v")) == "K=${A}://v@${B}/d"
    with pytest.raises(Refused):
        changed(document, ReplaceText(slot(document), 0, 2, "v"))


def test_new_lines_follow_their_neighbours() -> None:
    document = read("# head\r\nexport A = 'x'\r\n# tail")
    entries = table(document)
    assert changed(document, SetEntry(entries, "B", "y"), SetEntry(entries, "C", 5)) == (
        "# head\r\nexport A = 'x'\r\nexport B = 'y'\r\nexport C = '5'\r\n# tail"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "N=1\n"), ("\ufeff", "\ufeffN=1\n"), ("A=0", "A=0\nN=1"), ("# c\n", "# c\nN=1\n"), ("# c", "# c\nN=1")],
)
def test_the_end_of_the_file(before: str, after: str) -> None:
    document = read(before)
    assert changed(document, SetEntry(table(document), "N", 1)) == after


def test_set_behind_an_entry_and_over_an_entry() -> None:
    document = read("A=1\nB=2\nK\n")
    entries = table(document)
    assert changed(document, SetEntry(entries, "N", "n", after=entries.entries[0])) == "A=1\nN=n\nB=2\nK\n"
    assert changed(document, SetEntry(entries, "A", "")) == "A=\nB=2\nK\n"
    assert changed(document, SetEntry(entries, "K", "k")) == "A=1\nB=2\nK=k\n"
    assert changed(document, SetEntry(entries, "A", "1")) == "A=1\nB=2\nK\n"


def test_drop() -> None:
    document = read("A=1\n  B='x\ny' # keep me\nC=3")
    entries = table(document)
    assert changed(document, DropEntry(entries, entries.entries[0])) == "  B='x\ny' # keep me\nC=3"
    assert changed(document, DropEntry(entries, entries.entries[1])) == "A=1\n# keep me\nC=3"
    assert changed(document, DropEntry(entries, entries.entries[2])) == "A=1\n  B='x\ny' # keep me"


def test_code() -> None:
    document = read("A='x'\n")
    found = table(document).get("A")
    assert found is not None
    assert changed(document, ReplaceValue(found, Code("${NAME}"))) == "A=${NAME}\n"
    with pytest.raises(Refused):
        changed(document, ReplaceValue(found, Code("os.environ['NAME']")))


def test_refusals_name_no_content() -> None:
    document = read("A=hunter2\n")
    with pytest.raises(Refused) as caught:
        changed(document, SetEntry(table(document), "A", "hunter2'\"$"))
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(document)


def test_agreement_with_python_dotenv() -> None:
    text = 'A=1\nexport B=\'x # y\'\nC="q\\n\\"z\\"" # c\nD=a#b # c\nE = spaced\nF=\nG="multi\nline"\n'
    expected = dotenv_values(stream=io.StringIO(text), interpolate=False)
    found = {entry.key: entry.value.value for entry in table(read(text)).entries if isinstance(entry.value, Scalar)}
    assert found == expected
