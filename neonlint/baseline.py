"""The findings that a project lives with: `.neonlint-baseline.toml`, which is kept beside the code and merged like it.

An entry says how often a rule may find the same thing in a file. It holds no line number, no time and nothing made from
a secret (`neonlint.fingerprint`). Entries are sorted, each on a line of its own, so that branches which add different
ones merge, and where they meet both lines can simply be kept.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from neonlint import fingerprint
from neonlint.discover_listing import is_env
from neonlint.errors import ConfigError
from neonlint.ir.findings import Finding, SourceText
from neonlint.ir.source import Span
from neonlint.records import replace
from neonlint.regex import regex
from neonlint.report.redact import scrub

VERSION = 1
MAX_BYTES = 16 * 1024 * 1024
_HEAD = """\
# What neonlint found before it was adopted, and lets pass. `neonlint baseline prune` takes out what is gone.
version = 1
"""
_LINE = regex(rb"^ *\{ path = [^\n]* fingerprint = \"([0-9a-f]{1,64})\"", re.MULTILINE)
_CONFLICT = b"<<<<<<< "


class Entry(NamedTuple):
    """So many findings of the rule called `rule` that have this fingerprint. `key` is for readers."""

    path: str
    rule: str
    key: str
    fingerprint: str
    count: int = 1  # type: ignore[assignment]  # as in the file; tuples count nothing here


class _Rule(Protocol):
    @property
    def code(self) -> str: ...


Find = Callable[[str], _Rule | None]


class Baseline:
    """The entries of one file, and how often each was met since `forget`."""

    __slots__ = ("_by_path", "_met", "_places", "entries", "file", "text")

    def __init__(self, file: str, entries: Iterable[Entry], text: bytes = b"") -> None:
        self.file = file
        self.text = text
        self.entries = sorted(_distinct(entries))
        self._by_path: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            self._by_path[entry.path].append(entry)
        self._met: Counter[Entry] = Counter()
        self._places: dict[str, tuple[int, Span]] | None = None

    def forget(self) -> None:
        """Begin a new count: the same files are judged again."""
        self._met.clear()

    def new(
        self, path: str, findings: Sequence[Finding], source: Callable[[], SourceText], find: Find
    ) -> list[Finding]:
        """Those of a file's findings that no entry lets pass. `source` gives the file's text and secrets; `find` a rule
        by a present or former name."""
        here = self._by_path.get(name_of(path))
        if not here or not findings:
            return list(findings)
        left = {(entry.rule, entry.fingerprint): entry for entry in here}
        names = {name: rule.code for name in {entry.rule for entry in here} if (rule := find(name)) is not None}
        text = source()
        return [finding for finding in findings if not self._passes(finding, text, left, names)]

    def _passes(
        self, finding: Finding, text: SourceText, left: Mapping[tuple[str, str], Entry], names: Mapping[str, str]
    ) -> bool:
        for name in (name for name, code in names.items() if code == finding.code):
            entry = left.get((name, fingerprint.of(replace(finding, name=name), text)))
            if entry is not None and self._met[entry] < entry.count:
                self._met[entry] += 1
                return True
        return False

    def stale(self, judged: Callable[[Entry], bool]) -> list[Entry]:
        """What is gone: entries with the number of findings that were not met. Nothing is said about those for which
        `judged` is false."""
        gone = ((entry, entry.count - self._met[entry]) for entry in self.entries if judged(entry))
        return [entry._replace(count=count) for entry, count in gone if count]

    def complaint(self, stale: Entry, url: str) -> Finding:
        """The finding that an entry is stale."""
        row, span = self._place(stale)
        times = "" if stale.count == 1 else f" {stale.count} times"
        return Finding(
            code="NL904",
            name="stale-baseline",
            severity="warning",
            message=f"`{stale.rule}` is no longer found{times} in {stale.path} as the baseline has it",
            path=self.file,
            span=span,
            label=span,
            help="Run `neonlint baseline prune`",
            url=url,
            key=f"{stale.path}:{stale.fingerprint}",
            row=row,
        )

    def _place(self, entry: Entry) -> tuple[int, Span]:
        """The row (1-based) and the bytes of an entry in the file it was read from; the first line where unknown."""
        if self._places is None:
            self._places = dict(_places(self.text))
        return self._places.get(entry.fingerprint, (1, Span(0, 0)))


def _places(text: bytes) -> Iterator[tuple[str, tuple[int, Span]]]:
    """For each fingerprint in a file the row and the bytes of its entry."""
    row, seen = 1, 0
    for match in _LINE.finditer(text):
        row, seen = row + text.count(b"\n", seen, match.start()), match.start()
        yield match[1].decode("ascii"), (row, Span(text.index(b"{", match.start()), match.end()))


def _distinct(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Each entry once: a merge may have kept both of two equal ones."""
    most: dict[tuple[str, str, str], Entry] = {}
    for entry in entries:
        mark = entry.path, entry.rule, entry.fingerprint
        if mark not in most or most[mark].count < entry.count:
            most[mark] = entry
    yield from most.values()


def of(findings: Iterable[Finding], sources: Mapping[str, SourceText]) -> list[Entry]:
    """The entries that let `findings` pass."""
    counts = Counter(
        Entry(
            name_of(finding.path),
            finding.name,
            fingerprint.logical(finding.key),
            fingerprint.of(finding, sources.get(finding.path, b"")),
        )
        for finding in findings
    )
    return [entry._replace(count=count) for entry, count in counts.items()]


def name_of(path: str) -> str:
    """How an entry names a file: what may not be printed is not written either."""
    return scrub(path)


def may_be_elsewhere(path: str) -> bool:
    """Whether a file that is not here may be on another machine: an env file, which git is mostly told to ignore."""
    return is_env(path)


def load(root: Path, path: str) -> Baseline:
    """The baseline in the file `path` (relative to `root`, or absolute). Raises ConfigError."""
    place = root / path
    shown = os.path.relpath(place, root).replace(os.sep, "/")
    try:
        with place.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        remedy = "make it with `neonlint baseline create`, or run with --no-baseline"
        raise ConfigError(f"{scrub(shown)}: cannot be read ({cause}); {remedy}") from None
    return Baseline(shown, _entries(data, scrub(shown)), data)


def _entries(data: bytes, shown: str) -> Iterator[Entry]:
    import tomllib  # noqa: PLC0415 -- only where there is a baseline

    remedy = "`neonlint baseline create --force` makes it anew"
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{shown}: larger than {MAX_BYTES // 1024 // 1024} MiB; {remedy}")
    try:
        content = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        cause = "holds the marks of a merge that was not finished" if _CONFLICT in data else "is not valid TOML"
        raise ConfigError(f"{shown}: {cause}; correct it, or {remedy}") from None
    if content.get("version") != VERSION:
        raise ConfigError(f"{shown}: `version` is not {VERSION}: another neonlint made it; update yours, or {remedy}")
    tables = content.get("finding", [])
    if set(content) - {"version", "finding"} or not isinstance(tables, list):
        raise ConfigError(f"{shown}: holds more than `version` and `finding`; {remedy}")
    for number, table in enumerate(tables, start=1):
        entry = _entry(table)
        if entry is None:
            raise ConfigError(f"{shown}: entry number {number} is not one that neonlint writes; {remedy}")
        yield entry


def _entry(table: object) -> Entry | None:
    if not isinstance(table, dict) or set(table) != set(Entry._fields):
        return None
    texts, count = [table[name] for name in Entry._fields[:-1]], table["count"]
    if not all(isinstance(text, str) for text in texts) or type(count) is not int or count < 1:
        return None
    return Entry._make([*texts, count])


def text(entries: Iterable[Entry]) -> str:
    """The file, the same for the same entries in any order."""
    import tomli_w  # noqa: PLC0415 -- only a command that writes needs it

    found = [
        ", ".join(tomli_w.dumps({name: value}).rstrip("\n") for name, value in entry._asdict().items())
        for entry in sorted(_distinct(entries))
    ]
    return _HEAD + "".join(["finding = [\n", *(f"  {{ {one} }},\n" for one in found), "]\n"])
