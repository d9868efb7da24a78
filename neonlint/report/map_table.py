"""The map for a terminal: each endpoint, the places that name it, and below each the code and commands that use it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from neonlint.report import map_words as words
from neonlint.report.redact import scrub
from neonlint.report.style import Style
from neonlint.report.summary import quiet

if TYPE_CHECKING:
    from neonlint.inventory import Endpoint, Link, Source, User

_GAP = "  "
_LEAST = 40
#: So many files that were not read are named.
_SKIPPED = 5


def lines(shown: words.Shown, width: int) -> Iterator[str]:
    """The map, in lines of at most `width` cells as far as words and paths allow that."""
    table = _Table(shown, max(width, _LEAST))
    yield from table.lines()


class _Table:
    def __init__(self, shown: words.Shown, width: int) -> None:
        self.shown, self.inventory, self.width = shown, shown.inventory, width
        self.style = Style(shown.view.color)
        self._first: dict[tuple[str, ...], str] = {}  # users as they are drawn, and the place of the first such source

    def lines(self) -> Iterator[str]:
        """Everything: endpoints, what leads nowhere that is seen, counts."""
        for endpoint in self.inventory.endpoints:
            yield from self._endpoint(endpoint)
            yield ""
        if unseen := self.inventory.sources_at(None):
            yield self.style("bold", "Where these lead is not known")
            for source in unseen:
                yield from self._source(source)
            yield ""
        if alone := [user for user in self.inventory.users if not user.links]:
            yield self.style("bold", "What these open is not known")
            for user in alone:
                yield from self._user(user, None, _GAP)
            yield ""
        if not self.shown.view.quiet:
            yield from self._summary()

    def _endpoint(self, endpoint: Endpoint) -> Iterator[str]:
        yield self.style("bold", scrub(endpoint.host))
        facts = list(words.endpoint_facts(endpoint))
        sources = self.inventory.sources_at(endpoint)
        lax = sum(1 for source in sources if words.is_lax(self.inventory, source))
        if lax:
            facts.append(f"{lax} of {len(sources)} not verified" if lax < len(sources) else "not verified")
        yield from self._flow(_listed([self._painted(fact) for fact in facts]), _GAP, _GAP)
        for source in sources:
            yield from self._source(source)

    def _source(self, source: Source) -> Iterator[str]:
        name = words.name_of(source)
        place = self.shown.place(source.place)
        if source.standing == "undefined":
            head = [(name, "bold"), ("not defined in this project", "yellow"), (f"read in {place}", "")]
            yield from self._flow(head, _GAP, _GAP * 3)
        else:
            facts = [self._painted(fact) for fact in words.source_facts(source)]
            level = words.tls_of(self.inventory, source)
            local = source.tls in words.NOT_VERIFIED and not words.is_weak(self.inventory, source)
            tls = (
                []
                if source.endpoint is None or words.is_idle(self.inventory, source)
                else [(level, "")]
                if local
                else [self._painted(level)]
            )
            why = [(scrub(source.endpoint_why), "")] if source.endpoint is None else []
            yield from self._flow([(name, "bold"), (place, "cyan"), *_listed([*tls, *facts, *why])], _GAP, _GAP * 3)
        users = self.inventory.users_of(source)
        drawn = [line for user in users for line in self._user_of(source, user)]
        first = self._first.setdefault(tuple(drawn), place)
        if len(users) > 1 and first != place:
            yield f"{_GAP * 2}- the same {len(users)} users as {first}"
        else:
            yield from drawn
        if not users and source.standing != "undefined" and source.endpoint is not None:
            yield f"{_GAP * 2}- nothing is seen to use it"

    def _user_of(self, source: Source, user: User) -> Iterator[str]:
        link = next(link for link in user.links if link.source == source.id)
        yield from self._user(user, link, _GAP * 2 + "- ", source)

    def _user(self, user: User, link: Link | None, indent: str, source: Source | None = None) -> Iterator[str]:
        kind = words.kind_of(user)
        facts = [self._painted(fact) for fact in words.user_facts(self.inventory, user)]
        tls = words.own_tls(self.inventory, user)
        if tls and (source is None or tls != words.TLS_WORDS[source.tls]):
            facts.append(self._painted(tls))
        if link is not None and source is not None and link.variable not in ("", source.name):
            facts.append((f"read as {scrub(link.variable)}", ""))
        if link is not None and not link.certain:
            facts.append(("inferred", ""))
        why = [(scrub(user.unseen), "")] if link is None else []
        place = self.shown.place(user.place)
        parts = [(f"{words.tool_of(user)} {kind}".rstrip(), ""), (place, "cyan"), *_listed(facts), *why]
        yield from self._flow(parts, indent, " " * (len(indent) + 4))

    @staticmethod
    def _painted(text: str) -> tuple[str, str]:
        colors = {
            "pooled": "green",
            "direct": "yellow",
            "verified": "green",
            **dict.fromkeys(words.ALARMING, "red"),
            **{words.TLS_WORDS[level]: "red" for level in words.NOT_VERIFIED},
        }
        return text, colors.get(text, "red" if text.endswith("not verified") else "")

    def _flow(self, parts: Iterable[tuple[str, str]], indent: str, further: str) -> Iterator[str]:
        """Parts on as few lines as they fit on, the first behind `indent`, others behind `further`.

        A part that is longer than a line is broken between its words, and never inside one.
        """
        line, used, begun, gap_before = indent, cells(indent), False, _GAP
        for text, color in parts:
            pieces = [text] if cells(further + text) <= self.width else text.split(" ")
            for number, piece in enumerate(pieces):
                gap = gap_before if number == 0 else " "
                if begun and used + len(gap) + cells(piece) > self.width:
                    yield line
                    line, used, begun = further, cells(further), False
                elif begun:
                    line, used = line + gap, used + len(gap)
                line += self.style(color, piece) if color else piece
                used, begun = used + cells(piece), True
            gap_before = " " if text.endswith(",") else _GAP
        if begun:
            yield line

    def _summary(self) -> Iterator[str]:
        yield from self._flow([(words.counts(self.inventory), "")], "", _GAP)
        for _, sentence in words.attention(self.inventory):
            yield from self._flow([(sentence, "yellow")], "", _GAP)
        if unknown := ", ".join(words.not_known(self.inventory)):
            yield from self._flow([(f"Not known: {unknown}", "")], "", _GAP)
        if text := words.left_out(self.shown.left):
            yield from self._flow([(text, "")], "", _GAP)
        if self.inventory.ignored_env_files:
            names = ", ".join(scrub(self.shown.view.shown(path)) for path in self.inventory.ignored_env_files)
            yield from self._flow([(f"Read although git ignores them: {names}", "")], "", _GAP)
        skipped = [skip for skip in self.inventory.skipped if not quiet(skip)]
        for skip in skipped[:_SKIPPED]:
            told = f"Not read: {scrub(self.shown.view.shown(skip.path))}: {scrub(skip.detail)}"
            yield from self._flow([(told, "")], "", _GAP)
        if (more := len(skipped) - _SKIPPED) > 0:
            yield f"Not read: {words.plural(more, 'more file')}; `neonlint check` names them"


def _listed(parts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Facts with commas between them."""
    return [(f"{text},", color) for text, color in parts[:-1]] + list(parts[-1:])


def cells(text: str) -> int:
    """How many terminal cells a text takes: two for wide characters, none for marks that combine."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
