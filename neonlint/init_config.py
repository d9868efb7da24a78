"""The `neonlint.toml` that `neonlint init` writes: every setting with its default, commented out, so that nothing is
decided yet and everything can be found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap

from neonlint.config import MIB, Config
from neonlint.rulebook import FAMILIES

_WIDTH = 108
_HEAD = """\
# neonlint: how this repository connects to Neon Postgres. `neonlint check` reports, `neonlint fix` repairs.
#
# Findings come in families:
{families}
#
# `neonlint rule --all` lists the rules, `neonlint rule NL101` explains one. Below, rules are named by code
# ("NL101"), by name ("sslmode-missing") or by the beginning of their codes ("NL1", "NL").
#
# All that follows is commented out and shows the default, or an example where there is none. Take away the
# `#` to change it.
"""
#: What is said above each setting; the order in the file is that of `Config`, tables last.
_WORDS = {
    "select": "Only these rules; with none named, all of them.",
    "ignore": "Without these rules.",
    "fixable": "Only the fixes of these rules are made; with none named, those of all.",
    "unfixable": "The fixes of these rules are not made.",
    "extend_rules": "Folders and files of rules of your own, relative to this file.",
    "exclude": "What a search of directories leaves out. A pattern without a slash names a file or directory anywhere; "
    "one with a slash starts at this directory. Setting it replaces this list.",
    "extend_exclude": "What it leaves out besides.",
    "suspend_seconds": "After how many idle seconds your compute suspends (this is Neon's default); -1 if it never "
    "does. Connections in a pool should be given up earlier.",
    "compute_size": "The size of your compute in CU, or its smallest and largest where it autoscales. With it the "
    "sizes of pools are judged, too; there is no default.",
    "scan_ignored_env": "Whether git-ignored env files are checked. The live connection string usually stands in one.",
    "max_file_size": "Larger files are not read, and reported as not read.",
    "fail_on": "The mildest severity that fails a run: error, warning, info or never.",
    "output_format": "How findings are printed: full, concise, grouped, json, json-lines, sarif, github, gitlab, "
    "junit, rdjson or markdown.",
    "baseline": 'The findings that are let pass, made by `neonlint baseline create`; "" for none.',
    "strict_baseline": "Whether what the baseline has and is no longer found is a finding (NL904), too.",
    "require_reason": "Whether a comment that suppresses a finding must say why (NL903).",
    "per_file_ignores": "Rules that do not count in some files. Example:",
    "severity": "Other severities, by rule or family: error, warning, info or off. Example:",
    "assume": "Environment variables that your platform sets where no file can say so; no secrets here. Example:",
    "roles": "What connections are for, by the name of a variable or by the path of the file that uses it: runtime, "
    "migration, admin, replication, test or docs. Example:",
    "runtimes": "Where code runs, by the name of a variable or by path: serverless, edge, long-lived or browser. "
    "Example:",
}
#: What stands where a setting has no default.
_EXAMPLES: Mapping[str, str] = {
    "suspend_seconds": "300",
    "baseline": '".neonlint-baseline.toml"',
    "compute_size": '"0.25-2"',
    "per_file_ignores": '"tests/**" = ["NL2"]',
    "severity": 'NL105 = "off"',
    "assume": 'PGSSLMODE = "verify-full"',
    "roles": '"tools/backfill/**" = "admin"',
    "runtimes": '"services/worker/**" = "long-lived"',
}
#: Fields of `Config` that no configuration file sets.
_OF_A_RUN = {"honour_ignores", "source"}


def text() -> str:
    """The whole file, ending with a newline."""
    families = "\n".join(f"#   {code}xx  {title}" for code, title in FAMILIES.items())
    return "\n".join([_HEAD.format(families=families), *_settings()])


def _settings() -> Iterator[str]:
    defaults = Config()
    names = [name for name in Config.__slots__ if name not in _OF_A_RUN]
    tables = [name for name in names if isinstance(getattr(defaults, name), Mapping)]
    for name in [*(name for name in names if name not in tables), *tables]:
        yield from (f"# {line}" for line in wrap(_WORDS[name], _WIDTH - 2))
        key = name.replace("_", "-")
        if name in tables:
            yield from (f"# [{key}]", f"# {_EXAMPLES[name]}", "")
        else:
            yield from (f"# {line}" for line in _assignment(key, _EXAMPLES.get(name) or _toml(getattr(defaults, name))))
            yield ""


def _toml(value: object) -> str:
    """A default as TOML spells it; sizes with their unit."""
    if isinstance(value, int) and not isinstance(value, bool) and value and value % MIB == 0:
        return f'"{value // MIB}MiB"'
    return json.dumps(value)  # strings, lists of strings and booleans look the same there


def _assignment(key: str, value: str) -> Iterator[str]:
    """`key = value`, a long list with a line for every few items."""
    if len(key) + len(value) + 5 <= _WIDTH:
        yield f"{key} = {value}"
        return
    yield f"{key} = ["
    yield from (f"  {line}" for line in wrap(value.strip("[]") + ",", _WIDTH - 4))
    yield "]"
