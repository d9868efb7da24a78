"""The commands `check` and `fix`: settings from flags, one run, its report, its exit status."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, cast

from neonlint import cli_means, cli_settings, discover, session
from neonlint import config as configuration
from neonlint.cli_output import note, put, wants_color, wants_links
from neonlint.config import Config, OutputFormat
from neonlint.config_globs import anchored
from neonlint.errors import UsageError
from neonlint.ir.findings import FATAL, Report, Skip
from neonlint.records import replace
from neonlint.report import COMMANDS, FORMATS, View
from neonlint.report.redact import scrub
from neonlint.report.render import render
from neonlint.report.style import Style
from neonlint.session import STDIN, Session

_FORMAT = "NEONLINT_OUTPUT_FORMAT"


def run(arguments: Namespace) -> int:
    """Run `check` or `fix`; returns the exit status."""
    cwd = Path.cwd()
    _refuse_contradictions(arguments)
    config = _with_flags(_settings(arguments, cwd), arguments, cwd)
    work = _open(arguments, config, cwd)
    if arguments.error_on_unmatched and arguments.paths != [STDIN]:
        from neonlint import cli_unmatched  # noqa: PLC0415 -- seldom wanted

        cli_unmatched.refuse(arguments.paths, work.found, cwd)
    if arguments.output_file is not None or arguments.report:
        from neonlint import cli_reports  # noqa: PLC0415 -- most runs write to the terminal alone

        cli_reports.refuse(arguments, work.root)
    for text in () if arguments.quiet else (*work.found.notes, *(() if arguments.isolated else _unused(work))):
        note(text)
    if arguments.show_files:
        return _show_files(work, arguments)
    means = cli_means.of(arguments, work.root)
    try:
        return _report(_since(replace(work, means=means), arguments), arguments, cwd)
    finally:
        if means.progress is not None:
            means.progress("", 0, 0)  # where the run was broken off


def _since(work: Session, arguments: Namespace) -> Session:
    """The run, for new findings only where --diff-base asks for them."""
    if arguments.diff_base is None:
        return work
    from neonlint import session_since  # noqa: PLC0415 -- asks git for what most runs need not know

    return session_since.since(work, arguments.diff_base)


def _report(work: Session, arguments: Namespace, cwd: Path) -> int:
    """One run and its report; returns the exit status."""
    if arguments.diff:
        return _diff(work, arguments, cwd)
    if arguments.command == "check" and arguments.add_ignore is not None:
        from neonlint import cli_add_ignore  # noqa: PLC0415 -- seldom wanted

        report = _severe(cli_add_ignore.run(work, arguments), arguments)
        _print(report, work, arguments, cwd)
        return status(report, arguments, work.config)
    fixing = arguments.command == "fix" or arguments.fix
    kind: Literal["safe", "unsafe"] = "unsafe" if arguments.unsafe_fixes else "safe"
    if fixing and work.given:
        return _filter(work, arguments, kind, cwd)
    report = _severe(session.repair(work, kind) if fixing else session.judge(work).report, arguments)
    _print(report, work, arguments, cwd)
    return status(report, arguments, work.config)


def _unused(work: Session) -> Iterator[str]:
    """That configuration files among those checked do not count."""
    used = {os.path.realpath(layer.name) for layer in work.config.layers}
    found = [file for file in work.found.files if file.path.endswith(("neonlint.toml", "pyproject.toml"))]
    others = [file.path for file in found if str(work.root / file.path) not in used and _configures(work, file)]
    if others:
        yield f"one configuration holds for a run; not for this one: {', '.join(others)}"


def _configures(work: Session, file: discover.FoundFile) -> bool:
    """Whether a file is a configuration, for some other run."""
    name = Path(file.path).name
    if name != "pyproject.toml":
        return name in configuration.FILE_NAMES
    data = _content(work, file)
    return isinstance(data, bytes) and b"\n[tool.neonlint" in b"\n" + data


def status(report: Report, arguments: Namespace, config: Config, changes: bool = False) -> int:
    """0, 1 or 2, whatever the output format."""
    if any(_unread(report, arguments)):
        return 2
    failing = any(configuration.fails(finding.severity, config.fail_on) for finding in report.findings)
    repaired = arguments.exit_non_zero_on_fix and bool(report.fixed)
    return int((failing or repaired or changes) and not arguments.exit_zero)


def _unread(report: Report, arguments: Namespace) -> Iterator[Skip]:
    """The files for which a run cannot vouch, as strictly as it was asked to."""
    if not arguments.strict:
        return (skip for skip in report.skipped if skip.reason in FATAL)
    from neonlint.report.summary import quiet  # noqa: PLC0415 -- not every report has a summary

    return (skip for skip in report.skipped if not quiet(skip))


def _severe(report: Report, arguments: Namespace) -> Report:
    """The report with the findings that --min-severity asks for; of the others only the number."""
    if arguments.min_severity is None:
        return report
    found = [finding for finding in report.findings if configuration.fails(finding.severity, arguments.min_severity)]
    return replace(report, findings=found, hidden=len(report.findings) - len(found))


def _refuse_contradictions(arguments: Namespace) -> None:
    if STDIN in arguments.paths and len(arguments.paths) > 1:
        raise UsageError("`-` stands for standard input and cannot be joined with other paths; run neonlint twice")
    if arguments.stdin_filename is not None and arguments.paths != [STDIN]:
        raise UsageError("--stdin-filename needs `-` as the only path; write `neonlint check - --stdin-filename NAME`")
    taken = arguments.diff or (arguments.paths == [STDIN] and (arguments.command == "fix" or arguments.fix))
    for kind in (kind for kind, path in arguments.report or () if taken and path is None):
        raise UsageError(f"standard output is taken by the repaired text; name a file: --report {kind}=PATH")
    if arguments.show_files and arguments.report:
        raise UsageError("--show-files only lists files and makes no report; leave --report out")
    adding = arguments.command == "check" and arguments.add_ignore is not None
    if adding and (arguments.fix or arguments.diff or arguments.no_ignores or arguments.paths == [STDIN]):
        raise UsageError("--add-ignore goes with files, and without --fix, --diff and --no-ignores; run neonlint twice")
    if arguments.staged and (adding or arguments.command == "fix" or arguments.fix or arguments.diff):
        raise UsageError("--staged only reads: run `neonlint fix` on the files themselves, then `git add` them")
    if arguments.staged and arguments.paths == [STDIN]:
        raise UsageError("--staged takes files from git's index and `-` from standard input; take one of them")
    if arguments.show_files and arguments.diff_base is not None:
        raise UsageError("--show-files only lists files and finds nothing, new or old; leave --diff-base out")
    if arguments.no_baseline and (arguments.baseline or arguments.strict_baseline):
        raise UsageError("--no-baseline contradicts --baseline and --strict-baseline; take one of them")


def _settings(arguments: Namespace, cwd: Path) -> Config:
    paths = [] if arguments.paths == [STDIN] else arguments.paths
    return cli_settings.read(arguments, paths, cwd)


def _with_flags(config: Config, arguments: Namespace, cwd: Path) -> Config:
    """The configuration with what the command line says instead."""
    select, ignore = map(_words, (arguments.select, arguments.ignore))
    return replace(
        config,
        select=select or config.select,
        extend_select=(*(() if select else config.extend_select), *_words(arguments.extend_select)),
        fixable=_words(arguments.fixable) or config.fixable,
        unfixable=_words(arguments.unfixable) or config.unfixable,
        ignore=ignore or config.ignore,
        exclude=_patterns("--exclude", arguments.exclude, cwd) or config.exclude,
        extend_exclude=(*config.extend_exclude, *_patterns("--extend-exclude", arguments.extend_exclude, cwd)),
        fail_on=arguments.fail_on or config.fail_on,
        output_format=arguments.output_format or _format_of(os.environ) or config.output_format,
        honour_ignores=not arguments.no_ignores,
        baseline=_baseline(arguments, config, cwd),
        strict_baseline=config.strict_baseline if arguments.strict_baseline is None else arguments.strict_baseline,
    )


def _format_of(environment: Mapping[str, str]) -> OutputFormat | None:
    """The output format that the environment asks for, if it does."""
    name = environment.get(_FORMAT)
    if name and name not in FORMATS:
        raise UsageError(f"{_FORMAT}: there is no such output format; take one of {', '.join(FORMATS)}, or unset it")
    return cast("OutputFormat", name) if name else None


def _baseline(arguments: Namespace, config: Config, cwd: Path) -> str | None:
    if arguments.no_baseline:
        return ""
    return os.path.realpath(cwd / arguments.baseline) if arguments.baseline else config.baseline


def _patterns(flag: str, given: Sequence[str] | None, cwd: Path) -> tuple[str, ...]:
    """The path patterns of a flag, which start at `cwd`."""
    try:
        return tuple(anchored(pattern, cwd.as_posix()) for pattern in _words(given))
    except UsageError as error:
        raise UsageError(f"{flag}: {error}") from None


def _words(given: Sequence[str] | None) -> tuple[str, ...]:
    """The items of a flag that is repeatable and takes commas."""
    return tuple(word.strip() for text in given or () for word in text.split(",") if word.strip())


def _open(arguments: Namespace, config: Config, cwd: Path) -> Session:
    if arguments.staged:
        from neonlint import session_staged  # noqa: PLC0415 -- asks git for what most runs need not know

        return session_staged.open_staged(arguments.paths, config, cwd, force_exclude=arguments.force_exclude)
    if arguments.paths != [STDIN]:
        return session.open_session(arguments.paths, config, cwd, force_exclude=arguments.force_exclude)
    data = sys.stdin.buffer.read()
    return session.open_stdin(data, arguments.stdin_filename, config, cwd, force_exclude=arguments.force_exclude)


def _print(report: Report, work: Session, arguments: Namespace, cwd: Path, *, aside: bool = False) -> None:
    """The report; `aside` puts it on standard error, where standard output is taken."""
    stream = sys.stderr if aside else sys.stdout
    color = arguments.output_file is None and wants_color(arguments.color, stream, os.environ)
    view = _view(work, arguments, cwd)._replace(color=color, links=wants_links(color, stream, os.environ))
    kind = work.config.output_format
    try:
        put(FORMATS[kind](report, view), arguments.output_file, stream=stream, commands=kind in COMMANDS)
    finally:  # also where nobody reads on, as with `| head`
        _further(report, view, arguments)
    for text in () if arguments.quiet else report.notes:
        note(text)
    if arguments.quiet:
        for text in _reasons(_unread(report, arguments), view.shown):
            note(text)
    elif not report.files_checked:
        staged, flag = (" staged", " --staged") if arguments.staged else ("", "")
        note(f"no{staged} files were checked; `neonlint check{flag} --show-files` lists what would be")


def _view(work: Session, arguments: Namespace, cwd: Path) -> View:
    """How reports of this run are to be shown, in no colours."""
    return View(
        shown=session.shown_from(cwd, work.root),
        quiet=arguments.quiet,
        statistics=arguments.statistics,
        base=session.in_repository(work.root),
        suppressed=arguments.suppressed,
    )


def _further(report: Report, view: View, arguments: Namespace) -> None:
    """What `--report` asks for besides."""
    if arguments.report:
        from neonlint import cli_reports  # noqa: PLC0415 -- most runs write to the terminal alone

        cli_reports.further(report, view, arguments)


def _filter(work: Session, arguments: Namespace, kind: Literal["safe", "unsafe"], cwd: Path) -> int:
    """`fix -`: the repaired text on standard output, whole, as a filter must; the report on standard error."""
    outcome = session.judge(work, kind)
    for path, data in work.given.items():
        change = outcome.changes.get(path)
        sys.stdout.buffer.write(change.new if change else data if isinstance(data, bytes) else b"")
    sys.stdout.buffer.flush()
    report = _severe(outcome.report, arguments)
    _print(report, work, arguments, cwd, aside=True)
    return status(report, arguments, work.config)


def _diff(work: Session, arguments: Namespace, cwd: Path) -> int:
    """What a repair would change; the report of what it would leave goes to standard error."""
    from neonlint.report import diff, summary  # noqa: PLC0415 -- difflib is seldom needed

    report, found = session.differences(work, "unsafe" if arguments.unsafe_fixes else "safe")
    report = _severe(report, arguments)
    shown = session.shown_from(cwd, work.root)
    style = Style(arguments.output_file is None and wants_color(arguments.color, sys.stdout, os.environ))
    put((line for one in found for line in diff.lines(one.path, one.old, one.new, style)), arguments.output_file)
    if not arguments.quiet:
        told = (summary.held_back, summary.older, summary.hidden)
        left = ", ".join(filter(None, (f"{len(report.findings)} would be left", *(tell(report) for tell in told))))
        note(f"would repair {summary.repaired(report)}, {left}; nothing was written")
        skipped = _reasons((skip for skip in report.skipped if not summary.quiet(skip)), shown)
        for text in (*summary.refusals(report, shown), *skipped, *report.notes):
            note(text)
    _further(report, _view(work, arguments, cwd), arguments)
    return status(report, arguments, work.config, changes=bool(found))


def _reasons(skipped: Iterable[Skip], shown: Callable[[str], str]) -> Iterator[str]:
    return (f"not checked: {render(shown(skip.path))}: {skip.reason}: {scrub(skip.detail)}" for skip in skipped)


def _show_files(work: Session, arguments: Namespace) -> int:
    """The files that a run would read, and those that it would not, with the reasons."""
    read = [(file, _content(work, file)) for file in work.found.files]
    skipped = [*work.found.skipped, *(data for _, data in read if isinstance(data, Skip))]
    files = [file for file, data in read if not isinstance(data, Skip)]
    if work.config.output_format == "json":
        put(_files_as_json(files, skipped), arguments.output_file)
        return 0
    shown = session.shown_from(Path.cwd(), work.root)
    put(
        [
            *(render(shown(file.path)) + ("  (git-ignored)" if file.ignored_env else "") for file in files),
            *_reasons(skipped, shown),
        ],
        arguments.output_file,
    )
    return 0


def _content(work: Session, file: discover.FoundFile) -> bytes | Skip:
    given = work.given.get(file.path)
    return discover.read(work.root, file, discover.limit_of(file.path, work.config)) if given is None else given


def _files_as_json(files: Iterable[discover.FoundFile], skipped: Iterable[Skip]) -> Iterator[str]:
    from neonlint.report.entries import encodable  # noqa: PLC0415 -- only for this format
    from neonlint.report.json import written  # noqa: PLC0415 -- as above

    listed = [{"path": encodable(f.path), "tracked": f.tracked, "ignored_env": f.ignored_env} for f in files]
    left = [{"path": encodable(s.path), "reason": s.reason, "detail": scrub(s.detail)} for s in skipped]
    yield from written({"schema": "neonlint/1", "files": listed, "skipped": left}).splitlines()
