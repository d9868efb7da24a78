"""The command `rules`: write a rule of one's own, and hold such rules to their examples."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from neonlint import cli_settings, rulebook, rulebook_files
from neonlint.cli_output import note, put
from neonlint.errors import UsageError
from neonlint.report.redact import scrub
from neonlint.rulebook import Details, Rule, Rulebook, Vocabulary

EXIT = ("written, or every example is as it should be", "an example is not")
_FOLDER = "policies"

_SKELETON = """\
# A rule of your own. It is data: a condition over facts, a message, and examples that test and document it.
# The facts that `when`, `message` and `because` may name are listed in the documentation's page of facts.
code     = "{code}"
name     = "{name}"
summary  = "A connection to Neon leads to another region than ours"
# What the rule speaks about: connection, client, command, statement, log, dependency or setting.
subject  = "connection"
# error, warning or info.
severity = "error"
# A finding is made where this is true. Facts that cannot be seen leave it unknown, and nothing is found.
# There are and, or, not, == != < <= > >=, in ("a", "b"), is None.
when     = 'endpoint.neon and endpoint.region is not None and endpoint.region != "eu-central-1" and not file.test'
# The part of the connection that the finding points at.
at       = "host"
# {{fact}} and {{name}} are filled in.
message  = "`{{name}}` leads to {{endpoint.region}}"
rationale = \"\"\"
Say here what goes wrong otherwise, for the one whose commit it stops.
\"\"\"
# At least one https address where this is written down.
references = ["https://neon.com/docs/introduction/regions"]
# What to do. A rule that can repair has a [[fix]] instead, with title, safety ("safe" or "unsafe") and set.… or unset.
advice = "Use a project in eu-central-1"

# `bad` must give findings of this rule and of no other. With a fix, `good` is what it makes of them, byte for byte.
[[example]]
[example.bad]
".env" = "DATABASE_URL=postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=require&channel_binding=require\\n"

# `ok` must give none at all.
[[example]]
[example.ok]
".env" = "DATABASE_URL=postgresql://app:pw@ep-cool-rain-a1b2c3d4.c-2.eu-central-1.aws.neon.tech/db?sslmode=require&channel_binding=require\\n"
"""


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint rules` takes."""
    parts = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = parts.add_parser("new", help="write a commented rule file to start from", allow_abbrev=False)
    new.add_argument("name", metavar="NAME", help="code and name in one, such as ACME001-database-abroad")
    new.add_argument(
        "--folder",
        type=Path,
        metavar="FOLDER",
        help="where to write it; default: the first of `extend-rules`, else policies",
    )
    test = parts.add_parser("test", help="hold rule files to their examples", allow_abbrev=False)
    test.add_argument("paths", nargs="*", metavar="PATHS", help="rule files and folders; default: `extend-rules`")
    cli_settings.flags(new)
    cli_settings.flags(test)


def run(arguments: Namespace) -> int:
    """Write a rule file, or test some; returns the exit status."""
    configured = cli_settings.read(arguments, [], Path.cwd()).extend_rules
    return _new(arguments, configured) if arguments.action == "new" else _test(arguments.paths, configured)


def _new(arguments: Namespace, configured: Sequence[str]) -> int:
    chosen = next((Path(path) for path in configured if not path.endswith(".toml")), Path.cwd() / _FOLDER)
    folder: Path = arguments.folder or Path(rulebook_files.shown(chosen))
    path = folder / f"{arguments.name}.toml"
    if path.parent != folder:
        raise UsageError(f"{arguments.name}: holds a path; name the folder with --folder")
    code, name = _names(path)
    if taken := _taken(code, name, [*map(Path, configured), folder]):
        raise UsageError(f"{path.name}: taken by {taken}; choose another code and name")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_SKELETON.format(code=code, name=name))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another folder with --folder") from None
    put([f"{scrub(str(path))}: written; edit it, then run `neonlint rules test {scrub(str(path))}`"], None)
    if not any(path.absolute().is_relative_to(known) for known in map(Path, configured)):
        note(f'no configuration names it yet; add extend-rules = ["{folder.as_posix()}/"] to neonlint.toml')
    return 0


def _taken(code: str, name: str, places: Sequence[Path]) -> str:
    """Code and name of the rule that has one of these already, "" where none has. The rules beside it are known by
    their files' names: they may be unfinished, and their folder need not be there yet."""
    if own := rulebook.load().find(name):
        return f"{own.code} {own.name}"
    with suppress(OSError):
        for file in (file for place in places for file in rulebook_files.policy_names(place)):
            other, _, rest = file.removesuffix(".toml").partition("-")
            if code == other or name == rest:
                return f"{other} {rest}"
    return ""


def _names(path: Path) -> tuple[str, str]:
    """Code and name, as the name of a rule file must hold them. Raises UsageError."""
    from neonlint.rulebook_reader import check_policy  # noqa: PLC0415 -- `rules --help` needs no pydantic

    file = rulebook_files.RuleText(path, path.name, b"")
    check_policy(file)
    return file.names()


def _test(paths: Sequence[str], configured: Sequence[str]) -> int:
    if not paths and not configured:
        raise UsageError("no rules to test; name files or folders, or set `extend-rules` in neonlint.toml")
    words = Vocabulary.of_catalogue()
    places = dict.fromkeys(Path(path).absolute() for path in paths or configured)
    found = [pair for path in places for pair in rulebook.read_policies(path, words)]
    Rulebook([*rulebook.load().rules, *(rule for rule, _ in found)])  # codes and names must be different
    failures = 0
    for rule, details in found:
        lines = list(_failures(rule, details))
        failures += bool(lines)
        count = len(details.examples)
        put([f"{rule.code} {rule.name}: {'FAILED' if lines else 'ok'} ({count} examples)", *map(scrub, lines)], None)
    total = f"{len(found)} rule{'s' * (len(found) != 1)}"
    put([f"{total}, {failures} failed" if failures else f"{total}, all as they should be"], None)
    return int(failures > 0)


def _failures(rule: Rule, details: Details) -> Iterator[str]:
    from neonlint.rule_laws import broken  # noqa: PLC0415 -- `rules new` needs no engine

    for number, example in enumerate(details.examples, 1):
        for text in broken(rule, example, rule.file):
            title = f" ({example.title})" if example.title else ""
            first, *more = text.split("\n")
            yield f"  example {number}{title}: {first}"
            yield from (f"    {line}" for line in more)
