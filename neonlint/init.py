"""What `neonlint init` would do to a repository, piece by piece: there already, a change, or work for a person.
Nothing is written here; what the pieces hold is in `init_config`, `init_hook` and `init_ci`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple, TypeAlias

import neonlint
from neonlint import config as configuration
from neonlint import discover, discover_git, init_ci, init_config, init_hook, init_yaml
from neonlint.discover import FoundFile
from neonlint.errors import Refused, UsageError
from neonlint.init_hook import Origin
from neonlint.ir.findings import Skip
from neonlint.report.redact import scrub

_CONFIG = "neonlint.toml"
_HOOKS = (".pre-commit-config.yaml", ".pre-commit-config.yml")
#: Other programs that run git's hooks: what tells them, the file that says what they run, and the text to put there.
_RUNNERS = (
    ("husky", ".husky", ".husky/pre-commit", "neonlint check --staged\n"),
    *(
        ("lefthook", name, name, "pre-commit:\n  commands:\n    neonlint:\n      run: neonlint check --staged\n")
        for name in ("lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml")
    ),
)
_PIPELINE = ".gitlab-ci.yml"
_WORKFLOWS = ".github/workflows"


class Present(NamedTuple):
    """Something is there already; `path` is where."""

    path: str


class Change(NamedTuple):
    """A file to write. `old` is None where there is none yet."""

    path: str
    old: bytes | None
    new: bytes


class Manual(NamedTuple):
    """A file that must be changed by hand, why, and the text to put there."""

    path: str
    reason: str
    text: str


Step: TypeAlias = Present | Change | Manual


class Plan(NamedTuple):
    """All steps; paths are relative to `root`, with forward slashes. `notes` say what is left out, and why."""

    root: Path
    steps: Sequence[Step]
    notes: Sequence[str] = ()


def plan(
    cwd: Path,
    *,
    hook: bool | None = None,
    ci: bool | None = None,
    repo: str | None = None,
    rev: str | None = None,
) -> Plan:
    """Look at the repository around `cwd`. `hook` and `ci` None: added where there is something that runs them. `repo`
    (an address, or a folder relative to `cwd`) and `rev` say where the hook comes from; see `_origin`.

    Raises ConfigError for a configuration that cannot be read, UsageError for a `repo` or `rev` that cannot be.
    """
    origin = _origin(cwd, repo, rev)
    top = discover_git.top(str(cwd))
    root = Path(os.path.realpath(top or discover.project_root(cwd)))
    steps, notes = [_configuration(root, cwd)], []
    if hook or (hook is None and top):
        asked = hook or (repo, rev) != (None, None)
        steps.append((None if asked else _other_hook(root)) or _hook(root, origin))
        if isinstance(steps[-1], Change) and Path(origin.repo).is_dir():
            notes.append("the hook is taken from a folder of this machine, which others do not have")
    elif hook is None:
        notes.append("this is no git repository, so no pre-commit hook was added")
    if ci is not False:
        found = list(_pipelines(root))
        steps += found
        notes += [] if found else ["neither GitHub nor GitLab CI was found, so no step was added to a pipeline"]
    released = {step.path for step in steps[1:] if isinstance(step, Change)}
    if released - (set() if origin == Origin() else set(_HOOKS)) and not _from_index():
        notes.append(
            f"what is written asks for release {neonlint.__version__}, and this neonlint was not installed from a "
            "package index: see that the release is there"
        )
    return Plan(root, steps, notes)


def _configuration(root: Path, cwd: Path) -> Step:
    found = configuration.find(cwd)
    if found is not None:
        return Present(os.path.relpath(os.path.realpath(found), root).replace(os.sep, "/"))
    return Change(_CONFIG, None, init_config.text().encode())


def _hook(root: Path, origin: Origin) -> Step:
    path = next((path for path in _HOOKS if os.path.lexists(root / path)), _HOOKS[0])
    added = partial(init_hook.added, origin=origin)
    return _addition(root, path, init_hook.present, added, init_hook.whole(origin))


def _other_hook(root: Path) -> Step | None:
    """The hook where another program than pre-commit runs them: somebody has to add it there."""
    if any(os.path.lexists(root / path) for path in _HOOKS):
        return None
    for name, sign, path, text in _RUNNERS:
        if os.path.lexists(root / sign):
            return Present(path) if _names(root, path) else Manual(path, f"{name} runs the hooks here", text)
    return None


def _from_index() -> bool:
    """Whether an installer took this neonlint from a package index: of all else it notes the address (PEP 610)."""
    try:
        return distribution("neonlint").read_text("direct_url.json") is None
    except PackageNotFoundError:
        return False


def _origin(cwd: Path, repo: str | None, rev: str | None) -> Origin:
    """Where the hook comes from: by default the release of this version. Of a clone on this machine it is the commit
    that is checked out there, if no other is named."""
    for flag, text in (("--hook-repo", repo), ("--hook-rev", rev)):
        if text is not None and (not text or not text.isprintable()):
            raise UsageError(f"{flag}: is empty or cannot be printed; name a repository, and a tag or commit of it")
    origin = Origin()
    if repo is not None and (cwd / repo).is_dir():
        commit = rev or discover_git.head(os.path.realpath(cwd / repo))
        if commit is None:
            raise UsageError(
                f"--hook-repo: {scrub(repo)}: git knows no commit there; clone neonlint, or name its address"
            )
        return Origin(os.path.realpath(cwd / repo), commit)
    return Origin(repo or origin.repo, rev or origin.rev)


def _pipelines(root: Path) -> Iterator[Step]:
    if os.path.lexists(root / _PIPELINE):
        yield _addition(root, _PIPELINE, lambda data: _in_pipeline(root, data), init_ci.with_job, init_ci.job())
    if os.path.lexists(root / _WORKFLOWS) or "github.com" in discover_git.remote_hosts(str(root)):
        yield _workflow(root)


def _addition(
    root: Path, path: str, present: Callable[[bytes], bool], added: Callable[[bytes], bytes], text: str
) -> Step:
    """What to do to one file. `text` is for a file that is not there yet, and for a person where `added` refuses."""
    if not os.path.lexists(root / path):
        return Change(path, None, text.encode())
    data = _read(root, path)
    if isinstance(data, Skip):
        return Manual(path, data.detail, text)
    if present(data):
        return Present(path)
    try:
        return Change(path, data, added(data))
    except Refused as refusal:
        return Manual(path, refusal.reason, text)


def _in_pipeline(root: Path, data: bytes) -> bool:
    return init_yaml.names_neonlint(data) or any(_names(root, path) for path in init_ci.included(data))


def _workflow(root: Path) -> Step:
    """A workflow of our own, unless one runs neonlint already; those of other people are not edited."""
    own = f"{_WORKFLOWS}/neonlint.yml"
    paths = [f"{_WORKFLOWS}/{name}" for name in _names_in(root / _WORKFLOWS) if name.endswith((".yml", ".yaml"))]
    there = next((path for path in paths if path == own or _names(root, path)), None)
    return Present(there) if there else Change(own, None, init_ci.workflow().encode())


def _names_in(directory: Path) -> list[str]:
    try:
        return sorted(os.listdir(directory))  # noqa: PTH208 -- names are what is wanted
    except OSError:
        return []


def _names(root: Path, path: str) -> bool:
    data = _read(root, path)
    return not isinstance(data, Skip) and init_yaml.names_neonlint(data)


def _read(root: Path, path: str) -> bytes | Skip:
    return discover.read(root, FoundFile(path), configuration.MIB)
