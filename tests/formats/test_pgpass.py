"""Password files: fields, escapes, and changes of one field."""

from __future__ import annotations

import pytest

from neonlint.edits import DropEntry, Op, ReplaceText, SetEntry, apply, merge
from neonlint.errors import Refused
from neonlint.formats import pgpass
from neonlint.ir.source import Document, Scalar, Table


def read(text: str) -> Document:
    return pgpass.read(".pgpass", text.encode())


def rows(document: Document) -> dict[str, dict[str, object]]:
    assert document.root is not None
    return {entry.key: fields(entry.value) for entry in document.root.entries}


def fields(row: object) -> dict[str, object]:
    assert isinstance(row, Table)
    return {entry.key: entry.value.value for entry in row.entries if isinstance(entry.value, Scalar)}


def row(document: Document, index: int = 0) -> Table:
    assert document.root is not None
    found = document.root.entries[index].value
    assert isinstance(found, Table)
    return found


def changed(document: Document, *ops: Op) -> str:
    return apply(document.data, merge(pgpass.render(document, ops))).decode()


def test_rows() -> None:
    document = read("# one\nh\\:x:5432:*:ü:p\\\\\\:w\r\nno line\n*:*:*:*:p:rest")
    assert rows(document) == {
        "2": {"host": "h:x", "port": "5432", "database": "*", "user": "ü", "password": "p\\:w"},
        "4": {"host": "*", "port": "*", "database": "*", "user": "*", "password": "p"},
    }
    assert [c.text for c in document.comments] == ["one"]


def test_change_a_field() -> None:
    document = read("h:1:d:u:p\r\nh:2:d:u:p")
    assert changed(document, SetEntry(row(document), "password", "a:b\\")) == "h:1:d:u:a\\:b\\\\\r\nh:2:d:u:p"
    host = row(document, 1).get("host")
    assert isinstance(host, Scalar)
    assert host.slot is not None
    assert changed(document, ReplaceText(host.slot, 0, 1, "é:")) == "h:1:d:u:p\r\né\\::2:d:u:p"


def test_drop_a_line_only() -> None:
    document = read("h:1:d:u:p\nh:2:d:u:p\n")
    assert document.root is not None
    with pytest.raises(Refused):
        changed(document, DropEntry(row(document), row(document).entries[0]))
    with pytest.raises(Refused):
        changed(document, SetEntry(row(document), "sslmode", "require"))
    single = read("h:1:d:u:p\n")
    assert single.root is not None
    assert changed(single, DropEntry(single.root, single.root.entries[0])) == ""
