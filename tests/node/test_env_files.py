"""What a dotenv file says to dotenv and to ``node --env-file``.

Measured with dotenv 16.6.1, dotenv 18.0.10 and Node 20.20.
"""

import pytest
from node.npm import Npm

pytestmark = pytest.mark.node

URL = "postgresql://app:pw@h/d?sslmode=require&channel_binding=require"
HASH = "postgresql://app:p#w@h/d"


def read(npm: Npm, line: str) -> list[str | None]:
    """The value of X as dotenv 18, dotenv 16 and Node read it."""
    found = npm.ask("env_file", line + "\n")
    return [found[name].get("X") for name in ("dotenv", "dotenv-16", "node")]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (f"X={URL}", URL),
        (f"X='{URL}'", URL),
        (f'X="{URL}"', URL),
        (f"X=`{URL}`", URL),
        (f"export X={URL}", URL),
        (f"X = {URL}", URL),
        (f"X={URL} # pooled", URL),
        (f'X="{URL}" # pooled', URL),
        (f"X={HASH}", "postgresql://app:p"),
        (f"X='{HASH}'", HASH),
        (f'X="{HASH}"', HASH),
        ("X=p$w", "p$w"),
        ('X="p$w${A}"', "p$w${A}"),
        (r"X=p\$w", r"p\$w"),
        (r'X="a\nb"', "a\nb"),
        (r"X='a\nb'", r"a\nb"),
        ("X=a\nX=b", "b"),
    ],
)
def test_where_all_agree(npm: Npm, line: str, value: str) -> None:
    """Rules: unquoted-ampersand-in-shell (only a shell minds it), unencoded-userinfo (``#``), the dotenv format."""
    assert read(npm, line) == [value] * 3


def test_a_colon_is_known_to_dotenv_only(npm: Npm) -> None:
    """Rules: the dotenv format."""
    assert read(npm, "X: a") == ["a", "a", None]
