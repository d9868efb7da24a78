"""Connections spelled out in separate fields: `PGHOST` and its kin, `DB_HOST`, Django's `HOST`, keyword arguments,
mappings.

A family says which key means which component, and whether a libpq parameter can be written beside them. In a family
that `speaks_libpq` every missing parameter is truly absent; in the others (`DB_HOST` …) the program decides, so it is
unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from neonlint.ir.endpoint import parse as parse_host
from neonlint.ir.source import Entry, Scalar, Table
from neonlint.regex import regex

NAME = "fields"

#: What programs call their own switches, which is no misspelt mode of libpq.
_OWN_WORDS = {"required", "disabled", "allowed", "preferred", "verify"}
#: libpq's modes, weakest first (libpq, "SSL Support", table of modes).
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

#: libpq's environment variables for parameters (libpq, "Environment Variables").
PG_PARAMS = {
    "sslmode": "PGSSLMODE",
    "channel_binding": "PGCHANNELBINDING",
    "sslrootcert": "PGSSLROOTCERT",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "sslsni": "PGSSLSNI",
    "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "application_name": "PGAPPNAME",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "gssencmode": "PGGSSENCMODE",
    "require_auth": "PGREQUIREAUTH",
}


class Family(NamedTuple):
    """Which keys spell which component; earlier names win. `nested` is the key of a table that holds libpq
    parameters."""

    name: str
    components: Mapping[str, tuple[str, ...]]
    speaks_libpq: bool = False
    nested: str | None = None


FAMILIES: dict[str, Family] = {
    "libpq-environment": Family(
        "libpq-environment",
        {
            "host": ("PGHOST",),
            "port": ("PGPORT",),
            "user": ("PGUSER",),
            "password": ("PGPASSWORD",),
            "database": ("PGDATABASE",),
            **{f"params.{param}": (name,) for param, name in PG_PARAMS.items()},
        },
        speaks_libpq=True,
    ),
    "django": Family(
        "django",
        {"host": ("HOST",), "port": ("PORT",), "user": ("USER",), "password": ("PASSWORD",), "database": ("NAME",)},
        speaks_libpq=True,
        nested="OPTIONS",
    ),
    "keywords": Family(
        "keywords",
        {
            "host": ("host",),
            "port": ("port",),
            "user": ("user", "username"),
            "password": ("password", "passwd"),
            "database": ("dbname", "database"),
        },
        speaks_libpq=True,
    ),
    "driver-keywords": Family(
        "driver-keywords",
        {
            "host": ("host", "hostname"),
            "port": ("port",),
            "user": ("user", "username"),
            "password": ("password", "pass"),
            "database": ("database", "dbname", "db", "dbName"),
        },
    ),
    "mapping": Family(
        "mapping",
        {
            "host": ("host", "hostname", "server"),
            "port": ("port",),
            "user": ("user", "username"),
            "password": ("password", "pass", "passwd"),
            "database": ("dbname", "database", "db", "name"),
            "params.sslmode": ("sslmode", "sslMode", "ssl_mode"),
        },
    ),
}

_PREFIXED = regex(
    r"(?P<prefix>(?:[A-Z0-9]+_)*(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|NEON|SQL)_?)(?P<word>HOST|HOSTNAME|SERVER)(?P<suffix>_(?:UNPOOLED|DIRECT|POOLED))?"
)
_PREFIXED_WORDS: dict[str, tuple[str, ...]] = {
    "port": ("PORT",),
    "user": ("USER", "USERNAME"),
    "password": ("PASSWORD", "PASS", "PWD"),
    "database": ("NAME", "DATABASE", "DB", "DBNAME"),
    "params.sslmode": ("SSLMODE", "SSL_MODE"),
}


class Group(NamedTuple):
    """The fields of one connection found in a table: component to entry, and the family that named them."""

    family: str
    fields: Mapping[str, Entry]
    prefix: str = ""
    suffix: str = ""


def environment_groups(table: Table) -> Iterator[Group]:
    """The connections spelled out in a flat table of upper-case names (a dotenv file, a compose or workflow block)."""
    entries = {entry.key: entry for entry in table.entries}
    if "PGHOST" in entries:
        yield Group("libpq-environment", _pick(entries, FAMILIES["libpq-environment"]))
    for name, entry in entries.items():
        match = _PREFIXED.fullmatch(name)
        if match is None or name == "PGHOST":
            continue
        if match["prefix"] == "PG" and not match["suffix"]:
            continue
        yield _prefixed(entries, match, entry)


def _prefixed(entries: Mapping[str, Entry], match: re.Match[str], host: Entry) -> Group:
    fields = {"host": host}
    for component, words in _PREFIXED_WORDS.items():
        for word in words:
            key = match["prefix"] + word
            if (found := entries.get(key + (match["suffix"] or "")) or entries.get(key)) is not None:
                fields[component] = found
                break
    if "params.sslmode" not in fields and (found := entries.get(match["prefix"] + "SSL")) and _names_mode(found):
        fields["params.sslmode"] = found
    return Group("environment", fields, match["prefix"], match["suffix"] or "")


def _names_mode(entry: Entry) -> bool:
    """Whether `POSTGRES_SSL` and its like hold a mode of libpq (or one misspelt), and not a switch or a path."""
    word = entry.value.value if isinstance(entry.value, Scalar) else None
    if not isinstance(word, str) or not 5 <= len(word) <= 12 or word.lower() in _OWN_WORDS:
        return False
    from difflib import get_close_matches  # noqa: PLC0415 -- few files have such a name

    return bool(get_close_matches(word.lower(), MODES, n=1, cutoff=0.75))


def _pick(entries: Mapping[str, Entry], family: Family) -> dict[str, Entry]:
    found = {}
    for component, names in family.components.items():
        entry = next((entries[name] for name in names if name in entries), None)
        if entry is not None:
            found[component] = entry
    return found


def group(table: Table, family_name: str) -> Group | None:
    """The connection that a table spells out in `family_name`, or None where it names neither host nor database."""
    family = FAMILIES[family_name]
    entries = {entry.key: entry for entry in table.entries}
    fields = _pick(entries, family)
    if not ({"host", "database"} & fields.keys()):
        return None
    if family.nested and isinstance(options := table.get(family.nested), Table):
        fields |= {f"params.{entry.key}": entry for entry in options.entries}
    elif family.speaks_libpq and not family.nested:
        known = {name for names in family.components.values() for name in names}
        fields |= {f"params.{key}": entry for key, entry in entries.items() if key not in known}
    return Group(family_name, fields)


def looks_like_connection(table: Table) -> bool:
    """Whether a mapping of a data file spells out a Neon connection: a literal Neon host beside user or password."""
    found = group(table, "mapping")
    if found is None or not ({"user", "password"} & found.fields.keys()):
        return False
    host = found.fields.get("host")
    return (
        host is not None
        and isinstance(host.value, Scalar)
        and isinstance(host.value.value, str)
        and parse_host(host.value.value).neon
    )
