"""The command `rule`: the page of one rule, or all of them."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

from neonlint import cli_settings, rulebook, rulepage
from neonlint.cli_output import put
from neonlint.errors import UsageError
from neonlint.rulebook import Rule, Rulebook

_FORMATS = ("text", "json", "markdown")

EXIT = ("printed",)


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint rule` takes."""
    parser.add_argument("rule", nargs="?", metavar="CODE|NAME", help="a code, a name, or a prefix such as NL1")
    parser.add_argument("--all", action="store_true", help="all rules: a list as text, whole pages as JSON or Markdown")
    parser.add_argument("--output-format", choices=_FORMATS, default="text")
    cli_settings.flags(parser)


def run(arguments: Namespace) -> int:
    """Print the pages that are asked for; returns the exit status."""
    if arguments.all == (arguments.rule is not None):
        raise UsageError("name one rule, or ask for --all; `neonlint rule --all` lists the codes")
    book = rulebook.load(cli_settings.read(arguments, [], Path.cwd()).extend_rules)
    rules = book.rules if arguments.all else _named(book, arguments.rule)
    put(_pages(rules, arguments.output_format, single=arguments.rule is not None and len(rules) == 1), None)
    return 0


def _named(book: Rulebook, word: str) -> Sequence[Rule]:
    """The rules of a code, a name or a prefix; raises UsageError with the nearest known name."""
    codes = book.select([word])
    return [rule for rule in book.rules if rule.code in codes]


def _pages(rules: Sequence[Rule], output_format: str, single: bool) -> Iterator[str]:
    if output_format == "json":
        pages = [rulepage.as_json(rule, rulebook.details(rule)) for rule in rules]
        yield from json.dumps(pages[0] if single else pages, indent=2).splitlines()
    elif output_format == "markdown":
        for rule in rules:
            yield from rulepage.as_markdown(rule, rulebook.details(rule)).splitlines()
    elif single:
        yield from rulepage.as_text(rules[0], rulebook.details(rules[0])).splitlines()
    else:
        width = max((len(rule.name) for rule in rules), default=0)
        yield from (f"{rule.code}  {rule.name:{width}}  {rule.severity:7}  {rule.summary}" for rule in rules)
