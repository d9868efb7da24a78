"""The settings of one document that change how clients connect and stand outside every client: a variable of the
environment that Node reads, properties of Neon's driver. Looks at no other file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from neonlint.ir.model import Setting
from neonlint.ir.source import Document, Entry, Items, Scalar, ShellCommand, Span, Table, Value
from neonlint.regex import regex

#: Node checks no certificate while this variable is `0` (Node.js documentation, "Command-line API").
NODE_SWITCH = "NODE_TLS_REJECT_UNAUTHORIZED"
_NEON_CONFIG = "@neondatabase/serverless.neonConfig."
_PROPERTIES = frozenset({"useSecureWebSocket", "fetchEndpoint", "wsProxy", "fetchConnectionCache"})
_CONDITION = regex(rb"(?:^|[^\w$])(?:if|else|switch|case|catch)(?![\w$])|&&|\|\||\?(?!\.)")
#: How far back a condition is looked for, in bytes; and how many settings of a file are looked at.
_FAR = 4_000
MOST = 50


def settings_of(document: Document) -> Iterator[Setting]:
    """The settings of a document but those in the words of shell text."""
    yield from islice(_written(document), MOST)


def _written(document: Document) -> Iterator[Setting]:
    for root in document.roots:
        for table, key in _environments(root):
            if (entry := table.entry(NODE_SWITCH)) is not None:
                yield _setting(document, NODE_SWITCH, table, entry, key)
        if document.format == "javascript":
            for entry in root.entries:
                name = entry.key.removeprefix(_NEON_CONFIG)
                if name != entry.key and name in _PROPERTIES:
                    yield _setting(document, name, root, entry, f"neonConfig.{name}")


def settings_in(document: Document, shell: ShellCommand, key: str) -> Iterator[Setting]:
    """The settings that a command of a shell is given: in front of it, or as a word (`cross-env X=0`, `-e X=0`)."""
    entry = shell.environment.entry(NODE_SWITCH)
    if entry is not None:
        yield _setting(document, NODE_SWITCH, shell.environment, entry, key)
    for word in shell.words:
        text = word.value if isinstance(word, Scalar) else None
        if isinstance(text, str) and text.startswith(f"{NODE_SWITCH}=") and isinstance(word, Scalar):
            value = text.partition("=")[2]
            yield Setting(document, NODE_SWITCH, value, key, word.span, word.span)


def _environments(root: Table) -> Iterator[tuple[Table, str]]:
    """The tables of a document that may set variables, with their keys; without recursion."""
    stack: list[tuple[Value, tuple[str, ...]]] = [(root, ())]
    while stack:
        value, keys = stack.pop()
        if isinstance(value, Table):
            if value.kind in ("env", "mapping"):
                yield value, ".".join(keys)
            stack.extend((entry.value, (*keys[:6], entry.key)) for entry in value.entries)
        elif isinstance(value, Items):
            stack.extend((held, keys) for held in value.values)


def _setting(document: Document, name: str, table: Table, entry: Entry, key: str) -> Setting:
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    guarded = document.format == "javascript" and _guarded(document.data, entry.span)
    key = key if key.endswith(name) else f"{key}.{name}".lstrip(".")
    return Setting(document, name, value, key, entry.span, entry.key_span, table, entry, guarded)


def _guarded(data: bytes, span: Span) -> bool:
    """Whether a statement stands behind a condition: on its own row, or in a block that begins with one.

    Braces are counted back from the statement, so one in a string may hide a condition or make one up; a setting that
    is taken for guarded is not reported.
    """
    start = data.rfind(b"\n", 0, span.start) + 1
    floor = max(span.start - _FAR, 0)
    above = data[floor:start].rstrip().rpartition(b"\n")[2]
    if _CONDITION.search(data[start : span.start]) or (
        _CONDITION.search(above)
        and not above.endswith((b";", b"}", b"{", b","))
        and not above.lstrip().startswith(b"//")
    ):
        return True
    depth, at = 0, span.start
    while (at := max(data.rfind(b"{", floor, at), data.rfind(b"}", floor, at))) >= 0:
        if data[at : at + 1] == b"}":
            depth += 1
        elif depth:
            depth -= 1
        elif _CONDITION.search(_head(data, at)):
            return True
    return False


def _head(data: bytes, brace: int) -> bytes:
    """What stands between the statement before and an opening brace."""
    before = max(data.rfind(sign, max(brace - 400, 0), brace) for sign in (b";", b"{", b"}"))
    return data[max(before, brace - 400, -1) + 1 : brace]
