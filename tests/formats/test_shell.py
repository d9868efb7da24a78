"""Shell scripts as commands, words and assignments; a real bash judges the words."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neonlint.errors import ParseFailure
from neonlint.formats import shell
from neonlint.ir.source import EnvRef, Scalar, ShellCommand, Table, Unknown, Value


def commands(text: str) -> list[ShellCommand]:
    return list(shell.read("run.sh", text.encode()).commands)


def shown(value: Value) -> str:
    """A value with its expansions as the shell would write them, `?` for what cannot be seen."""
    if isinstance(value, EnvRef):
        return f"${value.name}" if value.default is None else f"${{{value.name}:-{shown(value.default)}}}"
    if not isinstance(value, Scalar) or value.slot is None:
        return "?"
    return "".join(
        shown(value.slot.holes[ord(c) - 0xE000]) if 0xE000 <= ord(c) < 0xE100 else c for c in value.slot.text
    )


def words(text: str) -> list[list[str]]:
    return [[shown(word) for word in command.words] for command in commands(text) if command.words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("psql -d x -c 'a  b'", [["psql", "-d", "x", "-c", "a  b"]]),
        ("psql \"a\"'b'$C\\ d", [["psql", "ab$C d"]]),
        ('psql "${A:-b c}" ${D:?no} ${E%/*} ${#F} ${G+h}', [["psql", "${A:-b c}", "$D", "$E", "?", "?"]]),
        ('psql "$(cat f)/`g`" $((1 + 2)) $1', [["psql", "?/?", "?", "?"], ["cat", "f"], ["g"]]),
        ("a && b || c; d | e & f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("if a; then b; else c; fi; for x in 1 2; do d $x; done", [["a"], ["b"], ["c"], ["d", "$x"]]),
        ("case $1 in a|b) c d;; *) e;; esac", [["c", "d"], ["e"]]),
        ("( a ); { b; }; ! c; time d", [["a"], ["b"], ["c"], ["time", "d"]]),
        ("a \\\n  -b \\\r\n  -c\r\nd", [["a", "-b", "-c"], ["d"]]),
        ("psql <<EOF -d x\nselect 1\nEOF\ny", [["psql", "-d", "x"], ["y"]]),
        ("cat <<EOF | psql x\nselect 1\nEOF\n", [["cat"], ["psql", "x"]]),
        ("a > b c 2>&1 < d", [["a", "c"]]),
        ("sudo A=1 b; env C=2 d; npx dotenv -e .env -- e", [["sudo", "A=1", "b"], ["env", "C=2", "d"], ["npx", "dotenv", "-e", ".env", "--", "e"]]),
        ("a # b\n# c\nd e#f", [["a"], ["d", "e#f"]]),
        ("psql é '\U0001f600'", [["psql", "é", "\U0001f600"]]),
        ('psql "a" "b', [["psql", "a", "b"]]),
    ],
)  # fmt: skip
def test_words(text: str, expected: list[list[str]]) -> None:
    assert words(text) == expected


def test_each_character_knows_its_bytes() -> None:
    data = 'X=1 psql "é\\"b"\'c\'d'.encode()
    (command,) = shell.read("run.sh", data).commands
    word = command.words[1]
    assert isinstance(word, Scalar) and word.slot is not None
    assert word.slot.text == 'é"bcd'
    assert [data[a:b] for a, b in zip(word.slot.starts, word.slot.ends, strict=True)] == [
        "é".encode(), b'\\"', b"b", b"c", b"d",
    ]  # fmt: skip
    assert data[word.span.start : word.span.end].decode() == '"é\\"b"\'c\'d'
    assert [e.key for e in command.environment.entries] == ["X"]


def test_assignments_in_force() -> None:
    text = "A=1\nexport B=$A C\nif x; then A=2; one; fi\ntwo\n(export D=4; three)\nfour\nf() { local E=5; five; }\nset -a\nF=6\nsix\n"
    by_name = {shown(c.words[0]): c for c in commands(text) if c.words}
    assert [shown(by_name[n].variables["A"]) for n in ("one", "two")] == ["2", "?"]
    assert shown(by_name["one"].exported["B"]) == "$A" and "A" not in by_name["one"].exported
    assert shown(by_name["three"].exported["D"]) == "4" and "D" not in by_name["four"].exported
    assert by_name["five"].scope == "f" and shown(by_name["five"].variables["E"]) == "5"
    assert "E" not in by_name["six"].variables
    assert shown(by_name["six"].exported["F"]) == "6"
    root = shell.read("run.sh", text.encode()).root
    assert root is not None and root.kind == "module" and shown(root.get("B") or Unknown("", root.span)) == "$A"


def test_where_a_command_runs_and_what_was_read() -> None:
    text = "cd app && source ../.env\na\ncd $X\nb\n(cd /tmp; c)\nset -a; . ./.env.local; set +a; d\nexport $(grep -v '#' .env.x | xargs)\ne\n"
    found = {shown(c.words[0]): c for c in commands(text) if c.words}
    assert [found[name].directory for name in ("a", "b", "c")] == ["app", None, None]
    assert [found[name].loaded for name in ("a", "d", "e")] == [
        (".env",), (".env", ".env.local"), (".env", ".env.local", ".env.x"),
    ]  # fmt: skip


def test_redirections_and_here_documents() -> None:
    text = 'echo "A=$B" >> "$GITHUB_ENV"\ncat > .env <<-\'E\'\n\tX=$Y\n\tE\npsql <<< "select $Z"\n{ a; b; } > log\n'
    found = commands(text)
    assert [[(o, shown(v)) for o, v in c.redirects] for c in found] == [
        [(">>", "$GITHUB_ENV")],
        [(">", ".env"), ("<<", "X=$Y\n")],
        [("<<<", "select $Z")],
        [(">", "log")],
        [(">", "log")],
    ]
    texts = {(literal.key, literal.slot.text) for literal in shell.read("run.sh", text.encode()).literals}
    assert ("cat", "X=$Y\n") in texts


def test_an_ampersand_that_cuts_a_url_short() -> None:
    first, second = commands("psql postgres://h/db?a=b&c=d -c x\n")
    assert first.background is not None and first.unquoted is not None
    assert first.unquoted.value == "postgres://h/db?a=b&c=d"
    assert [e.key for e in second.environment.entries] == ["c"] and [shown(w) for w in second.words] == ["-c", "x"]
    (server, other) = commands("serve http://h & X=1 psql\n")
    assert server.background is not None and server.unquoted is None and other.background is None


def test_names_that_strings_are_given_to() -> None:
    text = "A=b psql -d c --url=d E=f g\nH=${I:-j}\n"
    literals = shell.read("run.sh", text.encode()).literals
    named = {literal.slot.text: literal.key for literal in literals}
    assert {k: named[k] for k in "bcdfgj"} == {"b": "A", "c": "-d", "d": "--url", "f": "E", "g": None, "j": "I"}


PIECES = st.sampled_from(
    ["ab", "'c d'", '"e  f"', "\\ ", "\\'", '"\\""', "'\"'", '"$V"', "${V}", "'$V'", "\\$V", '"\\\\"', "é", "/?=%", '""', "''"]
)  # fmt: skip


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=4))
def test_words_are_those_of_bash(parts: list[str]) -> None:
    text = "printf '%s\\0' " + " ".join(parts)
    script = f"set -f; V=v; {text}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    (command,) = (c for c in commands(text) if c.words)
    assert done.stdout.decode().split("\0")[:-1] == [_as_v(word) for word in command.words[2:]]


def _as_v(word: Value) -> str:
    if isinstance(word, EnvRef):
        return "v"
    assert isinstance(word, Scalar) and word.slot is not None
    return "".join("v" if 0xE000 <= ord(c) < 0xE100 else c for c in word.slot.text)


@pytest.mark.parametrize(
    "text",
    [
        "$(" * 20_000, '"' * 100_000, "cat <<EOF\n" + "x $y\n" * 20_000, "${a:-" * 10_000, "`" * 50_001,
        "psql u://h?a=b" + "&c=d" * 20_000, "if a; then " * 10_000, "cd a\n" * 10_000, "f() {\n" * 10_000,
        "<<<" * 30_000, "<<" * 30_000, "A=(" * 30_000, "\0" * 50_000, "((" * 20_000, "\\" * 100_000, "a && " * 10_000 + "b",
    ],
    ids=lambda text: text[:6].encode().hex(),
)  # fmt: skip
def test_hostile_text_costs_little(text: str) -> None:
    began = time.process_time()
    try:
        shell.read("run.sh", text.encode())
    except ParseFailure as failure:
        assert "text" in str(failure) or "NUL" in str(failure)
    assert time.process_time() - began < 6


@pytest.mark.parametrize("pipe", ["psql x | ", "psql x |\n# c\n", "(psql\nx) | ", "psql x |& "])
def test_a_long_pipeline_is_refused_however_it_is_written(pipe: str) -> None:
    with pytest.raises(ParseFailure, match="too many pipes"):
        shell.read("run.sh", (pipe * 3_001).encode())


def test_alternatives_are_no_pipes() -> None:
    assert len(commands("psql x || exit 1\n" * 4_000)) == 8_000


def test_what_is_no_text_is_refused() -> None:
    for data in (b"\xff\xfe\0", b"psql \xff"):
        with pytest.raises(ParseFailure):
            shell.read("run.sh", data)


def test_a_byte_order_mark_and_comments() -> None:
    document = shell.read("run.sh", "\ufeff#!/bin/sh\n# neonlint: a\r\npsql x # b\n".encode())
    assert [(c.text, c.row, c.own_line) for c in document.comments] == [("neonlint: a", 2, True), ("b", 3, False)]
    assert isinstance(document.root, Table) and [len(c.words) for c in document.commands] == [2]
