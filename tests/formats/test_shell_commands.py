"""Shell text inside values of other files: its words, and changes of them as changes of the value."""

from __future__ import annotations

import pytest

from neonlint import formats
from neonlint.edits import ReplaceText, apply, merge
from neonlint.errors import Refused
from neonlint.formats.shell_commands import commands_in
from neonlint.ir.source import EnvRef, Scalar, ShellCommand, Slot, Unknown, walk


def held(path: str, text: str) -> tuple[list[ShellCommand], bytes]:
    """The commands in the first value that names psql."""
    data = text.encode()
    document = formats.load(formats.format_of(path)).read(path, data)
    slots = [v.slot for root in document.roots for _, v in walk(root) if isinstance(v, Scalar) and v.slot is not None]
    return list(commands_in(next(slot for slot in slots if "psql" in slot.text), data)), data


def changed(path: str, text: str, old: str, new: str) -> str:
    """The file after `old` in the first word that holds it became `new`."""
    data = text.encode()
    format_ = formats.load(formats.format_of(path))
    document = format_.read(path, data)
    slots = [v.slot for root in document.roots for _, v in walk(root) if isinstance(v, Scalar) and v.slot is not None]
    found = [w.slot for s in slots for c in commands_in(s, data) for w in c.words if isinstance(w, Scalar) and w.slot]
    word: Slot = next(slot for slot in found if old in slot.text)
    at = word.text.index(old)
    return apply(data, merge(format_.render(document, [ReplaceText(word, at, at + len(old), new)]))).decode()


def test_a_workflow() -> None:
    text = (
        "jobs:\n  a:\n    steps:\n      - run: |\n          cd app\n"
        '          psql "${{ secrets.URL }}" -d "${X:-y}" "$(cat f)" $Z\n'
    )
    found, data = held(".github/workflows/a.yml", text)
    psql, cat = found[1:]
    assert psql.directory == "app" and isinstance(cat.words[0], Scalar) and cat.words[0].value == "cat"
    url, _, default, output, plain = psql.words[1:]
    assert isinstance(url, EnvRef) and url.name == "URL"
    assert isinstance(default, EnvRef) and isinstance(default.default, Scalar) and default.default.value == "y"
    assert isinstance(output, Unknown) and isinstance(plain, EnvRef) and plain.name == "Z"
    assert [data[w.span.start : w.span.end].decode() for w in psql.words] == [
        "psql", '"${{ secrets.URL }}"', "-d", '"${X:-y}"', '"$(cat f)"', "$Z",
    ]  # fmt: skip


def test_escapes_of_json_are_no_quotes_of_the_shell() -> None:
    found, data = held("package.json", '{"scripts": {"m": "X=\\"a b\\" psql \\"$U\\" && node é"}}')
    assert [e.key for e in found[0].environment.entries] == ["X"]
    name = found[1].words[1]
    assert isinstance(name, Scalar) and data[name.span.start : name.span.end] == "é".encode()


@pytest.mark.parametrize(
    ("path", "text", "new", "wanted"),
    [
        ("package.json", '{"scripts": {"m": "psql OLD x"}}', "a&b", '{"scripts": {"m": "psql \'a&b\' x"}}'),
        ("package.json", '{"scripts": {"m": "psql \\"OLD\\" x"}}', "a&b", '{"scripts": {"m": "psql \\"a&b\\" x"}}'),
        ("package.json", '{"scripts": {"m": "psql OLD/$X y"}}', "a&b", '{"scripts": {"m": "psql \\"a&b/$X\\" y"}}'),
        ("a.yml", "run: psql OLD x\n", "a&b", "run: psql 'a&b' x\n"),
        ("a.yml", "run: 'psql OLD x'\n", "a&b", "run: 'psql ''a&b'' x'\n"),
        ("a.yml", "run: |\n  psql OLD \\\n    x\n", "a b", "run: |\n  psql 'a b' \\\n    x\n"),
        ("a.toml", "run = \"psql 'OLD' x\"\n", "a&b", "run = \"psql 'a&b' x\"\n"),
    ],
)
def test_a_changed_word_is_a_changed_value(path: str, text: str, new: str, wanted: str) -> None:
    assert changed(path, text, "OLD", new) == wanted


def test_what_no_quotes_hold_is_refused() -> None:
    with pytest.raises(Refused):
        changed("a.yml", "run: psql OLD x\n", "OLD", 'it\'s "$x"')
    with pytest.raises(Refused):
        changed("a.yml", "run: x $(psql OLD)\n", "OLD", "new")
