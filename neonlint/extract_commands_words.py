"""What the words of a command say: connection strings in them, assignments, connections spelled out in flags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from neonlint.clients.tools import Invocation
from neonlint.dialects import recognise
from neonlint.dialects.names import is_connection_name
from neonlint.ir.model import Connection
from neonlint.ir.source import (
    Document,
    Entry,
    EnvRef,
    Scalar,
    ShellCommand,
    Slot,
    Span,
    Table,
    Value,
    hole,
    hole_indexes,
)
from neonlint.ir.view import View
from neonlint.regex import regex

_ASSIGNMENT = regex(r"(?:-{1,2}[\w-]+=)?([A-Za-z_]\w*)[=:]")
#: The beginning of a connection string, and what ends one that stands inside other text.
_URL = regex(r"(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://[^\s'\"|<>`;]+", re.IGNORECASE)
_KEYWORDS = regex(r"(?:^|=)(?=(?:host|hostaddr|dbname|user|sslmode|service)=\S)")
_BEFORE_URL = regex(r"(?:^|[=:\s'\"|,]|^-[A-Za-z])$")


class Url(NamedTuple):
    """A connection string inside a word; `name` is the variable that it is given to, "" where there is none."""

    slot: Slot
    dialect: str
    view: View
    name: str = ""
    name_span: Span | None = None


def text_of(value: Value) -> str | None:
    """The text of a word with holes for what is not literal, None where it cannot be seen."""
    if isinstance(value, Scalar):
        return value.slot.text if value.slot is not None else str(value.value)
    return hole(0) if isinstance(value, EnvRef) else None


def sub_slot(slot: Slot, start: int, end: int) -> Slot:
    """The characters `start` to `end` (exclusive) of a slot as a slot of their own, which can be written alike."""
    return Slot(
        slot.text[start:end],
        slot.starts[start:end],
        slot.ends[start:end],
        slot.bytes_of(start, end),
        slot.style,
        slot.holes,
        slot.writable,
    )


def part(value: Value, start: int) -> Value | None:
    """What of a word stands from a character on, None where nothing does."""
    if start == 0:
        return _as_hole(value) or value
    if not isinstance(value, Scalar) or value.slot is None or start >= len(value.slot.text):
        return None
    slot = sub_slot(value.slot, start, len(value.slot.text))
    rest = Scalar(slot.text, slot.span, slot)
    return _as_hole(rest) or rest


def _as_hole(value: Value) -> Value | None:
    """The one thing that is not literal and that a word is made of."""
    if isinstance(value, Scalar) and value.slot is not None and len(value.slot.text) == 1:
        held = hole_indexes(value.slot.text)
        return value.slot.holes[held[0]] if held else None
    return None


def urls_in(value: Value) -> Iterator[Url]:
    """The connection strings in a word: the whole of it, behind `--url=` or `NAME=`, or inside other text."""
    if isinstance(value, EnvRef) and value.default is not None:
        yield from urls_in(value.default)
    if not isinstance(value, Scalar) or value.slot is None:
        return
    for held in value.slot.holes:
        if isinstance(held, EnvRef) and held.default is not None:
            yield from urls_in(held.default)
    slot = value.slot
    for start, end in _ranges(slot.text):
        inner = slot if (start, end) == (0, len(slot.text)) else sub_slot(slot, start, end)
        if (seen := recognise(inner.text)) is not None:
            name = _name_before(slot, start)
            yield Url(inner, *seen, *name)


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    if "://" in text:
        for match in _URL.finditer(text):
            if _BEFORE_URL.search(text[: match.start()]) or match.start() == 0:
                whole = match.start() == 0 and "\n" not in text
                yield match.start(), len(text) if whole else match.end()
    elif "host=" in text and (start := _KEYWORDS.search(text)) is not None:
        yield start.end(), len(text)


def _name_before(slot: Slot, start: int) -> tuple[str, Span | None]:
    match = re.search(r"([A-Za-z_]\w*)[=:]['\"]?$", slot.text[:start])
    if match is None or slot.text[: match.start()].endswith("-"):
        return "", None
    return match[1], slot.bytes_of(*match.span(1))


def name_before_hole(value: Value, number: int) -> tuple[str, Span | None]:
    """The variable that a part of a word is given to (`NAME=…`): its name and place; "" where there is none."""
    if not isinstance(value, Scalar) or value.slot is None:
        return "", None
    return _name_before(value.slot, max(value.slot.text.find(hole(number)), 0))


def assignments_in(words: Iterable[Value]) -> Iterator[Entry]:
    """The `NAME=value` among words, in order."""
    for word in words:
        text = text_of(word)
        match = re.match(r"([A-Za-z_]\w*)=", text) if text else None
        if match is None or not isinstance(word, Scalar) or word.slot is None:
            continue
        slot = word.slot
        key_span = slot.bytes_of(*match.span(1))
        value = part(word, match.end())
        where = slot.bytes_of(match.end(), match.end())
        yield Entry(match[1], key_span, value or Scalar("", where), word.span)


def redirected_to(shell: ShellCommand, name: str) -> bool:
    """Whether a command's output goes into the file that a variable or text of this name stands for."""
    return any(
        operator in (">", ">>") and (name == getattr(value, "name", None) or name in (text_of(value) or ""))
        for operator, value in shell.redirects
    )


def shows_connection(document: Document, shell: ShellCommand) -> bool:
    """Whether `echo` or `printf` shows a variable that holds a connection string, on the terminal."""
    if any(operator.endswith((">", ">>", ">&", "&>", ">|")) for operator, _ in shell.redirects):
        return False
    if re.match(rb"\s*(?:\\\r?\n\s*)?\|(?!\|)", document.data[shell.span.end : shell.span.end + 200]):
        return False
    return shown_name(shell) is not None


def shown_name(shell: ShellCommand) -> str | None:
    """The variable with a connection string that a command's words show whole, None where there is none."""
    for word in shell.words[1:]:
        held: Sequence[Value] = (word,) if isinstance(word, EnvRef) else ()
        if isinstance(word, Scalar) and word.slot is not None:
            held = word.slot.holes
        for value in held:
            if isinstance(value, EnvRef) and not value.transformed and is_connection_name(value.name):
                return value.name
    return None


_VAR_FLAGS = {"wrangler": ("--var",), "fly": ("--env", "-e"), "flyctl": ("--env", "-e")}
_GIVEN = regex(r"([A-Za-z_]\w*)[=:](?=.)", re.DOTALL)
_PLAIN_FILE = regex(r"(?:^|/)wrangler[\w.-]*\.(?:toml|jsonc?)$")
_WRITTEN = regex(r"(?:^|[\s,{\"'])([A-Za-z_]\w*)[\"']?\s*[=:]\s*[\"'\\]*(?=[^\s\"'\\])")


def plain_variable(shell: ShellCommand) -> str | None:
    """The variable with a connection string that a command puts into a platform's plain settings: `wrangler deploy
    --var`, `fly deploy --env`, text written to wrangler's configuration. None where there is none."""
    texts = [text_of(word) or "" for word in shell.words]
    if any(o in (">", ">>") and _PLAIN_FILE.search(text_of(value) or "") for o, value in shell.redirects):
        written = [*texts[1:], *(text_of(value) or "" for operator, value in shell.redirects if operator == "<<")]
        names = [match[1] for text in written for match in _WRITTEN.finditer(text)]
        return next((name for name in names if is_connection_name(name)), None)
    flags: tuple[str, ...] = ()
    for at, text in enumerate(texts):
        flag, _, behind = text.partition("=")
        attached = behind if flag in flags else ""
        given = _GIVEN.match(attached or (text if at and texts[at - 1] in flags else ""))
        if given is not None and is_connection_name(given[1]):
            return given[1]
        flags = flags or _VAR_FLAGS.get(text, ())
    return None


#: Variables of libpq that may stand in front of a command, by the component that they give.
_LIBPQ = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "database"}
_PARAMETERS = {
    "PGSSLMODE": "params.sslmode",
    "PGCHANNELBINDING": "params.channel_binding",
    "PGOPTIONS": "params.options",
}


def spelled_out(document: Document, shell: ShellCommand, seen: Invocation, at: Span) -> Connection | None:
    """The connection that flags (`-h`, `-U`) and the variables in front of a command spell out, if a host is named."""
    fields: dict[str, Entry] = {}
    for entry in shell.environment.entries:
        component = (_LIBPQ | _PARAMETERS).get(entry.key)
        if component is not None and seen.tool.variables == ("PGHOST",):
            fields[component] = entry
    for component, place in seen.fields.items():
        value = part(shell.words[place.word], place.start)
        if value is not None:
            fields[component] = Entry(component, value.span, value, value.span)
    host = fields.get("host")
    if host is None or not isinstance(host.value, Scalar):
        return None
    table = Table("keywords", tuple(fields.values()), shell.span, complete=False)
    return Connection(
        document, "fields", "config", "", seen.name, at, table=table, fields=fields, family="keywords", scope=seen.name
    )
