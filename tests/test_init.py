"""What `neonlint init` puts into files that people wrote: everything else stays, and the tools that read them take the result."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from neonlint import config, init, init_ci, init_config, init_hook, init_yaml
from neonlint.config import Config
from neonlint.errors import Refused
from neonlint.init import Change, Manual, Present
from neonlint.sizing import Compute

OURS = {"repo": init_hook.REPOSITORY, "rev": "v0.1.0", "hooks": [{"id": "neonlint"}]}


def load(data: bytes) -> Any:  # noqa: ANN401 -- what it holds is what the tests are about
    return yaml.safe_load(data)


def inserted(old: bytes, new: bytes) -> bytes:
    """What was put into `old` in one place; fails where anything else happened to it."""
    start = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    rest = len(old) - start
    assert new[:start] + new[len(new) - rest :] == old
    return new[start : len(new) - rest]


# --- pre-commit ---


@st.composite
def configurations(draw: st.DrawFn) -> bytes:
    """A pre-commit configuration as people lay them out."""
    dash, gap = draw(st.sampled_from([(0, 2), (2, 2), (0, 4), (4, 2)]))
    inner, inner_gap = draw(st.sampled_from([(0, 2), (2, 2), (0, 4), (2, 4)]))
    quote = draw(st.sampled_from(["", "'", '"']))
    keys = " " * (dash + gap)

    def repository(name: str) -> Iterator[str]:
        yield " " * dash + "-".ljust(gap) + f"repo: {quote}https://example.org/{name}{quote}"
        yield f"{keys}rev: {quote}v1.2{quote}" + draw(st.sampled_from(["", "  # pinned"]))
        yield f"{keys}hooks:"
        for hook in draw(st.lists(st.sampled_from(["ruff", "mypy"]), min_size=1, max_size=2)):
            yield keys + " " * inner + "-".ljust(inner_gap) + f"id: {hook}"
            if draw(st.booleans()):
                inside = keys + " " * (inner + inner_gap)
                yield draw(
                    st.sampled_from(
                        [f"{inside}args: [--fix, 'a b']", f"{inside}# args: []", f"{inside}exclude: |\n{inside}  ^a/"]
                    )
                )

    lines = draw(st.sampled_from([[], ["# ours"], ["---"], ["fail_fast: true", ""], ["ci:", "  skip: [mypy]"]]))
    apart = draw(st.sampled_from([[], [""]]))
    lines = [*lines, "repos:" + draw(st.sampled_from(["", "  # all of them"]))]
    for index in range(draw(st.integers(1, 3))):
        lines += [*(apart if index else []), *repository(f"r{index}")]
    lines += draw(
        st.sampled_from([[], [""], ["# the end"], ["", "exclude: ^vendor/"], ["default_stages: [pre-commit]"]])
    )
    final = [] if not lines[-1].endswith("^a/") and draw(st.booleans()) else [""]
    return "\n".join([*lines, *final]).replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


@given(configurations())
def test_a_hook_is_added_to_any_layout(data: bytes) -> None:
    new = init_hook.added(data)
    inserted(data, new)
    before = load(data)
    assert load(new) == before | {"repos": [*before["repos"], OURS]}
    assert not init_hook.present(data)
    assert init_hook.present(new)
    assert (b"\r" in new) == (b"\r" in data)
    assert new.count(b"\n") - data.count(b"\n") in {4, 5}


@given(configurations())
def test_a_hook_is_laid_out_as_its_neighbours(data: bytes) -> None:
    lines = init_hook.added(data).decode().splitlines()
    repos, ids = ({line[: line.index(word)] for line in lines if word in line} for word in ("repo:", "id:"))
    assert (len(repos), len(ids)) == (1, 1)


@given(
    configurations(),
    st.sampled_from(["local", "https://git.example.org/mirror/of-it"]),
    st.sampled_from([None, True, False]),
)
def test_a_hook_is_found_again_whatever_people_make_of_it(data: bytes, repo: str, flow: bool | None) -> None:
    loaded = load(init_hook.added(data))
    loaded["repos"][-1] |= {"repo": repo, "rev": "v9.9.9"}
    assert init_hook.present(yaml.safe_dump(loaded, default_flow_style=flow).encode())


@pytest.mark.parametrize(
    "text",
    [
        "repos: [{repo: x, rev: y, hooks: [{id: neonlint-fix}]}]",
        "repos:\n- repo: local\n  hooks:\n  - id: connections\n    entry: neonlint check --fail-on error\n",
        "repos:\n- repo: local\n  hooks:\n  - {id: db, language: system, name: db, entry: uvx neonlint check}\n",
        "x: &ours\n  - id: neonlint\nrepos:\n- repo: x\n  rev: y\n  hooks: *ours\n",
        "repos:\n- repo: {{ broken }} x\n  hooks: [id: neonlint]\n",
    ],
)
def test_what_counts_as_the_hook(text: str) -> None:
    assert init_hook.present(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# neonlint\n",
        "repos:\n- repo: x\n  hooks:\n  - id: other\n  # - id: neonlint\n",
        "repos:\n- repo: x/neonlint-mirror\n  hooks: []\n",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not init_hook.present(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "---\n",
        "repos:\n",
        "repos:  # none\n",
        "fail_fast: true",
        "repos:\nexclude: ^a/\n",
        "\ufeff",
    ],
)
def test_a_configuration_without_repositories(text: str) -> None:
    data = text.encode()
    new = init_hook.added(data)
    inserted(data, new)
    assert load(new) == (load(data) or {}) | {"repos": [OURS]}


REFUSED = [
    ("repos: []\n", "not a list with an entry per line"),
    ("{repos: []}\n", "not written as keys with values"),
    ("- repo: x\n", "not written as keys with values"),
    ("x: &all\n- repo: local\nrepos: *all\n", "an anchor, an alias or has a tag"),
    ("repos: &all\n- repo: local\n  hooks: []\nmore: *all\n", "an anchor, an alias or has a tag"),
    ("repos: !x\n- repo: local\n", "an anchor, an alias or has a tag"),
    ("repos:\n- repo: a\nrepos:\n- repo: b\n", "more than once"),
    ("repos:\n-\n  repo: a\n", "a layout of its own"),
    ("repos:\n- repo: {{ cookiecutter.repo }}/x\n", "not valid YAML before its template is rendered (line 2)"),
    ("repos:\n- repo: a\n  hooks:\n  - id: x\n    exclude: |\n      a", "its last line has no newline"),
    ("repos: all\n", "not a list with an entry per line"),
    ("repos:\n- repo: a\n...\n# the end\n---\n", "several documents"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_left_to_people(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        init_hook.added(text.encode())
    assert reason in refused.value.reason


def test_comments_stay_with_what_they_are_about() -> None:
    text = """\
        repos:
          - repo: a
            rev: v1
            hooks:
              - id: x
                # args: [--all]
          # - repo: switched-off
        ci:
          # nothing
        """
    lines = init_hook.added(dedent(text).encode()).decode().splitlines()
    assert lines.index("        # args: [--all]") + 1 == lines.index(f"  - repo: {init_hook.REPOSITORY}")
    assert lines.index("      - id: neonlint") + 1 == lines.index("  # - repo: switched-off")


@pytest.mark.parametrize(
    "data", [init_hook.whole().encode(), init_hook.added(b"repos:\n-   repo: meta\n    hooks:\n    -   id: identity\n")]
)
def test_pre_commit_takes_it(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / ".pre-commit-config.yaml"
    path.write_bytes(data)
    assert load(data)["repos"][-1]["hooks"] == [{"id": "neonlint"}]
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(path)], check=True)


def test_the_hook_that_is_named_is_in_the_manifest() -> None:
    manifest = load((Path(__file__).parent.parent / ".pre-commit-hooks.yaml").read_bytes())
    assert [hook["id"] for hook in manifest] == list(init_hook.HOOKS)
    assert init_hook.HOOK in init_hook.HOOKS


# --- pipelines ---


def validate(schema: str, path: Path, *more: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *more, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_is_one(tmp_path: Path) -> None:
    path = tmp_path / "neonlint.yml"
    path.write_text(init_ci.workflow())
    validate("github-workflows", path)
    whole = load(path.read_bytes())
    assert whole["permissions"] == {"contents": "read"}
    uses = [step["uses"] for step in whole["jobs"]["neonlint"]["steps"] if "uses" in step]
    assert all(len(use.partition("@")[2]) == 40 for use in uses), "an action is pinned by its commit"


PIPELINES = [
    "test:\n  script:\n    - make test\n",
    "# ours\nstages: [build, test]\n\ntest:\n  script: [make]",
    "stages:\n  - build\n  - deploy\nbuild:\n  stage: build\n  script:\n    - |\n      make\n      # not a comment\n",
    "default:\n  before_script: [npm ci]\n.base: &base\n  tags: [x]\ntest:\n  <<: *base\n  script: !reference [.base, script]\n",
    "spec:\n  inputs:\n    a:\n      default: b\n---\ntest:\n  script: echo $[[ inputs.a ]]\n",
    "include:\n  - local: /ci/a.yml\n\r\n",
]


@pytest.mark.parametrize("text", PIPELINES)
def test_a_job_is_added(tmp_path: Path, text: str) -> None:
    data = text.encode()
    new = init_ci.with_job(data)
    inserted(data, new)
    path = tmp_path / ".gitlab-ci.yml"
    *_, body = new.decode().split("---\n")
    path.write_text(body)
    validate("gitlab-ci", path, "--data-transform", "gitlab-ci")
    job = init_yaml.meaning_of(body).children[-1]
    assert [child.text[0] for child in job.children[::2] if child.text][-3:] == ["image", "before_script", "script"]
    assert init_yaml.names_neonlint(new)
    assert not init_yaml.names_neonlint(data)


@pytest.mark.parametrize(
    ("stages", "stage"),
    [
        ("[build, test]", None),
        ("[build, lint]", "lint"),
        ("[a-1, b]", "a-1"),
        ("\n  - build\n  - deploy", "build"),
        ("[]", None),
    ],
)
def test_the_stage_of_the_job_exists(stages: str, stage: str | None) -> None:
    new = init_ci.with_job(f"stages: {stages}\nx:\n  script: x\n".encode())
    assert load(new)["neonlint"].get("stage") == stage


@pytest.mark.parametrize(
    "text",
    [
        "{x: {script: y}}",
        "stages: *x",
        "stages: !reference [.a, stages]\n",
        "stages: ['a: b']\nx:\n  script: x\n",
        "a: 1\n...\n",
        "- x",
    ],
)
def test_pipelines_that_are_left_to_people(text: str) -> None:
    with pytest.raises(Refused):
        init_ci.with_job(text.encode())


# --- configuration ---


def test_the_configuration_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "neonlint.toml").write_text(init_config.text())
    assert config.load(tmp_path) == Config()


def test_every_setting_is_shown_with_its_default(tmp_path: Path) -> None:
    settings = "\n\n".join(init_config.text().split("\n\n")[1:])
    lines = [line.removeprefix("# ") for line in settings.splitlines() if not line.startswith("# extend = ")]
    (tmp_path / "neonlint.toml").write_text("\n".join(line for line in lines if not line or is_toml(line)))
    loaded = config.load(tmp_path)
    examples = {
        "suspend_seconds": 300,
        "compute_size": Compute(0.25, 2),
        "severity": {"NL105": "off"},
        "assume": {"PGSSLMODE": "verify-full"},
        "baseline": str(tmp_path / ".neonlint-baseline.toml"),
    }
    examples |= {"roles": {f"{tmp_path}/tools/backfill/**": "admin"}}
    examples |= {"runtimes": {f"{tmp_path}/services/worker/**": "long-lived"}}
    examples |= {"per_file_ignores": {f"{tmp_path}/tests/**": ("NL2",)}}
    for name in set(Config.__slots__) - {"layers"}:
        assert getattr(loaded, name) == examples.get(name, getattr(Config(), name)), name
        assert name == "honour_ignores" or name.replace("_", "-") in settings


def is_toml(line: str) -> bool:
    return line.startswith(("[", "]", "  ", '"')) or " = " in line


# --- the plan ---


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def steps(root: Path, hook: bool | None = None, ci: bool | None = None) -> dict[str, str]:
    return {step.path: type(step).__name__ for step in init.plan(root, hook=hook, ci=ci).steps}


def test_an_empty_repository(repository: Path) -> None:
    assert steps(repository) == {"neonlint.toml": "Change", ".pre-commit-config.yaml": "Change"}
    assert steps(repository, hook=False, ci=False) == {"neonlint.toml": "Change"}
    assert "neither GitHub nor GitLab CI" in init.plan(repository).notes[0]
    assert not any("CI" in text for text in init.plan(repository, ci=False).notes)


def test_a_directory_without_git(tmp_path: Path) -> None:
    assert steps(tmp_path) == {"neonlint.toml": "Change"}
    assert steps(tmp_path, hook=True) == {"neonlint.toml": "Change", ".pre-commit-config.yaml": "Change"}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://token:x@github.com/a/b.git", True),
        ("git@github.com:a/b.git", True),
        ("ssh://git@github.com:22/a/b", True),
        ("https://gitlab.com/github.com/b", False),
        ("/srv/github.com/b.git", False),
    ],
)
def test_a_remote_on_github(repository: Path, url: str, found: bool) -> None:
    subprocess.run(["git", "-C", str(repository), "remote", "add", "origin", url], check=True)
    assert (".github/workflows/neonlint.yml" in steps(repository)) is found


@pytest.mark.parametrize("name", ["neonlint.toml", ".neonlint.toml", "pyproject.toml"])
def test_any_configuration_counts(repository: Path, name: str) -> None:
    (repository / name).write_text("[tool.neonlint]\n" if name == "pyproject.toml" else "")
    assert steps(repository)[name] == "Present"


def test_below_the_top(repository: Path) -> None:
    (repository / "web" / "src").mkdir(parents=True)
    (repository / "web" / "neonlint.toml").write_text("")
    assert steps(repository / "web" / "src") == {"web/neonlint.toml": "Present", ".pre-commit-config.yaml": "Change"}


def test_workflows_of_other_people(repository: Path) -> None:
    folder = repository / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text("on: push\njobs:\n  a:\n    steps:\n      - run: make # neonlint\n")
    assert steps(repository)[".github/workflows/neonlint.yml"] == "Change"
    (folder / "ci.yml").write_text("on: push\njobs:\n  a:\n    steps:\n      - run: uvx neonlint check\n")
    assert steps(repository)[".github/workflows/ci.yml"] == "Present"
    (folder / "ci.yml").write_text("")
    (folder / "neonlint.yml").write_text("")
    assert steps(repository)[".github/workflows/neonlint.yml"] == "Present"


def test_a_job_in_an_included_file(repository: Path) -> None:
    (repository / ".gitlab-ci.yml").write_text("include:\n  - local: /ci/lint.yml\n")
    assert isinstance(init.plan(repository).steps[-1], Change)
    (repository / "ci").mkdir()
    (repository / "ci" / "lint.yml").write_text("db:\n  script: [neonlint check]\n")
    assert init.plan(repository).steps[-1] == Present(".gitlab-ci.yml")


def test_files_that_are_not_read(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "hooks.yaml"
    outside.write_text("repos:\n- repo: a\n")
    (repository / ".pre-commit-config.yaml").symlink_to(outside)
    (repository / ".gitlab-ci.yml").write_bytes(b"\xff\xfea\0")
    hook, job = init.plan(repository).steps[1:]
    assert isinstance(hook, Manual)
    assert "outside the project" in hook.reason
    assert isinstance(job, Manual)
    assert "UTF-16" in job.reason
