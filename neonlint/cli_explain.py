"""The command `explain`: which connection errors a text holds, what they mean on Neon, and what here causes them."""

from __future__ import annotations

import json
import os
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neonlint import cli_settings, explain_catalogue, explain_page, rulebook
from neonlint.cli_output import note, put
from neonlint.config import Config
from neonlint.errors import UsageError
from neonlint.explain_catalogue import Explanation
from neonlint.explain_match import Seen, decoded, look
from neonlint.explain_page import Page
from neonlint.report.render import render
from neonlint.rulebook import Rulebook

if TYPE_CHECKING:
    from neonlint.explain_project import Place

_FORMATS = ("text", "json", "markdown")
_STDIN = "-"
_RULE_CODE = re.compile(r"NL[0-9]{0,3}")
_EXIT_CODES = """\
exit status:
  0  an error was recognised
  1  the text holds no known error
  2  wrong usage
"""
_UNKNOWN = (
    "no known connection error in this text",
    "  `neonlint explain --all` lists those that are known. Give the lines around the first failure, not the last one;",
    "  if Neon or a driver says it, please open an issue with the message (without passwords).",
)

EXIT = ("an error was recognised", "the text holds no known connection error")


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint explain` takes."""
    parser.epilog = _EXIT_CODES
    parser.add_argument(
        "text",
        nargs="*",
        metavar="TEXT",
        help="the error in quotes, a name from --all, or a rule; - or nothing reads a log from standard input",
    )
    parser.add_argument("--all", action="store_true", help="list all known errors; whole pages as JSON or Markdown")
    parser.add_argument("--no-project", action="store_true", help="do not look for causes in the project around here")
    parser.add_argument("--output-format", choices=_FORMATS, default="text")
    cli_settings.flags(parser)


def run(arguments: Namespace) -> int:
    """Print what the text holds; returns 0 if that is something, else 1."""
    words: Sequence[str] = arguments.text
    if arguments.all and words:
        raise UsageError("--all lists every known error; leave the text out")
    config = _project(arguments)
    book, catalogue = rulebook.load(config.extend_rules if config else ()), explain_catalogue.load()
    if arguments.all:
        _print([_page(one, book) for one in catalogue.values()], arguments, whole=True)
        return 0
    if len(words) == 1 and (_RULE_CODE.fullmatch(words[0]) or book.find(words[0])):
        return _rule(words[0], arguments)
    if len(words) == 1 and (one := catalogue.get(words[0])):
        _print([_page(one, book, here=_here([one], config))], arguments)
        return 0
    seen = look(_chunks(words), catalogue.values())
    here = _here([one.explanation for one in seen], config)
    _print([_page(one.explanation, book, one, here) for one in seen], arguments)
    return 0 if seen else 1


def _project(arguments: Namespace) -> Config | None:
    """The settings of the project around here, None where it is not to be looked at; a configuration that cannot be
    used does not keep the answer back, unless it was named."""
    if arguments.no_project:
        return None
    try:
        config = cli_settings.read(arguments, [], Path.cwd())
        rulebook.load(config.extend_rules)
    except UsageError as error:
        if arguments.config:
            raise
        note(f"the project was not looked at: {str(error).splitlines()[0]}")
        return None
    return config


def _rule(word: str, arguments: Namespace) -> int:
    from neonlint import cli_rule  # noqa: PLC0415 -- an error needs no pages of rules

    kind, given, isolated = arguments.output_format, arguments.config, arguments.isolated
    return cli_rule.run(Namespace(rule=word, all=False, output_format=kind, config=given, isolated=isolated))


def _page(
    one: Explanation, book: Rulebook, seen: Seen | None = None, here: Mapping[str, Sequence[Place]] | None = None
) -> Page:
    names = {code: rule.name for cause in one.causes for code in cause.rules if (rule := book.find(code))}
    return Page(one, names, seen, here)


def _chunks(words: Sequence[str]) -> Iterator[str]:
    """The text that is to be looked through."""
    if _STDIN in words and len(words) > 1:
        raise UsageError("`-` stands for standard input and cannot be joined with a text; run neonlint twice")
    if not words and sys.stdin.isatty():
        raise UsageError('give the error in quotes, or a log on standard input: `neonlint explain "…"`, `… < app.log`')
    if not words or words[0] == _STDIN:
        return decoded(sys.stdin.buffer)
    if len(words) == 1 and os.path.isfile(words[0]):  # noqa: PTH113 -- takes any text for a path without an error
        raise UsageError(f"{render(words[0])} is a file; `neonlint explain < {render(words[0])}` reads it")
    return iter([" ".join(words)])


def _here(found: Sequence[Explanation], config: Config | None) -> Mapping[str, Sequence[Place]] | None:
    """What of the causes the project holds."""
    if config is None or not found:
        return None
    from neonlint import explain_project  # noqa: PLC0415 -- the engine, which --no-project and --all need not load

    codes = {code for one in found for cause in one.causes for code in cause.rules}
    try:
        return explain_project.findings(codes, Path.cwd(), config)
    except UsageError as error:
        note(f"the project was not looked at: {str(error).splitlines()[0]}")
        return None


def _print(pages: Sequence[Page], arguments: Namespace, *, whole: bool = False) -> None:
    put(_lines(pages, arguments, whole), None)


def _lines(pages: Sequence[Page], arguments: Namespace, whole: bool) -> Iterator[str]:
    lines = arguments.text in ([], [_STDIN]) and not whole
    if arguments.output_format == "json":
        report = {"schema": "neonlint-explain/1", "errors": [explain_page.as_json(page) for page in pages]}
        yield from json.dumps(report, indent=2, ensure_ascii=False).splitlines()
    elif not pages:
        yield from _UNKNOWN
    elif whole and arguments.output_format == "text":
        yield from explain_page.listed(page.explanation for page in pages)
    else:
        shown = explain_page.as_text if arguments.output_format == "text" else explain_page.as_markdown
        for number, page in enumerate(pages):
            yield from [""] * bool(number)
            yield from shown(page, lines=lines)
        if arguments.output_format == "text" and (footer := _footer(pages)):
            yield from ("", footer)


def _footer(pages: Sequence[Page]) -> str:
    """What was found in the project, if anything was looked for there."""
    if all(page.here is None or not any(cause.rules for cause in page.explanation.causes) for page in pages):
        return ""
    if any(places for page in pages for _, places in page.causes()):
        return ""
    return "None of these rules finds anything in this project."
