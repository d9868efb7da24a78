"""No password reaches the screen: by byte ranges where a parser knew it, by patterns where none did."""

from __future__ import annotations

import json
import string
import time
from typing import Literal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neonlint.ir.source import Span
from neonlint.report.redact import MASK, RedactedLine, redacted, scrub, width

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
#: Every password begins and ends with letters that no surrounding text uses, so that a part of it is noticed, too.
CANARY = "Qz"
_LETTERS = string.ascii_letters + string.digits
_SURROGATES: tuple[Literal["Cs"]] = ("Cs",)


def passwords(body: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return body.map(lambda text: f"{CANARY}{text}{CANARY}")


plain = passwords(st.text(_LETTERS + "!$%*+-.:;=?@^_~/#,|()[]{}", max_size=24))
unspaced = passwords(st.text(_LETTERS + "!$%*+-.:=?@^_~/#,|()[]{}", max_size=24))
quotable = passwords(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0", exclude_categories=_SURROGATES), max_size=24)
)
names = st.sampled_from(
    ["password", "PGPASSWORD", "db_passwd", "API_TOKEN", "clientSecret", "api-key", "DB_PASS", "pwd"]
)


def silent(line: str) -> None:
    assert CANARY not in redacted(line), redacted(line)
    assert CANARY not in RedactedLine(line.encode(), 0, ()).draw(Span(0, 3)).text


@given(plain)
def test_url(password: str) -> None:
    silent(f"DATABASE_URL=postgresql://app:{password}@{HOST}/db?sslmode=require")
    silent(f'  url: "postgresql+psycopg://app:{password}@{HOST}/db"')
    silent(f'{{"a": "x", "url": "postgres://app:{password}@{HOST}/db"}}')
    silent(f"engine = create_engine('postgresql://app:{password}@{HOST}/db')")


@given(plain, quotable)
def test_options_of_drizzle_kit(password: str, quoted: str) -> None:
    """The object is no secret, so its line is shown unless something else on it has a name that speaks of one."""
    url = f"postgres://app:{password}@{HOST}/db"
    silent(f'  dbCredentials: {{ url: process.env.URL ?? "{url}" }},')
    silent(f'dbCredentials = {{ url: "{url}", ssl: true }}')
    silent(f"  dbCredentials: {{ host, password: process.env.PASSWORD || {json.dumps(quoted)} }},")
    silent(f"  password: {json.dumps(quoted)}, dbCredentials: {{ url }},")
    silent(f"dbCredentials: {password} {{ url }}")
    assert (
        redacted(f'  dbCredentials: {{ url: "{url}" }},')
        == f'  dbCredentials: {{ url: "postgres://app:***@{HOST}/db" }},'
    )
    assert redacted("  dbCredentials: {") == "  dbCredentials: {"


@given(quotable)
def test_encoded_url(password: str) -> None:
    silent(f"DATABASE_URL=postgresql://app:{quote(password, safe='')}@{HOST}/db")
    assert CANARY not in scrub(f"cannot read postgresql://app:{quote(password, safe='')}@{HOST}/db")


@given(unspaced)
def test_keywords_and_parameters(password: str) -> None:
    silent(f"dsn = 'host={HOST} password={password} sslmode=require'")
    silent(f"jdbc:postgresql://{HOST}/db?user=app&password={quote(password, safe='')}&sslmode=require")


@given(names, quotable)
def test_quoted_forms(name: str, password: str) -> None:
    silent(f"{json.dumps({name: password, 'host': HOST})}")
    silent(f"{json.dumps({name: password}, ensure_ascii=False)}")
    silent(json.dumps(json.dumps({name: password})))
    silent(f"{name}: '{password.replace(chr(39), chr(39) * 2)}'")
    silent(f"connect(host='h', {name.replace('-', '_')}={json.dumps(password)}, port=5432)")
    silent(f"    {json.dumps(name)}: {json.dumps(password)},")
    silent(f"config[{json.dumps(name)}] = {json.dumps(password)}")


@given(names, quotable)
def test_bare_forms(name: str, password: str) -> None:
    silent(f"{name}={password}")
    silent(f"export {name}={password}")
    silent(f"  {name}: {password}")
    silent(f"- {name}: {password}")
    silent(f"{name} = {password}")


@given(st.text(max_size=40), st.text(min_size=1, max_size=20), st.text(max_size=40), st.data())
def test_ranges_of_bytes(before: str, secret: str, after: str, data: st.DataObject) -> None:
    secret = "\ue000" + secret.replace("\ue000", "") + "\ue000"
    before, after = before.replace("\ue000", ""), after.replace("\ue000", "")
    line = (before + secret + after).encode("utf-8", "replace")
    at = 1000
    span = Span(at + len(before.encode("utf-8", "replace")), at + len((before + secret).encode("utf-8", "replace")))
    label = sorted(data.draw(st.lists(st.integers(at, at + len(line)), min_size=2, max_size=2)))
    drawn = RedactedLine(line, at, (span,)).draw(Span(label[0], label[1]))
    assert "\ue000" not in drawn.text
    assert 0 <= drawn.start < drawn.end <= width(drawn.text) + 1


@given(st.integers(1, 40))
def test_the_length_of_a_secret_shows_nowhere(length: int) -> None:
    line = f"U=postgres://a:{'x' * length}@h/db?sslmode=require".encode()
    start = line.index(b"sslmode")
    assert RedactedLine(line, 0, ()).draw(Span(start, start + 7)) == RedactedLine(
        b"U=postgres://a:y@h/db?sslmode=require", 0, ()
    ).draw(Span(22, 29))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("curl http://localhost:3000/health", "curl http://localhost:3000/health"),
        ("mail a@b.c", "mail a@b.c"),
        ("DATABASE_URL=postgresql://app@h/db", "DATABASE_URL=postgresql://app@h/db"),
        ("password: ${DB_PASSWORD}", "password: ${DB_PASSWORD}"),
        ("password = None", "password = None"),
        ("key=npg_aB3dE5", "key=***"),
        ('password = """two words"""', 'password = """***"""'),
        ("url=postgresql://app:p@ss@h/db", "url=postgresql://app:***@h/db"),
        ("x?password=a&sslmode=require", "x?password=***&sslmode=require"),
        ('("password", "abc")', '("password", "***")'),
        (
            '{"password": os.environ["DB_PASSWORD"], "user": "a"}',
            '{"password": os.environ["DB_PASSWORD"], "user": "a"}',
        ),
        ("{ password: process.env.PGPASSWORD!, user: 'a' }", "{ password: process.env.PGPASSWORD!, user: 'a' }"),
        ("{ password: process.env.PGPASSWORD ?? 'abc' }", "{ password: process.env.PGPASSWORD ?? '***' }"),
        ("const password = process.env.PGPASSWORD || 'a b'", "const password = process.env.PGPASSWORD || '***'"),
        ('connect(password=os.getenv("DB_WORD", "a b"))', 'connect(password=os.getenv("DB_WORD", "***"))'),
        ('password = config("DB_WORD", default="a b")', 'password = config("DB_WORD", default="***")'),
        ('connect(password=os.environ["DB_WORD"] + "a b")', "connect(password=***"),
    ],
)
def test_what_is_left(line: str, shown: str) -> None:
    assert redacted(line) == shown


def test_label_inside_a_secret_is_the_mask() -> None:
    drawn = RedactedLine(b"A=abcdef;B", 0, (Span(2, 8),)).draw(Span(4, 6))
    assert (drawn.text, drawn.start, drawn.end) == ("A=***;B", 2, 5)


def test_long_lines_are_cropped_around_the_label() -> None:
    line = b"x" * 5000 + b" LABEL " + b"y" * 5000
    drawn = RedactedLine(line, 0, ()).draw(Span(5001, 5006))
    assert width(drawn.text) <= 162
    assert drawn.text[drawn.start : drawn.end] == "LABEL"
    assert MASK not in drawn.text


def test_wide_characters_keep_the_label_in_place() -> None:
    line = "名前=値 LABEL".encode()
    at = line.index(b"LABEL")
    drawn = RedactedLine(line, 0, ()).draw(Span(at, at + 5))
    assert (drawn.start, drawn.end) == (8, 13)


@pytest.mark.parametrize(
    "line",
    [
        "://" * 300_000,
        "password" * 120_000,
        "a" * 1_000_000,
        "://a:b " * 150_000,
        'password="' * 100_000,
        "token:'" * 100_000,
        "@:" * 500_000 + "://",
        "password" + " " * 1_000_000 + "=x",
        "\\" * 1_000_000,
        "pw=\\" * 200_000,
        "://a " * 200_000 + "@",
        '"' * 1_000_000,
        'password=\\"' * 90_000,
    ],
    ids=range(13),
)
def test_time_is_linear(line: str) -> None:
    start = time.perf_counter()
    redacted(line)
    assert time.perf_counter() - start < 5  # about 0.2 s on a quiet machine
