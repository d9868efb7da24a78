"""Which words are passwords. Whole values are compared, so that a real one that holds such a word is not forgiven."""

from __future__ import annotations

import pickle

import pytest

from neonlint.ir.secret import Secret

PLACEHOLDERS = [
    "",
    "password",
    "your_password",
    "YOUR-PASSWORD",
    "[password]",
    "<password>",
    "{password}",
    "{{ password }}",
    "${PGPASSWORD}",
    "$password",
    "%s",
    "%(password)s",
    "#{ENV['PW']}",
    "****",
    "xxxx",
    "...",
    "npg_...",
    "npg_xxxxxxxxxxxx",
    "npg_XXXXXXXXXXXX",
    "npg_your_password_here",
    "changeme",
    "change-me-please",
    "REDACTED",
    "secret",
    "s3cret",
    "pw",
    "npg",
    "AbC123dEf",
    "P@ssw0rd",
    "supersecret",
    "mysecretpassword",
    "replace-with-yours",
    "password_here",
]
REAL = [
    "npg_Zk3vT8qLw2Rn",
    "npg_xK3jf9ALwq1Z",
    "Violet-Kayak-71",
    "password-Violet-71",
    "my-secret-is-Kayak",
    "xK3jf9ALwq1Z",
    "adhere-Kayak-9",
    "$2Kayak9x",
    "user-Kayak-12",
    "changing-Kayak-7",
    "<Kayak-9",
    "todo-list-Kayak",
]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders(text: str) -> None:
    assert Secret(text).placeholder
    assert not Secret(text).neon_made
    assert not Secret(text).generated


@pytest.mark.parametrize("text", REAL)
def test_real_passwords(text: str) -> None:
    assert not Secret(text).placeholder
    assert not Secret(text).template
    assert not Secret(text).too_short


@pytest.mark.parametrize(
    "text", ["<password>", "[password]", "your_password", "****", "npg_xxxxxxxxxxxx", "changeme", "..."]
)
def test_templates_ask_to_be_replaced(text: str) -> None:
    assert Secret(text).template


@pytest.mark.parametrize("text", ["pw", "secret", "postgres", "npg", "password"])
def test_a_short_word_asks_for_nothing(text: str) -> None:
    assert not Secret(text).template


@pytest.mark.parametrize(
    ("text", "generated"),
    [("npg_Zk3vT8qLw2Rn", True), ("xK3jf9ALwq1Z", True), ("s3cr3t-but-fake", False), ("alllowercase1", False)],
)
def test_generated(text: str, generated: bool) -> None:
    assert Secret(text).generated is generated


def test_seven_characters_are_too_few_for_neon() -> None:
    assert Secret("aB3$xYz").too_short
    assert not Secret("aB3$xYz!").too_short


def test_a_secret_has_no_text_form() -> None:
    secret = Secret("npg_Zk3vT8qLw2Rn")
    assert {str(secret), repr(secret), f"{secret}", f"{secret!r:>3}"} == {"***"}
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        hash(secret)
