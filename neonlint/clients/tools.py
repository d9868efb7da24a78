"""Command-line tools: which of them connect to a database, what they do there, and where their connection string
stands. Knows words, no shell and no file.

A word is its text as the shell hands it on, with holes for what is not literal, or None where it cannot be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from neonlint.ir.source import has_hole
from neonlint.records import dataclass, field

#: What a command does with the database. `introspect` reads a schema or compares it, `run` runs a script of the
#: package, `container` starts another program with an environment of its own, `platform` deploys or configures,
#: `assign` sets variables, `load` reads an env file, `show` prints.
Does = Literal[
    "query",
    "dump",
    "restore",
    "admin",
    "replicate",
    "copy",
    "benchmark",
    "migrate",
    "introspect",
    "seed",
    "studio",
    "serve",
    "hyperdrive",
    "platform",
    "container",
    "run",
    "assign",
    "load",
    "show",
]
DOES: tuple[Does, ...] = get_args(Does)


@dataclass(frozen=True, slots=True)
class Tool:
    """One program.

    `verbs` maps the words that follow it (without flags, `""` for none) to what it then does; what is not there does
    not connect. `target` are the flags whose value is the connection string, `position` the operand behind the verb
    (0-based) that may be one, `valued` the other flags that take the next word. `fields` maps flags to components of
    the connection. `named` are flags whose value is the name of the variable that is read. `variables` are the
    environment variables that it reads by itself, `libraries` the clients whose configuration it reads. `leads` maps a
    first operand that stands in front of the verb to the number of operands there, the last of which is the connection
    string.
    """

    name: str
    programs: tuple[str, ...]
    verbs: Mapping[str, Does]
    target: frozenset[str] = frozenset()
    position: int | None = None
    valued: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    variables: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    leads: Mapping[str, int] = field(default_factory=dict)


def flags(text: str) -> frozenset[str]:
    """Flags separated by blanks."""
    return frozenset(text.split())


def verbs(does: Does, text: str) -> dict[str, Does]:
    """One meaning for several verbs, separated by commas."""
    return dict.fromkeys((verb.strip() for verb in text.split(",")), does)


class At(NamedTuple):
    """Where a value stands: in the word of this index, from this character on."""

    word: int
    start: int = 0


class Invocation(NamedTuple):
    """What a command line runs. `words` are the indexes of the words that name it, in order; `target` is where its
    connection string stands, `variable` the variable that a flag names; `operands` are the words that are neither
    flags nor their values, behind the verb; `flags` are all flags as written, without values, with where their value
    stands."""

    tool: Tool
    does: Does
    words: tuple[int, ...]
    name: str
    target: At | None = None
    fields: Mapping[str, At] = {}
    variable: At | None = None
    operands: tuple[int, ...] = ()
    flags: Mapping[str, At | None] = {}


class _Read(NamedTuple):
    """A command line split into flags and operands."""

    flags: dict[str, At | None]
    operands: list[int]


def invocation(words: Sequence[str | None], start: int = 0) -> Invocation | None:
    """What the program at `start` does there, None where it is no tool of ours or does not connect."""
    from neonlint.clients.tools_tables import TOOLS  # noqa: PLC0415 -- the tables need this module

    found = words[start] if start < len(words) else None
    if found is None:
        return None
    for tool in TOOLS.get(program(found), ()):
        seen = _as(tool, words, start)
        if seen is not None:
            return seen
    return None


def program(word: str) -> str:
    """The program that a word names: without folders, `.exe`, and the version that `npx prisma@6` asks for."""
    name = word.replace("\\", "/")
    if not name.startswith("@"):
        name = name.rpartition("/")[2]
    head, at, version = name.rpartition("@")
    if at and head and not has_hole(head) and not head.endswith("/"):
        name = head if version else name
    return name.removesuffix(".exe").removesuffix(".cmd").lower()


def _as(tool: Tool, words: Sequence[str | None], start: int) -> Invocation | None:
    read = _split(tool, words, start + 1)
    texts = [words[at] for at in read.operands]
    lead = tool.leads.get(texts[0] or "", 0) if texts else 0
    verb = _verb(tool, texts[lead:])
    if verb is None:
        return None
    taken = len(verb.split())
    named = read.operands[lead : lead + taken]
    operands = tuple(read.operands[lead + taken :])
    target = next((at for flag in tool.target if (at := read.flags.get(flag)) is not None), None)
    if target is None and lead > 1:
        target = At(read.operands[lead - 1])
    if target is None and tool.position is not None and tool.position < len(operands):
        target = At(operands[tool.position])
    return Invocation(
        tool,
        tool.verbs[verb],
        (start, *named),
        " ".join([program(words[start] or ""), *verb.split()]),
        target,
        {component: at for flag, component in tool.fields.items() if (at := read.flags.get(flag)) is not None},
        next((at for flag in tool.named if (at := read.flags.get(flag)) is not None), None),
        operands,
        read.flags,
    )


def _verb(tool: Tool, operands: Sequence[str | None]) -> str | None:
    """The longest verb that the operands begin with."""
    for count in range(min(3, len(operands)), -1, -1):
        given = operands[:count]
        if None not in given and (verb := " ".join(str(word) for word in given)) in tool.verbs:
            return verb
    return None


def _split(tool: Tool, words: Sequence[str | None], start: int) -> _Read:
    valued = tool.valued | tool.target | tool.fields.keys() | tool.named
    flags: dict[str, At | None] = {}
    operands: list[int] = []
    at = start
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            operands += range(at, len(words))
            break
        if word is None or not word.startswith("-") or word == "-":
            operands.append(at - 1)
            continue
        name, equals, _ = word.partition("=")
        if equals:
            flags[name] = At(at - 1, len(name) + 1)
        elif word in valued:
            flags[word] = At(at) if at < len(words) else None
            at += 1
        elif word[:2] in valued and not word.startswith("--") and len(word) > 2:
            flags[word[:2]] = At(at - 1, 2)
        else:
            flags[word] = None
    return _Read(flags, operands)
