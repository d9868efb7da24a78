"""What a finding is known by from run to run, by people's machines and by services that keep findings.

A fingerprint says which rule found something, in which file, under which key, on which text. It holds no line number,
so it stays when lines move; white space does not count, and every secret is taken out before anything is hashed, so it
stays when a password is rotated and tells nothing about one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from neonlint.ir.findings import Finding, SourceText
from neonlint.ir.source import Span
from neonlint.regex import regex
from neonlint.report.redact import MASK, redacted, scrub

#: Hexadecimal digits kept of SHA-256: path and rule stand beside it, so 80 bits are more than enough.
LENGTH = 20
#: Of a longer line (minified code, data) nothing is taken: any change of such a file changes it.
_LONGEST = 10_000
_POSITION = regex(r"(?<![^.])[0-9]+(?![^.])")


def of(finding: Finding, source: bytes | SourceText) -> str:
    """The fingerprint of `finding`, whose file holds `source`. Two equal findings of one file have the same."""
    text = SourceText(source) if isinstance(source, bytes) else source
    parts = (finding.name, scrub(finding.path), logical(finding.key), finding.host, _line(text, finding.span.start))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:LENGTH]


def numbered(findings: Iterable[Finding], sources: Mapping[str, SourceText]) -> Iterator[str]:
    """A fingerprint for each finding, made unique: the second of two equal ones ends in `-2`."""
    seen: Counter[str] = Counter()
    for finding in findings:
        mark = of(finding, sources.get(finding.path, b""))
        seen[mark] += 1
        yield mark if seen[mark] == 1 else f"{mark}-{seen[mark]}"


def logical(key: str) -> str:
    """A finding's key as it stays when items and lines are added above: `steps.*.run` for `steps.3.run`."""
    return scrub(_POSITION.sub("*", key))


def _line(source: SourceText, at: int) -> str:
    """The line around byte `at`, without white space, with `***` for each secret in it whatever its length."""
    data = source.data
    start = max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1
    ends = [end for end in (data.find(b"\n", at), data.find(b"\r", at)) if end >= 0]
    end = min(ends, default=len(data))
    text = _without(data[start:end], start, source.secrets)
    if len(text) > _LONGEST:
        return ""
    return "".join(redacted(text).replace("\ufeff", "").split())


def _without(line: bytes, start: int, secrets: Iterable[Span]) -> str:
    """A line whose first byte is byte `start` of its file, its known secrets replaced."""
    pieces, at, end = [], 0, start + len(line)
    here = [secret for secret in secrets if secret.start < end and secret.end > start]  # of thousands in a file
    for first, last in sorted((max(s.start - start, 0), min(s.end - start, len(line))) for s in here):
        if first < last and last > at:
            pieces += [line[at : max(first, at)].decode("utf-8", "replace"), MASK]
            at = last
    return "".join([*pieces, line[at:].decode("utf-8", "replace")])
