"""The map as one page: a picture, a box to search, a table. It needs nothing but itself and asks nobody for anything.

The page's policy allows the one style sheet and the one script that stand in it, by their hashes. Text of a project
only ever stands between tags or in quoted attributes, escaped; the script reads it from there and never writes markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import neonlint
from neonlint.records import replace
from neonlint.regex import regex
from neonlint.report import map_picture
from neonlint.report import map_words as words
from neonlint.report.redact import scrub
from neonlint.report.summary import quiet

if TYPE_CHECKING:
    from neonlint.inventory import Because, Link, Source, User

#: Behind these a path or host may go on in the next line.
_JOINT = regex(r"[/.]")
_COLUMNS = ("Used by", "Runs, for", "Variable or setting", "Route", "TLS", "Leads to", "Why")


def lines(shown: words.Shown, width: int) -> Iterator[str]:  # noqa: ARG001 -- every format is given it
    """The page, line by line."""
    style, script = (_asset(f"map_page.{kind}") for kind in ("css", "js"))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    yield from (
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        "<title>What connects to what</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
    )
    yield from _top(shown)
    yield from _picture(shown)
    yield from _table(shown)
    yield from _bottom(shown)
    yield f"<script>{script}</script>"
    yield "</body>"
    yield "</html>"


def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _top(shown: words.Shown) -> Iterator[str]:
    inventory = shown.inventory
    yield "<header>"
    yield "<h1>What connects to what</h1>"
    yield f'<p class="quiet">{escape(words.counts(inventory))}</p>'
    told = [(kind, sentence) for kind, sentence in words.attention(inventory)]
    if told:
        yield '<ul class="attention">'
        yield from (f'<li class="{kind}">{escape(sentence)}</li>' for kind, sentence in told)
        yield "</ul>"
    if unknown := ", ".join(words.not_known(inventory)):
        yield f'<p class="quiet">Not known: {escape(unknown)}</p>'
    if left := words.left_out(shown.left):
        yield f'<p class="quiet">{escape(left)}</p>'
    yield "</header>"


def _picture(shown: words.Shown) -> Iterator[str]:
    yield "<main>"
    yield "<h2>Picture</h2>"
    yield from map_picture.legend()
    yield (
        '<p class="find" hidden><label for="find">Show only</label>'
        '<input id="find" type="search" placeholder="a name, path, host, runtime …" autocomplete="off">'
        '<span id="found" role="status" class="quiet"></span></p>'
    )
    yield '<p class="sideways quiet">The picture scrolls sideways; the table below holds the same.</p>'
    yield '<div id="picture">'
    yield from map_picture.lines(shown)
    yield "</div>"


def _table(shown: words.Shown) -> Iterator[str]:
    yield "<h2>Table</h2>"
    yield "<table>"
    yield "<thead><tr>" + "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS) + "</tr></thead>"
    yield "<tbody>"
    named: set[str] = set()
    for source, user, link in _rows(shown):
        yield from _row(shown, source, user, link, named)
    yield "</tbody>"
    yield "</table>"
    yield "</main>"


def _rows(shown: words.Shown) -> Iterator[tuple[Source | None, User | None, Link | None]]:
    """One row for each link, for each source that nobody uses, for each user whose connection is not seen."""
    inventory = shown.inventory
    for source in (source for end in (*inventory.endpoints, None) for source in inventory.sources_at(end)):
        users = inventory.users_of(source)
        for user in users:
            yield source, user, next(link for link in user.links if link.source == source.id)
        if not users:
            yield source, None, None
    yield from ((None, user, None) for user in inventory.users if not user.links)


def _row(
    shown: words.Shown, source: Source | None, user: User | None, link: Link | None, named: set[str]
) -> Iterator[str]:
    endpoint = shown.inventory.endpoint(source.endpoint) if source is not None else None
    ids = [part.id for part in (user, source, endpoint) if part is not None]
    # A box of the picture leads to the first row that speaks of it.
    anchors = "".join(f'<span id="row-{one}"></span>' for one in ids if one not in named)
    named.update(ids)
    route = source.route if source is not None else "unknown"
    # A host outside of Neon has no pooler that is known here.
    neon = endpoint is None or endpoint.where in ("neon", "placeholder")
    cells = (
        (anchors + _used_by(shown, user), ""),
        (_runs(shown, user), ""),
        (_source(shown, source, link), ""),
        ((escape(words.route_of(route)) if route != "unknown" else "not known" if neon else "–"), route),
        _tls(shown, source, user),
        (_endpoint(shown, source), ""),
        (_why(source, user, link), ""),
    )
    yield f'<tr data-ids="{" ".join(ids)}">'
    for (text, kind), label in zip(cells, _COLUMNS, strict=True):
        mark = f' class="{kind}"' if kind else ""
        yield f'<td data-label="{label}"{mark}>{text}</td>'
    yield "</tr>"


def _used_by(shown: words.Shown, user: User | None) -> str:
    if user is None:
        return '<span class="quiet">nothing is seen to use it</span>'
    return f"<b>{escape(words.tool_of(user))}</b> {escape(words.kind_of(user))}<br>{_code(shown.place(user.place))}"


def _code(text: str) -> str:
    """A path or host, which may be broken behind slashes and dots."""
    broken = _JOINT.sub(lambda found: f"{found[0]}<wbr>", escape(text))
    return f"<code>{broken}</code>"


def _runs(shown: words.Shown, user: User | None) -> str:
    if user is None:
        return ""
    known = _facts(words.user_facts(shown.inventory, user))
    if user.kind == "command" or user.runtime != "unknown":
        return known
    return '<span class="quiet">runtime not known</span>' + (f", {known}" if known else "")


def _facts(facts: Iterable[str]) -> str:
    return ", ".join(
        f'<span class="lax">{escape(fact)}</span>' if fact in words.ALARMING else escape(fact) for fact in facts
    )


def _source(shown: words.Shown, source: Source | None, link: Link | None) -> str:
    if source is None:
        return '<span class="quiet">not seen</span>'
    read = link is not None and link.variable not in ("", source.name)
    also = [f"read as {scrub(link.variable)}"] if read and link is not None else []
    missing = ["not defined in this project"] if source.standing == "undefined" else []
    place = ("read in " if missing else "") + shown.place(source.place)
    facts = _facts([*missing, *words.source_facts(source), *also])
    return f"<b>{escape(words.name_of(source))}</b><br>{_code(place)}" + (f"<br>{facts}" if facts else "")


def _tls(shown: words.Shown, source: Source | None, user: User | None) -> tuple[str, str]:
    """How this user opens this source, or how it is written where nobody does."""
    level = source.tls if source is not None else "unknown"
    if user is not None and level == "unknown":
        level = user.tls
    weak = source is not None and words.is_weak(shown.inventory, replace(source, tls=level))
    kind = "lax" if weak else "safe" if level in ("verified", "bound") else "unknown"
    return f"{words.SIGNS[level]} {escape(words.TLS_WORDS[level])}", kind


def _endpoint(shown: words.Shown, source: Source | None) -> str:
    endpoint = shown.inventory.endpoint(source.endpoint) if source is not None else None
    if endpoint is None:
        why = source.endpoint_why if source is not None else ""
        return f'<span class="quiet">not known{escape(": " + scrub(why)) if why else ""}</span>'
    return f"{_code(scrub(endpoint.host))}<br>{_facts(words.endpoint_facts(endpoint))}"


def _why(source: Source | None, user: User | None, link: Link | None) -> str:
    reasons: list[Because] = []
    if link is not None:
        reasons += link.because
    if source is not None:
        reasons += [*source.because, *source.tls_because, *source.role_because]
    if user is not None:
        reasons += user.runtime_because
    texts = [scrub(reason.text) + (" (inferred)" if reason.inferred else "") for reason in dict.fromkeys(reasons)]
    if user is not None and user.unseen:
        texts.append(scrub(user.unseen))
    if not texts:
        return "written there"
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    certain = all(part.certain for part in (source, user, link) if part is not None)
    return f"<details><summary>{'why' if certain else 'inferred'}</summary><ul>{items}</ul></details>"


def _bottom(shown: words.Shown) -> Iterator[str]:
    yield "<footer>"
    skipped = [skip for skip in shown.inventory.skipped if not quiet(skip)]
    if skipped:
        yield "<h2>Not read</h2><ul>"
        for skip in skipped:
            yield f"<li>{_code(scrub(shown.view.shown(skip.path)))}: {escape(scrub(skip.detail))}</li>"
        yield "</ul>"
    yield f'<p class="quiet">Made by neonlint {escape(neonlint.__version__)}. It holds no password.</p>'
    yield "</footer>"
