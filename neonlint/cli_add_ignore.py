"""`check --add-ignore[=REASON]`: a comment for every finding that is left, then the report of what still is."""

from __future__ import annotations

from argparse import Namespace
from itertools import groupby
from pathlib import Path

from neonlint import ignore_comments, rulebook, session
from neonlint.cli_output import note
from neonlint.errors import UsageError
from neonlint.ir.findings import Report, Skip
from neonlint.records import replace
from neonlint.report.summary import plural
from neonlint.session import Session
from neonlint.write import replace_file


def run(work: Session, arguments: Namespace) -> Report:
    """Write the comments; returns the report of the files as they are then."""
    why = ignore_comments.reason(arguments.add_ignore)
    if work.config.require_reason and not why:
        raise UsageError("this project requires reasons (`require-reason`); write --add-ignore=REASON")
    before, book = session.judge(work).report, rulebook.load(work.config.extend_rules)
    shown, files, covered = session.shown_from(Path.cwd(), work.root), 0, 0
    unwritten: list[Skip] = []
    for path, of_file in groupby(before.findings, key=lambda finding: finding.path):
        source = before.sources.get(path)
        written = ignore_comments.write(path, source.data if source else b"", of_file, book, why)
        refused = replace_file(work.root, path, source.data if source else b"", written.data)
        if refused is not None:
            unwritten.append(refused)
        elif written.covered:
            files, covered = files + 1, covered + len(written.covered)
        for row, of_row in groupby(sorted(written.left, key=lambda f: f.row), key=lambda f: f.row):
            codes = ", ".join(sorted({finding.code for finding in of_row}))
            note(f"{shown(path)}:{row}: no comment can stand here for {codes}; use `per-file-ignores` or a baseline")
    if not arguments.quiet:
        note(f"comments for {plural(covered, 'finding')} in {plural(files, 'file')} were written")
    after = session.judge(work).report
    return replace(after, skipped=[*after.skipped, *unwritten])
