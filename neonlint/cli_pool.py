"""The command `pool`: whether the pools that flags or a repository name fit a compute."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from neonlint import cli_settings, pool_json, pool_text, session
from neonlint.cli_output import note, put, wants_color
from neonlint.config import Config
from neonlint.errors import UsageError
from neonlint.pool import Group, Pool, Route
from neonlint.report.style import Style
from neonlint.sizing import Compute

_MOST = 1_000_000
#: What is taken where a flag is not given.
_ASSUMED = {"workers": "one process per instance (--workers)", "instances": "one instance (--instances)"}
_LEFT_OUT = {
    "passing": "that come and go (commands, migrations), each with a connection or a few while it runs",
    "over_http": "that speak HTTP and hold no connection",
    "elsewhere": "that do not go to Neon",
}

EXIT = ("it fits, as far as it is known", "it breaks")


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint pool` takes."""
    parser.add_argument("paths", nargs="*", metavar="PATHS", help="whose pools; default: all of the project")
    parser.add_argument(
        "--compute-size", metavar="MIN[-MAX]", help="in CU, such as 0.25-2; default: `compute-size` of neonlint.toml"
    )
    positive = _number(1)
    parser.add_argument("--workers", type=positive, metavar="N", help="processes per instance; default: 1")
    parser.add_argument(
        "--instances", type=positive, metavar="N", help="instances or containers; default: 1, of serverless unknown"
    )
    parser.add_argument(
        "--pool-size", type=positive, metavar="N", help="connections per process; default: the pools of PATHS"
    )
    parser.add_argument("--overflow", type=_number(0), metavar="N", help="what a full pool opens besides")
    route = parser.add_mutually_exclusive_group()
    route.add_argument("--pooled", action="store_true", help="through the pooler, where that is not seen")
    route.add_argument("--direct", action="store_true", help="past the pooler, where that is not seen")
    parser.add_argument(
        "--roles", type=positive, metavar="N", default=1, help="pairs of role and database at the pooler; default: 1"
    )
    parser.add_argument("--output-format", choices=("text", "json"), default="text")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    cli_settings.flags(parser)


def _number(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= _MOST or len(text) > 9:
            raise ArgumentTypeError(f"write a number from {least} to {_MOST:,}")
        return int(text)

    return read


def run(arguments: Namespace) -> int:
    """Print the arithmetic; returns 1 where something does not fit."""
    cwd = Path.cwd()
    if arguments.pool_size is not None and arguments.paths:
        raise UsageError("--pool-size and PATHS contradict each other; take the pool from one of them")
    if arguments.pool_size is None and arguments.overflow is not None:
        raise UsageError("--overflow needs --pool-size; write how many connections the pool keeps")
    config = cli_settings.read(arguments, arguments.paths, cwd)
    compute, source = _compute(arguments, config)
    groups, left_out = _groups(arguments, config, cwd)
    if arguments.output_format == "json":
        put(pool_json.lines(compute, groups, left_out), None)
    else:
        style = Style(wants_color(arguments.color, sys.stdout, os.environ))
        put(_text(compute, source, groups, left_out, style), None)
        if assumed := [what for flag, what in _ASSUMED.items() if getattr(arguments, flag) is None and groups]:
            note(f"assumed: {' and '.join(assumed)}")
    if not groups:
        note("no pool is seen here that goes to Neon; name one with --pool-size")
    return int(any(group.breaks(compute) for group in groups))


def _compute(arguments: Namespace, config: Config) -> tuple[Compute, str]:
    if arguments.compute_size is not None:
        return Compute.parse(arguments.compute_size), "--compute-size"
    if config.compute_size is None:
        raise UsageError(
            "how large the compute is, is not said; add --compute-size 0.25-2 (the smallest and largest size in CU), "
            "or `compute-size` in neonlint.toml"
        )
    return config.compute_size, "`compute-size` of the configuration"


def _route(arguments: Namespace) -> Route:
    return "pooled" if arguments.pooled else "direct" if arguments.direct else "unknown"


def _groups(arguments: Namespace, config: Config, cwd: Path) -> tuple[list[Group], dict[str, int]]:
    if arguments.pool_size is not None:
        size = arguments.pool_size + (arguments.overflow or 0)
        more = f" and {arguments.overflow} of overflow" if arguments.overflow else ""
        processes = (arguments.workers or 1) * (arguments.instances or 1)
        pool = Pool(f"a pool of {arguments.pool_size}{more}", "", size, _route(arguments), processes)
        return [Group("", [pool], arguments.roles)], {}
    from neonlint import pool_found  # noqa: PLC0415 -- with flags alone nothing is read

    work = session.open_session(arguments.paths, config, cwd)
    for text in work.found.notes:
        note(text)
    running = pool_found.Running(arguments.workers or 1, arguments.instances)
    found = pool_found.find(work, running, _route(arguments), arguments.roles, session.shown_from(cwd, work.root))
    return found.groups, {"passing": found.passing, "over_http": found.over_http, "elsewhere": found.elsewhere}


def _text(
    compute: Compute, source: str, groups: Sequence[Group], left_out: dict[str, int], style: Style
) -> Iterator[str]:
    yield from pool_text.compute_lines(compute, source)
    for group in groups:
        yield ""
        yield from pool_text.group_lines(group, compute, style)
    said = [f"{count} {_LEFT_OUT[why]}" for why, count in left_out.items() if count]
    if said:
        yield ""
        yield f"Not counted: {', '.join(said)}"
