"""The lens laws for every format × dialect pair: a connection written in a file, patched through the model, read again.

Each format gives a frame: the bytes around a value, with a comment and a neighbour that must stay. The laws are tried
in LF and CRLF files, with and without a byte-order mark and a final newline.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neonlint import formats
from neonlint.edits import apply, merge
from neonlint.errors import Refused
from neonlint.extract import extract
from neonlint.ir.model import Connection
from neonlint.ir.source import Slot
from neonlint.repair_connection import connection_ops

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
Frame = Callable[[str], str]


def yaml_single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def template(text: str) -> str:
    return "`" + text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${") + "`"


#: Format and variant to a path and a frame; JSON's escapes are valid in YAML, TOML and Python double quotes too.
FRAMES: dict[str, tuple[str, Frame]] = {
    "dotenv-double": (".env", lambda t: f"# a comment\nOTHER=1\nDATABASE_URL={json.dumps(t)} # behind\nLAST='x y'\n"),
    "dotenv-single": (".env", lambda t: f"# a comment\nexport DATABASE_URL='{t}'\nLAST=x\n"),
    "python-double": (
        "app.py",
        lambda t: f"# a comment\nOTHER = 1\nDATABASE_URL = {json.dumps(t)}  # behind\nLAST = 'x'\n",
    ),
    "python-call": (
        "app.py",
        lambda t: f"import psycopg2\n\nconn = psycopg2.connect(  # here\n    {t!r},\n    connect_timeout=20,\n)\n",
    ),
    "yaml-double": ("conf.yaml", lambda t: f"# a comment\ndb:\n  DATABASE_URL: {json.dumps(t)}  # behind\n  last: x\n"),
    "yaml-single": ("conf.yaml", lambda t: f"db:\n  DATABASE_URL: {yaml_single(t)}\n  last: [1, 2]\n"),
    "toml-basic": ("conf.toml", lambda t: f"# a comment\n[db]\nDATABASE_URL = {json.dumps(t)} # behind\nlast = 1\n"),
    "json": ("conf.json", lambda t: f'{{\n  "db": {{"DATABASE_URL": {json.dumps(t)}, "last": [1, 2]}}\n}}\n'),
    "ini": ("pg.ini", lambda t: f"; a comment\n[db]\nDATABASE_URL = {t}\nlast = 1\n"),
    "javascript-const": (
        "db.js",
        lambda t: f"// a comment\nconst other = `x${{1}}`;\nconst DATABASE_URL = {t!r}; // behind\nlet last = 'x'\n",
    ),
    "typescript-call": (
        "db.ts",
        lambda t: (
            f"import {{ Pool }} from 'pg'\n\nexport const pool = new Pool({{\n  max: 5,\n  connectionString: {json.dumps(t)},\n}})\n"
        ),
    ),
    "javascript-template": (
        "db.mjs",
        lambda t: f"import postgres from 'postgres'\nconst sql = postgres({template(t)}, {{ max: 1 }}) // behind\n",
    ),
    "javascript-plus": (
        "db.js",
        lambda t: f"// a comment\nconst url =\n  {t[:15]!r} +\n  {json.dumps(t[15:])} // behind\nlet last = 'x'\n",
    ),
    "tsx": ("db.tsx", lambda t: f"const url: string = {t!r}!\nexport const P = () => <p title='x'>it's {{url}}</p>\n"),
    "svelte": ("db.svelte", lambda t: f"<p>it's</p>\n<script>\n  const url = {json.dumps(t)};\n</script>\n<b>`</b>\n"),
    "prisma": (
        "schema.prisma",
        lambda t: f'// a comment\ndatasource db {{\n  provider = "postgresql"\n  url = {json.dumps(t)} // behind\n}}\n',
    ),
}
SAFE = st.text(alphabet="abcXYZ019-._~", min_size=1, max_size=8)
values = st.text(alphabet="abcXYZ019-._~ %&é/:", min_size=1, max_size=10).map(str.strip).filter(bool)
PATCHES = st.dictionaries(
    st.sampled_from(
        ["params.sslmode", "params.application_name", "params.connect_timeout", "database", "endpoint.pooled"]
    ),
    values,
    min_size=1,
    max_size=3,
).map(lambda found: {k: (True if k == "endpoint.pooled" else v) for k, v in found.items()})


@st.composite
def urls(draw: st.DrawFn) -> str:
    query = draw(st.sampled_from(["", "?sslmode=require", "?sslmode=prefer&connect_timeout=5"]))
    return f"postgresql://{draw(SAFE)}:{draw(SAFE)}@{HOST}/{draw(SAFE)}{query}"


@st.composite
def keyword_strings(draw: st.DrawFn) -> str:
    tail = draw(st.sampled_from(["", " sslmode=require", " connect_timeout=5 sslmode=prefer"]))
    return f"host={HOST} dbname={draw(SAFE)} user={draw(SAFE)} password={draw(SAFE)}{tail}"


@st.composite
def files(draw: st.DrawFn, variant: str) -> tuple[str, bytes]:
    path, frame = FRAMES[variant]
    text = frame(draw(st.one_of(urls(), keyword_strings())))
    if draw(st.booleans()):
        text = text.rstrip("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    bom = "\ufeff" if draw(st.booleans()) and not path.endswith(".json") else ""
    return path, (bom + text).encode()


def connections(path: str, data: bytes) -> tuple[Connection, ...]:
    name = formats.format_of(path)
    return extract(formats.load(name).read(path, data)).connections


def put(path: str, data: bytes, connection: Connection, patch: Mapping[str, str | bool]) -> bytes:
    format_ = formats.load(connection.document.format)
    edits = format_.render(connection.document, connection_ops(connection, patch))
    return apply(data, merge(edits))


def components(connection: Connection) -> dict[str, str]:
    assert connection.view is not None
    parts = {name: part.text for name, part in connection.view.parts.items()}
    return parts | {f"params.{p.name}": p.value.text for p in connection.view.params}


def put_and_read(path: str, data: bytes, patch: dict[str, str | bool]) -> tuple[bytes, Slot, Slot] | None:
    """Put a patch: what was put is read back, and putting again changes nothing. The changed file with the slots before
    and after; None for a quoting that cannot hold the new text, says so and changes nothing."""
    (connection,) = connections(path, data)
    try:
        changed = put(path, data, connection, patch)
    except Refused:
        return None
    (after,) = connections(path, changed)
    expected = components(connection) | {k: str(v) for k, v in patch.items() if k != "endpoint.pooled"}
    expected["host"] = HOST.replace("a1b2c3d4", "a1b2c3d4-pooler") if "endpoint.pooled" in patch else HOST
    assert components(after) == expected
    assert put(path, changed, after, patch) == changed
    assert connection.slot is not None and after.slot is not None
    return changed, connection.slot, after.slot


@pytest.mark.parametrize("variant", FRAMES)
def test_get_put(variant: str) -> None:
    """Putting what is there leaves the file as it was."""

    @given(files(variant))
    def law(case: tuple[str, bytes]) -> None:
        path, data = case
        (connection,) = connections(path, data)
        assert put(path, data, connection, components(connection)) == data

    law()


@pytest.mark.parametrize("variant", FRAMES)
def test_put_get_and_put_put(variant: str) -> None:
    """What was put is read back, the rest of the connection and of the file stays, and putting again changes nothing."""

    @given(files(variant), PATCHES)
    def law(case: tuple[str, bytes], patch: dict[str, str | bool]) -> None:
        path, data = case
        if (outcome := put_and_read(path, data, patch)) is not None:
            changed, before, after = outcome
            assert changed[: after.span.start] == data[: before.span.start]
            assert changed[after.span.end :] == data[before.span.end :]

    law()
