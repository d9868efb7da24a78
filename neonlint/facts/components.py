"""The parts of a subject that rules name beside its facts: where a finding points, what a fix sets and takes away.

`neonlint.places` finds the first in a file, `neonlint.repair*` change the second. `params.*` stands for every name that
begins so. A rule that names another part is refused, so that a misspelt one is not silently nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping

_WRITTEN = ("scheme", "user", "host", "port", "database", "params.*")
_REPAIRED = (
    *("endpoint.pooled", "endpoint.misplaced_pooler", "host.misspelt", "host.on_neon_com"),
    *("options.endpoint", "options.project", "origin", "password.endpoint", "syntax.*", "value.quoted"),
)

#: Subject to what the `at` of a rule may name. A part that is not written stands for the whole: its key, its name.
AT: Mapping[str, tuple[str, ...]] = {
    "connection": ("key", "value", "password", *_WRITTEN),
    "client": ("key", "name", "target", "options.*", "given.*", "password", *_WRITTEN),
    "command": ("name", "target", "value", "host"),
    "setting": ("name", "value"),
    "statement": ("value",),
    "log": ("call",),
    "dependency": ("key",),
}

#: Subject to what the `set` and `unset` of a fix may name. No rule writes a password.
SETTABLE: Mapping[str, tuple[str, ...]] = {
    "connection": (*_WRITTEN, *_REPAIRED),
    "client": ("options.*", "neon_config.*", "alias.misplaced", *_WRITTEN, *_REPAIRED),
    "command": ("endpoint.pooled", "ampersand.unquoted"),
    "setting": ("setting",),
    "statement": ("call.method",),
}
