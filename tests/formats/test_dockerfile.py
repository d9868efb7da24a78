"""Dockerfiles: variables, images, and the commands of both forms."""

from __future__ import annotations

import pytest

from neonlint.edits import DropEntry, Op, ReplaceText, SetEntry, apply, merge
from neonlint.errors import Refused
from neonlint.formats import dockerfile
from neonlint.formats.claims import format_of
from neonlint.ir.source import Document, EnvRef, Items, Scalar, Table, Unknown, Value


def read(text: str) -> Document:
    return dockerfile.read("Dockerfile", text.encode())


def table(document: Document, name: str = "ENV") -> Table:
    assert document.root is not None
    found = document.root.get(name)
    assert isinstance(found, Table)
    return found


def texts(values: tuple[Value, ...]) -> list[str | None]:
    return [str(v.value) if isinstance(v, Scalar) else v.name if isinstance(v, EnvRef) else None for v in values]


def rendered(document: Document, *ops: Op) -> str:
    return apply(document.data, merge(dockerfile.render(document, ops))).decode()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("A=b C=d", {"A": "b", "C": "d"}),
        ("A=\"b c\" D='e $f' G=h\\ i", {"A": "b c", "D": "e $f", "G": "h i"}),
        ("A b c", {"A": "b c"}),
        ("A=u://h/d?x=y&z=w", {"A": "u://h/d?x=y&z=w"}),
        ("A=b \\\n  # why\n\n  C=d", {"A": "b", "C": "d"}),
        ('A=x"y z"', {"A": "xy z"}),
        ("A= B=c", {"A": "", "B": "c"}),
        ('A="\\$b"', {"A": "$b"}),
    ],
)
def test_variables(written: str, expected: dict[str, str]) -> None:
    for newline in ("\n", "\r\n"):
        found = table(read(f"FROM x\nENV {written}\nCMD y\n".replace("\n", newline)))
        assert found.kind == "env"
        assert {e.key: e.value.value for e in found.entries if isinstance(e.value, Scalar)} == expected


def test_expansions_images_and_arguments() -> None:
    document = read("ARG N=20 P\nFROM --platform=x node:$N AS a\nFROM a\nENV U=$V W=${X:-y} Z=a${N}\n")
    assert document.root is not None
    images = document.root.get("FROM")
    assert isinstance(images, Items) and len(images.values) == 2
    given = table(document, "ARG")
    assert isinstance(given.get("N"), Scalar) and isinstance(given.get("P"), Unknown)
    u, w, z = (entry.value for entry in table(document).entries)
    assert isinstance(u, EnvRef) and isinstance(w, EnvRef) and isinstance(w.default, Scalar)
    assert isinstance(z, Scalar) and z.slot is not None and len(z.slot.holes) == 1


def test_commands() -> None:
    document = read(
        "# escape=`\nFROM x\nRUN --mount=type=secret,id=a psql `\n  # why\n  -c y && z\n"
        'CMD ["psql", "-c", "a \\"b\\" $X"]\nENTRYPOINT exec node s.js\n'
        "HEALTHCHECK --interval=5s CMD pg_isready\nHEALTHCHECK NONE\nONBUILD RUN q\n"
        "RUN <<EOF\nset -e\npsql r\nEOF\nRUN cat <<E > f\nA=$B\nE\nCOPY <<F g\nRUN no\nF\nRUN last\n"
    )
    assert [(c.scope, texts(c.words)) for c in document.commands] == [
        ("RUN", ["psql", "-c", "y"]),
        ("RUN", ["z"]),
        ("CMD", ["psql", "-c", 'a "b" $X']),
        ("ENTRYPOINT", ["exec", "node", "s.js"]),
        ("HEALTHCHECK", ["pg_isready"]),
        ("RUN", ["q"]),
        ("RUN", ["set", "-e"]),
        ("RUN", ["psql", "r"]),
        ("RUN", ["cat"]),
        ("RUN", ["last"]),
    ]
    assert [(c.text, c.row) for c in document.comments] == [("why", 4)]
    assert [operator for operator, _ in document.commands[-2].redirects] in (["<<", ">"], [">", "<<"])


def test_what_is_no_json_is_shell() -> None:
    (command,) = read("CMD ['a', b]\n").commands
    assert texts(command.words)[-1] == "b]"


def test_writing() -> None:
    document = read("FROM x\nENV A=b C='d' # no comment\nENV E=f\nENV G h i\n")
    env = table(document)
    assert rendered(document, SetEntry(env, "E", "x y")) == document.data.decode().replace("E=f", 'E="x y"')
    after = env.entry("E")
    added = rendered(document, SetEntry(env, "NEW", "1&2", after))
    assert added == document.data.decode().replace("E=f\n", "E=f\nENV NEW=1&2\n")
    assert after is not None
    assert rendered(document, DropEntry(env, after)) == document.data.decode().replace("ENV E=f\n", "")
    old = env.get("G")
    assert isinstance(old, Scalar) and old.slot is not None
    assert "ENV G hey i\n" in rendered(document, ReplaceText(old.slot, 0, 1, "hey"))
    with pytest.raises(Refused):
        rendered(document, ReplaceText(old.slot, 0, 1, '"'))


def test_shell_text_in_json_is_quoted_for_both() -> None:
    from neonlint.formats.shell_commands import commands_in  # noqa: PLC0415

    document = read('CMD ["sh", "-c", "psql OLD && x"]\n')
    script = document.commands[0].words[2]
    assert isinstance(script, Scalar) and script.slot is not None
    word = commands_in(script.slot, document.data)[0].words[1]
    assert isinstance(word, Scalar) and word.slot is not None
    assert rendered(document, ReplaceText(word.slot, 0, 3, "a&b")) == 'CMD ["sh", "-c", "psql \'a&b\' && x"]\n'


def test_names() -> None:
    ours = ["Dockerfile", "a/Dockerfile.dev", "api.Dockerfile", "web.dockerfile", "Containerfile", "Dockerfile-prod"]
    assert {format_of(path) for path in ours} == {"dockerfile"}
    assert [
        format_of(path) for path in ("Dockerfile.md", "dockerfile.go", "docker-compose.yml", "dockerfile.test.ts")
    ] == [
        "text",
        "text",
        "yaml",
        "javascript",
    ]
