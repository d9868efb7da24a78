"""The command `trace`: why a rule found something in a file, or did not."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from neonlint import cli_settings, rulebook, session
from neonlint.cli_output import note, put
from neonlint.config import check_rule_ids
from neonlint.errors import UsageError
from neonlint.ir.findings import FATAL
from neonlint.report.redact import scrub

EXIT = ("told",)


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint trace` takes."""
    parser.add_argument("file", metavar="FILE", help="the file; the project around it is its context")
    parser.add_argument(
        "--rule", metavar="RULES", help="only these rules, step by step: a code, a name, or a prefix such as NL1"
    )
    parser.add_argument("--output-format", choices=("text", "json"), default="text")
    cli_settings.flags(parser)


def run(arguments: Namespace) -> int:
    """Print the trace; returns the exit status."""
    from neonlint import trace  # noqa: PLC0415 -- `trace --help` needs no engine

    cwd = Path.cwd()
    if not (cwd / arguments.file).is_file():
        raise UsageError(f"{arguments.file}: not a file; name one, and with --rule the rule that you wonder about")
    config = cli_settings.read(arguments, [arguments.file], cwd)
    work = session.open_session([arguments.file], config, cwd)
    book = rulebook.load(config.extend_rules)
    check_rule_ids(config, book)
    codes = book.select([arguments.rule] if arguments.rule else ["ALL"])
    told = trace.of_file(work, book, codes)
    for skip in told.skipped:
        note(f"not checked: {skip.path}: {skip.reason}: {scrub(skip.detail)}")
    if arguments.output_format == "json":
        put(json.dumps(trace.as_json(told), indent=2).splitlines(), None)
    else:
        put(trace.as_text(told, whole=arguments.rule is not None), None)
        if not any(about.judged for about in told.subjects):
            note("nothing is seen in this file that these rules speak about")
    return 2 if any(skip.reason in FATAL for skip in told.skipped) else 0
