"""Changes of Python files, byte for byte."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from neonlint.edits import Code, DropEntry, Op, ReplaceText, ReplaceValue, SetEntry, apply, merge
from neonlint.errors import Refused
from neonlint.formats import python, python_client
from neonlint.ir.source import Document, Entry, Scalar, Table, Value

ENV = Code('os.environ["DATABASE_URL"]', ("os",))


def changed(source: str | bytes, make: Callable[[Document], Op | list[Op]]) -> str:
    """The file after the operations, which are then made again and must change nothing more where they can be."""
    data = source if isinstance(source, bytes) else source.encode()
    document = python.read("x.py", data)
    ops = make(document)
    edits = python.render(document, ops if isinstance(ops, list) else [ops])
    return apply(data, merge(edits)).decode()


def keywords(document: Document) -> Table:
    return document.calls[0].keywords


def get(document: Document, *path: str) -> Value:
    found: Value | None = document.root
    for key in path:
        assert isinstance(found, Table)
        found = found.get(key)
    assert found is not None
    return found


def table(document: Document, *path: str) -> Table:
    found = get(document, *path)
    assert isinstance(found, Table)
    return found


def entry(table: Table, key: str) -> Entry:
    found = table.entry(key)
    assert found
    return found


def set_(*path: str, key: str, value: str | int | Code) -> Callable[[Document], Op]:
    return lambda document: SetEntry(table(document, *path), key, value)


def add(value: str | int | bool | Code = True) -> Callable[[Document], Op]:
    return lambda document: SetEntry(keywords(document), "new", value)


# Text


@pytest.mark.parametrize(
    ("source", "new", "expected"),
    [
        ("X = 'a?b'\n", "'", "X = 'a\\'b'\n"),
        ('X = f"a?{h}"\n', "{", 'X = f"a{{{h}"\n'),
        ('X = "a?%s" % h\n', "%", 'X = "a%%%s" % h\n'),
        ("X = ('a'\n     '?')\n", "!", "X = ('a'\n     '!')\n"),
    ],
)
def test_text_is_written_into_its_literal(source: str, new: str, expected: str) -> None:
    def replace(document: Document) -> Op:
        value = get(document, "X")
        assert isinstance(value, Scalar)
        assert value.slot
        return ReplaceText(value.slot, 1, 2, new)

    assert changed(source, replace) == expected


@pytest.mark.parametrize(
    ("source", "start", "end", "new", "reason"),
    [
        ("X = 'a' + b", 2, 2, "c", "comes from elsewhere"),
        ("X = b + 'a'", 0, 0, "c", "comes from elsewhere"),
        ("X = f'{b}'", 0, 1, "c", "comes from elsewhere"),
        ("X = 'ab' 'cd'", 1, 3, "x", "several literals"),
        ("X = r'a'", 0, 1, "\\", "quoting"),
        ("X = f'{b=}'", 0, 1, "c", "in place"),
        ("X = '\\1a'", 1, 2, "7", "beside it"),
    ],
)
def test_text_that_cannot_be_written_is_refused(source: str, start: int, end: int, new: str, reason: str) -> None:
    def replace(document: Document) -> Op:
        value = get(document, "X")
        assert isinstance(value, Scalar)
        assert value.slot
        return ReplaceText(value.slot, start, end, new)

    with pytest.raises(Refused, match=reason):
        changed(source, replace)


@pytest.mark.parametrize("source", ["X = ''", 'X = r""', "X = u''''''", "X = '' ''"])
def test_text_is_written_into_an_empty_literal(source: str) -> None:
    document = python.read("x.py", source.encode())
    slot = document.literals[0].slot
    result = apply(document.data, merge(python.render(document, [ReplaceText(slot, 0, 0, "new")])))
    assert python.read("x.py", result).literals[0].slot.text == "new"


# Entries


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f()\n", "f(new=True)\n"),
        ("f(a, b=1)\n", "f(a, b=1, new=True)\n"),
        ("f(a,)\n", "f(a, new=True,)\n"),
        ("f(*a)\n", "f(*a, new=True)\n"),
        ("f(\n    a,\n    b=1,  # one\n)\n", "f(\n    a,\n    b=1,  # one\n    new=True,\n)\n"),
        ("f(\n    a,\n    b=1  # one\n)\n", "f(\n    a,\n    b=1,  # one\n    new=True\n)\n"),
        ("f(\r\n\ta,\r\n\tb=1)", "f(\r\n\ta,\r\n\tb=1,\r\n\tnew=True)"),
        ("f(a,\n  b=1,\n  # own\n  )\n", "f(a,\n  b=1,\n  new=True,\n  # own\n  )\n"),
        ("f(a, g(\n    1,\n))\n", "f(a, g(\n    1,\n), new=True)\n"),
        ("(f)(a)\n", "(f)(a, new=True)\n"),
        ("f(new=False)\n", "f(new=True)\n"),
        ("f(a=(b))\n", "f(a=(b), new=True)\n"),
    ],
)
def test_a_keyword_is_added_in_the_layout_of_its_call(source: str, expected: str) -> None:
    assert changed(source, add()) == expected
    assert changed(expected, add()) == expected


def test_entries_are_added_to_nested_displays_and_behind_others() -> None:
    source = "D = {\n    'default': {\n        'HOST': 'h',\n        'PORT': '5',\n    },\n}\n"
    after = changed(
        source,
        lambda d: SetEntry(table(d, "D", "default"), "USER", "it's", entry(table(d, "D", "default"), "HOST")),
    )
    assert after == source.replace("'h',\n", "'h',\n        'USER': 'it\\'s',\n")


@pytest.mark.parametrize(
    ("source", "key", "expected"),
    [
        ("f(a=1, b=2, c=3)\n", "b", "f(a=1, c=3)\n"),
        ("f(a=1, b=2)\n", "b", "f(a=1)\n"),
        ("f(b=2)\n", "b", "f()\n"),
        ("f(\n    a=1,  # one\n    b=2,  # two\n)\n", "b", "f(\n    a=1,  # one\n)\n"),
        ("f(\n    a=1,\n    b=2\n)\n", "b", "f(\n    a=1\n)\n"),
        ("f(a=1,\n  b=2)\n", "b", "f(a=1)\n"),
        ("f(a=1,  # one\n  b=2)\n", "b", "f(a=1  # one\n  )\n"),
    ],
)
def test_a_keyword_is_dropped_with_its_separator(source: str, key: str, expected: str) -> None:
    assert changed(source, lambda d: DropEntry(keywords(d), entry(keywords(d), key))) == expected


def test_one_keyword_takes_the_place_of_another() -> None:
    def exchange(d: Document) -> list[Op]:
        return [DropEntry(keywords(d), entry(keywords(d), "a")), SetEntry(keywords(d), "z", 2)]

    assert changed("f(\n    a=1,  # why\n    b=2,\n)\n", exchange) == "f(\n    z=2,  # why\n    b=2,\n)\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("f(**k)\n", "cannot all be seen"),
        ("f(x for x in y)\n", "generator"),
        ("x = f'{f()}'\n", "no simple assignment"),
    ],
)
def test_an_entry_that_cannot_be_added_is_refused(source: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        changed(source, add())


def test_two_values_for_one_entry_are_refused() -> None:
    with pytest.raises(Refused, match="differently"):
        changed("f()\n", lambda d: [SetEntry(keywords(d), "a", 1), SetEntry(keywords(d), "a", 2)])


# Statements


MODULE = """\
app.config['A'] = 'a'
URL = "x"; Y = 1
D = {}
D['k'] = 1  # kept apart
class Settings(BaseSettings):
    host: str = "h"
    port: int
class C:
    A = 1
"""


@pytest.mark.parametrize(
    ("make", "old", "new"),
    [
        (set_("app.config", key="B", value=2), "'a'\n", "'a'\napp.config['B'] = 2\n"),
        (set_("app.config", key="A", value=2), "'a'\n", "2\n"),
        (set_("D", key="k", value=2), "= 1  # kept", "= 2  # kept"),
        (set_("Settings", key="url", value="u"), "port: int\n", "port: int\n    url: str = 'u'\n"),
        (set_("Settings", key="port", value=1), "port: int\n", "port: int = 1\n"),
        (set_("Settings", key="host", value="i"), '"h"', "'i'"),
        (set_("C", key="B", value=2), "    A = 1\n", "    A = 1\n    B = 2\n"),
        (set_(key="NEW", value=2), "D = {}\n", "D = {}\nNEW = 2\n"),
        (lambda d: DropEntry(table(d, "D"), entry(table(d, "D"), "k")), "D['k'] = 1  # kept apart\n", ""),
        (lambda d: DropEntry(table(d, "Settings"), entry(table(d, "Settings"), "host")), '    host: str = "h"\n', ""),
    ],
)
def test_statements_are_added_changed_and_dropped(make: Callable[[Document], Op], old: str, new: str) -> None:
    source = MODULE.replace('"', "'") if "'" in new else MODULE
    old = old.replace('"', "'") if "'" in new else old
    assert changed(source, make) == source.replace(old, new)


def test_a_table_of_calls_takes_no_statement() -> None:
    with pytest.raises(Refused, match="no simple assignment"):
        changed("app.config.setdefault('A', 1)\n", set_("app.config", key="B", value=2))


@pytest.mark.parametrize(
    "make",
    [
        lambda d: DropEntry(d.root, entry(d.root, "URL")),
        lambda d: DropEntry(table(d, "C"), entry(table(d, "C"), "A")),
        lambda d: SetEntry(table(d, "Settings"), "x", ENV),
    ],
)
def test_statements_that_cannot_be_written_are_refused(make: Callable[[Document], Op]) -> None:
    with pytest.raises(Refused):
        changed(MODULE, make)


# Values and imports


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("X = 'a'\n", 'import os\n\nX = os.environ["DATABASE_URL"]\n'),
        ("import os\nX = 'a'\n", 'import os\nX = os.environ["DATABASE_URL"]\n'),
        ("import re\nX = 'a'\n", 'import os\nimport re\nX = os.environ["DATABASE_URL"]\n'),
        ("import ast\nimport re\nX = 'a'", 'import ast\nimport os\nimport re\nX = os.environ["DATABASE_URL"]'),
        (
            '#!/usr/bin/env python\n"""Doc."""\nfrom __future__ import annotations\n\nX = \'a\'\n',
            '#!/usr/bin/env python\n"""Doc."""\nfrom __future__ import annotations\n\nimport os\n\n'
            'X = os.environ["DATABASE_URL"]\n',
        ),
        ("# top\nX = ('a'\n  'b')\r\n", '# top\nimport os\n\nX = (os.environ["DATABASE_URL"])\r\n'),
        ("\ufeffX = 'a'", '\ufeffimport os\n\nX = os.environ["DATABASE_URL"]'),
    ],
)
def test_a_literal_becomes_a_look_up_with_its_import(source: str, expected: str) -> None:
    assert changed(source, lambda d: ReplaceValue(get(d, "X"), ENV)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from m import a\nf()\n", "from m import a, N\nf(new=N)\n"),
        ("from m import (\n    a,\n)\nf()\n", "from m import (\n    a, N,\n)\nf(new=N)\n"),
        ("from m import N\nf()\n", "from m import N\nf(new=N)\n"),
        (
            "import os\nfrom m.x import a\nimport z\nf()\n",
            "import os\nfrom m.x import a\nfrom m import N\nimport z\nf(new=N)\n",
        ),
        ('"""Doc."""\nf()\n', '"""Doc."""\nfrom m import N\nf(new=N)\n'),
    ],
)
def test_a_name_is_imported_once_and_in_its_place(source: str, expected: str) -> None:
    assert changed(source, add(Code("N", ("m:N",)))).replace("\n\nf(", "\nf(") == expected


def test_a_name_that_means_something_else_is_refused() -> None:
    with pytest.raises(Refused, match="something else"):
        changed("os = 1\nX = 'a'\n", lambda d: ReplaceValue(get(d, "X"), ENV))


def test_words_beside_a_value_stay_apart() -> None:
    document = python.read("x.py", b"import os\ndef f():\n    return'a'if x else'b'\n")
    ops = [ReplaceValue(Scalar("", one.slot.span, one.slot), ENV) for one in document.literals]
    result = apply(document.data, merge(python.render(document, ops)))
    env = ENV.text.encode()
    assert result == b"import os\ndef f():\n    return " + env + b"if x else " + env + b"\n"


def test_code_that_is_no_expression_is_refused() -> None:
    with pytest.raises(Refused, match="not a Python expression"):
        changed("f()\n", add(Code("a = 1")))


# The process

#: libcst takes most of a minute for this; `ast` refuses it, so no file like it ever gets there.
SLOW = b"[" * 3000 + b"]" * 3000


#: Only libcst knows what belongs to what here.
HARD, DONE = "f((1))\n", "f((1), new=True)\n"


def test_a_killed_process_costs_one_refusal() -> None:
    assert changed(HARD, add()) == DONE
    rewriter = python_client.shared(os.getpid())
    pid = rewriter.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        if rewriter.pid is None:
            break
        time.sleep(0.05)
    assert changed(HARD, add()) == DONE
    assert rewriter.pid != pid


def test_a_process_that_dies_at_work_costs_one_refusal() -> None:
    assert changed(HARD, add()) == DONE
    pid = python_client.shared(os.getpid()).pid
    assert pid
    threading.Timer(0.2, os.kill, (pid, signal.SIGSEGV)).start()
    with pytest.raises(Refused, match="could not handle"):
        python_client.rewrite(SLOW, [{"start": 0, "end": 1, "add": [], "drop": []}])
    assert changed(HARD, add()) == DONE


def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_client, "LIMIT_SECONDS", 0.3)
    started = time.monotonic()
    with pytest.raises(Refused, match="could not handle"):
        python_client.rewrite(SLOW, [{"start": 0, "end": 1, "add": [], "drop": []}])
    assert time.monotonic() - started < 5


def test_the_process_never_imports_from_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("libcst", "json", "queue", "yaml", "neonlint"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    python_client.shared(os.getpid()).stop()
    assert changed(HARD, add()) == DONE
    assert not (tmp_path / "ran").exists()


def test_the_process_ends_when_its_input_does() -> None:
    rewriter = python_client.Rewriter()
    rewriter.ask(b"{}\n")
    process = rewriter._process
    assert process
    assert process.stdin
    process.stdin.close()
    assert process.wait(timeout=5) == 0
