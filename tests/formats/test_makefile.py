"""Makefiles and justfiles: variables, recipes, and what make and just fill in."""

from __future__ import annotations

import pytest

from neonlint.edits import ReplaceText, apply, merge
from neonlint.errors import Refused
from neonlint.formats import makefile
from neonlint.formats.claims import format_of
from neonlint.ir.source import Document, EnvRef, Scalar, ShellCommand, Unknown, Value


def read(text: str, path: str = "Makefile") -> Document:
    return makefile.read(path, text.encode())


def shown(value: Value | None) -> str | None:
    if isinstance(value, EnvRef):
        return f"${value.name}" if value.default is None else f"${{{value.name}:-{shown(value.default)}}}"
    if not isinstance(value, Scalar) or value.slot is None:
        return None
    return "".join(
        shown(value.slot.holes[ord(c) - 0xE000]) or "?" if 0xE000 <= ord(c) < 0xE100 else c for c in value.slot.text
    )


def commands(document: Document) -> list[tuple[str, list[str | None]]]:
    return [(c.scope, [shown(w) for w in c.words]) for c in document.commands if c.words]


MAKE = """\
# top
-include .env
export
URL ?= postgres://h/d?a=b&c=d # why
export Q := "u://$$x/$(DB)"
M += more
ifdef X
migrate up: dep ## Run it
\t@echo $(URL); psql "$(Q)" -c 'select $$1' $$HOME \\
\t  -f x
\t-npx prisma migrate deploy
endif
test: URL = t
test: ; psql $(URL) $(shell date) $@
define T
no: thing
endef
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_makefile(newline: str) -> None:
    document = read(MAKE.replace("\n", newline))
    assert commands(document) == [
        ("migrate up", ["echo", "$URL"]),
        ("migrate up", ["psql", "$Q", "-c", "select $1", "$HOME", "-f", "x"]),
        ("migrate up", ["npx", "prisma", "migrate", "deploy"]),
        ("test", ["psql", "$URL", None, None]),
    ]
    root = document.root
    assert root is not None and root.kind == "module"
    assert [shown(root.get(name)) for name in ("URL", "Q", "M")] == [
        "${URL:-postgres://h/d?a=b&c=d}",
        "u://$x/$DB",
        None,
    ]
    first, *_, last = document.commands
    assert first.loaded == (".env",) and shown(first.exported["Q"]) == "u://$x/$DB"
    assert shown(last.variables["URL"]) == "t" and "T" not in last.variables
    assert [(c.text, c.row) for c in document.comments] == [("top", 1), ("why", 4), ("# Run it", 8)]


def test_only_what_is_exported() -> None:
    (command,) = read("A = 1\nexport B = 2\nx:\n\tpsql\n").commands
    assert list(command.exported) == ["B"] and list(command.variables) == ["A", "B"]


def test_one_shell() -> None:
    text = "a:\n\tcd app\n\tpsql\n"
    assert [c.directory for c in read(text).commands] == ["", ""]
    assert [c.directory for c in read(".ONESHELL:\n" + text).commands] == ["", "app"]


def changed(path: str, text: str, new: str) -> str:
    document = read(text, path)
    found = [literal.slot for literal in document.literals if "OLD" in literal.slot.text]
    at = found[0].text.index("OLD")
    return apply(document.data, merge(makefile.render(document, [ReplaceText(found[0], at, at + 3, new)]))).decode()


@pytest.mark.parametrize(
    ("path", "text", "new", "wanted"),
    [
        ("Makefile", "x:\n\tpsql 'OLD'\n", "a$b", "x:\n\tpsql 'a$$b'\n"),
        ("Makefile", "x:\n\tpsql OLD/$(D)\n", "a&b", 'x:\n\tpsql "a&b/$(D)"\n'),
        ("Makefile", "U := OLD # c\n", "a$b", "U := a$$b # c\n"),
        ("justfile", "u := 'OLD'\n", "a$b", "u := 'a$b'\n"),
        ("justfile", "x:\n    @psql OLD {{e}}\n", "a&b", "x:\n    @psql 'a&b' {{e}}\n"),
    ],
)
def test_writing(path: str, text: str, new: str, wanted: str) -> None:
    assert changed(path, text, new) == wanted


def test_what_cannot_be_written() -> None:
    for path, text, new in [("Makefile", "U := OLD\n", "a#b"), ("justfile", "x:\n    psql 'OLD'\n", "{{b}}")]:
        with pytest.raises(Refused):
            changed(path, text, new)


JUST = """\
# top
set dotenv-load
export URL := "u://h\\n"
x := env_var_or_default('X', 'd')
y := x / "z"

[private]
@migrate env='a b' *args: build
    -psql {{URL}} {{env}} {{ env('W') }} "$X" \\
      -c y
    two

script:
    #!/usr/bin/env bash
    cd app
    psql

py:
    #!/usr/bin/env python3
    print("x")
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_justfile(newline: str) -> None:
    document = read(JUST.replace("\n", newline), "justfile")
    assert commands(document) == [
        ("migrate", ["psql", "$URL", None, "$W", "$X", "-c", "y"]),
        ("migrate", ["two"]),
        ("script", ["cd", "app"]),
        ("script", ["psql"]),
    ]
    psql: ShellCommand = document.commands[-1]
    assert psql.directory == "app" and psql.loaded == (".env",) and list(psql.exported) == ["URL"]
    assert shown(psql.variables["x"]) == "${X:-d}" and isinstance(psql.variables["y"], Unknown)


def test_names() -> None:
    ours = ["Makefile", "a/makefile", "GNUmakefile", "x.mk", "justfile", ".justfile", "a/Justfile", "ci.just"]
    assert {format_of(path) for path in ours} == {"makefile"}
    assert format_of("make.py") == "python"
