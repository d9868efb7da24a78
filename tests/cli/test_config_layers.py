"""Settings in layers: `extend`, `--config KEY=VALUE`, `required-version`, and where each value comes from."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neonlint as package
from neonlint import config, config_values, config_version, init_config
from neonlint.config import Config
from neonlint.config_layers import MOST_EXTENDED, Layer, place_of
from neonlint.config_schema import json_schema
from neonlint.config_values import SCHEMA, fits, values_of
from neonlint.errors import ConfigError, UsageError
from neonlint.sizing import Compute

Neonlint = Callable[..., Any]
POLICIES = Path(__file__).parents[2] / "examples" / "policies"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def layered(tmp_path: Path) -> Path:
    """A policy of an organisation, one of a team that extends it, a service that extends that."""
    shutil.copytree(POLICIES, tmp_path / "org" / "policies")
    write(
        tmp_path / "org" / "pyproject.toml",
        "[tool.other]\nselect = 1\n[tool.neonlint]\nignore = ['NL105']\nselect = ['NL1']\nexclude = ['gen/x.py']\n"
        "extend-exclude = ['vendor']\nextend-rules = ['policies']\n[tool.neonlint.severity]\nNL101 = 'info'\nNL2 = 'info'\n",
    )
    write(
        tmp_path / "team" / "base.toml",
        "extend = '../org/pyproject.toml'\nextend-select = ['NL2']\nextend-exclude = ['out', 'vendor']\n"
        "[roles]\nA = 'admin'\n'jobs/**' = 'test'\n",
    )
    write(
        tmp_path / "service" / "neonlint.toml",
        "extend = '../team/base.toml'\nextend-select = ['NL3']\nselect = ['NL4']\ncompute-size = '0.25-4'\n"
        "[severity]\nNL2 = 'error'\n[roles]\n'jobs/**' = 'admin'\nA = 'docs'\n",
    )
    return tmp_path


def test_what_is_extended_lies_below(layered: Path) -> None:
    loaded = config.load(layered / "service")
    assert loaded == Config(
        select=("NL4",),
        extend_select=("NL2", "NL3"),
        ignore=("NL105",),
        exclude=(f"{layered}/org/gen/x.py",),
        extend_exclude=("vendor", "out"),
        extend_rules=(f"{layered}/org/policies",),
        severity={"NL101": "info", "NL2": "error"},
        roles={"A": "docs", f"{layered}/team/jobs/**": "test", f"{layered}/service/jobs/**": "admin"},
        compute_size=Compute(0.25, 4),
    )
    assert list(loaded.roles) == [f"{layered}/team/jobs/**", f"{layered}/service/jobs/**", "A"]


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (("ignore",), "org/pyproject.toml:4"),
        (("select",), "service/neonlint.toml:3"),
        (("severity", "NL101"), "org/pyproject.toml:10"),
        (("severity", "NL2"), "service/neonlint.toml:6"),
        (("extend-select", "NL2"), "team/base.toml:2"),
        (("extend-exclude", "vendor"), "team/base.toml:3"),
        (("fail-on",), None),
    ],
)
def test_every_value_has_its_place(layered: Path, keys: tuple[str, ...], place: str | None) -> None:
    assert place_of(config.load(layered / "service"), *keys) == (place and f"{layered}/{place}")


def test_an_unknown_rule_is_found_where_it_is_written(layered: Path, neonlint: Neonlint) -> None:
    path = layered / "org" / "pyproject.toml"
    path.write_text(path.read_text().replace("NL105", "NL777"))
    ran = neonlint("check", cwd=layered / "service")
    assert (ran.status, ran.err.splitlines()[0]) == (
        2,
        f'neonlint: error: {path}:4: `ignore`: unknown rule "NL777"; did you mean "NL707"?',
    )


def test_a_chain_of_files_has_an_end(tmp_path: Path) -> None:
    for number in range(MOST_EXTENDED + 1):
        write(tmp_path / f"{number}.toml", f"extend = '{number + 1}.toml'\n")
    write(tmp_path / f"{MOST_EXTENDED + 1}.toml", "")
    assert len(config.load(tmp_path, tmp_path / "1.toml").layers) == MOST_EXTENDED + 1
    with pytest.raises(ConfigError, match=f"{MOST_EXTENDED}.toml: {MOST_EXTENDED} files extend one another"):
        config.load(tmp_path, tmp_path / "0.toml")


def test_places_are_found_in_linear_time(tmp_path: Path) -> None:
    """A configuration is a repository's, and its long lines are read for the place of a complaint."""
    blanks = " " * 200_000
    write(tmp_path / "neonlint.toml", f"select = [\n{blanks}'NL1',{blanks}\n]\nfoo = 1\n")
    with pytest.raises(ConfigError, match=r":4: unknown key `foo`"):
        config.load(tmp_path)


@pytest.mark.parametrize(
    ("below", "complaint"),
    [
        (
            None,
            "/neonlint.toml:1: `extend`: {0}/b.toml: cannot be read (No such file or directory); name a readable file",
        ),
        ("slect = 1\n", "/b.toml:1: unknown key `slect`; did you mean `select`?"),
        (
            "extend = 'neonlint.toml'\n",
            "/neonlint.toml:1: `extend`: {0}/b.toml:1: `extend` leads in a circle: {0}/neonlint.toml -> {0}/b.toml -> "
            "{0}/neonlint.toml; take it out of one of them",
        ),
        ("x = [\n", "/neonlint.toml:1: `extend`: {0}/b.toml: is not valid TOML: "),
        ("extend = 3\n", "/b.toml:1: `extend`: write a text in quotes"),
    ],
)
def test_complaints_about_what_is_extended(tmp_path: Path, below: str | None, complaint: str) -> None:
    write(tmp_path / "neonlint.toml", "extend = 'b.toml'\n")
    if below is not None:
        write(tmp_path / "b.toml", below)
    with pytest.raises(ConfigError) as error:
        config.load(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}{complaint.format(tmp_path)}")


@pytest.mark.parametrize("target", [".", "/dev/zero"])
def test_what_is_no_file_is_not_read(tmp_path: Path, target: str) -> None:
    write(tmp_path / "neonlint.toml", f"extend = '{target}'\n")
    with pytest.raises(ConfigError, match="is not a file"):
        config.load(tmp_path)


@pytest.mark.parametrize("pattern", ["**/jobs", "*/jobs/**", "jobs/", "service/jobs"])
def test_patterns_of_an_extended_file_hold_below_it(project: Path, neonlint: Neonlint, pattern: str) -> None:
    (project / ".env").rename(write(project / "service" / "jobs" / ".env", ""))
    write(project / "neonlint.toml", f"per-file-ignores = {{'{pattern}' = ['ALL']}}\n")
    write(project / "service" / "neonlint.toml", "extend = '../neonlint.toml'\n")
    assert neonlint("check", "--isolated", cwd=project / "service").status == 1
    assert neonlint("check", cwd=project / "service").status == 0


def test_patterns_start_at_a_directory_however_it_is_called(project: Path, neonlint: Neonlint) -> None:
    write(project / "ci" / "neonlint.toml", "exclude = ['../.env']\n")
    (project / "link").symlink_to(project / "ci")
    ran = neonlint("check", "--config", "link/neonlint.toml")
    assert ran.status == 0
    assert "not for this one" not in ran.err


@pytest.mark.parametrize("flag", ["--exclude", "--extend-exclude"])
def test_a_pattern_that_is_none_is_refused_in_the_name_of_its_flag(neonlint: Neonlint, flag: str) -> None:
    ran = neonlint("check", flag, "!vendor")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"neonlint: error: {flag}: `!vendor`: a path pattern cannot begin with `!`")


def test_no_file_passes_for_a_setting(project: Path, neonlint: Neonlint) -> None:
    write(project / "fail-on=warning", "fail-on = 'never'\n")
    assert neonlint("check", "--config", "fail-on=warning").status == 1
    assert neonlint("check", "--config", "./fail-on=warning").status == 0
    assert neonlint("check", "--config", f"{project}/fail-on=warning").status == 0


def test_words_lie_on_top(layered: Path) -> None:
    words = ["fail-on=error", "ignore = []", "severity.NL2 = 'off'", "extend-select=['NL5']", "exclude=['a/b']"]
    loaded = config.load(layered / "service", words=words)
    assert (loaded.fail_on, loaded.ignore, loaded.extend_select) == ("error", (), ("NL2", "NL3", "NL5"))
    assert loaded.severity == {"NL101": "info", "NL2": "off"}
    assert loaded.exclude == (f"{Path.cwd()}/a/b",)
    assert place_of(loaded, "fail-on") == place_of(loaded, "severity", "NL2") == "--config"
    assert config.load(layered / "service", words=["fail-on=error"], isolated=True) == Config(fail_on="error")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["fail-on=eror"], "--config: `fail-on`: input should be 'error', 'warning', 'info' or 'never'"),
        (["slect=x"], "--config: unknown key `slect`; did you mean `select`?"),
        (["ignore=NL1"], '--config: `ignore`: write a list, such as ["…"]'),
        (["assume=CanaryPw42 x"], "--config: what follows `assume=` is not TOML; write it as in "),
        (["extend='x'"], "--config: only a file can extend another; name it with --config FILE"),
        (["required-version='>99'"], "--config: `required-version`: this is neonlint "),
        (["ignore = ['NL777']"], '--config: `ignore`: unknown rule "NL777"; did you mean "NL707"?'),
        (["a.toml", "b.toml"], "--config names two files; take one, and let it `extend` the other"),
        (["a.toml", "--isolated"], "--config and --isolated contradict each other; take one of them"),
        (["a.toml"], "/a.toml: cannot be read (No such file or directory); name a readable file"),
    ],
)
def test_words_that_cannot_be_used(project: Path, neonlint: Neonlint, words: list[str], complaint: str) -> None:
    ran = neonlint("check", *(part for word in words for part in (["--config", word] if word[:2] != "--" else [word])))
    assert ran.status == 2
    assert ran.err.replace(str(project), "").startswith(f"neonlint: error: {complaint}")
    assert "CanaryPw42" not in ran.err


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["check"], 0),
        (["check", "-"], 0),
        (["map"], 0),
        (["trace", ".env"], 0),
        (["rule", "--all"], 0),
        (["rules", "test"], 2),
        (["baseline", "create"], 0),
        (["pool"], 0),
        (["explain", "P1001"], 0),
        (["config", "--show-settings"], 0),
    ],
)
def test_every_command_takes_them(project: Path, neonlint: Neonlint, command: list[str], status: int) -> None:
    write(project / "neonlint.toml", "slect = []\n")
    ran = neonlint(*command, "--isolated", "--config", "fail-on=never", "--config", "compute-size=1")
    assert (ran.status, "slect" in ran.err) == (status, False)
    assert neonlint(*command, "--config", "fail-on=nver").status == 2


def test_select_on_the_command_line_is_alone(project: Path, neonlint: Neonlint) -> None:
    write(project / "neonlint.toml", "select = ['NL9']\nextend-select = ['NL1']\n")
    assert {f["code"][:3] for f in neonlint("check", "--output-format", "json").json["diagnostics"]} == {"NL1"}
    assert neonlint("check", "--select", "NL9").status == 0


def test_files_that_do_not_count_are_told(project: Path, neonlint: Neonlint) -> None:
    write(project / "neonlint.toml", "extend = 'base/neonlint.toml'\n")
    write(project / "base" / "neonlint.toml", "")
    assert "one configuration" not in neonlint("check").err
    write(project / "app" / "neonlint.toml", "")
    expected = "neonlint: note: one configuration holds for a run; not for this one: app/neonlint.toml\n"
    assert neonlint("check").err == expected
    assert neonlint("check", "-q").err == ""
    assert neonlint("check", "--isolated").err == ""
    write(project / "api" / "pyproject.toml", "[project]\nname = 'api'\n[tool.neonlint.severity]\n")
    write(project / "pyproject.toml", "[tool.neonlint]\nfail-on = 'never'\n")  # neonlint.toml beside it counts
    write(project / "lib" / "pyproject.toml", "[tool.other]\n")
    expected = expected.replace("app/", "api/pyproject.toml, app/").replace("toml\n", "toml, pyproject.toml\n")
    assert neonlint("check").err == expected


# --- required-version ---


@pytest.mark.parametrize(
    ("wanted", "own", "taken"),
    [
        (">=0.1", "0.1.0", True),
        (">=0.1,<1", "0.9.9", True),
        (">=0.1,<1", "1.0", False),
        ("1", "1.0.0", True),
        ("==1.2", "1.2.1", False),
        ("!=1.2", "1.2.0", False),
        ("<=2", "2.0", True),
        (">1.10", "1.9", False),
        (">= 1.2 , < 2", "1.2rc1", True),
    ],
)
def test_versions(monkeypatch: pytest.MonkeyPatch, wanted: str, own: str, taken: bool) -> None:
    monkeypatch.setattr(package, "__version__", own)
    assert (config_version.complaint_of(wanted) == "") is taken


def test_another_version_is_told_before_what_it_would_know(tmp_path: Path) -> None:
    write(tmp_path / "neonlint.toml", "a-setting-to-come = 1\nrequired-version = '>=99'\n")
    expected = (
        f"{tmp_path}/neonlint.toml:2: `required-version`: this is neonlint {package.__version__}, and the project "
    )
    with pytest.raises(ConfigError) as error:
        config.load(tmp_path)
    assert str(error.value).startswith(expected)
    write(tmp_path / "neonlint.toml", "required-version = '~=1'\n")
    with pytest.raises(ConfigError, match="write comparisons of versions such as"):
        config.load(tmp_path)


# --- the command `config` ---


def test_the_settings_of_a_file(layered: Path, neonlint: Neonlint, golden: Callable[[str, str], None]) -> None:
    service = layered / "service"
    path = service / "neonlint.toml"
    path.write_text(path.read_text() + "[assume]\nPGPASSWORD = 'CanaryPw42'\n[per-file-ignores]\n'a.env' = ['NL1']\n")
    write(service / "a.env", "")
    ran = neonlint("config", "--show-settings", "a.env", "--config", "fail-on=info", cwd=service)
    assert ran.status == 0
    golden("config-show-settings.txt", ran.out.replace(str(layered), "/layered"))
    told = neonlint("config", "--show-settings", "a.env", "--output-format", "json", cwd=service)
    assert told.json["files"] == ["neonlint.toml", "../team/base.toml", "../org/pyproject.toml"]
    assert {"key": "severity", "entry": "NL2", "value": "error", "places": ["neonlint.toml:6"]} in told.json["settings"]
    assert told.json["file"] == {"left_out": "no", "rules_ignored": "NL1"}
    write(service / "jobs" / "a.py", "")
    told = neonlint("config", "--show-settings", "jobs/a.py", "--output-format", "json", cwd=service)
    assert told.json["file"]["declared_role"] == "admin, by `jobs/**`"
    assert "CanaryPw42" not in ran.out + told.out


def test_one_pattern_in_two_spellings_is_set_once(tmp_path: Path, neonlint: Neonlint) -> None:
    write(tmp_path / "neonlint.toml", "[per-file-ignores]\n'svc/jobs/**' = ['NL103']\n")
    service = tmp_path / "svc"
    write(service / "neonlint.toml", "extend = '../neonlint.toml'\n[per-file-ignores]\n'jobs/**' = ['NL101']\n")
    write(service / "jobs" / "a.py", "")
    shown = neonlint("config", "--show-settings", "jobs/a.py", "--output-format", "json", cwd=service).json
    entries = [(one["entry"], one["value"]) for one in shown["settings"] if one["key"] == "per-file-ignores"]
    assert entries == [("jobs/**", ["NL101"])]
    assert shown["file"]["rules_ignored"] == "NL101"


def test_the_reference(neonlint: Neonlint) -> None:
    listed = [line.split()[0] for line in neonlint("config").out.splitlines()]
    assert listed == list(json_schema()["properties"])
    assert neonlint("config", "fail-on").out.startswith("fail-on: word\n\nThe mildest severity")
    assert neonlint("config", "--output-format", "json").json["settings"].keys() == set(listed)
    assert "did you mean `fail-on`?" in neonlint("config", "fail_on").err
    assert neonlint("config", "--show-settings", "nowhere").status == 2


# --- the schema ---

GOOD = [
    "",
    init_config.text(),
    "compute-size = 2",
    "compute-size = '0.25-2'",
    "max-file-size = '2MiB'",
    "max-file-size = 5",
    "[assume]\nA_1 = ''",
    "[roles]\n'a/**' = 'admin'",
    "baseline = ''",
    "suspend-seconds = -1",
    "required-version = '>=0.0'",
]
BAD = [
    "slect = []",
    "select = 'NL1'",
    "select = [1]",
    "select = ['']",
    "fail-on = 'no'",
    "compute-size = true",
    "compute-size = 'big'",
    "max-file-size = 0",
    "max-file-size = '1 x'",
    "[assume]\n'A B' = ''",
    "[assume]\nA = 1",
    "[roles]\nA = 'boss'",
    "[severity]\nNL1 = 'warn'",
    "suspend-seconds = -2",
    "strict-baseline = 1",
    "extend = ''",
]


@pytest.mark.parametrize("text", GOOD)
def test_the_schema_takes_what_a_run_takes(tmp_path: Path, text: str) -> None:
    jsonschema.validate(tomllib.loads(text), json_schema())
    write(tmp_path / "neonlint.toml", text)
    config.load(tmp_path)


@pytest.mark.parametrize("text", BAD)
def test_the_schema_refuses_what_a_run_refuses(tmp_path: Path, text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), json_schema())
    write(tmp_path / "neonlint.toml", text)
    with pytest.raises(UsageError):
        config.load(tmp_path)


VALUES = st.recursive(
    st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "NL1", ">=0", "~=1", "error", "admin", "1MiB", "0.25-2", "x" * 101, "a/*"])
    | st.floats(allow_nan=False, width=16),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["A", "a/**", "A B", ""]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*json_schema()["properties"], "slect"]), VALUES, max_size=3))
def test_schema_and_model_are_of_one_mind(table: dict[str, Any]) -> None:
    """What the schema takes without pydantic, pydantic takes, too, and makes the same of it."""
    layer = Layer("/project/neonlint.toml", Path("/project"), "", table)
    if fits(table, json_schema()):
        jsonschema.validate(table, json_schema())
    try:
        quick: object = values_of(layer)
    except UsageError as error:
        quick = str(error)
    schema, config_values.SCHEMA = config_values.SCHEMA, Path("/nowhere")
    try:
        slow: object = values_of(layer)
    except UsageError as error:
        slow = str(error)
    finally:
        config_values.SCHEMA = schema
    assert quick == slow


def test_a_configuration_without_fault_needs_no_pydantic(project: Path) -> None:
    write(project / "neonlint.toml", "fail-on = 'never'\ncompute-size = '0.25-2'\n[severity]\nNL1 = 'info'\n")
    script = "import sys; from neonlint import cli; cli.main(['check', '-q']); print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_the_schema_is_shipped(neonlint: Neonlint) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert neonlint("config", "--schema").json == json_schema()
    assert json.loads(SCHEMA.read_bytes()) == json_schema()


@given(st.text(max_size=40))
def test_any_word_is_a_setting_or_a_complaint(word: str) -> None:
    try:
        config.load(Path("/"), words=[f"{word}=x"])
    except UsageError as error:
        assert str(error)
