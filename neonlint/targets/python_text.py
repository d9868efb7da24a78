"""Pieces of generated Python: keyword arguments, dictionary entries, and what libpq's drivers are told in code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from textwrap import indent
from typing import NamedTuple

from neonlint.targets.model import Plan, Variable
from neonlint.targets.text import comment, url_variables, without

#: Why `certifi` stands in code that verifies: see tests/drivers/test_libpq.py on the wheels of psycopg.
ROOTS_WHY = "psycopg's wheels do not find the system's root certificates"
PSYCOPG = "psycopg[binary]>=3.2.10"
POOLED_PSYCOPG = "psycopg[binary,pool]>=3.2.10"


#: The line length of ruff and black.
_WIDTH = 88


class Entry(NamedTuple):
    """A keyword argument or dictionary entry: its value is Python text of one or more lines; `why` goes behind it, and
    each line of `above` in front of it."""

    name: str
    value: str
    why: str = ""
    above: tuple[str, ...] = ()


def arguments(entries: Iterable[Entry], by: int) -> str:
    """Entries as keyword arguments, a line each, indented by this many spaces."""
    return "".join(_entry(f"{entry.name}=", entry, by) for entry in entries)


def items(entries: Iterable[Entry], by: int) -> str:
    """Entries as those of a dictionary, a line each, indented by this many spaces."""
    return "".join(_entry(f"{json.dumps(entry.name)}: ", entry, by) for entry in entries)


def _entry(head: str, entry: Entry, by: int) -> str:
    tail = f"  # {entry.why}" if entry.why else ""
    return indent(f"{comment(entry.above)}{head}{entry.value},{tail}\n", " " * by)


def mapping(entries: Sequence[Entry]) -> str:
    """A dictionary: on one line if it is small and needs no comment."""
    short = "{" + ", ".join(f"{json.dumps(e.name)}: {e.value}" for e in entries) + "}"
    if len(short) <= 50 and not any(entry.why or entry.above for entry in entries):
        return short
    return "{\n" + items(entries, 4) + "}"


def string(text: str) -> str:
    """A Python string in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def called(head: str, argument: str, tail: str = "") -> str:
    """A statement that ends in a call with one argument (`head` is all in front of its bracket), on one line if it fits
    there as formatters would have it, else on three. Starts with its indentation."""
    line = f"{head}({argument}){tail}"
    by = " " * (len(head) - len(head.lstrip()))
    return line if len(line) <= _WIDTH else f"{head}(\n{by}    {argument}\n{by}){tail}"


def imports(*groups: Iterable[str]) -> str:
    """Import lines in groups (the standard library, then others), empty lines and groups left out, two blank lines not
    included."""
    written = ["".join(f"{line}\n" for line in group if line) for group in groups]
    return "\n".join(text for text in written if text)


def libpq_entries(plan: Plan) -> list[Entry]:
    """What libpq's drivers are told beside the URL: when to give up, and for full verification mode and roots.

    They stand in code because they win over the URL there, and because the roots are where Python keeps them.
    """
    roots = Entry("sslrootcert", "certifi.where()", above=(ROOTS_WHY,))
    verified = [Entry("sslmode", string("verify-full")), roots] if plan.strict else []
    return [*verified, Entry("connect_timeout", str(plan.pool.connect_timeout))]


def libpq_variables(plan: Plan) -> tuple[Variable, ...]:
    """The variable with the URL for them; its roots are named in code."""
    return url_variables(without(plan, "sslrootcert"))


def certifi(plan: Plan) -> str:
    """The import that full verification needs."""
    return "import certifi" if plan.strict else ""


def libpq_notes(plan: Plan, *others: str) -> tuple[str, ...]:
    """The notes of code for them: the package that only full verification needs, then these."""
    return (*(["it needs certifi"] if plan.strict else []), *others)
