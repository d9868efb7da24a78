"""libpq keyword strings: `host=… dbname=… password='…'`, split the way libpq splits them.

Written from the parser's documented grammar (libpq, "Connection Strings"): values end at white space, single quotes
hold spaces, a backslash escapes the next character. One broken form is read too:
`sslmode=require&channel_binding=require`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from neonlint.dialects.base import Changes
from neonlint.errors import Refused
from neonlint.ir.source import has_hole
from neonlint.ir.view import Param, Part, TextEdit, View
from neonlint.regex import regex

NAME = "keywords"

_PAIR = regex(
    r"\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?:'(?P<quoted>(?:[^'\\]|\\.)*)'|(?P<bare>(?:[^\s'\\]|\\.)*))",
    re.DOTALL | re.ASCII,
)
_COMPONENTS = {"host": "host", "port": "port", "dbname": "database", "user": "user", "password": "password"}
#: Words of which one must be there beside a host, database or service, so that `user=1 host=2` in prose is left alone.
_TELLING = {"host", "dbname", "service", "hostaddr"}
_ALSO = {"user", "password", "sslmode", "port", "channel_binding", "connect_timeout", "host", "dbname"}
#: What C's `isspace` calls white space, which is what libpq splits at.
_SPACE = " \t\n\r\v\f"
_GLUED = regex(r"&(?P<name>[a-z_]+)=")


def view(text: str) -> View | None:
    """See `Dialect.view`."""
    if "=" not in text or "://" in text.split("=", 1)[0]:
        return None
    found: list[Param] = []
    at = 0
    while at < len(text.rstrip(_SPACE)):
        match = _PAIR.match(text, at)
        if match is None:
            return None
        group = "quoted" if match["quoted"] is not None else "bare"
        value = Part(*match.span(group), re.sub(r"\\(.)", r"\1", match[group], flags=re.DOTALL))
        found.append(Param(match["name"].lower(), value, match.start("name"), match.end()))
        at = match.end()
        if at < len(text) and text[at] not in _SPACE:
            return None
    names = {p.name for p in found}
    if not (names & _TELLING) or len(names & _ALSO) < 2:
        return None
    return _view(text, found)


def _view(text: str, found: list[Param]) -> View:
    defects: dict[str, tuple[TextEdit, ...]] = {}
    pairs: list[Param] = []
    for param in found:
        glued = _split_glued(text, param)
        if len(glued) > 1:
            edits = tuple(TextEdit(p.start - 1, p.start, " ") for p in glued[1:])
            defects["ampersand_in_keywords"] = defects.get("ampersand_in_keywords", ()) + edits
        pairs += glued
    parts = {_COMPONENTS[p.name]: p.value for p in pairs if p.name in _COMPONENTS}
    params = tuple(p for p in pairs if p.name not in _COMPONENTS)
    hidden = any(has_hole(p.name) for p in pairs)
    return View(parts, params, defects, params_seen=not hidden)


def _split_glued(text: str, param: Param) -> list[Param]:
    """`sslmode=require&channel_binding=require` as the two parameters that were meant."""
    start, end = param.value.start, param.value.end
    cuts = list(_GLUED.finditer(text, start, end)) if param.name not in ("password", "options") else []
    if not cuts or text[start - 1 : start] == "'":
        return [param]
    first = Param(param.name, Part(start, cuts[0].start(), text[start : cuts[0].start()]), param.start, cuts[0].start())
    rest = []
    for i, cut in enumerate(cuts):
        stop = cuts[i + 1].start() if i + 1 < len(cuts) else end
        rest.append(Param(cut["name"], Part(cut.end(), stop, text[cut.end() : stop]), cut.start("name"), stop))
    return [first, *rest]


def _quoted(value: str) -> str:
    if value and not re.search(r"[\s'\\]", value, re.ASCII):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def put(text: str, changes: Changes) -> list[TextEdit]:
    """See `Dialect.put`."""
    seen = view(text)
    if seen is None:
        raise Refused("the text is not a libpq connection string")
    edits: list[TextEdit] = []
    added: list[str] = []
    gone: list[TextEdit] = []
    for name, value in changes.items():
        if name.startswith("syntax."):
            edits += seen.defects.get(name.removeprefix("syntax."), ()) if value is None else ()
            continue
        same = [param for param in seen.params if f"params.{param.name}" == name]
        gone += [_removal(text, param) for param in (same if value is None else same[:-1])]
        if value is not None or not same:
            edits += _put_pair(text, seen, name, _keyword(name), value, added)
    if added:
        at = len(text.rstrip(_SPACE))
        lead = " " if at else ""
        edits.append(TextEdit(at, at, lead + " ".join(added)))
    gone = _joined(text, gone)
    return [*gone, *(e for e in edits if not any(g.start <= e.start and e.end <= g.end and e.new == " " for g in gone))]


def _removal(text: str, param: Param) -> TextEdit:
    """Take a parameter away with one separator: the `&` behind or before it, else the space before it."""
    start, end = param.start, param.end
    if text[end : end + 1] == "&":
        return TextEdit(start, end + 1, "")
    if text[start - 1 : start] == "&":
        return TextEdit(start - 1, end, "")
    while start > 0 and text[start - 1] in _SPACE:
        start -= 1
    return TextEdit(start, end, "")


def _joined(text: str, removals: Sequence[TextEdit]) -> list[TextEdit]:
    """Removals that overlap or touch as one; at the very beginning, with the space behind."""
    found: list[TextEdit] = []
    for edit in sorted(removals, key=lambda e: e.start):
        if found and edit.start <= found[-1].end:
            found[-1] = TextEdit(found[-1].start, max(edit.end, found[-1].end), "")
        else:
            found.append(edit)
    if found and found[0].start == 0:
        rest = text[found[0].end :]
        found[0] = TextEdit(0, len(text) - len(rest.lstrip(_SPACE)), "")
    return found


def _keyword(name: str) -> str:
    if name.startswith("params."):
        return name.removeprefix("params.")
    for keyword, component in _COMPONENTS.items():
        if component == name:
            return keyword
    raise Refused(f"a libpq connection string has no {name}")


def _put_pair(text: str, seen: View, name: str, keyword: str, value: str | None, added: list[str]) -> list[TextEdit]:
    part = seen.part(name)
    if part is None:
        if value is not None:
            added.append(f"{keyword}={_quoted(value)}")
        return []
    if value == part.text:
        return []
    start, end = part.start, part.end
    if text[start - 1 : start] == "'" and text[end : end + 1] == "'":
        start, end = start - 1, end + 1
    if value is not None:
        return [TextEdit(start, end, _quoted(value))]
    return [_without(text, keyword, end)]


def _without(text: str, keyword: str, end: int) -> TextEdit:
    begin = max(m.start() for m in re.finditer(rf"(?<![A-Za-z0-9_]){keyword}\s*=", text[:end], re.IGNORECASE))
    while begin > 0 and text[begin - 1] in _SPACE:
        begin -= 1
    while begin == 0 and end < len(text) and text[end] in _SPACE:
        end += 1
    return TextEdit(begin, end, "")
