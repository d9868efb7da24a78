"""The command `config`: what can be configured, and what is configured here."""

from __future__ import annotations

import difflib
import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neonlint import cli_settings, discover, session
from neonlint.cli_output import put
from neonlint.config import Config, check_rule_ids
from neonlint.errors import UsageError
from neonlint.report.redact import scrub
from neonlint.report.render import render

if TYPE_CHECKING:
    from neonlint.config_declared import Kind

_ABOUT = """\
Without arguments it lists the settings. `neonlint config KEY` tells one in full; `--show-settings` prints
those that hold here (or for FILE), each with the line that it comes from; `--schema` prints the JSON
Schema of neonlint.toml for an editor. Values of `assume` are not shown."""

#: What the tables of declarations say of a file.
_DECLARED: Mapping[str, Kind] = {"declared_role": "roles", "declared_runtime": "runtimes"}

EXIT = ("printed",)


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint config` takes."""
    parser.description = f"{parser.description}\n\n{_ABOUT}"
    parser.add_argument("key", nargs="?", metavar="KEY", help="a setting, such as fail-on")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--show-settings", nargs="?", const=".", metavar="FILE", help="the settings that hold for FILE (default: here)"
    )
    kind.add_argument("--schema", action="store_true", help="the JSON Schema of a configuration file")
    parser.add_argument("--output-format", choices=("text", "json"), default="text")
    cli_settings.flags(parser)


def run(arguments: Namespace) -> int:
    """Print what is asked for; returns the exit status."""
    if arguments.key and (arguments.show_settings or arguments.schema):
        raise UsageError("KEY goes without --show-settings and --schema; leave it out")
    if arguments.schema:
        from neonlint.config_values import SCHEMA  # noqa: PLC0415 -- as the rest, for this flag alone

        put(SCHEMA.read_text(encoding="utf-8").splitlines(), None)
    elif arguments.show_settings:
        put(_shown(arguments), None)
    else:
        put(_reference(arguments), None)
    return 0


def _reference(arguments: Namespace) -> Iterator[str]:
    from neonlint import config_page  # noqa: PLC0415 -- pydantic is not needed for `--help`
    from neonlint.cli import _columns  # noqa: PLC0415 -- it imports this module

    known, key = config_page.settings(), arguments.key
    if key is not None and key not in known:
        near = difflib.get_close_matches(key.lower().replace("_", "-"), known, n=1)
        rest = f"did you mean `{near[0]}`?" if near else "`neonlint config` lists them"
        raise UsageError(f"there is no setting `{scrub(key)}`; {rest}")
    if arguments.output_format == "json":
        whole: Mapping[str, Any] = {"settings": known} if key is None else {"settings": {key: known[key]}}
        yield from json.dumps({"schema": "neonlint-config/1", **whole}, indent=2).splitlines()
    elif key is None:
        yield from config_page.listed(_columns())
    else:
        yield from config_page.as_text(key, _columns())


def _shown(arguments: Namespace) -> Iterator[str]:
    from neonlint import config_shown, rulebook  # noqa: PLC0415 -- as above

    cwd, path = Path.cwd(), arguments.show_settings
    if not os.path.lexists(cwd / path):
        raise UsageError(f"{scrub(path)}: there is no such file or directory")
    config = cli_settings.read(arguments, [path], cwd)
    check_rule_ids(config, rulebook.load(config.extend_rules))
    found, place = list(config_shown.of(config)), _place(cwd)
    about = _of_file(path, config, cwd) if Path(cwd / path).is_file() else {}
    files = [place(name) for name in config_shown.files(config)]
    if arguments.output_format == "json":
        whole = {"schema": "neonlint-settings/1", "path": path, "files": files}
        yield from json.dumps(
            {**whole, "settings": config_shown.as_json(found, place), "file": about}, indent=2
        ).splitlines()
        return
    yield f"# {render(path)}: {', then '.join(files) or 'no configuration file'}"
    yield from (scrub(line) for line in config_shown.as_text(found, place))
    yield from (f"# {key.replace('_', ' ')}: {scrub(str(value))}" for key, value in about.items())


def _of_file(path: str, config: Config, cwd: Path) -> dict[str, Any]:
    """What the settings come to for one file."""
    from neonlint.config_declared import Declared  # noqa: PLC0415 -- as above

    root = Path(os.path.realpath(discover.project_root(discover.start_directory([path], cwd))))
    name = os.path.relpath(os.path.realpath(cwd / path), root).replace(os.sep, "/")
    excluded = config.excludes(root)
    off = ", ".join(dict.fromkeys(config.file_ignores(root)(name)))
    about = {"left_out": "yes" if excluded and excluded(name) else "no", "rules_ignored": off or "none"}
    declared = Declared(config, root.as_posix())
    return about | {
        word: f"{found[0].value}, by `{found[0].written}`"
        for word, kind in _DECLARED.items()
        if (found := declared.covering(kind, name))
    }


def _place(cwd: Path) -> Callable[[str], str]:
    """How a place is shown: as seen from `cwd` where it is in the same project, else absolute."""
    shown = session.shown_from(cwd, cwd)

    def place(at: str) -> str:
        if not os.path.isabs(at):  # noqa: PTH117 -- with a row behind it this is no path
            return at
        return render(shown(os.path.relpath(at, cwd)))

    return place
