"""The `neonlint.toml` that `neonlint init` writes: every setting with its default, commented out, so that nothing is
decided yet and everything can be found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from neonlint.config import MIB
from neonlint.config_model import Model
from neonlint.rulebook import FAMILIES

_WIDTH = 108
_BARE = re.compile(r"[A-Za-z0-9_-]+")
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


def text() -> str:
    """The whole file, ending with a newline."""
    families = "\n".join(f"#   {code}xx  {title}" for code, title in FAMILIES.items())
    return "\n".join([_HEAD.format(families=families), *_settings()])


def _settings() -> Iterator[str]:
    """The settings, tables last: what follows a table's head belongs to it."""
    fields = Model.model_fields.items()
    for name, field in sorted(fields, key=lambda item: isinstance(item[1].default, Mapping)):
        value: Any = (field.examples or [field.default])[0]
        key = name.replace("_", "-")
        words = f"{field.description} Example:" if isinstance(value, Mapping) else str(field.description)
        yield from (f"# {line}" for line in wrap(words, _WIDTH - 2))
        if isinstance(value, Mapping):
            yield f"# [{key}]"
            lines = [f"{one if _BARE.fullmatch(one) else json.dumps(one)} = {_toml(value[one])}" for one in value]
        else:
            lines = [*_assignment(key, _toml(value))]
        yield from (f"# {line}" for line in lines)
        yield ""


def _toml(value: object) -> str:
    """A value as TOML spells it; sizes with their unit."""
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
