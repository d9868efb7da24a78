"""The command `generate`: the configuration of a framework, driver or tool, from one connection string."""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

from neonlint import discover_git, generate, generate_source, targets
from neonlint.cli_output import note, put, wants_color
from neonlint.errors import UsageError
from neonlint.formats.claims import format_of
from neonlint.link import is_example
from neonlint.report import diff
from neonlint.report.style import Style
from neonlint.sizing import Compute
from neonlint.targets.model import PROFILES, ROLES, RUNTIMES, File, Output, Target
from neonlint.targets.text import shell_quoted
from neonlint.write import Writing, write_together

EXIT = ("printed, or written", "files exist and --force was not given; nothing was written")


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint generate` takes."""
    parser.add_argument("target", nargs="?", metavar="TARGET", help="what to configure; --list names all")
    parser.add_argument("source", nargs="?", metavar="-", help="read the connection string from standard input")
    parser.add_argument("-", dest="stdin", action="store_const", const="-", help=SUPPRESS)  # behind flags, too
    parser.add_argument("--list", action="store_true", help="list the targets with the runtimes and roles they serve")
    source = parser.add_argument_group("connection string (without one of these: a placeholder)")
    source.add_argument("--from-env", metavar="NAME", help="take it from this environment variable")
    source.add_argument(
        "--from", dest="from_file", metavar="FILE[:KEY]", help="take it from a file that check can read"
    )
    wish = parser.add_argument_group("what is wanted")
    wish.add_argument(
        "--profile",
        choices=PROFILES,
        default="baseline",
        help="TLS: baseline encrypts and binds the channel, strict also verifies the certificate; default: baseline",
    )
    wish.add_argument("--runtime", choices=RUNTIMES, help="where the code runs; default: what the target is mostly for")
    wish.add_argument(
        "--role",
        choices=ROLES,
        help="what it is for; default: app, which alone goes through the pooler, where it can be",
    )
    wish.add_argument("--compute-size", metavar="CU", help="size pools for this compute: 2, or 0.25-2")
    wish.add_argument("--workers", type=_count, metavar="N", help="processes that share the compute; default: 1")
    wish.add_argument(
        "--suspend-seconds",
        type=int,
        default=generate.SUSPENDS_AFTER,
        metavar="N",
        help="idle time after which the compute suspends (0: never); default: 300",
    )
    output = parser.add_argument_group("output")
    output.add_argument(
        "-o", "--output", metavar="PATH", help="write to this file; a directory where there are several"
    )
    output.add_argument("--force", action="store_true", help="overwrite files that exist")
    output.add_argument("--with-secret", action="store_true", help="write the password, too, where it belongs")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("it takes a number from 1 on")
    return int(text)


def run(arguments: Namespace) -> int:
    """Print or write one target's files; returns the exit status."""
    if arguments.list:
        put(_list(), None)
        return 0
    if arguments.target is None:
        raise UsageError("name a target; `neonlint generate --list` names all")
    target = targets.load(arguments.target)
    source = arguments.source or arguments.stdin
    text = generate_source.given(source, arguments.from_env, arguments.from_file, Path.cwd())
    if source not in (None, "-"):
        note(
            "a connection string on the command line stays in the shell's history; take --from-env, --from or - instead"
        )
    if arguments.with_secret and text is None:
        raise UsageError("--with-secret needs a connection string: --from-env NAME, --from FILE, or -")
    wish = generate.Wish(
        arguments.profile,
        arguments.runtime,
        arguments.role,
        Compute.parse(arguments.compute_size) if arguments.compute_size else None,
        arguments.workers,
        arguments.suspend_seconds,
        arguments.with_secret,
    )
    made = generate.generate(target, text, wish)
    status = _print(made.output) if arguments.output is None else _write(made.output, arguments)
    _say(target, made, arguments)
    return status


def _list() -> Iterator[str]:
    width = max(map(len, targets.MODULES))
    for name in targets.MODULES:
        target = targets.load(name)
        yield f"{name:{width}}  {target.title}: {target.summary}"
        yield f"{'':{width}}  runtimes: {', '.join(target.runtimes)}; roles: {', '.join(target.roles)}"


def _print(output: Output) -> int:
    """One file as it is, so that it can be piped; several with their names between."""
    for number, file in enumerate(output.files):
        if len(output.files) > 1:
            put([*([""] if number else []), f"==> {file.path} <=="], None)
        put(file.text.splitlines(), None)
    return 0


def _write(output: Output, arguments: Namespace) -> int:
    """Write all files or none. What exists is shown as a diff and left, unless --force is given."""
    root, files = _places(output.files, arguments.output)
    if arguments.with_secret:
        _keep_out_of_git(root, [file.path for file in files if file.private])
    existing = {file.path: _read(root / file.path) for file in files if os.path.lexists(root / file.path)}
    files = [_merged(file, existing.get(file.path), arguments.with_secret) for file in files]
    changed = {path: old for path, old in existing.items() if old != _file(files, path).text.encode()}
    if changed and not arguments.force:
        style = Style(wants_color("auto", sys.stdout, os.environ))
        put((line for path, old in changed.items() for line in _difference(_file(files, path), old, style)), None)
        note("nothing was written, because files exist; --force overwrites them")
        return 1
    writings = [Writing(file.path, existing.get(file.path), file.text.encode(), file.private) for file in files]
    if (skip := write_together(root, writings)) is not None:
        raise UsageError(f"{root / skip.path}: {skip.detail}; name another place with --output")
    for one in writings:
        note(f"{'unchanged' if one.old == one.new else 'written'}: {root / one.path}")
    return 0


def _places(files: Sequence[File], output: str) -> tuple[Path, list[File]]:
    """The directory to write to, and the files with their paths in it."""
    if "://" in output:
        raise UsageError("--output takes a file or directory; a connection string comes from --from-env, --from or -")
    place = Path(output)
    if len(files) > 1 and place.suffix and not place.is_dir() and not output.endswith(("/", os.sep)):
        names = ", ".join(file.path for file in files)
        raise UsageError(f"{output}: there are several files ({names}); name a directory with --output {place.stem}/")
    if len(files) == 1 and not place.is_dir() and not output.endswith(("/", os.sep)):
        return place.parent, [files[0]._replace(path=place.name)]
    return place, list(files)


def _file(files: Sequence[File], path: str) -> File:
    return next(file for file in files if file.path == path)


def _read(place: Path) -> bytes:
    if place.exists() and not place.is_file():
        raise UsageError(f"{place}: is no regular file; name another place with --output")
    try:
        return place.read_bytes()
    except OSError as error:
        raise UsageError(f"{place}: cannot be read ({error.strerror}); name another place with --output") from None


def _merged(file: File, old: bytes | None, with_secret: bool) -> File:
    """An environment file that is there keeps what else it says, and never loses a password to a placeholder."""
    if old is None or format_of(file.path) != "dotenv":
        return file
    if not with_secret and not is_example(file.path):
        raise UsageError(f"{file.path}: exists and may hold the password; add --with-secret, or name an example file")
    return file._replace(text=generate.merged(file.path, old, file.text.encode()).decode())


def _keep_out_of_git(root: Path, paths: Sequence[str]) -> None:
    """Refuse to write a password into a file that git tracks; say so of one that git would take in."""
    if not paths or not root.is_dir():
        return
    tracked, _ = discover_git.status(paths, str(root))
    for path in paths if tracked is not None else ():
        if path in (tracked or ()):
            raise UsageError(
                f"{root / path}: git tracks this file; run `git rm --cached {path}` first, or leave out --with-secret"
            )
    if tracked is not None:
        for path in set(paths) - discover_git.ignored(paths, str(root)):
            note(f"git does not ignore {root / path}; add it to .gitignore, as it is to hold a password")


def _difference(file: File, old: bytes, style: Style) -> Iterator[str]:
    """What would change, without secrets."""
    before, after = (generate.source_text(file.path, data, private=file.private) for data in (old, file.text.encode()))
    yield from diff.lines(file.path, before, after, style)


def _say(target: Target, made: generate.Generated, arguments: Namespace) -> None:
    """What is left to do, on standard error."""
    output = made.output
    for package in target.needs:
        note(f"it needs {package}")
    for variable in () if arguments.with_secret else output.variables:
        put([f"export {variable.name}={shell_quoted(variable.value)}"], None, stream=sys.stderr)
    for text in output.notes:
        note(text)
    for finding in made.findings:
        note(f"{finding.code} {finding.name}: {finding.message}")
