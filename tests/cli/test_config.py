"""Configuration: where it is looked for, what it means, how its errors read."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from neonlint import config
from neonlint.config import Config
from neonlint.config_globs import anchored, matcher
from neonlint.config_model import Model
from neonlint.config_values import OF_FILES
from neonlint.errors import ConfigError
from neonlint.sizing import Compute

Neonlint = Callable[..., Any]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def complaint(tmp_path: Path, text: str) -> str:
    write(tmp_path / "neonlint.toml", text)
    with pytest.raises(ConfigError) as error:
        config.load(tmp_path)
    return str(error.value).replace(f"{tmp_path}/", "")


def test_defaults_without_a_file(tmp_path: Path) -> None:
    assert config.load(tmp_path) == Config()


def test_every_key(tmp_path: Path) -> None:
    write(
        tmp_path / "neonlint.toml",
        """
select = ["NL1"]
ignore = ["NL102"]
exclude = ["vendor", "data/*.json"]
extend-exclude = ["x"]
suspend-seconds = 600
compute-size = 1
scan-ignored-env = false
max-file-size = "2MiB"
fail-on = "error"
output-format = "json"
[per-file-ignores]
"tests/**" = ["NL2"]
[severity]
NL103 = "info"
[assume]
PGSSLMODE = "require"
""",
    )
    loaded = config.load(tmp_path)
    assert loaded == Config(
        select=("NL1",),
        ignore=("NL102",),
        exclude=("vendor", f"{tmp_path}/data/*.json"),
        extend_exclude=("x",),
        per_file_ignores={f"{tmp_path}/tests/**": ("NL2",)},
        severity={"NL103": "info"},
        assume={"PGSSLMODE": "require"},
        suspend_seconds=600,
        compute_size=Compute(1, 1),
        scan_ignored_env=False,
        max_file_size=2 * 1024 * 1024,
        fail_on="error",
        output_format="json",
    )
    assert loaded.file_ignores(tmp_path)("tests/a/b.py") == ("NL2",)
    assert loaded.file_ignores(tmp_path)("src/tests/a.py") == ()


def test_file_and_dataclass_have_the_same_keys() -> None:
    assert set(Model.model_fields) - set(OF_FILES) | {"honour_ignores", "layers"} == set(Config.__slots__)


def test_precedence_and_nearest(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    write(tmp_path / "pyproject.toml", "[tool.neonlint]\nignore = ['NL1']\n")
    assert config.load(deep).ignore == ("NL1",)
    write(tmp_path / "neonlint.toml", "ignore = ['NL2']\n")
    assert config.load(deep).ignore == ("NL2",)
    write(tmp_path / ".neonlint.toml", "ignore = ['NL3']\n")
    assert config.load(deep).ignore == ("NL3",)
    write(deep / "pyproject.toml", "[tool.other]\nneonlint = 1\n")
    assert config.load(deep).ignore == ("NL3",)
    write(deep / "neonlint.toml", "")
    assert config.load(deep).ignore == ()


def test_git_root_is_the_boundary(tmp_path: Path) -> None:
    write(tmp_path / "neonlint.toml", "ignore = ['NL1']\n")
    (tmp_path / "inner" / ".git").mkdir(parents=True)
    assert config.load(tmp_path / "inner") == Config()


LEVELS = "input should be 'error', 'warning', 'info' or"
COMPLAINTS = [
    ("# x\nslect = []\n", ":2: unknown key `slect`; did you mean `select`?"),
    ("extend_exclude = []\n", ":1: unknown key `extend_exclude`; did you mean `extend-exclude`?"),
    ("fail-on = 'eror'\n", f":1: `fail-on`: {LEVELS} 'never'"),
    ("[severity]\nNL101 = 'warn'\n", f":2: `severity.NL101`: {LEVELS} 'off'"),
    (
        "max-file-size = '1 x'\n",
        ":1: `max-file-size`: write a number of bytes, or a number with KiB or MiB, such as 1MiB",
    ),
    ("[assume]\nPGSSLMODE = 3\n", ":2: `assume.PGSSLMODE`: write a text in quotes"),
    ("[assume]\n'A B' = ''\n", ":2: `assume.A B`: not the name of an environment variable (letters, digits and `_`)"),
    (
        "[tool.neonlint]\nselect = []\n",
        ":1: unknown key `tool`; only in a pyproject.toml do settings stand in [tool.neonlint]; write them at the top",
    ),
    ("select = 'NL1'\n", ':1: `select`: write a list, such as ["…"]'),
    (
        f"exclude = ['{'a/' * 400}']\n",
        f":1: `exclude`: `{'a/' * 30}…`: a path pattern may have at most 512 characters; write several shorter ones",
    ),
]


@pytest.mark.parametrize(("text", "expected"), COMPLAINTS)
def test_complaints(tmp_path: Path, text: str, expected: str) -> None:
    assert complaint(tmp_path, text) == f"neonlint.toml{expected}"


def test_toml_errors(tmp_path: Path) -> None:
    assert complaint(tmp_path, "a = \n").startswith(
        "neonlint.toml: is not valid TOML: Invalid value (at line 1, column 5)"
    )
    assert "nested too deeply" in complaint(tmp_path, "a = " + "[" * 20_000)


def test_values_are_never_quoted(tmp_path: Path) -> None:
    text = complaint(tmp_path, '[assume]\nPGPASSWORD = ["CanaryPw42"]\nDATABASE_URL = 1234567\n')
    assert "CanaryPw42" not in text
    assert "1234567" not in text


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("ignore = ['NL1', 'NL777']\n", 1),
        ("select = [\n  'NL1',\n  'NL777',\n]\n", 3),
        ("[severity]\nNL777 = 'off'\n", 2),
        ("[per-file-ignores]\n'x' = ['NL777']\n", 2),
    ],
)
def test_unknown_rules_are_located(project: Path, neonlint: Neonlint, text: str, row: int) -> None:
    (project / "neonlint.toml").write_text(text)
    ran = neonlint("check")
    assert ran.status == 2
    assert ran.err.startswith(f"neonlint: error: {project}/neonlint.toml:{row}: ")
    assert "NL777" in ran.err


def test_errors_on_the_terminal(project: Path, neonlint: Neonlint, golden: Callable[[str, str], None]) -> None:
    (project / "neonlint.toml").write_text("slect = []\nfail-on = 3\n")
    ran = neonlint("check")
    assert (ran.status, ran.out) == (2, "")
    golden("config-error.txt", ran.err.replace(str(project), "/project"))
    assert neonlint("check", "--isolated").status == 1


@pytest.mark.parametrize(
    "text",
    [
        'extend = "x##[error]y\\n::warning::z"\n',
        '"##[error]y\\n::warning::z" = 1\n',
        'select = ["##[error]y\\n::warning::z"]\n',
        'exclude = ["!##[error]y\\n::warning::z"]\n',
    ],
)
def test_no_error_is_a_command_to_a_runner(project: Path, neonlint: Neonlint, text: str) -> None:
    write(project / "neonlint.toml", text)
    ran = neonlint("check", GITHUB_ACTIONS="true")
    assert (ran.status, ran.out) == (2, "")
    assert "##[" not in ran.err
    assert not [line for line in ran.err.splitlines() if line.lstrip().startswith("::")]


def test_config_flag_globs_belong_to_the_file(project: Path, neonlint: Neonlint) -> None:
    subprocess.run(["git", "-C", str(project), "add", "-A"], check=True)
    write(project / "policy" / "neonlint.toml", "exclude = ['../.env']\n")
    assert neonlint("check").status == 1
    assert neonlint("check", "--config", "policy/neonlint.toml").status == 0
    write(project / "policy" / "neonlint.toml", "exclude = ['./.env/x', '*.env/y']\n")
    assert neonlint("check", "--config", "policy/neonlint.toml").status == 1


def test_pyproject_without_the_table_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "pyproject.toml", "[project]\n")
    with pytest.raises(ConfigError, match=r"has no \[tool.neonlint\] table"):
        config.load(tmp_path, path)


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("dist", "dist", True),
        ("dist", "a/dist/b/c.json", True),
        ("dist", "distribution/x", False),
        ("dist/", "a/dist/b", True),
        ("*.json", "a/b.json", True),
        ("*.json", "b.json5", False),
        ("a/*.json", "a/b.json", True),
        ("a/*.json", "a/b/c.json", False),
        ("a/*.json", "x/a/b.json", False),
        ("/a", "a/b", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z/y", True),
        ("**/x/*.env", "x/a.env", True),
        ("**/x/*.env", "p/q/x/a.env", True),
        ("a/**", "a/b", True),
        ("a/**", "a", False),
        ("x?z", "xyz", True),
        ("x?z", "x/z", False),
        ("[ab].env", "b.env", True),
        ("[!ab].env", "b.env", False),
        ("*a*b*c", "xxaxxbxxc", True),
        ("*a*b*c", "xxaxxcxxb", False),
        ("*ab", "aab", True),
        ("build", "../build/x", True),
    ],
)
def test_globs(pattern: str, path: str, covered: bool) -> None:
    test = matcher([anchored(pattern, "/home/build2/project")], "/home/build2/project")
    assert test is not None
    assert test(path) is covered


@pytest.mark.parametrize(
    "pattern", ["**/tests", "*/tests", "s?c/tests", "svc/t*", "tests", "tests/", "../top/svc/tests"]
)
def test_globs_of_a_file_above(pattern: str) -> None:
    covers = matcher([anchored(pattern, "/top")], "/top/svc")
    assert covers is not None
    assert covers("tests/a.env")
    assert not covers("a.env")


@pytest.mark.parametrize("base", ["/w*[x]", "/a?", "/{a,b}", "/back\\slash", "/[[]"])
@pytest.mark.parametrize("pattern", ["t/*", "/t", "**/u", "./t/u/"])
def test_globs_below_any_directory(base: str, pattern: str) -> None:
    covers = matcher([anchored(pattern, base)], base)
    assert covers is not None
    assert covers("t/u/.env")
    assert not covers("x/.env")


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("", "names no file"),
        ("/", "names no file"),
        ("./", "names no file"),
        ("..", "names no file"),
        ("!vendor", "cannot begin with `!`"),
        ("vendor\\x", "no backslashes"),
        ("*.{ts,js}", "no alternatives in braces"),
        ("*.{ts", "no alternatives in braces"),
        ("x" * 513, "at most 512 characters"),
        ("[z-a]x*", "malformed bracket"),
    ],
)
def test_patterns_that_would_cover_nothing_are_refused(tmp_path: Path, pattern: str, complaint: str) -> None:
    write(tmp_path / "neonlint.toml", f"\nextend-exclude = ['ok',\n'{pattern}']\n")
    with pytest.raises(ConfigError, match=f"neonlint.toml:[23]: `extend-exclude`: `.*`: .*{complaint}"):
        config.load(tmp_path)


@pytest.mark.parametrize("name", ["{{cookiecutter.slug}}", "${env}", "[{]a,b", "a!b", "..."])
def test_patterns_that_are_names(name: str) -> None:
    covers = matcher([anchored(name, "/r")], "/r")
    assert covers is not None
    assert covers(f"a/{name.replace('[{]', '{')}/b")


def test_globs_ignore_the_directories_above() -> None:
    test = matcher(["build", "**/home"], "/home/build/project")
    assert test is not None
    assert not test("src/a.py")


def test_globs_are_linear() -> None:
    test = matcher(["*a" * 200 + "b", "**/a" * 100 + "/b"], "/r")
    assert test is not None
    assert not test("a/" * 1500 + "a" * 250)
