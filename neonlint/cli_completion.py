"""The command `completion`: a script that lets a shell complete commands, flags, choices, files and rule codes."""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator, Sequence

from neonlint import rulebook
from neonlint.cli_output import put
from neonlint.regex import regex

EXIT = ("printed",)
_SHELLS = ("bash", "zsh", "fish")
#: What takes rule codes, by its name in the parsed arguments.
_CODES = frozenset({"select", "extend_select", "ignore", "fixable", "unfixable", "rule"})
#: What takes files and directories, by what the help calls it.
_FILES = frozenset({"FILE", "PATH", "PATHS", "FILE|KEY=VALUE", "FILE[:KEY]"})
_FOLDERS = frozenset({"DIR", "FOLDER"})
#: In zsh's terms: a flag with a value, and arguments that may be any number.
_ZSH_VALUE = regex(r'^  ["*{]*(?P<flags>-[\w,-]+)(?=[}"]*\[(?:[^\]\\]|\\.)*\]:)')
_ZSH_ANY = '  "(*)::'
#: In fish's terms: a flag whose value is a file, of which shtab's way knows nothing behind `=`.
_FISH_FILE = '-xka "(__fish_complete_path (commandline -ct))"'
#: Bash hands over `--flag=value` as three words.
_BASH = """
_neonlint() {
  local at cword=$COMP_CWORD words=()
  for at in "${!COMP_WORDS[@]}"; do
    if [[ ${COMP_WORDS[at]} != = ]]; then
      words+=("${COMP_WORDS[at]}")
    elif (( at == COMP_CWORD )); then
      words+=("")
    elif (( at < COMP_CWORD )); then
      (( cword -= 1 ))
    fi
  done
  local COMP_WORDS=("${words[@]}") COMP_CWORD=$cword
  _shtab_neonlint "$@"
}

complete -o bashdefault -F _neonlint neonlint"""


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint completion` takes."""
    parser.add_argument("shell", choices=_SHELLS)


def run(arguments: Namespace) -> int:
    """Print the script for a shell; returns the exit status."""
    import shtab  # noqa: PLC0415 -- for this command only

    from neonlint import cli  # noqa: PLC0415 -- the command line imports its commands

    parser = cli.build_parser(whole=True)
    for action in _actions(parser):
        action.choices = action.choices or _choices(action)
        if action.metavar in _FILES | _FOLDERS:
            kind = shtab.FILE if action.metavar in _FILES else shtab.DIRECTORY
            setattr(action, "complete", kind)  # noqa: B010 -- how shtab is told
        if action.dest == "add_ignore":
            action.nargs = 0  # its value stands behind `=`, the next word is none
    script = shtab.complete(parser, shell=arguments.shell).splitlines()
    if arguments.shell == "bash":
        script += _BASH.splitlines()
    elif arguments.shell == "zsh":
        script = [_for_zsh(line) for line in script]
    else:
        script = [line.replace(_FISH_FILE, "-rF") for line in script]
    put(script, None)
    return 0


def _choices(action: Action) -> Sequence[str] | None:
    """The words that an argument may be, where its parser does not know them."""
    if action.dest in _CODES:
        return [rule.code for rule in rulebook.load().rules]
    if action.dest == "target":
        from neonlint import targets  # noqa: PLC0415

        return list(targets.MODULES)
    if action.dest == "key":
        from neonlint import config_page  # noqa: PLC0415

        return list(config_page.settings())
    return None


def _for_zsh(line: str) -> str:
    """Flags take their value behind `=`, too, and each of several paths is completed."""
    if line.startswith(_ZSH_ANY):
        return f'  "*:{line.removeprefix(_ZSH_ANY)}'
    found = _ZSH_VALUE.match(line)
    if found is None:
        return line
    names = (f"{name}=" if name.startswith("--") else f"{name}+" for name in found["flags"].split(","))
    return line[: found.start("flags")] + ",".join(names) + line[found.end("flags") :]


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for command in action.choices.values():
                yield from _actions(command)
        else:
            yield action
