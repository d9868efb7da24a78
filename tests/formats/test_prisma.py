"""Prisma schemas: blocks as Prisma reads them, odd files passed over, and changes in the layout of `prisma format`."""

from __future__ import annotations

import pytest

from neonlint.edits import Code, DropEntry, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import ParseFailure, Refused
from neonlint.formats import format_of, prisma
from neonlint.formats.claims import worth_parsing
from neonlint.ir.source import Document, EnvRef, Items, Ref, Scalar, Slot, Table, Unknown, Value

SAMPLE = """\
// head
generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["driverAdapters", "x"] // why
  engineType      = library
}

datasource db {
  /// documentation
  provider = "postgresql"
  url      = env("DATABASE_URL")

  flag     = true
  n        = 3
}

model User {
  id   Int    @id
  json Json   @default("{}") // } datasource x {
  url  String @default("datasource y {")
  @@map("users")
}
"""


def read(text: str) -> Document:
    return prisma.read("schema.prisma", text.encode())


def block(document: Document, name: str = "datasource.db") -> Table:
    assert document.root is not None
    found = document.root.get(name)
    assert isinstance(found, Table)
    return found


def value(document: Document, key: str, name: str = "datasource.db") -> Value:
    found = block(document, name).get(key)
    assert found is not None
    return found


def slot(document: Document, key: str) -> Slot:
    found = value(document, key)
    assert isinstance(found, Scalar) and found.slot is not None
    return found.slot


def changed(document: Document, *ops: Op) -> str:
    return apply(document.data, merge(prisma.render(document, ops))).decode()


def test_blocks_and_values() -> None:
    document = read(SAMPLE)
    assert document.root is not None and document.root.complete
    assert [entry.key for entry in document.root.entries] == ["generator.client", "datasource.db"]
    client, db = block(document, "generator.client"), block(document)
    assert (client.name, db.name, client.complete, db.complete) == ("generator", "datasource", True, True)
    url = db.get("url")
    assert isinstance(url, EnvRef) and url.name == "DATABASE_URL"
    features = client.get("previewFeatures")
    assert isinstance(features, Items)
    assert [v.value for v in features.values if isinstance(v, Scalar)] == ["driverAdapters", "x"]
    engine = client.get("engineType")
    assert isinstance(engine, Ref) and engine.name == "library"
    assert [getattr(db.get(key), "value", None) for key in ("provider", "flag", "n")] == ["postgresql", True, 3]
    assert [(c.text, c.own_line) for c in document.comments] == [
        ("head", True),
        ("why", False),
        ("documentation", True),
        ("} datasource x {", False),
    ]
    entry = db.entry("url")
    assert entry is not None
    assert document.data[slice(*entry.span)] == b'url      = env("DATABASE_URL")'
    assert document.data[slice(*entry.key_span)] == b"url"


def test_claims() -> None:
    assert format_of("prisma/schema.prisma") == "prisma" == format_of("schema/user.prisma")
    assert worth_parsing("prisma", SAMPLE.encode()) and not worth_parsing("prisma", b"model User { id Int @id }")


def test_escapes_have_their_bytes() -> None:
    text = slot(read('datasource db {\n  url = "a\\"\\\\\\n\\u00e9\\ud83d\\ude00é"\n}\n'), "url")
    assert text.text == 'a"\\\né😀é'
    assert [e - s for s, e in zip(text.starts, text.ends, strict=True)] == [1, 2, 2, 2, 6, 12, 2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "}{}{",
        "model A {\n  a b {\n  }\n}\n",
        "<<<<<<< HEAD\n",
        "datasource {\n url = 1\n}\n",
        "/* open\ndatasource db {\n",
        "model A {\n" * 1000,
        "[" * 1000,
    ],
)
def test_odd_files_are_read(text: str) -> None:
    read(text)


def test_what_prisma_would_not_take_makes_its_block_incomplete() -> None:
    assert not block(read('datasource db {\n  url "x"\n}\n')).complete
    assert not block(read('datasource db {\n  url = "x"\n')).complete
    assert not block(read("datasource db {\n  a { b = 1 }\n}\n")).complete
    document = read('model A {\n  id Int\n\ndatasource db {\n  provider = "x"\n\ngenerator g {\n  provider = "y"\n}\n')
    assert document.root is not None
    assert [e.key for e in document.root.entries] == ["datasource.db", "generator.g"]
    assert isinstance(value(read("datasource db {\n  url = f(1)\n}\n"), "url"), Unknown)
    assert isinstance(value(read("datasource db {\n  url = env(URL)\n}\n"), "url"), Unknown)


def test_a_string_without_an_end_is_a_failure() -> None:
    with pytest.raises(ParseFailure) as failure:
        read('datasource db {\n  provider = "postgresql"\n  url = "postgres://h\n}\n')
    assert failure.value.row == 3


def test_otherwise_only_undecodable_bytes_are_a_failure() -> None:
    with pytest.raises(ParseFailure):
        prisma.read("x.prisma", b'datasource db {\n url = "\xff"\n}\n')


def test_a_longer_key_moves_the_column_of_its_block() -> None:
    document = read(SAMPLE)
    entry = block(document).entry("url")
    after = changed(document, SetEntry(block(document), "directUrl", Code('env("DIRECT_URL")'), entry))
    assert after == SAMPLE.replace('"postgresql"', ' "postgresql"').replace("  provider =  ", "  provider  = ").replace(
        '  url      = env("DATABASE_URL")\n',
        '  url       = env("DATABASE_URL")\n  directUrl = env("DIRECT_URL")\n',
    ).replace("  flag     =", "  flag      =").replace("  n        =", "  n         =")
    again = read(after)
    assert changed(again, DropEntry(block(again), block(again).entries[2])) == SAMPLE


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_keep_their_layout(newline: str) -> None:
    text = 'datasource db {\n\tprovider="postgresql"\n\turl   = "x" // c\n}'.replace("\n", newline)
    document = read(text)
    assert changed(document, SetEntry(block(document), "directUrl", Code('env("D")'))) == text.replace(
        f"// c{newline}", f'// c{newline}\tdirectUrl = env("D"){newline}'
    )
    assert changed(document, DropEntry(block(document), block(document).entries[1])) == text.replace('url   = "x" ', "")
    assert changed(document, ReplaceText(slot(document, "url"), 0, 1, 'a"\\b')) == text.replace('"x"', '"a\\"\\\\b"')
    assert changed(document, ReplaceValue(value(document, "url"), Code('env("U")'))) == text.replace('"x"', 'env("U")')
    assert changed(document, SetEntry(block(document), "url", "x")) == text


def test_an_empty_block() -> None:
    document = read("datasource db {\n}\n")
    assert changed(document, SetEntry(block(document), "url", "x"), SetEntry(block(document), "provider", "y")) == (
        'datasource db {\n  url      = "x"\n  provider = "y"\n}\n'
    )


def test_refusals() -> None:
    one_line = read('datasource db { url = "x" }\n')
    document = read(SAMPLE)
    assert document.root is not None
    changes: list[tuple[Document, Op]] = [
        (one_line, SetEntry(block(one_line), "directUrl", "y")),
        (one_line, DropEntry(block(one_line), block(one_line).entries[0])),
        (document, SetEntry(block(document), "directUrl", Code("process.env.X"))),
        (document, SetEntry(block(document), "a b", "x")),
        (document, SetEntry(document.root, "datasource.x", "x")),
        (document, DropEntry(document.root, document.root.entries[0])),
    ]
    for changed_document, op in changes:
        with pytest.raises(Refused):
            prisma.render(changed_document, [op])
