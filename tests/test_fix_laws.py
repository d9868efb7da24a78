"""Laws over the whole engine: fixes commute with line endings, marks and missing final newlines; they converge; and what
they do not speak about stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_examples import after, examples, run_on

from neonlint.engine import Outcome
from neonlint.formats import format_of
from neonlint.rulebook import Example, Rule

GOOD = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule, number, example in examples()
    if example.good is not None and example.fix != "none"
]
MARKED = "\ufeff"


def crlf(path: str, text: str) -> str:
    return text.replace("\n", "\r\n")


def marked(path: str, text: str) -> str:
    """With a byte-order mark, where readers of the format take one."""
    return MARKED + text if format_of(path) in ("dotenv", "python", "yaml") else text


def unfinished(path: str, text: str) -> str:
    return text.removesuffix("\n")


def codes(outcome: Outcome) -> list[tuple[str, str, int]]:
    return [(f.path, f.code, f.row) for f in outcome.report.findings]


def varied(files: Mapping[str, str], variant: Callable[[str, str], str]) -> dict[str, str]:
    """The files in another form; a configuration or ignore file stays as it is."""
    plain = (".gitignore", "neonlint.toml", "pyproject.toml", "requirements.txt")
    return {path: text if path in plain else variant(path, text) for path, text in files.items()}


@pytest.mark.parametrize("variant", [crlf, marked, unfinished])
@pytest.mark.parametrize(("rule", "example"), GOOD)
def test_a_fix_commutes_with_the_form_of_a_file(
    rule: Rule, example: Example, variant: Callable[[str, str], str], tmp_path: Path
) -> None:
    assert example.bad is not None and example.good is not None and example.fix != "none"
    found = run_on(tmp_path / "plain", example.bad)
    files = varied(example.bad, variant)
    assert codes(run_on(tmp_path / "varied", files)) == codes(found)
    repaired = after(files, run_on(tmp_path / "varied", files, example.fix))
    assert repaired == varied(example.good, variant)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(chosen=st.lists(st.sampled_from([case.values[1] for case in GOOD]), min_size=2, max_size=5, unique_by=id))
def test_many_defects_in_one_project_converge(chosen: list[Example], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Examples side by side in packages of their own: each is mended as it is alone, and twice is once."""
    root = tmp_path_factory.mktemp("many")
    files: dict[str, str] = {}
    wanted: dict[str, str] = {}
    for number, example in enumerate(chosen):
        assert example.bad is not None and example.good is not None
        if ".gitignore" in example.bad or "neonlint.toml" in example.bad or ".github" in "".join(example.bad):
            continue
        package = {f"p{number}/package.json": "{}"}
        files |= package | {f"p{number}/{path}": text for path, text in example.bad.items()}
        wanted |= package | {f"p{number}/{path}": text for path, text in example.good.items()}
    outcome = run_on(root, files, "unsafe")
    once = after(files, outcome)
    again = run_on(root, once, "unsafe")
    assert not again.changes
    fixed_alone = {path for path in wanted if once[path] == wanted[path]}
    assert len(fixed_alone) >= len(wanted) - len(chosen), sorted(wanted.keys() - fixed_alone)


HOSTS = st.sampled_from(
    [
        "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech",
        "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech",
        "ep-cool-rain-a1b2c3d4.us-east-2-pooler.aws.neon.tech",
        "ep-cool-rain-a1b2c3d4-pooler-pooler.c-2.us-east-2.aws.neon.tech",
    ]
)
PARAMETERS = st.sampled_from(
    [
        "sslmode=prefer", "sslmode=require", "sslmode=disable", "sslmode=verify-ca", "sslmode=requir", "channel_binding=require",
        "connect_timeout=2", "sslmode=require", "sslrootcert=system", "options=project%3Dep-cool-rain-a1b2c3d4", "sslsni=0",
    ]
)  # fmt: skip


@st.composite
def urls(draw: st.DrawFn) -> str:
    """Connection strings with several defects at once."""
    scheme = draw(st.sampled_from(["postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg"]))
    port = draw(st.sampled_from(["", ":5432", ":6543"]))
    query = "&".join(draw(st.lists(PARAMETERS, max_size=4)))
    joint = draw(st.sampled_from(["?", "?", "&"])) if query else ""
    url = f"{scheme}://app:pw@{draw(HOSTS)}{port}/db{joint}{query}"
    return f"psql '{url}'" if draw(st.integers(0, 5)) == 0 else url


NAMES = st.sampled_from(["DATABASE_URL", "DATABASE_URL_UNPOOLED", "DIRECT_URL"])
FRAMES: dict[str, Callable[[str, str], str]] = {
    ".env": lambda name, url: f'A=1 # one\n{name}="{url}" # behind\nZ=2\n',
    "app.py": lambda name, url: (
        f"from sqlalchemy import create_engine\n\n{name} = {url!r}  # behind\nengine = create_engine({name})\n"
    ),
    "job.py": lambda name, url: f"import psycopg2\n\nc = psycopg2.connect({url!r})  # {name}\n",
    "compose.yaml": lambda name, url: (
        f'services:\n  web:\n    environment:\n      {name}: "{url}"  # behind\n      LAST: x\n'
    ),
    "conf.toml": lambda name, url: f'[db]\n{name} = "{url}" # behind\nlast = 1\n',
    "conf.json": lambda name, url: f'{{"db": {{"{name}": "{url}"}}, "last": [1, 2]}}\n',
}


@pytest.mark.parametrize("path", FRAMES)
def test_many_defects_in_one_string_converge(path: str, tmp_path: Path) -> None:
    """Repairing ends; twice is once; nothing is left that could be repaired; the lines around stay as they were."""

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(url=urls(), name=NAMES)
    def law(url: str, name: str) -> None:
        files = {path: FRAMES[path](name, url)}
        once = after(files, run_on(tmp_path, files, "unsafe"))
        again = run_on(tmp_path, once, "unsafe")
        assert not again.changes
        assert not again.report.skipped
        before, now = files[path].splitlines(), once[path].splitlines()
        kept = [
            line
            for line in before
            if url not in line and "psycopg2.connect" not in line and "create_engine(" not in line
        ]
        assert all(line in now for line in kept)
        assert ("# behind" in files[path]) == ("# behind" in once[path])

    law()


@settings(max_examples=60)
@given(url=urls())
def test_safe_fixes_change_neither_role_nor_database(url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("safe")
    files = {"app.py": FRAMES["app.py"]("DATABASE_URL", url)}
    once = after(files, run_on(root, files, "safe"))["app.py"]
    for part in ("app:pw@ep-cool-rain-a1b2c3d4", "neon.tech"):
        assert part in once
    assert "/db" in once
