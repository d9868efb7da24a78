"""The lens laws for shells and what holds shell text: a URL in a word, an assignment, an instruction; and a real bash
as the judge of what the changed script hands to a program."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_lens_laws import HOST, PATCHES, Frame, components, connections, put, put_and_read, urls

from neonlint.errors import Refused

FRAMES: dict[str, tuple[str, Frame]] = {
    "shell-bare": ("run.sh", lambda t: f"# a comment\nset -e\npsql {t} -c 'select 1' # behind\necho last\n"),
    "shell-double": ("run.sh", lambda t: f'psql "{t}" -c "select 1" | tee log\necho "$LAST"\n'),
    "shell-single": ("run.sh", lambda t: f"export DATABASE_URL='{t}'\nf() {{ psql; }}\n"),
    "shell-flag": ("run.sh", lambda t: f"dbmate --url={t} up && echo done\n"),
    "shell-inline": ("run.sh", lambda t: f"DATABASE_URL={t} npx prisma migrate deploy\n"),
    "shell-default": ("run.sh", lambda t: f'DB="${{DATABASE_URL:-{t}}}"\npsql "$DB"\n'),
    "docker-env": ("Dockerfile", lambda t: f"FROM node:22\nENV A=1 DATABASE_URL={t} B='x y'\nCMD node x.js\n"),
    "docker-quoted": ("Dockerfile", lambda t: f'FROM node:22\nENV DATABASE_URL="{t}"\n# last\nRUN echo hi\n'),
    "docker-old": ("api.Dockerfile", lambda t: f"FROM node:22\nENV DATABASE_URL {t}\nRUN echo hi\n"),
    "docker-run": (
        "Dockerfile",
        lambda t: f"FROM node:22\nRUN apt update && \\\n    # why\n    psql '{t}' \\\n    -c x\n",
    ),
    "docker-exec": ("Dockerfile", lambda t: f'FROM x\nCMD ["psql", "{t}", "-c", "select 1"]\n'),
    "make-recipe": (
        "Makefile",
        lambda t: f"X = 1\nmigrate: dep\n\t@psql {t} -c 'select $$1' \\\n\t  -f x.sql\nlast:\n",
    ),
    "make-variable": ("Makefile", lambda t: f"export DATABASE_URL := {t} # why\nrun:\n\tpsql $(DATABASE_URL)\n"),
    "just": ("justfile", lambda t: f"x := 'y'\nmigrate env:\n    @psql '{t}' {{{{env}}}}\n"),
    "procfile": ("Procfile", lambda t: f"web: npm start\nrelease: DATABASE_URL='{t}' npx prisma migrate deploy\n"),
    "workflow": (
        ".github/workflows/ci.yml",
        lambda t: (
            f"jobs:\n  a:\n    steps:\n      - run: |\n          echo hi\n          psql {t} -c x\n      - run: x\n"
        ),
    ),
    "package": ("package.json", lambda t: f'{{"scripts": {{"m": "DATABASE_URL=\'{t}\' prisma migrate deploy"}}}}\n'),
}
#: Without quotes an ampersand ends a command, which is a test of its own.
ONE_PARAMETER = urls().filter(lambda url: "&" not in url)


@st.composite
def files(draw: st.DrawFn, variant: str) -> tuple[str, bytes]:
    path, frame = FRAMES[variant]
    text = frame(draw(ONE_PARAMETER))
    if draw(st.booleans()):
        text = text.rstrip("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return path, text.encode()


@pytest.mark.parametrize("variant", FRAMES)
def test_get_put(variant: str) -> None:
    @settings(max_examples=20)
    @given(files(variant))
    def law(case: tuple[str, bytes]) -> None:
        path, data = case
        (connection,) = connections(path, data)
        assert put(path, data, connection, components(connection)) == data

    law()


@pytest.mark.parametrize("variant", FRAMES)
def test_put_get_and_put_put(variant: str) -> None:
    @settings(max_examples=40)
    @given(files(variant), PATCHES)
    def law(case: tuple[str, bytes], patch: dict[str, str | bool]) -> None:
        path, data = case
        if (outcome := put_and_read(path, data, patch)) is not None:
            changed, before, _ = outcome
            tail = len(data) - before.ends[-1]
            # Quotes may have come around the word, and nothing else.
            assert changed[: before.span.start] == data[: before.span.start]
            assert changed[len(changed) - tail :].lstrip(b"'\"") == data[len(data) - tail :].lstrip(b"'\"")

    law()


@pytest.mark.parametrize("variant", FRAMES)
def test_a_second_parameter_can_be_written_everywhere(variant: str) -> None:
    path, frame = FRAMES[variant]
    data = frame(f"postgresql://app:pw@{HOST}/db?sslmode=require").encode()
    (connection,) = connections(path, data)
    (after,) = connections(path, put(path, data, connection, {"params.channel_binding": "require"}))
    assert components(after)["params.channel_binding"] == "require"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "psql postgresql://a:b@HOST/db?sslmode=require&channel_binding=require -c x\n",
            "psql 'postgresql://a:b@HOST/db?sslmode=verify-full&channel_binding=require' -c x\n",
        ),
        (
            "URL=postgresql://$U:b@HOST/db?sslmode=require&channel_binding=require\n",
            'URL="postgresql://$U:b@HOST/db?sslmode=verify-full&channel_binding=require"\n',
        ),
        (
            "X=1 tool --url=postgresql://a:b@HOST/db?sslmode=require&channel_binding=require&x=y go\n",
            "X=1 tool --url='postgresql://a:b@HOST/db?sslmode=verify-full&channel_binding=require&x=y' go\n",
        ),
    ],
)
def test_a_url_that_an_ampersand_cuts_short_is_quoted(before: str, after: str) -> None:
    data = before.replace("HOST", HOST).encode()
    (connection,) = connections("run.sh", data)
    assert components(connection)["params.channel_binding"] == "require"
    assert put("run.sh", data, connection, {"params.sslmode": "verify-full"}).decode() == after.replace("HOST", HOST)


def test_variables_of_libpq_get_a_line_of_their_own() -> None:
    script = f"export PGHOST={HOST}\nexport PGUSER='a'\npsql\n".encode()
    (connection,) = connections("run.sh", script)
    wanted = script.replace(b"psql", b"export PGSSLMODE=require\npsql")
    assert put("run.sh", script, connection, {"params.sslmode": "require"}) == wanted
    image = f"FROM x\nENV PGHOST={HOST} \\\n    PGUSER=a\n".encode()
    (connection,) = connections("Dockerfile", image)
    assert put("Dockerfile", image, connection, {"params.sslmode": "require"}) == image.replace(
        b" \\\n", b" PGSSLMODE=require \\\n"
    )


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_bash_hands_on_what_was_written(quote: str) -> None:
    @settings(max_examples=25, deadline=None)
    @given(PATCHES.filter(lambda patch: "database" not in patch))
    def law(patch: dict[str, str | bool]) -> None:
        data = f"printf %s {quote}postgresql://app:pw@{HOST}/db?x=y{quote}\n".encode()
        (connection,) = connections("run.sh", data)
        try:
            changed = put("run.sh", data, connection, patch)
        except Refused:
            return
        done = subprocess.run(["bash", "-c", changed.decode()], capture_output=True, text=True, check=True)
        (after,) = connections("run.sh", changed)
        assert after.slot is not None
        assert done.stdout == after.slot.text

    law()
