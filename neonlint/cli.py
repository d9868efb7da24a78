"""The command line: commands, flags, help. What a command does is in a module of its own, imported when it runs; there
all but `check` and `fix` keep their flags, too."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import neonlint
from neonlint import cli_means, cli_settings
from neonlint.errors import UsageError

_EXIT_CODES = """\
exit status:
  0    nothing found at or above --fail-on, or all of it repaired
  1    findings are left (with --diff: something would change)
  2    wrong usage or configuration; a file that could not be read or written, or changed meanwhile; internal error
  130  interrupted (SIGINT); 143 terminated (SIGTERM)
  The same for every output format. --exit-zero turns 1 into 0, never 2.
"""
_BASELINE = (
    "What `neonlint baseline create` wrote down is neither reported nor repaired, only counted,\n"
    "until its line or its host changes. No run of `check` or `fix` writes the baseline."
)
_FORMATS = (
    *("full", "concise", "grouped", "json", "json-lines"),
    *("sarif", "github", "gitlab", "junit", "rdjson", "markdown"),
)
#: What exit statuses 0 and 1 of the other commands mean is said in their modules (`EXIT`).
_COMMAND_EXIT = """\
exit status:
{own}
  2    wrong usage or configuration; a file that could not be read or written; internal error
  130  interrupted (SIGINT); 143 terminated (SIGTERM)
"""
#: Command to its module, which has `EXIT`, `flags(parser)` and `run(arguments)`, and what it does.
_COMMANDS = {
    "generate": ("cli_generate", "print the right configuration for a framework, driver or tool"),
    "explain": ("cli_explain", "say what a connection error means on Neon and what causes it"),
    "map": ("cli_map", "show what connects to what in a project"),
    "pool": ("cli_pool", "work out whether the pools of an application fit a compute"),
    "init": ("cli_init", "set a repository up: configuration, pre-commit hook, CI step"),
    "config": ("cli_config", "show what can be configured, and what is configured here"),
    "baseline": ("cli_baseline", "keep the findings that a project lives with for now, so that only new ones fail"),
    "clean": ("cli_clean", "remove the cache of a project"),
    "rule": ("cli_rule", "explain a rule, or list all"),
    "trace": ("cli_trace", "say why a rule found something in a file, or did not"),
    "rules": ("cli_rules", "write a rule of your own, and test such rules by their examples"),
    "server": ("cli_server", "serve an editor over the language server protocol"),
    "completion": ("cli_completion", "print a script that completes neonlint's commands and flags in a shell"),
}


class _Parser(argparse.ArgumentParser):
    """Quotes what it does not understand, but no password: people paste into the wrong place."""

    def error(self, message: str) -> NoReturn:
        from neonlint.report.redact import scrub  # noqa: PLC0415
        from neonlint.report.render import guard  # noqa: PLC0415

        super().error(guard(os.environ.get("GITHUB_ACTIONS") == "true")(scrub(message)))


class _Help(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal, which argparse asks for with every flag, and through shutil (2 ms)."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else 80
    except (OSError, ValueError):
        return 80


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Errors of usage are printed, others are for the caller."""
    arguments = _parse(argv)
    try:
        if arguments.command in _COMMANDS:
            return int(_module(arguments.command).run(arguments))
        if arguments.command == "version":
            return _version(arguments)
        from neonlint import cli_check  # noqa: PLC0415

        return cli_check.run(arguments)
    except UsageError as error:
        from neonlint.cli_output import put  # noqa: PLC0415
        from neonlint.report.redact import scrub  # noqa: PLC0415

        first, *more = map(scrub, str(error).splitlines() or [""])
        put([f"neonlint: error: {first}", *(f"  {line}" for line in more)], None, stream=sys.stderr)
        return 2


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Flags may stand before, between and behind paths, which argparse alone cannot do for a command."""
    words = _with_equals(sys.argv[1:] if argv is None else argv)
    parser = build_parser(words[0] if words else None)
    arguments, rest = parser.parse_known_args(words)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        raise SystemExit(2)
    if rest and (not hasattr(arguments, "paths") or any(word.startswith("-") for word in rest)):
        unknown = next((word for word in rest if word.startswith("-")), rest[0])
        parser.error(f"unrecognized argument: {unknown}; see `neonlint {arguments.command} --help`")
    if rest:
        arguments.paths += rest
    return arguments


def _with_equals(words: Sequence[str]) -> Sequence[str]:
    """`--add-ignore` takes its reason behind `=` only: a path may follow it."""
    return [f"{word}=" if word == "--add-ignore" else word for word in words]


def _module(command: str) -> ModuleType:
    return import_module(f"neonlint.{_COMMANDS[command][0]}")


def _version(arguments: argparse.Namespace) -> int:
    if arguments.output_format == "json":
        print(f'{{"name": "neonlint", "version": "{neonlint.__version__}"}}')
    else:
        print(f"neonlint {neonlint.__version__}")
    return 0


def build_parser(command: str | None = None, *, whole: bool = False) -> argparse.ArgumentParser:
    """Every command; those but `check` and `fix` have their flags only where `command` names them (each costs 0.05 ms),
    or `whole` asks for all."""
    parser = _Parser(
        prog="neonlint",
        description=neonlint.__doc__,
        epilog=_EXIT_CODES,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.add_argument("-V", "--version", action="version", version=f"neonlint {neonlint.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    check = _command(commands, "check", "check files and report what breaks the connection policy")
    if command != "fix":
        _run_flags(check)
        check.add_argument(
            "--fix", action="store_true", help="repair what can be repaired (the same as `neonlint fix`)"
        )
        check.add_argument(
            "--add-ignore",
            metavar="[=REASON]",
            help="write a `neonlint: ignore[…]` comment for every finding, above its line (behind it where nothing can"
            " stand above)",
        )
    fix = _command(commands, "fix", "repair files in place and report what is left")
    if command != "check":
        _run_flags(fix)
    for name, (_, help_) in _COMMANDS.items():
        added = _command(commands, name, help_)
        if whole or command == name:
            module = _module(name)
            own = "\n".join(f"  {status}    {meaning}" for status, meaning in enumerate(module.EXIT))
            added.epilog = _COMMAND_EXIT.format(own=own)
            module.flags(added)
    version = _command(commands, "version", "print the version")
    version.add_argument("--output-format", choices=("text", "json"), default="text")
    return parser


def _command(commands: argparse._SubParsersAction[_Parser], name: str, help_: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=help_,
        description=help_[0].upper() + help_[1:] + ".",
        epilog=_EXIT_CODES,
        formatter_class=_Help,
        allow_abbrev=False,
    )


def _run_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATHS", help="files and directories (default: .), or - for standard input"
    )
    parser.add_argument(
        "--stdin-filename", metavar="PATH", help="the name that standard input is checked as; it decides the format"
    )
    _repair_flags(parser.add_argument_group("repairs"))
    _rule_selection(parser.add_argument_group("rules"))
    _baseline_flags(parser.add_argument_group("baseline", _BASELINE))
    _file_selection(parser.add_argument_group("files and configuration"))
    _output_flags(parser.add_argument_group("output"))
    cli_means.flags(parser.add_argument_group("speed", cli_means.ABOUT))
    _status_flags(parser.add_argument_group("exit status"))


def _repair_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--diff", action="store_true", help="show what a repair would change (passwords as ***); write nothing"
    )
    group.add_argument(
        "--unsafe-fixes", action="store_true", help="also make repairs that may change what a program does"
    )
    words = {"action": "append", "metavar": "RULES"}
    group.add_argument("--fixable", **words, help="repair only what these rules find")  # type: ignore[arg-type]
    group.add_argument("--unfixable", **words, help="do not repair what these rules find")  # type: ignore[arg-type]


def _rule_selection(group: argparse._ArgumentGroup) -> None:
    words = {"action": "append", "metavar": "RULES"}
    group.add_argument("--select", **words, help="only these rules: codes, names, prefixes, or ALL; comma-separated")  # type: ignore[arg-type]
    group.add_argument("--extend-select", **words, help="also these, where others are selected")  # type: ignore[arg-type]
    group.add_argument("--ignore", **words, help="without these rules")  # type: ignore[arg-type]
    group.add_argument(
        "--no-ignores", action="store_true", help="take no notice of inline `neonlint: ignore[…]` comments"
    )


def _baseline_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--baseline", metavar="FILE", help="another baseline than .neonlint-baseline.toml at the root")
    group.add_argument("--no-baseline", action="store_true", help="report and repair what the baseline lets pass, too")
    group.add_argument(
        "--strict-baseline",
        action=argparse.BooleanOptionalAction,
        help="report what the baseline has and is no longer found (NL904)",
    )


def _file_selection(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--exclude", action="append", metavar="PATTERNS", help="leave out what matches, instead of what `exclude` says"
    )
    group.add_argument(
        "--extend-exclude", action="append", metavar="PATTERNS", help="also leave out what matches; comma-separated"
    )
    group.add_argument("--force-exclude", action="store_true", help="leave out excluded files even when they are named")
    group.add_argument("--staged", action="store_true", help="check what is staged, as git's index has it; reads only")
    group.add_argument("--diff-base", metavar="REF", help="only findings that are new since the branch left REF")
    cli_settings.flags(group)
    group.add_argument("--error-on-unmatched", action="store_true", help="fail where one of PATHS stands for no file")
    group.add_argument("--show-files", action="store_true", help="list the files that would be checked, and stop")


def _output_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--output-format",
        choices=_FORMATS,
        metavar="FORMAT",
        help=f"{', '.join(_FORMATS)}; default: NEONLINT_OUTPUT_FORMAT, then full",
    )
    group.add_argument("-o", "--output-file", type=_file, metavar="FILE", help="write the report to FILE")
    group.add_argument(
        "--report",
        action="append",
        type=_report,
        metavar="FORMAT=PATH",
        help="also write the report in another format, to a file or (-) standard output; repeatable",
    )
    group.add_argument(
        "--min-severity",
        choices=("error", "warning", "info"),
        help="only count milder findings: they are not shown, and never fail",
    )
    group.add_argument(
        "--suppressed",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether SARIF has, marked as suppressed, what comments and the baseline let pass (default: yes); "
        "GitHub's code scanning would show it as open alerts",
    )
    group.add_argument("--statistics", action="store_true", help="show how often each rule found something")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    group.add_argument("-q", "--quiet", action="store_true", help="print findings only, no summary and no notes")


def _report(text: str) -> tuple[str, Path | None]:
    """What `--report` is given: a format, and a file or None for standard output."""
    kind, _, path = text.partition("=")
    if kind not in _FORMATS or not path:
        raise argparse.ArgumentTypeError(f"write FORMAT=PATH, where FORMAT is one of {', '.join(_FORMATS)}")
    return kind, _file(path)


def _file(text: str) -> Path | None:
    """A file to write to, None for standard output."""
    if not text:
        raise argparse.ArgumentTypeError("is empty; name a file, or write - for standard output")
    return None if text == "-" else Path(text)


def _status_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--fail-on",
        choices=("error", "warning", "info", "never"),
        help="the mildest severity that fails; default: warning",
    )
    group.add_argument("--strict", action="store_true", help="exit with 2 if a file was skipped or could not be parsed")
    group.add_argument("-e", "--exit-zero", action="store_true", help="exit with 0 even if there are findings")
    group.add_argument("--exit-non-zero-on-fix", action="store_true", help="exit with 1 if anything was repaired")
