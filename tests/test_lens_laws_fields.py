"""The lens laws for connections that are spelled out in separate fields, in every format that holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neonlint import formats
from neonlint.edits import apply, merge
from neonlint.errors import Refused
from neonlint.extract import extract
from neonlint.ir.model import Connection
from neonlint.ir.source import Scalar
from neonlint.repair_connection import connection_ops

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
words = st.text(alphabet="abcXYZ019-._~", min_size=1, max_size=8)


def dotenv(user: str, tls: str | None) -> str:
    mode = f"PGSSLMODE={tls}\n" if tls else ""
    return f"# a comment\nPGHOST={HOST}\nPGUSER={user} # behind\n{mode}PGDATABASE='db'\nOTHER=1\n"


def compose(user: str, tls: str | None) -> str:
    mode = f"      PGSSLMODE: {tls}\n" if tls else ""
    return f"services:\n  web:\n    environment:\n      PGHOST: {HOST}\n      PGUSER: {json.dumps(user)}\n{mode}    image: x\n"


def django(user: str, tls: str | None) -> str:
    options = f'        "OPTIONS": {{"sslmode": "{tls}"}},\n' if tls else ""
    return (
        'DATABASES = {\n    "default": {\n        "ENGINE": "django.db.backends.postgresql",\n'
        f'        "HOST": "{HOST}",  # behind\n        "USER": {json.dumps(user)},\n        "NAME": "db",\n{options}    }}\n}}\nLAST = 1\n'
    )


def keywords(user: str, tls: str | None) -> str:
    mode = f", sslmode='{tls}'" if tls else ""
    return f"import psycopg2\n\nc = psycopg2.connect(host='{HOST}', user={user!r}, dbname='db'{mode})  # behind\nLAST = 1\n"


def pool(user: str, tls: str | None) -> str:
    options = f"  ssl: {{ rejectUnauthorized: {'true' if tls else 'false'} }}, // # behind\n"
    return (
        "import { Pool } from 'pg';\n\n// # a comment\nexport const pool = new Pool({\n"
        f"  host: '{HOST}', // # behind\n  user: {json.dumps(user)},\n  database: `db`,\n  port: 5432,\n{options}}});\nlast()\n"
    )


def script(user: str, tls: str | None) -> str:
    mode = f"export PGSSLMODE={tls}\n" if tls else ""
    return (
        f"# a comment\nexport PGHOST={HOST} # behind\nexport PGUSER='{user}'\n{mode}export PGDATABASE=db\npsql -c x\n"
    )


def image(user: str, tls: str | None) -> str:
    mode = f' PGSSLMODE="{tls}"' if tls else ""
    return (
        f"# a comment\nFROM x\nENV PGHOST={HOST} \\\n    PGUSER={user} PGDATABASE='db'{mode}\n# behind\nRUN echo hi\n"
    )


FRAMES = {
    "dotenv": (".env", dotenv),
    "compose": ("compose.yaml", compose),
    "django": ("settings.py", django),
    "keywords": ("app.py", keywords),
    "pool": ("db.ts", pool),
    "script": ("run.sh", script),
    "image": ("Dockerfile", image),
}
PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "params.sslmode": st.sampled_from(["require", "verify-full"]),
        "params.channel_binding": st.just("require"),
        "user": words,
        "endpoint.pooled": st.just(True),
    },
).filter(bool)


@st.composite
def files(draw: st.DrawFn, variant: str) -> tuple[str, bytes]:
    path, frame = FRAMES[variant]
    text = frame(draw(words), draw(st.sampled_from([None, "require", "prefer"])))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return path, text.encode()


def connection_of(path: str, data: bytes) -> Connection:
    document = formats.load(formats.format_of(path)).read(path, data)
    (found,) = extract(document).connections
    return found


def components(connection: Connection) -> dict[str, object]:
    return {k: e.value.value for k, e in connection.fields.items() if isinstance(e.value, Scalar)}


def put(data: bytes, connection: Connection, patch: Mapping[str, str | bool]) -> bytes:
    ops = connection_ops(connection, patch)
    return (
        apply(data, merge(formats.load(connection.document.format).render(connection.document, ops))) if ops else data
    )


@pytest.mark.parametrize("variant", FRAMES)
def test_laws(variant: str) -> None:
    """GetPut, PutGet and PutPut; and every other field, comment and line stays."""

    @given(files(variant), PATCHES)
    def law(case: tuple[str, bytes], patch: dict[str, str | bool]) -> None:
        path, data = case
        connection = connection_of(path, data)
        written = {k: str(v) for k, v in components(connection).items()}
        assert put(data, connection, written) == data
        try:
            changed = put(data, connection, patch)
        except Refused:
            return
        after = connection_of(path, changed)
        expected = components(connection) | {k: v for k, v in patch.items() if k != "endpoint.pooled"}
        if "endpoint.pooled" in patch:
            expected["host"] = HOST.replace("a1b2c3d4", "a1b2c3d4-pooler")
        assert components(after) == expected
        assert put(changed, after, patch) == changed
        assert changed.count(b"# ") == data.count(b"# ")
        assert changed.count(b"\r\n") == changed.count(b"\n") if b"\r\n" in data else b"\r" not in changed

    law()
