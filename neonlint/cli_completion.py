"""The command `completion`: a script that lets a shell complete commands, flags, choices and rule codes."""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator

from neonlint import rulebook
from neonlint.cli_output import put

EXIT = ("printed",)
_SHELLS = ("bash", "zsh", "fish")
#: What takes rule codes, by its name in the parsed arguments.
_CODES = frozenset({"select", "ignore", "fixable", "unfixable", "rule"})


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint completion` takes."""
    parser.add_argument("shell", choices=_SHELLS)


def run(arguments: Namespace) -> int:
    """Print the script for a shell; returns the exit status."""
    import shtab  # noqa: PLC0415 -- for this command only

    from neonlint import cli  # noqa: PLC0415 -- the command line imports its commands

    parser = cli.build_parser(whole=True)
    codes = [rule.code for rule in rulebook.load().rules]
    for action in _actions(parser):
        if action.dest in _CODES and action.choices is None:
            action.choices = codes
    put(shtab.complete(parser, shell=arguments.shell).splitlines(), None)
    return 0


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for command in action.choices.values():
                yield from _actions(command)
        else:
            yield action
