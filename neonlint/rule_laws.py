"""What the examples of a rule are held to, whoever wrote it: `bad` gives findings of this rule and no others, the fix
writes `good` byte for byte and is then done, `good` is clean, `ok` is silent. All built-in rules are on meanwhile.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from neonlint.config import FILE_NAMES, Config, in_directory
from neonlint.config import load as load_config
from neonlint.discover import FoundFile
from neonlint.engine import Outcome, Repair, run
from neonlint.errors import UsageError
from neonlint.records import replace
from neonlint.rulebook import Example, Rule
from neonlint.trace import as_text, of_files


def run_on(
    folder: Path,
    files: Mapping[str, str],
    repair: Repair = "none",
    config: Config | None = None,
    policy: str | None = None,
) -> Outcome:
    """Write `files` below `folder` and run on them, with the configuration that they hold.

    Files that an example's `.gitignore` names count as not tracked. `policy` is a rule file that is read, too.
    """
    found, own = _written(folder, files)
    config = config or own
    return run(folder, found, replace(config, extend_rules=(policy,)) if policy else config, repair=repair)


def _written(folder: Path, files: Mapping[str, str]) -> tuple[list[FoundFile], Config]:
    """Write `files` below `folder`; what a run would find there, and the configuration among them."""
    ignored = files.get(".gitignore", "").split()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    found = [FoundFile(name, name not in ignored, name in ignored) for name in sorted(files)]
    return found, Config() if in_directory(folder) is None else load_config(folder)


def shown(outcome: Outcome) -> list[str]:
    """The findings of a run in a form that makes a failing test readable; examples hold only made-up passwords."""
    return [f"{f.path}:{f.row} {f.code} {f.severity} {f.message} [{f.refusal or ''}]" for f in outcome.report.findings]


def after(files: Mapping[str, str], outcome: Outcome) -> dict[str, str]:
    """The files as the run's changes leave them."""
    return {
        name: outcome.changes[name].new.decode() if name in outcome.changes else text for name, text in files.items()
    }


def broken(rule: Rule, example: Example, policy: str | None = None) -> list[str]:
    """Each law that an example breaks, as a sentence and the lines that show it; empty where it keeps them all.

    `policy` is the file of a rule that is not built in.
    """
    files = example.bad or example.ok or {}
    if elsewhere := list(_elsewhere(files)):
        return elsewhere
    laws = (_found, _mended, _held_back, _silent)
    try:
        return [text for law in laws for text in law(rule, example, policy)]
    except UsageError as error:
        return [f"cannot be run: {error}"]


def _elsewhere(files: Mapping[str, str]) -> Iterator[str]:
    """Settings of an example by which it would read what is not part of it."""
    for name in FILE_NAMES:
        try:
            table = tomllib.loads(files.get(name, ""))
            table = table["tool"]["neonlint"] if name == "pyproject.toml" else table
        except (ValueError, RecursionError, KeyError, TypeError):
            continue  # it has none, or the run will say what is wrong with it
        for key in ("extend", "extend-rules", "baseline"):
            if key in table:
                yield f"{name}: `{key}` leads out of the example, which is its own files alone; take it out"


def _found(rule: Rule, example: Example, policy: str | None) -> Iterator[str]:
    """`bad` is found, and nothing else, where the example says."""
    if example.bad is None:
        return
    outcome = _run(example.bad, "none", policy)
    yield from _skipped(outcome)
    codes = {finding.code for finding in outcome.report.findings}
    if rule.code not in codes:
        yield "\n".join([f"bad: {rule.code} finds nothing", *_why(rule, example.bad)])
    if others := sorted(codes - {rule.code}):
        yield _listed(f"bad: other rules find something, too ({', '.join(others)}); mend that in the example", outcome)
    if rule.code not in codes or example.finding is None:
        return
    data = example.bad[example.finding.path].encode()
    found = [f.label for f in outcome.report.findings if f.path == example.finding.path and f.label is not None]
    labels = [data[label.start : label.end].decode() for label in found]
    if example.finding.at not in labels:
        yield f'bad: the finding points at {labels or "no text"}, not at "{example.finding.at}"'


def _mended(rule: Rule, example: Example, policy: str | None) -> Iterator[str]:
    """The fix writes `good`, which is clean and not changed again."""
    if example.bad is None or example.good is None or example.fix == "none":
        return
    outcome = _run(example.bad, example.fix, policy)
    for path, text in after(example.bad, outcome).items():
        if text != example.good[path]:
            yield "\n".join(
                [f"good: the fix of {rule.code} makes another {path}", *_difference(example.good[path], text)]
            )
    again = _run(example.good, "unsafe", policy)
    if again.changes:
        yield f"good: is changed again by a fix ({', '.join(sorted(again.changes))}); fixing twice must be fixing once"
    if again.report.findings:
        yield _listed("good: is not clean", again)


def _held_back(rule: Rule, example: Example, policy: str | None) -> Iterator[str]:
    """An unsafe fix is not made without being asked for."""
    if example.bad is None or example.good is None or example.fix != "unsafe":
        return
    if _run(example.bad, "safe", policy).changes:
        yield f"good: {rule.code} is fixed without --unsafe-fixes, but the example says that it needs them"


def _silent(rule: Rule, example: Example, policy: str | None) -> Iterator[str]:
    """`ok` has no finding, of this rule or another."""
    if example.ok is None:
        return
    outcome = _run(example.ok, "none", policy)
    yield from _skipped(outcome)
    if outcome.report.findings:
        own = any(finding.code == rule.code for finding in outcome.report.findings)
        yield _listed(f"ok: {rule.code} is not silent" if own else "ok: another rule finds something", outcome)


def _why(rule: Rule, files: Mapping[str, str]) -> Iterator[str]:
    """What the condition came to for everything in `files` that the rule speaks about."""
    with TemporaryDirectory(prefix="neonlint-") as folder:
        found, config = _written(Path(folder), files)
        traces = [trace for trace in of_files(Path(folder), found, config, rule) if trace.subjects]
    for trace in traces:
        yield from (f"  {line}" for line in as_text(trace, whole=False))
    if not traces:
        yield f"  there is no {rule.subject} in {', '.join(sorted(files))}"


def _run(files: Mapping[str, str], repair: Repair, policy: str | None) -> Outcome:
    with TemporaryDirectory(prefix="neonlint-") as folder:
        try:
            return run_on(Path(folder), files, repair, policy=policy)
        except UsageError as error:
            raise UsageError(str(error).replace(f"{folder}/", "")) from None


def _skipped(outcome: Outcome) -> Iterator[str]:
    for skip in outcome.report.skipped:
        yield f"{skip.path} was not checked: {skip.reason}: {skip.detail}"


def _listed(text: str, outcome: Outcome) -> str:
    return "\n".join([text, *(f"  {line}" for line in shown(outcome))])


def _difference(wanted: str, made: str) -> Iterator[str]:
    from difflib import unified_diff  # noqa: PLC0415 -- only a failure needs it

    lines = wanted.splitlines(keepends=True), made.splitlines(keepends=True)
    return (f"  {line!r}"[:200] for line in unified_diff(*lines, "good", "made by the fix", n=1))
