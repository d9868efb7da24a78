"""The command `baseline`: write down the findings that a project lives with, show them, take out what is gone."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from neonlint import baseline, baseline_move, cli_settings, discover, rulebook, session, write
from neonlint.baseline import Baseline, Entry
from neonlint.baseline_move import Places
from neonlint.cli_output import note, put
from neonlint.config import Config
from neonlint.engine_run import BASELINE
from neonlint.errors import UsageError
from neonlint.ir.findings import FATAL, Report, Skip
from neonlint.records import replace
from neonlint.report.redact import scrub
from neonlint.report.render import render
from neonlint.report.summary import plural

_ABOUT = """\
create writes down every finding of the whole project; from then on `check` and `fix` neither
report nor repair it, they only count it. Commit the file, and come back to it.
show lists what is in it. prune takes out what is no longer found; of files that cannot be read,
of rules that are off, and of env files that are not here everything is kept. move OLD NEW
follows a file or directory that was renamed: its findings that are otherwise the same stay old.

A finding is known by its rule, file, name and host, and by its line without white space and
passwords: rotating a password and moving lines change nothing, while another host, or another
parameter on that line, is a new finding. That goes for repairs of other findings, too."""

EXIT = ("done",)


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint baseline` takes."""
    parser.description = f"{parser.description}\n\n{_ABOUT}"
    parser.add_argument("action", choices=("create", "show", "prune", "move"))
    parser.add_argument("places", nargs="*", metavar="OLD NEW", help="move: where a file or directory was, and is")
    parser.add_argument("--baseline", metavar="FILE", help=f"another file than {BASELINE} at the project root")
    parser.add_argument("--force", action="store_true", help="create: write it anew where there is one")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="of show")
    cli_settings.flags(parser)


def run(arguments: Namespace) -> int:
    """Create, show or prune the baseline of the project around the current directory; returns the exit status."""
    cwd = Path.cwd()
    root = Path(os.path.realpath(discover.project_root(cwd)))
    config = cli_settings.read(arguments, [], cwd)
    if arguments.force and arguments.action != "create":
        raise UsageError("--force is for `neonlint baseline create`; leave it out")
    place = os.path.realpath(cwd / arguments.baseline) if arguments.baseline else config.baseline or BASELINE
    path = _relative(root / place, root)
    if len(arguments.places) != (2 if arguments.action == "move" else 0):
        raise UsageError("`neonlint baseline move OLD NEW` takes two places, the other actions take none")
    if arguments.action == "move":
        return _move(root, config, path, Places(*(_relative(cwd / place, root) for place in arguments.places)))
    if arguments.action == "show":
        put(_shown(baseline.load(root, path), arguments.output_format), None)
        return 0
    return _create(root, config, path, arguments.force) if arguments.action == "create" else _prune(root, config, path)


def _create(root: Path, config: Config, path: str, force: bool) -> int:
    if os.path.lexists(root / path) and not force:
        raise UsageError(
            f"{scrub(path)}: exists; `neonlint baseline prune` takes out what is gone, --force writes it anew"
        )
    report = session.judge(session.open_session([], replace(config, baseline=""), root)).report
    entries = baseline.of(report.findings, report.sources)
    if not entries and not force:
        put([f"nothing was found in {plural(report.files_checked, 'file')}, so no baseline is needed"], None)
        return _status(report)
    _write(root, path, entries)
    files = plural(len({entry.path for entry in entries}), "file")
    put([f"written: {render(path)}: {plural(len(report.findings), 'finding')} in {files}; commit it"], None)
    if os.path.realpath(root / path) != os.path.realpath(root / (config.baseline or BASELINE)):
        note(f'`check` and hooks read it once the configuration says `baseline = "{scrub(path)}"`')
    return _status(report)


def _prune(root: Path, config: Config, path: str) -> int:
    before = baseline.load(root, path)
    outcome = session.judge(session.open_session([], replace(config, baseline=path), root))
    gone = {entry._replace(count=0): entry.count for entry in outcome.stale}
    after = [e._replace(count=e.count - gone.get(e._replace(count=0), 0)) for e in before.entries]
    left = [entry for entry in after if entry.count]
    if outcome.stale:
        _write(root, path, left, before.text)
    put((f"taken out: {_line(entry)}" for entry in outcome.stale), None)
    put([f"{plural(_total(outcome.stale), 'finding')} taken out, {_total(left)} left in {render(path)}"], None)
    return _status(outcome.report)


def _move(root: Path, config: Config, path: str, places: Places) -> int:
    before = baseline.load(root, path)
    old, new = map(scrub, places)
    of_old = [entry for entry in before.entries if baseline_move.within(entry.path, baseline.name_of(places.old))]
    going = [entry for entry in of_old if not os.path.lexists(root / entry.path)]
    if not going:
        cause = f"{old} is still there, so its findings are its own" if of_old else f"it has no findings of {old}"
        raise UsageError(f"{scrub(path)}: {cause}; nothing was moved")
    report = session.judge(session.open_session([], replace(config, baseline=path), root)).report
    others = [entry for entry in before.entries if entry not in going]
    after = baseline_move.moved(going, others, places, report, rulebook.load(config.extend_rules).find)
    if after.found:
        _write(root, path, after.entries, before.text)
    put([f"moved: {plural(after.found, 'finding')} from {render(places.old)} to {render(places.new)}"], None)
    if after.left:
        note(
            f"{plural(after.left, 'finding')} of {old} not found in {new} as the baseline has it: mended, or new there"
        )
    return _status(report)


def _relative(place: Path, root: Path) -> str:
    return os.path.relpath(place, root).replace(os.sep, "/")


def _write(root: Path, path: str, entries: Sequence[Entry], old: bytes | None = None) -> None:
    """Make the file, or put it in the place of the one that holds `old`."""
    data = baseline.text(entries).encode()
    if old is None and os.path.lexists(root / path):
        try:
            old = (root / path).read_bytes()
        except OSError as error:
            raise UsageError(f"{scrub(path)}: cannot be read ({error.strerror})") from None
    refused = write.create_file(root, path, data) if old is None else write.replace_file(root, path, old, data)
    if refused is not None:
        raise UsageError(f"{scrub(path)}: {scrub(refused.detail)}")


def _shown(found: Baseline, output_format: str) -> Iterator[str]:
    if output_format == "json":
        whole = {"version": baseline.VERSION, "findings": [entry._asdict() for entry in found.entries]}
        yield from json.dumps(whole, indent=2).splitlines()
        return
    yield from map(_line, found.entries)
    rules = Counter[str]()
    for entry in found.entries:
        rules[entry.rule] += entry.count
    yield from ("", *(f"{count:>6}  {scrub(rule)}" for rule, count in rules.most_common())) if rules else ()
    files = plural(len({entry.path for entry in found.entries}), "file")
    yield f"{plural(_total(found.entries), 'finding')} in {files}"


def _line(entry: Entry) -> str:
    times = f" ({entry.count} times)" if entry.count > 1 else ""
    key = f" `{scrub(entry.key)}`" if entry.key else ""
    return f"{scrub(entry.path)}: {scrub(entry.rule)}{key}{times}"


def _total(entries: Sequence[Entry]) -> int:
    return sum(entry.count for entry in entries)


def _status(report: Report) -> int:
    """2 where a file could not be read: nobody knows what is in it."""
    fatal: list[Skip] = [skip for skip in report.skipped if skip.reason in FATAL]
    for skip in fatal:
        note(f"not checked: {skip.path}: {skip.reason}: {scrub(skip.detail)}")
    return 2 if fatal else 0
