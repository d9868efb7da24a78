"""Writing the comments that suppress findings, in each format's syntax: above the line, or behind it where nothing can
stand above. A comment is only written if the file then reads as before and the finding is covered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from neonlint import formats
from neonlint.edits import Edit
from neonlint.errors import ParseFailure, UsageError
from neonlint.extract import extract
from neonlint.formats.claims import format_with
from neonlint.ignore_comments_syntax import syntaxes
from neonlint.ir.findings import Finding
from neonlint.ir.model import Extract
from neonlint.repair_comments import changed
from neonlint.report.redact import scrub
from neonlint.suppress import Suppressions
from neonlint.suppress_directives import Finder

_LONGEST = 200
#: Findings about suppressions and the baseline are mended, not suppressed.
_HYGIENE = "NL9"


class Written(NamedTuple):
    """A file with the comments that were added, the findings that they cover, and those for which there is no place."""

    data: bytes
    covered: list[Finding]
    left: list[Finding]


def reason(text: str) -> str:
    """What may stand behind the bracket; raises UsageError for what would end the comment or tell a secret."""
    words = " ".join(text.split())
    if any(end in words for end in ("*/", "-->", "neonlint:")) or words.endswith("\\") or not words.isprintable():
        raise UsageError("--add-ignore: the reason holds something that cannot stand in a comment; use plain words")
    if len(words) > _LONGEST:
        raise UsageError(f"--add-ignore: the reason may have at most {_LONGEST} characters")
    if scrub(words) != words:
        raise UsageError("--add-ignore: the reason holds a password; say why, not what")
    return words


def write(path: str, data: bytes, findings: Iterable[Finding], rulebook: Finder, why: str) -> Written:
    """Add a comment for each line of the file `path` that `findings` (of this file) stand on."""
    result = Written(data, [], [])
    by_row: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        if not finding.code.startswith(_HYGIENE):
            by_row[finding.row].append(finding)
    current = _read(path, data) if by_row else None
    for row, here in sorted(by_row.items(), reverse=True):  # from below, so that rows above stay
        again = current and _covered(current, row, sorted({f.code for f in here}), rulebook, why)
        current = again or current
        (result.covered if again else result.left).extend(here)
    return result._replace(data=current.document.data if current else data)


def _read(path: str, data: bytes) -> Extract | None:
    for name in (format_with(path, data), "text"):
        try:
            return extract(formats.load(name).read(path, data))
        except ParseFailure:
            continue
    return None


def _covered(current: Extract, row: int, codes: Sequence[str], rulebook: Finder, why: str) -> Extract | None:
    """The file with a comment that covers `codes` in a row; None where it takes none there."""
    words = f"neonlint: ignore[{', '.join(codes)}] {why}".rstrip()
    for edit, moved in _candidates(current, row, words):
        again = changed(current, [edit])
        if again is not None and _suppressed(again, row + moved, codes, rulebook):
            return again
    return None


def _suppressed(current: Extract, row: int, codes: Collection[str], rulebook: Finder) -> bool:
    suppressions = Suppressions.of(current.comments, rulebook, current.document.data)
    return all(suppressions.covers(code, row) for code in codes)


def _candidates(current: Extract, row: int, words: str) -> Iterator[tuple[Edit, int]]:
    """Ways to write a comment about a row, best first, each with how many lines the row moves down."""
    document = current.document
    lines = document.data.splitlines(keepends=True) if b"\r" not in document.data.replace(b"\r\n", b"") else []
    if not 0 < row <= len(lines):
        return
    line, start = lines[row - 1], sum(map(len, lines[: row - 1]))
    body = line.rstrip(b"\r\n")
    newline = line[len(body) :] or (b"\r\n" if b"\r\n" in document.data else b"\n")
    mark = 3 if start == 0 and body.startswith(b"\xef\xbb\xbf") else 0
    blank = body[mark : len(body) - len(body[mark:].lstrip(b" \t"))]
    indent = b"" if document.format in ("makefile", "procfile", "pgpass", "dotenv", "ini") else blank
    for before, behind in syntaxes(document, start):
        comment = f"{before}{words}{behind}".encode()
        yield Edit(start + mark, start + mark, indent + comment + newline), 1
        end = start + len(body)
        yield Edit(end, end, b"  " + comment), 0
