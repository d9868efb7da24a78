"""Where data files hold shell text: workflows, package scripts, platform files, Compose and Kubernetes; and with which
environment each of them runs it. Knows keys and no shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from neonlint.ir.source import Document, Items, Scalar, Slot, Span, Table, Value, has_hole
from neonlint.regex import regex


class Place(NamedTuple):
    """One key path that holds shell text: `*` is any key, lists on the way are passed through. `words` says that a list
    there holds the words of one command, not one command each."""

    keys: tuple[str, ...]
    words: bool = False


class Held(NamedTuple):
    """Shell text that a data file holds: one or several `texts` that run one after another, or the `words` of one
    command. `key` is its logical path; `surroundings` are the environment tables, nearest first, the first of which is
    that of the mapping itself (without entries where it has none); `files` are the env files named there. `job` tells
    apart what shares an environment that is written at run time (a workflow's job). `closed` says that nothing but all
    these is its environment (a container's); `directory` is where it runs, "" where the file does not say.
    """

    key: str
    texts: tuple[Slot, ...] = ()
    words: tuple[Value, ...] = ()
    surroundings: tuple[Table, ...] = ()
    files: tuple[str, ...] = ()
    job: int = 0
    closed: bool = False
    directory: str = ""


def _places(*paths: str, words: bool = False) -> tuple[Place, ...]:
    return tuple(Place(tuple(path.split(".")), words) for path in paths)


_GITLAB = ("script", "before_script", "after_script")
_AZURE = ("script", "bash", "pwsh", "powershell")
#: Pattern of a path to the places of such files.
_FILES: tuple[tuple[str, tuple[Place, ...]], ...] = (
    (r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml$", _places("jobs.*.steps.run")),
    (r"(?:^|/)action\.ya?ml$", _places("runs.steps.run")),
    (r"(?:^|/)[^/]*\.gitlab-ci\.ya?ml$", _places(*(f"*.{k}" for k in _GITLAB), *_GITLAB)),
    (
        r"(?:^|/)(?:docker-)?compose[^/]*\.ya?ml$",
        _places("services.*.command", "services.*.entrypoint", words=True),
    ),
    (
        r"(?:^|/)render\.ya?ml$",
        _places(
            *(
                f"services.{key}"
                for key in ("buildCommand", "startCommand", "preDeployCommand", "dockerCommand", "initialDeployHook")
            )
        ),
    ),
    (r"(?:^|/)Taskfile[^/]*\.ya?ml$", _places("tasks.*.cmds", "tasks.*.cmds.cmd", "tasks.*.cmd", "tasks.*")),
    (
        r"(?:^|/)azure-pipelines[^/]*\.ya?ml$",
        _places(
            *(
                f"{base}steps.{key}"
                for base in ("", "jobs.", "stages.jobs.", "stages.jobs.strategy.runOnce.deploy.")
                for key in _AZURE
            )
        ),
    ),
    (
        r"(?:^|/)\.circleci/config\.ya?ml$",
        _places(*(f"{base}.*.steps.{run}" for base in ("jobs", "commands") for run in ("run", "run.command"))),
    ),
    (
        r"(?:^|/)bitbucket-pipelines\.ya?ml$",
        _places(
            *(f"pipelines.{key}" for key in ("default.step.script", "*.*.step.script", "default.parallel.step.script")),
            "definitions.steps.step.script",
        ),
    ),
    (r"(?:^|/)buildspec[^/]*\.ya?ml$", _places("phases.*.commands")),
    (r"(?:^|/)amplify\.ya?ml$", _places("*.phases.*.commands", "applications.*.phases.*.commands")),
    (r"(?:^|/)heroku\.ya?ml$", _places("run.*", "release.command", "run.*.command")),
    (r"(?:^|/)fly[^/]*\.toml$", _places("deploy.release_command", "processes.*")),
    (r"(?:^|/)netlify\.toml$", _places("build.command", "context.*.command")),
    (
        r"(?:^|/)railway\.(?:toml|jsonc?)$",
        _places("build.buildCommand", "deploy.startCommand", "deploy.preDeployCommand"),
    ),
    (r"(?:^|/)nixpacks\.toml$", _places("phases.*.cmds", "start.cmd")),
    (r"(?:^|/)(?:package|composer)\.json$", _places("scripts.*")),
    (r"(?:^|/)vercel\.jsonc?$", _places("buildCommand", "installCommand", "devCommand", "ignoreCommand")),
    (r"(?:^|/)app\.json$", _places("scripts.*")),
    (r"(?:^|/)deno\.jsonc?$", _places("tasks.*", "tasks.*.command")),
    (
        r"(?:^|/)\.?devcontainer(?:/[^/]+)?(?:/devcontainer)?\.json$",
        tuple(
            place
            for key in ("onCreate", "updateContent", "postCreate", "postStart", "postAttach", "initialize")
            for place in (*_places(f"{key}Command", words=True), *_places(f"{key}Command.*", words=True))
        ),
    ),
    (
        r"(?:^|/)pyproject\.toml$",
        _places(
            *(f"tool.poe.tasks.*{end}" for end in ("", ".cmd", ".shell")),
            *(f"tool.{held}.*" for held in ("taskipy.tasks", "pdm.scripts", "rye.scripts")),
            *(f"tool.{held}.*.cmd" for held in ("taskipy.tasks", "pdm.scripts", "rye.scripts")),
            "tool.hatch.envs.*.scripts.*",
        ),
    ),
)  # fmt: skip
_PATTERNS = tuple((regex(pattern), places) for pattern, places in _FILES)
#: Keys under which such a mapping holds the environment of what it runs.
_ENVIRONMENTS = frozenset({"env", "environment", "variables", "envVars", "env_variables"})
_CONTAINER_KEYS = frozenset({"command", "args"})
_COMPOSE = regex(r"(?:^|/)(?:docker-)?compose[^/]*\.ya?ml$")


def held_by(document: Document) -> Iterator[Held]:
    """The shell texts of a data file, in the order in which they stand there."""
    places = next((places for pattern, places in _PATTERNS if pattern.search(document.path)), None)
    closed = _COMPOSE.search(document.path) is not None
    for root in document.roots:
        if places is not None:
            yield from _matching(root, places, closed=closed)
        elif document.format == "yaml" and root.get("kind") is not None:
            yield from _containers(root)


class _Step(NamedTuple):
    """A value on the way down: what is left of each path, the mappings around it (nearest first) and the keys."""

    value: Value
    left: tuple[Place, ...]
    around: tuple[Table, ...] = ()
    keys: tuple[str, ...] = ()


def _matching(root: Table, places: tuple[Place, ...], *, closed: bool) -> Iterator[Held]:
    stack = [_Step(root, places)]
    while stack:
        step = stack.pop()
        ended = next((place for place in step.left if not place.keys), None)
        if ended is not None and (held := _held(step, ended, closed=closed)) is not None:
            yield held
        left = tuple(place for place in step.left if place.keys)
        if isinstance(step.value, Items) and left:
            inner = enumerate(step.value.values)
            stack += reversed([_Step(v, left, step.around, (*step.keys, str(i))) for i, v in inner])
        elif isinstance(step.value, Table):
            stack += reversed([found for e in step.value.entries if (found := _into(step, left, e.key, e.value))])


def _into(step: _Step, left: tuple[Place, ...], key: str, value: Value) -> _Step | None:
    assert isinstance(step.value, Table)
    fitting = tuple(place._replace(keys=place.keys[1:]) for place in left if place.keys[0] in ("*", key))
    return _Step(value, fitting, (step.value, *step.around), (*step.keys, key)) if fitting else None


def _held(step: _Step, place: Place, *, closed: bool) -> Held | None:
    value = step.value
    texts = _texts(value)
    if not texts and not (isinstance(value, Items) and place.words):
        return None
    if not step.around:
        return None
    surroundings = _surroundings(step.around)
    files = _env_files(step.around[0])
    job = id(step.around[1]) if len(step.around) > 1 else 0
    key, words = ".".join(step.keys), value.values if place.words and isinstance(value, Items) else ()
    return Held(key, () if words else texts, words, surroundings, files, job, closed, _directory(step.around))


def _directory(around: tuple[Table, ...]) -> str:
    """Where a step runs: `working-directory`, its own or that of the defaults around it; `dir` in a Taskfile."""
    for table in around:
        defaults = table.get("defaults")
        run = defaults.get("run") if isinstance(defaults, Table) else None
        for holder, key in ((table, "working-directory"), (run, "working-directory"), (table, "dir")):
            given = holder.get(key) if isinstance(holder, Table) else None
            if isinstance(given, Scalar) and isinstance(given.value, str) and not has_hole(given.value):
                return given.value.removeprefix("./")
    return ""


def _texts(value: Value) -> tuple[Slot, ...]:
    """The shell texts that a value holds: itself, or the items of a list (one level deeper too, as GitLab allows)."""
    if isinstance(value, Scalar):
        return (value.slot,) if value.slot is not None and isinstance(value.value, str) else ()
    if isinstance(value, Items):
        inner = [w for v in value.values for w in (v.values if isinstance(v, Items) else (v,))]
        return tuple(v.slot for v in inner if isinstance(v, Scalar) and v.slot is not None)
    return ()


def _surroundings(around: tuple[Table, ...]) -> tuple[Table, ...]:
    own, *outer = [_environment(table) for table in around]
    nothing = Table("env", (), Span(around[0].span.start, around[0].span.start))
    return (own or nothing, *(table for table in outer if table is not None))


def _environment(table: Table) -> Table | None:
    for entry in table.entries:
        if entry.key in _ENVIRONMENTS and isinstance(entry.value, Table) and entry.value.kind == "env":
            return entry.value
    return None


def _env_files(table: Table) -> tuple[str, ...]:
    """The env files that a Compose service names: one, a list, or mappings with `path`."""
    given = table.get("env_file")
    items = given.values if isinstance(given, Items) else (given,)
    named = [item.get("path") if isinstance(item, Table) else item for item in items]
    return tuple(str(item.value) for item in named if isinstance(item, Scalar))


def _containers(root: Table) -> Iterator[Held]:
    """The `command` and `args` of a Kubernetes manifest's containers."""
    stack: list[tuple[Value, tuple[str, ...]]] = [(root, ())]
    while stack:
        value, keys = stack.pop()
        if isinstance(value, Items):
            stack += reversed([(v, (*keys, str(i))) for i, v in enumerate(value.values)])
        elif isinstance(value, Table):
            if value.get("image") is not None and (words := _container_words(value)):
                named = ".".join((*keys[-4:], "command"))
                yield Held(named, (), words, _surroundings((value,)), (), id(value), closed=True)
            stack += reversed([(e.value, (*keys[-6:], e.key)) for e in value.entries if e.key not in _CONTAINER_KEYS])


def _container_words(container: Table) -> tuple[Value, ...]:
    command, arguments = container.get("command"), container.get("args")
    words = command.values if isinstance(command, Items) else ()
    return (*words, *(arguments.values if isinstance(arguments, Items) else ()))
