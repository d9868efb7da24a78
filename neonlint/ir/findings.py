"""What a run reports: findings, fixes, skipped files and counts. Knows no rule and no output format.

Places for people are rows and columns, 1-based, in code points, ends exclusive. A finding's `span` never starts
behind a password on its line: a column there would tell the password's length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from neonlint.ir.source import Span
from neonlint.records import dataclass, field

if TYPE_CHECKING:
    from neonlint.edits import Edit
    from neonlint.rulebook import Rule

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
Safety = Literal["safe", "unsafe"]
Confidence = Literal["high", "medium"]


class Reason(NamedTuple):
    """One thing that a finding assumed: what, because of what, and whether it was inferred rather than declared.
    `place` is the path and span that the text speaks of, where that is one place."""

    text: str
    inferred: bool = False
    place: tuple[str, Span] | None = None


class Place(NamedTuple):
    """A second place that a finding speaks about, with what is there."""

    path: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair that can be made: what it does, whether it is safe, and the byte edits of the finding's file that make
    it."""

    title: str
    safety: Safety
    edits: tuple[Edit, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect. `label` is the exact text that the rule speaks about, as a byte range; it may lie behind a password
    and is only ever drawn on the redacted line. `refusal` says why a rule's fix cannot be made here. `key` is the
    logical name (`DATABASE_URL`, `DATABASES.default.HOST`) that stays when lines move. `host` is the host of the
    connection that it is about, where that is one written host: with another host it is another finding.
    """

    code: str
    name: str
    severity: Severity
    message: str
    path: str
    span: Span
    label: Span | None = None
    help: str = ""
    url: str = ""
    reasons: tuple[Reason, ...] = ()
    related: tuple[Place, ...] = ()
    fix: Fix | None = None
    refusal: str | None = None
    key: str = ""
    row: int = 0
    host: str = ""

    @property
    def confidence(self) -> Confidence:
        """How sure the finding is: `medium` if anything that it rests on was inferred."""
        return "medium" if any(reason.inferred for reason in self.reasons) else "high"


SkipReason = Literal[
    "too-large",
    "binary",
    "unreadable",
    "not-regular",
    "outside-root",
    "undecodable",
    "not-parsed",
    "unmerged",
    "changed",
    "not-written",
    "timed-out",
    "internal-error",
]


#: What was not read or written although it should have been: a run cannot vouch for these files.
FATAL: frozenset[SkipReason] = frozenset(
    {"unreadable", "unmerged", "changed", "not-written", "timed-out", "internal-error"}
)


class Skip(NamedTuple):
    """A file not read, not read whole or not written, and why. `row` is 1-based where a parser named a line."""

    path: str
    reason: SkipReason
    detail: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one run, findings sorted by path and place.

    `sources` holds, for each path with findings, the bytes of the file and the byte ranges that must never be shown.
    `baselined` are findings that the baseline lets pass, `allowed` those that comments suppress; neither are among
    `findings`. `older` counts those that are not new, where only new ones were asked for, and `hidden` those that are
    milder than was asked for. `rules` has the rule of each code. `repair` says which fixes the run made; `fixed` have
    no edits. `notes` say what is configured in vain.
    """

    findings: Sequence[Finding]
    skipped: Sequence[Skip] = ()
    files_checked: int = 0
    ignored_env_files: Sequence[str] = ()
    suppressed: int = 0
    fixed: Sequence[Finding] = ()
    sources: dict[str, SourceText] = field(default_factory=dict, repr=False)
    seconds: float = 0.0
    baselined: Sequence[Finding] = ()
    allowed: Sequence[Finding] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict, repr=False)
    repair: Literal["none", "safe", "unsafe"] = "none"
    hidden: int = 0
    older: int = 0
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file's bytes for drawing source lines; `secrets` are byte ranges that are shown as `***`."""

    data: bytes = field(repr=False)
    secrets: tuple[Span, ...] = ()
