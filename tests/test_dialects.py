"""The dialects: what they read, the broken forms that they name, and the three lens laws."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from neonlint.dialects import DIALECTS, recognise
from neonlint.dialects.base import apply_edits
from neonlint.ir.source import hole
from neonlint.ir.view import View

HOST = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
NAMES = ("sslmode", "channel_binding", "connect_timeout", "application_name", "options", "sslrootcert")

words = st.text(
    alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="\x7f"), min_size=1, max_size=12
)
params = st.dictionaries(st.sampled_from(NAMES), words, max_size=4)


def component_texts(view: View) -> dict[str, str]:
    """Every component with its decoded text."""
    return {name: part.text for name, part in view.parts.items()} | {
        f"params.{p.name}": p.value.text for p in view.params
    }


@st.composite
def urls(draw: st.DrawFn) -> str:
    """Well-formed connection URLs with percent-encoded parts."""
    user, password, database = (quote(draw(words), safe="") for _ in range(3))
    scheme = draw(st.sampled_from(["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"]))
    port = draw(st.sampled_from(["", ":5432", ":6432"]))
    query = "&".join(f"{k}={quote(v, safe='/-._~:,')}" for k, v in draw(params).items())
    return f"{scheme}://{user}:{password}@{HOST}{port}/{database}" + (f"?{query}" if query else "")


@st.composite
def keyword_strings(draw: st.DrawFn) -> str:
    """Well-formed libpq keyword strings."""

    def written(value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'" if draw(st.booleans()) or escaped != value else value

    given_params = {k: v for k, v in draw(params).items() if "&" not in v}
    pairs = {"host": HOST, "dbname": draw(words), "user": draw(words), "password": draw(words), **given_params}
    return draw(st.sampled_from([" ", "  "])).join(f"{k}={written(v)}" for k, v in pairs.items())


texts = st.one_of(st.tuples(st.just("url"), urls()), st.tuples(st.just("keywords"), keyword_strings()))
changes = st.dictionaries(
    st.sampled_from(["host", "port", "database", *(f"params.{name}" for name in NAMES)]),
    st.one_of(st.none(), words),
    max_size=4,
).map(lambda found: {k: v for k, v in found.items() if not (k == "host" and v is None)})


def put(dialect: str, text: str, wanted: Mapping[str, str | None]) -> str:
    return apply_edits(text, DIALECTS[dialect].put(text, wanted))


@given(texts)
def test_get_put(case: tuple[str, str]) -> None:
    """Putting what is there changes nothing."""
    dialect, text = case
    view = DIALECTS[dialect].view(text)
    assert view is not None
    assert put(dialect, text, component_texts(view)) == text


@given(
    texts, changes.map(lambda c: {k: v if k != "port" or v is None else "5433" for k, v in c.items() if k != "host"})
)
def test_put_get(case: tuple[str, str], wanted: dict[str, str | None]) -> None:
    """What was put is read back, and every other component is as it was."""
    dialect, text = case
    before = DIALECTS[dialect].view(text)
    assert before is not None
    after = DIALECTS[dialect].view(put(dialect, text, wanted))
    assert after is not None
    expected = component_texts(before) | {k: v for k, v in wanted.items() if v is not None}
    expected = {k: v for k, v in expected.items() if wanted.get(k, v) is not None}
    assert component_texts(after) == expected


@given(texts, changes.map(lambda c: {k: v for k, v in c.items() if k not in ("host", "port")}))
def test_put_put(case: tuple[str, str], wanted: dict[str, str | None]) -> None:
    """Putting twice is putting once."""
    dialect, text = case
    once = put(dialect, text, wanted)
    assert put(dialect, once, wanted) == once


@given(keyword_strings())
def test_keyword_strings_are_read_as_libpq_reads_them(text: str) -> None:
    view = DIALECTS["keywords"].view(text)
    assert view is not None
    ours = component_texts(view)
    names = {"database": "dbname"}
    theirs = conninfo_to_dict(text)
    assert {names.get(k, k.removeprefix("params.")): v for k, v in ours.items()} == {
        k: str(v) for k, v in theirs.items()
    }


@given(st.text(max_size=60))
def test_nothing_is_raised_on_arbitrary_text(text: str) -> None:
    for prefix in ("", "postgresql://", "host=x dbname="):
        recognise(prefix + text)


@pytest.mark.parametrize(
    ("text", "host", "password"),
    [
        ("postgresql://u:p@h/db?application_name=a@b", "h", "p"),
        ("postgresql://u:p@ss@h/db", "h", "p@ss"),
        ("postgresql://u:p/q@h:5432/db", "h", "p/q"),
        ("postgresql://h/db?x=a@b", "h", None),
        ("postgresql://u@h", "h", None),
        ("postgresql://u:p%40q@[::1]:5432/db", "[::1]", "p@q"),
    ],
)
def test_the_user_information_ends_where_a_host_can_begin(text: str, host: str, password: str | None) -> None:
    view = DIALECTS["url"].view(text)
    assert view is not None
    assert (view.text("host"), view.text("password")) == (host, password)


@pytest.mark.parametrize(
    ("dialect", "broken", "defect", "mended"),
    [
        ("url", "psql 'postgresql://u:p@h/db?a=b'", "psql_command", "postgresql://u:p@h/db?a=b"),
        ("url", "'postgresql://u:p@h/db'", "psql_command", "postgresql://u:p@h/db"),
        ("url", "postgresql://u:p@h/db&a=b&c=d", "query_separator", "postgresql://u:p@h/db?a=b&c=d"),
        ("url", "postgresql://u:p@h/db&a=b?c=d", "query_separator", "postgresql://u:p@h/db?a=b&c=d"),
        ("url", "postgresql://u:p@ss w%@h/db", "unencoded_userinfo", "postgresql://u:p%40ss%20w%25@h/db"),
        ("keywords", "host=h dbname=d sslmode=require&channel_binding=require", "ampersand_in_keywords",
         "host=h dbname=d sslmode=require channel_binding=require"),
    ],
)  # fmt: skip
def test_broken_forms_are_named_and_mended(dialect: str, broken: str, defect: str, mended: str) -> None:
    view = DIALECTS[dialect].view(broken)
    assert view is not None
    assert list(view.defects) == [defect]
    assert put(dialect, broken, {f"syntax.{defect}": None}) == mended


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("host=h dbname=d sslmode=a sslmode=b x=1", {"params.sslmode": "b"}, "host=h dbname=d sslmode=b x=1"),
        ("sslmode=a sslmode='b' sslmode=c host=h dbname=d", {"params.sslmode": "z"}, "sslmode=z host=h dbname=d"),
        ("sslmode=a sslmode=b host=h dbname=d", {"params.sslmode": None}, "host=h dbname=d"),
        ("host=h dbname=d options='-c sslmode=x' sslmode=a", {"params.options": None}, "host=h dbname=d sslmode=a"),
        (
            "host=h dbname=d sslmode=a&sslmode=b&x=1",
            {"params.sslmode": "b", "syntax.ampersand_in_keywords": None},
            "host=h dbname=d sslmode=b x=1",
        ),
    ],
)
def test_keywords_that_are_given_twice_become_one(before: str, changes: dict[str, str | None], after: str) -> None:
    assert put("keywords", before, changes) == after


def test_two_insertions_at_one_place_keep_their_order() -> None:
    changes = {"params.sslmode": "require", "database": "d"}
    assert put("url", "postgresql://u:p@h", changes) == "postgresql://u:p@h/d?sslmode=require"


def test_parameters_behind_a_hole_are_not_called_absent() -> None:
    for text, seen in [
        (f"postgresql://{hole(0)}:{hole(1)}@{hole(2)}/{hole(3)}", True),
        (f"postgresql://u:p@h/db{hole(0)}", False),
        (f"postgresql://u:p@h/db?a=b{hole(0)}", False),
        (f"postgresql://u:p@h/db?{hole(0)}", False),
    ]:
        view = DIALECTS["url"].view(text)
        assert view is not None
        assert view.params_seen is seen, text


def test_role_and_password_among_the_parameters() -> None:
    text = f"postgresql://{HOST}/db?user=app&password=p%40w&sslmode=require"
    seen = DIALECTS["url"].view(text)
    assert seen is not None and (seen.text("user"), seen.text("password")) == ("app", "p@w")
    assert put("url", text, {"password": "n w"}) == text.replace("p%40w", "n%20w")
    assert put("url", text, {"password": None}) == text.replace("&password=p%40w", "")
    both = DIALECTS["url"].view(f"postgresql://owner@{HOST}/db?user=app")
    assert both is not None and both.text("user") == "owner"
