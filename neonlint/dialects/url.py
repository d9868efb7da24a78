"""Postgres URLs: `scheme[+driver]://user:password@host:port/database?name=value&…`, as libpq, SQLAlchemy and Python
read them.

It also reads three broken forms that people write (`psql '…'`, a `&` where the first `?` belongs, unencoded
characters in the user or password) and names each as a `syntax` defect with the edits that mend it.
"""

from __future__ import annotations

import re

from neonlint.dialects.base import Changes
from neonlint.errors import Refused
from neonlint.ir.source import HOLE, MAX_HOLES, has_hole
from neonlint.ir.view import Param, Part, TextEdit, View
from neonlint.regex import regex

NAME = "url"

_HOLES = f"{chr(HOLE)}-{chr(HOLE + MAX_HOLES - 1)}"
_START = regex(
    r"\s*(?P<psql>psql\s+)?(?P<quote>['\"`]?)(?P<scheme>postgres(?:ql)?)(?:\+(?P<driver>[A-Za-z0-9_]+))?://",
    re.IGNORECASE,
)
_HOSTLIKE = regex(rf"(?P<host>\[[0-9A-Fa-f:.]*\]|[^\s@:/?#&\[\]]*)(?::(?P<port>[0-9{_HOLES}]*))?(?=[/?&]|\Z)")
_MANY_HOSTS = regex(r"[^\s@/?#&\[\]]*,[^\s@/?#&]*(?=[/?&]|\Z)")
#: Characters that make some reader of URLs split the user information elsewhere: libpq (`@`, `/`, a bare `%`),
#: urllib (`/`, `?`, `#`, `[`, `]`), both for white space.
_RAW = regex(r"[@/?#\[\]\s]|%(?![0-9A-Fa-f]{2})")
_AT = regex("@")
#: What libpq and JDBC also take among the parameters; in front of the host it counts first here.
_IN_QUERY = frozenset({"user", "password"})
_VALUE_SAFE = "/-._~:,@"


def _unquoted(text: str) -> str:
    """`text` with its percent escapes read."""
    if "%" not in text:
        return text
    from urllib.parse import unquote  # noqa: PLC0415 -- costs 3 ms, and few connection strings have escapes

    return unquote(text)


def _quoted(text: str, safe: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 -- only repairs write

    return quote(text, safe=safe)


def view(text: str) -> View | None:
    """See `Dialect.view`."""
    start = _START.match(text)
    if not start:
        return None
    parts: dict[str, Part] = {"scheme": _part(text, *start.span("scheme"))}
    if start["driver"] is not None:
        parts["driver"] = _part(text, *start.span("driver"))
    end, defects = _wrapping(text, start)
    at = _user_information(text, start.end(), end, parts)
    if (raw := _raw_characters(text, parts)) is not None:
        defects["unencoded_userinfo"] = raw
    behind_host = _host(text, at, end, parts)
    if behind_host is None:
        return None
    return _database_and_params(text, behind_host, end, parts, defects)


def _part(text: str, start: int, end: int) -> Part:
    raw = text[start:end]
    return Part(start, end, _unquoted(raw))


def _wrapping(text: str, start: re.Match[str]) -> tuple[int, dict[str, tuple[TextEdit, ...]]]:
    """Where the URL ends, and the edits that take a pasted `psql '…'` or a second pair of quotes away."""
    end = len(text.rstrip())
    opened = start["quote"]
    if opened and text[end - 1 : end] == opened and end - 1 > start.end():
        end -= 1
    if not (start["psql"] or opened):
        return end, {}
    first = start.start("psql") if start["psql"] else start.start("quote")
    edits = [TextEdit(first, start.start("scheme"), "")]
    if end < len(text.rstrip()):
        edits.append(TextEdit(end, end + 1, ""))
    return end, {"psql_command": tuple(edits)}


def _user_information(text: str, at: int, end: int, parts: dict[str, Part]) -> int:
    """Read `user:password@`; returns the index of the host.

    The user information ends at the first `@` behind which a Neon host stands, else at the first behind which any
    host can.
    """
    found = [
        (stop.start(), _HOSTLIKE.match(text, stop.end(), end) or _MANY_HOSTS.match(text, stop.end(), end))
        for stop in _AT.finditer(text, at, end)
        if not _is_host_and_path(text[at : stop.start()])
    ]
    hosts = [(stop, host[0]) for stop, host in found if host and host.end() > stop + 1]
    if not hosts:
        return at
    stop = next((stop for stop, host in hosts if ".neon." in host), hosts[0][0])
    colon = text.find(":", at, stop)
    parts["user"] = _part(text, at, colon if colon != -1 else stop)
    if colon != -1:
        parts["password"] = _part(text, colon + 1, stop)
    return stop + 1


def _is_host_and_path(before: str) -> bool:
    """Whether what stands before an `@` is already host, port and path, so that the `@` belongs to the query."""
    head, slash, rest = before.partition("/")
    if slash and "?" in rest:
        return ":" not in head or re.fullmatch(r"[^:@]*:\d*", head) is not None
    return False


def _raw_characters(text: str, parts: dict[str, Part]) -> tuple[TextEdit, ...] | None:
    edits = []
    for name in ("user", "password"):
        part = parts.get(name)
        if part and (written := text[part.start : part.end]) and _RAW.search(written):
            edits.append(TextEdit(part.start, part.end, _RAW.sub(lambda m: _quoted(m[0], safe=""), written)))
    return tuple(edits) or None


def _host(text: str, at: int, end: int, parts: dict[str, Part]) -> int | None:
    match = _HOSTLIKE.match(text, at, end)
    if match is None:
        many = _MANY_HOSTS.match(text, at, end)
        if many is None:
            return None
        parts["hosts"] = _part(text, at, many.end())
        return many.end()
    if match["host"]:
        parts["host"] = _part(text, *match.span("host"))
    if match["port"]:
        parts["port"] = _part(text, *match.span("port"))
    return match.end()


def _database_and_params(
    text: str, at: int, end: int, parts: dict[str, Part], defects: dict[str, tuple[TextEdit, ...]]
) -> View:
    question = text.find("?", at, end)
    ampersand = text.find("&", at, end)
    query = question if question != -1 else end
    if ampersand != -1 and ampersand < query and "=" in text[ampersand:query]:
        query = ampersand
        defects["query_separator"] = (TextEdit(ampersand, ampersand + 1, "?"),)
        if question != -1:
            defects["query_separator"] += (TextEdit(question, question + 1, "&"),)
    if text[at : at + 1] == "/" and query > at + 1:
        parts["database"] = _part(text, at + 1, query)
    params = _params(text, min(query + 1, end), end)
    for param in params:
        if param.name in _IN_QUERY:
            parts.setdefault(param.name, param.value)
    # A hole in a parameter's name, or one glued to the last component (`…/db{query}`), may hold any parameter.
    tail = params[-1].value if params else parts.get("database", parts.get("port", parts.get("host")))
    glued = tail is not None and tail.end == end and tail.end - tail.start > 1 and has_hole(text[end - 1 : end])
    hidden = any(has_hole(p.name) for p in params) or glued
    return View(parts, params, defects, params_seen=not hidden)


def _params(text: str, at: int, end: int) -> tuple[Param, ...]:
    found = []
    while at < end:
        stop = min((i for i in (text.find("&", at, end), text.find("?", at, end)) if i != -1), default=end)
        if stop > at:
            equals = text.find("=", at, stop)
            middle = equals if equals != -1 else stop
            value = _part(text, min(middle + 1, stop), stop)
            found.append(Param(_unquoted(text[at:middle]), value, at, stop))
        at = stop + 1
    return tuple(found)


def put(text: str, changes: Changes) -> list[TextEdit]:
    """See `Dialect.put`."""
    seen = view(text)
    if seen is None:
        raise Refused("the text is not a connection string")
    edits: list[TextEdit] = []
    added: list[str] = []
    removed: set[int] = set()
    for name, value in changes.items():
        if name.startswith("syntax."):
            edits += seen.defects.get(name.removeprefix("syntax."), ()) if value is None else ()
        elif name.startswith("params.") or any(param.value is seen.parts.get(name) for param in seen.params):
            _put_param(seen, name.removeprefix("params."), value, edits, added, removed)
        else:
            _put_part(text, seen, name, value, edits)
    edits += _without(seen, removed, bool(added))
    if added:
        edits.append(_append(text, seen, removed, added))
    return [e for e in edits if text[e.start : e.end] != e.new]


def _put_part(text: str, seen: View, name: str, value: str | None, edits: list[TextEdit]) -> None:
    part = seen.parts.get(name)
    if part is not None and value is not None:
        safe = "[]:" if name == "host" else ""
        if part.text != value:
            edits.append(TextEdit(part.start, part.end, _quoted(value, safe=f"-._~{safe}")))
        return
    if part is not None:
        lead = {"driver": "+", "port": ":", "database": "/", "password": ":"}.get(name)
        if lead is None:
            raise Refused(f"a URL cannot be without {name}")
        edits.append(TextEdit(part.start - len(lead), part.end, ""))
    elif value is not None:
        edits.append(_insert_part(text, seen, name, value))


def _insert_part(text: str, seen: View, name: str, value: str) -> TextEdit:
    scheme, host = seen.parts["scheme"], seen.parts.get("host")
    port = seen.parts.get("port")
    if name == "driver":
        return TextEdit(scheme.end, scheme.end, f"+{value}")
    if name == "port" and host:
        return TextEdit(host.end, host.end, f":{value}")
    if name == "database" and host:
        at = (port or host).end
        return TextEdit(at, at + (text[at : at + 1] == "/"), "/" + _quoted(value, safe="-._~"))
    raise Refused(f"the URL has no place for {name}")


def _put_param(
    seen: View, name: str, value: str | None, edits: list[TextEdit], added: list[str], removed: set[int]
) -> None:
    same = [i for i, p in enumerate(seen.params) if p.name == name]
    if value is None:
        removed.update(same)
    elif not same:
        added.append(f"{_quoted(name, safe='-._~')}={_quoted(value, safe=_VALUE_SAFE)}")
    else:
        last = seen.params[same[-1]]
        removed.update(same[:-1])
        if last.value.text != value:
            equals = "=" if last.value.start == last.end and last.value.start == last.start + len(last.name) else ""
            edits.append(TextEdit(last.value.start, last.value.end, equals + _quoted(value, safe=_VALUE_SAFE)))


def _without(seen: View, removed: set[int], more_follow: bool) -> list[TextEdit]:
    """Take parameters away with one separator each, so that exactly the kept ones stay joined."""
    kept = [i for i in range(len(seen.params)) if i not in removed]
    edits = []
    for i in sorted(removed):
        start, end = seen.params[i].start, seen.params[i].end
        if kept and i < kept[0]:
            end = seen.params[i + 1].start
        elif kept or i > 0 or not more_follow:
            start -= 1
        edits.append(TextEdit(start, end, ""))
    return edits


def _append(text: str, seen: View, removed: set[int], added: list[str]) -> TextEdit:
    if seen.params:
        at = seen.params[-1].end
        lead = "&" if len(removed) < len(seen.params) else ""
    else:
        at = max(part.end for part in seen.parts.values())
        at += text[at : at + 1] == "/"
        lead = "" if text[at : at + 1] == "?" else "?"
        at += text[at : at + 1] == "?"
    return TextEdit(at, at, lead + "&".join(added))
