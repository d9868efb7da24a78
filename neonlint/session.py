"""One run from arguments to report: find the configuration, find the files, let the engine judge, write the repairs.

The command line and the Python interface both stand on this. Knows no output format.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from neonlint import config as configuration
from neonlint import discover
from neonlint.config import Config
from neonlint.discover import Discovered, FoundFile
from neonlint.ir.findings import Report, Skip, SourceText
from neonlint.means import Means
from neonlint.records import dataclass, field, replace

if TYPE_CHECKING:
    from neonlint.baseline import Entry
    from neonlint.engine import Outcome

Repair = Literal["none", "safe", "unsafe"]
STDIN = "-"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Session:
    """What a run works on, and by what `means`. `given` holds the bytes that are checked in the place of a file's, such
    as those of standard input, or why there are none; `whole` says that nothing of the project was left out, so that
    there is no more context to be had. `rest` lists the project's files where they are not those of the work tree;
    `known` tells what was found at some earlier time, and is not new."""

    config: Config
    found: Discovered
    given: Mapping[str, bytes | Skip] = field(default_factory=dict, repr=False)
    whole: bool = True
    means: Means = field(default=Means(), repr=False)
    rest: Callable[[], Sequence[FoundFile]] | None = field(default=None, repr=False)
    known: Callable[[], Sequence[Entry]] | None = field(default=None, repr=False)

    @property
    def root(self) -> Path:
        """The project root; every path of the report is relative to it."""
        return self.found.root


class Difference(NamedTuple):
    """What a repair would do to one file."""

    path: str
    old: SourceText
    new: SourceText


def settings(
    paths: Sequence[str], cwd: Path, explicit: Path | None = None, words: Sequence[str] = (), *, isolated: bool = False
) -> Config:
    """The configuration of a run over `paths`; see `config.load`. Raises ConfigError, UsageError."""
    return configuration.load(discover.start_directory(paths, cwd), explicit, words, isolated=isolated)


def open_session(paths: Sequence[str], config: Config, cwd: Path, *, force_exclude: bool = False) -> Session:
    """Find the files that `paths` (relative to `cwd`) stand for."""
    root = discover.project_root(discover.start_directory(paths, cwd))
    found = discover.discover(paths, config, root=root, cwd=cwd, force_exclude=force_exclude)
    return Session(config, found, whole=any(os.path.realpath(cwd / path) == str(found.root) for path in paths or ["."]))


def open_stdin(data: bytes, name: str | None, config: Config, cwd: Path, *, force_exclude: bool = False) -> Session:
    """A run over bytes that stand for the file `name` (relative to `cwd`), which need not exist."""
    root = Path(os.path.realpath(discover.project_root(cwd)))
    path = STDIN if name is None else Path(os.path.relpath(os.path.realpath(cwd / name), root)).as_posix()
    excluded = config.excludes(root) if force_exclude else None
    if excluded and excluded(path):
        return Session(config, Discovered(root, []))
    if skip := discover.refuse(data, path, config.max_file_size):
        return Session(config, Discovered(root, [], [skip]))
    return Session(config, Discovered(root, [FoundFile(path)]), {path: data}, whole=False)


def judge(session: Session, repair: Repair = "none", *, before: bool = False) -> Outcome:
    """What the engine says, with the files that were found and not read. Nothing is written."""
    from neonlint import engine  # noqa: PLC0415 -- `version`, `rule` and `--show-files` need no engine

    found = session.found
    context = None if session.whole or not discover.is_project(found.root) else partial(around, session)
    outcome = engine.run(
        found.root,
        found.files,
        session.config,
        repair=repair,
        given=session.given,
        context=context,
        whole=session.whole,
        known=session.known,
        means=session.means,
        before=before,
    )
    first = _complete(outcome.before, found) if outcome.before is not None else None
    return outcome._replace(report=_complete(outcome.report, found), before=first)


def around(session: Session) -> Sequence[FoundFile]:
    """The files of the project that a session is about beside its own. None where its own are all of it, and none
    outside a project, where there is no telling where to stop: a home directory is not searched."""
    if session.whole or not discover.is_project(session.root):
        return []
    own = {file.path for file in session.found.files}
    if session.rest is not None:
        whole = session.rest()
    else:
        whole = discover.discover([str(session.root)], session.config, root=session.root).files
    return [file for file in whole if file.path not in own]


def repair(session: Session, kind: Literal["safe", "unsafe"]) -> Report:
    """Repair the files on disk; the report says what was repaired and what is left.

    Where a file could not be written, the findings are those of the files as they are now.
    """
    from neonlint.write import replace_file  # noqa: PLC0415 -- `check` writes nothing

    outcome = judge(session, kind)
    refused: dict[str, Skip] = {}
    for path, change in outcome.changes.items():
        if path not in session.given and (skip := replace_file(session.root, path, change.old, change.new)):
            refused[path] = skip
    if not refused:
        return outcome.report
    report = judge(session).report
    fixed = [finding for finding in outcome.report.fixed if finding.path not in refused]
    return replace(report, fixed=fixed, repair=kind, skipped=[*report.skipped, *refused.values()])


def differences(session: Session, kind: Literal["safe", "unsafe"]) -> tuple[Report, list[Difference]]:
    """What `repair` would do, with the secrets of old and new text; nothing is written.

    The report of what was before it is made, too, because only that knows where the secrets of the old text are.
    """
    outcome = judge(session, kind, before=True)
    before = outcome.before.sources if outcome.before is not None else {}
    found = []
    for path, change in outcome.changes.items():
        old, new = before.get(path), outcome.report.sources.get(path)
        known_old = old.secrets if old and old.data == change.old else ()
        known_new = new.secrets if new and new.data == change.new else ()
        found.append(Difference(path, SourceText(change.old, known_old), SourceText(change.new, known_new)))
    return outcome.report, found


def _complete(report: Report, found: Discovered) -> Report:
    """The report with what discovery alone knows."""
    skipped = sorted({*report.skipped, *found.skipped}, key=lambda skip: (skip.path, skip.reason))
    unread = {skip.path for skip in report.skipped if skip.reason != "not-parsed"}
    ignored = [file.path for file in found.files if file.ignored_env and file.path not in unread]
    return replace(report, skipped=skipped, ignored_env_files=report.ignored_env_files or ignored)


def in_repository(root: Path) -> str:
    """The directory of a project, relative to the top of the git work tree that it lies in; "" at the top itself, and
    outside of git."""
    if os.path.lexists(root / ".git"):
        return ""
    top = next((directory for directory in root.parents if os.path.lexists(directory / ".git")), root)
    return "" if top == root else root.relative_to(top).as_posix()


def shown_from(cwd: Path, root: Path) -> Callable[[str], str]:
    """How a path relative to `root` is written for somebody in `cwd`: absolute where neither holds the other."""
    base, here = os.path.realpath(root), os.path.realpath(cwd)
    if base == here:
        return str
    related = discover.inside(here, base) or discover.inside(base, here)

    def shown(path: str) -> str:
        if path == STDIN:
            return path
        whole = os.path.join(base, path)  # noqa: PTH118
        return (os.path.relpath(whole, here) if related else os.path.normpath(whole)).replace(os.sep, "/")

    return shown
